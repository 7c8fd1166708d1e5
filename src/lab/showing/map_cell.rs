//! The cell of a map under the pointer: the whole path of its run, and taking its settings over.

use std::sync::Arc;

use bevy::prelude::*;

use super::glyphs::{Form, Glyph};
use super::overlay::Pointed;
use crate::descent::{Descent, Plan};
use crate::experiment::DescentSpec;
use crate::lab::command::{self, LabCommand};
use crate::lab::model::field::PanelLandscape;
use crate::lab::model::jobs::{Job, Patience};
use crate::lab::model::maps::{PanelMap, ShownMap};
use crate::lab::model::{CurrentExperiment, PanelIndex};
use crate::lab::playback::Playback;
use crate::lab::stage::Stage;
use crate::lab::theme::Role;
use crate::maps::{Axis, plan_of};
use crate::optimizer::Sampling;
use crate::plane::Plane;

/// Steps that are taken before a path's job asks whether its time is over.
const AT_ONCE: usize = 64;
/// Places of a path that are drawn, at most; of more some are left out.
const MOST_PLACES: usize = 1500;
/// Between two iterates a path follows the surface in pieces of this share of the range.
const PIECE: f64 = 1.0 / 100.0;
const MOST_PIECES: f64 = 24.0;

/// Where the pointer is on a map beside the scene: the panel, and the values of the axes. Written by `ui`.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq)]
pub struct PointedOnMap(pub Option<(usize, [f64; 2])>);

/// A cell of the map of a panel.
#[derive(Debug, Clone)]
pub struct CellAt {
    pub panel: usize,
    pub map: Arc<ShownMap>,
    pub index: usize,
}

impl PartialEq for CellAt {
    fn eq(&self, other: &CellAt) -> bool {
        (self.panel, self.index) == (other.panel, other.index) && Arc::ptr_eq(&self.map, &other.map)
    }
}

/// The cell under the pointer, and the path of its run once it is there.
#[derive(Resource, Debug, Default)]
pub struct PointedCell {
    pub cell: Option<CellAt>,
    /// Iterates and their losses.
    path: Option<Vec<Iterate>>,
    /// The path as it is drawn on the panel's surface.
    pub glyphs: Vec<Glyph>,
    job: Option<Job<(), Vec<Iterate>>>,
}

/// In the panel's coordinates, and the loss there.
type Iterate = ([f64; 2], f64);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<PointedOnMap>()
        .init_resource::<PointedCell>()
        .add_systems(Update, point.in_set(Stage::Explain));
}

fn point(
    (on_map, on_surface): (Res<PointedOnMap>, Res<Pointed>),
    patience: Res<Patience>,
    panels: Query<(&PanelIndex, Ref<PanelLandscape>, &PanelMap)>,
    mut pointed: ResMut<PointedCell>,
) {
    let cell = || {
        let on_surface = on_surface.0.map(|at| (at.panel, at.at));
        let (panel, values) = on_map.0.or(on_surface)?;
        let (_, landscape, map) = panels.iter().find(|(index, ..)| index.0 == panel)?;
        let lies_on_it = |spec| landscape.panel.map_lies_on_surface(spec);
        let is_there = on_map.0.is_some() || landscape.panel.map.as_ref().is_some_and(lies_on_it);
        let map = map.shown.clone().filter(|_| is_there)?;
        let index = map.cell_at(values)?;
        Some(CellAt { panel, map, index })
    };
    let cell = cell();
    let landscape = cell.as_ref().and_then(|cell: &CellAt| {
        let found = panels.iter().find(|(index, ..)| index.0 == cell.panel);
        found.map(|(_, landscape, _)| landscape)
    });
    if pointed.cell != cell {
        let plane = landscape.as_ref().map(|landscape| &landscape.field.plane);
        *pointed = PointedCell {
            job: cell
                .as_ref()
                .zip(plane)
                .map(|(cell, plane)| begin(cell, plane)),
            cell,
            ..PointedCell::default()
        };
    }
    let Some(landscape) = landscape else {
        return;
    };
    let mut is_new = landscape.is_changed();
    if let Some(job) = &pointed.job {
        job.wait(patience.0);
        if let Some(path) = job.take().pop() {
            (pointed.path, pointed.job, is_new) = (Some(path), None, true);
        }
    }
    if is_new && let Some(path) = &pointed.path {
        let glyphs = glyphs(path, &landscape);
        pointed.glyphs = glyphs;
    }
}

