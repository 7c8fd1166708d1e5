//! What tuning found: as a table for people, JSON and CSV.
//!
//! **JSON**, one object:
//!
//! ```json
//! { "steepest": 1, "experiment": "title", "panels": [ { "title": "…", "radius": 0.01, "descents": [
//!   { "name": "Ball", "rule": "momentum", "steps": 150,
//!     "before": { "settings": { "rate": 0.02, "momentum": 0.9 }, "settles": null, "loss": 0.3, "diverged": false },
//!     "after": { "settings": { "rate": 0.039, "momentum": 0.57 }, "settles": 13, "loss": 1e-20, "diverged": false } } ] } ] }
//! ```
//!
//! `settings` are those that were searched. `settles` is the first step from which on all iterates lie within the radius of a lowest
//! minimum, null for none, and for one in the last tenth of the steps, which is chance as often as not; `loss` that of the last finite iterate, null without one. Both `before` and `after` are null if no run has a finite loss. Where
//! gradients are random, three of four runs do as well.
//!
//! **CSV**, a header and a line for each setting: `panel,descent,rule,setting,before,after,settles_before,settles_after,loss_before,
//! loss_after`, empty where there is none.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::csv::{cell, quoted};
use super::map::short;
use super::map_words;
use crate::experiment::{DescentSpec, Experiment, TunePlan, VERSION};
use crate::landscape::ticks::label;
use crate::maps::{Axis, Cell, Entrant, Reached, Span, Tuned, TunedEach, cell_of};

/// What was found of an experiment's descents.
#[derive(Debug, Clone, Copy)]
pub struct TuneResults<'r> {
    /// As it was.
    pub experiment: &'r Experiment,
    pub plans: &'r [TunePlan],
    /// Of each of the plans.
    pub found: &'r [TunedEach],
}

/// How these results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TuneFormat {
    #[default]
    Table,
    Json,
    Csv,
}

impl std::str::FromStr for TuneFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<TuneFormat, String> {
        match text {
            "table" => Ok(TuneFormat::Table),
            "json" => Ok(TuneFormat::Json),
            "csv" => Ok(TuneFormat::Csv),
            _ => Err(format!(
                "found \"{text}\", expected one of table, json, csv"
            )),
        }
    }
}

/// A descent with what was found of it.
struct Entry<'r> {
    descent: &'r DescentSpec,
    entrant: &'r Entrant,
    found: Option<&'r Tuned>,
}

impl<'r> Entry<'r> {
    fn spans(&self) -> impl Iterator<Item = &'r Span> + use<'r> {
        self.entrant.spans.iter().flatten()
    }

    fn before(&self) -> Cell {
        cell_of(&self.entrant.plan)
    }

    fn rule(&self) -> &'static str {
        self.entrant.plan.rule.info().name
    }
}

fn value(cell: &Cell, axis: &Axis) -> f64 {
    match *axis {
        Axis::Rate => cell.rate,
        Axis::Param(k, _) => cell.params[k],
        Axis::Noise => cell.noise,
        Axis::Start(k) => cell.start[k],
    }
}

