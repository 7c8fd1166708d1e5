//! A scene as the viewer reads it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::super::moments::{Moments, When, kept};
use super::super::{PanelScene, Scene, SceneDescent};
use super::moving::{self, of_map};
use super::{left_out, network, packed, shown};
use crate::experiment::{CameraKey, Easing, Experiment, PanelView, ThemeKind, ViewPreset};
use crate::landscape::{Grid, HeightScale, ticks};
use crate::palette::{Rgb, ThemeColors, color_map, strokes};

/// What a coordinate is at most on the page, so that differences are numbers.
const FARTHEST: f64 = 1e300;
const COLORS: usize = 256;

/// All that the viewer needs.
pub(super) fn of(scene: &Scene) -> Value {
    let Experiment {
        title,
        about,
        captions,
        view,
        camera_keys,
        ..
    } = &scene.experiment;
    let colors = color_map(view.colormap, COLORS);
    let captions = captions.iter().map(|caption| {
        json!({ "step": caption.step, "steps": caption.steps, "text": caption.text, "pause": caption.pause })
    });
    // Panels of one landscape share its heights.
    let mut grids: Vec<Value> = Vec::new();
    let moments = moving::all(scene);
    let panels = scene.panels.iter().zip(&moments).map(|(panel, moments)| {
        // Where ranges change it is seen but for a moment.
        let zoomed = moments
            .as_ref()
            .filter(|moments| moments.when == When::Seconds);
        let stride = zoomed.map_or(1, |moments| moving::stride(scene, panel, moments));
        let grid = of_grid(&panel.grid, &panel.scale, stride);
        let known = grids.iter().position(|known| *known == grid);
        let index = known.unwrap_or_else(|| {
            grids.push(grid);
            grids.len() - 1
        });
        of_panel(scene, panel, index, moments.as_ref())
    });
    let panels: Vec<Value> = panels.collect();
    json!({
        "title": title,
        "about": about,
        "theme": view.theme.name(),
        "themes": { "dark": theme(ThemeKind::Dark), "light": theme(ThemeKind::Light), "paper": theme(ThemeKind::Paper) },
        "colors": base64(colors.into_iter().flatten()),
        "look": look(),
        "secondsPerStep": view.seconds_per_step,
        "lastStep": scene.last_step,
        "turntable": view.turntable,
        "opacity": view.opacity,
        "explained": explained(scene),
        "home": camera(&scene.experiment),
        "keys": camera_keys.iter().map(key).collect::<Vec<Value>>(),
        "captions": captions.collect::<Vec<Value>>(),
        "panels": panels,
        "grids": grids,
    })
}

/// How lines and marks are drawn.
fn look() -> Value {
    json!({
        "trail": strokes::TRAIL,
        "casing": strokes::CASING,
        "drop": strokes::DROP,
        "dot": strokes::DOT,
        "ball": strokes::BALL,
        "end": strokes::END,
        "start": strokes::START,
        "ranks": { "lowest": strokes::LOWEST, "given": strokes::LOWEST, "minimum": strokes::MINIMUM, "saddle": strokes::SADDLE },
        "fade": strokes::FADE_STEPS,
        "faded": strokes::FADED,
        "dash": [strokes::DASH, strokes::DASH_SHARE],
        "ghostDash": [strokes::GHOST_DASH, strokes::GHOST_SHARE],
        "ghost": strokes::GHOST,
        "hidden": strokes::HIDDEN_BALL,
        "lift": strokes::LINE_LIFT,
        "markLift": strokes::MARK_LIFT,
    })
}

/// From where it is seen as long as no key says otherwise.
fn camera(experiment: &Experiment) -> Value {
    let view = &experiment.view;
    let (yaw, pitch) = view.camera.angles();
    let is_parallel = view.camera == ViewPreset::Top && experiment.camera_keys.is_empty();
    json!({ "yaw": yaw, "pitch": pitch, "parallel": view.parallel || is_parallel })
}

fn key(key: &CameraKey) -> Value {
    json!({
        "time": key.time,
        "yaw": key.yaw,
        "pitch": key.pitch,
        "distance": key.distance,
        "target": key.target,
        "linear": key.easing == Easing::Linear,
    })
}

/// The steps that are shown in phases, which take longer: the first one, the one behind the last, and seconds for each.
fn explained(scene: &Scene) -> Option<Value> {
    let settings = &scene.experiment.explain;
    let phases = scene.experiment.explained_phases()?;
    let steps = settings.range(scene.last_step);
    let seconds = settings.seconds_per_phase * phases as f64;
    Some(json!({ "from": steps.start, "to": steps.end, "seconds": seconds }))
}

fn theme(kind: ThemeKind) -> Value {
    let colors = ThemeColors::new(kind);
    json!({
        "background": hex(colors.background),
        "panel": hex(colors.panel),
        "line": hex(colors.line),
        "text": hex(colors.text),
        "muted": hex(colors.muted),
        "accent": hex(colors.accent),
        "warning": hex(colors.warning),
        "casing": hex(colors.casing),
        "axis": hex(colors.axis),
        "grid": hex(colors.grid),
        "shading": colors.shading,
    })
}

/// Every so many nodes of it.
fn of_grid(grid: &Grid, scale: &HeightScale, stride: usize) -> Value {
    let [cols, rows] = [grid.cols, grid.rows].map(|count| packed::nodes(count, stride));
    let heights = heights(grid, scale, stride);
    json!({ "cols": cols, "rows": rows, "heights": heights, "torn": torn(grid, scale).filter(|_| stride == 1) })
}

