//! Recording the window while a person uses it. Time is the clock's: where frames come too slowly one is shown for longer,
//! where they come too fast some are left out, so that the video runs as the person saw it.

mod running;

use std::path::PathBuf;

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, futures::check_ready};
use bevy::window::PrimaryWindow;

use super::capture::{Captures, FrameTag};
use crate::lab::Stage;
use crate::lab::command::Notice;
use crate::lab::session::recording::{
    RecordingCommand, RecordingNow, RecordingState, RecordingWish,
};
use crate::video::{Codec, Finished, VideoError};
use running::Running;

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
    /// `None` once it is over.
    task: Option<Task<Ended>>,
    left_out: f64,
    /// Why it ended, if no person ended it.
    why: Option<String>,
}

/// What became of a file; `None` if there was no picture.
type Ended = Option<Result<Finished, VideoError>>;

impl Ending {
    /// What became of it, once it is over.
    fn ended(&mut self) -> Option<Ended> {
        let ended = check_ready(self.task.as_mut()?);
        if ended.is_some() {
            self.task = None;
        }
        ended
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        // The window was closed meanwhile: the file gets its name all the same.
        if let Some(task) = self.task.take() {
            let _ = block_on(task);
        }
    }
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
            RecordingCommand::Stop => live.stop(&mut tag, None),
            RecordingCommand::Cancel => live.cancel(&mut tag),
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
            live.running = Some(Running::new(wish.file, codec, live.next_tag));
        }
        Err(error) => *notice = Notice::bad(error),
    }
}

impl LiveRecording {
    /// Ends the recording, and keeps it; `why` if no person ends it.
    fn stop(&mut self, tag: &mut FrameTag, why: Option<String>) {
        let running = self.taken(tag).filter(Running::has_pictures);
        self.ending = running.map(|running| Ending {
            left_out: running.left_out(),
            why,
            task: Some(IoTaskPool::get().spawn(async move { running.finish() })),
        });
    }

    /// Ends it, and keeps nothing.
    fn cancel(&mut self, tag: &mut FrameTag) {
        if let Some(running) = self.taken(tag) {
            running.cancel();
        }
    }

    /// The recording under way; no further frame is asked for.
    fn taken(&mut self, tag: &mut FrameTag) -> Option<Running> {
        self.wanted = None;
        tag.0 = None;
        self.running.take()
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
        live.stop(&mut tag, Some(error.clone()));
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
    if let Some(ending) = &mut live.ending
        && let Some(ended) = ending.ended()
    {
        if let Some(ended) = ended {
            *notice = told(ended, ending);
        }
        live.ending = None;
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

/// What is said of a video: why it ended, where it lies, and what it leaves out.
fn told(ended: Result<Finished, VideoError>, ending: &Ending) -> Notice {
    let because = |said: String| match &ending.why {
        // The writer says the same at its end.
        Some(why) if *why != said => format!("{why}. {said}"),
        _ => said,
    };
    let video = match ended {
        Ok(video) => video,
        Err(error) => return Notice::bad(because(error.to_string())),
    };
    let left_out = match ending.left_out {
        seconds if seconds > 0.5 => {
            format!("; {seconds:.0} s in which the window was not drawn are left out")
        }
        _ => String::new(),
    };
    let said = because(format!(
        "Saved {}, {:.1} s, {:.1} MB{left_out}",
        video.path.display(),
        video.seconds,
        video.bytes as f64 / 1e6
    ));
    Notice {
        text: Some(said),
        is_good: ending.why.is_none(),
        folder: video.path.parent().map(PathBuf::from),
    }
}

#[cfg(test)]
mod tests {
    use bevy::tasks::TaskPool;

    use super::*;
    use crate::record::capture::TaggedFrame;

    /// A recording with so many pictures in it.
    fn recording(folder: &std::path::Path, pictures: u64) -> LiveRecording {
        IoTaskPool::get_or_init(TaskPool::new);
        let mut running = Running::new(folder.join("frames"), Codec::Png, 0);
        for tag in 0..pictures {
            let picture = TaggedFrame {
                tag,
                width: 640,
                height: 640,
                rgba: vec![tag as u8; 640 * 640 * 4],
            };
            running.take(picture).expect("a picture");
        }
        LiveRecording {
            running: Some(running),
            ..LiveRecording::default()
        }
    }

    #[test]
    fn a_window_closed_while_a_recording_is_saved_leaves_all_of_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut live = recording(folder.path(), 40);
        live.stop(&mut FrameTag(Some(40)), None);
        assert!(live.is_busy());
        drop(live);
        let frames = std::fs::read_dir(folder.path().join("frames")).expect("a folder");
        assert_eq!(frames.count(), 40);
    }

    #[test]
    fn why_a_recording_ended_is_said_with_where_it_lies() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut live = recording(folder.path(), 1);
        live.stop(&mut FrameTag(None), Some("the size changed".to_owned()));
        let mut ending = live.ending.take().expect("it has a picture");
        let ended = block_on(ending.task.take().expect("it has begun"));
        let notice = told(ended.expect("a picture"), &ending);
        let said = notice.text.expect("words");
        assert!(said.starts_with("the size changed. Saved "), "{said}");
        assert!(!notice.is_good && notice.folder.is_some());
        // What the writer says itself is said once.
        let failed = VideoError::NoFrames {
            path: "a.mp4".into(),
        };
        ending.why = Some(failed.to_string());
        let said = told(Err(failed.clone()), &ending).text;
        assert_eq!(said, Some(failed.to_string()));
    }
}
