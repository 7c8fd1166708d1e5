//! Every descent's trail, dots, end mark and ball. A trail is uploaded once a run; playback only sets a number, the
//! step shown, that travels with the mesh instance.

use bevy::mesh::MeshTag;
use bevy::prelude::*;

use super::draw::{Batch, DrawAssets, Home, Pass};
use super::markers::{Mark, MarkerMaterial, Shape};
use super::path::{Ground, in_box};
use super::ribbon::{Order, RibbonMaterial, RibbonPoint, Stroke};
use super::space::BoxSpace;
use super::{DrawnFor, PanelSpace, ViewStage};
use crate::descent::Status;
use crate::lab::model::PanelDescents;
use crate::lab::showing::explain::Explanation;
use crate::lab::theme::{Theme, linear};
use crate::lab::{
    DescentRun, DescentStyle, InPanel, PanelLandscape, PathAhead, Playback, RunStamp,
};
use crate::landscape::path::{DrawnPath, PathSurface};
use crate::palette::strokes::{
    BALL as BALL_RADIUS, CASING as CASING_WIDTH, DOT as DOT_RADIUS, DROP as DROP_WIDTH,
    END as END_RADIUS, FADE_STEPS, START as START_RADIUS, TRAIL as TRAIL_WIDTH,
};

const AHEAD_WIDTH: f32 = 1.6;
const AHEAD_OPACITY: f32 = 0.45;

/// Something drawn for a descent: no more of it than the steps so far.
#[derive(Component)]
struct TrailPart;

/// The moving ball of a descent.
#[derive(Component)]
struct Ball;

/// What is drawn for a descent.
#[derive(Component, Default)]
struct TrailDrawing {
    /// Of what the path was made.
    of: Option<RunStamp>,
    points: Batch,
    marks: Batch,
    ball: Batch,
    ahead: Pass<RibbonMaterial>,
    ghost: Pass<RibbonMaterial>,
    trail: Pass<RibbonMaterial>,
    dots: Pass<MarkerMaterial>,
    ball_passes: [Pass<MarkerMaterial>; 2],
}

/// The thin lines from balls at losses of their own to the surface.
#[derive(Component, Default)]
struct DropLines {
    ends: Batch,
    lines: Pass<RibbonMaterial>,
}

pub(super) fn plugin(app: &mut App) {
    app.register_required_components::<DescentRun, TrailDrawing>()
        .register_required_components::<PanelSpace, DropLines>()
        .add_systems(
            Update,
            (
                build_trails.in_set(ViewStage::Build),
                (show_steps, place_balls, drop_lines).in_set(ViewStage::Place),
            ),
        );
}

fn build_trails(
    mut descents: Query<(
        Entity,
        Ref<DescentRun>,
        Ref<DescentStyle>,
        &InPanel,
        &mut TrailDrawing,
    )>,
    panels: Query<(Ref<PanelLandscape>, &PanelSpace)>,
    (playback, theme, ahead): (Res<Playback>, Res<Theme>, Res<PathAhead>),
    mut assets: DrawAssets,
) {
    for (descent, run, style, panel, mut drawing) in &mut descents {
        let Ok((landscape, place)) = panels.get(panel.0) else {
            continue;
        };
        let moved = style.is_changed()
            || landscape.is_changed()
            || drawing.is_outgrown(&run, playback.position());
        if !(moved || theme.is_changed() || ahead.is_changed()) {
            continue;
        }
        let home = Home {
            owner: descent,
            panel: panel.0,
            layer: &place.layer,
            // As on the map, later ones lie over earlier ones.
            rank: u8::try_from(style.index).unwrap_or(u8::MAX),
        };
        let is_shown = style.shown && !run.history().is_empty();
        if is_shown && moved {
            let ground = ground(&landscape, &style);
            drawing.write(&ground.path(&run), &run, &style, &mut assets);
            drawing.of = Some(run.stamp());
        }
        drawing.show(is_shown, ahead.0, &style, &theme, home, &mut assets);
    }
}

