//! What `run` computes, and how it is written: JSON, CSV and NPZ.
//!
//! Numbers are written so that they read back as the same f64. Every number of a descent is
//! finite: a descent that left the finite ones says so in its status and ends before.
//!
//! **JSON**, one object:
//!
//! ```json
//! { "steepest": 1, "experiment": "title", "panels": [ { "title": "…", "descents": [
//!   { "name": "Adam", "rule": "adam", "status": "finished", "status_step": 150,
//!     "path": [[x, y], …], "loss": [f0, …], "rate": [η0, …] } ] } ] }
//! ```
//!
//! Of a model's descent `accuracy` is the share of samples whose class it names right at the end; `held_out_loss` and
//! `held_out_accuracy` are those over samples that were kept apart, where there are any.
//!
//! `path[0]` is the start, with one number a point for a curve; `rate[i]` led from `path[i]` to
//! `path[i + 1]`. With parameters, `params` holds every point's full weights: for a function
//! they are the path.
//!
//! **CSV**, a header and a line for each point: `panel,descent,step,x,y,loss,rate`, the names as
//! the experiment has them, `y` empty for a curve, `rate` empty at the last point. With
//! parameters, columns `w0`, `w1`, … follow. The last columns are `rule,status,status_step`, the same in every line of a
//! descent; one without a single finite point has no line. Names with a comma, a quote or a line break are quoted
//! as RFC 4180 says.
//!
//! **NPZ**, for `numpy.load`; panels and descents are counted from 0, in the order of the
//! experiment:
//!
//! | array | shape | |
//! | --- | --- | --- |
//! | `meta` | bytes | the JSON above without numbers: titles, names, rules, statuses; `json.loads(bytes(npz["meta"]))` |
//! | `panel0/x`, `panel0/y` | `[columns]`, `[rows]` | nodes of the grid over the domain; no `y` for a curve |
//! | `panel0/loss` | `[rows, columns]` | `loss[y][x]`; for a curve `[columns]`; NaN where the objective has no finite value |
//! | `panel0/plane_origin`, `panel0/plane_u`, `panel0/plane_v` | `[parameters]` | with parameters, where there are more than axes: a node's are origin + x·u + y·v |
//! | `panel0/data_x`, `panel0/data_y` | `[samples, features]`, `[samples]` | with parameters, of a network: its samples, and their labels (int64) or targets |
//! | `panel0/descent0/traj` | `[n, 2]` | the path; for a curve `[n, 1]` |
//! | `panel0/descent0/traj_loss` | `[n]` | the loss along it |
//! | `panel0/descent0/params` | `[n, parameters]` | with parameters: the full weights |

mod csv;
pub mod file;
mod json;
mod map;
pub(crate) mod map_words;
mod npz;
mod tune;

use std::io::{self, Write};
use std::str::FromStr;
use std::sync::Arc;

use rayon::prelude::*;

use crate::descent::curvature::Curvature;
use crate::descent::{Descent, History, Status};
use crate::experiment::{DescentSpec, Experiment, Panel, PathSoFar, ResolvedPlane};
use crate::landscape::{Domain, Grid};
use crate::mnist::{DataError, DataSet, DataWish};
use crate::objective::Objective;
use crate::objective::network::Samples;
use crate::optimizer::{Rule, Terms};
use crate::plane::Plane;

pub use map::MapResults;
pub use tune::{TuneFormat, TuneResults};

/// Nodes of the grid in an NPZ file, along each axis of a surface: odd, so that the middle is one.
const SURFACE_NODES: usize = 201;
/// Nodes of the grid in an NPZ file for a curve.
const CURVE_NODES: usize = 1001;

/// So many things, in words: "1 cell", "2 cells".
pub fn counted(number: usize, thing: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{s}")
}

/// Everything that an experiment's descents did.
#[derive(Debug, Clone)]
pub struct Results {
    /// The experiment's title.
    pub title: String,
    pub panels: Vec<PanelResults>,
}

