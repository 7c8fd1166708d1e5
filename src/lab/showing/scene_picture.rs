//! A picture of the scene alone that is being drawn: what `record`, `view` and `ui` tell each other of it.

use bevy::camera::RenderTarget;
use bevy::prelude::*;

/// The scene is to be drawn once more, into an image of its own. Inserted and removed by `record`; `view` draws the panels
/// there, and `ui` the words over them.
#[derive(Resource, Debug, Clone)]
pub struct ScenePicture {
    /// An image.
    pub target: RenderTarget,
    /// Its size in pixels.
    pub size: UVec2,
    /// The part of the window that is in it, in logical pixels.
    pub area: Rect,
    /// Pixels of the image for each logical pixel.
    pub scale_factor: f32,
    /// Its pixels are averaged afterwards, and need no other smoothing.
    pub is_supersampled: bool,
    pub transparent: bool,
    /// Whether it is drawn in this frame: words need a few before to be laid out.
    pub is_due: bool,
}

/// The camera that draws the words into it. Spawned by `view`.
#[derive(Component, Debug)]
pub struct ScenePictureWords;
