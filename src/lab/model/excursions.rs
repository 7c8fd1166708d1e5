//! When descents are outside the box that is drawn: gathered once a run, because it is said of them in every frame.

use bevy::prelude::*;

use super::field::PanelLandscape;
use crate::lab::model::{DescentRun, InPanel, RunStamp};
use crate::lab::stage::Stage;

/// When a descent is outside the box.
#[derive(Component, Debug, Default)]
pub struct Excursions {
    of: Option<RunStamp>,
    /// The steps at which it leaves, comes back, leaves again, and so on.
    changes: Vec<usize>,
}

impl Excursions {
    /// If the descent is outside at a step: the one at which it last left, 0 if it began there.
    pub fn outside_since(&self, step: usize) -> Option<usize> {
        let passed = self.changes.partition_point(|change| *change <= step);
        let left = passed % 2 == 1;
        left.then(|| self.changes[passed - 1])
    }

    /// With what has been computed since; all of it where the run or the landscape is another.
    fn extend(&mut self, run: &DescentRun, landscape: &PanelLandscape, is_elsewhere: bool) {
        let known = self.of.filter(|of| of.run == run.id() && !is_elsewhere);
        let known = known.map_or(0, |of| of.entries);
        if known == 0 {
            self.changes.clear();
        }
        let history = run.history();
        let (domain, plane) = (landscape.panel.domain, &landscape.field.plane);
        for step in known..history.len() {
            let place = run.place(step, plane);
            let is_outside = !domain.contains(&place[..domain.dim()])
                || landscape.is_beyond(history.losses()[step]);
            let was_outside = self.changes.len() % 2 == 1;
            if is_outside != was_outside {
                self.changes.push(run.step_of(step));
            }
        }
        self.of = Some(run.stamp());
    }
}

pub(super) fn plugin(app: &mut App) {
    app.register_required_components::<DescentRun, Excursions>()
        .add_systems(Update, gather.in_set(Stage::View));
}

fn gather(
    mut descents: Query<(&DescentRun, &InPanel, &mut Excursions)>,
    panels: Query<Ref<PanelLandscape>>,
) {
    for (run, panel, mut excursions) in &mut descents {
        let Ok(landscape) = panels.get(panel.0) else {
            continue;
        };
        let is_elsewhere = landscape.is_changed();
        if is_elsewhere || excursions.of != Some(run.stamp()) {
            excursions.extend(run, &landscape, is_elsewhere);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descent::Descent;
    use crate::experiment::Experiment;

    /// The first panel of an experiment and its first run.
    fn shown(domain: &str) -> (PanelLandscape, DescentRun) {
        // The sign of y changes with every step, and x shrinks.
        let text = format!(
            "steepest = 1\n[[panel]]\nformula = 'x^2 + 20y^2'\ndomain = {domain}\n\
             descent = [{{ rule = 'gd', rate = 0.05, start = [0.9, 0.5], steps = 20 }}]"
        );
        let experiment = Experiment::parse(&text, "test").expect("an experiment");
        let panel = experiment.panels[0].clone();
        let plan = panel.descents[0].plan.clone();
        let landscape = PanelLandscape::of_function(panel);
        let mut descent = Descent::new(landscape.field.objective.clone(), plan);
        descent.run();
        (landscape, DescentRun::new(descent))
    }

    #[test]
    fn every_way_out_and_back_is_known_however_the_landscape_and_the_run_change() {
        let mut app = App::new();
        app.add_systems(Update, gather);
        let (above, run) = shown("[[-1, 1], [0, 1]]");
        let panel = app.world_mut().spawn(above).id();
        let components = (run, InPanel(panel), Excursions::default());
        let descent = app.world_mut().spawn(components).id();
        let since = |app: &mut App| {
            app.update();
            let excursions = app.world().get::<Excursions>(descent);
            let excursions = excursions.expect("it is there");
            [0, 1, 2, 7, 20].map(|step| excursions.outside_since(step))
        };
        assert_eq!(since(&mut app), [None, Some(1), None, Some(7), None]);
        let (left, run) = shown("[[-1, 0.5], [-1, 1]]");
        app.world_mut().entity_mut(panel).insert(left);
        // 0.9⁶ is the first power below 5/9.
        let began = [Some(0), Some(0), Some(0), None, None];
        assert_eq!(since(&mut app), began);
        app.world_mut().entity_mut(descent).insert(run);
        assert_eq!(since(&mut app), began);
        let (nowhere, _) = shown("[[-1, 1], [0.6, 1]]");
        app.world_mut().entity_mut(panel).insert(nowhere);
        assert_eq!(since(&mut app), [Some(0); 5]);
    }
}