/// What the descents of one panel did.
#[derive(Debug, Clone)]
pub struct PanelResults {
    pub title: String,
    /// Through which the landscape is seen.
    pub plane: Plane,
    /// See [`ResolvedPlane::explained`].
    pub explained: Option<[f64; 2]>,
    pub descents: Vec<DescentResult>,
    panel: Panel,
    objective: Arc<dyn Objective>,
}

/// What one descent did.
#[derive(Debug, Clone)]
pub struct DescentResult {
    pub name: String,
    /// The rule's name in experiment files.
    pub rule: &'static str,
    pub status: Status,
    /// The index of the last point; where it diverged or is undefined, the step that did.
    pub status_step: usize,
    pub history: History,
    /// The number of steps before each point, where not every step was recorded.
    pub steps: Option<Vec<usize>>,
    /// What its steps were made of, if that was asked for.
    pub explained: Option<Explained>,
    pub learnt: Learnt,
}

/// How well a model does at the end of a descent, as far as it is one.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Learnt {
    /// The share of the samples whose class it names right, where there are classes.
    pub accuracy: Option<f64>,
    /// The loss over samples that were kept apart.
    pub held_out_loss: Option<f64>,
    pub held_out_accuracy: Option<f64>,
}

impl Learnt {
    fn at(w: &[f64], objective: &dyn Objective) -> Learnt {
        let held_out = objective.held_out();
        let loss = held_out.map(|held_out| held_out.value(w));
        Learnt {
            accuracy: objective.accuracy(w),
            held_out_loss: loss.filter(|loss| loss.is_finite()),
            held_out_accuracy: held_out.and_then(|held_out| held_out.accuracy(w)),
        }
    }
}

/// The terms of a descent's steps, and the curvature at its points.
#[derive(Debug, Clone)]
pub struct Explained {
    rule: Rule,
    /// One an update.
    pub terms: Vec<Terms>,
    /// One a point; `None` where the Hessian is not finite.
    pub curvature: Vec<Option<Curvature>>,
}

impl Explained {
    fn of(descent: &Descent) -> Explained {
        let rule = descent.plan().rule;
        let terms = descent.all_terms();
        let points: Vec<&[f64]> = descent.history().iter().collect();
        let objective = descent.objective();
        let curvature = points
            .par_iter()
            .enumerate()
            .map(|(step, w)| Curvature::at(objective.as_ref(), w, &rule, terms.get(step)))
            .collect();
        Explained {
            rule,
            terms,
            curvature,
        }
    }
}

/// Runs every descent of an experiment to its end, several at a time.
///
/// # Errors
/// When the experiment needs a data set that is not there or cannot be used.
pub fn run(experiment: &Experiment, data: &DataWish) -> Result<Results, DataError> {
    results(experiment, data, false)
}

/// The same, with what every step is made of, and the curvature at every point.
///
/// # Errors
/// As [`run`].
pub fn run_explained(experiment: &Experiment, data: &DataWish) -> Result<Results, DataError> {
    results(experiment, data, true)
}

fn results(experiment: &Experiment, data: &DataWish, explain: bool) -> Result<Results, DataError> {
    let data = experiment.data(data)?;
    let panels = experiment.panels.par_iter();
    Ok(Results {
        title: experiment.title.clone(),
        panels: panels
            .map(|panel| PanelResults::of(panel, data.as_ref(), explain))
            .collect(),
    })
}

impl DescentResult {
    fn of(spec: &DescentSpec, objective: Arc<dyn Objective>, explain: bool) -> DescentResult {
        let mut descent = Descent::new(objective.clone(), spec.plan.clone());
        let status = descent.run();
        let last = descent.history().last();
        let learnt = last.map(|w| Learnt::at(w, &*objective));
        DescentResult {
            learnt: learnt.unwrap_or_default(),
            name: spec.name.clone(),
            rule: spec.plan.rule.info().name,
            status,
            status_step: descent.status_step(),
            steps: spec
                .plan
                .record
                .as_ref()
                .map(|record| record.steps().to_vec()),
            explained: explain.then(|| Explained::of(&descent)),
            history: descent.into_history(),
        }
    }
}

