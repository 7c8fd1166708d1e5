//! Pictures that a person takes in the window. The window as it is comes from a screenshot; the scene in finer pixels
//! is drawn by another process of this program, `steepest shot`, so that neither the window's frames nor its memory
//! have a part in it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::tasks::{IoTaskPool, Task, futures::check_ready};

use super::still::Picture;
use crate::experiment::{CameraKey, Experiment};
use crate::lab::command::Notice;
use crate::lab::session::picture::{PictureKind, PictureWish};
use crate::lab::{CameraRig, CurrentExperiment, Playback, Stage, Viewports};
use crate::report::file::write_to;

/// The size of a scene that is not to be seen just now, in logical pixels.
const UNSEEN_SIZE: [u32; 2] = [1280, 720];

/// Takes pictures; options that other processes of this program are started with too.
#[derive(Resource, Default)]
pub struct Photographer {
    pub options: Vec<OsString>,
    tasks: Vec<Task<Result<String, String>>>,
    /// What was copied stays only as long as the clipboard's owner.
    clipboard: Arc<Mutex<Option<arboard::Clipboard>>>,
}

impl Photographer {
    pub fn new(options: Vec<OsString>) -> Photographer {
        Photographer {
            options,
            ..Photographer::default()
        }
    }

    /// Whether a picture is still on its way.
    pub fn is_busy(&self) -> bool {
        !self.tasks.is_empty()
    }
}

pub fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        (take.in_set(Stage::Model), announce.in_set(Stage::View))
            .run_if(resource_exists::<Photographer>),
    );
}

fn take(
    mut wishes: MessageReader<PictureWish>,
    mut commands: Commands,
    mut photographer: ResMut<Photographer>,
    current: Res<CurrentExperiment>,
    playback: Res<Playback>,
    rig: Res<CameraRig>,
    viewports: Res<Viewports>,
) {
    for wish in wishes.read() {
        match wish.kind {
            PictureKind::Window => {
                let file = wish.file.clone();
                commands.spawn(Screenshot::primary_window()).observe(
                    move |captured: On<ScreenshotCaptured>,
                          mut photographer: ResMut<Photographer>| {
                        let picture = of_window(&captured.image);
                        photographer.deliver(move || picture, file.clone());
                    },
                );
            }
            PictureKind::Scene { scale, transparent } => {
                let mut experiment = (*current.experiment).clone();
                experiment.camera_keys = vec![CameraKey {
                    yaw: rig.pose.yaw,
                    pitch: rig.pose.pitch,
                    distance: rig.pose.distance,
                    target: rig.pose.target,
                    ..CameraKey::default()
                }];
                experiment.view.parallel = rig.pose.orthographic;
                let size = match viewports.extent() {
                    // Map or plot fill the middle.
                    [0.0, 0.0] => UNSEEN_SIZE,
                    seen => seen.map(|pixels| pixels.max(64.0) as u32),
                };
                let mut options = photographer.options.clone();
                options.extend(
                    [
                        "--layout=scene".to_owned(),
                        format!("--step={}", playback.position()),
                        format!("--size={}x{}", size[0], size[1]),
                        format!("--scale={scale}"),
                    ]
                    .map(OsString::from),
                );
                if transparent {
                    options.push("--transparent".into());
                }
                let draw = move || shot(&experiment, &options);
                photographer.deliver(draw, wish.file.clone());
            }
        }
    }
}

/// Says what became of the pictures.
fn announce(mut photographer: ResMut<Photographer>, mut notice: ResMut<Notice>) {
    if photographer.tasks.is_empty() {
        return;
    }
    photographer
        .tasks
        .retain_mut(|task| match check_ready(task) {
            None => true,
            Some(Ok(said)) => {
                *notice = Notice::good(said);
                false
            }
            Some(Err(error)) => {
                *notice = Notice::bad(error);
                false
            }
        });
}

impl Photographer {
    /// Draws the picture and hands it over, beside the frames.
    fn deliver(
        &mut self,
        draw: impl FnOnce() -> Result<Picture, String> + Send + 'static,
        file: Option<PathBuf>,
    ) {
        let clipboard = self.clipboard.clone();
        self.tasks.push(IoTaskPool::get().spawn(async move {
            let picture = draw()?;
            let size = format!("{} × {} pixels", picture.width, picture.height);
            match file {
                Some(file) => {
                    save(&picture, &file)?;
                    Ok(format!("Saved {}, {size}", file.display()))
                }
                None => {
                    let mut held = clipboard.lock().unwrap_or_else(PoisonError::into_inner);
                    copy(picture, &mut held)?;
                    Ok(format!("Copied a picture of {size}"))
                }
            }
        }));
    }
}

fn of_window(image: &Image) -> Result<Picture, String> {
    let image = image
        .clone()
        .try_into_dynamic()
        .map_err(|error| format!("the window could not be read back: {error}"))?
        .to_rgb8();
    let (width, height) = image.dimensions();
    Ok(Picture {
        width,
        height,
        rgba: image
            .pixels()
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255])
            .collect(),
    })
}

/// Has another process draw the experiment.
fn shot(experiment: &Experiment, options: &[OsString]) -> Result<Picture, String> {
    let failed = |error: std::io::Error| format!("the picture could not be drawn: {error}");
    let folder = tempfile::tempdir().map_err(failed)?;
    let (file, png) = (
        folder.path().join("scene.toml"),
        folder.path().join("scene.png"),
    );
    std::fs::write(&file, experiment.to_toml()).map_err(failed)?;
    let program = std::env::current_exe().map_err(failed)?;
    let output = Command::new(program)
        .args(["--quiet", "shot"])
        .arg(&file)
        .arg("--output")
        .arg(&png)
        .args(options)
        .output()
        .map_err(failed)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("the picture could not be drawn: {}", said.trim()));
    }
    let image = image::open(&png)
        .map_err(|error| format!("the picture could not be read: {error}"))?
        .to_rgba8();
    Ok(Picture {
        width: image.width(),
        height: image.height(),
        rgba: image.into_raw(),
    })
}

fn save(picture: &Picture, file: &Path) -> Result<(), String> {
    write_to(file, |out| picture.write_png(out)).map_err(|error| error.to_string())
}

fn copy(picture: Picture, held: &mut Option<arboard::Clipboard>) -> Result<(), String> {
    let failed = |error: arboard::Error| format!("the picture could not be copied: {error}");
    let clipboard = match held {
        Some(clipboard) => clipboard,
        None => held.insert(arboard::Clipboard::new().map_err(failed)?),
    };
    let image = arboard::ImageData {
        width: picture.width as usize,
        height: picture.height as usize,
        bytes: picture.rgba.into(),
    };
    clipboard.set_image(image).map_err(failed)
}
