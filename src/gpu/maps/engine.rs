//! Maps on a device: tiles of cells, each in submissions of some dispatches, each dispatch of some steps.

use std::ops::Range;
use std::time::{Duration, Instant};

use bytemuck::{Pod, Zeroable};
use rayon::prelude::*;
use wgpu::{BufferUsages, ComputePipeline, DeviceType};

use super::fit::Job;
use crate::gpu::context::{Context, DeviceFailure};
use crate::gpu::kernel::{Access, Dispatch, Program, Runner};
use crate::maps::{self, Cell, Outcome};
use crate::objective::GoOn;

/// Invocations of a workgroup.
const GROUP: u32 = 64;
/// What a submission should take: less than a frame, since frames of the app's own device wait for it.
const WANTED: Duration = Duration::from_millis(12);
/// The most dispatches of a submission.
const MOST_DISPATCHES: usize = 64;

// As `shaders/map.wgsl` has them.
const RUNNING: u32 = 0;
const STATUSES: [u8; 4] = [
    maps::NOT_YET,
    maps::FINISHED,
    maps::CONVERGED,
    maps::STOPPED,
];

/// Cells of a tile: enough to keep the device busy.
fn tile(device: DeviceType) -> usize {
    match device {
        DeviceType::DiscreteGpu => 1 << 18,
        DeviceType::Cpu => 1 << 13,
        _ => 1 << 16,
    }
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct DeviceTask {
    cells: u32,
    minima: u32,
    steps: u32,
    portion: u32,
    rates: u32,
    dim: u32,
    radius: f32,
    stop_radius: f32,
    stop_gradient: f32,
    clip: f32,
    padding: [u32; 2],
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct DeviceStart {
    w: [f32; 2],
    rate: f32,
    padding: f32,
    params: [f32; 8],
}

/// Bytes of what a cell is at, which stays on the device.
const CELL_BYTES: u64 = 112;

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct DeviceOutcome {
    last: [f32; 2],
    minimum: i32,
    since: u32,
    status: u32,
    padding: u32,
}

/// Which cells of a tile have outcomes, and which of these the device gave back.
pub(super) struct Given {
    pub whole: Range<usize>,
    pub back: Vec<usize>,
}

pub(super) struct Engine {
    pub context: Context,
    runner: Runner,
    /// What is made of the newest shader.
    compiled: Option<(String, Program, ComputePipeline)>,
    /// Dispatches that a submission takes at present.
    dispatches: usize,
}

impl Engine {
    pub(super) fn new(context: Context) -> Engine {
        Engine {
            runner: Runner::new(&context),
            context,
            compiled: None,
            dispatches: 1,
        }
    }

    /// The most cells at a time.
    pub(super) fn tile(&self) -> usize {
        tile(self.context.adapter.kind)
    }

    fn compile(&mut self, shader: &str) -> Result<(), DeviceFailure> {
        if matches!(&self.compiled, Some((known, ..)) if known == shader) {
            return Ok(());
        }
        let bindings = [
            Access::Uniform,
            Access::Read,
            Access::ReadWrite,
            Access::ReadWrite,
            Access::Read,
        ];
        let program = Program::new(&self.context, "map.wgsl", shader, &bindings)?;
        let kernel = program.kernel(&self.context, "advance", &[])?;
        self.compiled = Some((shader.to_owned(), program, kernel));
        self.dispatches = 1;
        Ok(())
    }

    /// Runs a tile of cells, all but their losses. Without `go_on` there are no outcomes.
    pub(super) fn run(
        &mut self,
        job: &Job,
        cells: &[Cell],
        out: &mut [Outcome],
        go_on: &GoOn,
    ) -> Result<Given, DeviceFailure> {
        let nothing = Given {
            whole: 0..0,
            back: Vec::new(),
        };
        self.compile(&job.shader)?;
        let context = self.context.clone();
        let Some((_, program, kernel)) = &self.compiled else {
            return Err(DeviceFailure::silent());
        };
        let starts: Vec<DeviceStart> = cells.par_iter().map(device_start).collect();
        // It is never empty: there is a rate.
        let table: Vec<[f32; 2]> = job.rates.iter().chain(&job.minima).copied().collect();
        let result_bytes = (cells.len() * size_of::<DeviceOutcome>()) as u64;
        let (bindings, results) = context.watch(|| {
            let filled = |bytes: &[u8], usage: BufferUsages| {
                let buffer = context.buffer(bytes.len() as u64, usage | BufferUsages::COPY_DST);
                context.queue().write_buffer(&buffer, 0, bytes);
                buffer
            };
            let task = task(job, cells.len());
            let task = filled(bytemuck::bytes_of(&task), BufferUsages::UNIFORM);
            let storage = BufferUsages::STORAGE;
            let starts = filled(bytemuck::cast_slice(&starts), storage);
            let states = context.buffer(cells.len() as u64 * CELL_BYTES, storage);
            let results = context.buffer(result_bytes, storage | BufferUsages::COPY_SRC);
            let table = filled(bytemuck::cast_slice(&table), storage);
            let buffers = [&task, &starts, &states, &results, &table];
            Ok((program.bind(&context, &buffers), results))
        })?;
        let mut left = job.steps.div_ceil(job.portion).max(1) as usize;
        let mut found: Vec<DeviceOutcome> = Vec::new();
        while left > 0 {
            let some = left.min(self.dispatches);
            left -= some;
            let dispatches = (0..some).map(|_| Dispatch {
                kernel,
                bindings: &bindings,
                groups: [(cells.len() as u32).div_ceil(GROUP), 1, 1],
            });
            let dispatches: Vec<Dispatch> = dispatches.collect();
            // A few bytes on the way say that a submission is over.
            let bytes = if left == 0 { result_bytes } else { 8 };
            let began = Instant::now();
            let read = |bytes: &[u8]| {
                if left == 0 {
                    let each = bytes.chunks_exact(size_of::<DeviceOutcome>());
                    found.extend(each.map(bytemuck::pod_read_unaligned::<DeviceOutcome>));
                }
            };
            let ran = self
                .runner
                .run(&context, &dispatches, (&results, bytes), read, go_on)?;
            if ran.is_none() || !go_on() {
                return Ok(nothing);
            }
            let took = began.elapsed();
            if took < WANTED / 2 {
                self.dispatches = (2 * some).min(MOST_DISPATCHES).max(self.dispatches);
            } else if took > WANTED {
                self.dispatches = (some / 2).max(1);
            }
        }
        let mut back = Vec::new();
        for (index, (out, found)) in out.iter_mut().zip(&found).enumerate() {
            let status = STATUSES.get(found.status as usize);
            match status {
                Some(status) if found.status != RUNNING => *out = outcome(found, *status),
                _ => back.push(index),
            }
        }
        Ok(Given {
            whole: 0..found.len(),
            back,
        })
    }
}

fn task(job: &Job, cells: usize) -> DeviceTask {
    DeviceTask {
        cells: cells as u32,
        minima: job.minima.len() as u32,
        steps: job.steps,
        portion: job.portion,
        rates: job.rates.len() as u32,
        dim: job.dim as u32,
        radius: job.radius,
        stop_radius: job.stop_radius.unwrap_or(-1.0),
        stop_gradient: job.stop_gradient.unwrap_or(-1.0),
        clip: job.clip.unwrap_or(-1.0),
        padding: [0; 2],
    }
}

fn device_start(cell: &Cell) -> DeviceStart {
    let mut params = [0.0; 8];
    for (to, from) in params.iter_mut().zip(cell.params) {
        *to = from as f32;
    }
    DeviceStart {
        w: cell.start.map(|x| x as f32),
        rate: cell.rate as f32,
        padding: 0.0,
        params,
    }
}

fn outcome(found: &DeviceOutcome, status: u8) -> Outcome {
    let steps = if found.minimum < 0 {
        -1
    } else {
        found.since as i32
    };
    Outcome {
        minimum: found.minimum,
        steps,
        loss: f64::NAN,
        status,
        last: found.last.map(f64::from),
    }
}
