//! The axes box: hairlines on the sides away from the viewer, ticks and titles outside, in the objective's units.

use bevy::prelude::*;

use super::draw::{Batch, DrawAssets, Home, Pass};
use super::names::{self, Waypoints};
use super::ribbon::{RibbonMaterial, RibbonPoint, Stroke};
use super::space::{BoxSpace, Projector, projector};
use super::{PanelSpace, ViewStage};
use crate::lab::theme::{Theme, linear};
use crate::lab::{
    CameraRig, DescentStyle, InPanel, Label, LabelKind, Overlay, PanelIndex, PanelLandscape,
    Viewports,
};
use crate::landscape::ticks;

/// Round numbers an axis.
const TICKS: usize = 5;
/// An axis that is seen end-on, shorter than this in logical pixels, has no labels.
const MIN_AXIS: f32 = 45.0;

/// The sides of the box that face away from the viewer: where the box's walls are drawn.
#[derive(Component, Debug, Clone, Copy, PartialEq, Eq)]
struct BackSides {
    /// The wall at the end of the first axis (true) or at its beginning.
    x_high: bool,
    /// The wall at the end of the second axis.
    y_high: bool,
    /// The floor (false) or, seen from below, the ceiling.
    ceiling: bool,
}

/// The grid at the ticks, and the edges of the box.
#[derive(Component, Default)]
struct AxisLines {
    grid: Batch,
    grid_lines: Pass<RibbonMaterial>,
    edges: Batch,
    edge_lines: Pass<RibbonMaterial>,
}

pub(super) fn plugin(app: &mut App) {
    app.register_required_components::<PanelSpace, AxisLines>();
    app.add_systems(
        Update,
        (
            (note_back_sides, build_lines)
                .chain()
                .in_set(ViewStage::Build),
            publish_labels
                .in_set(ViewStage::Place)
                .after(names::gather_waypoints),
        ),
    );
}

impl BackSides {
    fn seen_from(rig: &CameraRig, space: &BoxSpace) -> BackSides {
        if space.flat {
            return BackSides {
                x_high: true,
                y_high: true,
                ceiling: false,
            };
        }
        BackSides {
            x_high: rig.pose.yaw.sin() < 0.0,
            y_high: rig.pose.yaw.cos() >= 0.0,
            ceiling: rig.pose.pitch < 0.0,
        }
    }
}

/// The ticks of a panel: losses and parameters at round values.
struct Ticks {
    x: Vec<f64>,
    y: Vec<f64>,
    loss: Vec<f64>,
}

impl Ticks {
    fn new(landscape: &PanelLandscape) -> Ticks {
        let round = |[low, high]: [f64; 2]| ticks::round_ticks(low, high, TICKS);
        Ticks {
            x: round(landscape.panel.domain.x),
            y: landscape.panel.domain.y.map_or(Vec::new(), round),
            loss: landscape.scale.ticks(TICKS),
        }
    }
}

fn note_back_sides(
    mut commands: Commands,
    rig: Res<CameraRig>,
    panels: Query<(Entity, &PanelSpace, Option<&BackSides>)>,
) {
    for (panel, space, old) in &panels {
        let sides = BackSides::seen_from(&rig, &space.space);
        if old != Some(&sides) {
            commands.entity(panel).insert(sides);
        }
    }
}

fn build_lines(
    mut panels: Query<(
        Entity,
        Ref<PanelLandscape>,
        &PanelSpace,
        Ref<BackSides>,
        &mut AxisLines,
    )>,
    theme: Res<Theme>,
    mut assets: DrawAssets,
) {
    for (panel, landscape, place, sides, mut drawing) in &mut panels {
        let moved = landscape.is_changed() || sides.is_changed();
        if !(moved || theme.is_changed()) {
            continue;
        }
        let AxisLines {
            grid,
            grid_lines,
            edges,
            edge_lines,
        } = &mut *drawing;
        if moved {
            let (at_ticks, outline) = lines(&Ticks::new(&landscape), &place.space, *sides);
            assets.write(grid, &at_ticks);
            assets.write(edges, &outline);
        }
        let home = Home {
            owner: panel,
            panel,
            layer: &place.layer,
            rank: 0,
        };
        let both = [
            (grid_lines, grid, theme.grid, 1.0, 1),
            (edge_lines, edges, theme.axis, 1.3, 0),
        ];
        for (pass, points, color, width, rank) in both {
            let home = Home { rank, ..home };
            let stroke = Stroke {
                color: linear(color, 1.0),
                width,
                casing: None,
                dashed: false,
                fade_steps: 0.0,
            };
            assets.segments(pass, points, &stroke, home);
        }
    }
}

