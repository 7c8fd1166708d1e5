//! The experiment as entities: one per panel, carrying its landscape, and one per descent, carrying its run. When the
//! experiment changes, only what differs is built again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::prelude::*;

use super::Stage;
use super::command::apply_commands;
use super::theme::{Rgb, descent_color};
use crate::descent::{Descent, History, Status};
use crate::experiment::{DescentSpec, Experiment, ObjectiveSpec, Panel};
use crate::landscape::critical::{CriticalPoint, critical_points};
use crate::landscape::scale::HeightScale;
use crate::landscape::{Domain, Grid};
use crate::objective::Objective;
use crate::plane::Plane;

/// Nodes along each side of a surface's height grid, and along a curve. Odd, so that the centre is a node.
const SURFACE_NODES: usize = 257;
const CURVE_NODES: usize = 1025;
/// Iterates computed between two looks at the clock.
const CHUNK: usize = 256;

/// The experiment shown, where it came from, and whether it was edited since.
#[derive(Resource, Debug, Clone)]
pub struct CurrentExperiment {
    /// A built-in's name or a path.
    pub source: String,
    pub experiment: Experiment,
    pub edited: bool,
}

impl CurrentExperiment {
    pub fn new(source: String, experiment: Experiment) -> CurrentExperiment {
        CurrentExperiment {
            source,
            experiment,
            edited: false,
        }
    }
}

/// How long a frame may compute iterates. Without a limit every descent is complete before anything is drawn.
#[derive(Resource, Debug, Clone, Copy, Default)]
pub struct ComputeBudget(pub Option<Duration>);

/// A panel, by its place in the experiment.
#[derive(Component, Debug, Clone, Copy, PartialEq, Eq)]
pub struct PanelIndex(pub usize);

/// The objective on the panel's domain, sampled. Panels of the same landscape share it.
#[derive(Debug)]
pub struct Field {
    key: (ObjectiveSpec, Domain),
    pub objective: Arc<dyn Objective>,
    pub plane: Plane,
    pub grid: Grid,
    pub critical: Vec<CriticalPoint>,
}

/// What a panel shows apart from its descents.
#[derive(Component, Debug, Clone)]
pub struct Scenery {
    /// The panel's settings without its descents.
    pub panel: Panel,
    pub field: Arc<Field>,
    pub scale: HeightScale,
}

impl Scenery {
    pub fn is_curve(&self) -> bool {
        self.panel.domain.y.is_none()
    }

    fn new(panel: Panel, field: Arc<Field>) -> Scenery {
        let [low, high] = field.grid.bounds().unwrap_or([0.0, 1.0]);
        // A known minimum may lie between the grid's nodes, or below all of them.
        let lowest = field
            .critical
            .iter()
            .map(|point| point.value)
            .fold(low, f64::min);
        let scale = HeightScale::new(panel.height, lowest, lowest, high);
        Scenery {
            panel,
            field,
            scale,
        }
    }
}

impl Field {
    fn sample(panel: &Panel) -> Field {
        let objective = panel.objective();
        let plane = Plane::identity(panel.dim());
        let (cols, rows) = match panel.domain.y {
            Some(_) => (SURFACE_NODES, SURFACE_NODES),
            None => (CURVE_NODES, 1),
        };
        Field {
            key: (panel.objective.clone(), panel.domain),
            grid: Grid::sample(&*objective, &plane, panel.domain, cols, rows),
            critical: critical_points(&*objective, panel.domain, panel.minima()),
            objective,
            plane,
        }
    }
}

/// The panel a descent belongs to.
#[derive(Component, Debug)]
#[relationship(relationship_target = PanelDescents)]
pub struct InPanel(pub Entity);

/// The descents of a panel.
#[derive(Component, Debug)]
#[relationship_target(relationship = InPanel, linked_spawn)]
pub struct PanelDescents(Vec<Entity>);

/// One optimizer's run, computed ahead of playback.
#[derive(Component, Debug)]
pub struct DescentRun(pub Descent);

impl DescentRun {
    pub fn history(&self) -> &History {
        self.0.history()
    }

    pub fn status(&self) -> Status {
        self.0.status()
    }

    /// The last step that there is, or will be while it is still computed.
    pub fn last_step(&self) -> usize {
        match self.status() {
            Status::Running => self.0.plan().steps,
            _ => self.history().len().saturating_sub(1),
        }
    }

