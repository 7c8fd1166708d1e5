//! How each sample of a block is counted in a tile.

use super::product::{Double, Single};
use super::table::{NodeAxis, Tables, to_single};
use super::term::{CAP, Each, Terms};
use crate::objective::softmax::EPSILON;
use crate::objective::softmax::blocks::BLOCK;
use crate::objective::softmax::lanes::{Fused, exp, mul_add_f32s};

/// How exactly samples are counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Precision {
    /// A sample whose 1/(p + ε) changes less over a tile, relatively, is constant there.
    flat: f64,
    /// A sample whose ε/p changes less, for each power of two of 1/p, needs no second factor.
    negligible: f64,
    /// A sample whose 1/p changes by a greater factor is counted in double precision.
    wide: f64,
}

impl Precision {
    /// For mean losses that are not small, over many samples, whose rounding errors cancel. The other errors are half
    /// of what is neglected: below 3e-7 of any sample's loss above ln 2, and below 3e-7 itself.
    pub const SINGLE: Precision = Precision {
        flat: 4e-8,
        negligible: 4e-7,
        wide: (1u64 << 30) as f64,
    };
    /// For all others.
    pub const DOUBLE: Precision = Precision {
        flat: 0.0,
        negligible: 0.0,
        wide: 0.0,
    };
}

/// Bounds of a part of 1/p, such that no product of what is computed here is subnormal. The lower one does not tell
/// beside 1; the upper one, times the least product in the tables, is beyond [`CAP`].
const PARTS: [f64; 2] = [1e-60, 1e220];

/// e to the power of `x`, within the bounds of a part.
#[inline(always)]
fn part<S: Fused>(x: f64) -> f64 {
    let x = exp::<S>(x);
    let x = if x > PARTS[0] { x } else { PARTS[0] };
    if x < PARTS[1] { x } else { PARTS[1] }
}

// How a sample is counted.
const FLAT: u64 = 0;
const SINGLE: u64 = 1;
const SINGLE_TWICE: u64 = 2;
const DOUBLE: u64 = 3;
const DIRECT: u64 = 4;

/// Factors constant + row·T + col·D + both·T·D of samples, each times 2 to the power of `shift`, and by how many powers
/// of two, at most, each of them raises or lowers a product.
pub(super) struct Factors {
    constant: [f32; BLOCK],
    row: [f32; BLOCK],
    col: [f32; BLOCK],
    both: [f32; BLOCK],
    shift: [i64; BLOCK],
    raise: [i64; BLOCK],
    lower: [i64; BLOCK],
}

impl Factors {
    const ZERO: Factors = Factors {
        constant: [0.0; BLOCK],
        row: [0.0; BLOCK],
        col: [0.0; BLOCK],
        both: [0.0; BLOCK],
        shift: [0; BLOCK],
        raise: [0; BLOCK],
        lower: [0; BLOCK],
    };

    /// Puts in the factors `offset` + `scale`·x, x being 1/p by its parts and bounds.
    #[inline(always)]
    fn fill(&mut self, parts: &Parts, [offset, scale]: [f64; 2]) {
        for i in 0..BLOCK {
            let low = exponent(offset + scale * parts.low[i]);
            let high = exponent(offset + scale * parts.high[i]);
            let shift = (low + high + 1) >> 1;
            self.shift[i] = shift;
            self.raise[i] = high + 1 - shift;
            self.lower[i] = shift - low;
        }
        for i in 0..BLOCK {
            // 2 to the power of −shift.
            let power = f64::from_bits(((1023 - self.shift[i]) as u64) << 52);
            let scale = scale * power;
            self.constant[i] = to_single(offset * power + scale * parts.constant[i]);
            self.row[i] = to_single(scale * parts.row[i]);
            self.col[i] = to_single(scale * parts.col[i]);
            self.both[i] = to_single(scale * parts.both[i]);
        }
    }

    /// How many of `samples`, from the first, may be multiplied before a product leaves single precision's range.
    pub fn fitting(&self, samples: &[u16]) -> usize {
        // Less than the exponents that there are: the product is below 2 at first, and rounding may add a little.
        const LIMIT: i64 = 124;
        let (mut raise, mut lower) = (0, 0);
        let fits = |&&i: &&u16| {
            raise += self.raise[usize::from(i)];
            lower += self.lower[usize::from(i)];
            raise <= LIMIT && lower <= LIMIT
        };
        samples.iter().take_while(fits).count()
    }

