//! Round numbers on an axis, and how they are written.

/// Multiples of 1, 2 or 5 times a power of ten inside [`low`, `high`], about so many. One tick
/// where the two coincide, none where they are not finite or in the wrong order.
pub fn round_ticks(low: f64, high: f64, about: usize) -> Vec<f64> {
    if low == high && low.is_finite() {
        return vec![low];
    }
    let about = about.max(1) as f64;
    // Divided first: high − low may overflow.
    let apart = high / about - low / about;
    if !apart.is_normal() || apart < 0.0 {
        return Vec::new();
    }
    let mut exponent = apart.log10().floor() as i32;
    let factor = match apart / 10f64.powi(exponent) {
        m if m < 1.5 => 1.0,
        m if m < 3.5 => 2.0,
        m if m < 7.5 => 5.0,
        _ => {
            exponent += 1;
            1.0
        }
    };
    // A tick is a whole number times or divided by a power of ten, so that 0.3 is 3/10 exactly.
    let power = 10f64.powi(exponent.abs());
    let tick = |i: f64| match exponent {
        0.. => i * factor * power,
        _ => i * factor / power,
    };
    let first = (low / tick(1.0)).floor();
    let count = (high / tick(1.0)).ceil() - first;
    // Where neighbouring ticks are one number, none would be told from the next.
    if !power.is_finite() || first.abs().max(count) > 1e15 {
        return Vec::new();
    }
    (0..=count as usize)
        .map(|i| tick(first + i as f64))
        .filter(|tick| low <= *tick && *tick <= high)
        .map(|tick| tick + 0.0) // −0 becomes 0
        .collect()
}

/// A number for reading: three significant digits, a real minus sign, and a power of ten from
/// 10⁴ on and below 10⁻².
pub fn label(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string().replace("inf", "∞").replace('-', "−");
    }
    let exponent = exponent(value);
    if is_plain(exponent) {
        trim(&fixed(value, usize::try_from(2 - exponent).unwrap_or(0)))
    } else {
        let mantissa = trim(&format!("{:.2}", value / 10f64.powi(exponent)));
        with_power(&mantissa, exponent)
    }
}

/// Labels for the ticks of an axis. Evenly spaced ticks all have the same decimals and power of
/// ten, as many as it takes to tell them apart; others are written each as [`label`] does.
pub fn labels(ticks: &[f64]) -> Vec<String> {
    let greatest = ticks.iter().fold(0.0, |max: f64, tick| max.max(tick.abs()));
    let gaps = ticks.windows(2).map(|pair| pair[1] - pair[0]);
    let step = gaps.clone().fold(f64::INFINITY, f64::min);
    let even = gaps.fold(0.0, f64::max) <= step * (1.0 + 1e-6);
    if !greatest.is_finite() || !step.is_normal() || !even {
        return ticks.iter().map(|tick| label(*tick)).collect();
    }
    let exponent = exponent(greatest);
    let shift = if is_plain(exponent) { 0 } else { exponent };
    let scaled = |tick: f64| tick / 10f64.powi(shift);
    let shows_all = |decimals: &usize| {
        ticks.iter().all(|tick| {
            let shown: f64 = format!("{:.*}", decimals, scaled(*tick))
                .parse()
                .unwrap_or(0.0);
            (shown - scaled(*tick)).abs() < 1e-3 * scaled(step)
        })
    };
    let decimals = (0..=12).find(shows_all).unwrap_or(12);
    ticks
        .iter()
        .map(|tick| match (fixed(scaled(*tick), decimals), shift) {
            (_, _) if *tick == 0.0 && shift != 0 => "0".to_owned(),
            (text, 0) => text,
            (text, shift) => with_power(&text, shift),
        })
        .collect()
}

/// The power of ten of the leading digit, after rounding to three digits.
fn exponent(value: f64) -> i32 {
    let text = format!("{value:.2e}");
    let exponent = text.split('e').nth(1).and_then(|e| e.parse().ok());
    exponent.unwrap_or(0)
}

/// Whether numbers with this power of ten are written without it.
fn is_plain(exponent: i32) -> bool {
    (-2..4).contains(&exponent)
}

fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let is_zero = !text.contains(|c: char| ('1'..='9').contains(&c));
    if is_zero {
        text.replace('-', "")
    } else {
        text.replace('-', "−")
    }
}

/// Without zeros at the end of a fraction.
fn trim(text: &str) -> String {
    let text = text.replace('-', "−");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn with_power(mantissa: &str, exponent: i32) -> String {
    let power: String = exponent
        .to_string()
        .chars()
        .map(|c| match c.to_digit(10) {
            Some(digit) => ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][digit as usize],
            None => '⁻',
        })
        .collect();
    match mantissa {
        "1" => format!("10{power}"),
        "−1" => format!("−10{power}"),
        _ => format!("{mantissa}×10{power}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        for (low, high, about, expected) in [
            (-2.0, 2.0, 5, vec![-2.0, -1.0, 0.0, 1.0, 2.0]),
            (-0.5, 3.5, 5, vec![0.0, 1.0, 2.0, 3.0]),
            (0.0, 1.0, 5, vec![0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
            (0.05, 0.32, 5, vec![0.05, 0.1, 0.15, 0.2, 0.25, 0.3]),
            (-10.0, 10.0, 5, vec![-10.0, -5.0, 0.0, 5.0, 10.0]),
            (
                1234.0,
                1236.0,
                4,
                vec![1234.0, 1234.5, 1235.0, 1235.5, 1236.0],
            ),
            (0.0, 3e7, 3, vec![0.0, 1e7, 2e7, 3e7]),
            (3.0, 3.0, 5, vec![3.0]),
        ] {
            assert_eq!(round_ticks(low, high, about), expected, "{low} to {high}");
        }
        let zero = round_ticks(-1.0, 1.0, 2)[1];
        assert!(zero == 0.0 && zero.is_sign_positive());
    }

    #[test]
    fn ticks_survive_extreme_ranges() {
        assert!((3..=5).contains(&round_ticks(-1e308, 1e308, 4).len()));
        assert!(round_ticks(1e300, 1e300 + 1e285, 5).len() < 20);
        assert!(round_ticks(0.0, 1e-320, 5).is_empty());
        assert!(round_ticks(2.0, 1.0, 5).is_empty());
        assert!(round_ticks(f64::NAN, 1.0, 5).is_empty());
        assert!(round_ticks(0.0, f64::INFINITY, 5).is_empty());
    }

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
            assert_eq!(labels(&ticks), expected);
        }
        assert!(labels(&[]).is_empty());
    }
}
