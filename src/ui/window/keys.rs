//! The keyboard: one table for what keys do and for the help that lists them.

use bevy::prelude::*;
use bevy_egui::egui;

use crate::experiment::{ThemeKind, ViewPreset};
use crate::lab::Commander;
use crate::lab::Sent;
use crate::lab::playback::PlaybackCommand;
use crate::lab::session::edit::SetTheme;
use crate::lab::session::edit::ToggleExplain;
use crate::lab::session::history::HistoryCommand;
use crate::lab::showing::camera::CameraCommand;
use crate::lab::showing::range::ChangeRange;
use crate::lab::{CurrentExperiment, Playback, PointerFocus, RangeChange, Theme};
use crate::ui::layout::{Enlarged, Layout};
use crate::ui::session::files::FileKey;
use crate::ui::text::style::color32;
use crate::ui::window::UiState;

#[derive(Clone, Copy)]
enum Action {
    Send(fn(&Playback) -> Sent),
    /// Another range for the panel in focus.
    Range(RangeChange),
    Explain,
    Orbit(f64, f64),
    Zoom(f64),
    NextTheme,
    ToggleInterface,
    Enlarge(Enlarged),
    ToggleHelp,
    CloseHelp,
}

struct Binding {
    key: KeyCode,
    name: &'static str,
    /// Empty: not listed, the line before says it.
    about: &'static str,
    action: Action,
}

const fn bind(key: KeyCode, name: &'static str, about: &'static str, action: Action) -> Binding {
    Binding {
        key,
        name,
        about,
        action,
    }
}

/// Radians for one press of a key, and box sizes for each of them with shift.
const TURN: f64 = 0.12;
const PAN_PER_TURN: f64 = 0.6;

const BINDINGS: &[Binding] = &[
    bind(
        KeyCode::Space,
        "Space",
        "play or pause",
        Action::Send(|_| PlaybackCommand::Toggle.into()),
    ),
    bind(
        KeyCode::ArrowRight,
        "→",
        "one step on",
        Action::Send(|_| PlaybackCommand::StepBy(1).into()),
    ),
    bind(
        KeyCode::ArrowLeft,
        "←",
        "one step back",
        Action::Send(|_| PlaybackCommand::StepBy(-1).into()),
    ),
    bind(
        KeyCode::Period,
        ", .",
        "one phase back, on: of a step that is explained",
        Action::Send(|_| PlaybackCommand::PhaseBy(1).into()),
    ),
    bind(
        KeyCode::Comma,
        "",
        "",
        Action::Send(|_| PlaybackCommand::PhaseBy(-1).into()),
    ),
    bind(
        KeyCode::KeyX,
        "X",
        "explain the steps, or no longer: of the selected descent, or all",
        Action::Explain,
    ),
    bind(
        KeyCode::Home,
        "Home",
        "to the start",
        Action::Send(|_| PlaybackCommand::Seek(0.0).into()),
    ),
    bind(
        KeyCode::End,
        "End",
        "to the end",
        Action::Send(|playback| PlaybackCommand::Seek(playback.last_step() as f64).into()),
    ),
    bind(
        KeyCode::KeyR,
        "R",
        "play from the start",
        Action::Send(|_| PlaybackCommand::Restart.into()),
    ),
    bind(
        KeyCode::KeyL,
        "L",
        "loop on or off",
        Action::Send(|_| PlaybackCommand::ToggleLoop.into()),
    ),
    bind(
        KeyCode::Digit1,
        "1",
        "view from a corner",
        Action::Send(|_| CameraCommand::LookFrom(ViewPreset::Iso).into()),
    ),
    bind(
        KeyCode::Digit2,
        "2",
        "view from the front",
        Action::Send(|_| CameraCommand::LookFrom(ViewPreset::Front).into()),
    ),
    bind(
        KeyCode::Digit3,
        "3",
        "view from the side",
        Action::Send(|_| CameraCommand::LookFrom(ViewPreset::Side).into()),
    ),
    bind(
        KeyCode::Digit4,
        "4",
        "view from above",
        Action::Send(|_| CameraCommand::LookFrom(ViewPreset::Top).into()),
    ),
    bind(
        KeyCode::KeyF,
        "F",
        "range: fit to the paths",
        Action::Range(RangeChange::FitToPaths),
    ),
    bind(
        KeyCode::KeyG,
        "G",
        "range: the usual one (MNIST: ±5)",
        Action::Range(RangeChange::Usual),
    ),
    bind(
        KeyCode::KeyO,
        "O",
        "parallel projection on or off",
        Action::Send(|_| CameraCommand::ToggleOrthographic.into()),
    ),
    bind(
        KeyCode::KeyU,
        "U",
        "turntable on or off",
        Action::Send(|_| CameraCommand::ToggleTurntable.into()),
    ),
    bind(
        KeyCode::KeyA,
        "A D W S",
        "turn the camera; with shift, move it",
        Action::Orbit(-TURN, 0.0),
    ),
    bind(KeyCode::KeyD, "", "", Action::Orbit(TURN, 0.0)),
    bind(KeyCode::KeyW, "", "", Action::Orbit(0.0, TURN)),
    bind(KeyCode::KeyS, "", "", Action::Orbit(0.0, -TURN)),
    bind(
        KeyCode::Equal,
        "+ −",
        "closer, further away",
        Action::Zoom(0.9),
    ),
    bind(KeyCode::NumpadAdd, "", "", Action::Zoom(0.9)),
    bind(KeyCode::Minus, "", "", Action::Zoom(1.0 / 0.9)),
    bind(KeyCode::NumpadSubtract, "", "", Action::Zoom(1.0 / 0.9)),
    bind(
        KeyCode::KeyT,
        "T",
        "next theme: dark, light, paper",
        Action::NextTheme,
    ),
    bind(
        KeyCode::Tab,
        "Tab",
        "hide or show the interface",
        Action::ToggleInterface,
    ),
    bind(
        KeyCode::KeyM,
        "M, P, N",
        "contour map, loss plot, a network's data: large, and back",
        Action::Enlarge(Enlarged::Inset),
    ),
    bind(KeyCode::KeyP, "", "", Action::Enlarge(Enlarged::Plot)),
    bind(KeyCode::KeyN, "", "", Action::Enlarge(Enlarged::Data)),
    bind(KeyCode::KeyH, "H, F1", "this list", Action::ToggleHelp),
    bind(KeyCode::F1, "", "", Action::ToggleHelp),
    bind(KeyCode::Escape, "Esc", "close this list", Action::CloseHelp),
];