    /// Writes the factors of `samples` for each row.
    #[inline(always)]
    pub fn spread<S: Fused>(&self, simd: S, samples: &[u16], tables: &Tables, out: &mut [Single]) {
        for (&sample, out) in samples.iter().zip(out) {
            let i = usize::from(sample);
            out.sample = i;
            let [constant, row, col, both] =
                [self.constant[i], self.row[i], self.col[i], self.both[i]]
                    .map(|x| simd.splat_f32s(x));
            let t = S::as_simd_f32s(&tables.rows_single[i]).0;
            let constants = S::as_mut_simd_f32s(&mut out.constant).0;
            let slopes = S::as_mut_simd_f32s(&mut out.slope).0;
            for ((out_constant, out_slope), &t) in constants.iter_mut().zip(slopes).zip(t) {
                *out_constant = mul_add_f32s(simd, row, t, constant);
                *out_slope = mul_add_f32s(simd, both, t, col);
            }
        }
    }
}

/// 1/p = constant + row·T + col·D + both·T·D, T and D being 1 where it is greatest, and its bounds.
struct Parts {
    constant: Each,
    row: Each,
    col: Each,
    both: Each,
    low: Each,
    high: Each,
}

/// How each sample of a block is counted in a tile.
pub(super) struct SampleKinds {
    kind: [u64; BLOCK],
    /// What all cells are to be multiplied by: this number, and two to this power.
    all: Each,
    shift: [i64; BLOCK],
    parts: Parts,
    /// The samples with a factor of 1/p and of 1 + ε/p in single precision, and these factors.
    pub single: [List; 2],
    pub factors: [Factors; 2],
    pub double: List,
    /// Samples whose exponents change too much over the tile for tables.
    pub direct: List,
    /// The products of `all`, and the sum of `shift`.
    pub constant: [f64; LANES],
    pub exponent: i64,
}

/// Products are kept apart in as many lanes.
const LANES: usize = 8;

/// Samples of a block.
pub(super) struct List {
    samples: [u16; BLOCK],
    len: usize,
}

impl List {
    const EMPTY: List = List {
        samples: [0; BLOCK],
        len: 0,
    };

    /// Adds a sample, or does not, without a branch.
    #[inline(always)]
    fn push_if(&mut self, wanted: bool, i: usize) {
        self.samples[self.len % BLOCK] = i as u16;
        self.len += usize::from(wanted);
    }

    pub fn get(&self) -> &[u16] {
        &self.samples[..self.len]
    }
}

impl SampleKinds {
    pub fn new() -> Box<SampleKinds> {
        Box::new(SampleKinds {
            kind: [FLAT; BLOCK],
            all: [1.0; BLOCK],
            shift: [0; BLOCK],
            parts: Parts {
                constant: [1.0; BLOCK],
                row: [0.0; BLOCK],
                col: [0.0; BLOCK],
                both: [0.0; BLOCK],
                low: [1.0; BLOCK],
                high: [1.0; BLOCK],
            },
            single: [List::EMPTY; 2],
            factors: [Factors::ZERO; 2],
            double: List::EMPTY,
            direct: List::EMPTY,
            constant: [1.0; LANES],
            exponent: 0,
        })
    }

    /// Looks at all samples in the tile that begins at the column and row `first`.
    #[inline(always)]
    pub fn take<S: Fused>(
        &mut self,
        terms: &Terms,
        tables: &Tables,
        axes: [NodeAxis; 2],
        first: [usize; 2],
        precision: Precision,
    ) {
        self.corners::<S>(terms, tables, axes, first);
        self.judge(terms, tables, precision);
        let lists = self
            .single
            .iter_mut()
            .chain([&mut self.double, &mut self.direct]);
        lists.for_each(|list| list.len = 0);
        for i in 0..terms.len {
            let kind = self.kind[i];
            self.single[0].push_if(kind == SINGLE || kind == SINGLE_TWICE, i);
            self.single[1].push_if(kind == SINGLE_TWICE, i);
            self.double.push_if(kind == DOUBLE, i);
            self.direct.push_if(kind == DIRECT, i);
        }
    }

