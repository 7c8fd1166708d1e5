//! The right-hand side: the contour inset and the loss plot of the panel in focus, and the numbers at this step.

use bevy_egui::egui;

use super::style::panel_frame;
use super::{LabReader, Layout, UiState, inset, loss_plot};
use crate::landscape::HeightKind;

/// Width of the side, in logical pixels, and the narrowest window that still has it beside a scene.
const WIDTH: f32 = 300.0;

pub(crate) fn show(root: &mut egui::Ui, lab: &LabReader, layout: &Layout, state: &mut UiState) {
    if layout.scene {
        if root.available_width() < 2.0 * WIDTH {
            return;
        }
        egui::Panel::right("right")
            .frame(panel_frame())
            .resizable(true)
            .default_size(WIDTH)
            .size_range(220.0..=root.available_width() * 0.5)
            .show(root, |ui| parts(ui, lab, layout, state));
    } else {
        egui::CentralPanel::default()
            .frame(panel_frame())
            .show(root, |ui| parts(ui, lab, layout, state));
    }
}

fn parts(ui: &mut egui::Ui, lab: &LabReader, layout: &Layout, state: &mut UiState) {
    let focus = state.focus;
    let Some(scenery) = lab.scenery(focus) else {
        return;
    };
    let descents = lab.descents(focus);
    let height = ui.available_height();
    if layout.inset {
        let share = if layout.plot { 0.52 } else { 1.0 };
        let heading = if scenery.is_curve() {
            "Curve"
        } else {
            "Contours"
        };
        heading_ui(
            ui,
            heading,
            (lab.current.experiment.panels.len() > 1).then_some(&scenery.panel.title),
        );
        let size = egui::vec2(ui.available_width(), height * share - 34.0);
        inset::inset_ui(ui, size, lab, &scenery, &descents, &mut state.maps, focus);
    }
    if layout.plot {
        if layout.inset {
            ui.separator();
        }
        let mut log = state
            .log_loss
            .unwrap_or(scenery.panel.height == HeightKind::Log);
        ui.horizontal(|ui| {
            let shifted = log && state.curves.offset != 0.0;
            ui.strong(if shifted {
                "Loss above its lowest against step"
            } else {
                "Loss against step"
            });
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let tip = "Draw log₁₀ of the loss: linear convergence becomes a straight line";
                if ui
                    .toggle_value(&mut log, "log")
                    .on_hover_text(tip)
                    .changed()
                {
                    state.log_loss = Some(log);
                }
            });
        });
        loss_plot::plot_ui(ui, focus, lab, &scenery, &descents, log, &mut state.curves);
    }
}

fn heading_ui(ui: &mut egui::Ui, heading: &str, panel: Option<&String>) {
    ui.horizontal(|ui| {
        ui.strong(heading);
        if let Some(panel) = panel {
            ui.weak(panel);
        }
    });
}
