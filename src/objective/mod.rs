//! Objectives: scalar losses over ℝⁿ, with exact derivatives.

use std::fmt::Debug;

pub mod formula;
pub mod softmax;

pub use formula::{Constant, Formula, FormulaError};
pub use softmax::Softmax;

/// A scalar loss over ℝⁿ, in its own units.
///
/// Nothing here fails: where a loss or a derivative is not defined, the numbers are not finite,
/// and the caller says so (see [`crate::descent::Status`]).
pub trait Objective: Send + Sync + Debug {
    /// The number n of parameters: 1 for a curve, 2 for a surface, more for model weights.
    fn dim(&self) -> usize;

    /// The loss at `w`, which holds [`dim`](Self::dim) parameters.
    fn value(&self, w: &[f64]) -> f64;

    /// Writes the exact gradient at `w` into `out` (n entries) and returns the loss there.
    fn gradient(&self, w: &[f64], out: &mut [f64]) -> f64;

    /// Writes the Hessian at `w` into `out`, n×n, row-major. Meant for small n.
    fn hessian(&self, w: &[f64], out: &mut [f64]);

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
}
