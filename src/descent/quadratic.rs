//! What gradient descent and momentum do on a quadratic, eigendirection by eigendirection (Goh, "Why Momentum Really
//! Works", Distill 2017).

use super::curvature::Curvature;
use crate::objective::Objective;
use crate::optimizer::Rule;

/// Eigenvalues at two points differ by less than this share of the greatest where the Hessian is constant.
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

/// The eigenvalues of a Hessian that is the same at all of these points; `None` where it is not.
pub fn eigenvalues(
    objective: &dyn Objective,
    points: &[Vec<f64>],
    rule: &Rule,
) -> Option<Vec<f64>> {
    let mut found: Option<Vec<f64>> = None;
    for point in points {
        let here = Curvature::at(objective, point, rule, None)?.eigenvalues;
        let Some(first) = &found else {
            found = Some(here);
            continue;
        };
        let size = first.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
        let same = |(a, b): (&f64, &f64)| (a - b).abs() <= SAME * size;
        if !first.iter().zip(&here).all(same) {
            return None;
        }
    }
    found
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
    fn eigenvalues_are_of_quadratics_alone() {
        let rule = Rule::named("gd").expect("a rule");
        let of = |formula: &str| {
            let formula = Formula::parse(formula)
                .and_then(|f| f.with_dim(2))
                .expect("a formula");
            let points = [vec![0.0, 0.0], vec![1.0, -2.0], vec![-3.0, 0.5]];
            eigenvalues(&formula, &points, &rule)
        };
        let values = of("x^2 + 5y^2").expect("constant");
        assert_relative_eq!(values[0], 2.0, max_relative = 1e-12);
        assert_relative_eq!(values[1], 10.0, max_relative = 1e-12);
        assert_eq!(of("x^4 + y^2"), None);
        assert_eq!(of("ln(x) + y^2"), None);
    }
}
