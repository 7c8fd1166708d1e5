//! The `[explain]` table: which steps are explained phase by phase, and what is drawn at every ball.

use std::fmt;
use std::str::FromStr;

use super::keys::{Form, Keys, key};
use super::names::{UnknownName, choose, expected};
use super::reader::{Field, Table};
use super::view::named_enum;
use super::writer::{Writer, list, number, quoted};
use super::{DescentSpec, Experiment, MAX_STEPS};

named_enum! {
    /// What is drawn at every ball while the descents run.
    Overview {
        /// The gradient that the rule was given, pointing uphill as gradients do.
        #[default]
        Gradient = "gradient",
        /// The decaying sum or mean of gradients.
        Momentum = "momentum",
        /// Sums or means of squared gradients: a rectangle whose half-sides are their roots.
        Squares = "squares",
        /// The step that the rule makes of it.
        Update = "update",
        /// The quadratic model of the loss, with the directions of least and of greatest curvature.
        Curvature = "curvature",
    }
}

/// How descents are explained.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainSettings {
    /// Of the descents that are explained: the updates from the first up to, but not including, the second; `None` for all.
    pub steps: Option<[usize; 2]>,
    /// Playback time of one phase.
    pub seconds_per_phase: f64,
    /// Whether each of [`Overview::ALL`] is drawn at every ball.
    pub overview: [bool; Overview::ALL.len()],
}

impl Default for ExplainSettings {
    fn default() -> ExplainSettings {
        ExplainSettings {
            steps: None,
            seconds_per_phase: 1.5,
            overview: [false; Overview::ALL.len()],
        }
    }
}

impl ExplainSettings {
    pub fn shows(&self, what: Overview) -> bool {
        self.overview[what as usize]
    }

    /// The updates that are explained, of so many.
    pub fn range(&self, last_step: usize) -> std::ops::Range<usize> {
        let [from, to] = self.steps.unwrap_or([0, last_step]);
        from.min(last_step)..to.min(last_step)
    }
}

impl Experiment {
    /// Explains the steps of every descent of that name.
    ///
    /// # Errors
    /// If none is called so.
    pub fn explain_descent(&mut self, name: &str) -> Result<(), UnknownName> {
        let named = |descent: &&mut DescentSpec| descent.name == name;
        let descents = self.panels.iter_mut().flat_map(|panel| &mut panel.descents);
        let mut found = false;
        for descent in descents.filter(named) {
            (descent.explained, descent.shown, found) = (true, true, true);
        }
        if found {
            return Ok(());
        }
        let descents = self.panels.iter().flat_map(|panel| &panel.descents);
        let names = descents.map(|descent| &*descent.name);
        Err(UnknownName {
            found: name.to_owned(),
            expected: if names.clone().next().is_some() {
                expected(name, names)
            } else {
                "and the experiment has no descent".to_owned()
            },
        })
    }

    /// The most phases that a step has of a descent that is explained; `None` where none is.
    pub fn explained_phases(&self) -> Option<usize> {
        let descents = self.panels.iter().flat_map(|panel| &panel.descents);
        let explained = descents.filter(|descent| descent.explained && descent.shown);
        explained
            .map(|descent| 1 + descent.plan.rule.phases().count())
            .max()
    }
}

pub(super) const KEYS: Keys = Keys {
    header: "[explain]",
    example: "",
    about: "How the steps of descents with `explain = true` are taken apart.",
    groups: &[&[
        key(
            "steps",
            Form::As("[first, last], two steps, the second the greater"),
            "all steps",
            "`[0, 3]` takes apart the updates from step 0 on, up to step 3",
        ),
        key(
            "seconds_per_phase",
            Form::Number("seconds above 0, at most 60", |s| s > 0.0 && s <= 60.0),
            "`1.5`",
            "how long a phase lasts",
        ),
        key(
            "overview",
            Form::As("a list, as in [\"gradient\", \"update\"]"),
            "`[]`",
            "what is drawn at every ball: `gradient`, `momentum`, `squares`, `update`, `curvature`",
        ),
    ]],
};

