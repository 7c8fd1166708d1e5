//! Lines of constant width in pixels: the material that trails and axes share.

use bevy::mesh::MeshVertexBufferLayoutRef;
use bevy::pbr::{MaterialPipeline, MaterialPipelineKey};
use bevy::prelude::*;
use bevy::render::render_resource::{
    AsBindGroup, CompareFunction, RenderPipelineDescriptor, ShaderType,
    SpecializedMeshPipelineError,
};
use bevy::render::storage::ShaderBuffer;
use bevy::shader::ShaderRef;
use bytemuck::{Pod, Zeroable};

use super::RIBBON_SHADER;
use crate::palette::strokes::{DASH, LINE_LIFT as TOWARDS_EYE};

/// The order in which transparent things that share a place are drawn, later ones on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Axes,
    /// A surface that shows through: its depth first, so that only what is in front is coloured.
    SurfaceDepth,
    Surface,
    /// What is still to come.
    Ahead,
    Ghost,
    Trail,
    /// At minima and saddles: under the marks of paths.
    Critical,
    Mark,
    Ball,
}

impl Order {
    /// Far beyond the depths of a scene of a few units, so that the order always decides, and within it the rank. Of
    /// balls those further away come first.
    pub(crate) fn depth_bias(self, rank: u8) -> f32 {
        let rank = f32::from(rank.min(90));
        let apart = if self == Order::Ball { 1e-3 } else { 1.0 };
        100.0 * self as u8 as f32 + apart * rank
    }
}

/// A point of a line, as the shader reads it.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct RibbonPoint {
    /// In the box.
    place: [f32; 3],
    /// One more than the step at which it is reached; negative where the pen was up on the way.
    step: f32,
    strength: f32,
    /// As far apart as WGSL wants them.
    unused: [f32; 3],
}

impl RibbonPoint {
    pub(crate) fn new(place: Vec3, step: f32, pen_up: bool) -> RibbonPoint {
        let step = step + 1.0;
        RibbonPoint {
            place: place.to_array(),
            step: if pen_up { -step } else { step },
            strength: 1.0,
            unused: [0.0; 3],
        }
    }

    /// Drawn so strongly, from 0 to 1.
    pub(crate) fn faded(mut self, strength: f32) -> RibbonPoint {
        self.strength = strength;
        self
    }
}

#[derive(Asset, TypePath, AsBindGroup, Debug, Clone, PartialEq)]
#[bind_group_data(PassKey)]
pub(crate) struct RibbonMaterial {
    #[uniform(0)]
    pub(crate) ribbon: RibbonUniform,
    #[storage(1, read_only)]
    pub(crate) points: Handle<ShaderBuffer>,
    pub(crate) order: Order,
    pub(crate) rank: u8,
}

#[derive(ShaderType, Debug, Clone, Copy, PartialEq)]
pub(crate) struct RibbonUniform {
    color: Vec4,
    casing: Vec4,
    width: Vec4,
    kind: Vec4,
}

/// How a line looks. Widths in logical pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stroke {
    pub(crate) color: Vec4,
    pub(crate) width: f32,
    pub(crate) casing: Option<(Vec4, f32)>,
    pub(crate) dashed: bool,
    /// Steps over which older parts fade; 0 never.
    pub(crate) fade_steps: f32,
}

impl RibbonUniform {
    pub(crate) fn new(stroke: &Stroke, points: usize, separate: bool) -> RibbonUniform {
        let (casing, casing_width) = stroke.casing.unwrap_or((Vec4::ZERO, 0.0));
        RibbonUniform {
            color: stroke.color,
            casing,
            width: Vec4::new(
                stroke.width,
                casing_width,
                0.0,
                if separate { 0.0 } else { TOWARDS_EYE },
            ),
            kind: Vec4::new(
                points as f32,
                f32::from(u8::from(separate)),
                stroke.fade_steps,
                if stroke.dashed { DASH } else { 0.0 },
            ),
        }
    }
}

/// What pipelines of quads differ in: the ghost is drawn where the surface hides it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(C)]
pub(crate) struct PassKey {
    ghost: bool,
}

impl From<Order> for PassKey {
    fn from(order: Order) -> PassKey {
        PassKey {
            ghost: order == Order::Ghost,
        }
    }
}

impl From<&RibbonMaterial> for PassKey {
    fn from(material: &RibbonMaterial) -> PassKey {
        material.order.into()
    }
}

impl Material for RibbonMaterial {
    fn vertex_shader() -> ShaderRef {
        RIBBON_SHADER.into()
    }

    fn fragment_shader() -> ShaderRef {
        RIBBON_SHADER.into()
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

/// What all quads that face the viewer share: their numbers only, no culling, no depth written, and the material's bias
/// for sorting alone.
pub(crate) fn flat_quads(
    descriptor: &mut RenderPipelineDescriptor,
    layout: &MeshVertexBufferLayoutRef,
    key: PassKey,
) -> Result<(), SpecializedMeshPipelineError> {
    descriptor.primitive.cull_mode = None;
    descriptor.vertex.buffers = vec![
        layout
            .0
            .get_layout(&[Mesh::ATTRIBUTE_UV_0.at_shader_location(0)])?,
    ];
    if let Some(depth) = &mut descriptor.depth_stencil {
        depth.depth_write_enabled = Some(false);
        depth.bias = Default::default();
        if key.ghost {
            depth.depth_compare = Some(CompareFunction::Less);
        }
    }
    if key.ghost
        && let Some(fragment) = &mut descriptor.fragment
    {
        fragment.shader_defs.push("GHOST".into());
    }
    Ok(())
}

pub(super) fn plugin(app: &mut App) {
    app.add_plugins(MaterialPlugin::<RibbonMaterial>::default());
}
