//! The writer's thread and its queue.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::output::Sink;
use super::{Codec, Finished, VideoError, VideoSpec};

/// Frames that may wait for the encoder before [`VideoWriter::push`] waits.
pub const QUEUE: usize = 4;

/// A video being written: its own thread encodes what [`VideoWriter::push`] hands over.
///
/// Dropping it without [`VideoWriter::finish`] or [`VideoWriter::cancel`] (an early return, a panic)
/// encodes what was pushed and leaves the part file.
#[derive(Debug)]
pub struct VideoWriter {
    spec: VideoSpec,
    path: PathBuf,
    shared: Arc<Shared>,
    /// `None` once the queue is closed.
    frames: Option<SyncSender<Message>>,
    /// Locked so that threads may share the writer.
    used: Mutex<Receiver<Vec<u8>>>,
    thread: Option<JoinHandle<Result<Option<u64>, VideoError>>>,
    failed: Option<VideoError>,
}

#[derive(Debug, Default)]
struct Shared {
    queued: AtomicUsize,
    most: AtomicUsize,
    frames: AtomicU64,
    bytes: AtomicU64,
    cancelled: AtomicBool,
}

enum Message {
    Frame(Vec<u8>),
    Finish,
}

impl VideoWriter {
    /// Refuses what [`create`](Self::create) would refuse, and leaves nothing: to be asked before hours are spent on the frames.
    ///
    /// # Errors
    /// See [`VideoError`].
    pub fn check(path: &Path, spec: &VideoSpec, force: bool) -> Result<(), VideoError> {
        spec.check()?;
        spec.codec.check_path(path)?;
        match spec.codec {
            Codec::H264 | Codec::Gif => super::output::check_part(path, force),
            Codec::Png => super::png::PngSink::check(path, force),
            Codec::X264 | Codec::ProRes4444 | Codec::Av1 => {
                super::ffmpeg::FfmpegSink::check(path, spec, force)
            }
        }
    }

    /// Starts the file `path` and its thread. Everything that can be refused is refused here, before a
    /// file is created: a wrong size or rate, a name that does not fit the codec, an existing target
    /// without `force`, a left-over part file without `force`, a missing ffmpeg, an unwritable folder.
    /// With `force` the target is replaced only once the new file is finished.
    ///
    /// # Errors
    /// See [`VideoError`].
    pub fn create(path: &Path, spec: VideoSpec, force: bool) -> Result<VideoWriter, VideoError> {
        spec.check()?;
        spec.codec.check_path(path)?;
        let sink: Box<dyn Sink> = match spec.codec {
            Codec::H264 => Box::new(super::h264::H264Sink::create(path, &spec, force)?),
            Codec::Gif => Box::new(super::gif::GifSink::create(path, &spec, force)?),
            Codec::Png => Box::new(super::png::PngSink::create(path, &spec, force)?),
            Codec::X264 | Codec::ProRes4444 | Codec::Av1 => {
                Box::new(super::ffmpeg::FfmpegSink::create(path, &spec, force)?)
            }
        };
        VideoWriter::of(sink, path, spec)
    }

    /// Starts the thread that feeds a sink.
    fn of(sink: Box<dyn Sink>, path: &Path, spec: VideoSpec) -> Result<VideoWriter, VideoError> {
        let shared = Arc::new(Shared::default());
        let (frames, incoming) = sync_channel(QUEUE);
        let (back, used) = sync_channel(QUEUE + 2);
        let thread = thread::Builder::new()
            .name("video".into())
            .spawn({
                let shared = Arc::clone(&shared);
                move || encode(sink, &incoming, &back, &shared)
            })
            .map_err(VideoError::io(path))?;
        Ok(VideoWriter {
            spec,
            path: path.into(),
            shared,
            frames: Some(frames),
            used: Mutex::new(used),
            thread: Some(thread),
            failed: None,
        })
    }

