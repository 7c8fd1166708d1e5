//! What descents have done so far, each with an identity.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bevy::prelude::*;

use super::entities::DescentStyle;
use crate::descent::{Descent, History, Plan, Status};
use crate::lab::playback::{Playback, advance_playback};
use crate::lab::stage::Stage;

/// Multiplications between two looks at the clock: about a millisecond.
const CHUNK: usize = 1_000_000;

/// How long a frame may compute iterates. Without a limit every descent is complete before anything is drawn.
#[derive(Resource, Debug, Clone, Copy, Default)]
pub struct ComputeBudget(pub Option<Duration>);

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

/// One optimizer's run, computed ahead of playback.
#[derive(Component, Debug)]
pub struct DescentRun {
    id: RunId,
    descent: Descent,
}

impl DescentRun {
    pub fn new(descent: Descent) -> DescentRun {
        DescentRun {
            id: RunId::next(),
            descent,
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

    pub fn descent(&self) -> &Descent {
        &self.descent
    }

    pub fn plan(&self) -> &Plan {
        self.descent.plan()
    }

    pub fn history(&self) -> &History {
        self.descent.history()
    }

    pub fn status(&self) -> Status {
        self.descent.status()
    }

    /// The last step that there is, or will be while it is still computed.
    pub fn last_step(&self) -> usize {
        match self.status() {
            Status::Running => self.plan().steps,
            _ => self.history().len().saturating_sub(1),
        }
    }

    /// Whether the run has ended by the step shown.
    pub fn is_over_at(&self, position: f64) -> bool {
        self.status() != Status::Running && position >= self.last_step() as f64
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ComputeBudget>()
        .add_systems(Update, advance_descents.in_set(Stage::Compute))
        .add_systems(
            Update,
            follow_longest_descent
                .before(advance_playback)
                .in_set(Stage::Playback),
        );
}

/// Computes iterates ahead of playback, a slice of every run in turn until the frame's time is spent.
fn advance_descents(mut runs: Query<&mut DescentRun>, budget: Res<ComputeBudget>) {
    let began = Instant::now();
    loop {
        let mut any_running = false;
        for mut run in &mut runs {
            if run.status() != Status::Running {
                continue;
            }
            let chunk = run.descent.steps_in(CHUNK);
            any_running |= run.descent.advance(chunk) == Status::Running;
            if budget.0.is_some_and(|limit| began.elapsed() > limit) {
                return;
            }
        }
        if !any_running {
            return;
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
