//! What is drawn in three dimensions: one plugin per capability, all reading `lab`.

pub mod axes;
pub mod camera;
pub mod critical;
pub mod draw;
mod glyphs;
pub mod hover;
pub mod markers;
pub mod names;
mod net;
pub mod orbit;
pub mod path;
pub mod pick;
pub mod ribbon;
mod scene_picture;
pub mod space;
pub mod surface;
mod surface_map;
mod surface_mesh;
mod surface_texture;
mod threads;
pub mod trails;

#[cfg(test)]
mod tests;

use bevy::asset::{load_internal_asset, uuid_handle};
use bevy::camera::visibility::RenderLayers;
use bevy::prelude::*;
use bevy::shader::Shader;

use crate::experiment::PanelView;
use crate::lab::model::PanelDescents;
use crate::lab::model::morph::Morph;
use crate::lab::{CurrentExperiment, PanelIndex, PanelLandscape, Stage, Viewports};
use space::BoxSpace;

pub(crate) const SURFACE_SHADER: Handle<Shader> =
    uuid_handle!("6b1d3c9e-41a5-4d9e-9f0c-5d5fd2b7e001");
pub(crate) const RIBBON_SHADER: Handle<Shader> =
    uuid_handle!("6b1d3c9e-41a5-4d9e-9f0c-5d5fd2b7e002");
pub(crate) const MARKER_SHADER: Handle<Shader> =
    uuid_handle!("6b1d3c9e-41a5-4d9e-9f0c-5d5fd2b7e003");

/// The panel or descent that a drawn entity stands for; it goes with it.
#[derive(Component, Debug)]
#[relationship(relationship_target = Drawings)]
pub(crate) struct DrawnFor(pub(crate) Entity);

#[derive(Component, Debug)]
#[relationship_target(relationship = DrawnFor, linked_spawn)]
pub(crate) struct Drawings(Vec<Entity>);

/// Where a panel's box lies in the world, and on which layer its camera sees it. What is drawn in the box are children
/// of the panel, whose transform leads from the box to the world.
#[derive(Component, Debug, Clone, PartialEq)]
#[require(Transform, Visibility)]
pub(crate) struct PanelSpace {
    pub(crate) space: BoxSpace,
    pub(crate) layer: RenderLayers,
}

/// Within `Stage::View`: first the spaces, then what lies in them.
#[derive(SystemSet, Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ViewStage {
    Space,
    Build,
    Place,
}

pub fn plugin(app: &mut App) {
    load_internal_asset!(
        app,
        SURFACE_SHADER,
        "../../shaders/surface.wgsl",
        Shader::from_wgsl
    );
    load_internal_asset!(
        app,
        RIBBON_SHADER,
        "../../shaders/ribbon.wgsl",
        Shader::from_wgsl
    );
    load_internal_asset!(
        app,
        MARKER_SHADER,
        "../../shaders/marker.wgsl",
        Shader::from_wgsl
    );
    app.configure_sets(
        Update,
        (ViewStage::Space, ViewStage::Build, ViewStage::Place)
            .chain()
            .in_set(Stage::View),
    );
    app.add_systems(Update, lay_out_spaces.in_set(ViewStage::Space));
    app.add_plugins((
        draw::plugin,
        camera::plugin,
        scene_picture::plugin,
        orbit::plugin,
        pick::plugin,
        hover::plugin,
        surface::plugin,
        ribbon::plugin,
        markers::plugin,
        trails::plugin,
        critical::plugin,
        (threads::plugin, net::plugin),
        names::plugin,
        glyphs::plugin,
        axes::plugin,
    ));
}

fn lay_out_spaces(
    mut commands: Commands,
    viewports: Res<Viewports>,
    panels: Query<(
        Entity,
        &PanelIndex,
        Ref<PanelLandscape>,
        Option<Ref<PanelDescents>>,
        Option<&Morph>,
        Option<&PanelSpace>,
    )>,
    current: Res<CurrentExperiment>,
) {
    for (entity, index, landscape, descents, morph, old) in &panels {
        let tall = current.experiment.view.exaggeration * morph.map_or(1.0, Morph::rise);
        let lanes = descents.as_ref().map_or(0, |d| d.iter().count());
        let flat = landscape.panel.view == PanelView::Contour && !landscape.is_curve();
        let viewport = viewports.panels.get(index.0);
        let viewport = viewport.map_or([1.0; 2], |rect| rect.size().max(Vec2::ONE).to_array());
        let space = PanelSpace {
            space: BoxSpace::new(&landscape, lanes, flat, tall, viewport),
            layer: RenderLayers::layer(index.0 + 1),
        };
        if old != Some(&space) {
            let transform = space.space.transform();
            commands.entity(entity).insert((space, transform));
        }
    }
}
