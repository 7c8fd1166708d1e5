//! What is computed: the experiment as entities, their runs, and the landscapes that are shown.

pub mod current;
pub mod data;
pub mod entities;
pub mod excursions;
pub mod field;
pub mod held_out;
pub mod jobs;
pub mod landscapes;
pub mod lowest;
pub mod maps;
pub mod morph;
pub mod narrow;
pub mod readout;
pub mod repeats;
pub mod runs;
pub mod sharpness;
mod track;
pub mod zoom;

use bevy::app::App;

pub use current::CurrentExperiment;
pub use entities::{
    DescentStyle, InPanel, PanelDescents, PanelIndex, PanelObjective, PanelSettings,
};
pub use jobs::{ComputeBudget, FRAME_BUDGET, put_frames_first};
pub use runs::{DescentRun, RunId, RunStamp};

pub(super) fn plugin(app: &mut App) {
    app.add_plugins((
        data::plugin,
        jobs::plugin,
        entities::plugin,
        runs::plugin,
        (lowest::plugin, narrow::plugin, excursions::plugin),
        (repeats::plugin, sharpness::plugin, held_out::plugin),
        morph::plugin,
        landscapes::plugin,
        (track::plugin, zoom::plugin, maps::plugin),
    ));
}