/// The plane of a panel whose descents have run to their end.
fn plane(panel: &Panel, objective: &dyn Objective, descents: &[DescentResult]) -> ResolvedPlane {
    let Some(spec) = &panel.plane else {
        return ResolvedPlane {
            plane: Plane::identity(panel.dim()),
            explained: None,
        };
    };
    let paths = descents.iter().zip(&panel.descents);
    let paths: Vec<PathSoFar> = paths
        .map(|(descent, spec)| PathSoFar {
            name: &descent.name,
            shown: spec.shown,
            history: &descent.history,
            is_complete: true,
        })
        .collect();
    let resolved = spec.resolve(&*panel.objective, objective, &paths, None);
    resolved.expect("every descent has ended, and there are two parameters or more")
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    #[default]
    Json,
    Csv,
    Npz,
}

impl Format {
    pub const ALL: [Format; 3] = [Format::Json, Format::Csv, Format::Npz];

    /// The name on the command line, and the usual ending of a file's name.
    pub fn name(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Npz => "npz",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Format::ALL.into_iter().find(|format| format.name() == text);
        known.ok_or_else(|| format!("found \"{text}\", expected one of json, csv, npz"))
    }
}

impl Results {
    /// Writes the results; `params` adds every point's full weights.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, format: Format, params: bool, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Json => json::write(self, params, out),
            Format::Csv => csv::write(self, params, out),
            Format::Npz => npz::write(self, params, out),
        }
    }
}

impl PanelResults {
    /// `data` are there if the panel needs them.
    fn of(panel: &Panel, data: Option<&Arc<DataSet>>, explain: bool) -> PanelResults {
        let objective = panel.objective(data.map(|data| &**data));
        let objective = objective.expect("an experiment's data are loaded before it runs");
        let run = |spec| DescentResult::of(spec, objective.clone(), explain);
        let descents: Vec<DescentResult> = panel.descents.par_iter().map(run).collect();
        let ResolvedPlane { plane, explained } = plane(panel, &*objective, &descents);
        let mut results = PanelResults {
            title: panel.title.clone(),
            plane,
            explained,
            descents,
            panel: panel.clone(),
            objective,
        };
        if panel.fits
            && let Some(domain) = results.around_paths()
        {
            results.panel.domain = domain;
        }
        results
    }

    /// The range that shows the paths of the descents that are shown.
    fn around_paths(&self) -> Option<Domain> {
        let shown = self.panel.descents.iter().zip(&self.descents);
        let shown = shown.filter(|(spec, _)| spec.shown);
        let points = shown.flat_map(|(_, result)| result.history.iter());
        Domain::around(points.map(|w| self.coordinates(w)))
    }

    /// What the descents descend on.
    pub fn objective(&self) -> &Arc<dyn Objective> {
        &self.objective
    }

    /// The objective on a grid over the domain.
    fn grid(&self) -> Grid {
        let size = match (&self.panel.plane, self.panel.dim()) {
            (Some(plane), _) => plane.grid,
            (None, 1) => [CURVE_NODES, 1],
            (None, _) => [SURFACE_NODES; 2],
        };
        let grid = self
            .objective
            .sweep(&self.plane, self.panel.domain, size, &|| true);
        grid.expect("a sweep that nobody stops comes to its end")
    }

    /// The samples that the objective is the loss over, where they come with the experiment.
    fn samples(&self) -> Option<&Samples> {
        self.panel.objective.samples()
    }

    /// Number of coordinates of a point of the path.
    fn dim(&self) -> usize {
        self.panel.domain.dim()
    }

    /// A point of a history in the coordinates of the plane.
    fn coordinates(&self, w: &[f64]) -> [f64; 2] {
        self.plane.coordinates(w)
    }
}

#[cfg(test)]
mod tests;
