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
//! `path[0]` is the start, with one number a point for a curve; `rate[i]` led from `path[i]` to
//! `path[i + 1]`. With parameters, `params` holds every point's full weights: for a function
//! they are the path.
//!
//! **CSV**, a header and a line for each point: `panel,descent,step,x,y,loss,rate`, the names as
//! the experiment has them, `y` empty for a curve, `rate` empty at the last point. With
//! parameters, columns `w0`, `w1`, … follow. Names with a comma, a quote or a line break are quoted
//! as RFC 4180 says.
//!
//! **NPZ**, for `numpy.load`; panels and descents are counted from 0, in the order of the
//! experiment:
//!
//! | array | shape | |
//! | --- | --- | --- |
//! | `panel0/x`, `panel0/y` | `[columns]`, `[rows]` | nodes of the grid over the domain; no `y` for a curve |
//! | `panel0/loss` | `[rows, columns]` | `loss[y][x]`; for a curve `[columns]`; NaN where the objective has no finite value |
//! | `panel0/descent0/traj` | `[n, 2]` | the path; for a curve `[n, 1]` |
//! | `panel0/descent0/traj_loss` | `[n]` | the loss along it |
//! | `panel0/descent0/params` | `[n, parameters]` | with parameters: the full weights |

mod csv;
pub mod file;
mod json;
mod npz;

use std::io::{self, Write};
use std::str::FromStr;

use rayon::prelude::*;

use crate::descent::{Descent, History, Status};
use crate::experiment::{Experiment, Panel};
use crate::landscape::Grid;
use crate::plane::Plane;

/// Nodes of the grid in an NPZ file, along each axis of a surface: odd, so that the middle is one.
const SURFACE_NODES: usize = 201;
/// Nodes of the grid in an NPZ file for a curve.
const CURVE_NODES: usize = 1001;

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
    pub descents: Vec<Outcome>,
    panel: Panel,
}

/// What one descent did.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub name: String,
    /// The rule's name in experiment files.
    pub rule: &'static str,
    pub status: Status,
    /// The index of the last point; where it diverged or is undefined, the step that did.
    pub status_step: usize,
    pub history: History,
}

/// Runs every descent of an experiment to its end, several at a time.
pub fn run(experiment: &Experiment) -> Results {
    let panels = experiment.panels.par_iter().map(|panel| PanelResults {
        title: panel.title.clone(),
        plane: Plane::identity(panel.dim()),
        descents: panel
            .descents
            .par_iter()
            .map(|spec| {
                let mut descent = Descent::new(panel.objective(), spec.plan.clone());
                let status = descent.run();
                Outcome {
                    name: spec.name.clone(),
                    rule: spec.plan.rule.info().name,
                    status,
                    status_step: descent.status_step(),
                    history: descent.history().clone(),
                }
            })
            .collect(),
        panel: panel.clone(),
    });
    Results {
        title: experiment.title.clone(),
        panels: panels.collect(),
    }
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
    /// The objective on a grid over the domain.
    fn grid(&self) -> Grid {
        let (cols, rows) = match self.panel.dim() {
            1 => (CURVE_NODES, 1),
            _ => (SURFACE_NODES, SURFACE_NODES),
        };
        let objective = self.panel.objective();
        Grid::sample(&*objective, &self.plane, self.panel.domain, cols, rows)
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
