//! How a descent stands, and what becomes of it where there is no loss or no gradient.

use crate::objective::Objective;

/// How a descent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// There are steps to come.
    Running,
    /// All steps are done.
    Finished,
    /// The gradient stop held: the last iterate is (nearly) a critical point.
    Converged,
    /// The radius stop held: the last iterate is the first outside.
    Stopped,
    /// The iterate of this step has a parameter, a loss or a gradient too large for a number; the
    /// iterate before it is the last.
    Diverged { step: usize },
    /// This step could not be taken, for want of a loss or of a gradient.
    Undefined { step: usize, missing: Missing },
}

/// What is not defined where a descent cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The iterate of this step lies outside of where the loss is defined: ln(x) at −1.
    Loss,
    /// The loss is finite, but there is no gradient, as at Ackley's minimum.
    Gradient,
    /// Computing the step failed, which is a fault of the program.
    Result,
}

impl Missing {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Missing::Loss => "loss undefined",
            Missing::Gradient => "gradient undefined",
            Missing::Result => "computing failed",
        }
    }
}

impl Status {
    /// Its name in results.
    pub fn name(&self) -> &'static str {
        match self {
            Status::Running => "running",
            Status::Finished => "finished",
            Status::Converged => "converged",
            Status::Stopped => "stopped",
            Status::Diverged { .. } => "diverged",
            Status::Undefined { .. } => "undefined",
        }
    }

    /// Whether no step is to come.
    pub fn is_over(&self) -> bool {
        *self != Status::Running
    }
}

/// What the lack of a loss at `w` makes of a descent: it left the domain, or it grew beyond all numbers.
pub(crate) fn loss_failure(step: usize, objective: &dyn Objective, w: &[f64]) -> Option<Status> {
    if !w.iter().all(|w| w.is_finite()) {
        Some(Status::Diverged { step })
    } else if objective.value(w).is_finite() {
        None
    } else if objective.is_outside(w) {
        let missing = Missing::Loss;
        Some(Status::Undefined { step, missing })
    } else {
        Some(Status::Diverged { step })
    }
}

/// What a gradient that is not finite, at a finite loss, makes of a descent: without a number it is undefined, an
/// infinite one leads to infinity.
pub(crate) fn slope_failure(step: usize, gradient: &[f64]) -> Option<Status> {
    if gradient.iter().all(|g| g.is_finite()) {
        None
    } else if gradient.iter().any(|g| g.is_nan()) {
        let missing = Missing::Gradient;
        Some(Status::Undefined { step, missing })
    } else {
        Some(Status::Diverged { step })
    }
}
