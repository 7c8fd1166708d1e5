//! Losses on a dense grid: on the GPU where there is one and a kernel for them, else by the objective's own sweep.
//!
//! One kernel is for the softmax loss over two of its weights. Both ways give every node to 1e-6 relative. `shaders/loss_sweep.wgsl` is
//! the kernel, `samples` the mathematics behind it. The other is for networks over any plane (`network`, `shaders/network.wgsl`).

mod engine;
mod layout;
mod network;
mod plan;
mod samples;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use engine::Engine;
pub use network::BOUND as NETWORK_BOUND;
use network::{NetworkEngine, Swept};
use plan::SweepPlan;
use samples::Contributions;

use super::adapter::{AdapterError, AdapterWish};
pub use super::backend::BackendWish;
use super::context::{Context, ContextError, DeviceFailure};
use crate::landscape::{Domain, Grid, Range};
use crate::objective::softmax::sweep::Slice;
use crate::objective::softmax::{Samples, Softmax, instruction_set};
use crate::objective::{GoOn, Network, Objective};
use crate::plane::Plane;

/// Nodes along a side, at least.
pub const LEAST_SIDE: usize = 2;
/// Nodes along a side, at most.
pub const MOST_SIDE: usize = 2048;
/// Below this loss the GPU takes a logarithm for every sample, since products of many terms near 1 round.
const SMALL_LOSS: f64 = 0.1;

/// Why there is no sweep.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SweepError {
    #[error(transparent)]
    Adapter(#[from] AdapterError),
    /// The adapter is there, but does not or no longer work.
    #[error("{device} failed: {reason}; --backend cpu does without it")]
    Device { device: String, reason: String },
    #[error(
        "--grid: found {cols}x{rows}, expected {LEAST_SIDE} to {MOST_SIDE} nodes along each side"
    )]
    Grid { cols: usize, rows: usize },
    #[error("--{axis}: found {low}:{high}, expected two finite numbers, the lower first")]
    Range { axis: char, low: f64, high: f64 },
}

impl From<ContextError> for SweepError {
    fn from(error: ContextError) -> SweepError {
        match error {
            ContextError::Adapter(error) => SweepError::Adapter(error),
            ContextError::Device { device, reason } => SweepError::Device { device, reason },
        }
    }
}

/// Sweeps over grids. Keeps what it uploaded for the same samples, slice, domain and grid.
pub struct Sweeper {
    wish: BackendWish,
    adapter: AdapterWish,
    /// None on the CPU, and after a device was lost.
    engine: Option<Engine>,
    /// On the same device, once there is a network.
    networks: Option<NetworkEngine>,
    prepared: Option<Prepared>,
    note: Option<String>,
    device_time: Option<Duration>,
}

/// What the engine's buffers hold.
struct Prepared {
    samples: Arc<Samples>,
    slice: Slice,
    contributions: Contributions,
    uploaded: Option<(Domain, [usize; 2])>,
}

impl Sweeper {
    /// Opens the device.
    ///
    /// # Errors
    /// Without an adapter like the one asked for, or if it gives no device; with `Auto` only the former, and only if one
    /// was asked for.
    pub fn new(wish: BackendWish, adapter: &AdapterWish) -> Result<Sweeper, SweepError> {
        let mut sweeper = Sweeper::idle(wish, adapter);
        match (wish, sweeper.open()) {
            (BackendWish::Auto, Err(SweepError::Device { device, reason })) => {
                sweeper.give_up(&device, &reason);
            }
            (_, result) => result?,
        }
        Ok(sweeper)
    }

    /// Sweeps on a device that is open already, as with the wish `Auto`: if it fails the CPU takes over.
    pub fn on(context: Context) -> Sweeper {
        let mut sweeper = Sweeper::idle(BackendWish::Auto, &AdapterWish::Best);
        let device = context.adapter.name.clone();
        match Engine::new(context) {
            Ok(engine) => sweeper.engine = Some(engine),
            Err(DeviceFailure(reason)) => sweeper.give_up(&device, &reason),
        }
        sweeper
    }