impl TrailDrawing {
    /// Whether the path is another one's, or has become too short. One that is still computed is drawn again when it has
    /// grown by half, or is about to be shown to its end.
    fn is_outgrown(&self, run: &DescentRun, position: f64) -> bool {
        let now = run.stamp();
        let Some(old) = self.of.filter(|of| of.run == now.run) else {
            return true;
        };
        let is_due = run.status().is_over()
            || now.entries > old.entries + old.entries / 2
            || position + 2.0 > old.entries as f64;
        now.entries != old.entries && is_due
    }

    fn write(
        &mut self,
        path: &DrawnPath,
        run: &DescentRun,
        style: &DescentStyle,
        assets: &mut DrawAssets,
    ) {
        let points = path.points.iter().map(|point| {
            let step = point.step as f32;
            RibbonPoint::new(in_box(point.place), step, point.pen_up).faded(point.strength)
        });
        let points: Vec<RibbonPoint> = points.collect();
        assets.write(&mut self.points, &points);
        let mut marks = dots(path, style);
        marks.extend(ends(path, run, style));
        assets.write(&mut self.marks, &marks);
        let color = linear(style.color, 1.0);
        let ball = Mark::new(Vec3::ZERO, Shape::Ball, color, BALL_RADIUS).standing();
        assets.write(&mut self.ball, &[ball]);
    }

    fn show(
        &mut self,
        is_shown: bool,
        ahead: bool,
        style: &DescentStyle,
        theme: &Theme,
        home: Home,
        assets: &mut DrawAssets,
    ) {
        let casing = linear(theme.casing, 0.9);
        if is_shown && ahead {
            let look = (linear(style.color, AHEAD_OPACITY), AHEAD_WIDTH);
            assets.faint_line(&mut self.ahead, &self.points, look, home);
        } else {
            assets.hide(&mut self.ahead);
        }
        if !is_shown {
            assets.hide(&mut self.ghost);
            assets.hide(&mut self.trail);
            assets.hide(&mut self.dots);
            return;
        }
        let stroke = Stroke {
            color: linear(style.color, 1.0),
            width: TRAIL_WIDTH,
            casing: Some((casing, CASING_WIDTH)),
            dashed: style.dashed,
            fade_steps: FADE_STEPS,
        };
        let passes = [
            (&mut self.ghost, Order::Ghost),
            (&mut self.trail, Order::Trail),
        ];
        for (pass, order) in passes {
            assets.line(pass, &self.points, (&stroke, order), home, TrailPart);
        }
        let look = (Order::Mark, casing);
        assets.marks(&mut self.dots, &self.marks, look, home, TrailPart);
        for (pass, order) in self.ball_passes.iter_mut().zip([Order::Ghost, Order::Ball]) {
            assets.marks(pass, &self.ball, (order, casing), home, Ball);
        }
    }
}

pub(super) fn ground<'a>(landscape: &'a PanelLandscape, style: &DescentStyle) -> Ground<'a> {
    Ground {
        plane: &landscape.field.plane,
        surface: PathSurface {
            grid: &landscape.field.grid,
            scale: &landscape.scale,
            lane: landscape
                .is_curve()
                .then(|| BoxSpace::lane(style.index, style.count)),
            own_losses: landscape.field.is_slice(),
        },
    }
}

/// A dot at every iterate, but for the first, which has its ring.
fn dots(path: &DrawnPath, style: &DescentStyle) -> Vec<Mark> {
    path.dots
        .iter()
        .filter(|(_, step)| *step > 0.0)
        .map(|&(place, step)| {
            Mark::new(
                in_box(place),
                Shape::Dot,
                linear(style.color, 1.0),
                DOT_RADIUS,
            )
            .appearing_at(step as f32)
        })
        .collect()
}

