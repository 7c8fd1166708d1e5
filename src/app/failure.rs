//! What becomes of the app when it cannot be drawn any more: the graphics device was lost, or has no memory left.
//!
//! Bevy and wgpu notice a loss between two frames, and panic when they come upon it within one. Both end in words here.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, OnceLock};

use bevy::prelude::*;
use bevy::render::error_handler::{ErrorType, RenderError, RenderErrorHandler, RenderErrorPolicy};
use bevy::render::renderer::RenderDevice;

use crate::lab::session::recording::RecordingCommand;
use crate::lab::{Commander, CurrentExperiment, Persistence};
use crate::record::live::LiveRecording;

/// Why nothing is drawn any more, once it is so. Copies share what they know.
#[derive(Resource, Debug, Clone, Default)]
pub struct DrawingFailure {
    said: Arc<OnceLock<String>>,
    device: Arc<OnceLock<wgpu::Device>>,
}

impl DrawingFailure {
    pub fn said(&self) -> Option<&str> {
        self.said.get().map(String::as_str)
    }

    /// Does what may draw.
    ///
    /// # Errors
    /// If it ended in a panic because the device was lost: in words. Other panics go on.
    pub fn guard<T>(&self, work: impl FnOnce() -> T) -> Result<T, String> {
        catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
            if let Some(device) = self.device.get() {
                // It tells of a loss only when it is asked.
                let _ = device.poll(wgpu::PollType::Poll);
            }
            match self.said() {
                Some(said) => said.to_owned(),
                None => resume_unwind(panic),
            }
        })
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<DrawingFailure>()
        .insert_resource(RenderErrorHandler(stop_drawing))
        .add_systems(Startup, watch);
}

fn watch(device: Res<RenderDevice>, failure: Res<DrawingFailure>) {
    let said = failure.said.clone();
    let callback = move |_, description: String| {
        said.get_or_init(|| lost(&description));
    };
    device.wgpu_device().set_device_lost_callback(callback);
    failure.device.get_or_init(|| device.wgpu_device().clone());
}

/// The world goes on, so that whoever drives the app can bring to an end what is under way.
fn stop_drawing(error: &RenderError, world: &mut World, _: &mut World) -> RenderErrorPolicy {
    let failure = world.get_resource_or_init::<DrawingFailure>();
    // The first one is the cause of the others.
    failure.said.get_or_init(|| match error.ty {
        ErrorType::DeviceLost => lost(&error.description),
        ErrorType::OutOfMemory => "the graphics device has no memory left".to_owned(),
        ErrorType::Validation | ErrorType::Internal => {
            format!("drawing failed: {}", error.description)
        }
    });
    RenderErrorPolicy::StopRendering
}

fn lost(description: &str) -> String {
    match description.trim() {
        "" => "the graphics device was lost".to_owned(),
        description => format!("the graphics device was lost: {description}"),
    }
}

/// Ends the window once nothing can be drawn: what is unsaved is kept, and a recording has its end.
pub(super) fn end_window(
    failure: Res<DrawingFailure>,
    recording: Res<LiveRecording>,
    current: Res<CurrentExperiment>,
    mut persistence: ResMut<Persistence>,
    mut commands: Commander,
    mut exit: MessageWriter<AppExit>,
    mut ends: Local<bool>,
) {
    if failure.said().is_none() {
        return;
    }
    if !std::mem::replace(&mut *ends, true) {
        persistence.keep_now(&current);
        commands.send(RecordingCommand::Stop);
    } else if !recording.is_busy() {
        exit.write(AppExit::error());
    }
}
