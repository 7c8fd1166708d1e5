//! Ranges that change with time: a panel's settings have the range of the moment, until a person takes it over.

use std::collections::BTreeMap;

use bevy::prelude::*;

use super::current::CurrentExperiment;
use super::entities::{PanelIndex, PanelSettings};
use super::landscapes;
use crate::experiment::{Panel, ZoomKey};
use crate::lab::command::LabCommand;
use crate::lab::playback::{Playback, advance_playback};
use crate::lab::stage::Stage;
use crate::landscape::Domain;

/// Which panels' ranges go along their keys. A range that is zoomed, moved or typed by hand wins until the steps are played from
/// the start, or somebody [says so](FollowRange); once that is undone it goes along its keys again.
#[derive(Resource, Debug, Default)]
pub struct RangeLeads {
    panels: BTreeMap<usize, Lead>,
    /// How often playback had begun when this was last looked at.
    starts: u32,
}

#[derive(Debug)]
struct Lead {
    keys: Vec<ZoomKey>,
    /// The range beside the keys: when they last led, and now.
    led: Own,
    now: Own,
    is_by_hand: bool,
}

/// The range that a panel would have without keys: of its surface, or the axes of a map beside it.
#[derive(Debug, Clone, PartialEq)]
enum Own {
    Surface(Domain),
    Map([Option<String>; 2]),
}

impl Own {
    fn of(panel: &Panel) -> Own {
        let beside = |spec: &&_| !panel.map_lies_on_surface(spec);
        match panel.map.as_ref().filter(beside) {
            Some(map) => Own::Map(map.axes.clone()),
            None => Own::Surface(panel.domain),
        }
    }
}

impl Lead {
    fn of(panel: &Panel) -> Lead {
        Lead {
            keys: panel.zoom.clone(),
            led: Own::of(panel),
            now: Own::of(panel),
            is_by_hand: false,
        }
    }
}

impl RangeLeads {
    /// Whether a panel has keys and its range goes along them.
    pub fn leads(&self, panel: usize) -> bool {
        self.panels.get(&panel).is_some_and(|lead| !lead.is_by_hand)
    }

    /// A person has given a surface this range, be it the one that it has beside the keys.
    pub(in crate::lab) fn take_over(&mut self, index: usize, panel: &Panel) {
        if let Some(lead) = self.panels.get_mut(&index)
            && let now @ Own::Surface(_) = Own::of(panel)
        {
            (lead.now, lead.is_by_hand) = (now, true);
        }
    }

    /// Takes note of what a panel is like by now.
    fn look_at(&mut self, index: usize, panel: &Panel, is_new: bool) {
        let lead = self.panels.entry(index).or_insert_with(|| Lead::of(panel));
        let now = Own::of(panel);
        // A range that is fitted to the paths is nobody's.
        if is_new || panel.fits || lead.keys != panel.zoom {
            *lead = Lead::of(panel);
        } else if lead.now != now {
            (lead.is_by_hand, lead.now) = (now != lead.led, now);
        }
    }
}

/// Whether a panel's range goes along its keys; if not it stays as it is at the moment.
#[derive(Debug)]
pub struct FollowRange {
    pub panel: usize,
    pub follows: bool,
}

impl LabCommand for FollowRange {
    fn apply(&self, world: &mut World) {
        let seconds = world.resource::<Playback>().seconds();
        let mut current = world.resource_mut::<CurrentExperiment>();
        let Some(shown) = current.experiment.panels.get(self.panel) else {
            return;
        };
        let mut lead = Lead::of(shown);
        if !self.follows {
            let panel = &mut current.edit().panels[self.panel];
            panel.zoom_to(seconds);
            panel.fits = false;
            (lead.now, lead.is_by_hand) = (Own::of(panel), true);
        }
        let mut leads = world.resource_mut::<RangeLeads>();
        leads.panels.insert(self.panel, lead);
    }
}

pub(super) fn plugin(app: &mut App) {
    let zoom = zoom
        .after(advance_playback)
        .before(landscapes::compute)
        .in_set(Stage::Playback);
    app.init_resource::<RangeLeads>()
        .add_systems(Update, zoom.run_if(resource_exists::<CurrentExperiment>));
}

