//! The only place that converts between parameters, the box, the world and the screen.
//!
//! World space is bevy's: Y up. The landscape's rectangle lies on the floor of a box around the origin, the first axis
//! along +X, the second along −Z, the drawn height along +Y. What is drawn lies in a box of size 1, from −½ to ½ on the
//! floor and from 0 to 1 in height, which a `Transform` stretches to its size in the world.

use bevy::camera::ScalingMode;
use bevy::prelude::*;

use crate::experiment::THINNEST_SIDE;
use crate::lab::{CameraPose, CameraRig, PanelLandscape};
use crate::landscape::Domain;
use crate::landscape::scale::HeightScale;

/// Vertical field of view, radians: narrow, so that parallel edges look so.
pub const FIELD_OF_VIEW: f32 = 0.55;

/// What is near is larger, so the box's picture reaches further down than up from its centre: look lower.
const LOWERED: Vec3 = Vec3::new(0.0, 0.05, 0.0);

/// Where a panel's landscape lies in the world.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoxSpace {
    domain: Domain,
    scale: HeightScale,
    /// Extent along X, Y and Z.
    pub size: Vec3,
    /// Drawn flat, from above.
    pub flat: bool,
}

impl BoxSpace {
    /// `lanes` is the number of descents, which lie side by side along a curve; `tall` a factor on the usual height;
    /// `viewport` the width and height that a flat map has.
    pub fn new(
        landscape: &PanelLandscape,
        lanes: usize,
        flat: bool,
        tall: f64,
        viewport: [f32; 2],
    ) -> BoxSpace {
        let domain = landscape.panel.domain;
        let size = match domain.y {
            Some(_) if flat => {
                let [width, depth] = landscape.panel.map_shape(viewport.map(f64::from));
                Vec3::new(
                    (width as f32).max(THINNEST_SIDE),
                    0.0,
                    (depth as f32).max(THINNEST_SIDE),
                )
            }
            _ => Vec3::from_array(landscape.panel.box_size(lanes, tall)),
        };
        BoxSpace {
            domain,
            scale: landscape.scale,
            size,
            flat,
        }
    }

    /// A box of this size.
    #[cfg(test)]
    pub(crate) fn of(domain: Domain, scale: HeightScale, size: Vec3) -> BoxSpace {
        BoxSpace {
            domain,
            scale,
            size,
            flat: false,
        }
    }

    /// Parameters as fractions of the drawn rectangle. For a curve the second is the place across the lanes.
    pub fn fractions(&self, x: f64, y: f64) -> [f64; 2] {
        let fraction = |value: f64, [low, high]: [f64; 2]| (value - low) / (high - low);
        [
            fraction(x, self.domain.x),
            self.domain.y.map_or(y, |range| fraction(y, range)),
        ]
    }

    /// From fractions of the rectangle and of the height to the box: everything in it has a place that does not depend
    /// on how large it is drawn.
    pub fn box_from_fractions(s: f64, t: f64, height: f64) -> Vec3 {
        Vec3::new(s as f32 - 0.5, height as f32, 0.5 - t as f32)
    }

    pub fn world_from_box(&self, place: Vec3) -> Vec3 {
        place * self.size
    }

    /// The same for entities.
    pub fn transform(&self) -> Transform {
        Transform::from_scale(self.size)
    }

    /// From fractions of the rectangle and of the height to the world.
    pub fn world_from_fractions(&self, s: f64, t: f64, height: f64) -> Vec3 {
        self.world_from_box(BoxSpace::box_from_fractions(s, t, height))
    }

    /// The parameters at fractions of the rectangle: the inverse of [`fractions`](Self::fractions).
    pub fn params_from_fractions(&self, [s, t]: [f64; 2]) -> [f64; 2] {
        let value = |fraction: f64, [low, high]: [f64; 2]| low + (high - low) * fraction;
        [
            value(s, self.domain.x),
            self.domain.y.map_or(t, |range| value(t, range)),
        ]
    }

    /// A ray in the world as one in fractions of the rectangle and of the height.
    pub fn ray_in_box(&self, origin: Vec3, direction: Vec3) -> [[f64; 3]; 2] {
        // A flat panel has no height: one will do.
        let tall = if self.flat { 1.0 } else { self.size.y };
        let inside = |v: Vec3, shift: f32| {
            [
                f64::from(v.x / self.size.x + shift),
                f64::from(shift - v.z / self.size.z),
                f64::from(v.y / tall),
            ]
        };
        [inside(origin, 0.5), inside(direction, 0.0)]
    }

    /// From parameters and loss to the box. The loss is clamped to it.
    pub fn box_from_params(&self, x: f64, y: f64, loss: f64) -> Vec3 {
        let [s, t] = self.fractions(x, y);
        BoxSpace::box_from_fractions(s, t, self.scale.fraction(loss).clamp(0.0, 1.0))
    }

