//! What is typed counts once its field is left, whatever is pressed to leave it, and is never taken for half of it.

use std::fs;

use bevy::input::keyboard::{Key, KeyCode, NativeKeyCode};
use bevy_egui::egui;
use egui::accesskit::Role;
use steepest::experiment::Experiment;
use steepest::lab::CurrentExperiment;
use steepest::lab::command::Notice;
use tempfile::TempDir;

use super::person::{Person, Widget};
use super::{HIGH, character, control};

const TEXT: &str = "steepest = 1\n[[panel]]\nformula = '(x^2 + 20*y^2)/2'\ndomain = [[-2.5, 2.5], [-2.5, 2.5]]\n\
    [[panel.descent]]\nname = 'M'\nrule = 'momentum'\nrate = 0.01\nstart = [-2, 1.5]\nsteps = 80\n";

/// A person before a file, which is removed with its folder.
fn before(text: &str) -> Option<(Person, TempDir)> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("typed.toml");
    fs::write(&path, text).expect("a file");
    let experiment = Experiment::parse(text, "typed.toml").expect("an experiment");
    let person = Person::before(&path.display().to_string(), experiment, HIGH, 1)?;
    Some((person, folder))
}

fn rate(person: &mut Person) -> f64 {
    person.shown().panels[0].descents[0].plan.rate
}

/// A rate is half typed, and a button pressed.
fn type_and_press(person: &mut Person, text: &str, role: Role, button: &str) {
    let field = person.beside(Role::SpinButton, "M");
    person.begin_to_type(&field, text);
    let button = person.find(role, button);
    person.click_quickly_on(&button);
}

#[test]
fn a_number_that_is_being_typed_is_part_of_what_buttons_do() {
    let Some((mut person, folder)) = before(TEXT) else {
        return;
    };
    type_and_press(&mut person, "0.05", Role::Button, "save");
    let path = folder.path().join("typed.toml");
    let saved = Experiment::load(&path.display().to_string()).expect("an experiment");
    assert_eq!(saved.panels[0].descents[0].plan.rate, 0.05);
    assert!(!person.read::<CurrentExperiment>().edited);
    person.pause();

    type_and_press(&mut person, "0.02", Role::Button, "undo");
    assert_eq!(rate(&mut person), 0.05);
    assert_eq!(person.history(), (true, true));
    person.click("redo");
    assert_eq!(rate(&mut person), 0.02);

    type_and_press(&mut person, "0.04", Role::Button, "add");
    let keys = person.shown().camera_keys.len();
    assert_eq!((rate(&mut person), keys), (0.04, 1));

    type_and_press(&mut person, "0.03", Role::CheckBox, "explain the steps");
    let explained = person.shown().panels[0].descents[0].explained;
    assert_eq!((rate(&mut person), explained), (0.03, true));

    type_and_press(&mut person, "0.001", Role::Button, "tune all");
    person.wait(5);
    assert!(rate(&mut person) > 0.02, "{}", rate(&mut person));
    let said = person.read::<Notice>().text.clone().expect("said");
    assert!(said.contains("M: η"), "{said}");
}

fn name_field(person: &mut Person) -> Widget {
    let arrows = person.all(Role::Button, "⏵");
    // The last descent's.
    let arrow = arrows.last().expect("a descent").clone();
    person.click_on(&arrow);
    person.pause();
    person.beside(Role::TextInput, "name")
}

/// In place of what stands in a field.
fn write(person: &mut Person, field: &Widget, text: &str) {
    person.click_on(field);
    person.press(&[control(), character(KeyCode::KeyA, "a")]);
    for letter in text.chars() {
        let code = KeyCode::Unidentified(NativeKeyCode::Unidentified);
        person.press(&[(code, Key::Character(letter.to_string().into()))]);
    }
}

