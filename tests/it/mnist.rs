//! The MNIST data set: against the numbers NumPy gave for it, and as files that are right, wrong, or not there.
//!
//! Tests that need the real files look for them beside the repository and are skipped, aloud, without them.

mod command;
mod fetching;
mod held_out;
mod keeping;
mod pixels;
mod reading;
mod server;

use std::fs;
use std::io::Write;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use steepest::landscape::Domain;
use steepest::mnist::{self, DataSource, DataWish, FILES, FileState};
use steepest::objective::softmax::Samples;
use tempfile::TempDir;

use crate::oracle::{beside, mnist_folder, numbers, reference};
use crate::slice::{Slice, sweep};

type Tested = Result<(), Box<dyn std::error::Error>>;

/// An IDX file: magic number, dimensions, bytes.
fn idx(magic: u32, dimensions: &[u32], bytes: &[u8]) -> Vec<u8> {
    let words = [magic].into_iter().chain(dimensions.iter().copied());
    let mut file: Vec<u8> = words.flat_map(u32::to_be_bytes).collect();
    file.extend(bytes);
    file
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

/// A folder with a training set of three images of 2×2 pixels.
fn small_set() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pixels = [0, 0, 0, 255, 10, 20, 30, 40, 200, 200, 0, 0];
    for (name, file) in [
        ("train-images-idx3-ubyte.gz", idx(2051, &[3, 2, 2], &pixels)),
        ("train-labels-idx1-ubyte.gz", idx(2049, &[3], &[7, 0, 9])),
    ] {
        fs::write(folder.path().join(name), gzip(&file)).expect("writable");
    }
    folder
}

#[test]
fn features_are_those_of_the_reference() -> Tested {
    let Some(folder) = mnist_folder() else {
        return Ok(());
    };
    let reference = reference("mnist");
    let set = mnist::load(&DataWish::Folder(folder.clone()))?;
    assert_eq!(set.name(), "MNIST training set, 60,000 images");
    assert_eq!(set.source, DataSource::Files(folder.clone()));
    assert_eq!(set.image_size, Some([28, 28]));
    let counts = set.class_counts().map(|count| count as f64);
    assert_eq!(counts[..], numbers(&reference["class_counts"]));

    let close = |what: &str, found: &[f64], expected: &[f64]| {
        assert_eq!(found.len(), expected.len(), "{what}");
        for (found, expected) in found.iter().zip(expected) {
            let error = (found - expected).abs() / expected.abs();
            assert!(error <= 1e-12, "{what}: {found} instead of {expected}");
        }
    };
    let images = mnist::read_images(&folder.join(FILES[0].name))?;
    let raw = mnist::raw_features(&images.pixels, images.rows * images.cols);
    let standardised = set.samples.features();
    close("mean", &set.mean, &numbers(&reference["feature_mean"]));
    close("std", &set.std, &numbers(&reference["feature_std"]));
    for (what, features) in [("raw", raw.as_slice()), ("standardised", standardised)] {
        let (min, max) = match what {
            "raw" => ("raw_feature_min", "raw_feature_max"),
            _ => ("standardised_min", "standardised_max"),
        };
        for f in 0..2 {
            let values = || features.iter().map(|sample| sample[f]);
            let lowest = values().fold(f64::INFINITY, f64::min);
            let highest = values().fold(f64::NEG_INFINITY, f64::max);
            close(min, &[lowest], &numbers(&reference[min])[f..=f]);
            close(max, &[highest], &numbers(&reference[max])[f..=f]);
        }
        let Some(path) = beside("reference/mnist_reference.json") else {
            continue;
        };
        let samples: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
        for (i, sample) in features.iter().take(5).enumerate() {
            let expected = &samples[format!("first5_{what}")][i];
            close(what, sample, &numbers(expected));
        }
    }
    Ok(())
}

#[test]
fn the_published_checksums_are_those_of_the_files() -> Tested {
    let Some(folder) = mnist_folder() else {
        return Ok(());
    };
    for file in FILES {
        let path = folder.join(file.name);
        assert_eq!(file.state(&folder)?, FileState::Published(path));
    }
    Ok(())
}

/// The largest relative error of the loss over `samples` at every ninth node of the reference's surface.
fn surface_error(samples: &Arc<Samples>, reference: &Value) -> f64 {
    let rows = &reference["optimizers"]["adam"]["W_final_row_major_2x10"];
    let weights = [numbers(&rows[0]), numbers(&rows[1])].concat();
    let slice = Slice {
        weights: weights.try_into().expect("twenty weights"),
        u: 0,
        v: 10,
    };
    let domain = Domain {
        x: [-5.0, 5.0],
        y: Some([-5.0, 5.0]),
    };
    let grid = sweep(samples, &slice, domain, [12, 12], &|| true).expect("nobody stops it");
    let surface = reference["surface"]["full_rowmajor_100x100"].as_array();
    let rows = surface.expect("rows").iter().step_by(9).map(numbers);
    let expected = rows.flat_map(|row| row.into_iter().step_by(9));
    let errors = grid.values.iter().zip(expected);
    errors
        .map(|(loss, expected)| (loss / expected - 1.0).abs())
        .fold(0.0, f64::max)
}

#[test]
fn the_stand_in_has_nearly_the_surface_of_the_images() {
    let set = mnist::synthetic();
    assert!(set.is_synthetic());
    assert_eq!(set.name(), "synthetic stand-in, 60,000 samples");
    let counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
    assert_eq!(set.class_counts(), counts);
    let reference = reference("mnist");
    let error = surface_error(&set.samples, &reference);
    assert!(error < 0.004, "{error}");
}

#[test]
fn the_stand_in_is_shuffled_and_standardised() {
    let set = mnist::synthetic();
    let labels = set.samples.labels();
    let changes = labels.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!(changes > 50_000, "{changes}");
    for f in 0..2 {
        let values = || set.samples.features().iter().map(|sample| sample[f]);
        let mean = values().sum::<f64>() / 60_000.0;
        let variance = values().map(|x| x * x).sum::<f64>() / 60_000.0;
        assert!(mean.abs() < 1e-12 && (variance - 1.0).abs() < 1e-12);
    }
}
