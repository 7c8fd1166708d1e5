//! A formula's loss and gradient at many points at once: the arithmetic of dual numbers, spread over the lanes of vectors.
//!
//! Every number is rounded as [`Formula::gradient`](super::super::Objective::gradient) rounds it, slope by slope, so results are
//! equal to the last bit. Slopes that are 0 or 1 by construction are left out. What dual numbers make of infinities is not done in
//! lanes: where something on the way is not finite, that point is worked out by itself.

use num_dual::HyperDual64;
use pulp::{Arch, Simd, WithSimd};

use super::Formula;
use super::program::{Binary, Instruction, Unary};
use crate::objective::Objective;

/// Points at a time: so many that what an instruction takes to be read counts little, so few that all stay in the nearest
/// cache.
pub const LANES: usize = 64;

/// One number a lane.
pub type Row = [f64; LANES];

/// What is known of a slope before anything is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slope {
    Zero,
    One,
    Any,
}

/// A part of a formula in every lane: its values, and its slopes along x and y where they are [`Slope::Any`].
#[derive(Clone)]
struct Part {
    value: Row,
    slopes: [Row; 2],
    known: [Slope; 2],
}

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
        let part = Part {
            value: [0.0; LANES],
            slopes: [[0.0; LANES]; 2],
            known: [Slope::Zero; 2],
        };
        LaneFormula {
            formula: self,
            arch,
            stack: vec![part; self.program.stack().max(1)],
            odd: Box::new([0.0; LANES]),
        }
    }
}

impl LaneFormula<'_> {
    /// Writes the losses at the points `at` and the gradients there: those of [`Formula::gradient`] to the last bit. A curve
    /// has no second coordinate. False where something is not finite.
    pub fn gradient(&mut self, at: &[Row; 2], losses: &mut Row, gradients: &mut [Row; 2]) -> bool {
        let arch = self.arch;
        arch.dispatch(Evaluation {
            lanes: self,
            at,
            losses,
            gradients,
        });
        if self.odd.iter().all(|odd| *odd == 0.0) {
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
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
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
        *losses = result.value;
        *gradients = result.slopes;
        for lane in 0..LANES {
            // Overflow on the way looks odd, too, which costs no more than time.
            let all = losses[lane] + (gradients[0][lane] + gradients[1][lane]);
            let all = all + (at[0][lane] + at[1][lane]);
            odd[lane] += all * 0.0;
        }
        // NaN is not 0 either.
    }
}

/// a of every lane becomes f(a, b).
#[inline(always)]
fn each(a: &mut Row, b: &Row, f: impl Fn(f64, f64) -> f64) {
    for (a, b) in a.iter_mut().zip(b) {
        *a = f(*a, *b);
    }
}

/// A number that is not finite leaves its mark.
#[inline(always)]
fn mark(odd: &mut Row, numbers: &Row) {
    each(odd, numbers, |odd, number| odd + number * 0.0);
}

impl Part {
    #[inline(always)]
    fn set(&mut self, value: &Row, known: [Slope; 2]) {
        self.value = *value;
        self.known = known;
    }

    /// Writes out slopes that are known.
    #[inline(always)]
    fn make_any(&mut self) {
        for (slope, known) in self.slopes.iter_mut().zip(&mut self.known) {
            match known {
                Slope::Zero => *slope = [0.0; LANES],
                Slope::One => *slope = [1.0; LANES],
                Slope::Any => {}
            }
            *known = Slope::Any;
        }
    }

    /// Every slope times `f1`, the slope of a function of this part.
    #[inline(always)]
    fn chain(&mut self, f1: &Row) {
        for (slope, known) in self.slopes.iter_mut().zip(&mut self.known) {
            match known {
                Slope::Zero => {}
                Slope::One => {
                    *slope = *f1;
                    *known = Slope::Any;
                }
                Slope::Any => each(slope, f1, |d, f1| d * f1),
            }
        }
    }

    #[inline(always)]
    fn times(&mut self, number: f64) {
        self.chain(&[number; LANES]);
        self.value.iter_mut().for_each(|x| *x *= number);
    }

