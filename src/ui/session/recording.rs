//! The record button: where a video of the window goes, and how it stands.

use bevy_egui::egui;

use super::files::Files;
use super::menu;
use crate::lab::session::persistence::FileCommand;
use crate::lab::session::recording::RecordingCommand;
use crate::ui::reader::{Edits, LabReader};
use crate::ui::text::style::color32;

/// Sizes that the window can be brought to while it is recorded, in pixels.
const SIZES: [Option<[u32; 2]>; 4] = [
    None,
    Some([1280, 720]),
    Some([1920, 1080]),
    Some([2560, 1440]),
];

#[derive(Default)]
pub(crate) struct RecordMenu {
    size: Option<[u32; 2]>,
}

pub(crate) fn button_ui(
    ui: &mut egui::Ui,
    lab: &LabReader,
    wish: &mut RecordMenu,
    files: &mut Files,
    edits: &mut Edits,
) {
    let Some(now) = &lab.recording.0 else {
        menu::button_ui(ui, "record", |ui| menu_ui(ui, lab, wish, files))
            .on_hover_text("Record a video of the window, as you use it");
        return;
    };
    if now.is_ending {
        ui.add_enabled(false, egui::Button::new("saving…"));
        return;
    }
    let seconds = now.seconds as u64;
    let text = format!(
        "⏹ {}:{:02} · {:.1} MB",
        seconds / 60,
        seconds % 60,
        now.bytes as f64 / 1e6
    );
    let text = egui::RichText::new(text).color(color32(lab.theme.warning));
    if ui
        .button(text)
        .on_hover_text("Recording. Click to stop and keep it.")
        .clicked()
    {
        edits.send(RecordingCommand::Stop);
    }
    if ui
        .small_button("✖")
        .on_hover_text("Stop, and keep nothing")
        .clicked()
    {
        edits.send(RecordingCommand::Cancel);
    }
}

fn menu_ui(ui: &mut egui::Ui, lab: &LabReader, wish: &mut RecordMenu, files: &mut Files) {
    ui.strong("The window, as you use it");
    for size in SIZES {
        let text = match size {
            None => "at its own size".to_owned(),
            Some([width, height]) => format!("at {width} × {height}"),
        };
        ui.radio_value(&mut wish.size, size, text);
    }
    let tip = "30 frames a second, without sound. Tab hides the interface. For exact frame rates and other \
               layouts: steepest record";
    if ui.button("● start…").on_hover_text(tip).clicked() {
        files.ask_for_recording(lab, wish.size);
        ui.close();
    }
}

/// Under good news of a file: the way to it.
pub(crate) fn folder_ui(
    ctx: &egui::Context,
    lab: &LabReader,
    scene: egui::Rect,
    edits: &mut Edits,
) {
    let Some(folder) = &lab.notice.folder else {
        return;
    };
    egui::Area::new("folder".into())
        .fixed_pos(scene.center() + egui::vec2(0.0, 40.0))
        .pivot(egui::Align2::CENTER_CENTER)
        .show(ctx, |ui| {
            let tip = folder.display().to_string();
            if ui.button("open folder").on_hover_text(tip).clicked() {
                edits.send(FileCommand::ShowFolder(folder.clone()));
            }
        });
}
