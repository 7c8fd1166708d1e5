//! The map that lies on a surface: its cells as a texture, and where they lie.

use std::sync::Arc;

use bevy::asset::RenderAssetUsages;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};

use super::surface;
use crate::experiment::MapSpec;
use crate::lab::PanelLandscape;
use crate::lab::showing::map_picture::{MapPicture, PanelMapPicture};

pub(super) struct SurfaceMap {
    picture: Arc<MapPicture>,
    pub(super) image: Handle<Image>,
}

impl SurfaceMap {
    /// What leads from a place on the surface to one on the map, both as fractions: a factor for each axis, and what is added.
    pub(super) fn place(&self, landscape: &PanelLandscape) -> Vec4 {
        let domain = landscape.panel.domain;
        let spans = self.picture.map.map.spans;
        let [x, y] = [(domain.x, 0), (domain.y_or_zero(), 1)].map(|(range, k)| {
            let [low, high] = range.map(|value| spans[k].fraction(value));
            [high - low, low]
        });
        Vec4::new(x[0] as f32, y[0] as f32, x[1] as f32, y[1] as f32)
    }
}

pub(super) fn is_changed(map: Option<&Ref<PanelMapPicture>>) -> bool {
    map.is_some_and(|map| map.is_changed())
}

/// Brings what is drawn in line with the panel's map, if that lies on the surface.
pub(super) fn put(
    images: &mut Assets<Image>,
    drawn: &mut Option<SurfaceMap>,
    landscape: &PanelLandscape,
    map: Option<&PanelMapPicture>,
) {
    let panel = &landscape.panel;
    let lies_on_it = |spec: &MapSpec| panel.map_lies_on_surface(spec);
    let picture = map
        .filter(|_| panel.map.as_ref().is_some_and(lies_on_it))
        .and_then(|map| map.picture.clone())
        .filter(|picture| picture.lies_on_surface());
    let Some(picture) = picture else {
        *drawn = None;
        return;
    };
    let is_same = |old: &SurfaceMap| Arc::ptr_eq(&old.picture, &picture);
    if drawn.as_ref().is_some_and(is_same) {
        return;
    }
    let mut image = drawn.take().map(|old| old.image).unwrap_or_default();
    surface::put(images, &mut image, texture(&picture));
    *drawn = Some(SurfaceMap { picture, image });
}

/// The cells of a map, the first row being that of the least y.
fn texture(picture: &MapPicture) -> Image {
    let [cols, rows] = picture.map.map.size();
    Image::new(
        Extent3d {
            width: cols as u32,
            height: rows as u32,
            depth_or_array_layers: 1,
        },
        TextureDimension::D2,
        bytemuck::cast_slice(&picture.cells).to_vec(),
        TextureFormat::Rgba8UnormSrgb,
        RenderAssetUsages::RENDER_WORLD,
    )
}
