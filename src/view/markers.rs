//! Marks of constant size in pixels that face the viewer: their material and shapes.

use bevy::mesh::MeshVertexBufferLayoutRef;
use bevy::pbr::{MaterialPipeline, MaterialPipelineKey};
use bevy::prelude::*;
use bevy::render::render_resource::{
    AsBindGroup, RenderPipelineDescriptor, ShaderType, SpecializedMeshPipelineError,
};
use bevy::render::storage::ShaderBuffer;
use bevy::shader::ShaderRef;
use bytemuck::{Pod, Zeroable};

use super::MARKER_SHADER;
use super::ribbon::{Order, PassKey, flat_quads};
use crate::palette::strokes::MARK_LIFT as TOWARDS_EYE;

/// The shapes, numbered as in `marker.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Shape {
    Dot = 0,
    Ball = 1,
    Ring = 2,
    Square = 3,
    Cross = 4,
    Check = 5,
    Diamond = 6,
    Star = 7,
    HollowStar = 8,
}

/// One mark, as the shader reads it.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Mark {
    place: [f32; 4],
    color: [f32; 4],
    form: [f32; 4],
}

impl Mark {
    /// A mark that is always there, at a place in the box. Radius in logical pixels.
    pub(crate) fn new(place: Vec3, shape: Shape, color: Vec4, radius: f32) -> Mark {
        Mark {
            place: place.extend(0.0).to_array(),
            color: color.to_array(),
            form: [radius, f32::from(shape as u8), 0.0, 0.0],
        }
    }

    /// Appears with a step.
    pub(crate) fn appearing_at(mut self, step: f32) -> Mark {
        self.place[3] = step;
        self
    }

    /// Its foot touches the place.
    pub(crate) fn standing(mut self) -> Mark {
        self.form[2] = 1.0;
        self
    }
}

#[derive(Asset, TypePath, AsBindGroup, Debug, Clone, PartialEq)]
#[bind_group_data(PassKey)]
pub(crate) struct MarkerMaterial {
    #[uniform(0)]
    markers: MarkersUniform,
    #[storage(1, read_only)]
    marks: Handle<ShaderBuffer>,
    order: Order,
    rank: u8,
}

impl MarkerMaterial {
    /// `count` is the number of marks in the buffer.
    pub(crate) fn new(
        marks: Handle<ShaderBuffer>,
        count: usize,
        (order, rank): (Order, u8),
        casing: Vec4,
    ) -> MarkerMaterial {
        MarkerMaterial {
            markers: MarkersUniform {
                casing,
                frame: Vec4::new(0.0, TOWARDS_EYE, count as f32, 0.0),
            },
            marks,
            order,
            rank,
        }
    }
}

#[derive(ShaderType, Debug, Clone, Copy, PartialEq)]
struct MarkersUniform {
    casing: Vec4,
    frame: Vec4,
}

impl From<&MarkerMaterial> for PassKey {
    fn from(material: &MarkerMaterial) -> PassKey {
        material.order.into()
    }
}

impl Material for MarkerMaterial {
    fn vertex_shader() -> ShaderRef {
        MARKER_SHADER.into()
    }

    fn fragment_shader() -> ShaderRef {
        MARKER_SHADER.into()
    }

    fn alpha_mode(&self) -> AlphaMode {
        AlphaMode::Blend
    }

    fn depth_bias(&self) -> f32 {
        self.order.depth_bias(self.rank)
    }

    fn enable_prepass() -> bool {
        false
    }

    fn enable_shadows() -> bool {
        false
    }

    fn specialize(
        _: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        layout: &MeshVertexBufferLayoutRef,
        key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        flat_quads(descriptor, layout, key.bind_group_data)
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_plugins(MaterialPlugin::<MarkerMaterial>::default());
}
