//! *Tune all*: the best settings of all descents of a panel that are shown, found with as many runs for each, so that they race
//! each at its best.

use std::fmt::Display;

use bevy::prelude::*;

use crate::descent::Plan;
use crate::experiment::{MapSpec, ObjectiveSpec};
use crate::lab::command::{LabCommand, Notice};
use crate::lab::model::CurrentExperiment;
use crate::lab::model::data::Data;
use crate::lab::model::jobs::{Job, Patience};
use crate::lab::playback::Playback;
use crate::lab::stage::Stage;
use crate::landscape::ticks::label;
use crate::maps::{Tuned, tune, tuning_runs};

/// Why nothing can be tuned where all descents are hidden.
pub const NONE_SHOWN: &str = "no descent is shown";

/// Tunes the descents of a panel, or gives up what is under way.
#[derive(Debug, Clone, Copy)]
pub enum Tune {
    Panel(usize),
    Stop,
}

/// Descents that are being tuned.
#[derive(Resource, Debug, Default)]
pub struct Tuning(Option<Job<Asked, Vec<Option<Tuned>>>>);

impl Tuning {
    /// The panel whose descents are being tuned.
    pub fn panel(&self) -> Option<usize> {
        self.0.as_ref().map(|job| job.key.panel)
    }
}

#[derive(Debug)]
struct Asked {
    panel: usize,
    /// What they descend on.
    objective: ObjectiveSpec,
    /// Of each descent.
    runs: usize,
    /// The places of the descents in the panel, and their plans.
    descents: Vec<(usize, Plan)>,
}

impl LabCommand for Tune {
    fn apply(&self, world: &mut World) {
        let job = match self {
            Tune::Stop => None,
            Tune::Panel(panel) => match begin(world, *panel) {
                Ok(job) => Some(job),
                Err(problem) => {
                    world.insert_resource(Notice::bad(problem));
                    None
                }
            },
        };
        world.insert_resource(Tuning(job));
    }
}

fn begin(world: &World, index: usize) -> Result<Job<Asked, Vec<Option<Tuned>>>, String> {
    let experiment = &world.resource::<CurrentExperiment>().experiment;
    let panel = experiment
        .panels
        .get(index)
        .ok_or("there is no such panel")?;
    let shown = panel
        .descents
        .iter()
        .enumerate()
        .filter(|(_, spec)| spec.shown);
    let descents: Vec<(usize, Plan)> = shown
        .map(|(place, spec)| (place, spec.plan.clone()))
        .collect();
    let refused = |why: &dyn Display| format!("nothing can be tuned: {why}");
    // Whether there are maps of it says whether it can be tuned.
    let map = panel.map(&MapSpec::default(), world.resource::<Data>().set());
    let map = map.map_err(|error| refused(&error))?;
    if descents.is_empty() {
        return Err(refused(&NONE_SHOWN));
    }
    let (objective, radius) = (map.objective, map.radius);
    let (spec, domain) = (panel.objective.clone(), panel.domain);
    let plans: Vec<Plan> = descents.iter().map(|(_, plan)| plan.clone()).collect();
    let asked = Asked {
        panel: index,
        objective: spec.clone(),
        runs: tuning_runs(&*objective, &plans),
        descents,
    };
    Ok(Job::begin_long(asked, move |output| {
        let go_on = || output.is_wanted();
        let found = tune(
            &objective,
            &plans,
            (domain, spec.told_minima()),
            radius,
            &go_on,
        );
        found.into_iter().for_each(|found| output.put(found));
    }))
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Tuning>()
        .add_systems(Update, receive.in_set(Stage::Model));
}

fn receive(
    patience: Res<Patience>,
    mut tuning: ResMut<Tuning>,
    mut current: ResMut<CurrentExperiment>,
    mut playback: ResMut<Playback>,
    mut notice: ResMut<Notice>,
) {
    let Some(job) = &tuning.0 else {
        return;
    };
    let shown = current.experiment.panels.get(job.key.panel);
    if shown.is_none_or(|shown| shown.objective != job.key.objective) {
        *tuning = Tuning::default();
        *notice = Notice::bad("tuning was given up: what it was for is no longer shown");
        return;
    }
    if patience.0.is_none() {
        job.wait(None);
    }
    let found = job.take().pop();
    if found.is_none() && !job.is_over() {
        return;
    }
    let Some((job, found)) = tuning.0.take().zip(found) else {
        *notice = Notice::bad("tuning ended without a result");
        return;
    };
    let Asked {
        panel,
        runs,
        descents,
        ..
    } = &job.key;
    let mut lines = Vec::new();
    let mut tuned = current.experiment.panels.get(*panel).cloned();
    for ((place, plan), found) in descents.iter().zip(found) {
        let spec = tuned
            .as_mut()
            .and_then(|panel| panel.descents.get_mut(*place));
        // What has been changed since stays as it is.
        let Some(spec) = spec.filter(|spec| spec.plan == *plan) else {
            continue;
        };
        let Some(found) = found else {
            lines.push(format!("{}: no run has a finite loss", spec.name));
            continue;
        };
        spec.plan.rate = found.cell.rate;
        spec.plan.rule = spec.plan.rule.with_values(found.cell.params);
        lines.push(format!("{}: {}", spec.name, in_words(&found, &spec.plan)));
    }
    if lines.is_empty() {
        *notice = Notice::bad("nothing was tuned: all descents have been changed since");
        return;
    }
    if let Some(tuned) = tuned.filter(|tuned| current.experiment.panels[*panel] != *tuned) {
        current.edit().panels[*panel] = tuned;
    }
    playback.restart();
    *notice = Notice::good(format!(
        "Each at its best of {runs} runs\n{}",
        lines.join("\n")
    ));
}

