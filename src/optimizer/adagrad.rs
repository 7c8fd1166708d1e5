//! AdaGrad: `G += g²; w −= η g/(√G + ε)`, per coordinate.
//!
//! Source: Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and
//! stochastic optimization" (2011). Variant: the diagonal form, ε outside the root, G from 0.

use super::adam::{D, STEP};
use super::elementwise::{Coordinate, Elementwise, Scalar, build};
use super::lanes::LaneRule;
use super::terms::{G, Part, Phase, Quantity, TAKE_G, UPDATE, Unit, Verb};
use super::{Param, ParamKind, RuleInfo, Stability};

/// The guard against division by zero, shared by the rules that divide by a root of g².
pub(super) const EPS: Param = Param {
    key: "eps",
    symbol: "ε",
    kind: ParamKind::Number,
    default: 1e-8,
    min: 0.0,
    max: 1.0,
    max_excluded: false,
    about: "Keeps the division safe where gradients vanish. Large values calm the step where \
            gradients are small; usual 1e-8.",
};

pub static INFO: RuleInfo = RuleInfo {
    name: "adagrad",
    title: "AdaGrad",
    about: "Takes ever smaller steps in the directions that have been steep so far.",
    formula: "G ← G + g²\nw ← w − η g / (√G + ε)",
    variants: &[],
    source: "Duchi, Hazan & Singer 2011",
    usual_rate: 0.5,
    kin: None,
    params: &[EPS],
    quantities: &[
        G,
        Quantity {
            key: "G",
            symbol: "G",
            unit: Unit::Square,
            part: Part::Squares,
            about: "the sum of all squared gradients so far",
        },
        D,
        UPDATE,
    ],
    phases: &[
        TAKE_G,
        Phase::new(
            Verb::Add,
            "G",
            &["g"],
            "G + g²",
            "Its square is added to the sum of all before: {G}. The rectangle's half-sides are the roots.",
        ),
        Phase::new(
            Verb::Take,
            "d",
            &["g", "G"],
            "g / (√G + ε)",
            "Each component is divided by its half-side: {d}. What has been steep so far counts less.",
        ),
        STEP,
    ],
    stability: Stability::Scaled {
        by: "G",
        eps: "eps",
        limit: |_| 2.0,
    },
    build: build::<Rule>,
    lanes: Some(LaneRule::of::<Rule>()),
};

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;
    const STATE: &'static [&'static str] = &["G"];

    #[inline(always)]
    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        let eps = c.params[0];
        let g = c.put(c.g);
        c.state[0] = c.put(c.state[0] + g * g);
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
        // constant g = 3, ε 1: G = 9, step 3/4; G = 18, step 3/(√18 + 1)
        let path = [0.25, 0.25 - 3.0 / (18f64.sqrt() + 1.0)];
        verify("adagrad", &[1.0], 1.0, |_| 3.0, 1.0, &path);
    }
}
