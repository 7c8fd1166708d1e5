//! A video, frame by frame, off-screen: what a frame shows depends on its number alone.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::time::Duration;

use bevy::time::TimeUpdateStrategy;

use super::offscreen::{Offscreen, OffscreenError};
use crate::lab::timeline::Timeline;
use crate::lab::{CameraRig, Playback};
use crate::record::capture::{CaptureError, Captures, FrameTag, TaggedFrame};
use crate::record::plan::RecordingPlan;
use crate::record::still::Picture;
use crate::video::{VideoError, VideoWriter};

/// Updates without a frame to draw, in which the last ones must have been read back.
const MAX_DRAINING_UPDATES: usize = 100;

#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    #[error(transparent)]
    Offscreen(#[from] OffscreenError),
    #[error(transparent)]
    Capture(#[from] CaptureError),
    #[error(transparent)]
    Video(#[from] VideoError),
}

/// How many frames were handed to the writer, and which are still to come without being drawn.
#[derive(Default)]
struct HandedOver {
    frames: u64,
    /// These show what the one before them shows.
    again: VecDeque<u64>,
    /// The picture that is repeated.
    last: Vec<u8>,
}

impl Offscreen {
    /// The timeline of the experiment, its descents computed: known once it has settled.
    pub fn timeline(&self) -> Timeline {
        self.app.world().resource::<Playback>().timeline().clone()
    }

    /// Draws every frame of a plan and hands it to the writer, until `go_on` says to stop. The picture must have
    /// settled before. Returns how many frames were handed over.
    ///
    /// # Errors
    /// If a frame is not drawn, not read back, or not written. What was handed over until then is the writer's.
    pub fn record(
        &mut self,
        plan: &RecordingPlan,
        writer: &mut VideoWriter,
        mut go_on: impl FnMut(&VideoWriter) -> ControlFlow<()>,
    ) -> Result<u64, RecordingError> {
        let frame_time = Duration::from_secs_f64(1.0 / plan.fps.per_second());
        self.app
            .insert_resource(TimeUpdateStrategy::ManualDuration(frame_time));
        let mut handed = HandedOver::default();
        let mut asked = plan.frames;
        let mut before = None;
        for frame in 0..plan.frames {
            let shown = (plan.position(frame), plan.moment(frame).pose);
            // What shows the same moment is the same picture: a hold is drawn once.
            if before.replace(shown) == Some(shown) {
                handed.again.push_back(frame);
            } else {
                let world = self.app.world_mut();
                world.resource_mut::<Playback>().seek(shown.0);
                let mut rig = world.resource_mut::<CameraRig>();
                if rig.pose != shown.1 {
                    rig.pose = shown.1;
                }
                world.insert_resource(FrameTag(Some(frame)));
                self.draw()?;
            }
            self.hand_over(writer, &mut handed)?;
            if go_on(writer).is_break() {
                asked = frame + 1;
                break;
            }
        }
        self.app.world_mut().insert_resource(FrameTag(None));
        for _ in 0..MAX_DRAINING_UPDATES {
            if handed.frames == asked {
                return Ok(asked);
            }
            self.draw()?;
            self.hand_over(writer, &mut handed)?;
        }
        Err(OffscreenError::NotReadBack.into())
    }

    /// Hands the frames that have arrived to the writer, in order, and those that only repeat the one before.
    fn hand_over(
        &mut self,
        writer: &mut VideoWriter,
        handed: &mut HandedOver,
    ) -> Result<(), RecordingError> {
        let captures = self.app.world().resource::<Captures>();
        loop {
            if handed.again.front() == Some(&handed.frames) {
                handed.again.pop_front();
                let mut copy = writer.buffer().unwrap_or_default();
                copy.clone_from(&handed.last);
                writer.push(copy)?;
                handed.frames += 1;
                continue;
            }
            let Some(frame) = captures.take() else {
                return Ok(());
            };
            let frame = frame?;
            if frame.tag != handed.frames {
                return Err(CaptureError::OutOfOrder {
                    found: frame.tag,
                    expected: handed.frames,
                }
                .into());
            }
            let (rgba, spare) = self.finished(frame);
            if handed.again.front() == Some(&(handed.frames + 1)) {
                handed.last.clone_from(&rgba);
            }
            writer.push(rgba)?;
            handed.frames += 1;
            if let Some(used) = spare.or_else(|| writer.buffer()) {
                captures.reuse(used);
            }
        }
    }

    /// The picture as it goes into the file, and memory that is free again.
    fn finished(&self, frame: TaggedFrame) -> (Vec<u8>, Option<Vec<u8>>) {
        if self.samples == 1 && !self.transparent {
            return (frame.rgba, None);
        }
        let drawn = Picture {
            width: frame.width,
            height: frame.height,
            rgba: frame.rgba,
        };
        let small = drawn.downsampled(self.samples, self.transparent);
        (small.rgba, Some(drawn.rgba))
    }
}
