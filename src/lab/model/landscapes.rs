//! The landscapes of the panels: computed again beside the frames whenever what they show changes. A frame waits for them a
//! little; the last one stays in view until the next is there.

mod planes;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bevy::ecs::entity::EntityHashMap;
use bevy::prelude::*;

use self::planes::Planes;
use super::field::{Field, LandscapeKey, PanelLandscape};
use super::jobs::{Job, Output, Patience};
use super::morph::morph;
use crate::experiment::{Panel, ResolvedPlane};
use crate::gpu::adapter::AdapterWish;
use crate::gpu::context::Context;
use crate::gpu::sweep::{BackendWish, SweepError, Sweeper};
use crate::lab::command::Notice;
use crate::lab::model::{DescentRun, DescentStyle, PanelDescents, PanelObjective, PanelSettings};
use crate::lab::playback::{Playback, advance_playback};
use crate::lab::stage::Stage;

/// Nodes along each side of a function's grid, and along a curve. Odd, so that the centre is a node.
const SURFACE_NODES: usize = 257;
const CURVE_NODES: usize = 1025;
/// Nodes along a side of a slice's coarse picture, where there is none before.
const COARSE_SLICE: usize = 100;
/// Multiplications in the coarse picture of a function: some milliseconds.
const QUICK: usize = 30_000_000;
/// The fewest nodes along a side of it.
const COARSEST: usize = 17;
/// A window's first picture waits so long at most for something coarse.
const FIRST_PICTURE: Duration = Duration::from_secs(1);

/// On what dense sweeps run.
#[derive(Resource, Debug, Clone, Default)]
pub struct SweepDevice {
    pub backend: BackendWish,
    pub adapter: AdapterWish,
    /// The device that draws, if it shall sweep, too.
    pub context: Option<Context>,
}

impl SweepDevice {
    fn open(&self) -> Result<Sweeper, SweepError> {
        match &self.context {
            Some(context) => Ok(Sweeper::on(context.clone())),
            None => Sweeper::new(self.backend, &self.adapter),
        }
    }
}

/// The landscapes being computed, one a panel at most, and the device, which keeps the data between them.
#[derive(Resource, Default)]
pub struct Landscapes {
    device: Arc<Mutex<Option<Sweeper>>>,
    under_way: EntityHashMap<Job<LandscapeKey, Result<Field, SweepError>>>,
    /// What failed once is not tried again.
    failed: EntityHashMap<LandscapeKey>,
    /// Those on lines of their own (`narrow`), by the one that they were made of.
    pub(super) refined: EntityHashMap<Job<Arc<Field>, Field>>,
    planes: Planes,
}

impl Landscapes {
    /// Whether something is under way.
    pub fn busy(&self) -> bool {
        !(self.under_way.is_empty() && self.refined.is_empty())
    }

