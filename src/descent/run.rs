//! What has come of a descent, for readers: it grows by the portions that the descent hands over.

use std::fmt::{self, Debug};
use std::sync::Arc;

use super::replay::Kept;
use super::{History, Missing, Plan, Status};
use crate::objective::Objective;

/// What is known of a descent so far.
pub struct Run {
    pub(super) objective: Arc<dyn Objective>,
    pub(super) plan: Plan,
    pub(super) history: Arc<History>,
    pub(super) status: Status,
    pub(super) kept: Kept,
}

/// What a descent adds to its [`Run`].
#[derive(Debug)]
pub struct Portion {
    history: History,
    kept: Kept,
    status: Status,
}

impl Portion {
    /// What happened in it.
    pub fn history(&self) -> &History {
        &self.history
    }
}

impl Run {
    /// Of a descent that has not even set out.
    pub fn awaited(objective: Arc<dyn Objective>, plan: Plan) -> Run {
        Run {
            history: Arc::new(History::new(objective.dim())),
            status: Status::Running,
            kept: Kept::default(),
            objective,
            plan,
        }
    }

    /// What it descends on.
    pub fn objective(&self) -> &Arc<dyn Objective> {
        &self.objective
    }

    /// What decides it.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What happened so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The same for whoever keeps it. It is best asked of a run that is over: one that goes on while its history is kept
    /// elsewhere copies it.
    pub fn shared_history(&self) -> &Arc<History> {
        &self.history
    }

    pub(super) fn into_history(self) -> History {
        Arc::unwrap_or_clone(self.history)
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Adds what the descent has handed over.
    pub fn append(&mut self, portion: Portion) {
        if self.history.is_empty() {
            self.history = Arc::new(portion.history);
        } else {
            self.history_mut().append(&portion.history);
        }
        self.kept.append(portion.kept);
        self.status = portion.status;
    }

    /// Nothing more will come of it, although there are steps to come: what computes it has failed.
    pub fn break_off(&mut self) {
        if !self.status.is_over() {
            self.status = Status::Undefined {
                step: self.history.len(),
                missing: Missing::Result,
            };
        }
    }

    pub(super) fn history_mut(&mut self) -> &mut History {
        Arc::make_mut(&mut self.history)
    }

    pub(super) fn hand_over(&mut self) -> Portion {
        let nothing = History::new(self.history.dim());
        let history = std::mem::replace(&mut self.history, Arc::new(nothing));
        Portion {
            history: Arc::unwrap_or_clone(history),
            kept: self.kept.hand_over(),
            status: self.status,
        }
    }
}

impl Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Run")
            .field("objective", &self.objective)
            .field("plan", &self.plan)
            .field("status", &self.status)
            .field("entries", &self.history.len())
            .finish_non_exhaustive()
    }
}
