//! A network's loss on a dense grid over a plane of its parameters.
//!
//! On a plane what goes into the first layer's units is affine in the coordinates, so that their sums are formed once a row, not
//! once a node. Where the activation is made of an exponential (tanh, the sigmoid), the exponentials of a row are a geometric
//! series: one multiplication leads from node to node. What is left is 1 − s/(e + 1), of which four share a division.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::activation::activate;
use super::pass::{Room, add, loss, weight};
use super::product::{BLOCK, Begin, multiply};
use super::samples::Block;
use super::{Activation, Network};
use crate::landscape::{Domain, Grid};
use crate::objective::GoOn;
use crate::objective::softmax::lanes::{Fused, dispatch, exp, mul_add};
use crate::plane::Plane;

/// Nodes of a row that follow one another as a geometric series; each begins anew, so that rounding does not add up.
const RUN: usize = 64;
/// Exponents of such a series stay within ±this: their powers and products are normal numbers.
const EXPONENTS: f64 = 300.0;
/// Beyond this 1 − s/(e + 1) is 1. The product of four such numbers is far from the largest.
const MUCH: f64 = 1e30;

/// See [`Objective::sweep`](crate::objective::Objective::sweep). It is exact to about 1e-12 relative, runs on all processors, and
/// does not depend on how many there are.
pub(super) fn sweep(
    network: &Network,
    plane: &Plane,
    domain: Domain,
    [cols, rows]: [usize; 2],
    go_on: &GoOn,
) -> Option<Grid> {
    let mut grid = Grid::empty(domain, cols, rows);
    let mut values = vec![0.0; grid.cols * grid.rows];
    let tasks = values.par_chunks_mut(grid.cols).enumerate();
    tasks.try_for_each_init(Rooms::default, |rooms, (row, losses)| {
        rooms.fit(network);
        let across: Vec<f64> = (0..grid.cols).map(|col| grid.x(col)).collect();
        let work = Row {
            network,
            plane,
            across: &across,
            down: grid.y(row),
            rooms,
            losses,
            go_on,
        };
        dispatch(Arch::new(), work)
    })?;
    let count = network.samples.len() as f64;
    values.iter_mut().for_each(|loss| *loss /= count);
    grid.values = values;
    Some(grid)
}

/// What a thread works with.
#[derive(Default)]
struct Rooms {
    room: Room,
    /// The parameters at the row's origin, and at a node.
    begin: Vec<f64>,
    w: Vec<f64>,
    /// What goes into the first layer's units at the row's origin, and what an x of 1 adds.
    first: [Vec<f64>; 2],
    /// The exponentials of the first layer at a node, and the factor to the next one.
    powers: [Vec<f64>; 2],
}

impl Rooms {
    fn fit(&mut self, network: &Network) {
        let shape = &network.shape;
        self.room.fit(shape);
        self.begin.resize(shape.parameters(), 0.0);
        self.w.resize(shape.parameters(), 0.0);
        for room in self.first.iter_mut().chain(&mut self.powers) {
            room.resize(shape.widths()[1] * BLOCK, 0.0);
        }
    }
}

/// An activation of the form 1 − height/(exp(stretch·z) + 1).
#[derive(Clone, Copy)]
struct Saturating {
    stretch: f64,
    height: f64,
}

impl Saturating {
    fn of(activation: Activation) -> Option<Saturating> {
        let (stretch, height) = match activation {
            Activation::Tanh => (2.0, 2.0),
            Activation::Sigmoid => (1.0, 1.0),
            _ => return None,
        };
        Some(Saturating { stretch, height })
    }
}

/// The sums of the losses along one row of the grid.
struct Row<'a> {
    network: &'a Network,
    plane: &'a Plane,
    across: &'a [f64],
    down: f64,
    rooms: &'a mut Rooms,
    losses: &'a mut [f64],
    go_on: &'a GoOn<'a>,
}

impl WithSimd for Row<'_> {
    type Output = Option<()>;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) -> Option<()> {
        let network = self.network;
        let has_hidden = network.shape.widths().len() > 2;
        let form = Saturating::of(network.shape.activation).filter(|_| has_hidden);
        for block in network.samples.blocks() {
            self.begin(simd, block);
            for from in (0..self.across.len()).step_by(RUN) {
                let to = (from + RUN).min(self.across.len());
                let series = form.filter(|form| self.is_moderate(block, *form, [from, to - 1]));
                for col in from..to {
                    if !(self.go_on)() {
                        return None;
                    }
                    match series {
                        Some(form) => self.next_of_series::<S>(block, form, [from, to], col),
                        None => self.first_layer::<S>(block, form, col),
                    }
                    let loss = self.rest(simd, block, form, col);
                    self.losses[col] += loss;
                }
            }
        }
        Some(())
    }
}

