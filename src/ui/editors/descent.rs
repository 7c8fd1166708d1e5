//! The editor of one descent: its rule, rate, hyperparameters, schedule, sampling, start, steps, stop rule and seed.

use bevy_egui::egui;
use egui::Slider;

use super::network::draw_ui;
use super::plan::{optional, sampling_ui, schedule_ui, start_ui};
use super::quadratic::quadratic_ui;
use super::recorded::path_ui;
use super::rule::{hyperparameters_ui, rule_ui};
use crate::descent::{Plan, Stop};
use crate::experiment::{DescentSpec, MAX_STEPS, ObjectiveSpec, Panel, find};
use crate::lab::theme::descent_color;
use crate::landscape::ticks;
use crate::optimizer::{RULES, Rule, Sampling, Schedule};
use crate::ui::reader::ShownDescent;
use crate::ui::text::line::completed;
use crate::ui::text::number::{self, field, in_full, number};
use crate::ui::text::style::color32;
use crate::ui::text::words::one_line;

/// Learning rates that the slider reaches; the number above it takes any positive one.
const RATES: std::ops::RangeInclusive<f64> = 1e-5..=10.0;

/// Adds a descent that starts where the last one does, by the first rule that is not there yet.
pub(crate) fn add(panel: &mut Panel) {
    let rule = RULES
        .iter()
        .find(|info| {
            panel
                .descents
                .iter()
                .all(|spec| spec.plan.rule.info().name != info.name)
        })
        .unwrap_or(&RULES[0]);
    let named = panel.objective.name().and_then(find);
    let rate = named.map_or(rule.usual_rate, |named| named.rate(rule));
    let drawn = match panel.descents.last() {
        Some(last) => last.drawn,
        None => panel.objective.usual_draw(),
    };
    let plan = match panel.descents.last() {
        Some(last) => Plan {
            rule: Rule::new(rule),
            rate,
            ..last.plan.clone()
        },
        None => Plan {
            rule: Rule::new(rule),
            rate,
            schedule: Schedule::default(),
            sampling: Sampling::default(),
            clip: None,
            start: panel
                .objective
                .usual_start()
                .unwrap_or_else(|| panel.domain.center()[..panel.dim()].to_vec()),
            steps: 150,
            stop: Stop::default(),
            seed: 0,
            record: None,
        },
    };
    panel.descents.push(DescentSpec {
        name: panel.free_name(rule.title),
        plan,
        drawn,
        color: None,
        shown: true,
        explained: false,
    });
}

/// What a person wants done with a descent.
pub(crate) enum Asked {
    Remove,
    /// Select it, or all again.
    Select,
}

/// Edits the descent in place.
pub(crate) fn descent_ui(
    ui: &mut egui::Ui,
    index: usize,
    objective: &ObjectiveSpec,
    spec: &mut DescentSpec,
    shown: Option<&ShownDescent<'_>>,
    selected: bool,
    position: f64,
) -> Option<Asked> {
    let mut asked = None;
    let id = ui.make_persistent_id("descent");
    let mut header =
        egui::collapsing_header::CollapsingState::load_with_default_open(ui.ctx(), id, false);
    let open = header.is_open();
    ui.horizontal(|ui| {
        let arrow = if open { "⏷" } else { "⏵" };
        let tip = "Hyperparameters, schedule, sampling, start, stop";
        if ui
            .add(egui::Button::new(arrow).frame(false))
            .on_hover_text(tip)
            .clicked()
        {
            header.toggle(ui);
        }
        color_ui(ui, index, spec);
        ui.checkbox(&mut spec.shown, "")
            .on_hover_text("Show or hide");
        let limit = shown.and_then(|shown| shown.rate_limit);
        let taken = number::WIDTH + if limit.is_some() { 72.0 } else { 28.0 };
        let width = (ui.available_width() - taken).max(40.0);
        let height = ui.spacing().interact_size.y;
        ui.allocate_ui_with_layout(
            egui::vec2(width, height),
            egui::Layout::left_to_right(egui::Align::Center),
            |ui| {
                ui.set_width(width);
                let mut text = egui::RichText::new(one_line(&spec.name));
                if selected {
                    text = text.strong().color(ui.visuals().hyperlink_color);
                }
                let name = egui::Label::new(text)
                    .truncate()
                    .sense(egui::Sense::click());
                let tip = "Select: a click on the landscape then moves only this start, not all";
                if ui.add(name).on_hover_text(tip).clicked() {
                    asked = Some(Asked::Select);
                }
            },
        );
        if spec.plan.record.is_some() {
            return;
        }
        ui.weak("η");
        let tip = "Learning rate η: the step's length. Drag, or click to type.";
        let tip = in_full(tip, spec.plan.rate);
        ui.add(number(&mut spec.plan.rate, 1e-300, 1e300))
            .on_hover_text(tip);
        if let Some(limit) = limit {
            limit_ui(ui, spec.plan.rate, limit);
        }
    });
    if header.is_open() {
        ui.indent("details", |ui| {
            details_ui(ui, objective, spec, shown, position);
            if spec.plan.record.is_some() {
                return;
            }
            let tip = "Remove this descent (Ctrl+Z brings it back)";
            if ui.button("remove").on_hover_text(tip).clicked() {
                asked = Some(Asked::Remove);
            }
        });
    }
    header.store(ui.ctx());
    asked
}

