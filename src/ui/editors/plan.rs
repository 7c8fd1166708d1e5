//! The editors of what a descent's plan is made of: the schedule, the sampling, the start.

use bevy_egui::egui;

use crate::experiment::{MAX_BATCH, MAX_STEPS};
use crate::optimizer::{Sampling, Schedule, ScheduleKind};
use crate::ui::text::number::{field, in_full, number};

/// A point is edited number by number; a model's weights are too many for that.
pub(super) fn start_ui(ui: &mut egui::Ui, start: &mut [f64]) {
    ui.horizontal(|ui| {
        ui.label("start");
        if start.len() > 2 {
            let zero = start.iter().all(|w| *w == 0.0);
            ui.weak(if zero {
                "all weights zero"
            } else {
                "given weights"
            });
            let tip = "Begin with all weights zero";
            if !zero && ui.button("zeros").on_hover_text(tip).clicked() {
                start.fill(0.0);
            }
            return;
        }
        for value in start {
            let tip = "Where the descent begins; a click on the landscape sets it, too";
            let tip = in_full(tip, *value);
            ui.add(field(value).speed(0.01).range(-1e12..=1e12))
                .on_hover_text(tip);
        }
    });
}

pub(super) fn schedule_ui(ui: &mut egui::Ui, schedule: &mut Schedule, rate: f64, steps: usize) {
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
                    ScheduleKind::Restarts {
                        every: (steps / 4).max(1),
                        multiple: 1,
                        last: 0.0,
                    },
                    ScheduleKind::Cyclic {
                        low: rate / 10.0,
                        every: (steps / 8).max(1),
                        decay: 1.0,
                    },
                    ScheduleKind::OneCycle,
                    ScheduleKind::Plateau {
                        factor: 0.1,
                        patience: 10,
                        threshold: 1e-4,
                    },
                ];
                for kind in kinds {
                    let chosen = schedule.kind.name() == kind.name();
                    let response = ui.selectable_label(chosen, kind.name());
                    let about = ScheduleKind::about(kind.name()).unwrap_or_default();
                    if response.on_hover_text(about).clicked() && !chosen {
                        schedule.kind = kind;
                    }
                }
            })
            .response
            .on_hover_text("How the learning rate changes from step to step");
    });
    ui.horizontal_wrapped(|ui| {
        match &mut schedule.kind {
            ScheduleKind::Constant | ScheduleKind::OneCycle => {}
            ScheduleKind::Restarts {
                every,
                multiple,
                last,
            } => {
                ui.label("every");
                ui.add(field(every).range(1..=MAX_STEPS))
                    .on_hover_text("Steps of the first wave");
                ui.label("times");
                ui.add(field(multiple).range(1..=MAX_STEPS))
                    .on_hover_text("How much longer every wave is than the one before; usual: 1");
                ui.label("final η");
                ui.add(number(last, 0.0, rate.max(1e-9)))
                    .on_hover_text("The rate that every wave ends with; usual: 0");
            }
            ScheduleKind::Cyclic { low, every, decay } => {
                ui.label("low η");
                ui.add(number(low, 1e-300, rate.max(1e-300)))
                    .on_hover_text("The rate between two cycles");
                ui.label("every");
                ui.add(field(every).range(1..=MAX_STEPS))
                    .on_hover_text("Steps of half a cycle: from low to high");
                ui.label("decay");
                ui.add(number(decay, 1e-6, 1.0)).on_hover_text(
                    "What a cycle's height is multiplied by for the next; usual: 1, or 0.5",
                );
            }
            ScheduleKind::Plateau {
                factor,
                patience,
                threshold,
            } => {
                ui.label("times");
                ui.add(number(factor, 1e-6, 1.0))
                    .on_hover_text("What the rate is multiplied by on a plateau; usual: 0.1");
                ui.label("patience");
                ui.add(field(patience).range(0..=MAX_STEPS)).on_hover_text(
                    "So many losses in a row may be no better than the best; usual: 10",
                );
                ui.label("by");
                ui.add(number(threshold, 0.0, 0.999_999)).on_hover_text(
                    "A better loss is lower by this fraction of the best; usual: 0.0001",
                );
            }
            ScheduleKind::Cosine { last } | ScheduleKind::Linear { last } => {
                ui.label("final η");
                ui.add(number(last, 0.0, rate.max(1e-9)))
                    .on_hover_text("The rate that the schedule ends with; usual: 0");
            }
            ScheduleKind::Step { every, factor } => {
                ui.label("every");
                ui.add(field(every).range(1..=MAX_STEPS))
                    .on_hover_text("Steps between one drop of the rate and the next");
                ui.label("times");
                ui.add(number(factor, 1e-6, 1.0))
                    .on_hover_text("What the rate is multiplied by at every drop; usual: 0.1");
            }
            ScheduleKind::Exponential { gamma } => {
                ui.label("γ");
                ui.add(number(gamma, 1e-6, 1.0))
                    .on_hover_text("What the rate is multiplied by at every step; usual: 0.99");
            }
        }
        ui.label("warm-up");
        let most = steps.saturating_sub(1);
        ui.add(field(&mut schedule.warmup).range(0..=most))
            .on_hover_text("The rate rises over so many steps before the schedule begins");
    });
}

/// `is_data`: there are samples to take batches of.
pub(super) fn sampling_ui(ui: &mut egui::Ui, sampling: &mut Sampling, is_data: bool) {
    ui.horizontal(|ui| {
        ui.label("gradient");
        let noisy = matches!(sampling, Sampling::Noise { .. });
        let batch = matches!(sampling, Sampling::Batch { .. });
        let exact = ui.selectable_label(!noisy && !batch, "exact");
        if exact.on_hover_text("The gradient as it is").clicked() {
            *sampling = Sampling::Exact;
        }
        let tip = "The gradient over so many samples, drawn without replacement: 1 is SGD";
        if is_data
            && ui
                .selectable_label(batch, "batch")
                .on_hover_text(tip)
                .clicked()
            && !batch
        {
            *sampling = Sampling::Batch { size: 64 };
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
                ui.add(number(sigma, 0.0, 1e6)).on_hover_text(
                    "Standard deviation σ of the noise on every component of the gradient",
                );
            }
            Sampling::Batch { size } => {
                ui.label("of");
                let size = field(size);
                ui.add(size.range(1..=MAX_BATCH).speed(0.5))
                    .on_hover_text("Samples in a batch; usual: 32 to 256");
            }
            Sampling::Exact => {}
        }
    });
}

/// A number that can be switched off.
pub(super) fn optional(
    ui: &mut egui::Ui,
    label: &str,
    value: &mut Option<f64>,
    usual: f64,
) -> egui::Response {
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
