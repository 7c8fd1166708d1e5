//! Formulas as people write them: raised digits, bars, roots, and the functions of machine learning.

use super::*;

#[test]
fn raised_digits_bars_and_roots_are_read() {
    for (text, expected) in [
        ("x²", 9.0),
        ("-x²", -9.0),
        ("2x³", 54.0),
        ("x⁻¹", 1.0 / 3.0),
        ("x¹⁰", 59_049.0),
        ("(x + 1)² y", 80.0),
        ("2^x²", 512.0),
        ("x²y²", 225.0),
        ("|x - y|", 2.0),
        ("2|x - y|", 4.0),
        ("|x - y||x - y|", 4.0),
        ("||x - y| - 5|", 3.0),
        ("|(|x| - y)|²", 4.0),
        ("-|-x|", -3.0),
        ("x|y|/5", 3.0),
        ("√(x + 1)", 2.0),
        ("√4x", 6.0),
        ("2√4", 4.0),
        ("(√(x + 1))²", 4.0),
        ("√((x + 1)²)", 4.0),
        ("½x² + ¼", 4.75),
        ("x^½ - √x", 0.0),
        ("x − 1 – y", -3.0),
        ("—x ‐ ‑y", 2.0),
        ("1e−1 + 2E–1 + 1e﹣1", 0.4),
        ("x⁻¹ y ∕ 5 ∗ 3", 1.0),
        ("|x| + y|x|", 18.0),
        ("|x|*y|x|", 45.0),
        ("|x|(y|x|)", 45.0),
        ("min(|x|, y|x|)", 3.0),
        ("mod(7, x) + mod(-7, x) + mod(7, -x)", 1.0),
        ("∛27 + ∛(-8)", 1.0),
        ("√|x - 12|", 3.0),
        ("2·x × y ÷ 3 − 1", 9.0),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn functions_of_machine_learning_have_their_values() {
    for (text, expected) in [
        ("floor(-2.5) + ceil(2.2) + round(2.5) + round(-2.5)", 0.0),
        ("log(8, 2) + log(1000, 10) + log(x^2, x)", 8.0),
        ("relu(x) + relu(-y)", 3.0),
        ("sigmoid(0)", 0.5),
        ("sigmoid(-1000) + softplus(-1000)", 0.0),
        ("sigmoid(1000) + softplus(1000)", 1001.0),
        // Abramowitz and Stegun, table 7.1.
        ("erf(0.5)", 0.520_499_877_813_046_5),
        ("erf(-2)", -0.995_322_265_018_952_7),
        ("arctan(1) - atan(1)", 0.0),
        ("atan2(0, 0)", 0.0),
        // Abramowitz and Stegun, tables 4.17 and 4.18, and what follows from them.
        ("asinh(1)", 0.881_373_587_019_543),
        ("arsinh(1e-9) - arcsinh(1e-9)", 0.0),
        ("asinh(1e200)", 461.210_165_779_369_1),
        ("acosh(2)", 1.316_957_896_924_816_6),
        ("arcosh(1 + 2^-40)", 1.348_699_152_348_506_8e-6),
        ("atanh(0.5)", 0.549_306_144_334_054_8),
        ("artanh(-0.5) + arctanh(0.5)", 0.0),
        ("mod(0.3, 0.1) - mod(0.3, -0.1) - 0.1", 0.0),
        ("mod(-1, 3) + mod(1, -3) + mod(6, 3) + mod(-6, 3)", 0.0),
    ] {
        let found = value(text);
        assert!(
            (found - expected).abs() < 1e-15 * expected.abs().max(1.0),
            "{text}: {found}"
        );
    }
}

#[test]
fn their_derivatives_are_exact() {
    for text in [
        "sigmoid(3x)",
        "softplus(2x)",
        "erf(x)",
        "log(x + 9, 3)",
        "log(7, x + 9)",
        "relu(x)^3",
        "floor(x) + x²",
        "|x|³",
        "√(x + 9)",
        "asinh(3x)",
        "acosh(x^2 + 1.5)",
        "atanh(x/5)",
        "mod(x^2, 3.5)",
        "mod(7, x + 9.1)",
        "atan(x^2)",
        "exp(-x)",
        "atan2(x, 2) + atan2(3, x^2)",
    ] {
        for x in [-3.3, -0.4, 0.7, 2.6] {
            let [_, first, second] = derivatives(text, x);
            let h = 1e-4;
            let [[_, before, _], [_, after, _]] = [x - h, x + h].map(|x| derivatives(text, x));
            let [low, high] = [x - h, x + h].map(|x| derivatives(text, x)[0]);
            let slope = (high - low) / (2.0 * h);
            let bend = (after - before) / (2.0 * h);
            assert!(
                (first - slope).abs() < 1e-6 * (1.0 + slope.abs()),
                "{text} at {x}"
            );
            assert!(
                (second - bend).abs() < 1e-5 * (1.0 + bend.abs()),
                "{text} at {x}"
            );
        }
    }
}

#[test]
fn where_a_loss_is_there_its_slope_is_too() {
    for (text, x, expected) in [
        ("pow(abs(x), 2 + 0*x)", 0.0, [0.0, 0.0]),
        ("pow(x, 3 + x - x)", 0.0, [0.0, 0.0]),
        ("atan2(x, x)", 0.0, [0.0, 0.0]),
        ("relu(x)", 0.0, [0.0, 0.5]),
        ("sigmoid(x)", 800.0, [1.0, 0.0]),
        ("softplus(x)", 800.0, [800.0, 1.0]),
        ("erf(x)", 1e200, [1.0, 0.0]),
        ("floor(x)", 2.0, [2.0, 0.0]),
        // Something on the way is too large for a number.
        ("1/(1 + exp(x))", 800.0, [0.0, 0.0]),
        ("1/(1 + exp(exp(x)))", 800.0, [0.0, 0.0]),
        ("1/(1 + x^100)", 1e5, [0.0, 0.0]),
        ("atan(x*1e300)", 1e10, [std::f64::consts::FRAC_PI_2, 0.0]),
        ("tanh(sinh(x))", -800.0, [-1.0, 0.0]),
        ("exp(-cosh(x))", 800.0, [0.0, 0.0]),
        ("(1 + exp(x))^(-x)", 800.0, [0.0, 0.0]),
        ("min(x, exp(x))", 800.0, [800.0, 1.0]),
        ("erf(exp(x)) + sigmoid(-exp(x))", 800.0, [1.0, 0.0]),
        // Something is too steep for a number, and what it leads to is at rest.
        ("exp(-1/x^2)", 1e-110, [0.0, 0.0]),
        ("tanh(1/x^2)", 1e-110, [1.0, 0.0]),
        ("asinh(x)", 1e200, [461.210_165_779_369_1, 1e-200]),
        ("asinh(x)", 0.0, [0.0, 1.0]),
        ("atanh(x)", 0.0, [0.0, 1.0]),
        ("mod(x, 1e-308)", 1e308, [mod_of_the_largest(), 1.0]),
        ("atan2(0, -x)", 0.0, [0.0, 0.0]),
    ] {
        let [value, first, second] = derivatives(text, x);
        assert_eq!([value, first], expected, "{text} at {x}");
        assert!(second.is_finite(), "{text} at {x}: {second}");
    }
}

#[test]
fn errors_say_what_was_meant() {
    for (text, column, hint) in [
        ("x + xln(x)", 5, "x*ln"),
        ("sinx", 1, "sin(x)"),
        ("sin^2(x)", 1, "sin(x)^2"),
        ("sin²(x)", 1, "sin(x)^2"),
        ("np.sin(x)", 1, "sin(x)"),
        ("x1 + x2", 1, "only x and y"),
        ("Sin(x)", 1, "`sin`"),
        ("√x²", 3, "√(x²)"),
        ("√(x + 1)²", 9, "unclear after a root"),
        ("∛(x + 1)^2", 9, "(∛x)²"),
        ("2 + |x", 5, "never closed"),
        ("|x| y |", 7, "unclear which bars"),
        ("|x|y|x|", 5, "|x|*y*|z|"),
        ("2|x|(y + 1)√2|x|", 14, "unclear which bars"),
        ("x^^2", 3, "write `^` once"),
        ("x//2", 3, "write `/` once"),
        (
            "exp(-0,5x)",
            1,
            "1 argument, not 2; a number has a decimal point",
        ),
        ("atan2(y, 0,5)", 1, "not 3; a number has a decimal point"),
        ("x + 0,5", 6, "decimal point"),
        ("x₁ + x₂", 1, "only x and y"),
        ("2₁", 2, "lowered digits"),
        ("f(x)= x^2", 5, "right of it"),
        ("z = x^2 + y^2", 3, "right of it"),
        ("(x >= 0)*x", 4, "cases are made by"),
        ("x < y", 3, "cases are made by"),
        ("x == y", 3, "cases are made by"),
        ("tg(x)", 1, "write tan(x)"),
        ("1 + lg(x)", 5, "write log10(x)"),
        ("heaviside (x)", 1, "sign(x)"),
        ("tg x", 1, "unknown name `tg`"),
        ("3½", 2, "found `½`"),
        ("⌊x⌋", 1, "floor(x)"),
        ("x + ‖y‖", 5, "hypot(x, y)"),
        ("sin(45°)", 7, "radians"),
        ("[x + 1]^2", 1, "brackets are ( and )"),
        ("x + {y}", 5, "brackets are ( and )"),
        ("x % 2", 3, "mod(x, y)"),
        ("x mod 2", 3, "mod(x, y)"),
        ("x⁻", 3, "whole number"),
        ("log(1, 2, 3)", 1, "1 or 2 arguments"),
        ("√", 2, "needs an operand"),
    ] {
        let error = error(text);
        assert!(error.message.contains(hint), "{text}: {error}");
        assert_eq!(error.column, column, "{text}: {error}");
    }
}

fn mod_of_the_largest() -> f64 {
    1e308 % 1e-308
}

/// −0 is 0, whatever leads there.
#[test]
fn no_zero_has_a_sign() {
    let infinity = f64::INFINITY;
    for zero in [0.0, -0.0] {
        assert_eq!(derivatives("sqrt(x)", zero)[..2], [0.0, infinity]);
        assert_eq!(derivatives("√(-x)", zero)[..2], [0.0, -infinity]);
        assert_eq!(derivatives("cbrt(x)", zero)[..2], [0.0, infinity]);
        assert_eq!(derivatives("atan2(x, -2)", zero)[0], std::f64::consts::PI);
        assert_eq!(derivatives("atan2(-x, -2)", zero)[0], std::f64::consts::PI);
        assert_eq!(derivatives("x^1.5", zero)[..2], [0.0, 0.0]);
        assert_eq!(derivatives("acosh(1 + x)", zero)[..2], [0.0, infinity]);
    }
}

/// A pole is no overflow: what is behind it has no slope, or another.
#[test]
fn poles_are_not_at_rest() {
    for text in [
        "1/(1/x)",
        "1/ln(x^2)",
        "1/(2 + 1/x^2)",
        "atan(1/x)",
        "1/atanh(1 - x)",
    ] {
        let [_, first, _] = derivatives(text, 0.0);
        assert!(!first.is_finite(), "{text}: {first}");
        let formula = Formula::parse(text).expect("a formula");
        assert!(formula.is_outside(&[0.0]), "{text}");
    }
    for text in ["acosh(x)", "atanh(x + 2)", "mod(1, x)"] {
        assert!(derivatives(text, 0.0).iter().all(|d| d.is_nan()), "{text}");
    }
}