fn in_words(found: &Tuned, plan: &Plan) -> String {
    let rate = label(plan.rate);
    match found.after.settles {
        Some(1) => format!("η {rate}, there after 1 step"),
        Some(steps) => format!("η {rate}, there after {steps} steps"),
        None => format!("η {rate}, loss {} at the end", label(found.after.loss)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::experiment::{Experiment, Source};
    use crate::lab;
    use crate::lab::command::send;
    use crate::lab::model::ComputeBudget;
    use crate::lab::session::edit::Edit;
    use crate::lab::session::history::HistoryCommand;
    use crate::lab::session::persistence::FileCommand;

    const TEXT: &str = "steepest = 1\n[[panel]]\nformula = 'x^2 + 20*y^2'\ndomain = [[-2, 2], [-2, 2]]\n\
                    [[panel.descent]]\nrule = 'gd'\nrate = 0.001\nstart = [1.5, 1]\nsteps = 60\n\
                    [[panel.descent]]\nrule = 'adam'\nrate = 0.001\nstart = [1.5, 1]\nsteps = 60\n\
                    [[panel.descent]]\nname = 'hidden'\nrule = 'gd'\nrate = 0.001\nstart = [1.5, 1]\nsteps = 60\nhidden = true\n";

    /// What is tuned while no frame waits for it.
    fn tuning() -> App {
        let mut app = lab::alone(Experiment::parse(TEXT, "test").expect("valid"));
        app.insert_resource(ComputeBudget(Some(Duration::ZERO)));
        app.update();
        send(app.world_mut(), Tune::Panel(0));
        app.update();
        app
    }

    /// Until it is over.
    fn wait(app: &mut App) {
        while app.world().resource::<Tuning>().panel().is_some() {
            app.update();
        }
    }

    fn rates(app: &App) -> Vec<f64> {
        let current = app.world().resource::<CurrentExperiment>();
        let descents = current.experiment.panels[0].descents.iter();
        descents.map(|spec| spec.plan.rate).collect()
    }

    #[test]
    fn what_was_tuned_for_another_landscape_is_left_alone() {
        let mut app = tuning();
        let other = Edit::of(app.world(), |e| {
            let other = Experiment::parse(&TEXT.replace("20*y^2", "900*y^2"), "test");
            e.panels[0].objective = other.expect("valid").panels[0].objective.clone();
        });
        send(app.world_mut(), other);
        wait(&mut app);
        assert_eq!(rates(&app), [0.001; 3]);
        let mut app = tuning();
        send(app.world_mut(), FileCommand::Open(Source::named("bowl")));
        wait(&mut app);
        let current = app.world().resource::<CurrentExperiment>();
        assert!(!current.edited && current.source == Source::named("bowl"));
    }

    #[test]
    fn nothing_is_tuned_where_no_descent_is_shown() {
        let text = TEXT.replace("steps = 60\n", "steps = 60\nhidden = true\n");
        let text = text.replace("hidden = true\nhidden = true", "hidden = true");
        let mut app = lab::alone(Experiment::parse(&text, "test").expect("valid"));
        app.update();
        send(app.world_mut(), Tune::Panel(0));
        app.update();
        let said = app.world().resource::<Notice>().text.clone();
        assert_eq!(
            said.as_deref(),
            Some("nothing can be tuned: no descent is shown")
        );
    }

    #[test]
    fn all_shown_descents_are_tuned_in_one_change() {
        let experiment = Experiment::parse(TEXT, "test").expect("valid");
        let mut app = lab::alone(experiment.clone());
        app.update();
        send(app.world_mut(), Tune::Panel(0));
        app.update();
        app.update();
        let current = app.world().resource::<CurrentExperiment>();
        let rates = current.experiment.panels[0].descents.iter();
        let rates: Vec<f64> = rates.map(|spec| spec.plan.rate).collect();
        assert!(rates[0] > 0.03 && rates[1] > 0.01, "{rates:?}");
        assert_eq!(rates[2], 0.001);
        let said = app.world().resource::<Notice>().text.clone().expect("said");
        assert!(
            said.contains("there after") && !said.contains("hidden"),
            "{said}"
        );
        send(app.world_mut(), HistoryCommand::Undo);
        app.update();
        let current = app.world().resource::<CurrentExperiment>();
        assert_eq!(*current.experiment, experiment);
    }
}
