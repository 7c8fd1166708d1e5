//! A `[[panel.descent]]` table: the rule, its hyperparameters and the plan of the run.

use super::super::keys::{Form, Keys, REQUIRED, key};
use super::super::names;
use super::super::reader::{Field, Table};
use super::super::start::{KEYS as START, start_draw};
use super::super::{DescentSpec, MAX_BATCH, MAX_STEPS, ObjectiveKind, StartDraw, ZEROS};
use super::schedule::{KEYS as SCHEDULE, schedule, schedule_form};
use crate::descent::{Plan, Stop};
use crate::objective::network::Init;
use crate::optimizer::{Param, ParamKind, RULES, Rule, RuleInfo, Sampling};

pub(super) const KEYS: Keys = Keys {
    header: "[[panel.descent]]",
    example: "",
    about: "One rule from one start. Beside these keys stand the rule's own parameters, such as `momentum` or `beta1`; one that \
            the rule lacks is an error. Of `objective = \"recorded\"` there are only `path`, `name`, `color` and `hidden`.",
    groups: &[&[
        key(
            "name",
            Form::Text,
            "the rule's",
            "stands in legends, and is how other keys call it",
        ),
        key(
            "rule",
            Form::Words(|| RULES.iter().map(|info| info.name).collect()),
            REQUIRED,
            "[the update](generated.md#rules)",
        ),
        key(
            "path",
            Form::Text,
            "",
            "of `objective = \"recorded\"`, where it has to be there: the name of a path in the run file",
        ),
        key("rate", Form::POSITIVE, REQUIRED, "the learning rate"),
        key(
            "start",
            Form::With(
                "[x] of a curve, [x, y] of a surface; of data sets and networks \"zeros\", all weights, or a draw",
                &START,
            ),
            REQUIRED,
            "where it begins",
        ),
        key(
            "steps",
            Form::Whole(1, MAX_STEPS as u64),
            REQUIRED,
            "the number of steps",
        ),
        key(
            "color",
            Form::As("a CSS colour such as \"#2ca02c\" or \"orange\""),
            "the theme's",
            "of its ball and its trail",
        ),
        key(
            "sampling",
            Form::Table(&SAMPLING),
            "exact, from all data",
            "where the gradient comes from",
        ),
        key(
            "clip",
            Form::POSITIVE,
            "not at all",
            "a longer gradient is shortened to this norm before the rule sees it",
        ),
        key(
            "schedule",
            Form::Table(&SCHEDULE),
            "the same rate throughout",
            "how the rate changes",
        ),
        key(
            "stop",
            Form::Table(&STOP),
            "not before the last step",
            "when to stop early",
        ),
        key("seed", Form::SEED, "`0`", "of noise and mini-batches"),
        key(
            "hidden",
            Form::Flag,
            "`false`",
            "not shown until it is switched on",
        ),
        key(
            "explain",
            Form::Flag,
            "`false`",
            "its steps are taken apart",
        ),
    ]],
};

const SAMPLING: Keys = Keys {
    header: "panel.descent.sampling",
    example: "{ noise = 0.5 }",
    about: "One of the two.",
    groups: &[&[
        key(
            "noise",
            Form::NOT_NEGATIVE,
            "",
            "the exact gradient, and noise of this standard deviation on every component",
        ),
        key(
            "batch",
            Form::Whole(1, MAX_BATCH as u64),
            "",
            "of data sets and networks: the gradient over so many samples",
        ),
    ]],
};

const STOP: Keys = Keys {
    header: "panel.descent.stop",
    example: "{ radius = 6.0, gradient = 1e-8 }",
    about: "",
    groups: &[&[
        key(
            "radius",
            Form::POSITIVE,
            "",
            "stops where the parameters' norm exceeds it",
        ),
        key(
            "gradient",
            Form::NOT_NEGATIVE,
            "",
            "stops where the exact gradient's norm is not above it",
        ),
    ]],
};

