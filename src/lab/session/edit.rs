//! Changes of the experiment as a whole.

use std::sync::Arc;

use bevy::prelude::*;

use super::data::DataTasks;
use crate::experiment::{DescentSpec, Experiment, ObjectiveSpec, ThemeKind};
use crate::lab::command::{LabCommand, Notice, apply_commands};
use crate::lab::model::CurrentExperiment;
use crate::lab::model::data::Data;
use crate::lab::playback::Playback;
use crate::lab::showing::camera::CameraRig;
use crate::lab::showing::start::SelectedDescent;
use crate::lab::stage::Stage;
use crate::lab::theme::Theme;

/// The experiment as edited: what differs from the current one is built or run again.
#[derive(Debug)]
pub struct Edit(pub Arc<Experiment>);

impl Edit {
    /// What is shown, changed.
    pub fn of(world: &World, change: impl FnOnce(&mut Experiment)) -> Edit {
        let mut experiment = world.resource::<CurrentExperiment>().experiment.clone();
        change(Arc::make_mut(&mut experiment));
        Edit(experiment)
    }
}

impl LabCommand for Edit {
    fn apply(&self, world: &mut World) {
        let experiment = &self.0;
        if experiment.lacks(world.resource::<Data>().set()) {
            // What it is to be is known already: nothing is to be done again once they are there.
            let images = experiment.needs_images();
            DataTasks::load(world, images, None);
        }
        world.resource_mut::<Playback>().set_pace(experiment);
        let mut current = world.resource_mut::<CurrentExperiment>();
        let other_path = current.experiment.camera_keys != experiment.camera_keys;
        current.experiment = experiment.clone();
        current.edited = true;
        if other_path {
            world.resource_mut::<CameraRig>().set_path(experiment);
        }
    }
}

/// A panel shows another objective as it is usual, once its data are there, if it still shows what it showed when this was
/// asked for.
#[derive(Debug, Clone)]
pub struct ShowObjective {
    pub panel: usize,
    pub objective: ObjectiveSpec,
    pub instead_of: ObjectiveSpec,
}

impl LabCommand for ShowObjective {
    fn apply(&self, world: &mut World) {
        if self.objective.lacks(world.resource::<Data>().set()) {
            let images = self.objective.needs_images();
            DataTasks::load(world, images, Some(self.clone().into()));
            return;
        }
        let mut current = world.resource_mut::<CurrentExperiment>();
        let shown = current.experiment.panels.get(self.panel);
        if shown.is_some_and(|shown| shown.objective == self.instead_of) {
            current.edit().panels[self.panel].show(self.objective.clone());
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        (
            keep_sound
                .after(apply_commands)
                .in_set(Stage::Commands)
                .run_if(resource_exists::<CurrentExperiment>),
            follow_experiment.in_set(Stage::Model),
        ),
    );
}

/// What was changed, in whatever way, is brought to what its file would give back, before anything is made of it.
fn keep_sound(mut current: ResMut<CurrentExperiment>, mut notice: ResMut<Notice>) {
    if !current.is_changed() || !current.edited {
        return;
    }
    let mut sound = (*current.experiment).clone();
    let said = sound.mend();
    if sound != *current.experiment {
        current.experiment = sound.into();
    }
    if !said.is_empty() {
        *notice = Notice::bad(said.join("\n"));
    }
}

fn follow_experiment(current: Res<CurrentExperiment>, mut theme: ResMut<Theme>) {
    let kind = current.experiment.view.theme;
    if theme.kind != kind {
        *theme = Theme::new(kind);
    }
}

#[derive(Debug)]
pub struct SetTheme(pub ThemeKind);

impl LabCommand for SetTheme {
    fn apply(&self, world: &mut World) {
        let mut current = world.resource_mut::<CurrentExperiment>();
        current.edit().view.theme = self.0;
    }
}

/// The steps of the selected descent of a panel, else of all that are shown: explained, unless one of them is already.
#[derive(Debug)]
pub struct ToggleExplain {
    pub panel: usize,
}

impl LabCommand for ToggleExplain {
    fn apply(&self, world: &mut World) {
        let selected = world.resource::<SelectedDescent>().0;
        let mut current = world.resource_mut::<CurrentExperiment>();
        if let Some(panel) = current.edit().panels.get_mut(self.panel) {
            toggle_explain(&mut panel.descents, selected);
        }
        let experiment = current.experiment.clone();
        world.resource_mut::<Playback>().set_pace(&experiment);
    }
}

/// All that are shown, or the one that is selected: explained, unless one of them is already.
fn toggle_explain(descents: &mut [DescentSpec], selected: Option<usize>) {
    let is_meant = |index: usize, descent: &DescentSpec| match selected {
        Some(selected) => index == selected,
        None => descent.shown,
    };
    let mut meant: Vec<&mut DescentSpec> = descents
        .iter_mut()
        .enumerate()
        .filter(|(index, descent)| is_meant(*index, descent))
        .map(|(_, descent)| descent)
        .collect();
    let explained = !meant.iter().any(|descent| descent.explained);
    for descent in &mut meant {
        descent.explained = explained;
    }
}
