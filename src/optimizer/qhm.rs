//! Quasi-hyperbolic momentum: the gradient and a decaying mean of gradients, mixed.
//!
//! Source: Ma and Yarats, "Quasi-hyperbolic momentum and Adam for deep learning" (2019), equation 3. The
//! mean is one, not a sum: v = β v + (1 − β) g. The authors use β 0.999 in trainings of many thousand steps; of the hundred or
//! so that are watched here 0.99 shows the same.

use super::adam::STEP;
use super::elementwise::{Coordinate, Elementwise, Scalar, build};
use super::lanes::LaneRule;
use super::terms::{G, Part, Phase, Quantity, TAKE_G, UPDATE, Unit, Verb};
use super::{Param, ParamKind, RuleInfo, Stability};

pub(super) const NU: Param = Param {
    key: "nu",
    symbol: "ν",
    kind: ParamKind::Number,
    default: 0.7,
    min: 0.0,
    max: 1.0,
    max_excluded: false,
    about: "How much of the mean goes into the step; the rest is the newest gradient. 0 is plain gradient descent, 1 the mean \
            alone; usual 0.7.",
};

pub static INFO: RuleInfo = RuleInfo {
    name: "qhm",
    title: "QHM",
    about: "Mixes the newest gradient with a long mean of gradients, so that it is steady and still quick to turn.",
    formula: "v ← β v + (1 − β) g\nw ← w − η ((1 − ν) g + ν v)",
    variants: &[],
    source: "Ma & Yarats 2019",
    usual_rate: 0.1,
    kin: Some("gd"),
    params: &[
        Param {
            key: "beta",
            symbol: "β",
            kind: ParamKind::Number,
            default: 0.99,
            min: 0.0,
            max: 1.0,
            max_excluded: true,
            about: "How long gradients are remembered. Larger remembers older gradients longer; usual 0.9 to 0.999.",
        },
        NU,
    ],
    quantities: &[
        G,
        Quantity {
            key: "v",
            symbol: "v",
            unit: Unit::Slope,
            part: Part::Momentum,
            about: "a decaying mean of gradients",
        },
        Quantity {
            key: "d",
            symbol: "d",
            unit: Unit::Slope,
            part: Part::Update,
            about: "the mixture of the newest gradient and the mean",
        },
        UPDATE,
    ],
    phases: &[
        TAKE_G,
        Phase::new(
            Verb::Change,
            "v",
            &[],
            "β v",
            "The mean of gradients fades to {beta} of itself: {v}.",
        ),
        Phase::new(
            Verb::Add,
            "v",
            &["g"],
            "+ (1 − β) g",
            "A little of the new gradient is added: {v}.",
        ),
        Phase::new(
            Verb::Take,
            "d",
            &["g", "v"],
            "(1 − ν) g + ν v",
            "Gradient and mean are mixed, {nu} of it the mean: {d}.",
        ),
        STEP,
    ],
    stability: Stability::Plain(|params| limit(params[0], params[1])),
    build: build::<Rule>,
    lanes: Some(LaneRule::of::<Rule>()),
};

/// The greatest stable η·λ.
pub(super) fn limit(beta: f64, nu: f64) -> f64 {
    (2.0 + 2.0 * beta) / ((1.0 + beta) * (1.0 - nu) + nu * (1.0 - beta))
}

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;
    const STATE: &'static [&'static str] = &["v"];

    #[inline(always)]
    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        let (beta, nu) = (c.params[0], c.params[1]);
        let g = c.put(c.g);
        let faded = c.put(beta * c.state[0]);
        c.state[0] = c.put(faded + (S::one() - beta) * g);
        let d = c.put((S::one() - nu) * g + nu * c.state[0]);
        c.w + c.put(-(c.rate * d))
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // g = 2x, β 0.5, ν 0.25: v = 1, d = 1.5 + 0.25, w = 0.825; g = 1.65, v = 1.325, d = 1.2375 + 0.33125
        let path = [0.825, 0.825 - 0.1 * 1.56875];
        verify("qhm", &[0.5, 0.25], 0.1, |x| 2.0 * x, 1.0, &path);
    }
}
