//! Networks: whose data are shown, samples kept apart, and the surface of a batch.

use bevy::input::keyboard::KeyCode;
use egui::accesskit::Role;
use steepest::experiment::{Experiment, NetworkSpec, PlotQuantity};
use steepest::lab::SelectedDescent;
use steepest::lab::model::held_out::HeldOut;

use super::person::Person;
use super::words::faults;
use super::{HIGH, character, control};
use bevy_egui::egui;

fn before_network() -> Option<Person> {
    let text = "steepest = 1\n[[panel]]\nobjective = \"network\"\n\
                network = { data = \"moons\", samples = 40, layers = [4] }\ngrid = [9, 9]\n\
                plane = { directions = \"random\", through = \"origin\" }\n\
                [[panel.descent]]\nname = \"First\"\nrule = \"gd\"\nrate = 0.1\nstart = { init = \"xavier\" }\nsteps = 8\nsampling = { batch = 8 }\n\
                [[panel.descent]]\nname = \"Second\"\nrule = \"adam\"\nrate = 0.1\nstart = { init = \"xavier\" }\nsteps = 8\n";
    let experiment = Experiment::parse(text, "network.toml").expect("an experiment");
    Person::before("network.toml", experiment, HIGH, 1)
}

#[test]
fn whose_data_are_shown_is_chosen_like_any_descent() {
    let Some(mut person) = before_network() else {
        return;
    };
    assert!(person.sees(Role::ComboBox, "First"));
    person.choose("First", "Second");
    assert_eq!(*person.read::<SelectedDescent>(), SelectedDescent(Some(1)));
    assert!(person.sees(Role::ComboBox, "Second"));
    assert!(!person.sees(Role::ComboBox, "First"));
    assert_eq!(faults(&mut person), Vec::<String>::new());
    // Large, and back.
    person.press(&[character(KeyCode::KeyN, "n")]);
    assert!(!person.sees(Role::ComboBox, "Loss"));
    person.press(&[character(KeyCode::KeyN, "n")]);
    assert!(person.sees(Role::ComboBox, "Loss"));
}

#[test]
fn samples_are_kept_apart_and_their_accuracy_is_plotted() {
    let Some(mut person) = before_network() else {
        return;
    };
    let field = person.beside(Role::SpinButton, "test");
    person.type_into(&field, "30");
    let spec = person.shown().panels[0].objective.clone();
    let spec = spec.as_kind::<NetworkSpec>().expect("a network").clone();
    let objective = steepest::experiment::ObjectiveKind::build(&spec, None).expect("built");
    assert_eq!(
        objective.held_out().and_then(|apart| apart.samples()),
        Some(30)
    );
    person.choose("Loss", "Accuracy");
    assert_eq!(person.shown().view.plot, Some(PlotQuantity::Accuracy));
    person.wait(5);
    let measured = person.each(|held_out: &HeldOut| held_out.accuracy.len());
    assert_eq!(measured, [9, 9]);
    assert_eq!(faults(&mut person), Vec::<String>::new());
}

#[test]
fn the_surface_of_a_batch_is_a_switch_that_can_be_undone() {
    let Some(mut person) = before_network() else {
        return;
    };
    let batch = |person: &mut Person| {
        let plane = person.shown().panels[0].plane.clone();
        plane.expect("a plane").batch
    };
    assert_eq!(batch(&mut person), None);
    person.press_checkbox("surface of the batch");
    assert_eq!(batch(&mut person).as_deref(), Some("First"));
    person.wait(3);
    let says =
        |person: &mut Person, text: &str| person.words().iter().any(|word| word.text == text);
    let surface = "surface: the loss over the 8 samples of First's step";
    let with_net = format!("{surface}; net: over all");
    assert!(says(&mut person, &with_net));
    person.press_checkbox("all samples as a net");
    person.wait(3);
    assert!(says(&mut person, surface) && !says(&mut person, &with_net));
    person.press(&[control(), character(KeyCode::KeyZ, "z")]);
    assert_eq!(batch(&mut person), None);
}