/// Reads the table.
pub(super) fn settings(table: &Table) -> ExplainSettings {
    let default = ExplainSettings::default();
    let steps = table.get("steps").and_then(|f| steps(&f));
    let settings = ExplainSettings {
        steps,
        seconds_per_phase: table
            .get("seconds_per_phase")
            .and_then(|f| f.number())
            .unwrap_or(default.seconds_per_phase),
        overview: table
            .get("overview")
            .and_then(|f| overview(&f))
            .unwrap_or_default(),
    };
    table.finish();
    settings
}

fn steps(field: &Field) -> Option<[usize; 2]> {
    let items = field.items()?;
    let [from, to] = &items[..] else {
        return field.fail_form();
    };
    let (from, to) = (from.count_from(0, MAX_STEPS)?, to.count_from(1, MAX_STEPS)?);
    if from >= to {
        return field.fail_form();
    }
    Some([from, to])
}

fn overview(field: &Field) -> Option<[bool; Overview::ALL.len()]> {
    let items = field.items()?;
    let mut shown = [false; Overview::ALL.len()];
    for item in &items {
        shown[item.choice(Overview::NAMED)? as usize] = true;
    }
    Some(shown)
}

/// Writes what differs from the default.
pub(super) fn write(out: &mut Writer, settings: &ExplainSettings) {
    let usual = ExplainSettings::default();
    out.begin("[explain]");
    if let Some(steps) = settings.steps {
        out.key("steps", list(steps.map(|step| step.to_string())));
    }
    let seconds = settings.seconds_per_phase;
    out.key_unless(
        &usual.seconds_per_phase,
        "seconds_per_phase",
        &seconds,
        number(seconds),
    );
    let shown = Overview::ALL.iter().filter(|what| settings.shows(**what));
    let shown = list(shown.map(|what| quoted(what.name())));
    out.key_unless(&usual.overview, "overview", &settings.overview, shown);
    out.end();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(explain: &str) -> Result<Experiment, super::super::ExperimentError> {
        let text = format!(
            "steepest = 1\n[[panel]]\nobjective = \"bowl\"\n[[panel.descent]]\nrule = \"adam\"\nrate = 0.1\n\
             start = [1, 1]\nsteps = 9\nexplain = true\n[explain]\n{explain}"
        );
        Experiment::parse(&text, "test")
    }

    #[test]
    fn what_is_written_reads_back() {
        for text in [
            "",
            "steps = [0, 3]",
            "seconds_per_phase = 0.5\noverview = [\"update\", \"gradient\"]",
        ] {
            let experiment = parse(text).expect("valid");
            assert!(experiment.panels[0].descents[0].explained);
            let again = Experiment::parse(&experiment.to_toml(), "test").expect("valid");
            assert_eq!(again, experiment);
        }
        let explain = parse("overview = [\"update\"]").expect("valid").explain;
        assert!(explain.shows(Overview::Update) && !explain.shows(Overview::Gradient));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, message) in [
            ("steps = [3, 3]", "two steps, the second the greater"),
            ("steps = [3]", "two steps, the second the greater"),
            ("steps = [-1, 3]", "expected a whole number"),
            ("seconds_per_phase = 0", "seconds above 0"),
            ("overview = [\"gradeint\"]", "gradient"),
            ("overview = \"gradient\"", "a list"),
            ("overveiw = []", "overview"),
        ] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    #[test]
    fn the_steps_explained_end_with_the_run() {
        let settings = ExplainSettings {
            steps: Some([2, 50]),
            ..ExplainSettings::default()
        };
        assert_eq!(settings.range(9), 2..9);
        assert_eq!(settings.range(1), 1..1);
        assert_eq!(ExplainSettings::default().range(9), 0..9);
    }
}
