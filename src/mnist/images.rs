//! The images themselves, for models of their pixels: those of the files, and a stand-in where there are none.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::files::{PublishedFile, TEST_IMAGES, TEST_LABELS, TRAINING_IMAGES};
use super::idx::{Defect, read_images, read_labels};
use super::{DataError, DataSource};
use crate::objective::pixels::{PIXELS, PixelSamples, SIDE};
use crate::objective::softmax::CLASSES;

/// The images of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageSet {
    /// In the order of the features' samples, with the same labels.
    pub training: Arc<PixelSamples>,
    /// Those that a model is not trained on: MNIST's test set, where its files are there.
    pub held_out: Option<Arc<PixelSamples>>,
}

/// The images of a data set from where it is; `labels` are the training set's.
///
/// # Errors
/// When a file that is there cannot be used, or its images are not of 28×28 pixels.
pub(super) fn read(source: &DataSource, labels: &[u8]) -> Result<ImageSet, DataError> {
    let DataSource::Files(folder) = source else {
        let held_out = HELD_OUT_LABELS.repeat(HELD_OUT / CLASSES);
        return Ok(ImageSet {
            training: Arc::new(drawn(labels, 0)),
            held_out: Some(Arc::new(drawn(&held_out, labels.len() as u64))),
        });
    };
    let training = find(TRAINING_IMAGES, folder)?.ok_or_else(|| DataError::Missing {
        folder: folder.clone(),
        what: format!("found no {}, zipped or not", TRAINING_IMAGES.name),
    })?;
    let held_out = match (find(TEST_IMAGES, folder)?, find(TEST_LABELS, folder)?) {
        (Some(images), Some(labels)) => Some(samples(&images, read_labels(&labels)?, &labels)?),
        _ => None,
    };
    Ok(ImageSet {
        training: samples(&training, labels.to_vec(), &training)?,
        held_out,
    })
}

pub(super) fn find(file: PublishedFile, folder: &Path) -> Result<Option<PathBuf>, DataError> {
    file.find(folder).map_err(|source| DataError::Unreadable {
        path: folder.to_owned(),
        source,
    })
}

/// `labels_path` is where the labels are from, which may be too few or too many.
fn samples(
    path: &Path,
    labels: Vec<u8>,
    labels_path: &Path,
) -> Result<Arc<PixelSamples>, DataError> {
    let images = read_images(path)?;
    if (images.rows, images.cols) != (SIDE, SIDE) {
        return Err(DataError::Unsound {
            path: path.to_owned(),
            defect: Defect::Size {
                rows: images.rows,
                cols: images.cols,
            },
        });
    }
    let counts = (images.len(), labels.len());
    let found = PixelSamples::new(&images.pixels, labels);
    found.map(Arc::new).ok_or_else(|| DataError::CountsDiffer {
        images_path: path.to_owned(),
        images: counts.0,
        labels_path: labels_path.to_owned(),
        labels: counts.1,
    })
}

/// Images of the stand-in's that are held out, as many of each digit.
const HELD_OUT: usize = 10_000;
const HELD_OUT_LABELS: [u8; CLASSES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/// The strokes of the stand-in: the seven bars of a calculator's digits, from and to, in columns and rows.
const BARS: [[[f32; 2]; 2]; 7] = [
    [[9.5, 6.0], [17.5, 6.0]],
    [[18.0, 6.5], [18.0, 13.0]],
    [[18.0, 14.0], [18.0, 20.5]],
    [[9.5, 21.0], [17.5, 21.0]],
    [[9.0, 14.0], [9.0, 20.5]],
    [[9.0, 6.5], [9.0, 13.0]],
    [[9.5, 13.5], [17.5, 13.5]],
];
/// Which bars a digit has, one a bit.
const DIGITS: [u8; CLASSES] = [0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f];
/// The spread of a stroke, in pixels.
const STROKE: f32 = 1.1;
/// A digit lies up to so many pixels off the middle, each way.
const MOST_SHIFT: i32 = 2;
/// Brightness of the bars that a digit has, mean and standard deviation; the deviation of those that it has not.
const BRIGHT: [f32; 2] = [0.8, 0.25];
const GHOST: f32 = 0.3;
/// Standard deviation of a lit pixel's noise.
const NOISE: f32 = 0.15;
/// What is darker is black.
const BLACK: f32 = 0.08;

/// An image for each label, like written digits in what matters here: smooth strokes on black, shifted, some of them faint
/// and some where they do not belong. Image k is always the same for its label and `first` + k.
fn drawn(labels: &[u8], first: u64) -> PixelSamples {
    let strokes = strokes();
    let images = labels.par_iter().enumerate();
    let images = images.flat_map_iter(|(k, &label)| draw(&strokes, label, first + k as u64));
    let pixels: Vec<u8> = images.collect();
    PixelSamples::new(&pixels, labels.to_vec())
        .expect("there are labels, all below ten, and an image for each")
}

type Stroke = [f32; PIXELS];

/// Every bar at every shift.
fn strokes() -> Vec<[Stroke; BARS.len()]> {
    let shifts = -MOST_SHIFT..=MOST_SHIFT;
    let all = shifts
        .clone()
        .flat_map(|x| shifts.clone().map(move |y| [x, y]));
    all.map(|shift| BARS.map(|bar| stroke(bar, shift.map(|s| s as f32))))
        .collect()
}

/// How bright each pixel is of a bar, by its distance.
fn stroke([from, to]: [[f32; 2]; 2], shift: [f32; 2]) -> Stroke {
    std::array::from_fn(|pixel| {
        let at = [pixel % SIDE, pixel / SIDE].map(|k| k as f32);
        // Bars lie along the axes: the nearest point of one is found coordinate by coordinate.
        let off = |k: usize| {
            let at = at[k] - shift[k];
            at - at.clamp(from[k], to[k])
        };
        let square = off(0).powi(2) + off(1).powi(2);
        (-square / (2.0 * STROKE * STROKE)).exp()
    })
}

fn draw(strokes: &[[Stroke; BARS.len()]], label: u8, seed: u64) -> [u8; PIXELS] {
    let mut rng = Pcg64::seed_from_u64(seed);
    let bars = &strokes[rng.random_range(0..strokes.len())];
    let mut normal = || rng.sample::<f32, _>(StandardNormal);
    let mut bright = [0.0; PIXELS];
    for (k, bar) in bars.iter().enumerate() {
        let has = DIGITS[usize::from(label)] >> k & 1 == 1;
        let [mean, spread] = if has { BRIGHT } else { [0.0, GHOST] };
        let light = mean + spread * normal();
        for (bright, bar) in bright.iter_mut().zip(bar) {
            *bright = f32::max(*bright, light * bar);
        }
    }
    bright.map(|light| match light > BLACK {
        true => (255.0 * (light * (1.0 + NOISE * normal()))).clamp(0.0, 255.0) as u8,
        false => 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stand_in_draws_the_same_images_every_time() {
        let labels: Vec<u8> = HELD_OUT_LABELS.repeat(20);
        let images = drawn(&labels, 0);
        assert_eq!(images, drawn(&labels, 0));
        assert_ne!(images, drawn(&labels, 1));
        let share = images.lit() as f64 / (labels.len() * PIXELS) as f64;
        assert!((0.1..0.3).contains(&share), "{share}");
        // A one is darker than an eight.
        let sum = |k: usize| -> u32 { images.image(k).iter().map(|&p| u32::from(p)).sum() };
        let of = |digit: usize| (0..20).map(|k| sum(10 * k + digit)).sum::<u32>();
        assert!(of(1) < of(8) / 2);
    }
}
