//! Results as JSON.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeSeq, Serializer};

use super::{Outcome, PanelResults, Results};
use crate::experiment::VERSION;

#[derive(serde::Serialize)]
struct File<'r> {
    steepest: u64,
    experiment: &'r str,
    panels: Vec<PanelEntry<'r>>,
}

#[derive(serde::Serialize)]
struct PanelEntry<'r> {
    title: &'r str,
    descents: Vec<DescentEntry<'r>>,
}

#[derive(serde::Serialize)]
struct DescentEntry<'r> {
    name: &'r str,
    rule: &'static str,
    status: &'static str,
    status_step: usize,
    path: Path<'r>,
    loss: &'r [f64],
    rate: &'r [f64],
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<Params<'r>>,
}

/// The path in the plane's coordinates.
struct Path<'r>(&'r PanelResults, &'r Outcome);

impl Serialize for Path<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Path(panel, outcome) = self;
        let mut points = serializer.serialize_seq(Some(outcome.history.len()))?;
        for w in outcome.history.iter() {
            points.serialize_element(&panel.coordinates(w)[..panel.dim()])?;
        }
        points.end()
    }
}

/// The path in full weights.
struct Params<'r>(&'r Outcome);

impl Serialize for Params<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.history.iter())
    }
}

pub(super) fn write(results: &Results, params: bool, out: &mut dyn Write) -> io::Result<()> {
    let file = File {
        steepest: VERSION,
        experiment: &results.title,
        panels: results
            .panels
            .iter()
            .map(|panel| PanelEntry::new(panel, params))
            .collect(),
    };
    serde_json::to_writer(&mut *out, &file)?;
    writeln!(out)
}

impl<'r> PanelEntry<'r> {
    fn new(panel: &'r PanelResults, params: bool) -> PanelEntry<'r> {
        let descent = |outcome: &'r Outcome| DescentEntry {
            name: &outcome.name,
            rule: outcome.rule,
            status: outcome.status.name(),
            status_step: outcome.status_step,
            path: Path(panel, outcome),
            loss: outcome.history.losses(),
            rate: outcome.history.rates(),
            params: params.then_some(Params(outcome)),
        };
        let descents = panel.descents.iter().map(descent).collect();
        PanelEntry {
            title: &panel.title,
            descents,
        }
    }
}