    fn idle(wish: BackendWish, adapter: &AdapterWish) -> Sweeper {
        Sweeper {
            wish,
            adapter: adapter.clone(),
            engine: None,
            networks: None,
            prepared: None,
            note: None,
            device_time: None,
        }
    }

    fn open(&mut self) -> Result<(), SweepError> {
        let Some(context) = self.wish.open(&self.adapter)? else {
            return Ok(());
        };
        let device = context.adapter.name.clone();
        let opened = Engine::new(context);
        let failed = |DeviceFailure(reason)| SweepError::Device { device, reason };
        self.engine = Some(opened.map_err(failed)?);
        Ok(())
    }

    /// The CPU from now on.
    fn give_up(&mut self, device: &str, reason: &str) {
        self.wish = BackendWish::Cpu;
        (self.engine, self.networks) = (None, None);
        self.note = Some(format!("{device} failed: {reason}; the CPU sweeps instead"));
    }

    /// The backend and its device, for people.
    pub fn describe(&self) -> String {
        match (&self.engine, self.wish) {
            (Some(engine), _) => engine.context.adapter.describe(),
            (None, BackendWish::Gpu) => "GPU: lost".to_owned(),
            (None, _) => describe_cpu(),
        }
    }

    /// What a person should know about the last sweep: that the CPU took over, and why.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// How long the device computed for the last sweep, uploads and read-back left out; `None` if it cannot tell.
    pub fn device_time(&self) -> Option<Duration> {
        self.device_time
    }

    /// The device, unless the CPU sweeps.
    pub fn context(&self) -> Option<&Context> {
        self.engine.as_ref().map(|engine| &engine.context)
    }

    /// The loss at every node of a grid of `[columns, rows]` nodes over `domain`, in the coordinates of `plane`: on the
    /// device where it has a kernel for this, to 1e-6 relative, of a network to [`NETWORK_BOUND`]·(1 + loss); else as [`Objective::sweep`] has it. `None` once `go_on`
    /// says no.
    ///
    /// # Errors
    /// A grid or domain out of bounds; a device that fails, unless the wish is `Auto`: then the CPU takes over,
    /// and [`Sweeper::note`] says so. After a failure the next call opens the device anew.
    pub fn sweep(
        &mut self,
        objective: &dyn Objective,
        plane: &Plane,
        domain: Domain,
        grid: [usize; 2],
        go_on: &GoOn,
    ) -> Result<Option<Grid>, SweepError> {
        check(domain, grid)?;
        (self.note, self.device_time) = (None, None);
        if self.wish == BackendWish::Gpu && self.engine.is_none() {
            (self.prepared, self.networks) = (None, None);
            self.open()?;
        }
        if let Some(network) = (objective as &dyn Any).downcast_ref() {
            return self.sweep_network(network, plane, domain, grid, go_on);
        }
        let on_cpu = || objective.sweep(plane, domain, grid, go_on);
        let Some((samples, slice)) = in_the_kernel_s_terms(objective, plane) else {
            return Ok(on_cpu());
        };
        let Some(mut engine) = self.engine.take() else {
            return Ok(on_cpu());
        };
        match self.on_device(&mut engine, samples, &slice, domain, grid, go_on) {
            Ok(Some(done)) => {
                self.engine = Some(engine);
                Ok(done)
            }
            Ok(None) => {
                self.engine = Some(engine);
                let reason = "the weights reach too far for the GPU's numbers";
                self.note = Some(format!("{reason}; the CPU sweeps instead"));
                Ok(on_cpu())
            }
            Err(DeviceFailure(reason)) => {
                let device = engine.context.adapter.name;
                self.prepared = None;
                self.failed(device, reason)?;
                Ok(on_cpu())
            }
        }
    }

