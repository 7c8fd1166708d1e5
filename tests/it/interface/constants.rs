//! The sliders of a formula's constants.

use bevy::input::keyboard::{Key, KeyCode, NativeKeyCode};
use bevy_egui::egui;
use egui::accesskit::Role;
use egui::pos2;
use steepest::experiment::{Experiment, FunctionSpec};

use super::person::{Person, Widget};
use super::words::faults;
use super::{HIGH, character, control};

/// A bowl with two constants, before which a person sits down.
fn before_a_bowl() -> Option<Person> {
    let text = "steepest = 1\n[[panel]]\nformula = 'a*x^2 + b*y^2'\ndomain = [[-2, 2], [-2, 2]]\nminima = [[0, 0]]\n\
                constants = { a = 1, b = { value = 2, min = 1, max = 5 } }\n\
                [[panel.descent]]\nrule = 'gd'\nrate = 0.1\nstart = [1, 1.5]\nsteps = 20\n";
    let experiment = Experiment::parse(text, "bowl.toml").expect("an experiment");
    Person::before("bowl.toml", experiment, HIGH, 1)
}

fn function(person: &mut Person) -> &FunctionSpec {
    let objective = &person.shown().panels[0].objective;
    objective.as_kind::<FunctionSpec>().expect("a function")
}

fn values(person: &mut Person) -> Vec<(String, f64)> {
    let constants = function(person).formula.constants().iter();
    constants.map(|c| (c.name.clone(), c.value)).collect()
}

fn named(values: &[(&str, f64)]) -> Vec<(String, f64)> {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), *value))
        .collect()
}

fn at(slider: &Widget, share: f32) -> egui::Pos2 {
    let rect = slider.rect.shrink(6.0);
    pos2(rect.left() + share * rect.width(), rect.center().y)
}

/// Clicks into the formula, clears it if asked for, and types.
fn write(person: &mut Person, text: &str) {
    let field = person.widgets();
    let field = field.iter().find(|w| w.role == Role::MultilineTextInput);
    person.click_on(field.expect("the formula's field"));
    person.press(&[control(), character(KeyCode::KeyA, "a")]);
    for letter in text.chars() {
        let code = KeyCode::Unidentified(NativeKeyCode::Unidentified);
        person.press(&[(code, Key::Character(letter.to_string().into()))]);
    }
    person.press(&[(KeyCode::Escape, Key::Escape)]);
}

#[test]
fn a_slider_moves_the_landscape_and_one_undo_brings_it_back() {
    let Some(mut person) = before_a_bowl() else {
        return;
    };
    let original = person.picture();
    let slider = person.beside(Role::Slider, "a");
    assert_eq!((slider.number, slider.largest), (Some(1.0), Some(2.0)));
    person.drag_slowly(at(&slider, 0.5), at(&slider, 1.0));
    assert_eq!(values(&mut person), named(&[("a", 2.0), ("b", 2.0)]));
    assert_eq!(function(&mut person).spans, [[0.0, 2.0], [1.0, 5.0]]);
    assert!(function(&mut person).minima.is_empty());
    assert_ne!(person.picture().rgba, original.rgba);
    assert_eq!(person.history(), (true, false));
    person.click("undo");
    assert_eq!(values(&mut person), named(&[("a", 1.0), ("b", 2.0)]));
    assert_eq!(function(&mut person).minima, [[0.0, 0.0]]);
    assert_eq!(person.history(), (false, true), "however slow, one change");
}

#[test]
fn a_number_beyond_the_slider_widens_it() {
    let Some(mut person) = before_a_bowl() else {
        return;
    };
    let number = person.beside(Role::SpinButton, "b");
    assert_eq!(number.number, Some(2.0));
    person.type_into(&number, "-7.5");
    assert_eq!(values(&mut person), named(&[("a", 1.0), ("b", -7.5)]));
    assert_eq!(function(&mut person).spans, [[0.0, 2.0], [-7.5, 5.0]]);
    // The ends stand in the row below: here those of a.
    let ends = person.all_beside(Role::SpinButton, "from");
    assert_eq!(ends[0].number, Some(0.0));
    person.type_into(&ends[1], "0.5");
    assert_eq!(function(&mut person).spans[0], [0.0, 1.0], "a is 1");
    person.type_into(&ends[1], "8");
    assert_eq!(function(&mut person).spans[0], [0.0, 8.0]);
}

#[test]
fn a_name_becomes_a_constant_and_goes_again() {
    let Some(mut person) = before_a_bowl() else {
        return;
    };
    write(&mut person, "a*x^2 + cd*y^2 + k");
    let source = |person: &mut Person| function(person).formula.source().to_owned();
    assert_eq!(source(&mut person), "a*x^2 ", "the last that was a formula");
    person.click("make `cd` a constant");
    // The other name is not known yet: the text stays, and so does the constant.
    assert_eq!(
        values(&mut person),
        named(&[("a", 1.0), ("b", 2.0), ("cd", 1.0)])
    );
    person.click("make `k` a constant");
    assert_eq!(source(&mut person), "a*x^2 + cd*y^2 + k");
    let all = named(&[("a", 1.0), ("b", 2.0), ("cd", 1.0), ("k", 1.0)]);
    assert_eq!(values(&mut person), all);
    assert_eq!(function(&mut person).spans[1], [1.0, 5.0]);
    person.wait(5);
    person.click("×");
    assert_eq!(values(&mut person).len(), 3);
    assert!(
        !person.sees(Role::Button, "×"),
        "all others are in the formula"
    );
    let found = faults(&mut person);
    assert!(found.is_empty(), "{}", found.join("\n"));
    let text = person.shown().to_toml();
    assert_eq!(
        &Experiment::parse(&text, "saved").expect("valid"),
        person.shown()
    );
}
