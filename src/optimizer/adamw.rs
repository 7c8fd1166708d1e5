//! AdamW: Adam with decoupled weight decay: `w −= η λ w` first, then Adam's step.
//!
//! Source: Loshchilov and Hutter, "Decoupled weight decay regularization" (2019), algorithm 2.
//! Variant: as in PyTorch the decay is scaled by the learning rate.

use super::adagrad::EPS;
use super::adam::{
    ADD_M, ADD_V, BETA1, BETA2, BIAS_CORRECTION, CORRECT_M, CORRECT_V, D, DIVIDE, FADE_M, FADE_V,
    M, M_HAT, V, V_HAT, average, correct, divide, limit,
};
use super::elementwise::{Coordinate, Elementwise, MAX_SHARED, Scalar, build};
use super::lanes::LaneRule;
use super::terms::{G, Part, Phase, Quantity, TAKE_G, UPDATE, Unit, Verb};
use super::{Param, ParamKind, RuleInfo, Stability};

/// Weight decay, shared with Lion; where it is part of the gradient see [`super::gd`].
pub(super) const WEIGHT_DECAY: Param = Param {
    key: "weight_decay",
    symbol: "λ",
    kind: ParamKind::Number,
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
    formula: "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\n\
              w ← w − η λ w − η m̂ / (√v̂ + ε),  m̂ = m/(1 − β₁^t),  v̂ = v/(1 − β₂^t)",
    variants: &[(
        "bias_correction",
        "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\nw ← w − η λ w − η m̂ / (√v̂ + ε),  m̂ = m,  v̂ = v",
    )],
    source: "Loshchilov & Hutter 2019",
    usual_rate: 0.1,
    kin: None,
    params: &[BETA1, BETA2, EPS, WEIGHT_DECAY, BIAS_CORRECTION],
    quantities: &[
        Quantity {
            key: "decay",
            symbol: "−ηλw",
            unit: Unit::Way,
            part: Part::Momentum,
            about: "the pull towards the origin",
        },
        G,
        M,
        V,
        M_HAT,
        V_HAT,
        D,
        Quantity {
            key: "step",
            symbol: "−η d",
            unit: Unit::Way,
            part: Part::Gradient,
            about: "Adam's step",
        },
        UPDATE,
    ],
    phases: &[
        Phase::new(
            Verb::Take,
            "decay",
            &[],
            "− η λ w",
            "First the parameters are pulled towards the origin: {decay}.",
        ),
        TAKE_G,
        FADE_M,
        ADD_M,
        FADE_V,
        ADD_V,
        CORRECT_M,
        CORRECT_V,
        DIVIDE,
        Phase::new(
            Verb::Take,
            "step",
            &["d"],
            "− η m̂ / (√v̂ + ε)",
            "Adam's step goes the other way, {eta} times as long: {step}.",
        ),
        Phase::new(
            Verb::Take,
            "update",
            &["decay", "step"],
            "− η λ w − η m̂ / (√v̂ + ε)",
            "Pull and step together: {update}.",
        ),
    ],
    stability: Stability::Scaled {
        by: "v_hat",
        eps: "eps",
        limit,
    },
    build: build::<Rule>,
    lanes: Some(LaneRule::of::<Rule>()),
};

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;
    const STATE: &'static [&'static str] = &["m", "v"];

    #[inline(always)]
    fn prepare<S: Scalar>(params: &[S], _: S, shared: &mut [S; MAX_SHARED], first: bool) {
        correct(params, params[4], shared, first);
    }

    #[inline(always)]
    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        let decay = c.put(-(c.rate * c.params[3] * c.w));
        // The gradient belongs to the iterate, not to the decayed point.
        average(c);
        let m_hat = c.put(c.state[0] / c.shared[2]);
        let v_hat = c.put(c.state[1] / c.shared[3]);
        let step = divide(c, m_hat, v_hat);
        c.put(decay + step);
        c.w + decay + step
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
        let params = [0.5, 0.5, 0.0, 0.5, 1.0];
        verify("adamw", &params, 0.1, |x| 2.0 * x, 1.0, &[0.85, second]);
    }
}
