//! From points and marks to entities: the meshes, buffers and materials of everything made of numbered quads.
//!
//! Vertex k of quad i is the pair (i, k); the shaders take the rest from a storage buffer. So one mesh serves every trail
//! and every set of marks of up to its size. Entities stay, and their buffers and materials change in place.

use std::collections::BTreeMap;

use bevy::asset::RenderAssetUsages;
use bevy::camera::visibility::{NoFrustumCulling, RenderLayers};
use bevy::ecs::system::SystemParam;
use bevy::mesh::{Indices, MeshTag, PrimitiveTopology};
use bevy::prelude::*;
use bevy::render::storage::ShaderBuffer;
use bytemuck::Pod;

use super::DrawnFor;
use super::markers::MarkerMaterial;
use super::ribbon::{Order, RibbonMaterial, RibbonUniform, Stroke};

#[derive(Resource, Default)]
struct QuadMeshes(BTreeMap<usize, Handle<Mesh>>);

#[derive(SystemParam)]
pub(crate) struct DrawAssets<'w, 's> {
    commands: Commands<'w, 's>,
    quads: ResMut<'w, QuadMeshes>,
    meshes: ResMut<'w, Assets<Mesh>>,
    buffers: ResMut<'w, Assets<ShaderBuffer>>,
    ribbons: ResMut<'w, Assets<RibbonMaterial>>,
    markers: ResMut<'w, Assets<MarkerMaterial>>,
}

/// Points or marks on the GPU, in a buffer that is written in place until it is too small.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    buffer: Handle<ShaderBuffer>,
    bytes: usize,
    count: usize,
}

/// What is drawn of a batch in one pass, once there is something.
#[derive(Debug)]
pub(crate) struct Pass<M: Material>(Option<Drawn<M>>);

impl<M: Material> Default for Pass<M> {
    fn default() -> Pass<M> {
        Pass(None)
    }
}

#[derive(Debug)]
struct Drawn<M: Material> {
    entity: Entity,
    material: Handle<M>,
    mesh: Handle<Mesh>,
    is_visible: bool,
}

impl<M: Material> Drawn<M> {
    fn set_visible(&mut self, commands: &mut Commands, visible: bool) {
        if self.is_visible != visible {
            self.is_visible = visible;
            let visibility = if visible {
                Visibility::Inherited
            } else {
                Visibility::Hidden
            };
            commands.entity(self.entity).insert(visibility);
        }
    }
}

/// Where drawings belong: they end with their owner, and lie in the panel's box.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Home<'a> {
    pub(crate) owner: Entity,
    pub(crate) panel: Entity,
    pub(crate) layer: &'a RenderLayers,
    /// Those of a higher rank are drawn over others of the same order.
    pub(crate) rank: u8,
}

impl DrawAssets<'_, '_> {
    pub(crate) fn write<T: Pod>(&mut self, batch: &mut Batch, items: &[T]) {
        let capacity = items.len().max(1).next_power_of_two();
        let mut data = bytemuck::cast_slice(items).to_vec();
        data.resize(capacity * size_of::<T>(), 0);
        batch.count = items.len();
        if batch.bytes == data.len()
            && let Some(mut buffer) = self.buffers.get_mut(&batch.buffer)
        {
            buffer.data = Some(data);
            return;
        }
        batch.bytes = data.len();
        let usage = RenderAssetUsages::RENDER_WORLD;
        batch.buffer = self.buffers.add(ShaderBuffer::new(&data, usage));
    }

    /// A line through a batch of points. What is `extra` goes to its entity when that is spawned.
    pub(crate) fn line(
        &mut self,
        pass: &mut Pass<RibbonMaterial>,
        points: &Batch,
        (stroke, order): (&Stroke, Order),
        home: Home,
        extra: impl Bundle,
    ) {
        let quads = points.count.saturating_sub(1);
        self.ribbon(pass, points, quads, false, (stroke, order), home, extra);
    }

    /// A thin line under the trails, the whole of it, whatever the step.
    pub(crate) fn faint_line(
        &mut self,
        pass: &mut Pass<RibbonMaterial>,
        points: &Batch,
        (color, width): (Vec4, f32),
        home: Home,
    ) {
        let stroke = Stroke {
            color,
            width,
            casing: None,
            dashed: false,
            fade_steps: 0.0,
        };
        let whole = MeshTag(f32::MAX.to_bits());
        self.line(pass, points, (&stroke, Order::Ahead), home, whole);
    }

