//! The `[view]` table and the camera path.

use std::str::FromStr;

use super::super::reader::{Field, Table};
use super::super::view::{EXAGGERATIONS, OPACITIES, is_pitch};
use super::super::{
    CameraKey, ColorMap, Easing, MAX_CAPTIONS, PlotQuantity, ThemeKind, ViewPreset, ViewSettings,
};

pub(super) fn settings(table: &Table, default: &ViewSettings) -> Option<ViewSettings> {
    let seconds = |field: Field| field.number_where("seconds above 0, at most 60", is_pace);
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
            .and_then(seconds)
            .unwrap_or(default.seconds_per_step),
        turntable: table
            .get("turntable")
            .and_then(|f| f.number())
            .unwrap_or(default.turntable),
        opacity: table
            .get("opacity")
            .and_then(|f| f.number_where("a number from 0.1 to 1", |x| OPACITIES.contains(&x)))
            .unwrap_or(default.opacity),
        exaggeration: table
            .get("exaggeration")
            .and_then(|f| f.number_where("a number from 0.1 to 3", |x| EXAGGERATIONS.contains(&x)))
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

fn is_pace(seconds: f64) -> bool {
    seconds > 0.0 && seconds <= 60.0
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
    for key in table.tables("key", MAX_CAPTIONS) {
        let after = keys.last().map(|k| k.time);
        keys.extend(camera_key(&key, after));
    }
    table.finish();
    Some(keys)
}

fn camera_key(table: &Table, after: Option<f64>) -> Option<CameraKey> {
    let default = CameraKey::default();
    let time = table
        .require("time", "seconds from the beginning")
        .and_then(|f| f.time_after(after));
    let yaw = table.get("yaw").and_then(|f| f.number());
    let pitch = table.get("pitch");
    let pitch = pitch.and_then(|f| f.number_where("radians from -π/2 to π/2", is_pitch));
    let near = |d| d > 0.0 && d <= 100.0;
    let distance = table.get("distance");
    let distance = distance.and_then(|f| f.number_where("box sizes above 0, at most 100", near));
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