    /// Forgets panels that are gone.
    fn retain(&mut self, is_there: impl Fn(Entity) -> bool) {
        self.under_way.retain(|&panel, _| is_there(panel));
        self.failed.retain(|&panel, _| is_there(panel));
        self.refined.retain(|&panel, _| is_there(panel));
        self.planes.0.retain(|&panel, _| is_there(panel));
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

/// All that a landscape is computed from.
struct Work {
    key: LandscapeKey,
    objective: PanelObjective,
    explained: Option<[f64; 2]>,
    /// Nodes of a coarse picture that comes first, where there is none before.
    coarse: Option<[usize; 2]>,
}

impl Work {
    fn begin(
        self,
        wish: SweepDevice,
        device: Arc<Mutex<Option<Sweeper>>>,
    ) -> Job<LandscapeKey, Result<Field, SweepError>> {
        Job::begin(self.key.clone(), move |output| {
            if let Err(error) = self.run(&wish, &device, output) {
                output.put(Err(error));
            }
        })
    }

    fn run(
        self,
        wish: &SweepDevice,
        device: &Mutex<Option<Sweeper>>,
        output: &Output<Result<Field, SweepError>>,
    ) -> Result<(), SweepError> {
        let coarse = self.coarse.map(|size| LandscapeKey {
            size,
            ..self.key.clone()
        });
        let (objective, go_on) = (&self.objective.objective, &|| output.is_wanted());
        let put = |field: Option<Field>| {
            if let Some(field) = field {
                output.put(Ok(field));
            }
        };
        if self.key.plane.is_everything() {
            if let Some(key) = coarse {
                put(Field::outline(key, objective.clone(), go_on));
            }
            put(Field::of_function(self.key, objective.clone(), go_on));
            return Ok(());
        }
        let mut device = device.lock().unwrap_or_else(PoisonError::into_inner);
        let sweeper = match &mut *device {
            Some(sweeper) => sweeper,
            none => none.insert(wish.open()?),
        };
        for key in coarse.into_iter().chain([self.key]) {
            let LandscapeKey {
                plane,
                domain,
                size,
                ..
            } = &key;
            let grid = sweeper.sweep(&**objective, plane, *domain, *size, go_on)?;
            put(grid.map(|grid| Field::of_slice(key, objective.clone(), grid, self.explained)));
        }
        Ok(())
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
        .filter_map(|(.., landscape, _)| landscape.map(|landscape| landscape.field.clone()))
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
        let step = playback.step();
        let plane = landscapes
            .planes
            .of(entity, &settings, objective, descents, &runs, step);
        let plane = plane.or_else(|| planes::at_first(&settings, objective, landscape));
        let Some(ResolvedPlane { plane, explained }) = plane else {
            continue;
        };
        let size = match &settings.0.plane {
            Some(spec) => spec.grid,
            None if settings.0.dim() == 1 => [CURVE_NODES, 1],
            None => [SURFACE_NODES; 2],
        };
        let key = objective.landscape(&settings.0, plane, size);
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

/// The size of a grid that is there soon; `None` where the whole one is.
fn coarse_size(key: &LandscapeKey, objective: &PanelObjective) -> Option<[usize; 2]> {
    let work = objective
        .objective
        .cost()
        .saturating_mul(key.size[0] * key.size[1]);
    let size = if key.plane.is_everything() {
        let axes = key.domain.dim() as f64;
        let shrink = (QUICK as f64 / work as f64).min(1.0).powf(axes.recip());
        key.size.map(|nodes| match nodes {
            1 => 1,
            nodes => (((nodes as f64 * shrink) as usize).max(COARSEST) | 1).min(nodes),
        })
    } else {
        key.size.map(|nodes| nodes.min(COARSE_SLICE))
    };
    (size != key.size).then_some(size)
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
        let in_view = history.iter().zip(history.losses()).filter(|(w, _)| {
            let place = landscape.field.plane.coordinates(w);
            landscape.panel.domain.contains(&place)
        });
        all.extend(in_view.map(|(_, loss)| *loss));
    }
    landscape.range_with(all.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::lab::command;
    use crate::lab::model::ComputeBudget;
    use crate::lab::session::edit::Edit;
    use crate::lab::{self, PanelIndex};

    fn app(panels: &[&str]) -> App {
        let panel = |keys: &&str| format!("[[panel]]\ndomain = [[-1, 1], [-1, 1]]\n{keys}\n");
        let panels: String = panels.iter().map(panel).collect();
        let text = format!("steepest = 1\n{panels}");
        let experiment = Experiment::parse(&text, "test").expect("an experiment");
        lab::alone(experiment)
    }

    fn fields(app: &mut App) -> Vec<Arc<Field>> {
        let world = app.world_mut();
        let mut panels = world.query::<(&PanelIndex, &PanelLandscape)>();
        let mut all: Vec<_> = panels.iter(world).collect();
        all.sort_by_key(|(index, _)| index.0);
        all.into_iter()
            .map(|(_, landscape)| landscape.field.clone())
            .collect()
    }

    #[test]
    fn panels_share_a_landscape_down_to_the_values_of_its_constants() {
        let mut app = app(&[
            "formula = 'a*x^2'\nconstants = { a = 1 }",
            "formula = 'a*x^2'\nconstants = { a = { value = 1, max = 9 } }",
            "formula = 'a*x^2'\nconstants = { a = 2 }",
        ]);
        app.update();
        let [one, wide, two] = &fields(&mut app)[..] else {
            panic!("three panels");
        };
        assert!(Arc::ptr_eq(one, wide), "the slider's ends are none of it");
        assert!(!Arc::ptr_eq(one, two));
        assert_eq!(two.objective.value(&[1.0, 0.0]), 2.0);
    }

    /// What cannot be computed within a frame comes later; until then there is what there was, or something coarse.
    #[test]
    fn a_costly_landscape_is_computed_beside_the_frames() {
        let costly = vec!["sin(x)"; 300].join(" + ");
        let mut app = app(&[&format!("formula = '{costly}'")]);
        app.insert_resource(ComputeBudget(Some(Duration::from_millis(4))));
        app.update();
        let first = fields(&mut app)[0].clone();
        assert!(first.grid.cols < SURFACE_NODES, "{}", first.grid.cols);
        let wait_for = |app: &mut App, is_there: &dyn Fn(&Field) -> bool| {
            for _ in 0..2000 {
                app.update();
                let field = fields(app)[0].clone();
                if is_there(&field) {
                    return field;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            panic!("it never came");
        };
        let whole = wait_for(&mut app, &|field| field.grid.cols == SURFACE_NODES);
        let edit = Edit::of(app.world(), |e| e.panels[0].domain.x = [-2.0, 2.0]);
        command::send(app.world_mut(), edit);
        app.update();
        assert!(
            Arc::ptr_eq(&whole, &fields(&mut app)[0]),
            "the old one stays"
        );
        assert!(app.world().resource::<Landscapes>().busy());
        wait_for(&mut app, &|field| field.grid.domain.x == [-2.0, 2.0]);
        app.update();
        assert!(!app.world().resource::<Landscapes>().busy());
    }
}
