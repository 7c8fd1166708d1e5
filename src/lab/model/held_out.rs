//! How models do along descents on samples that no gradient knows, and how many classes they name right, worked out beside the
//! frames once the plot shows it.

use bevy::prelude::*;

use super::jobs::{Job, Patience};
use super::runs;
use super::{DescentRun, DescentStyle, RunId};
use crate::lab::command::LabCommand;
use crate::lab::stage::Stage;

/// Of a long descent about so many steps are looked at.
const STEPS: usize = 400;

/// What of it anybody looks at.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WatchHeldOut {
    #[default]
    Nothing,
    /// The loss over samples kept apart, where there are any.
    Loss,
    /// How many classes are named right, too.
    Accuracy,
}

impl LabCommand for WatchHeldOut {
    fn apply(&self, world: &mut World) {
        world.insert_resource(*self);
    }
}

/// What is measured at some iterates of a descent.
#[derive(Component, Debug, Default)]
pub struct HeldOut {
    /// At which iterates, ascending.
    pub steps: Vec<usize>,
    /// The loss over samples kept apart, one a step; none where there are no such samples.
    pub loss: Vec<f64>,
    /// The share of the samples learnt from whose class is named right, and of those kept apart, one a step; none where there
    /// are no classes, and no such samples.
    pub accuracy: Vec<f64>,
    pub held_out_accuracy: Vec<f64>,
    job: Option<Job<RunId, Measured>>,
}

/// At one iterate; what there is not is `None`.
#[derive(Debug)]
struct Measured {
    step: usize,
    loss: Option<f64>,
    accuracy: [Option<f64>; 2],
}

impl HeldOut {
    fn begin(run: &DescentRun) -> HeldOut {
        let (objective, history) = (run.objective().clone(), run.shared_history().clone());
        let last = history.len().saturating_sub(1);
        let stride = history.len().div_ceil(STEPS).max(1);
        let mut next = Some(0).filter(|_| !history.is_empty());
        let job = Job::in_slices(run.id(), move |output, _| {
            let Some(step) = next else {
                return false;
            };
            let w = history.at(step);
            let held_out = objective.held_out();
            let loss = held_out.map(|held_out| held_out.value(w));
            let accuracy = [
                objective.accuracy(w),
                held_out.and_then(|held_out| held_out.accuracy(w)),
            ];
            if loss.is_none() && accuracy == [None; 2] {
                return false;
            }
            if loss.is_none_or(f64::is_finite) {
                output.put(Measured {
                    step,
                    loss,
                    accuracy,
                });
            }
            // The last one among them.
            next = (step < last).then(|| (step + stride).min(last));
            next.is_some()
        });
        HeldOut {
            job: Some(job),
            ..HeldOut::default()
        }
    }

    fn is_of(&self, run: &DescentRun) -> bool {
        self.job.as_ref().is_some_and(|job| job.key == run.id())
    }

    fn take(&mut self, measured: Measured) {
        self.steps.push(measured.step);
        self.loss.extend(measured.loss);
        let [learnt, held_out] = measured.accuracy;
        self.accuracy.extend(learnt);
        self.held_out_accuracy.extend(held_out);
    }

