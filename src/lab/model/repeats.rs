//! Further runs of descents whose gradients are random, each with a seed of its own, beside the frames: how much of what
//! is seen is chance.

use bevy::prelude::*;

use super::jobs::{Job, Patience};
use super::runs::{self, advance};
use crate::descent::spread::RepeatOutcome;
use crate::descent::{Descent, Plan};
use crate::lab::command::LabCommand;
use crate::lab::model::{DescentRun, DescentStyle, RunId};
use crate::lab::stage::Stage;
use crate::optimizer::sampling::derived_seed;

/// The numbers of repeats to choose from.
pub const REPEATS: [usize; 4] = [0, 10, 30, 100];
/// Multiplications in all repeats of one descent together: about a minute.
const MAX_WORK: usize = 900_000_000_000;

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
    pub wanted: usize,
    pub outcomes: Vec<RepeatOutcome>,
    job: Job<RunId, RepeatOutcome>,
}

impl Repeats {
    fn of(run: &DescentRun, wanted: usize) -> Repeats {
        let (plan, objective) = (run.plan().clone(), run.objective().clone());
        let seed = plan.seed;
        let mut seeds = (0..wanted).map(move |index| derived_seed(seed, index as u64));
        let mut under_way: Option<Descent> = None;
        let job = Job::in_slices(run.id(), move |output, until| {
            let mut descent = match under_way.take() {
                Some(descent) => descent,
                None => {
                    let Some(seed) = seeds.next() else {
                        return false;
                    };
                    let plan = Plan {
                        seed,
                        ..plan.clone()
                    };
                    Descent::new(objective.clone(), plan)
                }
            };
            advance(&mut descent, until);
            if !descent.status().is_over() {
                under_way = Some(descent);
            } else if !descent.history().is_empty() {
                output.put(RepeatOutcome::of(&descent));
            }
            true
        });
        Repeats {
            wanted,
            outcomes: Vec::new(),
            job,
        }
    }

    fn fits(&self, run: &DescentRun, wanted: usize) -> bool {
        (self.job.key, self.wanted) == (run.id(), wanted)
    }

    /// Whether more are to come.
    pub fn is_under_way(&self) -> bool {
        !self.job.is_over()
    }
}

/// How many repeats of a run there are to be.
fn wanted(run: &DescentRun, count: usize) -> usize {
    let plan = run.plan();
    if !plan.sampling.is_random() {
        return 0;
    }
    let work = run.objective().cost().saturating_mul(plan.steps);
    count.min(MAX_WORK / work.max(1))
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<RepeatCount>().add_systems(
        Update,
        (begin, receive)
            .chain()
            .after(runs::receive)
            .in_set(Stage::Compute),
    );
}

fn begin(
    mut commands: Commands,
    count: Res<RepeatCount>,
    runs: Query<(Entity, &DescentRun, &DescentStyle, Option<&Repeats>)>,
) {
    for (entity, run, style, old) in &runs {
        let wanted = if style.shown { wanted(run, count.0) } else { 0 };
        if old.is_some_and(|old| old.fits(run, wanted)) {
            continue;
        }
        // The run itself comes first.
        if wanted == 0 || !run.status().is_over() {
            if old.is_some() {
                commands.entity(entity).remove::<Repeats>();
            }
        } else {
            commands.entity(entity).insert(Repeats::of(run, wanted));
        }
    }
}

fn receive(mut repeats: Query<&mut Repeats>, patience: Res<Patience>) {
    for mut repeats in &mut repeats {
        if patience.0.is_none() {
            repeats.job.wait(None);
        }
        let arrived = repeats.job.take();
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
            let repeats = Repeats::of(&run, 3);
            repeats.job.wait(None);
            repeats.job.take()
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
        let repeats = Repeats::of(&noisy, 2);
        assert!(repeats.fits(&noisy, 2));
        assert!(!repeats.fits(&noisy, 3));
        assert!(!repeats.fits(&run("noisy-quartic", 1), 2), "another run");
    }
}
