//! Threads where a hole or a peak is narrower than a pixel: what is in it is seen to be of the surface.

use bevy::mesh::MeshTag;
use bevy::prelude::*;

use super::draw::DrawAssets;
use super::ribbon::{Order, RibbonPoint, Stroke};
use super::{DrawnFor, PanelSpace, ViewStage};
use crate::lab::Scenery;
use crate::lab::theme::{Theme, linear};
use crate::landscape::NarrowPlace;

/// In logical pixels.
const WIDTH: f32 = 1.2;
const OPACITY: f32 = 0.6;
/// What is wider than this share of the domain is a pixel wide.
const WIDEST: f64 = 1e-3;
/// Around a narrow place, so many half widths away, the surface is as if it were not there.
const AWAY: f64 = 6.0;

#[derive(Component)]
struct Threads;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, build_threads.in_set(ViewStage::Build));
}

fn build_threads(
    mut commands: Commands,
    panels: Query<(Entity, Ref<Scenery>, Ref<PanelSpace>)>,
    old: Query<(Entity, &DrawnFor), With<Threads>>,
    theme: Res<Theme>,
    mut assets: DrawAssets,
) {
    for (panel, scenery, place) in &panels {
        if !(scenery.is_changed() || place.is_changed() || theme.is_changed()) {
            continue;
        }
        for (entity, _) in old.iter().filter(|(_, of)| of.0 == panel) {
            commands.entity(entity).despawn();
        }
        if place.space.flat {
            continue;
        }
        let narrow = scenery.field.narrow.iter();
        let ends = narrow.filter_map(|narrow| ends(&scenery, narrow));
        let points: Vec<RibbonPoint> = ends
            .flat_map(|(at, ends)| {
                let [from, to] =
                    ends.map(|height| place.space.world_from_fractions(at[0], at[1], height));
                [
                    RibbonPoint::new(from, 0.0, true),
                    RibbonPoint::new(to, 0.0, false),
                ]
            })
            .collect();
        if points.is_empty() {
            continue;
        }
        let stroke = Stroke {
            color: linear(theme.text, OPACITY),
            width: WIDTH,
            casing: None,
            dashed: false,
            fade_steps: 0.0,
        };
        let points = assets.points(points.into_iter());
        let mut thread = assets.trail(points, &stroke, Order::Ahead, &place);
        thread.2 = MeshTag(f32::MAX.to_bits());
        commands.spawn((Threads, DrawnFor(panel), thread));
    }
}

/// Where a thread stands, and the heights between which: around the place, and in it.
fn ends(scenery: &Scenery, narrow: &NarrowPlace) -> Option<([f64; 2], [f64; 2])> {
    // A trench, and the dip of a curve, are seen from the side.
    if !narrow.half_widths.iter().all(|width| *width < WIDEST) {
        return None;
    }
    let height = |at: [f64; 2]| scenery.scale.fraction(scenery.field.loss_at(at));
    let [s, t] = narrow.at;
    let [ds, dt] = narrow.half_widths.map(|width| AWAY * width);
    let around = [[s - ds, t], [s + ds, t], [s, t - dt], [s, t + dt]].map(height);
    let mean = around.iter().sum::<f64>() / 4.0;
    let ends = [mean, height(narrow.at)];
    let are_finite = ends.iter().all(|height| height.is_finite());
    are_finite.then_some((narrow.at, ends.map(|height| height.clamp(0.0, 1.0))))
}
