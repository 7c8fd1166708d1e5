//! From losses to drawn heights and back.

use std::f64::consts::LN_2;

use super::ticks::round_ticks;

/// Nothing is drawn further than so many boxes from the box, so that heights stay numbers.
pub const FARTHEST: f64 = 1e9;

/// How much of its height something may lie outside the box.
const EDGE: f64 = 1e-3;

/// How losses become heights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HeightKind {
    /// In proportion.
    #[default]
    Linear,
    /// sign(d)·log1p|d| with d = loss − base.
    Log,
}

/// The map from losses to heights: linear, or sign(d)·log1p|d| with d = loss − base, brought to
/// [0, 1] for losses from `low` to `high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeightScale {
    pub kind: HeightKind,
    /// The loss whose logarithmic height is 0: the known minimum, or the grid's lowest.
    pub base: f64,
    /// The loss at height 0.
    pub low: f64,
    /// The loss at height 1.
    pub high: f64,
    /// On the way from the other kind: how much of it is left, from 1 to 0.
    pub other_kind: f64,
}

impl HeightScale {
    /// A scale for losses from `low` to `high`, both finite.
    pub fn new(kind: HeightKind, base: f64, low: f64, high: f64) -> HeightScale {
        HeightScale {
            kind,
            base,
            low,
            high,
            other_kind: 0.0,
        }
    }

    /// How much higher one loss is drawn than another, before it is brought to [0, 1]; of a linear
    /// scale half as much. Finite for all finite losses: differences are taken in halves.
    fn rise(&self, from: f64, to: f64) -> f64 {
        let difference = 0.5 * to - 0.5 * from;
        match self.kind {
            HeightKind::Linear => difference,
            HeightKind::Log => {
                let [a, b] = [from, to].map(|loss| 0.5 * loss - 0.5 * self.base);
                if (a < 0.0) == (b < 0.0) {
                    // One logarithm instead of two, whose difference might have no digits left.
                    let near = a.abs().min(b.abs());
                    ln_1p_ratio(difference.abs(), 0.5 + near).copysign(difference)
                } else {
                    let height = |half: f64| ln_1p_ratio(half.abs(), 0.5).copysign(half);
                    height(b) - height(a)
                }
            }
        }
    }

    /// The height of a loss: 0 at `low`, 1 at `high`, beyond them outside, but no further than
    /// [`FARTHEST`]. Where `low` and `high` coincide the unit of height is about a loss of 1. Finite
    /// for all finite losses.
    pub fn fraction(&self, loss: f64) -> f64 {
        if self.other_kind > 0.0 {
            let [here, there] = [self.settled(), self.settled().other()].map(|s| s.fraction(loss));
            return here + (there - here) * self.other_kind;
        }
        let whole = match self.rise(self.low, self.high) {
            whole if whole > 0.0 => whole,
            // Large against rounding.
            _ => self.low.abs().max(1.0),
        };
        (self.rise(self.low, loss) / whole).clamp(-FARTHEST, FARTHEST)
    }

    /// The height of a loss; `None` outside the box, where nothing is drawn.
    pub fn in_box(&self, loss: f64) -> Option<f64> {
        let height = self.fraction(loss);
        // What only rounding has put outside is on the floor, or at the ceiling.
        let inside = (-EDGE..=1.0 + EDGE).contains(&height);
        inside.then(|| height.clamp(0.0, 1.0))
    }

    /// The loss at a height: the inverse of [`fraction`](Self::fraction) of a scale that is not on
    /// its way, within what f64 holds.
    pub fn loss(&self, fraction: f64) -> f64 {
        let loss = match self.kind {
            HeightKind::Linear => {
                let half = self.rise(self.low, self.high) * fraction;
                self.low + half + half
            }
            HeightKind::Log => {
                let base = self.base;
                let foot = self.rise(base, self.low);
                let height = foot + self.rise(self.low, self.high) * fraction;
                // In halves: the whole may overflow.
                let half = match height.abs() {
                    h if h < 700.0 => 0.5 * h.exp_m1(),
                    h => (h - LN_2).exp(),
                };
                let half = half.copysign(height);
                base + half + half
            }
        };
        if (0.0..=1.0).contains(&fraction) {
            return loss.min(self.high).max(self.low);
        }
        loss.clamp(-f64::MAX, f64::MAX)
    }

    /// Where it comes to rest.
    fn settled(&self) -> HeightScale {
        HeightScale {
            other_kind: 0.0,
            ..*self
        }
    }

