//! Tests of the grammar, its errors, and the derivatives.

mod constants;
mod written;

use super::*;
use proptest::prelude::*;

/// The value of a formula at x = 3, y = 5.
fn value(text: &str) -> f64 {
    match Formula::parse(text) {
        Ok(formula) => formula.value(&[3.0, 5.0]),
        Err(error) => panic!("{text}: {error}"),
    }
}

fn error(text: &str) -> FormulaError {
    match Formula::parse(text) {
        Ok(formula) => panic!("{text} was read as {formula:?}"),
        Err(error) => error,
    }
}

/// The value, first and second derivative of a formula in x.
fn derivatives(text: &str, x: f64) -> [f64; 3] {
    let formula = Formula::parse(text).expect(text);
    let (mut first, mut second) = ([0.0], [0.0]);
    let value = formula.gradient(&[x], &mut first);
    formula.hessian(&[x], &mut second);
    let plain = formula.value(&[x]);
    assert!(
        value == plain || (value.is_nan() && plain.is_nan()),
        "{text} at {x}"
    );
    [value, first[0], second[0]]
}

#[test]
fn the_conventions_of_mathematics_hold() {
    for (text, expected) in [
        ("-x^2", -9.0),
        ("(-x)^2", 9.0),
        ("2^3^2", 512.0),
        ("(2^3)^2", 64.0),
        ("2^-1", 0.5),
        ("2^-x^2", 2f64.powi(-9)),
        ("x*-3", -9.0),
        ("x - -3", 6.0),
        ("x--3", 6.0),
        ("-+-x", 3.0),
        ("-2^2", -4.0),
        ("1 - 2 - 3", -4.0),
        ("8/4/2", 1.0),
        ("8/4*2", 4.0),
        ("1 + 2*3^2", 19.0),
        ("x**2", 9.0),
        ("2^3*x", 24.0),
        ("-x*y", -15.0),
        ("x - 1 + y", 7.0),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn standing_side_by_side_multiplies() {
    for (text, expected) in [
        ("2x", 6.0),
        ("x y", 15.0),
        ("2(x + 1)", 8.0),
        ("(x + 1)(y - 1)", 16.0),
        ("x(y + 1)", 18.0),
        ("3 sqrt(4)", 6.0),
        ("2x^2", 18.0),
        ("-2x", -6.0),
        ("2^3x", 24.0),
        ("4x/2", 6.0),
        ("1/2*x", 1.5),
        ("1/(2x)", 1.0 / 6.0),
        ("x 2^2", f64::NAN),
        ("1 + 2x y", 31.0),
    ] {
        if expected.is_nan() {
            assert!(Formula::parse(text).is_err(), "{text}");
        } else {
            assert_eq!(value(text), expected, "{text}");
        }
    }
}

#[test]
fn numbers_names_and_signs_are_read_as_they_are_written() {
    use std::f64::consts::{E, PI, TAU};
    for (text, expected) in [
        ("1.5", 1.5),
        (".5", 0.5),
        ("2.", 2.0),
        ("1e3", 1000.0),
        ("1.5E-3", 0.0015),
        ("2e", 2.0 * E),
        ("2e+3", 2000.0),
        ("2e + 3", 2.0 * E + 3.0),
        ("pi", PI),
        ("2πx", 6.0 * PI),
        ("xπ", 3.0 * PI),
        ("tau", TAU),
        ("x × y · 2 − 1", 29.0),
        ("6 ÷ x", 2.0),
        (" x\n+\ty ", 8.0),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn every_function_has_its_value() {
    for (text, expected) in [
        ("sin(x)", 3f64.sin()),
        ("cos(x)", 3f64.cos()),
        ("tan(x)", 3f64.tan()),
        ("asin(x/5)", 0.6f64.asin()),
        ("acos(x/5)", 0.6f64.acos()),
        ("atan(x)", 3f64.atan()),
        ("sinh(x)", 3f64.sinh()),
        ("cosh(x)", 3f64.cosh()),
        ("tanh(x)", 3f64.tanh()),
        ("exp(x)", 3f64.exp()),
        ("ln(x)", 3f64.ln()),
        ("log(x)", 3f64.ln()),
        ("log10(x)", 3f64.log10()),
        ("log2(x)", 3f64.log2()),
        ("log1p(x)", 3f64.ln_1p()),
        ("sqrt(x)", 3f64.sqrt()),
        ("cbrt(-x)", -(3f64.cbrt())),
        ("abs(-x)", 3.0),
        ("sign(-x) + sign(0) + 2 sign(x)", 1.0),
        ("min(x, y)", 3.0),
        ("max(x, y)", 5.0),
        ("pow(x, 2)", 9.0),
        ("x^y", 3f64.powf(5.0)),
        ("x^0.5", 3f64.powf(0.5)),
        ("hypot(x, 4)", 5.0),
        ("atan2(y, x)", 5f64.atan2(3.0)),
    ] {
        let close = (value(text) - expected).abs() <= 1e-15 * expected.abs();
        assert!(close, "{text}: {} instead of {expected}", value(text));
    }
}

#[test]
fn errors_point_at_their_column() {
    for (text, column, words) in [
        ("", 1, "empty"),
        ("   ", 1, "empty"),
        ("x^2 + z", 7, "only x and y"),
        ("x + t*y", 5, "only x and y"),
        ("2 * sine(x)", 5, "did you mean `sin`"),
        ("Exp(x)", 1, "did you mean `exp`"),
        ("X^2", 1, "did you mean `x`"),
        ("1 + xy", 5, "write x*y"),
        ("x + theta", 5, "unknown name `theta`"),
        ("2*(x + 1", 3, "never closed"),
        ("(1 - x)^2 + 100*((y - x^2)^2", 17, "never closed"),
        ("x + 1)", 6, "never opened"),
        ("x +", 4, "breaks off"),
        ("x + * y", 5, "found `*`"),
        ("()", 2, "found `)`"),
        ("sin x", 1, "needs its argument in brackets"),
        ("sin^2(x)", 1, "stands behind its argument"),
        ("sin()", 5, "found `)`"),
        ("1 + atan2(x)", 5, "takes 2 arguments, not 1"),
        ("sin(x, y)", 1, "takes 1 argument, not 2"),
        ("min(x, y, 1)", 1, "takes 2 arguments, not 3"),
        ("(x, y)", 1, "comma"),
        ("x, y", 2, "comma"),
        ("x $ y", 3, "found `$`"),
        ("x 2", 3, "write *"),
        ("(x)2", 4, "write *"),
        ("1.2.3", 4, "write *"),
        (".", 1, "no number"),
        ("1e999", 1, "too large"),
        ("1/2x", 4, "unclear after a division"),
        ("1/2(x)", 4, "unclear after a division"),
        ("x = y", 3, "found `=`"),
        ("x ≈ y", 3, "found `≈`"),
        ("π·z", 3, "only x and y"),
    ] {
        let error = error(text);
        assert_eq!(error.column, column, "{text}: {error}");
        assert!(error.message.contains(words), "{text}: {error}");
        assert_eq!(
            error.to_string(),
            format!("column {column}: {}", error.message)
        );
    }
}

#[test]
fn the_pointer_stands_under_the_fault() {
    let text = "π·z + 1";
    assert_eq!(error(text).pointer(text), "π·z + 1\n  ^");
    let text = "x +\n  2 q + 1";
    assert_eq!(error(text).pointer(text), "  2 q + 1\n    ^");
    let text = "x +";
    assert_eq!(error(text).pointer(text), "x +\n   ^");
    assert_eq!(error("").pointer(""), "\n^");
}

#[test]
fn no_text_overflows_the_stack() {
    let texts = [
        "(".repeat(100_000),
        "(".repeat(9_000),
        "-".repeat(9_000),
        format!("{}x", "-".repeat(9_000)),
        format!("{}x{}", "(".repeat(4_000), ")".repeat(4_000)),
        format!("2{}", "^2".repeat(4_000)),
        format!("x{}", "^-x".repeat(3_000)),
        format!("x{}", "+x".repeat(4_900)),
        format!("x{}", " x".repeat(4_900)),
        "sin(".repeat(2_000),
        "min(x,".repeat(1_600),
    ];
    // Half of what a thread of the standard library gets.
    let reading = std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(move || texts.map(|text| Formula::parse(&text).map(|f| f.value(&[1.0])).ok()));
    let read = reading.expect("a thread").join().expect("no overflow");
    assert_eq!(
        read.map(|value| value.map(f64::abs)),
        [
            None,
            None,
            None,
            Some(1.0),
            None,
            None,
            None,
            Some(4901.0),
            Some(1.0),
            None,
            None
        ]
    );
}

#[test]
fn depth_is_counted_down_again() {
    assert_eq!(value(&["(x)"; 150].join("+")), 450.0);
    assert_eq!(value(&["x^2"; 150].join("+")), 1350.0);
    assert_eq!(
        value(&format!("{}x{}", "(".repeat(99), ")".repeat(99))),
        3.0
    );
    // a stack deeper than the small one
    let deep = format!("{}x{}", "1+2*(".repeat(40), ")".repeat(40));
    assert_eq!(value(&deep), 4.0 * 2f64.powi(40) - 1.0);
}

#[test]
fn the_dimension_follows_from_y() {
    let parse = |text| Formula::parse(text).expect("a formula");
    assert_eq!(parse("x^2").dim(), 1);
    assert_eq!(parse("3").dim(), 1);
    assert_eq!(parse("y").dim(), 2);
    assert_eq!(parse("x + 0*y").dim(), 2);
    let bowl = parse("x^2").with_dim(2).expect("a surface");
    let mut gradient = [f64::NAN; 2];
    let mut hessian = [f64::NAN; 4];
    assert_eq!(bowl.gradient(&[3.0, 7.0], &mut gradient), 9.0);
    bowl.hessian(&[3.0, 7.0], &mut hessian);
    assert_eq!(gradient, [6.0, 0.0]);
    assert_eq!(hessian, [2.0, 0.0, 0.0, 0.0]);
    assert_ne!(bowl, parse("x^2"));
    assert_eq!(parse("1 + y").with_dim(1).expect_err("y").column, 5);
    assert!(parse("x").with_dim(3).is_err());
}

#[test]
fn whole_powers_serve_negative_bases_and_zero() {
    assert_eq!(derivatives("x^2", -3.0), [9.0, -6.0, 2.0]);
    assert_eq!(derivatives("x^3", -2.0), [-8.0, 12.0, -12.0]);
    assert_eq!(derivatives("x^4", 0.0), [0.0, 0.0, 0.0]);
    assert_eq!(derivatives("x^3", 0.0), [0.0, 0.0, 0.0]);
    assert_eq!(derivatives("x^2", 0.0), [0.0, 0.0, 2.0]);
    assert_eq!(derivatives("x^1", 0.0), [0.0, 1.0, 0.0]);
    assert_eq!(derivatives("x^0", 0.0), [1.0, 0.0, 0.0]);
    assert_eq!(derivatives("x^-1", -2.0), [-0.5, -0.25, -0.25]);
    assert_eq!(derivatives("x^(1 + 1)", -3.0), [9.0, -6.0, 2.0]);
    assert_eq!(derivatives("pow(x, 2)", -3.0), [9.0, -6.0, 2.0]);
}

#[test]
fn other_powers_are_for_positive_bases() {
    assert_eq!(derivatives("x^1.5", 4.0), [8.0, 3.0, 0.375]);
    // at 0 only the second derivative is infinite
    assert_eq!(derivatives("x^1.5", 0.0), [0.0, 0.0, f64::INFINITY]);
    assert!(derivatives("x^0.5", -1.0).iter().all(|d| d.is_nan()));
    assert!(derivatives("(-2)^x", 1.0).iter().all(|d| d.is_nan()));
    let ln = 2f64.ln();
    for (derivative, expected) in derivatives("2^x", 3.0)
        .iter()
        .zip([8.0, 8.0 * ln, 8.0 * ln * ln])
    {
        assert!((derivative - expected).abs() < 1e-14);
    }
}

#[test]
fn roots_are_infinitely_steep_at_0() {
    let infinity = f64::INFINITY;
    assert_eq!(derivatives("sqrt(x)", 4.0), [2.0, 0.25, -0.03125]);
    assert_eq!(derivatives("cbrt(x)", -8.0)[..2], [-2.0, 1.0 / 12.0]);
    assert_eq!(derivatives("sqrt(x)", 0.0)[..2], [0.0, infinity]);
    assert_eq!(derivatives("cbrt(x)", 0.0)[..2], [0.0, infinity]);
}

#[test]
fn kinks_have_the_middle_slope() {
    assert_eq!(derivatives("abs(x)", 0.0), [0.0, 0.0, 0.0]);
    assert_eq!(derivatives("abs(x)", -2.0), [2.0, -1.0, 0.0]);
    assert_eq!(derivatives("sign(x)", -2.0), [-1.0, 0.0, 0.0]);
    assert_eq!(derivatives("sign(x)", 0.0), [0.0, 0.0, 0.0]);
    assert_eq!(derivatives("max(x, 2x)", 0.0), [0.0, 1.5, 0.0]);
    assert_eq!(derivatives("max(x, x^2)", 2.0), [4.0, 4.0, 2.0]);
    assert_eq!(derivatives("min(x, x^2)", 2.0), [2.0, 1.0, 0.0]);
    assert!(derivatives("max(x, ln(x))", -1.0)[0].is_nan());
}

#[test]
fn saturated_functions_stay_finite() {
    assert_eq!(derivatives("tanh(x)", 800.0), [1.0, 0.0, 0.0]);
    assert_eq!(derivatives("atan2(x, 0)", 2.0)[1..], [0.0, 0.0]);
    assert_eq!(derivatives("1/(1 + x^2)", 1e200)[..2], [0.0, 0.0]);
    assert_eq!(
        derivatives("hypot(x, 1e200)", 1e200)[0],
        2f64.sqrt() * 1e200
    );
}

#[test]
fn a_missing_derivative_is_not_a_number() {
    let cone = Formula::parse("sqrt(x^2 + y^2)").expect("a formula");
    let mut gradient = [0.0; 2];
    assert_eq!(cone.gradient(&[0.0, 0.0], &mut gradient), 0.0);
    assert!(gradient.iter().all(|g| g.is_nan()));
    // nor is one where there is no loss
    assert!(derivatives("ln(x)", -1.0).iter().all(|d| d.is_nan()));
}

#[test]
fn mixed_derivatives_are_exact() {
    // x² y³ at (2, 3)
    let formula = Formula::parse("x^2 y^3").expect("a formula");
    let (mut gradient, mut hessian) = ([0.0; 2], [0.0; 4]);
    assert_eq!(formula.gradient(&[2.0, 3.0], &mut gradient), 108.0);
    formula.hessian(&[2.0, 3.0], &mut hessian);
    assert_eq!(gradient, [108.0, 108.0]);
    assert_eq!(hessian, [54.0, 108.0, 108.0, 72.0]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_formula_or_an_error_in_its_place(
        text in "([-+*/^(),. xyzé×π−–|√²₁=<a0-9\t\n]|sin|max|mod|pi|e|e5|x\\^2){0,30}|\\PC{0,20}",
    ) {
        match Formula::parse(&text) {
            Ok(formula) => {
                let mut gradient = [0.0; 2];
                let value = formula.gradient(&[0.7, -1.3], &mut gradient);
                let plain = formula.value(&[0.7, -1.3]);
                prop_assert!(value == plain || (value.is_nan() && plain.is_nan()));
            }
            Err(error) => {
                prop_assert!((1..=text.chars().count() + 1).contains(&error.column));
                prop_assert!(!error.message.is_empty(), "{}", error);
                prop_assert!(error.pointer(&text).ends_with('^'));
            }
        }
    }
}
