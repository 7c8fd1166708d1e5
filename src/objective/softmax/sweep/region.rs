//! The grid in regions, the samples in parts, and all of them on all processors.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::census::Precision;
use super::product::{COLS, PAD, ROWS};
use super::table::{NodeAxis, Tables};
use super::term::Terms;
use super::tile::{Tile, TileBuffers};
use super::{Region, Slice, put_together};
use crate::landscape::{Grid, Range};
use crate::objective::softmax::blocks::Block;
use crate::objective::softmax::lanes::dispatch;
use crate::objective::softmax::{CLASSES, Samples};

/// Nodes of a region along each axis: as many as have their products in the second cache.
const REGION: usize = 128;
/// Blocks of samples of a task; fixed, so that sums do not depend on the number of threads.
const BLOCKS_PER_TASK: usize = 12;
/// With fewer samples single precision's errors do not cancel.
const FEW_SAMPLES: usize = 4096;
/// Smaller mean losses want double precision.
const LEAST_LOSS: f64 = 0.4;
/// What exponents of samples should change over a tile at most, on average.
const TILE_SPAN: f64 = 10.0;

pub(super) struct RegionSweep<'a> {
    arch: Arch,
    samples: &'a Samples,
    slice: &'a Slice,
    axes: [NodeAxis; 2],
    go_on: &'a (dyn Fn() -> bool + Sync),
}

impl<'a> RegionSweep<'a> {
    pub fn new(
        arch: Arch,
        samples: &'a Samples,
        slice: &'a Slice,
        grid: &Grid,
        go_on: &'a (dyn Fn() -> bool + Sync),
    ) -> RegionSweep<'a> {
        let axes = [
            axis(grid.domain.x, grid.cols),
            axis(grid.domain.y_or_zero(), grid.rows),
        ];
        let mut sweep = RegionSweep {
            arch,
            samples,
            slice,
            axes,
            go_on,
        };
        sweep.choose_tiles();
        sweep
    }

    /// Small enough tiles that samples are mostly counted in single precision.
    fn choose_tiles(&mut self) {
        let mean = |k: usize| {
            let x = self.samples.features().iter().map(|x| x[k / CLASSES].abs());
            x.sum::<f64>() / self.samples.len() as f64
        };
        let rates = [
            mean(self.slice.u) * self.axes[0].step.abs(),
            mean(self.slice.v) * self.axes[1].step.abs(),
        ];
        let [mut cols, mut rows] = [COLS.min(self.axes[0].count), ROWS.min(self.axes[1].count)];
        while rates[0] * cols as f64 + rates[1] * rows as f64 > TILE_SPAN {
            if cols > PAD && (rows <= 8 || rates[0] * cols as f64 > rates[1] * rows as f64) {
                cols = (cols - 1) / PAD * PAD;
            } else if rows > 8 {
                rows = 8;
            } else {
                break;
            }
        }
        for (axis, most) in self.axes.iter_mut().zip([cols, rows]) {
            axis.tile = axis.count.div_ceil(axis.count.div_ceil(most));
        }
        self.axes[0].tile = self.axes[0]
            .tile
            .next_multiple_of(PAD)
            .min(most_cols(self.axes[0]));
    }

    /// The losses, row by row.
    pub fn run(&self) -> Option<Vec<f64>> {
        let [cols, rows] = self.axes.map(regions);
        let regions = rows
            .iter()
            .flat_map(|rows| cols.iter().map(|cols| [*cols, *rows]));
        let regions: Vec<Region> = regions.collect();
        let losses: Vec<Vec<f64>> = regions
            .par_iter()
            .map(|region| self.region(*region))
            .collect::<Option<_>>()?;
        let size = self.axes.map(|axis| axis.count);
        Some(put_together(size, regions.iter().zip(&losses)))
    }

    fn region(&self, region: Region) -> Option<Vec<f64>> {
        if self.samples.len() < FEW_SAMPLES {
            return self.losses(region, Precision::DOUBLE);
        }
        let losses = self.losses(region, Precision::SINGLE)?;
        if losses.iter().all(|loss| *loss >= LEAST_LOSS) {
            return Some(losses);
        }
        self.losses(region, Precision::DOUBLE)
    }

    fn losses(&self, region: Region, precision: Precision) -> Option<Vec<f64>> {
        let [across, down] = region.map(|[from, to]| to - from);
        let parts: Vec<Part> = self
            .samples
            .blocks()
            .par_chunks(BLOCKS_PER_TASK)
            .map(|blocks| {
                dispatch(
                    self.arch,
                    Task {
                        sweep: self,
                        blocks,
                        region,
                        precision,
                    },
                )
            })
            .collect::<Option<_>>()?;
        let mut total = Part::new(across * down);
        parts.iter().for_each(|part| total.multiply(part));
        let count = self.samples.len() as f64;
        Some(total.ln().map(|sum| sum / count).collect())
    }
}

