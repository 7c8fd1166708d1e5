//! Mouse and touchpad over the scene: drag to orbit, right drag or shift-drag to pan, scroll or pinch to zoom.
//! With shift, scrolling zooms the range of the axes.

use bevy::input::gestures::PinchGesture;
use bevy::input::mouse::{MouseScrollUnit, MouseWheel};
use bevy::prelude::*;
use bevy::window::{CursorMoved, PrimaryWindow};

use crate::lab::Commander;
use crate::lab::showing::camera::CameraCommand;
use crate::lab::showing::range::ChangeRange;
use crate::lab::{CameraRig, PointerFocus, RangeChange, Stage, Viewports};

/// Radians for a drag across the height of the viewport.
const ORBIT_PER_HEIGHT: f64 = 3.2;
/// Share of the distance for one notch of the wheel.
const ZOOM_PER_NOTCH: f64 = 0.12;
const PIXELS_PER_NOTCH: f64 = 60.0;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, move_camera.in_set(Stage::Input));
}

/// A drag that began over the scene goes on wherever the pointer is; one that began on a panel never moves the camera.
fn move_camera(
    buttons: Option<Res<ButtonInput<MouseButton>>>,
    keys: Option<Res<ButtonInput<KeyCode>>>,
    mut moves: MessageReader<CursorMoved>,
    mut wheel: MessageReader<MouseWheel>,
    mut pinch: MessageReader<PinchGesture>,
    windows: Query<&Window, With<PrimaryWindow>>,
    focus: Res<PointerFocus>,
    viewports: Res<Viewports>,
    rig: Res<CameraRig>,
    mut commands: Commander,
    mut dragging: Local<bool>,
) {
    let (Some(buttons), Some(keys)) = (buttons, keys) else {
        return;
    };
    let mut moved: Vec2 = moves.read().filter_map(|event| event.delta).sum();
    let used = [MouseButton::Left, MouseButton::Right, MouseButton::Middle];
    if buttons.any_just_pressed(used) {
        // Who has the pointer is known of the frame before: it may have come from the scene since.
        let pointer = windows.iter().find_map(Window::cursor_position);
        *dragging = !focus.pointer_on_ui && pointer.is_none_or(|at| viewports.contain(at));
        // The way to where the button went down is no drag.
        moved = Vec2::ZERO;
    }
    if !buttons.any_pressed(used) {
        *dragging = false;
    }
    let height = viewports
        .panels
        .first()
        .map_or(720.0, |rect| f64::from(rect.height()))
        .max(1.0);
    if *dragging && moved != Vec2::ZERO {
        let [dx, dy] = moved.as_dvec2().to_array().map(|d| d / height);
        let shift = keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
        if buttons.pressed(MouseButton::Left) && !shift {
            let [yaw, pitch] = [-dx, dy].map(|d| d * ORBIT_PER_HEIGHT);
            commands.send(CameraCommand::Orbit(yaw, pitch));
        } else {
            let size = 2.0 * rig.pose.distance * f64::from(super::space::FIELD_OF_VIEW / 2.0).tan();
            commands.send(CameraCommand::Pan(-dx * size, dy * size));
        }
    }
    let mut notches = 0.0;
    for event in wheel.read() {
        notches += match event.unit {
            MouseScrollUnit::Line => f64::from(event.y),
            MouseScrollUnit::Pixel => f64::from(event.y) / PIXELS_PER_NOTCH,
        };
    }
    for event in pinch.read() {
        notches += f64::from(event.0) * 8.0;
    }
    if notches == 0.0 || focus.pointer_on_ui {
        return;
    }
    let factor = (-ZOOM_PER_NOTCH * notches).exp();
    if keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]) {
        let change = RangeChange::Zoom {
            factor,
            at: [0.5, 0.5],
        };
        let panel = focus.panel;
        commands.send(ChangeRange { panel, change });
    } else {
        commands.send(CameraCommand::Zoom(factor));
    }
}
