use super::super::round_ticks;
use super::*;

#[test]
fn numbers_read_well() {
    for (value, expected) in [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-1.5, "−1.5"),
        (0.123456, "0.123"),
        (0.01, "0.01"),
        (0.05, "0.05"),
        (0.00999, "9.99×10⁻³"),
        (0.0012, "1.2×10⁻³"),
        (-0.001, "−10⁻³"),
        (123.456, "123"),
        (99.96, "100"),
        (1234.4, "1234"),
        (9999.0, "10⁴"),
        (12345.0, "1.23×10⁴"),
        (2e212, "2×10²¹²"),
        (f64::NEG_INFINITY, "−∞"),
    ] {
        assert_eq!(label(value), expected);
    }
}

#[test]
fn an_axis_has_one_form_of_label() {
    for (ticks, expected) in [
        (vec![0.0, 0.5, 1.0], vec!["0.0", "0.5", "1.0"]),
        (vec![-2.0, 0.0, 2.0], vec!["−2", "0", "2"]),
        (vec![0.0, 0.25, 0.5], vec!["0.00", "0.25", "0.50"]),
        (vec![-0.1, 0.0, 0.1], vec!["−0.1", "0.0", "0.1"]),
        (vec![0.0, 20000.0, 40000.0], vec!["0", "2×10⁴", "4×10⁴"]),
        (
            vec![5000.0, 10000.0, 15000.0],
            vec!["0.5×10⁴", "1.0×10⁴", "1.5×10⁴"],
        ),
        (vec![0.0, 0.001, 0.002], vec!["0", "10⁻³", "2×10⁻³"]),
        (vec![1000.0, 1000.5], vec!["1000.0", "1000.5"]),
        (vec![3.0], vec!["3"]),
        (vec![0.0, 0.5, 10.0], vec!["0", "0.5", "10"]),
    ] {
        let labels = labels(&ticks);
        assert_eq!(labels.texts, expected);
        assert!(!labels.has_offset(), "{labels:?}");
    }
    assert_eq!(labels(&[]), Labels::default());
}

#[test]
fn leading_digits_that_all_share_become_an_offset() {
    for (low, high, texts, title) in [
        (
            169.61,
            169.618,
            vec!["0.000", "0.002", "0.004", "0.006", "0.008"],
            "loss − 169.61",
        ),
        (
            1e6,
            1e6 + 1e-3,
            vec!["0.0000", "0.0002", "0.0004", "0.0006", "0.0008", "0.0010"],
            "loss − 1\u{2009}000\u{2009}000",
        ),
        // Not 999 999.
        (
            999_999.9,
            1_000_000.1,
            vec!["−0.10", "−0.05", "0.00", "0.05", "0.10"],
            "loss − 1\u{2009}000\u{2009}000",
        ),
        (
            -12_344.0,
            -12_340.0,
            vec!["6", "7", "8", "9", "10"],
            "loss + 12\u{2009}350",
        ),
        (
            1.234e-3,
            1.23402e-3,
            vec!["0", "0.5×10⁻⁸", "1.0×10⁻⁸", "1.5×10⁻⁸", "2.0×10⁻⁸"],
            "loss − 0.001234",
        ),
    ] {
        let labels = labels(&round_ticks(low, high, 4));
        assert_eq!(labels.texts, texts, "{low} to {high}");
        assert_eq!(labels.title("loss"), title);
    }
    let labels_near = labels(&[1e6, 1e6 + 0.5]);
    assert_eq!(
        labels_near.title("a parameter with quite a long name"),
        "a parameter with quite a… − 1\u{2009}000\u{2009}000"
    );
    // Decades above a minimum.
    let ticks = [0.0, 1.0, 10.0, 1e3, 1e5].map(|d| 1e6 + d);
    let labels = labels(&ticks);
    assert_eq!(labels.texts, ["0", "1", "10", "1000", "10⁵"]);
    assert_eq!(labels.title("loss"), "loss − 1\u{2009}000\u{2009}000");
}

/// Neighbours differ, and with the offset added every text is its number.
#[test]
fn labels_differ_and_are_true_at_any_size() {
    for base in [
        0.0, 1.0, -3.7, 100.0, 999.99, 1e6, -1e6, 12_345.678, 1e12, 1e300, 1e-300,
    ] {
        for exponent in -20..=20 {
            for step in [1.0, 1.37, 2.0, 5.0].map(|step| step * 10f64.powi(exponent)) {
                let values: Vec<f64> = (0..6).map(|i| base + f64::from(i) * step).collect();
                let rounding = f64::EPSILON * base.abs();
                if rounding > 1e-3 * step {
                    continue;
                }
                let labels = labels(&values);
                let offset = labels
                    .offset
                    .as_ref()
                    .map_or(0.0, |offset| number(&offset.text).copysign(offset.value));
                for (value, text) in values.iter().zip(&labels.texts) {
                    let shown = offset + number(text);
                    let off = (shown - value).abs();
                    assert!(off <= 0.06 * step + 2.0 * rounding, "{value}: {labels:?}");
                    assert!(text.chars().count() <= 12, "{value}: {labels:?}");
                }
                assert!(labels.texts.windows(2).all(|w| w[0] != w[1]), "{labels:?}");
            }
        }
    }
}

/// What a text says.
fn number(text: &str) -> f64 {
    let plain: String = text
        .chars()
        .filter(|c| *c != '\u{2009}')
        .map(|c| match c {
            '−' | '⁻' => '-',
            '×' => 'x',
            c => "⁰¹²³⁴⁵⁶⁷⁸⁹"
                .chars()
                .position(|s| s == c)
                .map_or(c, |d| char::from_digit(d as u32, 10).unwrap_or(c)),
        })
        .collect();
    let power = text.contains(|c| "⁰¹²³⁴⁵⁶⁷⁸⁹".contains(c));
    let text = match (plain.split_once("x10"), power) {
        (Some((mantissa, power)), _) => format!("{mantissa}e{power}"),
        (None, true) => plain.replacen("10", "1e", 1),
        (None, false) => plain,
    };
    text.parse().expect("a number")
}

#[test]
fn numbers_have_the_digits_that_their_range_needs() {
    for (value, range, expected) in [
        (1.2345, 4.0, "1.23"),
        (100.123_456, 0.5, "100.123"),
        (100.2, 0.5, "100.200"),
        (0.0, 1e-9, "0"),
        (1e6 + 1.25e-4, 1e-3, "1\u{2009}000\u{2009}000.00013"),
        (12_345.0, 4.0, "12\u{2009}345.00"),
        (12_345.0, 4e4, "1.23×10⁴"),
        (-12_346.0, 4e3, "−1.235×10⁴"),
        (1.5e200, 1e199, "1.5×10²⁰⁰"),
        (f64::INFINITY, 1.0, "∞"),
        (5.0, 0.0, "5"),
    ] {
        assert_eq!(label_within(value, range), expected, "{value} in {range}");
    }
}
