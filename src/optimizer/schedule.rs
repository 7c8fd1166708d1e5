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
    /// Cosine waves to `last`, each `multiple` times as long as the one before and the first of `every` steps
    /// (Loshchilov and Hutter, "SGDR", 2017).
    Restarts {
        every: usize,
        multiple: usize,
        last: f64,
    },
    /// From `low` straight up to the rate in `every` steps and down again, over and over, the amplitude times `decay` after
    /// each cycle (Smith, "Cyclical Learning Rates", 2017).
    Cyclic { low: f64, every: usize, decay: f64 },
    /// From 1/25 of the rate up in 30 % of the steps, then down to 1/250000 of it, both along half a cosine wave
    /// (Smith and Topin, "Super-Convergence", 2018; in PyTorch's form).
    OneCycle,
    /// Times `factor` whenever more than `patience` losses in a row were not below the best by the fraction
    /// `threshold` of it (PyTorch's ReduceLROnPlateau).
    Plateau {
        factor: f64,
        patience: usize,
        threshold: f64,
    },
}

impl ScheduleKind {
    /// Every kind's name, in the order of the variants.
    pub const NAMES: [&'static str; 9] = [
        "constant",
        "cosine",
        "linear",
        "step",
        "exponential",
        "restarts",
        "cyclic",
        "one-cycle",
        "plateau",
    ];

    /// Its name in an experiment file.
    pub fn name(&self) -> &'static str {
        match self {
            ScheduleKind::Constant => "constant",
            ScheduleKind::Cosine { .. } => "cosine",
            ScheduleKind::Linear { .. } => "linear",
            ScheduleKind::Step { .. } => "step",
            ScheduleKind::Exponential { .. } => "exponential",
            ScheduleKind::Restarts { .. } => "restarts",
            ScheduleKind::Cyclic { .. } => "cyclic",
            ScheduleKind::OneCycle => "one-cycle",
            ScheduleKind::Plateau { .. } => "plateau",
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
            "restarts" => {
                "cosine waves down to `final`, the first of `every` steps, each `multiple` times as long as the last"
            }
            "cyclic" => {
                "from `low` up to the rate in `every` steps and down again; `decay` shrinks every further cycle"
            }
            "one-cycle" => {
                "from a 25th of the rate up to it in 30 % of the steps, then down to almost nothing"
            }
            "plateau" => {
                "the rate times `factor` after more than `patience` losses no better than the best"
            }
            _ => return None,
        })
    }

    /// The keys beside `kind` of the kind of that name.
    pub fn keys(name: &str) -> &'static [&'static str] {
        match name {
            "cosine" | "linear" => &["final", "warmup"],
            "step" => &["every", "factor", "warmup"],
            "exponential" => &["gamma", "warmup"],
            "restarts" => &["every", "multiple", "final", "warmup"],
            "cyclic" => &["low", "every", "decay", "warmup"],
            "plateau" => &["factor", "patience", "threshold", "warmup"],
            _ => &["warmup"],
        }
    }
}

impl Schedule {
    /// The rate of update `t` (from 0) of `steps` updates, for the full rate `base`. A plateau's reductions, which
    /// depend on losses, are [`Pace`]'s.
    pub fn rate(&self, base: f64, t: usize, steps: usize) -> f64 {
        let warmup = self.warmup;
        if t < warmup {
            return base * (t + 1) as f64 / (warmup + 1) as f64;
        }
        let tau = t - warmup;
        let progress = tau as f64 / steps.saturating_sub(warmup).max(1) as f64;
        match self.kind {
            ScheduleKind::Constant | ScheduleKind::Plateau { .. } => base,
            ScheduleKind::Restarts {
                every,
                multiple,
                last,
            } => {
                let part = part_of_wave(tau, every, multiple);
                last + (base - last) * 0.5 * (1.0 + (PI * part).cos())
            }
            ScheduleKind::Cyclic { low, every, decay } => {
                let every = every.max(1);
                let cycle = tau / every / 2;
                let along = (tau - 2 * cycle * every) as f64 / every as f64;
                low + (base - low) * (1.0 - (along - 1.0).abs()) * decay.powf(cycle as f64)
            }
            ScheduleKind::OneCycle => one_cycle(base, tau, steps.saturating_sub(warmup)),
            ScheduleKind::Cosine { last } => {
                last + (base - last) * 0.5 * (1.0 + (PI * progress).cos())
            }
            ScheduleKind::Linear { last } => base + (last - base) * progress,
            ScheduleKind::Step { every, factor } => base * factor.powf((tau / every.max(1)) as f64),
            ScheduleKind::Exponential { gamma } => base * gamma.powf(tau as f64),
        }
    }
}

/// How far into its wave step `tau` is, from 0 at its beginning to below 1.
fn part_of_wave(tau: usize, every: usize, multiple: usize) -> f64 {
    let (mut since, mut length) = (tau, every.max(1));
    if multiple <= 1 {
        since %= length;
    }
    while since >= length {
        since -= length;
        length = length.saturating_mul(multiple);
    }
    since as f64 / length as f64
}

