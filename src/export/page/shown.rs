//! What is seen of a panel at a moment, as the viewer reads it: its range, its heights, and what is written beside them. Ticks, isolines
//! and marks have values; the viewer finds their places, so that they move with the range.

use serde_json::{Value, json};

use crate::experiment::{Contours, Panel};
use crate::export::PanelScene;
use crate::landscape::{CriticalKind, CriticalPoint, HeightKind, HeightScale, ticks};
use crate::palette::strokes::MOST_MARKS;

/// Round numbers an axis, and beside the colour bar.
const TICKS: usize = 5;
const BAR_TICKS: usize = 6;

/// At the end.
pub(super) fn of(drawn: &PanelScene) -> Value {
    at(
        drawn,
        &drawn.panel,
        (&drawn.scale, drawn.goes_on),
        &drawn.critical,
    )
}

/// At a moment, by the panel as it is then.
pub(super) fn at(
    drawn: &PanelScene,
    panel: &Panel,
    (scale, goes_on): (&HeightScale, [bool; 2]),
    critical: &[CriticalPoint],
) -> Value {
    let [x_title, y_title, loss_title] = &panel.labels;
    let domain = panel.domain;
    let along =
        |[low, high]: [f64; 2], title: &str| axis(&ticks::round_ticks(low, high, TICKS), title);
    let losses = |about| axis(&scale.ticks(about), loss_title);
    let (bands, levels) = match panel.contours {
        Contours::Bands(count) => (count, Vec::new()),
        Contours::Levels(_) => (0, panel.isoline_levels(scale)),
    };
    json!({
        "x": domain.x,
        "y": domain.y,
        "size": panel.box_size(drawn.descents.len(), drawn.tall),
        "toScale": panel.is_to_scale(),
        "scale": of_scale(scale),
        "goesOn": goes_on.contains(&true),
        "axes": [along(domain.x, x_title), domain.y.map(|range| along(range, y_title)), losses(TICKS)],
        "bar": losses(BAR_TICKS),
        "bands": bands,
        "levels": levels,
        "marks": marked(critical).filter_map(mark).collect::<Vec<Value>>(),
    })
}

pub(super) fn of_scale(scale: &HeightScale) -> Value {
    json!({ "log": scale.kind == HeightKind::Log, "base": scale.base, "low": scale.low, "high": scale.high })
}

/// Ticks as values and texts.
fn axis(values: &[f64], title: &str) -> Value {
    let texts = ticks::labels(values);
    json!({
        "title": texts.title(title),
        "ticks": values.iter().zip(&texts.texts).collect::<Vec<(&f64, &String)>>(),
    })
}

/// The points worth a mark, as in the window.
fn marked(critical: &[CriticalPoint]) -> impl Iterator<Item = &CriticalPoint> {
    let special = |kind: CriticalKind| kind.is_lowest() || kind == CriticalKind::GivenMinimum;
    let many = critical.len() > MOST_MARKS;
    let marked = critical
        .iter()
        .filter(move |point| !many || special(point.kind));
    marked.take(MOST_MARKS)
}

fn mark(point: &CriticalPoint) -> Option<Value> {
    let rank = match point.kind {
        kind if kind.is_lowest() => "lowest",
        kind if kind.is_minimum() => "minimum",
        CriticalKind::GivenMinimum => "given",
        CriticalKind::Saddle => "saddle",
        _ => return None,
    };
    Some(json!({ "at": point.at, "loss": point.value, "rank": rank }))
}