/// What a descent moves.
#[derive(Clone, Copy)]
pub(super) struct Parameters<'a> {
    /// Draws starts.
    pub kind: &'a dyn ObjectiveKind,
    pub count: usize,
    /// Whether they are the axes of the panel; else there are more than one would write down.
    pub are_axes: bool,
}

/// `parameters` are the objective's, where it is known; `have_samples`: there are samples to take batches of.
pub(super) fn descent(
    table: &Table,
    parameters: Option<Parameters>,
    have_samples: bool,
) -> Option<DescentSpec> {
    let name = table.get("name").and_then(|f| f.text());
    let names = RULES.iter().map(|info| info.name);
    let rule = table.require("rule");
    let rule = rule.and_then(|f| {
        let word = f.text()?;
        Rule::named(word).or_else(|| f.fail(&names::expected(word, names)))
    });
    let rule = match rule {
        Some(rule) => Some(hyperparameters(table, rule)),
        None => {
            // Nobody knows which hyperparameters an unknown rule has.
            let params = RULES.iter().flat_map(|info| info.params);
            params.for_each(|param| drop(table.parameter(param.key)));
            None
        }
    };
    let rate = table.require("rate").and_then(|f| f.number());
    let start =
        table
            .require_as("start", &start_form(parameters))
            .and_then(|f| match parameters? {
                Parameters {
                    count,
                    are_axes: true,
                    ..
                } => Some((point(&f, count)?, None)),
                parameters => weights(&f, &parameters),
            });
    let steps = table.require("steps").and_then(|f| f.count());
    let color = table.get("color").and_then(|f| color(&f));
    let sampling = table
        .get("sampling")
        .and_then(|f| sampling(&f.table()?, have_samples));
    let clip = table.get("clip").and_then(|f| f.number());
    let schedule = table
        .get("schedule")
        .and_then(|f| schedule(&f.table_like(&schedule_form(&f))?, steps));
    let stop = table.get("stop").and_then(|f| stop(&f.table()?));
    let seed = table.get("seed").and_then(|f| f.whole());
    let hidden = table.get("hidden").and_then(|f| f.boolean());
    let explained = table.get("explain").and_then(|f| f.boolean());
    table.finish_with(|key| {
        RULES.iter().find(|info| info.param(key).is_some())?;
        rule.map(|rule| lacks(rule.info(), key))
    });

    let rule = rule?;
    let (start, drawn) = start?;
    Some(DescentSpec {
        drawn,
        name: name.unwrap_or(rule.info().title).to_owned(),
        plan: Plan {
            rule,
            rate: rate?,
            schedule: schedule.unwrap_or_default(),
            sampling: sampling.unwrap_or_default(),
            clip,
            start,
            steps: steps?,
            stop: stop.unwrap_or_default(),
            seed: seed.unwrap_or(0),
            record: None,
        },
        color,
        shown: !hidden.unwrap_or(false),
        explained: explained.unwrap_or(false),
    })
}

pub(super) fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// The rule with the values that the file gives.
fn hyperparameters(table: &Table, mut rule: Rule) -> Rule {
    for param in rule.info().params {
        let Some(field) = table.parameter(param.key) else {
            continue;
        };
        if let Some(value) = hyperparameter(&field, param) {
            rule.set(param.key, value);
        }
    }
    rule
}

fn hyperparameter(field: &Field, param: &Param) -> Option<f64> {
    match param.kind {
        ParamKind::Switch => field.boolean().map(|on| f64::from(u8::from(on))),
        ParamKind::Choice(words) => {
            let word = field.text()?;
            let place = words.iter().position(|known| *known == word);
            place.map(|place| place as f64).or_else(|| {
                let words = words.iter().copied();
                field.fail(&names::expected(word, words))
            })
        }
        ParamKind::Number | ParamKind::Whole => {
            field.number_where(&param.expected(), |x| param.accepts(x))
        }
    }
}

fn lacks(info: &RuleInfo, key: &str) -> String {
    let has = list(info.params.iter().map(|p| p.key));
    format!("rule `{}` has no `{key}`; it has {has}", info.name)
}

