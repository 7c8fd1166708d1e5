//! The model of what is shown, as ECS data: the experiment becomes panel and descent entities, playback says which
//! step is seen, the camera pose says from where. `view`, `ui` and `record` meet here and nowhere else.

pub mod command;
pub mod model;
pub mod playback;
pub mod session;
pub mod showing;
pub mod stage;
pub mod theme;
pub mod timeline;

use bevy::prelude::*;

pub use command::{Commander, LabCommand, Sent};
pub use model::data::Data;
pub use model::excursions::Excursions;
pub use model::field::{Field, PanelLandscape};
pub use model::morph::Motion;
pub use model::readout::Readout;
pub use model::repeats::{RepeatCount, Repeats};
pub use model::{
    CurrentExperiment, DescentRun, DescentStyle, InPanel, PanelIndex, RunId, RunStamp,
};
pub use playback::Playback;
pub use session::data::DataTasks;
pub use session::history::EditHistory;
pub use session::persistence::Persistence;
pub use session::recording::RecordingState;
pub use showing::camera::{CameraPose, CameraRig};
pub use showing::highlight::{HighlightPlace, HighlightedStep, Iterate, PathAhead};
pub use showing::overlay::{
    Label, LabelKind, Overlay, Pointed, PointedAt, PointerFocus, Viewports,
};
pub use showing::range::RangeChange;
pub use showing::start::SelectedDescent;
pub use stage::Stage;
pub use theme::Theme;

/// The lab alone, with an experiment of functions and nothing that draws it.
#[cfg(test)]
pub(crate) fn alone(experiment: crate::experiment::Experiment) -> App {
    let mut app = App::new();
    app.add_plugins((MinimalPlugins, plugin))
        .insert_resource(Data::default())
        .insert_resource(Playback::new(&experiment))
        .insert_resource(CameraRig::new(&experiment).at_rest())
        .insert_resource(CurrentExperiment::new(
            crate::experiment::Source::named("test"),
            experiment,
        ));
    app
}

pub fn plugin(app: &mut App) {
    app.add_plugins((
        stage::plugin,
        theme::plugin,
        command::plugin,
        playback::plugin,
        model::plugin,
        showing::plugin,
        session::plugin,
    ));
}
