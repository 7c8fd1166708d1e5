//! Lion: `w −= η (sign(β₁ m + (1−β₁) g) + λ w); m = β₂ m + (1−β₂) g`, with sign 0 = 0.
//!
//! Source: Chen et al., "Symbolic discovery of optimization algorithms" (2023), program 1.

use super::adam::{BETA1, BETA2, M};
use super::adamw::WEIGHT_DECAY;
use super::elementwise::{Coordinate, Elementwise, Scalar, build};
use super::lanes::LaneRule;
use super::terms::{G, Part, Phase, Quantity, TAKE_G, UPDATE, Unit, Verb};
use super::{Param, RuleInfo, Stability};

pub static INFO: RuleInfo = RuleInfo {
    name: "lion",
    title: "Lion",
    about: "Moves every coordinate by exactly the rate, towards where the gradients have pointed.",
    formula: "w ← w − η (sign(β₁ m + (1 − β₁) g) + λ w)\nm ← β₂ m + (1 − β₂) g",
    variants: &[],
    source: "Chen et al. 2023",
    usual_rate: 0.02,
    kin: None,
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
    quantities: &[
        G,
        M,
        Quantity {
            key: "c",
            symbol: "c",
            unit: Unit::Slope,
            part: Part::Momentum,
            about: "the mean of gradients with more of the newest",
        },
        Quantity {
            key: "s",
            symbol: "s",
            unit: Unit::Direction,
            part: Part::Update,
            about: "its signs",
        },
        UPDATE,
    ],
    phases: &[
        TAKE_G,
        Phase::new(
            Verb::Take,
            "c",
            &["m", "g"],
            "β₁ m + (1 − β₁) g",
            "The mean of gradients is mixed with the newest one: {c}.",
        ),
        Phase::new(
            Verb::Take,
            "s",
            &["c"],
            "sign(",
            "Only the signs count: {s}. Every coordinate moves by the same length.",
        ),
        Phase::new(
            Verb::Take,
            "update",
            &["s"],
            "− η",
            "The step goes the other way, {eta} times as long: {update}.",
        ),
        Phase::new(
            Verb::Change,
            "m",
            &[],
            "β₂ m",
            "Then the mean of gradients fades to {beta2} of itself: {m}.",
        ),
        Phase::new(
            Verb::Add,
            "m",
            &["g"],
            "+ (1 − β₂) g",
            "A little of the gradient is added, for the steps to come: {m}.",
        ),
    ],
    stability: Stability::None,
    build: build::<Rule>,
    lanes: Some(LaneRule::of::<Rule>()),
};

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;
    const STATE: &'static [&'static str] = &["m"];

    #[inline(always)]
    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        let (beta1, beta2, decay) = (c.params[0], c.params[1], c.params[2]);
        let g = c.put(c.g);
        let mixed = c.put(beta1 * c.state[0] + (S::one() - beta1) * g);
        let direction = c.put(mixed.sign());
        let update = c.put(-(c.rate * (direction + decay * c.w)));
        let faded = c.put(beta2 * c.state[0]);
        c.state[0] = c.put(faded + (S::one() - beta2) * g);
        c.w + update
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
