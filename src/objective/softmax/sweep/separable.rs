//! Any plane. A sample's logits are z_c = o_c + a·p_c + b·q_c, so that with y its label
//! 1/p_y = 1 + Σ_{c ≠ y} A_c·B_c, where A_c = exp(o_c − o_y + a·(p_c − p_y)) depends on the column alone and
//! B_c = exp(b·(q_c − q_y)) on the row. What is left for a node are nine multiplications, and its share of a product whose
//! logarithm is the loss.
//!
//! The grid is cut into tiles, and exponents are taken from a tile's middle. Where they vary too much within a tile for
//! the factors to be numbers, it is cut in halves, down to a single node if need be.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::{Region, put_together};
use crate::landscape::{Domain, Grid};
use crate::objective::GoOn;
use crate::objective::softmax::lanes::{Fused, dispatch, exp, mul_add};
use crate::objective::softmax::{CLASSES, EPSILON, FEATURES, Samples};
use crate::plane::Plane;

/// Columns and rows of a tile at most: its sums fit into the first cache.
const COLS: usize = 16;
const ROWS: usize = 64;
/// How far an exponent may vary from a tile's middle.
const SPAN: f64 = 250.0;
/// An exponent at the middle is not taken beyond this: what is this far away adds nothing, or all, wherever in the tile.
const FARTHEST: f64 = 350.0;
/// 1/p beyond which ε alone counts: 1/(p + ε) differs from 1/ε by less than a number can tell.
const IMPROBABLE: f64 = 1e24;
/// Samples of a node's product before it is divided, and its exponent taken out: IMPROBABLE⁸ is still a number.
const TOGETHER: usize = 8;
/// Samples between two questions whether to go on.
const ASK_EVERY: usize = 8192;

/// The other classes than a sample's own.
const OTHERS: usize = CLASSES - 1;

/// What a sample's exponents are: at the plane's origin, and how they grow along the two coordinates.
struct Exponents {
    origin: [f64; OTHERS],
    u: [f64; OTHERS],
    v: [f64; OTHERS],
}

impl Exponents {
    fn of(x: [f64; FEATURES], label: usize, plane: &Plane) -> Exponents {
        let along = |w: &[f64]| -> [f64; OTHERS] {
            let z = |c: usize| -> f64 { (0..FEATURES).map(|f| x[f] * w[f * CLASSES + c]).sum() };
            let own = z(label);
            std::array::from_fn(|k| z(k + usize::from(k >= label)) - own)
        };
        Exponents {
            origin: along(plane.origin()),
            u: along(plane.u()),
            v: plane.v().map_or([0.0; OTHERS], along),
        }
    }
}

