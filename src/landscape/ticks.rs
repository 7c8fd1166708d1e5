//! Round numbers on an axis, and how numbers are written.

mod text;

pub use text::{Labels, label, label_within, labels, thousands};

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
}
