//! Slices of a data set's loss: swept beside the frames, and again whenever the plane or its range changes. What was
//! swept last stays in view until the next is there.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bevy::ecs::entity::EntityHashMap;
use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, futures::check_ready};

use super::Stage;
use super::command::Notice;
use super::data::Data;
use super::field::{Field, FieldKey, Scenery, SliceKey};
use super::model::{ComputeBudget, DescentRun, DescentStyle, PanelDescents};
use super::playback::{Playback, advance_playback};
use crate::experiment::{MnistSpec, Panel, Through};
use crate::gpu::adapter::AdapterWish;
use crate::gpu::context::Context;
use crate::gpu::sweep::{BackendWish, SweepError, Sweeper};
use crate::landscape::CriticalPoints;
use crate::objective::Softmax;
use crate::objective::softmax::{Samples, WEIGHTS};

/// A panel that shows a slice. Its [`Scenery`] follows as it is swept.
#[derive(Component, Debug, Clone)]
pub struct SweptPanel {
    pub(super) mnist: MnistSpec,
    /// The panel's settings without its descents.
    pub(super) panel: Panel,
}

impl SweptPanel {
    /// Whether a sweep shows this panel's axes, range and grid, wherever its plane lies.
    fn wants(&self, key: &SliceKey) -> bool {
        (key.slice.u, key.slice.v) == (self.mnist.u.index(), self.mnist.v.index())
            && (key.domain, key.grid) == (self.panel.domain, self.mnist.grid)
    }
}

/// Nodes along a side that a window's first picture waits for.
const WAITED_FOR: usize = 100;

/// On what the sweeps run.
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

/// The sweeps under way, one a panel at most, and the device, which keeps the data between them.
#[derive(Resource, Default)]
pub struct Sweeps {
    device: Arc<Mutex<Option<Sweeper>>>,
    under_way: EntityHashMap<Sweep>,
}

struct Sweep {
    key: SliceKey,
    stopped: Arc<AtomicBool>,
    task: Task<Result<Option<Field>, SweepError>>,
}

