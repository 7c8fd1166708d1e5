//! The window, and the commands that draw nothing.

use std::path::Path;

use clap::CommandFactory;
use serde_json::json;

use super::output::{check_source, print, write_out};
use super::reference::{self, ReferencePage};
use super::{Cli, Common, Failure, RunArgs};
use crate::app::{display, window};
use crate::experiment::{BUILTINS, ColorMap, Experiment, Mnist, Source, entries};
use crate::gpu::adapter;
use crate::optimizer::{ParamKind, RULES, ScheduleKind};
use crate::report::file::check_folder;
use crate::report::{self, Format, counted};
use crate::spelling::nearest;

pub(super) fn window(source: String, common: &Common) -> Result<(), Failure> {
    let experiment = common
        .load(&source)
        .map_err(|failure| match nearest_command(&source) {
            Some(command) => Failure {
                message: format!("{}; or was the command `{command}` meant?", failure.message),
                ..failure
            },
            None => failure,
        })?;
    let data = common.data(&experiment)?;
    let adapter = adapter::find(&common.adapter.clone().unwrap_or_default())?;
    display::probe().map_err(Failure::failed)?;
    window::run(
        Source::named(&source),
        experiment,
        data,
        &adapter,
        common.verbosity(),
    )
    .map_err(Failure::failed)
}

/// The command that a word may be a misspelling of.
fn nearest_command(word: &str) -> Option<String> {
    let commands = Cli::command();
    let names = commands.get_subcommands().map(|command| command.get_name());
    nearest(word, names.filter(|&name| name != Mnist::NAME)).map(str::to_owned)
}

pub(super) fn show(experiment: &str) -> Result<(), Failure> {
    print(&Experiment::text(experiment)?)
}

pub(super) fn check(name: &str, common: &Common) -> Result<(), Failure> {
    let source = Source::named(name);
    let experiment = if source.is_recording() {
        common.load(name)?
    } else {
        let text = source.text()?;
        let experiment = common.parse(&text, name)?;
        if !common.quiet {
            for doubt in experiment.doubts(&text) {
                common.say(&format!("warning: {name}:{}: {doubt}", doubt.line));
            }
        }
        experiment
    };
    let descents: usize = experiment.panels.iter().map(|p| p.descents.len()).sum();
    print(&format!(
        "{name}: ok, {}, {}\n",
        counted(experiment.panels.len(), "panel"),
        counted(descents, "descent")
    ))
}

pub(super) fn run(args: &RunArgs, common: &Common) -> Result<(), Failure> {
    let experiment = common.load(&args.experiment)?;
    let format = args.format.unwrap_or_else(|| format_of(&args.output));
    check_folder(&args.output)?;
    check_source(&args.output, &args.experiment)?;
    // Says which data are used.
    common.data(&experiment)?;
    if args.terms && format != Format::Json {
        return Err(Failure::bad_input(format!(
            "--terms: found the format {}, expected json, which alone has room for them",
            format.name()
        )));
    }
    let run = if args.terms {
        report::run_explained
    } else {
        report::run
    };
    let results = run(&experiment, &common.data_wish())?;
    write_out(&args.output, |out| results.write(format, args.params, out))
}

/// By the output's ending.
fn format_of(output: &Path) -> Format {
    let ending = output.extension().and_then(|ending| ending.to_str());
    Format::ALL
        .into_iter()
        .find(|format| ending.is_some_and(|ending| ending.eq_ignore_ascii_case(format.name())))
        .unwrap_or_default()
}

pub(super) fn list(as_json: bool, page: Option<ReferencePage>) -> Result<(), Failure> {
    if let Some(page) = page {
        return print(&page.markdown());
    }
    let experiments: Vec<(&str, String)> = BUILTINS
        .iter()
        .map(|builtin| {
            let title = Experiment::load(builtin.name).map(|experiment| experiment.title);
            (builtin.name, title.unwrap_or_default())
        })
        .collect();
    if as_json {
        let entry = |name: &str, title: &str| json!({ "name": name, "title": title });
        let value = json!({
            "experiments": experiments.iter().map(|(name, title)| entry(name, title)).collect::<Vec<_>>(),
            "objectives": entries().map(|named| {
                let mut value = json!({ "name": named.name, "title": named.title, "about": named.about });
                if let Some(formula) = named.formula {
                    value["formula"] = formula.into();
                }
                value
            }).collect::<Vec<_>>(),
            "rules": RULES.iter().map(|info| json!({
                "name": info.name,
                "title": info.title,
                "about": info.about,
                "formula": info.formula,
                "source": info.source,
                "parameters": info.params.iter().map(|param| json!({
                    "key": param.key,
                    "symbol": param.symbol,
                    "default": match param.kind {
                        ParamKind::Number | ParamKind::Whole => json!(param.default),
                        ParamKind::Switch => json!(param.default != 0.0),
                        ParamKind::Choice(_) => json!(param.word(param.default)),
                    },
                    "about": param.about,
                })).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "schedules": ScheduleKind::NAMES,
            "colormaps": ColorMap::ALL.iter().map(|map| map.name()).collect::<Vec<_>>(),
        });
        return print(&format!("{value:#}\n"));
    }
    let mut text = String::new();
    section(&mut text, "Experiments", experiments.into_iter());
    section(
        &mut text,
        "Objectives",
        entries().map(|named| (named.name, named.formula.unwrap_or(named.title).to_owned())),
    );
    section(
        &mut text,
        "Rules",
        RULES.iter().map(|info| {
            let params: Vec<String> = info
                .params
                .iter()
                .map(|param| format!("{} {}", param.key, reference::usual(param)))
                .collect();
            (info.name, params.join(", "))
        }),
    );
    section(
        &mut text,
        "Schedules",
        ScheduleKind::NAMES.iter().map(|&name| {
            (
                name,
                ScheduleKind::about(name).unwrap_or_default().to_owned(),
            )
        }),
    );
    section(
        &mut text,
        "Colour maps",
        ColorMap::ALL.iter().map(|map| (map.name(), String::new())),
    );
    print(text.trim_start())
}

/// A heading, and its entries in two columns.
fn section<'a>(text: &mut String, title: &str, entries: impl Iterator<Item = (&'a str, String)>) {
    text.push_str(&format!("\n{title}\n"));
    for (name, about) in entries {
        text.push_str(format!("  {name:26}{about}").trim_end());
        text.push('\n');
    }
}
