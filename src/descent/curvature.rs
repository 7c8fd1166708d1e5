//! How strongly the loss curves at the iterates of a descent, and the greatest rate at which its rule is stable there.

use crate::objective::Objective;
use crate::optimizer::{Rule, Stability, Terms};
use crate::plane::eigen::eigenvectors;

/// Up to so many parameters all eigenvalues are found, beyond only the least and the greatest.
pub const WHOLE: usize = 32;
/// Steps of Lanczos' method at most, and between two looks at what it has found: the outermost eigenvalues first.
const LANCZOS: usize = 300;
const LOOK: usize = 10;
/// It is over when between two looks they move by less than this share of the greatest.
const SETTLED: f64 = 1e-9;
/// What is left of a direction below this share of the greatest eigenvalue is rounding.
const ROUNDING: f64 = 1e-10;

/// The curvature at one iterate.
#[derive(Debug, Clone, PartialEq)]
pub struct Curvature {
    /// Of the Hessian, ascending: all of up to [`WHOLE`] parameters, else the least and the greatest.
    pub eigenvalues: Vec<f64>,
    /// The greatest eigenvalue that the limit is about: of the Hessian, or of P⁻¹H for rules that divide by P. `None` where P is
    /// not known, or 0 somewhere.
    pub sharpness: Option<f64>,
    /// The greatest rate at which the rule is stable on the quadratic model there; `None` where none is known, or where nothing
    /// curves upwards.
    pub limit: Option<f64>,
}

impl Curvature {
    /// The curvature at `w`; `terms` are those of the step from there, by which some rules scale. `None` where the Hessian is
    /// not finite.
    pub fn at(
        objective: &dyn Objective,
        w: &[f64],
        rule: &Rule,
        terms: Option<&Terms>,
    ) -> Option<Curvature> {
        let eigenvalues = eigenvalues(objective, w, None)?;
        let sharpness = match rule.info().stability {
            Stability::None | Stability::Plain(_) => eigenvalues.last().copied(),
            Stability::Scaled { .. } => terms
                .and_then(|terms| scales(rule, terms))
                .and_then(|scales| self::eigenvalues(objective, w, Some(&scales)))
                .and_then(|values| values.last().copied()),
        };
        Some(Curvature {
            eigenvalues,
            sharpness,
            limit: sharpness.and_then(|sharpness| rule.limit(sharpness)),
        })
    }
}

/// The diagonal P by which a rule divides in a step; `None` for rules that do not, or where it is 0 somewhere.
fn scales(rule: &Rule, terms: &Terms) -> Option<Vec<f64>> {
    let Stability::Scaled { by, eps, .. } = rule.info().stability else {
        return None;
    };
    let (_, squares) = terms.quantities(rule).find(|(q, _)| q.key == by)?;
    let eps = rule.get(eps).unwrap_or(0.0);
    let scales: Vec<f64> = squares.iter().map(|square| square.sqrt() + eps).collect();
    scales.iter().all(|scale| *scale > 0.0).then_some(scales)
}

/// Eigenvalues of the Hessian H, or of P⁻¹H, which are those of the symmetric P^(−½) H P^(−½); ascending.
fn eigenvalues(objective: &dyn Objective, w: &[f64], scales: Option<&[f64]>) -> Option<Vec<f64>> {
    let n = w.len();
    let root = |i: usize| scales.map_or(1.0, |scales| scales[i].sqrt());
    let mut values: Vec<f64> = if n <= WHOLE {
        let mut hessian = vec![0.0; n * n];
        if !objective.hessian(w, &mut hessian) {
            for (axis, row) in hessian.chunks_exact_mut(n).enumerate() {
                let unit: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i == axis))).collect();
                objective.hessian_product(w, &unit, row);
            }
        }
        let mut rows: Vec<Vec<f64>> = hessian.chunks_exact(n).map(<[f64]>::to_vec).collect();
        for (i, row) in rows.iter_mut().enumerate() {
            for (j, entry) in row.iter_mut().enumerate() {
                *entry /= root(i) * root(j);
            }
        }
        if !rows.iter().flatten().all(|entry| entry.is_finite()) {
            return None;
        }
        eigenvectors(&mut rows);
        (0..n).map(|i| rows[i][i]).collect()
    } else {
        let product = |direction: &[f64], out: &mut [f64]| {
            let scaled = direction.iter().enumerate().map(|(i, d)| d / root(i));
            objective.hessian_product(w, &scaled.collect::<Vec<f64>>(), out);
            for (i, out) in out.iter_mut().enumerate() {
                *out /= root(i);
            }
        };
        outermost(n, product)?.to_vec()
    };
    values.sort_by(f64::total_cmp);
    Some(values)
}

