//! Trails under the pointer: the nearest iterate drawn, and where on the screen the iterate lies that is marked.

use bevy::prelude::*;
use bevy::window::PrimaryWindow;

use super::path::Ground;
use super::space::projector;
use super::trails::ground;
use super::{PanelSpace, ViewStage};
use crate::lab::showing::highlight::nearest;
use crate::lab::{
    CameraRig, DescentRun, DescentStyle, HighlightPlace, HighlightedStep, InPanel, Iterate,
    PanelIndex, PanelLandscape, PathAhead, Playback, PointerFocus, RunStamp, Viewports,
};

/// Iterates nearer to the last than this share of the range are not told apart.
const APART: f64 = 1.0 / 800.0;
/// More iterates of a descent than this are thinned out further.
const MAX_POINTS: usize = 4000;
/// Iterates looked through in one frame: very long runs take their turns.
const A_FRAME: usize = 200_000;

/// Some of a descent's iterates, in the box.
#[derive(Component, Default)]
struct Markers {
    /// Of what they were made; `None` while they are still to be made.
    of: Option<RunStamp>,
    points: Vec<(usize, Vec3)>,
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        (gather, point_at_trails, place_highlight)
            .chain()
            .in_set(ViewStage::Place),
    );
}

/// Thins out the iterates of runs that are new or elsewhere; of one that is still computed when it has grown by half.
fn gather(
    mut commands: Commands,
    focus: Res<PointerFocus>,
    mut descents: Query<(
        Entity,
        &DescentRun,
        Ref<DescentStyle>,
        &InPanel,
        Option<&mut Markers>,
    )>,
    panels: Query<(Ref<PanelLandscape>, &PanelSpace)>,
) {
    let mut looked_through = 0;
    for (entity, run, style, panel, markers) in &mut descents {
        let Ok((landscape, _)) = panels.get(panel.0) else {
            continue;
        };
        let Some(mut markers) = markers else {
            commands.entity(entity).insert(Markers::default());
            continue;
        };
        let moved = landscape.is_changed() || style.is_changed();
        if moved || markers.of.is_some_and(|of| of.run != run.id()) {
            *markers = Markers::default();
        }
        // Nobody asks while the pointer is elsewhere.
        if focus.pointer_on_ui || looked_through > A_FRAME {
            continue;
        }
        let (entries, old) = (run.history().len(), markers.of.map_or(0, |of| of.entries));
        if entries > old + old / 2 || (run.status().is_over() && entries != old) {
            looked_through += entries;
            let points = thinned(run, &landscape, &ground(&landscape, &style));
            *markers = Markers {
                of: Some(run.stamp()),
                points,
            };
        }
    }
}

/// Iterates that can be told apart, in the box; those outside are left out.
fn thinned(run: &DescentRun, landscape: &PanelLandscape, ground: &Ground) -> Vec<(usize, Vec3)> {
    let [x, y] = [landscape.panel.domain.x, landscape.panel.domain.y_or_zero()];
    let extent = |[low, high]: [f64; 2]| if high > low { high - low } else { 1.0 };
    let (width, depth) = (extent(x), extent(y));
    let mut apart = APART;
    let mut last: Option<[f64; 2]> = None;
    let mut points = Vec::new();
    for step in 0..run.history().len() {
        let place = run.place(step, &landscape.field.plane);
        let near =
            |[x, y]: [f64; 2]| ((place[0] - x) / width).hypot((place[1] - y) / depth) < apart;
        if last.is_some_and(near) {
            continue;
        }
        last = Some(place);
        points.extend(ground.at(run, step as f64).map(|place| (step, place)));
        if points.len() > MAX_POINTS {
            let mut odd = false;
            points.retain(|_| {
                odd = !odd;
                odd
            });
            apart *= 2.0;
        }
    }
    points
}

