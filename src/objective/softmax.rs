//! Softmax regression on two features: the loss over its 2×10 weights.

use std::fmt::{self, Debug};
use std::sync::Arc;

use pulp::Arch;
use rayon::prelude::*;

use self::blocks::{Block, Sums, blocks, sums};
use super::{GoOn, Objective};
use crate::landscape::{Domain, Grid};
use crate::plane::Plane;

pub(crate) mod blocks;
pub(crate) mod lanes;
pub(crate) mod sweep;
#[cfg(test)]
mod tests;

pub use sweep::instruction_set;

/// Classes that a label can name.
pub const CLASSES: usize = 10;
/// Features of a sample.
pub const FEATURES: usize = 2;
/// Weights: W of shape 2×10, row-major, so that W\[f, c\] is parameter 10·f + c.
pub const WEIGHTS: usize = FEATURES * CLASSES;
/// Samples that one task of a Hessian's product takes.
const PART: usize = 2048;
/// Added to the probability under the logarithm.
pub const EPSILON: f64 = 1e-8;

/// Labelled samples. There is at least one; features are finite, labels below [`CLASSES`].
#[derive(Clone, PartialEq)]
pub struct Samples {
    features: Vec<[f64; FEATURES]>,
    labels: Vec<u8>,
    /// The same once more, by label.
    blocks: Vec<Block>,
    /// Σ x_f over the samples labelled c, for every weight W\[f, c\].
    label_sums: [f64; WEIGHTS],
}

impl Samples {
    /// `None` unless there is at least one sample, as many labels as samples, every feature finite and every
    /// label below [`CLASSES`].
    pub fn new(features: Vec<[f64; FEATURES]>, labels: Vec<u8>) -> Option<Samples> {
        let sound = !features.is_empty()
            && features.len() == labels.len()
            && features.iter().flatten().all(|x| x.is_finite())
            && labels.iter().all(|&label| usize::from(label) < CLASSES);
        sound.then(|| {
            let mut label_sums = [0.0; WEIGHTS];
            for (x, &label) in features.iter().zip(&labels) {
                for (f, x) in x.iter().enumerate() {
                    label_sums[f * CLASSES + usize::from(label)] += x;
                }
            }
            Samples {
                blocks: blocks(&features, &labels),
                label_sums,
                features,
                labels,
            }
        })
    }

    /// The number of samples, at least one.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    pub fn features(&self) -> &[[f64; FEATURES]] {
        &self.features
    }

    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }
}

impl Debug for Samples {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Samples({})", self.len())
    }
}

/// Softmax regression without bias: p = softmax(x·W), loss −mean ln(p_y + 1e-8).
///
/// The gradient is Xᵀ(p − y)/N, which leaves out the factor p/(p + 1e-8): the form that lessons use. It differs from
/// the derivative of the loss by about 1e-8/p_y.
#[derive(Debug, Clone, PartialEq)]
pub struct Softmax {
    samples: Arc<Samples>,
    /// Over the samples that were kept apart.
    held_out: Option<Arc<Softmax>>,
}

impl Softmax {
    pub fn new(samples: Arc<Samples>) -> Softmax {
        Softmax {
            samples,
            held_out: None,
        }
    }

    /// The same with samples that are kept apart.
    pub fn with_held_out(self, samples: Arc<Samples>) -> Softmax {
        let held_out = Some(Arc::new(Softmax::new(samples)));
        Softmax { held_out, ..self }
    }

    pub fn samples(&self) -> &Arc<Samples> {
        &self.samples
    }

    fn sums(&self, w: &[f64], moments: bool) -> Sums {
        let w = std::array::from_fn(|k| w[k]);
        sums(Arch::new(), &self.samples.blocks, &w, moments)
    }
}

/// The probabilities of the classes at one sample, and ln p_y-free of overflow: logits are taken from the greatest.
fn probabilities(w: &[f64], x: [f64; FEATURES]) -> [f64; CLASSES] {
    let mut p: [f64; CLASSES] = std::array::from_fn(|c| x[0] * w[c] + x[1] * w[CLASSES + c]);
    let greatest = p.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    p.iter_mut().for_each(|p| *p = (*p - greatest).exp());
    let sum: f64 = p.iter().sum();
    p.map(|p| p / sum)
}

impl Objective for Softmax {
    fn dim(&self) -> usize {
        WEIGHTS
    }

