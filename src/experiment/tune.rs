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
mod tests;