impl Row<'_> {
    /// Forms the first layer's sums for the row.
    #[inline(always)]
    fn begin<S: Fused>(&mut self, simd: S, block: &Block) {
        let Some(layer) = self.network.shape.layers().next() else {
            return;
        };
        let Rooms {
            begin: w, first, ..
        } = &mut *self.rooms;
        self.plane.point_into(0.0, self.down, w);
        let [origin, along] = first;
        for (w, sums) in [(&**w, origin), (self.plane.u(), along)] {
            let bias = Begin::Bias(&w[layer.bias()..layer.end()]);
            multiply(
                simd,
                weight(w, &layer),
                bias,
                &block.x,
                sums,
                block.padded(),
            );
        }
    }

    /// Whether the exponents of a run are far from the ends of what has a number. They are affine, so its ends tell.
    #[inline(always)]
    fn is_moderate(&self, block: &Block, form: Saturating, ends: [usize; 2]) -> bool {
        let [origin, along] = &self.rooms.first;
        let samples = block.padded();
        ends.iter().all(|&col| {
            let x = self.across[col];
            let rows = origin.chunks_exact(BLOCK).zip(along.chunks_exact(BLOCK));
            let mut most: f64 = 0.0;
            for (origin, along) in rows {
                for (z, u) in origin[..samples].iter().zip(&along[..samples]) {
                    let size = (form.stretch * (z + x * u)).abs();
                    // What is no number is not moderate.
                    most = if size <= most { most } else { size };
                }
            }
            most <= EXPONENTS
        })
    }

    /// The first layer's output at a node of a run, from the exponentials of the node before.
    #[inline(always)]
    fn next_of_series<S: Fused>(
        &mut self,
        block: &Block,
        form: Saturating,
        [from, to]: [usize; 2],
        col: usize,
    ) {
        let Rooms {
            room,
            first: [origin, along],
            powers: [power, factor],
            ..
        } = &mut *self.rooms;
        let samples = block.padded();
        let is_first = col == from;
        if is_first {
            let x = self.across[from];
            let between = match to - from {
                1 => 0.0,
                nodes => (self.across[to - 1] - x) / (nodes - 1) as f64,
            };
            let sums = origin.chunks_exact(BLOCK).zip(along.chunks_exact(BLOCK));
            let into = power
                .chunks_exact_mut(BLOCK)
                .zip(factor.chunks_exact_mut(BLOCK));
            for ((origin, along), (power, factor)) in sums.zip(into) {
                let sums = origin[..samples].iter().zip(&along[..samples]);
                let into = power[..samples].iter_mut().zip(&mut factor[..samples]);
                for ((z, u), (power, factor)) in sums.zip(into) {
                    *power = exp::<S>(form.stretch * mul_add::<S>(x, *u, *z));
                    *factor = exp::<S>(form.stretch * between * u);
                }
            }
        }
        let y = &mut room.values[0];
        let rows = power.chunks_exact_mut(BLOCK).zip(y.chunks_exact_mut(BLOCK));
        for (k, (power, y)) in rows.enumerate() {
            let row = power[..samples].iter_mut().zip(&mut y[..samples]);
            if is_first {
                row.for_each(|(power, y)| *y = *power);
                continue;
            }
            let factor = &factor[k * BLOCK..][..samples];
            for ((power, y), factor) in row.zip(factor) {
                *power *= factor;
                *y = *power;
            }
        }
        settle::<S>(y, samples, form);
        self.add_input(block);
    }

    /// The first layer's output at a node.
    #[inline(always)]
    fn first_layer<S: Fused>(&mut self, block: &Block, form: Option<Saturating>, col: usize) {
        let Rooms { room, first, .. } = &mut *self.rooms;
        let (samples, x) = (block.padded(), self.across[col]);
        let y = &mut room.values[0];
        let [origin, along] = first;
        for (y, (origin, along)) in y.iter_mut().zip(origin.iter().zip(along)) {
            *y = mul_add::<S>(x, *along, *origin);
        }
        if self.network.shape.widths().len() > 2 {
            activated::<S>(self.network.shape.activation, form, y, samples);
        }
        self.add_input(block);
    }

    /// Adds the samples themselves to the first layer's output, if it is residual.
    #[inline(always)]
    fn add_input(&mut self, block: &Block) {
        let first = self.network.shape.layers().next();
        if let Some(layer) = first.filter(|layer| layer.is_residual) {
            add(&mut self.rooms.room.values[0], &block.x, layer.outputs);
        }
    }

    /// The sum of the losses at a node, from the first layer's output.
    #[inline(always)]
    fn rest<S: Fused>(
        &mut self,
        simd: S,
        block: &Block,
        form: Option<Saturating>,
        col: usize,
    ) -> f64 {
        let Rooms { room, begin, w, .. } = &mut *self.rooms;
        let samples = block.padded();
        let shape = &self.network.shape;
        let x = self.across[col];
        for (w, (begin, u)) in w.iter_mut().zip(begin.iter().zip(self.plane.u())) {
            *w = mul_add::<S>(x, *u, *begin);
        }
        for (k, layer) in shape.layers().enumerate().skip(1) {
            let (before, rest) = room.values.split_at_mut(k);
            let (x, y) = (&before[k - 1], &mut rest[0]);
            let bias = Begin::Bias(&w[layer.bias()..layer.end()]);
            multiply(simd, weight(w, &layer), bias, x, y, samples);
            if layer.is_hidden {
                activated::<S>(shape.activation, form, y, samples);
            }
            if layer.is_residual {
                add(y, x, layer.outputs);
            }
        }
        loss::<S, false>(block, room.values.last_mut())
    }
}

