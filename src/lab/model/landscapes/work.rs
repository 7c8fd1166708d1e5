//! How one landscape is computed: over everything node by node, over a slice by a device that sweeps.

use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::*;

use crate::gpu::adapter::AdapterWish;
use crate::gpu::context::Context;
use crate::gpu::maps::Mapper;
use crate::gpu::sweep::{BackendWish, SweepError, Sweeper};
use crate::lab::model::PanelObjective;
use crate::lab::model::field::{Field, LandscapeKey};
use crate::lab::model::jobs::{Job, Output};
use crate::landscape::Grid;
use crate::objective::Objective;

/// Nodes along a side of a slice's coarse picture, where there is none before.
const COARSE_SLICE: usize = 100;
/// Multiplications in the coarse picture of a function: some milliseconds.
const QUICK: usize = 30_000_000;
/// The fewest nodes along a side of it.
const COARSEST: usize = 17;
/// On what dense sweeps run.
#[derive(Resource, Debug, Clone, Default)]
pub struct SweepDevice {
    pub backend: BackendWish,
    pub adapter: AdapterWish,
    /// The device that draws, if it shall sweep, too.
    pub context: Option<Context>,
}

impl SweepDevice {
    /// What maps are computed with; `None` where that is the CPU alone.
    pub(in crate::lab) fn mapper(&self) -> Option<Mapper> {
        match (&self.context, self.backend) {
            (_, BackendWish::Cpu) => None,
            (Some(context), _) => Some(Mapper::on(context.clone())),
            (None, backend) => Mapper::new(backend, &self.adapter).ok(),
        }
    }

    fn open(&self) -> Result<Sweeper, SweepError> {
        match &self.context {
            Some(context) => Ok(Sweeper::on(context.clone())),
            None => Sweeper::new(self.backend, &self.adapter),
        }
    }
}

/// All that a landscape is computed from.
pub(super) struct Work {
    pub key: LandscapeKey,
    pub objective: PanelObjective,
    pub explained: Option<[f64; 2]>,
    /// The landscape over all samples, where it is known and this one is over some of them.
    pub whole: Option<Arc<Field>>,
    /// Nodes of a coarse picture that comes first, where there is none before.
    pub coarse: Option<[usize; 2]>,
}

impl Work {
    pub fn begin(
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
            let mut slice = |key: LandscapeKey, objective: &Arc<dyn Objective>| {
                let LandscapeKey {
                    plane,
                    domain,
                    size,
                    ..
                } = &key;
                let grid = sweeper.sweep(&**objective, plane, *domain, *size, go_on)?;
                let field = |grid: Grid| {
                    let grid = grid.torn_at_holes();
                    Field::of_slice(key, objective.clone(), grid, self.explained)
                };
                Ok::<_, SweepError>(grid.map(field))
            };
            let over = key.batch.as_ref().and_then(|batch| objective.over(batch));
            let Some(over) = over else {
                put(slice(key, objective)?);
                continue;
            };
            let key_of_all = key.over_all();
            let known = self.whole.clone().filter(|whole| whole.key == key_of_all);
            let whole = match known {
                Some(whole) => Some(whole),
                None => slice(key_of_all, objective)?.map(Arc::new),
            };
            let field = slice(key, &over)?;
            put(field.map(|field| Field { whole, ..field }));
        }
        Ok(())
    }
}

/// The size of a grid that is there soon; `None` where the whole one is.
pub(super) fn coarse_size(key: &LandscapeKey, objective: &PanelObjective) -> Option<[usize; 2]> {
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
