//! Every descent's trail, dots, end mark and ball. A trail is uploaded once a run; playback only sets a number, the
//! step shown, that travels with the mesh instance.

use bevy::mesh::MeshTag;
use bevy::prelude::*;

use super::draw::DrawAssets;
use super::markers::{Mark, Shape};
use super::path::{DrawnPath, Ground};
use super::ribbon::{Order, RibbonPoint, Stroke};
use super::space::BoxSpace;
use super::{DrawnFor, PanelSpace, ViewStage};
use crate::descent::Status;
use crate::lab::model::PanelDescents;
use crate::lab::theme::{Theme, linear};
use crate::lab::{DescentRun, DescentStyle, InPanel, PathAhead, Playback, Scenery};

const TRAIL_WIDTH: f32 = 2.6;
const CASING_WIDTH: f32 = 0.9;
const DOT_RADIUS: f32 = 2.6;
const BALL_RADIUS: f32 = 6.5;
const END_RADIUS: f32 = 7.0;
const START_RADIUS: f32 = 5.0;
const DROP_WIDTH: f32 = 1.2;
const AHEAD_WIDTH: f32 = 1.6;
const AHEAD_OPACITY: f32 = 0.45;
/// A trail fades over so many steps.
const FADE_STEPS: f32 = 150.0;

/// Something drawn for a descent: no more of it than the steps so far.
#[derive(Component)]
struct TrailPart;

/// The whole path, whatever the step.
#[derive(Component)]
struct Ahead;

/// The moving ball of a descent.
#[derive(Component)]
struct Ball;

/// The thin lines from balls at losses of their own to the surface.
#[derive(Component)]
struct DropLines;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        (
            build_trails.in_set(ViewStage::Build),
            (show_steps, place_balls, drop_lines).in_set(ViewStage::Place),
        ),
    );
}

fn build_trails(
    mut commands: Commands,
    descents: Query<(Entity, Ref<DescentRun>, Ref<DescentStyle>, &InPanel)>,
    panels: Query<(Ref<Scenery>, Ref<PanelSpace>)>,
    old: Query<(Entity, &DrawnFor), With<TrailPart>>,
    theme: Res<Theme>,
    ahead: Res<PathAhead>,
    mut assets: DrawAssets,
) {
    for (descent, run, style, panel) in &descents {
        let Ok((scenery, place)) = panels.get(panel.0) else {
            continue;
        };
        let dirty = run.is_changed()
            || style.is_changed()
            || scenery.is_changed()
            || place.is_changed()
            || theme.is_changed()
            || ahead.is_changed();
        if !dirty {
            continue;
        }
        for (entity, _) in old.iter().filter(|(_, of)| of.0 == descent) {
            commands.entity(entity).despawn();
        }
        if !style.shown || run.history().is_empty() {
            continue;
        }
        let path = ground(&scenery, &place.space, &style).path(run.history());
        let casing = linear(theme.casing, 0.9);
        if path.points.len() > 1 {
            let points = path.points.iter().map(|point| {
                let step = point.step as f32;
                RibbonPoint::new(point.world, step, point.pen_up).faded(point.strength)
            });
            let points = assets.points(points);
            let stroke = Stroke {
                color: linear(style.color, 1.0),
                width: TRAIL_WIDTH,
                casing: Some((casing, CASING_WIDTH)),
                dashed: style.dashed,
                fade_steps: FADE_STEPS,
            };
            if ahead.0 {
                let faint = Stroke {
                    color: linear(style.color, AHEAD_OPACITY),
                    width: AHEAD_WIDTH,
                    casing: None,
                    dashed: false,
                    fade_steps: 0.0,
                };
                let mut pass = assets.trail(points.clone(), &faint, Order::Ahead, &place);
                pass.2 = MeshTag(f32::MAX.to_bits());
                commands.spawn((TrailPart, Ahead, DrawnFor(descent), pass));
            }
            for order in [Order::Ghost, Order::Trail] {
                let pass = assets.trail(points.clone(), &stroke, order, &place);
                commands.spawn((TrailPart, DrawnFor(descent), pass));
            }
        }
        let mut marks = dots(&path, &style);
        marks.extend(ends(&path, &run, &style));
        if !marks.is_empty() {
            let marks = assets.marks(&marks, Order::Mark, casing, &place);
            commands.spawn((TrailPart, DrawnFor(descent), marks));
        }
        let ball = Mark::new(
            Vec3::ZERO,
            Shape::Ball,
            linear(style.color, 1.0),
            BALL_RADIUS,
        );
        for order in [Order::Ghost, Order::Ball] {
            let pass = assets.marks(&[ball.standing()], order, casing, &place);
            commands.spawn((TrailPart, Ball, DrawnFor(descent), pass));
        }
    }
}

pub(super) fn ground<'a>(
    scenery: &'a Scenery,
    space: &'a BoxSpace,
    style: &DescentStyle,
) -> Ground<'a> {
    Ground {
        plane: &scenery.field.plane,
        grid: &scenery.field.grid,
        space,
        lane: scenery
            .is_curve()
            .then(|| BoxSpace::lane(style.index, style.count)),
        own_losses: scenery.field.is_slice(),
    }
}

