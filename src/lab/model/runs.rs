//! What descents have done so far, each with an identity.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bevy::prelude::*;

use super::entities::DescentStyle;
use super::jobs::{Job, Patience};
use super::track::Track;
use crate::descent::replay::Cursor;
use crate::descent::{Descent, History, Plan, Portion, Run, Status};
use crate::lab::playback::{Playback, advance_playback};
use crate::lab::stage::Stage;
use crate::objective::Objective;
use crate::optimizer::Terms;
use crate::plane::Plane;

/// Multiplications between two looks at the clock: about a millisecond.
const CHUNK: usize = 1_000_000;

/// Tells a run from all others of this process: a descent that sets out anew has another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunId(u64);

impl RunId {
    fn next() -> RunId {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        RunId(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Which run, and how far it has been computed: equal stamps mean equal histories. Whatever is made of a history and
/// kept is kept with the stamp that it was made at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunStamp {
    pub run: RunId,
    pub entries: usize,
}

/// One optimizer's run, computed ahead of playback, beside the frames.
#[derive(Component, Debug)]
pub struct DescentRun {
    id: RunId,
    run: Run,
    track: Track,
    /// What computes it, until it is over.
    job: Option<Job<(), Portion>>,
    /// It was begun in this frame, which waits for it a little.
    is_new: bool,
}

impl DescentRun {
    /// Of a descent that was computed already.
    pub fn new(descent: Descent) -> DescentRun {
        DescentRun {
            id: RunId::next(),
            run: descent.into_run(),
            track: Track::default(),
            job: None,
            is_new: false,
        }
    }

    /// Sets out, beside the frames.
    pub fn begin(objective: Arc<dyn Objective>, plan: Plan) -> DescentRun {
        let run = Run::awaited(objective.clone(), plan.clone());
        let mut before_start = Some((objective, plan));
        let mut under_way = None;
        let job = Job::in_slices((), move |output, until| {
            if let Some((objective, plan)) = before_start.take() {
                under_way = Some(Descent::new(objective, plan));
            }
            let Some(descent) = &mut under_way else {
                return false;
            };
            advance(descent, until);
            output.put(descent.hand_over());
            !descent.status().is_over()
        });
        DescentRun {
            id: RunId::next(),
            run,
            track: Track::default(),
            job: Some(job),
            is_new: true,
        }
    }

    pub fn id(&self) -> RunId {
        self.id
    }

    pub fn stamp(&self) -> RunStamp {
        RunStamp {
            run: self.id,
            entries: self.history().len(),
        }
    }

    pub fn objective(&self) -> &Arc<dyn Objective> {
        self.run.objective()
    }

    pub fn plan(&self) -> &Plan {
        self.run.plan()
    }

    pub fn history(&self) -> &History {
        self.run.history()
    }

    /// The coordinates of an iterate in a plane: known beforehand of the plane through which it is seen. Panics unless
    /// there is such an iterate.
    pub fn place(&self, step: usize, plane: &Plane) -> [f64; 2] {
        self.track.at(self.history(), step, plane)
    }

    /// Works out where all iterates are in the plane through which they are seen.
    pub(super) fn look_through(&mut self, plane: &Plane) {
        self.track.follow(self.run.history(), plane);
    }

    /// See [`Run::shared_history`].
    pub fn shared_history(&self) -> &Arc<History> {
        self.run.shared_history()
    }

    pub fn status(&self) -> Status {
        self.run.status()
    }

    /// See [`Run::terms`].
    pub fn terms(&self, step: usize, cursor: &mut Cursor) -> Option<Terms> {
        self.run.terms(step, cursor)
    }

    /// See [`Run::batch`].
    pub fn batch(&self, step: usize, cursor: &mut Cursor) -> Option<Vec<usize>> {
        self.run.batch(step, cursor)
    }

    /// The last step that there is, or will be while it is still computed.
    pub fn last_step(&self) -> usize {
        match self.status() {
            Status::Running => self.plan().steps,
            _ => self.step_of(self.history().len().saturating_sub(1)),
        }
    }

    /// The number of steps before an entry of the history: the entry's own, but where not every step was recorded.
    pub fn step_of(&self, entry: usize) -> usize {
        match &self.plan().record {
            Some(record) => record.steps().get(entry).copied().unwrap_or(0),
            None => entry,
        }
    }

    /// Where among the entries a position in steps lies.
    pub fn entry_at(&self, position: f64) -> f64 {
        match &self.plan().record {
            Some(record) => record.entry_at(position),
            None => position,
        }
    }

    /// Whether the run has ended by the step shown.
    pub fn is_over_at(&self, position: f64) -> bool {
        self.status() != Status::Running && position >= self.last_step() as f64
    }
}

/// Takes steps until a time has come, or none is left; one at least.
pub(super) fn advance(descent: &mut Descent, until: Instant) {
    let chunk = descent.steps_in(CHUNK);
    while descent.advance(chunk) == Status::Running && Instant::now() < until {}
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, receive.in_set(Stage::Compute))
        .add_systems(
            Update,
            follow_longest_descent
                .before(advance_playback)
                .in_set(Stage::Playback),
        );
}

/// Takes over what has been computed. A run that a person has just changed is waited for a little, so that what is quick
/// is seen in the frame in which it was asked for.
pub(super) fn receive(mut runs: Query<&mut DescentRun>, patience: Res<Patience>) {
    for mut run in &mut runs {
        let Some(job) = &run.job else {
            continue;
        };
        if run.is_new || patience.0.is_none() {
            job.wait(patience.0);
        }
        let portions = job.take();
        let is_over = job.is_over();
        if run.is_new {
            run.bypass_change_detection().is_new = false;
        }
        if portions.is_empty() && !is_over {
            continue;
        }
        for portion in portions {
            run.run.append(portion);
        }
        if is_over {
            run.job = None;
        }
    }
}

/// The timeline ends with the descent that goes on longest; one that diverges early does not leave a dead tail.
fn follow_longest_descent(
    mut playback: ResMut<Playback>,
    descents: Query<(&DescentRun, &DescentStyle)>,
) {
    let last_step = descents
        .iter()
        .filter(|(_, style)| style.shown)
        .map(|(run, _)| run.last_step())
        .max()
        .unwrap_or(0);
    if last_step != playback.last_step() {
        playback.set_last_step(last_step);
    }
}
