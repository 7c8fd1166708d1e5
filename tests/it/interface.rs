//! The interface, pressed and typed into off-screen, and what comes of it: the lab's state, not pixels.

mod constants;
mod extremes;
mod maps;
mod networks;
mod person;
mod planes;
mod sizes;
mod typed;
mod unseen;
mod words;

use bevy::input::keyboard::{Key, KeyCode};
use egui::accesskit::Role;
use egui::{Pos2, Rect, pos2};
use steepest::experiment::{ColorMap, ThemeKind};
use steepest::lab::{CameraRig, CurrentExperiment, Viewports};
use steepest::landscape::HeightKind;

use bevy_egui::egui;
use person::{Person, Widget};

/// High enough for everything on the left without scrolling.
const HIGH: [u32; 2] = [1280, 1100];
const USUAL: [u32; 2] = [1280, 720];

fn character(code: KeyCode, text: &str) -> (KeyCode, Key) {
    (code, Key::Character(text.into()))
}

fn control() -> (KeyCode, Key) {
    (KeyCode::ControlLeft, Key::Control)
}

#[test]
fn another_experiment_is_chosen_from_the_list() {
    let Some(mut person) = Person::with("bowl", USUAL, 1) else {
        return;
    };
    person.choose("bowl", "saddle");
    let current = person.read::<CurrentExperiment>();
    assert_eq!(current.source.to_string(), "saddle");
    assert!(!current.edited);
    let last = person.shown().last_step();
    assert!(person.playback().playing);
    // The descents end where the experiment says, or before.
    person.wait(5);
    assert!((1..=last).contains(&person.playback().last_step()));
    assert!(person.sees(Role::ComboBox, "saddle"));
}

#[test]
fn a_rate_is_typed_undone_and_redone() {
    let Some(mut person) = Person::with("bowl", USUAL, 1) else {
        return;
    };
    let rate = |person: &mut Person| person.shown().panels[0].descents[0].plan.rate;
    assert_eq!(rate(&mut person), 0.12);
    assert_eq!(person.history(), (false, false));
    assert!(!person.find(Role::Button, "undo").enabled);
    let field = person.beside(Role::SpinButton, "Gradient descent");
    assert_eq!(field.number, Some(0.12));
    person.type_into(&field, "0.05");
    assert_eq!(
        rate(&mut person),
        0.05,
        "however slowly it is typed, one change"
    );
    assert_eq!(person.history(), (true, false));
    assert!(person.read::<CurrentExperiment>().edited);

    person.click("undo");
    assert_eq!(rate(&mut person), 0.12);
    assert_eq!(person.history(), (false, true));
    person.click("redo");
    assert_eq!(rate(&mut person), 0.05);
    assert_eq!(person.history(), (true, false));
    person.press(&[control(), character(KeyCode::KeyZ, "z")]);
    assert_eq!(rate(&mut person), 0.12);
    let shift = (KeyCode::ShiftLeft, Key::Shift);
    person.press(&[control(), shift, character(KeyCode::KeyZ, "Z")]);
    assert_eq!(rate(&mut person), 0.05);
}

/// Letters typed into a field are not keys of the app.
#[test]
fn what_is_typed_into_a_field_is_no_command() {
    let Some(mut person) = Person::with("bowl", USUAL, 1) else {
        return;
    };
    let field = person.beside(Role::SpinButton, "Gradient descent");
    person.click_on(&field);
    let before = person.playback().looping;
    person.press(&[character(KeyCode::KeyL, "l")]);
    assert_eq!(person.playback().looping, before);
    person.press(&[(KeyCode::Escape, Key::Escape)]);
    person.press(&[character(KeyCode::KeyL, "l")]);
    assert_eq!(person.playback().looping, !before);
}

