//! The editor of one descent: its rule, rate, hyperparameters, schedule, sampling, start, steps, stop rule and seed.

use bevy_egui::egui;
use egui::{DragValue, Slider};

use super::Shown;
use super::style::color32;
use crate::descent::{Plan, Stop};
use crate::experiment::{DescentSpec, MAX_STEPS, Panel, find};
use crate::lab::theme::descent_color;
use crate::landscape::ticks;
use crate::optimizer::{RULES, Rule, Sampling, Schedule, ScheduleKind};

/// Learning rates that the slider reaches; the number beside it takes any positive one.
const RATES: std::ops::RangeInclusive<f64> = 1e-5..=10.0;
const MAX_RATE: f64 = 1e6;

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
    let named = panel.objective.name.as_deref().and_then(find);
    let rate = named.map_or(rule.usual_rate, |named| named.rate(rule));
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
            start: named.map_or_else(
                || panel.domain.center()[..panel.dim()].to_vec(),
                |named| named.start.clone(),
            ),
            steps: 150,
            stop: Stop::default(),
            seed: 0,
        },
    };
    panel.descents.push(DescentSpec {
        name: free_name(panel, rule.title),
        plan,
        color: None,
        shown: true,
    });
}

/// The title, numbered if another descent has it already.
fn free_name(panel: &Panel, title: &str) -> String {
    let taken = |name: &str| panel.descents.iter().any(|spec| spec.name == name);
    if !taken(title) {
        return title.to_owned();
    }
    // One of as many numbers as there are descents, plus one, is free.
    (2..)
        .map(|number| format!("{title} {number}"))
        .find(|name| !taken(name))
        .unwrap_or_default()
}

/// Edits the descent in place; true asks for its removal.
pub(crate) fn descent_ui(
    ui: &mut egui::Ui,
    index: usize,
    spec: &mut DescentSpec,
    shown: Option<&Shown<'_>>,
    position: f64,
) -> bool {
    let mut remove = false;
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
        let name = egui::Label::new(&spec.name).truncate();
        let width = (ui.available_width() - 92.0).max(40.0);
        let height = ui.spacing().interact_size.y;
        ui.allocate_ui_with_layout(
            egui::vec2(width, height),
            egui::Layout::left_to_right(egui::Align::Center),
            |ui| {
                ui.set_width(width);
                ui.add(name);
            },
        );
        ui.weak("η");
        let rate = number(&mut spec.plan.rate, 1e-9, MAX_RATE);
        ui.add_sized([64.0, height], rate)
            .on_hover_text("Learning rate η: the step's length. Drag, or click to type.");
    });
    if header.is_open() {
        ui.indent("details", |ui| {
            details_ui(ui, spec, shown, position);
            if ui.button("remove").clicked() {
                remove = true;
            }
        });
    }
    header.store(ui.ctx());
    remove
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

/// A number that is dragged in proportion to itself.
fn number(value: &mut f64, low: f64, high: f64) -> DragValue<'_> {
    let speed = (value.abs() * 0.01).max(1e-7);
    DragValue::new(value)
        .clamp_existing_to_range(false)
        .range(low..=high)
        .speed(speed)
        .custom_formatter(|value, _| plain(value))
}

/// As short as it can be typed back.
fn plain(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-4..1e5).contains(&size) {
        let text = format!("{value:.6}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{value:.3e}")
    }
}

fn details_ui(ui: &mut egui::Ui, spec: &mut DescentSpec, shown: Option<&Shown<'_>>, position: f64) {
    if let Some(shown) = shown {
        state_ui(ui, shown, position);
    }
    ui.horizontal(|ui| {
        ui.label("name");
        ui.text_edit_singleline(&mut spec.name);
    });
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
    let info = plan.rule.info();
    for (param, value) in info.params.iter().zip(plan.rule.values().to_vec()) {
        let mut value = value;
        let most = if param.max_excluded {
            // The largest number below an excluded limit that a person would type.
            param.max - 1e-9
        } else {
            param.max
        };
        ui.horizontal(|ui| {
            let slider = Slider::new(&mut value, param.min..=most)
                .clamping(egui::SliderClamping::Edits)
                .logarithmic(param.min >= 0.0 && param.default < 1e-3)
                .smallest_positive(1e-12)
                .show_value(false);
            let moved = ui.add(slider).changed();
            let typed = ui.add(number(&mut value, param.min, most)).changed();
            ui.label(format!("{} {}", param.key.replace('_', " "), param.symbol))
                .on_hover_text(param.about);
            if moved || typed {
                plan.rule.set(param.key, value);
            }
        });
    }
    schedule_ui(ui, &mut plan.schedule, plan.rate, plan.steps);
    sampling_ui(ui, &mut plan.sampling);
    ui.horizontal(|ui| {
        ui.label("start");
        for value in &mut plan.start {
            let speed = 0.01;
            ui.add(
                DragValue::new(value)
                    .clamp_existing_to_range(false)
                    .speed(speed)
                    .range(-1e12..=1e12)
                    .max_decimals(4),
            );
        }
    });
    ui.horizontal(|ui| {
        ui.label("steps");
        ui.add(
            DragValue::new(&mut plan.steps)
                .clamp_existing_to_range(false)
                .range(1..=MAX_STEPS),
        );
        ui.label("seed")
            .on_hover_text("Of the noise: the same seed, the same path");
        ui.add(DragValue::new(&mut plan.seed).clamp_existing_to_range(false));
    });
    optional(ui, "stop beyond radius", &mut plan.stop.radius, 6.0)
        .on_hover_text("Ends the descent once ‖w‖₂ exceeds it");
    optional(ui, "stop at gradient", &mut plan.stop.gradient, 1e-6)
        .on_hover_text("Ends the descent, as converged, once ‖∇f‖₂ is no more");
}

