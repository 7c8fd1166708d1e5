//! The app put together: in a window, or off-screen.

pub mod display;
pub mod driver;
mod failure;
pub mod figure;
pub mod offscreen;
pub mod recording;
pub mod window;

use bevy::app::PluginGroupBuilder;
use bevy::light::cluster::GlobalClusterSettings;
use bevy::log::{Level, LogPlugin};
use bevy::pbr::PbrPlugin;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::renderer::{RenderAdapterInfo, RenderDevice, RenderQueue};
use bevy::render::settings::{RenderCreation, WgpuSettings};
use bevy::window::ExitCondition;

use crate::gpu::adapter::{Adapter, AdapterWish, BACKENDS};
use crate::gpu::context::Context;
use crate::gpu::sweep::BackendWish;
use crate::lab::model::landscapes::SweepDevice;
use crate::view::surface::MeshDensity;
use crate::{lab, ui, view};

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verbosity {
    Quiet,
    #[default]
    Normal,
    Verbose,
}

/// Bevy's own plugins, for this adapter.
fn bevy_plugins(
    adapter: &Adapter,
    verbosity: Verbosity,
    window: Option<Window>,
) -> PluginGroupBuilder {
    let settings = WgpuSettings {
        backends: Some(BACKENDS),
        adapter_name: Some(adapter.name.clone()),
        ..default()
    };
    let (level, filter) = match verbosity {
        Verbosity::Quiet => (
            Level::ERROR,
            "wgpu=off,naga=off,bevy_render::renderer=off,bevy_egui=off,bevy_log=off",
        ),
        // Bevy warns of software renderers on its own; here they are supported.
        Verbosity::Normal => (
            Level::WARN,
            "wgpu=error,naga=error,bevy_render::renderer=error,bevy_egui=error,bevy_log=off",
        ),
        Verbosity::Verbose => (Level::INFO, "wgpu=warn,naga=warn"),
    };
    let exit_condition = if window.is_some() {
        ExitCondition::OnPrimaryClosed
    } else {
        ExitCondition::DontExit
    };
    DefaultPlugins
        .set(PbrPlugin {
            // Where the processor draws, its compute shaders are a detour.
            use_gpu_instance_buffer_builder: !adapter.is_cpu,
            ..default()
        })
        .set(WindowPlugin {
            primary_window: window,
            exit_condition,
            ..default()
        })
        .set(RenderPlugin {
            render_creation: RenderCreation::Automatic(Box::new(settings)),
            synchronous_pipeline_compilation: true,
            ..default()
        })
        .set(LogPlugin {
            level,
            filter: filter.to_owned(),
            ..default()
        })
}

/// The lab and everything that shows it.
fn steepest_plugins(app: &mut App) {
    app.add_plugins((lab::plugin, view::plugin, ui::plugin, failure::plugin))
        .add_systems(Startup, (share_device, sort_no_lights));
}

/// On what data sets' losses are swept: a real GPU, or else the processor itself, which is faster than a software renderer.
fn sweep_device(adapter: &Adapter) -> SweepDevice {
    if adapter.is_cpu {
        SweepDevice {
            backend: BackendWish::Cpu,
            adapter: AdapterWish::Cpu,
            context: None,
        }
    } else {
        SweepDevice {
            backend: BackendWish::Auto,
            adapter: AdapterWish::Named(adapter.name.clone()),
            context: None,
        }
    }
}

/// There are no lights that bevy would have to sort on the GPU, a few passes for every camera and frame.
fn sort_no_lights(mut settings: ResMut<GlobalClusterSettings>) {
    settings.gpu_clustering = None;
}

/// A real GPU sweeps on the device that it draws on.
fn share_device(
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    adapter: Res<RenderAdapterInfo>,
    mut sweeps: ResMut<SweepDevice>,
) {
    if sweeps.backend != BackendWish::Cpu {
        let adapter = Adapter::from((*adapter.0).clone());
        let (device, queue) = (device.wgpu_device().clone(), (**queue.0).clone());
        sweeps.context = Some(Context::adopt(adapter, device, queue));
    }
}

/// Vertices along a surface's side and samples a pixel: what the adapter carries easily.
fn quality(adapter: &Adapter) -> (MeshDensity, Msaa) {
    if adapter.is_cpu {
        (MeshDensity::COARSE, Msaa::Off)
    } else {
        (MeshDensity::FINE, Msaa::Sample4)
    }
}
