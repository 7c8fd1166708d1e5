//! The kit for compute shaders: source and bindings, dispatches one after another, their time, and what they computed.

use std::borrow::Cow;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, BindGroupLayout, BindGroupLayoutDescriptor,
    BindGroupLayoutEntry, BindingType, Buffer, BufferBindingType, BufferUsages,
    ComputePassDescriptor, ComputePassTimestampWrites, ComputePipeline, ComputePipelineDescriptor,
    Features, MapMode, PipelineCompilationOptions, PipelineLayout, PipelineLayoutDescriptor,
    PollError, PollType, QuerySet, QuerySetDescriptor, QueryType, ShaderModule,
    ShaderModuleDescriptor, ShaderSource, ShaderStages,
};

use super::context::{Context, DeviceFailure};

/// How often a wait asks whether to go on.
const PATIENCE: Duration = Duration::from_millis(20);
/// The two time stamps follow what is read back.
const STAMPS_BYTES: u64 = 16;
/// What the offset of resolved queries must be a multiple of.
const RESOLVE_BYTES: u64 = 256;

/// What a shader does with a binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Uniform,
    Read,
    ReadWrite,
}

/// A shader's text and its bindings 0, 1, 2, … of group 0.
#[derive(Debug)]
pub struct Program {
    module: ShaderModule,
    bindings: BindGroupLayout,
    layout: PipelineLayout,
}

impl Program {
    /// `name` is the shader's, for messages.
    ///
    /// # Errors
    /// If the source is no shader, or the device has had enough.
    pub fn new(
        context: &Context,
        name: &str,
        source: &str,
        bindings: &[Access],
    ) -> Result<Program, DeviceFailure> {
        let device = context.device();
        let entries: Vec<BindGroupLayoutEntry> = (0..)
            .zip(bindings)
            .map(|(binding, access)| BindGroupLayoutEntry {
                binding,
                visibility: ShaderStages::COMPUTE,
                ty: BindingType::Buffer {
                    ty: match access {
                        Access::Uniform => BufferBindingType::Uniform,
                        Access::Read => BufferBindingType::Storage { read_only: true },
                        Access::ReadWrite => BufferBindingType::Storage { read_only: false },
                    },
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            })
            .collect();
        context.watch(|| {
            let module = device.create_shader_module(ShaderModuleDescriptor {
                label: Some(name),
                source: ShaderSource::Wgsl(Cow::Borrowed(source)),
            });
            let bindings = device.create_bind_group_layout(&BindGroupLayoutDescriptor {
                label: Some(name),
                entries: &entries,
            });
            let layout = device.create_pipeline_layout(&PipelineLayoutDescriptor {
                label: Some(name),
                bind_group_layouts: &[Some(&bindings)],
                ..Default::default()
            });
            Ok(Program {
                module,
                bindings,
                layout,
            })
        })
    }

    /// One of the shader's entry points with its overridable constants. Everything in workgroup memory must be written
    /// before it is read.
    ///
    /// # Errors
    /// If there is no such entry point or constant.
    pub fn kernel(
        &self,
        context: &Context,
        entry: &str,
        constants: &[(&str, f64)],
    ) -> Result<ComputePipeline, DeviceFailure> {
        context.watch(|| {
            let descriptor = ComputePipelineDescriptor {
                label: Some(entry),
                layout: Some(&self.layout),
                module: &self.module,
                entry_point: Some(entry),
                compilation_options: PipelineCompilationOptions {
                    constants,
                    zero_initialize_workgroup_memory: false,
                },
                cache: None,
            };
            Ok(context.device().create_compute_pipeline(&descriptor))
        })
    }

    /// Buffers for the bindings, in their order.
    pub fn bind(&self, context: &Context, buffers: &[&Buffer]) -> BindGroup {
        let entries: Vec<BindGroupEntry> = (0..)
            .zip(buffers)
            .map(|(binding, buffer)| BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        context.device().create_bind_group(&BindGroupDescriptor {
            label: None,
            layout: &self.bindings,
            entries: &entries,
        })
    }
}

/// One dispatch.
pub struct Dispatch<'a> {
    pub kernel: &'a ComputePipeline,
    pub bindings: &'a BindGroup,
    /// Workgroups along x, y and z.
    pub groups: [u32; 3],
}

/// Submits dispatches, times them where the device can, and reads back what they computed.
#[derive(Debug)]
pub struct Runner {
    clock: Option<Clock>,
    staging: Option<Buffer>,
}

/// Two time stamps, and where they are resolved to.
#[derive(Debug)]
struct Clock {
    queries: QuerySet,
    resolved: Buffer,
    nanoseconds: f64,
}

impl Runner {
    pub fn new(context: &Context) -> Runner {
        let device = context.device();
        let has_stamps = device.features().contains(Features::TIMESTAMP_QUERY);
        let usage = BufferUsages::QUERY_RESOLVE | BufferUsages::COPY_SRC;
        let clock = has_stamps.then(|| Clock {
            queries: device.create_query_set(&QuerySetDescriptor {
                label: None,
                ty: QueryType::Timestamp,
                count: 2,
            }),
            resolved: context.buffer(RESOLVE_BYTES, usage),
            nanoseconds: f64::from(context.queue().get_timestamp_period()),
        });
        Runner {
            clock,
            staging: None,
        }
    }

