//! One camera per panel, all in the rig's pose, and one over them for the interface.

use bevy::camera::visibility::RenderLayers;
use bevy::camera::{CameraOutputMode, RenderTarget, Viewport};
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::light::cluster::ClusterConfig;
use bevy::prelude::*;
use bevy::render::camera::MipBias;
use bevy::render::render_resource::BlendState;
use bevy_egui::PrimaryEguiContext;

use super::space::camera_view;
use super::{DrawnFor, PanelSpace, ViewStage};
use crate::lab::showing::overlay::PictureCamera;
use crate::lab::theme::{Theme, srgb};
use crate::lab::{CameraRig, PanelIndex, Viewports};

/// Where everything is drawn, and with how many samples a pixel.
#[derive(Resource, Debug, Clone)]
pub struct DrawTarget {
    pub target: RenderTarget,
    pub msaa: Msaa,
    /// Nothing behind the scene, for compositing.
    pub transparent: bool,
    /// The finished picture is read back by `record`, and need not be brought to the target.
    pub captured: bool,
}

/// Pixels for each logical pixel, by which shaders draw lines and marks as wide as they are meant: a view hands its mip bias to
/// every shader, and no texture here has mips.
pub(super) fn pixel_scale(scale_factor: f32) -> MipBias {
    MipBias(scale_factor.max(1.0))
}

/// The camera of a panel.
#[derive(Component)]
pub(crate) struct PanelCamera;

/// The camera that draws the interface over all panels.
#[derive(Component)]
struct OverlayCamera;

const OVERLAY_ORDER: isize = 1000;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn_overlay_camera).add_systems(
        Update,
        (
            spawn_cameras.in_set(ViewStage::Build),
            place_cameras.in_set(ViewStage::Place),
        ),
    );
}

fn spawn_overlay_camera(mut commands: Commands, target: Res<DrawTarget>) {
    commands.spawn((
        OverlayCamera,
        PictureCamera,
        Camera2d,
        Camera {
            order: OVERLAY_ORDER,
            clear_color: ClearColorConfig::None,
            output_mode: if target.captured {
                CameraOutputMode::Skip
            } else {
                CameraOutputMode::Write {
                    // Not blended, or a transparent picture would lie over the target's clear colour.
                    blend_state: Some(BlendState::REPLACE),
                    clear_color: ClearColorConfig::None,
                }
            },
            ..default()
        },
        target.target.clone(),
        target.msaa,
        Tonemapping::None,
        RenderLayers::none(),
        PrimaryEguiContext,
    ));
    if target.captured {
        // Bevy draws to a target only if some camera brings a picture there: this one brings a single pixel, where the
        // whole would be a tenth of a software renderer's frame.
        commands.spawn((
            Camera2d,
            Camera {
                order: OVERLAY_ORDER + 1,
                clear_color: ClearColorConfig::None,
                viewport: Some(Viewport {
                    physical_size: UVec2::ONE,
                    ..default()
                }),
                ..default()
            },
            target.target.clone(),
            target.msaa,
            Tonemapping::None,
            RenderLayers::none(),
        ));
    }
}

fn spawn_cameras(
    mut commands: Commands,
    panels: Query<(Entity, &PanelIndex, &PanelSpace), Added<PanelSpace>>,
    target: Res<DrawTarget>,
) {
    for (panel, index, space) in &panels {
        commands.spawn((
            PanelCamera,
            DrawnFor(panel),
            Camera3d::default(),
            // There are no lights to sort into clusters.
            ClusterConfig::Single,
            Camera {
                order: index.0 as isize,
                // All cameras share one picture; the overlay camera, the last, brings it to the target.
                output_mode: CameraOutputMode::Skip,
                ..default()
            },
            target.target.clone(),
            target.msaa,
            Tonemapping::None,
            space.layer.clone(),
            pixel_scale(1.0),
        ));
    }
}

fn place_cameras(
    rig: Res<CameraRig>,
    viewports: Res<Viewports>,
    theme: Res<Theme>,
    target: Res<DrawTarget>,
    panels: Query<(&PanelIndex, Ref<PanelSpace>)>,
    fresh: Query<(), Added<PanelCamera>>,
    mut overlay: Single<&mut Camera, (With<OverlayCamera>, Without<PanelCamera>)>,
    mut cameras: Query<
        (
            &DrawnFor,
            &mut Camera,
            &mut Transform,
            &mut Projection,
            &mut MipBias,
        ),
        With<PanelCamera>,
    >,
) {
    let moved = rig.is_changed() || viewports.is_changed() || theme.is_changed();
    let laid_out = panels.iter().any(|(_, space)| space.is_changed());
    if !(moved || laid_out || !fresh.is_empty()) {
        return;
    }
    let background = if target.transparent {
        ClearColorConfig::Custom(Color::NONE)
    } else {
        ClearColorConfig::Custom(srgb(theme.background))
    };
    // The first camera clears the whole target, the others draw on it.
    overlay.clear_color = if viewports.panels.is_empty() {
        background
    } else {
        ClearColorConfig::None
    };
    for (of, mut camera, mut transform, mut projection, mut scale) in &mut cameras {
        let Ok((index, space)) = panels.get(of.0) else {
            continue;
        };
        let Some(rect) = viewports.panels.get(index.0) else {
            camera.is_active = false;
            continue;
        };
        let physical = rect_in_pixels(*rect, viewports.scale_factor);
        camera.is_active = true;
        camera.viewport = Some(physical);
        *scale = pixel_scale(viewports.scale_factor);
        camera.clear_color = match index.0 {
            0 => background,
            _ => ClearColorConfig::None,
        };
        let aspect = rect.width() / rect.height().max(1.0);
        (*transform, *projection) = camera_view(&rig.pose, &space.space, aspect);
    }
}

pub(super) fn rect_in_pixels(rect: Rect, scale_factor: f32) -> Viewport {
    let min = (rect.min * scale_factor).round().as_uvec2();
    let max = (rect.max * scale_factor).round().as_uvec2();
    Viewport {
        physical_position: min,
        physical_size: (max - min.min(max)).max(UVec2::ONE),
        ..default()
    }
}
