//! The maps of the panels: computed beside the frames from coarse to fine, and again whenever what decides them changes. The last
//! one stays in view until the first of the next is there.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bevy::prelude::*;

use super::current::CurrentExperiment;
use super::entities::{PanelIndex, PanelObjective, PanelSettings};
use super::jobs::{Job, Output, Patience};
use super::landscapes::SweepDevice;
use super::{landscapes, zoom};
use crate::descent::Plan;
use crate::experiment::{ObjectiveSpec, Panel};
use crate::gpu::maps::Mapper;
use crate::lab::stage::Stage;
use crate::landscape::Domain;
use crate::maps::{Map, Order, OutOfMemory, Outcomes, Span, compute};

/// What has been computed is handed over so often.
const EVERY: Duration = Duration::from_millis(150);
/// So long a map that is no longer wanted goes on until there is something to see of it: a drag may change what is wanted in every
/// frame.
const FIRST_PICTURE: Duration = Duration::from_millis(250);

/// What decides a map.
#[derive(Debug, Clone, PartialEq)]
pub struct MapKey {
    objective: ObjectiveSpec,
    /// By the number of their arrival; 0 for what needs none.
    data: u32,
    domain: Domain,
    /// Whose plan it is.
    descent: String,
    plan: Plan,
    spans: [Span; 2],
    size: [usize; 2],
    radius: f64,
}

impl MapKey {
    fn new(map: &Map, descent: &str, panel: &Panel, objective: &PanelObjective) -> MapKey {
        MapKey {
            objective: objective.spec.clone(),
            data: objective.data,
            domain: panel.domain,
            descent: descent.to_owned(),
            plan: map.plan.clone(),
            spans: map.spans,
            size: map.size(),
            radius: map.radius,
        }
    }
}

/// A map as far as it is computed.
#[derive(Debug)]
pub struct ShownMap {
    pub map: Map,
    pub outcomes: Outcomes,
    /// The number of cells that have been run.
    pub done: usize,
    /// The descent's name.
    pub descent: String,
    /// Why the CPU computes what the GPU might.
    pub note: Option<String>,
}

impl ShownMap {
    pub fn is_whole(&self) -> bool {
        self.done == self.map.cells()
    }

    /// The cell nearest to these values of the axes; `None` beyond the map.
    pub fn cell_at(&self, values: [f64; 2]) -> Option<usize> {
        let size = self.map.size();
        let place = |k: usize| {
            let last = (size[k] - 1) as f64;
            let place = (self.map.spans[k].fraction(values[k]) * last).round();
            (0.0..=last).contains(&place).then_some(place as usize)
        };
        Some(place(1)? * size[0] + place(0)?)
    }
}

/// The map of a panel.
#[derive(Component, Debug, Default)]
pub struct PanelMap {
    /// What there is to be seen, which may still be of what was wanted before.
    pub shown: Option<Arc<ShownMap>>,
    /// Why there is no other.
    pub problem: Option<String>,
    wanted: Option<MapKey>,
    /// What is to be computed next.
    next: Option<Work>,
    under_way: Option<UnderWay>,
}

/// A map that is being computed.
#[derive(Debug)]
struct UnderWay {
    job: Job<MapKey, Result<ShownMap, OutOfMemory>>,
    began: Instant,
    has_shown: bool,
}

/// What computes maps beside the CPU, kept from map to map; `None` before the first.
#[derive(Resource, Clone, Default)]
struct MapDevice(Arc<Mutex<Option<Option<Mapper>>>>);

/// A map to be computed.
#[derive(Debug)]
struct Work {
    key: MapKey,
    map: Map,
}

pub(super) fn plugin(app: &mut App) {
    let compute = compute_maps
        .after(zoom::zoom)
        .after(landscapes::compute)
        .in_set(Stage::Playback);
    app.init_resource::<MapDevice>()
        .add_systems(Update, compute.run_if(resource_exists::<CurrentExperiment>));
}

/// Brings every panel's map in line with its settings.
fn compute_maps(
    mut commands: Commands,
    current: Res<CurrentExperiment>,
    patience: Res<Patience>,
    (wish, device): (Res<SweepDevice>, Res<MapDevice>),
    mut panels: Query<(
        Entity,
        &PanelIndex,
        Ref<PanelSettings>,
        Ref<PanelObjective>,
        Option<&mut PanelMap>,
    )>,
) {
    for (entity, index, settings, objective, map) in &mut panels {
        if settings.0.map.is_none() {
            if map.is_some() {
                commands.entity(entity).remove::<PanelMap>();
            }
            continue;
        }
        let Some(mut map) = map else {
            let mut map = PanelMap::default();
            map.want(&current, index, &settings.0, &objective);
            map.go_on(patience.0, (&wish, &device));
            commands.entity(entity).insert(map);
            continue;
        };
        let asks = current.is_changed() || settings.is_changed() || objective.is_changed();
        // What is borrowed mutably counts as changed.
        let unseen = map.bypass_change_detection();
        let is_other = asks && unseen.want(&current, index, &settings.0, &objective);
        if unseen.go_on(patience.0, (&wish, &device)) || is_other {
            map.set_changed();
        }
    }
}