    /// Whether more is to come.
    pub fn is_under_way(&self) -> bool {
        self.job.as_ref().is_some_and(|job| !job.is_over())
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<WatchHeldOut>()
        .register_required_components::<DescentRun, HeldOut>()
        .add_systems(Update, measure.after(runs::receive).in_set(Stage::Compute));
}

fn measure(
    watched: Res<WatchHeldOut>,
    patience: Res<Patience>,
    mut descents: Query<(&DescentRun, &DescentStyle, &mut HeldOut)>,
) {
    for (run, style, mut held_out) in &mut descents {
        let is_watched = match *watched {
            WatchHeldOut::Nothing => false,
            WatchHeldOut::Loss => run.objective().held_out().is_some(),
            WatchHeldOut::Accuracy => run.objective().samples().is_some(),
        };
        let wanted = is_watched && style.shown && run.status().is_over();
        if !wanted {
            // It is kept as long as it is true.
            if held_out.job.is_some() && !held_out.is_of(run) {
                *held_out = HeldOut::default();
            }
            continue;
        }
        if !held_out.is_of(run) {
            *held_out = HeldOut::begin(run);
        }
        let Some(job) = &held_out.job else {
            continue;
        };
        if patience.0.is_none() {
            job.wait(None);
        }
        let arrived = job.take();
        for measured in arrived {
            held_out.take(measured);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::lab;
    use crate::lab::command::send;

    fn watched(network: &str, watch: WatchHeldOut) -> (App, Entity) {
        let text = format!(
            "steepest = 1\n[[panel]]\nobjective = 'network'\nnetwork = {{ {network}, layers = [3] }}\ngrid = [5, 5]\n\
             descent = [{{ name = 'A', rule = 'adam', rate = 0.02, start = {{ init = 'xavier' }}, steps = 900 }}]"
        );
        let experiment = Experiment::parse(&text, "test").expect("an experiment");
        let mut app = lab::alone(experiment);
        app.update();
        let mut query = app.world_mut().query_filtered::<Entity, With<HeldOut>>();
        let entity = query.single(app.world()).expect("a descent");
        let before = app.world().get::<HeldOut>(entity).expect("there");
        assert!(before.steps.is_empty(), "before anybody looks");
        send(app.world_mut(), watch);
        app.update();
        (app, entity)
    }

    #[test]
    fn what_is_measured_is_what_the_network_says_at_that_step() {
        let network = "data = 'moons', samples = 40, noise = 0.2, test = 30";
        let (app, entity) = watched(network, WatchHeldOut::Loss);
        let held_out = app.world().get::<HeldOut>(entity).expect("there");
        let run = app.world().get::<DescentRun>(entity).expect("there");
        let steps = &held_out.steps;
        assert!(steps.len() <= STEPS + 1 && steps.len() > STEPS / 2);
        assert_eq!((steps[0], steps.last()), (0, Some(&900)));
        assert!(steps.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(held_out.loss.len(), steps.len());
        assert_eq!(held_out.held_out_accuracy.len(), steps.len());
        let objective = run.objective();
        let apart = objective.held_out().expect("kept apart");
        for (place, &step) in steps.iter().enumerate() {
            let w = run.history().at(step);
            assert_eq!(held_out.loss[place], apart.value(w));
            assert_eq!(Some(held_out.accuracy[place]), objective.accuracy(w));
            assert_eq!(Some(held_out.held_out_accuracy[place]), apart.accuracy(w));
        }
        assert_ne!(held_out.loss.last(), run.history().losses().last());
        assert!(!held_out.is_under_way());
    }

    #[test]
    fn without_samples_kept_apart_there_is_accuracy_and_of_numbers_nothing() {
        let (app, entity) = watched("data = 'moons', samples = 40", WatchHeldOut::Loss);
        assert!(
            app.world()
                .get::<HeldOut>(entity)
                .expect("there")
                .steps
                .is_empty()
        );
        let (app, entity) = watched("data = 'moons', samples = 40", WatchHeldOut::Accuracy);
        let held_out = app.world().get::<HeldOut>(entity).expect("there");
        assert_eq!(held_out.accuracy.len(), held_out.steps.len());
        assert!(held_out.accuracy.len() > 2);
        assert!(held_out.loss.is_empty() && held_out.held_out_accuracy.is_empty());
        let (app, entity) = watched("data = 'sine', samples = 40", WatchHeldOut::Accuracy);
        assert!(
            app.world()
                .get::<HeldOut>(entity)
                .expect("there")
                .steps
                .is_empty()
        );
        let (app, entity) = watched(
            "data = 'sine', samples = 40, test = 9",
            WatchHeldOut::Accuracy,
        );
        let held_out = app.world().get::<HeldOut>(entity).expect("there");
        assert!(held_out.accuracy.is_empty() && held_out.held_out_accuracy.is_empty());
        assert_eq!(held_out.loss.len(), held_out.steps.len());
    }
}