/// Runs it beside the frames; it is seen in this plane.
fn begin(cell: &CellAt, plane: &Plane) -> Job<(), Vec<Iterate>> {
    let (map, plane) = (&cell.map.map, plane.clone());
    let mut descent = Descent::new(
        map.objective.clone(),
        plan_of(&map.plan, &map.cell(cell.index)),
    );
    Job::in_slices((), move |output, until| {
        while !descent.status().is_over() {
            descent.advance(AT_ONCE);
            if std::time::Instant::now() >= until {
                return true;
            }
        }
        let history = descent.history();
        let stride = history.len().div_ceil(MOST_PLACES).max(1);
        let last = history.len().saturating_sub(1);
        let steps = (0..history.len()).filter(|step| step % stride == 0 || *step == last);
        let iterate = |step: usize| {
            let place = plane.coordinates(history.at(step));
            (place, history.losses()[step])
        };
        output.put(steps.map(iterate).collect());
        false
    })
}

/// A line along the surface through all iterates in view, in one piece or several, and a ring where it begins.
fn glyphs(path: &[Iterate], landscape: &PanelLandscape) -> Vec<Glyph> {
    let (domain, field) = (landscape.panel.domain, &landscape.field);
    let is_curve = landscape.is_curve();
    let size = domain.size();
    let height = |loss: f64| landscape.scale.fraction(loss).clamp(0.0, 1.0);
    let glyph = |form, places| Glyph {
        role: Role::Update,
        form,
        places,
        strength: 1.0,
        symbol: String::new(),
    };
    let inside = |place: [f64; 2]| domain.contains(&place[..if is_curve { 1 } else { 2 }]);
    let mut lines: Vec<Vec<[f64; 3]>> = Vec::new();
    let mut goes_on = false;
    for pair in path.windows(2) {
        let [(from, first), (to, last)] = [pair[0], pair[1]];
        let [dx, dy] = [0, 1].map(|k| (to[k] - from[k]) / size[k].max(f64::MIN_POSITIVE));
        let far = if is_curve { dx.abs() } else { dx.hypot(dy) };
        let pieces = (far / PIECE).ceil().clamp(1.0, MOST_PIECES);
        for piece in 1..=pieces as usize {
            let part = piece as f64 / pieces;
            let place = [0, 1].map(|k| from[k] + (to[k] - from[k]) * part);
            // Off a slice's plane the surface is no guide.
            let loss = if part == 1.0 || field.is_slice() {
                Some(first + (last - first) * part)
            } else {
                field.grid.interpolate(place[0], place[1])
            };
            let Some(loss) = loss.filter(|_| inside(place)) else {
                goes_on = false;
                continue;
            };
            if !goes_on {
                lines.push(Vec::new());
            }
            goes_on = true;
            if let Some(line) = lines.last_mut() {
                line.push([place[0], place[1], height(loss)]);
            }
        }
    }
    let lines = lines.into_iter().filter(|line| line.len() > 1);
    let mut glyphs: Vec<Glyph> = lines.map(|line| glyph(Form::Line, line)).collect();
    let ends = path.first().filter(|(place, _)| inside(*place));
    let ends = ends.map(|([x, y], loss)| vec![[*x, *y, height(*loss)]]);
    glyphs.extend(ends.map(|place| glyph(Form::Ghost, place)));
    glyphs
}

/// The descent that a panel's map is of takes over the settings of a cell.
#[derive(Debug, Clone)]
pub struct AdoptCell(pub CellAt);

impl LabCommand for AdoptCell {
    fn apply(&self, world: &mut World) {
        command::run(world, adopt, self.0.clone());
    }
}

