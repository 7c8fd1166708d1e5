//! The experiment as entities: one per panel, carrying its landscape, and one per descent, carrying its run. When the
//! experiment changes, only what differs is built again.

use std::sync::Arc;

use bevy::prelude::*;

use super::current::CurrentExperiment;
use super::field::LandscapeKey;
use super::runs::DescentRun;
use crate::experiment::{DescentSpec, ObjectiveSpec, Panel};
use crate::lab::model::data::Data;
use crate::lab::stage::Stage;
use crate::lab::theme::{Rgb, descent_color};
use crate::objective::Objective;
use crate::plane::Plane;

/// A panel, by its place in the experiment.
#[derive(Component, Debug, Clone, Copy, PartialEq, Eq)]
pub struct PanelIndex(pub usize);

/// The panel a descent belongs to.
#[derive(Component, Debug)]
#[relationship(relationship_target = PanelDescents)]
pub struct InPanel(pub Entity);

/// The descents of a panel.
#[derive(Component, Debug)]
#[relationship_target(relationship = InPanel, linked_spawn)]
pub struct PanelDescents(Vec<Entity>);

/// How a descent is named and drawn.
#[derive(Component, Debug, Clone, PartialEq)]
pub struct DescentStyle {
    /// Its place in the panel.
    pub index: usize,
    /// Number of descents in the panel, which is the number of lanes of a curve.
    pub count: usize,
    pub name: String,
    pub color: Rgb,
    pub dashed: bool,
    pub shown: bool,
    /// Its steps are explained phase by phase.
    pub explained: bool,
}

impl DescentStyle {
    fn new(index: usize, count: usize, spec: &DescentSpec) -> DescentStyle {
        let (color, dashed) = match spec.color {
            Some(color) => (color, false),
            None => descent_color(index),
        };
        DescentStyle {
            index,
            count,
            name: spec.name.clone(),
            color,
            dashed,
            shown: spec.shown,
            explained: spec.explained,
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        reconcile.in_set(Stage::Model).run_if(
            resource_exists_and_changed::<CurrentExperiment>
                .or_eager(resource_exists_and_changed::<Data>),
        ),
    );
}

/// The panel's settings without its descents.
#[derive(Component, Debug, Clone, PartialEq)]
pub struct PanelSettings(pub Panel);

/// What a panel's descents descend on, and what it was made from.
#[derive(Component, Debug, Clone)]
pub struct PanelObjective {
    pub objective: Arc<dyn Objective>,
    /// What of the panel's decides its landscape.
    pub spec: ObjectiveSpec,
    /// The data by the number of their arrival; 0 for what needs none.
    pub(super) data: u32,
}

impl PanelObjective {
    /// `None` while the panel's data are not there.
    fn of(panel: &Panel, data: &Data) -> Option<PanelObjective> {
        let needs_data = panel.objective.needs_data();
        Some(PanelObjective {
            objective: panel.objective(data.set())?,
            spec: panel
                .objective
                .landscape()
                .unwrap_or(panel.objective.clone()),
            data: if needs_data { data.arrival() } else { 0 },
        })
    }

    fn is_as(&self, other: &PanelObjective) -> bool {
        self.data == other.data && self.spec == other.spec
    }

    fn run(&self, spec: &DescentSpec) -> DescentRun {
        DescentRun::begin(self.objective.clone(), spec.plan.clone())
    }

    /// What a panel shows of it through a plane.
    pub(super) fn landscape(&self, panel: &Panel, plane: Plane, size: [usize; 2]) -> LandscapeKey {
        LandscapeKey {
            objective: self.spec.clone(),
            data: self.data,
            plane,
            domain: panel.domain,
            size,
            batch: None,
        }
    }
}

/// A panel's entity and what it shows already.
type Existing<'w> = (
    Entity,
    &'w PanelIndex,
    &'w PanelObjective,
    &'w PanelSettings,
    Option<&'w PanelDescents>,
);

/// Brings the entities in line with the experiment. Their landscapes follow (`landscapes`).
fn reconcile(
    mut commands: Commands,
    current: Res<CurrentExperiment>,
    data: Res<Data>,
    panels: Query<Existing>,
    mut styles: Query<(&mut DescentStyle, &DescentRun)>,
) {
    let wanted = &current.experiment.panels;
    for (entity, index, ..) in &panels {
        if index.0 >= wanted.len() {
            commands.entity(entity).despawn();
        }
    }
    for (index, panel) in wanted.iter().enumerate() {
        let Some(objective) = PanelObjective::of(panel, &data) else {
            continue;
        };
        let existing = panels.iter().find(|(_, i, ..)| i.0 == index);
        let entity = match existing {
            Some((entity, ..)) => entity,
            None => commands.spawn(PanelIndex(index)).id(),
        };
        let same_objective = existing.is_some_and(|(_, _, old, ..)| old.is_as(&objective));
        let settings = PanelSettings(Panel {
            descents: Vec::new(),
            ..panel.clone()
        });
        let same_settings = existing.is_some_and(|(.., old, _)| *old == settings);
        let mut panel_commands = commands.entity(entity);
        if !same_objective {
            panel_commands.insert(objective.clone());
        }
        if !same_settings {
            panel_commands.insert(settings);
        }
        let old: Vec<Entity> = existing
            .and_then(|(.., descents)| descents)
            .map(|descents| descents.iter().collect())
            .unwrap_or_default();
        for (i, spec) in panel.descents.iter().enumerate() {
            let style = DescentStyle::new(i, panel.descents.len(), spec);
            let found = old.get(i).and_then(|&e| Some((e, styles.get_mut(e).ok()?)));
            match found {
                Some((descent, (mut old_style, run))) => {
                    old_style.set_if_neq(style);
                    if !same_objective || *run.plan() != spec.plan {
                        commands.entity(descent).insert(objective.run(spec));
                    }
                }
                None => {
                    commands.spawn((InPanel(entity), objective.run(spec), style));
                }
            }
        }
        for &gone in old.iter().skip(panel.descents.len()) {
            commands.entity(gone).despawn();
        }
    }
}
