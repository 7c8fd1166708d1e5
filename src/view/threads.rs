//! Threads where a hole or a peak is narrower than a pixel: what is in it is seen to be of the surface.

use bevy::prelude::*;

use super::draw::{Batch, DrawAssets, Home, Pass};
use super::ribbon::{RibbonMaterial, RibbonPoint};
use super::space::BoxSpace;
use super::{PanelSpace, ViewStage};
use crate::lab::PanelLandscape;
use crate::lab::theme::{Theme, linear};
use crate::landscape::NarrowPlace;

/// In logical pixels.
const WIDTH: f32 = 1.2;
const OPACITY: f32 = 0.6;
/// What is wider than this share of the domain is a pixel wide.
const WIDEST: f64 = 1e-3;
/// Around a narrow place, so many half widths away, the surface is as if it were not there.
const AWAY: f64 = 6.0;

#[derive(Component, Default)]
struct Threads {
    points: Batch,
    pass: Pass<RibbonMaterial>,
}

pub(super) fn plugin(app: &mut App) {
    app.register_required_components::<PanelSpace, Threads>()
        .add_systems(Update, build_threads.in_set(ViewStage::Build));
}

fn build_threads(
    mut panels: Query<(Entity, Ref<PanelLandscape>, &PanelSpace, &mut Threads)>,
    theme: Res<Theme>,
    mut assets: DrawAssets,
) {
    for (panel, landscape, place, mut drawing) in &mut panels {
        if !(landscape.is_changed() || theme.is_changed()) {
            continue;
        }
        let Threads { points, pass } = &mut *drawing;
        let narrow = landscape.field.narrow.iter().filter(|_| !place.space.flat);
        let threads = narrow.filter_map(|narrow| ends(&landscape, narrow));
        let threads: Vec<RibbonPoint> = threads
            .flat_map(|([s, t], ends)| {
                let [from, to] = ends.map(|height| BoxSpace::box_from_fractions(s, t, height));
                [
                    RibbonPoint::new(from, 0.0, true),
                    RibbonPoint::new(to, 0.0, false),
                ]
            })
            .collect();
        if threads.is_empty() {
            assets.hide(pass);
            continue;
        }
        assets.write(points, &threads);
        let home = Home {
            owner: panel,
            panel,
            layer: &place.layer,
            rank: 0,
        };
        let look = (linear(theme.text, OPACITY), WIDTH);
        assets.faint_line(pass, points, look, home);
    }
}

/// Where a thread stands, and the heights between which: around the place, and in it.
fn ends(landscape: &PanelLandscape, narrow: &NarrowPlace) -> Option<([f64; 2], [f64; 2])> {
    // A trench, and the dip of a curve, are seen from the side.
    if !narrow.half_widths.iter().all(|width| *width < WIDEST) {
        return None;
    }
    let height = |at: [f64; 2]| landscape.scale.fraction(landscape.field.loss_at(at));
    let [s, t] = narrow.at;
    let [ds, dt] = narrow.half_widths.map(|width| AWAY * width);
    let around = [[s - ds, t], [s + ds, t], [s, t - dt], [s, t + dt]].map(height);
    let mean = around.iter().sum::<f64>() / 4.0;
    let ends = [mean, height(narrow.at)];
    let are_finite = ends.iter().all(|height| height.is_finite());
    are_finite.then_some((narrow.at, ends.map(|height| height.clamp(0.0, 1.0))))
}
