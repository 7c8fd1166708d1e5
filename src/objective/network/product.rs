//! Products of matrices with a block of samples, in vector instructions. A block's numbers lie unit by unit, each unit's
//! samples side by side.

use pulp::Simd;

use crate::objective::softmax::lanes::{Fused, mul_add_f64s};

/// The most samples of a block.
pub(super) const BLOCK: usize = 128;
/// Vectors hold up to so many numbers; samples are taken in multiples of it, those behind the last being 0.
pub(super) const LANES: usize = 8;
/// Units that one pass over a block computes together.
const TILE: usize = 4;
/// Columns whose entries are gathered for that.
const COLUMNS: usize = 64;

/// A matrix within the parameters: entry (to, from) lies at `to · stride[0] + from · stride[1]`.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    pub entries: &'a [f64],
    pub strides: [usize; 2],
    /// Rows and columns.
    pub size: [usize; 2],
}

impl<'a> Matrix<'a> {
    /// A weight as it lies among the parameters.
    pub fn of(entries: &'a [f64], outputs: usize, inputs: usize) -> Matrix<'a> {
        Matrix {
            entries,
            strides: [inputs, 1],
            size: [outputs, inputs],
        }
    }

    pub fn transposed(self) -> Matrix<'a> {
        let [to, from] = self.strides;
        let [rows, cols] = self.size;
        Matrix {
            strides: [from, to],
            size: [cols, rows],
            ..self
        }
    }
}

/// What is there before a product is added to it.
#[derive(Clone, Copy)]
pub(super) enum Begin<'a> {
    /// A number for each row.
    Bias(&'a [f64]),
    Zero,
    /// What stands there.
    Same,
}

/// Writes M·x into `y`, or adds it to what is there. `samples` is a multiple of [`LANES`], at most [`BLOCK`].
#[inline(always)]
pub(super) fn multiply<S: Fused>(
    simd: S,
    m: Matrix,
    begin: Begin,
    x: &[f64],
    y: &mut [f64],
    samples: usize,
) {
    let [rows, _] = m.size;
    let mut row = 0;
    // Where there are registers enough, numbers are read for more units at once.
    while S::REGISTER_COUNT > 16 && row + 2 * TILE <= rows {
        rows_of::<S, { 2 * TILE }>(simd, m, begin, row, x, y, samples);
        row += 2 * TILE;
    }
    while row + TILE <= rows {
        rows_of::<S, TILE>(simd, m, begin, row, x, y, samples);
        row += TILE;
    }
    while row < rows {
        rows_of::<S, 1>(simd, m, begin, row, x, y, samples);
        row += 1;
    }
}

/// So many rows of a product.
#[inline(always)]
fn rows_of<S: Fused, const ROWS: usize>(
    simd: S,
    m: Matrix,
    begin: Begin,
    row: usize,
    x: &[f64],
    y: &mut [f64],
    samples: usize,
) {
    let lanes = size_of::<S::f64s>() / size_of::<f64>();
    let vectors = samples / lanes;
    let [along, across] = m.strides;
    let y: &mut [[f64; BLOCK]] = y.as_chunks_mut().0;
    let y = &mut y[row..row + ROWS];
    for (r, y) in y.iter_mut().enumerate() {
        match begin {
            Begin::Bias(bias) => y[..samples].fill(bias[row + r]),
            Begin::Zero => y[..samples].fill(0.0),
            Begin::Same => {}
        }
    }
    // A few columns at a time, whose entries then lie side by side.
    let mut entries = [[0.0; ROWS]; COLUMNS];
    let x: &[[f64; BLOCK]] = x.as_chunks().0;
    for (part, x) in x[..m.size[1]].chunks(COLUMNS).enumerate() {
        for (k, entries) in entries[..x.len()].iter_mut().enumerate() {
            for (r, entry) in entries.iter_mut().enumerate() {
                *entry = m.entries[(row + r) * along + (part * COLUMNS + k) * across];
            }
        }
        let mut at = 0;
        while at + 2 <= vectors {
            tile::<S, ROWS, 2>(simd, &entries, at, x, y);
            at += 2;
        }
        if at < vectors {
            tile::<S, ROWS, 1>(simd, &entries, at, x, y);
        }
    }
}

