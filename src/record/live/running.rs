//! The recording under way: pictures in as they come, frames out at a steady rate, without ever waiting for the encoder.

use std::collections::VecDeque;
use std::path::PathBuf;

use crate::record::capture::TaggedFrame;
use crate::video::{Codec, Finished, VideoError, VideoSpec, VideoWriter};

/// While no new picture comes the one before goes on being shown, but no longer than this: of a longer standstill the rest is
/// left out. In seconds.
const LONGEST_STILL: f64 = 2.0;

pub(super) struct Running {
    file: PathBuf,
    codec: Codec,
    fps: u32,
    /// The tag of frame 0. Pictures of earlier recordings, which may still arrive, have lower ones.
    first_tag: u64,
    /// The recording's clock, and how long it stood still while the window did.
    seconds: f64,
    left_out: f64,
    /// The last frame asked for.
    asked: Option<u64>,
    /// Opened with the first picture, whose size is the video's.
    writer: Option<VideoWriter>,
    /// Pictures that wait for the writer, with the first frame that shows each.
    waiting: VecDeque<(u64, Vec<u8>)>,
    /// The picture handed over last, and the frame that comes next.
    last: Vec<u8>,
    next: u64,
}

impl Running {
    pub(super) fn new(file: PathBuf, codec: Codec, first_tag: u64) -> Running {
        Running {
            file,
            codec,
            fps: codec.usual_fps(),
            first_tag,
            seconds: 0.0,
            left_out: 0.0,
            asked: None,
            writer: None,
            waiting: VecDeque::new(),
            last: Vec::new(),
            next: 0,
        }
    }

    pub(super) fn seconds(&self) -> f64 {
        self.seconds
    }

    /// Seconds in which nothing was drawn, and which the video leaves out.
    pub(super) fn left_out(&self) -> f64 {
        self.left_out
    }

    pub(super) fn bytes(&self) -> u64 {
        self.writer.as_ref().map_or(0, VideoWriter::bytes_written)
    }

    /// The clock goes on. Returns the tag of the frame that is to be drawn now, if one is due.
    pub(super) fn advance(&mut self, seconds: f64) -> Option<u64> {
        let fps = f64::from(self.fps);
        let most = self.seconds.max(self.next as f64 / fps + LONGEST_STILL);
        let now = self.seconds + seconds;
        self.seconds = now.min(most);
        self.left_out += now - self.seconds;
        let due = (self.seconds * fps) as u64;
        let is_full = self.writer.as_ref().is_some_and(VideoWriter::is_full);
        let is_late = is_full || !self.waiting.is_empty();
        let is_due = self.asked.is_none_or(|asked| due > asked);
        if is_late || !is_due {
            return None;
        }
        self.asked = Some(due);
        Some(self.first_tag + due)
    }

    /// Takes a picture.
    ///
    /// # Errors
    /// If it has another size than the ones before, or if the file cannot be begun.
    pub(super) fn take(&mut self, frame: TaggedFrame) -> Result<(), String> {
        let Some(number) = frame.tag.checked_sub(self.first_tag) else {
            return Ok(());
        };
        let size = [frame.width, frame.height];
        let writer = match &mut self.writer {
            Some(writer) => writer,
            slot => {
                let spec = VideoSpec::new(size, self.fps, self.codec);
                let writer = VideoWriter::create(&self.file, spec, true);
                slot.insert(writer.map_err(|error| error.to_string())?)
            }
        };
        if writer.spec().size != size {
            return Err("the window's size changed: the recording ended".to_owned());
        }
        self.waiting.push_back((number, frame.rgba));
        Ok(())
    }

    /// Hands over what the writer takes without waiting. Returns memory that is free again.
    ///
    /// # Errors
    /// The writer's.
    pub(super) fn hand_over(&mut self) -> Result<Vec<Vec<u8>>, VideoError> {
        let mut free = Vec::new();
        while self.writer.as_ref().is_some_and(|writer| !writer.is_full())
            && self.push(&mut free)?
        {}
        Ok(free)
    }