    fn other(self) -> HeightScale {
        let kind = match self.kind {
            HeightKind::Linear => HeightKind::Log,
            HeightKind::Log => HeightKind::Linear,
        };
        HeightScale { kind, ..self }
    }

    /// About so many round losses, well spread in height, from `low` to `high`; half a percent of
    /// the height beyond either still counts, so that a grid that just misses 0 has its 0.
    pub fn ticks(&self, about: usize) -> Vec<f64> {
        let about = about.max(1);
        let slack = 0.005 * self.high - 0.005 * self.low;
        let slope = |loss: f64| match self.kind {
            HeightKind::Linear => 1.0,
            HeightKind::Log => 1.0 / (1.0 + (loss - self.base).abs()),
        };
        let (a, b) = (slope(self.low), slope(self.high));
        let steepest = if (self.low..=self.high).contains(&self.base) {
            1.0
        } else {
            a.max(b)
        };
        if self.kind == HeightKind::Linear || steepest < 7.0 * a.min(b) {
            let [low, high] =
                [self.low - slack, self.high + slack].map(|end| end.clamp(-f64::MAX, f64::MAX));
            return round_ticks(low, high, about);
        }
        let mut ticks: Vec<f64> = Vec::new();
        let mut offer = |loss: f64, apart: f64| {
            let height = self.fraction(loss);
            let clear = |tick: &f64| (self.fraction(*tick) - height).abs() >= apart;
            if (-0.005..=1.005).contains(&height) && ticks.iter().all(clear) {
                ticks.push(loss + 0.0);
            }
        };
        // From the roundest: 0, the decades counted from the base, the first round losses above
        // it, and between decades where there is room.
        let [near, wide] = [0.35, 0.9].map(|share| share / about as f64);
        let farthest = (self.low - self.base)
            .abs()
            .max((self.high - self.base).abs());
        let decades = (farthest.log10().floor() as i32).clamp(0, 308);
        let stride = ((f64::from(decades) / about as f64).round() as usize).max(1);
        let powers = || (0..=decades).rev().step_by(stride).map(|k| 10f64.powi(k));
        let round = |loss: f64, unit: f64| (loss / unit).round() * unit;
        offer(0.0, near);
        for unit in powers() {
            offer(round(self.base + unit, unit), near);
            offer(round(self.base - unit, unit), near);
        }
        for unit in powers() {
            offer((self.base / unit).ceil() * unit, near);
        }
        for between in [3.0, 2.0] {
            for unit in powers() {
                offer(round(self.base + between * unit, unit), wide);
                offer(round(self.base - between * unit, unit), wide);
            }
        }
        ticks.sort_by(f64::total_cmp);
        ticks
    }
}

