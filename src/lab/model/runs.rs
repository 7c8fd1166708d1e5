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
        let (is_over, has_failed) = (job.is_over(), job.has_failed());
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
            if has_failed {
                run.run.break_off();
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descent::Missing;
    use crate::optimizer::Rule;

    /// x², unless |x| is less than ½: there it fails, on purpose.
    #[derive(Debug)]
    struct Fails;

    impl Objective for Fails {
        fn dim(&self) -> usize {
            1
        }

        fn value(&self, w: &[f64]) -> f64 {
            assert!(w[0].abs() >= 0.5, "on purpose");
            w[0] * w[0]
        }

        fn gradient(&self, w: &[f64], out: &mut [f64]) -> f64 {
            out[0] = 2.0 * w[0];
            self.value(w)
        }

        fn cost(&self) -> usize {
            1
        }
    }

    fn status(start: f64) -> (Status, usize) {
        let mut app = App::new();
        app.init_resource::<Patience>().add_systems(Update, receive);
        let plan = Plan {
            rate: 0.1,
            ..Plan::of(Rule::named("gd").expect("a rule"), vec![start])
        };
        let run = DescentRun::begin(Arc::new(Fails), plan);
        let run = app.world_mut().spawn(run).id();
        app.update();
        let run = app.world().get::<DescentRun>(run).expect("a run");
        (run.status(), run.history().len())
    }

    #[test]
    fn a_run_whose_computation_fails_is_over_and_says_so() {
        let failed = |step| Status::Undefined {
            step,
            missing: Missing::Result,
        };
        // Nothing is handed over of a slice that fails.
        assert_eq!(status(1.0), (failed(0), 0));
        assert_eq!(status(0.1), (failed(0), 0));
        assert_eq!(Missing::Result.words(), "computing failed");
    }
}