/// See [`super::sweep`].
pub(super) fn sweep(
    arch: Arch,
    samples: &Samples,
    plane: &Plane,
    domain: Domain,
    [cols, rows]: [usize; 2],
    go_on: &GoOn,
) -> Option<Grid> {
    let mut grid = Grid::empty(domain, cols, rows);
    let labelled = samples.features().par_iter().zip(samples.labels());
    let exponents: Vec<Exponents> = labelled
        .map(|(x, label)| Exponents::of(*x, usize::from(*label), plane))
        .collect();
    let sweep = TableSweep {
        exponents: &exponents,
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

struct TableSweep<'a> {
    exponents: &'a [Exponents],
    grid: &'a Grid,
    go_on: &'a GoOn<'a>,
}

impl TableSweep<'_> {
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
        if most <= SPAN || is_one {
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

/// Where a tile lies in the plane.
#[derive(Clone, Copy)]
struct Place {
    middle: [f64; 2],
    /// The first column and row, seen from the middle.
    first: [f64; 2],
    /// From one column, and from one row, to the next.
    step: [f64; 2],
    /// From the middle to its edges.
    reach: [f64; 2],
}

impl Place {
    fn of(grid: &Grid, [cols, rows]: Region) -> Place {
        let ends = [cols.map(|col| grid.x(col)), rows.map(|row| grid.y(row))];
        let last = [grid.x(cols[1] - 1), grid.y(rows[1] - 1)];
        let counts = [cols, rows].map(|[from, to]| to - from);
        let axis = |k: usize| {
            let middle = ends[k][0].midpoint(last[k]);
            let steps = counts[k].saturating_sub(1).max(1) as f64;
            let step = (last[k] - ends[k][0]) / steps;
            (middle, ends[k][0] - middle, step, last[k] - middle)
        };
        let both = [axis(0), axis(1)];
        Place {
            middle: both.map(|axis| axis.0),
            first: both.map(|axis| axis.1),
            step: both.map(|axis| axis.2),
            reach: both.map(|axis| axis.3),
        }
    }
}

struct Work<'a> {
    sweep: &'a TableSweep<'a>,
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
    fn multiply<S: Fused>(&mut self, cols: &[[f64; COLS]; OTHERS], row: &[f64; OTHERS]) {
        let mut reciprocal = [1.0; COLS];
        for (col, &row) in cols.iter().zip(row) {
            for (sum, &col) in reciprocal.iter_mut().zip(col) {
                *sum = mul_add::<S>(col, row, *sum);
            }
        }
        for ((&r, over), under) in reciprocal.iter().zip(&mut self.over).zip(&mut self.under) {
            let r = if r < IMPROBABLE { r } else { IMPROBABLE };
            *over *= r;
            *under *= mul_add::<S>(EPSILON, r, 1.0);
        }
    }

    #[inline(always)]
    fn take_out_twos(&mut self) {
        const FRACTION: u64 = (1 << 52) - 1;
        for i in 0..COLS {
            let bits = (self.product[i] * (self.over[i] / self.under[i])).to_bits();
            self.twos[i] += (bits >> 52) as i64 - 1023;
            self.product[i] = f64::from_bits(bits & FRACTION | 1023 << 52);
        }
        (self.over, self.under) = ([1.0; COLS], [1.0; COLS]);
    }

    fn loss(&self, col: usize) -> f64 {
        self.product[col].ln() + self.twos[col] as f64 * std::f64::consts::LN_2
    }
}

impl WithSimd for Work<'_> {
    type Output = Option<Vec<f64>>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        let [cols, rows] = self.tile.map(|[from, to]| to - from);
        let mut sums = vec![Row::EMPTY; rows];
        let mut by_row = [[0.0; OTHERS]; ROWS];
        for (i, samples) in self.sweep.exponents.chunks(TOGETHER).enumerate() {
            if (i * TOGETHER).is_multiple_of(ASK_EVERY) && !(self.sweep.go_on)() {
                return None;
            }
            for sample in samples {
                let by_col = self.place.columns::<S>(sample);
                self.place.rows::<S>(sample, &mut by_row[..rows]);
                for (sums, row) in sums.iter_mut().zip(&by_row) {
                    sums.multiply::<S>(&by_col, row);
                }
            }
            sums.iter_mut().for_each(Row::take_out_twos);
        }
        let count = self.sweep.exponents.len() as f64;
        let losses = sums
            .iter()
            .flat_map(|row| (0..cols).map(|col| row.loss(col) / count));
        Some(losses.collect())
    }
}

impl Place {
    /// The factors of the columns.
    #[inline(always)]
    fn columns<S: Fused>(&self, sample: &Exponents) -> [[f64; COLS]; OTHERS] {
        let mut factors = [[0.0; COLS]; OTHERS];
        let mut growth = [0.0; OTHERS];
        for k in 0..OTHERS {
            let (u, v) = (sample.u[k], sample.v[k]);
            let middle = sample.origin[k] + self.middle[0] * u + self.middle[1] * v;
            let middle = if middle > -FARTHEST {
                middle
            } else {
                -FARTHEST
            };
            let middle = if middle < FARTHEST { middle } else { FARTHEST };
            factors[k][0] = exp::<S>(middle + self.first[0] * u);
            growth[k] = exp::<S>(self.step[0] * u);
        }
        for (factors, growth) in factors.iter_mut().zip(growth) {
            for i in 1..COLS {
                factors[i] = factors[i - 1] * growth;
            }
        }
        factors
    }

    /// The factors of the rows.
    #[inline(always)]
    fn rows<S: Fused>(&self, sample: &Exponents, out: &mut [[f64; OTHERS]]) {
        let mut factor = sample.v.map(|v| exp::<S>(self.first[1] * v));
        let growth = sample.v.map(|v| exp::<S>(self.step[1] * v));
        for out in out {
            *out = factor;
            for (factor, growth) in factor.iter_mut().zip(growth) {
                *factor *= growth;
            }
        }
    }
}
