//! Holds what is declared of the keys of a file against the parser.

use std::collections::BTreeSet;

use steepest::experiment::{Experiment, KEYS, Key};
use steepest::optimizer::RULES;

use super::none;

/// Files with a table that holds `@`, by the table's header; several where not all keys may stand in one.
const FILES: &[(&str, &str, &str)] = &[
    (
        "The file",
        "",
        "@\n[[panel]]\nformula = 'x^2 + y^2'\ndomain = [[-1, 1], [-1, 1]]\n",
    ),
    (
        "[[panel]]",
        "panel[0].",
        "[[panel]]\nobjective = 'none'\n@\n",
    ),
    (
        "[[panel]]",
        "panel[0].",
        "[[panel]]\nformula = 'x^2 + y^2'\ndomain = [[-1, 1], [-1, 1]]\n@\n",
    ),
    (
        "[[panel]]",
        "panel[0].",
        "[[panel]]\nobjective = 'mnist'\n@\n",
    ),
    (
        "panel.constants.NAME",
        "panel[0].constants.a.",
        "[[panel]]\nformula = 'a*x^2'\ndomain = [[-1, 1]]\nconstants = { a = { @ } }\n",
    ),
    (
        "panel.map",
        "panel[0].map.",
        "[[panel]]\nobjective = 'bowl'\nmap = { @ }\n[[panel.descent]]\nrule = 'gd'\nrate = 0.1\nstart = [1, 1]\nsteps = 9\n",
    ),
    (
        "[[panel.zoom]]",
        "panel[0].zoom[0].",
        "[[panel]]\nobjective = 'bowl'\n[[panel.zoom]]\n@\n",
    ),
    (
        "[[panel.zoom]]",
        "panel[0].zoom[0].",
        "[[panel]]\nobjective = 'bowl'\n[[panel.zoom]]\ntime = 0\nx = [0, 1]\ny = [0, 1]\n@\n",
    ),
    (
        "panel.network",
        "panel[0].network.",
        "[[panel]]\nobjective = 'network'\nnetwork = { @ }\n",
    ),
    (
        "panel.plane",
        "panel[0].plane.",
        "[[panel]]\nobjective = 'network'\nplane = { @ }\n",
    ),
    (
        "panel.plane",
        "panel[0].plane.",
        "[[panel]]\nobjective = 'network'\nplane = { directions = 'random', @ }\n",
    ),
    (
        "panel.surface",
        "panel[0].surface.",
        "[[panel]]\nobjective = 'network'\nsurface = { @ }\n",
    ),
    (
        "[[panel.descent]]",
        "panel[0].descent[0].",
        "[[panel]]\nobjective = 'bowl'\n[[panel.descent]]\n@\n",
    ),
    (
        "[[panel.descent]]",
        "panel[0].descent[0].",
        "[[panel]]\nobjective = 'bowl'\n[[panel.descent]]\nrule = 'gd'\nrate = 0.1\nstart = [1, 1]\nsteps = 9\n@\n",
    ),
    (
        "panel.descent.start",
        "panel[0].descent[0].start.",
        "[[panel]]\nobjective = 'network'\n[[panel.descent]]\nrule = 'gd'\nrate = 0.1\nsteps = 9\nstart = { @ }\n",
    ),
    (
        "panel.descent.start",
        "panel[0].descent[0].start.",
        "[[panel]]\nobjective = 'network'\n[[panel.descent]]\nrule = 'gd'\nrate = 0.1\nsteps = 9\nstart = { init = 'normal', @ }\n",
    ),
    (
        "panel.descent.sampling",
        "panel[0].descent[0].sampling.",
        "sampling = { @ }",
    ),
    (
        "panel.descent.schedule",
        "panel[0].descent[0].schedule.",
        "schedule = { kind = 'none', @ }",
    ),
    (
        "panel.descent.schedule",
        "panel[0].descent[0].schedule.",
        "schedule = { @ }",
    ),
    (
        "panel.descent.schedule",
        "panel[0].descent[0].schedule.",
        "schedule = { kind = 'cosine', @ }",
    ),
    (
        "panel.descent.schedule",
        "panel[0].descent[0].schedule.",
        "schedule = { kind = 'step', every = 2, @ }",
    ),
    (
        "panel.descent.schedule",
        "panel[0].descent[0].schedule.",
        "schedule = { kind = 'restarts', every = 2, @ }",
    ),
    (
        "panel.descent.schedule",
        "panel[0].descent[0].schedule.",
        "schedule = { kind = 'cyclic', every = 2, low = 1, @ }",
    ),
    (
        "panel.descent.schedule",
        "panel[0].descent[0].schedule.",
        "schedule = { kind = 'plateau', @ }",
    ),
    (
        "panel.descent.stop",
        "panel[0].descent[0].stop.",
        "stop = { @ }",
    ),
    (
        "[[caption]]",
        "caption[0].",
        "[[panel]]\nobjective = 'bowl'\n[[caption]]\n@\n",
    ),
    (
        "[[caption]]",
        "caption[0].",
        "[[panel]]\nobjective = 'bowl'\n[[caption]]\nstep = 0\ntext = 'a'\n@\n",
    ),
    (
        "[explain]",
        "explain.",
        "[[panel]]\nobjective = 'bowl'\n[explain]\n@\n",
    ),
    (
        "[view]",
        "view.",
        "[[panel]]\nobjective = 'bowl'\n[view]\n@\n",
    ),
    (
        "[camera]",
        "camera.",
        "[[panel]]\nobjective = 'bowl'\n[camera]\n@\n",
    ),
    (
        "[[camera.key]]",
        "camera.key[0].",
        "[[panel]]\nobjective = 'bowl'\n[[camera.key]]\n@\n",
    ),
    (
        "[[camera.key]]",
        "camera.key[0].",
        "[[panel]]\nobjective = 'bowl'\n[[camera.key]]\ntime = 0\n@\n",
    ),
];

