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
        ("√(x + 1)²", 4.0),
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
        ("2 + |x", 5, "never closed"),
        ("|x| y |", 8, "breaks off"),
        ("x⁻", 3, "whole number"),
        ("log(1, 2, 3)", 1, "1 or 2 arguments"),
        ("√", 2, "needs an operand"),
    ] {
        let error = error(text);
        assert!(error.message.contains(hint), "{text}: {error}");
        assert_eq!(error.column, column, "{text}: {error}");
    }
}