    fn value(&self, w: &[f64]) -> f64 {
        self.sums(w, false).loss / self.samples.len() as f64
    }

    fn gradient(&self, w: &[f64], out: &mut [f64]) -> f64 {
        let sums = self.sums(w, true);
        let count = self.samples.len() as f64;
        let moments = sums.moments.iter().zip(&self.samples.label_sums);
        for (out, (moment, labelled)) in out.iter_mut().zip(moments) {
            *out = (moment - labelled) / count;
        }
        sums.loss / count
    }

    fn cost(&self) -> usize {
        // An exponential is worth some twenty multiplications.
        self.samples.len() * (2 * WEIGHTS + 20 * CLASSES)
    }

    fn sweep(&self, plane: &Plane, domain: Domain, size: [usize; 2], go_on: &GoOn) -> Option<Grid> {
        sweep::sweep(&self.samples, plane, domain, size, go_on)
    }

    fn hessian(&self, w: &[f64], out: &mut [f64]) -> bool {
        out.fill(0.0);
        let count = self.samples.len() as f64;
        for &x in &self.samples.features {
            let p = probabilities(w, x);
            for (i, out) in out.iter_mut().enumerate() {
                let (row, col) = (i / WEIGHTS, i % WEIGHTS);
                let (c, d) = (row % CLASSES, col % CLASSES);
                let spread = p[c] * (f64::from(u8::from(c == d)) - p[d]);
                *out += x[row / CLASSES] * x[col / CLASSES] * spread / count;
            }
        }
        true
    }

    fn hessian_product(&self, w: &[f64], direction: &[f64], out: &mut [f64]) {
        let part = |features: &[[f64; FEATURES]]| {
            let mut sums = [0.0; WEIGHTS];
            for &x in features {
                let p = probabilities(w, x);
                let along: [f64; CLASSES] =
                    std::array::from_fn(|c| x[0] * direction[c] + x[1] * direction[CLASSES + c]);
                let mean: f64 = p.iter().zip(along).map(|(p, z)| p * z).sum();
                for (k, sum) in sums.iter_mut().enumerate() {
                    let (f, c) = (k / CLASSES, k % CLASSES);
                    *sum += x[f] * p[c] * (along[c] - mean);
                }
            }
            sums
        };
        // Parts of a fixed size, so that sums do not depend on the number of threads.
        let parts: Vec<_> = self.samples.features.par_chunks(PART).map(part).collect();
        let count = self.samples.len() as f64;
        for (k, out) in out.iter_mut().enumerate() {
            *out = parts.iter().map(|sums| sums[k]).sum::<f64>() / count;
        }
    }

    fn samples(&self) -> Option<usize> {
        Some(self.samples.len())
    }

    fn batch_gradient(&self, w: &[f64], batch: &[usize], out: &mut [f64]) {
        out.fill(0.0);
        for &i in batch {
            let (x, y) = (
                self.samples.features[i],
                usize::from(self.samples.labels[i]),
            );
            let p = probabilities(w, x);
            for (k, out) in out.iter_mut().enumerate() {
                let (f, c) = (k / CLASSES, k % CLASSES);
                *out += x[f] * (p[c] - f64::from(u8::from(c == y)));
            }
        }
        out.iter_mut().for_each(|g| *g /= batch.len() as f64);
    }

    fn accuracy(&self, w: &[f64]) -> Option<f64> {
        let samples = self.samples.features.iter().zip(&self.samples.labels);
        let is_right = |(x, label): &(&[f64; FEATURES], &u8)| {
            let logit = |c: usize| x[0] * w[c] + x[1] * w[CLASSES + c];
            let label = usize::from(**label);
            let named = logit(label);
            (0..CLASSES).all(|c| c == label || named > logit(c))
        };
        Some(samples.filter(is_right).count() as f64 / self.samples.len() as f64)
    }

    fn over(&self, batch: &[usize]) -> Option<Arc<dyn Objective>> {
        let of = |k: &usize| {
            let features = self.samples.features.get(*k)?;
            Some((*features, self.samples.labels[*k]))
        };
        let (features, labels) = batch.iter().map(of).collect::<Option<_>>()?;
        let samples = Arc::new(Samples::new(features, labels)?);
        Some(Arc::new(Softmax::new(samples)))
    }

    fn held_out(&self) -> Option<&dyn Objective> {
        self.held_out.as_deref().map(|held_out| held_out as _)
    }
}