    /// What is being written.
    pub fn spec(&self) -> &VideoSpec {
        &self.spec
    }

    /// The target.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Hands over one frame: straight-alpha sRGB RGBA8, rows from the top, [`VideoSpec::frame_bytes`]
    /// long. Waits while [`QUEUE`] frames are waiting.
    ///
    /// # Errors
    /// [`VideoError::FrameSize`] for a wrong length (the recording goes on); the encoder's error if it
    /// has failed, here and in every later call.
    pub fn push(&mut self, rgba: Vec<u8>) -> Result<(), VideoError> {
        if let Some(failed) = &self.failed {
            return Err(failed.clone());
        }
        if rgba.len() != self.spec.frame_bytes() {
            let [width, height] = self.spec.size;
            return Err(VideoError::FrameSize {
                found: rgba.len(),
                expected: self.spec.frame_bytes(),
                width,
                height,
            });
        }
        let queued = self.shared.queued.fetch_add(1, Ordering::SeqCst) + 1;
        self.shared.most.fetch_max(queued, Ordering::SeqCst);
        let sent = self
            .frames
            .as_ref()
            .is_some_and(|frames| frames.send(Message::Frame(rgba)).is_ok());
        if sent { Ok(()) } else { Err(self.failure()) }
    }

    /// A buffer that the encoder is done with, to fill and [`VideoWriter::push`] again; `None` if none has come back
    /// yet. With it, memory stays at [`QUEUE`] + 2 frames. Its length is right, its content arbitrary.
    pub fn buffer(&mut self) -> Option<Vec<u8>> {
        let used = self.used.get_mut().unwrap_or_else(PoisonError::into_inner);
        used.try_recv().ok()
    }

    /// Whether [`VideoWriter::push`] would wait now.
    pub fn is_full(&self) -> bool {
        // One more than the queue is in the encoder's hands. Nobody waits for a thread that has failed.
        let works = |thread: &JoinHandle<_>| !thread.is_finished();
        self.queued() > QUEUE && self.thread.as_ref().is_some_and(works)
    }

    /// Frames pushed and not yet encoded, the one in the encoder included.
    pub fn queued(&self) -> usize {
        self.shared.queued.load(Ordering::SeqCst)
    }

    /// The most [`VideoWriter::queued`] has been.
    pub fn most_queued(&self) -> usize {
        self.shared.most.load(Ordering::SeqCst)
    }

    /// Frames encoded so far.
    pub fn frames_written(&self) -> u64 {
        self.shared.frames.load(Ordering::SeqCst)
    }

    /// Bytes on disk so far.
    pub fn bytes_written(&self) -> u64 {
        self.shared.bytes.load(Ordering::SeqCst)
    }

    /// Ends the file: everything pushed is encoded, and the file gets its name.
    ///
    /// # Errors
    /// The encoder's error, or the file system's; the message says where the recording is kept.
    /// [`VideoError::NoFrames`] if none was pushed.
    pub fn finish(mut self) -> Result<Finished, VideoError> {
        if let Some(failed) = &self.failed {
            return Err(failed.clone());
        }
        if let Some(frames) = self.frames.take() {
            // A closed channel means that the thread has failed; joining it says why.
            let _ = frames.send(Message::Finish);
        }
        match self.join() {
            Ok(Some(bytes)) => Ok(self.finished(bytes)),
            Ok(None) => Err(VideoError::NoFrames {
                path: self.path.clone(),
            }),
            Err(error) => Err(error),
        }
    }

    /// Ends without keeping anything; a target that existed before stays as it was.
    pub fn cancel(mut self) {
        self.shared.cancelled.store(true, Ordering::SeqCst);
        self.frames = None;
        let _ = self.join();
    }

