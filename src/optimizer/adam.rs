//! Adam: bias-corrected means of g and g², ε outside the root.
//!
//! Source: Kingma and Ba, "Adam: A method for stochastic optimization" (2015), algorithm 1.
//! The means live in [`Moments`], which AMSGrad, AdamW and NAdam share.

use super::adagrad::EPS;
use super::elementwise::{Coordinate, Elementwise, MAX_SHARED, Scalar, build};
use super::lanes::LaneRule;
use super::terms::{G, Part, Phase, Quantity, TAKE_G, UPDATE, Unit, Verb};
use super::{Param, ParamKind, RuleInfo, Stability};

pub(super) const BETA1: Param = Param {
    key: "beta1",
    symbol: "β₁",
    kind: ParamKind::Number,
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
    kind: ParamKind::Number,
    default: 0.999,
    min: 0.0,
    max: 1.0,
    max_excluded: true,
    about: "How long the steepness is remembered. Larger adapts each direction's step more \
            slowly; usual 0.999.",
};

/// Whether m and v are corrected for the zero that they began with, shared by Adam's kin.
pub(super) const BIAS_CORRECTION: Param = Param::switch(
    "bias_correction",
    true,
    "Whether the means are corrected for having begun at 0. Without it the first steps are several times as long, because \
     √v is still near its 0 longer than m.",
);

pub static INFO: RuleInfo = RuleInfo {
    name: "adam",
    title: "Adam",
    about: "Momentum, with each direction's step divided by how steep it was lately.",
    formula: "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\n\
              w ← w − η m̂ / (√v̂ + ε),  m̂ = m/(1 − β₁^t),  v̂ = v/(1 − β₂^t)",
    variants: &[(
        "bias_correction",
        "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\nw ← w − η m̂ / (√v̂ + ε),  m̂ = m,  v̂ = v",
    )],
    source: "Kingma & Ba 2015",
    usual_rate: 0.1,
    kin: None,
    params: &[BETA1, BETA2, EPS, BIAS_CORRECTION],
    quantities: &[G, M, V, M_HAT, V_HAT, D, UPDATE],
    phases: &[
        TAKE_G, FADE_M, ADD_M, FADE_V, ADD_V, CORRECT_M, CORRECT_V, DIVIDE, STEP,
    ],
    stability: Stability::Scaled {
        by: "v_hat",
        eps: "eps",
        limit,
    },
    build: build::<Rule>,
    lanes: Some(LaneRule::of::<Rule>()),
};

pub(super) const M: Quantity = Quantity {
    key: "m",
    symbol: "m",
    unit: Unit::Slope,
    part: Part::Momentum,
    about: "a decaying mean of gradients",
};

pub(super) const V: Quantity = Quantity {
    key: "v",
    symbol: "v",
    unit: Unit::Square,
    part: Part::Squares,
    about: "a decaying mean of squared gradients",
};

pub(super) const M_HAT: Quantity = Quantity {
    key: "m_hat",
    symbol: "m̂",
    about: "the mean of gradients, without the pull of the zero it began with",
    ..M
};

pub(super) const V_HAT: Quantity = Quantity {
    key: "v_hat",
    symbol: "v̂",
    about: "the mean of squares, without the pull of the zero it began with",
    ..V
};

pub(super) const D: Quantity = Quantity {
    key: "d",
    symbol: "d",
    unit: Unit::Direction,
    part: Part::Update,
    about: "the direction: what is left of the slope when its usual size is divided out",
};

pub(super) const FADE_M: Phase = Phase::new(
    Verb::Change,
    "m",
    &[],
    "β₁ m",
    "The mean of gradients fades to {beta1} of itself: {m}.",
);

pub(super) const ADD_M: Phase = Phase::new(
    Verb::Add,
    "m",
    &["g"],
    "+ (1 − β₁) g",
    "A little of the new gradient is added: {m}.",
);

pub(super) const FADE_V: Phase = Phase::new(
    Verb::Change,
    "v",
    &[],
    "β₂ v",
    "The mean of squares fades to {beta2} of itself: {v}. The rectangle's half-sides are its roots.",
);

pub(super) const ADD_V: Phase = Phase::new(
    Verb::Add,
    "v",
    &["g"],
    "+ (1 − β₂) g²",
    "A very little of the new square is added: {v}.",
);

