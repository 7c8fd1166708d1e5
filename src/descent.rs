//! Descents: one rule on one objective from one start, with all that happened on the way.

pub mod curvature;
pub mod replay;
pub mod spread;

use std::fmt::{self, Debug};
use std::sync::Arc;

use crate::objective::Objective;
use crate::optimizer::sampling::Sampler;
use crate::optimizer::{Optimizer, Oracle, Rule, Sampling, Schedule};

/// All that decides a descent on a given objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub rule: Rule,
    /// The full learning rate η, which the schedule scales; positive and finite.
    pub rate: f64,
    pub schedule: Schedule,
    pub sampling: Sampling,
    /// The first iterate: as many parameters as the objective has.
    pub start: Vec<f64>,
    /// The number of updates.
    pub steps: usize,
    pub stop: Stop,
    /// Seeds the sampling's random numbers.
    pub seed: u64,
}

/// When to stop before all steps are done.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stop {
    /// Stop once ‖w‖₂ exceeds this after an update.
    pub radius: Option<f64>,
    /// Stop once ‖exact gradient‖₂ is at most this, at any iterate, the start included.
    pub gradient: Option<f64>,
}

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

/// The iterates of a descent. Every entry's parameters and loss are finite.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    dim: usize,
    path: Vec<f64>,
    losses: Vec<f64>,
    rates: Vec<f64>,
    gradient_norms: Vec<f64>,
}

impl History {
    fn new(dim: usize) -> History {
        History {
            dim,
            path: Vec::new(),
            losses: Vec::new(),
            rates: Vec::new(),
            gradient_norms: Vec::new(),
        }
    }

    fn push(&mut self, w: &[f64], loss: f64, gradient: &[f64]) {
        self.path.extend_from_slice(w);
        self.losses.push(loss);
        self.gradient_norms.push(norm(gradient));
    }

    /// The number of entries, the start included.
    pub fn len(&self) -> usize {
        self.losses.len()
    }

    /// Whether not even the start is there: its loss is not finite.
    pub fn is_empty(&self) -> bool {
        self.losses.is_empty()
    }

    /// The number of parameters.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// The parameters of entry `i`; panics unless `i` < [`len`](Self::len).
    pub fn at(&self, i: usize) -> &[f64] {
        &self.path[i * self.dim..(i + 1) * self.dim]
    }

    /// All entries' parameters in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f64]> + DoubleEndedIterator {
        self.path.chunks_exact(self.dim)
    }

    /// The same as one list.
    pub fn points(&self) -> &[f64] {
        &self.path
    }

    /// The parameters of the last entry.
    pub fn last(&self) -> Option<&[f64]> {
        self.iter().next_back()
    }

    /// The exact loss at every entry.
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// `rates()[i]` is the learning rate that took entry i to i + 1: one fewer than entries.
    pub fn rates(&self) -> &[f64] {
        &self.rates
    }

    /// ‖exact gradient‖₂ at every entry; only the last may be other than finite.
    pub fn gradient_norms(&self) -> &[f64] {
        &self.gradient_norms
    }
}

/// A descent under way. Its numbers depend on the objective and the plan alone, never on how the
/// steps are portioned.
pub struct Descent {
    objective: Arc<dyn Objective>,
    plan: Plan,
    optimizer: Box<dyn Optimizer>,
    sampler: Sampler,
    history: History,
    status: Status,
    kept: replay::Kept,
    /// The exact gradient at the last entry.
    gradient: Vec<f64>,
    /// Room for the iterate being computed.
    next: Vec<f64>,
}

impl Descent {
    /// Sets out: evaluates the start. `plan.start` must have the objective's dimension.
    pub fn new(objective: Arc<dyn Objective>, plan: Plan) -> Descent {
        let dim = objective.dim();
        let mut descent = Descent {
            optimizer: plan.rule.build(dim),
            sampler: Sampler::new(plan.sampling, plan.seed),
            history: History::new(dim),
            status: Status::Running,
            kept: replay::Kept::default(),
            gradient: vec![0.0; dim],
            next: plan.start.clone(),
            objective,
            plan,
        };
        descent.arrive();
        descent
    }

    /// Takes up to `at_most` further steps.
    pub fn advance(&mut self, at_most: usize) -> Status {
        for _ in 0..at_most {
            if self.status.is_over() {
                break;
            }
            self.step();
        }
        self.status
    }

    /// Takes all steps that are left.
    pub fn run(&mut self) -> Status {
        self.advance(usize::MAX)
    }

