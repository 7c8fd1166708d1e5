//! Playback: the buttons, the scrubber and the speed.

use bevy_egui::egui;

use crate::lab::Playback;
use crate::lab::playback::PlaybackCommand;
use crate::ui::reader::{Edits, LabReader};
use crate::ui::session::{export, picture, recording};
use crate::ui::text::style::panel_frame;
use crate::ui::window::UiState;

const SPEEDS: [(f64, &str); 5] = [
    (0.25, "¼×"),
    (0.5, "½×"),
    (1.0, "1×"),
    (2.0, "2×"),
    (4.0, "4×"),
];

/// Windows narrower than this, in logical pixels, have the speeds in a menu.
const NARROW: f32 = 900.0;

pub(crate) fn show(root: &mut egui::Ui, lab: &LabReader, state: &mut UiState, edits: &mut Edits) {
    egui::Panel::bottom("timeline")
        .frame(panel_frame().fill(root.visuals().panel_fill))
        .resizable(false)
        .exact_size(42.0)
        .show(root, |ui| {
            ui.horizontal_centered(|ui| timeline_ui(ui, lab, state, edits));
        });
}

fn timeline_ui(ui: &mut egui::Ui, lab: &LabReader, state: &mut UiState, edits: &mut Edits) {
    let playback = &lab.playback;
    let mut button = |ui: &mut egui::Ui, text: &str, tip: &str, command: PlaybackCommand| {
        let size = egui::vec2(28.0, 24.0);
        if ui
            .add_sized(size, egui::Button::new(text))
            .on_hover_text(tip)
            .clicked()
        {
            edits.send(command);
        }
    };
    button(ui, "⏮", "To the start (Home)", PlaybackCommand::Seek(0.0));
    button(ui, "◀", "One step back (←)", PlaybackCommand::StepBy(-1));
    let (symbol, tip) = if playback.playing {
        ("⏸", "Pause (space)")
    } else {
        ("▶", "Play (space)")
    };
    button(ui, symbol, tip, PlaybackCommand::Toggle);
    button(ui, "▶|", "One step on (→)", PlaybackCommand::StepBy(1));
    button(
        ui,
        "⏭",
        "To the end (End)",
        PlaybackCommand::Seek(playback.last_step() as f64),
    );
    let last = playback.last_step();
    let digits = last.to_string().len();
    ui.add_space(6.0);
    ui.label(
        egui::RichText::new(format!("step {:>digits$} / {last}", playback.step())).monospace(),
    );
    ui.add_space(6.0);

    // The rest of the row: the scrubber between the step and the speeds, which fold into one menu where there is little
    // room.
    let narrow = ui.ctx().viewport_rect().width() < NARROW;
    let speeds_width = match (lab.recording.0.is_some(), narrow) {
        (false, false) => 447.0,
        (true, false) => 522.0,
        (false, true) => 190.0,
        (true, true) => 265.0,
    };
    let width = (ui.available_width() - speeds_width).max(80.0);
    ui.spacing_mut().slider_width = width;
    let mut position = playback.position();
    let scrubber = egui::Slider::new(&mut position, 0.0..=(last.max(1) as f64))
        .show_value(false)
        .handle_shape(egui::style::HandleShape::Circle);
    let response = ui.add(scrubber).on_hover_text("Drag to any step");
    // A slider takes no notice of a click that came and went within one slow frame.
    if response.clicked()
        && let Some(pointer) = response.interact_pointer_pos()
    {
        let track = response
            .rect
            .shrink2(egui::vec2(response.rect.height() / 2.5, 0.0));
        let share = (pointer.x - track.left()) / track.width().max(1.0);
        position = f64::from(share.clamp(0.0, 1.0)) * last as f64;
    }
    if response.changed() || response.clicked() {
        edits.send(PlaybackCommand::Seek(position));
    }
    ui.add_space(6.0);
    if narrow {
        let now = SPEEDS.iter().find(|(speed, _)| is_now(playback, *speed));
        let name = now.map_or("pace", |(_, text)| text);
        ui.menu_button(name, |ui| speeds_ui(ui, lab, edits))
            .response
            .on_hover_text("The speed of playback, and whether it starts over");
    } else {
        speeds_ui(ui, lab, edits);
    }
    let UiState {
        pictures,
        enlarged,
        recordings,
        files,
        ..
    } = state;
    let has_scene = enlarged.is_none();
    picture::menu_ui(ui, lab, (pictures, has_scene), files, edits);
    if !narrow {
        export::button_ui(ui, lab, &mut pictures.export, files);
    }
    recording::button_ui(ui, lab, recordings, files, edits);
}

fn is_now(playback: &Playback, speed: f64) -> bool {
    (playback.speed - speed).abs() < 1e-9
}

fn speeds_ui(ui: &mut egui::Ui, lab: &LabReader, edits: &mut Edits) {
    let playback = &lab.playback;
    for (speed, text) in SPEEDS {
        let chosen = is_now(playback, speed);
        let tip = format!("Play at {text} the experiment's own pace");
        if ui
            .selectable_label(chosen, text)
            .on_hover_text(tip)
            .clicked()
        {
            edits.send(PlaybackCommand::SetSpeed(speed));
        }
    }
    if ui
        .selectable_label(playback.looping, "loop")
        .on_hover_text("Start over at the end (L)")
        .clicked()
    {
        edits.send(PlaybackCommand::ToggleLoop);
    }
}
