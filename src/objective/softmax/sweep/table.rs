//! The nodes of an axis, and exponentials at the nodes of a tile.

use super::product::{COLS, PAD, ROWS};
use super::term::{Each, Terms};
use crate::objective::softmax::blocks::BLOCK;
use crate::objective::softmax::lanes::{Fused, exp};

/// The nodes along an axis, at equal steps, cut into tiles.
#[derive(Debug, Clone, Copy)]
pub(super) struct NodeAxis {
    pub low: f64,
    pub step: f64,
    /// Nodes, at least 1.
    pub count: usize,
    /// Nodes of a tile, at least 1; the last tile may have fewer.
    pub tile: usize,
}

impl NodeAxis {
    pub fn at(&self, i: usize) -> f64 {
        self.low + self.step * i as f64
    }

    /// From the first to the last node of a tile.
    fn span(&self) -> f64 {
        self.step * (self.tile - 1) as f64
    }

    /// How far each node of a tile lies from its first (0) and from its last (1).
    fn distances<const N: usize>(&self) -> [[f64; N]; 2] {
        let last = self.tile - 1;
        let from =
            |far: usize| std::array::from_fn(|i| self.step * i.min(last).abs_diff(far) as f64);
        [from(0), from(last)]
    }
}

/// Samples whose ξ·a + η·b changes more over a tile cannot use tables.
const MAX_SPAN: f64 = 450.0;

/// exp(ξ·a) and exp(η·b) of each sample over the columns and the rows of a tile, divided by the greatest of them, so
/// that they are the same for all tiles.
pub(super) struct Tables {
    pub cols: Vec<[f64; COLS]>,
    pub rows: Vec<[f64; ROWS]>,
    pub cols_single: Vec<[f32; COLS]>,
    pub rows_single: Vec<[f32; ROWS]>,
    /// The least of `cols` and of `rows`; 0 where they cannot be used.
    pub least: [Each; 2],
    /// 1 for samples that cannot use tables, else 0.
    pub beyond: Each,
}

impl Tables {
    pub fn new() -> Box<Tables> {
        Box::new(Tables {
            cols: vec![[0.0; COLS]; BLOCK],
            rows: vec![[0.0; ROWS]; BLOCK],
            cols_single: vec![[0.0; COLS]; BLOCK],
            rows_single: vec![[0.0; ROWS]; BLOCK],
            least: [[0.0; BLOCK]; 2],
            beyond: [0.0; BLOCK],
        })
    }

    #[inline(always)]
    pub fn fill<S: Fused>(&mut self, terms: &Terms, [cols, rows]: [NodeAxis; 2]) {
        let width = cols.tile.next_multiple_of(PAD);
        let from_col = cols.distances::<COLS>();
        let from_row = rows.distances::<ROWS>();
        for i in 0..terms.len {
            let (table, single) = (&mut self.cols[i], &mut self.cols_single[i]);
            row::<S>(terms.xi[i], &from_col, &mut table[..width], single);
            let (table, single) = (&mut self.rows[i], &mut self.rows_single[i]);
            row::<S>(terms.eta[i], &from_row, table, single);
        }
        let [least_col, least_row] = &mut self.least;
        for i in 0..BLOCK {
            let xi = terms.xi[i].abs() * cols.span();
            let eta = terms.eta[i].abs() * rows.span();
            // NaN too is beyond.
            self.beyond[i] = if xi + eta <= MAX_SPAN { 0.0 } else { 1.0 };
            least_col[i] = if xi < MAX_SPAN { exp::<S>(-xi) } else { 0.0 };
            least_row[i] = if eta < MAX_SPAN { exp::<S>(-eta) } else { 0.0 };
        }
    }
}

/// A row of a table: the greatest is at the last node where `rate` is positive, else at the first.
#[inline(always)]
fn row<S: Fused>(
    rate: f64,
    distances: &[impl AsRef<[f64]>; 2],
    table: &mut [f64],
    single: &mut [f32],
) {
    let distances = distances[usize::from(rate > 0.0)].as_ref();
    for ((value, single), distance) in table.iter_mut().zip(single).zip(distances) {
        *value = exp::<S>(-rate.abs() * distance);
        *single = to_single(*value);
    }
}

/// In single precision, and at least [`LEAST`].
#[inline(always)]
pub(super) fn to_single(x: f64) -> f32 {
    let x = if x > LEAST { x } else { LEAST };
    x as f32
}

/// A positive number that does not tell beside 1, even times the greatest factor by which 1/p may change in single
/// precision. The product of two is no subnormal number, which would take long.
const LEAST: f64 = 1.0 / (1u64 << 60) as f64;
