//! Recording the window while a person uses it. Time is the clock's: where frames come too slowly one is shown for longer,
//! where they come too fast some are left out, so that the video runs as the person saw it.

mod running;

use std::path::PathBuf;

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, futures::check_ready};
use bevy::window::PrimaryWindow;

use super::capture::{Captures, FrameTag};
use crate::lab::Stage;
use crate::lab::command::Notice;
use crate::lab::session::recording::{
    RecordingCommand, RecordingNow, RecordingState, RecordingWish,
};
use crate::video::{Codec, Finished, VideoError};
use running::Running;

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
    ending: Option<Ending>,
    /// The first tag that no picture of a recording has had yet.
    next_tag: u64,
    /// The window's size before, to go back to.
    size_before: Option<UVec2>,
}

/// A file that is brought to its end beside the frames.
struct Ending {
    task: Task<Option<Result<Finished, VideoError>>>,
    left_out: f64,
}

impl LiveRecording {
    /// Whether frames are wanted, or a file is still being brought to its end.
    pub fn is_busy(&self) -> bool {
        self.running.is_some() || self.ending.is_some() || self.wanted.is_some()
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
    mut commands: MessageReader<RecordingCommand>,
    mut live: ResMut<LiveRecording>,
    mut tag: ResMut<FrameTag>,
    mut notice: ResMut<Notice>,
    mut window: Query<&mut Window, With<PrimaryWindow>>,
) {
    for command in commands.read() {
        match command {
            RecordingCommand::Begin(wish) if !live.is_busy() => {
                if let Some([width, height]) = wish.size
                    && let Ok(mut window) = window.single_mut()
                {
                    live.size_before = Some(window.physical_size());
                    window.resolution.set_physical_resolution(width, height);
                }
                live.wanted = Some((wish.clone(), 0));
            }
            RecordingCommand::Stop => live.stop(&mut tag, true),
            RecordingCommand::Cancel => live.stop(&mut tag, false),
            RecordingCommand::Begin(_) => {}
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
            let fps = if codec == Codec::Gif { GIF_FPS } else { FPS };
            live.running = Some(Running::new(wish.file, codec, fps, live.next_tag));
        }
        Err(error) => *notice = Notice::bad(error),
    }
}

impl LiveRecording {
    fn stop(&mut self, tag: &mut FrameTag, keep: bool) {
        self.wanted = None;
        tag.0 = None;
        let Some(running) = self.running.take() else {
            return;
        };
        if !keep {
            running.cancel();
        } else if running.has_pictures() {
            self.ending = Some(Ending {
                left_out: running.left_out(),
                task: IoTaskPool::get().spawn(async move { running.finish() }),
            });
        }
    }

    /// Passes on the pictures that have arrived.
    fn pass_on(&mut self, captures: &Captures) -> Result<(), String> {
        while let Some(frame) = captures.take() {
            if let Some(running) = &mut self.running {
                running.take(frame.map_err(|error| error.to_string())?)?;
            }
        }
        if let Some(running) = &mut self.running {
            let free = running.hand_over().map_err(|error| error.to_string())?;
            free.into_iter().for_each(|used| captures.reuse(used));
        }
        Ok(())
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
    if let Err(error) = live.pass_on(&captures) {
        // What was recorded so far is kept.
        live.stop(&mut tag, true);
        *notice = Notice::bad(error);
        return;
    }
    let Some(running) = &mut live.running else {
        return;
    };
    let next = running.advance(time.delta_secs_f64());
    live.next_tag = next.map_or(live.next_tag, |tag| tag + 1);
    if tag.0 != next {
        tag.0 = next;
    }
}

/// Says how the recording stands, and where it went.
fn announce(
    mut live: ResMut<LiveRecording>,
    mut state: ResMut<RecordingState>,
    mut notice: ResMut<Notice>,
    mut window: Query<&mut Window, With<PrimaryWindow>>,
) {
    let ended = live.ending.as_mut().and_then(|ending| {
        let ended = check_ready(&mut ending.task)?;
        Some((ended, ending.left_out))
    });
    if let Some((ended, left_out)) = ended {
        live.ending = None;
        match ended {
            Some(Ok(video)) => *notice = saved(&video, left_out),
            Some(Err(error)) => *notice = Notice::bad(error),
            None => {}
        }
    }
    if !live.is_busy()
        && let Some(size) = live.size_before.take()
        && let Ok(mut window) = window.single_mut()
    {
        window.resolution.set_physical_resolution(size.x, size.y);
    }
    let now = match (&live.running, &live.ending) {
        (Some(running), _) => Some(RecordingNow {
            seconds: running.seconds(),
            bytes: running.bytes(),
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

/// Good news of a video, and what it leaves out.
fn saved(video: &Finished, left_out: f64) -> Notice {
    let left_out = if left_out > 0.5 {
        format!("; {left_out:.0} s in which the window was not drawn are left out")
    } else {
        String::new()
    };
    Notice {
        folder: video.path.parent().map(PathBuf::from),
        ..Notice::good(format!(
            "Saved {}, {:.1} s, {:.1} MB{left_out}",
            video.path.display(),
            video.seconds,
            video.bytes as f64 / 1e6
        ))
    }
}
