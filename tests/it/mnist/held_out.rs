//! Samples of two features that no model is trained on.

use std::fs;

use serde_json::Value;
use steepest::descent::Descent;
use steepest::experiment::Experiment;
use steepest::mnist::{self, DataError, DataWish};
use steepest::report::{self, Format};

use super::Tested;
use super::pixels::small_set;

const FILE: &str = r#"steepest = 1
[[panel]]
objective = "mnist"
[[panel.descent]]
name = "Adam"
rule = "adam"
rate = 0.1
start = "zeros"
steps = 20
"#;

#[test]
fn the_stand_in_keeps_some_apart() -> Tested {
    let experiment = Experiment::parse(FILE, "my.toml")?;
    let data = experiment.data(&DataWish::Synthetic)?.ok_or("data")?;
    let panel = &experiment.panels[0];
    let objective = panel.objective(Some(&data)).ok_or("an objective")?;
    let apart = objective.held_out().ok_or("held out")?;
    assert_eq!(apart.samples(), Some(9_996));
    let mut descent = Descent::new(objective.clone(), panel.descents[0].plan.clone());
    descent.run();
    let end = descent.history().last().ok_or("an end")?;
    let losses = [objective.value(end), apart.value(end)];
    assert!(
        losses[0] != losses[1] && (losses[0] / losses[1] - 1.0).abs() < 0.02,
        "{losses:?}"
    );

    // What `run` prints are these.
    let results = report::run(&experiment, &DataWish::Synthetic)?;
    let mut json = Vec::new();
    results.write(Format::Json, false, &mut json)?;
    let json: Value = serde_json::from_slice(&json)?;
    let said = &json["panels"][0]["descents"][0];
    assert_eq!(said["held_out_loss"].as_f64(), Some(losses[1]));
    assert_eq!(said["accuracy"].as_f64(), objective.accuracy(end));
    assert_eq!(said["held_out_accuracy"].as_f64(), apart.accuracy(end));
    assert!(apart.accuracy(end).is_some_and(|share| share > 0.15));
    Ok(())
}

#[test]
fn functions_have_no_accuracy() -> Tested {
    let results = report::run(&Experiment::load("bowl")?, &DataWish::Synthetic)?;
    let mut json = Vec::new();
    results.write(Format::Json, false, &mut json)?;
    let json = String::from_utf8(json)?;
    assert!(
        !json.contains("accuracy") && !json.contains("held_out"),
        "{json}"
    );
    Ok(())
}

#[test]
fn the_test_set_is_scaled_as_the_training_set_is() -> Tested {
    let folder = small_set(28, &[4])?;
    let data = mnist::load_folder(folder.path())?;
    let apart = data.held_out()?.ok_or("held out")?;
    // All training images are alike, of pixels of 200; those of the test image are 9.
    assert_eq!(
        (apart.labels(), apart.features()),
        (&[4][..], &[[-191.0, 0.0]][..])
    );
    fs::remove_file(folder.path().join("t10k-labels-idx1-ubyte"))?;
    assert!(mnist::load_folder(folder.path())?.held_out()?.is_none());
    Ok(())
}

#[test]
fn a_test_set_that_cannot_be_used_is_said_to_be_so() -> Tested {
    let folder = small_set(28, &[4, 5])?;
    let wish = DataWish::Folder(folder.path().to_owned());
    let experiment = Experiment::parse(FILE, "my.toml")?;
    let error = experiment.data(&wish).expect_err("one label too many");
    let DataError::CountsDiffer { images, labels, .. } = error else {
        return Err(error.into());
    };
    assert_eq!((images, labels), (1, 2));
    fs::write(folder.path().join("t10k-labels-idx1-ubyte"), "nonsense")?;
    let error = experiment.data(&wish).expect_err("no labels at all");
    assert!(
        error.to_string().contains("t10k-labels-idx1-ubyte"),
        "{error}"
    );
    Ok(())
}
