//! AdaDelta: `v = ρ v + (1−ρ) g²; d = g √(u + ε)/√(v + ε); u = ρ u + (1−ρ) d²; w −= η d`.
//!
//! Source: Zeiler, "ADADELTA: An adaptive learning rate method" (2012), algorithm 1. Variant: as
//! in PyTorch a rate η multiplies the step; the paper has η = 1.

use super::adagrad::EPS;
use super::elementwise::{Coordinate, Elementwise, Scalar, build};
use super::lanes::LaneRule;
use super::terms::{G, Part, Phase, Quantity, TAKE_G, UPDATE, Unit, Verb};
use super::{Param, ParamKind, RuleInfo, Stability};

pub static INFO: RuleInfo = RuleInfo {
    name: "adadelta",
    title: "AdaDelta",
    about: "Sizes its steps by those it took before: it starts slowly and needs no rate.",
    formula: "v ← ρ v + (1 − ρ) g²\nd = g √(u + ε) / √(v + ε)\nu ← ρ u + (1 − ρ) d²\nw ← w − η d",
    variants: &[],
    source: "Zeiler 2012",
    usual_rate: 1.0,
    kin: None,
    params: &[
        Param {
            key: "rho",
            symbol: "ρ",
            kind: ParamKind::Number,
            default: 0.9,
            min: 0.0,
            max: 1.0,
            max_excluded: true,
            about: "How long gradients and steps are remembered. Larger is smoother and slower; \
                    usual 0.9.",
        },
        Param {
            default: 1e-6,
            about: "Sets the size of the very first steps. Larger starts faster; usual 1e-6.",
            ..EPS
        },
    ],
    quantities: &[
        G,
        Quantity {
            key: "v",
            symbol: "v",
            unit: Unit::Square,
            part: Part::Squares,
            about: "a decaying mean of squared gradients",
        },
        Quantity {
            key: "d",
            symbol: "d",
            unit: Unit::Way,
            part: Part::Gradient,
            about: "the gradient, brought to the size that steps have had lately",
        },
        Quantity {
            key: "u",
            symbol: "u",
            unit: Unit::Number,
            part: Part::Squares,
            about: "a decaying mean of squared steps",
        },
        UPDATE,
    ],
    phases: &[
        TAKE_G,
        Phase::new(
            Verb::Change,
            "v",
            &[],
            "ρ v",
            "The mean of squared gradients fades to {rho} of itself: {v}. The rectangle's half-sides are its roots.",
        ),
        Phase::new(
            Verb::Add,
            "v",
            &["g"],
            "+ (1 − ρ) g²",
            "A little of the new square is added: {v}.",
        ),
        Phase::new(
            Verb::Take,
            "d",
            &["g", "v"],
            "g √(u + ε) / √(v + ε)",
            "The gradient is divided by its usual size and takes that of earlier steps, whose mean square is {u}: {d}.",
        ),
        Phase::new(
            Verb::Change,
            "u",
            &[],
            "ρ u",
            "The mean of squared steps fades: {u}.",
        ),
        Phase::new(
            Verb::Add,
            "u",
            &["d"],
            "+ (1 − ρ) d²",
            "A little of the new one's square is added: {u}.",
        ),
        Phase::new(
            Verb::Take,
            "update",
            &["d"],
            "− η d",
            "The step goes the other way, {eta} times as long: {update}.",
        ),
    ],
    stability: Stability::None,
    build: build::<Rule>,
    lanes: Some(LaneRule::of::<Rule>()),
};

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;
    const STATE: &'static [&'static str] = &["v", "u"];

    #[inline(always)]
    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        let (rho, eps) = (c.params[0], c.params[1]);
        let rest = S::one() - rho;
        let g = c.put(c.g);
        let faded = c.put(rho * c.state[0]);
        c.state[0] = c.put(faded + rest * g * g);
        let d = (g * (c.state[1] + eps).sqrt()).over((c.state[0] + eps).sqrt());
        c.put(d);
        let faded = c.put(rho * c.state[1]);
        c.state[1] = c.put(faded + rest * d * d);
        c.w + c.put(-(c.rate * d))
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // constant g = 2, ρ 0.5, ε 1: v = 2, d = 2/√3, u = 2/3; v = 3, d = 2 √(5/3)/√4 = √(5/3)
        let first = 1.0 - 2.0 / 3f64.sqrt();
        let path = [first, first - (5f64 / 3.0).sqrt()];
        verify("adadelta", &[0.5, 1.0], 1.0, |_| 2.0, 1.0, &path);
    }
}
