//! A person's session: undo, files, downloads, pictures and recordings asked for.

pub mod data;
pub mod edit;
pub mod export;
mod fit;
pub mod history;
pub mod persistence;
pub mod picture;
pub mod recording;
pub mod tune;
pub mod watch;

use bevy::app::App;

pub(super) fn plugin(app: &mut App) {
    app.add_plugins((
        data::plugin,
        (edit::plugin, export::plugin),
        history::plugin,
        persistence::plugin,
        picture::plugin,
        (recording::plugin, tune::plugin, watch::plugin, fit::plugin),
    ));
}
