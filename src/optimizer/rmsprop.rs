//! RMSProp: `E = β E + (1 − β) g²; w −= η g/(√E + ε)`, per coordinate.
//!
//! Source: Tieleman and Hinton, "Lecture 6.5: rmsprop", Neural Networks for Machine Learning
//! (2012). Variant: ε outside the root, E from 0, not centred, no momentum.

use super::adagrad::EPS;
use super::adam::{D, STEP};
use super::elementwise::{Coordinate, Elementwise, Scalar, build};
use super::lanes::LaneRule;
use super::terms::{G, Part, Phase, Quantity, TAKE_G, UPDATE, Unit, Verb};
use super::{Param, ParamKind, RuleInfo, Stability};

pub static INFO: RuleInfo = RuleInfo {
    name: "rmsprop",
    title: "RMSProp",
    about: "Divides each direction's step by how steep it was lately, so that all move alike.",
    formula: "E ← β E + (1 − β) g²\nw ← w − η g / (√E + ε)",
    variants: &[],
    source: "Tieleman & Hinton 2012 (lecture 6.5)",
    usual_rate: 0.05,
    kin: None,
    params: &[
        Param {
            key: "beta",
            symbol: "β",
            kind: ParamKind::Number,
            default: 0.9,
            min: 0.0,
            max: 1.0,
            max_excluded: true,
            about: "How long the steepness is remembered. Larger reacts more slowly; usual 0.9.",
        },
        EPS,
    ],
    quantities: &[
        G,
        Quantity {
            key: "E",
            symbol: "E",
            unit: Unit::Square,
            part: Part::Squares,
            about: "a decaying mean of squared gradients",
        },
        D,
        UPDATE,
    ],
    phases: &[
        TAKE_G,
        Phase::new(
            Verb::Change,
            "E",
            &[],
            "β E",
            "The mean of squares fades to {beta} of itself: {E}. The rectangle's half-sides are its roots.",
        ),
        Phase::new(
            Verb::Add,
            "E",
            &["g"],
            "+ (1 − β) g²",
            "A little of the new square is added: {E}.",
        ),
        Phase::new(
            Verb::Take,
            "d",
            &["g", "E"],
            "g / (√E + ε)",
            "Each component is divided by its half-side: {d}. Steep and flat directions move alike.",
        ),
        STEP,
    ],
    stability: Stability::Scaled {
        by: "E",
        eps: "eps",
        limit: |_| 2.0,
    },
    build: build::<Rule>,
    lanes: Some(LaneRule::of::<Rule>()),
};

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;
    const STATE: &'static [&'static str] = &["E"];

    #[inline(always)]
    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        let (beta, eps) = (c.params[0], c.params[1]);
        let g = c.put(c.g);
        let faded = c.put(beta * c.state[0]);
        c.state[0] = c.put(faded + (S::one() - beta) * g * g);
        let root = c.state[0].sqrt() + eps;
        c.put(g.over(root));
        c.w + c.put(-(c.rate * g).over(root))
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // constant g = 2, β 0.75, ε 0: E = 1, step 2η; E = 0.75 + 1 = 1.75, step 2η/√1.75
        let path = [0.8, 0.8 - 0.2 / 1.75f64.sqrt()];
        verify("rmsprop", &[0.75, 0.0], 0.1, |_| 2.0, 1.0, &path);
    }
}
