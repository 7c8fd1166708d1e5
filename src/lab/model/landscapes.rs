//! The landscapes of the panels: computed again beside the frames whenever what they show changes. A frame waits for them a
//! little; the last one stays in view until the next is there.

mod batches;
mod planes;
mod work;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bevy::ecs::entity::EntityHashMap;
use bevy::prelude::*;

use self::batches::Batches;
use self::planes::Planes;
pub use self::work::SweepDevice;
use self::work::{Work, coarse_size};
use super::field::{Field, LandscapeKey, PanelLandscape};
use super::jobs::{Job, Patience};
use super::morph::morph;
use crate::experiment::{Panel, ResolvedPlane};
use crate::gpu::sweep::{SweepError, Sweeper};
use crate::lab::command::Notice;
use crate::lab::model::{DescentRun, DescentStyle, PanelDescents, PanelObjective, PanelSettings};
use crate::lab::playback::{Playback, advance_playback};
use crate::lab::stage::Stage;
use crate::landscape::CriticalPoints;

/// Nodes along each side of a function's grid, and along a curve. Odd, so that the centre is a node.
const SURFACE_NODES: usize = 257;
const CURVE_NODES: usize = 1025;
/// A window's first picture waits so long at most for something coarse.
const FIRST_PICTURE: Duration = Duration::from_secs(1);

/// The landscapes being computed, one a panel at most, and the device, which keeps the data between them.
#[derive(Resource, Default)]
pub struct Landscapes {
    device: Arc<Mutex<Option<Sweeper>>>,
    under_way: EntityHashMap<Job<LandscapeKey, Result<Field, SweepError>>>,
    /// What failed once is not tried again.
    failed: EntityHashMap<LandscapeKey>,
    /// Those on lines of their own (`narrow`), by the one that they were made of.
    pub(super) refined: EntityHashMap<Job<Arc<Field>, Field>>,
    /// What is learnt of them from the lowest losses of descents.
    learning: EntityHashMap<Job<(LandscapeKey, f64), CriticalPoints>>,
    planes: Planes,
    batches: Batches,
}

impl Landscapes {
    /// Whether something is under way.
    pub fn busy(&self) -> bool {
        let learns = self.learning.values().any(|job| !job.is_over());
        !(self.under_way.is_empty() && self.refined.is_empty()) || learns || self.planes.busy()
    }

    /// Whether it is being found out what a panel's descents have come upon.
    pub(super) fn learns(&self, panel: Entity) -> bool {
        self.learning.contains_key(&panel)
    }

    pub(super) fn stop_learning(&mut self, panel: Entity) {
        self.learning.remove(&panel);
    }

    /// What is known of a panel's landscape with the lowest loss of its descents and where it is, once it is found.
    pub(super) fn learnt(
        &mut self,
        panel: Entity,
        field: &Arc<Field>,
        (loss, at): (f64, Vec<f64>),
        patience: Option<Instant>,
    ) -> Option<CriticalPoints> {
        let is_known = |job: &Job<(LandscapeKey, f64), _>| job.key == (field.key.clone(), loss);
        if !self.learning.get(&panel).is_some_and(is_known) {
            let field = field.clone();
            let job = Job::begin((field.key.clone(), loss), move |output| {
                let (objective, domain) = (&*field.objective, field.key.domain);
                let (found, go_on) = ((loss, &at[..]), || output.is_wanted());
                let critical = &field.critical;
                let learnt = critical.learn_while(objective, domain, found, &go_on);
                learnt.into_iter().for_each(|learnt| output.put(learnt));
            });
            job.wait(patience);
            self.learning.insert(panel, job);
        }
        let job = self.learning.get(&panel)?;
        let learnt = job.take().pop();
        // What has failed would fail again.
        if job.is_over() && !job.has_failed() {
            self.learning.remove(&panel);
        }
        learnt
    }

    /// Forgets panels that are gone.
    fn retain(&mut self, is_there: impl Fn(Entity) -> bool) {
        self.under_way.retain(|&panel, _| is_there(panel));
        self.failed.retain(|&panel, _| is_there(panel));
        self.refined.retain(|&panel, _| is_there(panel));
        self.learning.retain(|&panel, _| is_there(panel));
        self.planes.0.retain(|&panel, _| is_there(panel));
        self.batches.retain(&is_there);
    }

