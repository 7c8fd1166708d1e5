//! The pointer over the scene: which point of the landscape it is on, and clicks, which drop descents there.

use bevy::prelude::*;
use bevy::window::PrimaryWindow;

use super::space::{Projector, camera_view};
use super::{PanelSpace, ViewStage};
use crate::lab::{
    CameraRig, LabCommand, PanelIndex, Pointed, PointedAt, PointerFocus, Scenery, Stage, Viewports,
};
use crate::landscape::intersect;

/// A press that moved further than this before it was let go is a drag, in logical pixels.
const SLACK: f32 = 4.0;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        (
            drop_descents.in_set(Stage::Input),
            point.in_set(ViewStage::Place),
        ),
    );
}

/// Finds what lies under the pointer. Where the pointer is on something else, nothing does.
fn point(
    windows: Query<&Window, With<PrimaryWindow>>,
    focus: Res<PointerFocus>,
    viewports: Res<Viewports>,
    rig: Res<CameraRig>,
    panels: Query<(&PanelIndex, &Scenery, &PanelSpace)>,
    mut pointed: ResMut<Pointed>,
) {
    let pointer = windows.iter().find_map(Window::cursor_position);
    let pointer = pointer.filter(|_| !focus.pointer_on_ui);
    let found = pointer.and_then(|pointer| {
        panels.iter().find_map(|(index, scenery, place)| {
            let viewport = *viewports.panels.get(index.0)?;
            if !viewport.contains(pointer) {
                return None;
            }
            let aspect = viewport.width() / viewport.height().max(1.0);
            let (camera, projection) = camera_view(&rig.pose, &place.space, aspect);
            let (origin, direction) =
                Projector::new(&camera, &projection, viewport).ray(pointer)?;
            let [origin, direction] = place.space.ray_in_box(origin, direction);
            let at = if place.space.flat {
                let [s, t] = [origin[0], origin[1]];
                [s, t]
                    .iter()
                    .all(|c| (0.0..=1.0).contains(c))
                    .then_some([s, t])
            } else {
                intersect(&scenery.field.grid, &scenery.scale, origin, direction)
            };
            let [x, y] = place.space.params_from_fractions(at?);
            Some(PointedAt {
                panel: index.0,
                at: [x, y],
            })
        })
    });
    pointed.set_if_neq(Pointed(found));
}

/// A click on the landscape moves the start there.
fn drop_descents(
    buttons: Option<Res<ButtonInput<MouseButton>>>,
    keys: Option<Res<ButtonInput<KeyCode>>>,
    windows: Query<&Window, With<PrimaryWindow>>,
    focus: Res<PointerFocus>,
    pointed: Res<Pointed>,
    mut commands: MessageWriter<LabCommand>,
    mut pressed_at: Local<Option<Vec2>>,
) {
    let (Some(buttons), Some(keys)) = (buttons, keys) else {
        return;
    };
    let pointer = windows.iter().find_map(Window::cursor_position);
    if buttons.just_pressed(MouseButton::Left) {
        let shift = keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
        *pressed_at = pointer.filter(|_| !focus.pointer_on_ui && !shift);
    }
    let (Some(from), Some(to)) = (*pressed_at, pointer) else {
        return;
    };
    if from.distance(to) > SLACK {
        *pressed_at = None;
    } else if buttons.just_released(MouseButton::Left) {
        *pressed_at = None;
        if let Some(PointedAt { panel, at }) = pointed.0 {
            commands.write(LabCommand::SetStart { panel, at });
        }
    }
}