    /// Runs dispatches in one submission and hands the first `bytes` (a multiple of 8) of the buffer `result` to `read`.
    /// Gives the time that the device took, if it can tell. `None` once `go_on` says no: then the device may still be
    /// writing to the buffers of the bindings.
    ///
    /// # Errors
    /// Those of the device, its loss among them.
    pub fn run(
        &mut self,
        context: &Context,
        dispatches: &[Dispatch],
        (result, bytes): (&Buffer, u64),
        read: impl FnOnce(&[u8]),
        go_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<Option<Option<Duration>>, DeviceFailure> {
        let whole = bytes + STAMPS_BYTES;
        // Taken: after a failure or a cancellation it may still be mapped.
        let staging = match self.staging.take() {
            Some(staging) if staging.size() >= whole => staging,
            _ => context.buffer(whole, BufferUsages::MAP_READ | BufferUsages::COPY_DST),
        };
        let waited = context.watch(|| {
            let submission = self.submit(context, dispatches, result, bytes, &staging);
            wait(context, &staging, whole, submission, go_on)
        })?;
        if waited.is_none() {
            return Ok(None);
        }
        let view = staging.get_mapped_range(0..whole);
        let (results, stamps) = view.split_at(bytes as usize);
        read(results);
        let [from, to]: [u64; 2] = bytemuck::pod_read_unaligned(stamps);
        drop(view);
        staging.unmap();
        self.staging = Some(staging);
        Ok(Some(self.clock.as_ref().map(|clock| {
            Duration::from_nanos((to.saturating_sub(from) as f64 * clock.nanoseconds) as u64)
        })))
    }

    fn submit(
        &self,
        context: &Context,
        dispatches: &[Dispatch],
        result: &Buffer,
        bytes: u64,
        staging: &Buffer,
    ) -> wgpu::SubmissionIndex {
        let mut encoder = context.device().create_command_encoder(&Default::default());
        for (i, dispatch) in dispatches.iter().enumerate() {
            let is_first = i == 0;
            let is_last = i + 1 == dispatches.len();
            let timestamp_writes = self.clock.as_ref().filter(|_| is_first || is_last);
            let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor {
                label: None,
                timestamp_writes: timestamp_writes.map(|clock| ComputePassTimestampWrites {
                    query_set: &clock.queries,
                    beginning_of_pass_write_index: is_first.then_some(0),
                    end_of_pass_write_index: is_last.then_some(1),
                }),
            });
            let [x, y, z] = dispatch.groups;
            pass.set_pipeline(dispatch.kernel);
            pass.set_bind_group(0, dispatch.bindings, &[]);
            pass.dispatch_workgroups(x, y, z);
        }
        encoder.copy_buffer_to_buffer(result, 0, staging, 0, bytes);
        if let Some(clock) = &self.clock {
            encoder.resolve_query_set(&clock.queries, 0..2, &clock.resolved, 0);
            encoder.copy_buffer_to_buffer(&clock.resolved, 0, staging, bytes, STAMPS_BYTES);
        }
        context.queue().submit([encoder.finish()])
    }
}

/// Waits until the first bytes of the staging buffer are mapped. `None` once `go_on` says no.
fn wait(
    context: &Context,
    staging: &Buffer,
    bytes: u64,
    submission: wgpu::SubmissionIndex,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Result<Option<()>, DeviceFailure> {
    let (sender, receiver) = mpsc::channel();
    staging.map_async(MapMode::Read, 0..bytes, move |mapped| {
        // Nobody listens any more after a cancellation.
        let _ = sender.send(mapped);
    });
    loop {
        let poll = PollType::Wait {
            submission_index: Some(submission.clone()),
            timeout: Some(PATIENCE),
        };
        match context.device().poll(poll) {
            Ok(_) | Err(PollError::Timeout) => {}
            Err(error) => return Err(DeviceFailure(error.to_string())),
        }
        match receiver.recv_timeout(Duration::ZERO) {
            // A destroyed device's buffers are mapped, and cannot be read.
            Ok(Ok(())) => return context.check().map(Some),
            Err(RecvTimeoutError::Timeout) => context.check()?,
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => {
                return Err(DeviceFailure::silent());
            }
        }
        if !go_on() {
            return Ok(None);
        }
    }
}
