//! The pointer over the scene: which point of the landscape it is on, and clicks, which drop descents there.

use bevy::prelude::*;
use bevy::window::PrimaryWindow;

use super::space::projector;
use super::{PanelSpace, ViewStage};
use crate::lab::Commander;
use crate::lab::showing::start::SetStart;
use crate::lab::{
    CameraRig, PanelIndex, PanelLandscape, Pointed, PointedAt, PointerFocus, Stage, Viewports,
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
    panels: Query<(&PanelIndex, &PanelLandscape, &PanelSpace)>,
    mut pointed: ResMut<Pointed>,
) {
    let pointer = windows.iter().find_map(Window::cursor_position);
    let pointer = pointer.filter(|_| !focus.pointer_on_ui);
    let found = pointer.and_then(|pointer| {
        panels.iter().find_map(|(index, landscape, place)| {
            let viewport = *viewports.panels.get(index.0)?;
            if !viewport.contains(pointer) {
                return None;
            }
            let (origin, direction) = projector(&rig, &place.space, viewport).ray(pointer)?;
            let [origin, direction] = place.space.ray_in_box(origin, direction);
            let at = if place.space.flat {
                let [s, t] = [origin[0], origin[1]];
                [s, t]
                    .iter()
                    .all(|c| (0.0..=1.0).contains(c))
                    .then_some([s, t])
            } else {
                intersect(&landscape.field.grid, &landscape.scale, origin, direction)
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
    (focus, viewports): (Res<PointerFocus>, Res<Viewports>),
    pointed: Res<Pointed>,
    mut commands: Commander,
    mut pressed_at: Local<Option<Vec2>>,
) {
    let (Some(buttons), Some(keys)) = (buttons, keys) else {
        return;
    };
    let pointer = windows.iter().find_map(Window::cursor_position);
    if buttons.just_pressed(MouseButton::Left) {
        let shift = keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
        // Who has the pointer is known of the frame before: it may have come from the scene since.
        let is_over = |at: &Vec2| !focus.pointer_on_ui && viewports.contain(*at);
        *pressed_at = pointer.filter(is_over).filter(|_| !shift);
    }
    let (Some(from), Some(to)) = (*pressed_at, pointer) else {
        return;
    };
    if from.distance(to) > SLACK {
        *pressed_at = None;
    } else if buttons.just_released(MouseButton::Left) {
        *pressed_at = None;
        if let Some(PointedAt { panel, at }) = pointed.0 {
            commands.send(SetStart { panel, at });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::Sent;

    /// A window with a scene in its right half, the pointer at a place of it, and what was last pointed at in the scene.
    fn app(at: Vec2) -> App {
        let mut window = Window::default();
        window.set_cursor_position(Some(at));
        let scene = Rect::new(200.0, 0.0, 400.0, 300.0);
        let mut app = App::new();
        app.add_message::<Sent>()
            .init_resource::<ButtonInput<MouseButton>>()
            .init_resource::<ButtonInput<KeyCode>>()
            .init_resource::<PointerFocus>()
            .insert_resource(Viewports {
                panels: vec![scene],
                maps: Vec::new(),
                scale_factor: 1.0,
            })
            .insert_resource(Pointed(Some(PointedAt {
                panel: 0,
                at: [0.5, 0.5],
            })))
            .add_systems(Update, drop_descents);
        app.world_mut().spawn((window, PrimaryWindow));
        app
    }

    fn starts_after_a_click(app: &mut App) -> usize {
        let button = MouseButton::Left;
        let mut buttons = app.world_mut().resource_mut::<ButtonInput<MouseButton>>();
        buttons.press(button);
        buttons.release(button);
        app.update();
        app.world().resource::<Messages<Sent>>().len()
    }

    /// On a slow machine a pointer comes from the scene to a panel and clicks within one frame.
    #[test]
    fn a_click_beside_the_scene_moves_no_start() {
        assert_eq!(starts_after_a_click(&mut app(Vec2::new(100.0, 50.0))), 0);
        assert_eq!(starts_after_a_click(&mut app(Vec2::new(300.0, 50.0))), 1);
    }
}