fn one_cycle(base: f64, t: usize, steps: usize) -> f64 {
    let first = base / 25.0;
    let last = first / 1e4;
    // Never 0: `steps` is whole.
    let top = 0.3 * steps as f64 - 1.0;
    let t = t.min(steps.saturating_sub(1)) as f64;
    let (from, to, part) = if t <= top {
        (first, base, t / top)
    } else {
        (base, last, (t - top) / (steps as f64 - 1.0 - top))
    };
    to + (from - to) * 0.5 * (1.0 + (PI * part).cos())
}

/// A schedule on its way through a descent: it is told every loss, and the rate is a function of these and of the step.
#[derive(Debug, Clone)]
pub struct Pace {
    schedule: Schedule,
    base: f64,
    steps: usize,
    /// The lowest loss that counted as progress.
    best: f64,
    /// The losses since that did not.
    waited: usize,
    /// What the reductions so far make of the rate.
    reduced: f64,
}

impl Pace {
    /// At the beginning of `steps` updates, for the full rate `base`.
    pub fn new(schedule: Schedule, base: f64, steps: usize) -> Pace {
        Pace {
            schedule,
            base,
            steps,
            best: f64::INFINITY,
            waited: 0,
            reduced: 1.0,
        }
    }

    /// The rate of update `t`, which begins where the loss is `loss`. To be asked for every update once, in their order.
    pub fn rate(&mut self, t: usize, loss: f64) -> f64 {
        if let ScheduleKind::Plateau {
            factor,
            patience,
            threshold,
        } = self.schedule.kind
            && t >= self.schedule.warmup
        {
            // The threshold is a fraction of the size of the best, so that losses below 0 have to fall, too.
            if self.best.is_infinite() || loss < self.best - threshold * self.best.abs() {
                self.best = loss;
                self.waited = 0;
            } else {
                self.waited += 1;
            }
            if self.waited > patience {
                self.waited = 0;
                self.reduced *= factor;
            }
        }
        self.schedule.rate(self.base, t, self.steps) * self.reduced
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

    #[test]
    fn rates_are_those_of_the_formulas_written_anew() {
        let text = include_str!("../../tests/reference/schedules.json");
        let cases: serde_json::Value = serde_json::from_str(text).expect("as the script wrote it");
        for case in cases.as_array().expect("as the script wrote it") {
            let number = |key: &str| case["schedule"][key].as_f64();
            let whole = |key: &str| number(key).expect("as the script wrote it") as usize;
            let kind = match case["schedule"]["kind"]
                .as_str()
                .expect("as the script wrote it")
            {
                "restarts" => ScheduleKind::Restarts {
                    every: whole("every"),
                    multiple: whole("multiple"),
                    last: number("final").expect("as the script wrote it"),
                },
                "cyclic" => ScheduleKind::Cyclic {
                    low: number("low").expect("as the script wrote it"),
                    every: whole("every"),
                    decay: number("decay").expect("as the script wrote it"),
                },
                "one-cycle" => ScheduleKind::OneCycle,
                _ => ScheduleKind::Plateau {
                    factor: number("factor").expect("as the script wrote it"),
                    patience: whole("patience"),
                    threshold: number("threshold").expect("as the script wrote it"),
                },
            };
            let losses = case["losses"].as_array().expect("as the script wrote it");
            let rates = case["rates"].as_array().expect("as the script wrote it");
            assert_eq!(losses.len(), rates.len());
            let schedule = Schedule { kind, warmup: 0 };
            let base = case["base"].as_f64().expect("as the script wrote it");
            let mut pace = Pace::new(schedule, base, rates.len());
            for (t, (loss, rate)) in losses.iter().zip(rates).enumerate() {
                let found = pace.rate(t, loss.as_f64().expect("as the script wrote it"));
                let rate = rate.as_f64().expect("as the script wrote it");
                assert_relative_eq!(found, rate, max_relative = 1e-12, epsilon = 1e-15);
            }
        }
    }

    #[test]
    fn a_plateau_waits_for_the_warm_up_and_falls_below_zero_too() {
        let kind = ScheduleKind::Plateau {
            factor: 0.5,
            patience: 1,
            threshold: 0.1,
        };
        let mut pace = Pace::new(Schedule { kind, warmup: 1 }, 1.0, 9);
        let losses = [-9.0, -1.0, -1.05, -1.05, -2.0, -2.0];
        let rates: Vec<f64> = (0..6).map(|t| pace.rate(t, losses[t])).collect();
        assert_eq!(rates, [0.5, 1.0, 1.0, 0.5, 0.5, 0.5]);
    }

    #[test]
    fn rates_are_finite_at_the_extremes() {
        let most = 1_000_000;
        let restarts = |every, multiple| ScheduleKind::Restarts {
            every,
            multiple,
            last: 0.0,
        };
        let cyclic = |every, decay| ScheduleKind::Cyclic {
            low: 1e-9,
            every,
            decay,
        };
        let kinds = [
            restarts(1, 1),
            restarts(1, most),
            restarts(most, 1),
            cyclic(1, 1.0),
            cyclic(most, 1e-6),
            ScheduleKind::OneCycle,
        ];
        for kind in kinds {
            for steps in [1, 2, 3, 4, 10, most] {
                for t in [0, 1, 2, steps / 3, steps - 1, steps] {
                    let rate = Schedule { kind, warmup: 0 }.rate(1.0, t, steps);
                    assert!(
                        (0.0..=1.0).contains(&rate),
                        "{kind:?} {t} of {steps}: {rate}"
                    );
                }
            }
        }
    }
}
