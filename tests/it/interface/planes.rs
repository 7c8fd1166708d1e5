//! The editor of a plane through many parameters.

use egui::accesskit::Role;
use steepest::experiment::{Directions, Experiment, PlaneSpec};

use super::person::Person;
use super::words::faults;
use super::{HIGH, character, control};
use bevy::input::keyboard::KeyCode;
use bevy_egui::egui;

fn before_mnist() -> Option<Person> {
    let text = "steepest = 1\n[[panel]]\nobjective = \"mnist\"\ngrid = [9, 9]\n\
                plane = { u = \"W[0,0]\", v = \"W[1,0]\", through = \"Adam\" }\n\
                [[panel.descent]]\nrule = \"adam\"\nrate = 0.1\nstart = \"zeros\"\nsteps = 5\n";
    let experiment = Experiment::parse(text, "mnist.toml").expect("an experiment");
    Person::before("mnist.toml", experiment, HIGH, 1)
}

fn plane(person: &mut Person) -> PlaneSpec {
    person.shown().panels[0].plane.clone().expect("a plane")
}

#[test]
fn directions_are_chosen_named_and_undone() {
    let Some(mut person) = before_mnist() else {
        return;
    };
    assert_eq!(
        plane(&mut person).directions,
        Directions::Parameters([0, 10])
    );
    person.choose("two weights", "principal components");
    assert_eq!(plane(&mut person).directions, Directions::Pca);
    assert_eq!(person.shown().panels[0].labels, ["PC 1", "PC 2", "loss"]);
    let mut words = person.words().iter();
    assert!(words.any(|word| word.text.ends_with("spread lie in it")));
    assert_eq!(faults(&mut person), Vec::<String>::new());
    person.pause();
    person.choose("principal components", "random");
    assert_eq!(
        plane(&mut person).directions,
        Directions::Random { seed: 0 }
    );
    assert!(person.sees(Role::ComboBox, "random"));
    person.press(&[control(), character(KeyCode::KeyZ, "z")]);
    assert_eq!(plane(&mut person).directions, Directions::Pca);
    person.press(&[control(), character(KeyCode::KeyZ, "z")]);
    assert_eq!(
        plane(&mut person).directions,
        Directions::Parameters([0, 10])
    );
    assert_eq!(
        person.shown().panels[0].labels,
        ["W[0,0]", "W[1,0]", "loss"]
    );
}
