//! The recording that a person makes of the window: what is asked for, and how it stands.

use std::path::PathBuf;

use bevy::prelude::*;

use crate::lab::command::LabCommand;

/// A video of the window.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordingWish {
    /// Its ending says how it is encoded.
    pub file: PathBuf,
    /// The window is brought to this size, in pixels; `None` leaves it as it is.
    pub size: Option<[u32; 2]>,
}

/// What is asked of the recording; `record` does it.
#[derive(Message, Debug, Clone, PartialEq)]
pub enum RecordingCommand {
    Begin(RecordingWish),
    /// End it and keep it.
    Stop,
    /// End it and keep nothing.
    Cancel,
}

impl LabCommand for RecordingCommand {
    fn apply(&self, world: &mut World) {
        world.write_message(self.clone());
    }
}

/// Written by `record`, shown by `ui`.
#[derive(Resource, Debug, Clone, Default, PartialEq)]
pub struct RecordingState(pub Option<RecordingNow>);

#[derive(Debug, Clone, PartialEq)]
pub struct RecordingNow {
    pub seconds: f64,
    pub bytes: u64,
    /// Stopped; what was recorded is being brought to its file.
    pub is_ending: bool,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<RecordingState>()
        .add_message::<RecordingCommand>();
}
