//! What an experiment shows, computed: landscapes as heights, paths within their boxes, and what is said of them.

use std::sync::Arc;

use rayon::prelude::*;

use super::DrawnScene;
use super::map::SceneMap;
use crate::descent::{History, Status};
use crate::experiment::{DescentSpec, Experiment, Panel};
use crate::landscape::path::{DrawnPath, Iterates, PathSurface};
use crate::landscape::{CriticalPoints, Domain, Grid, HeightScale};
use crate::mnist::{DataError, DataSet, DataWish};
use crate::objective::Objective;
use crate::objective::network::Network;
use crate::palette::{Rgb, descent_color};
use crate::plane::Plane;
use crate::report::{self, DescentResult, PanelResults, Results};

/// Nodes along each side of a function's grid, and along a curve, as in the window.
const SURFACE_NODES: usize = 257;
const CURVE_NODES: usize = 1025;
const FINE_NODES: usize = 769;
/// Nodes along a side of a slice, at most: what is finer is of no use at a page's size.
const MOST_NODES: usize = 401;

/// An experiment with all that is shown of it.
#[derive(Debug)]
pub struct Scene {
    pub experiment: Experiment,
    pub panels: Vec<PanelScene>,
    /// The last step of the descent that goes on longest, of those that are shown.
    pub last_step: usize,
    /// What its panels need of data sets.
    pub(super) data: Option<Arc<DataSet>>,
}

/// A panel with its landscape and its descents.
#[derive(Debug)]
pub struct PanelScene {
    pub panel: Panel,
    pub(super) objective: Arc<dyn Objective>,
    pub plane: Plane,
    pub grid: Grid,
    pub scale: HeightScale,
    /// Whether the landscape goes on below and above the box.
    pub goes_on: [bool; 2],
    pub critical: CriticalPoints,
    /// Extent of the box along the first axis, in height, and along the second axis.
    pub size: [f32; 3],
    /// A factor on the box's usual height.
    pub(super) tall: f64,
    /// Shares of the paths' spread along the plane's directions, for principal components.
    pub explained: Option<[f64; 2]>,
    pub descents: Vec<SceneDescent>,
    pub map: Option<SceneMap>,
    /// Its picture, once a renderer has drawn it ([`Scene::put_drawn`]).
    pub drawn: Option<DrawnScene>,
}

/// A descent as landscapes know it: what happened, and where its iterates lie in the plane's coordinates.
pub(super) type Seen<'a> = (&'a History, &'a [[f64; 2]]);

/// A landscape, and how its losses become heights.
pub(super) struct Landscape {
    pub grid: Grid,
    pub scale: HeightScale,
    /// Whether it goes on below and above the box.
    pub goes_on: [bool; 2],
    pub critical: CriticalPoints,
}

/// A descent with its path.
#[derive(Debug)]
pub struct SceneDescent {
    pub spec: DescentSpec,
    pub color: Rgb,
    pub dashed: bool,
    pub status: Status,
    pub status_step: usize,
    pub history: History,
    /// The number of steps before each iterate, where not every step was recorded.
    steps: Option<Vec<usize>>,
    /// Where its iterates lie in the plane's coordinates; along a curve the second is 0.
    pub places: Vec<[f64; 2]>,
    /// What of it is in the box.
    pub path: DrawnPath,
    /// The place across a curve's depth.
    pub lane: Option<f64>,
}

impl Scene {
    /// Runs the experiment's descents and samples its landscapes.
    ///
    /// # Errors
    /// When the experiment needs a data set that is not there or cannot be used.
    pub fn of(experiment: Experiment, data: &DataWish) -> Result<Scene, DataError> {
        let results = report::run(&experiment, data)?;
        Scene::shown(experiment, results, data)
    }

    /// The same of one moment: with the ranges that panels have then. `seconds` is told the last step of the longest descent, and tells
    /// after how many seconds of playback it is.
    ///
    /// # Errors
    /// The same.
    pub fn of_moment(
        mut experiment: Experiment,
        data: &DataWish,
        seconds: impl FnOnce(usize) -> f64,
    ) -> Result<Scene, DataError> {
        let results = report::run(&experiment, data)?;
        let seconds = seconds(last_step(&experiment, &results));
        for panel in &mut experiment.panels {
            let map = panel.map.as_ref();
            let is_beside = map.is_some_and(|map| !panel.map_lies_on_surface(map));
            // A range along keys is fitted to nothing.
            panel.fits &= panel.zoom.is_empty() || is_beside;
            panel.zoom_to(seconds);
            panel.zoom.clear();
        }
        Scene::shown(experiment, results, data)
    }

