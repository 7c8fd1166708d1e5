//! AMSGrad: Adam whose second moment never shrinks: `V = max(V, v)`, then `V/(1 − β₂^t)`.
//!
//! Source: Reddi, Kale and Kumar, "On the convergence of Adam and beyond" (2018). Variant:
//! PyTorch's code: the maximum is taken over the raw v and corrected afterwards, and m is
//! corrected too; the paper corrects neither.

use super::adagrad::EPS;
use super::adam::{
    ADD_M, ADD_V, BETA1, BETA2, BIAS_CORRECTION, CORRECT_M, D, FADE_M, FADE_V, M, M_HAT, STEP, V,
    average, correct, divide, limit,
};
use super::elementwise::{Coordinate, Elementwise, MAX_SHARED, Scalar, build};
use super::lanes::LaneRule;
use super::terms::{G, Phase, Quantity, TAKE_G, UPDATE, Verb};
use super::{RuleInfo, Stability};

pub static INFO: RuleInfo = RuleInfo {
    name: "amsgrad",
    title: "AMSGrad",
    about: "Adam that never forgets the steepest slope it met, so its steps cannot grow again.",
    formula: "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\nV ← max(V, v)\n\
              w ← w − η m̂ / (√V̂ + ε),  m̂ = m/(1 − β₁^t),  V̂ = V/(1 − β₂^t)",
    variants: &[(
        "bias_correction",
        "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\nV ← max(V, v)\nw ← w − η m̂ / (√V̂ + ε),  m̂ = m,  V̂ = V",
    )],
    source: "Reddi, Kale & Kumar 2018 (PyTorch's variant)",
    usual_rate: 0.1,
    kin: None,
    params: &[BETA1, BETA2, EPS, BIAS_CORRECTION],
    quantities: &[
        G,
        M,
        V,
        Quantity {
            key: "V",
            symbol: "V",
            about: "the greatest mean of squares so far",
            ..V
        },
        M_HAT,
        Quantity {
            key: "V_hat",
            symbol: "V̂",
            about: "the greatest mean of squares, without the pull of the zero it began with",
            ..V
        },
        D,
        UPDATE,
    ],
    phases: &[
        TAKE_G,
        FADE_M,
        ADD_M,
        FADE_V,
        ADD_V,
        Phase::new(
            Verb::Change,
            "V",
            &["v"],
            "max(V, v)",
            "The greatest mean of squares so far is kept: {V}.",
        ),
        CORRECT_M,
        Phase::new(
            Verb::Take,
            "V_hat",
            &["V"],
            "V̂ = V/(1 − β₂^t)",
            "It began at 0, too: corrected it is {V_hat}.",
        )
        .with("bias_correction"),
        Phase::new(
            Verb::Take,
            "d",
            &["m_hat", "V_hat"],
            "m̂ / (√V̂ + ε)",
            "Each component is divided by its half-side, which never shrinks: {d}.",
        ),
        STEP,
    ],
    stability: Stability::Scaled {
        by: "V_hat",
        eps: "eps",
        limit,
    },
    build: build::<Rule>,
    lanes: Some(LaneRule::of::<Rule>()),
};

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;
    const STATE: &'static [&'static str] = &["m", "v", "V"];

    #[inline(always)]
    fn prepare<S: Scalar>(params: &[S], _: S, shared: &mut [S; MAX_SHARED], first: bool) {
        correct(params, params[3], shared, first);
    }

    #[inline(always)]
    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        average(c);
        c.state[2] = c.put(c.state[2].max(c.state[1]));
        let m_hat = c.put(c.state[0] / c.shared[2]);
        let v_hat = c.put(c.state[2] / c.shared[3]);
        c.w + divide(c, m_hat, v_hat)
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
        verify("amsgrad", &[0.0, 0.5, 0.0, 1.0], 0.5, slope, 1.0, &path);
    }
}
