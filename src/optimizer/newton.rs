//! Newton's method, damped: the gradient divided by the curvature, in every direction of its own.
//!
//! Source: Nocedal and Wright, "Numerical Optimization" (2006), section 3.4: eigenvalues are taken without their sign, so that the
//! step goes downhill where the loss curves down, and the damping is added to them. Where the objective has no Hessian, or one that is
//! not finite or too large, it is plain gradient descent.

use super::terms::{G, Part, Phase, Quantity, TAKE_G, Terms, UPDATE, Unit, Verb};
use super::{Optimizer, Oracle, Param, ParamKind, RuleInfo, Stability};
use crate::plane::eigen::eigenvectors;

/// Of more parameters the eigenvectors take too long.
const MOST: usize = 64;

pub static INFO: RuleInfo = RuleInfo {
    name: "newton",
    title: "Newton",
    about: "Divides the slope by the curvature in every direction: on a quadratic a rate of 1 leads to the minimum at once.",
    formula: "d = (|H| + δ)⁻¹ g\nw ← w − η d",
    variants: &[],
    source: "Nocedal & Wright 2006, section 3.4",
    usual_rate: 0.5,
    // Nobody else's rates suit it.
    kin: Some("newton"),
    params: &[Param {
        key: "damping",
        symbol: "δ",
        kind: ParamKind::Number,
        default: 1e-6,
        min: 0.0,
        max: 1e9,
        max_excluded: false,
        about: "Added to every curvature. Larger makes steps shorter where the surface is flat; usual 1e-6 to 1.",
    }],
    quantities: &[
        G,
        Quantity {
            key: "d",
            symbol: "d",
            unit: Unit::Way,
            part: Part::Momentum,
            about: "the way from the quadratic model's minimum",
        },
        UPDATE,
    ],
    phases: &[
        TAKE_G,
        Phase::new(
            Verb::Take,
            "d",
            &["g"],
            "d = (|H| + δ)⁻¹ g",
            "In every direction of its own the slope is divided by the curvature: {d}. Against this way lies the minimum of the quadratic model.",
        ),
        Phase::new(
            Verb::Take,
            "update",
            &["d"],
            "− η d",
            "The step goes there, {eta} of the way: {update}.",
        ),
    ],
    stability: Stability::None,
    lanes: None,
    build: |params, dim| {
        Box::new(Newton {
            damping: params[0],
            g: vec![0.0; dim],
            hessian: vec![0.0; if dim <= MOST { dim * dim } else { 0 }],
        })
    },
};

#[derive(Clone)]
struct Newton {
    damping: f64,
    g: Vec<f64>,
    hessian: Vec<f64>,
}

impl Newton {
    fn direction(&mut self, w: &[f64], oracle: &mut dyn Oracle) -> Vec<f64> {
        let n = w.len();
        if self.hessian.is_empty() || !oracle.hessian(w, &mut self.hessian) {
            return self.g.clone();
        }
        if !self.hessian.iter().all(|entry| entry.is_finite()) {
            return self.g.clone();
        }
        let mut rows: Vec<Vec<f64>> = self.hessian.chunks_exact(n).map(<[f64]>::to_vec).collect();
        let vectors = eigenvectors(&mut rows);
        let mut d = vec![0.0; n];
        for (k, vector) in vectors.iter().enumerate() {
            let curvature = rows[k][k].abs() + self.damping;
            let slope: f64 = vector.iter().zip(&self.g).map(|(v, g)| v * g).sum();
            // Nothing is known of a direction that is neither steep nor curved.
            let length = if curvature > 0.0 {
                slope / curvature
            } else {
                0.0
            };
            d.iter_mut().zip(vector).for_each(|(d, v)| *d += length * v);
        }
        d
    }
}

impl Optimizer for Newton {
    fn step(
        &mut self,
        w: &mut [f64],
        rate: f64,
        oracle: &mut dyn Oracle,
        terms: Option<&mut Terms>,
    ) {
        oracle.gradient(w, &mut self.g);
        let d = self.direction(w, oracle);
        let update: Vec<f64> = d.iter().map(|d| -(rate * d)).collect();
        let parts = [&self.g, &d, &update];
        super::terms::make(w, rate, Vec::new(), parts, &update, terms);
    }

    fn boxed(&self) -> Box<dyn Optimizer> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::descent::{Descent, Plan};
    use crate::objective::Formula;
    use crate::optimizer::Rule;

    fn end(formula: &str, start: [f64; 2], rate: f64, steps: usize) -> Vec<f64> {
        let mut rule = Rule::named("newton").expect("a rule");
        rule.set("damping", 0.0);
        let plan = Plan {
            rule,
            rate,
            start: start.to_vec(),
            steps,
            ..Plan::of(rule, start.to_vec())
        };
        let objective = Arc::new(Formula::parse(formula).expect("a formula"));
        let mut descent = Descent::new(objective, plan);
        descent.run();
        descent.history().last().expect("the start").to_vec()
    }

    #[test]
    fn one_step_leads_to_the_minimum_of_a_quadratic() {
        let there = end("3(x - 1)^2 + x*y + (y + 2)^2", [5.0, 7.0], 1.0, 1);
        // 6(x − 1) + y = 0 and x + 2(y + 2) = 0.
        let (x, y) = (16.0 / 11.0, -30.0 / 11.0);
        assert!(
            (there[0] - x).abs() < 1e-12 && (there[1] - y).abs() < 1e-12,
            "{there:?}"
        );
    }

    #[test]
    fn it_leaves_a_saddle_downhill_and_finds_rosenbrocks_minimum() {
        let off = end("x^2 - y^2", [1.0, 0.1], 1.0, 1);
        assert!(
            (off[0]).abs() < 1e-12 && (off[1] - 0.2).abs() < 1e-12,
            "{off:?}"
        );
        let there = end("(1 - x)^2 + 100*(y - x^2)^2", [-1.2, 1.0], 1.0, 30);
        assert!(
            (there[0] - 1.0).abs() < 1e-9 && (there[1] - 1.0).abs() < 1e-9,
            "{there:?}"
        );
        // Where there is no slope there is no step.
        assert_eq!(end("x^2 + 0*y", [0.0, 3.0], 1.0, 5), [0.0, 3.0]);
    }
}
