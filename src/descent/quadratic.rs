//! What gradient descent and momentum do on a quadratic, eigendirection by eigendirection (Goh, "Why Momentum Really
//! Works", Distill 2017).

use crate::landscape::Domain;
use crate::objective::Objective;
use crate::optimizer::Rule;
use crate::plane::eigen::eigenvectors;

/// Hessians at two points differ by less than this share of the greatest where the Hessian is constant.
const SAME: f64 = 1e-9;

/// What becomes of the error along an eigendirection in the long run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regime {
    /// It fades without a change of sign.
    Fades,
    /// It fades and changes its sign again and again.
    Rings,
    /// It neither fades nor grows.
    Stays,
    /// It grows.
    Grows,
}

/// The error along one eigendirection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mode {
    pub eigenvalue: f64,
    pub regime: Regime,
    /// What a step multiplies it by in the long run: the greatest |z| of the roots of z² − (1 + μ − ηλ) z + μ.
    pub factor: f64,
}

impl Mode {
    /// Of `w ← w − η v, v ← μ v + λ w`; μ = 0 is gradient descent.
    pub fn new(eigenvalue: f64, rate: f64, momentum: f64) -> Mode {
        let sum = 1.0 + momentum - rate * eigenvalue;
        let square = sum * sum - 4.0 * momentum;
        let (factor, rings) = if square < 0.0 {
            (momentum.sqrt(), true)
        } else {
            (0.5 * (sum.abs() + square.sqrt()), sum < 0.0)
        };
        let regime = match factor {
            _ if (factor - 1.0).abs() < 1e-12 => Regime::Stays,
            _ if factor < 1.0 && rings => Regime::Rings,
            _ if factor < 1.0 => Regime::Fades,
            _ => Regime::Grows,
        };
        Mode {
            eigenvalue,
            regime,
            factor,
        }
    }
}

/// The μ of a rule that this page is about: 0 for gd; `None` for other rules.
pub fn momentum(rule: &Rule) -> Option<f64> {
    match rule.info().name {
        "gd" => Some(0.0),
        "momentum" => rule.get("momentum"),
        _ => None,
    }
}

/// The eigendirections of a quadratic of one or two parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Directions {
    /// Of its Hessian, ascending.
    pub eigenvalues: Vec<f64>,
    /// Of length 1, in the same order.
    vectors: Vec<Vec<f64>>,
    /// Its critical point; `None` where it has none, or many.
    center: Option<Vec<f64>>,
}