pub(super) const CORRECT_M: Phase = Phase::new(
    Verb::Take,
    "m_hat",
    &["m"],
    "m̂ = m/(1 − β₁^t)",
    "The mean began at 0, which still pulls it down: corrected it is {m_hat}.",
)
.with("bias_correction");

pub(super) const CORRECT_V: Phase = Phase::new(
    Verb::Take,
    "v_hat",
    &["v"],
    "v̂ = v/(1 − β₂^t)",
    "So did the mean of squares: corrected it is {v_hat}.",
)
.with("bias_correction");

pub(super) const DIVIDE: Phase = Phase::new(
    Verb::Take,
    "d",
    &["m_hat", "v_hat"],
    "m̂ / (√v̂ + ε)",
    "Each component is divided by its half-side: {d}. Steep and flat directions move alike.",
);

pub(super) const STEP: Phase = Phase::new(
    Verb::Take,
    "update",
    &["d"],
    "− η",
    "The step goes the other way, {eta} times as long: {update}.",
);

/// The greatest stable η·λ of P⁻¹H while the preconditioner P stands still (Cohen et al. 2022, "Adaptive gradient methods at the
/// edge of stability").
pub(super) fn limit(params: &[f64]) -> f64 {
    let beta1 = params[0];
    (2.0 + 2.0 * beta1) / (1.0 - beta1)
}

/// βᵗ of both means after t steps, and 1 − βᵗ, by which they are to be divided (1 without the correction), in the shared numbers.
#[inline(always)]
pub(super) fn correct<S: Scalar>(
    params: &[S],
    is_on: S,
    shared: &mut [S; MAX_SHARED],
    first: bool,
) {
    if first {
        (shared[0], shared[1]) = (S::one(), S::one());
    }
    for beta in 0..2 {
        shared[beta] = shared[beta] * params[beta];
        shared[2 + beta] = is_on.where_positive(S::one() - shared[beta], S::one());
    }
}

/// Takes the gradient into both means, the first two numbers of the state: five phases.
#[inline(always)]
pub(super) fn average<S: Scalar>(c: &mut Coordinate<S>) {
    let (beta1, beta2) = (c.params[0], c.params[1]);
    let g = c.put(c.g);
    let faded = c.put(beta1 * c.state[0]);
    c.state[0] = c.put(faded + (S::one() - beta1) * g);
    let faded = c.put(beta2 * c.state[1]);
    c.state[1] = c.put(faded + (S::one() - beta2) * g * g);
}

/// The step −η m̂/(√v̂ + ε), after m̂ and v̂ have been put: two phases.
#[inline(always)]
pub(super) fn divide<S: Scalar>(c: &mut Coordinate<S>, m_hat: S, v_hat: S) -> S {
    let root = v_hat.sqrt() + c.params[2];
    c.put(m_hat.over(root));
    c.put(-(c.rate * m_hat).over(root))
}

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;
    const STATE: &'static [&'static str] = &["m", "v"];

    #[inline(always)]
    fn prepare<S: Scalar>(params: &[S], _: S, shared: &mut [S; MAX_SHARED], first: bool) {
        correct(params, params[3], shared, first);
    }

    #[inline(always)]
    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        average(c);
        let m_hat = c.put(c.state[0] / c.shared[2]);
        let v_hat = c.put(c.state[1] / c.shared[3]);
        c.w + divide(c, m_hat, v_hat)
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
        verify("adam", &[0.5, 0.5, 0.0, 1.0], 0.1, |x| 2.0 * x, 1.0, &path);
    }

    #[test]
    fn without_the_correction_the_first_steps_are_long() {
        // g = 1, β₁ 0.5, β₂ 0.75, ε 0: m = ½, v = ¼, step η; then m = ¾, v = 7/16
        let path = [-0.1, -0.1 - 0.1 * 0.75 / (7.0f64 / 16.0).sqrt()];
        verify("adam", &[0.5, 0.75, 0.0, 0.0], 0.1, |_| 1.0, 0.0, &path);
    }

    #[test]
    fn the_references_first_steps() {
        // (x − 1)² from 2.5 with rate 0.1: NumPy's path
        let path = [2.4000000003333333, 2.30023906229228];
        verify(
            "adam",
            &[0.9, 0.999, 1e-8, 1.0],
            0.1,
            |x| 2.0 * (x - 1.0),
            2.5,
            &path,
        );
    }
}
