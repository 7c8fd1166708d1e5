//! Round numbers along the axes of a map.

use super::{Spacing, Span};
use crate::landscape::ticks::round_ticks;

impl Span {
    /// About so many round values, ascending.
    pub fn ticks(&self, about: usize) -> Vec<f64> {
        let [low, high] = self.range;
        let even = || round_ticks(low, high, about);
        match self.axis.spacing() {
            Spacing::Even => even(),
            Spacing::Log => round_powers([low, high], about).unwrap_or_else(even),
            Spacing::LogBelowOne => {
                let missing = round_powers([1.0 - high, 1.0 - low], about);
                let ticks = missing.map(|missing| {
                    // 1 − 0.3 is not 0.7.
                    let tick = |missing: f64| (1e12 * (1.0 - missing)).round() / 1e12;
                    let ticks = missing.into_iter().rev().map(tick);
                    ticks.filter(|tick| low <= *tick && *tick <= high).collect()
                });
                ticks.unwrap_or_else(even)
            }
        }
    }
}

/// Powers of ten, with 2 and 5 times as much between them where there are few. `None` where these are fewer than three.
fn round_powers([low, high]: [f64; 2], about: usize) -> Option<Vec<f64>> {
    let decades = low.log10().floor() as i32..=high.log10().ceil() as i32;
    let times = |factors: &[f64]| -> Vec<f64> {
        let all = decades.clone().flat_map(|exponent| {
            let power = 10f64.powi(exponent.abs());
            let tick = move |factor: &f64| match exponent {
                0.. => factor * power,
                _ => factor / power,
            };
            factors.iter().map(tick)
        });
        // Ends are as they are written, and may have been rounded since.
        let slack = 1e-9;
        let inside = |tick: &f64| low * (1.0 - slack) <= *tick && *tick <= high * (1.0 + slack);
        all.filter(inside).collect()
    };
    let fine = times(&[1.0, 2.0, 5.0]);
    if fine.len() < 3 {
        return None;
    }
    if fine.len() <= about + 2 {
        return Some(fine);
    }
    let powers = times(&[1.0]);
    if powers.len() < 3 {
        return Some(times(&[1.0, 3.0]));
    }
    let step = powers.len().div_ceil(about + 2);
    Some(powers.into_iter().step_by(step).collect())
}

#[cfg(test)]
mod tests {
    use super::super::Axis;
    use crate::maps::Span;
    use crate::optimizer::Rule;

    #[test]
    fn ticks_are_round_in_every_spacing() {
        let momentum = Rule::named("momentum").expect("a rule").info().params;
        let beta = Axis::Param(0, &momentum[0]);
        for (axis, range, expected) in [
            (Axis::Start(0), [-2.0, 2.0], vec![-2.0, -1.0, 0.0, 1.0, 2.0]),
            (Axis::Rate, [1e-3, 1.0], vec![0.001, 0.01, 0.1, 1.0]),
            (Axis::Rate, [0.007, 0.3], vec![0.01, 0.02, 0.05, 0.1, 0.2]),
            (Axis::Rate, [0.31, 0.39], vec![0.32, 0.34, 0.36, 0.38]),
            (beta, [0.0, 0.999], vec![0.0, 0.9, 0.99, 0.999]),
            (beta, [0.0, 0.95], vec![0.0, 0.5, 0.8, 0.9, 0.95]),
        ] {
            let span = Span { axis, range };
            assert_eq!(span.ticks(5), expected, "{range:?}");
        }
        let many = Span {
            axis: Axis::Noise,
            range: [1e-30, 1e30],
        };
        assert!((4..=8).contains(&many.ticks(5).len()));
    }
}
