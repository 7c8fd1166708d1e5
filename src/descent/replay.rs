//! What a step of a descent was made of: taken once more, from the nearest state that was kept on the way.

use std::fmt::{self, Debug};

use super::{Run, Source};
use crate::optimizer::sampling::Sampler;
use crate::optimizer::{Optimizer, Terms};

/// States that are kept of a run; with more, every other is dropped.
const MOST: usize = 64;
/// So many steps lie at least between two of them where steps are cheap.
const APART: usize = 256;
/// Multiplications that taking a step once more may cost: some 5 ms.
const WORK: usize = 5_000_000;

/// Rule and sampler as they were at some steps, the first included.
#[derive(Default)]
pub(super) struct Kept {
    states: Vec<State>,
    apart: usize,
    /// How many of them were handed over.
    elsewhere: usize,
}

struct State {
    step: usize,
    optimizer: Box<dyn Optimizer>,
    sampler: Sampler,
}

impl Clone for State {
    fn clone(&self) -> State {
        State {
            step: self.step,
            optimizer: self.optimizer.boxed(),
            sampler: self.sampler.clone(),
        }
    }
}

/// Where a reader of terms is in a run: what follows soon need not be taken from further back. Of one run only.
#[derive(Default)]
pub struct Cursor(Option<State>);

impl Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let step = self.0.as_ref().map(|state| state.step);
        f.debug_tuple("Cursor").field(&step).finish()
    }
}

impl Kept {
    /// Takes note of the state before a step.
    pub(super) fn note(
        &mut self,
        step: usize,
        cost: usize,
        optimizer: &dyn Optimizer,
        sampler: &Sampler,
    ) {
        if step == 0 {
            self.apart = (WORK / cost.max(1)).clamp(1, APART);
        }
        if !step.is_multiple_of(self.apart) {
            return;
        }
        if self.states.len() + self.elsewhere >= MOST {
            self.apart *= 2;
            let apart = self.apart;
            self.states.retain(|state| state.step.is_multiple_of(apart));
            self.elsewhere = self.elsewhere.div_ceil(2);
            if !step.is_multiple_of(apart) {
                return;
            }
        }
        self.states.push(State {
            step,
            optimizer: optimizer.boxed(),
            sampler: sampler.clone(),
        });
    }

    /// What was kept since the last time.
    pub(super) fn hand_over(&mut self) -> Kept {
        self.elsewhere += self.states.len();
        Kept {
            states: std::mem::take(&mut self.states),
            apart: self.apart,
            elsewhere: 0,
        }
    }

    /// What was kept later, and no more of what was kept before than would have been kept in one place.
    pub(super) fn append(&mut self, later: Kept) {
        let apart = later.apart.max(1);
        self.states.retain(|state| state.step.is_multiple_of(apart));
        self.states.extend(later.states);
        self.apart = apart;
    }
}

impl Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} states {} apart", self.states.len(), self.apart)
    }
}

impl Run {
    /// What the step from entry `step` to the next was made of; `None` where there was none.
    pub fn terms(&self, step: usize, cursor: &mut Cursor) -> Option<Terms> {
        let mut found = None;
        self.replay(step, step, cursor, &mut |terms, _| found = Some(terms));
        found
    }

    /// The samples over which the step from entry `step` to the next took its gradient, the last ones if it took several; `None` where
    /// there was no such step, or it took all.
    pub fn batch(&self, step: usize, cursor: &mut Cursor) -> Option<Vec<usize>> {
        let mut found = None;
        self.replay(step, step, cursor, &mut |_, sampler| {
            found = sampler.drawn().map(<[usize]>::to_vec);
        });
        found
    }

    /// The terms of all steps, in their order.
    pub fn all_terms(&self) -> Vec<Terms> {
        let mut all = Vec::new();
        if let Some(last) = self.history().len().checked_sub(2) {
            self.replay(0, last, &mut Cursor::default(), &mut |terms, _| {
                all.push(terms)
            });
        }
        all
    }

    /// Takes the steps from one to another once more.
    fn replay(
        &self,
        first: usize,
        last: usize,
        cursor: &mut Cursor,
        found: &mut dyn FnMut(Terms, &Sampler),
    ) {
        let history = self.history();
        let states = &self.kept.states;
        let kept = states[..states.partition_point(|state| state.step <= first)].last();
        let Some(kept) = kept.filter(|_| last + 1 < history.len()) else {
            return;
        };
        let at_hand = cursor.0.take();
        let at_hand = at_hand.filter(|at| (kept.step..=first).contains(&at.step));
        let State {
            step,
            mut optimizer,
            mut sampler,
        } = at_hand.unwrap_or_else(|| kept.clone());
        let mut gradient = vec![0.0; history.dim()];
        let mut w = vec![0.0; history.dim()];
        for k in step..=last {
            let here = history.at(k);
            self.objective.gradient(here, &mut gradient);
            w.copy_from_slice(here);
            let mut source = Source {
                objective: self.objective.as_ref(),
                sampler: &mut sampler,
                clip: self.plan().clip,
                here,
                gradient: &gradient,
                step: k + 1,
                failed: None,
            };
            let mut terms = (k >= first).then(Terms::default);
            optimizer.step(&mut w, history.rates()[k], &mut source, terms.as_mut());
            if let Some(terms) = terms {
                found(terms, &sampler);
            }
        }
        cursor.0 = Some(State {
            step: last + 1,
            optimizer,
            sampler,
        });
    }
}
