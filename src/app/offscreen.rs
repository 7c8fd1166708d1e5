//! The app without a window: the same scene and interface, drawn into an image.

use std::time::{Duration, Instant};

use bevy::app::{PluginsState, TerminalCtrlCHandlerPlugin};
use bevy::asset::RenderAssetUsages;
use bevy::camera::{ImageRenderTarget, RenderTarget};
use bevy::prelude::*;
use bevy::render::RenderApp;
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::render_resource::{
    CachedPipelineState, PipelineCache, TextureFormat, TextureUsages,
};
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::shader::ShaderCacheError;
use bevy::time::TimeUpdateStrategy;
use bevy::winit::WinitPlugin;

use super::failure::DrawingFailure;
use super::{Verbosity, bevy_plugins, quality, steepest_plugins, sweep_device};
use crate::experiment::{Experiment, Source};
use crate::gpu::adapter::Adapter;
use crate::lab::command;
use crate::lab::playback::PlaybackCommand;
use crate::lab::{CameraRig, CurrentExperiment, Data, Motion, Overlay, Playback};
use crate::record::capture;
pub use crate::record::still::MAX_PIXELS;
use crate::record::still::Picture;
use crate::ui::{Layout, MissingLetters};
use crate::view::camera::DrawTarget;
use crate::view::surface::MeshDensity;

/// Long enough a frame that the interface's own animations are over in the next.
const SETTLING_FRAME: Duration = Duration::from_millis(500);
/// Frames until the picture must have settled, and updates until it must have been read back.
const MAX_SETTLING_FRAMES: usize = 60;
const MAX_CAPTURE_UPDATES: usize = 120;
/// Frames in a row with nothing new in them.
const QUIET_FRAMES: usize = 3;

/// What is drawn.
#[derive(Debug, Clone)]
pub struct Scene {
    pub source: Source,
    pub experiment: Experiment,
    pub data: Data,
    /// In logical pixels.
    pub size: [u32; 2],
    /// Pixels of the picture for each of them, along a side.
    pub scale: u32,
    /// Samples along each side of a pixel.
    pub samples: u32,
    pub layout: Layout,
    pub transparent: bool,
    /// Frames are to be recorded; else single pictures are taken.
    pub captured: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum OffscreenError {
    #[error("a shader did not compile: {0}")]
    Pipeline(String),
    #[error("the picture did not settle within {MAX_SETTLING_FRAMES} frames")]
    NeverSettled,
    #[error("the picture was not read back: the graphics device may have been lost")]
    NotReadBack,
    #[error(
        "the scenes are too large to be drawn together: choose a smaller width, or fewer panels"
    )]
    TooLarge,
    #[error("{0}")]
    Drawing(String),
}

/// The app, drawing into an image. The caller decides when a frame is drawn and what time it is.
pub struct Offscreen {
    pub(super) app: App,
    target: RenderTarget,
    failure: DrawingFailure,
    pub(super) samples: u32,
    pub(super) transparent: bool,
}

#[derive(Resource, Default)]
struct Captured(Option<Image>);

impl Offscreen {
    /// Starts the renderer.
    ///
    /// The scene's sizes must not exceed [`MAX_PIXELS`] with all samples.
    pub fn new(scene: Scene, adapter: &Adapter, verbosity: Verbosity) -> Offscreen {
        let mut app = App::new();
        app.add_plugins(
            bevy_plugins(adapter, verbosity, None)
                .disable::<WinitPlugin>()
                // Signals are the command's: nobody here would read of one, and the program would go on.
                .disable::<TerminalCtrlCHandlerPlugin>()
                .disable::<PipelinedRenderingPlugin>(),
        );
        let [width, height] = scene
            .size
            .map(|pixels| pixels * scene.scale * scene.samples);
        let mut target =
            Image::new_target_texture(width, height, TextureFormat::Rgba8UnormSrgb, None);
        target.texture_descriptor.usage |= TextureUsages::COPY_SRC;
        target.asset_usage = RenderAssetUsages::RENDER_WORLD;
        let image = app.world_mut().resource_mut::<Assets<Image>>().add(target);
        let (density, msaa) = if scene.samples > 1 {
            // A picture that is averaged down can wait for the finest mesh, and needs no other smoothing.
            (MeshDensity::FINE, Msaa::Off)
        } else {
            quality(adapter)
        };
        let mut playback = Playback::new(&scene.experiment);
        playback.playing = false;
        playback.looping = false;
        let failure = DrawingFailure::default();
        let target = RenderTarget::Image(ImageRenderTarget {
            handle: image,
            scale_factor: (scene.scale * scene.samples) as f32,
        });
        app.insert_resource(DrawTarget {
            target: target.clone(),
            msaa,
            transparent: scene.transparent,
            captured: scene.captured,
        })
        .insert_resource(density)
        .insert_resource(TimeUpdateStrategy::ManualDuration(SETTLING_FRAME))
        .insert_resource(Motion { reduced: true })
        .insert_resource(scene.data)
        .insert_resource(sweep_device(adapter))
        .insert_resource(scene.layout)
        .insert_resource(playback)
        .insert_resource(CameraRig::new(&scene.experiment).at_rest())
        .insert_resource(CurrentExperiment::new(scene.source, scene.experiment))
        .insert_resource(failure.clone())
        .init_resource::<Captured>();
        steepest_plugins(&mut app);
        if scene.captured {
            app.add_plugins(capture::plugin);
        }
        while app.plugins_state() == PluginsState::Adding {
            bevy::tasks::tick_global_task_pools_on_main_thread();
        }
        app.finish();
        app.cleanup();
        Offscreen {
            app,
            target,
            failure,
            samples: scene.samples,
            transparent: scene.transparent,
        }
    }

