//! The loss, or another quantity, against the step, for every descent of the panel in focus, up to the step shown.

mod drawing;

use bevy_egui::egui;
use egui_plot::{GridMark, HLine, LineStyle, Plot, PlotPoint, VLine};

use super::curves::Curves;
use super::plot_range::{PlotRange, Ticks, linear_ticks, log_ticks, step_ticks};
use super::plot_zoom::{PlotId, PlotZoom};
use super::quantity::Quantity;
use super::series::{directions, has_classes};
use crate::lab::model::sharpness::WatchSharpness;
use crate::lab::playback::PlaybackCommand;
use crate::lab::{Iterate, PanelLandscape};
use crate::landscape::ticks::thousands;
use crate::ui::highlight::{marked_step, ring};
use crate::ui::reader::{Edits, LabReader, ShownDescent};
use crate::ui::text::style::{color32, font};
use drawing::Drawing;

/// What the numbers at the left of the plot take, at most, in logical pixels.
const VALUES: f32 = 66.0;

/// What is kept of the quantity that is plotted.
#[derive(Default)]
pub(crate) struct LossPlot {
    curves: Curves,
    zoom: PlotZoom,
}

/// What of the plot is under the pointer.
#[derive(Default)]
pub(crate) struct PlotHover {
    pub(crate) pointed: Option<Iterate>,
    /// In words, the spread of repeats.
    pub(crate) spread: Option<String>,
}

impl LossPlot {
    /// The quantity for this panel: the one chosen, if it has it.
    fn quantity(lab: &LabReader, landscape: &PanelLandscape) -> Quantity {
        use crate::landscape::HeightKind;
        let usual = match landscape.panel.height {
            HeightKind::Log => Quantity::LogLoss,
            HeightKind::Linear => Quantity::Loss,
        };
        match lab.current.experiment.view.plot {
            Some(Quantity::LogGap) if landscape.known_minimum().is_none() => Quantity::LogLoss,
            Some(Quantity::Accuracy) if !has_classes(landscape) => usual,
            Some(Quantity::Errors) if directions(landscape).is_none() => Quantity::LogLoss,
            chosen => chosen.unwrap_or(usual),
        }
    }

    /// What is plotted, in words.
    pub(crate) fn title(&self, lab: &LabReader, landscape: &PanelLandscape) -> String {
        format!(
            "{} against step",
            LossPlot::quantity(lab, landscape).short()
        )
    }

    /// In the row over the plot: what is plotted.
    pub(crate) fn header_ui(
        &mut self,
        ui: &mut egui::Ui,
        lab: &LabReader,
        landscape: &PanelLandscape,
        edits: &mut Edits,
    ) {
        let quantity = LossPlot::quantity(lab, landscape);
        let title = egui::RichText::new(quantity.short()).strong();
        let chooser = egui::ComboBox::from_id_salt("quantity")
            .selected_text(title)
            .width(70.0)
            .height(300.0)
            .show_ui(ui, |ui| {
                for &(_, other) in Quantity::NAMED {
                    let missing = match other {
                        Quantity::LogGap if landscape.known_minimum().is_none() => {
                            Some("The lowest value of this landscape is not known")
                        }
                        Quantity::Accuracy if !has_classes(landscape) => {
                            Some("Only where samples have classes there are right ones and wrong ones")
                        }
                        Quantity::Errors if directions(landscape).is_none() => {
                            Some("Only a quadratic of one or two parameters, with a minimum, has the same eigenvectors everywhere")
                        }
                        _ => None,
                    };
                    let label = egui::Button::selectable(other == quantity, other.name());
                    let entry = ui.add_enabled(missing.is_none(), label);
                    let entry = entry.on_disabled_hover_text(missing.unwrap_or_default());
                    if entry.on_hover_text(other.about()).clicked() {
                        edits.draft.view.plot = Some(other);
                    }
                }
            });
        let tip = format!("What is plotted. {}.", quantity.about());
        chooser.response.on_hover_text(tip);
        ui.strong("against step");
        if !self.zoom.is_automatic() {
            let tip = "Show everything again; so does a double click in the plot";
            if ui.small_button("whole").on_hover_text(tip).clicked() {
                self.zoom.reset();
            }
        }
    }

