//! Products of samples' factors at every cell of a tile.

use super::term::CAP;
use crate::objective::softmax::EPSILON;
use crate::objective::softmax::lanes::{Fused, mul_add_f32s, mul_add_f64s};

/// The most columns of a tile, a multiple of [`PAD`].
pub(super) const COLS: usize = 64;
/// The most rows of a tile.
pub(super) const ROWS: usize = 16;
/// Tiles' widths are multiples of it: the lanes of the widest vectors.
pub(super) const PAD: usize = 16;
/// Rows that are worked on together; divides [`ROWS`].
const ROW_GROUP: usize = 4;

/// The factors of one sample in single precision: constant\[j\] + slope\[j\]·D\[i\] in row j and column i.
#[derive(Clone, Copy)]
pub(super) struct Single {
    /// The row of the table of D.
    pub sample: usize,
    pub constant: [f32; ROWS],
    pub slope: [f32; ROWS],
}

impl Single {
    pub const ZERO: Single = Single {
        sample: 0,
        constant: [0.0; ROWS],
        slope: [0.0; ROWS],
    };
}

/// The same in double precision. There 1/p itself is the factor, but at most [`CAP`].
#[derive(Clone, Copy)]
pub(super) struct Double {
    pub sample: usize,
    pub constant: [f64; ROWS],
    pub slope: [f64; ROWS],
}

impl Double {
    pub const ZERO: Double = Double {
        sample: 0,
        constant: [0.0; ROWS],
        slope: [0.0; ROWS],
    };
}

/// Products at the cells of a tile: the product of all factors 1/p over that of all factors 1 + ε/p is
/// 2^exponent · single\[0\] · double\[0\] / (single\[1\] · double\[1\]).
pub(super) struct Products {
    /// The cells from one row to the next: the width of the tile, padded.
    stride: usize,
    exponent: Vec<i32>,
    single: [Vec<f32>; 2],
    double: [Vec<f64>; 2],
}

impl Products {
    /// Ones, for a tile of `cols`×`rows`.
    pub fn new(cols: usize, rows: usize) -> Products {
        let stride = cols.next_multiple_of(PAD);
        let cells = stride * rows.next_multiple_of(ROW_GROUP);
        Products {
            stride,
            exponent: vec![0; cells],
            single: [vec![1.0; cells], vec![1.0; cells]],
            double: [vec![1.0; cells], vec![1.0; cells]],
        }
    }

    /// Multiplies the product `which` (0 of 1/p, 1 of 1 + ε/p) by the factors of some samples. They must not take a
    /// number between 1 and 2 out of the range of single precision.
    #[inline(always)]
    pub fn single<S: Fused>(&mut self, s: S, which: usize, all: &[Single], d: &[[f32; COLS]]) {
        let product = &mut self.single[which];
        match self.stride / S::F32_LANES {
            1 => multiply::<S, 1>(s, product, self.stride, all, d),
            2 => multiply::<S, 2>(s, product, self.stride, all, d),
            3 => multiply::<S, 3>(s, product, self.stride, all, d),
            4 if S::REGISTER_COUNT > 16 => multiply::<S, 4>(s, product, self.stride, all, d),
            _ => multiply::<S, 2>(s, product, self.stride, all, d),
        }
        let sign = if which == 0 { 1 } else { -1 };
        for (x, exponent) in product.iter_mut().zip(&mut self.exponent) {
            let bits = x.to_bits();
            *exponent += sign * ((bits >> 23) as i32 - 127);
            *x = f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000);
        }
    }

    /// Multiplies both products by the factors of some samples: each at least 1, all together below 2^1000.
    #[inline(always)]
    pub fn double<S: Fused>(&mut self, s: S, all: &[Double], d: &[[f64; COLS]]) {
        multiply_both::<S>(s, &mut self.double, self.stride, all, d);
        self.renew_double();
    }

    /// Multiplies both products in row `row` by `factor`(column), a value of 1/p.
    #[inline(always)]
    pub fn direct(&mut self, row: usize, factor: impl Fn(usize) -> f64) {
        let range = row * self.stride..(row + 1) * self.stride;
        let [p, q] = &mut self.double;
        let cells = p[range.clone()].iter_mut().zip(&mut q[range]);
        for (col, (p, q)) in cells.enumerate() {
            let x = factor(col);
            let x = if x < CAP { x } else { CAP };
            *p *= x;
            *q *= 1.0 + EPSILON * x;
        }
    }

    /// Moves the exponents of the products in double precision away.
    #[inline(always)]
    pub fn renew_double(&mut self) {
        let [p, q] = &mut self.double;
        for ((p, q), exponent) in p.iter_mut().zip(q).zip(&mut self.exponent) {
            let (p_bits, q_bits) = (p.to_bits(), q.to_bits());
            *exponent += (p_bits >> 52) as i32 - (q_bits >> 52) as i32;
            let one =
                |bits: u64| f64::from_bits(bits & 0x000f_ffff_ffff_ffff | 0x3ff0_0000_0000_0000);
            (*p, *q) = (one(p_bits), one(q_bits));
        }
    }

    /// Multiplies the whole products in a row to `factors`, each times a number from 1/4 to 4, and `exponents`.
    pub fn multiply_to(&self, row: usize, factors: &mut [f64], exponents: &mut [i32]) {
        for (col, (factor, exponent)) in factors.iter_mut().zip(exponents).enumerate() {
            let i = row * self.stride + col;
            let [p, q] = [0, 1].map(|k| f64::from(self.single[k][i]) * self.double[k][i]);
            *factor *= p / q;
            *exponent += self.exponent[i];
        }
    }
}