/// A dot at every iterate, but for the first, which has its ring.
fn dots(path: &DrawnPath, style: &DescentStyle) -> Vec<Mark> {
    path.dots
        .iter()
        .filter(|(_, step)| *step > 0.0)
        .map(|&(world, step)| {
            Mark::new(world, Shape::Dot, linear(style.color, 1.0), DOT_RADIUS)
                .appearing_at(step as f32)
        })
        .collect()
}

/// The start's ring; where and how the descent ended; where it left the box.
fn ends(path: &DrawnPath, run: &DescentRun, style: &DescentStyle) -> Vec<Mark> {
    let color = linear(style.color, 1.0);
    let mut marks = Vec::new();
    if let Some(start) = path.points.first().filter(|point| point.step == 0.0) {
        marks.push(Mark::new(start.world, Shape::Ring, color, START_RADIUS));
    }
    let shape = match run.status() {
        Status::Converged => Some(Shape::Check),
        Status::Stopped => Some(Shape::Square),
        Status::Diverged { .. } | Status::Undefined { .. } => Some(Shape::Cross),
        Status::Finished | Status::Running => None,
    };
    let last_step = run.last_step() as f64;
    // A run that ends outside the box has no end to mark in it, only the place where it left.
    let end = path
        .points
        .last()
        .filter(|point| point.step >= last_step - 1e-9);
    if let Some((shape, end)) = shape.zip(end) {
        marks.push(Mark::new(end.world, shape, color, END_RADIUS).appearing_at(last_step as f32));
    } else if let Some((world, step)) = path.exit {
        marks.push(Mark::new(world, Shape::Diamond, color, START_RADIUS).appearing_at(step as f32));
    }
    marks
}

fn show_steps(
    playback: Res<Playback>,
    mut parts: Query<&mut MeshTag, (With<TrailPart>, Without<Ahead>)>,
) {
    let shown = (playback.position() as f32).to_bits();
    for mut tag in &mut parts {
        if tag.0 != shown {
            tag.0 = shown;
        }
    }
}

fn place_balls(
    playback: Res<Playback>,
    descents: Query<(&DescentRun, &DescentStyle, &InPanel)>,
    panels: Query<(&Scenery, &PanelSpace)>,
    mut balls: Query<(&DrawnFor, &mut Transform, &mut Visibility), With<Ball>>,
) {
    for (of, mut transform, mut visibility) in &mut balls {
        let Ok((run, style, panel)) = descents.get(of.0) else {
            continue;
        };
        let Ok((scenery, place)) = panels.get(panel.0) else {
            continue;
        };
        let world = ground(scenery, &place.space, style).at(run.history(), playback.position());
        let ended_with_a_mark = run.is_over_at(playback.position())
            && !matches!(run.status(), Status::Finished | Status::Running);
        match world {
            Some(world) if !ended_with_a_mark => {
                if transform.translation != world {
                    transform.translation = world;
                }
                visibility.set_if_neq(Visibility::Inherited);
            }
            _ => {
                visibility.set_if_neq(Visibility::Hidden);
            }
        }
    }
}

fn drop_lines(
    mut commands: Commands,
    playback: Res<Playback>,
    theme: Res<Theme>,
    panels: Query<(Entity, Ref<Scenery>, Ref<PanelSpace>, &PanelDescents)>,
    descents: Query<(Ref<DescentRun>, Ref<DescentStyle>)>,
    old: Query<(Entity, &DrawnFor), With<DropLines>>,
    mut assets: DrawAssets,
) {
    let moved = playback.is_changed() || theme.is_changed();
    for (panel, scenery, place, members) in &panels {
        let members: Vec<_> = descents.iter_many(members.iter()).collect();
        let changed = members
            .iter()
            .any(|(run, style)| run.is_changed() || style.is_changed());
        if !(moved || changed || scenery.is_changed() || place.is_changed()) {
            continue;
        }
        for (entity, _) in old.iter().filter(|(_, of)| of.0 == panel) {
            commands.entity(entity).despawn();
        }
        if !scenery.field.is_slice() || place.space.flat {
            continue;
        }
        let position = playback.position();
        let shown = members.iter().filter(|(_, style)| style.shown);
        let ends = shown.filter_map(|(run, style)| {
            let ground = ground(&scenery, &place.space, style);
            let ball = ground.at(run.history(), position)?;
            Some([ball, ground.foot(run.history(), position)?])
        });
        let points: Vec<Vec3> = ends.flatten().collect();
        if points.is_empty() {
            continue;
        }
        let stroke = Stroke {
            color: linear(theme.text, 0.75),
            width: DROP_WIDTH,
            casing: None,
            dashed: false,
            fade_steps: 0.0,
        };
        let lines = assets.segments(&points, &stroke, &place);
        commands.spawn((DropLines, DrawnFor(panel), lines));
    }
}