    fn finished(&self, bytes: u64) -> Finished {
        let frames = self.frames_written();
        let even = |side: u32| {
            if self.spec.codec.pads_to_even() {
                side.next_multiple_of(2)
            } else {
                side
            }
        };
        Finished {
            path: self.path.clone(),
            frames,
            bytes,
            size: self.spec.size.map(even),
            seconds: frames as f64 / self.spec.fps.per_second(),
        }
    }

    fn failure(&mut self) -> VideoError {
        self.frames = None;
        let error = match self.join() {
            Err(error) => error,
            // The thread only stops early by an error.
            Ok(_) => self.panicked(),
        };
        self.failed = Some(error.clone());
        error
    }

    fn join(&mut self) -> Result<Option<u64>, VideoError> {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(self.panicked()),
            None => Ok(None),
        }
    }

    fn panicked(&self) -> VideoError {
        VideoError::Encoder {
            codec: self.spec.codec,
            path: self.path.clone(),
            part: None,
            message: "the encoder's thread stopped unexpectedly".into(),
        }
    }
}

impl Drop for VideoWriter {
    fn drop(&mut self) {
        self.frames = None;
        let _ = self.join();
    }
}

/// The thread: `Ok(Some(bytes))` for a finished file, `Ok(None)` for a recording without frames or one
/// that was dropped or cancelled.
fn encode(
    mut sink: Box<dyn Sink>,
    incoming: &Receiver<Message>,
    back: &SyncSender<Vec<u8>>,
    shared: &Shared,
) -> Result<Option<u64>, VideoError> {
    let mut finish = false;
    for message in incoming {
        if shared.cancelled.load(Ordering::SeqCst) {
            break;
        }
        match message {
            Message::Frame(rgba) => {
                let result = sink.frame(&rgba);
                shared.bytes.store(sink.bytes(), Ordering::SeqCst);
                if let Err(error) = result {
                    sink.keep();
                    return Err(error);
                }
                shared.frames.fetch_add(1, Ordering::SeqCst);
                shared.queued.fetch_sub(1, Ordering::SeqCst);
                // Full or closed: nobody takes buffers back, so this one is freed.
                let _ = back.try_send(rgba);
            }
            Message::Finish => {
                finish = true;
                break;
            }
        }
    }
    let empty = shared.frames.load(Ordering::SeqCst) == 0;
    if shared.cancelled.load(Ordering::SeqCst) || empty {
        sink.discard();
        return Ok(None);
    }
    if !finish {
        sink.keep();
        return Ok(None);
    }
    let bytes = sink.finish()?;
    shared.bytes.store(bytes, Ordering::SeqCst);
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use std::thread::yield_now;

    use super::*;

    /// Fails at its first frame, once it is told to.
    struct Failing(Receiver<()>);

    impl Sink for Failing {
        fn frame(&mut self, _: &[u8]) -> Result<(), VideoError> {
            let _ = self.0.recv();
            Err(VideoError::NoFrames {
                path: "nowhere".into(),
            })
        }

        fn bytes(&self) -> u64 {
            0
        }

        fn finish(self: Box<Self>) -> Result<u64, VideoError> {
            Ok(0)
        }

        fn keep(self: Box<Self>) {}

        fn discard(self: Box<Self>) {}
    }

    #[test]
    fn whoever_waits_for_room_learns_of_a_failure() {
        let (fail, failing) = sync_channel(1);
        let spec = VideoSpec::new([16, 16], 30, Codec::Png);
        let sink = Box::new(Failing(failing));
        let mut writer = VideoWriter::of(sink, Path::new("nowhere"), spec).expect("a thread");
        for _ in 0..=QUEUE {
            let frame = vec![0; spec.frame_bytes()];
            writer.push(frame).expect("room");
        }
        assert!(writer.is_full());
        fail.send(()).expect("it waits");
        while writer.thread.as_ref().is_some_and(|it| !it.is_finished()) {
            yield_now();
        }
        assert!(!writer.is_full());
        assert!(writer.push(vec![0; spec.frame_bytes()]).is_err());
    }
}
