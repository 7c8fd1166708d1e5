//! What a step is made of, as data: the quantities of a rule, the phases in which they change, and their numbers in one step.

use super::Rule;

/// What a quantity's numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Of the gradient.
    Slope,
    /// Of the gradient's square.
    Square,
    /// The size of a gradient, never below 0.
    Size,
    /// Of nothing: a direction without a length of its own.
    Direction,
    /// Of the parameters.
    Way,
    /// Of anything else: a number that is only written.
    Number,
}

/// Which part a quantity has in a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The gradient, or what is made of it alone.
    Gradient,
    /// What is remembered of gradients.
    Momentum,
    /// What is remembered of their squares.
    Squares,
    /// The step.
    Update,
}

/// A quantity of a rule's formula, one number for each parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantity {
    /// Its name in results, such as `m_hat`.
    pub key: &'static str,
    /// Its letter in the formula, such as `m̂`.
    pub symbol: &'static str,
    pub unit: Unit,
    pub part: Part,
    /// What it is, in plain words.
    pub about: &'static str,
}

/// What happens in a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// A quantity is made of others.
    Take,
    /// Something is added to it.
    Add,
    /// It grows or shrinks as a whole: decay, scaling, division.
    Change,
}

/// A change of one quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Phase {
    pub verb: Verb,
    /// The quantity that changes.
    pub of: &'static str,
    /// The others that have a part in it.
    pub from: &'static [&'static str],
    /// The piece of the rule's formula that it is, as it stands there; empty for none.
    pub piece: &'static str,
    /// What happens, with names of quantities and hyperparameters in braces for their numbers: `{m}` as it is now, `{was}` what
    /// it was before, `{eta}` the rate.
    pub says: &'static str,
    pub when: When,
}

/// Whether a phase is part of the step, which a hyperparameter may decide.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum When {
    Always,
    /// If it is other than 0.
    With(&'static str),
    /// If it is 0.
    Without(&'static str),
}

impl When {
    pub fn holds(self, rule: &Rule) -> bool {
        let is_used = |key: &str| rule.get(key).is_some_and(|value| value != 0.0);
        match self {
            When::Always => true,
            When::With(key) => is_used(key),
            When::Without(key) => !is_used(key),
        }
    }
}

impl Phase {
    pub const fn new(
        verb: Verb,
        of: &'static str,
        from: &'static [&'static str],
        piece: &'static str,
        says: &'static str,
    ) -> Phase {
        Phase {
            verb,
            of,
            from,
            piece,
            says,
            when: When::Always,
        }
    }

    /// The same, where that hyperparameter is other than 0.
    pub const fn with(self, key: &'static str) -> Phase {
        let when = When::With(key);
        Phase { when, ..self }
    }

    /// The same, where that hyperparameter is 0.
    pub const fn without(self, key: &'static str) -> Phase {
        let when = When::Without(key);
        Phase { when, ..self }
    }
}

/// The gradient, which nearly every rule begins with.
pub const G: Quantity = Quantity {
    key: "g",
    symbol: "g",
    unit: Unit::Slope,
    part: Part::Gradient,
    about: "the gradient, as it was sampled",
};

/// The step, which every rule ends with: w(t+1) − w(t).
pub const UPDATE: Quantity = Quantity {
    key: "update",
    symbol: "Δw",
    unit: Unit::Way,
    part: Part::Update,
    about: "the step",
};

pub const TAKE_G: Phase = Phase::new(
    Verb::Take,
    "g",
    &[],
    " g",
    "The gradient here is {g}: it points uphill, and is as long as the slope is steep.",
);

/// The numbers of one step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Terms {
    /// What the rule remembered before the step: indices among its quantities, and their numbers.
    pub before: Vec<(usize, Vec<f64>)>,
    /// The changed quantity's numbers after each phase of the rule.
    pub phases: Vec<Vec<f64>>,
    /// w(t+1) − w(t).
    pub update: Vec<f64>,
    pub rate: f64,
}