fn point_at_trails(
    windows: Query<&Window, With<PrimaryWindow>>,
    buttons: Option<Res<ButtonInput<MouseButton>>>,
    (focus, viewports, rig): (Res<PointerFocus>, Res<Viewports>, Res<CameraRig>),
    (playback, ahead): (Res<Playback>, Res<PathAhead>),
    panels: Query<(&PanelIndex, &PanelLandscape, &PanelSpace)>,
    descents: Query<(Entity, &DescentRun, &DescentStyle, &InPanel, &Markers)>,
    mut highlighted: ResMut<HighlightedStep>,
) {
    // Then it is the interface's.
    if focus.pointer_on_ui {
        return;
    }
    let dragging = buttons.is_some_and(|buttons| buttons.get_pressed().next().is_some());
    let pointer = windows.iter().find_map(Window::cursor_position);
    let Some(pointer) = pointer.filter(|_| !dragging) else {
        highlighted.set_if_neq(HighlightedStep(None));
        return;
    };
    let mut best: Option<(Iterate, f32)> = None;
    for (descent, run, style, panel, markers) in &descents {
        let Ok((index, landscape, place)) = panels.get(panel.0) else {
            continue;
        };
        let Some(&viewport) = viewports.panels.get(index.0) else {
            continue;
        };
        if !style.shown || !viewport.contains(pointer) {
            continue;
        }
        let history = run.history();
        let now = run.entry_at(playback.step() as f64).floor() as usize;
        let now = now.min(history.len().saturating_sub(1));
        let projector = projector(&rig, &place.space, viewport);
        let ground = ground(landscape, style);
        let reached = if ahead.0 {
            markers.points.len()
        } else {
            markers.points.partition_point(|&(step, _)| step <= now)
        };
        // The ball first: where it rests are many iterates.
        let ball = ground.at(run, now as f64).map(|at| (now, at));
        let points = ball.iter().chain(&markers.points[..reached]);
        let places = points.filter_map(|&(step, at)| {
            let at = projector.screen_from_world(place.space.world_from_box(at))?;
            Some((Iterate { descent, step }, at))
        });
        if let Some(found) = nearest(pointer, places)
            && best.is_none_or(|(_, least)| found.1 < least)
        {
            best = Some(found);
        }
    }
    highlighted.set_if_neq(HighlightedStep(best.map(|(iterate, _)| iterate)));
}

fn place_highlight(
    (viewports, rig): (Res<Viewports>, Res<CameraRig>),
    highlighted: Res<HighlightedStep>,
    panels: Query<(&PanelIndex, &PanelLandscape, &PanelSpace)>,
    descents: Query<(&DescentRun, &DescentStyle, &InPanel)>,
    mut shown: ResMut<HighlightPlace>,
) {
    let place = highlighted.0.and_then(|Iterate { descent, step }| {
        let (run, style, panel) = descents.get(descent).ok()?;
        let (index, landscape, place) = panels.get(panel.0).ok()?;
        let viewport = *viewports.panels.get(index.0)?;
        let ground = ground(landscape, style);
        let at = (step < run.history().len()).then(|| ground.at(run, step as f64))??;
        let world = place.space.world_from_box(at);
        let screen = projector(&rig, &place.space, viewport).screen_from_world(world)?;
        Some((index.0, screen))
    });
    shown.set_if_neq(HighlightPlace(place));
}

#[cfg(test)]
mod tests {
    use bevy::camera::visibility::RenderLayers;

    use super::super::space::BoxSpace;
    use super::*;
    use crate::descent::{Descent, Plan};
    use crate::experiment::Experiment;

    /// The iterates to be found under the pointer, of a descent on the bowl and of the one that takes its place.
    #[test]
    fn a_run_that_begins_elsewhere_is_pointed_at_there() {
        let panel = Experiment::load("bowl")
            .expect("a built-in")
            .panels
            .remove(0);
        let landscape = PanelLandscape::of_function(panel.clone());
        let field = landscape.field.clone();
        let plan = panel.descents[0].plan.clone();
        let run = |start: [f64; 2]| {
            let start = start.to_vec();
            let plan = Plan {
                start,
                ..plan.clone()
            };
            let mut descent = Descent::new(field.objective.clone(), plan);
            descent.run();
            DescentRun::new(descent)
        };
        let place = PanelSpace {
            space: BoxSpace::new(&landscape, 0, false, 1.0, [800.0, 600.0]),
            layer: RenderLayers::layer(1),
        };
        let style = DescentStyle {
            index: 0,
            count: 1,
            name: "gd".to_owned(),
            color: [0; 3],
            dashed: false,
            shown: true,
            explained: false,
        };
        let mut app = App::new();
        app.init_resource::<PointerFocus>()
            .add_systems(Update, gather);
        let world = app.world_mut();
        let panel = world.spawn((landscape, place)).id();
        let descent = world.spawn((run([-2.5, 2.0]), style, InPanel(panel))).id();
        let points = |app: &mut App| {
            app.update();
            app.update();
            app.world()
                .get::<Markers>(descent)
                .expect("gathered")
                .points
                .clone()
        };
        let before = points(&mut app);
        assert!(before.len() > 5);
        app.world_mut().entity_mut(descent).insert(run([2.5, -2.0]));
        let after = points(&mut app);
        assert!(after.len() > 5);
        assert!(before[0].1.x < 0.0 && after[0].1.x > 0.0, "{after:?}");
    }
}
