//! The softmax loss on a dense grid over a plane of its weights, exact at every node.
//!
//! Over any plane the exponentials fall apart into factors of columns and of rows (`separable`). Over two of the weights,
//! more can be said. With two weights a and b moving, 1/p of a sample's label is c + g·T + (e + h·T)·D, where D = exp(ξ·a), T = exp(η·b)
//! and the rest does not move (`term`). So a sample costs one exponential for each column and each row. What remains
//! for each cell is one factor, two operations; the loss is the logarithm of the product of all factors, and its
//! exponent is moved into an integer before it overflows (`product`). The ε of ln(p + ε) is a second such product,
//! of 1 + ε/p, for those samples on which it tells.
//!
//! The grid is cut into tiles. What a sample does in a tile is bounded by 1/p at two of its corners, which says how it
//! is counted there (`census`): as a constant, in single precision, or in double precision.

mod census;
mod product;
mod region;
pub(in crate::objective) mod separable;
mod table;
mod term;
#[cfg(test)]
mod tests;
mod tile;

use pulp::Arch;

use self::region::RegionSweep;
use super::lanes;
use super::{Samples, WEIGHTS};
use crate::landscape::{Domain, Grid};
use crate::objective::GoOn;
use crate::plane::Plane;

/// A plane on which two weights vary and the others stay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Slice {
    /// All weights; those at `u` and `v` do not matter.
    pub weights: [f64; WEIGHTS],
    /// The weight along columns, below [`WEIGHTS`].
    pub u: usize,
    /// The weight along rows, below [`WEIGHTS`] and other than `u`.
    pub v: usize,
}

impl Slice {
    /// `None` unless the plane's coordinates are two of the weights.
    pub(crate) fn of(plane: &Plane) -> Option<Slice> {
        let [u, v] = plane.axes()?;
        let weights = plane.origin().try_into().ok()?;
        Some(Slice { weights, u, v })
    }
}

/// Columns and rows of the grid, each from and to.
type Region = [[usize; 2]; 2];

/// The losses of a grid of so many columns and rows, row by row, put together from those of its regions.
fn put_together<'a>(
    [cols, rows]: [usize; 2],
    regions: impl IntoIterator<Item = (&'a Region, &'a Vec<f64>)>,
) -> Vec<f64> {
    let mut values = vec![0.0; cols * rows];
    for ([across, down], losses) in regions {
        let width = across[1] - across[0];
        for (row, losses) in (down[0]..down[1]).zip(losses.chunks(width)) {
            values[row * cols + across[0]..][..width].copy_from_slice(losses);
        }
    }
    values
}

/// See [`Objective::sweep`](crate::objective::Objective::sweep). Over two of the weights it is exact to 1e-6 relative,
/// over any other plane to about 1e-12. It runs on all processors; the result does not depend on how many there are.
pub(super) fn sweep(
    samples: &Samples,
    plane: &Plane,
    domain: Domain,
    [cols, rows]: [usize; 2],
    go_on: &GoOn,
) -> Option<Grid> {
    match Slice::of(plane) {
        Some(slice) => sweep_with(Arch::new(), samples, &slice, domain, [cols, rows], go_on),
        None => separable::sweep(Arch::new(), samples, plane, domain, [cols, rows], go_on),
    }
}

/// The vector instructions that sweeps use on this processor, for people.
pub fn instruction_set() -> &'static str {
    lanes::name(Arch::new())
}

fn sweep_with(
    arch: Arch,
    samples: &Samples,
    slice: &Slice,
    domain: Domain,
    [cols, rows]: [usize; 2],
    go_on: &GoOn,
) -> Option<Grid> {
    let mut grid = Grid::empty(domain, cols, rows);
    grid.values = RegionSweep::new(arch, samples, slice, &grid, go_on).run()?;
    Some(grid)
}