/// The least and the greatest eigenvalue of a symmetric matrix of which only products are known (Lanczos' method with full
/// re-orthogonalisation: Golub & Van Loan, Matrix Computations, section 10.1). `None` where a product is not finite.
fn outermost(n: usize, mut product: impl FnMut(&[f64], &mut [f64])) -> Option<[f64; 2]> {
    let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    // No eigenvector is likely to be at right angles to this.
    let mut q: Vec<f64> = (0..n).map(|i| 1.0 + (i as f64 * 0.7548).fract()).collect();
    let length = dot(&q, &q).sqrt();
    q.iter_mut().for_each(|x| *x /= length);
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let (mut diagonal, mut beside): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let mut next = vec![0.0; n];
    let mut found: Option<[f64; 2]> = None;
    for step in 1..=LANCZOS.min(n) {
        product(&q, &mut next);
        if !next.iter().all(|x| x.is_finite()) {
            return None;
        }
        diagonal.push(dot(&q, &next));
        basis.push(q.clone());
        for _ in 0..2 {
            for known in &basis {
                let share = dot(known, &next);
                next.iter_mut()
                    .zip(known)
                    .for_each(|(x, k)| *x -= share * k);
            }
        }
        let length = dot(&next, &next).sqrt();
        let size = diagonal.iter().fold(0.0, |size: f64, d| size.max(d.abs()));
        if length <= ROUNDING * size || length == 0.0 {
            break;
        }
        if step.is_multiple_of(LOOK) {
            let now = ends(&diagonal, &beside);
            let settled = SETTLED * now[0].abs().max(now[1].abs());
            let moved = |old: [f64; 2]| (old[0] - now[0]).abs().max((old[1] - now[1]).abs());
            if found.is_some_and(|old| moved(old) <= settled) {
                return Some(now);
            }
            found = Some(now);
        }
        beside.push(length);
        q.iter_mut().zip(&next).for_each(|(q, x)| *q = x / length);
    }
    Some(ends(&diagonal, &beside))
}

