//! Nesterov momentum in the look-ahead form: `v = μ v + η g(w − μ v); w −= v`.
//!
//! Sources: Nesterov, "A method of solving a convex programming problem with convergence rate
//! O(1/k²)" (1983); this form: Sutskever, Martens, Dahl and Hinton, "On the importance of
//! initialization and momentum in deep learning" (2013), with v counted downhill. PyTorch's
//! `nesterov=True` is another variant: it never leaves the iterate to look ahead.

use super::elementwise::{Coordinate, Elementwise, Scalar, build};
use super::momentum::MOMENTUM;
use super::terms::{G, Part, Phase, Quantity, UPDATE, Unit, Verb};
use super::{RuleInfo, Stability};

pub static INFO: RuleInfo = RuleInfo {
    name: "nesterov",
    title: "Nesterov",
    about: "Momentum that looks where its velocity will take it and brakes before it overshoots.",
    formula: "v ← μ v + η g(w − μ v)\nw ← w − v",
    source: "Nesterov 1983; look-ahead form Sutskever et al. 2013",
    usual_rate: 0.02,
    kin: None,
    params: &[MOMENTUM],
    quantities: &[
        Quantity {
            key: "lookahead",
            symbol: "−μ v",
            unit: Unit::Way,
            part: Part::Momentum,
            about: "the way from the iterate to the point at which the gradient is taken",
        },
        G,
        Quantity {
            key: "v",
            symbol: "v",
            unit: Unit::Way,
            part: Part::Momentum,
            about: "the velocity: a decaying sum of steps, counted downhill",
        },
        UPDATE,
    ],
    phases: &[
        Phase::new(
            Verb::Take,
            "lookahead",
            &["v"],
            "w − μ v",
            "First a look ahead, to where the velocity alone would lead: {lookahead} from here.",
        ),
        Phase::new(
            Verb::Take,
            "g",
            &["lookahead"],
            "g(w − μ v)",
            "The gradient is taken there: {g}.",
        ),
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
            "+ η g",
            "The gradient, times {eta}, is added to it: {v}.",
        ),
        Phase::new(
            Verb::Take,
            "update",
            &["v"],
            "w − v",
            "The step goes against the velocity: {update}.",
        ),
    ],
    stability: Stability::Plain(|params| (2.0 + 2.0 * params[0]) / (1.0 + 2.0 * params[0])),
    build: build::<Rule>,
};

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;
    const STATE: &'static [&'static str] = &["v"];

    fn look<S: Scalar>(c: &Coordinate<S>) -> Option<S> {
        Some(c.w - c.params[0] * c.state[0])
    }

    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        let mu = c.params[0];
        c.put(-(mu * c.state[0]));
        let g = c.put(c.g);
        let faded = c.put(mu * c.state[0]);
        c.state[0] = c.put(faded + c.rate * g);
        c.w + c.put(-c.state[0])
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // g = 2x, μ 0.5: v = 0.2, w = 0.8; ahead 0.7, v = 0.1 + 0.14 = 0.24, w = 0.56
        verify("nesterov", &[0.5], 0.1, |x| 2.0 * x, 1.0, &[0.8, 0.56]);
    }
}
