//! The right-hand side: the contour inset and the loss plot of the panel in focus, and the numbers at this step.

use bevy_egui::egui;

use super::UiState;
use super::model::ModelPart;
use crate::lab::showing::range::ChangeRange;
use crate::ui::layout::{Enlarged, Layout, contained};
use crate::ui::map::inset;
use crate::ui::reader::{Edits, LabReader};
use crate::ui::text::style::panel_frame;
use crate::ui::text::words::one_line;

/// Width of the side, in logical pixels, and the narrowest window that still has it beside a scene.
const WIDTH: f32 = 300.0;

pub(crate) fn show(
    root: &mut egui::Ui,
    lab: &LabReader,
    layout: &Layout,
    state: &mut UiState,
    edits: &mut Edits,
) {
    if layout.scene {
        if root.available_width() < 2.0 * WIDTH {
            return;
        }
        egui::Panel::right("right")
            .frame(panel_frame())
            .resizable(true)
            .default_size(WIDTH)
            .size_range(220.0..=root.available_width() * 0.5)
            .show(root, |ui| {
                contained(ui, |ui| parts(ui, lab, layout, state, edits));
            });
    } else {
        egui::CentralPanel::default()
            .frame(panel_frame())
            .show(root, |ui| parts(ui, lab, layout, state, edits));
    }
}

fn parts(
    ui: &mut egui::Ui,
    lab: &LabReader,
    layout: &Layout,
    state: &mut UiState,
    edits: &mut Edits,
) {
    let focus = state.focus;
    let Some(landscape) = lab.landscape(focus) else {
        return;
    };
    let descents = lab.descents(focus);
    let height = ui.available_height();
    // Beside others it is left out where it would be too small to be read.
    let has_others = layout.inset || layout.plot;
    let size = egui::vec2(ui.available_width(), height);
    let model = layout
        .data
        .then(|| ModelPart::of((lab, state), landscape, &descents, size, has_others));
    let model = model.flatten();
    let height = match &model {
        Some(model) if has_others => height - model.height(),
        _ => height,
    };
    if layout.inset {
        let share = if layout.plot { 0.52 } else { 1.0 };
        let heading = if landscape.is_curve() {
            "Curve"
        } else {
            "Contours"
        };
        let several = lab.current.experiment.panels.len() > 1;
        heading_ui(
            ui,
            heading,
            several.then_some(&landscape.panel.title),
            layout.controls.then_some((Enlarged::Inset, "M")),
            &mut state.enlarged,
        );
        let size = egui::vec2(ui.available_width(), height * share - 34.0);
        let caches = (&mut state.maps, &mut state.paths);
        let outcome = inset::inset_ui(ui, size, lab, landscape, &descents, caches, focus);
        state.pointed = outcome.pointed;
        if let Some(change) = outcome.change {
            edits.send(ChangeRange {
                panel: focus,
                change,
            });
        }
    }
    if let Some(model) = model {
        if layout.inset {
            ui.separator();
        }
        model.show(ui, lab, layout, (state, edits), &descents);
    }
    if layout.plot {
        if layout.inset || layout.data {
            ui.separator();
        }
        ui.horizontal(|ui| {
            if !layout.controls {
                ui.strong(state.plot.title(lab, landscape));
                return;
            }
            state.plot.header_ui(ui, lab, landscape, edits);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                enlarge_ui(ui, (Enlarged::Plot, "P"), &mut state.enlarged);
            });
        });
        state.plot.notes_ui(ui, lab, landscape);
        let hover = state
            .plot
            .plot_ui(ui, focus, lab, landscape, &descents, edits);
        state.pointed = state.pointed.or(hover.pointed);
        state.note = hover.spread;
    }
}

fn heading_ui(
    ui: &mut egui::Ui,
    heading: &str,
    panel: Option<&String>,
    part: Option<(Enlarged, &str)>,
    enlarged: &mut Option<Enlarged>,
) {
    ui.horizontal(|ui| {
        ui.strong(heading);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if let Some(part) = part {
                enlarge_ui(ui, part, enlarged);
            }
            if let Some(panel) = panel {
                let panel = egui::RichText::new(one_line(panel)).weak();
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.add(egui::Label::new(panel).truncate());
                });
            }
        });
    });
}

/// The button that fills the middle with a part, or gives it back to the scene.
pub(super) fn enlarge_ui(
    ui: &mut egui::Ui,
    (part, key): (Enlarged, &str),
    enlarged: &mut Option<Enlarged>,
) {
    let large = *enlarged == Some(part);
    let (sign, tip) = if large {
        ("🗗", "Back beside the scene")
    } else {
        ("🗖", "Fill the middle with it")
    };
    let button = egui::Button::new(sign).frame(false);
    if ui
        .add(button)
        .on_hover_text(format!("{tip} ({key})"))
        .clicked()
    {
        *enlarged = (!large).then_some(part);
    }
}
