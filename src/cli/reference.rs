//! The page of the book that lists what the parser knows, printed from the parser's own tables.

use std::fmt::Write;

use crate::experiment::{
    Aspect, BUILTINS, ColorMap, DEFAULT_CONTOURS, Directions, Easing, Experiment, HEIGHT_NAMES,
    MAX_CAPTIONS, MAX_CONSTANTS, MAX_CONTOURS, MAX_DESCENTS, MAX_FILE_BYTES, MAX_GRID, MAX_LEVELS,
    MAX_MINIMA, MAX_PANELS, MAX_STEPS, MAX_TOTAL_STEPS, MapShow, Overview, PanelView, PlotQuantity,
    RecordedQuantity, ThemeKind, entries,
};
use crate::objective::Formula;
use crate::objective::network::{Activation, Init, MAX_PARAMETERS, MAX_SAMPLES, Toy};
use crate::optimizer::{Param, ParamKind, RULES, RuleInfo, ScheduleKind};

const HEAD: &str = "\
# What the program knows

Printed by `steepest list --markdown` from the tables that the parser reads files with. Do not edit it: print it anew.
";

/// The whole page.
pub(super) fn markdown() -> String {
    let mut page = HEAD.to_owned();
    experiments(&mut page);
    page.push_str("\n## Rules\n\nThe learning rate is η, the parameters w, the gradient g. The key of η is `rate`, for every rule.\n");
    RULES.iter().for_each(|info| rule(&mut page, info));
    schedules(&mut page);
    objectives(&mut page);
    functions(&mut page);
    words(&mut page);
    limits(&mut page);
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

/// The keys that take one of a few words.
fn words(page: &mut String) {
    heading(page, "Keys that take a word");
    table(page, ["key", "words", "usual"]);
    let named = |names: &[&str]| list(names.iter().copied());
    let directions = named(&[Directions::PCA, Directions::RANDOM, Directions::HESSIAN]);
    let heights = list(HEIGHT_NAMES.iter().map(|(name, _)| *name));
    let quantities = list(RecordedQuantity::NAMED.iter().map(|(name, _)| *name));
    let sets = list(Toy::NAMED.iter().map(|(name, _)| *name));
    let activations = list(Activation::NAMED.iter().map(|(name, _)| *name));
    let plots = list(PlotQuantity::NAMED.iter().map(|(name, _)| *name));
    let shows = list(MapShow::ALL.iter().map(|it| it.name()));
    let views = list(PanelView::ALL.iter().map(|it| it.name()));
    let aspects = list(Aspect::ALL.iter().map(|it| it.name()));
    let maps = list(ColorMap::ALL.iter().map(|it| it.name()));
    let themes = list(ThemeKind::ALL.iter().map(|it| it.name()));
    let easings = list(Easing::ALL.iter().map(|it| it.name()));
    let overviews = list(Overview::ALL.iter().map(|it| it.name()));
    for (key, words, usual) in [
        ("height", heights, HEIGHT_NAMES[0].0),
        ("view", views, PanelView::default().name()),
        ("aspect", aspects, Aspect::default().name()),
        ("map.show", shows, MapShow::default().name()),
        ("plane.directions", directions, ""),
        ("quantity", quantities, RecordedQuantity::default().name()),
        ("network.data", sets, Toy::default().name()),
        (
            "network.activation",
            activations,
            Activation::default().name(),
        ),
        ("start.init", named(&Init::NAMES), ""),
        ("view.colormap", maps, ColorMap::default().name()),
        ("view.theme", themes, ThemeKind::default().name()),
        ("view.plot", plots, ""),
        ("explain.overview", overviews, ""),
        ("easing", easings, Easing::default().name()),
    ] {
        row(page, [&code(key), &words, usual]);
    }
}

fn limits(page: &mut String) {
    heading(page, "Limits");
    table(page, ["what", "at most"]);
    for (what, most) in [
        ("bytes of an experiment file", MAX_FILE_BYTES),
        ("panels", MAX_PANELS),
        ("descents of a panel", MAX_DESCENTS),
        ("steps of a descent", MAX_STEPS),
        ("steps of all descents together", MAX_TOTAL_STEPS),
        ("captions, and keys of the camera's path", MAX_CAPTIONS),
        ("constants of a formula", MAX_CONSTANTS),
        ("minima given with a formula", MAX_MINIMA),
        ("`contours`", MAX_CONTOURS),
        ("`levels`", MAX_LEVELS),
        ("nodes of `grid`, along each side", MAX_GRID),
        ("parameters of a network", MAX_PARAMETERS),
        ("samples of a network", MAX_SAMPLES),
    ] {
        row(page, [what, &most.to_string()]);
    }
    let _ = writeln!(
        page,
        "\nWithout `contours`, isolines part {DEFAULT_CONTOURS} bands of equal height."
    );
}
