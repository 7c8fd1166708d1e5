//! The surface of all samples as a thin net over that of a batch: where the batch's lies lower the net floats above it, where it lies
//! higher it hides the net. So it is seen what of a step's ground is chance.

use std::sync::Arc;

use bevy::prelude::*;

use super::draw::{Batch, DrawAssets, Home, Pass};
use super::ribbon::{RibbonMaterial, RibbonPoint};
use super::space::BoxSpace;
use super::{PanelSpace, ViewStage};
use crate::lab::showing::net::NetOfAll;
use crate::lab::theme::{Theme, linear};
use crate::lab::{Field, PanelLandscape};
use crate::landscape::HeightScale;

/// Meshes along each side, and pieces of a line in each of them.
const MESHES: usize = 16;
const PIECES: usize = 4;
/// In logical pixels.
const WIDTH: f32 = 1.1;
const OPACITY: f32 = 0.75;

#[derive(Component, Default)]
struct Net {
    /// Of what it was made.
    of: Option<(Arc<Field>, HeightScale)>,
    points: Batch,
    pass: Pass<RibbonMaterial>,
}

pub(super) fn plugin(app: &mut App) {
    app.register_required_components::<PanelSpace, Net>()
        .add_systems(Update, build_nets.in_set(ViewStage::Build));
}

fn build_nets(
    mut panels: Query<(Entity, Ref<PanelLandscape>, Ref<PanelSpace>, &mut Net)>,
    theme: Res<Theme>,
    wanted: Res<NetOfAll>,
    mut assets: DrawAssets,
) {
    let look_changed = theme.is_changed() || wanted.is_changed();
    for (panel, landscape, place, mut net) in &mut panels {
        if !(look_changed || landscape.is_changed() || place.is_changed()) {
            continue;
        }
        let net = &mut *net;
        let is_seen = wanted.0 && !place.space.flat && !landscape.is_curve();
        let Some(whole) = landscape.field.whole.as_ref().filter(|_| is_seen) else {
            assets.hide(&mut net.pass);
            continue;
        };
        let is_it = |(field, scale): &(Arc<Field>, HeightScale)| {
            Arc::ptr_eq(field, whole) && *scale == landscape.scale
        };
        if !net.of.as_ref().is_some_and(is_it) {
            assets.write(&mut net.points, &points(whole, &landscape.scale));
            net.of = Some((whole.clone(), landscape.scale));
        }
        let home = Home {
            owner: panel,
            panel,
            layer: &place.layer,
            rank: 0,
        };
        let look = (linear(theme.text, OPACITY), WIDTH);
        assets.faint_line(&mut net.pass, &net.points, look, home);
    }
}

/// The lines of the net, along one axis and then along the other; the pen is up where there is no loss, and beyond the box.
fn points(field: &Field, scale: &HeightScale) -> Vec<RibbonPoint> {
    let grid = &field.grid;
    let count = MESHES * PIECES;
    let mut points = Vec::with_capacity(2 * (MESHES + 1) * (count + 1));
    for axis in [0, 1] {
        for line in 0..=MESHES {
            let mut pen_up = true;
            for piece in 0..=count {
                let mut at = [line as f64 / MESHES as f64; 2];
                at[axis] = piece as f64 / count as f64;
                let [x, y] = grid.domain.at(at);
                let height = grid.interpolate(x, y).map(|loss| scale.fraction(loss));
                let height = height.filter(|height| (-1e-9..=1.0 + 1e-9).contains(height));
                let Some(height) = height else {
                    pen_up = true;
                    continue;
                };
                let [s, t] = at;
                let place = BoxSpace::box_from_fractions(s, t, height);
                points.push(RibbonPoint::new(place, 0.0, pen_up));
                pen_up = false;
            }
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;

    #[test]
    fn a_net_ends_where_there_is_no_loss_and_at_the_box() {
        let of = |keys: &str| {
            let text = format!("steepest = 1\n[[panel]]\n{keys}\ndomain = [[-1, 1], [-1, 1]]");
            let experiment = Experiment::parse(&text, "test").expect("an experiment");
            let landscape = PanelLandscape::of_function(experiment.panels[0].clone());
            points(&landscape.field, &landscape.scale).len()
        };
        let all = 2 * (MESHES + 1) * (MESHES * PIECES + 1);
        assert_eq!(of("formula = 'x + y'"), all);
        assert_eq!(of("formula = 'x + y'\nrange = [-9, -8]"), 0);
        let half = of("formula = 'x + y'\nrange = [0, 9]");
        assert!(half > all / 3 && half < all * 2 / 3, "{half} of {all}");
        assert!(of("formula = 'ln(x) + y'") < all * 2 / 3);
    }
}
