//! A map in a file: the key `map` of a panel.

use super::super::keys::{Form, Keys, key, names};
use super::super::reader::Field;
use super::super::writer::{Writer, inline, number, quoted};
use super::super::{MapShow, Panel};
use super::{MapError, MapSpec};
use crate::maps::{LEAST_SIDE, MOST_SIDE};

pub(in super::super) const KEYS: Keys = Keys {
    header: "panel.map",
    example: "{ x = \"rate=0.01:1\", y = \"momentum\" }, or { }",
    about: "A map of many runs of one descent. An axis is `\"AXIS\"` or `\"AXIS=A:B\"`; AXIS is `start.x`, `start.y`, `rate`, \
            `noise` or a parameter of the rule.",
    groups: &[&[
        key(
            "descent",
            Form::Text,
            "the panel's first that is shown",
            "its name",
        ),
        key("x", Form::Text, "start.x", "the axis to the right"),
        key(
            "y",
            Form::Text,
            "start.y, of a curve the rate",
            "the axis upwards",
        ),
        key(
            "grid",
            Form::Sides(LEAST_SIDE, MOST_SIDE),
            "`[512, 512]`",
            "how many runs",
        ),
        key(
            "steps",
            Form::Whole(1, u64::MAX),
            "the descent's",
            "of each run",
        ),
        key(
            "radius",
            Form::POSITIVE,
            "1/500 of the domain's diagonal",
            "how near to a minimum is settled",
        ),
        key(
            "show",
            Form::Words(|| names(MapShow::NAMED)),
            "`\"minimum\"`",
            "what the colours say",
        ),
        key(
            "refine",
            Form::Number("seconds, 0 or more and at most an hour", |s| {
                (0.0..=3600.0).contains(&s)
            }),
            "`0`",
            "seconds of playback in which it goes from coarse to fine",
        ),
    ]],
};

/// Reads the table. `panel` is the one that the map is of, where nothing is wrong with it.
pub(in super::super) fn map(field: &Field, panel: Option<&Panel>) -> Option<MapSpec> {
    let table = field.table()?;
    let usual = MapSpec::default();
    let word = |key| table.get(key);
    let (descent, x, y) = (word("descent"), word("x"), word("y"));
    let (grid, steps, radius) = (word("grid"), word("steps"), word("radius"));
    let show = table.get("show").map(|f| f.choice(MapShow::NAMED));
    let refine = table.get("refine").map(|f| f.number());
    table.finish();
    let text = |field: &Option<Field>| match field {
        Some(field) => field.text().map(|text| Some(text.to_owned())),
        None => Some(None),
    };
    let size = match &grid {
        Some(field) => field.sides()?,
        None => usual.size,
    };
    let spec = MapSpec {
        descent: text(&descent)?,
        axes: [text(&x)?, text(&y)?],
        size,
        steps: match &steps {
            Some(field) => Some(field.count()?),
            None => None,
        },
        radius: match &radius {
            Some(field) => Some(field.number()?),
            None => None,
        },
        show: show.unwrap_or(Some(usual.show))?,
        refine: refine.unwrap_or(Some(usual.refine))?,
    };
    let Some(panel) = panel else {
        return Some(spec);
    };
    let Err(MapError { key, message }) = panel.map_plan(&spec) else {
        return Some(spec);
    };
    let at = match key {
        Some("descent") => descent.as_ref(),
        Some("x") => x.as_ref(),
        Some("y") => y.as_ref(),
        Some("grid") => grid.as_ref(),
        Some("steps") => steps.as_ref(),
        Some("radius") => radius.as_ref(),
        _ => None,
    };
    at.unwrap_or(field).report(message);
    None
}

pub(in super::super) fn write(out: &mut Writer, spec: &MapSpec) {
    let usual = MapSpec::default();
    let mut entries = Vec::new();
    let texts = [
        ("descent", &spec.descent),
        ("x", &spec.axes[0]),
        ("y", &spec.axes[1]),
    ];
    for (key, text) in texts {
        entries.extend(text.as_ref().map(|text| (key, quoted(text))));
    }
    if spec.size != usual.size {
        let [cols, rows] = spec.size;
        entries.push(("grid", format!("[{cols}, {rows}]")));
    }
    entries.extend(spec.steps.map(|steps| ("steps", steps.to_string())));
    entries.extend(spec.radius.map(|radius| ("radius", number(radius))));
    if spec.show != usual.show {
        entries.push(("show", quoted(spec.show.name())));
    }
    if spec.refine != usual.refine {
        entries.push(("refine", number(spec.refine)));
    }
    out.key("map", inline(entries));
}
