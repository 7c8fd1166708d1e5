//! Samples of a network's loss: features, and labels or targets, in the order in which vector instructions take them.

use std::fmt::{self, Debug};

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

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

    fn of(&self, chosen: &[usize]) -> Targets {
        match self {
            Targets::Labels(labels) => Targets::Labels(chosen.iter().map(|&k| labels[k]).collect()),
            Targets::Numbers(numbers) => {
                Targets::Numbers(chosen.iter().map(|&k| numbers[k]).collect())
            }
        }
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

    /// These of the samples, in this order. `None` if there are none, or one of them is not there.
    pub fn of(&self, chosen: &[usize]) -> Option<Samples> {
        if chosen.iter().any(|&k| k >= self.len()) {
            return None;
        }
        let rows = chosen.iter().map(|&k| self.row(k));
        let targets = self.targets.of(chosen);
        Samples::new(self.width, rows.flatten().copied().collect(), targets)
    }

    /// The features of a sample.
    pub fn row(&self, sample: usize) -> &[f64] {
        &self.features[sample * self.width..][..self.width]
    }

    /// Sets so many samples aside, drawn with this seed: the rest and these, each in the order in which they were. `None` unless
    /// there is one at least on either side.
    pub fn parted(&self, aside: usize, seed: u64) -> Option<(Samples, Samples)> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.shuffle(&mut Pcg64::seed_from_u64(seed));
        let mut aside = order.split_off(self.len().checked_sub(aside)?);
        order.sort_unstable();
        aside.sort_unstable();
        Some((self.of(&order)?, self.of(&aside)?))
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
            targets: targets.of(batch),
        }
    }

    /// Points of which nothing is to be learnt, row by row, as blocks.
    pub fn of_points(width: usize, points: &[f64]) -> Vec<Block> {
        let all: Vec<usize> = (0..points.len() / width).collect();
        let none = Targets::Numbers(vec![0.0; all.len()]);
        let gather = |batch: &[usize]| Block::gather(width, points, &none, batch);
        all.chunks(BLOCK).map(gather).collect()
    }

    /// As many samples as vectors are filled with.
    pub fn padded(&self) -> usize {
        self.len.next_multiple_of(LANES)
    }
}
