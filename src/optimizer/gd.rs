//! Gradient descent: `w −= η g`, with weight decay `w −= η (g + λ w)`.
//!
//! Source: Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées"
//! (1847). With sampled gradients it is stochastic gradient descent (Robbins and Monro, 1951).
//! Variant: the decay is part of the gradient (an L2 penalty), as in PyTorch's `SGD(weight_decay=λ)`.

use super::adamw::WEIGHT_DECAY;
use super::elementwise::{Coordinate, Elementwise, Scalar, build};
use super::lanes::LaneRule;
use super::terms::{G, Part, Phase, Quantity, TAKE_G, UPDATE, Unit, Verb};
use super::{Param, RuleInfo, Stability};

/// Weight decay as a part of the gradient, shared with momentum.
pub(super) const L2: Param = Param {
    default: 0.0,
    about: "Adds λ w to the gradient, which pulls the parameters towards the origin. Larger pulls harder, 0 not at all; usual 0.",
    ..WEIGHT_DECAY
};

pub(super) const PULL: Quantity = Quantity {
    key: "pull",
    symbol: "λw",
    unit: Unit::Slope,
    part: Part::Momentum,
    about: "weight decay's part of the gradient, the slope of ½λ‖w‖²",
};

pub(super) const TAKE_PULL: Phase = Phase::new(
    Verb::Take,
    "pull",
    &[],
    "λ w",
    "Weight decay has a slope of its own, away from the origin: {pull}.",
)
.with("weight_decay");

pub static INFO: RuleInfo = RuleInfo {
    name: "gd",
    title: "Gradient descent",
    about: "Steps straight downhill, further where it is steeper.",
    formula: "w ← w − η g",
    variants: &[("weight_decay", "w ← w − η (g + λ w)")],
    source: "Cauchy 1847; with sampled gradients Robbins & Monro 1951",
    usual_rate: 0.05,
    kin: None,
    params: &[L2],
    quantities: &[G, PULL, UPDATE],
    phases: &[
        TAKE_G,
        TAKE_PULL,
        Phase::new(
            Verb::Take,
            "update",
            &["g"],
            "− η g",
            "The step goes the other way, {eta} times as long: {update}.",
        )
        .without("weight_decay"),
        Phase::new(
            Verb::Take,
            "update",
            &["g", "pull"],
            "− η (g + λ w)",
            "The step goes against both together, {eta} times as long: {update}.",
        )
        .with("weight_decay"),
    ],
    stability: Stability::Plain(|_| 2.0),
    build: build::<Rule>,
    lanes: Some(LaneRule::of::<Rule>()),
};

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;

    #[inline(always)]
    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        let g = c.put(c.g);
        let pull = c.put(c.params[0] * c.w);
        let step = c.put(-(c.rate * (g + pull)));
        c.w + c.put(step)
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // f = x², g = 2x: 1 → 1 − 0.1·2 → 0.8 − 0.1·1.6
        verify("gd", &[0.0], 0.1, |x| 2.0 * x, 1.0, &[0.8, 0.64]);
        // With λ 0.5: 1 → 1 − 0.1·2.5 → 0.75·0.75
        verify("gd", &[0.5], 0.1, |x| 2.0 * x, 1.0, &[0.75, 0.5625]);
    }
}
