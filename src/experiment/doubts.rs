//! What a valid experiment file says that is not true: minima that are none.

use toml::de::DeTable;

use super::reader::line;
use super::{Experiment, FunctionSpec, Problem};
use crate::landscape::critical::doubts;

/// Every declared minimum that is none, with what was found instead. `text` is the experiment's file.
pub(super) fn minima(experiment: &Experiment, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, panel) in experiment.panels.iter().enumerate() {
        // Those of named objectives are tested with the program.
        let own = panel.objective.as_kind::<FunctionSpec>();
        let own = own.filter(|function| function.name.is_none());
        let Some(function) = own.filter(|function| !function.minima.is_empty()) else {
            continue;
        };
        let doubts = doubts(&function.formula, panel.domain, &function.minima);
        for (k, (place, doubt)) in function.minima.iter().zip(doubts).enumerate() {
            if let Some(doubt) = doubt {
                let number = |c: &f64| format!("{c:?}").trim_end_matches(".0").to_owned();
                let numbers: Vec<String> = place.iter().map(number).collect();
                let found = numbers.join(", ");
                problems.push(Problem {
                    line: line(text, offset(text, index, k).unwrap_or_default()),
                    key: format!("panel[{index}].minima[{k}]"),
                    message: format!("found [{found}], which is no minimum: {doubt}"),
                });
            }
        }
    }
    problems
}

/// Where a minimum of a panel stands in the file.
fn offset(text: &str, panel: usize, minimum: usize) -> Option<usize> {
    let toml = DeTable::parse(text).ok()?;
    let panels = toml.get_ref().get("panel")?.get_ref().as_array()?;
    let panel = panels.get(panel)?.get_ref().as_table()?;
    let minima = panel.get("minima")?.get_ref().as_array()?;
    Some(minima.get(minimum)?.span().start)
}
