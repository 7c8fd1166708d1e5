//! AdaGrad: `G += g²; w −= η g/(√G + ε)`, per coordinate.
//!
//! Source: Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and
//! stochastic optimization" (2011). Variant: the diagonal form, ε outside the root, G from 0.

use super::{Optimizer, Param, RuleInfo, over};

/// The guard against division by zero, shared by the rules that divide by a root of g².
pub(super) const EPS: Param = Param {
    key: "eps",
    symbol: "ε",
    default: 1e-8,
    min: 0.0,
    max: 1.0,
    max_excluded: false,
    about: "Keeps the division safe where gradients vanish. Large values calm the step where \
            gradients are small; usual 1e-8.",
};

pub static INFO: RuleInfo = RuleInfo {
    name: "adagrad",
    title: "AdaGrad",
    about: "Takes ever smaller steps in the directions that have been steep so far.",
    formula: "G ← G + g²\nw ← w − η g / (√G + ε)",
    source: "Duchi, Hazan & Singer 2011",
    usual_rate: 0.5,
    params: &[EPS],
    build: |params, dim| {
        Box::new(AdaGrad {
            eps: params[0],
            sum: vec![0.0; dim],
            g: vec![0.0; dim],
        })
    },
};

struct AdaGrad {
    eps: f64,
    sum: Vec<f64>,
    g: Vec<f64>,
}

impl Optimizer for AdaGrad {
    fn step(&mut self, w: &mut [f64], rate: f64, gradient: &mut dyn FnMut(&[f64], &mut [f64])) {
        gradient(w, &mut self.g);
        for ((w, sum), g) in w.iter_mut().zip(&mut self.sum).zip(&self.g) {
            *sum += g * g;
            *w -= over(rate * g, sum.sqrt() + self.eps);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // constant g = 3, ε 1: G = 9, step 3/4; G = 18, step 3/(√18 + 1)
        let path = [0.25, 0.25 - 3.0 / (18f64.sqrt() + 1.0)];
        verify("adagrad", &[1.0], 1.0, |_| 3.0, 1.0, &path);
    }
}
