//! Which descents of an experiment are to be tuned, in words, and what is searched of each; and the experiment with what was found.

use super::map::{no_descent, varied_plan, wrong};
use super::names::did_you_mean;
use super::{Experiment, MapError, Panel};
use crate::descent::Plan;
use crate::maps::{Axis, Cell, Entrant, Span, searched};

/// What is asked for. What is not said is as usual.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TuneSpec {
    /// The index of the panel; usually all panels.
    pub panel: Option<usize>,
    /// The descents' names; usually all that are shown.
    pub descents: Vec<String>,
    /// What is searched, one or two of `AXIS` or `AXIS=A:B`; usually the rate, and the rule's first decay.
    pub only: Vec<String>,
    /// Steps of each run, usually the descent's.
    pub steps: Option<usize>,
    /// What counts as arrived, usually a share of the domain's diagonal.
    pub radius: Option<f64>,
}

/// What is to be done in a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct TunePlan {
    /// The panel's index.
    pub panel: usize,
    pub radius: f64,
    /// The descents' places in the panel, and what is searched of each.
    pub entrants: Vec<(usize, Entrant)>,
}

/// All that is to be done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TunePlans {
    pub panels: Vec<TunePlan>,
    /// What is left as it is, and why.
    pub notes: Vec<String>,
}

impl Experiment {
    /// What is to be tuned.
    ///
    /// # Errors
    /// What is wrong with what is asked for, or that there is nothing to be tuned.
    pub fn tune_plans(&self, spec: &TuneSpec) -> Result<TunePlans, MapError> {
        let panels: Vec<usize> = match spec.panel {
            Some(index) => {
                self.mapped_panel(index)?;
                vec![index]
            }
            None => (0..self.panels.len()).collect(),
        };
        if spec.only.len() > 2 {
            let found = spec.only.join(", ");
            let message = format!("found {found}, expected one or two");
            return Err(wrong("only", message));
        }
        let chosen = self.chosen(spec, &panels)?;
        let mut plans = TunePlans::default();
        let mut known = Vec::new();
        for panel in panels {
            let mut entrants = Vec::new();
            for &(_, place) in chosen.iter().filter(|(index, _)| *index == panel) {
                let shown = &self.panels[panel];
                let descent = &shown.descents[place];
                let plan = match varied_plan(descent, spec.steps) {
                    Err(MapError { key: None, .. }) => {
                        let name = &descent.name;
                        let note = "it was recorded, and there is no rule to run at other rates";
                        plans.notes.push(format!("{name}: {note}"));
                        continue;
                    }
                    plan => plan?,
                };
                let axes = tunable(&plan);
                known.extend(axes.iter().map(Axis::name));
                match entrant(shown, plan, &axes, &spec.only)? {
                    Some(entrant) => entrants.push((place, entrant)),
                    None => {
                        let (name, only) = (&descent.name, spec.only.join(" or "));
                        let note = format!("{name}: its rule has no {only}, it stays as it is");
                        plans.notes.push(note);
                    }
                }
            }
            if !entrants.is_empty() {
                plans.panels.push(TunePlan {
                    panel,
                    radius: self.panels[panel].settling_radius(spec.radius)?,
                    entrants,
                });
            }
        }
        for words in &spec.only {
            let word = words.split('=').next().unwrap_or_default().trim();
            if !known.is_empty() && !known.contains(&word) {
                return Err(wrong("only", unknown(word, known)));
            }
        }
        if plans.panels.is_empty() {
            return Err(MapError {
                key: None,
                message: "nothing to tune: recorded runs have no rule to run at other rates"
                    .to_owned(),
            });
        }
        Ok(plans)
    }

    /// The descents that are asked for, each by the indices of its panel and its place there.
    fn chosen(&self, spec: &TuneSpec, panels: &[usize]) -> Result<Vec<(usize, usize)>, MapError> {
        let all = panels.iter().flat_map(|&panel| {
            let descents = self.panels[panel].descents.iter().enumerate();
            descents.map(move |(place, descent)| (panel, place, descent))
        });
        for name in &spec.descents {
            if !all.clone().any(|(_, _, descent)| descent.name == *name) {
                let mut names: Vec<&str> = all.map(|(_, _, descent)| &*descent.name).collect();
                names.sort_unstable();
                names.dedup();
                return Err(match names[..] {
                    [] => nothing("no descents"),
                    _ => no_descent(name, names.into_iter()),
                });
            }
        }
        let is_chosen = |name: &String, shown: bool| match &spec.descents[..] {
            [] => shown,
            names => names.contains(name),
        };
        let chosen = all
            .clone()
            .filter(|(_, _, descent)| is_chosen(&descent.name, descent.shown))
            .map(|(panel, place, _)| (panel, place));
        let chosen: Vec<(usize, usize)> = chosen.collect();
        match (chosen.is_empty(), all.count()) {
            (false, _) => Ok(chosen),
            (true, 0) => Err(nothing("no descents")),
            (true, _) => Err(wrong("descent", "expected a name: all descents are hidden")),
        }
    }

