//! The gallery of extremes: experiments that try every limit, each of which must be drawn, every text in its place.

use std::fs;
use std::path::Path;

use bevy::math::Vec2;
use steepest::experiment::Experiment;
use steepest::lab::Viewports;

use super::person::Person;
use super::words::faults;

/// The smallest window that counts.
const SMALL: [u32; 2] = [640, 360];

#[test]
fn every_extreme_is_drawn_with_its_texts_in_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/extremes");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the gallery is there")
        .map(|entry| entry.expect("a file").path().display().to_string())
        .collect();
    files.sort();
    assert!(files.len() >= 20, "{files:?}");
    let mut all = Vec::new();
    for file in files {
        let experiment = Experiment::load(&file).unwrap_or_else(|error| panic!("{error}"));
        if experiment
            .panels
            .iter()
            .any(|panel| panel.objective.needs_data())
        {
            // Without the data there is nothing to draw.
            continue;
        }
        let Some(mut person) = Person::before(&file, experiment, SMALL, 1) else {
            return;
        };
        let found = faults(&mut person).into_iter();
        all.extend(found.map(|fault| format!("{file}: {fault}")));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn minima_are_called_what_they_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/extremes");
    for (name, wanted, unwanted) in [
        (
            "a-minimum-that-is-none",
            &["given minimum", "lowest found"][..],
            "global minimum",
        ),
        (
            "a-dip-only-a-descent-finds",
            &["lowest found", "local minimum"],
            "global minimum",
        ),
        ("easom-from-afar", &["global minimum"], "lowest found"),
        ("a-plane-without-a-lowest", &[], "lowest found"),
        (
            "a-lowest-without-a-gradient",
            &["lowest found"],
            "global minimum",
        ),
    ] {
        let file = folder.join(format!("{name}.toml")).display().to_string();
        let experiment = Experiment::load(&file).unwrap_or_else(|error| panic!("{error}"));
        let Some(mut person) = Person::before(&file, experiment, [1280, 720], 1) else {
            return;
        };
        let words: Vec<String> = person
            .words()
            .iter()
            .map(|word| word.text.clone())
            .collect();
        let sees = |text: &str| words.iter().any(|word| word == text);
        for wanted in wanted {
            assert!(sees(wanted), "{name} without {wanted}: {words:?}");
        }
        assert!(!sees(unwanted), "{name} with {unwanted}");
    }
}

#[test]
fn in_the_smallest_panels_the_names_of_axes_stand_at_their_own() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/extremes/six-narrow-panels.toml");
    let file = file.display().to_string();
    let experiment = Experiment::load(&file).unwrap_or_else(|error| panic!("{error}"));
    let Some(mut person) = Person::before(&file, experiment, SMALL, 1) else {
        return;
    };
    let first = person.read::<Viewports>().panels[0];
    for name in ["x", "y"] {
        let names = person.words().iter().filter(|word| word.text == name);
        let heights: Vec<f32> = names
            .map(|word| word.rect.center())
            .filter(|at| first.contains(Vec2::new(at.x, at.y)))
            .map(|at| at.y)
            .collect();
        // The floor's axes are below the middle, that of the loss is above.
        assert_eq!(heights.len(), 1, "{name}");
        assert!(heights[0] > first.center().y, "{name} at {heights:?}");
    }
}
