//! What a person or a program asks of the lab. The panels edit a copy of the experiment and send it whole; the lab
//! finds out what changed. So there is one way in, and nothing is changed behind anybody's back.

use std::path::PathBuf;

use bevy::prelude::*;

use super::model::CurrentExperiment;
use crate::experiment::{DescentSpec, Experiment, ObjectiveSpec, ThemeKind, ViewPreset};
use crate::lab::Stage;
use crate::lab::model::morph::Motion;
use crate::lab::model::repeats::RepeatCount;
use crate::lab::session::data::Data;
use crate::lab::session::data::Errands;
use crate::lab::session::history::undo_and_redo;
use crate::lab::session::picture::PictureWish;
use crate::lab::session::recording::RecordingWish;
use crate::lab::showing::camera::CameraRig;
use crate::lab::showing::camera_path::add_key;
use crate::lab::showing::highlight::PathAhead;
use crate::lab::showing::playback::Playback;
use crate::lab::showing::range::{RangeChange, change_ranges};
use crate::lab::showing::start::{SelectedDescent, set_starts};

#[derive(Message, Debug, Clone)]
pub enum LabCommand {
    /// Show another experiment, by a built-in's name or a path.
    Open(String),
    /// Write the experiment to this file, which becomes its source.
    Save(PathBuf),
    /// The experiment as edited: what differs from the current one is rebuilt or run again.
    Edit(Box<Experiment>),
    /// A panel shows another objective as it is usual, once its data are there, if it still shows what it showed when this
    /// was asked for.
    Show {
        panel: usize,
        objective: ObjectiveSpec,
        instead_of: ObjectiveSpec,
    },
    /// Play or pause.
    TogglePlay,
    /// Show this step (fractions lie between two iterates); pauses.
    Seek(f64),
    /// Steps forward or back by whole steps; pauses.
    StepBy(i64),
    /// Forward or back by phases of a step that is explained, else by steps; pauses.
    PhaseBy(i64),
    /// Whether the selected descent of a panel, else all that are shown, are explained.
    ToggleExplain {
        panel: usize,
    },
    /// To the first step and on.
    Restart,
    /// Playback speed, a factor on the experiment's own.
    SetSpeed(f64),
    ToggleLoop,
    /// Glide the camera to a named view.
    LookFrom(ViewPreset),
    ToggleOrthographic,
    ToggleTurntable,
    SetTheme(ThemeKind),
    /// Another range for a panel's axes.
    ChangeRange {
        panel: usize,
        change: RangeChange,
    },
    /// Descents begin at this point of a panel's landscape: the selected one, or all.
    SetStart {
        panel: usize,
        at: [f64; 2],
    },
    /// Which descent of the panel in focus is selected; `None` for all.
    Select(Option<usize>),
    /// How often descents with random gradients are run again, with other seeds.
    SetRepeats(usize),
    /// Draw paths on, faintly, beyond the step shown.
    SetPathAhead(bool),
    Undo,
    Redo,
    /// The camera's pose as a key of its path, at the time of playback.
    AddCameraKey,
    ClearCameraKeys,
    /// Whether the camera goes along its path.
    FollowPath(bool),
    /// A picture of what is shown.
    TakePicture(PictureWish),
    /// Begin to record the window.
    Record(RecordingWish),
    /// End the recording and keep it.
    StopRecording,
    CancelRecording,
    /// Show a folder in the platform's file manager.
    OpenFolder(PathBuf),
    /// Whether things may move by themselves.
    ReduceMotion(bool),
    /// Download the data set, in the background.
    FetchData,
    CancelFetch,
}

/// So long good news is shown.
const GOOD_NEWS_SECONDS: f32 = 5.0;

/// The last thing that went wrong, or was done beside the frames, for the interface to show until the next command.
#[derive(Resource, Debug, Default)]
pub struct Notice {
    pub text: Option<String>,
    pub is_good: bool,
    /// Where what was done lies.
    pub folder: Option<PathBuf>,
}

impl Notice {
    pub fn bad(error: impl ToString) -> Notice {
        Notice {
            text: Some(error.to_string()),
            is_good: false,
            folder: None,
        }
    }