impl Directions {
    /// `None` where the Hessian is not the same all over the domain, is not finite, or has more than two rows.
    pub fn of(objective: &dyn Objective, domain: &Domain) -> Option<Directions> {
        let n = objective.dim();
        let hessian_at = |point: &[f64]| {
            let mut hessian = vec![0.0; n * n];
            let known = n <= 2 && objective.hessian(point, &mut hessian);
            let finite = hessian.iter().all(|entry| entry.is_finite());
            (known && finite).then_some(hessian)
        };
        let [first, others @ ..] = &places(domain, n)[..] else {
            return None;
        };
        let hessian = hessian_at(first)?;
        let size = hessian.iter().fold(0.0, |size: f64, h| size.max(h.abs()));
        for other in others {
            let there = hessian_at(other)?;
            let mut pairs = hessian.iter().zip(&there);
            if !pairs.all(|(a, b)| (a - b).abs() <= SAME * size) {
                return None;
            }
        }
        let mut rows: Vec<Vec<f64>> = hessian.chunks_exact(n).map(<[f64]>::to_vec).collect();
        let vectors = eigenvectors(&mut rows);
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| rows[a][a].total_cmp(&rows[b][b]));
        let mut directions = Directions {
            eigenvalues: order.iter().map(|&i| rows[i][i]).collect(),
            vectors: order.iter().map(|&i| vectors[i].clone()).collect(),
            center: None,
        };
        directions.center = directions.critical_point(objective, first);
        Some(directions)
    }

    /// w − H⁻¹ g, one Newton step from anywhere.
    fn critical_point(&self, objective: &dyn Objective, from: &[f64]) -> Option<Vec<f64>> {
        let mut gradient = vec![0.0; from.len()];
        objective.gradient(from, &mut gradient);
        let sizes = self.eigenvalues.iter().map(|value| value.abs());
        let most = sizes.clone().fold(0.0, f64::max);
        let mut center = from.to_vec();
        for ((value, size), vector) in self.eigenvalues.iter().zip(sizes).zip(&self.vectors) {
            // Beyond such a condition number it is rounding.
            if size <= 1e-15 * most || size == 0.0 {
                return None;
            }
            let along = dot(&gradient, vector) / value;
            let moved = center.iter_mut().zip(vector);
            moved.for_each(|(c, v)| *c -= along * v);
        }
        center.iter().all(|c| c.is_finite()).then_some(center)
    }

    /// Whether it has a minimum.
    pub fn has_minimum(&self) -> bool {
        self.center.is_some() && self.eigenvalues.first().is_some_and(|least| *least > 0.0)
    }

    /// How far `w` is from the critical point along the direction of the least eigenvalue, and along that of the greatest; NaN
    /// without one.
    pub fn errors(&self, w: &[f64]) -> (f64, f64) {
        let along = |vector: Option<&Vec<f64>>| {
            let (center, vector) = self.center.as_ref().zip(vector)?;
            let offset = w.iter().zip(center).map(|(w, c)| w - c);
            Some(offset.zip(vector).map(|(d, v)| d * v).sum::<f64>().abs())
        };
        let [flat, steep] = [self.vectors.first(), self.vectors.last()].map(along);
        (flat.unwrap_or(f64::NAN), steep.unwrap_or(f64::NAN))
    }
}

