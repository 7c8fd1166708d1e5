//! What changes while it is not to be seen is shown as it is now once it is seen again.

use bevy::input::keyboard::{Key, KeyCode};
use steepest::experiment::Experiment;
use steepest::record::still::Picture;

use super::person::Person;
use super::{USUAL, character};

/// Left of it is what says that the experiment was edited.
const RIGHT_SIDE: u32 = 985;

fn move_start(experiment: &mut Experiment) {
    // As many steps as before.
    experiment.panels[0].descents[0].plan.start = vec![2.0, -2.5];
}

/// Inset and plot, at the last step.
fn right_side(person: &mut Person) -> Picture {
    person.press(&[(KeyCode::End, Key::End)]);
    let mut picture = person.picture();
    let row = picture.width as usize * 4;
    let rows = picture.rgba.chunks(row);
    let cut = RIGHT_SIDE as usize * 4;
    picture.rgba = rows.flat_map(|row| row[cut..].to_vec()).collect();
    picture.width -= RIGHT_SIDE;
    picture
}

#[test]
fn map_and_plot_show_the_run_that_began_while_they_were_hidden() {
    let mut from_the_first = Experiment::load("bowl").expect("a built-in");
    move_start(&mut from_the_first);
    let (Some(mut moved), Some(mut same)) = (
        Person::before("bowl", from_the_first, USUAL, 1),
        Person::with("bowl", USUAL, 1),
    ) else {
        return;
    };
    let (expected, before) = (right_side(&mut moved), right_side(&mut same));
    assert!(expected != before, "the start is seen on both");
    for (hides, text) in [(KeyCode::KeyM, "m"), (KeyCode::KeyP, "p")] {
        let mut person = Person::with("bowl", USUAL, 1).expect("as before");
        // The map alone fills the middle, or the plot alone.
        person.press(&[character(hides, text)]);
        person.edit(move_start);
        person.press(&[character(hides, text)]);
        assert!(right_side(&mut person) == expected, "hidden with {text}");
    }
}