/// Multiplies `product` in single precision, `V` vectors and [`ROW_GROUP`] rows at a time.
#[inline(always)]
fn multiply<S: Fused, const V: usize>(
    simd: S,
    product: &mut [f32],
    stride: usize,
    factors: &[Single],
    d: &[[f32; COLS]],
) {
    let step = V * S::F32_LANES;
    for (group, rows) in product.chunks_exact_mut(ROW_GROUP * stride).enumerate() {
        let first = group * ROW_GROUP;
        let mut start = 0;
        while start < stride {
            let lanes = |row: usize| row * stride + start..row * stride + start + step;
            let mut p = [[simd.splat_f32s(0.0); V]; ROW_GROUP];
            for (row, p) in p.iter_mut().enumerate() {
                p.copy_from_slice(S::as_simd_f32s(&rows[lanes(row)]).0);
            }
            for factor in factors {
                let d = S::as_simd_f32s(&d[factor.sample][start..start + step]).0;
                for (row, p) in p.iter_mut().enumerate() {
                    let constant = simd.splat_f32s(factor.constant[first + row]);
                    let slope = simd.splat_f32s(factor.slope[first + row]);
                    for v in 0..V {
                        let x = mul_add_f32s(simd, slope, d[v], constant);
                        p[v] = simd.mul_f32s(p[v], x);
                    }
                }
            }
            for (row, p) in p.iter().enumerate() {
                S::as_mut_simd_f32s(&mut rows[lanes(row)])
                    .0
                    .copy_from_slice(p);
            }
            start += step;
        }
    }
}

/// Multiplies both products in double precision.
#[inline(always)]
fn multiply_both<S: Fused>(
    simd: S,
    [p, q]: &mut [Vec<f64>; 2],
    stride: usize,
    factors: &[Double],
    d: &[[f64; COLS]],
) {
    let (cap, epsilon, one) = (
        simd.splat_f64s(CAP),
        simd.splat_f64s(EPSILON),
        simd.splat_f64s(1.0),
    );
    let step = S::F64_LANES;
    let groups = p
        .chunks_exact_mut(ROW_GROUP * stride)
        .zip(q.chunks_exact_mut(ROW_GROUP * stride));
    for (group, (p_rows, q_rows)) in groups.enumerate() {
        let first = group * ROW_GROUP;
        for start in (0..stride).step_by(step) {
            let lanes = |row: usize| row * stride + start..row * stride + start + step;
            let mut p = [simd.splat_f64s(0.0); ROW_GROUP];
            let mut q = p;
            for row in 0..ROW_GROUP {
                p[row] = S::as_simd_f64s(&p_rows[lanes(row)]).0[0];
                q[row] = S::as_simd_f64s(&q_rows[lanes(row)]).0[0];
            }
            for factor in factors {
                let d = S::as_simd_f64s(&d[factor.sample][start..start + step]).0[0];
                for row in 0..ROW_GROUP {
                    let constant = simd.splat_f64s(factor.constant[first + row]);
                    let slope = simd.splat_f64s(factor.slope[first + row]);
                    let x = simd.min_f64s(mul_add_f64s(simd, slope, d, constant), cap);
                    p[row] = simd.mul_f64s(p[row], x);
                    q[row] = simd.mul_f64s(q[row], mul_add_f64s(simd, epsilon, x, one));
                }
            }
            for row in 0..ROW_GROUP {
                S::as_mut_simd_f64s(&mut p_rows[lanes(row)]).0[0] = p[row];
                S::as_mut_simd_f64s(&mut q_rows[lanes(row)]).0[0] = q[row];
            }
        }
    }
}
