//! The model of what is shown, as ECS data: the experiment becomes panel and descent entities, playback says which
//! step is seen, the camera pose says from where. `view`, `ui` and `record` meet here and nowhere else.

pub mod command;
pub mod model;
pub mod session;
pub mod showing;

use bevy::prelude::*;

pub use command::LabCommand;
pub use model::excursions::Excursions;
pub use model::field::{Field, Scenery};
pub use model::morph::Motion;
pub use model::readout::Readout;
pub use model::repeats::{RepeatCount, Repeats};
pub use model::{
    CurrentExperiment, DescentRun, DescentStyle, InPanel, PanelIndex, RunId, RunStamp,
};
pub use session::data::{Data, Errands};
pub use session::history::EditHistory;
pub use session::keeping::Keeping;
pub use session::recording::RecordingState;
pub use showing::camera::{CameraPose, CameraRig};
pub use showing::highlight::{HighlightPlace, HighlightedStep, Iterate, PathAhead};
pub use showing::overlay::{
    Label, LabelKind, Overlay, Pointed, PointedAt, PointerFocus, Viewports,
};
pub use showing::playback::Playback;
pub use showing::range::RangeChange;
pub use showing::start::SelectedDescent;
pub use showing::theme::Theme;

/// The lab alone, with an experiment of functions and nothing that draws it.
#[cfg(test)]
pub(crate) fn alone(experiment: crate::experiment::Experiment) -> App {
    let mut app = App::new();
    app.add_plugins((MinimalPlugins, plugin))
        .insert_resource(Data::default())
        .insert_resource(Playback::new(&experiment))
        .insert_resource(CameraRig::new(&experiment).at_rest())
        .insert_resource(CurrentExperiment::new("test".to_owned(), experiment));
    app
}

/// The order of everything that happens in `Update`: one list, one place.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Read keys, mouse and messages; send commands.
    Input,
    /// Apply commands; bring the entities in line with the experiment.
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

pub fn plugin(app: &mut App) {
    app.configure_sets(
        Update,
        (
            Stage::Input,
            Stage::Model,
            Stage::Compute,
            Stage::Playback,
            Stage::Explain,
            Stage::View,
        )
            .chain(),
    );
    app.add_plugins((
        command::plugin,
        model::plugin,
        showing::plugin,
        session::plugin,
    ));
}
