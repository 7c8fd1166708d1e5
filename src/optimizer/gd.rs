//! Gradient descent: `w −= η g`.
//!
//! Source: Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées"
//! (1847). With sampled gradients it is stochastic gradient descent (Robbins and Monro, 1951).

use super::elementwise::{Coordinate, Elementwise, Scalar, build};
use super::terms::{G, Phase, TAKE_G, UPDATE, Verb};
use super::{RuleInfo, Stability};

pub static INFO: RuleInfo = RuleInfo {
    name: "gd",
    title: "Gradient descent",
    about: "Steps straight downhill, further where it is steeper.",
    formula: "w ← w − η g",
    source: "Cauchy 1847; with sampled gradients Robbins & Monro 1951",
    usual_rate: 0.05,
    kin: None,
    params: &[],
    quantities: &[G, UPDATE],
    phases: &[
        TAKE_G,
        Phase::new(
            Verb::Take,
            "update",
            &["g"],
            "− η g",
            "The step goes the other way, {eta} times as long: {update}.",
        ),
    ],
    stability: Stability::Plain(|_| 2.0),
    build: build::<Rule>,
};

struct Rule;

impl Elementwise for Rule {
    const INFO: &'static RuleInfo = &INFO;

    fn update<S: Scalar>(c: &mut Coordinate<S>) -> S {
        let g = c.put(c.g);
        c.w + c.put(-(c.rate * g))
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // f = x², g = 2x: 1 → 1 − 0.1·2 → 0.8 − 0.1·1.6
        verify("gd", &[], 0.1, |x| 2.0 * x, 1.0, &[0.8, 0.64]);
    }
}