    fn shown(
        experiment: Experiment,
        results: Results,
        data: &DataWish,
    ) -> Result<Scene, DataError> {
        let set = experiment.data(data)?;
        let last_step = last_step(&experiment, &results);
        let panels = experiment.panels.iter().zip(results.panels);
        let panels = panels
            .map(|(panel, results)| {
                let tall = experiment.view.exaggeration;
                PanelScene::of((panel, tall), results, set.as_deref())
            })
            .collect();
        Ok(Scene {
            last_step,
            experiment,
            panels,
            data: set,
        })
    }

    /// Takes the pictures of its panels, in their order.
    pub fn put_drawn(&mut self, drawn: Vec<DrawnScene>) {
        for (panel, drawn) in self.panels.iter_mut().zip(drawn) {
            panel.drawn = Some(drawn);
        }
    }
}

/// The last step of the descent that goes on longest, of those that are shown. As in the window one that ends early leaves no dead tail.
fn last_step(experiment: &Experiment, results: &Results) -> usize {
    let panels = experiment.panels.iter().zip(&results.panels);
    let descents = panels.flat_map(|(panel, run)| panel.descents.iter().zip(&run.descents));
    let shown = descents.filter(|(spec, _)| spec.shown);
    let last = shown.filter_map(|(_, run)| match &run.steps {
        Some(steps) => steps.last().copied(),
        None => run.history.len().checked_sub(1),
    });
    last.max().unwrap_or_default()
}

impl PanelScene {
    fn of(
        (panel, tall): (&Panel, f64),
        results: PanelResults,
        data: Option<&DataSet>,
    ) -> PanelScene {
        let objective = results.objective().clone();
        let PanelResults {
            plane,
            explained,
            descents,
            ..
        } = results;
        let places: Vec<Vec<[f64; 2]>> = descents
            .par_iter()
            .map(|descent| {
                descent
                    .history
                    .iter()
                    .map(|w| plane.coordinates(w))
                    .collect()
            })
            .collect();
        let shown = panel.descents.iter().zip(descents.iter().zip(&places));
        let shown = shown.filter(|(spec, _)| spec.shown);
        let shown: Vec<Seen> = shown
            .map(|(_, (descent, places))| (&descent.history, &places[..]))
            .collect();
        // A range that the file does not give shows the paths.
        let fitted = panel.fits.then(|| {
            let places = shown.iter().flat_map(|(_, places)| places.iter().copied());
            Domain::around(places)
        });
        let mut panel = panel.clone();
        panel.domain = fitted.flatten().unwrap_or(panel.domain);
        let panel = &panel;
        let Landscape {
            grid,
            scale,
            goes_on,
            critical,
        } = Landscape::of(panel, &objective, &plane, &shown);
        let is_slice = !plane.is_everything();
        let count = descents.len();
        let all = panel.descents.iter().zip(descents).zip(places).enumerate();
        let descents = all.map(|(index, ((spec, result), places))| {
            let lane = (panel.dim() == 1).then(|| (index as f64 + 0.5) / count as f64);
            let surface = PathSurface {
                grid: &grid,
                scale: &scale,
                lane,
                own_losses: is_slice,
            };
            SceneDescent::of((index, spec), result, places, surface)
        });
        PanelScene {
            descents: descents.collect(),
            size: panel.box_size(count, tall),
            tall,
            map: SceneMap::of(panel, data),
            panel: panel.clone(),
            objective,
            plane,
            grid,
            scale,
            goes_on,
            critical,
            explained,
            drawn: None,
        }
    }

    /// The losses for isolines that are looked at closely: of a function on more nodes than a surface needs.
    pub fn fine_grid(&self) -> Grid {
        if self.is_curve() || self.is_slice() {
            return self.grid.clone();
        }
        let (objective, domain) = (&*self.objective, self.panel.domain);
        let grid = objective.sweep(&self.plane, domain, [FINE_NODES; 2], &|| true);
        grid.unwrap_or_else(|| self.grid.clone())
    }

    /// The network whose loss is drawn, if it is one's.
    pub fn network(&self) -> Option<&Network> {
        self.objective.as_network()
    }

    pub fn is_curve(&self) -> bool {
        self.panel.domain.y.is_none()
    }

    /// Whether iterates may lie off what is drawn: then they have heights of their own.
    pub fn is_slice(&self) -> bool {
        !self.plane.is_everything()
    }
}