fn point_form(dim: Option<usize>) -> &'static str {
    match dim {
        Some(1) => "[x], a list of one number",
        Some(_) => "[x, y], a list of two numbers",
        None => "[x] for a curve or [x, y] for a surface",
    }
}

fn start_form(parameters: Option<Parameters>) -> String {
    match parameters {
        Some(parameters) if !parameters.are_axes => weights_form(&parameters),
        _ => point_form(parameters.map(|parameters| parameters.count)).to_owned(),
    }
}

fn weights_form(parameters: &Parameters) -> String {
    let count = parameters.count;
    match parameters.kind.usual_draw() {
        Some(_) => format!(
            "a table, as in {{ init = \"xavier\", seed = 0 }}, \"zeros\", or a list of the {count} weights and biases"
        ),
        None => format!("\"zeros\", or a list of the {count} weights, row by row"),
    }
}

/// The weights of a data set's model: all zero, drawn, or one by one.
fn weights(field: &Field, parameters: &Parameters) -> Option<(Vec<f64>, Option<StartDraw>)> {
    let (kind, count) = (parameters.kind, parameters.count);
    let form = weights_form(parameters);
    if field.is_text() {
        let zeros = field.text() == Some(ZEROS);
        return if zeros {
            let draw = kind.usual_draw().map(|usual| StartDraw {
                init: Init::Zeros,
                ..usual
            });
            Some((vec![0.0; count], draw))
        } else {
            field.fail(&format!("expected {form}"))
        };
    }
    if field.is_table() && kind.usual_draw().is_some() {
        let draw = start_draw(&field.table_of(&START)?)?;
        return Some((kind.draw_start(draw)?, Some(draw)));
    }
    Some((field.numbers_of(count, &form)?, None))
}

/// A point with `dim` coordinates.
pub(in super::super) fn point(field: &Field, dim: usize) -> Option<Vec<f64>> {
    let form = point_form(Some(dim));
    field.numbers_of(dim, form)
}

pub(super) fn color(field: &Field) -> Option<[u8; 3]> {
    let text = field.text()?;
    match csscolorparser::parse(text) {
        Ok(color) if color.a == 1.0 => {
            let [r, g, b, _] = color.to_rgba8();
            Some([r, g, b])
        }
        Ok(_) => field.fail("expected a colour that is not transparent"),
        Err(_) => {
            let names = csscolorparser::NAMED_COLORS
                .keys()
                .map(|name| name.as_str());
            let near = names::did_you_mean(text, names);
            field.fail(&format!(
                "expected a CSS colour such as \"#2ca02c\" or \"orange\"{near}"
            ))
        }
    }
}

/// `is_data`: the objective has samples to take batches of.
fn sampling(table: &Table, is_data: bool) -> Option<Sampling> {
    let noise = table.get("noise");
    let batch = table.get("batch");
    table.finish();
    if let (Some(batch), Some(_)) = (&batch, &noise) {
        batch.report("found `noise` beside it, expected one of the two".to_owned());
        return None;
    }
    if let (Some(batch), true) = (&batch, is_data) {
        let size = batch.count()?;
        return Some(Sampling::Batch { size });
    }
    if let Some(batch) = batch {
        batch.report(
            "a function has no samples to take a batch of, expected noise = σ instead".to_owned(),
        );
        return None;
    }
    let Some(noise) = noise else {
        let expected = match is_data {
            true => {
                "the standard deviation σ of the noise, or `batch`, the samples of a mini-batch"
            }
            false => "the standard deviation σ of the noise",
        };
        return table.missing("noise", expected);
    };
    Some(Sampling::Noise {
        sigma: noise.number()?,
    })
}

fn stop(table: &Table) -> Option<Stop> {
    let radius = table.get("radius").and_then(|f| f.number());
    let gradient = table.get("gradient").and_then(|f| f.number());
    table.finish();
    Some(Stop { radius, gradient })
}
