//! Panels whose file gives no range, and whose axes are those of the paths: they get the range that shows the paths, once these are
//! known. That is no change of a person's, so there is nothing to undo or to save.

use std::sync::Arc;

use bevy::ecs::entity::EntityHashMap;
use bevy::prelude::*;

use super::history::EditHistory;
use crate::experiment::PlaneSpec;
use crate::lab::model::field::PanelLandscape;
use crate::lab::model::landscapes::Landscapes;
use crate::lab::model::{
    CurrentExperiment, DescentRun, DescentStyle, PanelDescents, PanelIndex, RunStamp,
};
use crate::lab::showing::range::around_paths;
use crate::lab::stage::Stage;
use crate::landscape::Domain;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        fit.in_set(Stage::Explain)
            .run_if(resource_exists::<CurrentExperiment>),
    );
}

/// What a range was fitted to.
#[derive(PartialEq)]
struct FittedTo(Vec<(RunStamp, bool)>, Option<PlaneSpec>);

/// What that is, and the range; `None` where there was nothing to fit to.
struct Fitted(FittedTo, Option<Domain>);

fn fit(
    mut current: ResMut<CurrentExperiment>,
    mut history: ResMut<EditHistory>,
    landscapes: Res<Landscapes>,
    mut fitted: Local<EntityHashMap<Fitted>>,
    panels: Query<(Entity, &PanelIndex, &PanelLandscape, &PanelDescents)>,
    runs: Query<(&DescentRun, &DescentStyle)>,
) {
    if !current.experiment.panels.iter().any(|panel| panel.fits) || landscapes.busy() {
        return;
    }
    for (entity, index, landscape, members) in &panels {
        let shown = current.experiment.panels.get(index.0);
        let Some(panel) = shown.filter(|panel| panel.fits) else {
            continue;
        };
        let mut all = runs.iter_many(members.iter());
        if all.any(|(run, _)| !run.status().is_over()) {
            continue;
        }
        let stamps = runs.iter_many(members.iter());
        let stamps = stamps.map(|(run, style)| (run.stamp(), style.shown));
        let to = FittedTo(stamps.collect(), panel.plane.clone());
        let known = fitted.get(&entity).filter(|fitted| fitted.0 == to);
        let domain = match known {
            // Opened again, or undone, the panel may have another one than its paths have.
            Some(Fitted(_, domain)) => *domain,
            None if landscape.field.is_passing() => continue,
            None => {
                let domain = around_paths(landscape, members, &runs);
                fitted.insert(entity, Fitted(to, domain));
                domain
            }
        };
        if let Some(domain) = domain.filter(|domain| *domain != panel.domain) {
            let (place, current) = (index.0, &mut *current);
            Arc::make_mut(&mut current.experiment).panels[place].domain = domain;
            history.take_for_granted(current);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::experiment::{Experiment, Source};
    use crate::lab::command::send;
    use crate::lab::session::edit::Edit;
    use crate::lab::showing::range::{ChangeRange, RangeChange};
    use crate::lab::{self};

    const FILE: &str = "steepest = 1\n[[panel]]\nobjective = 'network'\nnetwork = { samples = 30, layers = [4] }\ngrid = [9, 9]\n\
                        descent = [{ rule = 'adam', rate = 0.1, start = { init = 'xavier' }, steps = 30 }]";

    #[test]
    fn the_range_is_that_of_the_paths_until_a_person_has_another_one() {
        let experiment = Experiment::parse(FILE, "test").expect("an experiment");
        assert!(experiment.panels[0].fits);
        assert!(!experiment.to_toml().contains("domain"));
        let mut app = lab::alone(experiment);
        for _ in 0..4 {
            app.update();
        }
        let domain = |app: &App| {
            let current = app.world().resource::<CurrentExperiment>();
            assert!(!app.world().resource::<EditHistory>().can_undo());
            (current.experiment.panels[0].domain, current.edited)
        };
        let (first, edited) = domain(&app);
        assert!(!edited);
        let mut runs = app.world_mut().query::<&DescentRun>();
        let mut shown = app.world_mut().query::<&PanelLandscape>();
        let landscape = shown.single(app.world()).expect("one panel").clone();
        assert_eq!(landscape.field.key.domain, first, "it is swept there");
        let run = runs.single(app.world()).expect("one descent");
        for step in 0..run.history().len() {
            let place = run.place(step, &landscape.field.plane);
            assert!(first.contains(&place), "{place:?} {first:?}");
        }
        // Opened again it is fitted again, although nothing has to be run.
        let again = Experiment::parse(FILE, "test").expect("an experiment");
        app.insert_resource(CurrentExperiment::new(Source::named("again"), again));
        app.insert_resource(EditHistory::default());
        for _ in 0..4 {
            app.update();
        }
        assert_eq!(domain(&app), (first, false));
        // Another run, another range.
        let faster = Edit::of(app.world(), |e| e.panels[0].descents[0].plan.rate = 0.4);
        send(app.world_mut(), faster);
        let shown = |app: &App| {
            app.world()
                .resource::<CurrentExperiment>()
                .experiment
                .clone()
        };
        // The old slice passes into the new one before.
        let began = Instant::now();
        while shown(&app).panels[0].domain == first {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "it stays as it was"
            );
            app.update();
            std::thread::sleep(Duration::from_millis(5));
        }
        let current = shown(&app);
        // And that of a person stays.
        send(
            app.world_mut(),
            ChangeRange {
                panel: 0,
                change: RangeChange::Move([0.5, 0.0]),
            },
        );
        for _ in 0..4 {
            app.update();
        }
        let moved = app
            .world()
            .resource::<CurrentExperiment>()
            .experiment
            .clone();
        assert_eq!(
            moved.panels[0].domain,
            current.panels[0].domain.moved([0.5, 0.0])
        );
        assert!(!moved.panels[0].fits && moved.to_toml().contains("domain"));
    }
}
