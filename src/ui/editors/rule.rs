//! The editor of a descent's rule and of its hyperparameters.

use bevy_egui::egui;
use egui::{ComboBox, Slider};

use crate::experiment::DescentSpec;
use crate::optimizer::{Param, ParamKind, RULES, Rule};
use crate::ui::text::number::{WIDTH, field, number};

/// The largest number below an excluded limit that a person would type is so much smaller.
const BELOW: f64 = 1e-9;
/// In logical pixels.
const LEAST_SLIDER: f32 = 30.0;

pub(super) fn rule_ui(ui: &mut egui::Ui, spec: &mut DescentSpec) {
    let rule = spec.plan.rule;
    let info = rule.info();
    ui.horizontal(|ui| {
        ui.label("rule");
        let combo = ComboBox::from_id_salt("rule")
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
        let tip = format!("{}\n\n{}\n\n{}", info.about, rule.formula(), info.source);
        combo.response.on_hover_text(tip);
    });
}

pub(super) fn hyperparameters_ui(ui: &mut egui::Ui, rule: &mut Rule) {
    for (param, before) in rule.info().params.iter().zip(rule.values().to_vec()) {
        let mut value = before;
        match param.kind {
            ParamKind::Number => number_ui(ui, param, &mut value),
            ParamKind::Whole => whole_ui(ui, param, &mut value),
            ParamKind::Switch => {
                let mut on = value != 0.0;
                ui.checkbox(&mut on, name(param)).on_hover_text(param.about);
                value = f64::from(u8::from(on));
            }
            ParamKind::Choice(words) => choice_ui(ui, param, words, &mut value),
        }
        if value != before {
            rule.set(param.key, value);
        }
    }
}

fn name(param: &Param) -> String {
    let name = format!("{} {}", param.key.replace('_', " "), param.symbol);
    name.trim_end().to_owned()
}

/// Leaves room for the number and the name beside it.
fn fit_slider(ui: &mut egui::Ui, param: &Param) {
    let font = egui::TextStyle::Body.resolve(ui.style());
    let name = ui
        .painter()
        .layout_no_wrap(name(param), font, egui::Color32::WHITE);
    let taken = WIDTH + name.size().x + 3.0 * ui.spacing().item_spacing.x;
    let usual = ui.spacing().slider_width;
    let left = ui.available_width() - taken;
    ui.spacing_mut().slider_width = left.clamp(LEAST_SLIDER.min(usual), usual);
}

fn number_ui(ui: &mut egui::Ui, param: &Param, value: &mut f64) {
    let most = param.max - if param.max_excluded { BELOW } else { 0.0 };
    ui.horizontal(|ui| {
        fit_slider(ui, param);
        let slider = Slider::new(value, param.min..=most)
            .clamping(egui::SliderClamping::Edits)
            .logarithmic(param.min >= 0.0 && param.default < 1e-3)
            .smallest_positive(1e-12)
            .show_value(false);
        ui.add(slider);
        ui.add(number(value, param.min, most));
        ui.label(name(param)).on_hover_text(param.about);
    });
}

fn whole_ui(ui: &mut egui::Ui, param: &Param, value: &mut f64) {
    let [low, high] = [param.min, param.max].map(|limit| limit as u64);
    let mut whole = *value as u64;
    ui.horizontal(|ui| {
        fit_slider(ui, param);
        let slider = Slider::new(&mut whole, low..=high).show_value(false);
        ui.add(slider);
        ui.add(field(&mut whole).range(low..=high));
        ui.label(name(param)).on_hover_text(param.about);
    });
    *value = whole as f64;
}

fn choice_ui(ui: &mut egui::Ui, param: &Param, words: &[&str], value: &mut f64) {
    ui.horizontal(|ui| {
        ui.label(name(param)).on_hover_text(param.about);
        ComboBox::from_id_salt(param.key)
            .selected_text(param.word(*value).unwrap_or_default())
            .show_ui(ui, |ui| {
                for (place, word) in words.iter().enumerate() {
                    ui.selectable_value(value, place as f64, *word);
                }
            });
    });
}
