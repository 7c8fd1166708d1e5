//! L-BFGS: Newton's step with a curvature that is learnt from the last steps, and a step length that is searched for.
//!
//! Source: Nocedal and Wright, "Numerical Optimization" (2006), algorithm 7.4 (two-loop recursion) with backtracking (algorithm
//! 3.1, c = 1e-4, halving) from the rate, with exact losses also where gradients are sampled; the first step is min(1, 1/‖g‖₁) times the rate, as in PyTorch.
//! A step along which the loss curves down says nothing of a minimum, so nothing is learnt from it; lest the old
//! curvature keep steps short for ever, every such step in a row doubles where the next one is begun.

use std::collections::VecDeque;

use super::terms::{G, Part, Phase, Quantity, TAKE_G, Terms, UPDATE, Unit, Verb};
use super::{Optimizer, Oracle, Param, ParamKind, RuleInfo, Stability};

/// The decrease that a step must bring, as a share of what the slope promises.
const ARMIJO: f64 = 1e-4;
/// What a loss may be off by, relative to itself.
const ROUNDING: f64 = 64.0 * f64::EPSILON;
/// A step is halved so often at most.
const HALVINGS: usize = 40;
/// A step begins at most so many times the rate.
const MOST_STRETCH: f64 = 1e12;

pub static INFO: RuleInfo = RuleInfo {
    name: "lbfgs",
    title: "L-BFGS",
    about: "Learns the curvature from its last steps, divides the slope by it, and shortens the step until the loss falls.",
    formula: "d = B g,  B from the last m steps and changes of g\nw ← w − α d,  α = η, doubled while the loss curves down, halved until it falls enough",
    variants: &[],
    source: "Nocedal & Wright 2006, algorithms 7.4 and 3.1",
    usual_rate: 1.0,
    // Nobody else's rates suit it.
    kin: Some("lbfgs"),
    params: &[Param {
        key: "memory",
        symbol: "m",
        kind: ParamKind::Whole,
        default: 10.0,
        min: 1.0,
        max: 100.0,
        max_excluded: false,
        about: "How many of the last steps are remembered, a whole number; usual 10.",
    }],
    quantities: &[
        G,
        Quantity {
            key: "d",
            symbol: "d",
            unit: Unit::Way,
            part: Part::Momentum,
            about: "the gradient, divided by the curvature as far as it is known",
        },
        Quantity {
            key: "alpha",
            symbol: "α",
            unit: Unit::Number,
            part: Part::Update,
            about: "the step length",
        },
        UPDATE,
    ],
    phases: &[
        TAKE_G,
        Phase::new(
            Verb::Take,
            "d",
            &["g"],
            "d = B g",
            "The slope is divided by the curvature that the last steps have shown: {d}.",
        ),
        Phase::new(
            Verb::Take,
            "alpha",
            &["d"],
            "α = η, doubled while the loss curves down, halved until it falls enough",
            "From {eta}, or twice as much for every step in a row along which the loss curved down, the step length is halved until the loss falls by what the slope promises: {alpha}.",
        ),
        Phase::new(
            Verb::Take,
            "update",
            &["d"],
            "− α d",
            "The step goes against d, so many times as long: {update}.",
        ),
    ],
    stability: Stability::None,
    lanes: None,
    build: |params, dim| {
        Box::new(Lbfgs {
            memory: params[0].round().max(1.0) as usize,
            pairs: VecDeque::new(),
            stretch: 1.0,
            before: None,
            g: vec![0.0; dim],
        })
    },
};

/// A step, the change of the gradient over it, and their product.
type Pair = (Vec<f64>, Vec<f64>, f64);

