//! Adam: bias-corrected means of g and g², ε outside the root.
//!
//! Source: Kingma and Ba, "Adam: A method for stochastic optimization" (2015), algorithm 1.
//! The means live in [`Moments`], which AMSGrad, AdamW and NAdam share.

use super::adagrad::EPS;
use super::{Optimizer, Param, RuleInfo, over};

pub(super) const BETA1: Param = Param {
    key: "beta1",
    symbol: "β₁",
    default: 0.9,
    min: 0.0,
    max: 1.0,
    max_excluded: true,
    about: "How long gradients are remembered: the momentum. Larger remembers older gradients \
            longer; usual 0.9.",
};

pub(super) const BETA2: Param = Param {
    key: "beta2",
    symbol: "β₂",
    default: 0.999,
    min: 0.0,
    max: 1.0,
    max_excluded: true,
    about: "How long the steepness is remembered. Larger adapts each direction's step more \
            slowly; usual 0.999.",
};

pub static INFO: RuleInfo = RuleInfo {
    name: "adam",
    title: "Adam",
    about: "Momentum, with each direction's step divided by how steep it was lately.",
    formula: "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\n\
              w ← w − η m̂ / (√v̂ + ε),  m̂ = m/(1 − β₁ᵗ),  v̂ = v/(1 − β₂ᵗ)",
    source: "Kingma & Ba 2015",
    usual_rate: 0.1,
    params: &[BETA1, BETA2, EPS],
    build: |params, dim| {
        Box::new(Adam {
            moments: Moments::new(params[0], params[1], dim),
            eps: params[2],
        })
    },
};

/// Decaying means of g and g², and the step count that corrects their bias towards 0.
pub(super) struct Moments {
    pub(super) m: Vec<f64>,
    pub(super) v: Vec<f64>,
    pub(super) g: Vec<f64>,
    beta1: f64,
    beta2: f64,
    /// βᵗ of both, after t updates.
    powers: [f64; 2],
}

impl Moments {
    pub(super) fn new(beta1: f64, beta2: f64, dim: usize) -> Moments {
        Moments {
            m: vec![0.0; dim],
            v: vec![0.0; dim],
            g: vec![0.0; dim],
            beta1,
            beta2,
            powers: [1.0; 2],
        }
    }

    /// Takes in the gradient at `w`.
    pub(super) fn update(&mut self, w: &[f64], gradient: &mut dyn FnMut(&[f64], &mut [f64])) {
        gradient(w, &mut self.g);
        for ((m, v), g) in self.m.iter_mut().zip(&mut self.v).zip(&self.g) {
            *m = self.beta1 * *m + (1.0 - self.beta1) * g;
            *v = self.beta2 * *v + (1.0 - self.beta2) * g * g;
        }
        self.powers[0] *= self.beta1;
        self.powers[1] *= self.beta2;
    }

    /// 1 − β₁ᵗ, by which m is to be divided.
    pub(super) fn correction1(&self) -> f64 {
        1.0 - self.powers[0]
    }

    /// 1 − β₂ᵗ, by which v is to be divided.
    pub(super) fn correction2(&self) -> f64 {
        1.0 - self.powers[1]
    }
}

pub(super) struct Adam {
    pub(super) moments: Moments,
    pub(super) eps: f64,
}

impl Optimizer for Adam {
    fn step(&mut self, w: &mut [f64], rate: f64, gradient: &mut dyn FnMut(&[f64], &mut [f64])) {
        self.moments.update(w, gradient);
        let (c1, c2) = (self.moments.correction1(), self.moments.correction2());
        for ((w, m), v) in w.iter_mut().zip(&self.moments.m).zip(&self.moments.v) {
            *w -= over(rate * (m / c1), (v / c2).sqrt() + self.eps);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // g = 2x, β₁ = β₂ = 0.5, ε 0: the first step is η whatever the gradient; then g = 1.8,
        // m̂ = (0.5·1 + 0.5·1.8)/0.75 = 1.4/0.75, v̂ = (0.5·2 + 0.5·3.24)/0.75 = 2.62/0.75
        let second = 0.9 - 0.1 * (1.4 / 0.75) / (2.62f64 / 0.75).sqrt();
        let path = [0.9, second];
        verify("adam", &[0.5, 0.5, 0.0], 0.1, |x| 2.0 * x, 1.0, &path);
    }

    #[test]
    fn the_references_first_steps() {
        // (x − 1)² from 2.5 with rate 0.1: NumPy's path
        let path = [2.4000000003333333, 2.30023906229228];
        verify(
            "adam",
            &[0.9, 0.999, 1e-8],
            0.1,
            |x| 2.0 * (x - 1.0),
            2.5,
            &path,
        );
    }
}
