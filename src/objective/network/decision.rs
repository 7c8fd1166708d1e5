//! What can be seen of a network: the regions into which it parts the plane that its samples lie in, or the curve that it lays
//! through them.

use super::{Network, Samples, Targets, names};
use crate::landscape::Range;

/// Of more samples so many are shown.
const MOST_SHOWN: usize = 1000;
/// Room around the samples, as a share of their extent.
const ROOM: f64 = 0.08;
/// Both axes have the same units unless one extent is more than so many times the other.
const LONGEST: f64 = 3.0;

/// What there is to see of a network on its samples, whatever its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    pub kind: SightKind,
    /// What is shown of the two axes: the features, or the feature and the target.
    pub ranges: [Range; 2],
    /// Which samples are shown, ascending.
    pub shown: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SightKind {
    /// Samples of two features, each of a class.
    Regions { classes: usize },
    /// Samples of one feature, each with a number.
    Curve,
}

/// What a network says of a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// The class that it finds likeliest.
    pub class: usize,
    /// By how much: its probability less that of the next one, from 0 to 1.
    pub margin: f64,
}

impl Sight {
    /// What there is to see of a network; `None` where its samples have more features, or are too far apart for numbers.
    pub fn of(network: &Network) -> Option<Sight> {
        let samples = network.data();
        let feature = |f: usize| {
            let all = (0..samples.len()).map(move |k| samples.row(k)[f]);
            extent(all)
        };
        let (kind, ranges) = match (samples.targets(), samples.width()) {
            (Targets::Labels(_), 2) => {
                let classes = network.shape().outputs();
                let ranges = alike([feature(0)?, feature(1)?]);
                (SightKind::Regions { classes }, ranges)
            }
            (Targets::Numbers(numbers), 1) => {
                let ranges = [feature(0)?, extent(numbers.iter().copied())?];
                (SightKind::Curve, ranges)
            }
            _ => return None,
        };
        Some(Sight {
            kind,
            ranges: ranges.map(|[low, high]| {
                let room = ROOM * (high - low);
                [low - room, high + room]
            }),
            shown: shown(samples),
        })
    }

    /// The middles of so many cells along each side, two numbers each, row by row from the top.
    pub fn cells(&self, side: usize) -> Vec<f64> {
        let at = |k: usize, [low, high]: Range| low + (high - low) * (k as f64 + 0.5) / side as f64;
        let [x, y] = self.ranges;
        let rows = (0..side).rev();
        let points = rows.flat_map(|row| (0..side).flat_map(move |col| [at(col, x), at(row, y)]));
        points.collect()
    }

    /// So many places along the first axis, two at least, from its beginning to its end.
    pub fn across(&self, count: usize) -> Vec<f64> {
        let [low, high] = self.ranges[0];
        let last = (count.max(2) - 1) as f64;
        let places = (0..count.max(2)).map(|k| low + (high - low) * k as f64 / last);
        places.collect()
    }

    /// What the network says at the middles of so many cells along each side, row by row from the top.
    pub fn regions(&self, network: &Network, w: &[f64], side: usize) -> Vec<Region> {
        let outputs = network.outputs(w, &self.cells(side));
        let rows = outputs.chunks_exact(network.shape().outputs());
        rows.map(region).collect()
    }

    /// So many points of the curve, two at least, from left to right.
    pub fn curve(&self, network: &Network, w: &[f64], count: usize) -> Vec<[f64; 2]> {
        let across = self.across(count);
        let values = network.outputs(w, &across);
        across.iter().zip(values).map(|(x, y)| [*x, y]).collect()
    }

    /// Of every sample shown, whether its class is the one that the network names; numbers are neither right nor wrong.
    pub fn right(&self, network: &Network, w: &[f64]) -> Vec<bool> {
        let samples = network.data();
        let Targets::Labels(labels) = samples.targets() else {
            return Vec::new();
        };
        let rows = self.shown.iter().flat_map(|&k| samples.row(k));
        let outputs = network.outputs(w, &rows.copied().collect::<Vec<f64>>());
        let rows = outputs.chunks_exact(network.shape().outputs());
        let shown = rows.zip(&self.shown);
        shown.map(|(row, &k)| names(row, labels[k])).collect()
    }
}

/// The likeliest class and its lead. Where outputs are not finite nothing is said for sure.
fn region(outputs: &[f64]) -> Region {
    let greatest = |(class, most): (usize, f64), (k, z): (usize, &f64)| {
        if *z > most { (k, *z) } else { (class, most) }
    };
    let (class, most) = outputs
        .iter()
        .enumerate()
        .fold((0, f64::NEG_INFINITY), greatest);
    let sum: f64 = outputs.iter().map(|z| libm::exp(z - most)).sum();
    let others = outputs.iter().enumerate().filter(|(k, _)| *k != class);
    let next = others.fold(f64::NEG_INFINITY, |next, (_, z)| next.max(*z));
    let margin = (1.0 - libm::exp(next - most)) / sum;
    let margin = if margin.is_finite() { margin } else { 0.0 };
    Region { class, margin }
}

/// The least and the greatest of numbers, some distance apart. `None` where that is no number.
fn extent(numbers: impl Iterator<Item = f64>) -> Option<Range> {
    let both = |[low, high]: Range, x: f64| [low.min(x), high.max(x)];
    let [low, high] = numbers.fold([f64::INFINITY, f64::NEG_INFINITY], both);
    let length = high - low;
    let least = 1e-9 * low.abs().max(high.abs());
    let range = match length {
        length if length > least => [low, high],
        _ => {
            let room = low.abs().max(1.0);
            [low - room, high + room]
        }
    };
    // With the room around them, too.
    (4.0 * (range[1] - range[0])).is_finite().then_some(range)
}

/// The shorter of two ranges made as long as the other, unless that would be much.
fn alike(ranges: [Range; 2]) -> [Range; 2] {
    let lengths = ranges.map(|[low, high]| high - low);
    let longer = lengths[0].max(lengths[1]);
    if longer > LONGEST * lengths[0].min(lengths[1]) {
        return ranges;
    }
    ranges.map(|[low, high]| {
        let room = 0.5 * (longer - (high - low));
        [low - room, high + room]
    })
}

/// All samples, or so many of them spread over all.
fn shown(samples: &Samples) -> Vec<usize> {
    let all = samples.len();
    if all <= MOST_SHOWN {
        return (0..all).collect();
    }
    // By the golden ratio, so that no regularity of their order is met.
    let share = |k: usize| (k as f64 * 0.618_033_988_749_895).fract();
    let mut shown: Vec<usize> = (0..MOST_SHOWN)
        .map(|k| ((share(k) * all as f64) as usize).min(all - 1))
        .collect();
    shown.sort_unstable();
    shown.dedup();
    shown
}

#[cfg(test)]
mod tests;