    /// The height of a loss as a fraction.
    pub fn fraction_of_loss(&self, loss: f64) -> f64 {
        self.scale.fraction(loss)
    }

    /// A curve has one coordinate; across its depth lie the lanes.
    pub fn is_curve(&self) -> bool {
        self.domain.y.is_none()
    }

    pub fn center(&self) -> Vec3 {
        Vec3::new(0.0, self.size.y / 2.0, 0.0)
    }

    /// The middle of lane `index` of `count`, as a fraction of the depth. The first lane is in front.
    pub fn lane(index: usize, count: usize) -> f64 {
        (index as f64 + 0.5) / count.max(1) as f64
    }
}

/// The camera for a pose. `aspect` is width over height of the viewport.
pub fn camera_view(pose: &CameraPose, space: &BoxSpace, aspect: f32) -> (Transform, Projection) {
    if space.flat {
        return flat_view(space, aspect);
    }
    // Room for the labels, and a narrow viewport must not cut the box off at its sides.
    let distance = pose.distance as f32 * (1.36 / aspect).max(1.1) * room_for_height(space.size.y);
    let direction = Vec3::new(
        (pose.yaw.sin() * pose.pitch.cos()) as f32,
        pose.pitch.sin() as f32,
        (pose.yaw.cos() * pose.pitch.cos()) as f32,
    );
    let target = space.center() - LOWERED + Vec3::from_array(pose.target.map(|c| c as f32));
    let transform =
        Transform::from_translation(target + direction * distance).looking_at(target, Vec3::Y);
    let projection = if pose.orthographic {
        orthographic(2.0 * distance * (FIELD_OF_VIEW / 2.0).tan(), distance * 2.0)
    } else {
        Projection::Perspective(PerspectiveProjection {
            fov: FIELD_OF_VIEW,
            aspect_ratio: aspect,
            near: 0.02,
            far: 100.0,
            ..default()
        })
    };
    (transform, projection)
}

/// How much further back the whole of an exaggerated height is in view.
fn room_for_height(height: f32) -> f32 {
    ((height + 0.55) / 1.3).max(1.0)
}

/// Straight down on the rectangle, with a margin for ticks.
fn flat_view(space: &BoxSpace, aspect: f32) -> (Transform, Projection) {
    let margin = 1.3;
    let height = (space.size.z * margin).max(space.size.x * margin / aspect);
    (
        Transform::from_xyz(0.0, 2.0, 0.0).looking_at(Vec3::ZERO, Vec3::NEG_Z),
        orthographic(height, 4.0),
    )
}

fn orthographic(viewport_height: f32, far: f32) -> Projection {
    Projection::Orthographic(OrthographicProjection {
        scaling_mode: ScalingMode::FixedVertical { viewport_height },
        near: -far,
        far,
        ..OrthographicProjection::default_3d()
    })
}

/// Projects world points into a viewport, in logical pixels of the target.
#[derive(Debug, Clone, Copy)]
pub struct Projector {
    clip_from_world: Mat4,
    pub(super) viewport: Rect,
}

impl Projector {
    pub fn new(camera: &Transform, projection: &Projection, viewport: Rect) -> Projector {
        let mut projection = projection.clone();
        projection.update(viewport.width().max(1.0), viewport.height().max(1.0));
        let clip_from_view = projection.get_clip_from_view();
        Projector {
            clip_from_world: clip_from_view * camera.to_matrix().inverse(),
            viewport,
        }
    }

    /// Where the line of sight through a place on the screen begins, and where it goes; `None` for a viewport without area.
    pub fn ray(&self, screen: Vec2) -> Option<(Vec3, Vec3)> {
        let unit = (screen - self.viewport.min) / self.viewport.size();
        let ndc = Vec2::new(unit.x * 2.0 - 1.0, 1.0 - unit.y * 2.0);
        let world_from_clip = self.clip_from_world.inverse();
        // Depth is reversed: 1 is near.
        let near = world_from_clip.project_point3(ndc.extend(1.0));
        let beyond = world_from_clip.project_point3(ndc.extend(0.5));
        let direction = (beyond - near).normalize_or_zero();
        (near.is_finite() && direction != Vec3::ZERO).then_some((near, direction))
    }

    /// `None` behind the camera, and for what is no place at all.
    pub fn screen_from_world(&self, world: Vec3) -> Option<Vec2> {
        let clip = self.clip_from_world * world.extend(1.0);
        if clip.w <= 0.0 {
            return None;
        }
        let ndc = clip.truncate() / clip.w;
        let unit = Vec2::new(ndc.x * 0.5 + 0.5, 0.5 - ndc.y * 0.5);
        let screen = self.viewport.min + unit * self.viewport.size();
        screen.is_finite().then_some(screen)
    }
}

