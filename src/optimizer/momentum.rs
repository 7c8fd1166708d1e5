//! Momentum (the heavy ball), in PyTorch's form: `v = μ v + g; w −= η v`.
//!
//! Source: Polyak, "Some methods of speeding up the convergence of iteration methods" (1964).
//! Variant: the rate multiplies the velocity when it is used, not the gradient when it is added,
//! so a change of rate acts at once; no dampening; weight decay is part of the gradient.

use super::elementwise::{Coordinate, Elementwise, Scalar, build};
use super::gd::{L2, PULL, TAKE_PULL};
use super::lanes::LaneRule;
use super::terms::{G, Part, Phase, Quantity, TAKE_G, UPDATE, Unit, Verb};
use super::{Param, ParamKind, RuleInfo, Stability};

/// The decay of a velocity, shared with Nesterov's variant.
pub(super) const MOMENTUM: Param = Param {
    key: "momentum",
    symbol: "μ",
    kind: ParamKind::Number,
    default: 0.9,
    min: 0.0,
    max: 1.0,
    max_excluded: true,
    about: "How much of the velocity is kept from step to step. Larger rolls further and \
            overshoots more; 0 is plain gradient descent, usual 0.9.",
};

pub static INFO: RuleInfo = RuleInfo {
    name: "momentum",
    title: "Momentum",
    about: "Rolls like a heavy ball: it gathers speed along a valley and overshoots its end.",
    formula: "v ← μ v + g\nw ← w − η v",
    variants: &[("weight_decay", "v ← μ v + g + λ w\nw ← w − η v")],
    source: "Polyak 1964",
    usual_rate: 0.02,
    kin: None,
    params: &[MOMENTUM, L2],
    quantities: &[
        G,
        PULL,
        Quantity {
            key: "v",
            symbol: "v",
            unit: Unit::Slope,
            part: Part::Momentum,
            about: "the velocity: a decaying sum of gradients",
        },
        UPDATE,
    ],
    phases: &[
        TAKE_G,
        TAKE_PULL,
        Phase::new(
            Verb::Change,
            "v",
            &[],
            "μ v",
            "The velocity fades to {momentum} of itself: {v}.",
        ),
        Phase::new(
            Verb::Add,
            "v",
            &["g"],
            "+ g",
            "The gradient is added to it: {v}.",
        ),
        Phase::new(
            Verb::Add,
            "v",
            &["pull"],
            "+ λ w",
            "So is the pull of the weight decay: {v}.",
        )
        .with("weight_decay"),
        Phase::new(
            Verb::Take,
            "update",
            &["v"],
            "− η v",
            "The step goes against the velocity, {eta} times as long: {update}.",
        ),
    ],
    stability: Stability::Plain(|params| 2.0 + 2.0 * params[0]),
    build: build::<Rule>,
    lanes: Some(LaneRule::of::<Rule>()),
};

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;
    const STATE: &'static [&'static str] = &["v"];

    #[inline(always)]
    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        let mu = c.params[0];
        let g = c.put(c.g);
        let pull = c.put(c.params[1] * c.w);
        let faded = c.put(mu * c.state[0]);
        let pushed = c.put(faded + g);
        c.state[0] = c.put(pushed + pull);
        c.w + c.put(-(c.rate * c.state[0]))
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn three_steps_by_hand() {
        // g = 2x, μ 0.5: v = 2, w = 0.8; v = 1 + 1.6 = 2.6, w = 0.54; v = 1.3 + 1.08, w = 0.302
        let path = [0.8, 0.54, 0.302];
        verify("momentum", &[0.5, 0.0], 0.1, |x| 2.0 * x, 1.0, &path);
    }
}