    /// Whether this landscape need not be begun for a panel: it failed, or it is computed already, for this panel or for
    /// another one. What differs from it at most in where the plane lies is finished first: so the surface follows a plane
    /// that moves faster than it can be swept.
    fn need_not_begin(&self, panel: Entity, key: &LandscapeKey) -> bool {
        let own = self.under_way.get(&panel);
        self.failed.get(&panel) == Some(key)
            || own.is_some_and(|job| job.key.differs_at_most_in_place(key))
            || self.under_way.values().any(|job| job.key == *key)
    }

    /// The newest that has come of the panel's job, if it is still wanted.
    fn arrived(
        &mut self,
        panel: Entity,
        wanted: &LandscapeKey,
        notice: &mut ResMut<Notice>,
    ) -> Option<Arc<Field>> {
        let job = self.under_way.get(&panel)?;
        let (key, parts, is_over) = (job.key.clone(), job.take(), job.is_over());
        if is_over && job.has_failed() {
            **notice = Notice::bad("computing the landscape failed");
            self.failed.insert(panel, key.clone());
        }
        if is_over {
            self.under_way.remove(&panel);
        }
        let mut newest = None;
        for part in parts {
            match part {
                Ok(field) => newest = Some(field),
                Err(error) => {
                    **notice = Notice::bad(error);
                    self.failed.insert(panel, key.clone());
                }
            }
        }
        newest.filter(|field| field.key.is_of(wanted)).map(Arc::new)
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Landscapes>()
        .init_resource::<SweepDevice>()
        .add_systems(
            Update,
            compute
                .after(advance_playback)
                .before(morph)
                .in_set(Stage::Playback),
        );
}

/// The descents as landscapes need to know them.
type Runs<'w, 's> = Query<'w, 's, (Ref<'static, DescentRun>, Ref<'static, DescentStyle>)>;

type Panels<'w> = (
    Entity,
    Ref<'w, PanelSettings>,
    &'w PanelObjective,
    Option<&'w PanelLandscape>,
    Option<Ref<'w, PanelDescents>>,
);

/// Brings every panel's landscape in line with its settings.
pub(super) fn compute(
    mut commands: Commands,
    mut landscapes: ResMut<Landscapes>,
    mut notice: ResMut<Notice>,
    (playback, patience, device): (Res<Playback>, Res<Patience>, Res<SweepDevice>),
    panels: Query<Panels>,
    runs: Runs,
) {
    let mut fields: Vec<Arc<Field>> = panels
        .iter()
        .filter_map(|(.., landscape, _)| {
            landscape.map(|landscape| landscape.field.settled().clone())
        })
        .collect();
    let is_first = fields.is_empty();
    landscapes.retain(|panel| panels.contains(panel));
    for (entity, settings, objective, landscape, members) in &panels {
        // Descents of other parameters have no place in what is shown.
        let fits = |landscape: &&PanelLandscape| {
            landscape.field.plane.origin().len() == objective.objective.dim()
        };
        let landscape = landscape.filter(fits);
        let descents = members.as_deref();
        let when = (playback.step(), patience.0);
        let plane = landscapes
            .planes
            .of(entity, &settings, objective, descents, &runs, when);
        let plane = plane.or_else(|| planes::at_first(&settings, objective, landscape));
        let Some(ResolvedPlane { plane, explained }) = plane else {
            continue;
        };
        let size = match &settings.0.plane {
            Some(spec) => spec.grid,
            None if settings.0.dim() == 1 => [CURVE_NODES, 1],
            None => [SURFACE_NODES; 2],
        };
        let batch = settings.0.plane.as_ref().and_then(|spec| {
            let batches = &mut landscapes.batches;
            batches.of(entity, spec, descents, &runs, playback.step())
        });
        let key = LandscapeKey {
            batch,
            ..objective.landscape(&settings.0, plane, size)
        };
        let mut arrived = landscapes.arrived(entity, &key, &mut notice);
        if arrived.is_none() && landscape.is_none_or(|shown| shown.field.key != key) {
            arrived = fields.iter().find(|field| field.key == key).cloned();
        }
        let newest = arrived
            .as_deref()
            .or(landscape.map(|landscape| &*landscape.field));
        if newest.is_some_and(|field| field.key == key) {
            landscapes.under_way.remove(&entity);
        } else {
            let begins = !landscapes.need_not_begin(entity, &key);
            if begins {
                let coarse = landscape.is_none() && patience.0.is_some();
                let work = Work {
                    coarse: coarse.then(|| coarse_size(&key, objective)).flatten(),
                    key: key.clone(),
                    objective: objective.clone(),
                    explained,
                    whole: key
                        .batch
                        .as_ref()
                        .and_then(|_| over_all(&key, landscape, &fields)),
                };
                let job = work.begin(device.clone(), landscapes.device.clone());
                landscapes.under_way.insert(entity, job);
            }
            if let Some(job) = landscapes.under_way.get(&entity) {
                if begins || patience.0.is_none() {
                    job.wait(patience.0);
                }
                if begins && is_first {
                    let limit = patience.0.map(|_| Instant::now() + FIRST_PICTURE);
                    job.wait_for_part(limit);
                }
            }
            let new = landscapes.arrived(entity, &key, &mut notice);
            arrived = new.or(arrived);
        }
        fields.extend(arrived.clone());
        let newest = arrived.or(landscape.map(|landscape| landscape.field.clone()));
        // Of settings that go with another landscape nothing is shown before that is there.
        if let Some(field) = newest.filter(|field| field.key.is_of(&key))
            && let Some(landscape) = panel_landscape(&settings.0, field, landscape, members, &runs)
        {
            commands.entity(entity).insert(landscape);
        }
    }
}

