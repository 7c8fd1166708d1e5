//! What descents find lower than all that was known of a landscape, the landscape learns: the claim to be the lowest goes
//! there, and f* and the base of logarithmic heights follow.

use bevy::prelude::*;

use super::field::PanelLandscape;
use super::jobs::Patience;
use super::landscapes::{Landscapes, compute};
use crate::descent::History;
use crate::lab::model::{DescentRun, DescentStyle, PanelDescents, RunStamp};
use crate::lab::stage::Stage;
use crate::landscape::Domain;

/// In so many parts of a run the iterate from which the next step is the shortest counts as a place where it dwells.
const PARTS: usize = 8;

/// What a finished run found within a range.
#[derive(Component, Debug, Default)]
pub struct Find {
    /// Of which run, and in which range.
    of: Option<(RunStamp, Domain)>,
    /// The lowest iterate, and its loss.
    lowest: Option<(f64, Vec<f64>)>,
    /// Where the run ends, where it is lowest, where it begins, and where it dwells.
    pub(super) places: Vec<Vec<f64>>,
}

impl Find {
    fn of(run: &DescentRun, domain: Domain) -> Find {
        let history = run.history();
        let lowest = lowest(history, domain);
        let last = history.len().saturating_sub(1);
        let ends = (!history.is_empty()).then(|| [last, 0].map(|step| history.at(step).to_vec()));
        let [end, start] = ends.map_or([None, None], |ends| ends.map(Some));
        let dwells = (0..PARTS).filter_map(|k| {
            let steps = last * k / PARTS..last * (k + 1) / PARTS;
            let length = |step: usize| {
                let squares = history.at(step).iter().zip(history.at(step + 1));
                squares.map(|(a, b)| (a - b).powi(2)).sum::<f64>()
            };
            let step = steps.min_by(|a, b| length(*a).total_cmp(&length(*b)))?;
            Some(history.at(step).to_vec())
        });
        let lowest_at = lowest.as_ref().map(|(_, at)| at.clone());
        let places = end.into_iter().chain(lowest_at).chain(start).chain(dwells);
        let places = places.filter(|at| domain.contains(at)).collect();
        Find {
            of: Some((run.stamp(), domain)),
            lowest,
            places,
        }
    }

    fn fits(&self, run: &DescentRun, domain: Domain) -> bool {
        self.of == Some((run.stamp(), domain))
    }
}

fn lowest(history: &History, domain: Domain) -> Option<(f64, Vec<f64>)> {
    let iterates = history.iter().zip(history.losses());
    let inside = iterates.filter(|(w, loss)| loss.is_finite() && domain.contains(w));
    let (w, loss) = inside.min_by(|a, b| a.1.total_cmp(b.1))?;
    Some((*loss, w.to_vec()))
}

pub(super) fn plugin(app: &mut App) {
    app.register_required_components::<DescentRun, Find>()
        .add_systems(Update, learn.after(compute).in_set(Stage::Playback));
}

