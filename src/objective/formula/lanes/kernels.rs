//! What the instructions of a tape do with rows: loops without branches, which compilers spread over the lanes of vectors.

use num_dual::HyperDual64;

use super::super::program::{Binary, Unary};
use super::tape::{Ring, Shape};
use super::{LANES, Row};

/// Makes a row of four others, number by number; what is not used is not read.
#[inline(always)]
fn fill(out: &mut Row, [a, b, c, d]: [&Row; 4], f: impl Fn(f64, f64, f64, f64) -> f64) {
    for lane in 0..LANES {
        out[lane] = f(a[lane], b[lane], c[lane], d[lane]);
    }
}

/// Something done with one of the four functions, which is known then while it is compiled.
macro_rules! by {
    ($ring:expr, $f:ident, $what:expr) => {
        match $ring {
            Ring::Add => {
                let $f = |a: f64, b: f64| a + b;
                $what
            }
            Ring::Subtract => {
                let $f = |a: f64, b: f64| a - b;
                $what
            }
            Ring::SubtractFrom => {
                let $f = |a: f64, b: f64| b - a;
                $what
            }
            Ring::Multiply => {
                let $f = |a: f64, b: f64| a * b;
                $what
            }
        }
    };
}

/// Sums, differences and products.
#[inline(always)]
pub(super) fn ring(out: &mut Row, shape: Shape, from: [&Row; 4]) {
    match shape {
        Shape::One(f) => by!(f, f, fill(out, from, |a, b, _, _| f(a, b))),
        Shape::Two(f, g) => by!(f, f, by!(g, g, fill(out, from, |a, b, c, _| g(f(a, b), c)))),
        Shape::Chain(f, g, h) => by!(
            f,
            f,
            by!(
                g,
                g,
                by!(h, h, fill(out, from, |a, b, c, d| h(g(f(a, b), c), d)))
            )
        ),
        Shape::Tree(f, g, h) => by!(
            f,
            f,
            by!(
                g,
                g,
                by!(h, h, fill(out, from, |a, b, c, d| h(f(a, b), g(c, d))))
            )
        ),
    }
}

#[inline(always)]
pub(super) fn divide(out: &mut Row, a: &Row, b: &Row) {
    for lane in 0..LANES {
        out[lane] = a[lane] / b[lane];
    }
}

/// A function's value and its derivative.
#[inline(always)]
pub(super) fn unary(out: &mut [Row], function: Unary, x: &Row) {
    let [value, derivative, ..] = out else {
        return;
    };
    one_by_one([value, derivative], function, x)
}

/// Lane by lane, over dual numbers.
#[inline(never)]
fn one_by_one([value, derivative]: [&mut Row; 2], function: Unary, x: &Row) {
    for lane in 0..LANES {
        let result = function.apply(HyperDual64::new(x[lane], 1.0, 0.0, 0.0));
        (value[lane], derivative[lane]) = (result.re, result.eps1);
    }
}

/// The value and both slopes of a function of two numbers, each with its slopes.
#[inline(never)]
pub(super) fn binary(out: &mut [Row], function: Binary, from: [&Row; 6]) {
    let [value, x, y, ..] = out else {
        return;
    };
    for lane in 0..LANES {
        let [a, ax, ay, b, bx, by] = from.map(|row| row[lane]);
        let dual = |value, x, y| HyperDual64::new(value, x, y, 0.0);
        let result = function.apply(dual(a, ax, ay), dual(b, bx, by));
        (value[lane], x[lane], y[lane]) = (result.re, result.eps1, result.eps2);
    }
}

#[inline(always)]
pub(super) fn copy(out: &mut Row, from: &Row) {
    for lane in 0..LANES {
        out[lane] = from[lane];
    }
}

/// What is not finite leaves its mark in `odd`.
#[inline(always)]
pub(super) fn look(odd: &mut Row, [loss, x, y]: [&Row; 3]) {
    for lane in 0..LANES {
        // Overflow on the way looks odd, too, which costs no more than time.
        odd[lane] = (loss[lane] + (x[lane] + y[lane])) * 0.0;
    }
}

/// A number that is not finite leaves its mark.
#[inline(always)]
pub(super) fn mark(odd: &mut Row, numbers: &Row) {
    for (odd, number) in odd.iter_mut().zip(&**numbers) {
        *odd += number * 0.0;
    }
}

#[inline(always)]
pub(super) fn are_all_zero(row: &Row) -> bool {
    // NaN is not 0 either.
    let others: u64 = row.iter().map(|number| u64::from(*number != 0.0)).sum();
    others == 0
}
