//! A line of text that is taken once it is complete: halfway through, a name may be that of something else.

use bevy_egui::egui;

/// What is being typed, and what stood there before.
#[derive(Clone, Default)]
struct Typed {
    before: String,
    line: String,
}

/// Edits the text, as wide as there is room. It is taken when the field is left, but not by Escape.
pub(crate) fn completed(ui: &mut egui::Ui, text: &mut String) -> egui::Response {
    let id = ui.next_auto_id().with("completed");
    let typed = ui.data_mut(|data| data.remove_temp::<Typed>(id));
    // What has come to stand there meanwhile is not what is being edited.
    let typed = typed.filter(|typed| typed.before == *text);
    let is_typing = typed.is_some();
    let mut line = typed.map_or_else(|| text.clone(), |typed| typed.line);
    let width = ui.available_width();
    let edit = egui::TextEdit::singleline(&mut line).id(id);
    let response = ui.add(edit.desired_width(width));
    if response.has_focus() {
        let before = text.clone();
        ui.data_mut(|data| data.insert_temp(id, Typed { before, line }));
    } else if is_typing && !ui.input(|input| input.key_pressed(egui::Key::Escape)) {
        *text = line;
    }
    response
}
