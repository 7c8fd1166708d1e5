//! The landscape's surface: a grid displaced by a texture of heights, the same mesh for nearly all of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy::camera::primitives::Aabb;
use bevy::camera::visibility::NoAutoAabb;
use bevy::mesh::MeshVertexBufferLayoutRef;
use bevy::pbr::{MaterialPipeline, MaterialPipelineKey};
use bevy::prelude::*;
use bevy::render::render_resource::{
    AsBindGroup, ColorWrites, RenderPipelineDescriptor, ShaderType, SpecializedMeshPipelineError,
};
use bevy::shader::ShaderRef;

use super::ribbon::Order;
use super::surface_map::{self, SurfaceMap};
use super::surface_mesh::{even_mesh, fitted_mesh};
use super::surface_texture::{color_texture, field_texture};
use super::{DrawnFor, PanelSpace, SURFACE_SHADER, ViewStage};
use crate::experiment::{ColorMap, Contours, MAX_LEVELS};
use crate::lab::showing::map_picture::PanelMapPicture;
use crate::lab::theme::Theme;
use crate::lab::{CurrentExperiment, Field, PanelLandscape};
use crate::landscape::{HeightKind, HeightScale, Lines};

/// Vertices along each side of the mesh. Only outlines depend on it, and triangles of a few pixels are what a software
/// renderer spends its time on.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeshDensity {
    /// Of the only panel.
    pub alone: usize,
    /// Of one of several.
    pub among_others: usize,
}

impl MeshDensity {
    pub const FINE: MeshDensity = MeshDensity {
        alone: 257,
        among_others: 129,
    };
    pub const COARSE: MeshDensity = MeshDensity {
        alone: 65,
        among_others: 33,
    };

    /// Log height has valleys with sharp floors, whose outline a coarse mesh would tear into teeth.
    fn of(self, panels: usize, height: HeightKind) -> usize {
        let side = if panels > 1 {
            self.among_others
        } else {
            self.alone
        };
        match height {
            HeightKind::Linear => side,
            HeightKind::Log => (2 * side - 1).min(MeshDensity::FINE.alone),
        }
    }
}

#[derive(Asset, TypePath, AsBindGroup, Debug, Clone, PartialEq)]
#[bind_group_data(SurfaceKey)]
pub(crate) struct SurfaceMaterial {
    #[uniform(0)]
    surface: SurfaceUniform,
    #[texture(
        1,
        sample_type = "float",
        filterable = false,
        visibility(vertex, fragment)
    )]
    field: Handle<Image>,
    #[texture(2, sample_type = "float", filterable = false)]
    colors: Handle<Image>,
    /// Of a map that lies on it, the cells.
    #[texture(3, sample_type = "float", filterable = false)]
    map: Option<Handle<Image>>,
    is_torn: bool,
    is_cut: bool,
    pass: Pass,
}

/// A clear surface is drawn twice, so that its own folds do not show through one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Pass {
    Opaque,
    Depth,
    Color,
}

/// Only a surface that is torn, or that ends at the box, knows the heights of its mesh.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SurfaceKey {
    is_torn: bool,
    is_cut: bool,
    is_mapped: bool,
    pass: Pass,
}

impl From<&SurfaceMaterial> for SurfaceKey {
    fn from(material: &SurfaceMaterial) -> SurfaceKey {
        SurfaceKey {
            is_torn: material.is_torn,
            is_cut: material.is_cut,
            is_mapped: material.map.is_some(),
            pass: material.pass,
        }
    }
}

#[derive(ShaderType, Debug, Clone, Copy, PartialEq)]
struct SurfaceUniform {
    look: Vec4,
    /// What leads from a place on the surface to one on its map, both as fractions: a factor each and what is added.
    map: Vec4,
    bands: f32,
    levels: [Vec4; MAX_LEVELS / 4],
}

impl Material for SurfaceMaterial {
    fn vertex_shader() -> ShaderRef {
        SURFACE_SHADER.into()
    }

    fn fragment_shader() -> ShaderRef {
        SURFACE_SHADER.into()
    }

    fn alpha_mode(&self) -> AlphaMode {
        // Sorted with everything else that is drawn. (Without the compute shaders that `app` does without on software
        // renderers, bevy's phase for opaque things draws nothing.)
        AlphaMode::Blend
    }

