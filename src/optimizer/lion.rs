//! Lion: `w −= η (sign(β₁ m + (1−β₁) g) + λ w); m = β₂ m + (1−β₂) g`, with sign 0 = 0.
//!
//! Source: Chen et al., "Symbolic discovery of optimization algorithms" (2023), program 1.

use super::adam::{BETA1, BETA2};
use super::adamw::WEIGHT_DECAY;
use super::{Optimizer, Param, RuleInfo};

pub static INFO: RuleInfo = RuleInfo {
    name: "lion",
    title: "Lion",
    about: "Moves every coordinate by exactly the rate, towards where the gradients have pointed.",
    formula: "w ← w − η (sign(β₁ m + (1 − β₁) g) + λ w)\nm ← β₂ m + (1 − β₂) g",
    source: "Chen et al. 2023",
    usual_rate: 0.02,
    params: &[
        Param {
            about: "Weight of the past against the newest gradient in this step's direction. \
                    Larger turns more slowly; usual 0.9.",
            ..BETA1
        },
        Param {
            default: 0.99,
            about: "How long gradients are remembered. Larger remembers older gradients longer; \
                    usual 0.99.",
            ..BETA2
        },
        Param {
            default: 0.0,
            about: "Pulls the parameters towards the origin at every step. Larger pulls harder; \
                    usual 0 here.",
            ..WEIGHT_DECAY
        },
    ],
    build: |params, dim| {
        Box::new(Lion {
            beta1: params[0],
            beta2: params[1],
            weight_decay: params[2],
            m: vec![0.0; dim],
            g: vec![0.0; dim],
        })
    },
};

struct Lion {
    beta1: f64,
    beta2: f64,
    weight_decay: f64,
    m: Vec<f64>,
    g: Vec<f64>,
}

/// −1, 0 or 1; NaN stays NaN, so that an undefined gradient is noticed.
fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

impl Optimizer for Lion {
    fn step(&mut self, w: &mut [f64], rate: f64, gradient: &mut dyn FnMut(&[f64], &mut [f64])) {
        gradient(w, &mut self.g);
        for ((w, m), g) in w.iter_mut().zip(&mut self.m).zip(&self.g) {
            let direction = sign(self.beta1 * *m + (1.0 - self.beta1) * g);
            *w -= rate * (direction + self.weight_decay * *w);
            *m = self.beta2 * *m + (1.0 - self.beta2) * g;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn steps_by_hand() {
        // β₁ 0.9, β₂ 0.5, λ 0.5, η 0.1. At 1, g = 3: step 0.1(1 + 0.5) → 0.85, m = 1.5.
        // g = −3: 1.35 − 0.3 > 0, step 0.1(1 + 0.425) → 0.7075, m = −0.75.
        // g = −3: −0.675 − 0.3 < 0, step 0.1(−1 + 0.35375) → 0.772125
        let slope = |x: f64| if x > 0.9 { 3.0 } else { -3.0 };
        let path = [0.85, 0.7075, 0.772125];
        verify("lion", &[0.9, 0.5, 0.5], 0.1, slope, 1.0, &path);
    }

    #[test]
    fn no_gradient_is_no_step() {
        verify("lion", &[0.9, 0.99, 0.0], 0.1, |_| 0.0, 1.0, &[1.0, 1.0]);
    }
}
