//! The curvature along descents against what their rules bear at the rate of the step, worked out beside the frames once somebody
//! looks at it. Where the curvature is above, a rule overshoots (Cohen et al. 2021, "Gradient descent on neural networks
//! typically occurs at the edge of stability").

use bevy::prelude::*;

use super::jobs::{Job, Patience};
use super::runs;
use super::{DescentRun, DescentStyle, RunId};
use crate::descent::Descent;
use crate::descent::curvature::Curvature;
use crate::descent::replay::Cursor;
use crate::lab::command::LabCommand;
use crate::lab::stage::Stage;

/// Of a long descent so many steps are looked at.
const STEPS: usize = 400;

/// Whether anybody looks at it.
#[derive(Resource, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WatchSharpness(pub bool);

impl LabCommand for WatchSharpness {
    fn apply(&self, world: &mut World) {
        world.insert_resource(*self);
    }
}

/// The greatest eigenvalue of the Hessian at some iterates of a descent, or of P⁻¹H for rules that divide by P.
#[derive(Component, Debug, Default)]
pub struct Sharpness {
    /// Those at which there is one.
    pub steps: Vec<usize>,
    pub curvature: Vec<f64>,
    /// The greatest one that the rule bears at the rate of the step, NaN where none is known.
    pub bearable: Vec<f64>,
    job: Option<Job<RunId, Measured>>,
}

/// Step, curvature and what is bearable.
type Measured = (usize, f64, f64);

impl Sharpness {
    fn begin(run: &DescentRun) -> Sharpness {
        let (plan, objective) = (run.plan().clone(), run.objective().clone());
        let stride = run.history().len().div_ceil(STEPS).max(1);
        let mut under_way: Option<(Descent, Cursor, usize)> = None;
        let job = Job::in_slices(run.id(), move |output, _| {
            let (descent, cursor, step) = under_way.get_or_insert_with(|| {
                let descent = Descent::new(objective.clone(), plan.clone());
                (descent, Cursor::default(), 0)
            });
            // What the step was made of is known once it is taken.
            descent.advance((*step + 1).saturating_sub(descent.history().len().saturating_sub(1)));
            let history = descent.history();
            if *step >= history.len() {
                return false;
            }
            let terms = descent.terms(*step, cursor);
            let rule = &plan.rule;
            let at = Curvature::at(&*objective, history.at(*step), rule, terms.as_ref());
            if let Some(curvature) = at.and_then(|at| at.sharpness) {
                let rate = history.rates().get(*step).or(history.rates().last());
                let bearable = rate.and_then(|rate| rule.bearable(*rate));
                output.put((*step, curvature, bearable.unwrap_or(f64::NAN)));
            }
            *step += stride;
            true
        });
        Sharpness {
            job: Some(job),
            ..Sharpness::default()
        }
    }

    fn is_of(&self, run: &DescentRun) -> bool {
        self.job.as_ref().is_some_and(|job| job.key == run.id())
    }

    /// Whether more is to come.
    pub fn is_under_way(&self) -> bool {
        self.job.as_ref().is_some_and(|job| !job.is_over())
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<WatchSharpness>()
        .register_required_components::<DescentRun, Sharpness>()
        .add_systems(Update, measure.after(runs::receive).in_set(Stage::Compute));
}

fn measure(
    watched: Res<WatchSharpness>,
    patience: Res<Patience>,
    mut descents: Query<(&DescentRun, &DescentStyle, &mut Sharpness)>,
) {
    for (run, style, mut sharpness) in &mut descents {
        let wanted = watched.0 && style.shown && run.status().is_over();
        if !wanted {
            // It is kept as long as it is true.
            if sharpness.job.is_some() && !sharpness.is_of(run) {
                *sharpness = Sharpness::default();
            }
            continue;
        }
        if let Some(record) = &run.plan().record {
            // Its rule, and so what that bears, is not known.
            let known = record.sharpness().unwrap_or_default();
            if sharpness.curvature != known {
                *sharpness = Sharpness {
                    steps: record.steps()[..known.len()].to_vec(),
                    curvature: known.to_vec(),
                    bearable: vec![f64::NAN; known.len()],
                    job: None,
                };
            }
            continue;
        }
        if !sharpness.is_of(run) {
            *sharpness = Sharpness::begin(run);
        }
        let Some(job) = &sharpness.job else {
            continue;
        };
        if patience.0.is_none() {
            job.wait(None);
        }
        let arrived = job.take();
        for (step, curvature, bearable) in arrived {
            sharpness.steps.push(step);
            sharpness.curvature.push(curvature);
            sharpness.bearable.push(bearable);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::lab;
    use crate::lab::command::send;
    use crate::lab::showing::limits::RateLimit;

    /// λ is 10 everywhere: gd bears 2/η of it, with weight decay so much less, and η may be 2/λ.
    #[test]
    fn curvature_is_set_against_what_the_rule_bears_once_somebody_looks() {
        let text = "steepest = 1\n[[panel]]\nformula = 'x^2/2 + 5y^2'\ndomain = [[-2, 2], [-2, 2]]\n\
                    descent = [{ rule = 'gd', rate = 0.1, weight_decay = 0.5, start = [1, 1], steps = 9 }]";
        let experiment = Experiment::parse(text, "test").expect("an experiment");
        let mut app = lab::alone(experiment);
        app.update();
        let mut query = app.world_mut().query::<(&Sharpness, &RateLimit)>();
        let (sharpness, limit) = query.single(app.world()).expect("a descent");
        assert!(sharpness.steps.is_empty());
        let limit = limit.limit.expect("it curves");
        assert!((limit - 2.0 / 10.5).abs() < 1e-12, "{limit}");
        send(app.world_mut(), WatchSharpness(true));
        app.update();
        let (sharpness, _) = query.single(app.world()).expect("a descent");
        assert_eq!(sharpness.steps, (0..=9).collect::<Vec<_>>());
        let near = |numbers: &[f64], number: f64| numbers.iter().all(|n| (n - number).abs() < 1e-9);
        assert!(
            near(&sharpness.curvature, 10.0),
            "{:?}",
            sharpness.curvature
        );
        assert!(near(&sharpness.bearable, 19.5), "{:?}", sharpness.bearable);
        assert!(!sharpness.is_under_way());
    }
}
