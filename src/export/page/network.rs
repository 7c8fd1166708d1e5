//! A network as the viewer reads it: its samples, and its parameters along the way.

use serde_json::{Value, json};

use super::data::{base64, hex};
use crate::experiment::Through;
use crate::export::{PanelScene, Scene, SceneDescent};
use crate::objective::network::{Sight, SightKind, Targets};
use crate::palette::class_color;

/// Parameters of all networks on a page, at most, in bytes. What does not fit is left out evenly along the way.
const MOST_BYTES: usize = 600_000;

/// Of how many steps the parameters of each descent fit; `None` where there is nothing to see of a network.
pub(super) fn fitting(scene: &Scene, drawn: &PanelScene) -> Option<usize> {
    let network = drawn
        .network()
        .filter(|network| Sight::of(network).is_some())?;
    let sharing = scene
        .panels
        .iter()
        .filter(|panel| panel.network().is_some());
    let sharing: usize = sharing.map(|panel| panel.descents.len()).sum();
    let bytes = 4 * network.shape().parameters();
    Some(MOST_BYTES / sharing.max(1) / bytes.max(1))
}

/// What there is to see of a panel's network, if the beginning and the end fit at least.
pub(super) fn of(scene: &Scene, drawn: &PanelScene) -> Option<Value> {
    let network = drawn.network()?;
    fitting(scene, drawn).filter(|most| *most >= 2)?;
    let sight = Sight::of(network)?;
    let (samples, shape) = (network.data(), network.shape());
    let point = |&k: &usize| {
        let row = samples.row(k);
        match samples.targets() {
            Targets::Labels(_) => [row[0], row[1]],
            Targets::Numbers(numbers) => [row[0], numbers[k]],
        }
    };
    let points = sight.shown.iter().flat_map(point).map(|c| c as f32);
    let labels = match samples.targets() {
        Targets::Labels(labels) => {
            let shown = sight.shown.iter().map(|&k| labels[k] as u16);
            Some(base64(shown.flat_map(u16::to_le_bytes)))
        }
        Targets::Numbers(_) => None,
    };
    let classes = match sight.kind {
        SightKind::Regions { classes } => classes,
        SightKind::Curve => 0,
    };
    let through = drawn.panel.plane.as_ref().map(|plane| &plane.through);
    let passed = |descent: &SceneDescent| matches!(through, Some(Through::Descent(name)) if *name == descent.spec.name);
    Some(json!({
        "widths": shape.widths(),
        "activation": shape.activation.name(),
        "residual": shape.residual,
        "ranges": sight.ranges,
        "points": base64(points.flat_map(f32::to_le_bytes)),
        "labels": labels,
        "colors": (0..classes).map(|class| hex(class_color(class))).collect::<Vec<String>>(),
        "all": samples.len(),
        "through": drawn.descents.iter().position(passed),
    }))
}

/// The parameters of a descent at some of its steps, the first and the last among them.
pub(super) fn parameters(
    scene: &Scene,
    drawn: &PanelScene,
    descent: &SceneDescent,
) -> Option<Value> {
    let most = fitting(scene, drawn).filter(|most| *most >= 2)?;
    let history = &descent.history;
    let last = history.len().checked_sub(1)?;
    let every = last.div_ceil(most - 1).max(1);
    let kept: Vec<usize> = (0..last).step_by(every).chain([last]).collect();
    let steps = kept.iter().map(|k| descent.step_of(*k as f64) as u32);
    let values = kept.iter().flat_map(|k| history.at(*k)).map(|w| *w as f32);
    Some(json!({
        "steps": base64(steps.flat_map(u32::to_le_bytes)),
        "values": base64(values.flat_map(f32::to_le_bytes)),
    }))
}