impl PanelMap {
    /// Whether it is not yet what is wanted.
    pub fn is_under_way(&self) -> bool {
        self.under_way.is_some() || self.next.is_some()
    }

    /// Takes note of the map that a panel asks for. Whether it is another.
    fn want(
        &mut self,
        current: &CurrentExperiment,
        index: &PanelIndex,
        settings: &Panel,
        of: &PanelObjective,
    ) -> bool {
        let whole = current.experiment.panels.get(index.0);
        let (Some(whole), Some(spec)) = (whole, &settings.map) else {
            return false;
        };
        let panel = Panel {
            descents: whole.descents.clone(),
            ..settings.clone()
        };
        let made = panel.mapped_descent(spec).and_then(|descent| {
            Ok((
                panel.map_plan(spec)?.of(of.objective.clone()),
                descent.name.clone(),
            ))
        });
        let (map, descent) = match made {
            Ok(made) => made,
            Err(error) => {
                let key = error.key.map_or_else(String::new, |key| format!("{key}: "));
                let problem = Some(format!("no map: {key}{error}"));
                let is_other = self.problem != problem;
                *self = PanelMap {
                    problem,
                    ..PanelMap::default()
                };
                return is_other;
            }
        };
        let key = MapKey::new(&map, &descent, &panel, of);
        if self.wanted.as_ref() == Some(&key) {
            return false;
        }
        (self.wanted, self.problem) = (Some(key.clone()), None);
        self.next = Some(Work { key, map });
        true
    }

    /// Begins what is next, and takes what has come. Whether anything has.
    fn go_on(
        &mut self,
        patience: Option<Instant>,
        (wish, device): (&SweepDevice, &MapDevice),
    ) -> bool {
        // One that is about to be seen is worth a moment.
        let is_worth = |work: &UnderWay| !work.has_shown && work.began.elapsed() < FIRST_PICTURE;
        let waits = patience.is_some() && self.under_way.as_ref().is_some_and(is_worth);
        if !waits && let Some(work) = self.next.take() {
            self.under_way = Some(work.begin(wish.clone(), device.clone()));
        }
        let Some(work) = &mut self.under_way else {
            return false;
        };
        if patience.is_none() {
            work.job.wait(None);
        }
        let parts = work.job.take();
        let (is_over, has_failed) = (work.job.is_over(), work.job.has_failed());
        work.has_shown |= !parts.is_empty();
        let newest = parts.into_iter().next_back();
        if is_over {
            self.under_way = None;
        }
        match newest {
            Some(Ok(map)) => self.shown = Some(Arc::new(map)),
            Some(Err(error)) => self.problem = Some(format!("no map: {error}")),
            None if has_failed => self.problem = Some("no map: computing it failed".to_owned()),
            None => return is_over,
        }
        true
    }
}

impl Work {
    fn begin(self, wish: SweepDevice, device: MapDevice) -> UnderWay {
        let Work { key, mut map } = self;
        let (objective, domain, descent) = (key.objective.clone(), key.domain, key.descent.clone());
        let work = move |output: &Output<Result<ShownMap, OutOfMemory>>| {
            let go_on = || output.is_wanted();
            let told = objective.told_minima();
            if map.find_minima(domain, told, &go_on).is_none() {
                return;
            }
            let mut outcomes = match Outcomes::awaited(map.cells()) {
                Ok(outcomes) => outcomes,
                Err(error) => return output.put(Err(error)),
            };
            let (map, mut last) = (&map, None::<Instant>);
            let put = |outcomes: &Outcomes, done: usize, note: Option<String>| {
                output.put(Ok(ShownMap {
                    map: map.clone(),
                    outcomes: outcomes.clone(),
                    done,
                    descent: descent.clone(),
                    note,
                }));
            };
            let mut after = |outcomes: &Outcomes, done: usize| {
                let is_due = last.is_none_or(|last| last.elapsed() >= EVERY);
                if is_due && done < map.cells() {
                    last = Some(Instant::now());
                    put(outcomes, done, None);
                }
            };
            // While another map has the device, the CPU computes.
            let mut device = device.0.try_lock().ok();
            let mapper = device.as_deref_mut();
            let mapper =
                mapper.and_then(|known| known.get_or_insert_with(|| wish.mapper()).as_mut());
            let order = Order::CoarseToFine;
            let (whole, note) = match mapper {
                None => (compute(map, order, &mut outcomes, &go_on, &mut after), None),
                Some(mapper) => {
                    let done = mapper.compute(map, order, &mut outcomes, &go_on, &mut after);
                    // A device that was asked for and fails is opened anew; meanwhile there is the CPU.
                    match done {
                        Ok(whole) => (whole, mapper.note().map(str::to_owned)),
                        Err(error) => {
                            let whole = compute(map, order, &mut outcomes, &go_on, &mut after);
                            (whole, Some(error.to_string()))
                        }
                    }
                }
            };
            if whole {
                put(&outcomes, map.cells(), note);
            }
        };
        UnderWay {
            job: Job::begin_long(key, work),
            began: Instant::now(),
            has_shown: false,
        }
    }
}

#[cfg(test)]
mod tests;
