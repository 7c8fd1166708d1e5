//! Results as CSV in long form.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{DescentResult, PanelResults, Results};

pub(super) fn write(results: &Results, params: bool, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "panel,descent,step,x,y,loss,rate")?;
    let outcomes = results.panels.iter().flat_map(|panel| &panel.descents);
    let widest = outcomes
        .map(|outcome| outcome.history.dim())
        .max()
        .unwrap_or(0);
    for weight in 0..if params { widest } else { 0 } {
        write!(out, ",w{weight}")?;
    }
    // Last, so that every other column has the place it always had.
    writeln!(out, ",rule,status,status_step")?;
    for panel in &results.panels {
        for outcome in &panel.descents {
            descent(panel, outcome, params.then_some(widest), out)?;
        }
    }
    Ok(())
}

/// The lines of one descent; with so many columns of weights, the last ones empty where it has fewer.
fn descent(
    panel: &PanelResults,
    outcome: &DescentResult,
    weights: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (title, name) = (quoted(&panel.title), quoted(&outcome.name));
    let history = &outcome.history;
    for (entry, (w, loss)) in history.iter().zip(history.losses()).enumerate() {
        let step = outcome.steps.as_ref().map_or(entry, |steps| steps[entry]);
        let [x, y] = panel.coordinates(w);
        let y = cell((panel.dim() == 2).then_some(y));
        let rate = cell(history.rates().get(entry).copied());
        write!(out, "{title},{name},{step},{x:?},{y},{loss:?},{rate}")?;
        for weight in 0..weights.unwrap_or(0) {
            write!(out, ",{}", cell(w.get(weight).copied()))?;
        }
        let (rule, status) = (outcome.rule, outcome.status.name());
        writeln!(out, ",{rule},{status},{}", outcome.status_step)?;
    }
    Ok(())
}

/// The shortest text that reads back as the same number; empty for none.
pub(super) fn cell(number: Option<f64>) -> String {
    number.map_or_else(String::new, |number| format!("{number:?}"))
}

/// A text as RFC 4180 wants it.
pub(super) fn quoted(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}
