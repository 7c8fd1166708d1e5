//! The interface: panels that edit a copy of the experiment, plots, the contour inset, and the words over the scene.
//! It reads `lab` and sends commands; nothing is computed here.
//!
//! Its rooms, each of which uses only those before it: `text`; `layout`, `reader`, `glyphs` and `highlight`; `map`, `plot`, `page` and
//! `scene`, which show; `editors` and `session`, which change; `window`, which puts them together.

pub mod editors;
pub mod glyphs;
pub mod highlight;
pub mod layout;
pub mod map;
pub mod page;
pub mod plot;
pub mod reader;
pub mod scene;
pub mod session;
pub mod text;
pub mod window;

use bevy::asset::AssetEventSystems;
use bevy::prelude::*;
use bevy_egui::{EguiGlobalSettings, EguiPlugin, EguiPostUpdateSet, EguiPrimaryContextPass};

use crate::lab::Stage;

pub use layout::Layout;
pub use text::fonts::MissingLetters;

pub fn plugin(app: &mut App) {
    app.add_plugins((
        EguiPlugin::default(),
        window::rest::plugin,
        scene::picture::plugin,
    ));
    // Else the renderer hears of a new letter a frame after it is first to be drawn.
    app.configure_sets(
        PostUpdate,
        EguiPostUpdateSet::PostProcessOutput.before(AssetEventSystems),
    );
    // The overlay camera carries the window's only context.
    app.world_mut()
        .resource_mut::<EguiGlobalSettings>()
        .auto_create_primary_context = false;
    app.init_resource::<Layout>()
        .init_resource::<window::UiState>()
        .init_resource::<MissingLetters>()
        .add_systems(Update, window::keys::press_keys.in_set(Stage::Input))
        .add_systems(
            EguiPrimaryContextPass,
            (
                text::style::apply_theme,
                text::fonts::add_fonts,
                window::draw_interface,
            )
                .chain(),
        );
}
