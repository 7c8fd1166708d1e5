//! Words that fit: in one line or a few, elided where their room ends, and where nothing else stands.

use bevy_egui::egui;

/// A text of any kind in one line.
pub(crate) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// A label in a row, elided beyond a width.
pub(crate) fn label_within(ui: &mut egui::Ui, text: &str, width: f32) {
    let size = egui::vec2(width, ui.spacing().interact_size.y);
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.add(egui::Label::new(one_line(text)).truncate());
    });
}
