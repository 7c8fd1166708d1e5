//! Softmax regression on the pixels of images: the loss over a weight for each class and pixel, and a bias for each class.

use std::sync::Arc;

use pulp::Arch;
use rayon::prelude::*;

use self::pass::{Along, Pass, Task, task};
use self::table::Table;
use super::softmax::CLASSES;
use super::softmax::sweep::separable::{self, Exponents};
use super::{GoOn, Objective};
use crate::landscape::{Domain, Grid};
use crate::plane::Plane;

mod pass;
mod samples;
mod table;
#[cfg(test)]
mod tests;

pub use samples::PixelSamples;

/// Pixels along each side of an image.
pub const SIDE: usize = 28;
/// Pixels of an image.
pub const PIXELS: usize = SIDE * SIDE;
/// Parameters: the weight, classes × pixels, row-major, then the bias, as PyTorch's `Linear(784, 10)` has them.
pub const PARAMETERS: usize = CLASSES * (PIXELS + 1);

/// A data set is cut into so many parts, a small one into fewer; fixed, so that sums do not depend on the number of threads.
const PARTS: usize = 32;
/// Samples of a part, at least.
const LEAST_PART: usize = 256;

/// The mean cross-entropy of softmax(W·x + b) over images x, whose pixels are from 0 (black) to 1: a byte over 255.
#[derive(Debug, Clone, PartialEq)]
pub struct PixelSoftmax {
    samples: Arc<PixelSamples>,
    /// Over the samples that were kept apart.
    held_out: Option<Arc<PixelSoftmax>>,
}

impl PixelSoftmax {
    pub fn new(samples: Arc<PixelSamples>) -> PixelSoftmax {
        PixelSoftmax {
            samples,
            held_out: None,
        }
    }

    /// The same with samples that are kept apart.
    pub fn with_held_out(self, samples: Arc<PixelSamples>) -> PixelSoftmax {
        let held_out = Some(Arc::new(PixelSoftmax::new(samples)));
        PixelSoftmax { held_out, ..self }
    }

    /// What its loss is over.
    pub fn data(&self) -> &Arc<PixelSamples> {
        &self.samples
    }

    /// The sums over its samples at the parameters `w`, without derivatives.
    fn forwards(&self, w: &[f64]) -> Sums {
        let all = Along::all(&self.samples);
        sums(&self.samples, all, w, None, Task::Loss, &mut [])
    }
}

/// Sums over samples.
#[derive(Clone, Copy, Default)]
struct Sums {
    loss: f64,
    /// Samples whose label is the likeliest class.
    right: usize,
}

/// Writes what `task` asks for into `out`, summed over the samples, not yet divided by their number.
fn sums(
    samples: &PixelSamples,
    along: Along,
    w: &[f64],
    direction: Option<&[f64]>,
    task: Task,
    out: &mut [f64],
) -> Sums {
    let weights = Table::of(w);
    let direction = direction.map(|direction| Table::of(direction));
    let size = along.len().div_ceil(PARTS).max(LEAST_PART);
    let work = |part: Along| {
        let pass = Pass {
            samples,
            along: part,
            weights: &weights,
            direction: direction.as_ref(),
            task,
        };
        self::task(Arch::new(), pass)
    };
    let parts: Vec<(Sums, Option<Table>)> = if along.len() <= size {
        vec![work(along)]
    } else {
        along.parts(size).into_par_iter().map(work).collect()
    };
    let mut total = Sums::default();
    let mut gradient: Option<Table> = None;
    for (sums, part) in parts {
        total.loss += sums.loss;
        total.right += sums.right;
        match (&mut gradient, part) {
            (Some(gradient), Some(part)) => gradient.add(&part),
            (none, part) => *none = part,
        }
    }
    if let Some(gradient) = gradient {
        gradient.write(out);
    }
    total
}

impl Objective for PixelSoftmax {
    fn dim(&self) -> usize {
        PARAMETERS
    }

    fn value(&self, w: &[f64]) -> f64 {
        self.forwards(w).loss / self.samples.len() as f64
    }

    fn gradient(&self, w: &[f64], out: &mut [f64]) -> f64 {
        let all = Along::all(&self.samples);
        let sums = sums(&self.samples, all, w, None, Task::Gradient, out);
        let count = self.samples.len() as f64;
        out.iter_mut().for_each(|g| *g /= count);
        sums.loss / count
    }

    fn cost(&self) -> usize {
        2 * CLASSES * self.samples.lit() + 20 * CLASSES * self.samples.len()
    }

    fn hessian_product(&self, w: &[f64], direction: &[f64], out: &mut [f64]) {
        let (all, along) = (Along::all(&self.samples), Some(direction));
        sums(&self.samples, all, w, along, Task::Product, out);
        let count = self.samples.len() as f64;
        out.iter_mut().for_each(|x| *x /= count);
    }

    fn sweep(&self, plane: &Plane, domain: Domain, size: [usize; 2], go_on: &GoOn) -> Option<Grid> {
        let exponents = self.exponents(plane);
        go_on().then_some(())?;
        separable::cross_entropy(Arch::new(), &exponents, domain, size, go_on)
    }

    fn samples(&self) -> Option<usize> {
        Some(self.samples.len())
    }

    fn batch_gradient(&self, w: &[f64], batch: &[usize], out: &mut [f64]) {
        sums(
            &self.samples,
            Along::Some(batch),
            w,
            None,
            Task::Gradient,
            out,
        );
        let count = batch.len() as f64;
        out.iter_mut().for_each(|g| *g /= count);
    }

    fn over(&self, batch: &[usize]) -> Option<Arc<dyn Objective>> {
        let samples = Arc::new(self.samples.of(batch)?);
        Some(Arc::new(PixelSoftmax::new(samples)))
    }

    fn accuracy(&self, w: &[f64]) -> Option<f64> {
        Some(self.forwards(w).right as f64 / self.samples.len() as f64)
    }

    fn held_out(&self) -> Option<&dyn Objective> {
        self.held_out.as_deref().map(|held_out| held_out as _)
    }
}

impl PixelSoftmax {
    /// What the logits of each sample are on a plane: three products with the images.
    fn exponents(&self, plane: &Plane) -> Vec<Exponents> {
        let zero = vec![0.0; PARAMETERS];
        let tables = [plane.origin(), plane.u(), plane.v().unwrap_or(&zero)];
        let tables = tables.map(|w| Table::of(w));
        let size = self.samples.len().div_ceil(PARTS).max(LEAST_PART);
        let parts = Along::all(&self.samples).parts(size);
        let of = |part| {
            pass::logits(Arch::new(), &self.samples, part, &tables)
                .into_iter()
                .map(|(label, logits)| Exponents::of(label, logits))
        };
        parts.into_par_iter().flat_map_iter(of).collect()
    }
}
