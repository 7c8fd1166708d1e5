//! Some cells of the grid, and what blocks of samples do to them.

use super::census::{Precision, SampleKinds};
use super::product::{Double, Products, Single};
use super::table::{NodeAxis, Tables};
use super::term::Terms;
use crate::objective::softmax::blocks::BLOCK;
use crate::objective::softmax::lanes::Fused;

/// Room to work in.
pub(super) struct TileBuffers {
    census: Box<SampleKinds>,
    single: Vec<Single>,
    double: Vec<Double>,
}

impl TileBuffers {
    pub fn new() -> TileBuffers {
        TileBuffers {
            census: SampleKinds::new(),
            single: vec![Single::ZERO; BLOCK],
            double: vec![Double::ZERO; BLOCK],
        }
    }
}

/// Some cells of the grid, with what their samples multiply to.
pub(super) struct Tile {
    /// The first column and row.
    pub first: [usize; 2],
    /// Columns and rows.
    pub size: [usize; 2],
    pub products: Products,
    /// The logarithm of what else belongs to all cells.
    pub constant: f64,
}

impl Tile {
    pub fn new(first: [usize; 2], size: [usize; 2]) -> Tile {
        Tile {
            first,
            size,
            products: Products::new(size[0], size[1]),
            constant: 0.0,
        }
    }

    /// Counts the samples of a block.
    #[inline(always)]
    pub fn count<S: Fused>(
        &mut self,
        simd: S,
        terms: &Terms,
        tables: &Tables,
        axes: [NodeAxis; 2],
        precision: Precision,
        desk: &mut TileBuffers,
    ) {
        let census = &mut *desk.census;
        census.take::<S>(terms, tables, axes, self.first, precision);
        self.constant += census.exponent as f64 * std::f64::consts::LN_2;
        self.constant += census.constant.iter().map(|x| x.ln()).sum::<f64>();
        for which in 0..2 {
            let mut samples = census.single[which].get();
            let factors = &census.factors[which];
            while !samples.is_empty() {
                let (now, later) = samples.split_at(factors.fitting(samples).max(1));
                let out = &mut desk.single[..now.len()];
                factors.spread(simd, now, tables, out);
                self.products.single(simd, which, out, &tables.cols_single);
                samples = later;
            }
        }
        let mut samples = census.double.get();
        while !samples.is_empty() {
            let (now, later) = samples.split_at(census.fitting_double(samples).max(1));
            let out = &mut desk.double[..now.len()];
            census.spread_double(now, tables, out);
            self.products.double(simd, out, &tables.cols);
            samples = later;
        }
        for &sample in census.direct.get() {
            self.direct::<S>(terms, axes, usize::from(sample));
        }
    }

    #[inline(always)]
    fn direct<S: Fused>(&mut self, terms: &Terms, [cols, rows]: [NodeAxis; 2], sample: usize) {
        for row in 0..self.size[1] {
            let b = rows.at(self.first[1] + row);
            let inverse = |col: usize| terms.at::<S>(sample, [cols.at(self.first[0] + col), b]);
            self.products.direct(row, inverse);
        }
        self.products.renew_double();
    }
}
