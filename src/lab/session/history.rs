//! Undo and redo: what was shown before each change. All that changes while a button of the mouse is held is one change,
//! and so are changes that follow one another quickly.

use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::*;

use crate::experiment::Source;
use crate::lab::command::LabCommand;
use crate::lab::model::CurrentExperiment;
use crate::lab::playback::Playback;
use crate::lab::showing::camera::CameraRig;
use crate::lab::showing::overlay::PointerFocus;
use crate::lab::stage::Stage;

/// Changes nearer to each other than this are one step back.
const TOGETHER: Duration = Duration::from_millis(700);
/// Steps back that are kept.
const MOST: usize = 200;

/// What can be undone and redone.
#[derive(Resource, Debug, Default)]
pub struct EditHistory {
    past: Vec<CurrentExperiment>,
    future: Vec<CurrentExperiment>,
    /// What was shown when this was last looked at.
    shown: Option<CurrentExperiment>,
    /// Since the program began.
    changed_at: Option<Duration>,
    /// Whether a button has been held since the last change.
    held: bool,
}

impl EditHistory {
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// Takes note of what is shown now as if it had been shown before: no change of a person's.
    pub(super) fn take_for_granted(&mut self, now: &CurrentExperiment) {
        self.shown = Some(now.clone());
    }

    /// What is shown has another file from now on, and so has what it was and may be again.
    pub(super) fn is_saved_as(&mut self, before: &Source, now: &Source) {
        let is_of_it = |state: &&mut CurrentExperiment| state.source == *before;
        // What was opened before, or would be again, has its own.
        let past = self.past.iter_mut().rev().take_while(is_of_it);
        let future = self.future.iter_mut().rev().take_while(is_of_it);
        let shown = self.shown.iter_mut().filter(is_of_it);
        for state in past.chain(future).chain(shown) {
            state.source.clone_from(now);
        }
    }

    /// Takes note of what is shown now, and whether a button is held.
    fn note(&mut self, now: &CurrentExperiment, at: Duration, held: bool) {
        let Some(shown) = self.shown.as_mut() else {
            self.shown = Some(now.clone());
            return;
        };
        let same =
            Arc::ptr_eq(&shown.experiment, &now.experiment) || shown.experiment == now.experiment;
        if same {
            // Saved, perhaps, or found to be what a file holds.
            *shown = now.clone();
            return;
        }
        let before = std::mem::replace(shown, now.clone());
        let soon = |last| at.saturating_sub(last) < TOGETHER;
        let goes_on = (self.held || self.changed_at.is_some_and(soon))
            && before.source == now.source
            && self.can_undo();
        self.changed_at = Some(at);
        self.held = held;
        self.future.clear();
        if !goes_on {
            self.past.push(before);
            if self.past.len() > MOST {
                self.past.remove(0);
            }
        }
    }

    fn undo(&mut self) -> Option<CurrentExperiment> {
        let before = self.past.pop()?;
        self.future.extend(self.shown.replace(before.clone()));
        (self.changed_at, self.held) = (None, false);
        Some(before)
    }

    fn redo(&mut self) -> Option<CurrentExperiment> {
        let after = self.future.pop()?;
        self.past.extend(self.shown.replace(after.clone()));
        (self.changed_at, self.held) = (None, false);
        Some(after)
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<EditHistory>().add_systems(
        Update,
        note_changes
            .in_set(Stage::Compute)
            .run_if(resource_exists::<CurrentExperiment>),
    );
}

fn note_changes(
    current: Res<CurrentExperiment>,
    focus: Res<PointerFocus>,
    time: Res<Time<Real>>,
    mut history: ResMut<EditHistory>,
) {
    if current.is_changed() {
        history.note(&current, time.elapsed(), focus.pressed);
    } else if history.held && !focus.pressed {
        history.held = false;
    }
}

/// One change back, or forward again.
#[derive(Debug)]
pub enum HistoryCommand {
    Undo,
    Redo,
}

impl LabCommand for HistoryCommand {
    fn apply(&self, world: &mut World) {
        let current = world.resource::<CurrentExperiment>().clone();
        let now = world.resource::<Time<Real>>().elapsed();
        let held = world.resource::<PointerFocus>().pressed;
        let mut history = world.resource_mut::<EditHistory>();
        // What was changed in this very frame is a change, too.
        history.note(&current, now, held);
        let other = match self {
            HistoryCommand::Undo => history.undo(),
            HistoryCommand::Redo => history.redo(),
        };
        let Some(other) = other else { return };
        if other.source == current.source {
            world.resource_mut::<Playback>().set_pace(&other.experiment);
            world
                .resource_mut::<CameraRig>()
                .set_path(&other.experiment);
        } else {
            world.resource_mut::<Playback>().open(&other.experiment);
            world.resource_mut::<CameraRig>().open(&other.experiment);
        }
        // The file, if it has one, may hold either.
        world.insert_resource(CurrentExperiment {
            edited: true,
            ..other
        });
    }
}

#[cfg(test)]
mod tests {
    use bevy::time::TimeUpdateStrategy;