    pub fn good(text: String) -> Notice {
        Notice {
            text: Some(text),
            is_good: true,
            folder: None,
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_message::<LabCommand>()
        .init_resource::<Notice>()
        .init_resource::<SelectedDescent>()
        .add_systems(Update, forget_good_news.in_set(Stage::View))
        .add_systems(
            Update,
            (apply_commands, change_ranges, set_starts, undo_and_redo)
                .chain()
                .in_set(Stage::Model),
        );
}

/// What went well need not be said for long; what went wrong stays.
fn forget_good_news(
    mut notice: ResMut<Notice>,
    mut seconds: Local<f32>,
    // A window at rest draws less often than the other clock may tick.
    time: Res<Time<Real>>,
) {
    if notice.is_changed() {
        *seconds = 0.0;
    }
    if notice.is_good {
        *seconds += time.delta_secs();
        if *seconds > GOOD_NEWS_SECONDS {
            *notice = Notice::default();
        }
    }
}

pub(super) fn apply_commands(
    mut commands: MessageReader<LabCommand>,
    mut current: ResMut<CurrentExperiment>,
    mut playback: ResMut<Playback>,
    mut rig: ResMut<CameraRig>,
    mut notice: ResMut<Notice>,
    (data, mut errands): (Res<Data>, ResMut<Errands>),
    (mut selected, mut repeats, mut ahead, mut motion): (
        ResMut<SelectedDescent>,
        ResMut<RepeatCount>,
        ResMut<PathAhead>,
        ResMut<Motion>,
    ),
) {
    for command in commands.read() {
        if notice.text.is_some() {
            *notice = Notice::default();
        }
        match command {
            LabCommand::Open(name) => match Experiment::load(name) {
                Ok(experiment) if experiment.needs_data() && data.set().is_none() => {
                    errands.load(&data, Some(command.clone()));
                }
                Ok(experiment) => {
                    errands.forget_what_waits();
                    rig.open(&experiment);
                    playback.open(&experiment);
                    *current = CurrentExperiment::new(name.clone(), experiment);
                }
                Err(error) => *notice = Notice::bad(error),
            },
            LabCommand::Show { objective, .. }
                if objective.needs_data() && data.set().is_none() =>
            {
                errands.load(&data, Some(command.clone()));
            }
            LabCommand::Show {
                panel,
                objective,
                instead_of,
            } => {
                let shown = current.experiment.panels.get_mut(*panel);
                if let Some(shown) = shown.filter(|shown| shown.objective == *instead_of) {
                    shown.show(objective.clone());
                    current.edited = true;
                }
            }
            LabCommand::Edit(experiment) => {
                if experiment.needs_data() && data.set().is_none() {
                    // What it is to be is known already: nothing is to be done again once they are there.
                    errands.load(&data, None);
                }
                playback.set_pace(experiment);
                if current.experiment.camera_keys != experiment.camera_keys {
                    rig.set_path(experiment);
                }
                current.experiment = (**experiment).clone();
                current.edited = true;
            }
            LabCommand::TogglePlay => playback.toggle(),
            LabCommand::Seek(position) => playback.seek(*position),
            LabCommand::StepBy(steps) => playback.step_by(*steps),
            LabCommand::PhaseBy(phases) => playback.phase_by(*phases),
            LabCommand::ToggleExplain { panel } => {
                let experiment = &mut current.experiment;
                if let Some(panel) = experiment.panels.get_mut(*panel) {
                    toggle_explain(&mut panel.descents, selected.0);
                    playback.set_pace(experiment);
                    current.edited = true;
                }
            }
            LabCommand::Restart => playback.restart(),
            LabCommand::SetSpeed(speed) => playback.speed = *speed,
            LabCommand::ToggleLoop => playback.looping = !playback.looping,
            LabCommand::LookFrom(preset) => rig.glide_to(*preset),
            LabCommand::ToggleOrthographic => rig.toggle_orthographic(),
            LabCommand::ToggleTurntable => rig.toggle_turntable(),
            LabCommand::SetTheme(kind) => {
                current.experiment.view.theme = *kind;
                current.edited = true;
            }
            LabCommand::AddCameraKey => {
                let pose = rig.pose;
                let seconds = playback.seconds();
                add_key(&mut current.experiment.camera_keys, seconds, &pose);
                current.edited = true;
                rig.set_path(&current.experiment);
            }
            LabCommand::ClearCameraKeys => {
                current.experiment.camera_keys.clear();
                current.edited = true;
                rig.set_path(&current.experiment);
            }
            LabCommand::OpenFolder(folder) => {
                if let Err(error) = open::that_detached(folder) {
                    *notice = Notice::bad(format!("cannot open {}: {error}", folder.display()));
                }
            }
            LabCommand::ReduceMotion(reduced) => {
                motion.reduced = *reduced;
                if motion.reduced {
                    rig.touch();
                }
            }
            LabCommand::FollowPath(follows) => rig.follow(*follows),
            LabCommand::Select(descent) => selected.0 = *descent,
            LabCommand::SetRepeats(count) => repeats.0 = *count,
            LabCommand::SetPathAhead(drawn) => ahead.0 = *drawn,
            // Other systems do these: they know the files, the paths, the selection and the past.
            LabCommand::Save(_)
            | LabCommand::ChangeRange { .. }
            | LabCommand::SetStart { .. }
            | LabCommand::TakePicture(_)
            | LabCommand::Record(_)
            | LabCommand::StopRecording
            | LabCommand::CancelRecording
            | LabCommand::Undo
            | LabCommand::Redo => {}
            LabCommand::FetchData => errands.fetch(&data),
            LabCommand::CancelFetch => errands.cancel_fetch(),
        }
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
