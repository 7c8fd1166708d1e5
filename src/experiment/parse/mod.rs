//! From a file's text to an experiment, or to everything that is wrong with it.

pub(super) mod constants;
mod descent;
mod panel;
mod plane;
mod record;
mod schedule;
mod view;

use toml::de::DeTable;

pub(super) use descent::point;

use super::explain;
use super::keys::{Form, Keys, REQUIRED, key};
use super::reader::{Document, Table};
use super::{
    Caption, DEFAULT_CAPTION_STEPS, Experiment, ExperimentError, MAX_CAPTIONS, MAX_HISTORY_BYTES,
    MAX_PANELS, MAX_STEPS, MAX_TOTAL_STEPS, Panel, VERSION, ViewSettings,
};
use crate::objective::formula::is_minus;

/// The keys of a file, with all tables in it.
pub const KEYS: Keys = Keys {
    header: "The file",
    example: "",
    about: "Keys before the first table, and the tables.",
    groups: &[&[
        key(
            "steepest",
            Form::As("1"),
            REQUIRED,
            "the version of the file format",
        ),
        key(
            "title",
            Form::Text,
            "the first panel's",
            "stands over the picture",
        ),
        key(
            "about",
            Form::Text,
            "`\"\"`",
            "a paragraph that the app shows",
        ),
        key(
            "panel",
            Form::Tables(&panel::KEYS, MAX_PANELS),
            REQUIRED,
            "one or more [[panel]] tables",
        ),
        key(
            "caption",
            Form::Tables(&CAPTION, MAX_CAPTIONS),
            "none",
            "words over the picture",
        ),
        key(
            "view",
            Form::Table(&view::KEYS),
            "as below",
            "how it is looked at",
        ),
        key(
            "explain",
            Form::Table(&explain::KEYS),
            "as below",
            "how steps are explained",
        ),
        key(
            "camera",
            Form::Table(&view::CAMERA),
            "none",
            "a path of the camera",
        ),
    ]],
};

const CAPTION: Keys = Keys {
    header: "[[caption]]",
    example: "",
    about: "",
    groups: &[&[
        key(
            "step",
            Form::Whole(0, MAX_STEPS as u64),
            REQUIRED,
            "the step at which the caption appears",
        ),
        key("text", Form::Text, REQUIRED, "the caption's text"),
        key(
            "steps",
            Form::Whole(1, MAX_STEPS as u64),
            "`20`",
            "how long it stays",
        ),
        key(
            "pause",
            Form::Number("seconds from 0 to 3600", |s| (0.0..=3600.0).contains(&s)),
            "`0`",
            "how long it holds playback",
        ),
    ]],
};

/// See [`Experiment::parse`].
pub(super) fn experiment(text: &str, file: &str) -> Result<Experiment, ExperimentError> {
    let document = Document::new(text, file);
    let experiment = read(&document, text);
    let problems = document.into_problems();
    match experiment {
        Some(experiment) if problems.is_empty() => Ok(experiment),
        _ => Err(ExperimentError::Invalid {
            file: file.to_owned(),
            problems,
        }),
    }
}

fn read(document: &Document, text: &str) -> Option<Experiment> {
    let toml = match DeTable::parse(text) {
        Ok(toml) => toml,
        Err(error) => {
            let offset = error.span().map_or(0, |span| span.start);
            let hint = toml_hint(text, offset);
            document.report(
                offset,
                "",
                format!("not valid TOML: {}{hint}", error.message()),
            );
            return None;
        }
    };
    let table = Table::new(document, toml.get_ref(), String::new(), 0, &KEYS);
    version(&table)?;

    let title = table.get("title").and_then(|f| f.text());
    let about = table
        .get("about")
        .and_then(|f| f.text())
        .unwrap_or_default();
    let panels = panels(&table);
    let captions = table.tables("caption");
    let captions = captions.iter().filter_map(caption).collect();
    let usual_view = ViewSettings::usual(panels.as_deref().unwrap_or_default());
    let view = table
        .get("view")
        .and_then(|f| view::settings(&f.table()?, &usual_view))
        .unwrap_or(usual_view);
    let explain = table
        .get("explain")
        .and_then(|f| Some(explain::settings(&f.table()?)))
        .unwrap_or_default();
    let camera_keys = table
        .get("camera")
        .and_then(|f| view::camera_keys(&f.table()?));
    table.finish();

    let panels = panels?;
    let title = title
        .or(panels.first().map(|p| &*p.title))
        .unwrap_or_default();
    Some(Experiment {
        title: title.to_owned(),
        about: about.to_owned(),
        captions,
        view,
        explain,
        camera_keys: camera_keys.unwrap_or_default(),
        panels,
    })
}

