//! RMSProp: `E = β E + (1 − β) g²; w −= η g/(√E + ε)`, per coordinate.
//!
//! Source: Tieleman and Hinton, "Lecture 6.5: rmsprop", Neural Networks for Machine Learning
//! (2012). Variant: ε outside the root, E from 0, not centred, no momentum.

use super::adagrad::EPS;
use super::{Optimizer, Param, RuleInfo, over};

pub static INFO: RuleInfo = RuleInfo {
    name: "rmsprop",
    title: "RMSProp",
    about: "Divides each direction's step by how steep it was lately, so that all move alike.",
    formula: "E ← β E + (1 − β) g²\nw ← w − η g / (√E + ε)",
    source: "Tieleman & Hinton 2012 (lecture 6.5)",
    usual_rate: 0.05,
    params: &[
        Param {
            key: "beta",
            symbol: "β",
            default: 0.9,
            min: 0.0,
            max: 1.0,
            max_excluded: true,
            about: "How long the steepness is remembered. Larger reacts more slowly; usual 0.9.",
        },
        EPS,
    ],
    build: |params, dim| {
        Box::new(RmsProp {
            beta: params[0],
            eps: params[1],
            mean: vec![0.0; dim],
            g: vec![0.0; dim],
        })
    },
};

struct RmsProp {
    beta: f64,
    eps: f64,
    mean: Vec<f64>,
    g: Vec<f64>,
}

impl Optimizer for RmsProp {
    fn step(&mut self, w: &mut [f64], rate: f64, gradient: &mut dyn FnMut(&[f64], &mut [f64])) {
        gradient(w, &mut self.g);
        for ((w, mean), g) in w.iter_mut().zip(&mut self.mean).zip(&self.g) {
            *mean = self.beta * *mean + (1.0 - self.beta) * g * g;
            *w -= over(rate * g, mean.sqrt() + self.eps);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // constant g = 2, β 0.75, ε 0: E = 1, step 2η; E = 0.75 + 1 = 1.75, step 2η/√1.75
        let path = [0.8, 0.8 - 0.2 / 1.75f64.sqrt()];
        verify("rmsprop", &[0.75, 0.0], 0.1, |_| 2.0, 1.0, &path);
    }
}
