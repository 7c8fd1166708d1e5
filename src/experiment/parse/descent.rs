//! A `[[panel.descent]]` table: the rule, its hyperparameters and the plan of the run.

use super::super::names;
use super::super::reader::{Field, Table};
use super::super::start::start_draw;
use super::super::{DescentSpec, MAX_BATCH, MAX_STEPS, ObjectiveKind, StartDraw, ZEROS};
use crate::descent::{Plan, Stop};
use crate::objective::network::Init;
use crate::optimizer::{Param, ParamKind, RULES, Rule, RuleInfo, Sampling, Schedule, ScheduleKind};

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
    let rule = table.require("rule", &format!("one of {}", list(names.clone())));
    let rule = rule.and_then(|f| {
        let word = f.text()?;
        Rule::named(word).or_else(|| f.fail(&names::expected(word, names)))
    });
    let rule = match rule {
        Some(rule) => Some(hyperparameters(table, rule)),
        None => {
            // Nobody knows which hyperparameters an unknown rule has.
            let params = RULES.iter().flat_map(|info| info.params);
            params.for_each(|param| drop(table.get(param.key)));
            None
        }
    };
    let rate = table
        .require("rate", "the learning rate")
        .and_then(|f| f.positive());
    let start = table
        .require("start", &start_form(parameters))
        .and_then(|f| match parameters? {
            Parameters {
                count,
                are_axes: true,
                ..
            } => Some((point(&f, count)?, None)),
            parameters => weights(&f, &parameters),
        });
    let steps = table
        .require("steps", "the number of steps")
        .and_then(|f| f.count(1, MAX_STEPS));
    let color = table.get("color").and_then(|f| color(&f));
    let sampling = table.get("sampling").and_then(|f| {
        sampling(
            &f.table_like("a table, as in { noise = 0.5 }")?,
            have_samples,
        )
    });
    let clip = table.get("clip").and_then(|f| f.positive());
    let schedule = table
        .get("schedule")
        .and_then(|f| schedule(&f.table_like(&schedule_form(&f))?, steps));
    let stop = table
        .get("stop")
        .and_then(|f| stop(&f.table_like("a table, as in { radius = 6.0, gradient = 1e-8 }")?));
    let seed = table
        .get("seed")
        .and_then(|f| f.whole_where("a whole number, 0 or more", |_| true));
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

fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// The rule with the values that the file gives.
fn hyperparameters(table: &Table, mut rule: Rule) -> Rule {
    for param in rule.info().params {
        let Some(field) = table.get(param.key) else {
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
        let draw = start_draw(&field.table()?)?;
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
        let size = batch.count(1, MAX_BATCH)?;
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
        sigma: noise.not_negative()?,
    })
}

/// The keys that some kind of schedule has.
const FORM_KEYS: [&str; 9] = [
    "final",
    "every",
    "factor",
    "gamma",
    "multiple",
    "low",
    "decay",
    "patience",
    "threshold",
];

/// The keys of a schedule of this kind.
fn schedule_keys(kind: &str) -> &'static [&'static str] {
    match kind {
        "cosine" | "linear" => &["final", "warmup"],
        "step" => &["every", "factor", "warmup"],
        "exponential" => &["gamma", "warmup"],
        "restarts" => &["every", "multiple", "final", "warmup"],
        "cyclic" => &["low", "every", "decay", "warmup"],
        "plateau" => &["factor", "patience", "threshold", "warmup"],
        _ => &["warmup"],
    }
}

/// The form of a schedule: of the kind that stands there alone, if one does.
fn schedule_form(field: &Field) -> String {
    let kind = field.is_text().then(|| field.text()).flatten();
    let kind = ScheduleKind::NAMES
        .into_iter()
        .find(|name| kind == Some(name));
    let kind = kind.unwrap_or("cosine");
    let rest = match kind {
        "cosine" | "linear" => ", final = 0.0",
        "step" => ", every = 50, factor = 0.1",
        "exponential" => ", gamma = 0.99",
        "restarts" => ", every = 50",
        "cyclic" => ", low = 0.001, every = 25",
        "plateau" => ", factor = 0.1, patience = 10",
        _ => "",
    };
    format!("a table, as in {{ kind = \"{kind}\"{rest} }}")
}

