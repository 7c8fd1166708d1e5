//! Update rules: how the next parameters follow from gradients.
//!
//! Every rule is one file that states its formula and its source and holds its [`RuleInfo`]: the
//! experiment file, the command line and the app's sliders read the rules as data.

mod adadelta;
mod adagrad;
mod adam;
mod adamax;
mod adamw;
mod amsgrad;
pub mod elementwise;
mod gd;
mod lbfgs;
mod lion;
mod momentum;
mod nadam;
mod nesterov;
mod newton;
mod qhadam;
mod qhm;
mod radam;
mod rmsprop;
mod rprop;
mod sam;
pub mod sampling;
pub mod schedule;
pub mod terms;

use std::fmt::{self, Debug};

pub use sampling::Sampling;
pub use schedule::{Pace, Schedule, ScheduleKind};
pub use terms::{Phase, Quantity, Terms};

/// What a rule may ask about the loss.
pub trait Oracle {
    /// Writes the gradient at `point`, as it is sampled, into `out`.
    fn gradient(&mut self, point: &[f64], out: &mut [f64]);

    /// The same over the samples, or with the noise, of the last call.
    fn gradient_again(&mut self, point: &[f64], out: &mut [f64]) {
        self.gradient(point, out);
    }

    /// The exact loss at `point`; NaN where nobody can tell.
    fn value(&mut self, point: &[f64]) -> f64 {
        let _ = point;
        f64::NAN
    }

    /// Writes the exact Hessian at `point`, n×n, row-major, into `out`; false where there is none.
    fn hessian(&mut self, point: &[f64], out: &mut [f64]) -> bool {
        let _ = (point, out);
        false
    }
}

impl<F: FnMut(&[f64], &mut [f64])> Oracle for F {
    fn gradient(&mut self, point: &[f64], out: &mut [f64]) {
        self(point, out);
    }
}

/// An update rule with its state. It sees only what the oracle tells.
pub trait Optimizer: Send + Sync {
    /// One update of `w` in place with the learning rate `rate`. `terms`, if they are wanted, are filled with what the step is
    /// made of.
    fn step(
        &mut self,
        w: &mut [f64],
        rate: f64,
        oracle: &mut dyn Oracle,
        terms: Option<&mut Terms>,
    );

    /// The same in the same state.
    fn boxed(&self) -> Box<dyn Optimizer>;
}

/// The greatest rate η at which a rule is stable on a quadratic.
#[derive(Clone, Copy)]
pub enum Stability {
    /// None is known, or there is none.
    None,
    /// η λ of the Hessian's greatest eigenvalue λ stays below what these hyperparameters give.
    Plain(fn(&[f64]) -> f64),
    /// The same for P⁻¹H, where P has √(the quantity `by`) + `eps` on its diagonal and is held still.
    Scaled {
        by: &'static str,
        eps: &'static str,
        limit: fn(&[f64]) -> f64,
    },
}

/// A hyperparameter of a rule, as data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Param {
    /// Its key in an experiment file, such as `beta1`.
    pub key: &'static str,
    /// Its letter in the formula, such as `β₁`.
    pub symbol: &'static str,
    /// The usual value.
    pub default: f64,
    /// The least value allowed.
    pub min: f64,
    /// The greatest value allowed.
    pub max: f64,
    /// Whether `max` itself is excluded (β < 1).
    pub max_excluded: bool,
    /// What turning it does, in plain words.
    pub about: &'static str,
}

impl Param {
    /// Whether `value` lies in the allowed range.
    pub fn accepts(&self, value: f64) -> bool {
        value >= self.min && (value < self.max || (value == self.max && !self.max_excluded))
    }

    /// The allowed range in words, for messages: "at least 0 and below 1".
    pub fn range(&self) -> String {
        let upper = if self.max_excluded {
            "below"
        } else {
            "at most"
        };
        format!("at least {} and {upper} {}", self.min, self.max)
    }
}

