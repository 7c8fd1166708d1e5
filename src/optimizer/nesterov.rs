//! Nesterov momentum in the look-ahead form: `v = μ v + η g(w − μ v); w −= v`.
//!
//! Sources: Nesterov, "A method of solving a convex programming problem with convergence rate
//! O(1/k²)" (1983); this form: Sutskever, Martens, Dahl and Hinton, "On the importance of
//! initialization and momentum in deep learning" (2013), with v counted downhill. With `form = "pytorch"` it is PyTorch's
//! `SGD(nesterov=True)`, which never leaves the iterate: `b = μ b + g; w −= η (g + μ b)`. At a constant rate its iterates are
//! the points to which the other one looks ahead.

use super::elementwise::{Coordinate, Elementwise, Scalar, build};
use super::lanes::LaneRule;
use super::momentum::MOMENTUM;
use super::terms::{G, Part, Phase, Quantity, TAKE_G, UPDATE, Unit, Verb};
use super::{Param, RuleInfo, Stability};

const FORM: &str = "form";

pub static INFO: RuleInfo = RuleInfo {
    name: "nesterov",
    title: "Nesterov",
    about: "Momentum that looks where its velocity will take it and brakes before it overshoots.",
    formula: "v ← μ v + η g(w − μ v)\nw ← w − v",
    variants: &[(FORM, "b ← μ b + g\nw ← w − η (g + μ b)")],
    source: "Nesterov 1983; look-ahead form Sutskever et al. 2013",
    usual_rate: 0.02,
    kin: None,
    params: &[
        MOMENTUM,
        Param::choice(
            FORM,
            &["lookahead", "pytorch"],
            "lookahead takes the gradient where the velocity will lead (Sutskever 2013); pytorch takes it at the iterate and adds the \
             velocity to it, as torch.optim.SGD does.",
        ),
    ],
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
        Quantity {
            key: "b",
            symbol: "b",
            unit: Unit::Slope,
            part: Part::Momentum,
            about: "the velocity of PyTorch's form: a decaying sum of gradients",
        },
        Quantity {
            key: "d",
            symbol: "d",
            unit: Unit::Slope,
            part: Part::Update,
            about: "the gradient with the velocity that it leads to",
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
        )
        .without(FORM),
        Phase::new(
            Verb::Take,
            "g",
            &["lookahead"],
            "g(w − μ v)",
            "The gradient is taken there: {g}.",
        )
        .without(FORM),
        TAKE_G.with(FORM),
        Phase::new(
            Verb::Change,
            "v",
            &[],
            "μ v",
            "The velocity fades to {momentum} of itself: {v}.",
        )
        .without(FORM),
        Phase::new(
            Verb::Add,
            "v",
            &["g"],
            "+ η g",
            "The gradient, times {eta}, is added to it: {v}.",
        )
        .without(FORM),
        Phase::new(
            Verb::Change,
            "b",
            &[],
            "μ b",
            "The velocity fades to {momentum} of itself: {b}.",
        )
        .with(FORM),
        Phase::new(
            Verb::Add,
            "b",
            &["g"],
            "+ g",
            "The gradient is added to it: {b}.",
        )
        .with(FORM),
        Phase::new(
            Verb::Take,
            "d",
            &["g", "b"],
            "g + μ b",
            "A look ahead: the gradient once more, with {momentum} of the velocity, {d}.",
        )
        .with(FORM),
        Phase::new(
            Verb::Take,
            "update",
            &["v"],
            "w − v",
            "The step goes against the velocity: {update}.",
        )
        .without(FORM),
        Phase::new(
            Verb::Take,
            "update",
            &["d"],
            "− η (g + μ b)",
            "The step goes the other way, {eta} times as long: {update}.",
        )
        .with(FORM),
    ],
    stability: Stability::Plain(|params| (2.0 + 2.0 * params[0]) / (1.0 + 2.0 * params[0])),
    build: build::<Rule>,
    lanes: Some(LaneRule::of::<Rule>()),
};

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;
    const STATE: &'static [&'static str] = &["v", "b"];
    const LOOKS: bool = true;

    #[inline(always)]
    fn look<S: Scalar>(c: &Coordinate<S>) -> S {
        let [mu, form] = [c.params[0], c.params[1]];
        form.where_positive(c.w, c.w - mu * c.state[0])
    }

    #[inline(always)]
    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        let [mu, form] = [c.params[0], c.params[1]];
        c.put(-(mu * c.state[0]));
        let g = c.put(c.g);
        c.put(g);
        let faded = c.put(mu * c.state[0]);
        c.state[0] = c.put(faded + c.rate * g);
        let faded = c.put(mu * c.state[1]);
        c.state[1] = c.put(faded + g);
        let d = c.put(g + mu * c.state[1]);
        let ahead = c.put(-c.state[0]);
        let step = c.put(-(c.rate * d));
        c.w + form.where_positive(step, ahead)
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // g = 2x, μ 0.5: v = 0.2, w = 0.8; ahead 0.7, v = 0.1 + 0.14 = 0.24, w = 0.56
        verify("nesterov", &[0.5, 0.0], 0.1, |x| 2.0 * x, 1.0, &[0.8, 0.56]);
        // At the iterate: b = 2, w = 1 − 0.1·(2 + 1) = 0.7; b = 1 + 1.4, w = 0.7 − 0.1·(1.4 + 1.2)
        verify("nesterov", &[0.5, 1.0], 0.1, |x| 2.0 * x, 1.0, &[0.7, 0.44]);
    }
}
