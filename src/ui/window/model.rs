//! The part of the right-hand side that shows a model at the step shown: what it makes of its data, and what its parts have learnt.

use bevy_egui::egui;

use super::UiState;
use super::right::enlarge_ui;
use crate::lab::PanelLandscape;
use crate::lab::showing::start::Select;
use crate::ui::layout::{Enlarged, Layout};
use crate::ui::map::data_square::{self, Subject};
use crate::ui::map::strip::{Room, Strip};
use crate::ui::reader::{Edits, LabReader, ShownDescent};
use crate::ui::text::style::color32;
use crate::ui::text::words::one_line;

/// The share of the side's height that a network's data take, in its widths at most, and the least that is of use.
const DATA_SHARE: f32 = 0.31;
const DATA_WIDTHS: f32 = 0.72;
const LEAST_DATA: f32 = 120.0;
/// Of the side's height above the first number so large a share is for small pictures; and of one that there is for nothing else.
const PICTURES: [f32; 2] = [450.0, 0.28];
const PICTURES_ALONE: f32 = 0.35;
/// Their sides at most, beside others and alone, in logical pixels.
const SIDES: [f32; 2] = [38.0, 84.0];
/// The line that says whose model it is, and the room under it all.
const HEADER: f32 = 24.0;
const FOOT: f32 = 14.0;

/// Whether a panel has anything to show here.
pub(super) fn is_seen(lab: &LabReader, state: &mut UiState, panel: usize) -> bool {
    let descents = lab.descents(panel);
    let mut shown = descents.iter().filter(|descent| descent.style.shown);
    let Some(first) = shown.next() else {
        return false;
    };
    let objective = first.run.objective();
    state.data.shows(objective) || (lab.units_shown.0 && state.units.shows(objective))
}

/// What is shown of a model, and in how much room.
pub(super) struct ModelPart<'a> {
    subject: Subject<'a>,
    /// The height of the square of its data; 0 for none.
    square: f32,
    strip: Option<Strip>,
}

impl<'a> ModelPart<'a> {
    /// In a side of this size. Beside others what would be too small is left out.
    pub(super) fn of(
        (lab, state): (&LabReader, &mut UiState),
        landscape: &PanelLandscape,
        descents: &'a [ShownDescent<'a>],
        size: egui::Vec2,
        has_others: bool,
    ) -> Option<ModelPart<'a>> {
        let subject = data_square::subject(lab, landscape, descents)?;
        let objective = subject.descent.run.objective();
        let has_square = state.data.shows(objective);
        let room = match has_others {
            true => (size.y - PICTURES[0]) * PICTURES[1],
            false if has_square => size.y * PICTURES_ALONE,
            false => size.y - HEADER - FOOT,
        };
        let room = Room {
            width: size.x,
            height: room,
            most: SIDES[usize::from(!has_others)],
        };
        let strip = state.units.strip(objective, room);
        let strip = strip.filter(|_| lab.units_shown.0);
        let beside = (DATA_SHARE * size.y).min(DATA_WIDTHS * size.x);
        let square = match (has_square, has_others) {
            (false, _) => 0.0,
            (true, true) if beside < LEAST_DATA => return None,
            (true, true) => beside - HEADER - FOOT,
            (true, false) => {
                let strip = strip.as_ref().map_or(0.0, Strip::height);
                size.y - strip - HEADER - FOOT
            }
        };
        (has_square || strip.is_some()).then_some(ModelPart {
            subject,
            square: square.max(0.0),
            strip,
        })
    }

    pub(super) fn height(&self) -> f32 {
        let strip = self.strip.as_ref().map_or(0.0, Strip::height);
        HEADER + self.square + strip + FOOT
    }

    pub(super) fn show(
        &self,
        ui: &mut egui::Ui,
        lab: &LabReader,
        layout: &Layout,
        (state, edits): (&mut UiState, &mut Edits),
        descents: &[ShownDescent<'_>],
    ) {
        self.header_ui(ui, layout, (state, edits), descents);
        let place = |ui: &mut egui::Ui, height: f32| {
            let size = egui::vec2(ui.available_width(), height);
            let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
            (ui.painter_at(rect.expand(1.0)), rect)
        };
        if self.square > 0.0 {
            let (painter, rect) = place(ui, self.square);
            state.data.paint(&painter, lab, &self.subject, rect);
        }
        if let Some(strip) = &self.strip {
            let (painter, rect) = place(ui, strip.height());
            let at = (strip, rect.min);
            state.units.paint(&painter, &lab.theme, &self.subject, at);
        }
    }

    /// Whose model it is, and at which step.
    fn header_ui(
        &self,
        ui: &mut egui::Ui,
        layout: &Layout,
        (state, edits): (&mut UiState, &mut Edits),
        descents: &[ShownDescent<'_>],
    ) {
        let subject = &self.subject;
        let style = subject.descent.style;
        ui.horizontal(|ui| {
            ui.strong(if self.square > 0.0 { "Data" } else { "Model" });
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
                        let tip = "Whose model is shown. It is that of the descent that is selected, or of the iterate \
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
    }
}
