//! Menus in which several things are chosen before one is done.

use bevy_egui::egui;
use egui::containers::menu::{MenuButton, MenuConfig};

/// A button with a menu that stays until a click beside it, or until what is in it closes it.
pub(crate) fn button_ui(
    ui: &mut egui::Ui,
    name: &str,
    contents: impl FnOnce(&mut egui::Ui),
) -> egui::Response {
    let stays = egui::PopupCloseBehavior::CloseOnClickOutside;
    let config = MenuConfig::new().close_behavior(stays);
    MenuButton::new(name).config(config).ui(ui, contents).0
}
