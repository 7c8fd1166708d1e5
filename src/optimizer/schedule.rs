//! Learning-rate schedules: the rate as a function of the step.

use std::f64::consts::PI;

/// How the learning rate changes, with an optional warm-up before it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Schedule {
    /// The form after the warm-up.
    pub kind: ScheduleKind,
    /// Steps over which the rate rises evenly to its full value; 0 for none.
    pub warmup: usize,
}

/// The form of a schedule. `last` is a rate, reached only at t = T.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum ScheduleKind {
    /// The same rate throughout.
    #[default]
    Constant,
    /// Half a cosine wave down to `last` (Loshchilov and Hutter, "SGDR", 2017, without restarts).
    Cosine { last: f64 },
    /// A straight line to `last`.
    Linear { last: f64 },
    /// The rate times `factor` after every `every` steps.
    Step { every: usize, factor: f64 },
    /// The rate times `gamma` after every step.
    Exponential { gamma: f64 },
}

impl ScheduleKind {
    /// Every kind's name, in the order of the variants.
    pub const NAMES: [&'static str; 5] = ["constant", "cosine", "linear", "step", "exponential"];

    /// Its name in an experiment file.
    pub fn name(&self) -> &'static str {
        match self {
            ScheduleKind::Constant => "constant",
            ScheduleKind::Cosine { .. } => "cosine",
            ScheduleKind::Linear { .. } => "linear",
            ScheduleKind::Step { .. } => "step",
            ScheduleKind::Exponential { .. } => "exponential",
        }
    }

    /// What the kind of that name does, in one plain sentence.
    pub fn about(name: &str) -> Option<&'static str> {
        Some(match name {
            "constant" => "the same rate throughout",
            "cosine" => "half a cosine wave from the rate down to `final`",
            "linear" => "a straight line from the rate to `final`",
            "step" => "the rate times `factor` after every `every` steps",
            "exponential" => "the rate times `gamma` after every step",
            _ => return None,
        })
    }
}

impl Schedule {
    /// The rate of update `t` (from 0) of `steps` updates, for the full rate `base`.
    pub fn rate(&self, base: f64, t: usize, steps: usize) -> f64 {
        let warmup = self.warmup;
        if t < warmup {
            return base * (t + 1) as f64 / (warmup + 1) as f64;
        }
        let tau = t - warmup;
        let progress = tau as f64 / steps.saturating_sub(warmup).max(1) as f64;
        match self.kind {
            ScheduleKind::Constant => base,
            ScheduleKind::Cosine { last } => {
                last + (base - last) * 0.5 * (1.0 + (PI * progress).cos())
            }
            ScheduleKind::Linear { last } => base + (last - base) * progress,
            ScheduleKind::Step { every, factor } => base * factor.powf((tau / every.max(1)) as f64),
            ScheduleKind::Exponential { gamma } => base * gamma.powf(tau as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn verify(kind: ScheduleKind, warmup: usize, steps: usize, expected: &[f64]) {
        let schedule = Schedule { kind, warmup };
        for (t, expected) in expected.iter().enumerate() {
            let rate = schedule.rate(1.0, t, steps);
            assert_relative_eq!(rate, expected, max_relative = 1e-14, epsilon = 1e-15);
        }
    }

    #[test]
    fn every_kind_follows_its_formula() {
        use ScheduleKind::*;
        let (half, root) = (0.5, 0.5f64.sqrt());
        verify(Constant, 0, 3, &[1.0, 1.0, 1.0]);
        let cosine = [1.0, half + half * root, half, half - half * root];
        verify(Cosine { last: 0.0 }, 0, 4, &cosine);
        verify(Cosine { last: 0.2 }, 0, 2, &[1.0, 0.6]);
        verify(Linear { last: 0.0 }, 0, 4, &[1.0, 0.75, 0.5, 0.25, 0.0]);
        let step = Step {
            every: 2,
            factor: 0.1,
        };
        verify(step, 0, 5, &[1.0, 1.0, 0.1, 0.1, 0.01]);
        verify(Exponential { gamma: 0.5 }, 0, 4, &[1.0, 0.5, 0.25, 0.125]);
    }

    #[test]
    fn a_warm_up_rises_evenly_and_shifts_what_follows() {
        let linear = ScheduleKind::Linear { last: 0.0 };
        verify(linear, 3, 5, &[0.25, 0.5, 0.75, 1.0, 0.5, 0.0]);
        verify(ScheduleKind::Constant, 1, 3, &[0.5, 1.0, 1.0]);
    }

    #[test]
    fn names_follow_the_variants() {
        for name in ScheduleKind::NAMES {
            assert!(ScheduleKind::about(name).is_some(), "{name}");
        }
        let step = ScheduleKind::Step {
            every: 1,
            factor: 0.1,
        };
        assert_eq!(step.name(), ScheduleKind::NAMES[3]);
    }
}