fn of_panel(scene: &Scene, drawn: &PanelScene, grid: usize, moments: Option<&Moments>) -> Value {
    let panel = &drawn.panel;
    json!({
        "title": panel.title,
        "labels": panel.labels,
        "flat": panel.view == PanelView::Contour && panel.domain.y.is_some(),
        "slice": drawn.is_slice(),
        "explained": drawn.explained,
        "note": panel.objective.note(),
        "leftOut": left_out::of(scene, drawn, moments),
        "grid": grid,
        "view": shown::of(drawn),
        "descents": drawn.descents.iter().map(|descent| of_descent(scene, drawn, descent)).collect::<Vec<Value>>(),
        "network": network::of(scene, drawn),
        "map": drawn.map.as_ref().map(|map| of_map(scene, drawn, map, moments)),
        "moments": moments.map(|moments| moving::of(scene, drawn, moments)),
    })
}

/// A fraction of the box's height for each node; NaN over holes.
fn heights(grid: &Grid, scale: &HeightScale, stride: usize) -> String {
    let height = |loss: &f64| match loss.is_finite() {
        true => scale.fraction(*loss) as f32,
        false => f32::NAN,
    };
    let rows = grid.values.chunks(grid.cols).step_by(stride);
    let nodes = rows.flat_map(|row| row.iter().step_by(stride));
    base64(nodes.map(height).flat_map(f32::to_le_bytes))
}

/// The triangles that the cells are made of in which the function breaks off: three times s, t and height, as fractions.
fn torn(grid: &Grid, scale: &HeightScale) -> Option<String> {
    if grid.tears().is_empty() {
        return None;
    }
    let is_curve = grid.rows == 1;
    let cells =
        (0..(grid.rows - 1).max(1)).flat_map(|row| (0..grid.cols - 1).map(move |col| (col, row)));
    let torn = cells.filter(|(col, row)| grid.tears().is_torn(row * grid.cols + col));
    let corners = torn.flat_map(|(col, row)| {
        // A curve's ribbon has two edges.
        let at = |k: usize, axis: usize| match is_curve && axis == 1 {
            true => k as f64,
            false => grid.lines()[axis].fraction(k),
        };
        let ends = [[at(col, 0), at(col + 1, 0)], [at(row, 1), at(row + 1, 1)]];
        let along = |[low, high]: [f64; 2], t: f64| low + (high - low) * t;
        let triangles = grid.triangles(col, row).into_iter().flatten();
        triangles.flat_map(move |[p, q, loss]| {
            [along(ends[0], p), along(ends[1], q), scale.fraction(loss)].map(|c| c as f32)
        })
    });
    Some(base64(corners.flat_map(f32::to_le_bytes)))
}

fn of_descent(scene: &Scene, drawn: &PanelScene, descent: &SceneDescent) -> Value {
    let (spec, history) = (&descent.spec, &descent.history);
    let info = spec.plan.rule.info();
    let kept = kept(drawn, descent);
    let is_whole = kept.len() == history.len();
    let in_order = is_whole && kept.iter().all(|k| descent.step_of(*k as f64) == *k as f64);
    let steps_kept = kept
        .iter()
        .map(|entry| descent.step_of(*entry as f64) as u32);
    let steps_kept = (!in_order).then(|| base64(steps_kept.flat_map(u32::to_le_bytes)));
    let place = |step: &usize| descent.places[*step].map(|c| c.clamp(-FARTHEST, FARTHEST));
    let path = &descent.path;
    let fraction = |c: f64| (c.clamp(0.0, 1.0) * 65535.0).round() as u16;
    let points = path
        .points
        .iter()
        .flat_map(|point| point.place.map(fraction));
    let steps = path
        .points
        .iter()
        .map(|point| descent.step_of(point.step) as f32);
    // The highest bit: the pen was up on the way there.
    let strengths = path.points.iter().map(|point| {
        let strength = (point.strength.clamp(0.0, 1.0) * 127.0).round() as u8;
        strength | if point.pen_up { 128 } else { 0 }
    });
    let dots = path.dots.iter().flat_map(|(place, _)| place.map(fraction));
    let dot_steps = path
        .dots
        .iter()
        .map(|(_, entry)| descent.step_of(*entry) as f32);
    let exit = path
        .exit
        .map(|(place, step)| json!({ "place": place, "step": descent.step_of(step) }));
    json!({
        "name": spec.name,
        "rule": info.title,
        "rate": ticks::label(spec.plan.rate),
        "color": hex(descent.color),
        "dashed": descent.dashed,
        "shown": spec.shown,
        "status": descent.status.name(),
        "ending": descent.ending(),
        "last": descent.last_step(),
        "lane": descent.lane,
        "steps": steps_kept,
        "places": base64(kept.iter().flat_map(place).flat_map(f64::to_le_bytes)),
        "losses": base64(kept.iter().flat_map(|step| history.losses()[*step].to_le_bytes())),
        "weights": network::parameters(scene, drawn, descent),
        "path": {
            "points": base64(points.flat_map(u16::to_le_bytes)),
            "steps": base64(steps.flat_map(f32::to_le_bytes)),
            "strengths": base64(strengths),
            "dots": base64(dots.flat_map(u16::to_le_bytes)),
            "dotSteps": base64(dot_steps.flat_map(f32::to_le_bytes)),
            "exit": exit,
        },
    })
}

pub(super) fn hex([r, g, b]: Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

pub(super) fn base64(bytes: impl Iterator<Item = u8>) -> String {
    BASE64_STANDARD.encode(bytes.collect::<Vec<u8>>())
}