impl SceneDescent {
    fn of(
        (index, spec): (usize, &DescentSpec),
        result: DescentResult,
        places: Vec<[f64; 2]>,
        surface: PathSurface,
    ) -> SceneDescent {
        let (color, dashed) = match spec.color {
            Some(color) => (color, false),
            None => descent_color(index),
        };
        let path = surface.path(Iterates {
            place: &|step| places[step],
            losses: result.history.losses(),
        });
        SceneDescent {
            spec: spec.clone(),
            color,
            dashed,
            status: result.status,
            status_step: result.status_step,
            history: result.history,
            steps: result.steps,
            places,
            path,
            lane: surface.lane,
        }
    }

    /// The step at a place in the history, which may lie between two iterates.
    pub fn step_of(&self, entry: f64) -> f64 {
        let Some(steps) = &self.steps else {
            return entry;
        };
        let last = steps.len().saturating_sub(1);
        let before = (entry.max(0.0) as usize).min(last);
        let step = |index: usize| steps.get(index.min(last)).copied().unwrap_or_default() as f64;
        step(before) + (step(before + 1) - step(before)) * (entry - before as f64)
    }

    /// The step of its last iterate.
    pub fn last_step(&self) -> usize {
        self.step_of(self.history.len().saturating_sub(1) as f64) as usize
    }

    /// In words how it ended, where that is worth a word.
    pub fn ending(&self) -> Option<String> {
        let step = self.status_step;
        let what = match self.status {
            Status::Converged => "converged",
            Status::Stopped => "stopped",
            Status::Diverged { .. } => "diverged",
            Status::Undefined { missing, .. } => missing.words(),
            Status::Finished | Status::Running => return None,
        };
        Some(format!("{what} at step {step}"))
    }
}

impl Landscape {
    /// What a panel shows through a plane, with the descents that are shown.
    pub(super) fn of(
        panel: &Panel,
        objective: &Arc<dyn Objective>,
        plane: &Plane,
        shown: &[Seen],
    ) -> Landscape {
        let grid = sweep(panel, &**objective, plane, panel.domain);
        let critical = critical_points(panel, objective, shown);
        let (mut scale, [lowest, highest]) = panel.heights(&critical, grid.bounds());
        let goes_on = [lowest < scale.low, highest > scale.high];
        if !plane.is_everything() {
            let seen = shown.iter().flat_map(|(history, places)| {
                let steps = history.losses().iter().zip(*places);
                steps.filter(|(_, place)| panel.domain.contains(*place))
            });
            let losses = seen.map(|(loss, _)| *loss);
            [scale.low, scale.high] = panel.range_with([scale.low, scale.high], scale, losses);
        }
        Landscape {
            grid,
            scale,
            goes_on,
            critical,
        }
    }
}

/// The losses of a panel over a rectangle, on even lines.
pub(super) fn sweep(
    panel: &Panel,
    objective: &dyn Objective,
    plane: &Plane,
    domain: Domain,
) -> Grid {
    let size = match (&panel.plane, panel.dim()) {
        (Some(plane), _) => plane.grid.map(|nodes| nodes.min(MOST_NODES)),
        (None, 1) => [CURVE_NODES, 1],
        (None, _) => [SURFACE_NODES; 2],
    };
    let grid = objective.sweep(plane, domain, size, &|| true);
    grid.expect("a sweep that nobody stops comes to its end")
}

/// What is known of a landscape, with what its descents found.
fn critical_points(
    panel: &Panel,
    objective: &Arc<dyn Objective>,
    shown: &[Seen],
) -> CriticalPoints {
    let objective = &**objective;
    let known = CriticalPoints::find(objective, panel.domain, panel.objective.told_minima());
    let found = shown
        .iter()
        .filter_map(|(history, _)| lowest(history, panel.domain));
    let found = found.min_by(|a, b| a.0.total_cmp(&b.0));
    match found {
        Some((loss, at)) if objective.dim() == panel.dim() && known.would_learn(loss) => {
            known.learn(objective, panel.domain, (loss, &at))
        }
        _ => known,
    }
}

/// The lowest iterate within a domain.
fn lowest(history: &History, domain: Domain) -> Option<(f64, Vec<f64>)> {
    let iterates = history.iter().zip(history.losses());
    let inside = iterates.filter(|(w, loss)| loss.is_finite() && domain.contains(w));
    let (w, loss) = inside.min_by(|a, b| a.1.total_cmp(b.1))?;
    Some((*loss, w.to_vec()))
}
