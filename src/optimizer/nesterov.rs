//! Nesterov momentum in the look-ahead form: `v = μ v + η g(w − μ v); w −= v`.
//!
//! Sources: Nesterov, "A method of solving a convex programming problem with convergence rate
//! O(1/k²)" (1983); this form: Sutskever, Martens, Dahl and Hinton, "On the importance of
//! initialization and momentum in deep learning" (2013), with v counted downhill. PyTorch's
//! `nesterov=True` is another variant: it never leaves the iterate to look ahead.

use super::momentum::MOMENTUM;
use super::{Optimizer, RuleInfo};

pub static INFO: RuleInfo = RuleInfo {
    name: "nesterov",
    title: "Nesterov",
    about: "Momentum that looks where its velocity will take it and brakes before it overshoots.",
    formula: "v ← μ v + η g(w − μ v)\nw ← w − v",
    source: "Nesterov 1983; look-ahead form Sutskever et al. 2013",
    usual_rate: 0.02,
    params: &[MOMENTUM],
    build: |params, dim| {
        Box::new(Nesterov {
            mu: params[0],
            v: vec![0.0; dim],
            ahead: vec![0.0; dim],
            g: vec![0.0; dim],
        })
    },
};

struct Nesterov {
    mu: f64,
    v: Vec<f64>,
    ahead: Vec<f64>,
    g: Vec<f64>,
}

impl Optimizer for Nesterov {
    fn step(&mut self, w: &mut [f64], rate: f64, gradient: &mut dyn FnMut(&[f64], &mut [f64])) {
        for ((ahead, w), v) in self.ahead.iter_mut().zip(&*w).zip(&self.v) {
            *ahead = w - self.mu * v;
        }
        gradient(&self.ahead, &mut self.g);
        for ((w, v), g) in w.iter_mut().zip(&mut self.v).zip(&self.g) {
            *v = self.mu * *v + rate * g;
            *w -= *v;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // g = 2x, μ 0.5: v = 0.2, w = 0.8; ahead 0.7, v = 0.1 + 0.14 = 0.24, w = 0.56
        verify("nesterov", &[0.5], 0.1, |x| 2.0 * x, 1.0, &[0.8, 0.56]);
    }
}
