//! The sliders of a formula's named constants.

use bevy_egui::egui;
use egui::{Button, Slider, SliderClamping};

use crate::experiment::{FunctionSpec, MAX_CONSTANTS};
use crate::objective::Constant;
use crate::ui::text::number::{self, field, in_full};
use crate::ui::text::words::one_line;

/// Width of a name.
const NAME: f32 = 44.0;
/// Of the ends of a slider, and of the button beside them.
const ENDS: f32 = 2.0 * number::WIDTH + 72.0;
const REMOVE: f32 = 26.0;
/// A slider whose end is so many times its beginning moves by factors.
const MANY: f64 = 1e3;
/// A number that is typed is as large at most.
const LARGEST: f64 = 1e300;

/// Edits the constants in place.
pub(crate) fn constants_ui(ui: &mut egui::Ui, function: &mut FunctionSpec) {
    let mut removed = None;
    for (index, constant) in function.formula.constants().to_vec().iter().enumerate() {
        ui.push_id(&constant.name, |ui| {
            value_ui(ui, function, index, constant);
            if span_ui(ui, function, index, constant) {
                removed = Some(index);
            }
        });
    }
    if let Some(Ok(fewer)) = removed.map(|index| function.without_constant(index)) {
        *function = fewer;
    }
}

fn value_ui(ui: &mut egui::Ui, function: &mut FunctionSpec, index: usize, constant: &Constant) {
    let [low, high] = function.spans[index];
    let mut value = constant.value;
    ui.horizontal(|ui| {
        let size = egui::vec2(NAME, ui.spacing().interact_size.y);
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        ui.allocate_ui_with_layout(size, layout, |ui| {
            ui.set_width(NAME);
            ui.add(egui::Label::new(one_line(&constant.name)).truncate());
        });
        let gap = ui.spacing().item_spacing.x;
        ui.spacing_mut().slider_width =
            (ui.available_width() - number::WIDTH - gap - 8.0).max(40.0);
        let slider = Slider::new(&mut value, low..=high)
            .clamping(SliderClamping::Edits)
            .logarithmic(low > 0.0 && high / low >= MANY);
        ui.add(slider.show_value(false));
        // Beyond the ends the span grows with the number: its pace must not follow.
        let speed = (value.abs() * 0.01).max((high - low) * 1e-3);
        let number = field(&mut value).speed(speed);
        let tip = in_full("Drag, or click to type", constant.value);
        ui.add(number.range(-LARGEST..=LARGEST)).on_hover_text(tip);
    });
    if value != constant.value {
        function.set_constant(index, value);
    }
}

/// The ends of a slider; whether its constant is to be removed.
fn span_ui(
    ui: &mut egui::Ui,
    function: &mut FunctionSpec,
    index: usize,
    constant: &Constant,
) -> bool {
    let span = function.spans[index];
    let [mut low, mut high] = span;
    let mut remove = false;
    ui.horizontal(|ui| {
        let idle = !function.formula.uses(index);
        let taken = ENDS + if idle { REMOVE } else { 0.0 };
        ui.add_space((ui.available_width() - taken).clamp(0.0, NAME));
        let speed = (high - low) * 0.005;
        let tip = "Where the slider begins and ends";
        let tips = span.map(|end| in_full(tip, end));
        ui.weak("from");
        let least = field(&mut low).speed(speed);
        ui.add(least.range(-LARGEST..=constant.value))
            .on_hover_text(&tips[0]);
        ui.weak("to");
        let most = field(&mut high).speed(speed);
        ui.add(most.range(constant.value..=LARGEST))
            .on_hover_text(&tips[1]);
        if idle {
            let tip = format!("{} is not in the formula: remove it", constant.name);
            remove = ui.button("×").on_hover_text(tip).clicked();
        }
    });
    if [low, high] != span && low < high && (high - low).is_finite() {
        function.spans[index] = [low, high];
    }
    remove
}

/// A button that makes a constant of a name; whether it was pressed.
pub(crate) fn make_constant_ui(ui: &mut egui::Ui, function: &FunctionSpec, name: &str) -> bool {
    if function.formula.constants().len() >= MAX_CONSTANTS {
        return false;
    }
    let text = format!("make `{}` a constant", one_line(name));
    let tip = "A number of this name, with a slider to change it";
    ui.add(Button::new(text).truncate())
        .on_hover_text(tip)
        .clicked()
}
