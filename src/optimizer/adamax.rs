//! AdaMax: Adam with the greatest recent slope in place of the root of a mean of squares.
//!
//! Source: Kingma and Ba, "Adam: A method for stochastic optimization" (2015), section 7.1; ε inside the maximum, as in
//! PyTorch.

use super::adagrad::EPS;
use super::adam::{
    ADD_M, BETA1, BETA2, BIAS_CORRECTION, CORRECT_M, D, FADE_M, M, M_HAT, STEP, correct,
};
use super::elementwise::{Coordinate, Elementwise, MAX_SHARED, Scalar, build};
use super::lanes::LaneRule;
use super::terms::{G, Part, Phase, Quantity, TAKE_G, UPDATE, Unit, Verb};
use super::{Param, RuleInfo, Stability};

pub static INFO: RuleInfo = RuleInfo {
    name: "adamax",
    title: "AdaMax",
    about: "Adam that divides each direction's step by the greatest slope met lately.",
    formula: "m ← β₁ m + (1 − β₁) g\nu ← max(β₂ u, |g| + ε)\nw ← w − η m̂ / u,  m̂ = m/(1 − β₁^t)",
    variants: &[(
        "bias_correction",
        "m ← β₁ m + (1 − β₁) g\nu ← max(β₂ u, |g| + ε)\nw ← w − η m̂ / u,  m̂ = m",
    )],
    source: "Kingma & Ba 2015, section 7.1",
    usual_rate: 0.1,
    kin: Some("adam"),
    params: &[
        BETA1,
        Param {
            about: "How long the greatest slope is remembered. Larger adapts each direction's step more slowly; usual 0.999.",
            ..BETA2
        },
        EPS,
        BIAS_CORRECTION,
    ],
    quantities: &[
        G,
        M,
        Quantity {
            key: "u",
            symbol: "u",
            unit: Unit::Size,
            part: Part::Squares,
            about: "the greatest slope lately, fading",
        },
        M_HAT,
        D,
        UPDATE,
    ],
    phases: &[
        TAKE_G,
        FADE_M,
        ADD_M,
        Phase::new(
            Verb::Change,
            "u",
            &["g"],
            "max(β₂ u, |g| + ε)",
            "The greatest slope fades a little, unless this one is greater: {u}. They are the rectangle's half-sides.",
        ),
        CORRECT_M,
        Phase::new(
            Verb::Take,
            "d",
            &["m_hat", "u"],
            "m̂ / u",
            "Each component is divided by its half-side: {d}. Steep and flat directions move alike.",
        ),
        STEP,
    ],
    stability: Stability::None,
    build: build::<Rule>,
    lanes: Some(LaneRule::of::<Rule>()),
};

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;
    const STATE: &'static [&'static str] = &["m", "u"];

    #[inline(always)]
    fn prepare<S: Scalar>(params: &[S], _: S, shared: &mut [S; MAX_SHARED], first: bool) {
        correct(params, params[3], shared, first);
    }

    #[inline(always)]
    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        let (beta1, beta2, eps) = (c.params[0], c.params[1], c.params[2]);
        let g = c.put(c.g);
        let faded = c.put(beta1 * c.state[0]);
        c.state[0] = c.put(faded + (S::one() - beta1) * g);
        c.state[1] = c.put((beta2 * c.state[1]).max(g.abs() + eps));
        let m_hat = c.put(c.state[0] / c.shared[2]);
        c.put(m_hat.over(c.state[1]));
        c.w + c.put(-(c.rate * m_hat).over(c.state[1]))
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn the_greatest_slope_is_remembered() {
        // g = 4 at 1, then 1; β₁ 0, β₂ 0.5, ε 0: u = 4, step η; then u = max(2, 1) = 2, step η/2
        let slope = |x: f64| if x > 0.95 { 4.0 } else { 1.0 };
        verify(
            "adamax",
            &[0.0, 0.5, 0.0, 1.0],
            0.1,
            slope,
            1.0,
            &[0.9, 0.85],
        );
    }
}
