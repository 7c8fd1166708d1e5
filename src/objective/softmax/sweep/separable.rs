//! Any plane. A sample's logits are z_c = o_c + a·p_c + b·q_c, so that with y its label
//! 1/p_y = 1 + Σ_{c ≠ y} A_c·B_c, where A_c = exp(o_c − o_y + a·(p_c − p_y)) depends on the column alone and
//! B_c = exp(b·(q_c − q_y)) on the row. What is left for a node are nine multiplications, and its share of a product whose
//! logarithm is the loss.
//!
//! The grid is cut into tiles, and exponents are taken from a tile's middle. Where they vary too much within a tile for
//! the factors to be numbers, it is cut in halves, down to a single node if need be.
//!
//! Of the plain cross-entropy, −ln p_y, the greatest exponent at a tile's middle is taken out of the sum, so that
//! improbable labels do not overflow. Where the loss is −ln(p_y + ε) they are cut off instead.

mod factors;

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use self::factors::{Columns, LANES, Lanes, Place};
use super::{Region, put_together};
use crate::landscape::{Domain, Grid};
use crate::objective::GoOn;
use crate::objective::softmax::lanes::{Fused, dispatch, mul_add_f64s};
use crate::objective::softmax::{CLASSES, EPSILON, FEATURES, Samples};
use crate::plane::Plane;

/// Columns and rows of a tile at most: its sums fit into the first cache.
const COLS: usize = 16;
const ROWS: usize = 64;
/// How far an exponent may vary from a tile's middle, with ε and without: e to that and to the number of samples whose factors are
/// multiplied is a number.
const SPAN: f64 = 250.0;
const PLAIN_SPAN: f64 = 80.0;
/// 1/p beyond which ε alone counts: 1/(p + ε) differs from 1/ε by less than a number can tell.
const IMPROBABLE: f64 = 1e24;
/// Samples of a node's product before it is divided, and its exponent taken out: IMPROBABLE⁸ is still a number.
const TOGETHER: usize = 8;
/// Samples between two questions whether to go on.
const ASK_EVERY: usize = 8192;

/// The other classes than a sample's own.
const OTHERS: usize = CLASSES - 1;

/// What a sample's exponents are: at the plane's origin, and how they grow along the two coordinates.
pub(in crate::objective) struct Exponents {
    origin: [f64; OTHERS],
    u: [f64; OTHERS],
    v: [f64; OTHERS],
}

impl Exponents {
    /// Of a sample of this label, from its logits at the plane's origin and along its directions.
    pub(in crate::objective) fn of(label: usize, logits: [[f64; CLASSES]; 3]) -> Exponents {
        let [origin, u, v] =
            logits.map(|z| std::array::from_fn(|k| z[k + usize::from(k >= label)] - z[label]));
        Exponents { origin, u, v }
    }
}

/// See [`super::sweep`].
pub(super) fn sweep(
    arch: Arch,
    samples: &Samples,
    plane: &Plane,
    domain: Domain,
    size: [usize; 2],
    go_on: &GoOn,
) -> Option<Grid> {
    let labelled = samples.features().par_iter().zip(samples.labels());
    let exponents: Vec<Exponents> = labelled
        .map(|(x, label)| {
            let along = |w: &[f64]| {
                let z = |c| (0..FEATURES).map(|f| x[f] * w[f * CLASSES + c]).sum();
                std::array::from_fn(z)
            };
            let v = plane.v().map_or([0.0; CLASSES], along);
            let logits = [along(plane.origin()), along(plane.u()), v];
            Exponents::of(usize::from(*label), logits)
        })
        .collect();
    over_tiles::<true>(arch, &exponents, domain, size, go_on)
}

/// The mean of −ln p_y over samples at every node, exact to about 1e-13 relative; at least one sample.
pub(in crate::objective) fn cross_entropy(
    arch: Arch,
    exponents: &[Exponents],
    domain: Domain,
    size: [usize; 2],
    go_on: &GoOn,
) -> Option<Grid> {
    over_tiles::<false>(arch, exponents, domain, size, go_on)
}

/// With `FLOORED` the loss is −ln(p_y + ε), else −ln p_y.
fn over_tiles<const FLOORED: bool>(
    arch: Arch,
    exponents: &[Exponents],
    domain: Domain,
    [cols, rows]: [usize; 2],
    go_on: &GoOn,
) -> Option<Grid> {
    let mut grid = Grid::empty(domain, cols, rows);
    let sweep = TableSweep::<FLOORED> {
        exponents,
        grid: &grid,
        go_on,
    };
    let losses: Vec<(Region, Vec<f64>)> = tiles(grid.cols, grid.rows)
        .into_par_iter()
        .map(|tile| sweep.tile(arch, tile))
        .collect::<Option<Vec<_>>>()?
        .concat();
    let losses = losses.iter().map(|(region, losses)| (region, losses));
    grid.values = put_together([cols, rows], losses);
    Some(grid)
}

fn tiles(cols: usize, rows: usize) -> Vec<Region> {
    // As many as it takes, all of about the same size.
    let parts = |count: usize, most: usize| {
        let parts = count.div_ceil(most);
        (0..parts).map(move |k| [k * count / parts, (k + 1) * count / parts])
    };
    let rows = parts(rows, ROWS);
    rows.flat_map(|rows| parts(cols, COLS).map(move |cols| [cols, rows]))
        .collect()
}

struct TableSweep<'a, const FLOORED: bool> {
    exponents: &'a [Exponents],
    grid: &'a Grid,
    go_on: &'a GoOn<'a>,
}

