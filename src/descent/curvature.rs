//! How strongly the loss curves at the iterates of a descent, and the greatest rate at which its rule is stable there.

use crate::objective::Objective;
use crate::optimizer::{Rule, Stability, Terms};
use crate::plane::eigen::eigenvectors;
use crate::plane::lanczos::outermost;

/// Up to so many parameters all eigenvalues are found, beyond only the least and the greatest.
pub const WHOLE: usize = 32;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::descent::replay::Cursor;
    use crate::descent::{Descent, Plan};
    use crate::objective::Formula;
    use crate::optimizer::{RULES, elementwise::Scalar};

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
