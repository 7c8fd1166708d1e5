//! Descents: one rule on one objective from one start, with all that happened on the way.

pub mod curvature;
mod history;
pub mod quadratic;
mod record;
pub mod replay;
mod run;
pub mod spread;
mod status;

use std::fmt::{self, Debug};
use std::sync::Arc;

use crate::objective::Objective;
use crate::optimizer::sampling::Sampler;
use crate::optimizer::{Optimizer, Oracle, Pace, Rule, Sampling, Schedule, Terms, recorded};

pub use history::{History, HistoryError};
pub use record::Record;
pub use run::{Portion, Run};
pub use status::{Missing, Status};
pub(crate) use status::{loss_failure, slope_failure};

/// All that decides a descent on a given objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub rule: Rule,
    /// The full learning rate η, which the schedule scales; positive and finite.
    pub rate: f64,
    pub schedule: Schedule,
    pub sampling: Sampling,
    /// The greatest ‖gradient‖₂ that the rule sees: a longer one, as sampled, is shortened to it (Pascanu et al. 2013).
    pub clip: Option<f64>,
    /// The first iterate: as many parameters as the objective has.
    pub start: Vec<f64>,
    /// The number of updates.
    pub steps: usize,
    pub stop: Stop,
    /// Seeds the sampling's random numbers.
    pub seed: u64,
    /// What came of it, where it was taken elsewhere: then nothing else here says anything.
    pub record: Option<Record>,
}

impl Plan {
    /// A rule from a start as it is usual: its usual rate, exact gradients, 100 steps.
    pub fn of(rule: Rule, start: Vec<f64>) -> Plan {
        Plan {
            rule,
            rate: rule.info().usual_rate,
            schedule: Schedule::default(),
            sampling: Sampling::default(),
            clip: None,
            start,
            steps: 100,
            stop: Stop::default(),
            seed: 0,
            record: None,
        }
    }

    /// One that was taken elsewhere.
    pub fn recorded(record: Record) -> Plan {
        let history = record.history();
        // One of which nothing is known yet has a place, too.
        let start = history.iter().next().map(<[f64]>::to_vec);
        let start = start.unwrap_or_else(|| vec![0.0; history.dim()]);
        Plan {
            steps: record.steps().last().copied().unwrap_or(0),
            record: Some(record),
            ..Plan::of(Rule::new(&recorded::INFO), start)
        }
    }

    /// The number of updates that are kept: those of a record are fewer than its steps.
    pub fn updates(&self) -> usize {
        match &self.record {
            Some(record) => record.steps().len().saturating_sub(1),
            None => self.steps,
        }
    }
}

/// When to stop before all steps are done.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stop {
    /// Stop once ‖w‖₂ exceeds this after an update.
    pub radius: Option<f64>,
    /// Stop once ‖exact gradient‖₂ is at most this, at any iterate, the start included.
    pub gradient: Option<f64>,
}

