//! Planes of two of the softmax model's weights.

use std::sync::Arc;

use steepest::landscape::{Domain, Grid};
use steepest::objective::softmax::{Samples, WEIGHTS};
use steepest::objective::{GoOn, Objective, Softmax};
use steepest::plane::Plane;

/// Two weights vary, the others stay.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice {
    pub weights: [f64; WEIGHTS],
    pub u: usize,
    pub v: usize,
}

impl Slice {
    pub(crate) fn plane(&self) -> Plane {
        Plane::of_parameters(&self.weights, [self.u, self.v])
    }
}

/// The CPU's sweep.
pub(crate) fn sweep(
    samples: &Arc<Samples>,
    slice: &Slice,
    domain: Domain,
    size: [usize; 2],
    go_on: &GoOn,
) -> Option<Grid> {
    Softmax::new(samples.clone()).sweep(&slice.plane(), domain, size, go_on)
}