    /// What is shown, for whoever plays the person in front of it: input goes in as messages, and what came of it is read.
    pub fn world(&mut self) -> &mut World {
        self.app.world_mut()
    }

    /// Draws one frame.
    pub fn update(&mut self) {
        self.app.update();
    }

    /// The same.
    ///
    /// # Errors
    /// If nothing can be drawn any more.
    pub(super) fn draw(&mut self) -> Result<(), OffscreenError> {
        let failure = self.failure.clone();
        let drawn = match failure.said() {
            Some(said) => Err(said.to_owned()),
            None => failure.guard(|| self.app.update()),
        };
        let drawn = drawn.and_then(|()| failure.said().map_or(Ok(()), |said| Err(said.to_owned())));
        drawn.map_err(OffscreenError::Drawing)
    }

    /// Shows a step; beyond the last it is the last.
    pub fn seek(&mut self, step: f64) {
        let world = self.app.world_mut();
        command::send(world, PlaybackCommand::Seek(step));
        // On a path the camera is where it is at that step.
        let timeline = world.resource::<Playback>().timeline();
        let seconds = timeline.seconds_at(step.min(timeline.last_step as f64));
        let mut rig = world.resource_mut::<CameraRig>();
        if rig.path().is_moving() {
            rig.pose = rig.path().pose_at(seconds);
        }
    }

    /// Draws frames until nothing in them changes any more: every pipeline compiled, the interface laid out.
    ///
    /// # Errors
    /// If a shader does not compile, if nothing can be drawn, or if there is no end to it.
    pub fn settle(&mut self) -> Result<(), OffscreenError> {
        let mut quiet = 0;
        let mut before = Overlay::default();
        for _ in 0..MAX_SETTLING_FRAMES {
            self.draw()?;
            let ready = self.pipelines_ready()?;
            let now = self.app.world().resource::<Overlay>();
            quiet = if ready && *now == before {
                quiet + 1
            } else {
                0
            };
            before = now.clone();
            if quiet >= QUIET_FRAMES {
                return Ok(());
            }
        }
        Err(OffscreenError::NeverSettled)
    }

    /// What to do about letters that no font here has, once it has settled.
    pub fn missing_letters(&mut self) -> Option<String> {
        self.app.world().resource::<MissingLetters>().advice()
    }

    fn pipelines_ready(&self) -> Result<bool, OffscreenError> {
        let Some(cache) = self
            .app
            .get_sub_app(RenderApp)
            .and_then(|render| render.world().get_resource::<PipelineCache>())
        else {
            return Ok(false);
        };
        let mut ready = true;
        for pipeline in cache.pipelines() {
            match &pipeline.state {
                CachedPipelineState::Ok(_) => {}
                // Shaders may still be loading in the first frames.
                CachedPipelineState::Err(
                    ShaderCacheError::ShaderNotLoaded(_)
                    | ShaderCacheError::ShaderImportNotYetAvailable,
                ) => ready = false,
                CachedPipelineState::Err(error) => {
                    return Err(OffscreenError::Pipeline(error.to_string()));
                }
                CachedPipelineState::Queued | CachedPipelineState::Creating(_) => ready = false,
            }
        }
        Ok(ready && cache.pipelines().next().is_some())
    }

    /// The frame that comes next, as a picture.
    ///
    /// # Errors
    /// If it is never read back.
    pub fn capture(&mut self) -> Result<Picture, OffscreenError> {
        // The target must equal the cameras', scale factor included, or nothing is drawn for it.
        let screenshot = Screenshot(self.target.clone());
        self.app.world_mut().spawn(screenshot).observe(
            |captured: On<ScreenshotCaptured>, mut slot: ResMut<Captured>| {
                slot.0 = Some(captured.image.clone());
            },
        );
        for _ in 0..MAX_CAPTURE_UPDATES {
            self.draw()?;
            if let Some(image) = self.app.world_mut().resource_mut::<Captured>().0.take() {
                let (width, height) = (image.width(), image.height());
                let rgba = image.data.ok_or(OffscreenError::NotReadBack)?;
                let frame = Picture {
                    width,
                    height,
                    rgba,
                };
                return Ok(frame.downsampled(self.samples, self.transparent));
            }
        }
        Err(OffscreenError::NotReadBack)
    }

    /// Draws so many frames with playback going on, and returns how long one took, in seconds.
    pub fn time_frames(&mut self, count: u32) -> f64 {
        let frame = TimeUpdateStrategy::ManualDuration(Duration::from_secs_f64(1.0 / 60.0));
        self.app.insert_resource(frame);
        let mut playback = self.app.world_mut().resource_mut::<Playback>();
        playback.looping = true;
        playback.restart();
        let began = Instant::now();
        for _ in 0..count {
            self.app.update();
        }
        began.elapsed().as_secs_f64() / f64::from(count.max(1))
    }
}

#[cfg(test)]
mod lost;
#[cfg(test)]
mod tests;
