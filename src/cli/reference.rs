//! The pages of the book that list what the parser knows, printed from the parser's own tables.

pub(super) mod keys;

use std::fmt::Write;

use clap::ValueEnum;

use crate::experiment::{
    BUILTINS, Experiment, MAX_CONSTANTS, MAX_FILE_BYTES, MAX_LEVELS, MAX_MINIMA, MAX_TOTAL_STEPS,
    entries,
};
use crate::objective::Formula;
use crate::objective::network::{MAX_PARAMETERS, MAX_SAMPLES};
use crate::optimizer::{Param, ParamKind, RULES, RuleInfo, ScheduleKind};

const HEAD: &str = "\
# What the program knows

Printed by `steepest list --markdown` from the tables that the parser reads files with. Do not edit it: print it anew.
";

/// A page that is printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ReferencePage {
    Names,
    Keys,
}

impl ReferencePage {
    pub(super) fn markdown(self) -> String {
        match self {
            ReferencePage::Names => names(),
            ReferencePage::Keys => keys::markdown(),
        }
    }
}

fn names() -> String {
    let mut page = HEAD.to_owned();
    experiments(&mut page);
    page.push_str("\n## Rules\n\nThe learning rate is η, the parameters w, the gradient g. The key of η is `rate`, for every rule.\n");
    RULES.iter().for_each(|info| rule(&mut page, info));
    schedules(&mut page);
    objectives(&mut page);
    functions(&mut page);
    page
}

fn heading(page: &mut String, title: &str) {
    page.push_str(&format!("\n## {title}\n\n"));
}

/// A row of a table. A bar within a cell would end it.
fn row<const N: usize>(page: &mut String, cells: [&str; N]) {
    for cell in cells {
        page.push_str("| ");
        page.push_str(&cell.replace('|', "\\|"));
        page.push(' ');
    }
    page.push_str("|\n");
}

fn table<const N: usize>(page: &mut String, headers: [&str; N]) {
    row(page, headers);
    row(page, ["---"; N]);
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(code).collect();
    words.join(", ")
}

fn experiments(page: &mut String) {
    heading(page, "Experiments");
    table(page, ["name", "title"]);
    for builtin in BUILTINS {
        let title = Experiment::load(builtin.name).map(|experiment| experiment.title);
        row(page, [&code(builtin.name), &title.unwrap_or_default()]);
    }
}

fn rule(page: &mut String, info: &RuleInfo) {
    let RuleInfo { name, title, .. } = info;
    let (about, source, formula) = (info.about, info.source, info.formula);
    // Writing to a String cannot fail.
    let _ = write!(
        page,
        "\n### `{name}`\n\n{title}. {about} ({source})\n\n```text\n{formula}\n```\n"
    );
    for (key, formula) in info.variants {
        let _ = write!(
            page,
            "\nWith another `{key}` than the usual one:\n\n```text\n{formula}\n```\n"
        );
    }
    if info.params.is_empty() {
        return;
    }
    page.push('\n');
    table(page, ["key", "symbol", "allowed", "usual", "meaning"]);
    for param in info.params {
        let cells = [
            &code(param.key),
            param.symbol,
            &param.expected(),
            &usual(param),
            param.about,
        ];
        row(page, cells);
    }
}

/// The usual value of a hyperparameter, as a file has it.
pub(super) fn usual(param: &Param) -> String {
    match (param.kind, param.word(param.default)) {
        (_, Some(word)) => word.to_owned(),
        (ParamKind::Switch, _) => (param.default != 0.0).to_string(),
        _ if param.default != 0.0 && param.default.abs() < 1e-3 => format!("{:e}", param.default),
        _ => param.default.to_string(),
    }
}

fn schedules(page: &mut String) {
    heading(page, "Schedules");
    table(page, ["kind", "keys beside it", "what it does"]);
    for name in ScheduleKind::NAMES {
        let about = ScheduleKind::about(name).unwrap_or_default();
        let keys = list(ScheduleKind::keys(name).iter().copied());
        row(page, [&code(name), &keys, about]);
    }
}

fn objectives(page: &mut String) {
    heading(page, "Objectives");
    table(page, ["name", "formula", "what is special about it"]);
    for entry in entries() {
        let formula = entry.formula.map_or_else(String::new, code);
        row(page, [&code(entry.name), &formula, entry.about]);
    }
}

fn functions(page: &mut String) {
    heading(page, "Functions in formulas");
    page.push_str(&list(Formula::function_names()));
    page.push_str(".\n");
}

fn limits(page: &mut String) {
    heading(page, "Limits");
    table(page, ["what", "at most"]);
    for (what, most) in [
        ("bytes of an experiment file", MAX_FILE_BYTES),
        ("steps of all descents together", MAX_TOTAL_STEPS),
        ("constants of a formula", MAX_CONSTANTS),
        ("minima given with a formula", MAX_MINIMA),
        ("`levels`", MAX_LEVELS),
        ("parameters of a network", MAX_PARAMETERS),
        ("samples of a network", MAX_SAMPLES),
    ] {
        row(page, [what, &most.to_string()]);
    }
}
