//! What makes pages, models and figures.

use bevy_egui::egui;

use super::files::Files;
use super::menu;
use crate::export::{FigureParts, FigureWish, WIDTHS};
use crate::lab::PanelLandscape;
use crate::objective::network::Sight;
use crate::ui::reader::LabReader;
use crate::ui::text::number;

/// What figures are to show.
pub(crate) struct ExportMenu {
    figure: FigureWish,
}

impl Default for ExportMenu {
    fn default() -> ExportMenu {
        ExportMenu {
            figure: FigureWish {
                parts: FigureParts::SCENE,
                ..FigureWish::default()
            },
        }
    }
}

/// The menu as a button of its own; while a file is being made, it says so.
pub(crate) fn button_ui(
    ui: &mut egui::Ui,
    lab: &LabReader,
    wish: &mut ExportMenu,
    files: &mut Files,
) {
    let name = if lab.exporting.busy() {
        "exporting…"
    } else {
        "export"
    };
    menu::button_ui(ui, name, |ui| {
        ui.strong("To share");
        menu_ui(ui, lab, wish, files);
    })
    .on_hover_text("An interactive page, a 3-D model, or a figure for a paper");
}

/// What a figure shows, and the button that asks where to.
pub(crate) fn menu_ui(
    ui: &mut egui::Ui,
    lab: &LabReader,
    wish: &mut ExportMenu,
    files: &mut Files,
) {
    let FigureWish { parts, width, .. } = &mut wish.figure;
    let panels = 0..lab.current.experiment.panels.len();
    let mut landscapes = panels.filter_map(|panel| lab.landscape(panel));
    let has_data = landscapes.any(has_data);
    parts.data &= has_data;
    ui.horizontal(|ui| {
        ui.label("figures:");
        let mut toggles = vec![
            (
                &mut parts.scene,
                "scene",
                "The scene as it is seen now, as a picture with axes and words as vectors",
            ),
            (&mut parts.map, "map", "The contours with the paths"),
            (&mut parts.plot, "plot", "The losses"),
        ];
        if has_data {
            let tip = "What a network makes of its data";
            toggles.push((&mut parts.data, "data", tip));
        }
        for (shown, name, tip) in toggles {
            ui.toggle_value(shown, name).on_hover_text(tip);
        }
    });
    ui.horizontal(|ui| {
        let field = number::field(width).range(WIDTHS).speed(1.0).suffix(" mm");
        ui.add(field).on_hover_text(
            "How wide a figure is printed: 86 mm are a column of most journals, 180 mm a page",
        );
        ui.label("wide");
    });
    let busy = lab.exporting.busy();
    let is_something = parts.count() > 0;
    let button = egui::Button::new(if busy { "exporting…" } else { "export…" });
    let button = ui
        .add_enabled(!busy && is_something, button)
        .on_hover_text(
            "An interactive page that needs no network (.html), a 3-D model (.glb), or a figure for a paper (.svg, .pdf)",
        )
        .on_disabled_hover_text("One file is made at a time; a figure shows at least one of its parts");
    if button.clicked() {
        files.ask_to_export(lab, wish.figure);
        ui.close();
    }
}

/// Whether a panel has a network whose data can be seen.
fn has_data(landscape: &PanelLandscape) -> bool {
    let network = landscape.objective().as_network();
    network.is_some_and(|network| Sight::of(network).is_some())
}
