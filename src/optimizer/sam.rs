//! Sharpness-aware minimisation on plain gradient descent: the gradient is taken where the loss is highest nearby.
//!
//! Source: Foret, Kleiner, Mobahi and Neyshabur, "Sharpness-aware minimization for efficiently improving generalization" (2021),
//! algorithm 1. Both gradients are over the same samples.

use super::terms::{G, Part, Phase, Quantity, TAKE_G, Terms, UPDATE, Unit, Verb};
use super::{Optimizer, Oracle, Param, ParamKind, RuleInfo, Stability};

pub static INFO: RuleInfo = RuleInfo {
    name: "sam",
    title: "SAM",
    about: "Looks a little uphill first and steps by the gradient there, which leads to flat minima.",
    formula: "e = ρ g / ‖g‖\nw ← w − η g(w + e)",
    variants: &[],
    source: "Foret et al. 2021",
    usual_rate: 0.05,
    kin: Some("gd"),
    params: &[Param {
        key: "rho",
        symbol: "ρ",
        kind: ParamKind::Number,
        default: 0.05,
        min: 0.0,
        max: 10.0,
        max_excluded: false,
        about: "How far uphill it looks. Larger avoids sharper minima; 0 is plain gradient descent, usual 0.05.",
    }],
    quantities: &[
        G,
        Quantity {
            key: "e",
            symbol: "e",
            unit: Unit::Way,
            part: Part::Momentum,
            about: "the way to where the loss is highest nearby",
        },
        Quantity {
            key: "g_there",
            symbol: "g(w + e)",
            about: "the gradient there, over the same samples",
            ..G
        },
        UPDATE,
    ],
    phases: &[
        TAKE_G,
        Phase::new(
            Verb::Take,
            "e",
            &["g"],
            "e = ρ g / ‖g‖",
            "First a look uphill, {rho} far: {e} from here.",
        ),
        Phase::new(
            Verb::Take,
            "g_there",
            &["e"],
            "g(w + e)",
            "The gradient is taken there: {g_there}.",
        ),
        Phase::new(
            Verb::Take,
            "update",
            &["g_there"],
            "w − η",
            "From where the ball is, the step goes against it, {eta} times as long: {update}.",
        ),
    ],
    stability: Stability::None,
    lanes: None,
    build: |params, dim| {
        Box::new(Sam {
            rho: params[0],
            g: vec![0.0; dim],
            e: vec![0.0; dim],
            at: vec![0.0; dim],
            there: vec![0.0; dim],
        })
    },
};

#[derive(Clone)]
struct Sam {
    rho: f64,
    g: Vec<f64>,
    e: Vec<f64>,
    at: Vec<f64>,
    there: Vec<f64>,
}

impl Optimizer for Sam {
    fn step(
        &mut self,
        w: &mut [f64],
        rate: f64,
        oracle: &mut dyn Oracle,
        terms: Option<&mut Terms>,
    ) {
        oracle.gradient(w, &mut self.g);
        let length = self.g.iter().fold(0.0, |length: f64, g| length.hypot(*g));
        for (((e, at), w), g) in self.e.iter_mut().zip(&mut self.at).zip(&*w).zip(&self.g) {
            *e = if length > 0.0 {
                self.rho * (g / length)
            } else {
                0.0
            };
            *at = w + *e;
        }
        oracle.gradient_again(&self.at, &mut self.there);
        let update: Vec<f64> = self.there.iter().map(|g| -(rate * g)).collect();
        let parts = [&self.g, &self.e, &self.there, &update];
        super::terms::make(w, rate, Vec::new(), parts, &update, terms);
    }

    fn boxed(&self) -> Box<dyn Optimizer> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use crate::optimizer::tests::verify;

    #[test]
    fn two_steps_by_hand() {
        // g = 2x, ρ 0.5: at 1 the gradient of 1.5, 3: w = 0.7; at 0.7 that of 1.2, 2.4: w = 0.46
        verify("sam", &[0.5], 0.1, |x| 2.0 * x, 1.0, &[0.7, 0.46]);
    }
}