/// More about a line that is not valid TOML: what word processors make of signs and quotes, a decimal comma.
fn toml_hint(text: &str, offset: usize) -> &'static str {
    let offset = text.floor_char_boundary(offset.min(text.len()));
    let begin = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[begin..].lines().next().unwrap_or_default();
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let value = line.split_once('=').map_or(line, |(_, value)| value).trim();
    if line.contains(['“', '”', '„', '‘', '’', '«', '»']) {
        "; the quotes are typographic: write \" or '"
    } else if line.contains(|c| c != '-' && is_minus(c)) {
        "; the minus sign is typographic: write -"
    } else if value.split_once(',').is_some_and(|(before, after)| {
        digit(before.chars().next_back())
            && digit(after.chars().next())
            && !before.contains(['[', '{', '"'])
    }) {
        "; a number has a decimal point, not a comma"
    } else if value.starts_with('.') || value.starts_with("-.") {
        "; a number has a digit before its point: 0.5"
    } else if line
        .split(['=', ',', '{'])
        .map(str::trim)
        .any(|part| part.starts_with(|c: char| c.is_alphabetic() && !c.is_ascii()))
    {
        "; a key with letters beyond a to z stands in quotes: { \"α\" = 1 }"
    } else {
        ""
    }
}

/// Another version's file may have any keys, so nothing else is looked at.
fn version(table: &Table) -> Option<()> {
    let meaning = "the version of the file format";
    let field = table.require_as("steepest", &format!("steepest = {VERSION}, {meaning}"))?;
    let expected = format!("{VERSION}, {meaning} that this program reads");
    field.whole_where(&expected, |version| version == VERSION)?;
    Some(())
}

fn panels(table: &Table) -> Option<Vec<Panel>> {
    let field = table.require("panel")?;
    let tables = field.tables()?;
    if tables.is_empty() {
        return field.fail("expected one or more [[panel]] tables");
    }
    let panels: Vec<Panel> = tables.iter().filter_map(panel::panel).collect();
    let steps = panels
        .iter()
        .flat_map(|p| &p.descents)
        .map(|d| d.plan.updates());
    let total: usize = steps.sum();
    if total > MAX_TOTAL_STEPS {
        field.report(format!(
            "found {total} steps in all descents together, expected at most {MAX_TOTAL_STEPS}"
        ));
    }
    let bytes = panels.iter().map(Panel::history_bytes).sum::<usize>();
    if total <= MAX_TOTAL_STEPS && bytes > MAX_HISTORY_BYTES {
        let [found, most] = [bytes, MAX_HISTORY_BYTES].map(|bytes| bytes.div_ceil(1 << 20));
        field.report(format!(
            "all steps of all descents together take {found} MB with their parameters, expected at most {most} MB"
        ));
    }
    (!panels.is_empty()).then_some(panels)
}

fn caption(table: &Table) -> Option<Caption> {
    let step = table.require("step").and_then(|f| f.count());
    let text = table.require("text").and_then(|f| f.text());
    let steps = table.get("steps").and_then(|f| f.count());
    let pause = table.get("pause").and_then(|f| f.number());
    table.finish();
    Some(Caption {
        step: step?,
        text: text?.to_owned(),
        steps: steps.unwrap_or(DEFAULT_CAPTION_STEPS),
        pause: pause.unwrap_or(0.0),
    })
}