/// Segments of the grid at the ticks, and of the edges, on the three sides away from the viewer.
fn lines(
    ticks: &Ticks,
    space: &BoxSpace,
    sides: BackSides,
) -> (Vec<RibbonPoint>, Vec<RibbonPoint>) {
    let wall_s = f64::from(u8::from(sides.x_high));
    let wall_t = f64::from(u8::from(sides.y_high));
    let floor = f64::from(u8::from(sides.ceiling));
    let point = |s: f64, t: f64, h: f64| {
        RibbonPoint::new(BoxSpace::box_from_fractions(s, t, h), 0.0, false)
    };
    let mut grid = Vec::new();
    let mut edges = Vec::new();
    let flat = space.flat;
    // At the ends of an axis the edges are, which a line of the grid would hide.
    let is_between = |fraction: &f64| *fraction > 1e-6 && *fraction < 1.0 - 1e-6;
    let at_x = ticks.x.iter().map(|&x| space.fractions(x, 0.0)[0]);
    for s in at_x.filter(is_between) {
        grid.extend([point(s, 0.0, floor), point(s, 1.0, floor)]);
        if !flat {
            grid.extend([point(s, wall_t, 0.0), point(s, wall_t, 1.0)]);
        }
    }
    let at_y = ticks.y.iter().map(|&y| space.fractions(0.0, y)[1]);
    for t in at_y.filter(is_between) {
        grid.extend([point(0.0, t, floor), point(1.0, t, floor)]);
        if !flat {
            grid.extend([point(wall_s, t, 0.0), point(wall_s, t, 1.0)]);
        }
    }
    if !flat {
        let at_loss = ticks.loss.iter().map(|&loss| space.fraction_of_loss(loss));
        for h in at_loss.filter(is_between) {
            grid.extend([point(0.0, wall_t, h), point(1.0, wall_t, h)]);
            grid.extend([point(wall_s, 0.0, h), point(wall_s, 1.0, h)]);
        }
    }
    for t in [0.0, 1.0] {
        edges.extend([point(0.0, t, floor), point(1.0, t, floor)]);
    }
    for s in [0.0, 1.0] {
        edges.extend([point(s, 0.0, floor), point(s, 1.0, floor)]);
    }
    if !flat {
        let top = 1.0 - floor;
        edges.extend([point(0.0, wall_t, top), point(1.0, wall_t, top)]);
        edges.extend([point(wall_s, 0.0, top), point(wall_s, 1.0, top)]);
        for (s, t) in [
            (wall_s, wall_t),
            (1.0 - wall_s, wall_t),
            (wall_s, 1.0 - wall_t),
        ] {
            edges.extend([point(s, t, 0.0), point(s, t, 1.0)]);
        }
    }
    (grid, edges)
}

fn publish_labels(
    rig: Res<CameraRig>,
    viewports: Res<Viewports>,
    panels: Query<(
        Entity,
        &PanelIndex,
        &PanelLandscape,
        &PanelSpace,
        &BackSides,
    )>,
    descents: Query<(&InPanel, &DescentStyle, &Waypoints)>,
    mut overlay: ResMut<Overlay>,
) {
    let mut all = vec![Vec::new(); viewports.panels.len()];
    for (panel, index, landscape, place, sides) in &panels {
        let (Some(rect), Some(labels)) = (viewports.panels.get(index.0), all.get_mut(index.0))
        else {
            continue;
        };
        let projector = projector(&rig, &place.space, *rect);
        *labels = axis_labels(landscape, &place.space, *sides, &projector);
        let paths = descents.iter().filter(|(of, ..)| of.0 == panel);
        let paths = paths.filter(|(_, style, _)| style.shown);
        let paths = paths.map(|(.., waypoints)| waypoints);
        labels.extend(names::of_minima(landscape, &place.space, &projector, paths));
    }
    overlay.set_if_neq(Overlay { panels: all });
}