/// Makes a step of a rule that does not go coordinate by coordinate: `parts` are its phases' numbers in their order.
pub(super) fn make<const N: usize>(
    w: &mut [f64],
    rate: f64,
    before: Vec<(usize, Vec<f64>)>,
    parts: [&Vec<f64>; N],
    update: &[f64],
    terms: Option<&mut Terms>,
) {
    let old = terms.is_some().then(|| w.to_vec());
    w.iter_mut()
        .zip(update)
        .for_each(|(w, update)| *w += update);
    if let Some((terms, old)) = terms.zip(old) {
        *terms = Terms {
            before,
            phases: parts.map(Vec::clone).to_vec(),
            update: w.iter().zip(old).map(|(w, old)| w - old).collect(),
            rate,
        };
    }
}

impl Terms {
    /// Every quantity of the rule with its numbers at the end of the step, in the rule's order; `update` last.
    pub fn quantities<'a>(
        &'a self,
        rule: &'a Rule,
    ) -> impl Iterator<Item = (&'static Quantity, &'a [f64])> {
        let info = rule.info();
        info.quantities.iter().map(move |quantity| {
            let phases = info.phases.iter().zip(&self.phases);
            let last = phases.rev().find(|(phase, _)| phase.of == quantity.key);
            let numbers = last.map_or(&[][..], |(_, numbers)| numbers);
            let update = quantity.key == UPDATE.key;
            (quantity, if update { &self.update } else { numbers })
        })
    }

    /// A phase in words, with the numbers of this step. `write` writes a quantity's numbers.
    pub fn sentence(&self, rule: &Rule, phase: usize, write: &dyn Fn(&[f64]) -> String) -> String {
        let info = rule.info();
        let Some(now) = info.phases.get(phase) else {
            return String::new();
        };
        let mut sentence = now.says.to_owned();
        let mut fill = |key: &str, text: &dyn Fn() -> String| {
            let name = format!("{{{key}}}");
            if sentence.contains(&name) {
                sentence = sentence.replace(&name, &text());
            }
        };
        for (index, quantity) in info.quantities.iter().enumerate() {
            fill(
                quantity.key,
                &|| match self.value_after(rule, phase, index) {
                    Some(numbers) => write(numbers),
                    None => "0".to_owned(),
                },
            );
        }
        fill("was", &|| {
            let of = info.quantities.iter().position(|q| q.key == now.of);
            match of.and_then(|of| self.value_before(rule, phase, of)) {
                Some(numbers) => write(numbers),
                None => "0".to_owned(),
            }
        });
        for (param, value) in info.params.iter().zip(rule.values()) {
            fill(param.key, &|| write(&[*value]));
        }
        fill("eta", &|| write(&[self.rate]));
        sentence
    }

    /// A quantity's numbers once a phase is over; `None` before they are known.
    pub fn value_after(&self, rule: &Rule, phase: usize, quantity: usize) -> Option<&[f64]> {
        let info = rule.info();
        let key = info.quantities.get(quantity)?.key;
        let done = info.phases.iter().zip(&self.phases).take(phase + 1);
        let last = done.rev().find(|(phase, _)| phase.of == key);
        let kept = || self.before.iter().find(|(of, _)| *of == quantity);
        match last {
            Some((_, numbers)) => Some(numbers),
            None => kept().map(|(_, numbers)| &**numbers),
        }
    }

    /// A quantity's numbers when a phase begins.
    pub fn value_before(&self, rule: &Rule, phase: usize, quantity: usize) -> Option<&[f64]> {
        match phase.checked_sub(1) {
            Some(earlier) => self.value_after(rule, earlier, quantity),
            None => {
                let kept = self.before.iter().find(|(of, _)| *of == quantity);
                kept.map(|(_, numbers)| &**numbers)
            }
        }
    }
}