impl Sweeps {
    /// Whether something is under way.
    pub fn busy(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// Begins a sweep; one of other axes or another range is given up, one of the same goes on, so that the surface
    /// follows a plane that moves faster than it can be swept.
    fn begin(&mut self, panel: Entity, job: Job, device: SweepDevice) {
        if let Some(old) = self.under_way.get(&panel) {
            if old.key.same_frame(&job.key) {
                return;
            }
            old.stopped.store(true, Ordering::Relaxed);
        }
        let stopped = Arc::new(AtomicBool::new(false));
        let (stop, sweeper, key) = (stopped.clone(), self.device.clone(), job.key);
        let task = AsyncComputeTaskPool::get()
            .spawn(async move { job.run(&device, &sweeper, &|| !stop.load(Ordering::Relaxed)) });
        let sweep = Sweep { key, stopped, task };
        self.under_way.insert(panel, sweep);
    }
}

/// All that a sweep needs.
struct Job {
    key: SliceKey,
    samples: Arc<Samples>,
}

impl Job {
    fn run(
        self,
        wish: &SweepDevice,
        device: &Mutex<Option<Sweeper>>,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<Option<Field>, SweepError> {
        let mut device = device.lock().unwrap_or_else(PoisonError::into_inner);
        let sweeper = match &mut *device {
            Some(sweeper) => sweeper,
            none => none.insert(wish.open()?),
        };
        let SliceKey {
            slice,
            domain,
            grid,
            ..
        } = self.key;
        let grid = sweeper.sweep(&self.samples, &slice, domain, grid, go_on)?;
        Ok(grid.map(|grid| Field {
            key: FieldKey::Slice(self.key),
            objective: Arc::new(Softmax::new(self.samples)),
            plane: slice.plane(),
            narrow: Vec::new(),
            even_bounds: grid.bounds(),
            grid,
            critical: CriticalPoints::default(),
        }))
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Sweeps>()
        .init_resource::<SweepDevice>()
        .add_systems(
            Update,
            (receive, request)
                .chain()
                .after(advance_playback)
                .in_set(Stage::Playback)
                .run_if(any_with_component::<SweptPanel>),
        );
}

/// The descents as the sweeps need to know them.
type Runs<'w, 's> = Query<'w, 's, (Ref<'static, DescentRun>, Ref<'static, DescentStyle>)>;

/// A panel's scenery, with room for the balls of the descents shown where they are over the rectangle.
fn scenery(panel: &Panel, field: Field, runs: &Runs, of: Option<&PanelDescents>) -> Scenery {
    let mut scenery = Scenery::new(panel.clone(), Arc::new(field));
    scenery.set_range(range(&scenery, runs, of));
    scenery
}

/// Whether descents came, went, moved on or were hidden.
fn is_changed(runs: &Runs, members: &Ref<PanelDescents>) -> bool {
    let mut all = members.iter().filter_map(|descent| runs.get(descent).ok());
    members.is_changed() || all.any(|(run, style)| run.is_changed() || style.is_changed())
}

fn range(scenery: &Scenery, runs: &Runs, of: Option<&PanelDescents>) -> [f64; 2] {
    let descents = of.into_iter().flat_map(|descents| descents.iter());
    let shown = descents.filter_map(|descent| runs.get(descent).ok());
    let shown = shown.filter(|(_, style)| style.shown);
    let mut all = Vec::new();
    for (run, _) in shown {
        let history = run.history();
        let in_view = history.iter().zip(history.losses()).filter(|(w, _)| {
            let place = scenery.field.plane.coordinates(w);
            scenery.panel.domain.contains(&place)
        });
        all.extend(in_view.map(|(_, loss)| *loss));
    }
    scenery.range_with(all.into_iter())
}

fn receive(
    mut commands: Commands,
    mut sweeps: ResMut<Sweeps>,
    mut notice: ResMut<Notice>,
    panels: Query<(&SweptPanel, Option<&PanelDescents>)>,
    runs: Runs,
) {
    if !sweeps.busy() {
        return;
    }
    sweeps.under_way.retain(|&entity, sweep| {
        let Some(result) = check_ready(&mut sweep.task) else {
            return true;
        };
        let wanted = panels.get(entity);
        match (result, wanted) {
            (Ok(Some(field)), Ok((swept, descents))) if swept.wants(&sweep.key) => {
                let scenery = scenery(&swept.panel, field, &runs, descents);
                commands.entity(entity).insert(scenery);
            }
            (Ok(_), _) => {}
            (Err(error), _) => *notice = Notice::bad(error),
        }
        false
    });
}

/// Begins what is missing. The first sweep of a panel is waited for, and so is every one where frames are not to be
/// drawn before they are complete.
fn request(
    mut commands: Commands,
    mut sweeps: ResMut<Sweeps>,
    mut notice: ResMut<Notice>,
    (data, playback, budget, device): (
        Res<Data>,
        Res<Playback>,
        Res<ComputeBudget>,
        Res<SweepDevice>,
    ),
    panels: Query<(
        Entity,
        &SweptPanel,
        Option<&Scenery>,
        Option<Ref<PanelDescents>>,
    )>,
    runs: Runs,
) {
    let Some(set) = data.set() else { return };
    for (entity, swept, shown, members) in &panels {
        let mnist = &swept.mnist;
        let descents = members.as_deref();
        let weights = through(mnist, &runs, descents, playback.step());
        let weights = match weights {
            Some(weights) => weights,
            // Not computed yet: what is there will do until it is.
            None if shown.is_some() => continue,
            None => vec![0.0; WEIGHTS],
        };
        let mut key = SliceKey {
            data: data.arrival(),
            slice: mnist.slice(&weights),
            domain: swept.panel.domain,
            grid: mnist.grid,
        };
        if let Some(shown) = shown
            && shown.field.key == FieldKey::Slice(key)
        {
            let other = swept.panel != shown.panel;
            if !(other
                || members
                    .as_ref()
                    .is_some_and(|members| is_changed(&runs, members)))
            {
                continue;
            }
            let mut now = if other {
                Scenery::new(swept.panel.clone(), shown.field.clone())
            } else {
                shown.clone()
            };
            now.set_range(range(&now, &runs, descents));
            if other || (now.scale.low, now.scale.high) != (shown.scale.low, shown.scale.high) {
                commands.entity(entity).insert(now);
            }
            continue;
        }
        let waits = shown.is_none() || budget.0.is_none();
        if waits && budget.0.is_some() {
            // Not for long: the whole of a large grid follows beside the frames.
            key.grid = key.grid.map(|nodes| nodes.min(WAITED_FOR));
        }
        let job = Job {
            key,
            samples: set.samples.clone(),
        };
        if !waits {
            sweeps.begin(entity, job, device.clone());
            continue;
        }
        match job.run(&device, &sweeps.device, &|| true) {
            Ok(Some(field)) => {
                let scenery = scenery(&swept.panel, field, &runs, descents);
                commands.entity(entity).insert(scenery);
            }
            Ok(None) => {}
            Err(error) => *notice = Notice::bad(error),
        }
    }
}

/// The weights that the plane passes through; `None` while they are not computed.
fn through(
    mnist: &MnistSpec,
    runs: &Runs,
    descents: Option<&PanelDescents>,
    step: usize,
) -> Option<Vec<f64>> {
    let Through::Descent(name) = &mnist.through else {
        return Some(vec![0.0; WEIGHTS]);
    };
    let mut descents = descents.into_iter().flat_map(|descents| descents.iter());
    let run = descents.find_map(|descent| {
        let (run, style) = runs.get(descent).ok()?;
        (style.name == *name).then_some(run)
    });
    // A descent that was renamed or removed leaves the plane at the origin.
    let Some(run) = run else {
        return Some(vec![0.0; WEIGHTS]);
    };
    let history = run.history();
    let last = history.len().checked_sub(1)?;
    let complete = run.status().is_over();
    let at = match mnist.follows {
        true if complete || step <= last => step.min(last),
        false if complete => last,
        _ => return None,
    };
    Some(history.at(at).to_vec())
}
