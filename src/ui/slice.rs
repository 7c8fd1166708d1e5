//! The editor of a data set's plane: which weights are the axes, through which weights it passes, over which range, and
//! which data these are.

use bevy_egui::egui;

use super::LabReader;
use super::number::field;
use super::words::one_line;
use crate::experiment::{MAX_GRID, MnistSpec, ObjectiveSpec, Panel, Through, Weight};
use crate::lab::LabCommand;

const CONVEX: &str = "Softmax regression is convex (but for the 1e-8 in the logarithm): every slice \
    near the paths is a bowl that flattens far out.";
const OFF_PLANE: &str =
    "Balls are at their own true loss; thin lines lead to the plane that is drawn.";

/// Edits the panel's plane in place.
pub(crate) fn slice_ui(
    ui: &mut egui::Ui,
    lab: &LabReader,
    panel: &mut Panel,
    commands: &mut Vec<LabCommand>,
) {
    data_ui(ui, lab, commands);
    let names: Vec<String> = panel
        .descents
        .iter()
        .map(|spec| spec.name.clone())
        .collect();
    let ObjectiveSpec::Mnist(mnist) = &mut panel.objective else {
        return;
    };
    let before = mnist.clone();
    ui.horizontal(|ui| {
        ui.label("axes");
        weight_ui(ui, "u", &mut mnist.u, before.v);
        weight_ui(ui, "v", &mut mnist.v, before.u);
    })
    .response
    .on_hover_text("The two weights that vary: W[feature, digit]. Feature 0 is the pixels' mean, 1 their standard deviation");
    through_ui(ui, &names, mnist);
    grid_ui(ui, mnist);
    if panel.labels == before.labels() {
        panel.labels = mnist.labels();
    }
    ui.add_space(2.0);
    ui.weak(CONVEX);
    ui.weak(OFF_PLANE);
}

/// What the data are, and a download where they are the stand-in.
fn data_ui(ui: &mut egui::Ui, lab: &LabReader, commands: &mut Vec<LabCommand>) {
    if let Some(set) = lab.data.set() {
        ui.label(set.name());
    }
    if let Some(fetching) = lab.errands.fetching() {
        let progress = fetching.progress();
        let share = progress.done as f32 / progress.total.max(1) as f32;
        ui.horizontal(|ui| {
            let bar = egui::ProgressBar::new(share).desired_width(150.0);
            ui.add(bar.text(format!("{:.1} MB", progress.done as f64 / 1e6)));
            let tip = "Stop the download; what is there already is kept";
            if ui.button("cancel").on_hover_text(tip).clicked() {
                commands.push(LabCommand::CancelFetch);
            }
        });
    } else if lab.sweeps.busy() {
        ui.horizontal(|ui| {
            ui.spinner();
            ui.weak("sweeping the grid…");
        });
    } else if lab.data.is_makeshift() {
        let tip = "Downloads the data set (11.6 MB) into the cache folder; the experiment then runs on it";
        if ui.button("download MNIST").on_hover_text(tip).clicked() {
            commands.push(LabCommand::FetchData);
        }
    }
}

fn weight_ui(ui: &mut egui::Ui, axis: &str, weight: &mut Weight, other: Weight) {
    egui::ComboBox::from_id_salt(axis)
        .selected_text(weight.to_string())
        .width(74.0)
        .height(420.0)
        .show_ui(ui, |ui| {
            for choice in Weight::all().filter(|&choice| choice != other) {
                ui.selectable_value(weight, choice, choice.to_string());
            }
        });
}

fn through_ui(ui: &mut egui::Ui, names: &[String], mnist: &mut MnistSpec) {
    ui.horizontal(|ui| {
        ui.label("plane through");
        let chosen = match &mnist.through {
            Through::Origin => "the origin",
            Through::Descent(name) => name,
        };
        egui::ComboBox::from_id_salt("through")
            .selected_text(one_line(chosen))
            .width(ui.available_width() - 8.0)
            .truncate()
            .show_ui(ui, |ui| {
                ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Truncate);
                ui.selectable_value(&mut mnist.through, Through::Origin, "the origin");
                for name in names {
                    let through = Through::Descent(name.clone());
                    ui.selectable_value(&mut mnist.through, through, one_line(name));
                }
            })
            .response
            .on_hover_text("Where the eighteen weights that are not on the axes come from");
    });
    let descent = mnist.through != Through::Origin;
    ui.add_enabled(
        descent,
        egui::Checkbox::new(&mut mnist.follows, "follows the step shown"),
    )
    .on_hover_text("The plane passes through the weights at the step shown, not the final ones: the surface changes as they do");
}

fn grid_ui(ui: &mut egui::Ui, mnist: &mut MnistSpec) {
    ui.horizontal(|ui| {
        ui.label("grid");
        for (k, nodes) in mnist.grid.iter_mut().enumerate() {
            if k > 0 {
                ui.label("×");
            }
            ui.add(field(nodes).range(2..=MAX_GRID));
        }
    })
    .response
    .on_hover_text("Nodes along the two axes; the loss is exact at every one");
}