/// The start's ring; where and how the descent ended; where it left the box.
fn ends(path: &DrawnPath, run: &DescentRun, style: &DescentStyle) -> Vec<Mark> {
    let color = linear(style.color, 1.0);
    let mut marks = Vec::new();
    if let Some(start) = path.points.first().filter(|point| point.step == 0.0) {
        marks.push(Mark::new(
            in_box(start.place),
            Shape::Ring,
            color,
            START_RADIUS,
        ));
    }
    let shape = match run.status() {
        Status::Converged => Some(Shape::Check),
        Status::Stopped => Some(Shape::Square),
        Status::Diverged { .. } | Status::Undefined { .. } => Some(Shape::Cross),
        Status::Finished | Status::Running => None,
    };
    let last_step = run.entry_at(run.last_step() as f64);
    // A run that ends outside the box has no end to mark in it, only the place where it left.
    let end = path
        .points
        .last()
        .filter(|point| point.step >= last_step - 1e-9);
    if let Some((shape, end)) = shape.zip(end) {
        marks.push(
            Mark::new(in_box(end.place), shape, color, END_RADIUS).appearing_at(last_step as f32),
        );
    } else if let Some((place, step)) = path.exit {
        marks.push(
            Mark::new(in_box(place), Shape::Diamond, color, START_RADIUS).appearing_at(step as f32),
        );
    }
    marks
}

fn show_steps(
    descents: Query<&Explanation>,
    mut parts: Query<(&DrawnFor, &mut MeshTag), With<TrailPart>>,
) {
    for (of, mut tag) in &mut parts {
        let Ok(explanation) = descents.get(of.0) else {
            continue;
        };
        let shown = (explanation.position as f32).to_bits();
        if tag.0 != shown {
            tag.0 = shown;
        }
    }
}

fn place_balls(
    playback: Res<Playback>,
    descents: Query<(&DescentRun, &DescentStyle, &Explanation, &InPanel)>,
    panels: Query<(&PanelLandscape, &PanelSpace)>,
    mut balls: Query<(&DrawnFor, &mut Transform, &mut Visibility), With<Ball>>,
) {
    for (of, mut transform, mut visibility) in &mut balls {
        let Ok((run, style, explanation, panel)) = descents.get(of.0) else {
            continue;
        };
        let Ok((landscape, _)) = panels.get(panel.0) else {
            continue;
        };
        let at = ground(landscape, style).at(run, explanation.position);
        let ended_with_a_mark = run.is_over_at(playback.position())
            && !matches!(run.status(), Status::Finished | Status::Running);
        match at {
            Some(at) if style.shown && !ended_with_a_mark => {
                if transform.translation != at {
                    transform.translation = at;
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
    playback: Res<Playback>,
    theme: Res<Theme>,
    mut panels: Query<(
        Entity,
        Ref<PanelLandscape>,
        &PanelSpace,
        &PanelDescents,
        &mut DropLines,
    )>,
    descents: Query<(Ref<DescentRun>, Ref<DescentStyle>, &Explanation)>,
    mut assets: DrawAssets,
) {
    for (panel, landscape, place, members, mut drawing) in &mut panels {
        let mut all = descents.iter_many(members.iter());
        let changed = all.any(|(run, style, _)| run.is_changed() || style.is_changed());
        let moved = playback.is_changed() || theme.is_changed();
        if !(moved || changed || landscape.is_changed()) {
            continue;
        }
        if !landscape.field.is_slice() || place.space.flat {
            assets.hide(&mut drawing.lines);
            continue;
        }
        let shown = descents.iter_many(members.iter());
        let shown = shown.filter(|(_, style, _)| style.shown);
        let ends = shown.filter_map(|(run, style, explanation)| {
            let ground = ground(&landscape, &style);
            let position = explanation.position;
            let ball = ground.at(&run, position)?;
            Some([ball, ground.foot(&run, position)?])
        });
        let ends = ends.flatten().map(|end| RibbonPoint::new(end, 0.0, false));
        let ends: Vec<RibbonPoint> = ends.collect();
        let stroke = Stroke {
            color: linear(theme.text, 0.75),
            width: DROP_WIDTH,
            casing: None,
            dashed: false,
            fade_steps: 0.0,
        };
        let home = Home {
            owner: panel,
            panel,
            layer: &place.layer,
            rank: 2,
        };
        let DropLines { ends: batch, lines } = &mut *drawing;
        assets.write(batch, &ends);
        assets.segments(lines, batch, &stroke, home);
    }
}