    /// Under it, what else should be known, if anything.
    pub(crate) fn notes_ui(&self, ui: &mut egui::Ui, lab: &LabReader, landscape: &PanelLandscape) {
        let runs = self.curves.runs();
        let runs =
            runs.map(|runs| format!("thick line and band: median and 10–90 % of {runs} runs"));
        let is_synthetic = lab.data.set().is_some_and(|set| set.is_synthetic());
        let stand_in = landscape.field.is_slice() && is_synthetic;
        let stand_in = stand_in.then(|| "synthetic stand-in".to_owned());
        let quantity = LossPlot::quantity(lab, landscape);
        let is_tested = quantity.is_loss() || quantity == Quantity::Accuracy;
        let held_out = landscape.objective().held_out().filter(|_| is_tested);
        let held_out = held_out.and_then(|held_out| held_out.samples());
        let held_out = held_out.map(|count| {
            let count = thousands(count as u64);
            format!("dashed: {count} samples kept apart for a test")
        });
        for note in stand_in.into_iter().chain(runs).chain(held_out) {
            ui.weak(egui::RichText::new(note).size(11.0));
        }
    }

    pub(crate) fn plot_ui(
        &mut self,
        ui: &mut egui::Ui,
        panel: usize,
        lab: &LabReader,
        landscape: &PanelLandscape,
        descents: &[ShownDescent<'_>],
        edits: &mut Edits,
    ) -> PlotHover {
        let quantity = LossPlot::quantity(lab, landscape);
        let watches = WatchSharpness(quantity == Quantity::Sharpness);
        if *lab.watches_sharpness != watches {
            edits.send(watches);
        }
        let watches = quantity.watches();
        if *lab.watches_held_out != watches {
            edits.send(watches);
        }
        self.curves.refresh(panel, landscape, descents, quantity);
        let Some(axis) = self.curves.axis() else {
            return PlotHover::default();
        };
        let position = lab.playback.position();
        let (automatic, limits) = self.curves.ranges(lab.playback.last_step());
        let id = PlotId {
            source: lab.current.source.clone(),
            panel,
            quantity,
        };
        let range = self.zoom.range(id, automatic, &limits);
        let zeros = self.curves.zeros();
        let drawn = self.curves.for_steps(descents, range.x);
        let drawing = Drawing {
            theme: &lab.theme,
            ahead: lab.path_ahead.0,
            axis,
            range,
            // Beyond this nothing is ever seen.
            clip: limits.widest,
            position,
        };
        let mut values = if axis.quantity.is_log() {
            log_ticks(range.y)
        } else {
            linear_ticks(range.y)
        };
        if let Some([axis_break, zero]) = zeros {
            values.end_at(axis_break);
            values.add(zero, axis.zero_label());
        }
        let title = values.labels.title(match axis.title() {
            "loss" => landscape.panel.objective.height_name(),
            other => other,
        });
        let response = frame(ui, lab, range, values).show(ui, |plot| {
            plot.set_plot_bounds_x(range.x[0]..=range.x[1]);
            plot.set_plot_bounds_y(range.y[0]..=range.y[1]);
            let accent = color32(lab.theme.accent).gamma_multiply(0.6);
            let now = VLine::new("", position).color(accent).width(1.0);
            plot.vline(now.allow_hover(false));
            if let Some([axis_break, _]) = zeros {
                let line = HLine::new("", axis_break).color(color32(lab.theme.muted));
                let line = line.style(LineStyle::dashed_dense()).width(1.0);
                plot.hline(line.allow_hover(false));
            }
            for (descent, band) in descents.iter().zip(drawn.bands) {
                if let Some(band) = band {
                    band.draw(plot, &lab.theme, descent, range, position);
                }
            }
            for (place, descent) in descents.iter().enumerate() {
                if descent.style.shown {
                    drawing.descent(plot, descent, place, &drawn);
                }
            }
        });
        let plot = &response.response;
        let transform = &response.transform;
        self.zoom.interact(ui, &lab.theme, plot, transform, &limits);
        let pointer = plot.hover_pos().filter(|_| !plot.dragged());
        let pointed = pointer.and_then(|pointer| {
            let shown = descents.iter().zip(drawn.curves);
            let shown = shown.filter(|(descent, _)| descent.style.shown);
            drawing.pointed(transform, pointer, shown)
        });
        if let Some(pointer) = plot.interact_pointer_pos()
            && plot.clicked()
        {
            let there = transform.value_from_position(pointer).x.round();
            let step = pointed.and_then(|iterate| {
                let run = descents.iter().find(|d| d.entity == iterate.descent)?.run;
                Some(run.step_of(iterate.step) as f64)
            });
            let step = step.unwrap_or(there);
            edits.send(PlaybackCommand::Seek(step));
        }
        let inside = transform.frame();
        let at = inside.right_top() + egui::vec2(-4.0, 2.0);
        let muted = color32(lab.theme.muted);
        let painter = ui.painter_at(*inside);
        let align = egui::Align2::RIGHT_TOP;
        painter.text(at, align, title, font(11.0), muted);
        let shown = descents.iter().enumerate();
        for (place, descent) in shown.filter(|(_, descent)| descent.style.shown) {
            let series = drawn.series(quantity, place, descent);
            if let Some(step) = marked_step(lab, descent)
                && let Some((step, number)) = series.at(descent.run.step_of(step))
            {
                let point = PlotPoint::new(step as f64, axis.place(number));
                ring(&painter, &lab.theme, transform.position_from_point(&point));
            }
        }
        let spread = pointer.and_then(|pointer| {
            let mut bands = descents.iter().zip(drawn.bands);
            bands.find_map(|(descent, band)| {
                let band = band.as_ref()?;
                band.words(descent, &axis, transform, pointer, position)
            })
        });
        PlotHover { pointed, spread }
    }
}

/// The axes, without anything in them.
fn frame<'a>(ui: &egui::Ui, lab: &LabReader, range: PlotRange, values: Ticks) -> Plot<'a> {
    let mut steps = step_ticks(range.x);
    let texts = &mut steps.labels.texts;
    let width = |text: &String| {
        let font = egui::TextStyle::Body.resolve(ui.style());
        let laid = ui
            .painter()
            .layout_no_wrap(text.clone(), font, egui::Color32::WHITE);
        laid.size().x
    };
    let widest = texts.iter().map(width).fold(0.0, f32::max);
    // The last tick's number reaches over the plot's edge by half its width.
    let overhang = (0.5 * widest).max(12.0);
    // Numbers that would run into each other are left out; the grid's lines stay.
    let room = (ui.available_width() - overhang - VALUES).max(1.0);
    let stride = (texts.len().saturating_sub(1) as f32 * (widest + 8.0) / room).ceil();
    for (index, text) in texts.iter_mut().enumerate() {
        if index % (stride as usize).max(1) != 0 {
            text.clear();
        }
    }
    let (step_marks, value_marks) = (marks(&steps, range.x), marks(&values, range.y));
    Plot::new("loss")
        .height(ui.available_height())
        .width(ui.available_width() - overhang)
        .x_axis_label("step")
        .y_axis_label("")
        .x_grid_spacer(move |_| step_marks.clone())
        .y_grid_spacer(move |_| value_marks.clone())
        .x_axis_formatter(move |mark, _| steps.text(mark.value).to_owned())
        .y_axis_formatter(move |mark, _| values.text(mark.value).to_owned())
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .show_crosshair(false)
        .show_x(false)
        .show_y(false)
        .show_background(false)
        .grid_color(color32(lab.theme.line))
        .grid_fade(0.0)
        .set_margin_fraction(egui::Vec2::ZERO)
}

/// Grid lines at the ticks.
fn marks(ticks: &Ticks, [low, high]: [f64; 2]) -> Vec<GridMark> {
    let mark = |&value: &f64| GridMark {
        value,
        // Lines this far apart are drawn, and labelled, at full strength.
        step_size: high - low,
    };
    ticks.places.iter().map(mark).collect()
}