/// ln(1 + a/b) for a ≥ 0 and b > 0, also where a/b overflows.
fn ln_1p_ratio(a: f64, b: f64) -> f64 {
    let ratio = a / b;
    if ratio.is_finite() {
        ratio.ln_1p()
    } else {
        a.ln() - b.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn log(base: f64, low: f64, high: f64) -> HeightScale {
        HeightScale::new(HeightKind::Log, base, low, high)
    }

    #[test]
    fn heights_run_from_0_to_1_and_back() {
        let linear = HeightScale::new(HeightKind::Linear, 0.0, -2.0, 6.0);
        assert_eq!(linear.fraction(-2.0), 0.0);
        assert_eq!(linear.fraction(2.0), 0.5);
        assert_eq!(linear.fraction(14.0), 2.0);
        let log = log(1.0, 1.0, 8.0);
        assert_relative_eq!(log.fraction(1.0 + (8f64.sqrt() - 1.0)), 0.5);
        // below the base the curve is the mirror image
        assert_relative_eq!(log.fraction(0.0), -(2f64.ln() / 8f64.ln()));
        for scale in [linear, log] {
            for fraction in [-0.5, 0.0, 0.3, 1.0, 1.7] {
                let loss = scale.loss(fraction);
                assert_relative_eq!(scale.fraction(loss), fraction, epsilon = 1e-14);
            }
        }
    }

    #[test]
    fn a_flat_grid_has_finite_heights() {
        for kind in [HeightKind::Linear, HeightKind::Log] {
            let scale = HeightScale::new(kind, 3.0, 3.0, 3.0);
            assert_eq!(scale.fraction(3.0), 0.0);
            assert!(scale.fraction(4.0) > 0.0);
            assert_eq!(scale.loss(0.0), 3.0);
            assert_eq!(scale.ticks(5), [3.0]);
        }
    }

    #[test]
    fn linear_ticks_are_evenly_spaced() {
        let scale = HeightScale::new(HeightKind::Linear, 0.0, 0.001, 10.0);
        assert_eq!(scale.ticks(5), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
    }

    #[test]
    fn logarithmic_ticks_are_round_losses() {
        for (scale, expected) in [
            // Rosenbrock
            (log(0.0, 0.0, 3600.0), vec![0.0, 1.0, 10.0, 100.0, 1000.0]),
            (log(0.0, 3e-4, 3600.0), vec![0.0, 1.0, 10.0, 100.0, 1000.0]),
            (log(0.0, 0.0, 10.0), vec![0.0, 1.0, 3.0, 10.0]),
            (
                log(0.0, 0.0, 1e12),
                vec![0.0, 1e2, 1e4, 1e6, 1e8, 1e10, 1e12],
            ),
            // nearly linear ranges have evenly spaced ticks
            (log(0.0, 0.0, 1.0), vec![0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
            (
                log(0.0, 1000.0, 2000.0),
                vec![1000.0, 1200.0, 1400.0, 1600.0, 1800.0, 2000.0],
            ),
            // minima below zero
            (
                log(-1.2024, -1.2024, 30.0),
                vec![-1.0, 0.0, 2.0, 10.0, 30.0],
            ),
            (log(-78.33, -78.33, 180.0), vec![-78.0, -77.0, -70.0, 0.0]),
        ] {
            let ticks = scale.ticks(5);
            assert_eq!(ticks, expected, "{scale:?}");
        }
    }

    #[test]
    fn ticks_keep_their_distance() {
        for high in [5.0, 17.0, 300.0, 2500.0, 9.9e4, 3e7, 1e100, 1e308] {
            for base in [0.0, -3.7, 12.0, -959.6] {
                let scale = log(base, base, base + high);
                let ticks = scale.ticks(5);
                assert!((3..=10).contains(&ticks.len()), "{scale:?}: {ticks:?}");
                for pair in ticks.windows(2) {
                    let apart = scale.fraction(pair[1]) - scale.fraction(pair[0]);
                    assert!(apart > 0.06, "{scale:?}: {ticks:?}");
                }
            }
        }
    }

    /// Everything finite, whatever the losses, in the box for losses between the ends, and back.
    #[test]
    fn heights_and_ticks_are_finite_at_any_size() {
        let sizes = [
            0.0,
            5e-324,
            1e-308,
            1e-9,
            1.0,
            1e6,
            1e6 + 1e-3,
            1.7e308,
            f64::MAX,
        ];
        let losses: Vec<f64> = sizes.iter().flat_map(|&size| [size, -size]).collect();
        for &low in &losses {
            for &high in losses.iter().filter(|high| **high >= low) {
                for &base in &losses {
                    for (kind, other_kind) in [
                        (HeightKind::Linear, 0.0),
                        (HeightKind::Log, 0.0),
                        (HeightKind::Log, 0.4),
                    ] {
                        let scale = HeightScale {
                            other_kind,
                            ..HeightScale::new(kind, base, low, high)
                        };
                        let slack = if high > low { 1e-9 } else { f64::INFINITY };
                        for &loss in &losses {
                            let height = scale.fraction(loss);
                            assert!(height.is_finite(), "{scale:?}: {loss}");
                            let inside = (-slack..=1.0 + slack).contains(&height);
                            assert!(
                                inside || loss < low || high < loss,
                                "{scale:?}: {loss} at {height}"
                            );
                        }
                        for fraction in [-3.0, 0.0, 0.25, 0.7, 1.0, 40.0] {
                            assert!(scale.loss(fraction).is_finite(), "{scale:?}: {fraction}");
                        }
                        for level in [0.25, 0.7].map(|fraction| scale.loss(fraction)) {
                            assert!((low..=high).contains(&level), "{scale:?}: {level}");
                        }
                        let ticks = scale.ticks(5);
                        assert!(
                            ticks.iter().all(|tick| tick.is_finite()),
                            "{scale:?}: {ticks:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_narrow_logarithmic_range_far_from_its_base_keeps_its_digits() {
        let scale = log(0.0, 1e6, 1e6 + 1e-3);
        for fraction in [0.1, 0.5, 0.9] {
            let height = scale.fraction(1e6 + fraction * 1e-3);
            assert!(
                (height - fraction).abs() < 1e-6,
                "{height} instead of {fraction}"
            );
        }
        assert_eq!(scale.ticks(5).len(), 6);
    }
}
