//! Which step is shown. The step is a pure function of the playback time: the window accumulates that time frame by
//! frame, a recording computes it from the frame number, and both show the same.

use bevy::prelude::*;

use crate::experiment::Experiment;
use crate::lab::Stage;
use crate::lab::model::{DescentRun, DescentStyle};

/// Seconds the last step stays before a looping playback starts over.
const HOLD_AT_END_SECONDS: f64 = 2.0;

/// From so many seconds a step on, balls ease from iterate to iterate.
const SLOW_SECONDS: f64 = 0.15;

/// Steps against seconds: steps follow each other evenly, and a caption's pause holds its step.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    pub seconds_per_step: f64,
    /// (step, seconds held there), ascending.
    pub pauses: Vec<(usize, f64)>,
    pub last_step: usize,
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
        Timeline {
            seconds_per_step: experiment.view.seconds_per_step,
            pauses,
            last_step: experiment.last_step(),
        }
    }

    /// The position in steps after so many seconds.
    pub fn position_at(&self, seconds: f64) -> f64 {
        let mut moving = seconds.max(0.0);
        for &(step, pause) in &self.pauses {
            let reached = step as f64 * self.seconds_per_step;
            if moving <= reached {
                break;
            }
            moving = (moving - pause).max(reached);
        }
        let position = self.eased((moving / self.seconds_per_step).min(self.last_step as f64));
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
        self.uneased(position) * self.seconds_per_step + held
    }

    /// Between two iterates a slow playback starts and stops gently; at a quick pace that would be a flicker.
    fn eased(&self, position: f64) -> f64 {
        if self.seconds_per_step < SLOW_SECONDS {
            return position;
        }
        let t = position.fract();
        position.floor() + t * t * (3.0 - 2.0 * t)
    }

    /// The inverse of [`eased`](Self::eased).
    fn uneased(&self, position: f64) -> f64 {
        if self.seconds_per_step < SLOW_SECONDS {
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
        self.last_step as f64 * self.seconds_per_step + held
    }
}

#[derive(Resource, Debug, Clone)]
pub struct Playback {
    timeline: Timeline,
    /// Time since the first step, in seconds of the timeline.
    seconds: f64,
    pub playing: bool,
    /// A factor on the experiment's own pace.
    pub speed: f64,
    pub looping: bool,
}

impl Playback {
    pub fn new(experiment: &Experiment) -> Playback {
        Playback {
            timeline: Timeline::new(experiment),
            seconds: 0.0,
            playing: true,
            speed: 1.0,
            looping: true,
        }
    }

    /// Seconds since the first step; at the end they go on through the hold before a loop starts over.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// From the start of another experiment; speed and looping stay as the person chose them.
    pub fn open(&mut self, experiment: &Experiment) {
        *self = Playback {
            speed: self.speed,
            looping: self.looping,
            ..Playback::new(experiment)
        };
    }

    /// After an edit: the same step, at the new pace.
    pub fn set_pace(&mut self, experiment: &Experiment) {
        let position = self.position();
        let last_step = self.timeline.last_step;
        self.timeline = Timeline {
            last_step,
            ..Timeline::new(experiment)
        };
        self.seconds = self.timeline.seconds_at(position);
    }

    /// The step shown; a fraction lies between two iterates.
    pub fn position(&self) -> f64 {
        self.timeline.position_at(self.seconds)
    }

    /// The last iterate that has been reached.
    pub fn step(&self) -> usize {
        self.position().floor() as usize
    }

    pub fn last_step(&self) -> usize {
        self.timeline.last_step
    }

    pub fn at_end(&self) -> bool {
        self.seconds >= self.timeline.duration()
    }

    pub fn toggle(&mut self) {
        if !self.playing && self.at_end() {
            self.seconds = 0.0;
        }
        self.playing = !self.playing;
    }

    pub fn seek(&mut self, position: f64) {
        self.playing = false;
        self.seconds = self
            .timeline
            .seconds_at(position.clamp(0.0, self.timeline.last_step as f64));
    }