    fn depth_bias(&self) -> f32 {
        match self.pass {
            Pass::Opaque => Order::Surface.depth_bias(0),
            Pass::Depth => Order::SurfaceDepth.depth_bias(0),
            Pass::Color => Order::Surface.depth_bias(0),
        }
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
        let SurfaceKey {
            is_torn,
            is_cut,
            is_mapped,
            ..
        } = key.bind_group_data;
        let stages = descriptor
            .fragment
            .iter_mut()
            .map(|stage| &mut stage.shader_defs);
        for defs in stages.chain([&mut descriptor.vertex.shader_defs]) {
            let wanted = [
                (is_torn, "TORN"),
                (is_cut, "CUT"),
                (is_mapped, "MAPPED"),
                (is_torn || is_cut, "MESH_HEIGHT"),
            ];
            defs.extend(
                wanted
                    .iter()
                    .filter(|(on, _)| *on)
                    .map(|(_, name)| (*name).into()),
            );
        }
        // The bias is for sorting alone.
        if let Some(depth) = &mut descriptor.depth_stencil {
            depth.bias = Default::default();
            depth.depth_write_enabled = Some(key.bind_group_data.pass != Pass::Color);
        }
        if let Some(fragment) = &mut descriptor.fragment {
            for target in fragment.targets.iter_mut().flatten() {
                match key.bind_group_data.pass {
                    Pass::Opaque => target.blend = None,
                    Pass::Depth => target.write_mask = ColorWrites::empty(),
                    Pass::Color => {}
                }
            }
        }
        // Seen from below as well.
        descriptor.primitive.cull_mode = None;
        descriptor.vertex.buffers = vec![layout.0.get_layout(&[
            Mesh::ATTRIBUTE_POSITION.at_shader_location(0),
            Mesh::ATTRIBUTE_UV_0.at_shader_location(1),
        ])?];
        Ok(())
    }
}

/// What is drawn of a panel's landscape.
#[derive(Component, Default)]
struct SurfaceDrawing {
    /// Of what texture and mesh were made.
    of: Option<SurfaceOf>,
    field: Handle<Image>,
    map: Option<SurfaceMap>,
    mesh: Handle<Mesh>,
    /// The one of an opaque surface, or the two of a clear one.
    passes: [Option<(Entity, Handle<SurfaceMaterial>)>; 2],
}

struct SurfaceOf {
    field: Arc<Field>,
    scale: HeightScale,
    cells: [usize; 2],
}

impl SurfaceOf {
    fn is(&self, landscape: &PanelLandscape) -> bool {
        Arc::ptr_eq(&self.field, &landscape.field) && self.scale == landscape.scale
    }
}

/// The evenly spaced meshes by their columns and rows, and the colour map's texture.
#[derive(Resource, Default)]
struct SurfaceAssets {
    meshes: BTreeMap<[usize; 2], Handle<Mesh>>,
    colors: Option<(ColorMap, Handle<Image>)>,
    opacity: f32,
    /// The number of panels, which decides how fine their meshes are.
    panels: usize,
}

pub(super) fn plugin(app: &mut App) {
    app.add_plugins(MaterialPlugin::<SurfaceMaterial>::default())
        .init_resource::<SurfaceAssets>()
        .register_required_components::<PanelSpace, SurfaceDrawing>()
        .add_systems(Update, build_surfaces.in_set(ViewStage::Build));
}

