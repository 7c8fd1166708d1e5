//! What of a recorded run is looked at, and what is known of it and of its paths.

use bevy_egui::egui;

use crate::experiment::{DescentSpec, Panel, RecordedQuantity, RecordedSpec};

/// Says what the file is, and lets another of its grids be the landscape.
pub(crate) fn recorded_ui(ui: &mut egui::Ui, panel: &mut Panel) {
    let Some(spec) = panel.objective.as_kind::<RecordedSpec>() else {
        return;
    };
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        ui.label("height");
        for (_, quantity) in RecordedQuantity::NAMED {
            let is_shown = spec.quantity() == quantity;
            let there = spec.has(quantity);
            let button = egui::Button::selectable(is_shown, quantity.title());
            let button = ui.add_enabled(there, button);
            let button = button.on_disabled_hover_text("The run file has no such grid");
            if button.clicked() && !is_shown {
                chosen = spec.showing(quantity);
            }
        }
    });
    if let Some(recording) = spec.recording() {
        let (cols, rows) = (recording.u.len(), recording.v.len());
        ui.weak(format!("{cols}×{rows} nodes"))
            .on_hover_text(spec.path().display().to_string());
        if let Some(progress) = panel.objective.progress() {
            ui.weak(progress);
        }
    }
    let own = match spec.quantity() {
        RecordedQuantity::Loss => {
            "Balls are at their own true loss; thin lines lead to the plane that is drawn."
        }
        _ => "Paths lie on the surface: of their points the loss alone was recorded.",
    };
    ui.weak(own);
    if let Some(spec) = chosen {
        panel.show_recording(spec);
    }
}

/// What is known of a path.
pub(super) fn path_ui(ui: &mut egui::Ui, spec: &DescentSpec) {
    let Some(record) = &spec.plan.record else {
        return;
    };
    let words = match record.steps() {
        [] => "No point of it has a loss yet.".to_owned(),
        [only] => format!("Recorded: 1 point, step {only}"),
        [first, .., last] => {
            let points = record.steps().len();
            format!("Recorded: {points} points, steps {first} to {last}")
        }
    };
    ui.weak(words);
}