#[test]
fn a_name_that_is_typed_through_that_of_another_descent_takes_nothing_from_it() {
    let text = format!(
        "{}[[panel.descent]]\nname = 'M 2'\nrule = 'adam'\nrate = 0.01\nstart = [-2, 1.5]\nsteps = 80\n",
        TEXT.replace(
            "[[panel.descent]]",
            "map = { descent = 'M', grid = [8, 8] }\n[[panel.descent]]"
        )
    );
    let Some((mut person, _folder)) = before(&text) else {
        return;
    };
    let names = |person: &mut Person| -> Vec<String> {
        let descents = person.shown().panels[0].descents.iter();
        descents.map(|spec| spec.name.clone()).collect()
    };
    let mapped = |person: &mut Person| {
        let map = person.shown().panels[0].map.clone().expect("a map");
        map.descent.expect("a descent")
    };
    let field = name_field(&mut person);
    write(&mut person, &field, "M");
    assert_eq!(names(&mut person), ["M", "M 2"], "it is not complete");
    person.press(&[character(KeyCode::KeyX, "x")]);
    let save = person.find(Role::Button, "save");
    person.click_quickly_on(&save);
    assert_eq!(names(&mut person), ["M", "Mx"]);
    assert_eq!(mapped(&mut person), "M");
    // Escape leaves it as it was, and no two have the same.
    write(&mut person, &field, "other");
    person.press(&[(KeyCode::Escape, Key::Escape)]);
    assert_eq!(names(&mut person), ["M", "Mx"]);
    write(&mut person, &field, "M");
    person.press(&[(KeyCode::Enter, Key::Enter)]);
    assert_eq!(names(&mut person), ["M", "M 2"]);
    assert_eq!(mapped(&mut person), "M");
}

#[test]
fn ranges_of_any_size_are_typed() {
    for (from, to, typed) in [(1e12, 2e12, 1.5e12), (1e-11, 3e-11, 2e-11)] {
        let domain = format!("[[{from:e}, {to:e}]");
        let Some((mut person, _folder)) = before(&TEXT.replace("[[-2.5, 2.5]", &domain)) else {
            return;
        };
        let fields = person.all_beside(Role::SpinButton, "x");
        person.type_into(&fields[0], &format!("{typed:e}"));
        assert_eq!(person.shown().panels[0].domain.x, [typed, to]);
        let fields = person.all_beside(Role::SpinButton, "x");
        person.type_into(&fields[1], &format!("{:e}", typed * 4.0));
        assert_eq!(person.shown().panels[0].domain.x, [typed, typed * 4.0]);
    }
}

#[test]
fn what_is_typed_beside_a_slider_is_what_files_may_hold() {
    let Some((mut person, _folder)) = before(TEXT) else {
        return;
    };
    for (name, largest) in [("opacity", 1.0), ("stretch", 3.0)] {
        let field = person.beside(Role::SpinButton, name);
        person.type_into(&field, "50");
        let field = person.beside(Role::SpinButton, name);
        assert_eq!(field.number, Some(largest), "{name}");
    }
}

#[test]
fn a_file_is_not_overwritten_unasked() {
    let Some((mut person, folder)) = before(TEXT) else {
        return;
    };
    let taken = folder.path().join("taken.toml");
    fs::write(&taken, "what was there").expect("a file");
    let name = folder.path().join("taken").display().to_string();
    for (answer, is_kept) in [("keep it", true), ("overwrite it", false)] {
        let shift = (KeyCode::ShiftLeft, Key::Shift);
        person.press(&[control(), shift, character(KeyCode::KeyS, "S")]);
        let fields = person.widgets();
        let field = fields
            .iter()
            .rfind(|w| w.role == Role::TextInput && w.text.contains("experiment"))
            .expect("the name's field");
        write(&mut person, field, &name);
        person.press(&[(KeyCode::Enter, Key::Enter)]);
        person.wait(3);
        person.click(answer);
        let text = fs::read_to_string(&taken).expect("a file");
        assert_eq!(text == "what was there", is_kept, "{text}");
    }
}
