//! How the experiment is looked at: colours, theme, surface, pace, camera.

use bevy_egui::egui;

use crate::experiment::{ColorMap, EXAGGERATIONS, OPACITIES, ThemeKind};
use crate::lab::showing::camera::CameraCommand;
use crate::lab::showing::camera::ReduceMotion;
use crate::lab::showing::highlight::SetPathAhead;
use crate::lab::showing::units::ShowUnits;
use crate::ui::reader::{Edits, LabReader};
use crate::ui::text::number::field;

pub(crate) fn view_ui(ui: &mut egui::Ui, lab: &LabReader, edits: &mut Edits) {
    let view = &mut edits.draft.view;
    ui.horizontal(|ui| {
        ui.label("colours");
        egui::ComboBox::from_id_salt("colormap")
            .selected_text(view.colormap.name())
            .show_ui(ui, |ui| {
                for &map in ColorMap::ALL {
                    ui.selectable_value(&mut view.colormap, map, map.name());
                }
            })
            .response
            .on_hover_text(
                "Colours of the surface, dark for low losses. Cividis is made for colour-blind eyes, greys for print",
            );
    });
    ui.horizontal(|ui| {
        ui.label("theme");
        for &theme in ThemeKind::ALL {
            ui.selectable_value(&mut view.theme, theme, theme.name())
                .on_hover_text("Colours of everything else; paper is white and safe for print (T)");
        }
    });
    ui.horizontal(|ui| {
        ui.label("opacity");
        let opacity = egui::Slider::new(&mut view.opacity, OPACITIES)
            .clamping(egui::SliderClamping::Edits)
            .update_while_editing(false)
            .max_decimals(2);
        ui.add(opacity)
            .on_hover_text("Of the surface: below 1 what lies behind it shows through");
    });
    ui.horizontal(|ui| {
        ui.label("stretch");
        let exaggeration = egui::Slider::new(&mut view.exaggeration, EXAGGERATIONS)
            .clamping(egui::SliderClamping::Edits)
            .update_while_editing(false)
            .max_decimals(2)
            .suffix("×");
        ui.add(exaggeration).on_hover_text(
            "Vertical exaggeration: how tall the surface is drawn. Numbers stay true",
        );
    });
    ui.horizontal(|ui| {
        ui.label("pace");
        let mut per_second = 1.0 / view.seconds_per_step;
        let pace = field(&mut per_second)
            .range(0.1..=1000.0)
            .speed(0.1)
            .suffix(" steps/s");
        if ui
            .add(pace)
            .on_hover_text("How fast the steps follow each other")
            .changed()
        {
            view.seconds_per_step = 1.0 / per_second;
        }
    });
    ui.horizontal(|ui| {
        let mut orthographic = lab.rig.pose.orthographic;
        if ui
            .checkbox(&mut orthographic, "parallel projection")
            .on_hover_text("Without perspective: equal lengths look equal (O)")
            .changed()
        {
            edits.send(CameraCommand::ToggleOrthographic);
        }
    });
    let tip = "The contours on the right turn with the camera instead of standing upright; a wedge at their edge shows \
               from where the scene is seen";
    ui.checkbox(
        &mut edits.draft.view.turn_contours,
        "turn contours with the camera",
    )
    .on_hover_text(tip);
    let mut ahead = lab.path_ahead.0;
    if ui
        .checkbox(&mut ahead, "path ahead")
        .on_hover_text("Draws the rest of every path, faintly, beyond the step shown")
        .changed()
    {
        edits.send(SetPathAhead(ahead));
    }
    let mut units = lab.units_shown.0;
    let tip = "Small pictures on the right: what each hidden unit of a network says over the ground of its data, or the weights of \
               each digit, at the step shown";
    if edits.draft.panels.iter().any(|panel| panel.plane.is_some())
        && ui
            .checkbox(&mut units, "pictures of hidden units, weights")
            .on_hover_text(tip)
            .changed()
    {
        edits.send(ShowUnits(units));
    }
    let mut reduced = lab.motion.reduced;
    if ui
        .checkbox(&mut reduced, "reduce motion")
        .on_hover_text("Surfaces change at once, and the camera jumps instead of gliding")
        .changed()
    {
        edits.send(ReduceMotion(reduced));
    }
    path_ui(ui, lab, edits);
}

/// The camera's path: its keys are added where the camera is now.
fn path_ui(ui: &mut egui::Ui, lab: &LabReader, edits: &mut Edits) {
    let keys = lab.current.experiment.camera_keys.len();
    ui.horizontal(|ui| {
        let tip = "The camera's path, for the window and for recordings: its keys are reached at these seconds of \
                   playback";
        let plural = if keys == 1 { "" } else { "s" };
        ui.label(format!("camera path: {keys} key{plural}")).on_hover_text(tip);
        if ui
            .small_button("add")
            .on_hover_text("Add a key here: the camera as it is now, at this moment of playback")
            .clicked()
        {
            edits.send(CameraCommand::AddKey);
        }
        if keys > 0
            && ui
                .small_button("clear")
                .on_hover_text("Remove all keys")
                .clicked()
        {
            edits.send(CameraCommand::ClearKeys);
        }
    });
    if keys > 1 {
        let mut follows = lab.rig.follows();
        let tip = "The camera goes along its path while the steps are played; touching it lets go";
        if ui
            .checkbox(&mut follows, "follow the path")
            .on_hover_text(tip)
            .changed()
        {
            edits.send(CameraCommand::Follow(follows));
        }
    }
}