/// Some points of a domain, none of them a mirror image of another.
fn places(domain: &Domain, dim: usize) -> Vec<Vec<f64>> {
    let (center, size) = (domain.center(), domain.size());
    let parts = [[0.0, 0.0], [0.41, -0.37], [-0.29, 0.13], [-0.47, -0.44]];
    let place = |part: &[f64; 2]| {
        (0..dim.min(2))
            .map(|i| center[i] + part[i] * size[i])
            .collect()
    };
    parts.iter().map(place).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The rate and the μ with which the slowest direction fades fastest; `heavy`: with momentum, else μ is 0. `None` unless all
/// ascending `eigenvalues` are above 0.
pub fn best(eigenvalues: &[f64], heavy: bool) -> Option<(f64, f64)> {
    let (&least, &greatest) = (eigenvalues.first()?, eigenvalues.last()?);
    // Beyond such a condition number, the least is rounding.
    if least.is_nan() || least <= 1e-15 * greatest || least <= 0.0 {
        return None;
    }
    if !heavy {
        return Some((2.0 / (least + greatest), 0.0));
    }
    let (low, high) = (least.sqrt(), greatest.sqrt());
    let momentum = ((high - low) / (high + low)).powi(2);
    Some(((2.0 / (low + high)).powi(2), momentum))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::Formula;
    use approx::assert_relative_eq;

    /// The errors of the recurrence itself, from 1 at rest.
    fn errors(eigenvalue: f64, rate: f64, momentum: f64, steps: usize) -> Vec<f64> {
        let (mut w, mut v) = (1.0, 0.0);
        let step = |_| {
            v = momentum * v + eigenvalue * w;
            w -= rate * v;
            w
        };
        (0..steps).map(step).collect()
    }

    #[test]
    fn regime_and_factor_are_those_of_the_recurrence() {
        let mut seen = [0; 3];
        for eigenvalue in [-1.0, 0.01, 0.3, 1.0, 10.0] {
            for rate in [0.01, 0.05, 0.15, 0.19, 0.25, 1.5, 4.5] {
                for momentum in [0.0, 0.3, 0.81, 0.99] {
                    let mode = Mode::new(eigenvalue, rate, momentum);
                    let errors = errors(eigenvalue, rate, momentum, 400);
                    let size = |from: usize| {
                        let sizes = errors[from..from + 100].iter().map(|e| e.abs());
                        sizes.fold(0.0, f64::max)
                    };
                    let (early, late) = (size(100), size(300));
                    if early.is_infinite() || late.is_infinite() || late < 1e-280 {
                        continue;
                    }
                    let factor = (late / early).powf(1.0 / 200.0);
                    assert_relative_eq!(mode.factor, factor, max_relative = 0.02);
                    let turns = errors[100..].windows(2).filter(|e| e[0] * e[1] < 0.0);
                    let turns = turns.count() > 0;
                    let regime = match mode.regime {
                        Regime::Grows => {
                            assert!(late > early);
                            0
                        }
                        Regime::Rings => {
                            assert!(late < early && turns, "{mode:?}");
                            1
                        }
                        Regime::Fades => {
                            assert!(late < early && !turns, "{mode:?}");
                            2
                        }
                        Regime::Stays => continue,
                    };
                    seen[regime] += 1;
                }
            }
        }
        assert!(seen.iter().all(|count| *count > 3), "{seen:?}");
    }

    #[test]
    fn no_neighbour_of_the_best_is_better() {
        let slowest = |values: &[f64], rate, momentum| {
            let factors = values.iter().map(|l| Mode::new(*l, rate, momentum).factor);
            factors.fold(0.0, f64::max)
        };
        for values in [[1.0, 10.0], [0.5, 50.0], [2.0, 2.5]] {
            for heavy in [false, true] {
                let (rate, momentum) = best(&values, heavy).expect("a best");
                let least = slowest(&values, rate, momentum);
                for (dr, dm) in [(0.99, 0.0), (1.01, 0.0), (1.0, -0.01), (1.0, 0.01)] {
                    let beside = momentum + if heavy { dm } else { 0.0 };
                    if beside >= 0.0 {
                        let there = slowest(&values, rate * dr, beside);
                        assert!(there >= least - 1e-7, "{values:?} {heavy}: {there} {least}");
                    }
                }
            }
        }
        assert_eq!(best(&[1.0, 3.0], false), Some((0.5, 0.0)));
        for none in [&[][..], &[-1.0, 1.0], &[0.0, 1.0], &[f64::NAN, 1.0]] {
            assert_eq!(best(none, true), None);
        }
    }

    #[test]
    fn directions_are_of_quadratics_alone() {
        let of = |formula: &str| {
            let formula = Formula::parse(formula)
                .and_then(|f| f.with_dim(2))
                .expect("a formula");
            let domain = Domain {
                x: [-3.0, 2.0],
                y: Some([-2.0, 3.0]),
            };
            Directions::of(&formula, &domain)
        };
        let found = of("(x - 1)^2 + 5(y + 2)^2").expect("constant");
        assert_relative_eq!(found.eigenvalues[..], [2.0, 10.0], max_relative = 1e-12);
        let (flat, steep) = found.errors(&[1.5, 0.0]);
        assert_relative_eq!(flat, 0.5, max_relative = 1e-12);
        assert_relative_eq!(steep, 2.0, max_relative = 1e-12);
        // Along (1, 1) it is flat, across it steep.
        let tilted = of("(x + y)^2 + 50(x - y)^2").expect("constant");
        let (flat, steep) = tilted.errors(&[2.0, 2.0]);
        assert_relative_eq!(flat, 8f64.sqrt(), max_relative = 1e-12);
        assert!(steep < 1e-12 && tilted.has_minimum());
        assert!(!of("x^2 - y^2").expect("a saddle").has_minimum());
        let trough = of("x^2 + 0y").expect("constant");
        assert!(!trough.has_minimum() && trough.errors(&[1.0, 1.0]).0.is_nan());
        for other in ["x^4 + y^2", "ln(x) + y^2", "x^2 y", "x^2 + y^2 + sin(x y)"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