    /// What happened so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What happened, without the descent.
    pub fn into_history(self) -> History {
        self.history
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The index of the last entry; for a diverged or undefined descent the step that failed,
    /// which is the number of entries.
    pub fn status_step(&self) -> usize {
        match self.status {
            Status::Diverged { step } | Status::Undefined { step, .. } => step,
            _ => self.history.len().saturating_sub(1),
        }
    }

    /// How many steps take about so many multiplications: one at least.
    pub fn steps_in(&self, multiplications: usize) -> usize {
        (multiplications / self.objective.cost().max(1)).max(1)
    }

    /// What it descends on.
    pub fn objective(&self) -> &Arc<dyn Objective> {
        &self.objective
    }

    /// What decides it.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    fn step(&mut self) {
        let step = self.history.len();
        if let Some(status) = slope_failure(step, &self.gradient) {
            self.status = status;
            return;
        }
        let cost = self.objective.cost();
        let optimizer = self.optimizer.as_ref();
        self.kept.note(step - 1, cost, optimizer, &self.sampler);
        let plan = &self.plan;
        let rate = plan.schedule.rate(plan.rate, step - 1, plan.steps);
        let mut source = Source {
            objective: self.objective.as_ref(),
            sampler: &mut self.sampler,
            here: self.history.at(step - 1),
            gradient: &self.gradient,
            step,
            failed: None,
        };
        self.optimizer.step(&mut self.next, rate, &mut source, None);
        match source.failed {
            Some(status) => self.status = status,
            None => {
                self.arrive();
                if self.history.len() > step {
                    self.history.rates.push(rate);
                }
            }
        }
    }

    /// Evaluates the iterate in `next`, appends it if it is finite, and sees whether to go on.
    fn arrive(&mut self) {
        let step = self.history.len();
        let w = &self.next;
        let loss = self.objective.gradient(w, &mut self.gradient);
        if !loss.is_finite() || !w.iter().all(|w| w.is_finite()) {
            let failed = loss_failure(step, self.objective.as_ref(), w);
            self.status = failed.unwrap_or(Status::Diverged { step });
            return;
        }
        self.history.push(w, loss, &self.gradient);
        let slope = norm(&self.gradient);
        let stop = self.plan.stop;
        self.status = if step > 0 && stop.radius.is_some_and(|radius| norm(w) > radius) {
            Status::Stopped
        } else if stop.gradient.is_some_and(|least| slope <= least) {
            Status::Converged
        } else if step >= self.plan.steps {
            Status::Finished
        } else {
            Status::Running
        };
    }
}

/// What a descent tells its rule about the loss.
struct Source<'a> {
    objective: &'a dyn Objective,
    sampler: &'a mut Sampler,
    /// The iterate, and the exact gradient there.
    here: &'a [f64],
    gradient: &'a [f64],
    step: usize,
    /// What came of a gradient that was not there.
    failed: Option<Status>,
}

impl Source<'_> {
    fn sampled(&mut self, point: &[f64], out: &mut [f64], again: bool) {
        // Most rules ask at the iterate itself, where the gradient is known.
        let exact = |out: &mut [f64]| {
            if point == self.here {
                out.copy_from_slice(self.gradient);
            } else {
                self.objective.gradient(point, out);
            }
        };
        self.sampler
            .gradient(self.objective, point, again, exact, out);
        self.failed = self.failed.or_else(|| {
            let slope = slope_failure(self.step, out)?;
            Some(loss_failure(self.step, self.objective, point).unwrap_or(slope))
        });
    }
}

impl Oracle for Source<'_> {
    fn gradient(&mut self, point: &[f64], out: &mut [f64]) {
        self.sampled(point, out, false);
    }

    fn gradient_again(&mut self, point: &[f64], out: &mut [f64]) {
        self.sampled(point, out, true);
    }

    fn value(&mut self, point: &[f64]) -> f64 {
        self.objective.value(point)
    }

    fn hessian(&mut self, point: &[f64], out: &mut [f64]) -> bool {
        self.objective.hessian(point, out)
    }
}

impl Debug for Descent {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Descent")
            .field("objective", &self.objective)
            .field("plan", &self.plan)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// What the lack of a loss at `w` makes of a descent: it left the domain, or it grew beyond all numbers.
fn loss_failure(step: usize, objective: &dyn Objective, w: &[f64]) -> Option<Status> {
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
fn slope_failure(step: usize, gradient: &[f64]) -> Option<Status> {
    if gradient.iter().all(|g| g.is_finite()) {
        None
    } else if gradient.iter().any(|g| g.is_nan()) {
        let missing = Missing::Gradient;
        Some(Status::Undefined { step, missing })
    } else {
        Some(Status::Diverged { step })
    }
}

/// ‖v‖₂, scaled so that it is finite wherever v and the result are.
fn norm(v: &[f64]) -> f64 {
    let scale = v.iter().fold(0.0, |scale: f64, x| {
        if x.is_nan() {
            f64::NAN
        } else {
            scale.max(x.abs())
        }
    });
    if scale == 0.0 || !scale.is_finite() {
        return scale;
    }
    scale * v.iter().map(|x| (x / scale).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests;