/// An update rule as data.
pub struct RuleInfo {
    /// Its name in an experiment file, such as `adam`.
    pub name: &'static str,
    /// Its name for people, such as `Adam`.
    pub title: &'static str,
    /// What it does, in one plain sentence.
    pub about: &'static str,
    /// The update, in one or a few lines.
    pub formula: &'static str,
    /// Where it was published.
    pub source: &'static str,
    /// The learning rate people start with on small test functions.
    pub usual_rate: f64,
    /// The rule whose rates suit it, where nobody suggests others.
    pub kin: Option<&'static str>,
    /// Its hyperparameters.
    pub params: &'static [Param],
    /// The quantities of its formula; the last one is `update`.
    pub quantities: &'static [Quantity],
    /// What happens to them in a step, in order. The ball's move is not among them.
    pub phases: &'static [Phase],
    pub stability: Stability,
    /// Makes an optimizer for `dim` parameters; the values are in the order of `params`.
    pub build: fn(params: &[f64], dim: usize) -> Box<dyn Optimizer>,
}

impl RuleInfo {
    /// The hyperparameter of that key, if the rule has it.
    pub fn param(&self, key: &str) -> Option<&'static Param> {
        self.params.iter().find(|param| param.key == key)
    }
}

impl Debug for RuleInfo {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_tuple("RuleInfo").field(&self.name).finish()
    }
}

/// Every rule, from the plainest to the newest.
pub static RULES: &[&RuleInfo] = &[
    &gd::INFO,
    &momentum::INFO,
    &nesterov::INFO,
    &adagrad::INFO,
    &rmsprop::INFO,
    &adadelta::INFO,
    &adam::INFO,
    &amsgrad::INFO,
    &adamw::INFO,
    &nadam::INFO,
    &lion::INFO,
    &qhm::INFO,
    &qhadam::INFO,
    &adamax::INFO,
    &radam::INFO,
    &rprop::INFO,
    &sam::INFO,
    &newton::INFO,
    &lbfgs::INFO,
];

/// The most hyperparameters any rule has.
const MAX_PARAMS: usize = 6;

/// A rule with values for its hyperparameters.
#[derive(Clone, Copy)]
pub struct Rule {
    info: &'static RuleInfo,
    values: [f64; MAX_PARAMS],
}

impl Rule {
    /// The rule of that name with its usual hyperparameters.
    pub fn named(name: &str) -> Option<Rule> {
        RULES
            .iter()
            .find(|info| info.name == name)
            .map(|info| Rule::new(info))
    }

    /// A rule with its usual hyperparameters.
    pub fn new(info: &'static RuleInfo) -> Rule {
        let mut values = [0.0; MAX_PARAMS];
        for (value, param) in values.iter_mut().zip(info.params) {
            *value = param.default;
        }
        Rule { info, values }
    }

    /// The rule as data.
    pub fn info(&self) -> &'static RuleInfo {
        self.info
    }

    /// The value of a hyperparameter; `None` if the rule lacks it.
    pub fn get(&self, key: &str) -> Option<f64> {
        self.index(key).map(|i| self.values[i])
    }

    /// Sets a hyperparameter. Returns false, and leaves it, if the rule lacks it or the value is
    /// out of its range.
    pub fn set(&mut self, key: &str, value: f64) -> bool {
        match self.index(key) {
            Some(i) if self.info.params[i].accepts(value) => {
                self.values[i] = value;
                true
            }
            _ => false,
        }
    }

    /// The values in the order of [`RuleInfo::params`].
    pub fn values(&self) -> &[f64] {
        &self.values[..self.info.params.len()]
    }

    /// The number of phases of a step with these hyperparameters, the move itself included.
    pub fn phases(&self) -> usize {
        let is_idle = |key: &str| self.get(key).is_none_or(|value| value == 0.0);
        let phases = self.info.phases.iter();
        1 + phases
            .filter(|phase| !phase.needs.is_some_and(is_idle))
            .count()
    }

    /// An optimizer in its initial state for `dim` parameters.
    pub fn build(&self, dim: usize) -> Box<dyn Optimizer> {
        (self.info.build)(self.values(), dim)
    }

    fn index(&self, key: &str) -> Option<usize> {
        self.info.params.iter().position(|param| param.key == key)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.info.name == other.info.name && self.values() == other.values()
    }
}