impl<'r> TuneResults<'r> {
    /// Writes the results.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, format: TuneFormat, out: &mut dyn Write) -> io::Result<()> {
        match format {
            TuneFormat::Table => self.write_table(out),
            TuneFormat::Json => {
                serde_json::to_writer(&mut *out, &self.json())?;
                writeln!(out)
            }
            TuneFormat::Csv => self.write_csv(out),
        }
    }

    fn panels(&self) -> impl Iterator<Item = (&'r TunePlan, &'r TunedEach)> + use<'r> {
        self.plans.iter().zip(self.found)
    }

    fn title(&self, plan: &TunePlan) -> &'r str {
        &self.experiment.panels[plan.panel].title
    }

    fn entries(&self, plan: &'r TunePlan, found: &'r TunedEach) -> Vec<Entry<'r>> {
        let descents = &self.experiment.panels[plan.panel].descents;
        let each = plan.entrants.iter().zip(&found.tuned);
        each.map(|((place, entrant), found)| Entry {
            descent: &descents[*place],
            entrant,
            found: found.as_ref(),
        })
        .collect()
    }

    /// What a person may want to know of what was found, in sentences.
    pub fn notes(&self) -> Vec<String> {
        let entries = self
            .panels()
            .flat_map(|(plan, found)| self.entries(plan, found));
        let at_end = entries.filter(|entry| entry.found.is_some_and(|found| found.is_at_end));
        let notes = at_end.map(|entry| {
            let name = &entry.descent.name;
            format!(
                "{name}: its best rate is at the end of those searched; --only rate=A:B searches others"
            )
        });
        notes.collect()
    }

    fn json(&self) -> Value {
        let panels = self.panels().map(|(plan, found)| {
            let descents = self.entries(plan, found).into_iter().map(|entry| {
                let reached = |cell: Cell, reached: Reached| {
                    let settings = entry.spans().map(|Span { axis, .. }| {
                        (axis.name().to_owned(), json!(value(&cell, axis)))
                    });
                    json!({
                        "settings": settings.collect::<Map<String, Value>>(),
                        "settles": reached.settles,
                        "loss": finite(reached.loss),
                        "diverged": reached.is_lost,
                    })
                };
                json!({
                    "name": entry.descent.name,
                    "rule": entry.rule(),
                    "steps": entry.entrant.plan.steps,
                    "before": entry.found.map(|found| reached(entry.before(), found.before)),
                    "after": entry.found.map(|found| reached(found.cell, found.after)),
                })
            });
            json!({
                "title": self.title(plan),
                "radius": plan.radius,
                "descents": descents.collect::<Vec<_>>(),
            })
        });
        json!({
            "steepest": VERSION,
            "experiment": self.experiment.title,
            "panels": panels.collect::<Vec<_>>(),
        })
    }

    fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "panel,descent,rule,setting,before,after,settles_before,settles_after,loss_before,loss_after"
        )?;
        for (plan, found) in self.panels() {
            for entry in self.entries(plan, found) {
                let (panel, name) = (quoted(self.title(plan)), quoted(&entry.descent.name));
                for Span { axis, .. } in entry.spans() {
                    let before = value(&entry.before(), axis);
                    let after = cell(entry.found.map(|found| value(&found.cell, axis)));
                    let (rule, setting) = (entry.rule(), axis.name());
                    write!(out, "{panel},{name},{rule},{setting},{before:?},{after}")?;
                    let reached = entry.found.map(|found| [found.before, found.after]);
                    for k in 0..2 {
                        let settles = reached.and_then(|reached| reached[k].settles);
                        let settles = settles.map_or_else(String::new, |steps| steps.to_string());
                        write!(out, ",{settles}")?;
                    }
                    for k in 0..2 {
                        let loss = reached.and_then(|reached| finite(reached[k].loss));
                        write!(out, ",{}", cell(loss))?;
                    }
                    writeln!(out)?;
                }
            }
        }
        Ok(())
    }

    fn write_table(&self, out: &mut dyn Write) -> io::Result<()> {
        for (index, (plan, found)) in self.panels().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            if self.experiment.panels.len() > 1 {
                writeln!(out, "{}", self.title(plan))?;
            }
            let entries = self.entries(plan, found);
            let settles = !found.minima.is_empty();
            let rows: Vec<[String; 5]> = entries.iter().map(|entry| row(entry, settles)).collect();
            let steps = if settles { "steps" } else { "" };
            let heading = ["descent", "rate", "", steps, "loss at the end"].map(str::to_owned);
            let rows = [vec![heading], rows].concat();
            let width = |k: usize| rows.iter().map(|row| row[k].chars().count()).max();
            let widths = [0, 1, 2, 3, 4].map(|k| width(k).unwrap_or(0));
            for row in &rows {
                let mut line = String::new();
                for (cell, width) in row.iter().zip(widths).filter(|(_, width)| *width > 0) {
                    line.push_str(&format!("{cell:width$}  "));
                }
                writeln!(out, "{}", line.trim_end())?;
            }
            let is_random = |entry: &Entry| entry.entrant.plan.sampling.is_random();
            let mut notes = Vec::new();
            if settles {
                let radius = label(plan.radius);
                notes.push(format!(
                    "steps: until it stays within {radius} of a lowest minimum"
                ));
            }
            if entries.iter().any(is_random) {
                notes.push("random gradients: what three of four runs reach".to_owned());
            }
            for note in notes {
                writeln!(out, "{note}")?;
            }
        }
        Ok(())
    }
}

/// The name, the rate, what else was searched, steps and loss.
fn row(entry: &Entry, settles: bool) -> [String; 5] {
    let before = entry.before();
    let after = entry.found.map_or(before, |found| found.cell);
    let setting = |axis: &Axis| {
        let text = |cell: &Cell| short(value(cell, axis), axis);
        change(text(&before), text(&after))
    };
    let params = entry.spans().filter(|span| span.axis != Axis::Rate);
    let params = params.map(|Span { axis, .. }| format!("{} {}", axis.name(), setting(axis)));
    let reached = |word: fn(&Reached) -> String| match entry.found {
        Some(found) => change(word(&found.before), word(&found.after)),
        None => String::new(),
    };
    let steps = |reached: &Reached| {
        let never = || "never".to_owned();
        reached
            .settles
            .map_or_else(never, |steps| steps.to_string())
    };
    let loss = |reached: &Reached| match reached {
        Reached { is_lost: true, .. } => "diverges".to_owned(),
        Reached { loss, .. } => map_words::loss(*loss),
    };
    [
        entry.descent.name.clone(),
        setting(&Axis::Rate),
        params.collect::<Vec<_>>().join(", "),
        if settles {
            reached(steps)
        } else {
            String::new()
        },
        match entry.found {
            Some(_) => reached(loss),
            None => "no run has a finite loss".to_owned(),
        },
    ]
}

/// What was, and what is, where that is something else.
fn change(before: String, after: String) -> String {
    if before == after {
        after
    } else {
        format!("{before} → {after}")
    }
}

fn finite(number: f64) -> Option<f64> {
    Some(number).filter(|number| number.is_finite())
}