/// `steps` is the descent's, where it is known: a warm-up is shorter.
fn schedule(table: &Table, steps: Option<usize>) -> Option<Schedule> {
    let kinds = ScheduleKind::NAMES.map(|name| (name, name));
    let name = match table.get("kind") {
        Some(kind) => kind.choice(&kinds),
        None => Some("constant"),
    };
    let warmup = table.get("warmup").and_then(|f| {
        let steps = steps.unwrap_or(MAX_STEPS);
        let expected = format!("a whole number below the {steps} steps of the descent");
        f.whole_where(&expected, |warmup| warmup < steps as u64)
    });
    let last = || table.get("final").map_or(Some(0.0), |f| f.not_negative());
    let kind = match name {
        Some("cosine") => last().map(|last| ScheduleKind::Cosine { last }),
        Some("linear") => last().map(|last| ScheduleKind::Linear { last }),
        Some("step") => {
            let every = table.require("every", "the number of steps at one rate");
            let every = every.and_then(|f| f.count(1, MAX_STEPS));
            let factor = table.get("factor").map_or(Some(0.1), |f| f.positive());
            every
                .zip(factor)
                .map(|(every, factor)| ScheduleKind::Step { every, factor })
        }
        Some("exponential") => {
            let gamma = table.require("gamma", "the factor from step to step, as in 0.99");
            let gamma = gamma.and_then(|f| f.positive());
            gamma.map(|gamma| ScheduleKind::Exponential { gamma })
        }
        Some("restarts") => {
            let every = table.require("every", "the number of steps of the first wave");
            let every = every.and_then(|f| f.count(1, MAX_STEPS));
            let multiple = table
                .get("multiple")
                .map_or(Some(1), |f| f.count(1, MAX_STEPS));
            let last = last();
            (|| {
                Some(ScheduleKind::Restarts {
                    every: every?,
                    multiple: multiple?,
                    last: last?,
                })
            })()
        }
        Some("cyclic") => {
            let low = table.require("low", "the rate between two cycles");
            let low = low.and_then(|f| f.positive());
            let every = table.require("every", "the number of steps of half a cycle");
            let every = every.and_then(|f| f.count(1, MAX_STEPS));
            let decay = table.get("decay").map_or(Some(1.0), |f| part(&f));
            (|| {
                Some(ScheduleKind::Cyclic {
                    low: low?,
                    every: every?,
                    decay: decay?,
                })
            })()
        }
        Some("one-cycle") => Some(ScheduleKind::OneCycle),
        Some("plateau") => {
            let factor = table.get("factor").map_or(Some(0.1), |f| part(&f));
            let patience = table
                .get("patience")
                .map_or(Some(10), |f| f.count(0, MAX_STEPS));
            let threshold = table.get("threshold").map_or(Some(1e-4), |f| {
                f.number_where("a number from 0 to below 1", |x| (0.0..1.0).contains(&x))
            });
            (|| {
                Some(ScheduleKind::Plateau {
                    factor: factor?,
                    patience: patience?,
                    threshold: threshold?,
                })
            })()
        }
        Some(_) => Some(ScheduleKind::Constant),
        None => {
            FORM_KEYS.iter().for_each(|key| drop(table.get(key)));
            None
        }
    };
    table.finish_with(|key| {
        let kind = name.filter(|_| FORM_KEYS.contains(&key))?;
        let has = list(schedule_keys(kind).iter().copied());
        Some(format!(
            "a schedule of kind `{kind}` has no `{key}`; it has {has}"
        ))
    });
    Some(Schedule {
        kind: kind?,
        warmup: warmup.unwrap_or(0) as usize,
    })
}

/// A factor that lessens, or 1.
fn part(field: &Field) -> Option<f64> {
    field.number_where("a number above 0, at most 1", |x| x > 0.0 && x <= 1.0)
}

fn stop(table: &Table) -> Option<Stop> {
    let radius = table.get("radius").and_then(|f| f.positive());
    let gradient = table.get("gradient").and_then(|f| f.not_negative());
    table.finish();
    Some(Stop { radius, gradient })
}
