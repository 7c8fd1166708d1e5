//! The softmax loss on a dense grid over two of its weights, exact at every node.
//!
//! With two weights a and b moving, 1/p of a sample's label is c + g·T + (e + h·T)·D, where D = exp(ξ·a), T = exp(η·b)
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
mod table;
mod term;
#[cfg(test)]
mod tests;
mod tile;

use std::sync::Arc;

use pulp::Arch;

use self::region::Sweep;
use super::{Domain, Grid};
use crate::objective::softmax::lanes;
use crate::objective::softmax::{Samples, WEIGHTS};
use crate::plane::Plane;

/// A plane of weights: two vary, the others stay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slice {
    /// All weights; those at `u` and `v` do not matter.
    pub weights: [f64; WEIGHTS],
    /// The weight along columns, below [`WEIGHTS`].
    pub u: usize,
    /// The weight along rows, below [`WEIGHTS`] and other than `u`.
    pub v: usize,
}

impl Slice {
    /// The same as an affine plane: its coordinates are the two weights' values.
    pub fn plane(&self) -> Plane {
        let mut origin = self.weights.to_vec();
        (origin[self.u], origin[self.v]) = (0.0, 0.0);
        let axis = |k: usize| (0..WEIGHTS).map(|i| f64::from(u8::from(i == k))).collect();
        Plane {
            origin,
            u: axis(self.u),
            v: Some(axis(self.v)),
        }
    }
}

/// The loss of [`Softmax`](crate::objective::Softmax) at every node of a `cols`×`rows` grid over `domain` (x is the
/// weight `slice.u`, y the weight `slice.v`), to 1e-6 relative. A domain without y has one row, at 0.
///
/// It runs on all processors; the result does not depend on how many there are. `go_on` is asked every few
/// milliseconds; `None` once it says no.
pub fn sweep(
    samples: &Arc<Samples>,
    slice: &Slice,
    domain: Domain,
    [cols, rows]: [usize; 2],
    go_on: &(dyn Fn() -> bool + Sync),
) -> Option<Grid> {
    sweep_with(Arch::new(), samples, slice, domain, [cols, rows], go_on)
}

/// The vector instructions that [`sweep`] uses on this processor, for people.
pub fn instruction_set() -> &'static str {
    lanes::name(Arch::new())
}

fn sweep_with(
    arch: Arch,
    samples: &Samples,
    slice: &Slice,
    domain: Domain,
    [cols, rows]: [usize; 2],
    go_on: &(dyn Fn() -> bool + Sync),
) -> Option<Grid> {
    let mut grid = Grid::empty(domain, cols, rows);
    grid.values = Sweep::new(arch, samples, slice, &grid, go_on).run()?;
    Some(grid)
}
