//! What of it is shown, and how: which step, from where, in which colours, what is pointed at and selected.

pub mod camera;
pub mod camera_path;
pub mod curvature;
pub mod explain;
pub mod glyphs;
pub mod highlight;
pub mod limits;
pub mod map_cell;
pub mod map_picture;
pub mod net;
pub mod overlay;
pub mod phases;
pub mod range;
pub mod scene_picture;
pub mod start;
pub mod units;

use bevy::app::App;

pub(super) fn plugin(app: &mut App) {
    app.add_plugins((
        camera::plugin,
        overlay::plugin,
        highlight::plugin,
        (explain::plugin, limits::plugin),
        (curvature::plugin, net::plugin, units::plugin),
        (start::plugin, map_picture::plugin, map_cell::plugin),
    ));
}