#[test]
fn the_timeline_is_scrubbed() {
    let Some(mut person) = Person::with("race", USUAL, 1) else {
        return;
    };
    assert_eq!(person.playback().last_step(), 160);
    person.press(&[(KeyCode::Space, Key::Space)]);
    assert!(person.playback().playing);
    let at = |slider: &Widget, share: f32| {
        let rect = slider.rect.shrink(6.0);
        pos2(rect.left() + share * rect.width(), rect.center().y)
    };
    let slider = person.scrubber();
    person.drag(at(&slider, 0.1), at(&slider, 0.75), 6);
    let playback = person.playback();
    assert!(!playback.playing, "a drag pauses");
    let position = playback.position();
    assert!((116.0..124.0).contains(&position), "{position}");
    person.wait(5);
    assert_eq!(person.playback().position(), position);
    assert_eq!(person.scrubber().number, Some(position));
    // A drag that ends beyond the slider ends at its end.
    person.drag(at(&slider, 0.75), at(&slider, -0.5), 6);
    assert_eq!(person.playback().position(), 0.0);
}

#[test]
fn the_buttons_of_the_timeline_play_step_and_seek() {
    let Some(mut person) = Person::with("race", USUAL, 1) else {
        return;
    };
    let step = |person: &mut Person| person.playback().position();
    person.click("▶|");
    person.click("▶|");
    person.click("▶|");
    person.click("◀");
    assert_eq!(step(&mut person), 2.0);
    person.click("⏭");
    assert_eq!(step(&mut person), 160.0);
    person.click("⏮");
    assert_eq!(step(&mut person), 0.0);
    person.click("▶");
    assert!(person.playback().playing);
    let before = step(&mut person);
    person.wait(10);
    let after = step(&mut person);
    assert!((after - before - 10.0).abs() < 0.1, "{before} to {after}");
    person.click("4×");
    assert_eq!(person.playback().speed, 4.0);
    let before = step(&mut person);
    person.wait(5);
    let after = step(&mut person);
    assert!((after - before - 20.0).abs() < 0.1, "{before} to {after}");
    person.click("⏸");
    let paused = step(&mut person);
    person.wait(5);
    assert_eq!(step(&mut person), paused);
    let looping = person.playback().looping;
    person.click("loop");
    assert_eq!(person.playback().looping, !looping);
    person.press(&[(KeyCode::Home, Key::Home)]);
    person.press(&[(KeyCode::ArrowRight, Key::ArrowRight)]);
    assert_eq!(step(&mut person), 1.0);
}

#[test]
fn landscape_and_view_are_chosen() {
    let Some(mut person) = Person::with("bowl", HIGH, 1) else {
        return;
    };
    person.click("log");
    assert_eq!(person.shown().panels[0].height, HeightKind::Log);
    person.click(ThemeKind::Paper.name());
    assert_eq!(person.shown().view.theme, ThemeKind::Paper);
    let [first, .., last] = ColorMap::ALL else {
        panic!("there are several")
    };
    person.choose(first.name(), last.name());
    assert_eq!(person.shown().view.colormap, *last);
    let opacity = person.beside(Role::SpinButton, "opacity");
    person.type_into(&opacity, "0.5");
    assert_eq!(person.shown().view.opacity, 0.5);
    let slider = person.beside(Role::Slider, "opacity").rect;
    let at = |share: f32| pos2(slider.left() + share * slider.width(), slider.center().y);
    person.drag(at(0.5), at(1.5), 4);
    assert_eq!(person.shown().view.opacity, 1.0);
    person.press(&[character(KeyCode::KeyT, "t")]);
    assert_ne!(person.shown().view.theme, ThemeKind::Paper);
    let checkbox = person.find(Role::CheckBox, "parallel projection");
    person.click_on(&checkbox);
    assert!(person.read::<CameraRig>().pose.orthographic);
}