    use super::*;
    use crate::experiment::{Experiment, Source};
    use crate::lab;
    use crate::lab::command::send;
    use crate::lab::session::edit::Edit;

    fn shown(title: &str) -> CurrentExperiment {
        let mut experiment = Experiment::load("bowl").expect("a built-in");
        experiment.title = title.to_owned();
        CurrentExperiment::new(Source::named("bowl"), experiment)
    }

    fn title(shown: Option<CurrentExperiment>) -> Option<String> {
        shown.map(|shown| shown.experiment.title.clone())
    }

    /// A history of changes, each so many milliseconds after the first.
    fn history(changes: &[(&str, u64)]) -> EditHistory {
        let mut history = EditHistory::default();
        for (name, at) in changes {
            history.note(&shown(name), Duration::from_millis(*at), false);
        }
        history
    }

    #[test]
    fn changes_are_undone_and_redone_in_order() {
        let mut history = history(&[("a", 0), ("b", 2000), ("c", 4000)]);
        assert_eq!(title(history.undo()).as_deref(), Some("b"));
        assert_eq!(title(history.undo()).as_deref(), Some("a"));
        assert!(!history.can_undo() && history.undo().is_none());
        assert_eq!(title(history.redo()).as_deref(), Some("b"));
        assert_eq!(title(history.redo()).as_deref(), Some("c"));
        assert!(!history.can_redo());
    }

    #[test]
    fn changes_in_quick_succession_are_one() {
        let mut history = history(&[("a", 0), ("b", 2000), ("c", 2100), ("d", 2200), ("e", 5000)]);
        assert_eq!(title(history.undo()).as_deref(), Some("d"));
        assert_eq!(title(history.undo()).as_deref(), Some("a"));
    }

    #[test]
    fn a_drag_is_one_change_however_slow() {
        let mut history = history(&[("a", 0), ("b", 2000)]);
        let began = Duration::from_secs(9);
        for (second, name, held) in [
            (0, "c", true),
            (9, "d", true),
            (18, "e", true),
            (27, "f", false),
        ] {
            history.note(&shown(name), began + Duration::from_secs(second), held);
        }
        history.note(&shown("g"), began + Duration::from_secs(36), false);
        for before in ["f", "b", "a"] {
            assert_eq!(title(history.undo()).as_deref(), Some(before));
        }
    }

    #[test]
    fn a_new_change_ends_what_could_be_redone() {
        let mut history = history(&[("a", 0), ("b", 2000)]);
        history.undo();
        history.note(&shown("c"), Duration::from_secs(9), false);
        assert!(!history.can_redo());
        assert_eq!(title(history.undo()).as_deref(), Some("a"));
    }

    #[test]
    fn what_is_shown_again_is_no_change() {
        let history = history(&[("a", 0), ("a", 2000), ("a", 4000)]);
        assert!(!history.can_undo());
    }

    #[test]
    fn what_is_saved_as_another_file_stays_in_it_when_it_is_undone() {
        let file = |name: &str| Source::File(name.into());
        let state = |source: &Source, name: &str| CurrentExperiment {
            source: source.clone(),
            ..shown(name)
        };
        let [other, old, new] = ["other.toml", "old.toml", "new.toml"].map(file);
        let mut history = EditHistory::default();
        let states = [(&other, "a"), (&old, "b"), (&old, "c"), (&old, "d")];
        for (second, (source, name)) in (0..).zip(states) {
            history.note(&state(source, name), Duration::from_secs(9 * second), false);
        }
        history.undo();
        history.is_saved_as(&old, &new);
        // Saved, it is the same as before.
        history.note(&state(&new, "c"), Duration::from_secs(99), false);
        let source = |shown: Option<CurrentExperiment>| shown.map(|shown| shown.source);
        assert_eq!(source(history.redo()), Some(new.clone()));
        assert_eq!(title(history.undo()).as_deref(), Some("c"));
        assert_eq!(source(history.undo()), Some(new));
        assert_eq!(source(history.undo()), Some(other));
    }

    #[test]
    fn undo_after_a_long_drag_is_one_step_back() {
        let experiment = Experiment::load("bowl").expect("a built-in");
        let mut app = lab::alone(experiment.clone());
        let second = TimeUpdateStrategy::ManualDuration(Duration::from_secs(1));
        app.insert_resource(second).update();
        for rate in 1..=40 {
            app.world_mut().resource_mut::<PointerFocus>().pressed = rate < 40;
            let mut edited = experiment.clone();
            edited.panels[0].descents[0].plan.rate = f64::from(rate) / 1000.0;
            send(app.world_mut(), Edit(Arc::new(edited)));
            app.update();
        }
        send(app.world_mut(), HistoryCommand::Undo);
        app.update();
        let current = app.world().resource::<CurrentExperiment>();
        assert_eq!(*current.experiment, experiment);
        assert!(!app.world().resource::<EditHistory>().can_undo());
    }
}
