//! Names of minima: which have one, and where the paths are that no name may cover.

use bevy::prelude::*;

use super::critical;
use super::space::{BoxSpace, Projector};
use super::trails::ground;
use super::{PanelSpace, ViewStage};
use crate::lab::{DescentRun, DescentStyle, InPanel, Label, LabelKind, PanelLandscape};
use crate::landscape::{CriticalKind, CriticalPoint};

/// With more minima than this, words would cover the picture.
const MAX_NAMED: usize = 4;
/// In a narrower viewport words beside minima would hide what they name.
const MIN_WIDTH: f32 = 480.0;
/// Names reach no further from their minimum, in logical pixels.
const REACH: f32 = 170.0;
/// Between the places of a path that are avoided.
const STEP: f32 = 6.0;
/// Of one step.
const MAX_PIECES: f32 = 400.0;
/// Of a longer descent not every iterate is looked at.
const MAX_WAYPOINTS: usize = 300;

/// Some iterates of a descent in the box, evenly spread over its steps; none where it is outside.
#[derive(Component, Default)]
pub(super) struct Waypoints(Vec<Option<Vec3>>);

pub(super) fn plugin(app: &mut App) {
    app.register_required_components::<DescentRun, Waypoints>()
        .add_systems(Update, gather_waypoints.in_set(ViewStage::Place));
}

/// The whole path counts, not only what of it is shown: else names would jump as it grows.
pub(super) fn gather_waypoints(
    mut descents: Query<(Ref<DescentRun>, Ref<DescentStyle>, &InPanel, &mut Waypoints)>,
    panels: Query<(Ref<PanelLandscape>, &PanelSpace)>,
) {
    for (run, style, panel, mut waypoints) in &mut descents {
        let Ok((landscape, _)) = panels.get(panel.0) else {
            continue;
        };
        let old = !(run.is_changed() || style.is_changed() || waypoints.is_added());
        if old && !landscape.is_changed() {
            continue;
        }
        let ground = ground(&landscape, &style);
        let last = run.history().len().saturating_sub(1);
        let count = last.min(MAX_WAYPOINTS);
        let steps = (0..=count).map(|k| last * k / count.max(1));
        waypoints.0 = steps.map(|step| ground.at(&run, step as f64)).collect();
    }
}

/// The minima that have a name, with what lies near them.
pub(super) fn of_minima<'a>(
    landscape: &PanelLandscape,
    space: &BoxSpace,
    projector: &Projector,
    paths: impl Iterator<Item = &'a Waypoints>,
) -> Vec<Label> {
    let on_screen = |place: &Vec3| projector.screen_from_world(space.world_from_box(*place));
    let places: Vec<_> = critical::marked(landscape)
        .filter_map(|point| {
            let place = on_screen(&critical::place(point, space))?;
            Some((point, place))
        })
        .collect();
    let minima: Vec<_> = places
        .iter()
        .filter(|(point, _)| point.kind.is_minimum() || point.kind == CriticalKind::GivenMinimum)
        .collect();
    if minima.is_empty() || minima.len() > MAX_NAMED || projector.viewport.width() < MIN_WIDTH {
        return Vec::new();
    }
    let mut busy: Vec<Vec2> = places.iter().map(|(_, place)| *place).collect();
    for path in paths {
        let points = path.0.iter().map(|place| on_screen(place.as_ref()?));
        let points: Vec<_> = points.collect();
        busy.extend(points.first().copied().flatten());
        for pair in points.windows(2) {
            if let [Some(from), Some(to)] = *pair
                && minima.iter().any(|(_, at)| distance(*at, from, to) < REACH)
            {
                let pieces = (from.distance(to) / STEP).ceil().clamp(1.0, MAX_PIECES);
                busy.extend((1..=pieces as usize).map(|k| from.lerp(to, k as f32 / pieces)));
            }
        }
    }
    let name = |(point, place): &(&CriticalPoint, Vec2)| Label {
        position: *place,
        text: point.kind.title().to_owned(),
        kind: LabelKind::Critical,
        away: Vec2::ZERO,
        axis: None,
        avoid: busy
            .iter()
            .filter(|at| at.distance(*place) < REACH)
            .copied()
            .collect(),
    };
    minima.into_iter().map(name).collect()
}

/// Of a point from a piece of a line.
fn distance(point: Vec2, from: Vec2, to: Vec2) -> f32 {
    let way = to - from;
    let along = ((point - from).dot(way) / way.length_squared().max(1e-9)).clamp(0.0, 1.0);
    point.distance(from + way * along)
}