fn limit_ui(ui: &mut egui::Ui, rate: f64, limit: f64) {
    let text = egui::RichText::new(format!("<{}", two_digits(limit))).size(10.5);
    let color = if rate > limit {
        ui.visuals().error_fg_color
    } else {
        ui.visuals().weak_text_color()
    };
    let size = [44.0, ui.spacing().interact_size.y];
    let label = egui::Label::new(text.color(color)).truncate();
    ui.add_sized(size, label).on_hover_text(
        "Above this rate the rule moves away from a minimum that curves as the surface does where the descent is now: 2/λ for \
         gradient descent, (2 + 2μ)/λ with momentum, λ the greatest curvature. For Adam and its kin λ is that of the surface with \
         each direction divided as the step divides it.",
    );
}

/// A positive number in a few characters. A descent that runs away comes to where limits are tiny.
fn two_digits(value: f64) -> String {
    if !(1e-4..1e4).contains(&value) {
        return format!("{value:.0e}");
    }
    let decimals = (1.0 - value.log10().floor()).max(0.0) as usize;
    format!("{value:.decimals$}")
}

fn color_ui(ui: &mut egui::Ui, index: usize, spec: &mut DescentSpec) {
    let mut color = spec.color.unwrap_or(descent_color(index).0);
    ui.scope(|ui| {
        ui.spacing_mut().interact_size = egui::vec2(18.0, 14.0);
        if egui::color_picker::color_edit_button_srgb(ui, &mut color)
            .on_hover_text("Colour of the trail")
            .changed()
        {
            spec.color = Some(color);
        }
    });
}

fn details_ui(
    ui: &mut egui::Ui,
    objective: &ObjectiveSpec,
    spec: &mut DescentSpec,
    shown: Option<&ShownDescent<'_>>,
    position: f64,
) {
    if let Some(shown) = shown {
        state_ui(ui, shown, position);
    }
    ui.horizontal(|ui| {
        ui.label("name");
        completed(ui, &mut spec.name);
    });
    if spec.plan.record.is_some() {
        path_ui(ui, spec);
        return;
    }
    rule_ui(ui, spec);
    let plan = &mut spec.plan;
    ui.horizontal(|ui| {
        ui.add(
            Slider::new(&mut plan.rate, RATES)
                .logarithmic(true)
                .clamping(egui::SliderClamping::Never)
                .show_value(false),
        );
        ui.label("learning rate η");
    });
    hyperparameters_ui(ui, &mut plan.rule);
    if let Some(shown) = shown {
        quadratic_ui(ui, plan, shown);
    }
    schedule_ui(ui, &mut plan.schedule, plan.rate, plan.steps);
    sampling_ui(ui, &mut plan.sampling, objective.has_samples());
    optional(ui, "clip at norm", &mut plan.clip, 1.0)
        .on_hover_text("A longer gradient is shortened to this ‖g‖₂ before the rule sees it");
    if objective.usual_draw().is_some() {
        draw_ui(ui, &**objective, &mut spec.drawn, &mut plan.start);
    } else {
        start_ui(ui, &mut plan.start);
    }
    ui.horizontal(|ui| {
        ui.label("steps");
        ui.add(field(&mut plan.steps).range(1..=MAX_STEPS))
            .on_hover_text("How many steps are taken, unless a stop below ends the descent before");
        ui.label("seed")
            .on_hover_text("Of the noise: the same seed, the same path");
        let tip = in_full("Another number, other noise", plan.seed);
        ui.add(field(&mut plan.seed)).on_hover_text(tip);
    });
    optional(ui, "stop beyond radius", &mut plan.stop.radius, 6.0)
        .on_hover_text("Ends the descent once ‖w‖₂ exceeds it");
    optional(ui, "stop at gradient", &mut plan.stop.gradient, 1e-6)
        .on_hover_text("Ends the descent, as converged, once ‖∇f‖₂ is no more");
}

fn state_ui(ui: &mut egui::Ui, shown: &ShownDescent<'_>, position: f64) {
    let history = shown.run.history();
    let Some(last) = history.len().checked_sub(1) else {
        ui.weak("the loss is not finite at the start");
        return;
    };
    let step = (shown.run.entry_at(position).floor() as usize).min(last);
    let (field, w) = (&shown.landscape.field, history.at(step));
    let domain = &shown.landscape.panel.domain;
    let place = field.plane.coordinates(w).into_iter().zip(domain.size());
    let place: Vec<String> = place
        .take(domain.dim())
        .map(|(x, size)| ticks::label_within(x, size))
        .collect();
    let off = if field.is_slice() {
        let distance = ticks::label_within(field.plane.distance(w), domain.size()[0]);
        format!("  {distance} off the plane")
    } else {
        String::new()
    };
    ui.colored_label(
        color32(shown.style.color),
        format!(
            "({})  loss {}{off}",
            place.join(", "),
            shown.landscape.loss_text(history.losses()[step])
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_short_whatever_their_size() {
        for (value, text) in [
            (0.308, "0.31"),
            (0.00184, "0.0018"),
            (12.34, "12"),
            (1.0, "1.0"),
            (9876.0, "9876"),
            (1.2e-108, "1e-108"),
            (3e7, "3e7"),
        ] {
            assert_eq!(two_digits(value), text);
        }
    }
}
