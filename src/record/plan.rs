//! Which moment each frame of a recording shows. A pure function of the frame's number.

use crate::experiment::Experiment;
use crate::lab::CameraPose;
use crate::lab::showing::camera_path::CameraPath;
use crate::lab::timeline::Timeline;
use crate::video::Rate;

/// The first and the last step stay so long unless the person says otherwise, in seconds.
const HOLD_AT_START: f64 = 0.5;
const HOLD_AT_END: f64 = 1.5;
/// Of a given length they take no more than these shares.
const SHARE_AT_START: f64 = 0.1;
const SHARE_AT_END: f64 = 0.2;
/// A day of frames is a mistake.
pub const MAX_FRAMES: u64 = 5_000_000;

/// What a person asks for. Durations in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RecordingTimes {
    /// The whole length: the run is played faster or slower to fit.
    pub seconds: Option<f64>,
    /// In place of the experiment's own pace.
    pub steps_per_second: Option<f64>,
    pub hold_start: Option<f64>,
    pub hold_end: Option<f64>,
}

/// The moments of a recording.
#[derive(Debug, Clone)]
pub struct RecordingPlan {
    pub fps: Rate,
    pub frames: u64,
    timeline: Timeline,
    hold_start: f64,
    /// Seconds of the timeline a second of the recording.
    speed: f64,
    path: CameraPath,
    /// Radians per second of the recording.
    turntable: f64,
}

/// What one frame shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Seconds on the experiment's timeline.
    pub playback: f64,
    pub pose: CameraPose,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanError {
    #[error("--seconds: found {seconds}, expected more than the holds, which take {holds}")]
    NoTimeLeft { seconds: f64, holds: f64 },
    #[error(
        "{}found {seconds} s at {fps} frames a second, expected at most {MAX_FRAMES} frames in all{}",
        if *is_asked { "--seconds: " } else { "" },
        if *is_asked { "" } else { "; --seconds fits the run into a length, shorter holds and more --steps-per-second take less" }
    )]
    TooLong {
        seconds: f64,
        fps: Rate,
        /// The length was asked for.
        is_asked: bool,
    },
}

impl RecordingPlan {
    /// `timeline` ends with the last step that there is.
    ///
    /// # Errors
    /// If no time is left for the run, or if there is no end of frames.
    pub fn new(
        experiment: &Experiment,
        mut timeline: Timeline,
        fps: Rate,
        wish: RecordingTimes,
    ) -> Result<RecordingPlan, PlanError> {
        if let Some(rate) = wish.steps_per_second {
            timeline.seconds_per_step = 1.0 / rate;
        }
        // The usual hold, but no more than its share of a given length.
        let usual = |hold: f64, share: f64| {
            let most = wish
                .seconds
                .map_or(f64::INFINITY, |seconds| seconds * share);
            hold.min(most)
        };
        let hold_start = wish
            .hold_start
            .unwrap_or_else(|| usual(HOLD_AT_START, SHARE_AT_START));
        let hold_end = wish
            .hold_end
            .unwrap_or_else(|| usual(HOLD_AT_END, SHARE_AT_END));
        let run = timeline.duration();
        let (seconds, speed) = match wish.seconds {
            None => (hold_start + run + hold_end, 1.0),
            Some(seconds) => {
                let left = seconds - hold_start - hold_end;
                if left <= 0.0 && run > 0.0 {
                    let holds = hold_start + hold_end;
                    return Err(PlanError::NoTimeLeft { seconds, holds });
                }
                (seconds, if run > 0.0 { run / left } else { 1.0 })
            }
        };
        let frames = (seconds * fps.per_second()).round().max(1.0);
        if frames > MAX_FRAMES as f64 {
            return Err(PlanError::TooLong {
                seconds,
                fps,
                is_asked: wish.seconds.is_some(),
            });
        }
        Ok(RecordingPlan {
            fps,
            frames: frames as u64,
            timeline,
            hold_start,
            speed,
            path: CameraPath::of(experiment),
            turntable: experiment.view.turntable,
        })
    }

    /// The timeline that [`Moment::playback`] counts on.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// What a frame shows; the first has the number 0.
    pub fn moment(&self, frame: u64) -> Moment {
        let seconds = frame as f64 / self.fps.per_second();
        let played = (seconds - self.hold_start) * self.speed;
        // The path goes on while the last step is held.
        let pose = self.path.pose_at(played);
        Moment {
            playback: played.clamp(0.0, self.timeline.duration()),
            pose: CameraPose {
                yaw: pose.yaw + self.turntable * seconds,
                ..pose
            },
        }
    }

    /// The step that a frame shows; a fraction lies between two.
    pub fn position(&self, frame: u64) -> f64 {
        self.timeline.position_at(self.moment(frame).playback)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline() -> Timeline {
        Timeline {
            seconds_per_step: 0.1,
            explained: None,
            pauses: vec![(10, 2.0)],
            last_step: 50,
        }
    }

    fn plan(fps: u32, wish: RecordingTimes) -> Result<RecordingPlan, PlanError> {
        let experiment = Experiment::load("race").expect("a built-in");
        RecordingPlan::new(&experiment, timeline(), fps.into(), wish)
    }

    #[test]
    fn a_run_is_held_played_and_held() {
        let plan = plan(30, RecordingTimes::default()).expect("a plan");
        assert_eq!(plan.frames, 30 * (0.5 + 5.0 + 2.0 + 1.5) as u64);
        assert_eq!(plan.position(0), 0.0);
        assert_eq!(plan.position(15), 0.0);
        assert!((plan.position(18) - 1.0).abs() < 1e-9, "0.1 s later");
        let paused = (15 + 30 + 10..15 + 30 + 50).map(|frame| plan.position(frame));
        assert!(paused.into_iter().all(|step| step == 10.0));
        assert_eq!(plan.position(plan.frames - 1), 50.0);
    }

    #[test]
    fn a_length_is_kept_whatever_the_rate() {
        for fps in [24, 25, 30, 60] {
            let seconds = Some(4.0);
            let plan = plan(
                fps,
                RecordingTimes {
                    seconds,
                    ..RecordingTimes::default()
                },
            )
            .expect("a plan");
            assert_eq!(plan.frames, u64::from(4 * fps));
            assert_eq!(plan.position(0), 0.0);
            assert_eq!(plan.position(plan.frames - 1), 50.0);
            assert!(plan.position(plan.frames / 2) > 5.0);
        }
    }

    #[test]
    fn the_pace_can_be_chosen_and_too_short_a_length_is_refused() {
        let steps_per_second = Some(25.0);
        let plan_ = plan(
            30,
            RecordingTimes {
                steps_per_second,
                ..RecordingTimes::default()
            },
        )
        .expect("a plan");
        assert_eq!(plan_.frames, 30 * (0.5 + 2.0 + 2.0 + 1.5) as u64);
        let wish = RecordingTimes {
            seconds: Some(1.0),
            hold_start: Some(0.6),
            hold_end: Some(0.6),
            ..RecordingTimes::default()
        };
        let refused = plan(30, wish).map(|plan| plan.frames);
        assert!(matches!(refused, Err(PlanError::NoTimeLeft { .. })));
        let endless = RecordingTimes {
            seconds: Some(1e9),
            ..RecordingTimes::default()
        };
        assert!(matches!(
            plan(30, endless).map(|plan| plan.frames),
            Err(PlanError::TooLong { .. })
        ));
    }
}
