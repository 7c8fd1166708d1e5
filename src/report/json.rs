//! Results as JSON.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeSeq, Serializer};

use serde_json::{Map, Value, json};

use super::{DescentResult, Explained, PanelResults, Results};
use crate::descent::curvature::Curvature;
use crate::experiment::VERSION;
use crate::optimizer::Terms;

/// `D` is what is said of a descent.
#[derive(serde::Serialize)]
struct File<'r, D> {
    steepest: u64,
    experiment: &'r str,
    panels: Vec<PanelEntry<'r, D>>,
}

#[derive(serde::Serialize)]
struct PanelEntry<'r, D> {
    title: &'r str,
    descents: Vec<D>,
}

/// A descent without its numbers.
#[derive(serde::Serialize)]
struct Meta<'r> {
    name: &'r str,
    rule: &'static str,
    status: &'static str,
    status_step: usize,
}

#[derive(serde::Serialize)]
struct DescentEntry<'r> {
    #[serde(flatten)]
    meta: Meta<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'r [usize]>,
    path: Path<'r>,
    loss: &'r [f64],
    rate: &'r [f64],
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_out_loss: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_out_accuracy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<Params<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: Option<StepTerms<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    curvature: Option<Curvatures<'r>>,
}

/// One object a step: its quantities by their keys.
struct StepTerms<'r>(&'r Explained);

impl Serialize for StepTerms<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Explained { rule, terms, .. } = self.0;
        let quantities = |terms: &'_ Terms| -> Map<String, Value> {
            let quantities = terms.quantities(rule);
            let entries = quantities.filter(|(_, numbers)| !numbers.is_empty());
            entries
                .map(|(quantity, numbers)| (quantity.key.to_owned(), json!(numbers)))
                .collect()
        };
        serializer.collect_seq(terms.iter().map(quantities))
    }
}

/// One object a point; null where there is none.
struct Curvatures<'r>(&'r Explained);

impl Serialize for Curvatures<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entry = |at: &Option<Curvature>| {
            let at = at.as_ref()?;
            Some(json!({ "eigenvalues": at.eigenvalues, "limit": at.limit }))
        };
        serializer.collect_seq(self.0.curvature.iter().map(entry))
    }
}

/// The path in the plane's coordinates.
struct Path<'r>(&'r PanelResults, &'r DescentResult);

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
struct Params<'r>(&'r DescentResult);

impl Serialize for Params<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.history.iter())
    }
}

pub(super) fn write(results: &Results, params: bool, out: &mut dyn Write) -> io::Result<()> {
    let file = File::new(results, |panel, outcome| DescentEntry {
        meta: Meta::of(outcome),
        step: outcome.steps.as_deref(),
        path: Path(panel, outcome),
        loss: outcome.history.losses(),
        rate: outcome.history.rates(),
        accuracy: outcome.learnt.accuracy,
        held_out_loss: outcome.learnt.held_out_loss,
        held_out_accuracy: outcome.learnt.held_out_accuracy,
        params: params.then_some(Params(outcome)),
        terms: outcome.explained.as_ref().map(StepTerms),
        curvature: outcome.explained.as_ref().map(Curvatures),
    });
    serde_json::to_writer(&mut *out, &file)?;
    writeln!(out)
}

/// The same without numbers: for formats that hold only these.
pub(super) fn meta(results: &Results) -> io::Result<Vec<u8>> {
    let file = File::new(results, |_, outcome| Meta::of(outcome));
    Ok(serde_json::to_vec(&file)?)
}

impl<'r, D> File<'r, D> {
    fn new(
        results: &'r Results,
        descent: impl Fn(&'r PanelResults, &'r DescentResult) -> D,
    ) -> File<'r, D> {
        let panel = |panel: &'r PanelResults| PanelEntry {
            title: &panel.title,
            descents: panel
                .descents
                .iter()
                .map(|outcome| descent(panel, outcome))
                .collect(),
        };
        File {
            steepest: VERSION,
            experiment: &results.title,
            panels: results.panels.iter().map(panel).collect(),
        }
    }
}

impl<'r> Meta<'r> {
    fn of(outcome: &'r DescentResult) -> Meta<'r> {
        Meta {
            name: &outcome.name,
            rule: outcome.rule,
            status: outcome.status.name(),
            status_step: outcome.status_step,
        }
    }
}
