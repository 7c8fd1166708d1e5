//! Recording the window while a person uses it. Time is the clock's: where frames come too slowly one is shown for longer,
//! where they come too fast some are left out, so that the video runs as the person saw it.

use std::path::PathBuf;

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, futures::check_ready};
use bevy::window::PrimaryWindow;

use super::capture::{Captures, FrameTag};
use crate::lab::command::Notice;
use crate::lab::recording::{RecordingNow, RecordingState, RecordingWish};
use crate::lab::{LabCommand, Stage};
use crate::video::{Codec, Finished, VideoError, VideoSpec, VideoWriter};

/// Frames per second.
const FPS: u32 = 30;
const GIF_FPS: u32 = 25;
/// A window has its new size after so many frames.
const RESIZING_FRAMES: u32 = 20;

/// The recording under way.
#[derive(Resource, Default)]
pub struct LiveRecording {
    running: Option<Running>,
    /// Waits for the window to have its size, since so many frames.
    wanted: Option<(RecordingWish, u32)>,
    ending: Option<Task<Result<Finished, VideoError>>>,
    /// The window's size before, to go back to.
    size_before: Option<UVec2>,
}

struct Running {
    file: PathBuf,
    codec: Codec,
    fps: u32,
    seconds: f64,
    /// The last frame asked for.
    asked: Option<u64>,
    /// Opened with the first frame, whose size is the video's.
    writer: Option<VideoWriter>,
    /// The last frame, and how many were handed over.
    last: Vec<u8>,
    frames: u64,
}

impl LiveRecording {
    /// Whether frames are wanted, or a file is still being brought to its end.
    pub fn is_busy(&self) -> bool {
        self.running.is_some() || self.ending.is_some() || self.wanted.is_some()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The window was closed: what was recorded is kept under its name. There is nobody to tell of an error.
        if let Some(writer) = self.writer.take() {
            let _ = writer.finish();
        }
    }
}

pub fn plugin(app: &mut App) {
    app.init_resource::<LiveRecording>().add_systems(
        Update,
        (
            obey.in_set(Stage::Model),
            (collect, announce).chain().in_set(Stage::View),
        ),
    );
}

fn obey(
    mut commands: MessageReader<LabCommand>,
    mut live: ResMut<LiveRecording>,
    mut tag: ResMut<FrameTag>,
    mut notice: ResMut<Notice>,
    mut window: Query<&mut Window, With<PrimaryWindow>>,
) {
    for command in commands.read() {
        match command {
            LabCommand::Record(wish) if !live.is_busy() => {
                if let Some([width, height]) = wish.size
                    && let Ok(mut window) = window.single_mut()
                {
                    live.size_before = Some(window.physical_size());
                    window.resolution.set_physical_resolution(width, height);
                }
                live.wanted = Some((wish.clone(), 0));
            }
            LabCommand::StopRecording => live.stop(&mut tag, true),
            LabCommand::CancelRecording => live.stop(&mut tag, false),
            _ => {}
        }
    }
    let Some((wish, frames)) = live.wanted.take() else {
        return;
    };
    // Platforms take their time to resize a window, and some refuse.
    if wish.size.is_some() && frames < RESIZING_FRAMES {
        live.wanted = Some((wish, frames + 1));
        return;
    }
    match Codec::for_path(&wish.file) {
        Ok(codec) => {
            live.running = Some(Running {
                file: wish.file,
                codec,
                fps: if codec == Codec::Gif { GIF_FPS } else { FPS },
                seconds: 0.0,
                asked: None,
                writer: None,
                last: Vec::new(),
                frames: 0,
            });
        }
        Err(error) => *notice = Notice::bad(error),
    }
}

impl LiveRecording {
    fn stop(&mut self, tag: &mut FrameTag, keep: bool) {
        self.wanted = None;
        tag.0 = None;
        let Some(mut running) = self.running.take() else {
            return;
        };
        let Some(writer) = running.writer.take() else {
            return;
        };
        if keep {
            self.ending = Some(IoTaskPool::get().spawn(async move { writer.finish() }));
        } else {
            writer.cancel();
        }
    }
}