    /// A function of this part and a number; false where it is done as any other.
    #[inline(always)]
    fn with_number(&mut self, function: Binary, number: f64) -> bool {
        match function {
            Binary::Add => self.value.iter_mut().for_each(|x| *x += number),
            Binary::Subtract => self.value.iter_mut().for_each(|x| *x -= number),
            Binary::Multiply if number.is_finite() => self.times(number),
            Binary::Divide if number.is_finite() && number != 0.0 => {
                self.value.iter_mut().for_each(|x| *x /= number);
                self.make_any_but_zero();
                for (slope, known) in self.slopes.iter_mut().zip(&self.known) {
                    if *known == Slope::Any {
                        slope.iter_mut().for_each(|d| *d /= number);
                    }
                }
            }
            _ => return false,
        }
        true
    }

    #[inline(always)]
    fn make_any_but_zero(&mut self) {
        for (slope, known) in self.slopes.iter_mut().zip(&mut self.known) {
            if *known == Slope::One {
                *slope = [1.0; LANES];
                *known = Slope::Any;
            }
        }
    }

    #[inline(always)]
    fn unary(&mut self, function: Unary, odd: &mut Row) {
        let x = self.value;
        let mut f1 = [0.0; LANES];
        match function {
            Unary::Negate => {
                self.value.iter_mut().for_each(|x| *x = -*x);
                self.chain(&[-1.0; LANES]);
            }
            Unary::WholePower(1) => {}
            Unary::WholePower(2) => {
                each(&mut f1, &x, |_, x| x + x);
                self.chain(&f1);
                self.value.iter_mut().for_each(|x| *x *= *x);
            }
            Unary::WholePower(n) if n > 2 => {
                let p = f64::from(n);
                each(&mut f1, &x, |_, x| p * power(x, n - 1));
                self.chain(&f1);
                self.value.iter_mut().for_each(|x| *x = power(*x, n));
            }
            Unary::Sin => {
                each(&mut f1, &x, |_, x| x.cos());
                self.chain(&f1);
                self.value.iter_mut().for_each(|x| *x = x.sin());
            }
            Unary::Cos => {
                each(&mut f1, &x, |_, x| -x.sin());
                self.chain(&f1);
                self.value.iter_mut().for_each(|x| *x = x.cos());
            }
            Unary::Exp => {
                mark(odd, &x);
                each(&mut f1, &x, |_, x| x.exp());
                // Where it has come to rest, what is steep is no matter.
                mark(odd, &f1);
                self.value = f1;
                self.chain(&f1);
            }
            function => self.unary_by_itself(function, odd),
        }
    }

    /// Lane by lane, over dual numbers.
    #[inline(never)]
    fn unary_by_itself(&mut self, function: Unary, odd: &mut Row) {
        mark(odd, &self.value);
        self.make_any();
        for lane in 0..LANES {
            self.put(lane, function.apply(self.dual(lane)));
        }
    }

    #[inline(never)]
    fn binary_by_itself(&mut self, other: &mut Part, function: Binary, odd: &mut Row) {
        mark(odd, &self.value);
        mark(odd, &other.value);
        self.make_any();
        other.make_any();
        for lane in 0..LANES {
            self.put(lane, function.apply(self.dual(lane), other.dual(lane)));
        }
    }

    fn dual(&self, lane: usize) -> HyperDual64 {
        let [x, y] = [0, 1].map(|axis: usize| self.slopes[axis][lane]);
        HyperDual64::new(self.value[lane], x, y, 0.0)
    }

    fn put(&mut self, lane: usize, number: HyperDual64) {
        self.value[lane] = number.re;
        (self.slopes[0][lane], self.slopes[1][lane]) = (number.eps1, number.eps2);
    }

