//! The schedule of a descent.

use super::super::MAX_STEPS;
use super::super::keys::{Form, Key, Keys, REQUIRED, key};
use super::super::reader::{Field, Table};
use super::descent::list;
use crate::optimizer::{Schedule, ScheduleKind};

pub(super) const KEYS: Keys = Keys {
    header: "panel.descent.schedule",
    example: "{ kind = \"cosine\", final = 0.0 }",
    about: "How the rate changes. Beside `kind` and `warmup` stand the keys of [that kind](generated.md#schedules); of the others \
            each is an error.",
    groups: &[
        &[
            key(
                "kind",
                Form::Words(|| ScheduleKind::NAMES.to_vec()),
                "`\"constant\"`",
                "the form after the warm-up",
            ),
            key(
                "warmup",
                Form::As("a whole number below the steps of the descent"),
                "`0`",
                "steps over which the rate rises evenly to its full value",
            ),
        ],
        FORM_KEYS,
    ],
};

/// The keys that some kind of schedule has.
const FORM_KEYS: &[Key] = &[
    key(
        "final",
        Form::NOT_NEGATIVE,
        "`0`",
        "the rate that it ends at",
    ),
    key(
        "every",
        Form::Whole(1, MAX_STEPS as u64),
        REQUIRED,
        "the number of steps at one rate, of the first wave, or of half a cycle",
    ),
    key(
        "factor",
        Form::POSITIVE,
        "`0.1`",
        "what the rate is multiplied by; at most 1 of `plateau`",
    ),
    key(
        "gamma",
        Form::POSITIVE,
        REQUIRED,
        "the factor from step to step",
    ),
    key(
        "multiple",
        Form::Whole(1, MAX_STEPS as u64),
        "`1`",
        "how many times as long each wave is as the one before",
    ),
    key(
        "low",
        Form::POSITIVE,
        REQUIRED,
        "the rate between two cycles",
    ),
    key(
        "decay",
        Form::PART,
        "`1`",
        "the factor on the height of each further cycle",
    ),
    key(
        "patience",
        Form::Whole(0, MAX_STEPS as u64),
        "`10`",
        "so many losses in a row may be no better than the best",
    ),
    key(
        "threshold",
        Form::Number("a number from 0 to below 1", |x| (0.0..1.0).contains(&x)),
        "`0.0001`",
        "a loss counts as better when it is lower by this share of the best",
    ),
];

/// The form of a schedule: of the kind that stands there alone, if one does.
pub(super) fn schedule_form(field: &Field) -> String {
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
pub(super) fn schedule(table: &Table, steps: Option<usize>) -> Option<Schedule> {
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
    let last = || table.get("final").map_or(Some(0.0), |f| f.number());
    let kind = match name {
        Some("cosine") => last().map(|last| ScheduleKind::Cosine { last }),
        Some("linear") => last().map(|last| ScheduleKind::Linear { last }),
        Some("step") => {
            let every = table.require_as("every", "the number of steps at one rate");
            let every = every.and_then(|f| f.count());
            let factor = table.get("factor").map_or(Some(0.1), |f| f.number());
            every
                .zip(factor)
                .map(|(every, factor)| ScheduleKind::Step { every, factor })
        }
        Some("exponential") => {
            let gamma = table.require_as("gamma", "the factor from step to step, as in 0.99");
            let gamma = gamma.and_then(|f| f.number());
            gamma.map(|gamma| ScheduleKind::Exponential { gamma })
        }
        Some("restarts") => {
            let every = table.require_as("every", "the number of steps of the first wave");
            let every = every.and_then(|f| f.count());
            let multiple = table.get("multiple").map_or(Some(1), |f| f.count());
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
            let low = table.require_as("low", "the rate between two cycles");
            let low = low.and_then(|f| f.number());
            let every = table.require_as("every", "the number of steps of half a cycle");
            let every = every.and_then(|f| f.count());
            let decay = table.get("decay").map_or(Some(1.0), |f| f.number());
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
            let factor = table
                .get("factor")
                .map_or(Some(0.1), |f| f.number_as(&Form::PART));
            let patience = table.get("patience").map_or(Some(10), |f| f.count());
            let threshold = table.get("threshold").map_or(Some(1e-4), |f| f.number());
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
            FORM_KEYS.iter().for_each(|key| drop(table.get(key.name)));
            None
        }
    };
    table.finish_with(|key| {
        let kind = name.filter(|_| FORM_KEYS.iter().any(|of_form| of_form.name == key))?;
        let has = list(ScheduleKind::keys(kind).iter().copied());
        Some(format!(
            "a schedule of kind `{kind}` has no `{key}`; it has {has}"
        ))
    });
    Some(Schedule {
        kind: kind?,
        warmup: warmup.unwrap_or(0) as usize,
    })
}
