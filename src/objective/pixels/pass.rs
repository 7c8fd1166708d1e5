//! Images through the model: forwards to the loss, and backwards to its gradient.

use pulp::{Arch, Simd, WithSimd};

use super::samples::PixelSamples;
use super::table::{Row, Table};
use super::{PIXELS, Sums};
use crate::objective::softmax::CLASSES;
use crate::objective::softmax::lanes::{Fused, dispatch, exp, mul_add};

/// Samples whose losses share a logarithm: the product of their sums of exponentials, each from 1 to 10, is a number.
const SHARE: usize = 32;

/// Which samples are meant.
#[derive(Clone, Copy)]
pub(super) enum Along<'a> {
    Range {
        from: usize,
        to: usize,
    },
    /// Those of these indices.
    Some(&'a [usize]),
}

impl<'a> Along<'a> {
    pub fn all(samples: &PixelSamples) -> Along<'static> {
        Along::Range {
            from: 0,
            to: samples.len(),
        }
    }

    pub fn len(self) -> usize {
        match self {
            Along::Range { from, to } => to - from,
            Along::Some(indices) => indices.len(),
        }
    }

    /// The same in parts of `size`, the last one smaller.
    pub fn parts(self, size: usize) -> Vec<Along<'a>> {
        match self {
            Along::Range { from, to } => (from..to)
                .step_by(size)
                .map(|from| Along::Range {
                    from,
                    to: (from + size).min(to),
                })
                .collect(),
            Along::Some(indices) => indices.chunks(size).map(Along::Some).collect(),
        }
    }

    fn at(self, k: usize) -> usize {
        match self {
            Along::Range { from, .. } => from + k,
            Along::Some(indices) => indices[k],
        }
    }
}

/// What is asked for beside the loss.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    Loss,
    Gradient,
    /// The product of the Hessian with the direction.
    Product,
}

/// A part of the samples, and what is done with them.
pub(super) struct Pass<'a> {
    pub samples: &'a PixelSamples,
    pub along: Along<'a>,
    pub weights: &'a Table,
    /// For a product with the Hessian.
    pub direction: Option<&'a Table>,
    pub task: Task,
}

/// The sums over a part, with those of the gradient, or of the product, by the table.
pub(super) fn task(arch: Arch, pass: Pass) -> (Sums, Option<Table>) {
    dispatch(arch, pass)
}

impl WithSimd for Pass<'_> {
    type Output = (Sums, Option<Table>);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        let weights = self.weights.rows();
        let mut out = (self.task != Task::Loss).then(Table::zero);
        let mut sums = Sums::default();
        let mut shared = 1.0;
        for k in 0..self.along.len() {
            let index = self.along.at(k);
            let lit = self.samples.lit_of(index);
            let label = usize::from(self.samples.labels()[index]);
            let mut p = logits_of::<S>(weights, lit);
            let greatest = greatest(&p);
            let own = p[label];
            sums.loss += greatest - own;
            // Alone: of equal ones none is the answer.
            sums.right += usize::from(p.iter().filter(|z| **z >= own).count() == 1);
            let mut sum = 0.0;
            for p in &mut p {
                *p = exp::<S>(*p - greatest);
                sum += *p;
            }
            shared *= sum;
            if k % SHARE == SHARE - 1 {
                sums.loss += f64::ln(shared);
                shared = 1.0;
            }
            let Some(out) = &mut out else {
                continue;
            };
            let reciprocal = 1.0 / sum;
            p.iter_mut().for_each(|p| *p *= reciprocal);
            match self.direction {
                None => p[label] -= 1.0,
                Some(direction) => {
                    let along = logits_of::<S>(direction.rows(), lit);
                    let mean: f64 = p.iter().zip(&along).map(|(p, z)| p * z).sum();
                    for (p, along) in p.iter_mut().zip(along) {
                        *p *= along - mean;
                    }
                }
            }
            spread::<S>(out.rows_mut(), lit, &p);
        }
        sums.loss += f64::ln(shared);
        (sums, out)
    }
}

/// The logits of one image.
#[inline(always)]
fn logits_of<S: Fused>(rows: &[Row; PIXELS + 1], (places, values): (&[u16], &[u8])) -> Row {
    // Two sums at a time: one alone would wait for itself.
    let mut sums = [rows[PIXELS], [0.0; CLASSES]];
    let mut pairs = places.chunks_exact(2).zip(values.chunks_exact(2));
    for (places, values) in &mut pairs {
        for ((sum, &place), &value) in sums.iter_mut().zip(places).zip(values) {
            add::<S>(sum, f64::from(value), &rows[usize::from(place)]);
        }
    }
    if let (true, Some(place), Some(value)) = (places.len() % 2 == 1, places.last(), values.last())
    {
        add::<S>(&mut sums[1], f64::from(*value), &rows[usize::from(*place)]);
    }
    let [mut all, other] = sums;
    all.iter_mut().zip(other).for_each(|(x, y)| *x += y);
    all
}

/// Adds a multiple of `row` to `sum`.
#[inline(always)]
fn add<S: Fused>(sum: &mut Row, factor: f64, row: &Row) {
    for (sum, x) in sum.iter_mut().zip(row) {
        *sum = mul_add::<S>(factor, *x, *sum);
    }
}

/// Adds x·δᵀ of one image x, and δ to the bias.
#[inline(always)]
fn spread<S: Fused>(out: &mut [Row; PIXELS + 1], (places, values): (&[u16], &[u8]), delta: &Row) {
    for (&place, &value) in places.iter().zip(values) {
        add::<S>(&mut out[usize::from(place)], f64::from(value), delta);
    }
    add::<S>(&mut out[PIXELS], 1.0, delta);
}

/// The greatest logit; what is no number has no part in it.
#[inline(always)]
fn greatest(logits: &Row) -> f64 {
    let logits = logits.iter();
    logits.fold(
        f64::NEG_INFINITY,
        |greatest, z| if *z > greatest { *z } else { greatest },
    )
}

/// The label of every sample of a part, and its logits by each of three tables.
pub(super) fn logits(
    arch: Arch,
    samples: &PixelSamples,
    along: Along,
    tables: &[Table; 3],
) -> Vec<(usize, [[f64; CLASSES]; 3])> {
    let work = Logits {
        samples,
        along,
        tables,
    };
    dispatch(arch, work)
}

struct Logits<'a> {
    samples: &'a PixelSamples,
    along: Along<'a>,
    tables: &'a [Table; 3],
}

impl WithSimd for Logits<'_> {
    type Output = Vec<(usize, [[f64; CLASSES]; 3])>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        let mut all = Vec::with_capacity(self.along.len());
        for k in 0..self.along.len() {
            let index = self.along.at(k);
            let lit = self.samples.lit_of(index);
            let mut three = [[0.0; CLASSES]; 3];
            for (logits, table) in three.iter_mut().zip(self.tables) {
                *logits = logits_of::<S>(table.rows(), lit);
            }
            all.push((usize::from(self.samples.labels()[index]), three));
        }
        all
    }
}