/// The files for a header, with what stands in place of `@`.
fn files(header: &str, instead: &str) -> Vec<(&'static str, String)> {
    let of_header = FILES.iter().filter(|(known, ..)| *known == header);
    let whole = |file: &str| match file.starts_with("s") {
        // What stands in a descent on samples.
        true => format!(
            "[[panel]]\nobjective = 'network'\n[[panel.descent]]\nrule = 'gd'\nrate = 0.1\nstart = 'zeros'\nsteps = 9\n{file}\n"
        ),
        false => file.to_owned(),
    };
    of_header
        .map(|(_, place, file)| {
            let file = format!("steepest = 1\n{}", whole(file));
            (*place, file.replace("@", instead).replace(", }", " }"))
        })
        .collect()
}

/// The keys that the parser names when it finds one that it does not know, but for those of rules.
fn asked_for(header: &str) -> BTreeSet<String> {
    let is_of_rule = |key: &str| RULES.iter().any(|rule| rule.param(key).is_some());
    let mut known = BTreeSet::new();
    for (place, file) in files(header, "qqqqqq = 1") {
        let error = Experiment::parse(&file, "file")
            .expect_err(&file)
            .to_string();
        let start = format!("key `{place}qqqqqq`: unknown key, expected one of ");
        let (_, list) = error
            .split_once(&start)
            .unwrap_or_else(|| panic!("{start} in {error}"));
        let list = list.lines().next().unwrap_or_default();
        known.extend(
            list.split(", ")
                .filter(|key| !is_of_rule(key))
                .map(str::to_owned),
        );
    }
    known
}

#[test]
fn every_key_that_is_declared_is_asked_for() {
    let mut wrong = Vec::new();
    for keys in KEYS.all() {
        let declared: BTreeSet<String> = keys.iter().map(|key| key.name.to_owned()).collect();
        let mut asked_for = asked_for(keys.header);
        if keys.header == "[[panel.descent]]" {
            // Asked for where there is a run file.
            asked_for.insert("path".to_owned());
        }
        if declared != asked_for {
            wrong.push(format!("{}: {declared:?}, {asked_for:?}", keys.header));
        }
    }
    none(&wrong);
}

#[test]
fn a_key_with_its_usual_value_changes_nothing() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for keys in KEYS.all() {
        for Key { name, usual, .. } in keys.iter() {
            let Some(value) = usual
                .strip_prefix('`')
                .and_then(|rest| rest.split('`').next())
            else {
                continue;
            };
            // A run file would be needed.
            if *name == "quantity" {
                continue;
            }
            count += 1;
            let line = format!("{name} = {value}");
            let with = files(keys.header, &line);
            let without = files(keys.header, "");
            let both = with
                .iter()
                .zip(&without)
                .filter_map(|((_, with), (_, without))| {
                    let with = Experiment::parse(with, "with").ok()?;
                    Some((with, Experiment::parse(without, "without").ok()?))
                });
            let both: Vec<_> = both.collect();
            if both.is_empty() || both.iter().any(|(with, without)| with != without) {
                wrong.push(format!("{}: {line} in {} files", keys.header, both.len()));
            }
        }
    }
    assert!(count > 40, "only {count} usual values were found");
    none(&wrong);
}

#[test]
fn what_has_to_be_there_is_missed() {
    let mut wrong = Vec::new();
    for keys in KEYS.all() {
        // Which of these have to be there depends on others.
        if [
            "panel.descent.schedule",
            "panel.surface",
            "panel.descent.sampling",
        ]
        .contains(&keys.header)
        {
            continue;
        }
        let (place, file) = match keys.header {
            "The file" => ("", "title = 'a'".to_owned()),
            header => files(header, "").swap_remove(0),
        };
        let error = Experiment::parse(&file, "file").map(drop);
        let error = error.map_or_else(|error| error.to_string(), |()| String::new());
        for key in keys.iter().filter(|key| key.name != "panel") {
            let is_missed = error.contains(&format!("key `{place}{}`: missing", key.name));
            if is_missed != (key.usual == "has to be there") && key.name != "domain" {
                wrong.push(format!(
                    "{} {}: {}\n{error}",
                    keys.header, key.name, key.usual
                ));
            }
        }
    }
    none(&wrong);
}
