//! AMSGrad: Adam whose second moment never shrinks: `V = max(V, v)`, then `V/(1 − β₂ᵗ)`.
//!
//! Source: Reddi, Kale and Kumar, "On the convergence of Adam and beyond" (2018). Variant:
//! PyTorch's code: the maximum is taken over the raw v and corrected afterwards, and m is
//! corrected too; the paper corrects neither.

use super::adagrad::EPS;
use super::adam::{BETA1, BETA2, Moments};
use super::{Optimizer, RuleInfo, over};

pub static INFO: RuleInfo = RuleInfo {
    name: "amsgrad",
    title: "AMSGrad",
    about: "Adam that never forgets the steepest slope it met, so its steps cannot grow again.",
    formula: "m, v as Adam\nV ← max(V, v)\nw ← w − η m̂ / (√V̂ + ε),  V̂ = V/(1 − β₂ᵗ)",
    source: "Reddi, Kale & Kumar 2018 (PyTorch's variant)",
    usual_rate: 0.1,
    params: &[BETA1, BETA2, EPS],
    build: |params, dim| {
        Box::new(AmsGrad {
            moments: Moments::new(params[0], params[1], dim),
            greatest: vec![0.0; dim],
            eps: params[2],
        })
    },
};

struct AmsGrad {
    moments: Moments,
    greatest: Vec<f64>,
    eps: f64,
}

impl Optimizer for AmsGrad {
    fn step(&mut self, w: &mut [f64], rate: f64, gradient: &mut dyn FnMut(&[f64], &mut [f64])) {
        self.moments.update(w, gradient);
        let (c1, c2) = (self.moments.correction1(), self.moments.correction2());
        for (i, w) in w.iter_mut().enumerate() {
            let greatest = &mut self.greatest[i];
            *greatest = greatest.max(self.moments.v[i]);
            *w -= over(
                rate * (self.moments.m[i] / c1),
                (*greatest / c2).sqrt() + self.eps,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn a_steep_start_is_remembered() {
        // β₁ 0, β₂ 0.5, ε 0, η 0.5. g = 4 at 1: v = 8, V̂ = 8/0.5, step 0.5·4/4 = 0.5;
        // g = 1 at 0.5: v = 4 + 0.5 = 4.5 < V = 8, V̂ = 8/0.75, step 0.5/√(8/0.75)
        let slope = |x: f64| if x > 0.9 { 4.0 } else { 1.0 };
        let path = [0.5, 0.5 - 0.5 / (8f64 / 0.75).sqrt()];
        verify("amsgrad", &[0.0, 0.5, 0.0], 0.5, slope, 1.0, &path);
    }
}