    /// Hands over the next frame; says whether there was one.
    fn push(&mut self, free: &mut Vec<Vec<u8>>) -> Result<bool, VideoError> {
        let (Some(writer), Some((number, _))) = (&mut self.writer, self.waiting.front()) else {
            return Ok(false);
        };
        // Frames that were not drawn in time show the one before.
        let is_new = self.next >= *number || self.last.is_empty();
        if is_new && let Some((number, rgba)) = self.waiting.pop_front() {
            self.next = self.next.max(number);
            free.push(std::mem::replace(&mut self.last, rgba));
        }
        let mut copy = writer.buffer().unwrap_or_default();
        copy.clone_from(&self.last);
        writer.push(copy)?;
        self.next += 1;
        Ok(true)
    }

    /// Hands over the rest, and ends the file. Waits for the encoder. `None` if there was no picture.
    ///
    /// # Errors
    /// The writer's.
    pub(super) fn finish(mut self) -> Option<Result<Finished, VideoError>> {
        self.finish_in_place()
    }

    fn finish_in_place(&mut self) -> Option<Result<Finished, VideoError>> {
        self.writer.as_ref()?;
        let mut rest = Ok(true);
        while let Ok(true) = rest {
            rest = self.push(&mut Vec::new());
        }
        // The writer says why it takes no more.
        self.writer.take().map(VideoWriter::finish)
    }

    /// Keeps nothing.
    pub(super) fn cancel(mut self) {
        if let Some(writer) = self.writer.take() {
            writer.cancel();
        }
    }

    pub(super) fn has_pictures(&self) -> bool {
        self.writer.is_some()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The window was closed: what was recorded is kept under its name. There is nobody to tell of an error.
        let _ = self.finish_in_place();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::video::QUEUE;

    const SIZE: u32 = 320;

    fn running(folder: &std::path::Path) -> Running {
        Running::new(folder.join("frames"), Codec::Png, 100)
    }

    fn picture(tag: u64) -> TaggedFrame {
        TaggedFrame {
            tag,
            width: SIZE,
            height: SIZE,
            rgba: vec![tag as u8; (SIZE * SIZE * 4) as usize],
        }
    }

    /// Draws a frame after so many seconds.
    fn draw(running: &mut Running, seconds: f64) -> bool {
        let tag = running.advance(seconds);
        if let Some(tag) = tag {
            running.take(picture(tag)).expect("the same size");
        }
        running.hand_over().expect("a writer that works");
        tag.is_some()
    }

    #[test]
    fn a_standstill_neither_blocks_the_window_nor_fills_the_video() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut running = running(folder.path());
        assert!(draw(&mut running, 0.0));
        assert!(draw(&mut running, 600.0), "ten minutes later");
        let queued = running.writer.as_ref().map(VideoWriter::most_queued);
        assert!(queued <= Some(QUEUE + 1), "{queued:?}: nobody waited");
        let left_out = running.left_out();
        assert!((597.9..598.1).contains(&left_out), "{left_out}");
        let finished = running.finish().expect("pictures").expect("a video");
        assert_eq!(
            finished.frames,
            1 + 60 + 1,
            "two seconds between the first and the last"
        );
    }

    #[test]
    fn late_frames_show_the_one_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut running = running(folder.path());
        for seconds in [0.0, 0.1, 0.01, 0.09] {
            draw(&mut running, seconds);
            while running.writer.as_ref().is_some_and(VideoWriter::is_full) {
                std::thread::sleep(Duration::from_millis(1));
            }
            running.hand_over().expect("a writer that works");
        }
        assert_eq!(running.left_out(), 0.0);
        let finished = running.finish().expect("pictures").expect("a video");
        assert_eq!(finished.frames, 7, "0.2 s and the last one");
    }

    #[test]
    fn pictures_of_the_recording_before_are_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut running = running(folder.path());
        running.take(picture(99)).expect("nothing to refuse");
        assert!(!running.has_pictures());
        draw(&mut running, 0.0);
        let finished = running.finish().expect("pictures").expect("a video");
        assert_eq!(finished.frames, 1);
    }
}
