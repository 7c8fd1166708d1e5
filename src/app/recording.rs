//! A video, frame by frame, off-screen: what a frame shows depends on its number alone.

use std::ops::ControlFlow;
use std::time::Duration;

use bevy::time::TimeUpdateStrategy;

use super::offscreen::{Offscreen, OffscreenError};
use crate::lab::playback::Timeline;
use crate::lab::{CameraRig, Playback};
use crate::record::capture::{CaptureError, Captures, FrameTag, TaggedFrame};
use crate::record::plan::Plan;
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

impl Offscreen {
    /// The timeline of the experiment, its descents computed: known once it has settled.
    pub fn timeline(&self) -> Timeline {
        self.app.world().resource::<Playback>().timeline().clone()
    }

    /// Draws every frame of a plan and hands it to the writer, until `go_on` says to stop. The picture must have
    /// settled before. Returns how many frames were handed over.
    ///
    /// # Errors
    /// If a frame is not read back, or not written. What was handed over until then is the writer's.
    pub fn record(
        &mut self,
        plan: &Plan,
        writer: &mut VideoWriter,
        mut go_on: impl FnMut(&VideoWriter) -> ControlFlow<()>,
    ) -> Result<u64, RecordingError> {
        let frame_time = Duration::from_secs_f64(1.0 / f64::from(plan.fps));
        self.app
            .insert_resource(TimeUpdateStrategy::ManualDuration(frame_time));
        let mut written = 0;
        let mut asked = plan.frames;
        for frame in 0..plan.frames {
            let world = self.app.world_mut();
            world.resource_mut::<Playback>().seek(plan.position(frame));
            let pose = plan.moment(frame).pose;
            let mut rig = world.resource_mut::<CameraRig>();
            if rig.pose != pose {
                rig.pose = pose;
            }
            world.insert_resource(FrameTag(Some(frame)));
            self.app.update();
            self.hand_over(writer, &mut written)?;
            if go_on(writer).is_break() {
                asked = frame + 1;
                break;
            }
        }
        self.app.world_mut().insert_resource(FrameTag(None));
        for _ in 0..MAX_DRAINING_UPDATES {
            if written == asked {
                return Ok(written);
            }
            self.app.update();
            self.hand_over(writer, &mut written)?;
        }
        Err(OffscreenError::NotReadBack.into())
    }

    /// Hands the frames that have arrived to the writer.
    fn hand_over(
        &mut self,
        writer: &mut VideoWriter,
        written: &mut u64,
    ) -> Result<(), RecordingError> {
        let captures = self.app.world().resource::<Captures>();
        while let Some(frame) = captures.take() {
            let frame = frame?;
            if frame.tag != *written {
                return Err(CaptureError::OutOfOrder {
                    found: frame.tag,
                    expected: *written,
                }
                .into());
            }
            let (rgba, spare) = self.finished(frame);
            writer.push(rgba)?;
            *written += 1;
            if let Some(used) = spare.or_else(|| writer.buffer()) {
                captures.reuse(used);
            }
        }
        Ok(())
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
