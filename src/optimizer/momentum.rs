//! Momentum (the heavy ball), in PyTorch's form: `v = μ v + g; w −= η v`.
//!
//! Source: Polyak, "Some methods of speeding up the convergence of iteration methods" (1964).
//! Variant: the rate multiplies the velocity when it is used, not the gradient when it is added,
//! so a change of rate acts at once; no dampening.

use super::{Optimizer, Param, RuleInfo};

/// The decay of a velocity, shared with Nesterov's variant.
pub(super) const MOMENTUM: Param = Param {
    key: "momentum",
    symbol: "μ",
    default: 0.9,
    min: 0.0,
    max: 1.0,
    max_excluded: true,
    about: "How much of the velocity is kept from step to step. Larger rolls further and \
            overshoots more; 0 is plain gradient descent, usual 0.9.",
};

pub static INFO: RuleInfo = RuleInfo {
    name: "momentum",
    title: "Momentum",
    about: "Rolls like a heavy ball: it gathers speed along a valley and overshoots its end.",
    formula: "v ← μ v + g\nw ← w − η v",
    source: "Polyak 1964",
    usual_rate: 0.02,
    params: &[MOMENTUM],
    build: |params, dim| {
        Box::new(Momentum {
            mu: params[0],
            v: vec![0.0; dim],
            g: vec![0.0; dim],
        })
    },
};

struct Momentum {
    mu: f64,
    v: Vec<f64>,
    g: Vec<f64>,
}

impl Optimizer for Momentum {
    fn step(&mut self, w: &mut [f64], rate: f64, gradient: &mut dyn FnMut(&[f64], &mut [f64])) {
        gradient(w, &mut self.g);
        for ((w, v), g) in w.iter_mut().zip(&mut self.v).zip(&self.g) {
            *v = self.mu * *v + g;
            *w -= rate * *v;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn three_steps_by_hand() {
        // g = 2x, μ 0.5: v = 2, w = 0.8; v = 1 + 1.6 = 2.6, w = 0.54; v = 1.3 + 1.08, w = 0.302
        let path = [0.8, 0.54, 0.302];
        verify("momentum", &[0.5], 0.1, |x| 2.0 * x, 1.0, &path);
    }
}