impl<const FLOORED: bool> TableSweep<'_, FLOORED> {
    /// The mean losses of a tile, in parts.
    fn tile(&self, arch: Arch, tile: Region) -> Option<Vec<(Region, Vec<f64>)>> {
        let place = Place::of(self.grid, tile);
        let [width, height] = place.reach;
        let varies = |sample: &Exponents| {
            let axes = sample.u.iter().zip(&sample.v);
            axes.map(|(u, v)| u.abs() * width + v.abs() * height)
                .fold(0.0, f64::max)
        };
        let most = self.exponents.iter().map(varies).fold(0.0, f64::max);
        let is_one = tile.iter().all(|[from, to]| to - from == 1);
        let span = if FLOORED { SPAN } else { PLAIN_SPAN };
        if most <= span || is_one {
            let work = Work {
                sweep: self,
                tile,
                place,
            };
            return Some(vec![(tile, dispatch(arch, work)?)]);
        }
        let [cols, rows] = tile;
        let halves = |[from, to]: [usize; 2]| [[from, from.midpoint(to)], [from.midpoint(to), to]];
        let parts = if cols[1] - cols[0] > 1 {
            halves(cols).map(|cols| [cols, rows])
        } else {
            halves(rows).map(|rows| [cols, rows])
        };
        let mut all = Vec::new();
        for part in parts {
            all.extend(self.tile(arch, part)?);
        }
        Some(all)
    }
}

struct Work<'a, const FLOORED: bool> {
    sweep: &'a TableSweep<'a, FLOORED>,
    tile: Region,
    place: Place,
}

/// What the samples of a row of nodes multiply to.
#[derive(Clone, Copy)]
struct Row {
    /// Products of 1/p and of 1 + ε/p over a few samples.
    over: [f64; COLS],
    under: [f64; COLS],
    /// Their quotients over all samples before, from 1 to 2, and the powers of two taken out.
    product: [f64; COLS],
    twos: [i64; COLS],
}

impl Row {
    const EMPTY: Row = Row {
        over: [1.0; COLS],
        under: [1.0; COLS],
        product: [1.0; COLS],
        twos: [0; COLS],
    };

    #[inline(always)]
    fn take_out_twos<const FLOORED: bool>(&mut self) {
        const FRACTION: u64 = (1 << 52) - 1;
        for i in 0..COLS {
            let quotient = match FLOORED {
                true => self.over[i] / self.under[i],
                false => self.over[i],
            };
            let bits = (self.product[i] * quotient).to_bits();
            self.twos[i] += (bits >> 52) as i64 - 1023;
            self.product[i] = f64::from_bits(bits & FRACTION | 1023 << 52);
        }
        (self.over, self.under) = ([1.0; COLS], [1.0; COLS]);
    }

    fn loss(&self, col: usize) -> f64 {
        self.product[col].ln() + self.twos[col] as f64 * std::f64::consts::LN_2
    }
}

/// Multiplies a sample's 1/p to every node of a tile.
#[inline(always)]
fn multiply<S: Fused, const FLOORED: bool>(
    simd: S,
    sums: &mut [Row],
    cols: &Columns,
    by_row: &[Lanes],
) {
    let (epsilon, one) = (simd.splat_f64s(EPSILON), simd.splat_f64s(1.0));
    let (own, most) = (simd.splat_f64s(cols.own), simd.splat_f64s(IMPROBABLE));
    // Two vectors of columns, whose factors stay in registers for all rows.
    for at in (0..COLS / S::F64_LANES).step_by(2) {
        let mut factors = [[own; 2]; OTHERS];
        for (factors, col) in factors.iter_mut().zip(&cols.others) {
            factors.copy_from_slice(&S::as_simd_f64s(col).0[at..at + 2]);
        }
        for (sums, row) in sums.iter_mut().zip(by_row) {
            let mut reciprocal = [own; 2];
            for (factors, row) in factors.iter().zip(row) {
                let row = simd.splat_f64s(*row);
                for (sum, factor) in reciprocal.iter_mut().zip(factors) {
                    *sum = mul_add_f64s(simd, *factor, row, *sum);
                }
            }
            let over = &mut S::as_mut_simd_f64s(&mut sums.over).0[at..at + 2];
            if !FLOORED {
                for (over, r) in over.iter_mut().zip(reciprocal) {
                    *over = simd.mul_f64s(*over, r);
                }
                continue;
            }
            let under = &mut S::as_mut_simd_f64s(&mut sums.under).0[at..at + 2];
            for ((over, under), r) in over.iter_mut().zip(under).zip(reciprocal) {
                let r = simd.min_f64s(r, most);
                *over = simd.mul_f64s(*over, r);
                *under = simd.mul_f64s(*under, mul_add_f64s(simd, epsilon, r, one));
            }
        }
    }
}

impl<const FLOORED: bool> WithSimd for Work<'_, FLOORED> {
    type Output = Option<Vec<f64>>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let [cols, rows] = self.tile.map(|[from, to]| to - from);
        let mut sums = vec![Row::EMPTY; rows];
        let mut by_row = [[0.0; LANES]; ROWS];
        let mut taken_out = 0.0;
        for (i, samples) in self.sweep.exponents.chunks(TOGETHER).enumerate() {
            if (i * TOGETHER).is_multiple_of(ASK_EVERY) && !(self.sweep.go_on)() {
                return None;
            }
            for sample in samples {
                let by_col = self.place.columns::<S, FLOORED>(sample);
                taken_out += by_col.taken_out;
                self.place.rows::<S>(sample, &mut by_row[..rows]);
                multiply::<S, FLOORED>(simd, &mut sums, &by_col, &by_row);
            }
            for row in &mut sums {
                row.take_out_twos::<FLOORED>();
            }
        }
        let count = self.sweep.exponents.len() as f64;
        let losses = sums
            .iter()
            .flat_map(|row| (0..cols).map(|col| (row.loss(col) + taken_out) / count));
        Some(losses.collect())
    }
}