/// Adds a part of a product to so many rows, at so many vectors of samples.
#[inline(always)]
fn tile<S: Fused, const ROWS: usize, const WIDE: usize>(
    simd: S,
    entries: &[[f64; ROWS]],
    at: usize,
    x: &[[f64; BLOCK]],
    y: &mut [[f64; BLOCK]],
) {
    let mut sums = [[simd.splat_f64s(0.0); WIDE]; ROWS];
    for (sums, y) in sums.iter_mut().zip(&*y) {
        sums.copy_from_slice(&S::as_simd_f64s(y).0[at..at + WIDE]);
    }
    for (entries, x) in entries.iter().zip(x) {
        let x = &S::as_simd_f64s(x).0[at..at + WIDE];
        for (sums, entry) in sums.iter_mut().zip(entries) {
            let entry = simd.splat_f64s(*entry);
            for (sum, x) in sums.iter_mut().zip(x) {
                *sum = mul_add_f64s(simd, entry, *x, *sum);
            }
        }
    }
    for (sums, y) in sums.iter().zip(y) {
        S::as_mut_simd_f64s(y).0[at..at + WIDE].copy_from_slice(sums);
    }
}

/// Adds δ·xᵀ to the matrix `out` (row-major, as many rows as `delta` has units).
#[inline(always)]
pub(super) fn add_outer<S: Fused>(
    simd: S,
    delta: &[f64],
    x: &[f64],
    out: &mut [f64],
    [rows, cols]: [usize; 2],
    samples: usize,
) {
    let mut row = 0;
    while row < rows {
        let mut col = 0;
        let is_tall = row + TILE <= rows;
        while col < cols {
            let at = [row, col];
            match (is_tall, col + 2 <= cols) {
                (true, true) => dots::<S, TILE, 2>(simd, delta, x, out, cols, at, samples),
                (true, false) => dots::<S, TILE, 1>(simd, delta, x, out, cols, at, samples),
                (false, true) => dots::<S, 1, 2>(simd, delta, x, out, cols, at, samples),
                (false, false) => dots::<S, 1, 1>(simd, delta, x, out, cols, at, samples),
            }
            col += 2;
        }
        row += if is_tall { TILE } else { 1 };
    }
}

#[inline(always)]
fn dots<S: Fused, const ROWS: usize, const COLS: usize>(
    simd: S,
    delta: &[f64],
    x: &[f64],
    out: &mut [f64],
    cols: usize,
    [row, col]: [usize; 2],
    samples: usize,
) {
    let delta: [&[S::f64s]; ROWS] =
        std::array::from_fn(|r| vectors_of::<S>(delta, row + r, samples));
    let x: [&[S::f64s]; COLS] = std::array::from_fn(|c| vectors_of::<S>(x, col + c, samples));
    let mut sums = [[simd.splat_f64s(0.0); COLS]; ROWS];
    for k in 0..delta[0].len() {
        for (sums, delta) in sums.iter_mut().zip(&delta) {
            for (sum, x) in sums.iter_mut().zip(&x) {
                *sum = mul_add_f64s(simd, delta[k], x[k], *sum);
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        for (c, sum) in sums.iter().enumerate() {
            out[(row + r) * cols + col + c] += simd.reduce_sum_f64s(*sum);
        }
    }
}

/// The samples of one unit as vectors.
#[inline(always)]
fn vectors_of<S: Simd>(numbers: &[f64], unit: usize, samples: usize) -> &[S::f64s] {
    S::as_simd_f64s(&numbers[unit * BLOCK..][..samples]).0
}

/// Adds every unit's sum over the samples to `out`.
#[inline(always)]
pub(super) fn add_sums<S: Simd>(simd: S, delta: &[f64], out: &mut [f64], samples: usize) {
    for (unit, out) in out.iter_mut().enumerate() {
        let mut sum = simd.splat_f64s(0.0);
        for vector in vectors_of::<S>(delta, unit, samples) {
            sum = simd.add_f64s(sum, *vector);
        }
        *out += simd.reduce_sum_f64s(sum);
    }
}
