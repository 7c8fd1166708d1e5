//! Images and their labels. Most pixels of a written digit are black: only the others are kept, image after image.

use std::fmt::{self, Debug};

use super::PIXELS;
use crate::objective::softmax::CLASSES;

/// Labelled images of [`PIXELS`] pixels each. There is at least one; labels are below [`CLASSES`].
#[derive(Clone, PartialEq)]
pub struct PixelSamples {
    /// Where each image's pixels begin; one more, where the last one's end.
    starts: Vec<u32>,
    /// Which pixels are not black, below [`PIXELS`], ascending within an image.
    places: Vec<u16>,
    /// Their values, 1 to 255.
    values: Vec<u8>,
    labels: Vec<u8>,
}

impl PixelSamples {
    /// `pixels` holds the images one after the other. `None` unless there is at least one, as many labels as images, every label
    /// below [`CLASSES`], and no more pixels than 32 bits can count.
    pub fn new(pixels: &[u8], labels: Vec<u8>) -> Option<PixelSamples> {
        let is_sound = !labels.is_empty()
            && labels.len().checked_mul(PIXELS) == Some(pixels.len())
            && u32::try_from(pixels.len()).is_ok()
            && labels.iter().all(|&label| usize::from(label) < CLASSES);
        is_sound.then(|| {
            let lit = pixels.iter().filter(|&&value| value > 0).count();
            let (mut places, mut values) = (Vec::with_capacity(lit), Vec::with_capacity(lit));
            let mut starts = vec![0];
            for image in pixels.chunks_exact(PIXELS) {
                for (place, &value) in (0..).zip(image) {
                    if value > 0 {
                        places.push(place);
                        values.push(value);
                    }
                }
                starts.push(values.len() as u32);
            }
            PixelSamples {
                starts,
                places,
                values,
                labels,
            }
        })
    }

    /// Some of them, of these indices; `None` where there are none, or not all of them are there.
    pub fn of(&self, batch: &[usize]) -> Option<PixelSamples> {
        let is_there = |&k: &usize| k < self.len();
        if batch.is_empty() || !batch.iter().all(is_there) {
            return None;
        }
        let images = batch.iter().flat_map(|&k| self.image(k));
        let pixels: Vec<u8> = images.collect();
        let labels = batch.iter().map(|&k| self.labels[k]).collect();
        PixelSamples::new(&pixels, labels)
    }

    /// The number of images, at least one.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// How many pixels of all images are not black.
    pub fn lit(&self) -> usize {
        self.values.len()
    }

    /// The pixels of an image, row by row, 0 to 255.
    pub fn image(&self, index: usize) -> [u8; PIXELS] {
        let mut image = [0; PIXELS];
        let (places, values) = self.lit_of(index);
        for (&place, &value) in places.iter().zip(values) {
            image[usize::from(place)] = value;
        }
        image
    }

    /// Which pixels of an image are not black, and their values.
    pub(super) fn lit_of(&self, index: usize) -> (&[u16], &[u8]) {
        let range = self.starts[index] as usize..self.starts[index + 1] as usize;
        (&self.places[range.clone()], &self.values[range])
    }
}

impl Debug for PixelSamples {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "PixelSamples({})", self.len())
    }
}
