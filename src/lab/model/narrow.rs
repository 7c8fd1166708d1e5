//! A landscape's grid has lines through what would be missed between them: critical points, and where descents begin, end
//! and dwell. They are found beside the frames once a landscape is there; until then it has evenly spaced ones.

use std::sync::Arc;

use bevy::prelude::*;

use super::field::{Field, PanelLandscape};
use super::jobs::{Job, Patience};
use super::landscapes::Landscapes;
use super::lowest::{Find, learn};
use super::morph::morph;
use crate::lab::model::{DescentRun, DescentStyle, PanelDescents};
use crate::lab::stage::Stage;
use crate::landscape::{Lines, NarrowPlace, narrow};
use crate::objective::GoOn;

/// How far beyond the box a height tells anything.
const BEYOND: f64 = 0.05;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        refine.after(learn).before(morph).in_set(Stage::Playback),
    );
}

/// While a run is computed, again perhaps, the lines stay as they are.
fn refine(
    mut panels: Query<(Entity, &mut PanelLandscape, Option<&PanelDescents>)>,
    descents: Query<(&DescentRun, Ref<DescentStyle>, Ref<Find>)>,
    mut landscapes: ResMut<Landscapes>,
    patience: Res<Patience>,
) {
    for (entity, mut landscape, members) in &mut panels {
        if landscape.field.is_slice() {
            continue;
        }
        let members = members.into_iter().flat_map(|members| members.iter());
        let members: Vec<_> = descents.iter_many(members).collect();
        let changed = |(_, style, find): &(_, Ref<DescentStyle>, Ref<Find>)| {
            style.is_changed() || find.is_changed()
        };
        let shown = members.iter().filter(|(_, style, _)| style.shown);
        let (over, running): (Vec<_>, Vec<_>) = shown.partition(|(run, ..)| run.status().is_over());
        let is_news = running.is_empty() && members.iter().any(changed);
        let begins = is_news || landscape.is_changed();
        if begins {
            let places = over.iter().flat_map(|(_, _, find)| find.places.clone());
            let job = refined(&landscape, places.collect());
            landscapes.refined.insert(entity, job);
        }
        let Some(job) = landscapes.refined.get(&entity) else {
            continue;
        };
        if begins || patience.0.is_none() {
            job.wait(patience.0);
        }
        let field = job.take().pop();
        let is_of_this = Arc::ptr_eq(&job.key, &landscape.field);
        if job.is_over() {
            landscapes.refined.remove(&entity);
        }
        if let Some(field) = field.filter(|_| is_of_this) {
            let critical = landscape.critical.clone();
            landscape.renew(Arc::new(field), critical);
        }
    }
}

/// The landscape on lines that miss none of these places, if it has others.
fn refined(landscape: &PanelLandscape, places: Vec<Vec<f64>>) -> Job<Arc<Field>, Field> {
    let landscape = landscape.clone();
    Job::begin(landscape.field.clone(), move |output| {
        let go_on = || output.is_wanted();
        let (lines, narrow) = lines(&landscape, &places, &go_on);
        if lines != *landscape.field.grid.lines()
            && let Some(field) = landscape.field.on_lines(lines, narrow, &go_on)
        {
            output.put(field);
        }
    })
}