fn axis([low, high]: Range, count: usize) -> NodeAxis {
    let intervals = (count - 1) as f64;
    let step = if count < 2 {
        0.0
    } else {
        high / intervals - low / intervals
    };
    NodeAxis {
        low,
        step,
        count,
        tile: 1,
    }
}

fn most_cols(axis: NodeAxis) -> usize {
    axis.count.min(COLS)
}

/// The axis cut into regions of whole tiles.
fn regions(axis: NodeAxis) -> Vec<[usize; 2]> {
    let size = (REGION / axis.tile).max(1) * axis.tile;
    let starts = (0..axis.count).step_by(size);
    starts
        .map(|from| [from, (from + size).min(axis.count)])
        .collect()
}

/// What some samples multiply to, at each cell of a region: factor · 2^exponent · e^constant.
struct Part {
    factors: Vec<f64>,
    exponents: Vec<i32>,
    constants: Vec<f64>,
}

impl Part {
    /// Ones.
    fn new(cells: usize) -> Part {
        Part {
            factors: vec![1.0; cells],
            exponents: vec![0; cells],
            constants: vec![0.0; cells],
        }
    }

    /// Of the products of the tiles that make up `region`.
    fn of(tiles: &[Tile], [[left, right], [top, bottom]]: Region) -> Part {
        let across = right - left;
        let mut part = Part::new(across * (bottom - top));
        for tile in tiles {
            for row in 0..tile.size[1] {
                let start = (tile.first[1] - top + row) * across + tile.first[0] - left;
                let cells = start..start + tile.size[0];
                part.constants[cells.clone()].fill(tile.constant);
                let factors = &mut part.factors[cells.clone()];
                tile.products
                    .multiply_to(row, factors, &mut part.exponents[cells]);
            }
        }
        part
    }

    fn multiply(&mut self, other: &Part) {
        for (factor, other) in self.factors.iter_mut().zip(&other.factors) {
            *factor *= other;
        }
        for (exponent, other) in self.exponents.iter_mut().zip(&other.exponents) {
            *exponent += other;
        }
        for (constant, other) in self.constants.iter_mut().zip(&other.constants) {
            *constant += other;
        }
        // Other factors lie between 1/4 and 4.
        for (factor, exponent) in self.factors.iter_mut().zip(&mut self.exponents) {
            let bits = factor.to_bits();
            *exponent += (bits >> 52) as i32 - 1023;
            *factor = f64::from_bits(bits & 0x000f_ffff_ffff_ffff | 0x3ff0_0000_0000_0000);
        }
    }

    fn ln(&self) -> impl Iterator<Item = f64> {
        let cells = self
            .factors
            .iter()
            .zip(&self.exponents)
            .zip(&self.constants);
        cells.map(|((factor, exponent), constant)| {
            factor.ln() + f64::from(*exponent) * std::f64::consts::LN_2 + constant
        })
    }
}

struct Task<'a> {
    sweep: &'a RegionSweep<'a>,
    blocks: &'a [Block],
    region: Region,
    precision: Precision,
}

impl WithSimd for Task<'_> {
    type Output = Option<Part>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Option<Part> {
        let axes = self.sweep.axes;
        let mut tiles = tiles(axes, self.region);
        let (mut terms, mut tables, mut desk) = (Terms::new(), Tables::new(), TileBuffers::new());
        for block in self.blocks {
            terms.fill::<S>(block, self.sweep.slice);
            tables.fill::<S>(&terms, axes);
            for tile in &mut tiles {
                tile.count(simd, &terms, &tables, axes, self.precision, &mut desk);
            }
            if !(self.sweep.go_on)() {
                return None;
            }
        }
        Some(Part::of(&tiles, self.region))
    }
}

fn tiles([cols, rows]: [NodeAxis; 2], [[left, right], [top, bottom]]: Region) -> Vec<Tile> {
    let mut tiles = Vec::new();
    for row in (top..bottom).step_by(rows.tile) {
        for col in (left..right).step_by(cols.tile) {
            let size = [cols.tile.min(right - col), rows.tile.min(bottom - row)];
            tiles.push(Tile::new([col, row], size));
        }
    }
    tiles
}
