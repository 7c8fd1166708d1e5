//! The model of the pixels: as an experiment, on the stand-in and on the real images.

use std::error::Error;
use std::fs;

use steepest::descent::Descent;
use steepest::experiment::{Directions, Experiment, MnistPixels, ObjectiveKind, Through};
use steepest::landscape::Domain;
use steepest::mnist::{self, DataError, DataWish, Defect};
use steepest::objective::pixels::{PARAMETERS, PIXELS};
use steepest::objective::{Objective, PixelSoftmax};
use steepest::plane::random;

use super::{Tested, gzip, idx};
use crate::oracle::mnist_folder;

const FILE: &str = r#"steepest = 1
[[panel]]
objective = "mnist"
model = "pixels"
plane = { u = "weight[3,402]", v = "bias[7]" }
[[panel.descent]]
name = "Zeros"
rule = "gd"
rate = 0.5
start = "zeros"
steps = 2
[[panel.descent]]
name = "Drawn"
rule = "gd"
rate = 0.5
start = { init = "normal", scale = 0.01, seed = 3 }
steps = 2
sampling = { batch = 64 }
"#;

#[test]
fn every_key_arrives_and_is_written_again() -> Tested {
    let experiment = Experiment::parse(FILE, "my.toml")?;
    let panel = &experiment.panels[0];
    assert!(panel.objective.as_kind::<MnistPixels>().is_some());
    assert!(experiment.needs_images() && experiment.lacks(None));
    let plane = panel.plane.as_ref().ok_or("a plane")?;
    let axes = [3 * PIXELS + 402, 10 * PIXELS + 7];
    assert_eq!(plane.directions, Directions::Parameters(axes));
    assert_eq!(panel.labels[..2], ["weight[3,402]", "bias[7]"]);
    let starts = [0, 1].map(|k| &panel.descents[k].plan.start);
    assert_eq!(*starts[0], vec![0.0; PARAMETERS]);
    assert!(starts[1].len() == PARAMETERS && starts[1][402] != 0.0);
    let text = experiment.to_toml();
    assert!(
        text.contains("model = \"pixels\"\n") && text.len() < 2000,
        "{text}"
    );
    assert_eq!(Experiment::parse(&text, "again.toml")?, experiment);
    Ok(())
}