fn state_ui(ui: &mut egui::Ui, shown: &Shown<'_>, position: f64) {
    let history = shown.run.history();
    let Some(last) = history.len().checked_sub(1) else {
        ui.weak("the loss is not finite at the start");
        return;
    };
    let step = (position.floor() as usize).min(last);
    let place: Vec<String> = history.at(step).iter().map(|&x| ticks::label(x)).collect();
    ui.colored_label(
        color32(shown.style.color),
        format!(
            "({})  loss {}",
            place.join(", "),
            ticks::label(history.losses()[step])
        ),
    );
}

fn rule_ui(ui: &mut egui::Ui, spec: &mut DescentSpec) {
    let info = spec.plan.rule.info();
    ui.horizontal(|ui| {
        ui.label("rule");
        let combo = egui::ComboBox::from_id_salt("rule")
            .selected_text(info.title)
            .height(320.0)
            .show_ui(ui, |ui| {
                for other in RULES {
                    let chosen = other.name == info.name;
                    let response = ui.selectable_label(chosen, other.title);
                    if response.on_hover_text(other.about).clicked() && !chosen {
                        if spec.name == info.title {
                            spec.name = other.title.to_owned();
                        }
                        spec.plan.rule = Rule::new(other);
                    }
                }
            });
        let tip = format!("{}\n\n{}\n\n{}", info.about, info.formula, info.source);
        combo.response.on_hover_text(tip);
    });
}

fn schedule_ui(ui: &mut egui::Ui, schedule: &mut Schedule, rate: f64, steps: usize) {
    ui.horizontal(|ui| {
        ui.label("schedule");
        egui::ComboBox::from_id_salt("schedule")
            .selected_text(schedule.kind.name())
            .show_ui(ui, |ui| {
                let kinds = [
                    ScheduleKind::Constant,
                    ScheduleKind::Cosine { last: 0.0 },
                    ScheduleKind::Linear { last: 0.0 },
                    ScheduleKind::Step {
                        every: (steps / 3).max(1),
                        factor: 0.1,
                    },
                    ScheduleKind::Exponential { gamma: 0.99 },
                ];
                for kind in kinds {
                    let chosen = schedule.kind.name() == kind.name();
                    let response = ui.selectable_label(chosen, kind.name());
                    let about = ScheduleKind::about(kind.name()).unwrap_or_default();
                    if response.on_hover_text(about).clicked() && !chosen {
                        schedule.kind = kind;
                    }
                }
            });
    });
    ui.horizontal(|ui| {
        match &mut schedule.kind {
            ScheduleKind::Constant => {}
            ScheduleKind::Cosine { last } | ScheduleKind::Linear { last } => {
                ui.label("final η");
                ui.add(number(last, 0.0, rate.max(1e-9)));
            }
            ScheduleKind::Step { every, factor } => {
                ui.label("every");
                ui.add(
                    DragValue::new(every)
                        .clamp_existing_to_range(false)
                        .range(1..=MAX_STEPS),
                );
                ui.label("times");
                ui.add(number(factor, 1e-6, 1.0));
            }
            ScheduleKind::Exponential { gamma } => {
                ui.label("γ");
                ui.add(number(gamma, 1e-6, 1.0));
            }
        }
        ui.label("warm-up");
        let most = steps.saturating_sub(1);
        ui.add(
            DragValue::new(&mut schedule.warmup)
                .clamp_existing_to_range(false)
                .range(0..=most),
        )
        .on_hover_text("The rate rises over so many steps before the schedule begins");
    });
}

fn sampling_ui(ui: &mut egui::Ui, sampling: &mut Sampling) {
    ui.horizontal(|ui| {
        ui.label("gradient");
        let noisy = matches!(sampling, Sampling::Noise { .. });
        if ui.selectable_label(!noisy, "exact").clicked() {
            *sampling = Sampling::Exact;
        }
        let tip =
            "The exact gradient plus Gaussian noise of standard deviation σ on every component";
        if ui
            .selectable_label(noisy, "noisy")
            .on_hover_text(tip)
            .clicked()
            && !noisy
        {
            *sampling = Sampling::Noise { sigma: 0.5 };
        }
        match sampling {
            Sampling::Noise { sigma } => {
                ui.label("σ");
                ui.add(number(sigma, 0.0, 1e6));
            }
            Sampling::Batch { size } => {
                ui.label(format!("batches of {size}"));
            }
            Sampling::Exact => {}
        }
    });
}

/// A number that can be switched off.
fn optional(ui: &mut egui::Ui, label: &str, value: &mut Option<f64>, usual: f64) -> egui::Response {
    ui.horizontal(|ui| {
        let mut on = value.is_some();
        if ui.checkbox(&mut on, label).changed() {
            *value = on.then_some(usual);
        }
        if let Some(value) = value {
            ui.add(number(value, 1e-300, 1e300));
        }
    })
    .response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_they_would_be_typed() {
        for (value, text) in [
            (0.1, "0.1"),
            (25.0, "25"),
            (0.0, "0"),
            (-0.05, "-0.05"),
            (1e-8, "1.000e-8"),
            (2.5e7, "2.500e7"),
        ] {
            assert_eq!(plain(value), text);
            assert_eq!(text.parse::<f64>().ok(), Some(value));
        }
    }
}