/// Replaces every z by its activation.
#[inline(always)]
fn activated<S: Fused>(
    activation: Activation,
    form: Option<Saturating>,
    z: &mut [f64],
    samples: usize,
) {
    let Some(form) = form else {
        for row in z.chunks_exact_mut(BLOCK) {
            activate::<S>(activation, &mut row[..samples], None, None);
        }
        return;
    };
    for row in z.chunks_exact_mut(BLOCK) {
        for z in &mut row[..samples] {
            *z = exp_within::<S>(form.stretch * *z);
        }
    }
    settle::<S>(z, samples, form);
}

/// eˣ to about 1e-15, x being moved into [−70, 70] first: further out 1 − s/(eˣ + 1) does not change.
#[inline(always)]
fn exp_within<S: Fused>(x: f64) -> f64 {
    use std::f64::consts::{LN_2, LOG2_E};
    const FURTHEST: f64 = 70.0;
    // Adding it leaves a number's integral part in the last bits.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    let x = if x < -FURTHEST { -FURTHEST } else { x };
    let x = if x > FURTHEST { FURTHEST } else { x };
    let shifted = mul_add::<S>(x, LOG2_E, SHIFT);
    let r = mul_add::<S>(shifted - SHIFT, -LN_2, x);
    let mut sum = POLYNOMIAL[0];
    for coefficient in &POLYNOMIAL[1..] {
        sum = mul_add::<S>(sum, r, *coefficient);
    }
    f64::from_bits(sum.to_bits().wrapping_add(shifted.to_bits() << 52))
}

/// The polynomial through eˣ at Chebyshev's nodes of [−ln 2/2, ln 2/2], the highest power first.
const POLYNOMIAL: [f64; 10] = [
    2.763_265_575_933_203e-06,
    2.488_447_635_159_146e-05,
    0.000_198_411_906_158_358_5,
    0.001_388_880_171_476_162_2,
    0.008_333_333_367_332_009,
    0.041_666_667_040_776_456,
    0.166_666_666_666_156_07,
    0.499_999_999_994_381_4,
    1.000_000_000_000_001_3,
    1.000_000_000_000_013_5,
];

/// Replaces every exponential e by 1 − height/(e + 1).
#[inline(always)]
fn settle<S: Fused>(e: &mut [f64], samples: usize, form: Saturating) {
    let above = |e: f64| 1.0 + if e > MUCH { MUCH } else { e };
    let value = |reciprocal: f64| mul_add::<S>(-form.height, reciprocal, 1.0);
    let mut fours = e.chunks_exact_mut(4 * BLOCK);
    for four in &mut fours {
        let (ab, cd) = four.split_at_mut(2 * BLOCK);
        let ((a, b), (c, d)) = (ab.split_at_mut(BLOCK), cd.split_at_mut(BLOCK));
        let ab = a[..samples].iter_mut().zip(&mut b[..samples]);
        let cd = c[..samples].iter_mut().zip(&mut d[..samples]);
        for ((a, b), (c, d)) in ab.zip(cd) {
            let [p, q, r, s] = [above(*a), above(*b), above(*c), above(*d)];
            let (pq, rs) = (p * q, r * s);
            let all = 1.0 / (pq * rs);
            let (by_pq, by_rs) = (all * rs, all * pq);
            *a = value(by_pq * q);
            *b = value(by_pq * p);
            *c = value(by_rs * s);
            *d = value(by_rs * r);
        }
    }
    for row in fours.into_remainder().chunks_exact_mut(BLOCK) {
        for e in &mut row[..samples] {
            *e = value(1.0 / above(*e));
        }
    }
}

#[cfg(test)]
mod tests;