fn build_surfaces(
    mut commands: Commands,
    mut panels: Query<(
        Entity,
        Ref<PanelLandscape>,
        &PanelSpace,
        &mut SurfaceDrawing,
        Option<Ref<PanelMapPicture>>,
    )>,
    current: Res<CurrentExperiment>,
    theme: Res<Theme>,
    density: Res<MeshDensity>,
    mut shared: ResMut<SurfaceAssets>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut images: ResMut<Assets<Image>>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
) {
    let map = current.experiment.view.colormap;
    let opacity = current.experiment.view.opacity as f32;
    let recolor = shared.colors.as_ref().is_none_or(|(old, _)| *old != map);
    let count = panels.iter().len();
    let look_changed =
        recolor || shared.opacity != opacity || shared.panels != count || theme.is_changed();
    if !look_changed
        && !panels.iter().any(|(_, landscape, .., map)| {
            landscape.is_changed() || surface_map::is_changed(map.as_ref())
        })
    {
        return;
    }
    if recolor {
        shared.colors = Some((map, images.add(color_texture(map))));
    }
    let Some((_, colors)) = shared.colors.clone() else {
        return;
    };
    for (panel, landscape, place, mut drawing, map) in &mut panels {
        let is_mapped = drawing.map.is_some();
        let map_changed = surface_map::is_changed(map.as_ref()) || is_mapped != map.is_some();
        if !(look_changed || landscape.is_changed() || map_changed) {
            continue;
        }
        surface_map::put(&mut images, &mut drawing.map, &landscape, map.as_deref());
        let side = density.of(count, landscape.panel.height);
        let cells = if landscape.is_curve() {
            [side * 4 - 1, 1]
        } else {
            [side - 1; 2]
        };
        let new_field = !drawing.of.as_ref().is_some_and(|of| of.is(&landscape));
        if new_field {
            put(&mut images, &mut drawing.field, field_texture(&landscape));
        }
        let grid = &landscape.field.grid;
        let is_torn = !grid.tears().is_empty();
        if new_field || drawing.of.as_ref().is_none_or(|of| of.cells != cells) {
            drawing.mesh = if is_torn || !grid.lines().iter().all(Lines::is_even) {
                meshes.add(fitted_mesh(grid, &landscape.scale, cells))
            } else {
                let mesh = shared.meshes.entry(cells);
                mesh.or_insert_with(|| meshes.add(even_mesh(cells.map(|cells| cells + 1))))
                    .clone()
            };
            drawing.of = Some(SurfaceOf {
                field: landscape.field.clone(),
                scale: landscape.scale,
                cells,
            });
        }
        let lines = if landscape.is_curve() { 0.0 } else { 1.0 };
        let (bands, levels) = isolines(&landscape);
        let shading = if place.space.flat { 0.0 } else { theme.shading };
        let material = SurfaceMaterial {
            surface: SurfaceUniform {
                look: Vec4::new(shading, lines, opacity, levels.len() as f32),
                map: drawing
                    .map
                    .as_ref()
                    .map_or(Vec4::ZERO, |map| map.place(&landscape)),
                bands,
                levels: padded(&levels),
            },
            field: drawing.field.clone(),
            colors: colors.clone(),
            map: drawing.map.as_ref().map(|map| map.image.clone()),
            is_torn,
            // On a flat map the colours at the ends go on.
            is_cut: !place.space.flat && landscape.goes_on.contains(&true),
            pass: Pass::Opaque,
        };
        let wanted = if opacity < 1.0 {
            [Some(Pass::Depth), Some(Pass::Color)]
        } else {
            [Some(Pass::Opaque), None]
        };
        let drawing = &mut *drawing;
        for (pass, slot) in wanted.into_iter().zip(&mut drawing.passes) {
            let visibility = match pass {
                Some(_) => Visibility::Inherited,
                None => Visibility::Hidden,
            };
            let material = SurfaceMaterial {
                pass: pass.unwrap_or(Pass::Color),
                ..material.clone()
            };
            match slot {
                Some((entity, handle)) => {
                    if let Some(mut old) = materials.get_mut(&*handle)
                        && *old != material
                    {
                        *old = material;
                    }
                    commands
                        .entity(*entity)
                        .insert((Mesh3d(drawing.mesh.clone()), visibility));
                }
                None if pass.is_none() => {}
                None => {
                    let handle = materials.add(material);
                    let entity = commands.spawn((
                        DrawnFor(panel),
                        ChildOf(panel),
                        Mesh3d(drawing.mesh.clone()),
                        MeshMaterial3d(handle.clone()),
                        // The mesh is a flat unit square; what is drawn fills the box.
                        Aabb::from_min_max(Vec3::new(-0.5, 0.0, -0.5), Vec3::new(0.5, 1.0, 0.5)),
                        NoAutoAabb,
                        place.layer.clone(),
                    ));
                    *slot = Some((entity.id(), handle));
                }
            }
        }
    }
    (shared.opacity, shared.panels) = (opacity, count);
}

/// In place of the image that was there, if it has the same size: then it is written into the same texture.
pub(super) fn put(images: &mut Assets<Image>, handle: &mut Handle<Image>, image: Image) {
    if let Some(mut old) = images.get_mut(&*handle)
        && old.size() == image.size()
    {
        *old = image;
        return;
    }
    *handle = images.add(image);
}

/// The number of bands between isolines, or the heights of isolines at losses of their own.
fn isolines(landscape: &PanelLandscape) -> (f32, Vec<f32>) {
    match &landscape.panel.contours {
        Contours::Bands(count) => (*count as f32, Vec::new()),
        Contours::Levels(_) => {
            let levels = landscape.levels();
            let heights = levels
                .iter()
                .map(|loss| landscape.scale.fraction(*loss) as f32);
            (0.0, heights.collect())
        }
    }
}

fn padded(levels: &[f32]) -> [Vec4; MAX_LEVELS / 4] {
    let level = |i: usize| levels.get(i).copied().unwrap_or_default();
    std::array::from_fn(|i| Vec4::from_array(std::array::from_fn(|k| level(4 * i + k))))
}