    /// Gives a descent the settings of a cell, and the steps of the plan that these were found with.
    pub fn settle_on(&mut self, panel: usize, place: usize, plan: &Plan, cell: &Cell) {
        let panel = self.panels.get_mut(panel);
        let descent = panel.and_then(|panel| panel.descents.get_mut(place));
        if let Some(descent) = descent {
            descent.plan.rate = cell.rate;
            descent.plan.rule = descent.plan.rule.with_values(cell.params);
            descent.plan.steps = plan.steps;
        }
    }
}

fn nothing(what: &str) -> MapError {
    MapError {
        key: None,
        message: format!("nothing to tune: {what}"),
    }
}

/// What of a descent can be tuned: its rate, and the numbers of its rule.
fn tunable(plan: &Plan) -> Vec<Axis> {
    let axes = Axis::all(plan).into_iter();
    axes.filter(|axis| matches!(axis, Axis::Rate | Axis::Param(..)))
        .collect()
}

/// What is searched of a descent; `None` if it has nothing of what is asked for.
fn entrant(
    panel: &Panel,
    plan: Plan,
    axes: &[Axis],
    only: &[String],
) -> Result<Option<Entrant>, MapError> {
    if only.is_empty() {
        return Ok(Some(Entrant::usual(plan)));
    }
    let mut spans: Vec<(Span, bool)> = Vec::new();
    for words in only {
        let (name, has_range) = match words.split_once('=') {
            Some((name, _)) => (name.trim(), true),
            None => (words.trim(), false),
        };
        let Some(axis) = axes.iter().find(|axis| axis.name() == name) else {
            continue;
        };
        let span = match has_range {
            true => {
                Span::parse(words, &plan, panel.domain).map_err(|error| wrong("only", error))?
            }
            false => searched(*axis, &plan),
        };
        if spans.iter().any(|(known, _)| known.axis == span.axis) {
            return Err(wrong("only", format!("found {name} twice")));
        }
        spans.push((span, has_range));
    }
    // The rate first: it may be searched further.
    spans.sort_by_key(|(span, _)| span.axis != Axis::Rate);
    Ok(spans.first().map(|&(first, has_range)| Entrant {
        spans: [Some(first), spans.get(1).map(|(span, _)| *span)],
        is_open: !has_range,
        plan,
    }))
}