#[test]
fn what_is_wrong_is_said() {
    for (from, to, expected) in [
        (
            "\"pixels\"",
            "\"pixel\"",
            "found \"pixel\", expected one of features, pixels; did you mean \"pixels\"?",
        ),
        (
            "[3,402]",
            "[3,784]",
            "expected a weight: \"weight[digit,pixel]\" with a digit from 0 to 9 and a pixel from 0 to 783",
        ),
        ("\"mnist\"", "\"rosenbrock\"", "only mnist takes `model`"),
        ("\"zeros\"", "[1, 2]", "7850 weights and biases"),
    ] {
        let text = FILE.replacen(from, to, 1);
        let error = Experiment::parse(&text, "my.toml")
            .expect_err(to)
            .to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn the_usual_plane_is_that_of_the_paths() -> Tested {
    let experiment = Experiment::parse(
        &FILE.replace("plane = { u = \"weight[3,402]\", v = \"bias[7]\" }\n", ""),
        "my.toml",
    )?;
    let plane = experiment.panels[0].plane.as_ref().ok_or("a plane")?;
    assert_eq!(plane.directions, Directions::Pca);
    assert_eq!(plane.through, Through::Descent("Zeros".to_owned()));
    Ok(())
}

#[test]
fn the_stand_in_can_be_learnt() -> Tested {
    let experiment = Experiment::parse(FILE, "my.toml")?;
    let data = experiment.data(&DataWish::Synthetic)?.ok_or("data")?;
    assert!(data.has_images() && !experiment.lacks(Some(&data)));
    let images = data.images()?;
    assert_eq!(images.training.labels(), data.samples.labels());
    let held_out = images.held_out.as_ref().ok_or("held out")?;
    assert_eq!(held_out.len(), 10_000);
    let panel = &experiment.panels[0];
    let objective = panel.objective(Some(&data)).ok_or("an objective")?;
    let mut plan = panel.descents[0].plan.clone();
    plan.steps = 12;
    let mut descent = Descent::new(objective.clone(), plan);
    descent.run();
    let end = descent.history().last().ok_or("an end")?;
    let new = objective.held_out().ok_or("held out")?;
    for objective in [&*objective, new] {
        let accuracy = objective.accuracy(end).ok_or("classes")?;
        assert!(accuracy > 0.6, "{accuracy}");
    }
    let losses = [objective.value(end), new.value(end)];
    assert!((losses[0] / losses[1] - 1.0).abs() < 0.1, "{losses:?}");
    Ok(())
}

/// A folder with a training set of two images, and a test set with one, of so many rows.
pub(super) fn small_set(
    rows: u32,
    test_labels: &[u8],
) -> Result<tempfile::TempDir, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let pixels = vec![200; 2 * 28 * rows as usize];
    for (name, file) in [
        (
            "train-images-idx3-ubyte.gz",
            gzip(&idx(2051, &[2, rows, 28], &pixels)),
        ),
        ("train-labels-idx1-ubyte", idx(2049, &[2], &[7, 0])),
        (
            "t10k-images.idx3-ubyte",
            idx(2051, &[1, 28, 28], &[9; PIXELS]),
        ),
        (
            "t10k-labels-idx1-ubyte",
            idx(2049, &[test_labels.len() as u32], test_labels),
        ),
    ] {
        fs::write(folder.path().join(name), file)?;
    }
    Ok(folder)
}

#[test]
fn images_are_those_of_the_files() -> Tested {
    let folder = small_set(28, &[4])?;
    let data = mnist::load_folder(folder.path())?;
    assert!(!data.has_images());
    let images = data.images()?;
    assert_eq!(images.training.image(1), [200; PIXELS]);
    assert_eq!(images.training.labels(), [7, 0]);
    let held_out = images.held_out.as_ref().ok_or("held out")?;
    assert_eq!(
        (held_out.labels(), held_out.image(0)),
        (&[4][..], [9; PIXELS])
    );
    fs::remove_file(folder.path().join("t10k-labels-idx1-ubyte"))?;
    assert!(
        mnist::load_folder(folder.path())?
            .images()?
            .held_out
            .is_none()
    );
    Ok(())
}

#[test]
fn images_that_cannot_be_used_are_said_to_be_so() -> Tested {
    let folder = small_set(27, &[4])?;
    let wish = DataWish::Folder(folder.path().to_owned());
    let error = Experiment::parse(FILE, "my.toml")?
        .data(&wish)
        .expect_err("27 rows");
    let size = Defect::Size { rows: 27, cols: 28 };
    assert!(matches!(&error, DataError::Unsound { defect, .. } if *defect == size));
    let text = error.to_string();
    assert!(
        text.contains("found images of 27×28 pixels, expected 28×28"),
        "{text}"
    );
    // The other model does not mind.
    assert!(Experiment::load("mnist")?.data(&wish)?.is_some());

    let folder = small_set(28, &[4, 5])?;
    let error = mnist::load_folder(folder.path())?
        .images()
        .err()
        .ok_or("an error")?;
    assert!(
        matches!(
            error,
            DataError::CountsDiffer {
                images: 1,
                labels: 2,
                ..
            }
        ),
        "{error}"
    );
    fs::write(folder.path().join("t10k-labels-idx1-ubyte"), "nonsense")?;
    assert!(matches!(
        mnist::load_folder(folder.path())?.images(),
        Err(DataError::Unsound { .. })
    ));
    Ok(())
}

#[test]
fn mnist_itself_is_learnt_and_swept() -> Tested {
    let Some(folder) = mnist_folder() else {
        return Ok(());
    };
    let data = mnist::load(&DataWish::Folder(folder))?;
    let images = data.images()?;
    let held_out = images.held_out.clone().ok_or("the test set")?;
    let objective = PixelSoftmax::new(images.training.clone()).with_held_out(held_out);
    let (mut w, mut gradient) = (vec![0.0; PARAMETERS], vec![0.0; PARAMETERS]);
    let first = objective.gradient(&w, &mut gradient);
    assert!((first - 10_f64.ln()).abs() < 1e-12, "{first}");
    for _ in 0..15 {
        objective.gradient(&w, &mut gradient);
        w.iter_mut().zip(&gradient).for_each(|(w, g)| *w -= 0.5 * g);
    }
    // So too in NumPy.
    let new = objective.held_out().ok_or("held out")?;
    let found = [new.value(&w), new.accuracy(&w).ok_or("classes")?];
    for (found, expected) in found.iter().zip(NUMPY_TEST) {
        assert!((found - expected).abs() < 1e-9, "{found}");
    }
    let filters: Vec<usize> = (0..PARAMETERS).map(|i| MnistPixels.filter_of(i)).collect();
    let plane = random(w, &filters, 0);
    let domain = Domain {
        x: [-1.0, 1.0],
        y: Some([-1.0, 1.0]),
    };
    let grid = objective.sweep(&plane, domain, [7, 5], &|| true);
    let grid = grid.ok_or("nobody stops it")?;
    for (i, loss) in grid.values.iter().enumerate().step_by(3) {
        let expected = objective.value(&plane.point(grid.x(i % 7), grid.y(i / 7)));
        assert!(
            (loss / expected - 1.0).abs() < 1e-10,
            "{loss} instead of {expected}"
        );
    }
    Ok(())
}

/// Loss and accuracy on the test images after fifteen steps at the rate 0.5 from zeros.
const NUMPY_TEST: [f64; 2] = [0.641_788_982_011_663_2, 0.8626];