/// Asks for the frame that is due, and hands those that have arrived to the writer.
fn collect(
    mut live: ResMut<LiveRecording>,
    captures: Res<Captures>,
    mut tag: ResMut<FrameTag>,
    mut notice: ResMut<Notice>,
    time: Res<Time<Real>>,
) {
    let mut failed = None;
    while let Some(frame) = captures.take() {
        let Some(running) = &mut live.running else {
            continue;
        };
        let outcome = match frame {
            Ok(frame) => running.take_frame(frame.tag, [frame.width, frame.height], frame.rgba),
            Err(error) => Err(error.to_string()),
        };
        match outcome {
            Ok(Some(used)) => captures.reuse(used),
            Ok(None) => {}
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
    }
    if let Some(error) = failed {
        // What was recorded so far is kept.
        live.stop(&mut tag, true);
        *notice = Notice::bad(error);
        return;
    }
    let Some(running) = &mut live.running else {
        return;
    };
    running.seconds += time.delta_secs_f64();
    let due = (running.seconds * f64::from(running.fps)) as u64;
    let late = running.writer.as_ref().is_some_and(VideoWriter::is_full);
    let next = (running.asked.is_none_or(|asked| due > asked) && !late).then_some(due);
    running.asked = next.or(running.asked);
    if tag.0 != next {
        tag.0 = next;
    }
}

impl Running {
    /// Takes the picture of frame `number`, and gives back memory that is free.
    fn take_frame(
        &mut self,
        number: u64,
        size: [u32; 2],
        rgba: Vec<u8>,
    ) -> Result<Option<Vec<u8>>, String> {
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
        // Frames that were not drawn in time show the one before.
        while self.frames < number && !self.last.is_empty() {
            let mut again = writer.buffer().unwrap_or_default();
            again.clone_from(&self.last);
            writer.push(again).map_err(|error| error.to_string())?;
            self.frames += 1;
        }
        let used = std::mem::replace(&mut self.last, rgba);
        let mut copy = writer.buffer().unwrap_or_default();
        copy.clone_from(&self.last);
        writer.push(copy).map_err(|error| error.to_string())?;
        self.frames = self.frames.max(number) + 1;
        Ok((!used.is_empty()).then_some(used))
    }
}

/// Says how the recording stands, and where it went.
fn announce(
    mut live: ResMut<LiveRecording>,
    mut state: ResMut<RecordingState>,
    mut notice: ResMut<Notice>,
    mut window: Query<&mut Window, With<PrimaryWindow>>,
) {
    let ended = live.ending.as_mut().and_then(check_ready);
    if let Some(ended) = ended {
        live.ending = None;
        *notice = match ended {
            Ok(video) => Notice {
                folder: video.path.parent().map(PathBuf::from),
                ..Notice::good(format!(
                    "Saved {}, {:.1} s, {:.1} MB",
                    video.path.display(),
                    video.seconds,
                    video.bytes as f64 / 1e6
                ))
            },
            Err(error) => Notice::bad(error),
        };
    }
    if !live.is_busy()
        && let Some(size) = live.size_before.take()
        && let Ok(mut window) = window.single_mut()
    {
        window.resolution.set_physical_resolution(size.x, size.y);
    }
    let now = match (&live.running, &live.ending) {
        (Some(running), _) => Some(RecordingNow {
            seconds: running.seconds,
            bytes: running
                .writer
                .as_ref()
                .map_or(0, VideoWriter::bytes_written),
            is_ending: false,
        }),
        (None, Some(_)) => Some(RecordingNow {
            seconds: 0.0,
            bytes: 0,
            is_ending: true,
        }),
        (None, None) => None,
    };
    state.set_if_neq(RecordingState(now));
}
