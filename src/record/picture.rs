//! Pictures that a person takes in the window. The window as it is comes from a screenshot; the scene in finer pixels is drawn
//! once more, into an image of its own, while the window goes on as it is.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bevy::asset::RenderAssetUsages;
use bevy::camera::{ImageRenderTarget, RenderTarget};
use bevy::prelude::*;
use bevy::render::render_resource::{TextureFormat, TextureUsages};
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::tasks::{AsyncComputeTaskPool, Task, futures::check_ready};

use super::still::{MAX_PIXELS, Picture};
use crate::lab::command::Notice;
use crate::lab::session::picture::{PictureKind, PictureWish};
use crate::lab::showing::scene_picture::ScenePicture;
use crate::lab::{Stage, Viewports};
use crate::report::file::write_to;

/// Samples along each side of a pixel, where the image does not become too large.
const SAMPLES: u32 = 2;
/// Words are laid out after so many frames; then the scene is drawn.
const DRAWN_AFTER: u32 = 4;
/// It must have been read back after so many.
const GIVEN_UP_AFTER: u32 = 600;

/// Takes pictures.
#[derive(Resource, Default)]
pub struct Photographer {
    /// Pictures of the scene, which are drawn one after another.
    scenes: VecDeque<PictureWish>,
    drawing: Option<SceneDrawing>,
    tasks: Vec<Task<Result<String, String>>>,
    /// What was copied stays only as long as the clipboard's owner.
    clipboard: Arc<Mutex<Option<arboard::Clipboard>>>,
}

/// A picture of the scene that is on its way.
struct SceneDrawing {
    wish: PictureWish,
    samples: u32,
    transparent: bool,
    frames: u32,
}

impl Photographer {
    /// Whether a picture is still on its way.
    pub fn is_busy(&self) -> bool {
        !self.tasks.is_empty() || self.drawing.is_some() || !self.scenes.is_empty()
    }
}

pub fn plugin(app: &mut App) {
    app.init_resource::<Photographer>().add_systems(
        Update,
        (
            (take, draw_scene).chain().in_set(Stage::Model),
            announce.in_set(Stage::View),
        ),
    );
}

fn take(
    mut wishes: MessageReader<PictureWish>,
    mut commands: Commands,
    mut photographer: ResMut<Photographer>,
) {
    for wish in wishes.read() {
        if let PictureKind::Scene { .. } = wish.kind {
            photographer.scenes.push_back(wish.clone());
            continue;
        }
        let file = wish.file.clone();
        commands.spawn(Screenshot::primary_window()).observe(
            move |captured: On<ScreenshotCaptured>, mut photographer: ResMut<Photographer>| {
                let picture = of_window(&captured.image);
                photographer.deliver(move || picture, file.clone());
            },
        );
    }
}

/// Has one picture of the scene drawn after another.
fn draw_scene(
    mut commands: Commands,
    mut photographer: ResMut<Photographer>,
    mut notice: ResMut<Notice>,
    mut images: ResMut<Assets<Image>>,
    viewports: Res<Viewports>,
    picture: Option<ResMut<ScenePicture>>,
) {
    if !photographer.is_busy() {
        return;
    }
    if let (Some(drawing), Some(mut picture)) = (&mut photographer.drawing, picture) {
        drawing.frames += 1;
        let is_laid_out_anew = viewports.whole() != Some(picture.area);
        if drawing.frames <= DRAWN_AFTER && is_laid_out_anew {
            // What was made for the picture fits no more: it begins again in the next frame.
            let wish = drawing.wish.clone();
            photographer.scenes.push_front(wish);
            photographer.drawing = None;
            commands.remove_resource::<ScenePicture>();
        } else if drawing.frames == DRAWN_AFTER {
            picture.is_due = true;
            // The target must equal the cameras', scale factor included, or nothing is drawn for it.
            let screenshot = Screenshot(picture.target.clone());
            commands.spawn(screenshot).observe(develop);
        } else if picture.is_due {
            picture.is_due = false;
        } else if drawing.frames > GIVEN_UP_AFTER {
            *notice = Notice::bad(
                "the picture was not read back: the graphics device may have been lost",
            );
            photographer.drawing = None;
            commands.remove_resource::<ScenePicture>();
        }
        return;
    }
    if photographer.drawing.is_some() {
        return;
    }
    let Some(wish) = photographer.scenes.pop_front() else {
        return;
    };
    let PictureKind::Scene { scale, transparent } = wish.kind else {
        return;
    };
    let Some(area) = viewports.whole() else {
        *notice = Notice::bad("there is no scene to be seen: bring it back (M, P) and try again");
        return;
    };
    match image_size(area.size(), scale) {
        Ok((size, samples)) => {
            let image = images.add(image(size));
            commands.insert_resource(ScenePicture {
                target: RenderTarget::Image(ImageRenderTarget {
                    handle: image,
                    scale_factor: (scale * samples) as f32,
                }),
                size,
                area,
                scale_factor: (scale * samples) as f32,
                is_supersampled: samples > 1,
                transparent,
                is_due: false,
            });
            photographer.drawing = Some(SceneDrawing {
                wish,
                samples,
                transparent,
                frames: 0,
            });
        }
        Err(error) => *notice = Notice::bad(error),
    }
}

/// The image for a scene of this size in logical pixels, and its samples along each side of a pixel.
fn image_size(scene: Vec2, scale: u32) -> Result<(UVec2, u32), String> {
    // Never smaller than what is drawn there.
    let size = (scene * scale as f32).ceil().as_uvec2().max(UVec2::ONE);
    let fits = |samples: &u32| size.max_element() * samples <= MAX_PIXELS;
    let samples = [SAMPLES, 1].into_iter().find(fits);
    let samples = samples.ok_or_else(|| {
        format!(
            "the picture would have {} × {} pixels, and at most {MAX_PIXELS} along a side can be drawn: choose a \
             smaller scale",
            size.x, size.y
        )
    })?;
    Ok((size * samples, samples))
}

fn image(size: UVec2) -> Image {
    let mut image = Image::new_target_texture(size.x, size.y, TextureFormat::Rgba8UnormSrgb, None);
    image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
    image.asset_usage = RenderAssetUsages::RENDER_WORLD;
    image
}

/// Hands the scene over as it was drawn.
fn develop(
    captured: On<ScreenshotCaptured>,
    mut commands: Commands,
    mut photographer: ResMut<Photographer>,
) {
    commands.remove_resource::<ScenePicture>();
    let Some(drawing) = photographer.drawing.take() else {
        return;
    };
    let image = captured.image.clone();
    let finish = move || {
        let (width, height) = (image.width(), image.height());
        let rgba = image.data.ok_or("the picture could not be read back")?;
        let frame = Picture {
            width,
            height,
            rgba,
        };
        Ok(frame.downsampled(drawing.samples, drawing.transparent))
    };
    photographer.deliver(finish, drawing.wish.file);
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
        self.tasks
            .push(AsyncComputeTaskPool::get().spawn(async move {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_as_many_samples_as_fit() {
        let size = |x, y, scale| image_size(Vec2::new(x, y), scale);
        assert_eq!(size(694.2, 600.0, 2), Ok((UVec2::new(2778, 2400), 2)));
        assert_eq!(size(1500.0, 600.0, 4), Ok((UVec2::new(6000, 2400), 1)));
        assert_eq!(size(0.0, 0.2, 1), Ok((UVec2::new(2, 2), 2)));
        let error = size(2560.0, 1000.0, 4).expect_err("too large");
        assert!(error.contains("10240 × 4000"), "{error}");
    }
}