/// Those that miss neither a critical point nor one of these places, and what is narrow of these. Nothing is found any more
/// once `go_on` says no.
fn lines(
    landscape: &PanelLandscape,
    places: &[Vec<f64>],
    go_on: &GoOn,
) -> ([Lines; 2], Vec<NarrowPlace>) {
    let (field, domain) = (&landscape.field, landscape.panel.domain);
    let scale = landscape.even_scale();
    let height = |place: [f64; 2]| {
        let loss = if go_on() {
            field.loss_at(place)
        } else {
            f64::NAN
        };
        if loss.is_finite() {
            scale.fraction(loss).clamp(-BEYOND, 1.0 + BEYOND)
        } else {
            f64::NAN
        }
    };
    let critical = landscape.critical.iter().map(|point| &point.at);
    let places = critical.chain(places).map(|at| domain.fractions(at));
    narrow::lines(field.key.size, height, places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{BUILTINS, Experiment};
    use crate::lab::command;
    use crate::lab::session::edit::Edit;
    use crate::lab::{self, PanelIndex};

    fn app(experiment: Experiment) -> App {
        let mut app = lab::alone(experiment);
        app.update();
        app
    }

    fn one_panel(keys: &str) -> App {
        let text = format!("steepest = 1\n[[panel]]\n{keys}");
        app(Experiment::parse(&text, "test").expect("an experiment"))
    }

    fn panel_landscapes(app: &mut App) -> Vec<PanelLandscape> {
        let world = app.world_mut();
        let mut panels = world.query::<(&PanelIndex, &PanelLandscape)>();
        let mut all: Vec<_> = panels.iter(world).collect();
        all.sort_by_key(|(index, _)| index.0);
        all.into_iter()
            .map(|(_, landscape)| landscape.clone())
            .collect()
    }

    fn is_even(landscape: &PanelLandscape) -> bool {
        landscape.field.grid.lines().iter().all(Lines::is_even)
    }

    /// How far off the surface is at a place, as a share of the box.
    fn missed(landscape: &PanelLandscape, at: &[f64]) -> f64 {
        let there = landscape.field.objective.value(at);
        let y = at.get(1).copied().unwrap_or_default();
        let drawn = landscape
            .field
            .grid
            .interpolate(at[0], y)
            .expect("in the domain");
        (landscape.scale.fraction(there) - landscape.scale.fraction(drawn)).abs()
    }

    #[test]
    fn no_critical_point_is_missed_however_narrow() {
        for (keys, at) in [
            (
                "objective = 'easom'\ndomain = [[-100, 100], [-100, 100]]",
                &[std::f64::consts::PI; 2][..],
            ),
            (
                "objective = 'easom'\ndomain = [[-1e4, 1e4], [-1e4, 1e4]]",
                &[std::f64::consts::PI; 2],
            ),
            (
                "formula = 'x^2 - 5exp(-1e8(x - 0.3)^2)'\nminima = [[0.3]]\ndomain = [[-2, 2]]",
                &[0.3],
            ),
            (
                "formula = 'x^2 + y^2 - 1e4exp(-1e6((x - 0.3)^2 + (y - 0.1)^2))'\nminima = [[0.3, 0.1]]\n\
                 domain = [[-2, 2], [-2, 2]]\nheight = 'log'",
                &[0.3, 0.1],
            ),
        ] {
            let landscape = panel_landscapes(&mut one_panel(keys)).remove(0);
            assert!(!is_even(&landscape), "{keys}");
            assert!(
                missed(&landscape, at) < 1e-4,
                "{keys}: {}",
                missed(&landscape, at)
            );
            assert!(
                landscape
                    .critical
                    .iter()
                    .all(|point| missed(&landscape, &point.at) < 0.02)
            );
        }
    }

    #[test]
    fn where_a_descent_is_the_surface_is_and_without_it_there_are_no_lines() {
        let keys = "formula = 'x^2 + y^2 - 5exp(-((x - 0.507)^2 + (y - 0.493)^2)*2e6)'\n\
                    domain = [[-2, 2], [-2, 2]]\n\
                    descent = [{ rule = 'gd', rate = 1e-11, start = [0.5073, 0.4931], steps = 9 }]";
        let mut app = one_panel(keys);
        let landscape = panel_landscapes(&mut app).remove(0);
        assert!(missed(&landscape, &[0.5073, 0.4931]) < 0.01);
        assert!(missed(&landscape, &[0.507, 0.493]) < 1e-3);
        assert_eq!(
            landscape.scale.low,
            landscape.known_minimum().expect("the dip")
        );
        let edit = Edit::of(app.world(), |e| e.panels[0].descents[0].shown = false);
        command::send(app.world_mut(), edit);
        app.update();
        assert!(is_even(&panel_landscapes(&mut app)[0]));
    }

    #[test]
    fn what_is_wide_enough_is_drawn_as_ever() {
        for builtin in BUILTINS {
            let experiment = Experiment::load(builtin.name).expect("a built-in");
            if experiment.needs_data() {
                continue;
            }
            for landscape in panel_landscapes(&mut app(experiment)) {
                assert!(is_even(&landscape), "{}", builtin.name);
            }
        }
    }
}