/// The least and the greatest eigenvalue of the matrix with this diagonal and these entries beside it.
fn ends(diagonal: &[f64], beside: &[f64]) -> [f64; 2] {
    let size = diagonal.len();
    let mut rows = vec![vec![0.0; size]; size];
    for i in 0..size {
        rows[i][i] = diagonal[i];
        if i + 1 < size {
            (rows[i][i + 1], rows[i + 1][i]) = (beside[i], beside[i]);
        }
    }
    eigenvectors(&mut rows);
    let values = (0..size).map(|i| rows[i][i]);
    let least = values.clone().fold(f64::INFINITY, f64::min);
    [least, values.fold(f64::NEG_INFINITY, f64::max)]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::descent::replay::Cursor;
    use crate::descent::{Descent, Plan};
    use crate::objective::Formula;
    use crate::optimizer::{RULES, elementwise::Scalar};

    #[test]
    fn lanczos_finds_the_outermost_eigenvalues_of_a_dense_matrix() {
        // A = QDQᵀ with reflections for Q: its eigenvalues are those of D.
        let n = 120;
        let values: Vec<f64> = (0..n).map(|i| (i as f64 * 0.37).sin() * 50.0).collect();
        let mut v: Vec<f64> = (0..n).map(|i| (1.0 + i as f64).ln()).collect();
        let length = v.iter().map(|x| x * x).sum::<f64>().sqrt();
        v.iter_mut().for_each(|x| *x /= length);
        let reflect = |x: &[f64]| -> Vec<f64> {
            let share: f64 = x.iter().zip(&v).map(|(x, v)| x * v).sum();
            x.iter().zip(&v).map(|(x, v)| x - 2.0 * share * v).collect()
        };
        let found = outermost(n, |x, out| {
            let scaled: Vec<f64> = reflect(x).iter().zip(&values).map(|(x, d)| x * d).collect();
            out.copy_from_slice(&reflect(&scaled));
        });
        let [least, greatest] = found.expect("finite");
        let least_value = values.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest_value = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        assert!(
            (least - least_value).abs() < 1e-6 * 50.0,
            "{least} {least_value}"
        );
        assert!(
            (greatest - greatest_value).abs() < 1e-6 * 50.0,
            "{greatest}"
        );
        assert_eq!(outermost(40, |_, out| out.fill(f64::NAN)), None);
    }

    #[test]
    fn eigenvalues_are_those_of_the_closed_form() {
        let formula = Formula::parse("3x^2 + y^2 + x*y").expect("a formula");
        let gd = Rule::named("gd").expect("a rule");
        let found = Curvature::at(&formula, &[0.3, -2.0], &gd, None).expect("finite");
        let root = 5f64.sqrt();
        for (value, exact) in found.eigenvalues.iter().zip([4.0 - root, 4.0 + root]) {
            assert!((value - exact).abs() < 1e-12, "{value} {exact}");
        }
        assert!((found.limit.expect("it curves") - 2.0 / (4.0 + root)).abs() < 1e-12);
        let hole = Formula::parse("ln(x)").expect("a formula");
        assert_eq!(Curvature::at(&hole, &[-1.0], &gd, None), None);
        let cap = Formula::parse("-x^2").expect("a formula");
        assert_eq!(
            Curvature::at(&cap, &[1.0], &gd, None)
                .expect("finite")
                .limit,
            None
        );
    }

    /// Whether the rule, from a state that it has come to on a quadratic with this curvature, shrinks with so many times its
    /// limit. A rule that scales has its scale held still: its ε is made so large that nothing else counts.
    fn shrinks(mut rule: Rule, share: f64) -> Option<bool> {
        let mut scale = 1.0;
        let limit = match rule.info().stability {
            Stability::None => return None,
            Stability::Plain(limit) => limit(rule.values()),
            Stability::Scaled { eps, limit, .. } => {
                assert!(rule.set(eps, 1.0), "{rule:?}");
                // Slopes far below ε: P is ε.
                scale = 1e-100;
                limit(rule.values())
            }
        };
        // Means that are corrected for their beginning take their time until they are what the limit is about.
        rule.set("weight_decay", 0.0);
        let lambda = 0.1;
        let rate = share * limit / lambda;
        let mut optimizer = rule.build(1);
        let mut w = [scale];
        let mut gradient = |w: &[f64], out: &mut [f64]| out[0] = lambda * w[0];
        let mut norms = Vec::new();
        for _ in 0..12_000 {
            optimizer.step(&mut w, rate, &mut gradient, None);
            norms.push(w[0].abs());
            if !(1e-280..1e60 * scale).contains(&w[0].abs()) {
                break;
            }
        }
        let window = |from: usize| {
            norms[from..]
                .iter()
                .take(400)
                .fold(0.0, |a, &b| Scalar::max(a, b))
        };
        let end = norms.len().saturating_sub(400);
        Some(window(end) < window(norms.len() / 2))
    }

    #[test]
    fn runs_shrink_below_the_limit_and_grow_above() {
        let others = [
            ("momentum", 0.5),
            ("momentum", 0.0),
            ("beta", 0.6),
            ("beta1", 0.5),
            ("beta1", 0.0),
            ("nu", 0.2),
            ("nu", 1.0),
            ("nu1", 0.2),
            ("nu1", 1.0),
        ];
        let mut limited = Vec::new();
        for info in RULES {
            let usual = Rule::new(info);
            let mut rules = vec![usual];
            rules.extend(others.iter().filter_map(|(key, value)| {
                let mut rule = usual;
                rule.set(key, *value).then_some(rule)
            }));
            for rule in rules {
                if let Some(below) = shrinks(rule, 0.99) {
                    assert!(below, "{rule:?} at 0.99 of its limit");
                    assert_eq!(shrinks(rule, 1.01), Some(false), "{rule:?} at 1.01");
                    limited.push(info.name);
                }
            }
        }
        limited.dedup();
        let expected = "gd momentum nesterov adagrad rmsprop adam amsgrad adamw qhm qhadam";
        assert_eq!(limited.join(" "), expected);
    }

    #[test]
    fn terms_are_those_of_the_steps_taken() {
        let formula = "(1 - x)^2 + 10*(y - x^2)^2";
        let objective = Arc::new(Formula::parse(formula).expect("a formula"));
        for info in RULES {
            for sampling in [
                crate::optimizer::Sampling::Exact,
                crate::optimizer::Sampling::Noise { sigma: 0.3 },
            ] {
                let plan = Plan {
                    rule: Rule::new(info),
                    rate: 0.003,
                    schedule: Default::default(),
                    sampling,
                    clip: None,
                    start: vec![-1.0, 1.5],
                    steps: 700,
                    stop: Default::default(),
                    seed: 3,
                    record: None,
                };
                let mut descent = Descent::new(objective.clone(), plan);
                descent.run();
                let history = descent.history();
                let mut cursor = Cursor::default();
                for step in [0, 1, 255, 256, 257, history.len() - 2, 3, 4, 300] {
                    let terms = descent.terms(step, &mut cursor).expect("a step");
                    for axis in 0..2 {
                        let way = history.at(step + 1)[axis] - history.at(step)[axis];
                        assert_eq!(way, terms.update[axis], "{} at {step}", info.name);
                    }
                }
                assert_eq!(descent.terms(history.len() - 1, &mut cursor), None);
            }
        }
    }
}
