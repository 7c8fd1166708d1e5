//! A formula's loss and gradient at many points at once: the arithmetic of dual numbers, spread over the lanes of vectors.
//!
//! Every number is rounded as [`Formula::gradient`](super::super::Objective::gradient) rounds it, slope by slope, so results are
//! equal to the last bit. Slopes that are 0 or 1 by construction are left out. What dual numbers make of infinities is not done in
//! lanes: where something on the way is not finite, that point is worked out by itself.

mod part;

use pulp::{Arch, Simd, WithSimd};

use part::{Part, Slope};

use super::Formula;
use super::program::Instruction;
use crate::objective::Objective;

/// Points at a time: so many that what an instruction takes to be read counts little, so few that all stay in the nearest
/// cache.
pub const LANES: usize = 64;

/// One number a lane.
pub type Row = [f64; LANES];

/// A formula that is ready for many points at once.
pub struct LaneFormula<'a> {
    formula: &'a Formula,
    arch: Arch,
    stack: Vec<Part>,
    /// Not 0 in lanes in which something was not finite.
    odd: Box<Row>,
}

impl Formula {
    /// The same for many points at once.
    pub fn lanes(&self, arch: Arch) -> LaneFormula<'_> {
        LaneFormula {
            formula: self,
            arch,
            stack: vec![Part::default(); self.program.stack().max(1)],
            odd: Box::new([0.0; LANES]),
        }
    }
}

impl LaneFormula<'_> {
    /// Writes the losses at the points `at` and the gradients there: those of [`Formula::gradient`] to the last bit. A curve
    /// has no second coordinate. False where something is not finite.
    pub fn gradient(&mut self, at: &[Row; 2], losses: &mut Row, gradients: &mut [Row; 2]) -> bool {
        let arch = self.arch;
        let is_finite = arch.dispatch(Evaluation {
            lanes: self,
            at,
            losses,
            gradients,
        });
        if is_finite {
            return true;
        }
        for lane in (0..LANES).filter(|&lane| self.odd[lane] != 0.0) {
            let (w, mut g) = ([at[0][lane], at[1][lane]], [0.0; 2]);
            let dim = self.formula.dim();
            losses[lane] = self.formula.gradient(&w[..dim], &mut g[..dim]);
            (gradients[0][lane], gradients[1][lane]) = (g[0], g[1]);
        }
        false
    }
}

struct Evaluation<'a, 'f> {
    lanes: &'a mut LaneFormula<'f>,
    at: &'a [Row; 2],
    losses: &'a mut Row,
    gradients: &'a mut [Row; 2],
}

impl WithSimd for Evaluation<'_, '_> {
    /// Whether all is finite.
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> bool {
        let Evaluation {
            lanes,
            at,
            losses,
            gradients,
        } = self;
        let odd = &mut *lanes.odd;
        *odd = [0.0; LANES];
        let stack = &mut lanes.stack[..];
        let mut depth = 0;
        let mut instructions = lanes.formula.program.code().iter().peekable();
        while let Some(instruction) = instructions.next() {
            match *instruction {
                Instruction::Number(number) => {
                    let by_number = match instructions.peek() {
                        Some(Instruction::Binary(function)) if depth > 0 => {
                            stack[depth - 1].with_number(*function, number)
                        }
                        _ => false,
                    };
                    if by_number {
                        instructions.next();
                    } else {
                        stack[depth].set(&[number; LANES], [Slope::Zero; 2]);
                        depth += 1;
                    }
                }
                Instruction::Variable(axis) => {
                    let along = |k| if k == axis { Slope::One } else { Slope::Zero };
                    stack[depth].set(&at[axis], [along(0), along(1)]);
                    depth += 1;
                }
                Instruction::Unary(function) => stack[depth - 1].unary(function, odd),
                Instruction::Binary(function) => {
                    depth -= 1;
                    let (before, after) = stack.split_at_mut(depth);
                    before[depth - 1].binary(&mut after[0], function, odd);
                }
            }
        }
        let result = &mut stack[0];
        result.make_any();
        let [slopes_x, slopes_y] = &result.slopes;
        let [gradients_x, gradients_y] = gradients;
        let mut odd_lanes = 0;
        for lane in 0..LANES {
            let (loss, x, y) = (result.value[lane], slopes_x[lane], slopes_y[lane]);
            losses[lane] = loss;
            (gradients_x[lane], gradients_y[lane]) = (x, y);
            // Overflow on the way looks odd, too, which costs no more than time.
            let all = loss + (x + y) + (at[0][lane] + at[1][lane]);
            odd[lane] += all * 0.0;
            // NaN is not 0 either.
            odd_lanes += u64::from(odd[lane] != 0.0);
        }
        odd_lanes == 0
    }
}

#[cfg(test)]
mod tests;
