//! Rprop: every coordinate has a step of its own, which grows while the slope keeps its sign and shrinks where it changes.
//!
//! Source: Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning: the RPROP algorithm" (1993);
//! after a change of sign the gradient counts as 0, as in PyTorch (Rprop without backtracking, Igel and Hüsken 2000).

use super::elementwise::{Coordinate, Elementwise, Scalar, build};
use super::lanes::LaneRule;
use super::terms::{G, Part, Phase, Quantity, TAKE_G, UPDATE, Unit, Verb};
use super::{Param, ParamKind, RuleInfo, Stability};

pub static INFO: RuleInfo = RuleInfo {
    name: "rprop",
    title: "Rprop",
    about: "Looks at the slopes' signs alone: steps grow while a sign stays, and are halved where it changes.",
    formula: "Δ ← Δ η₊ where g keeps its sign, Δ η₋ and g = 0 where it changes\nw ← w − sign(g) Δ",
    variants: &[],
    source: "Riedmiller & Braun 1993",
    usual_rate: 0.05,
    kin: None,
    params: &[
        Param {
            key: "eta_minus",
            symbol: "η₋",
            kind: ParamKind::Number,
            default: 0.5,
            min: 0.0,
            max: 1.0,
            max_excluded: true,
            about: "What a step is multiplied by where the slope has changed its sign; usual 0.5.",
        },
        Param {
            key: "eta_plus",
            symbol: "η₊",
            kind: ParamKind::Number,
            default: 1.2,
            min: 1.0,
            max: 10.0,
            max_excluded: false,
            about: "What a step is multiplied by while the slope keeps its sign; usual 1.2.",
        },
        Param {
            key: "step_min",
            symbol: "Δ min",
            kind: ParamKind::Number,
            default: 1e-6,
            min: 0.0,
            max: 1.0,
            max_excluded: false,
            about: "The least step; usual 1e-6.",
        },
        Param {
            key: "step_max",
            symbol: "Δ max",
            kind: ParamKind::Number,
            default: 50.0,
            min: 0.0,
            max: 1e9,
            max_excluded: false,
            about: "The greatest step; usual 50.",
        },
    ],
    quantities: &[
        Quantity {
            key: "previous",
            symbol: "g before",
            about: "the gradient of the step before, 0 where its sign had changed",
            ..G
        },
        G,
        Quantity {
            key: "delta",
            symbol: "Δ",
            unit: Unit::Number,
            part: Part::Squares,
            about: "every coordinate's own step",
        },
        UPDATE,
    ],
    phases: &[
        TAKE_G,
        Phase::new(
            Verb::Change,
            "delta",
            &["g", "previous"],
            "Δ η₊ where g keeps its sign, Δ η₋",
            "Against the last gradient, {previous}: steps grow where the sign is the same and shrink where it changed. They are {delta} now.",
        ),
        Phase::new(
            Verb::Take,
            "previous",
            &["g"],
            "g = 0 where it changes",
            "Where the sign changed, the gradient counts as 0: {previous}.",
        ),
        Phase::new(
            Verb::Take,
            "update",
            &["previous"],
            "− sign(g) Δ",
            "Each coordinate moves by its step, against the sign: {update}.",
        ),
    ],
    stability: Stability::None,
    build: build::<Rule>,
    lanes: Some(LaneRule::of::<Rule>()),
};

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;
    const STATE: &'static [&'static str] = &["previous", "delta"];

    #[inline(always)]
    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        let [minus, plus, least, most] = [0, 1, 2, 3].map(|i| c.params[i]);
        let g = c.put(c.g);
        // The first step is as long as the rate.
        let delta = c.state[1].where_positive(c.state[1], c.rate);
        let turn = g * c.state[0];
        let turned = (-turn).where_positive(S::one(), S::from_f64(0.0));
        let factor = turn.where_positive(plus, turned.where_positive(minus, S::one()));
        c.state[1] = c.put((delta * factor).max(least).min(most));
        // NaN stays NaN, so that an undefined gradient is noticed.
        c.state[0] = c.put(turned.where_positive(S::from_f64(0.0), g));
        c.w + c.put(-(c.state[0].sign() * c.state[1]))
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn steps_grow_shrink_and_wait() {
        // 0.4 at first, then 0.48; at 0.12 the slope still points down: 0.576 → −0.456; the sign has changed: 0.288, and no
        // move; then the sign is new again: 0.288 → −0.168
        let path = [0.6, 0.12, -0.456, -0.456, -0.168];
        let params = [0.5, 1.2, 1e-6, 50.0];
        verify("rprop", &params, 0.4, |x| 2.0 * x, 1.0, &path);
    }
}