pub(super) fn zoom(
    current: Res<CurrentExperiment>,
    playback: Res<Playback>,
    mut leads: ResMut<RangeLeads>,
    mut panels: Query<(&PanelIndex, &mut PanelSettings)>,
) {
    let leads = leads.bypass_change_detection();
    let is_new = leads.starts != playback.starts();
    leads.starts = playback.starts();
    let all = &current.experiment.panels;
    let has_keys = |index: &usize| all.get(*index).is_some_and(|panel| !panel.zoom.is_empty());
    leads.panels.retain(|index, _| has_keys(index));
    for (index, mut settings) in &mut panels {
        if !has_keys(&index.0) {
            continue;
        }
        leads.look_at(index.0, &all[index.0], is_new);
        let mut now = all[index.0].clone();
        if leads.leads(index.0) {
            now.zoom_to(playback.seconds());
        }
        // Which descent a map is of decides what its axes are.
        now.descents.clear();
        settings.set_if_neq(PanelSettings(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::lab::command::{Sent, send};
    use crate::lab::model::maps::PanelMap;
    use crate::lab::playback::PlaybackCommand;
    use crate::lab::session::edit::Edit;
    use crate::lab::session::history::HistoryCommand;
    use crate::lab::showing::range::{ChangeRange, RangeChange};
    use crate::lab::{self, PanelLandscape};

    #[test]
    fn landscape_and_map_have_the_range_of_the_moment() {
        let text = "steepest = 1\n[[panel]]\nformula = 'x^2 + y^2'\ndomain = [[-4, 4], [-4, 4]]\nmap = { grid = [20, 20] }\n\
                    [[panel.zoom]]\ntime = 0\nx = [-4, 4]\ny = [-4, 4]\n\
                    [[panel.zoom]]\ntime = 1\nx = [1, 1.5]\ny = [-0.25, 0.25]\n\
                    [[panel.descent]]\nrule = 'gd'\nrate = 0.1\nstart = [1, 1]\nsteps = 100\n";
        let experiment = Experiment::parse(text, "test").expect("valid");
        let mut app = lab::alone(experiment.clone());
        app.world_mut().resource_mut::<Playback>().playing = false;
        app.update();
        let mut query = app.world_mut().query::<(&PanelLandscape, &PanelMap)>();
        let mut shown = |app: &mut App| {
            app.update();
            let (landscape, map) = query.single(app.world()).expect("one panel");
            let map = map.shown.clone().expect("a map");
            assert!(map.is_whole());
            let spans = map.map.spans.map(|span| span.range);
            let domain = landscape.field.key.domain;
            assert_eq!(spans, [domain.x, domain.y_or_zero()]);
            domain.x
        };
        assert_eq!(shown(&mut app), [-4.0, 4.0]);
        let last = f64::from(u16::try_from(experiment.last_step()).expect("few"));
        app.world_mut().resource_mut::<Playback>().seek(last);
        assert_eq!(shown(&mut app), [1.0, 1.5]);
        // The experiment itself is as it was.
        let current = app.world().resource::<CurrentExperiment>();
        assert_eq!(*current.experiment, experiment);
    }

    #[test]
    fn a_range_by_hand_wins_until_it_is_played_from_the_start_or_somebody_says_so() {
        let text = "steepest = 1\n[[panel]]\nformula = 'x^2 + y^2'\ndomain = [[-4, 4], [-4, 4]]\n\
                    [[panel.zoom]]\ntime = 0\nx = [-2, 2]\ny = [-2, 2]\n\
                    [[panel.zoom]]\ntime = 1\nx = [-1, 1]\ny = [-1, 1]\n\
                    [[panel.descent]]\nrule = 'gd'\nrate = 0.1\nstart = [1, 1]\nsteps = 100\n";
        let mut app = lab::alone(Experiment::parse(text, "test").expect("valid"));
        app.world_mut().resource_mut::<Playback>().playing = false;
        app.update();
        let mut query = app.world_mut().query::<&PanelSettings>();
        let mut range = |app: &mut App, commands: Vec<Sent>| {
            for command in commands {
                send(app.world_mut(), command);
            }
            app.update();
            let leads = app.world().resource::<RangeLeads>().leads(0);
            (query.single(app.world()).expect("one").0.domain.x, leads)
        };
        let change = |change| Sent::from(ChangeRange { panel: 0, change });
        let closer = |factor| {
            change(RangeChange::Zoom {
                factor,
                at: [0.5; 2],
            })
        };
        let seek = |step| Sent::from(PlaybackCommand::Seek(step));
        assert_eq!(range(&mut app, vec![seek(0.0)]), ([-2.0, 2.0], true));
        // From the range of the moment on, however often within a frame.
        let twice = vec![closer(0.5), closer(0.5)];
        assert_eq!(range(&mut app, twice), ([-0.5, 0.5], false));
        assert_eq!(range(&mut app, vec![seek(100.0)]), ([-0.5, 0.5], false));
        // Undone, it is along the keys.
        let undo = Sent::from(HistoryCommand::Undo);
        assert_eq!(range(&mut app, vec![undo]), ([-1.0, 1.0], true));
        assert_eq!(range(&mut app, vec![closer(2.0)]), ([-2.0, 2.0], false));
        let again = vec![PlaybackCommand::Restart.into(), seek(100.0)];
        assert_eq!(range(&mut app, again), ([-1.0, 1.0], true));
        // As it is typed.
        let world = app.world_mut();
        let edit = Edit::of(world, |e| e.panels[0].domain.x = [-3.0, 3.0]);
        assert_eq!(range(&mut app, vec![edit.into()]), ([-3.0, 3.0], false));
        let follow = |follows| Sent::from(FollowRange { panel: 0, follows });
        assert_eq!(range(&mut app, vec![follow(true)]), ([-1.0, 1.0], true));
        assert_eq!(range(&mut app, vec![follow(false)]), ([-1.0, 1.0], false));
        assert_eq!(range(&mut app, vec![seek(0.0)]), ([-1.0, 1.0], false));
    }
}