    pub fn step_by(&mut self, steps: i64) {
        let position = self.position();
        // From between two iterates, one step back is the iterate just passed.
        let whole = if steps < 0 {
            position.ceil()
        } else {
            position.floor()
        };
        self.seek(whole + steps as f64);
    }

    pub fn restart(&mut self) {
        self.seconds = 0.0;
        self.playing = true;
    }

    fn set_last_step(&mut self, last_step: usize) {
        let position = self.position();
        self.timeline.last_step = last_step;
        if position > last_step as f64 {
            self.seconds = self.timeline.seconds_at(last_step as f64);
        }
    }

    fn advance(&mut self, seconds: f64) {
        if !self.playing {
            return;
        }
        self.seconds += seconds * self.speed;
        let end = self.timeline.duration();
        if self.seconds > end + HOLD_AT_END_SECONDS * self.speed && self.looping {
            self.seconds = 0.0;
        } else if self.seconds > end && !self.looping {
            self.seconds = end;
            self.playing = false;
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        (follow_longest_descent, advance_playback)
            .chain()
            .in_set(Stage::Playback),
    );
}

/// The timeline ends with the descent that goes on longest; one that diverges early does not leave a dead tail.
fn follow_longest_descent(
    mut playback: ResMut<Playback>,
    descents: Query<(&DescentRun, &DescentStyle)>,
) {
    let last_step = descents
        .iter()
        .filter(|(_, style)| style.shown)
        .map(|(run, _)| run.last_step())
        .max()
        .unwrap_or(0);
    if last_step != playback.last_step() {
        playback.set_last_step(last_step);
    }
}

pub(in crate::lab) fn advance_playback(mut playback: ResMut<Playback>, time: Res<Time>) {
    if playback.playing {
        playback.advance(time.delta_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline() -> Timeline {
        Timeline {
            seconds_per_step: 0.5,
            pauses: vec![(2, 3.0), (4, 1.0)],
            last_step: 6,
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
    fn every_step_can_be_reached_and_left() {
        for (pace, pauses) in [
            (0.05, vec![]),
            (0.05, vec![(5, 2.0), (40, 0.7)]),
            (0.4, vec![(3, 1.1)]),
            (1.0 / 30.0, vec![(1, 0.3)]),
        ] {
            let timeline = Timeline {
                seconds_per_step: pace,
                pauses,
                last_step: 1000,
            };
            let mut playback = Playback {
                timeline,
                ..playback()
            };
            for step in 0..1000 {
                playback.seek(step as f64);
                assert_eq!(playback.step(), step, "at {pace} s a step");
                playback.step_by(1);
                assert_eq!(
                    playback.step(),
                    step + 1,
                    "one on from {step} at {pace} s a step"
                );
            }
        }
    }

    fn playback() -> Playback {
        Playback {
            timeline: timeline(),
            seconds: 0.0,
            playing: true,
            speed: 1.0,
            looping: false,
        }
    }

    #[test]
    fn the_step_does_not_depend_on_the_frame_rate() {
        let (mut coarse, mut fine) = (playback(), playback());
        for _ in 0..5 {
            coarse.advance(0.5);
        }
        for _ in 0..250 {
            fine.advance(0.01);
        }
        assert!((coarse.position() - fine.position()).abs() < 1e-9);
    }

    #[test]
    fn a_playback_that_does_not_loop_stops_at_its_end() {
        let mut playback = playback();
        playback.advance(100.0);
        assert!(!playback.playing);
        assert_eq!(playback.step(), 6);
        playback.toggle();
        assert_eq!(playback.step(), 0, "play at the end starts over");
    }

    #[test]
    fn stepping_back_from_between_two_iterates_shows_the_one_passed() {
        let mut playback = playback();
        playback.advance(0.75);
        assert_eq!(playback.position(), 1.5);
        playback.step_by(-1);
        assert_eq!(playback.position(), 1.0);
        playback.step_by(1);
        assert_eq!(playback.position(), 2.0);
        playback.step_by(-9);
        assert_eq!(playback.position(), 0.0);
    }
}
