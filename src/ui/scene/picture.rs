//! The words over a picture of the scene: what stands over the scene in the window, painted once more, in the picture's pixels.

use bevy::ecs::schedule::ScheduleLabel;
use bevy::prelude::*;
use bevy_egui::{EguiContext, EguiSchedule, PrimaryEguiContext, egui};

use super::map_panel::{self, MapPanels};
use super::overlay;
use crate::lab::Viewports;
use crate::lab::showing::scene_picture::{ScenePicture, ScenePictureWords};
use crate::ui::layout::{Layout, to_egui};
use crate::ui::reader::LabReader;

#[derive(ScheduleLabel, Debug, Clone, PartialEq, Eq, Hash)]
struct PaintScenePicture;

pub(crate) fn plugin(app: &mut App) {
    app.add_observer(give_context)
        .add_systems(PaintScenePicture, paint);
}

fn give_context(
    added: On<Add, ScenePictureWords>,
    mut commands: Commands,
    mut window: Single<&mut EguiContext, With<PrimaryEguiContext>>,
) {
    let window = window.get_mut();
    let mut own = EguiContext::default();
    own.get_mut()
        .set_fonts(window.fonts(|fonts| fonts.definitions().clone()));
    own.get_mut()
        .set_global_style((*window.global_style()).clone());
    let schedule = EguiSchedule::new(PaintScenePicture);
    commands.entity(added.entity).insert((own, schedule));
}

fn paint(
    mut contexts: Query<&mut EguiContext, With<ScenePictureWords>>,
    lab: LabReader,
    viewports: Res<Viewports>,
    picture: Option<Res<ScenePicture>>,
    mut map_panels: Local<MapPanels>,
) {
    let (Ok(mut context), Some(picture)) = (contexts.single_mut(), picture) else {
        return;
    };
    let ctx = context.get_mut();
    // What is known of the scene's words are places in the window.
    let origin = picture.area.min;
    let moved = egui::emath::TSTransform::from_translation(egui::vec2(-origin.x, -origin.y));
    ctx.set_transform_layer(egui::LayerId::background(), moved);
    let rects: Vec<egui::Rect> = viewports.panels.iter().copied().map(to_egui).collect();
    let painter = ctx.layer_painter(egui::LayerId::background());
    for (panel, rect) in &viewports.maps {
        map_panel::paint(&painter, &lab, *panel, to_egui(*rect), &mut map_panels);
    }
    overlay::show(ctx, &lab, &Layout::SCENE, &rects, None);
}