#[test]
fn descents_are_hidden_added_and_removed() {
    let Some(mut person) = Person::with("bowl", HIGH, 1) else {
        return;
    };
    let names = |person: &mut Person| -> Vec<String> {
        let descents = person.shown().panels[0].descents.iter();
        descents.map(|spec| spec.name.clone()).collect()
    };
    let shows = person.beside(Role::CheckBox, "Gradient descent");
    person.click_on(&shows);
    assert!(!person.shown().panels[0].descents[0].shown);
    person.click_on(&shows);
    assert!(person.shown().panels[0].descents[0].shown);

    person.click("+ add");
    assert_eq!(names(&mut person), ["Gradient descent", "Momentum"]);
    let arrow = person.find_first(Role::Button, "⏵");
    person.click_on(&arrow);
    // It unfolds in a few frames; and changes that follow one another closely would be undone as one.
    person.pause();
    person.click("remove");
    assert_eq!(names(&mut person), ["Momentum"]);
    person.click("undo");
    assert_eq!(names(&mut person), ["Gradient descent", "Momentum"]);
}

#[test]
fn map_and_plot_fill_the_middle_and_go_back() {
    let Some(mut person) = Person::with("race", USUAL, 1) else {
        return;
    };
    let scene = person.read::<Viewports>().panels.clone();
    assert_eq!(scene.len(), 1);
    let map = person.find_first(Role::Button, "🗖");
    person.click_on(&map);
    assert!(person.read::<Viewports>().panels.is_empty());
    assert!(person.sees(Role::Label, "Contours") && !person.sees(Role::Label, "against step"));
    person.click("🗗");
    assert_eq!(person.read::<Viewports>().panels, scene);
    person.press(&[character(KeyCode::KeyP, "p")]);
    assert!(person.read::<Viewports>().panels.is_empty());
    assert!(!person.sees(Role::Label, "Contours") && person.sees(Role::Label, "against step"));
    person.press(&[character(KeyCode::KeyM, "m")]);
    assert!(person.sees(Role::Label, "Contours"));
    person.press(&[character(KeyCode::KeyM, "m")]);
    assert_eq!(person.read::<Viewports>().panels, scene);
}

#[test]
fn the_plot_takes_another_quantity_and_clicks() {
    let Some(mut person) = Person::with("race", USUAL, 1) else {
        return;
    };
    person.choose("Loss", "Gradient norm ‖∇f‖, log");
    assert!(person.sees(Role::ComboBox, "‖∇f‖, log"));
    // Under its heading, to the window's edge and the timeline.
    let heading = person.find(Role::Label, "against step").rect;
    let plot = Rect::from_min_max(pos2(1000.0, heading.bottom()), Pos2::new(1272.0, 640.0));
    let mut before = 0.0;
    for share in [0.3, 0.6, 0.9] {
        person.click_at(pos2(plot.left() + share * plot.width(), plot.center().y));
        let playback = person.playback();
        assert!(!playback.playing);
        let now = playback.position();
        assert!(now > before + 20.0 && now < 160.0, "{before}, then {now}");
        assert_eq!(now.fract(), 0.0);
        before = now;
    }
}

#[test]
fn a_figure_shows_what_is_chosen_in_the_menu() {
    let Some(mut person) = Person::with("bowl", USUAL, 1) else {
        return;
    };
    person.click("export");
    let part = |person: &mut Person, name: &str| {
        let widgets = person.widgets();
        let found = widgets.into_iter().find(|widget| widget.text == name);
        found.unwrap_or_else(|| panic!("no {name}"))
    };
    for name in ["map", "plot"] {
        assert!(part(&mut person, name).enabled);
    }
    assert!(person.find(Role::Button, "export…").enabled);
    // Of nothing there is no figure.
    let scene = part(&mut person, "scene");
    person.click_on(&scene);
    assert!(!person.find(Role::Button, "export…").enabled);
    let plot = part(&mut person, "plot");
    person.click_on(&plot);
    person.click("export…");
    assert!(
        !person.sees(Role::Button, "export…"),
        "the menu gives way to the dialog"
    );
}
