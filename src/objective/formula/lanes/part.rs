//! A part of a formula in every lane, and what functions make of it.

use num_dual::HyperDual64;

use super::super::program::{Binary, Unary};
use super::{LANES, Row};

/// What is known of a slope before anything is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slope {
    Zero,
    One,
    Any,
}

/// A part of a formula in every lane: its values, and its slopes along x and y where they are [`Slope::Any`].
#[derive(Clone)]
pub(super) struct Part {
    pub(super) value: Row,
    pub(super) slopes: [Row; 2],
    known: [Slope; 2],
}

impl Default for Part {
    fn default() -> Part {
        Part {
            value: [0.0; LANES],
            slopes: [[0.0; LANES]; 2],
            known: [Slope::Zero; 2],
        }
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
    pub(super) fn set(&mut self, value: &Row, known: [Slope; 2]) {
        self.value = *value;
        self.known = known;
    }

    /// Writes out slopes that are known.
    #[inline(always)]
    pub(super) fn make_any(&mut self) {
        for (slope, known) in self.slopes.iter_mut().zip(&mut self.known) {
            match known {
                Slope::Zero => *slope = [0.0; LANES],
                Slope::One => *slope = [1.0; LANES],
                Slope::Any => {}
            }
            *known = Slope::Any;
        }
    }

    /// Every slope times `f1` of the value, the slope of a function of this part.
    #[inline(always)]
    fn chain(&mut self, f1: impl Fn(f64) -> f64) {
        for (slope, known) in self.slopes.iter_mut().zip(&mut self.known) {
            match known {
                Slope::Zero => {}
                Slope::One => {
                    each(slope, &self.value, |_, x| f1(x));
                    *known = Slope::Any;
                }
                Slope::Any => each(slope, &self.value, |d, x| d * f1(x)),
            }
        }
    }

    #[inline(always)]
    fn turn_into(&mut self, f: impl Fn(f64) -> f64) {
        self.value.iter_mut().for_each(|x| *x = f(*x));
    }

    /// A function of this part and a number; false where it is done as any other.
    #[inline(always)]
    pub(super) fn with_number(&mut self, function: Binary, number: f64) -> bool {
        match function {
            Binary::Add => self.turn_into(|x| x + number),
            Binary::Subtract => self.turn_into(|x| x - number),
            Binary::Multiply if number.is_finite() => {
                self.chain(|_| number);
                self.turn_into(|x| x * number);
            }
            Binary::Divide if number.is_finite() && number != 0.0 => {
                self.turn_into(|x| x / number);
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
    pub(super) fn unary(&mut self, function: Unary, odd: &mut Row) {
        match function {
            Unary::Negate => {
                self.chain(|_| -1.0);
                self.turn_into(|x| -x);
            }
            Unary::WholePower(1) => {}
            Unary::WholePower(2) => {
                self.chain(|x| x + x);
                self.turn_into(|x| x * x);
            }
            Unary::WholePower(n) if n > 2 => {
                let p = f64::from(n);
                self.chain(|x| p * power(x, n - 1));
                self.turn_into(|x| power(x, n));
            }
            Unary::Sin => self.turn_by(f64::sin, f64::cos),
            Unary::Cos => self.turn_by(f64::cos, |x| -x.sin()),
            Unary::Exp => {
                mark(odd, &self.value);
                self.turn_into(f64::exp);
                // Where it has come to rest, what is steep is no matter.
                mark(odd, &self.value);
                self.chain(|value| value);
            }
            function => self.unary_by_itself(function, odd),
        }
    }

    /// A function whose slope takes its time: worked out once for both slopes.
    #[inline(always)]
    fn turn_by(&mut self, f: impl Fn(f64) -> f64, f1: impl Fn(f64) -> f64) {
        let x = self.value;
        self.turn_into(f1);
        self.chain(|slope| slope);
        self.value = x;
        self.turn_into(f);
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
    pub(super) fn binary(&mut self, other: &mut Part, function: Binary, odd: &mut Row) {
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
pub(super) fn power(x: f64, n: i32) -> f64 {
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
