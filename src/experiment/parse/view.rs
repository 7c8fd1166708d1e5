//! The `[view]` table and the camera path.

use std::str::FromStr;

use super::super::keys::{EASING, Form, Keys, TIME, key, names};
use super::super::reader::{Field, Table};
use super::super::view::{EXAGGERATIONS, OPACITIES, is_pitch};
use super::super::{
    CameraKey, ColorMap, Easing, MAX_CAPTIONS, PlotQuantity, ThemeKind, ViewPreset, ViewSettings,
};

pub(super) const KEYS: Keys = Keys {
    header: "[view]",
    example: "",
    about: "",
    groups: &[&[
        key(
            "camera",
            Form::As("one of iso, front, side, top, or \"yaw,pitch\" in radians"),
            "`\"iso\"`, of curves nearly from the front",
            "where it is seen from",
        ),
        key(
            "colormap",
            Form::Words(|| names(ColorMap::NAMED)),
            "`\"viridis\"`",
            "the colours of the surface",
        ),
        key(
            "theme",
            Form::Words(|| names(ThemeKind::NAMED)),
            "`\"dark\"`",
            "the colours of all else",
        ),
        key(
            "seconds_per_step",
            Form::Number("seconds above 0, at most 60", |s| s > 0.0 && s <= 60.0),
            "`0.05`, of recorded runs 12 seconds in all",
            "the pace",
        ),
        key(
            "turntable",
            Form::FINITE,
            "`0`",
            "radians a second by which the camera turns",
        ),
        key(
            "opacity",
            Form::Number("a number from 0.1 to 1", |x| OPACITIES.contains(&x)),
            "`1`",
            "of the surface",
        ),
        key(
            "exaggeration",
            Form::Number("a number from 0.1 to 3", |x| EXAGGERATIONS.contains(&x)),
            "`1`",
            "a factor on the drawn height",
        ),
        key("parallel", Form::Flag, "`false`", "without perspective"),
        key(
            "turn_contours",
            Form::Flag,
            "`false`",
            "the contours turn with the camera",
        ),
        key(
            "plot",
            Form::Words(|| names(PlotQuantity::NAMED)),
            "the loss, under log height its logarithm",
            "what the plot shows",
        ),
    ]],
};

pub(super) const CAMERA: Keys = Keys {
    header: "[camera]",
    example: "",
    about: "The camera goes from key to key.",
    groups: &[&[key(
        "key",
        Form::Tables(&CAMERA_KEY, MAX_CAPTIONS),
        "none",
        "where it is at a time",
    )]],
};

const CAMERA_KEY: Keys = Keys {
    header: "[[camera.key]]",
    example: "",
    about: "",
    groups: &[&[
        TIME,
        key(
            "yaw",
            Form::FINITE,
            "`0.6`",
            "radians about the upright axis",
        ),
        key(
            "pitch",
            Form::Number("radians from -π/2 to π/2", is_pitch),
            "`0.5`",
            "0 at the horizon",
        ),
        key(
            "distance",
            Form::Number("box sizes above 0, at most 100", |d| d > 0.0 && d <= 100.0),
            "`2.4`",
            "from what it looks at",
        ),
        key(
            "target",
            Form::As("[x, y, z], three numbers"),
            "`[0, 0, 0]`",
            "what it looks at, in box coordinates",
        ),
        EASING,
    ]],
};

pub(super) fn settings(table: &Table, default: &ViewSettings) -> Option<ViewSettings> {
    let settings = ViewSettings {
        camera: table
            .get("camera")
            .and_then(preset)
            .unwrap_or(default.camera),
        colormap: table
            .get("colormap")
            .and_then(|f| f.choice(ColorMap::NAMED))
            .unwrap_or_default(),
        theme: table
            .get("theme")
            .and_then(|f| f.choice(ThemeKind::NAMED))
            .unwrap_or_default(),
        seconds_per_step: table
            .get("seconds_per_step")
            .and_then(|f| f.number())
            .unwrap_or(default.seconds_per_step),
        turntable: table
            .get("turntable")
            .and_then(|f| f.number())
            .unwrap_or(default.turntable),
        opacity: table
            .get("opacity")
            .and_then(|f| f.number())
            .unwrap_or(default.opacity),
        exaggeration: table
            .get("exaggeration")
            .and_then(|f| f.number())
            .unwrap_or(default.exaggeration),
        parallel: table
            .get("parallel")
            .and_then(|f| f.boolean())
            .unwrap_or(default.parallel),
        turn_contours: table
            .get("turn_contours")
            .and_then(|f| f.boolean())
            .unwrap_or(default.turn_contours),
        plot: table
            .get("plot")
            .and_then(|f| f.choice(PlotQuantity::NAMED)),
    };
    table.finish();
    Some(settings)
}

fn preset(field: Field) -> Option<ViewPreset> {
    match ViewPreset::from_str(field.text()?) {
        Ok(preset) => Some(preset),
        Err(unknown) => field.fail(&unknown.expected),
    }
}

/// The keys of `[[camera.key]]`, each later than the one before.
pub(super) fn camera_keys(table: &Table) -> Option<Vec<CameraKey>> {
    let mut keys: Vec<CameraKey> = Vec::new();
    for key in table.tables("key") {
        let after = keys.last().map(|k| k.time);
        keys.extend(camera_key(&key, after));
    }
    table.finish();
    Some(keys)
}

fn camera_key(table: &Table, after: Option<f64>) -> Option<CameraKey> {
    let default = CameraKey::default();
    let time = table.require("time").and_then(|f| f.time_after(after));
    let yaw = table.get("yaw").and_then(|f| f.number());
    let pitch = table.get("pitch").and_then(|f| f.number());
    let distance = table.get("distance").and_then(|f| f.number());
    let target = table
        .get("target")
        .and_then(|f| f.numbers("[x, y, z], three numbers"));
    let easing = table.get("easing").and_then(|f| f.choice(Easing::NAMED));
    table.finish();
    Some(CameraKey {
        time: time?,
        yaw: yaw.unwrap_or(default.yaw),
        pitch: pitch.unwrap_or(default.pitch),
        distance: distance.unwrap_or(default.distance),
        target: target.unwrap_or(default.target),
        easing: easing.unwrap_or(default.easing),
    })
}
