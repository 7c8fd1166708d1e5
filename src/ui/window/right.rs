//! The right-hand side: the contour inset and the loss plot of the panel in focus, and the numbers at this step.

use bevy_egui::egui;

use crate::lab::showing::range::ChangeRange;
use crate::lab::showing::start::Select;
use crate::ui::layout::Layout;
use crate::ui::layout::{Enlarged, contained};
use crate::ui::map::data_square::Subject;
use crate::ui::map::{data_square, inset};
use crate::ui::reader::{Edits, LabReader, ShownDescent};
use crate::ui::text::style::{color32, panel_frame};
use crate::ui::text::words::one_line;
use crate::ui::window::UiState;

/// The share of the side's height that a network's data take, in its widths at most, and the least that is of use.
const DATA_SHARE: f32 = 0.31;
const DATA_WIDTHS: f32 = 0.72;
const LEAST_DATA: f32 = 120.0;
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
    let subject = layout
        .data
        .then(|| data_square::subject(lab, landscape, &descents));
    let subject = subject.flatten();
    // Beside others it is left out where it would be too small to be read.
    let has_others = layout.inset || layout.plot;
    let data_height = match subject {
        None => 0.0,
        Some(_) if !has_others => height,
        Some(_) => (DATA_SHARE * height).min(DATA_WIDTHS * ui.available_width()),
    };
    let subject = subject.filter(|_| !has_others || data_height >= LEAST_DATA);
    let height = match subject {
        Some(_) if has_others => height - data_height,
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
    if let Some(subject) = subject {
        if layout.inset {
            ui.separator();
        }
        data_ui(
            ui,
            lab,
            layout,
            (state, edits),
            (&subject, &descents),
            data_height,
        );
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

/// What a network makes of its data: whose, at which step, and the picture.
fn data_ui(
    ui: &mut egui::Ui,
    lab: &LabReader,
    layout: &Layout,
    (state, edits): (&mut UiState, &mut Edits),
    (subject, descents): (&Subject, &[ShownDescent<'_>]),
    height: f32,
) {
    let top = ui.cursor().top();
    let style = subject.descent.style;
    ui.horizontal(|ui| {
        ui.strong("Data");
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if layout.controls {
                enlarge_ui(ui, (Enlarged::Data, "N"), &mut state.enlarged);
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                let (dot, _) = ui.allocate_exact_size(egui::vec2(8.0, 8.0), egui::Sense::hover());
                ui.painter().circle_filled(dot.center(), 4.0, color32(style.color));
                let name = one_line(&style.name);
                let shown = || descents.iter().filter(|descent| descent.style.shown);
                let step = format!("at step {}", subject.position.floor());
                if layout.controls && shown().count() > 1 {
                    let room = (ui.available_width() - 92.0).max(60.0);
                    let chooser = egui::ComboBox::from_id_salt("whose data")
                        .selected_text(name)
                        .width(room.min(110.0))
                        .truncate();
                    let chosen = chooser.show_ui(ui, |ui| {
                        for other in shown() {
                            let is_it = other.entity == subject.descent.entity;
                            let label = egui::Button::selectable(is_it, one_line(&other.style.name));
                            if ui.add(label).clicked() {
                                edits.send(Select(Some(other.style.index)));
                            }
                        }
                    });
                    let tip = "Whose network is shown. It is that of the descent that is selected, or of the iterate \
                               under the pointer";
                    chosen.response.on_hover_text(tip);
                } else {
                    let width = (ui.available_width() - 92.0).max(40.0);
                    ui.scope(|ui| {
                        ui.set_max_width(width);
                        ui.add(egui::Label::new(name).truncate());
                    });
                }
                ui.weak(step);
            });
        });
    });
    let spent = ui.cursor().top() - top;
    let size = egui::vec2(ui.available_width(), (height - spent - 14.0).max(40.0));
    let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
    let painter = ui.painter_at(rect.expand(1.0));
    state.data.paint(&painter, lab, subject, rect);
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
fn enlarge_ui(ui: &mut egui::Ui, (part, key): (Enlarged, &str), enlarged: &mut Option<Enlarged>) {
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
