//! Recorded runs: losses over a plane of somebody's own model, and the paths of its trainings in that plane.
//!
//! A run file is NumPy's archive of arrays without any pickle; the package for Python writes it, and [`Recording::read`]
//! reads it. [`import`] makes one of other tools' grids.

mod check;
pub mod import;
mod npy;
mod read;
mod write;

use std::path::Path;

pub use read::{Stamp, is_run_file};

/// Nodes along each side of a grid, at most.
pub const MAX_NODES: usize = 2048;
/// Paths in one run file.
pub const MAX_PATHS: usize = 64;
/// Points of one path.
pub const MAX_POINTS: usize = 1_000_000;
/// The greatest number of a step.
pub const MAX_STEP: u64 = 1 << 40;
/// Letters of a title, a label or a path's name.
const MAX_LETTERS: usize = 200;

/// Losses over a plane, and paths in it. Everything is checked: lengths fit together, coordinates are finite and ascend.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recording {
    pub title: String,
    /// A paragraph about it; may be empty.
    pub about: String,
    /// What the two directions are called.
    pub labels: [String; 2],
    /// Coordinates of the grid's columns and of its rows, ascending, two at least.
    pub u: Vec<f64>,
    pub v: Vec<f64>,
    /// `loss[row * u.len() + col]`; NaN where it is not computed yet, other than finite where it was and there is none.
    pub loss: Vec<f64>,
    /// The loss and the share of right answers on data that were held back, laid out alike.
    pub val_loss: Option<Vec<f64>>,
    pub accuracy: Option<Vec<f64>>,
    /// Of the squared distances of all recorded points from the plane's origin, the share along each principal component,
    /// greatest first; the first two are the plane's. Empty where nobody says.
    pub explained: Vec<f64>,
    pub paths: Vec<RecordedPath>,
}

/// The path of one training. All lists are as long as `step`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecordedPath {
    pub name: String,
    /// The number of updates before each point, ascending.
    pub step: Vec<u64>,
    /// Coordinates of the point of the plane that is nearest.
    pub u: Vec<f64>,
    pub v: Vec<f64>,
    /// The true loss at the point itself; NaN where it is not computed yet, other than finite where there is none.
    pub loss: Vec<f64>,
    /// The distance of the point from the plane.
    pub residual: Vec<f64>,
    /// The learning rate of the update that led to the point, if it was recorded.
    pub rate: Option<Vec<f64>>,
    /// ‖gradient‖₂ at the point, if it was recorded.
    pub grad_norm: Option<Vec<f64>>,
    /// The Hessian's greatest eigenvalue at the point, if it was recorded.
    pub sharpness: Option<Vec<f64>>,
}

/// Why a file is no run file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RecordingError(pub(crate) String);

impl RecordingError {
    fn new(message: impl Into<String>) -> RecordingError {
        RecordingError(message.into())
    }

    /// The same, of an array.
    fn of(key: &str, message: impl std::fmt::Display) -> RecordingError {
        RecordingError(format!("`{key}`: {message}"))
    }
}

impl Recording {
    /// The recording in a run file, and what tells this state of the file from others.
    ///
    /// # Errors
    /// If it cannot be read, or is no run file: which array is wrong, what was found, what expected.
    pub fn read(path: &Path) -> Result<(Recording, Stamp), RecordingError> {
        read::read(path)
    }

    /// The share of the grid's nodes that are computed.
    pub fn share_there(&self) -> f64 {
        let there = self.loss.iter().filter(|loss| !loss.is_nan()).count();
        there as f64 / self.loss.len().max(1) as f64
    }
}

#[cfg(test)]
mod tests;
