//! The menu that takes pictures.

use bevy_egui::egui;

use super::export;
use super::files::Files;
use super::menu;
use crate::lab::session::picture::{PictureKind, PictureWish};
use crate::ui::reader::{Edits, LabReader};

const SCALES: [u32; 3] = [1, 2, 4];

/// How the scene is to be drawn.
pub(crate) struct PictureMenu {
    scale: u32,
    transparent: bool,
    pub(crate) export: export::ExportMenu,
}

impl Default for PictureMenu {
    fn default() -> PictureMenu {
        PictureMenu {
            scale: 2,
            transparent: false,
            export: export::ExportMenu::default(),
        }
    }
}

/// Without a scene in view only the window's picture can be taken.
pub(crate) fn menu_ui(
    ui: &mut egui::Ui,
    lab: &LabReader,
    (wish, has_scene): (&mut PictureMenu, bool),
    files: &mut Files,
    edits: &mut Edits,
) {
    menu::button_ui(ui, "picture", |ui| {
        ui.strong("The window");
        pair_ui(
            ui,
            lab,
            PictureKind::Window,
            "as you see it now",
            files,
            edits,
        );
        ui.separator();
        ui.strong("The scene alone");
        ui.horizontal(|ui| {
            for scale in SCALES {
                ui.selectable_value(&mut wish.scale, scale, format!("{scale}×"))
                    .on_hover_text("Pixels for each of the window's, along a side");
            }
        });
        ui.checkbox(&mut wish.transparent, "transparent")
            .on_hover_text("Without the background, for slides");
        let kind = PictureKind::Scene {
            scale: wish.scale,
            transparent: wish.transparent,
        };
        let tip = if has_scene {
            "drawn once more, in finer pixels"
        } else {
            "There is no scene to be seen: bring it back first (M, P)"
        };
        ui.add_enabled_ui(has_scene, |ui| pair_ui(ui, lab, kind, tip, files, edits));
        ui.separator();
        ui.strong("To share");
        export::menu_ui(ui, lab, &mut wish.export, files);
    })
    .on_hover_text("Copy or save a picture");
}

fn pair_ui(
    ui: &mut egui::Ui,
    lab: &LabReader,
    kind: PictureKind,
    tip: &str,
    files: &mut Files,
    edits: &mut Edits,
) {
    ui.horizontal(|ui| {
        if ui
            .button("copy")
            .on_hover_text(tip)
            .on_disabled_hover_text(tip)
            .clicked()
        {
            edits.send(PictureWish { kind, file: None });
            ui.close();
        }
        if ui
            .button("save…")
            .on_hover_text(tip)
            .on_disabled_hover_text(tip)
            .clicked()
        {
            files.ask_for_picture(lab, kind);
            ui.close();
        }
    });
}
