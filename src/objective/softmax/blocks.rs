//! Samples in the order in which vector instructions take them, and the loss over them.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::lanes::{Fused, dispatch, exp, mul_add};
use super::{CLASSES, EPSILON, FEATURES, WEIGHTS};

/// The most samples of a block: their numbers fit into the first cache.
pub(crate) const BLOCK: usize = 256;
/// Blocks that one task takes; fixed, so that sums do not depend on the number of threads.
const BLOCKS_PER_TASK: usize = 12;
/// Sums are kept apart in as many lanes, for vectors of up to 512 bits.
const LANES: usize = 8;

/// Samples of one label.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Block {
    pub label: usize,
    /// At most [`BLOCK`].
    pub len: usize,
    /// The features; those behind `len` are 0.
    pub x: [Box<[f64; BLOCK]>; FEATURES],
}

/// The samples by label, each label's in their given order.
pub(crate) fn blocks(features: &[[f64; FEATURES]], labels: &[u8]) -> Vec<Block> {
    let mut by_label: [Vec<[f64; FEATURES]>; CLASSES] = Default::default();
    for (x, &label) in features.iter().zip(labels) {
        by_label[usize::from(label)].push(*x);
    }
    let chunks = by_label.iter().enumerate();
    let chunks = chunks.flat_map(|(label, x)| x.chunks(BLOCK).map(move |chunk| (label, chunk)));
    let block = |(label, chunk): (usize, &[[f64; FEATURES]])| {
        let mut x = [Box::new([0.0; BLOCK]), Box::new([0.0; BLOCK])];
        for (i, sample) in chunk.iter().enumerate() {
            (x[0][i], x[1][i]) = (sample[0], sample[1]);
        }
        let len = chunk.len();
        Block { label, len, x }
    };
    chunks.map(block).collect()
}

/// Sums over samples: of −ln(p_y + ε), and of x_f·p_c for every weight W\[f, c\].
#[derive(Clone, Copy)]
pub(crate) struct Sums {
    pub loss: f64,
    pub moments: [f64; WEIGHTS],
}

/// The sums at the weights `w`; without `moments` those are 0.
pub(crate) fn sums(arch: Arch, blocks: &[Block], w: &[f64; WEIGHTS], moments: bool) -> Sums {
    let task = |blocks: &[Block]| match moments {
        true => dispatch(arch, Pass::<true> { blocks, w }),
        false => dispatch(arch, Pass::<false> { blocks, w }),
    };
    let parts: Vec<Sums> = blocks.par_chunks(BLOCKS_PER_TASK).map(task).collect();
    let mut total = Sums {
        loss: 0.0,
        moments: [0.0; WEIGHTS],
    };
    for part in &parts {
        total.loss += part.loss;
        for (total, part) in total.moments.iter_mut().zip(part.moments) {
            *total += part;
        }
    }
    total
}

struct Pass<'a, const MOMENTS: bool> {
    blocks: &'a [Block],
    w: &'a [f64; WEIGHTS],
}

impl<const MOMENTS: bool> WithSimd for Pass<'_, MOMENTS> {
    type Output = Sums;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Sums {
        let mut rows = [[0.0; BLOCK]; CLASSES];
        let mut total = [[0.0; LANES]; WEIGHTS];
        let mut loss = 0.0;
        for block in self.blocks {
            loss += one::<S, MOMENTS>(block, self.w, &mut rows, &mut total);
        }
        Sums {
            loss,
            moments: total.map(|lanes| lanes.iter().sum()),
        }
    }
}

/// The loss over a block; adds its moments to `total`. `rows` is room to work in.
///
/// Every loop runs over samples and does one thing, so that compilers turn it into vector instructions.
#[inline(always)]
fn one<S: Fused, const MOMENTS: bool>(
    block: &Block,
    w: &[f64; WEIGHTS],
    rows: &mut [[f64; BLOCK]; CLASSES],
    total: &mut [[f64; LANES]; WEIGHTS],
) -> f64 {
    let len = block.len.next_multiple_of(LANES);
    let [x0, x1] = [&block.x[0][..len], &block.x[1][..len]];
    let mut greatest = [f64::NEG_INFINITY; BLOCK];
    for (c, row) in rows.iter_mut().enumerate() {
        let (w0, w1) = (w[c], w[CLASSES + c]);
        let row = row[..len].iter_mut().zip(x0.iter().zip(x1));
        for ((z, (&x0, &x1)), greatest) in row.zip(&mut greatest) {
            *z = x0 * w0 + x1 * w1;
            *greatest = if *z > *greatest { *z } else { *greatest };
        }
    }
    let mut sum = [0.0; BLOCK];
    for row in rows.iter_mut() {
        for ((z, &greatest), sum) in row[..len].iter_mut().zip(&greatest).zip(&mut sum) {
            *z = exp::<S>(*z - greatest);
            *sum += *z;
        }
    }
    let mut reciprocal = [0.0; BLOCK];
    for (reciprocal, &sum) in reciprocal[..len].iter_mut().zip(&sum) {
        *reciprocal = 1.0 / sum;
    }
    if MOMENTS {
        for (c, row) in rows.iter().enumerate() {
            let (mut sum0, mut sum1) = (total[c], total[CLASSES + c]);
            let lanes = |k: usize| k * LANES..(k + 1) * LANES;
            for k in 0..len / LANES {
                let (e, r) = (&row[lanes(k)], &reciprocal[lanes(k)]);
                let (x0, x1) = (&x0[lanes(k)], &x1[lanes(k)]);
                for i in 0..LANES {
                    let p = e[i] * r[i];
                    sum0[i] = mul_add::<S>(p, x0[i], sum0[i]);
                    sum1[i] = mul_add::<S>(p, x1[i], sum1[i]);
                }
            }
            (total[c], total[CLASSES + c]) = (sum0, sum1);
        }
    }
    // One logarithm for up to 32 samples: their product is at least ε³² = 1e-256.
    let mut product = [1.0; LANES];
    let label = &rows[block.label];
    for (k, (e, r)) in label[..block.len].iter().zip(&reciprocal).enumerate() {
        product[k % LANES] *= e * r + EPSILON;
    }
    -product.iter().map(|p: &f64| p.ln()).sum::<f64>()
}
