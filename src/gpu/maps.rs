//! Maps on the GPU where there is one and single precision will do, else on the CPU.
//!
//! The formula and the rule print themselves as WGSL (`objective/formula/wgsl.rs`, `optimizer/wgsl.rs`); `shaders/map.wgsl` runs a
//! cell. What the GPU cannot tell it gives back, and the CPU runs those cells. [`Mapper`] chooses; `fit` says what the GPU takes
//! on, `engine` runs it.

mod engine;
mod fit;

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

pub use fit::shader;

use self::engine::{Engine, Given};
use self::fit::Job;
use super::adapter::{AdapterError, AdapterWish};
use super::backend::BackendWish;
use super::context::{Context, ContextError, DeviceFailure};
use crate::maps::{Cell, Map, Order, Outcome, Outcomes, compute, compute_by};
use crate::objective::GoOn;

/// Why there is no map.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MapperError {
    #[error(transparent)]
    Adapter(#[from] AdapterError),
    /// The adapter is there, but does not or no longer work.
    #[error("{device} failed: {reason}; --backend cpu does without it")]
    Device { device: String, reason: String },
}

impl From<ContextError> for MapperError {
    fn from(error: ContextError) -> MapperError {
        match error {
            ContextError::Adapter(error) => MapperError::Adapter(error),
            ContextError::Device { device, reason } => MapperError::Device { device, reason },
        }
    }
}

/// Computes maps.
pub struct Mapper {
    wish: BackendWish,
    adapter: AdapterWish,
    /// None on the CPU, and after a device was lost.
    engine: Option<Engine>,
    note: Option<String>,
    given_back: usize,
}

impl Mapper {
    /// Opens the device.
    ///
    /// # Errors
    /// Without an adapter like the one asked for, or if it gives no device; with `Auto` only the former, and only if one
    /// was asked for.
    pub fn new(wish: BackendWish, adapter: &AdapterWish) -> Result<Mapper, MapperError> {
        let mut mapper = Mapper {
            wish,
            adapter: adapter.clone(),
            engine: None,
            note: None,
            given_back: 0,
        };
        match (wish, mapper.open()) {
            (BackendWish::Auto, Err(MapperError::Device { device, reason })) => {
                mapper.give_up(&device, &reason);
            }
            (_, result) => result?,
        }
        Ok(mapper)
    }

    /// Computes on a device that is open already, as with the wish `Auto`: if it fails the CPU takes over.
    pub fn on(context: Context) -> Mapper {
        Mapper {
            wish: BackendWish::Auto,
            adapter: AdapterWish::Best,
            engine: Some(Engine::new(context)),
            note: None,
            given_back: 0,
        }
    }

    fn open(&mut self) -> Result<(), MapperError> {
        self.engine = self.wish.open(&self.adapter)?.map(Engine::new);
        Ok(())
    }

    /// The CPU from now on.
    fn give_up(&mut self, device: &str, reason: &str) {
        self.wish = BackendWish::Cpu;
        self.engine = None;
        self.note = Some(format!(
            "{device} failed: {reason}; the CPU computes instead"
        ));
    }

    /// The device, for people; `None` where the CPU computes such a map. Asked once the minima are known.
    pub fn describe(&self, map: &Map) -> Option<String> {
        let engine = self.engine.as_ref()?;
        Job::of(map).ok()?;
        Some(engine.context.adapter.describe())
    }

    /// What a person should know about the last map, or will about this one: that the CPU takes over, and why.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// How many cells of the last map the GPU gave back to the CPU.
    pub fn given_back(&self) -> usize {
        self.given_back
    }

    /// The device, unless the CPU computes.
    pub fn context(&self) -> Option<&Context> {
        self.engine.as_ref().map(|engine| &engine.context)
    }

    /// Runs all cells of a map, as [`compute`] does; on the device in single precision.
    ///
    /// # Errors
    /// A device that fails, unless the wish is `Auto`: then the CPU takes over, and [`Mapper::note`] says so. After a
    /// failure the next call opens the device anew.
    pub fn compute(
        &mut self,
        map: &Map,
        order: Order,
        outcomes: &mut Outcomes,
        go_on: &GoOn,
        after: &mut dyn FnMut(&Outcomes, usize),
    ) -> Result<bool, MapperError> {
        self.given_back = 0;
        if self.wish == BackendWish::Gpu && self.engine.is_none() {
            self.open()?;
        }
        // That a device was given up stays said.
        let Some(engine) = self.engine.take() else {
            return Ok(compute(map, order, outcomes, go_on, after));
        };
        self.note = None;
        let job = match Job::of(map) {
            Ok(job) => job,
            Err(reason) => {
                self.engine = Some(engine);
                self.note = Some(format!("{reason}; the CPU computes this map"));
                return Ok(compute(map, order, outcomes, go_on, after));
            }
        };
        self.on_device(engine, map, &job, order, outcomes, go_on, after)
    }

    fn on_device(
        &mut self,
        mut engine: Engine,
        map: &Map,
        job: &Job,
        order: Order,
        outcomes: &mut Outcomes,
        go_on: &GoOn,
        after: &mut dyn FnMut(&Outcomes, usize),
    ) -> Result<bool, MapperError> {
        let places = map.places();
        let is_strict = self.wish == BackendWish::Gpu;
        let mut failure: Option<DeviceFailure> = None;
        let has_failed = AtomicBool::new(false);
        let batch = engine.tile();
        let still = || go_on() && !(is_strict && has_failed.load(Ordering::Relaxed));
        let mut given_back = 0;
        let mut run = |cells: &[Cell], out: &mut [Outcome]| {
            if failure.is_none() {
                match engine.run(job, cells, out, go_on) {
                    Ok(given) => {
                        given_back += finish(map, &places, cells, out, given, go_on);
                        return;
                    }
                    Err(reason) => failure = Some(reason),
                }
                has_failed.store(true, Ordering::Relaxed);
            }
            if !is_strict {
                map.run(&places, cells, out, go_on);
            }
        };
        let whole = compute_by(map, order, (&mut run, batch), outcomes, &still, after);
        self.given_back = given_back;
        match failure {
            None => self.engine = Some(engine),
            Some(DeviceFailure(reason)) => {
                let device = engine.context.adapter.name;
                if is_strict {
                    return Err(MapperError::Device { device, reason });
                }
                self.give_up(&device, &reason);
            }
        }
        Ok(whole)
    }
}

/// Gives the device's outcomes their losses, and runs the cells that it gave back: their number.
fn finish(
    map: &Map,
    places: &[[f64; 2]],
    cells: &[Cell],
    out: &mut [Outcome],
    mut given: Given,
    go_on: &GoOn,
) -> usize {
    let dim = map.plan.start.len().min(2);
    out.par_iter_mut()
        .for_each(|out| out.loss = map.objective.value(&out.last[..dim]));
    let lacks = |index: &usize| !out[*index].loss.is_finite();
    given.back.extend(given.whole.filter(lacks));
    given.back.sort_unstable();
    given.back.dedup();
    let again: Vec<Cell> = given.back.iter().map(|index| cells[*index]).collect();
    let mut found = vec![Outcome::AWAITED; again.len()];
    if go_on() {
        map.run(places, &again, &mut found, go_on);
    }
    for (index, outcome) in given.back.iter().zip(found) {
        out[*index] = outcome;
    }
    again.len()
}
