//! The scene drawn once more for a picture: cameras beside those of the window, which see the same panels into an image with
//! pixels of its own.

use bevy::camera::visibility::RenderLayers;
use bevy::camera::{CameraOutputMode, RenderTarget};
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::light::cluster::ClusterConfig;
use bevy::prelude::*;
use bevy::render::render_resource::BlendState;

use super::camera::{DrawTarget, pixel_scale, rect_in_pixels};
use super::space::camera_view;
use super::{DrawnFor, PanelSpace, ViewStage};
use crate::lab::showing::scene_picture::{ScenePicture, ScenePictureWords};
use crate::lab::theme::{Theme, srgb};
use crate::lab::{CameraRig, PanelIndex, Viewports};

/// A camera of the picture.
#[derive(Component)]
struct PictureOf;

/// After everything that is drawn for the window.
const FIRST_ORDER: isize = 2000;
const WORDS_ORDER: isize = 3000;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        (
            despawn_cameras
                .run_if(resource_removed::<ScenePicture>)
                .in_set(ViewStage::Build),
            spawn_cameras
                .run_if(resource_added::<ScenePicture>)
                .in_set(ViewStage::Build),
            aim_cameras
                .run_if(resource_exists::<ScenePicture>)
                .in_set(ViewStage::Place),
        ),
    );
}

fn despawn_cameras(mut commands: Commands, cameras: Query<Entity, With<PictureOf>>) {
    for camera in &cameras {
        commands.entity(camera).despawn();
    }
}

fn spawn_cameras(
    mut commands: Commands,
    // Of a picture that went just before.
    old: Query<Entity, With<PictureOf>>,
    panels: Query<(Entity, &PanelIndex, &PanelSpace)>,
    (picture, target, theme): (Res<ScenePicture>, Res<DrawTarget>, Res<Theme>),
) {
    for camera in &old {
        commands.entity(camera).despawn();
    }
    let common = |camera: Camera, layers: RenderLayers| {
        let msaa = if picture.is_supersampled {
            Msaa::Off
        } else {
            target.msaa
        };
        let target: RenderTarget = picture.target.clone();
        let camera = Camera {
            is_active: false,
            ..camera
        };
        (PictureOf, camera, target, msaa, Tonemapping::None, layers)
    };
    let background = if picture.transparent {
        Color::NONE
    } else {
        srgb(theme.background)
    };
    for (panel, index, space) in &panels {
        let camera = Camera {
            order: FIRST_ORDER + index.0 as isize,
            clear_color: match index.0 {
                0 => ClearColorConfig::Custom(background),
                _ => ClearColorConfig::None,
            },
            output_mode: CameraOutputMode::Skip,
            ..default()
        };
        commands.spawn((
            DrawnFor(panel),
            Camera3d::default(),
            ClusterConfig::Single,
            pixel_scale(picture.scale_factor),
            common(camera, space.layer.clone()),
        ));
    }
    let words = Camera {
        order: WORDS_ORDER,
        clear_color: ClearColorConfig::None,
        output_mode: CameraOutputMode::Write {
            blend_state: Some(BlendState::REPLACE),
            clear_color: ClearColorConfig::None,
        },
        ..default()
    };
    commands.spawn((
        ScenePictureWords,
        Camera2d,
        common(words, RenderLayers::none()),
    ));
}

/// As the window's cameras are in this frame.
fn aim_cameras(
    (picture, rig, viewports): (Res<ScenePicture>, Res<CameraRig>, Res<Viewports>),
    panels: Query<(&PanelIndex, &PanelSpace)>,
    mut cameras: Query<
        (
            &mut Camera,
            Option<(&DrawnFor, &mut Transform, &mut Projection)>,
        ),
        With<PictureOf>,
    >,
) {
    for (mut camera, panel) in &mut cameras {
        camera.is_active = picture.is_due;
        let Some((of, mut transform, mut projection)) = panel else {
            continue;
        };
        let Ok((index, space)) = panels.get(of.0) else {
            continue;
        };
        let Some(&rect) = viewports.panels.get(index.0) else {
            camera.is_active = false;
            continue;
        };
        let inside = Rect::from_corners(rect.min - picture.area.min, rect.max - picture.area.min);
        let viewport = rect_in_pixels(inside, picture.scale_factor);
        let end = viewport.physical_position + viewport.physical_size;
        if end.cmpgt(picture.size).any() {
            camera.is_active = false;
            continue;
        }
        camera.viewport = Some(viewport);
        let aspect = rect.width() / rect.height().max(1.0);
        (*transform, *projection) = camera_view(&rig.pose, &space.space, aspect);
    }
}
