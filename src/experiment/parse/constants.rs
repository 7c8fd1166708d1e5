//! The named constants of a panel's formula.

use super::super::constants::{MAX_CONSTANTS, usual_span};
use super::super::keys::{Form, Keys, REQUIRED, key};
use super::super::reader::Field;
use crate::landscape::Range;
use crate::objective::Constant;

pub(in super::super) const FORM: &str =
    "a table of numbers, as in { a = 1, b = { value = 100, min = 0, max = 200 } }";

pub(in super::super) const KEYS: Keys = Keys {
    header: "panel.constants.NAME",
    example: "{ value = 100, min = 0, max = 200 }",
    about: "A constant of the formula; a number alone is its value.",
    groups: &[&[
        key("value", Form::FINITE, REQUIRED, "the constant's value"),
        key(
            "min",
            Form::FINITE,
            "by the value",
            "where its slider begins",
        ),
        key("max", Form::FINITE, "by the value", "where its slider ends"),
    ]],
};

/// The constants of a panel with the spans of their sliders. What cannot be read has a stand-in, so that the formula is
/// checked nevertheless.
pub(in super::super) fn constants(field: &Field) -> Vec<(Constant, Range)> {
    let entries = field.entries(FORM).unwrap_or_default();
    if entries.len() > MAX_CONSTANTS {
        let found = entries.len();
        field.report(format!("found {found}, expected at most {MAX_CONSTANTS}"));
    }
    let entries = entries.iter().take(MAX_CONSTANTS);
    entries.map(|(name, field)| constant(name, field)).collect()
}

fn constant(name: &str, field: &Field) -> (Constant, Range) {
    if let Some(objection) = Constant::objection(name) {
        field.report(format!("no name for a constant: {objection}"));
    }
    let (value, span) = value(field).unwrap_or((1.0, usual_span(1.0)));
    let name = name.to_owned();
    (Constant { name, value }, span)
}

/// A number, or one with the span of its slider.
fn value(field: &Field) -> Option<(f64, Range)> {
    if !field.is_table() {
        let value = field.number_where(
            "a finite number, or { value = …, min = …, max = … }",
            |_| true,
        )?;
        return Some((value, usual_span(value)));
    }
    let table = field.table_of(&KEYS)?;
    let value = table.require("value");
    let [min, max] = ["min", "max"].map(|key| table.get(key));
    table.finish();
    let number = value.as_ref().and_then(Field::number);
    // An end that is there and no number is reported, and ends this.
    let end = |end: &Option<Field>| {
        end.as_ref()
            .map_or(Some(None), |end| end.number().map(Some))
    };
    let (low, high, number) = (end(&min)?, end(&max)?, number?);
    let usual = usual_span(number);
    let [low, high] = [low.unwrap_or(usual[0]), high.unwrap_or(usual[1])];
    match (&min, &max) {
        (Some(_), Some(max)) if low >= high => {
            max.fail(&format!("expected more than `min`, which is {low}"))
        }
        _ if number < low => value?.fail(&format!("expected at least `min`, which is {low}")),
        _ if number > high => value?.fail(&format!("expected at most `max`, which is {high}")),
        _ if low < high && (high - low).is_finite() => Some((number, [low, high])),
        _ => max.or(min)?.fail("which makes the span empty or too wide"),
    }
}
