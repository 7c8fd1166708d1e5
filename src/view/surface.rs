//! The landscape's surface: a grid displaced by a texture of heights, the same mesh for nearly all of them.

use std::collections::BTreeMap;

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
use super::surface_mesh::{even_mesh, fitted_mesh};
use super::surface_texture::{color_texture, field_texture};
use super::{DrawnFor, PanelSpace, SURFACE_SHADER, ViewStage};
use crate::experiment::{ColorMap, Contours, MAX_LEVELS};
use crate::lab::Scenery;
use crate::lab::model::CurrentExperiment;
use crate::lab::theme::Theme;
use crate::landscape::{HeightKind, Lines};

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

#[derive(Asset, TypePath, AsBindGroup, Debug, Clone)]
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
    pass: Pass,
}

impl From<&SurfaceMaterial> for SurfaceKey {
    fn from(material: &SurfaceMaterial) -> SurfaceKey {
        SurfaceKey {
            is_torn: material.is_torn,
            is_cut: material.is_cut,
            pass: material.pass,
        }
    }
}

#[derive(ShaderType, Debug, Clone, Copy)]
struct SurfaceUniform {
    size: Vec4,
    look: Vec4,
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
            Pass::Opaque => Order::Surface.depth_bias(),
            Pass::Depth => Order::SurfaceDepth.depth_bias(),
            Pass::Color => Order::Surface.depth_bias(),
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
            is_torn, is_cut, ..
        } = key.bind_group_data;
        let stages = descriptor
            .fragment
            .iter_mut()
            .map(|stage| &mut stage.shader_defs);
        for defs in stages.chain([&mut descriptor.vertex.shader_defs]) {
            let wanted = [
                (is_torn, "TORN"),
                (is_cut, "CUT"),
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

#[derive(Component)]
struct SurfaceDrawing;

/// The evenly spaced meshes by their columns and rows, and the colour map's texture.
#[derive(Resource, Default)]
struct SurfaceAssets {
    meshes: BTreeMap<(usize, usize), Handle<Mesh>>,
    colors: Option<(ColorMap, Handle<Image>)>,
    opacity: f32,
}

pub(super) fn plugin(app: &mut App) {
    app.add_plugins(MaterialPlugin::<SurfaceMaterial>::default())
        .init_resource::<SurfaceAssets>()
        .add_systems(Update, build_surfaces.in_set(ViewStage::Build));
}

fn build_surfaces(
    mut commands: Commands,
    panels: Query<(Entity, Ref<Scenery>, Ref<PanelSpace>)>,
    old: Query<(Entity, &DrawnFor), With<SurfaceDrawing>>,
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
    let look_changed = recolor || shared.opacity != opacity || theme.is_changed();
    if !look_changed
        && !panels
            .iter()
            .any(|(_, scenery, space)| scenery.is_changed() || space.is_changed())
    {
        return;
    }
    if recolor {
        shared.colors = Some((map, images.add(color_texture(map))));
    }
    let Some((_, colors)) = shared.colors.clone() else {
        return;
    };
    for (panel, scenery, place) in &panels {
        if !(look_changed || scenery.is_changed() || place.is_changed()) {
            continue;
        }
        for (entity, _) in old.iter().filter(|(_, of)| of.0 == panel) {
            commands.entity(entity).despawn();
        }
        let side = density.of(panels.iter().len(), scenery.panel.height);
        let (cols, rows) = if scenery.is_curve() {
            (side * 4, 2)
        } else {
            (side, side)
        };
        let grid = &scenery.field.grid;
        let is_torn = !grid.tears().is_empty();
        let mesh = if is_torn || !grid.lines().iter().all(Lines::is_even) {
            let cells = [cols - 1, rows - 1];
            meshes.add(fitted_mesh(grid, &scenery.scale, cells))
        } else {
            let mesh = shared.meshes.entry((cols, rows));
            mesh.or_insert_with(|| meshes.add(even_mesh(cols, rows)))
                .clone()
        };
        let lines = if scenery.is_curve() { 0.0 } else { 1.0 };
        let (bands, levels) = isolines(&scenery);
        let shading = if place.space.flat { 0.0 } else { theme.shading };
        let material = SurfaceMaterial {
            surface: SurfaceUniform {
                size: place.space.size.extend(bands),
                look: Vec4::new(shading, lines, opacity, levels.len() as f32),
                levels: padded(&levels),
            },
            field: images.add(field_texture(&scenery)),
            colors: colors.clone(),
            is_torn,
            // On a flat map the colours at the ends go on.
            is_cut: !place.space.flat && scenery.goes_on.contains(&true),
            pass: Pass::Opaque,
        };
        let passes: &[Pass] = if opacity < 1.0 {
            &[Pass::Depth, Pass::Color]
        } else {
            &[Pass::Opaque]
        };
        let size = place.space.size;
        for &pass in passes {
            let material = materials.add(SurfaceMaterial {
                pass,
                ..material.clone()
            });
            commands.spawn((
                SurfaceDrawing,
                DrawnFor(panel),
                Mesh3d(mesh.clone()),
                MeshMaterial3d(material),
                // The mesh is a flat unit square; what is drawn fills the box.
                Aabb::from_min_max(
                    Vec3::new(-size.x / 2.0, 0.0, -size.z / 2.0),
                    Vec3::new(size.x / 2.0, size.y, size.z / 2.0),
                ),
                NoAutoAabb,
                place.layer.clone(),
            ));
        }
    }
    shared.opacity = opacity;
}

/// The number of bands between isolines, or the heights of isolines at losses of their own.
fn isolines(scenery: &Scenery) -> (f32, Vec<f32>) {
    match &scenery.panel.contours {
        Contours::Bands(count) => (*count as f32, Vec::new()),
        Contours::Levels(_) => {
            let levels = scenery.levels();
            let heights = levels
                .iter()
                .map(|loss| scenery.scale.fraction(*loss) as f32);
            (0.0, heights.collect())
        }
    }
}

fn padded(levels: &[f32]) -> [Vec4; MAX_LEVELS / 4] {
    let level = |i: usize| levels.get(i).copied().unwrap_or_default();
    std::array::from_fn(|i| Vec4::from_array(std::array::from_fn(|k| level(4 * i + k))))
}
