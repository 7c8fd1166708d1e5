//! NAdam: Adam with Nesterov's look-ahead folded into the momentum.
//!
//! Source: Dozat, "Incorporating Nesterov momentum into Adam" (2016), with the warm-up of the
//! momentum `μₜ = β₁(1 − ½·0.96^(tψ))` and PyTorch's default ψ = 0.004.

use super::adagrad::EPS;
use super::adam::{BETA1, BETA2, Moments};
use super::{Optimizer, Param, RuleInfo, over};

pub static INFO: RuleInfo = RuleInfo {
    name: "nadam",
    title: "NAdam",
    about: "Adam that counts the newest gradient twice, as if it looked one step ahead.",
    formula: "m, v as Adam;  μₜ = β₁(1 − ½·0.96^(tψ))\n\
              m̂ = μₜ₊₁ m/(1 − ∏₁ᵗ⁺¹ μ) + (1 − μₜ) g/(1 − ∏₁ᵗ μ)\n\
              w ← w − η m̂ / (√v̂ + ε)",
    source: "Dozat 2016",
    usual_rate: 0.1,
    params: &[
        BETA1,
        BETA2,
        EPS,
        Param {
            key: "momentum_decay",
            symbol: "ψ",
            default: 0.004,
            min: 0.0,
            max: 1.0,
            max_excluded: false,
            about: "How fast the momentum warms up from half of β₁ to β₁. Larger is faster; \
                    usual 0.004.",
        },
    ],
    build: |params, dim| {
        Box::new(NAdam {
            moments: Moments::new(params[0], params[1], dim),
            beta1: params[0],
            eps: params[2],
            decay: params[3],
            t: 0,
            product: 1.0,
        })
    },
};

struct NAdam {
    moments: Moments,
    beta1: f64,
    eps: f64,
    decay: f64,
    t: u32,
    /// ∏ μ over the updates so far.
    product: f64,
}

impl NAdam {
    fn momentum(&self, t: u32) -> f64 {
        self.beta1 * (1.0 - 0.5 * 0.96f64.powf(f64::from(t) * self.decay))
    }
}

impl Optimizer for NAdam {
    fn step(&mut self, w: &mut [f64], rate: f64, gradient: &mut dyn FnMut(&[f64], &mut [f64])) {
        self.moments.update(w, gradient);
        self.t += 1;
        let (now, next) = (self.momentum(self.t), self.momentum(self.t + 1));
        self.product *= now;
        let of_mean = next / (1.0 - self.product * next);
        let of_gradient = (1.0 - now) / (1.0 - self.product);
        let c2 = self.moments.correction2();
        for (i, w) in w.iter_mut().enumerate() {
            let m = of_mean * self.moments.m[i] + of_gradient * self.moments.g[i];
            *w -= over(rate * m, (self.moments.v[i] / c2).sqrt() + self.eps);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // ψ 0 makes μ = β₁/2 = 0.25 throughout. Constant g = 1, β₂ 0.5, ε 0: √v̂ = 1.
        // t = 1: m = 0.5, m̂ = 0.25·0.5/(1 − 1/16) + 0.75/(1 − 1/4)
        // t = 2: m = 0.75, m̂ = 0.25·0.75/(1 − 1/64) + 0.75/(1 − 1/16)
        let first = -(0.125 / (15.0 / 16.0) + 1.0);
        let second = first - (0.1875 / (63.0 / 64.0) + 0.8);
        let params = [0.5, 0.5, 0.0, 0.0];
        verify("nadam", &params, 1.0, |_| 1.0, 0.0, &[first, second]);
    }

    #[test]
    fn the_momentum_warms_up() {
        // μ₁ = 0.9(1 − ½·0.96^0.5), μ₂ = 0.9(1 − ½·0.96); constant g = 1, β₂ any, ε 0
        let mu = |t: f64| 0.9 * (1.0 - 0.5 * 0.96f64.powf(t * 0.5));
        let first =
            -(mu(2.0) * 0.1 / (1.0 - mu(1.0) * mu(2.0)) + (1.0 - mu(1.0)) / (1.0 - mu(1.0)));
        let params = [0.9, 0.999, 0.0, 0.5];
        verify("nadam", &params, 1.0, |_| 1.0, 0.0, &[first]);
    }
}