#[derive(Clone)]
struct Lbfgs {
    memory: usize,
    pairs: VecDeque<Pair>,
    /// How many times the rate the next step begins with.
    stretch: f64,
    /// The last iterate and the gradient there.
    before: Option<(Vec<f64>, Vec<f64>)>,
    g: Vec<f64>,
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl Lbfgs {
    /// Takes note of the step that has led to `w`.
    fn learn(&mut self, w: &[f64]) {
        let now = (w.to_vec(), self.g.clone());
        if let Some((old_w, old_g)) = self.before.replace(now) {
            let way: Vec<f64> = w.iter().zip(&old_w).map(|(w, old)| w - old).collect();
            let change: Vec<f64> = self.g.iter().zip(&old_g).map(|(g, old)| g - old).collect();
            let product = dot(&way, &change);
            // Only where the loss curves upwards along the step does it say anything of a minimum.
            if product > f64::EPSILON * dot(&change, &change) && product.is_finite() {
                self.stretch = 1.0;
                self.pairs.push_back((way, change, product));
                if self.pairs.len() > self.memory {
                    self.pairs.pop_front();
                }
            } else if product < 0.0 {
                self.stretch = (2.0 * self.stretch).min(MOST_STRETCH);
            }
        }
    }

    fn direction(&mut self) -> Vec<f64> {
        let mut d = self.g.clone();
        let mut shares = Vec::new();
        for (way, change, product) in self.pairs.iter().rev() {
            let share = dot(way, &d) / product;
            d.iter_mut().zip(change).for_each(|(d, y)| *d -= share * y);
            shares.push(share);
        }
        if let Some((_, change, product)) = self.pairs.back() {
            let scale = product / dot(change, change);
            d.iter_mut().for_each(|d| *d *= scale);
        }
        for ((way, change, product), share) in self.pairs.iter().zip(shares.iter().rev()) {
            let back = dot(change, &d) / product;
            d.iter_mut()
                .zip(way)
                .for_each(|(d, s)| *d += (share - back) * s);
        }
        let downhill = dot(&d, &self.g) > 0.0 && d.iter().all(|d| d.is_finite());
        if !downhill {
            self.pairs.clear();
            return self.g.clone();
        }
        d
    }
}

impl Optimizer for Lbfgs {
    fn step(
        &mut self,
        w: &mut [f64],
        rate: f64,
        oracle: &mut dyn Oracle,
        terms: Option<&mut Terms>,
    ) {
        oracle.gradient(w, &mut self.g);
        self.learn(w);
        let d = self.direction();
        let sum: f64 = self.g.iter().map(|g| g.abs()).sum();
        let mut alpha = rate * self.stretch;
        if self.pairs.is_empty() && sum > 1.0 {
            alpha /= sum;
        }
        let here = oracle.value(w);
        let promised = ARMIJO * dot(&d, &self.g);
        // Close to a minimum the decrease is lost in the rounding of the losses, and the slopes are still good.
        let unseen = ROUNDING * here.abs();
        if here.is_finite() {
            let mut there = w.to_vec();
            for _ in 0..HALVINGS {
                there
                    .iter_mut()
                    .zip(&*w)
                    .zip(&d)
                    .for_each(|((there, w), d)| *there = w - alpha * d);
                if oracle.value(&there) <= here - alpha * promised + unseen {
                    break;
                }
                alpha *= 0.5;
            }
        }
        let update: Vec<f64> = d.iter().map(|d| -(alpha * d)).collect();
        let length = vec![alpha; w.len()];
        let parts = [&self.g, &d, &length, &update];
        super::terms::make(w, rate, Vec::new(), parts, &update, terms);
    }

    fn boxed(&self) -> Box<dyn Optimizer> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::descent::{Descent, Plan};
    use crate::objective::Formula;
    use crate::optimizer::Rule;

    fn losses(formula: &str, start: [f64; 2], steps: usize) -> Vec<f64> {
        let rule = Rule::named("lbfgs").expect("a rule");
        let plan = Plan {
            rate: 1.0,
            steps,
            ..Plan::of(rule, start.to_vec())
        };
        let objective = Arc::new(Formula::parse(formula).expect("a formula"));
        let mut descent = Descent::new(objective, plan);
        descent.run();
        descent.history().losses().to_vec()
    }

    #[test]
    fn the_loss_falls_at_every_step_down_to_the_minimum() {
        // From the second start the first steps meet a loss that curves down.
        for start in [[-1.2, 1.0], [-1.0, 2.0]] {
            let losses = losses("(1 - x)^2 + 100*(y - x^2)^2", start, 60);
            assert!(losses.windows(2).all(|pair| pair[1] <= pair[0]));
            assert!(
                losses.last().is_some_and(|last| *last < 1e-15),
                "{start:?}: {losses:?}"
            );
        }
    }

    #[test]
    fn a_quadratic_takes_a_few_steps() {
        let losses = losses("3x^2 + 50y^2 + x*y", [3.0, -2.0], 12);
        assert!(
            losses.last().is_some_and(|last| *last < 1e-20),
            "{losses:?}"
        );
    }
}