fn adopt(
    In(CellAt { panel, map, index }): In<CellAt>,
    mut current: ResMut<CurrentExperiment>,
    mut playback: ResMut<Playback>,
) {
    let Some(old) = current.experiment.panels.get(panel) else {
        return;
    };
    let mut adopted = old.clone();
    // Its rule may be another by now.
    let is_of = |spec: &&mut DescentSpec| {
        let rule = |plan: &Plan| plan.rule.info().name;
        spec.name == map.descent && rule(&spec.plan) == rule(&map.map.plan)
    };
    let Some(spec) = adopted.descents.iter_mut().find(is_of) else {
        return;
    };
    let cell = map.map.cell(index);
    for span in map.map.spans {
        let plan = &mut spec.plan;
        match span.axis {
            Axis::Start(k) => plan.start[k] = cell.start[k],
            Axis::Rate => plan.rate = cell.rate,
            Axis::Noise => plan.sampling = Sampling::Noise { sigma: cell.noise },
            Axis::Param(..) => plan.rule = plan.rule.with_values(cell.params),
        }
    }
    if adopted != *old {
        current.edit().panels[panel] = adopted;
    }
    playback.restart();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::lab;
    use crate::lab::command::send;
    use crate::lab::session::history::HistoryCommand;

    fn app(map: &str) -> App {
        let text = format!(
            "steepest = 1\n[[panel]]\nformula = 'x^2 + 9*y^2'\ndomain = [[-2, 2], [-2, 2]]\nmap = {map}\n\
             [[panel.descent]]\nname = 'M'\nrule = 'momentum'\nrate = 0.01\nstart = [1, 1]\nsteps = 80\n"
        );
        let mut app = lab::alone(Experiment::parse(&text, "test").expect("valid"));
        app.update();
        app
    }

    fn cell(app: &mut App, values: [f64; 2]) -> CellAt {
        app.insert_resource(PointedOnMap(Some((0, values))));
        app.update();
        let pointed = app.world().resource::<PointedCell>();
        pointed.cell.clone().expect("a cell")
    }

    #[test]
    fn the_path_of_a_cell_is_that_of_its_run_and_lies_on_the_surface() {
        let mut app = app("{ grid = [41, 41] }");
        let cell = cell(&mut app, [-1.52, 0.49]);
        assert_eq!(cell.map.map.cell(cell.index).start, [-1.5, 0.5]);
        let pointed = app.world().resource::<PointedCell>();
        let path = pointed.path.as_ref().expect("a path");
        assert_eq!((path.len(), path[0].0), (81, [-1.5, 0.5]));
        let line = &pointed.glyphs[0];
        assert!(line.form == Form::Line && line.places.len() > 80);
        assert!(
            line.places
                .iter()
                .all(|place| (0.0..=1.0).contains(&place[2]))
        );
        assert!(
            pointed
                .glyphs
                .last()
                .is_some_and(|glyph| glyph.form == Form::Ghost)
        );
        app.insert_resource(PointedOnMap(None));
        app.update();
        assert!(app.world().resource::<PointedCell>().glyphs.is_empty());
    }

    #[test]
    fn a_cell_is_adopted_in_one_change() {
        let mut app = app("{ x = 'rate=0.001:0.1', y = 'momentum=0:0.99', grid = [31, 31] }");
        let before = app
            .world()
            .resource::<CurrentExperiment>()
            .experiment
            .clone();
        let cell = cell(&mut app, [0.01, 0.9]);
        send(app.world_mut(), AdoptCell(cell.clone()));
        app.update();
        let after = app
            .world()
            .resource::<CurrentExperiment>()
            .experiment
            .clone();
        let plan = &after.panels[0].descents[0].plan;
        let values = cell.map.map.at(cell.index);
        assert_eq!([plan.rate, plan.rule.values()[0]], values);
        assert!((plan.rate / 0.01 - 1.0).abs() < 0.1 && (plan.rule.values()[0] - 0.9).abs() < 0.01);
        send(app.world_mut(), HistoryCommand::Undo);
        app.update();
        assert_eq!(
            *app.world().resource::<CurrentExperiment>().experiment,
            *before
        );
    }
}
