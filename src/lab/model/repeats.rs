//! Further runs of descents whose gradients are random, each with a seed of its own, beside the frames: how much of what
//! is seen is chance.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::tasks::futures_lite::future::yield_now;
use bevy::tasks::{AsyncComputeTaskPool, Task, block_on};

use crate::descent::spread::RepeatOutcome;
use crate::descent::{Descent, Plan, Status};
use crate::lab::command::LabCommand;
use crate::lab::model::{ComputeBudget, DescentRun, DescentStyle, RunId};
use crate::lab::stage::Stage;
use crate::objective::Objective;
use crate::optimizer::sampling::derived_seed;

/// The numbers of repeats to choose from.
pub const REPEATS: [usize; 4] = [0, 10, 30, 100];
/// Multiplications in all repeats of one descent together: about a minute.
const MAX_WORK: usize = 900_000_000_000;
/// How long a run goes on before others have their turn.
const SLICE: Duration = Duration::from_millis(4);
/// Multiplications between two looks at the clock.
const CHUNK: usize = 500_000;

/// How often a descent with random gradients is run again.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RepeatCount(pub usize);

/// Sets [`RepeatCount`].
#[derive(Debug)]
pub struct SetRepeats(pub usize);

impl LabCommand for SetRepeats {
    fn apply(&self, world: &mut World) {
        world.insert_resource(RepeatCount(self.0));
    }
}

/// The repeats of a descent: those that are done, and those to come.
#[derive(Component)]
pub struct Repeats {
    of: RunId,
    pub wanted: usize,
    pub outcomes: Vec<RepeatOutcome>,
    arriving: Arc<Mutex<Vec<RepeatOutcome>>>,
    /// Given up when it is dropped.
    task: Option<Task<()>>,
}

impl Repeats {
    fn of(run: &DescentRun, wanted: usize, wait: bool) -> Repeats {
        let (plan, objective) = (run.plan().clone(), run.descent().objective().clone());
        let arriving = Arc::default();
        let work = repeat(plan, objective, wanted, Arc::clone(&arriving));
        let task = if wait {
            block_on(work);
            None
        } else {
            Some(AsyncComputeTaskPool::get().spawn(work))
        };
        Repeats {
            of: run.id(),
            wanted,
            outcomes: Vec::new(),
            arriving,
            task,
        }
    }

    fn fits(&self, run: &DescentRun, wanted: usize) -> bool {
        (self.of, self.wanted) == (run.id(), wanted)
    }

    /// Whether more are to come.
    pub fn is_under_way(&self) -> bool {
        let has_arrived = |arriving: &Mutex<Vec<RepeatOutcome>>| {
            let arriving = arriving.lock().unwrap_or_else(PoisonError::into_inner);
            !arriving.is_empty()
        };
        // Asked in this order: what the task leaves last is seen.
        let is_working = self.task.as_ref().is_some_and(|task| !task.is_finished());
        is_working || has_arrived(&self.arriving)
    }
}

async fn repeat(
    plan: Plan,
    objective: Arc<dyn Objective>,
    count: usize,
    done: Arc<Mutex<Vec<RepeatOutcome>>>,
) {
    for index in 0..count {
        let seed = derived_seed(plan.seed, index as u64);
        let plan = Plan {
            seed,
            ..plan.clone()
        };
        let mut descent = Descent::new(objective.clone(), plan);
        let chunk = descent.steps_in(CHUNK);
        while descent.status() == Status::Running {
            let began = Instant::now();
            while began.elapsed() < SLICE && descent.advance(chunk) == Status::Running {}
            yield_now().await;
        }
        if !descent.history().is_empty() {
            let outcome = RepeatOutcome::of(&descent);
            done.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(outcome);
        }
    }
}

/// How many repeats of a run there are to be.
fn wanted(run: &DescentRun, count: usize) -> usize {
    let plan = run.plan();
    if !plan.sampling.is_random() {
        return 0;
    }
    let work = run.descent().objective().cost().saturating_mul(plan.steps);
    count.min(MAX_WORK / work.max(1))
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<RepeatCount>()
        .add_systems(Update, (begin, receive).chain().in_set(Stage::Compute));
}

fn begin(
    mut commands: Commands,
    count: Res<RepeatCount>,
    budget: Res<ComputeBudget>,
    runs: Query<(Entity, &DescentRun, &DescentStyle, Option<&Repeats>)>,
) {
    for (entity, run, style, old) in &runs {
        let wanted = if style.shown { wanted(run, count.0) } else { 0 };
        if old.is_some_and(|old| old.fits(run, wanted)) {
            continue;
        }
        // The run itself comes first.
        if wanted == 0 || run.status() == Status::Running {
            if old.is_some() {
                commands.entity(entity).remove::<Repeats>();
            }
        } else {
            let repeats = Repeats::of(run, wanted, budget.0.is_none());
            commands.entity(entity).insert(repeats);
        }
    }
}

fn receive(mut repeats: Query<&mut Repeats>) {
    for mut repeats in &mut repeats {
        let arrived = {
            let Ok(mut arriving) = repeats.arriving.try_lock() else {
                continue;
            };
            std::mem::take(&mut *arriving)
        };
        if !arrived.is_empty() {
            repeats.outcomes.extend(arrived);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;

    fn run(name: &str, index: usize) -> DescentRun {
        let panel = Experiment::load(name).expect("a built-in").panels.remove(0);
        let objective = panel.objective(None).expect("a function");
        let plan = panel.descents[index].plan.clone();
        DescentRun::new(Descent::new(objective, plan))
    }

    #[test]
    fn repeats_differ_and_are_the_same_again() {
        let run = run("noisy-quartic", 1);
        let outcomes = || {
            let repeats = Repeats::of(&run, 3, true);
            std::mem::take(&mut *repeats.arriving.lock().expect("no panic"))
        };
        let (first, second) = (outcomes(), outcomes());
        assert_eq!(first.len(), 3);
        assert_eq!(first, second);
        assert_ne!(first[0], first[1]);
        assert_eq!(first[0].losses[0], first[1].losses[0], "the same start");
    }

    #[test]
    fn only_random_gradients_are_repeated() {
        assert_eq!(wanted(&run("noisy-quartic", 0), 30), 0);
        assert_eq!(wanted(&run("noisy-quartic", 1), 30), 30);
        let noisy = run("noisy-quartic", 1);
        let repeats = Repeats::of(&noisy, 2, true);
        assert!(repeats.fits(&noisy, 2));
        assert!(!repeats.fits(&noisy, 3));
        assert!(!repeats.fits(&run("noisy-quartic", 1), 2), "another run");
    }
}