    /// The same of a network.
    fn sweep_network(
        &mut self,
        network: &Network,
        plane: &Plane,
        domain: Domain,
        grid: [usize; 2],
        go_on: &GoOn,
    ) -> Result<Option<Grid>, SweepError> {
        let on_cpu = || network.sweep(plane, domain, grid, go_on);
        let Some(engine) = &self.engine else {
            return Ok(on_cpu());
        };
        let context = &engine.context;
        let networks = self
            .networks
            .get_or_insert_with(|| NetworkEngine::new(context.clone()));
        let swept = context
            .check()
            .and_then(|()| networks.sweep(network, plane, domain, grid, go_on));
        match swept {
            Ok(Swept::Whole(grid)) => Ok(Some(grid)),
            Ok(Swept::Cancelled) => Ok(None),
            Ok(Swept::Unfit(reason)) => {
                self.note = Some(format!("{reason}; the CPU sweeps instead"));
                Ok(on_cpu())
            }
            Err(DeviceFailure(reason)) => {
                let device = context.adapter.name.clone();
                (self.engine, self.networks) = (None, None);
                self.failed(device, reason)?;
                Ok(on_cpu())
            }
        }
    }

    /// A device failed: an error where it was asked for, else the CPU takes over.
    fn failed(&mut self, device: String, reason: String) -> Result<(), SweepError> {
        if self.wish == BackendWish::Gpu {
            return Err(SweepError::Device { device, reason });
        }
        self.give_up(&device, &reason);
        Ok(())
    }

    /// The inner `None` is a cancellation, the outer one says that the GPU's numbers do not reach.
    fn on_device(
        &mut self,
        engine: &mut Engine,
        samples: &Arc<Samples>,
        slice: &Slice,
        domain: Domain,
        grid: [usize; 2],
        go_on: &GoOn,
    ) -> Result<Option<Option<Grid>>, DeviceFailure> {
        let is_same = |p: &Prepared| Arc::ptr_eq(&p.samples, samples) && p.slice == *slice;
        let mut prepared = match self.prepared.take() {
            Some(prepared) if is_same(&prepared) => prepared,
            _ => Prepared {
                samples: samples.clone(),
                slice: *slice,
                contributions: Contributions::new(samples, slice),
                uploaded: None,
            },
        };
        if prepared.uploaded != Some((domain, grid)) {
            let Some(words) = prepared.contributions.on_grid(domain, grid) else {
                return Ok(None);
            };
            engine.upload(&words)?;
            prepared.uploaded = Some((domain, grid));
        }
        let contributions = &self.prepared.insert(prepared).contributions;
        let nodes = grid.map(|side| side as u32);
        let step_v = contributions.step_v(domain, grid[1]);
        let count = contributions.len();
        let mut took = Some(Duration::ZERO);
        for is_precise in [false, true] {
            let plan = SweepPlan::new(nodes, count, step_v, is_precise, engine.work);
            let Some((sums, time)) = engine.run(&plan, is_precise, go_on)? else {
                return Ok(Some(None));
            };
            took = took.zip(time).map(|(took, time)| took + time);
            let loss = |sum: f64| contributions.constant + sum / count as f64;
            let values: Vec<f64> = sums.into_iter().map(loss).collect();
            if is_precise || values.iter().all(|loss| *loss > SMALL_LOSS) {
                self.device_time = took;
                let mut swept = Grid::empty(domain, grid[0], grid[1]);
                swept.values = values;
                return Ok(Some(Some(swept)));
            }
        }
        Ok(Some(None))
    }
}

fn describe_cpu() -> String {
    let threads = rayon::current_num_threads();
    let s = if threads == 1 { "" } else { "s" };
    format!("CPU: {}, {threads} thread{s}", instruction_set())
}

/// The kernel sweeps softmax regression over two of its weights.
fn in_the_kernel_s_terms<'o>(
    objective: &'o dyn Objective,
    plane: &Plane,
) -> Option<(&'o Arc<Samples>, Slice)> {
    let softmax = (objective as &dyn Any).downcast_ref::<Softmax>()?;
    Some((softmax.samples(), Slice::of(plane)?))
}

fn check(domain: Domain, [cols, rows]: [usize; 2]) -> Result<(), SweepError> {
    let sides = LEAST_SIDE..=MOST_SIDE;
    if !sides.contains(&cols) || !sides.contains(&rows) {
        return Err(SweepError::Grid { cols, rows });
    }
    for (axis, [low, high]) in [('u', domain.x), ('v', domain.y_or_zero())] {
        let is_range = |[low, high]: Range| low < high && (high - low).is_finite();
        if !is_range([low, high]) {
            return Err(SweepError::Range { axis, low, high });
        }
    }
    Ok(())
}
