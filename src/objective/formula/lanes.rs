//! A formula's loss and gradient at many points at once: the arithmetic of dual numbers, spread over the lanes of vectors.
//!
//! A formula is made into a graph of arithmetic (`graph.rs`), that into a list of instructions over rows of numbers (`tape.rs`), and
//! these are done one after the other for all lanes (`kernels.rs`). Every number is rounded as
//! [`Formula::gradient`](super::super::Objective::gradient) rounds it, so results are equal to the last bit. What dual numbers make of
//! infinities is not done in lanes: where something on the way is not finite, that point is worked out by itself.

mod graph;
mod kernels;
mod tape;

use std::ops::{Deref, DerefMut};

use pulp::{Arch, Simd, WithSimd};

use self::tape::{Instruction, Operation, Tape};
use super::Formula;
use crate::objective::Objective;

/// Points at a time: so many that what an instruction takes to be read counts little, so few that all stay in the nearest
/// cache.
pub const LANES: usize = 128;

/// One number a lane. Vectors that began elsewhere would lie in two lines of the cache.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub struct Row(pub [f64; LANES]);

impl Row {
    /// The same number in every lane.
    pub const fn all(number: f64) -> Row {
        Row([number; LANES])
    }

    /// The number of each lane by its place.
    pub fn from_fn(number: impl FnMut(usize) -> f64) -> Row {
        Row(std::array::from_fn(number))
    }
}

impl Deref for Row {
    type Target = [f64; LANES];

    #[inline(always)]
    fn deref(&self) -> &[f64; LANES] {
        &self.0
    }
}

impl DerefMut for Row {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [f64; LANES] {
        &mut self.0
    }
}

/// A formula compiled for many points at once.
pub struct Compiled<'f> {
    formula: &'f Formula,
    tape: Tape,
}

/// The same with room for the numbers on the way.
pub struct Lanes<'a> {
    compiled: &'a Compiled<'a>,
    arch: Arch,
    rows: Vec<Row>,
    /// Whether all was finite when it was last evaluated; else what is not 0 in lanes where something was not, and the results
    /// with those lanes worked out one by one.
    is_finite: bool,
    odd: Box<Row>,
    mended: Box<[Row; 3]>,
}

impl Formula {
    /// Makes it ready for many points at once.
    pub fn compiled(&self) -> Compiled<'_> {
        Compiled {
            formula: self,
            tape: Tape::new(self.program.code()),
        }
    }
}

impl Compiled<'_> {
    pub fn lanes(&self, arch: Arch) -> Lanes<'_> {
        let mut rows = vec![Row::all(0.0); self.tape.rows];
        for (row, number) in rows[2..].iter_mut().zip(&self.tape.numbers) {
            row.fill(*number);
        }
        Lanes {
            compiled: self,
            arch,
            rows,
            is_finite: true,
            odd: Box::new(Row::all(0.0)),
            mended: Box::new([Row::all(0.0); 3]),
        }
    }
}

impl Lanes<'_> {
    /// Works out the losses at the points `at` and the gradients there: those of [`Formula::gradient`] to the last bit, but for
    /// the sign of 0. A curve has no second coordinate. False where something is not finite.
    pub fn evaluate(&mut self, at: &[Row; 2]) -> bool {
        let arch = self.arch;
        self.is_finite = arch.dispatch(Evaluation(self, at));
        if !self.is_finite {
            self.mend(at);
        }
        self.is_finite
    }

    /// The losses where it was last evaluated.
    pub fn losses(&self) -> &Row {
        self.results()[0]
    }

    /// The slopes along x and y where it was last evaluated.
    pub fn gradients(&self) -> [&Row; 2] {
        let [_, x, y] = self.results();
        [x, y]
    }

    fn results(&self) -> [&Row; 3] {
        if self.is_finite {
            self.compiled.tape.results.map(|slot| &self.rows[slot])
        } else {
            self.mended.each_ref()
        }
    }

    #[cold]
    fn mend(&mut self, at: &[Row; 2]) {
        let Compiled { formula, tape } = self.compiled;
        *self.mended = tape.results.map(|slot| self.rows[slot]);
        let [losses, x, y] = &mut *self.mended;
        for lane in (0..LANES).filter(|&lane| self.odd[lane] != 0.0) {
            let (w, mut g) = ([at[0][lane], at[1][lane]], [0.0; 2]);
            let dim = formula.dim();
            losses[lane] = formula.gradient(&w[..dim], &mut g[..dim]);
            (x[lane], y[lane]) = (g[0], g[1]);
        }
    }
}

/// Runs the tape.
struct Evaluation<'a, 'f>(&'a mut Lanes<'f>, &'a [Row; 2]);

impl WithSimd for Evaluation<'_, '_> {
    /// Whether all is finite.
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> bool {
        let Evaluation(lanes, at) = self;
        let tape = &lanes.compiled.tape;
        for (row, at) in lanes.rows.iter_mut().zip(at) {
            kernels::copy(row, at);
        }
        for Instruction {
            operation,
            from,
            to,
        } in &tape.instructions
        {
            let (rows, new) = lanes.rows.split_at_mut(*to);
            match *operation {
                Operation::Ring(shape) => {
                    let [a, b, c, d, ..] = *from;
                    let from = [&rows[a], &rows[b], &rows[c], &rows[d]];
                    kernels::ring(&mut new[0], shape, from);
                }
                Operation::Divide => kernels::divide(&mut new[0], &rows[from[0]], &rows[from[1]]),
                Operation::Unary(function) => kernels::unary(new, function, &rows[from[0]]),
                Operation::Binary(function) => {
                    kernels::binary(new, function, from.map(|slot| &rows[slot]));
                }
            }
        }
        let (rows, [loss, x, y]) = (&lanes.rows, tape.results);
        kernels::look(&mut lanes.odd, [&rows[loss], &rows[x], &rows[y]]);
        for slot in &tape.watched {
            kernels::mark(&mut lanes.odd, &rows[*slot]);
        }
        kernels::are_all_zero(&lanes.odd)
    }
}

#[cfg(test)]
mod tests;
