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
pub mod lanes;
mod lbfgs;
mod lion;
mod momentum;
mod nadam;
mod nesterov;
mod newton;
mod qhadam;
mod qhm;
mod radam;
pub mod recorded;
mod rmsprop;
mod rprop;
mod sam;
pub mod sampling;
pub mod schedule;
pub mod terms;
mod wgsl;

use std::fmt::{self, Debug};

use lanes::LaneRule;

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

/// What values a hyperparameter has. All are kept as numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ParamKind {
    Number,
    /// A number without a fraction.
    Whole,
    /// No (0) or yes (1).
    Switch,
    /// One of these words, by its place.
    Choice(&'static [&'static str]),
}

/// A hyperparameter of a rule, as data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Param {
    /// Its key in an experiment file, such as `beta1`.
    pub key: &'static str,
    /// Its letter in the formula, such as `β₁`.
    pub symbol: &'static str,
    pub kind: ParamKind,
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
    /// One that is used, or is not.
    const fn switch(key: &'static str, default: bool, about: &'static str) -> Param {
        Param {
            key,
            symbol: "",
            kind: ParamKind::Switch,
            default: if default { 1.0 } else { 0.0 },
            min: 0.0,
            max: 1.0,
            max_excluded: false,
            about,
        }
    }

    /// One of a few words, the first of which is the usual one.
    const fn choice(
        key: &'static str,
        words: &'static [&'static str],
        about: &'static str,
    ) -> Param {
        Param {
            key,
            symbol: "",
            kind: ParamKind::Choice(words),
            default: 0.0,
            min: 0.0,
            max: words.len() as f64 - 1.0,
            max_excluded: false,
            about,
        }
    }

    /// Whether `value` is one of those allowed.
    pub fn accepts(&self, value: f64) -> bool {
        let in_range =
            value >= self.min && (value < self.max || (value == self.max && !self.max_excluded));
        in_range && (self.kind == ParamKind::Number || value.fract() == 0.0)
    }

    /// The allowed values in words, for messages: "a number at least 0 and below 1".
    pub fn expected(&self) -> String {
        let upper = if self.max_excluded {
            "below"
        } else {
            "at most"
        };
        let range = format!("at least {} and {upper} {}", self.min, self.max);
        match self.kind {
            ParamKind::Number => format!("a number {range}"),
            ParamKind::Whole => format!("a whole number {range}"),
            ParamKind::Switch => "true or false".to_owned(),
            ParamKind::Choice(words) => format!("one of {}", words.join(", ")),
        }
    }

    /// The word that stands for a value of a choice.
    pub fn word(&self, value: f64) -> Option<&'static str> {
        match self.kind {
            ParamKind::Choice(words) => words.get(value as usize).copied(),
            _ => None,
        }
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
    /// The same where a hyperparameter has another value than its usual one: its key, and the update.
    pub variants: &'static [(&'static str, &'static str)],
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
    /// Its step in lanes, where it treats every parameter alike.
    pub lanes: Option<LaneRule>,
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
pub const MAX_PARAMS: usize = 6;

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

    /// The same rule with other values, in the order of [`RuleInfo::params`]: such as they accept.
    pub fn with_values(self, values: [f64; MAX_PARAMS]) -> Rule {
        Rule { values, ..self }
    }

    /// The values in the order of [`RuleInfo::params`], and zeros after them.
    pub fn all_values(&self) -> [f64; MAX_PARAMS] {
        self.values
    }

    /// The values in the order of [`RuleInfo::params`].
    pub fn values(&self) -> &[f64] {
        &self.values[..self.info.params.len()]
    }

    /// Its step as WGSL, where it treats every parameter alike; `wgsl.rs` says what is in it.
    pub fn wgsl(&self) -> Option<String> {
        self.info.lanes.map(|lanes| (lanes.print)())
    }

    /// The update with these hyperparameters, in one or a few lines.
    pub fn formula(&self) -> &'static str {
        let is_unusual = |key: &str| {
            let param = self.info.param(key);
            param.is_some_and(|param| self.get(key) != Some(param.default))
        };
        let mut variants = self.info.variants.iter();
        let variant = variants.find(|(key, _)| is_unusual(key));
        variant.map_or(self.info.formula, |(_, formula)| formula)
    }

    /// The phases that a step has with these hyperparameters, each with its place among all. The move itself is not among them.
    pub fn phases(&self) -> impl Iterator<Item = (usize, &'static Phase)> {
        let phases = self.info.phases.iter().enumerate();
        phases.filter(|(_, phase)| phase.when.holds(self))
    }

    /// The greatest rate at which it is stable on a quadratic whose greatest eigenvalue is `curvature`, scaled as its
    /// [`Stability`] says; `None` where none is known, or where nothing curves upwards.
    pub fn limit(&self, curvature: f64) -> Option<f64> {
        let (most, pull) = self.stable()?;
        (curvature > 0.0).then(|| most / (curvature + pull))
    }

    /// The greatest eigenvalue with which it is stable at a rate; `None` where none is known.
    pub fn bearable(&self, rate: f64) -> Option<f64> {
        let (most, pull) = self.stable()?;
        Some(most / rate - pull)
    }

    /// It is stable while η (λ + the second) is below the first.
    fn stable(&self) -> Option<(f64, f64)> {
        match self.info.stability {
            Stability::None => None,
            // A pull towards the origin that is part of the gradient curves as well.
            Stability::Plain(limit) => {
                let pull = self.get("weight_decay").unwrap_or(0.0);
                Some((limit(self.values()), pull))
            }
            Stability::Scaled { limit, .. } => Some((limit(self.values()), 0.0)),
        }
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
mod tests;
