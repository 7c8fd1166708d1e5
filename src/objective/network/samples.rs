//! Samples of a network's loss: features, and labels or targets, in the order in which vector instructions take them.

use std::fmt::{self, Debug};

use super::product::{BLOCK, LANES};

/// What a network is to say of each sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets {
    /// Its class, from 0 on.
    Labels(Vec<usize>),
    /// A number.
    Numbers(Vec<f64>),
}

impl Targets {
    pub fn len(&self) -> usize {
        match self {
            Targets::Labels(labels) => labels.len(),
            Targets::Numbers(numbers) => numbers.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Labelled samples. There is at least one; all numbers are finite.
#[derive(Clone, PartialEq)]
pub struct Samples {
    width: usize,
    /// Row by row, `width` numbers each.
    features: Vec<f64>,
    targets: Targets,
    blocks: Vec<Block>,
}

impl Samples {
    /// Samples with `width` features each, row by row. `None` unless there is at least one of each, as many targets as rows, and
    /// every number finite.
    pub fn new(width: usize, features: Vec<f64>, targets: Targets) -> Option<Samples> {
        let finite = |numbers: &[f64]| numbers.iter().all(|x| x.is_finite());
        let is_sound = width > 0
            && !targets.is_empty()
            && features.len() == width * targets.len()
            && finite(&features)
            && match &targets {
                Targets::Labels(_) => true,
                Targets::Numbers(numbers) => finite(numbers),
            };
        is_sound.then(|| {
            let all: Vec<usize> = (0..targets.len()).collect();
            let gather = |batch: &[usize]| Block::gather(width, &features, &targets, batch);
            Samples {
                blocks: all.chunks(BLOCK).map(gather).collect(),
                width,
                features,
                targets,
            }
        })
    }

    /// The number of samples, at least one.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// The number of features.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All features, row by row.
    pub fn features(&self) -> &[f64] {
        &self.features
    }

    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// The number of a network's outputs for them: one for each class, two at least, or one for a number.
    pub fn outputs(&self) -> usize {
        match &self.targets {
            Targets::Labels(labels) => labels.iter().max().map_or(2, |most| (most + 1).max(2)),
            Targets::Numbers(_) => 1,
        }
    }

    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Some of the samples, as blocks.
    pub(super) fn gather(&self, batch: &[usize]) -> Vec<Block> {
        let gather =
            |batch: &[usize]| Block::gather(self.width, &self.features, &self.targets, batch);
        batch.chunks(BLOCK).map(gather).collect()
    }
}

impl Debug for Samples {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Samples({} of {})", self.len(), self.width)
    }
}

/// At most [`BLOCK`] samples.
#[derive(Clone, PartialEq)]
pub(super) struct Block {
    pub len: usize,
    /// Feature by feature, [`BLOCK`] numbers each; those behind `len` are 0.
    pub x: Vec<f64>,
    pub targets: Targets,
}

impl Block {
    fn gather(width: usize, features: &[f64], targets: &Targets, batch: &[usize]) -> Block {
        let mut x = vec![0.0; width * BLOCK];
        for (k, &sample) in batch.iter().enumerate() {
            let row = &features[sample * width..][..width];
            for (f, value) in row.iter().enumerate() {
                x[f * BLOCK + k] = *value;
            }
        }
        Block {
            len: batch.len(),
            x,
            targets: match targets {
                Targets::Labels(labels) => {
                    Targets::Labels(batch.iter().map(|&i| labels[i]).collect())
                }
                Targets::Numbers(numbers) => {
                    Targets::Numbers(batch.iter().map(|&i| numbers[i]).collect())
                }
            },
        }
    }

    /// As many samples as vectors are filled with.
    pub fn padded(&self) -> usize {
        self.len.next_multiple_of(LANES)
    }
}
