//! Steps against seconds: a pure function, which the window, pictures and recordings share.

use std::ops::Range;

use crate::experiment::Experiment;

/// From so many seconds a step on, balls ease from iterate to iterate.
const SLOW_SECONDS: f64 = 0.15;

/// Steps against seconds: steps follow each other evenly, and a caption's pause holds its step.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    pub seconds_per_step: f64,
    /// (step, seconds held there), ascending.
    pub pauses: Vec<(usize, f64)>,
    pub last_step: usize,
    /// Steps that are explained phase by phase.
    pub explained: Option<ExplainedSteps>,
}

/// Steps that take longer than others, because they are shown in phases.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainedSteps {
    pub steps: Range<usize>,
    pub seconds_per_step: f64,
    /// The most phases that one of the descents has.
    pub phases: usize,
}

impl Timeline {
    pub fn new(experiment: &Experiment) -> Timeline {
        let mut pauses: Vec<(usize, f64)> = experiment
            .captions
            .iter()
            .filter(|caption| caption.pause > 0.0)
            .map(|caption| (caption.step, caption.pause))
            .collect();
        pauses.sort_by_key(|&(step, _)| step);
        let last_step = experiment.last_step();
        let explained = experiment.explained_phases().map(|phases| ExplainedSteps {
            steps: experiment.explain.range(last_step),
            seconds_per_step: experiment.explain.seconds_per_phase * phases as f64,
            phases,
        });
        Timeline {
            seconds_per_step: experiment.view.seconds_per_step,
            pauses,
            last_step,
            explained,
        }
    }

    /// The position in steps after so many seconds.
    pub fn position_at(&self, seconds: f64) -> f64 {
        let mut moving = seconds.max(0.0);
        for &(step, pause) in &self.pauses {
            let reached = self.moving_seconds_at(step as f64);
            if moving <= reached {
                break;
            }
            moving = (moving - pause).max(reached);
        }
        let position = self.moved_after(moving).min(self.last_step as f64);
        let position = self.eased(position);
        // Sums and quotients of seconds come out a hair beside whole steps, and a hair below k is step k − 1.
        let whole = position.round();
        let hair = 1e-9 * (seconds / self.seconds_per_step).abs().max(1.0);
        if (position - whole).abs() < hair {
            whole
        } else {
            position
        }
    }

    /// The first moment at which the position is reached.
    pub fn seconds_at(&self, position: f64) -> f64 {
        let held: f64 = self
            .pauses
            .iter()
            .filter(|&&(step, _)| (step as f64) < position)
            .map(|&(_, pause)| pause)
            .sum();
        self.moving_seconds_at(self.uneased(position)) + held
    }

    /// Seconds without pauses until a position is reached, at an even pace within each step.
    fn moving_seconds_at(&self, position: f64) -> f64 {
        let [before, within, after] =
            self.split(position, |steps| [steps.start, steps.end].map(|s| s as f64));
        (before + after) * self.seconds_per_step
            + within
                * self
                    .explained
                    .as_ref()
                    .map_or(0.0, |slow| slow.seconds_per_step)
    }

    /// The inverse of [`moving_seconds_at`](Self::moving_seconds_at).
    fn moved_after(&self, seconds: f64) -> f64 {
        let [before, within, after] = self.split(seconds, |steps| {
            [steps.start, steps.end].map(|step| self.moving_seconds_at(step as f64))
        });
        (before + after) / self.seconds_per_step
            + self
                .explained
                .as_ref()
                .map_or(0.0, |slow| within / slow.seconds_per_step)
    }

    /// How much of `amount` lies before, in and after the steps that are explained, which begin and end at `ends`.
    fn split(&self, amount: f64, ends: impl Fn(&Range<usize>) -> [f64; 2]) -> [f64; 3] {
        let Some(slow) = &self.explained else {
            return [amount, 0.0, 0.0];
        };
        let [from, to] = ends(&slow.steps);
        let before = amount.min(from);
        let within = (amount.min(to) - from).max(0.0);
        [before, within, (amount - to).max(0.0)]
    }

    /// Whether the step that leads on from this position is explained.
    pub fn is_explained_at(&self, position: f64) -> bool {
        let step = position.floor() as usize;
        let slow = self.explained.as_ref();
        slow.is_some_and(|slow| slow.steps.contains(&step))
    }

    /// Phases have their own gentleness.
    fn is_even_at(&self, position: f64) -> bool {
        self.seconds_per_step < SLOW_SECONDS || self.is_explained_at(position)
    }

    /// Between two iterates a slow playback starts and stops gently; at a quick pace that would be a flicker.
    fn eased(&self, position: f64) -> f64 {
        if self.is_even_at(position) {
            return position;
        }
        let t = position.fract();
        position.floor() + t * t * (3.0 - 2.0 * t)
    }

    /// The inverse of [`eased`](Self::eased).
    fn uneased(&self, position: f64) -> f64 {
        if self.is_even_at(position) {
            return position;
        }
        let x = position.fract();
        position.floor() + 0.5 - ((1.0 - 2.0 * x).asin() / 3.0).sin()
    }

    /// Seconds until the last step is shown and its own pause is over.
    pub fn duration(&self) -> f64 {
        let held: f64 = self
            .pauses
            .iter()
            .filter(|&&(step, _)| step <= self.last_step)
            .map(|&(_, pause)| pause)
            .sum();
        self.moving_seconds_at(self.last_step as f64) + held
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::lab) fn timeline() -> Timeline {
        Timeline {
            seconds_per_step: 0.5,
            pauses: vec![(2, 3.0), (4, 1.0)],
            last_step: 6,
            explained: None,
        }
    }

    pub(in crate::lab) fn explaining() -> Timeline {
        Timeline {
            explained: Some(ExplainedSteps {
                steps: 2..4,
                seconds_per_step: 8.0,
                phases: 4,
            }),
            ..timeline()
        }
    }

    #[test]
    fn pauses_hold_their_step() {
        let timeline = timeline();
        for (seconds, position) in [
            (0.0, 0.0),
            (0.5, 1.0),
            (1.0, 2.0),
            (3.9, 2.0),
            (4.0, 2.0),
            (4.5, 3.0),
            (5.0, 4.0),
            (6.0, 4.0),
            (6.5, 5.0),
            (7.0, 6.0),
            (99.0, 6.0),
        ] {
            assert_eq!(timeline.position_at(seconds), position, "at {seconds} s");
        }
        assert_eq!(timeline.duration(), 7.0);
    }

    #[test]
    fn seconds_and_positions_are_inverse() {
        let timeline = timeline();
        for tenth in 0..60 {
            let position = f64::from(tenth) / 10.0;
            let there = timeline.position_at(timeline.seconds_at(position));
            assert!((there - position).abs() < 1e-12, "{there} for {position}");
        }
    }

    #[test]
    fn explained_steps_take_their_time_and_pauses_hold_beside_them() {
        let timeline = explaining();
        for (seconds, position) in [
            (1.0, 2.0),
            (4.0, 2.0),
            (8.0, 2.5),
            (20.0, 4.0),
            (21.0, 4.0),
            (21.5, 5.0),
            (22.0, 6.0),
        ] {
            assert_eq!(timeline.position_at(seconds), position, "at {seconds} s");
        }
        assert_eq!(timeline.duration(), 22.0);
        for tenth in 0..60 {
            let position = f64::from(tenth) / 10.0;
            let there = timeline.position_at(timeline.seconds_at(position));
            assert!((there - position).abs() < 1e-12, "{there} for {position}");
        }
    }
}