    #[inline(always)]
    fn binary(&mut self, other: &mut Part, function: Binary, odd: &mut Row) {
        match function {
            Binary::Add => {
                self.combine(other, |a, b| a + b);
                each(&mut self.value, &other.value, |a, b| a + b);
            }
            Binary::Subtract => {
                self.combine(other, |a, b| a - b);
                each(&mut self.value, &other.value, |a, b| a - b);
            }
            Binary::Multiply => {
                self.product(other);
                each(&mut self.value, &other.value, |a, b| a * b);
            }
            Binary::Divide => {
                // A great divisor leaves nothing of what is not finite.
                mark(odd, &other.value);
                each(&mut self.value, &other.value, |a, b| a / b);
                self.quotient(other);
            }
            function => self.binary_by_itself(other, function, odd),
        }
    }

    /// Slopes of a sum or a difference.
    #[inline(always)]
    fn combine(&mut self, other: &mut Part, f: impl Fn(f64, f64) -> f64) {
        for axis in 0..2 {
            if other.known[axis] == Slope::Zero {
                continue;
            }
            if other.known[axis] == Slope::One {
                other.slopes[axis] = [1.0; LANES];
            }
            match self.known[axis] {
                Slope::Zero => self.slopes[axis] = [0.0; LANES],
                Slope::One => self.slopes[axis] = [1.0; LANES],
                Slope::Any => {}
            }
            self.known[axis] = Slope::Any;
            each(&mut self.slopes[axis], &other.slopes[axis], &f);
        }
    }

    /// Slopes of a product: b′ a + a′ b.
    #[inline(always)]
    fn product(&mut self, other: &Part) {
        let (a, b) = (&self.value, &other.value);
        for axis in 0..2 {
            let (slope, b1) = (&mut self.slopes[axis], &other.slopes[axis]);
            match (self.known[axis], other.known[axis]) {
                (Slope::Zero, Slope::Zero) => continue,
                (Slope::One, Slope::Zero) => *slope = *b,
                (Slope::Any, Slope::Zero) => each(slope, b, |a1, b| a1 * b),
                (Slope::Zero, Slope::One) => *slope = *a,
                (Slope::Zero, Slope::Any) => {
                    *slope = *a;
                    each(slope, b1, |a, b1| b1 * a);
                }
                (Slope::One, Slope::One) => {
                    *slope = *a;
                    each(slope, b, |a, b| a + b);
                }
                (Slope::Any, Slope::One) => {
                    each(slope, b, |a1, b| a1 * b);
                    each(slope, a, |product, a| a + product);
                }
                (Slope::One, Slope::Any) => {
                    *slope = *a;
                    each(slope, b1, |a, b1| b1 * a);
                    each(slope, b, |product, b| product + b);
                }
                (Slope::Any, Slope::Any) => {
                    for lane in 0..LANES {
                        slope[lane] = b1[lane] * a[lane] + slope[lane] * b[lane];
                    }
                }
            }
            self.known[axis] = Slope::Any;
        }
    }

    /// Slopes of the quotient q, which is there already: (a′ − q b′)/b.
    #[inline(always)]
    fn quotient(&mut self, other: &mut Part) {
        self.make_any_but_zero();
        other.make_any_but_zero();
        let (q, b) = (&self.value, &other.value);
        for axis in 0..2 {
            let (slope, b1) = (&mut self.slopes[axis], &other.slopes[axis]);
            match (self.known[axis], other.known[axis]) {
                (Slope::Zero, Slope::Zero) => {}
                (_, Slope::Zero) => each(slope, b, |a1, b| a1 / b),
                (known, _) => {
                    if known == Slope::Zero {
                        *slope = [0.0; LANES];
                    }
                    for lane in 0..LANES {
                        slope[lane] = (slope[lane] - q[lane] * b1[lane]) / b[lane];
                    }
                    self.known[axis] = Slope::Any;
                }
            }
        }
    }
}

/// xⁿ, n above 0, rounded as `powi` rounds it: by squaring.
#[inline(always)]
fn power(x: f64, n: i32) -> f64 {
    let (mut square, mut left, mut product) = (x, n, 1.0);
    loop {
        if left & 1 == 1 {
            product *= square;
        }
        left >>= 1;
        if left == 0 {
            return product;
        }
        square *= square;
    }
}

#[cfg(test)]
mod tests;
