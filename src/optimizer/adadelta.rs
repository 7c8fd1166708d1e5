//! AdaDelta: `v = ρ v + (1−ρ) g²; d = g √(u + ε)/√(v + ε); u = ρ u + (1−ρ) d²; w −= η d`.
//!
//! Source: Zeiler, "ADADELTA: An adaptive learning rate method" (2012), algorithm 1. Variant: as
//! in PyTorch a rate η multiplies the step; the paper has η = 1.

use super::adagrad::EPS;
use super::{Optimizer, Param, RuleInfo, over};

pub static INFO: RuleInfo = RuleInfo {
    name: "adadelta",
    title: "AdaDelta",
    about: "Sizes its steps by those it took before: it starts slowly and needs no rate.",
    formula: "v ← ρ v + (1 − ρ) g²\nd = g √(u + ε) / √(v + ε)\nu ← ρ u + (1 − ρ) d²\nw ← w − η d",
    source: "Zeiler 2012",
    usual_rate: 1.0,
    params: &[
        Param {
            key: "rho",
            symbol: "ρ",
            default: 0.9,
            min: 0.0,
            max: 1.0,
            max_excluded: true,
            about: "How long gradients and steps are remembered. Larger is smoother and slower; \
                    usual 0.9.",
        },
        Param {
            default: 1e-6,
            about: "Sets the size of the very first steps. Larger starts faster; usual 1e-6.",
            ..EPS
        },
    ],
    build: |params, dim| {
        Box::new(AdaDelta {
            rho: params[0],
            eps: params[1],
            v: vec![0.0; dim],
            u: vec![0.0; dim],
            g: vec![0.0; dim],
        })
    },
};

struct AdaDelta {
    rho: f64,
    eps: f64,
    /// Decaying mean of g².
    v: Vec<f64>,
    /// Decaying mean of d².
    u: Vec<f64>,
    g: Vec<f64>,
}

impl Optimizer for AdaDelta {
    fn step(&mut self, w: &mut [f64], rate: f64, gradient: &mut dyn FnMut(&[f64], &mut [f64])) {
        gradient(w, &mut self.g);
        let rho = self.rho;
        for (i, w) in w.iter_mut().enumerate() {
            let (g, v, u) = (self.g[i], &mut self.v[i], &mut self.u[i]);
            *v = rho * *v + (1.0 - rho) * g * g;
            let d = over(g * (*u + self.eps).sqrt(), (*v + self.eps).sqrt());
            *u = rho * *u + (1.0 - rho) * d * d;
            *w -= rate * d;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // constant g = 2, ρ 0.5, ε 1: v = 2, d = 2/√3, u = 2/3; v = 3, d = 2 √(5/3)/√4 = √(5/3)
        let first = 1.0 - 2.0 / 3f64.sqrt();
        let path = [first, first - (5f64 / 3.0).sqrt()];
        verify("adadelta", &[0.5, 1.0], 1.0, |_| 2.0, 1.0, &path);
    }
}