/// The projector of a viewport's camera.
pub fn projector(rig: &CameraRig, space: &BoxSpace, viewport: Rect) -> Projector {
    let aspect = viewport.width() / viewport.height().max(1.0);
    let (camera, projection) = camera_view(&rig.pose, space, aspect);
    Projector::new(&camera, &projection, viewport)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::ViewPreset;
    use crate::landscape::scale::HeightKind;

    fn space(flat: bool) -> BoxSpace {
        let domain = Domain {
            x: [-2.0, 2.0],
            y: Some([-0.5, 3.5]),
        };
        let scale = HeightScale::new(HeightKind::Linear, 0.0, 0.0, 10.0);
        let size = Vec3::new(1.0, if flat { 0.0 } else { 0.55 }, 1.0);
        BoxSpace {
            flat,
            ..BoxSpace::of(domain, scale, size)
        }
    }

    #[test]
    fn corners_of_the_domain_are_corners_of_the_box() {
        let space = space(false);
        for (x, y, loss, world) in [
            (-2.0, -0.5, 0.0, Vec3::new(-0.5, 0.0, 0.5)),
            (2.0, 3.5, 10.0, Vec3::new(0.5, 0.55, -0.5)),
            (0.0, 1.5, 5.0, Vec3::new(0.0, 0.275, 0.0)),
            (0.0, 1.5, 1e300, Vec3::new(0.0, 0.55, 0.0)),
        ] {
            let there = space.world_from_box(space.box_from_params(x, y, loss));
            assert!(
                there.distance(world) < 1e-6,
                "{there} for ({x}, {y}, {loss})"
            );
        }
    }

    #[test]
    fn every_preset_shows_the_whole_box() {
        let viewport = Rect::new(100.0, 50.0, 900.0, 650.0);
        for preset in [
            ViewPreset::Iso,
            ViewPreset::Front,
            ViewPreset::Side,
            ViewPreset::Top,
        ] {
            for (flat, height) in [(false, 0.55), (false, 1.65), (true, 0.0)] {
                let mut space = space(flat);
                space.size.y = height;
                let pose = CameraPose::from_preset(preset);
                let (camera, projection) =
                    camera_view(&pose, &space, viewport.width() / viewport.height());
                let projector = Projector::new(&camera, &projection, viewport);
                for corner in 0..8 {
                    let bit = |k: i32| f64::from(corner >> k & 1);
                    let world = space.world_from_fractions(bit(0), bit(1), bit(2));
                    let screen = projector.screen_from_world(world);
                    assert!(
                        screen.is_some_and(|s| viewport.contains(s)),
                        "{preset:?}: {world} at {screen:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_ray_leads_back_to_what_is_seen() {
        let viewport = Rect::new(100.0, 50.0, 900.0, 650.0);
        for (preset, orthographic) in [
            (ViewPreset::Iso, false),
            (ViewPreset::Top, false),
            (ViewPreset::Iso, true),
        ] {
            let space = space(false);
            let pose = CameraPose {
                orthographic,
                ..CameraPose::from_preset(preset)
            };
            let (camera, projection) = camera_view(&pose, &space, 4.0 / 3.0);
            let projector = Projector::new(&camera, &projection, viewport);
            let world = space.world_from_box(space.box_from_params(1.2, 0.3, 4.0));
            let screen = projector.screen_from_world(world).expect("in front");
            let (origin, direction) = projector.ray(screen).expect("a ray");
            assert!((world - origin).dot(direction) > 0.0, "{preset:?}");
            let [from, along] = space.ray_in_box(origin, direction);
            let k = (0.4 - from[2]) / along[2];
            let at = [from[0] + k * along[0], from[1] + k * along[1]];
            let [x, y] = space.params_from_fractions(at);
            assert!((x - 1.2).abs() < 1e-2 && (y - 0.3).abs() < 1e-2, "{x}, {y}");
        }
    }

    #[test]
    fn the_front_view_has_the_first_axis_to_the_right_and_loss_up() {
        let space = space(false);
        let pose = CameraPose::from_preset(ViewPreset::Front);
        let viewport = Rect::new(0.0, 0.0, 800.0, 600.0);
        let (camera, projection) = camera_view(&pose, &space, 4.0 / 3.0);
        let projector = Projector::new(&camera, &projection, viewport);
        let at = |x, loss| {
            projector
                .screen_from_world(space.world_from_box(space.box_from_params(x, 1.5, loss)))
                .expect("in front of the camera")
        };
        assert!(at(1.0, 0.0).x > at(-1.0, 0.0).x);
        assert!(at(0.0, 9.0).y < at(0.0, 1.0).y);
    }
}
