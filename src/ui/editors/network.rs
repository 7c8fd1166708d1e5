//! The editor of a network: its data, its hidden layers, its activation, and the starts that are drawn for it.

use bevy_egui::egui;

use crate::experiment::{
    NetworkData, NetworkError, NetworkSpec, ObjectiveKind, ObjectiveSpec, Panel, StartDraw,
};
use crate::landscape::ticks::thousands;
use crate::objective::network::{Activation, Init, MAX_PARAMETERS, MAX_SAMPLES, Toy};
use crate::ui::text::number::field;
use crate::ui::text::words::one_line;

/// Hidden layers, and units of one, that are offered; a file may have more.
const MOST_LAYERS: usize = 12;
const MOST_UNITS: usize = 100;
/// The widest scatter that the slider offers.
const MOST_NOISE: f64 = 0.5;

/// Edits the panel's network. What it learns, and how large it is, decides its parameters: starts are drawn again.
pub(super) fn network_ui(ui: &mut egui::Ui, panel: &mut Panel) {
    let Some(spec) = panel.objective.as_kind::<NetworkSpec>() else {
        return;
    };
    let (mut data, mut layers) = (spec.data().clone(), spec.layers().to_vec());
    let (mut activation, mut residual) = (spec.shape().activation, spec.shape().residual);
    data_ui(ui, &mut data);
    layers_ui(ui, &mut layers);
    ui.horizontal(|ui| {
        ui.label("activation");
        egui::ComboBox::from_id_salt("activation")
            .selected_text(activation.name())
            .width(70.0)
            .show_ui(ui, |ui| {
                for (name, choice) in Activation::NAMED {
                    ui.selectable_value(&mut activation, choice, name);
                }
            });
        ui.checkbox(&mut residual, "residual").on_hover_text(
            "A hidden layer as wide as its input adds its input to its output (He et al. 2016)",
        );
    });
    ui.weak(format!(
        "{} weights and biases",
        thousands(spec.parameters() as u64)
    ));
    let edited = if data == *spec.data() {
        spec.with_layers(&layers, activation, residual)
    } else {
        NetworkSpec::drawn(data, &layers, activation, residual)
    };
    match edited {
        Ok(edited) if edited != *spec => panel.exchange(ObjectiveSpec::new(edited)),
        Ok(_) => {}
        Err(NetworkError::Parameters(_)) => {
            ui.weak(format!("at most {MAX_PARAMETERS} weights and biases"));
        }
        Err(NetworkError::Samples) => {
            ui.weak("there are no such samples");
        }
    }
}

fn data_ui(ui: &mut egui::Ui, data: &mut NetworkData) {
    let NetworkData::Toy {
        toy,
        samples,
        noise,
        seed,
        test,
    } = data
    else {
        if let NetworkData::File { name, .. } = data {
            ui.horizontal(|ui| {
                ui.label("data");
                ui.weak(one_line(name));
            });
        }
        return;
    };
    let fewest = toy.classes().unwrap_or(1);
    ui.horizontal(|ui| {
        ui.label("data");
        egui::ComboBox::from_id_salt("data")
            .selected_text(toy.name())
            .width(80.0)
            .show_ui(ui, |ui| {
                for (name, choice) in Toy::NAMED {
                    ui.selectable_value(toy, choice, name);
                }
            });
        ui.add(field(samples).range(fewest..=MAX_SAMPLES))
            .on_hover_text("Samples, the classes in turn");
    });
    ui.horizontal(|ui| {
        ui.label("noise");
        let most = MOST_NOISE.max(*noise);
        ui.add(field(noise).speed(0.002).range(0.0..=most))
            .on_hover_text("The standard deviation by which every point is off its place");
        ui.label("seed");
        ui.add(field(seed))
            .on_hover_text("Another number, other points");
    });
    ui.horizontal(|ui| {
        ui.label("test");
        let before = *test;
        ui.add(field(test).range(0..=MAX_SAMPLES)).on_hover_text(
            "So many more samples of the same kind that no gradient knows. The plot shows the loss over them dashed, and the \
             share that is named right. 0: none",
        );
        // There is one of each class, or none.
        if (1..fewest).contains(test) {
            *test = if before < *test { fewest } else { 0 };
        }
    });
}

fn layers_ui(ui: &mut egui::Ui, layers: &mut Vec<usize>) {
    ui.horizontal_wrapped(|ui| {
        ui.label("layers");
        let shown = layers.iter_mut().take(MOST_LAYERS);
        for units in shown {
            let most = MOST_UNITS.max(*units);
            ui.add(field(units).range(1..=most).speed(0.2))
                .on_hover_text("Units of this hidden layer");
        }
        if layers.len() > MOST_LAYERS {
            ui.weak("…");
        }
        let last = layers.last().copied().unwrap_or(8);
        let is_short = layers.len() < MOST_LAYERS;
        let more = ui.add_enabled(is_short, egui::Button::new("+").small());
        if more.on_hover_text("One more hidden layer").clicked() {
            layers.push(last);
        }
        let fewer = ui.add_enabled(!layers.is_empty(), egui::Button::new("−").small());
        if fewer
            .on_hover_text("Without the last hidden layer")
            .clicked()
        {
            layers.pop();
        }
    });
}

/// Edits how a start is drawn, where it is.
pub(super) fn draw_ui(
    ui: &mut egui::Ui,
    kind: &dyn ObjectiveKind,
    drawn: &mut Option<StartDraw>,
    start: &mut Vec<f64>,
) {
    let before = *drawn;
    let mut draw = before.or(kind.usual_draw()).unwrap_or_default();
    let mut has_chosen = false;
    ui.horizontal(|ui| {
        ui.label("start");
        egui::ComboBox::from_id_salt("init")
            .selected_text(before.map_or("given", |draw| draw.init.name()))
            .width(70.0)
            .show_ui(ui, |ui| {
                for name in Init::NAMES {
                    let is_chosen = before.is_some_and(|draw| draw.init.name() == name);
                    if ui.selectable_label(is_chosen, name).clicked()
                        && !is_chosen
                        && let Some(init) = Init::named(name)
                    {
                        draw.init = init;
                        has_chosen = true;
                    }
                }
            })
            .response
            .on_hover_text(
                "How the first weights are drawn: Glorot & Bengio's, He's, normal ones, or zeros",
            );
        if draw.init != Init::Zeros {
            ui.label("seed");
            let seed = ui.add(field(&mut draw.seed));
            has_chosen |= seed
                .on_hover_text("Another number, other weights")
                .changed();
        }
    });
    if has_chosen && let Some(weights) = kind.draw_start(draw) {
        (*drawn, *start) = (Some(draw), weights);
    }
}
