//! The order of everything that happens in a frame.

use bevy::prelude::*;

/// The order of everything that happens in `Update`: one list, one place.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Read keys, mouse and messages; send commands.
    Input,
    /// Apply commands, in the order in which they were sent.
    Commands,
    /// Bring the entities in line with the experiment.
    Model,
    /// Compute iterates ahead of playback.
    Compute,
    /// Advance the clock and the camera.
    Playback,
    /// Take the step shown apart.
    Explain,
    /// Place what is drawn; publish labels.
    View,
}

pub(super) fn plugin(app: &mut App) {
    app.configure_sets(
        Update,
        (
            Stage::Input,
            Stage::Commands,
            Stage::Model,
            Stage::Compute,
            Stage::Playback,
            Stage::Explain,
            Stage::View,
        )
            .chain(),
    );
}
