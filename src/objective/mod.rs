//! Objectives: scalar losses over ℝⁿ, with exact derivatives.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use crate::landscape::{Domain, Grid};
use crate::plane::Plane;

pub mod formula;
pub mod network;
pub mod pixels;
pub mod recorded;
pub mod softmax;

pub use formula::{Constant, Formula, FormulaError};
pub use network::Network;
pub use pixels::PixelSoftmax;
pub use recorded::Recorded;
pub use softmax::Softmax;

/// Asked now and then by what takes long: whether it is still wanted.
pub type GoOn<'a> = dyn Fn() -> bool + Sync + 'a;

/// Up to so many parameters a whole Hessian is small enough for the product with a direction.
const SMALL: usize = 32;

/// A scalar loss over ℝⁿ, in its own units.
///
/// Nothing here fails: where a loss or a derivative is not defined, the numbers are not finite,
/// and the caller says so (see [`crate::descent::Status`]).
///
/// A GPU kernel for an objective recognises it by its type (`Any`); nothing else needs to know which one it is.
pub trait Objective: Any + Send + Sync + Debug {
    /// The number n of parameters: 1 for a curve, 2 for a surface, more for model weights.
    fn dim(&self) -> usize;

    /// The loss at `w`, which holds [`dim`](Self::dim) parameters.
    fn value(&self, w: &[f64]) -> f64;

    /// Writes the exact gradient at `w` into `out` (n entries) and returns the loss there.
    fn gradient(&self, w: &[f64], out: &mut [f64]) -> f64;

    /// About how many multiplications one gradient takes. It decides how much is computed between two looks at the clock.
    fn cost(&self) -> usize;

    /// Writes the Hessian at `w` into `out`, n×n, row-major. False where this objective has none: n is too large.
    fn hessian(&self, w: &[f64], out: &mut [f64]) -> bool {
        let _ = (w, out);
        false
    }

    /// Writes the product of the Hessian at `w` with `direction` into `out` (n entries each). Without a method of the
    /// objective's own it is that of [`hessian`](Self::hessian), else a central difference of the gradient.
    fn hessian_product(&self, w: &[f64], direction: &[f64], out: &mut [f64]) {
        let n = self.dim();
        let mut hessian = vec![0.0; if n <= SMALL { n * n } else { 0 }];
        if n <= SMALL && self.hessian(w, &mut hessian) {
            for (out, row) in out.iter_mut().zip(hessian.chunks_exact(n)) {
                *out = row.iter().zip(direction).map(|(h, d)| h * d).sum();
            }
            return;
        }
        let size = |v: &[f64]| v.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
        let step = f64::EPSILON.cbrt() * size(w).max(1.0) / size(direction).max(f64::MIN_POSITIVE);
        let beside = |step: f64| -> Vec<f64> {
            let moved = w.iter().zip(direction).map(|(w, d)| w + step * d);
            moved.collect()
        };
        let mut before = vec![0.0; n];
        self.gradient(&beside(-step), &mut before);
        self.gradient(&beside(step), out);
        for (out, before) in out.iter_mut().zip(before) {
            *out = (*out - before) / (2.0 * step);
        }
    }

    /// The loss at every node of an evenly spaced grid of `[columns, rows]` nodes over `domain`, in the coordinates of
    /// `plane`; a domain without y has one row. `go_on` is asked every few milliseconds; `None` once it says no.
    ///
    /// An objective with something faster than one value after the other has a method of its own.
    fn sweep(&self, plane: &Plane, domain: Domain, size: [usize; 2], go_on: &GoOn) -> Option<Grid> {
        Grid::sample_while(self, plane, domain, size, go_on)
    }

    /// Whether there is no loss at `w` because `w` lies outside of where it is defined (the logarithm of −1, 1/0), and
    /// not because it is too large for a number. Asked where a loss is not finite.
    fn is_outside(&self, w: &[f64]) -> bool {
        let _ = w;
        false
    }

    /// The number of samples of a data set; `None` for a function.
    fn samples(&self) -> Option<usize> {
        None
    }

    /// Writes the gradient over the samples `batch` into `out`. A function has no samples and
    /// gives its exact gradient.
    fn batch_gradient(&self, w: &[f64], batch: &[usize], out: &mut [f64]) {
        let _ = batch;
        self.gradient(w, out);
    }

    /// The loss over these samples alone, as a descent sees it that takes them for its gradient; `None` for a function.
    fn over(&self, batch: &[usize]) -> Option<Arc<dyn Objective>> {
        let _ = batch;
        None
    }

    /// The share of the samples whose class the model with the parameters `w` names right, from 0 to 1; `None` where there are
    /// no classes.
    fn accuracy(&self, w: &[f64]) -> Option<f64> {
        let _ = w;
        None
    }

    /// The same loss over samples that were kept apart, of which no gradient knows; `None` where there are none. It has the
    /// same parameters.
    fn held_out(&self) -> Option<&dyn Objective> {
        None
    }

    /// The network that it is the loss of, if it is one: what that makes of its samples can be seen.
    fn as_network(&self) -> Option<&Network> {
        None
    }
}
