//! Marks at known and found minima, saddles and maxima, with words where there are few.

use bevy::prelude::*;

use super::draw::{Batch, DrawAssets, Home, Pass};
use super::markers::{Mark, MarkerMaterial, Shape};
use super::ribbon::Order;
use super::space::BoxSpace;
use super::{PanelSpace, ViewStage};
use crate::lab::PanelLandscape;
use crate::lab::theme::{MARK, Theme, linear};
use crate::landscape::{CriticalKind, CriticalPoint};
use crate::palette::strokes::{self, MOST_MARKS as MAX_MARKS};

#[derive(Component, Default)]
struct CriticalMarks {
    marks: Batch,
    pass: Pass<MarkerMaterial>,
}

pub(super) fn plugin(app: &mut App) {
    app.register_required_components::<PanelSpace, CriticalMarks>()
        .add_systems(Update, build_marks.in_set(ViewStage::Build));
}

/// The points worth a mark.
pub(crate) fn marked(landscape: &PanelLandscape) -> impl Iterator<Item = &CriticalPoint> {
    let critical = &landscape.critical;
    let special = |kind: CriticalKind| kind.is_lowest() || kind == CriticalKind::GivenMinimum;
    let many = critical.len() > MAX_MARKS;
    critical
        .iter()
        .filter(move |point| !many || special(point.kind))
        .filter(|point| (-1e-3..=1.001).contains(&landscape.scale.fraction(point.value)))
        .take(MAX_MARKS)
}

/// Where a critical point lies in the box; along a curve at the front of its ribbon.
pub(crate) fn place(point: &CriticalPoint, space: &BoxSpace) -> Vec3 {
    let x = point.at.first().copied().unwrap_or_default();
    let y = point.at.get(1).copied().unwrap_or_default();
    space.box_from_params(x, y, point.value)
}

fn build_marks(
    mut panels: Query<(Entity, Ref<PanelLandscape>, &PanelSpace, &mut CriticalMarks)>,
    theme: Res<Theme>,
    mut assets: DrawAssets,
) {
    for (panel, landscape, space, mut drawing) in &mut panels {
        if !(landscape.is_changed() || theme.is_changed()) {
            continue;
        }
        let CriticalMarks { marks, pass } = &mut *drawing;
        if landscape.is_changed() {
            let all = marked(&landscape).filter_map(|point| mark(point, &space.space));
            assets.write(marks, &all.collect::<Vec<Mark>>());
        }
        let look = (Order::Critical, linear(theme.casing, 1.0));
        let home = Home {
            owner: panel,
            panel,
            layer: &space.layer,
            rank: 0,
        };
        assets.marks(pass, marks, look, home, ());
    }
}

fn mark(point: &CriticalPoint, space: &BoxSpace) -> Option<Mark> {
    let (shape, radius) = match point.kind {
        CriticalKind::GlobalMinimum | CriticalKind::LowestFound => (Shape::Star, strokes::LOWEST),
        CriticalKind::GivenMinimum => (Shape::HollowStar, strokes::LOWEST),
        CriticalKind::LocalMinimum => (Shape::Star, strokes::MINIMUM),
        CriticalKind::Saddle => (Shape::Cross, strokes::SADDLE),
        CriticalKind::Maximum | CriticalKind::Degenerate => return None,
    };
    Some(Mark::new(
        place(point, space),
        shape,
        linear(MARK, 1.0),
        radius,
    ))
}
