//! The factors of a sample over a tile: of its columns and of its rows, each a geometric series from the tile's middle.

use super::{COLS, Exponents, OTHERS, Region};
use crate::landscape::Grid;
use crate::objective::softmax::lanes::{Fused, exp};

/// An exponent at the middle is not taken beyond this: what is this far away adds nothing, or all, wherever in the tile.
const FARTHEST: f64 = 350.0;

/// Where a tile lies in the plane.
#[derive(Clone, Copy)]
pub(super) struct Place {
    middle: [f64; 2],
    /// The first column and row, seen from the middle.
    first: [f64; 2],
    /// From one column, and from one row, to the next.
    step: [f64; 2],
    /// From the middle to its edges.
    pub(super) reach: [f64; 2],
}

impl Place {
    pub(super) fn of(grid: &Grid, [cols, rows]: Region) -> Place {
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

/// The factors of the columns.
pub(super) struct Columns {
    pub(super) others: [[f64; COLS]; OTHERS],
    /// What stands for the 1 of the label itself.
    pub(super) own: f64,
    /// The exponent that was taken out of all of them. It is not finite where they are no numbers.
    pub(super) taken_out: f64,
}

/// What there is of each other class, in whole vectors.
pub(super) type Lanes = [f64; LANES];
pub(super) const LANES: usize = OTHERS.next_multiple_of(8);

/// Replaces every number by its exponential.
#[inline(always)]
fn exp_all<S: Fused>(numbers: &mut Lanes) {
    for x in numbers {
        *x = exp::<S>(*x);
    }
}

/// A multiple of one number for each other class.
#[inline(always)]
fn times(factor: f64, numbers: &[f64; OTHERS]) -> Lanes {
    let mut out = [0.0; LANES];
    for (out, x) in out.iter_mut().zip(numbers) {
        *out = factor * x;
    }
    out
}

impl Place {
    #[inline(always)]
    pub(super) fn columns<S: Fused, const FLOORED: bool>(&self, sample: &Exponents) -> Columns {
        let mut first = times(self.first[0], &sample.u);
        let mut growth = times(self.step[0], &sample.u);
        let mut middle = [0.0; OTHERS];
        let (mut greatest, mut sum) = (0.0, 0.0);
        for (k, middle) in middle.iter_mut().enumerate() {
            *middle =
                sample.origin[k] + self.middle[0] * sample.u[k] + self.middle[1] * sample.v[k];
            greatest = if *middle > greatest {
                *middle
            } else {
                greatest
            };
            sum += *middle;
        }
        // What is no number stays in it: no number times 0 is 0.
        let taken_out = if FLOORED { 0.0 } else { greatest + 0.0 * sum };
        for (first, middle) in first.iter_mut().zip(middle) {
            let middle = middle - taken_out;
            let middle = if middle > -FARTHEST {
                middle
            } else {
                -FARTHEST
            };
            *first += if middle < FARTHEST { middle } else { FARTHEST };
        }
        exp_all::<S>(&mut first);
        exp_all::<S>(&mut growth);
        let mut others = [[0.0; COLS]; OTHERS];
        for (k, others) in others.iter_mut().enumerate() {
            // Of 1, 2, 4, 8 columns the next as many.
            let mut growth = growth[k];
            others[0] = first[k];
            let mut known = 1;
            while known < COLS {
                let (before, behind) = others.split_at_mut(known);
                for (x, before) in behind.iter_mut().zip(&*before) {
                    *x = before * growth;
                }
                growth *= growth;
                known *= 2;
            }
        }
        Columns {
            others,
            own: if FLOORED { 1.0 } else { exp::<S>(-taken_out) },
            taken_out,
        }
    }

    /// The factors of the rows.
    #[inline(always)]
    pub(super) fn rows<S: Fused>(&self, sample: &Exponents, out: &mut [Lanes]) {
        let mut factor = times(self.first[1], &sample.v);
        let mut growth = times(self.step[1], &sample.v);
        exp_all::<S>(&mut factor);
        exp_all::<S>(&mut growth);
        for out in out {
            *out = factor;
            for (factor, growth) in factor.iter_mut().zip(&growth) {
                *factor *= growth;
            }
        }
    }
}