const MOUSE: &[(&str, &str)] = &[
    ("Ctrl+Z, Ctrl+Shift+Z", "undo, redo"),
    ("Ctrl+S, Ctrl+O", "save, open; or drop a file on the window"),
    ("drag", "turn the camera"),
    ("click the landscape", "drop the descents there"),
    ("right drag, shift-drag", "shift the camera"),
    ("scroll, pinch", "closer, further away"),
    ("scroll, drag on the map", "zoom and move the range"),
    ("shift-scroll on the scene", "zoom the range"),
    (
        "scroll, drag on the plot",
        "zoom and move; right drag: a box",
    ),
    (
        "click, double click on the plot",
        "go to the step; show all again",
    ),
];

pub(crate) fn press_keys(
    keys: Option<Res<ButtonInput<KeyCode>>>,
    focus: Res<PointerFocus>,
    playback: Res<Playback>,
    current: Res<CurrentExperiment>,
    mut layout: ResMut<Layout>,
    mut state: ResMut<UiState>,
    mut commands: Commander,
) {
    let Some(keys) = keys else { return };
    // A combination may come and go within one slow frame.
    let held = |some: [KeyCode; 2]| {
        keys.any_pressed(some) || keys.any_just_pressed(some) || keys.any_just_released(some)
    };
    let control = held([KeyCode::ControlLeft, KeyCode::ControlRight])
        || held([KeyCode::SuperLeft, KeyCode::SuperRight]);
    let modified = control || held([KeyCode::AltLeft, KeyCode::AltRight]);
    let shift = held([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
    if control && !focus.keyboard_on_ui {
        let z = keys.just_pressed(KeyCode::KeyZ);
        if (z && shift) || keys.just_pressed(KeyCode::KeyY) {
            commands.send(HistoryCommand::Redo);
        } else if z {
            commands.send(HistoryCommand::Undo);
        }
        if keys.just_pressed(KeyCode::KeyO) {
            state.files.pressed = Some(FileKey::Open);
        } else if keys.just_pressed(KeyCode::KeyS) {
            state.files.pressed = Some(if shift {
                FileKey::SaveAs
            } else {
                FileKey::Save
            });
        }
    }
    if focus.keyboard_on_ui || modified {
        return;
    }
    for binding in BINDINGS {
        if !keys.just_pressed(binding.key) {
            continue;
        }
        match binding.action {
            Action::Send(command) => {
                commands.send(command(&playback));
            }
            Action::Range(change) => {
                commands.send(ChangeRange {
                    panel: state.focus,
                    change,
                });
            }
            Action::Explain => {
                let panel = state.focus;
                commands.send(ToggleExplain { panel });
            }
            Action::Orbit(yaw, pitch) if shift => {
                commands.send(CameraCommand::Pan(yaw * PAN_PER_TURN, pitch * PAN_PER_TURN));
            }
            Action::Orbit(yaw, pitch) => commands.send(CameraCommand::Orbit(yaw, pitch)),
            Action::Zoom(factor) => commands.send(CameraCommand::Zoom(factor)),
            Action::NextTheme => {
                let kinds = ThemeKind::ALL;
                let now = kinds
                    .iter()
                    .position(|&kind| kind == current.experiment.view.theme)
                    .unwrap_or(0);
                commands.send(SetTheme(kinds[(now + 1) % kinds.len()]));
            }
            Action::ToggleInterface => {
                *layout = if *layout == Layout::SCENE {
                    Layout::FULL
                } else {
                    Layout::SCENE
                };
            }
            Action::Enlarge(part) => state.enlarge(part),
            Action::ToggleHelp => state.show_keys = !state.show_keys,
            Action::CloseHelp => state.show_keys = false,
        }
    }
}

/// The list of keys, over the scene.
pub(crate) fn help(ctx: &egui::Context, state: &mut UiState, theme: &Theme) {
    let mut open = state.show_keys;
    egui::Window::new("Keys and mouse")
        .open(&mut open)
        .collapsible(false)
        .resizable(false)
        .anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO)
        .show(ctx, |ui| {
            egui::Grid::new("keys")
                .num_columns(2)
                .spacing([24.0, 4.0])
                .show(ui, |ui| {
                    let listed = BINDINGS
                        .iter()
                        .filter(|binding| !binding.about.is_empty())
                        .map(|binding| (binding.name, binding.about));
                    for (name, about) in listed.chain(MOUSE.iter().copied()) {
                        ui.colored_label(color32(theme.accent), name);
                        ui.label(about);
                        ui.end_row();
                    }
                });
        });
    state.show_keys = open;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_bound_twice() {
        for (i, a) in BINDINGS.iter().enumerate() {
            assert!(
                BINDINGS[i + 1..].iter().all(|b| b.key != a.key),
                "{:?} is bound twice",
                a.key
            );
        }
    }
}