fn unknown(word: &str, known: Vec<&'static str>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in known {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let near = did_you_mean(word, names.iter().copied());
    let names = names.join(", ");
    format!("found \"{word}\", expected one or two of {names}{near}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "steepest = 1
[[panel]]
formula = 'x^2 + 20*y^2'
domain = [[-2, 2], [-2, 2]]
descent = [
  { name = 'SGD', rule = 'gd', rate = 0.01, start = [1, 1], steps = 50 },
  { name = 'Ball', rule = 'momentum', rate = 0.01, start = [1, 1], steps = 50 },
  { name = 'Hidden', rule = 'adam', rate = 0.01, start = [1, 1], steps = 50, hidden = true },
]
[[panel]]
formula = '(x - 1)^2'
domain = [[-4, 4]]
[[panel.descent]]
name = 'SGD'
rule = 'gd'
rate = 0.1
start = [3]
steps = 40
schedule = { kind = 'constant', warmup = 10 }
[[panel]]
objective = 'bowl'
";

    fn experiment() -> Experiment {
        Experiment::parse(TEXT, "test").expect("valid")
    }

    fn plans(spec: &TuneSpec) -> Result<TunePlans, String> {
        experiment()
            .tune_plans(spec)
            .map_err(|error| match error.key {
                Some(key) => format!("{key}: {error}"),
                None => error.to_string(),
            })
    }

    fn only(words: &[&str]) -> TuneSpec {
        TuneSpec {
            only: words.iter().map(|&word| word.to_owned()).collect(),
            ..TuneSpec::default()
        }
    }

    /// The places of the descents with the names of what is searched.
    fn searches(spec: &TuneSpec) -> Vec<(usize, usize, Vec<&'static str>)> {
        let plans = plans(spec).expect("sound");
        let each = plans.panels.iter().flat_map(|panel| {
            panel.entrants.iter().map(|(place, entrant)| {
                let axes = entrant.spans.iter().flatten();
                (
                    panel.panel,
                    *place,
                    axes.map(|span| span.axis.name()).collect(),
                )
            })
        });
        each.collect()
    }

    #[test]
    fn all_that_are_shown_are_tuned_or_those_that_are_named() {
        let usual = TuneSpec::default();
        let both = vec!["rate", "momentum"];
        assert_eq!(
            searches(&usual),
            [
                (0, 0, vec!["rate"]),
                (0, 1, both.clone()),
                (1, 0, vec!["rate"])
            ]
        );
        let named = TuneSpec {
            descents: vec!["Hidden".to_owned(), "SGD".to_owned()],
            ..usual.clone()
        };
        assert_eq!(
            searches(&named),
            [
                (0, 0, vec!["rate"]),
                (0, 2, vec!["rate", "beta1"]),
                (1, 0, vec!["rate"])
            ]
        );
        let panel = TuneSpec {
            panel: Some(1),
            ..named
        };
        let error = plans(&panel).expect_err("it is in another panel");
        assert_eq!(error, "descent: found \"Hidden\", expected one of \"SGD\"");
    }

    #[test]
    fn what_is_searched_may_be_said_with_its_range() {
        let found = plans(&only(&["momentum=0.2:0.9", "rate"])).expect("sound");
        let (_, ball) = &found.panels[0].entrants[1];
        let [Some(rate), Some(momentum)] = ball.spans else {
            panic!("{ball:?}");
        };
        assert_eq!((rate.axis, momentum.range), (Axis::Rate, [0.2, 0.9]));
        assert!(ball.is_open && rate.range[0] < 1e-4 && rate.range[1] > 10.0);
        let found = plans(&only(&["momentum"])).expect("sound");
        assert_eq!(found.panels.len(), 1);
        assert_eq!(
            found.notes,
            ["SGD: its rule has no momentum, it stays as it is"; 2]
        );
        let steps = TuneSpec {
            steps: Some(12),
            radius: Some(0.5),
            ..TuneSpec::default()
        };
        let found = plans(&steps).expect("sound");
        assert_eq!(found.panels[1].radius, 0.5);
        assert_eq!(found.panels[1].entrants[0].1.plan.steps, 12);
    }

    #[test]
    fn what_is_wrong_is_said_with_what_there_is() {
        let steps = |steps| TuneSpec {
            steps: Some(steps),
            ..TuneSpec::default()
        };
        for (spec, said) in [
            (
                only(&["momentun"]),
                "only: found \"momentun\", expected one or two of rate, weight_decay, momentum",
            ),
            (only(&["momentun"]), "did you mean \"momentum\"?"),
            (
                only(&["start.x"]),
                "only: found \"start.x\", expected one or two of rate",
            ),
            (only(&["beta1"]), "only: found \"beta1\""),
            (
                only(&["rate=1:0.1"]),
                "only: found `rate=1:0.1`, expected rate=A:B",
            ),
            (
                only(&["momentum=0:1"]),
                "only: found momentum=0:1, expected numbers",
            ),
            (only(&["rate", "rate=1:2"]), "only: found rate twice"),
            (only(&["rate", "momentum", "x"]), "expected one or two"),
            (steps(0), "steps: found 0, expected 1 to"),
            (
                steps(10),
                "steps: found 10, expected more than the 10 steps",
            ),
            (
                TuneSpec {
                    panel: Some(3),
                    ..TuneSpec::default()
                },
                "panel: found 4, expected 1 to 3",
            ),
            (
                TuneSpec {
                    panel: Some(2),
                    ..TuneSpec::default()
                },
                "nothing to tune: no descents",
            ),
            (
                TuneSpec {
                    radius: Some(-1.0),
                    ..TuneSpec::default()
                },
                "radius: found -1",
            ),
        ] {
            let error = plans(&spec).expect_err(said);
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn what_was_found_is_that_of_the_file_too() {
        let mut experiment = experiment();
        let plan = Plan {
            steps: 30,
            ..experiment.panels[0].descents[1].plan.clone()
        };
        let mut cell = crate::maps::cell_of(&plan);
        (cell.rate, cell.params[0]) = (0.04, 0.5);
        experiment.settle_on(0, 1, &plan, &cell);
        let text = experiment.to_toml();
        let again = Experiment::parse(&text, "test").expect("valid");
        let plan = &again.panels[0].descents[1].plan;
        assert_eq!(
            (plan.rate, plan.rule.get("momentum"), plan.steps),
            (0.04, Some(0.5), 30)
        );
        assert_eq!(
            again.panels[0].descents[0],
            experiment.panels[0].descents[0]
        );
    }
}
