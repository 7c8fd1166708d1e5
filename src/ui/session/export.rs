//! The button that makes pages, models and figures.

use bevy_egui::egui;

use super::files::Files;
use crate::ui::reader::LabReader;

/// Asks where to; while a file is being made, it says so.
pub(crate) fn button_ui(ui: &mut egui::Ui, lab: &LabReader, files: &mut Files) {
    let busy = lab.exporting.busy();
    let button = egui::Button::new(if busy { "exporting…" } else { "export" });
    let button = ui.add_enabled(!busy, button).on_hover_text(
        "An interactive page that needs no network (.html), a 3-D model (.glb), or the contours as a figure for a paper (.svg, .pdf)",
    );
    if button.clicked() {
        files.ask_to_export(lab);
    }
}
