//! Where glyphs at balls are on the screen: what is explained, and arrows while the descents run.

use bevy::prelude::*;

use super::space::{BoxSpace, Projector, projector};
use super::{PanelSpace, ViewStage};
use crate::lab::showing::curvature::PointedGlyphs;
use crate::lab::showing::explain::Explanation;
use crate::lab::showing::glyphs::Glyph;
use crate::lab::showing::map_cell::PointedCell;
use crate::lab::showing::overlay::{Glyphs, PlacedGlyph};
use crate::lab::{CameraRig, DescentStyle, InPanel, PanelIndex, Viewports};

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, place_glyphs.in_set(ViewStage::Place));
}

fn place_glyphs(
    rig: Res<CameraRig>,
    viewports: Res<Viewports>,
    panels: Query<(&PanelIndex, &PanelSpace)>,
    descents: Query<(&InPanel, &DescentStyle, &Explanation)>,
    (pointed, cell): (Res<PointedGlyphs>, Res<PointedCell>),
    mut glyphs: ResMut<Glyphs>,
) {
    let mut all = vec![Vec::new(); viewports.panels.len()];
    let mut explained: Vec<_> = descents
        .iter()
        .filter(|(_, style, explanation)| style.shown && !explanation.glyphs.is_empty())
        .collect();
    // As balls do, later ones lie over earlier ones.
    explained.sort_by_key(|(_, style, _)| style.index);
    for (panel, style, explanation) in explained {
        let Ok((index, place)) = panels.get(panel.0) else {
            continue;
        };
        let (Some(rect), Some(placed)) = (viewports.panels.get(index.0), all.get_mut(index.0))
        else {
            continue;
        };
        let projector = projector(&rig, &place.space, *rect);
        let lane = BoxSpace::lane(style.index, style.count);
        let on_screen = |glyph: &Glyph| on_screen(glyph, &place.space, lane, &projector);
        placed.extend(explanation.glyphs.iter().filter_map(on_screen));
    }
    let on_cell = cell.cell.as_ref().map(|of| (of.panel, &cell.glyphs));
    let at_pointer = pointed.0.as_ref().map(|(panel, glyphs)| (*panel, glyphs));
    for (panel, at_pointer) in on_cell.into_iter().chain(at_pointer) {
        let place = panels.iter().find(|(index, _)| index.0 == panel);
        let (Some((_, place)), Some(rect), Some(placed)) =
            (place, viewports.panels.get(panel), all.get_mut(panel))
        else {
            continue;
        };
        let projector = projector(&rig, &place.space, *rect);
        let on_screen = |glyph: &Glyph| on_screen(glyph, &place.space, 0.5, &projector);
        placed.extend(at_pointer.iter().filter_map(on_screen));
    }
    glyphs.set_if_neq(Glyphs { panels: all });
}

/// `None` where a part of it is behind the camera.
fn on_screen(
    glyph: &Glyph,
    space: &BoxSpace,
    lane: f64,
    projector: &Projector,
) -> Option<PlacedGlyph> {
    let places = glyph.places.iter().map(|&[x, y, height]| {
        let [s, t] = space.fractions(x, if space.is_curve() { lane } else { y });
        projector.screen_from_world(space.world_from_fractions(s, t, height))
    });
    Some(PlacedGlyph {
        role: glyph.role,
        form: glyph.form,
        places: places.collect::<Option<Vec<Vec2>>>()?,
        strength: glyph.strength,
        symbol: glyph.symbol.clone(),
    })
}