    /// Whether the run has ended by the step shown.
    pub fn is_over_at(&self, position: f64) -> bool {
        self.status() != Status::Running && position >= self.last_step() as f64
    }
}

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
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<ComputeBudget>()
        .add_systems(
            Update,
            reconcile
                .after(apply_commands)
                .in_set(Stage::Model)
                .run_if(resource_exists_and_changed::<CurrentExperiment>),
        )
        .add_systems(Update, advance_descents.in_set(Stage::Compute));
}

/// Brings the entities in line with the experiment.
fn reconcile(
    mut commands: Commands,
    current: Res<CurrentExperiment>,
    panels: Query<(Entity, &PanelIndex, &Scenery, Option<&PanelDescents>)>,
    mut styles: Query<(&mut DescentStyle, &DescentRun)>,
) {
    let wanted = &current.experiment.panels;
    let mut fields: Vec<Arc<Field>> = panels
        .iter()
        .map(|(_, _, scenery, _)| scenery.field.clone())
        .collect();
    for (entity, index, ..) in &panels {
        if index.0 >= wanted.len() {
            commands.entity(entity).despawn();
        }
    }
    for (index, panel) in wanted.iter().enumerate() {
        let existing = panels.iter().find(|(_, i, ..)| i.0 == index);
        let bare = Panel {
            descents: Vec::new(),
            ..panel.clone()
        };
        let unchanged = existing.is_some_and(|(_, _, scenery, _)| scenery.panel == bare);
        let (entity, same_field) = match existing {
            Some((entity, _, scenery, _)) if unchanged => (entity, Some(scenery.field.clone())),
            _ => {
                let field = shared_field(&mut fields, panel);
                let scenery = Scenery::new(bare, field.clone());
                let same_objective = existing
                    .is_some_and(|(_, _, old, _)| old.field.key.0 == panel.objective)
                    .then(|| field.clone());
                match existing {
                    Some((entity, ..)) => {
                        commands.entity(entity).insert(scenery);
                        (entity, same_objective)
                    }
                    None => (commands.spawn((PanelIndex(index), scenery)).id(), None),
                }
            }
        };
        let field = same_field.clone().unwrap_or_else(|| {
            // `shared_field` has just put it there.
            shared_field(&mut fields, panel)
        });
        let old: Vec<Entity> = existing
            .and_then(|(.., descents)| descents)
            .map(|descents| descents.iter().collect())
            .unwrap_or_default();
        for (i, spec) in panel.descents.iter().enumerate() {
            let style = DescentStyle::new(i, panel.descents.len(), spec);
            let entity_here = old.get(i).copied();
            match entity_here.and_then(|e| styles.get_mut(e).ok().map(|found| (e, found))) {
                Some((descent, (mut old_style, run))) => {
                    old_style.set_if_neq(style);
                    if same_field.is_none() || *run.0.plan() != spec.plan {
                        let restarted = Descent::new(field.objective.clone(), spec.plan.clone());
                        commands.entity(descent).insert(DescentRun(restarted));
                    }
                }
                None => {
                    let run = Descent::new(field.objective.clone(), spec.plan.clone());
                    commands.spawn((InPanel(entity), DescentRun(run), style));
                }
            }
        }
        for &gone in old.iter().skip(panel.descents.len()) {
            commands.entity(gone).despawn();
        }
    }
}

fn shared_field(fields: &mut Vec<Arc<Field>>, panel: &Panel) -> Arc<Field> {
    if let Some(field) = fields
        .iter()
        .find(|field| field.key.0 == panel.objective && field.key.1 == panel.domain)
    {
        return field.clone();
    }
    let field = Arc::new(Field::sample(panel));
    fields.push(field.clone());
    field
}

/// Computes iterates ahead of playback, a slice of every run in turn until the frame's time is spent.
fn advance_descents(mut runs: Query<&mut DescentRun>, budget: Res<ComputeBudget>) {
    let began = Instant::now();
    loop {
        let mut any_running = false;
        for mut run in &mut runs {
            if run.status() != Status::Running {
                continue;
            }
            any_running |= run.0.advance(CHUNK) == Status::Running;
            if budget.0.is_some_and(|limit| began.elapsed() > limit) {
                return;
            }
        }
        if !any_running {
            return;
        }
    }
}
