//! The model of what is shown, as ECS data: the experiment becomes panel and descent entities, playback says which
//! step is seen, the camera pose says from where. `view`, `ui` and `record` meet here and nowhere else.

pub mod camera;
pub mod camera_path;
pub mod command;
pub mod data;
pub mod excursions;
pub mod field;
pub mod highlight;
pub mod history;
mod jobs;
pub mod keeping;
pub mod landscapes;
pub mod lowest;
pub mod model;
pub mod morph;
pub mod narrow;
pub mod overlay;
pub mod picture;
pub mod playback;
pub mod range;
pub mod readout;
pub mod recording;
pub mod repeats;
pub mod start;
pub mod theme;

use bevy::prelude::*;

pub use camera::{CameraPose, CameraRig};
pub use command::LabCommand;
pub use data::{Data, Errands};
pub use excursions::Excursions;
pub use field::{Field, Scenery};
pub use highlight::{HighlightPlace, HighlightedStep, Iterate, PathAhead};
pub use history::EditHistory;
pub use keeping::Keeping;
pub use model::{
    CurrentExperiment, DescentRun, DescentStyle, InPanel, PanelIndex, RunId, RunStamp,
};
pub use morph::Motion;
pub use overlay::{Label, LabelKind, Overlay, Pointed, PointedAt, PointerFocus, Viewports};
pub use playback::Playback;
pub use range::RangeChange;
pub use readout::Readout;
pub use recording::RecordingState;
pub use repeats::{RepeatCount, Repeats};
pub use start::SelectedDescent;
pub use theme::Theme;

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
            Stage::View,
        )
            .chain(),
    );
    app.add_plugins((
        command::plugin,
        data::plugin,
        model::plugin,
        (lowest::plugin, narrow::plugin, excursions::plugin),
        repeats::plugin,
        morph::plugin,
        history::plugin,
        keeping::plugin,
        playback::plugin,
        recording::plugin,
        landscapes::plugin,
        camera::plugin,
        overlay::plugin,
        highlight::plugin,
        theme::plugin,
    ));
}
