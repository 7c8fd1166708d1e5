//! AdamW: Adam with decoupled weight decay: `w −= η λ w` first, then Adam's step.
//!
//! Source: Loshchilov and Hutter, "Decoupled weight decay regularization" (2019), algorithm 2.
//! Variant: as in PyTorch the decay is scaled by the learning rate.

use super::adagrad::EPS;
use super::adam::{Adam, BETA1, BETA2, Moments};
use super::{Optimizer, Param, RuleInfo};

/// Decoupled weight decay, shared with Lion.
pub(super) const WEIGHT_DECAY: Param = Param {
    key: "weight_decay",
    symbol: "λ",
    default: 0.01,
    min: 0.0,
    max: 10.0,
    max_excluded: false,
    about: "Pulls the parameters towards the origin at every step. Larger pulls harder, 0 not at \
            all; usual 0.01.",
};

pub static INFO: RuleInfo = RuleInfo {
    name: "adamw",
    title: "AdamW",
    about: "Adam that also pulls the parameters towards the origin, apart from the gradient.",
    formula: "w ← w − η λ w\nthen Adam's step",
    source: "Loshchilov & Hutter 2019",
    usual_rate: 0.1,
    params: &[BETA1, BETA2, EPS, WEIGHT_DECAY],
    build: |params, dim| {
        Box::new(AdamW {
            adam: Adam {
                moments: Moments::new(params[0], params[1], dim),
                eps: params[2],
            },
            weight_decay: params[3],
            g: vec![0.0; dim],
        })
    },
};

struct AdamW {
    adam: Adam,
    weight_decay: f64,
    g: Vec<f64>,
}

impl Optimizer for AdamW {
    fn step(&mut self, w: &mut [f64], rate: f64, gradient: &mut dyn FnMut(&[f64], &mut [f64])) {
        // The gradient belongs to the iterate, not to the decayed point.
        gradient(w, &mut self.g);
        for w in &mut *w {
            *w -= rate * self.weight_decay * *w;
        }
        let g = &self.g;
        self.adam
            .step(w, rate, &mut |_, out| out.copy_from_slice(g));
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn decay_comes_before_the_step_and_outside_the_gradient() {
        // λ 0.5, η 0.1, β 0.5, ε 0, g = 2x at the iterate: 1 → 0.95 → 0.85;
        // then g = 1.7: decay to 0.8075, m̂ = (0.5 + 0.85)/0.75 · 1, v̂ = (1 + 1.445)/0.75
        let second = 0.8075 - 0.1 * (1.35 / 0.75) / (2.445f64 / 0.75).sqrt();
        let params = [0.5, 0.5, 0.0, 0.5];
        verify("adamw", &params, 0.1, |x| 2.0 * x, 1.0, &[0.85, second]);
    }
}