    /// The parts of 1/p with T and D that are 1 at the tile's corner where 1/p is greatest, and the bounds of 1/p.
    #[inline(always)]
    fn corners<S: Fused>(
        &mut self,
        terms: &Terms,
        tables: &Tables,
        [cols, rows]: [NodeAxis; 2],
        first: [usize; 2],
    ) {
        let a = [cols.at(first[0]), cols.at(first[0] + cols.tile - 1)];
        let b = [rows.at(first[1]), rows.at(first[1] + rows.tile - 1)];
        let greatest =
            |rate: f64, [low, high]: [f64; 2]| rate * if rate > 0.0 { high } else { low };
        let parts = &mut self.parts;
        for i in 0..BLOCK {
            let (xi, eta) = (greatest(terms.xi[i], a), greatest(terms.eta[i], b));
            parts.both[i] = part::<S>(terms.both[i] + xi + eta);
        }
        if terms.mixed {
            for i in 0..BLOCK {
                let (xi, eta) = (greatest(terms.xi[i], a), greatest(terms.eta[i], b));
                parts.row[i] = part::<S>(terms.row[i] + eta);
                parts.col[i] = part::<S>(terms.col[i] + xi);
            }
        }
        parts.constant = terms.constant;
        let [least_col, least_row] = &tables.least;
        for i in 0..BLOCK {
            let [d, t] = [least_col[i], least_row[i]];
            let (row, col, both) = (parts.row[i], parts.col[i], parts.both[i]);
            parts.high[i] = parts.constant[i] + row + col + both;
            parts.low[i] = parts.constant[i] + row * t + (col + both * t) * d;
        }
    }

    /// Decides how samples are counted, and prepares their factors.
    #[inline(always)]
    fn judge(&mut self, terms: &Terms, tables: &Tables, precision: Precision) {
        self.factors[0].fill(&self.parts, [0.0, 1.0]);
        self.factors[1].fill(&self.parts, [1.0, EPSILON]);
        for i in 0..BLOCK {
            let (low, high) = (self.parts.low[i], self.parts.high[i]);
            let [low_z, high_z] = [1.0 + EPSILON * low, 1.0 + EPSILON * high];
            let [low_flat, high_flat] = [low, high].map(|x| {
                let x = if x < CAP { x } else { CAP };
                x / (1.0 + EPSILON * x)
            });
            let flat = high_flat - low_flat <= precision.flat * low_flat;
            let twice = high_z - low_z > precision.negligible * to_float(exponent(low) + 1);
            let [shift, shift_z] = [self.factors[0].shift[i], self.factors[1].shift[i]];
            let (kind, all, shift) = if twice {
                (SINGLE_TWICE, 1.0, shift - shift_z)
            } else {
                (SINGLE, 2.0 / (low_z + high_z), shift)
            };
            let double = high > precision.wide * low;
            let (kind, all, shift) = if double {
                (DOUBLE, 1.0, 0)
            } else {
                (kind, all, shift)
            };
            let direct = tables.beyond[i] > 0.0;
            let (kind, all, shift) = if direct {
                (DIRECT, 1.0, 0)
            } else {
                (kind, all, shift)
            };
            let mean = 0.5 * (low_flat + high_flat);
            let (kind, all, shift) = if flat {
                (FLAT, mean, 0)
            } else {
                (kind, all, shift)
            };
            (self.kind[i], self.all[i], self.shift[i]) = (kind, all, shift);
        }
        // What lies behind the last sample is no sample.
        self.shift[terms.len..].fill(0);
        self.all[terms.len..].fill(1.0);
        self.exponent = self.shift.iter().sum();
        // At most 32 factors of a lane, none beyond 1/ε.
        self.constant = [1.0; LANES];
        for all in self.all.as_chunks::<LANES>().0 {
            for (product, factor) in self.constant.iter_mut().zip(all) {
                *product *= factor;
            }
        }
    }

    /// How many of `samples`, from the first, may be multiplied before a product leaves double precision's range.
    pub fn fitting_double(&self, samples: &[u16]) -> usize {
        const LIMIT: i64 = 1000;
        let mut raise = 0;
        let fits = |&&i: &&u16| {
            raise += exponent(self.parts.high[usize::from(i)].min(CAP)) + 1;
            raise <= LIMIT
        };
        samples.iter().take_while(fits).count()
    }

    /// Writes the factors of `samples` in double precision for each row.
    #[inline(always)]
    pub fn spread_double(&self, samples: &[u16], tables: &Tables, out: &mut [Double]) {
        for (&sample, out) in samples.iter().zip(out) {
            let i = usize::from(sample);
            let (parts, t) = (&self.parts, &tables.rows[i]);
            out.sample = i;
            for ((constant, slope), t) in out.constant.iter_mut().zip(&mut out.slope).zip(t) {
                *constant = parts.constant[i] + parts.row[i] * t;
                *slope = parts.col[i] + parts.both[i] * t;
            }
        }
    }
}

/// ⌊log₂ x⌋ of a positive, normal number.
#[inline(always)]
fn exponent(x: f64) -> i64 {
    (x.to_bits() >> 52) as i64 - 1023
}

/// A small integer, at least −2000.
#[inline(always)]
fn to_float(x: i64) -> f64 {
    // 2⁵², whose last bit is 1.
    const SHIFT: f64 = 4_503_599_627_370_496.0;
    f64::from_bits(SHIFT.to_bits() + (x + 2000) as u64) - (SHIFT + 2000.0)
}