/// The landscape of this key over all samples, if it is there.
fn over_all(
    key: &LandscapeKey,
    landscape: Option<&PanelLandscape>,
    fields: &[Arc<Field>],
) -> Option<Arc<Field>> {
    let key = key.over_all();
    let shown = landscape.map(|landscape| landscape.field.settled());
    let known = shown.and_then(|field| field.whole.as_ref());
    let mut all = known.into_iter().chain(shown).chain(fields);
    all.find(|field| field.key == key).cloned()
}

/// What the panel is to show, if that is not what it shows already.
fn panel_landscape(
    settings: &Panel,
    field: Arc<Field>,
    shown: Option<&PanelLandscape>,
    members: Option<Ref<PanelDescents>>,
    runs: &Runs,
) -> Option<PanelLandscape> {
    let same =
        |shown: &&PanelLandscape| Arc::ptr_eq(&shown.field, &field) && shown.panel == *settings;
    let shown = shown.filter(same);
    let is_slice = field.is_slice();
    let may_move = is_slice
        && members
            .as_ref()
            .is_some_and(|members| is_changed(runs, members));
    let mut landscape = match shown {
        Some(_) if !may_move => return None,
        Some(shown) => shown.clone(),
        None => PanelLandscape::new(settings.clone(), field),
    };
    if is_slice {
        landscape.set_range(range(&landscape, runs, members.as_deref()));
    }
    let range = |landscape: &PanelLandscape| (landscape.scale.low, landscape.scale.high);
    let is_other = shown.is_none_or(|shown| range(shown) != range(&landscape));
    is_other.then_some(landscape)
}

/// Whether descents came, went, moved on or were hidden.
fn is_changed(runs: &Runs, members: &Ref<PanelDescents>) -> bool {
    let mut all = members.iter().filter_map(|descent| runs.get(descent).ok());
    members.is_changed() || all.any(|(run, style)| run.is_changed() || style.is_changed())
}

/// The panel's range, with room for the balls of the descents shown where they are over the rectangle.
fn range(landscape: &PanelLandscape, runs: &Runs, of: Option<&PanelDescents>) -> [f64; 2] {
    let descents = of.into_iter().flat_map(|descents| descents.iter());
    let shown = descents.filter_map(|descent| runs.get(descent).ok());
    let shown = shown.filter(|(_, style)| style.shown);
    let mut all = Vec::new();
    for (run, _) in shown {
        let history = run.history();
        let in_view = history.losses().iter().enumerate().filter(|(step, _)| {
            let place = run.place(*step, &landscape.field.plane);
            landscape.panel.domain.contains(&place)
        });
        all.extend(in_view.map(|(_, loss)| *loss));
    }
    landscape.range_with(all.into_iter())
}

#[cfg(test)]
mod tests;
