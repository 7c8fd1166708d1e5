//! Which step is shown. The step is a pure function of the playback time: the window accumulates that time frame by
//! frame, a recording computes it from the frame number, and both show the same.

use bevy::prelude::*;

use super::timeline::Timeline;
use crate::experiment::Experiment;
use crate::lab::command::LabCommand;
use crate::lab::stage::Stage;

/// Seconds the last step stays before a looping playback starts over.
const HOLD_AT_END_SECONDS: f64 = 2.0;

#[derive(Resource, Debug, Clone)]
pub struct Playback {
    timeline: Timeline,
    /// Time since the first step, in seconds of the timeline.
    seconds: f64,
    pub playing: bool,
    /// A factor on the experiment's own pace.
    pub speed: f64,
    pub looping: bool,
    starts: u32,
}

impl Playback {
    pub fn new(experiment: &Experiment) -> Playback {
        Playback {
            timeline: Timeline::new(experiment),
            seconds: 0.0,
            playing: true,
            speed: 1.0,
            looping: true,
            starts: 0,
        }
    }

    /// How often somebody has had it play from the start; a loop that starts over is none of these.
    pub fn starts(&self) -> u32 {
        self.starts
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
            starts: self.starts + 1,
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
            return self.restart();
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

    /// To the next phase of a step that is explained, or the one before; where none is, by whole steps.
    pub fn phase_by(&mut self, phases: i64) {
        let position = self.position();
        let (forward, hair) = (phases > 0, 1e-6);
        let slow = self.timeline.explained.as_ref().filter(|_| {
            let beside = position + if forward { hair } else { -hair };
            self.timeline.is_explained_at(beside.max(0.0))
        });
        let Some(slow) = slow else {
            return self.step_by(phases);
        };
        let count = slow.phases as f64;
        let whole = if forward {
            (position * count + hair).floor()
        } else {
            (position * count - hair).ceil()
        };
        self.seek((whole + phases as f64) / count);
    }

    pub fn restart(&mut self) {
        self.seconds = 0.0;
        self.playing = true;
        self.starts += 1;
    }

    pub(super) fn set_last_step(&mut self, last_step: usize) {
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

/// What is asked of playback.
#[derive(Debug, Clone)]
pub enum PlaybackCommand {
    /// Play or pause.
    Toggle,
    /// Show this step (fractions lie between two iterates); pauses.
    Seek(f64),
    /// Forward or back by whole steps; pauses.
    StepBy(i64),
    /// Forward or back by phases of a step that is explained, else by steps; pauses.
    PhaseBy(i64),
    /// To the first step and on.
    Restart,
    /// A factor on the experiment's own pace.
    SetSpeed(f64),
    ToggleLoop,
}

impl LabCommand for PlaybackCommand {
    fn apply(&self, world: &mut World) {
        let mut playback = world.resource_mut::<Playback>();
        match *self {
            PlaybackCommand::Toggle => playback.toggle(),
            PlaybackCommand::Seek(position) => playback.seek(position),
            PlaybackCommand::StepBy(steps) => playback.step_by(steps),
            PlaybackCommand::PhaseBy(phases) => playback.phase_by(phases),
            PlaybackCommand::Restart => playback.restart(),
            PlaybackCommand::SetSpeed(speed) => playback.speed = speed,
            PlaybackCommand::ToggleLoop => playback.looping = !playback.looping,
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, advance_playback.in_set(Stage::Playback));
}

pub(in crate::lab) fn advance_playback(mut playback: ResMut<Playback>, time: Res<Time>) {
    if playback.playing {
        playback.advance(time.delta_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::timeline::tests::{explaining, timeline};

    #[test]
    fn phases_are_stepped_through_forwards_and_back() {
        let mut playback = Playback {
            timeline: explaining(),
            ..playback()
        };
        let mut seen = Vec::new();
        for _ in 0..11 {
            playback.phase_by(1);
            seen.push(playback.position());
        }
        let on = [1.0, 2.0, 2.25, 2.5, 2.75, 3.0, 3.25, 3.5, 3.75, 4.0, 5.0];
        assert_eq!(seen, on);
        for position in on[..10].iter().rev() {
            playback.phase_by(-1);
            assert_eq!(playback.position(), *position);
        }
        playback.seek(2.4);
        playback.phase_by(-1);
        assert_eq!(playback.position(), 2.25);
        playback.phase_by(-9);
        assert!(playback.position() >= 0.0);
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
                explained: None,
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
            starts: 0,
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
