//! The sweep on a device: its pipelines, its buffers, and the submissions one after another.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use wgpu::{
    BindGroup, BindGroupLayout, Buffer, BufferDescriptor, BufferUsages, ComputePipeline, Device,
    DeviceType, Features, Limits, MapMode, PollType, QuerySet, QueryType, Queue, ShaderModule,
    SubmissionIndex,
};

use super::Gone;
use super::layout::{REDUCED, Sample, Sum, Sweep};
use super::plan::{Band, Plan};
use crate::gpu::adapter::Adapter;

const SHADER: &str = include_str!("../../../shaders/loss_sweep.wgsl");
/// How often a wait asks whether to go on.
const PATIENCE: Duration = Duration::from_millis(20);
/// Nodes × samples of a submission: a small part of the second or two after which systems reset a graphics card.
fn work(device: DeviceType) -> u64 {
    match device {
        DeviceType::DiscreteGpu => 30_000_000_000,
        DeviceType::Cpu => 300_000_000,
        _ => 3_000_000_000,
    }
}

pub(super) struct Engine {
    pub adapter: Adapter,
    pub device: Device,
    /// Nodes × samples that one submission should take.
    pub work: u64,
    queue: Queue,
    /// The first thing that went wrong on the device.
    fault: Arc<Mutex<Option<String>>>,
    shader: ShaderModule,
    layout: BindGroupLayout,
    pipelines: HashMap<Variant, ComputePipeline>,
    clock: Option<Clock>,
    samples: Option<Buffer>,
    outputs: Option<Outputs>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Variant {
    Sweep { is_wide: bool, is_precise: bool },
    Reduce,
}

/// Two time stamps, and where they are resolved to.
struct Clock {
    queries: QuerySet,
    resolved: Buffer,
    nanoseconds: f64,
}

/// What a band is computed into.
struct Outputs {
    task: Buffer,
    partial: Buffer,
    total: Buffer,
    read: Buffer,
    bindings: BindGroup,
}

/// The two time stamps follow the sums in the read-back buffer.
const STAMPS_BYTES: u64 = 16;
/// What the offset of resolved queries must be a multiple of.
const RESOLVE_BYTES: u64 = 256;

impl Engine {
    pub(super) fn new(adapter: Adapter, access: &wgpu::Adapter) -> Result<Engine, Gone> {
        let features = access.features() & Features::TIMESTAMP_QUERY;
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("loss sweep"),
            required_features: features,
            required_limits: Limits::downlevel_defaults(),
            ..Default::default()
        };
        let (device, queue) = pollster::block_on(access.request_device(&descriptor))
            .map_err(|error| Gone(error.to_string()))?;
        let fault = Arc::new(Mutex::new(None));
        let note = |fault: &Arc<Mutex<Option<String>>>| {
            let fault = fault.clone();
            move |message: String| {
                let mut fault = fault.lock().unwrap_or_else(PoisonError::into_inner);
                fault.get_or_insert(message);
            }
        };
        let note_error = note(&fault);
        device.on_uncaptured_error(Arc::new(move |error| note_error(error.to_string())));
        let note_loss = note(&fault);
        device.set_device_lost_callback(move |_, message| note_loss(message));

