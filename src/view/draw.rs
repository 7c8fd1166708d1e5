//! From points and marks to entities: the meshes, buffers and materials of everything made of numbered quads.
//!
//! Vertex k of quad i is the position (i, k, 0); the shaders take the rest from a storage buffer. So one mesh serves
//! every trail and every set of marks of up to its size.

use std::collections::BTreeMap;

use bevy::asset::RenderAssetUsages;
use bevy::camera::visibility::{NoFrustumCulling, RenderLayers};
use bevy::ecs::system::SystemParam;
use bevy::mesh::{Indices, MeshTag, PrimitiveTopology};
use bevy::prelude::*;
use bevy::render::storage::ShaderBuffer;

use super::PanelSpace;
use super::markers::{Mark, MarkerMaterial};
use super::ribbon::{Order, RibbonMaterial, RibbonPoint, RibbonUniform, Stroke};

#[derive(Resource, Default)]
struct QuadMeshes(BTreeMap<usize, Handle<Mesh>>);

#[derive(SystemParam)]
pub(crate) struct DrawAssets<'w> {
    quads: ResMut<'w, QuadMeshes>,
    meshes: ResMut<'w, Assets<Mesh>>,
    buffers: ResMut<'w, Assets<ShaderBuffer>>,
    ribbons: ResMut<'w, Assets<RibbonMaterial>>,
    markers: ResMut<'w, Assets<MarkerMaterial>>,
}

/// What an entity needs to draw numbered quads.
type Quads<M> = (
    Mesh3d,
    MeshMaterial3d<M>,
    MeshTag,
    NoFrustumCulling,
    RenderLayers,
);

impl DrawAssets<'_> {
    pub(crate) fn points(
        &mut self,
        points: impl Iterator<Item = RibbonPoint>,
    ) -> (Handle<ShaderBuffer>, usize) {
        let points: Vec<RibbonPoint> = points.collect();
        (self.buffer(bytemuck::cast_slice(&points)), points.len())
    }

    /// One pass over a line.
    pub(crate) fn trail(
        &mut self,
        (points, count): (Handle<ShaderBuffer>, usize),
        stroke: &Stroke,
        order: Order,
        place: &PanelSpace,
    ) -> Quads<RibbonMaterial> {
        let mesh = self.mesh(count.saturating_sub(1));
        let material = RibbonMaterial {
            ribbon: RibbonUniform::new(stroke, count, false, place.scale_factor),
            points,
            order,
        };
        quads(mesh, self.ribbons.add(material), place)
    }

    /// Separate segments from each even point to the next.
    pub(crate) fn segments(
        &mut self,
        points: &[Vec3],
        stroke: &Stroke,
        place: &PanelSpace,
    ) -> Quads<RibbonMaterial> {
        let always = |place: &Vec3| RibbonPoint::new(*place, 0.0, false);
        let (points, count) = self.points(points.iter().map(always));
        let mesh = self.mesh(count / 2);
        let material = RibbonMaterial {
            ribbon: RibbonUniform::new(stroke, count, true, place.scale_factor),
            points,
            order: Order::Axes,
        };
        quads(mesh, self.ribbons.add(material), place)
    }

    pub(crate) fn marks(
        &mut self,
        marks: &[Mark],
        order: Order,
        casing: Vec4,
        place: &PanelSpace,
    ) -> Quads<MarkerMaterial> {
        let mesh = self.mesh(marks.len());
        let buffer = self.buffer(bytemuck::cast_slice(marks));
        let material = MarkerMaterial::new(buffer, marks.len(), order, casing, place.scale_factor);
        quads(mesh, self.markers.add(material), place)
    }

    fn mesh(&mut self, quads: usize) -> Handle<Mesh> {
        let capacity = quads.max(1).next_power_of_two();
        self.quads
            .0
            .entry(capacity)
            .or_insert_with(|| self.meshes.add(quad_mesh(capacity)))
            .clone()
    }

    fn buffer(&mut self, bytes: &[u8]) -> Handle<ShaderBuffer> {
        self.buffers
            .add(ShaderBuffer::new(bytes, RenderAssetUsages::RENDER_WORLD))
    }
}

fn quads<M: Material>(mesh: Handle<Mesh>, material: Handle<M>, place: &PanelSpace) -> Quads<M> {
    (
        Mesh3d(mesh),
        MeshMaterial3d(material),
        MeshTag(0),
        NoFrustumCulling,
        place.layer.clone(),
    )
}

fn quad_mesh(count: usize) -> Mesh {
    let mut positions: Vec<[f32; 3]> = (0..count)
        .flat_map(|quad| (0..4).map(move |corner| [quad as f32, corner as f32, 0.0]))
        .collect();
    // Numbers are no places, but bevy sorts transparent things by the middle of their meshes' positions: with this one,
    // which is not drawn, that is the origin, whatever the number of quads, and the order is that of `Order`.
    positions.extend(positions.last().map(|[x, y, z]| [-x, -y, -z]));
    let indices = (0..count as u32)
        .flat_map(|quad| [0, 1, 2, 1, 3, 2].map(|corner| quad * 4 + corner))
        .collect();
    Mesh::new(
        PrimitiveTopology::TriangleList,
        RenderAssetUsages::RENDER_WORLD,
    )
    .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions)
    .with_inserted_indices(Indices::U32(indices))
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<QuadMeshes>();
}
