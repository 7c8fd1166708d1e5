//! Lanes against one point after the other.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::*;
use crate::experiment::entries;

/// Of a formula at some thousand points, near 0 and far off, whole numbers and special ones among them.
fn compare(text: &str) {
    let formula = Formula::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut rng = Pcg64::seed_from_u64(7);
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        f64::INFINITY,
        f64::NAN,
        1e300,
        -1e200,
        1e-300,
    ];
    let mut number = || match rng.random_range(0..8) {
        0 => special[rng.random_range(0..special.len())],
        1 => rng.random_range(-6i32..7).into(),
        2 => rng.random_range(-700.0..900.0),
        _ => rng.random_range(-4.0..4.0),
    };
    for arch in [Arch::new(), Arch::Scalar] {
        let compiled = formula.compiled();
        let mut lanes = compiled.lanes(arch);
        for _ in 0..20 {
            let at = [0, 1].map(|_| Row::from_fn(|_| number()));
            lanes.evaluate(&at);
            let (losses, gradients) = (lanes.losses(), lanes.gradients());
            for lane in 0..LANES {
                let (w, mut g) = ([at[0][lane], at[1][lane]], [0.0; 2]);
                let dim = formula.dim();
                let loss = formula.gradient(&w[..dim], &mut g[..dim]);
                let found = [losses[lane], gradients[0][lane], gradients[1][lane]];
                let expected = [loss, g[0], g[1]];
                for (found, expected) in found.into_iter().zip(expected).take(1 + dim) {
                    // The sign of 0 makes no difference to anything.
                    let same = found == expected || (found.is_nan() && expected.is_nan());
                    assert!(same, "{text} at {w:?}: {found:?} instead of {expected:?}");
                }
            }
        }
    }
}

#[test]
fn every_named_objective_has_the_same_numbers_in_lanes() {
    let formulas: Vec<&str> = entries().filter_map(|named| named.formula).collect();
    assert!(formulas.len() > 10);
    formulas.into_iter().for_each(compare);
}

#[test]
fn every_function_and_every_kind_of_slope_has_the_same_numbers_in_lanes() {
    for text in [
        "x",
        "3 + 0x",
        "x y",
        "y x",
        "x x",
        "2x - 3y",
        "3 - x",
        "-x - y",
        "x/y",
        "1/x",
        "y/3",
        "x/(x^2 + 1)",
        "3/(y - x)",
        "x^3 y^2",
        "(x + 1)(x - 1)",
        "(x y)(2 + x)",
        "x (x y)",
        "(x + y)/(x - y)",
        "x^-2",
        "x^0.5",
        "x^y",
        "2^x",
        "x^1",
        "x^3",
        "x^7 + y^-3 + x^-1",
        "x^12 - x^11",
        "x^0",
        "sin(x) cos(y)",
        "tan(x y)",
        "log(x, y)",
        "min(0/x, exp(y))",
        "exp(x) - exp(-y^2)",
        "1/(1 + exp(-x))",
        "exp(exp(x))",
        "atan(1/x)",
        "tanh(x^3)",
        "ln(x) + ln(y^2)",
        "sqrt(x) + cbrt(y)",
        "abs(x - y)",
        "sign(x) y",
        "floor(x) + y",
        "min(x, y) max(x, 2)",
        "mod(x, 2) + y",
        "hypot(x, y)",
        "atan2(y, x)",
        "erf(x) sigmoid(y)",
        "relu(x) softplus(y)",
        "log10(x^2 + 1)",
        "asinh(x) + acosh(y)",
        "sin(x)/x",
        "0 x + y",
        "x - x",
        "(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    ] {
        compare(text);
    }
}