/// The landscapes of functions learn from the runs shown on them that are over. While others are computed, again perhaps,
/// nothing is forgotten. What lies near is looked for beside the frames.
pub(super) fn learn(
    mut panels: Query<(Entity, &mut PanelLandscape, Option<&PanelDescents>)>,
    mut descents: Query<(&DescentRun, &DescentStyle, &mut Find)>,
    mut landscapes: ResMut<Landscapes>,
    patience: Res<Patience>,
) {
    for (entity, mut landscape, members) in &mut panels {
        if landscape.field.is_slice() {
            continue;
        }
        let domain = landscape.field.key.domain;
        let mut all_over = true;
        let mut lowest: Option<(f64, Vec<f64>)> = None;
        for member in members.into_iter().flat_map(|members| members.iter()) {
            let Ok((run, style, mut find)) = descents.get_mut(member) else {
                continue;
            };
            if !style.shown {
                continue;
            }
            if !run.status().is_over() {
                all_over = false;
                continue;
            }
            if !find.fits(run, domain) {
                *find = Find::of(run, domain);
            }
            if let Some(found) = &find.lowest
                && lowest.as_ref().is_none_or(|lowest| found.0 < lowest.0)
            {
                lowest = Some(found.clone());
            }
        }
        let known = &landscape.field.critical;
        let lowest = lowest.filter(|(loss, _)| known.would_learn(*loss));
        let [wanted, learnt] = [
            lowest.as_ref().map(|(loss, _)| *loss),
            landscape.critical.learnt(),
        ];
        let forgets = learnt.is_some_and(|learnt| wanted.is_none_or(|wanted| wanted > learnt));
        if wanted == learnt || (forgets && !all_over) {
            // What was begun for runs that are others by now is not waited for.
            if landscapes.learns(entity) {
                landscapes.stop_learning(entity);
            }
            continue;
        }
        let critical = match lowest {
            Some(lowest) => landscapes.learnt(entity, &landscape.field, lowest, patience.0),
            None => Some(known.clone()),
        };
        if let Some(critical) = critical {
            let field = landscape.field.clone();
            landscape.renew(field, critical);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::lab::command;
    use crate::lab::model::ComputeBudget;
    use crate::lab::session::edit::Edit;
    use crate::lab::{self};
    use crate::landscape::CriticalKind;

    /// Two panels of a dip that only descents find: one goes into it, in the second panel hidden.
    fn app() -> App {
        let panel = |hidden: bool| {
            format!(
                "[[panel]]\n\
                 formula = 'x^2 + y^2 - 5exp(-((x - 0.507)^2 + (y - 0.493)^2)*2e6)'\n\
                 domain = [[-2, 2], [-2, 2]]\nheight = 'log'\n\
                 [[panel.descent]]\nname = 'past it'\nrule = 'gd'\nrate = 0.1\nstart = [1, -1]\nsteps = 9\n\
                 [[panel.descent]]\nname = 'into it'\nrule = 'gd'\nrate = 2e-8\nstart = [0.5073, 0.4931]\n\
                 steps = 400\nhidden = {hidden}\n"
            )
        };
        let text = format!("steepest = 1\n{}{}", panel(false), panel(true));
        let experiment = Experiment::parse(&text, "test").expect("an experiment");
        let mut app = lab::alone(experiment);
        app.update();
        app
    }

    /// f*, the base of logarithmic heights, and where the lowest is, in both panels.
    fn known(app: &mut App) -> Vec<(f64, f64, Vec<f64>)> {
        let world = app.world_mut();
        let mut panels = world.query::<(&crate::lab::PanelIndex, &PanelLandscape)>();
        let mut all: Vec<_> = panels.iter(world).collect();
        all.sort_by_key(|(index, _)| index.0);
        let what = |landscape: &PanelLandscape| {
            let lowest: Vec<_> = landscape
                .critical
                .iter()
                .filter(|p| p.kind.is_lowest())
                .collect();
            assert_eq!(lowest.len(), 1, "{lowest:?}");
            assert_eq!(lowest[0].kind, CriticalKind::LowestFound);
            let f = landscape.known_minimum().expect("one is known");
            (f, landscape.scale.base, lowest[0].at.clone())
        };
        all.into_iter()
            .map(|(_, landscape)| what(landscape))
            .collect()
    }

    fn edit(app: &mut App, change: impl FnOnce(&mut Experiment)) {
        let edit = Edit::of(app.world(), change);
        command::send(app.world_mut(), edit);
        app.update();
    }

    fn is_dip((f, base, at): &(f64, f64, Vec<f64>)) -> bool {
        let there = (at[0] - 0.507).hypot(at[1] - 0.493) < 1e-3;
        let bowl = *f == 0.0 && *base <= 0.0 && at[0].hypot(at[1]) < 1e-6;
        assert!(there || bowl, "{at:?}: {f}, {base}");
        assert!(!there || (*f < -4.49 && f == base), "{f}, {base}");
        there
    }

    #[test]
    fn a_descent_that_goes_lower_takes_the_claim_while_it_is_shown() {
        let mut app = app();
        let dips = |app: &mut App| known(app).iter().map(is_dip).collect::<Vec<_>>();
        assert_eq!(dips(&mut app), [true, false]);
        edit(&mut app, |experiment| {
            experiment.panels[0].descents[1].shown = false;
            experiment.panels[1].descents[1].shown = true;
        });
        assert_eq!(dips(&mut app), [false, true]);
        // Beside the dip there is nothing to find, nor outside the range.
        edit(&mut app, |experiment| {
            experiment.panels[1].descents[1].plan.start = vec![0.6, 0.6];
        });
        assert_eq!(dips(&mut app), [false, false]);
        edit(&mut app, |experiment| {
            let descent = &mut experiment.panels[1].descents[1];
            descent.plan.start = vec![0.5073, 0.4931];
            experiment.panels[0].descents[1].shown = true;
        });
        assert_eq!(dips(&mut app), [true, true]);
        edit(&mut app, |experiment| {
            experiment.panels[0].domain.x = [-2.0, 0.4];
            experiment.panels[1].descents.clear();
        });
        assert_eq!(dips(&mut app), [false, false]);
    }

    #[test]
    fn nothing_is_forgotten_while_a_run_is_computed_again() {
        let mut app = app();
        app.insert_resource(ComputeBudget(Some(std::time::Duration::ZERO)));
        edit(&mut app, |experiment| {
            experiment.panels[0].descents[1].plan.steps = 1_000_000;
        });
        let world = app.world_mut();
        let mut runs = world.query::<&DescentRun>();
        assert!(runs.iter(world).any(|run| !run.status().is_over()));
        assert!(is_dip(&known(&mut app)[0]));
        for _ in 0..40 {
            app.update();
        }
        assert!(is_dip(&known(&mut app)[0]));
    }
}