    /// Separate segments from each even point to the next.
    pub(crate) fn segments(
        &mut self,
        pass: &mut Pass<RibbonMaterial>,
        points: &Batch,
        stroke: &Stroke,
        home: Home,
    ) {
        let look = (stroke, Order::Axes);
        self.ribbon(pass, points, points.count / 2, true, look, home, ());
    }

    fn ribbon(
        &mut self,
        pass: &mut Pass<RibbonMaterial>,
        points: &Batch,
        quads: usize,
        separate: bool,
        (stroke, order): (&Stroke, Order),
        home: Home,
        extra: impl Bundle,
    ) {
        let material = RibbonMaterial {
            ribbon: RibbonUniform::new(stroke, points.count, separate),
            points: points.buffer.clone(),
            order,
            rank: home.rank,
        };
        let mesh = self.mesh(quads);
        let ribbons = &mut self.ribbons;
        pass.show(&mut self.commands, ribbons, material, mesh, home, extra);
    }

    pub(crate) fn marks(
        &mut self,
        pass: &mut Pass<MarkerMaterial>,
        marks: &Batch,
        (order, casing): (Order, Vec4),
        home: Home,
        extra: impl Bundle,
    ) {
        let buffer = marks.buffer.clone();
        let material = MarkerMaterial::new(buffer, marks.count, (order, home.rank), casing);
        let mesh = self.mesh(marks.count);
        let markers = &mut self.markers;
        pass.show(&mut self.commands, markers, material, mesh, home, extra);
    }

    pub(crate) fn hide<M: Material>(&mut self, pass: &mut Pass<M>) {
        if let Some(drawn) = &mut pass.0 {
            drawn.set_visible(&mut self.commands, false);
        }
    }

    fn mesh(&mut self, quads: usize) -> Handle<Mesh> {
        // Eight sizes between powers of two: every vertex too many costs time.
        let step = (quads.max(1).next_power_of_two() / 16).max(1);
        let capacity = quads.max(1).next_multiple_of(step);
        self.quads
            .0
            .entry(capacity)
            .or_insert_with(|| self.meshes.add(quad_mesh(capacity)))
            .clone()
    }
}

impl<M: Material + PartialEq> Pass<M> {
    fn show(
        &mut self,
        commands: &mut Commands,
        materials: &mut Assets<M>,
        material: M,
        mesh: Handle<Mesh>,
        home: Home,
        extra: impl Bundle,
    ) {
        let Some(drawn) = &mut self.0 else {
            let material = materials.add(material);
            let quads = (
                Mesh3d(mesh.clone()),
                MeshMaterial3d(material.clone()),
                MeshTag(0),
                NoFrustumCulling,
                home.layer.clone(),
            );
            let belongs = (DrawnFor(home.owner), ChildOf(home.panel));
            let entity = commands.spawn((quads, belongs)).insert(extra).id();
            self.0 = Some(Drawn {
                entity,
                material,
                mesh,
                is_visible: true,
            });
            return;
        };
        drawn.set_visible(commands, true);
        if drawn.mesh != mesh {
            drawn.mesh = mesh.clone();
            commands.entity(drawn.entity).insert(Mesh3d(mesh));
        }
        if let Some(mut old) = materials.get_mut(&drawn.material)
            && *old != material
        {
            *old = material;
        }
    }
}

/// Numbers instead of positions, which bevy would take for places when it sorts by distance.
fn quad_mesh(count: usize) -> Mesh {
    let numbers: Vec<[f32; 2]> = (0..count)
        .flat_map(|quad| (0..4).map(move |corner| [quad as f32, corner as f32]))
        .collect();
    let indices = (0..count as u32)
        .flat_map(|quad| [0, 1, 2, 1, 3, 2].map(|corner| quad * 4 + corner))
        .collect();
    Mesh::new(
        PrimitiveTopology::TriangleList,
        RenderAssetUsages::RENDER_WORLD,
    )
    .with_inserted_attribute(Mesh::ATTRIBUTE_UV_0, numbers)
    .with_inserted_indices(Indices::U32(indices))
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<QuadMeshes>();
}