/// A descent under way. Its numbers depend on the objective and the plan alone, never on how the
/// steps are portioned.
pub struct Descent {
    /// What has come of it since it last handed something over.
    run: Run,
    optimizer: Box<dyn Optimizer>,
    sampler: Sampler,
    pace: Pace,
    /// The number of entries handed over.
    handed_over: usize,
    /// The last entry, with the loss and the exact gradient there.
    here: Vec<f64>,
    loss: f64,
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
            pace: Pace::new(plan.schedule, plan.rate, plan.steps),
            handed_over: 0,
            here: plan.start.clone(),
            loss: f64::NAN,
            gradient: vec![0.0; dim],
            next: plan.start.clone(),
            run: Run::awaited(objective, plan),
        };
        match &descent.run.plan.record {
            Some(record) => {
                (descent.run.history, descent.run.status) =
                    (record.history().clone(), record.status());
            }
            None => descent.arrive(),
        }
        descent
    }

    /// Takes up to `at_most` further steps.
    pub fn advance(&mut self, at_most: usize) -> Status {
        for _ in 0..at_most {
            if self.status().is_over() {
                break;
            }
            self.step();
        }
        self.status()
    }

    /// Takes all steps that are left.
    pub fn run(&mut self) -> Status {
        self.advance(usize::MAX)
    }

    /// What happened so far, apart from what was handed over.
    pub fn history(&self) -> &History {
        self.run.history()
    }

    /// What happened, without the descent.
    pub fn into_history(self) -> History {
        self.run.into_history()
    }

    /// The same with how it stands, and what its steps were made of.
    pub fn into_run(self) -> Run {
        self.run
    }

    /// What has come of it since the last time, for a [`Run`] that is kept elsewhere. The descent goes on without it.
    pub fn hand_over(&mut self) -> Portion {
        self.handed_over = self.entries();
        self.run.hand_over()
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        self.run.status()
    }

    /// The index of the last entry; for a diverged or undefined descent the step that failed,
    /// which is the number of entries.
    pub fn status_step(&self) -> usize {
        match self.status() {
            Status::Diverged { step } | Status::Undefined { step, .. } => step,
            _ => self.entries().saturating_sub(1),
        }
    }

    /// How many steps take about so many multiplications: one at least.
    pub fn steps_in(&self, multiplications: usize) -> usize {
        (multiplications / self.objective().cost().max(1)).max(1)
    }

    /// What it descends on.
    pub fn objective(&self) -> &Arc<dyn Objective> {
        self.run.objective()
    }

    /// What decides it.
    pub fn plan(&self) -> &Plan {
        self.run.plan()
    }

    /// What the step from entry `step` to the next was made of; `None` where there was none.
    pub fn terms(&self, step: usize, cursor: &mut replay::Cursor) -> Option<Terms> {
        self.run.terms(step, cursor)
    }

    /// The terms of all steps, in their order.
    pub fn all_terms(&self) -> Vec<Terms> {
        self.run.all_terms()
    }

    /// The number of entries so far.
    fn entries(&self) -> usize {
        self.handed_over + self.run.history().len()
    }

    fn step(&mut self) {
        let step = self.entries();
        if let Some(status) = slope_failure(step, &self.gradient) {
            self.run.status = status;
            return;
        }
        let objective = self.run.objective.as_ref();
        let cost = objective.cost();
        let optimizer = self.optimizer.as_ref();
        self.run.kept.note(step - 1, cost, optimizer, &self.sampler);
        let rate = self.pace.rate(step - 1, self.loss);
        let mut source = Source {
            objective,
            sampler: &mut self.sampler,
            clip: self.run.plan.clip,
            here: &self.here,
            gradient: &self.gradient,
            step,
            failed: None,
        };
        self.optimizer.step(&mut self.next, rate, &mut source, None);
        match source.failed {
            Some(status) => self.run.status = status,
            None => {
                self.arrive();
                if self.entries() > step {
                    self.run.history_mut().push_rate(rate);
                }
            }
        }
    }

    /// Evaluates the iterate in `next`, appends it if it is finite, and sees whether to go on.
    fn arrive(&mut self) {
        let step = self.entries();
        let w = &self.next;
        let objective = self.run.objective.as_ref();
        let loss = objective.gradient(w, &mut self.gradient);
        if !loss.is_finite() || !w.iter().all(|w| w.is_finite()) {
            let failed = loss_failure(step, objective, w);
            self.run.status = failed.unwrap_or(Status::Diverged { step });
            return;
        }
        let slope = norm(&self.gradient);
        self.run.history_mut().push(w, loss, slope);
        self.here.copy_from_slice(w);
        self.loss = loss;
        let plan = &self.run.plan;
        let stop = plan.stop;
        self.run.status = if step > 0 && stop.radius.is_some_and(|radius| norm(w) > radius) {
            Status::Stopped
        } else if stop.gradient.is_some_and(|least| slope <= least) {
            Status::Converged
        } else if step >= plan.steps {
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
    clip: Option<f64>,
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
        if let Some(most) = self.clip {
            shorten(out, most);
        }
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
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}

/// Scales `v` to the length `most` where it is longer.
pub(crate) fn shorten(v: &mut [f64], most: f64) {
    let length = norm(v);
    if length.is_finite() && length > most {
        v.iter_mut().for_each(|x| *x = *x / length * most);
    }
}

/// ‖v‖₂, scaled so that it is finite wherever v and the result are.
pub(crate) fn norm(v: &[f64]) -> f64 {
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
