//! The sweep on a device: its kernels, its buffers, and the submissions one after another.

use std::collections::HashMap;
use std::time::Duration;

use wgpu::{BindGroup, Buffer, BufferUsages, ComputePipeline, DeviceType};

use super::layout::{REDUCED, Sample, Sum, Sweep};
use super::plan::{RowBand, SweepPlan};
use crate::gpu::context::{Context, DeviceFailure};
use crate::gpu::kernel::{Access, Dispatch, Program, Runner};

const SHADER: &str = include_str!("../../../shaders/loss_sweep.wgsl");

/// Nodes × samples of a submission: a small part of the second or two after which systems reset a graphics card.
fn work(device: DeviceType) -> u64 {
    match device {
        DeviceType::DiscreteGpu => 30_000_000_000,
        DeviceType::Cpu => 300_000_000,
        _ => 3_000_000_000,
    }
}

pub(super) struct Engine {
    pub context: Context,
    /// Nodes × samples that one submission should take.
    pub work: u64,
    program: Program,
    kernels: HashMap<Variant, ComputePipeline>,
    runner: Runner,
    samples: Option<Buffer>,
    outputs: Option<Outputs>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Variant {
    Sweep { is_wide: bool, is_precise: bool },
    Reduce,
}

impl Variant {
    fn entry(self) -> &'static str {
        match self {
            Variant::Sweep { .. } => "sweep",
            Variant::Reduce => "reduce",
        }
    }

    fn constants(self) -> [(&'static str, f64); 2] {
        let (is_wide, is_precise) = match self {
            Variant::Sweep {
                is_wide,
                is_precise,
            } => (is_wide, is_precise),
            Variant::Reduce => (false, false),
        };
        [
            ("WIDE", f64::from(u8::from(is_wide))),
            ("PRECISE", f64::from(u8::from(is_precise))),
        ]
    }
}

/// What a band is computed into.
struct Outputs {
    task: Buffer,
    partial: Buffer,
    total: Buffer,
    bindings: BindGroup,
}

impl Engine {
    pub(super) fn new(context: Context) -> Result<Engine, DeviceFailure> {
        let bindings = [
            Access::Uniform,
            Access::Read,
            Access::ReadWrite,
            Access::ReadWrite,
        ];
        let program = Program::new(&context, "loss_sweep.wgsl", SHADER, &bindings)?;
        Ok(Engine {
            work: work(context.adapter.kind),
            program,
            kernels: HashMap::new(),
            runner: Runner::new(&context),
            samples: None,
            outputs: None,
            context,
        })
    }

    /// Uploads what the next runs sum over.
    pub(super) fn upload(&mut self, samples: &[Sample]) -> Result<(), DeviceFailure> {
        let bytes: &[u8] = bytemuck::cast_slice(samples);
        let most = self.context.device().limits();
        if bytes.len() as u64 > most.max_storage_buffer_binding_size {
            return Err(DeviceFailure(format!(
                "{} samples are more than its memory limit takes",
                samples.len()
            )));
        }
        self.outputs = None;
        let usage = BufferUsages::STORAGE | BufferUsages::COPY_DST;
        let context = &self.context;
        self.samples = Some(context.watch(|| {
            let buffer = context.buffer(bytes.len() as u64, usage);
            context.queue().write_buffer(&buffer, 0, bytes);
            Ok(buffer)
        })?);
        Ok(())
    }

    /// The sum over the samples at every node, and how long the device took, if it can tell. `None` once `go_on` says no.
    pub(super) fn run(
        &mut self,
        plan: &SweepPlan,
        is_precise: bool,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<Option<(Vec<f64>, Option<Duration>)>, DeviceFailure> {
        let is_wide = plan.is_wide;
        let sweep = self.kernel(Variant::Sweep {
            is_wide,
            is_precise,
        })?;
        let reduce = self.kernel(Variant::Reduce)?;
        let outputs = self.outputs_for(plan)?;
        let mut values = Vec::with_capacity((plan.nodes[0] * plan.nodes[1]) as usize);
        let mut took = Some(Duration::ZERO);
        for &band in &plan.bands {
            if !go_on() {
                self.outputs = Some(outputs);
                return Ok(None);
            }
            let task = task(plan, band);
            let nodes = plan.nodes[0] * band.rows;
            let bindings = &outputs.bindings;
            let dispatches = [
                (&sweep, plan.groups(band)),
                (&reduce, [nodes.div_ceil(REDUCED), 1, 1]),
            ]
            .map(|(kernel, groups)| Dispatch {
                kernel,
                bindings,
                groups,
            });
            let context = &self.context;
            context.watch(|| {
                let bytes = bytemuck::bytes_of(&task);
                context.queue().write_buffer(&outputs.task, 0, bytes);
                Ok(())
            })?;
            let bytes = u64::from(nodes) * size_of::<Sum>() as u64;
            let read = |sums: &[u8]| {
                let sums = sums.chunks_exact(size_of::<Sum>());
                values.extend(sums.map(|sum| bytemuck::pod_read_unaligned::<Sum>(sum).value()));
            };
            let total = (&outputs.total, bytes);
            let ran = self.runner.run(context, &dispatches, total, read, go_on)?;
            // The buffers of a cancelled run may still be in use: they are not kept.
            let Some(time) = ran else { return Ok(None) };
            took = took.zip(time).map(|(took, time)| took + time);
        }
        self.outputs = Some(outputs);
        Ok(Some((values, took)))
    }

    fn kernel(&mut self, variant: Variant) -> Result<ComputePipeline, DeviceFailure> {
        if let Some(kernel) = self.kernels.get(&variant) {
            return Ok(kernel.clone());
        }
        let (entry, constants) = (variant.entry(), variant.constants());
        let kernel = self.program.kernel(&self.context, entry, &constants)?;
        self.kernels.insert(variant, kernel.clone());
        Ok(kernel)
    }

    /// Buffers that are large enough for every band: those of the last run, or new ones.
    fn outputs_for(&mut self, plan: &SweepPlan) -> Result<Outputs, DeviceFailure> {
        let total_bytes = plan.most_nodes() * size_of::<Sum>() as u64;
        let partial_bytes = total_bytes * u64::from(plan.chunks);
        let fits = |outputs: &Outputs| {
            outputs.partial.size() >= partial_bytes && outputs.total.size() >= total_bytes
        };
        if let Some(outputs) = self.outputs.take().filter(fits) {
            return Ok(outputs);
        }
        let context = &self.context;
        let samples = self.samples.as_ref().ok_or_else(DeviceFailure::silent)?;
        context.watch(|| {
            let uniform = BufferUsages::UNIFORM | BufferUsages::COPY_DST;
            let task = context.buffer(size_of::<Sweep>() as u64, uniform);
            let partial = context.buffer(partial_bytes, BufferUsages::STORAGE);
            let total = context.buffer(total_bytes, BufferUsages::STORAGE | BufferUsages::COPY_SRC);
            let buffers = [&task, samples, &partial, &total];
            let bindings = self.program.bind(context, &buffers);
            Ok(Outputs {
                task,
                partial,
                total,
                bindings,
            })
        })
    }
}

fn task(plan: &SweepPlan, band: RowBand) -> Sweep {
    Sweep {
        nodes: plan.nodes,
        threads: plan.threads,
        first_row: band.first_row,
        rows: band.rows,
        batches: plan.batches,
        chunks: plan.chunks,
    }
}