/// One axis of the box: where it runs, what stands along it.
struct BoxAxis<'a> {
    from: Vec3,
    to: Vec3,
    title: &'a str,
    /// (place along the axis as a fraction, value)
    ticks: Vec<(f64, f64)>,
}

fn axis_labels(
    landscape: &PanelLandscape,
    space: &BoxSpace,
    sides: BackSides,
    projector: &Projector,
) -> Vec<Label> {
    let ticks = Ticks::new(landscape);
    let [x_title, y_title, loss_title] = &landscape.panel.labels;
    let wall_s = f64::from(u8::from(sides.x_high));
    let wall_t = f64::from(u8::from(sides.y_high));
    let floor = f64::from(u8::from(sides.ceiling));
    let world = |s, t, h| space.world_from_fractions(s, t, h);
    let mut axes = vec![BoxAxis {
        from: world(0.0, 1.0 - wall_t, floor),
        to: world(1.0, 1.0 - wall_t, floor),
        title: x_title,
        ticks: ticks
            .x
            .iter()
            .map(|&x| (space.fractions(x, 0.0)[0], x))
            .collect(),
    }];
    if !landscape.is_curve() {
        axes.push(BoxAxis {
            from: world(1.0 - wall_s, 0.0, floor),
            to: world(1.0 - wall_s, 1.0, floor),
            title: y_title,
            ticks: ticks
                .y
                .iter()
                .map(|&y| (space.fractions(0.0, y)[1], y))
                .collect(),
        });
    }
    if !space.flat {
        // The upright edge at the outline that lies further left.
        let candidates = [(1.0 - wall_s, wall_t), (wall_s, 1.0 - wall_t)];
        let left = candidates.into_iter().min_by(|a, b| {
            let x = |&(s, t): &(f64, f64)| {
                projector
                    .screen_from_world(world(s, t, 0.5))
                    .map_or(f32::MAX, |p| p.x)
            };
            x(a).total_cmp(&x(b))
        });
        if let Some((s, t)) = left {
            axes.push(BoxAxis {
                from: world(s, t, 0.0),
                to: world(s, t, 1.0),
                title: loss_title,
                ticks: ticks
                    .loss
                    .iter()
                    .map(|&loss| (space.fraction_of_loss(loss), loss))
                    .collect(),
            });
        }
    }
    let Some(center) = projector.screen_from_world(space.center()) else {
        return Vec::new();
    };
    axes.iter()
        .flat_map(|axis| labels_along(axis, center, projector))
        .collect()
}

fn labels_along(axis: &BoxAxis<'_>, center: Vec2, projector: &Projector) -> Vec<Label> {
    let (Some(from), Some(to)) = (
        projector.screen_from_world(axis.from),
        projector.screen_from_world(axis.to),
    ) else {
        return Vec::new();
    };
    let length = from.distance(to);
    if length < MIN_AXIS {
        return Vec::new();
    }
    // Outwards: across the axis, away from the box.
    let along = (to - from) / length;
    let mut outwards = Vec2::new(-along.y, along.x);
    if outwards.dot((from + to) / 2.0 - center) < 0.0 {
        outwards = -outwards;
    }
    let values: Vec<f64> = axis.ticks.iter().map(|&(_, value)| value).collect();
    let texts = ticks::labels(&values);
    let title = texts.title(axis.title);
    let label = |kind, position, text| Label {
        position,
        text,
        kind,
        away: outwards,
        avoid: Vec::new(),
        axis: None,
    };
    let numbers = axis.ticks.iter().zip(texts.texts);
    let mut labels: Vec<Label> = numbers
        .filter_map(|(&(fraction, _), text)| {
            let world = axis.from.lerp(axis.to, fraction as f32);
            let place = projector.screen_from_world(world)?;
            Some(label(LabelKind::Tick, place, text))
        })
        .collect();
    labels.push(Label {
        axis: Some([from, to]),
        ..label(LabelKind::AxisTitle, (from + to) / 2.0, title)
    });
    labels
}