impl Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut out = f.debug_struct(self.info.name);
        for (param, value) in self.info.params.iter().zip(self.values()) {
            out.field(param.key, value);
        }
        out.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64;

    use super::*;

    /// Checks the parameters after each update of a rule in one variable, whose gradient is
    /// `slope`, against numbers worked out by hand.
    pub(super) fn verify(
        name: &str,
        params: &[f64],
        rate: f64,
        slope: impl Fn(f64) -> f64,
        start: f64,
        expected: &[f64],
    ) {
        let mut rule = Rule::named(name).expect("a rule");
        assert_eq!(params.len(), rule.values().len());
        rule.values[..params.len()].copy_from_slice(params);
        let mut optimizer = rule.build(1);
        let mut w = [start];
        for (step, expected) in expected.iter().enumerate() {
            let mut gradient = |point: &[f64], out: &mut [f64]| out[0] = slope(point[0]);
            optimizer.step(&mut w, rate, &mut gradient, None);
            let error = (w[0] - expected).abs();
            assert!(
                error <= 1e-14 * expected.abs().max(1.0),
                "{name}, step {step}: {} instead of {expected}",
                w[0]
            );
        }
    }

    #[test]
    fn rules_are_complete_and_distinct() {
        let names: HashSet<_> = RULES.iter().map(|info| info.name).collect();
        assert_eq!(names.len(), RULES.len());
        for info in RULES {
            assert!(info.params.len() <= MAX_PARAMS, "{}", info.name);
            for text in [info.title, info.about, info.formula, info.source] {
                assert!(!text.is_empty(), "{}", info.name);
            }
            for param in info.params {
                assert!(param.accepts(param.default), "{} {}", info.name, param.key);
                assert!(!param.about.is_empty());
            }
        }
    }

    #[test]
    fn a_rule_refuses_what_it_lacks_and_what_is_out_of_range() {
        let mut adam = Rule::named("adam").expect("a rule");
        assert_eq!(adam.get("beta1"), Some(0.9));
        assert!(adam.set("beta1", 0.5));
        assert_eq!(adam.get("beta1"), Some(0.5));
        for (key, value) in [
            ("momentum", 0.5),
            ("beta1", 1.0),
            ("beta1", -0.1),
            ("eps", f64::NAN),
        ] {
            assert!(!adam.set(key, value), "{key} = {value}");
        }
        assert_eq!(adam.values(), [0.5, 0.999, 1e-8]);
        assert_ne!(adam, Rule::named("adam").expect("a rule"));
        assert!(Rule::named("Adam").is_none());
    }

    #[test]
    fn without_a_guard_no_rule_divides_by_zero() {
        // No slope along the first axis, and one along the second whose square is too small for a number.
        for info in RULES {
            let mut rule = Rule::new(info);
            rule.set("eps", 0.0);
            let mut optimizer = rule.build(3);
            let mut w = [1.0, 2.0, 3.0];
            for _ in 0..3 {
                let mut gradient = |_: &[f64], out: &mut [f64]| {
                    out.copy_from_slice(&[0.0, 1e-200, 1.0]);
                };
                optimizer.step(&mut w, 0.1, &mut gradient, None);
            }
            assert!(w.iter().all(|w| w.is_finite()), "{}: {w:?}", info.name);
            let decay = rule.get("weight_decay").unwrap_or(0.0);
            assert!(
                (w[0] - (1.0 - 0.1 * decay).powi(3)).abs() < 1e-15,
                "{}: {w:?}",
                info.name
            );
        }
    }

    /// A rule with other values than its usual ones, seeded.
    fn varied(info: &'static RuleInfo, rng: &mut Pcg64) -> Rule {
        let mut rule = Rule::new(info);
        for (value, param) in rule.values.iter_mut().zip(info.params) {
            let [low, high] = [param.min, param.max.min(1.0)];
            *value = low + (high - low) * rng.random_range(0.0..0.99);
        }
        rule
    }

    #[test]
    fn the_phases_make_the_step() {
        for info in RULES {
            for seed in 0..100 {
                let mut rng = Pcg64::seed_from_u64(seed);
                let rule = varied(info, &mut rng);
                let mut optimizer = rule.build(3);
                let mut w = [0, 1, 2].map(|_| rng.random_range(-2.0..2.0));
                let mut gradient = |w: &[f64], out: &mut [f64]| {
                    out.copy_from_slice(&[2.0 * w[0] + w[1], w[0] + 30.0 * w[1], 0.1 * w[2]]);
                };
                for _ in 0..rng.random_range(0..6) {
                    optimizer.step(&mut w, 0.01, &mut gradient, None);
                }
                let mut other = optimizer.boxed();
                let (mut terms, before, mut silent) = (Terms::default(), w, w);
                optimizer.step(&mut w, 0.01, &mut gradient, Some(&mut terms));
                other.step(&mut silent, 0.01, &mut gradient, None);
                assert_eq!(w, silent, "{}: looking changes nothing", info.name);
                assert_eq!(terms.phases.len(), info.phases.len(), "{}", info.name);
                let (last, update) = terms.quantities(&rule).last().expect("quantities");
                assert_eq!((last.key, update), ("update", &*terms.update));
                let mut made = info.phases.iter().zip(&terms.phases);
                let (_, made) = made
                    .rfind(|(phase, _)| phase.of == "update")
                    .unwrap_or_else(|| panic!("{}: no phase makes the update", info.name));
                for axis in 0..3 {
                    let there = before[axis] + made[axis];
                    let ulp = w[axis].abs().next_up() - w[axis].abs();
                    assert!(
                        (there - w[axis]).abs() <= ulp,
                        "{}, seed {seed}: {there} instead of {}",
                        info.name,
                        w[axis]
                    );
                }
            }
        }
    }

    #[test]
    fn phases_name_what_there_is() {
        for info in RULES {
            let rule = Rule::new(info);
            let known = |key: &str| info.quantities.iter().any(|q| q.key == key);
            assert!(
                info.phases.len() <= elementwise::MAX_PHASES,
                "{}",
                info.name
            );
            let mut optimizer = rule.build(2);
            let (mut w, mut terms) = ([0.5, -1.0], Terms::default());
            let mut gradient =
                |w: &[f64], out: &mut [f64]| out.copy_from_slice(&[3.0 * w[0], w[1]]);
            optimizer.step(&mut w, 0.1, &mut gradient, Some(&mut terms));
            for (index, phase) in info.phases.iter().enumerate() {
                let place = format!("{}, phase {index}", info.name);
                assert!(known(phase.of), "{place}: {}", phase.of);
                assert!(phase.from.iter().all(|key| known(key)), "{place}");
                assert!(
                    info.formula.contains(phase.piece),
                    "{place}: {}",
                    phase.piece
                );
                assert!(
                    phase.needs.is_none_or(|key| info.param(key).is_some()),
                    "{place}"
                );
                let sentence = terms.sentence(&rule, index, &|numbers| format!("{numbers:?}"));
                assert!(
                    !sentence.is_empty() && !sentence.contains(['{', '}']),
                    "{place}: {sentence}"
                );
            }
            for quantity in info.quantities {
                let made = info.phases.iter().any(|phase| phase.of == quantity.key);
                assert!(made, "{}: {} is never made", info.name, quantity.key);
            }
        }
    }

    #[test]
    fn every_rule_goes_downhill_on_a_bowl() {
        for info in RULES {
            let mut optimizer = Rule::new(info).build(2);
            let mut w = [2.0, -1.5];
            for _ in 0..400 {
                let mut gradient = |w: &[f64], out: &mut [f64]| {
                    out.copy_from_slice(&[2.0 * w[0], 3.0 * w[1]]);
                };
                optimizer.step(&mut w, info.usual_rate, &mut gradient, None);
            }
            let loss = w[0].powi(2) + 1.5 * w[1].powi(2);
            assert!(loss < 0.5, "{}: {loss} at {w:?}", info.name);
        }
    }
}
