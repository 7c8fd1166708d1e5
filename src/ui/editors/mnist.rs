//! The editor of what is learnt from MNIST: from two features of an image, or from its pixels.

use bevy_egui::egui;

use crate::experiment::{Mnist, MnistPixels, ObjectiveSpec, Panel};
use crate::lab::Sent;
use crate::lab::session::edit::ShowObjective;

/// Chooses the panel's model, whose data may have to be read before.
pub(super) fn mnist_ui(ui: &mut egui::Ui, index: usize, panel: &Panel, commands: &mut Vec<Sent>) {
    let is_pixels = panel.objective.as_kind::<MnistPixels>().is_some();
    if !is_pixels && panel.objective.as_kind::<Mnist>().is_none() {
        return;
    }
    ui.horizontal(|ui| {
        ui.label("learns from");
        for (words, tip, pixels) in [
            (
                "features",
                "Mean and spread of an image's pixels: 20 weights",
                false,
            ),
            (
                "pixels",
                "All 784 pixels: 7,840 weights and 10 biases",
                true,
            ),
        ] {
            let response = ui.selectable_label(pixels == is_pixels, words);
            if response.on_hover_text(tip).clicked() && pixels != is_pixels {
                let objective = match pixels {
                    true => ObjectiveSpec::new(MnistPixels),
                    false => ObjectiveSpec::new(Mnist),
                };
                let show = ShowObjective {
                    panel: index,
                    objective,
                    instead_of: panel.objective.clone(),
                };
                commands.push(show.into());
            }
        }
    });
}