        let shader = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("loss_sweep.wgsl"),
            source: wgpu::ShaderSource::Wgsl(Cow::Borrowed(SHADER)),
        });
        let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty,
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        };
        let storage = |read_only| wgpu::BufferBindingType::Storage { read_only };
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: None,
            entries: &[
                entry(0, wgpu::BufferBindingType::Uniform),
                entry(1, storage(true)),
                entry(2, storage(false)),
                entry(3, storage(false)),
            ],
        });
        let clock = features.contains(Features::TIMESTAMP_QUERY).then(|| Clock {
            queries: device.create_query_set(&wgpu::QuerySetDescriptor {
                label: None,
                ty: QueryType::Timestamp,
                count: 2,
            }),
            resolved: buffer(
                &device,
                RESOLVE_BYTES,
                BufferUsages::QUERY_RESOLVE | BufferUsages::COPY_SRC,
            ),
            nanoseconds: f64::from(queue.get_timestamp_period()),
        });
        let engine = Engine {
            adapter,
            device,
            work: work(access.get_info().device_type),
            queue,
            fault,
            shader,
            layout,
            pipelines: HashMap::new(),
            clock,
            samples: None,
            outputs: None,
        };
        engine.check()?;
        Ok(engine)
    }

    /// Uploads what the next runs sum over.
    pub(super) fn upload(&mut self, samples: &[Sample]) -> Result<(), Gone> {
        let bytes: &[u8] = bytemuck::cast_slice(samples);
        let most = self.device.limits().max_storage_buffer_binding_size;
        if bytes.len() as u64 > most {
            return Err(Gone(format!(
                "{} samples are more than its memory limit takes",
                samples.len()
            )));
        }
        self.outputs = None;
        let usage = BufferUsages::STORAGE | BufferUsages::COPY_DST;
        let samples = buffer(&self.device, bytes.len() as u64, usage);
        self.queue.write_buffer(&samples, 0, bytes);
        self.samples = Some(samples);
        self.check()
    }

    /// The sum over the samples at every node, and how long the device took, if it can tell. `None` once `go_on` says no.
    pub(super) fn run(
        &mut self,
        plan: &Plan,
        is_precise: bool,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<Option<(Vec<f64>, Option<Duration>)>, Gone> {
        self.check()?;
        let is_wide = plan.is_wide;
        let sweep = self.pipeline(Variant::Sweep {
            is_wide,
            is_precise,
        });
        let reduce = self.pipeline(Variant::Reduce);
        self.make_outputs(plan)?;
        let mut values = Vec::with_capacity((plan.nodes[0] * plan.nodes[1]) as usize);
        let mut nanoseconds = 0.0;
        for &band in &plan.bands {
            if !go_on() {
                return Ok(None);
            }
            let outputs = self.outputs.as_ref().ok_or_else(|| self.gone())?;
            let submission = self.submit(plan, band, [&sweep, &reduce], outputs)?;
            let bytes = u64::from(plan.nodes[0] * band.rows) * size_of::<Sum>() as u64;
            let Some(stamps) = self.read(outputs, bytes, submission, &mut values, go_on)? else {
                // Its buffers may still be in use.
                self.outputs = None;
                return Ok(None);
            };
            if let Some(clock) = &self.clock {
                nanoseconds += stamps[1].saturating_sub(stamps[0]) as f64 * clock.nanoseconds;
            }
        }
        let took = self
            .clock
            .as_ref()
            .map(|_| Duration::from_nanos(nanoseconds as u64));
        Ok(Some((values, took)))
    }

    fn pipeline(&mut self, variant: Variant) -> ComputePipeline {
        let make = || {
            let (entry, constants) = match variant {
                Variant::Sweep {
                    is_wide,
                    is_precise,
                } => (
                    "sweep",
                    [
                        ("WIDE", f64::from(u8::from(is_wide))),
                        ("PRECISE", f64::from(u8::from(is_precise))),
                    ],
                ),
                Variant::Reduce => ("reduce", [("WIDE", 0.0), ("PRECISE", 0.0)]),
            };
            let layout = self
                .device
                .create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                    label: None,
                    bind_group_layouts: &[Some(&self.layout)],
                    ..Default::default()
                });
            self.device
                .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                    label: Some(entry),
                    layout: Some(&layout),
                    module: &self.shader,
                    entry_point: Some(entry),
                    compilation_options: wgpu::PipelineCompilationOptions {
                        constants: &constants,
                        // Everything is written before it is read.
                        zero_initialize_workgroup_memory: false,
                    },
                    cache: None,
                })
        };
        self.pipelines.entry(variant).or_insert_with(make).clone()
    }

    /// Buffers that are large enough for every band.
    fn make_outputs(&mut self, plan: &Plan) -> Result<(), Gone> {
        let total_bytes = plan.most_nodes() * size_of::<Sum>() as u64;
        let partial_bytes = total_bytes * u64::from(plan.chunks);
        let fits = |outputs: &Outputs| {
            outputs.partial.size() >= partial_bytes && outputs.total.size() >= total_bytes
        };
        if self.outputs.as_ref().is_some_and(fits) {
            return Ok(());
        }
        let samples = self.samples.as_ref().ok_or_else(|| self.gone())?;
        let make = |bytes, usage| buffer(&self.device, bytes, usage);
        let task = make(
            size_of::<Sweep>() as u64,
            BufferUsages::UNIFORM | BufferUsages::COPY_DST,
        );
        let partial = make(partial_bytes, BufferUsages::STORAGE);
        let total = make(total_bytes, BufferUsages::STORAGE | BufferUsages::COPY_SRC);
        let read = make(
            total_bytes + STAMPS_BYTES,
            BufferUsages::MAP_READ | BufferUsages::COPY_DST,
        );
        let buffers = [&task, samples, &partial, &total];
        let entries: Vec<wgpu::BindGroupEntry> = (0..)
            .zip(buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        let bindings = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &self.layout,
            entries: &entries,
        });
        self.outputs = Some(Outputs {
            task,
            partial,
            total,
            read,
            bindings,
        });
        self.check()
    }

    fn submit(
        &self,
        plan: &Plan,
        band: Band,
        [sweep, reduce]: [&ComputePipeline; 2],
        outputs: &Outputs,
    ) -> Result<SubmissionIndex, Gone> {
        let task = Sweep {
            nodes: plan.nodes,
            threads: plan.threads,
            first_row: band.first_row,
            rows: band.rows,
            batches: plan.batches,
            chunks: plan.chunks,
        };
        self.queue
            .write_buffer(&outputs.task, 0, bytemuck::bytes_of(&task));
        let mut encoder = self.device.create_command_encoder(&Default::default());
        let [x, y, z] = plan.groups(band);
        let nodes = plan.nodes[0] * band.rows;
        for (pipeline, groups, stamp) in [
            (sweep, [x, y, z], [Some(0), None]),
            (reduce, [nodes.div_ceil(REDUCED), 1, 1], [None, Some(1)]),
        ] {
            let [begin, end] = stamp;
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: None,
                timestamp_writes: self.clock.as_ref().map(|clock| {
                    wgpu::ComputePassTimestampWrites {
                        query_set: &clock.queries,
                        beginning_of_pass_write_index: begin,
                        end_of_pass_write_index: end,
                    }
                }),
            });
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, &outputs.bindings, &[]);
            pass.dispatch_workgroups(groups[0], groups[1], groups[2]);
        }
        let bytes = u64::from(nodes) * size_of::<Sum>() as u64;
        encoder.copy_buffer_to_buffer(&outputs.total, 0, &outputs.read, 0, bytes);
        if let Some(clock) = &self.clock {
            encoder.resolve_query_set(&clock.queries, 0..2, &clock.resolved, 0);
            encoder.copy_buffer_to_buffer(&clock.resolved, 0, &outputs.read, bytes, STAMPS_BYTES);
        }
        let submission = self.queue.submit([encoder.finish()]);
        self.check()?;
        Ok(submission)
    }

    /// Appends a band's sums, of so many bytes, and gives its time stamps. `None` once `go_on` says no.
    fn read(
        &self,
        outputs: &Outputs,
        bytes: u64,
        submission: SubmissionIndex,
        values: &mut Vec<f64>,
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<Option<[u64; 2]>, Gone> {
        let (sender, receiver) = mpsc::channel();
        let all = 0..bytes + STAMPS_BYTES;
        outputs
            .read
            .map_async(MapMode::Read, all.clone(), move |mapped| {
                // Nobody listens any more after a cancellation.
                let _ = sender.send(mapped);
            });
        loop {
            let wait = PollType::Wait {
                submission_index: Some(submission.clone()),
                timeout: Some(PATIENCE),
            };
            match self.device.poll(wait) {
                Ok(_) | Err(wgpu::PollError::Timeout) => {}
                Err(error) => return Err(Gone(error.to_string())),
            }
            match receiver.recv_timeout(Duration::ZERO) {
                Ok(Ok(())) => break,
                Err(RecvTimeoutError::Timeout) => self.check()?,
                Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => return Err(self.gone()),
            }
            if !go_on() {
                return Ok(None);
            }
        }
        self.check()?;
        let view = outputs.read.get_mapped_range(all);
        let (sums, stamps) = view.split_at(bytes as usize);
        values.extend(
            sums.chunks_exact(size_of::<Sum>())
                .map(|sum| bytemuck::pod_read_unaligned::<Sum>(sum).value()),
        );
        let stamps = bytemuck::pod_read_unaligned(stamps);
        drop(view);
        outputs.read.unmap();
        Ok(Some(stamps))
    }

    fn check(&self) -> Result<(), Gone> {
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        fault.clone().map_or(Ok(()), |message| Err(Gone(message)))
    }

    fn gone(&self) -> Gone {
        let unknown = || Gone("the device does not answer".to_owned());
        self.check().err().unwrap_or_else(unknown)
    }
}

fn buffer(device: &Device, size: u64, usage: BufferUsages) -> Buffer {
    device.create_buffer(&BufferDescriptor {
        label: None,
        size,
        usage,
        mapped_at_creation: false,
    })
}
