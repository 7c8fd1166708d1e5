//! The gallery of extremes: experiments that try every limit, each of which must be drawn, every text in its place.

use std::fs;
use std::path::Path;

use steepest::experiment::Experiment;

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
            .any(|panel| panel.objective.mnist().is_some())
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
