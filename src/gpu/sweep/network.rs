//! Networks on a device: what `shaders/network.wgsl` is given, in parts that a device finishes soon, and whether single precision
//! does for what came of it.
//!
//! Every node is exact to [`BOUND`]·(1 + loss). That is looked at: some nodes are worked out in double precision, too, and where one
//! of them is further off, or the surface hardly rises above such errors, the CPU sweeps instead.

use bytemuck::{Pod, Zeroable};
use wgpu::{Buffer, BufferUsages, ComputePipeline, DeviceType};

use crate::gpu::context::{Context, DeviceFailure};
use crate::gpu::kernel::{Access, Dispatch, Program, Runner};
use crate::landscape::{Domain, Grid};
use crate::objective::formula::wgsl::below_imports;
use crate::objective::network::{Activation, Targets};
use crate::objective::{GoOn, Network, Objective};
use crate::plane::Plane;

const SHADER: &str = include_str!("../../../shaders/network.wgsl");

/// Greatest error of a node, over 1 + its loss.
pub const BOUND: f64 = 1e-5;
/// How much more than that the losses of a grid must differ.
const RELIEF: f64 = 1000.0;
/// Nodes along each side that are looked at.
const LOOKS: usize = 3;
/// Units of the widest layer, at most: a thread keeps two layers.
const WIDEST: usize = 256;
/// Threads of a workgroup, each with a sample.
const THREADS: usize = 64;
/// Workgroups along one dimension, at most.
const MOST_GROUPS: usize = 65_535;
/// Bytes of the parameters of a part's nodes, at most.
const PART_BYTES: usize = 64 << 20;
const HIDDEN: u32 = 1;
const RESIDUAL: u32 = 2;

/// Multiplications of a submission: a small part of the second or two after which systems reset a graphics card.
fn work(device: DeviceType) -> usize {
    match device {
        DeviceType::DiscreteGpu => 20_000_000_000,
        DeviceType::Cpu => 200_000_000,
        _ => 2_000_000_000,
    }
}

/// As the shader has it.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Task {
    first: u32,
    nodes: u32,
    columns: u32,
    samples: u32,
    parameters: u32,
    layers: u32,
    activation: u32,
    has_labels: u32,
    coordinates: u32,
    plane: u32,
    features: u32,
    targets: u32,
}

/// What came of a sweep.
pub(super) enum Swept {
    Whole(Grid),
    /// Nobody wants it any more.
    Cancelled,
    /// Not for single precision, or not for this device, and why.
    Unfit(&'static str),
}

pub(super) struct NetworkEngine {
    context: Context,
    runner: Runner,
    /// For the widest layer of so many units.
    compiled: Option<(usize, Kernels)>,
}

struct Kernels {
    program: Program,
    place: ComputePipeline,
    sweep: ComputePipeline,
}

/// All that does not change from part to part.
struct Job {
    task: Task,
    words: Vec<u32>,
    widest: usize,
    /// Workgroups for a node.
    blocks: usize,
    /// Nodes of a part.
    part: usize,
}

impl NetworkEngine {
    pub fn new(context: Context) -> NetworkEngine {
        NetworkEngine {
            runner: Runner::new(&context),
            context,
            compiled: None,
        }
    }

    /// The losses over a grid, in the coordinates of the plane.
    pub fn sweep(
        &mut self,
        network: &Network,
        plane: &Plane,
        domain: Domain,
        [cols, rows]: [usize; 2],
        go_on: &GoOn,
    ) -> Result<Swept, DeviceFailure> {
        let mut grid = Grid::empty(domain, cols, rows);
        if is_finer_than_single_precision(plane, &grid) {
            return Ok(Swept::Unfit(
                "the plane is seen too closely for the GPU's numbers",
            ));
        }
        let job = match Job::of(network, plane, &grid, &self.context) {
            Ok(job) => job,
            Err(reason) => return Ok(Swept::Unfit(reason)),
        };
        let nodes = grid.cols * grid.rows;
        let Some(sums) = self.run(&job, nodes, go_on)? else {
            return Ok(Swept::Cancelled);
        };
        let count = network.data().len() as f64;
        grid.values = sums.into_iter().map(|sum| sum / count).collect();
        if !go_on() {
            return Ok(Swept::Cancelled);
        }
        Ok(match doubt(network, plane, &grid) {
            Some(reason) => Swept::Unfit(reason),
            None => Swept::Whole(grid),
        })
    }

    /// The sums over the samples at all nodes. `None` once `go_on` says no.
    fn run(
        &mut self,
        job: &Job,
        nodes: usize,
        go_on: &GoOn,
    ) -> Result<Option<Vec<f64>>, DeviceFailure> {
        self.compile(job.widest)?;
        let context = self.context.clone();
        let Some((_, kernels)) = &self.compiled else {
            return Err(DeviceFailure::silent());
        };
        let [task, data, weights, losses] = context.watch(|| Ok(buffers(&context, job)))?;
        let bindings = context.watch(|| {
            let buffers = [&task, &data, &weights, &losses];
            Ok(kernels.program.bind(&context, &buffers))
        })?;
        let mut sums = Vec::with_capacity(nodes);
        for first in (0..nodes).step_by(job.part) {
            let part = job.part.min(nodes - first);
            let now = Task {
                first: first as u32,
                nodes: part as u32,
                ..job.task
            };
            context.watch(|| {
                let bytes = bytemuck::bytes_of(&now);
                context.queue().write_buffer(&task, 0, bytes);
                Ok(())
            })?;
            let across = (job.task.parameters as usize).div_ceil(THREADS);
            let dispatches = [
                (&kernels.place, [across, part, 1]),
                (&kernels.sweep, [part, job.blocks, 1]),
            ]
            .map(|(kernel, groups)| Dispatch {
                kernel,
                bindings: &bindings,
                groups: groups.map(|count| count as u32),
            });
            // Whole multiples of eight bytes.
            let bytes = (4 * part * job.blocks).next_multiple_of(8) as u64;
            let read = |bytes: &[u8]| {
                let losses = bytes.chunks_exact(4 * job.blocks).take(part);
                let sum = |node: &[u8]| {
                    let losses = node
                        .chunks_exact(4)
                        .map(bytemuck::pod_read_unaligned::<f32>);
                    losses.map(f64::from).sum::<f64>()
                };
                sums.extend(losses.map(sum));
            };
            let run = self
                .runner
                .run(&context, &dispatches, (&losses, bytes), read, go_on)?;
            if run.is_none() || !go_on() {
                return Ok(None);
            }
        }
        Ok(Some(sums))
    }

    fn compile(&mut self, widest: usize) -> Result<(), DeviceFailure> {
        if matches!(&self.compiled, Some((known, _)) if *known == widest) {
            return Ok(());
        }
        let scalars = include_str!("../../../shaders/scalars.wgsl");
        let own = below_imports(SHADER);
        let source = format!("const WIDTH = {widest}u;\n{scalars}\n{own}");
        let bindings = [
            Access::Uniform,
            Access::Read,
            Access::ReadWrite,
            Access::ReadWrite,
        ];
        let context = &self.context;
        let program = Program::new(context, "network.wgsl", &source, &bindings)?;
        let kernels = Kernels {
            place: program.kernel(context, "place", &[])?,
            sweep: program.kernel(context, "sweep", &[])?,
            program,
        };
        self.compiled = Some((widest, kernels));
        Ok(())
    }
}

/// The task, the data, the parameters and the losses of a part.
fn buffers(context: &Context, job: &Job) -> [Buffer; 4] {
    let storage = BufferUsages::STORAGE;
    let bytes = |words: usize| (4 * words).next_multiple_of(8) as u64;
    let task = context.buffer(
        size_of::<Task>() as u64,
        BufferUsages::UNIFORM | BufferUsages::COPY_DST,
    );
    let data = context.buffer(bytes(job.words.len()), storage | BufferUsages::COPY_DST);
    let words = bytemuck::cast_slice(&job.words);
    context.queue().write_buffer(&data, 0, words);
    let weights = context.buffer(bytes(job.part * job.task.parameters as usize), storage);
    let losses = context.buffer(
        bytes(job.part * job.blocks),
        storage | BufferUsages::COPY_SRC,
    );
    [task, data, weights, losses]
}

impl Job {
    /// What the shader is given. The error says what is too large for it.
    fn of(
        network: &Network,
        plane: &Plane,
        grid: &Grid,
        context: &Context,
    ) -> Result<Job, &'static str> {
        let (shape, samples) = (network.shape(), network.data());
        let widest = shape.widths()[1..].iter().copied().max().unwrap_or(1);
        if widest > WIDEST {
            return Err("a layer of more than 256 units is too wide for the GPU's threads");
        }
        let (parameters, count) = (shape.parameters(), samples.len());
        let mut words = Vec::new();
        for layer in shape.layers() {
            let flags = if layer.is_hidden { HIDDEN } else { 0 };
            let flags = flags | if layer.is_residual { RESIDUAL } else { 0 };
            let numbers = [layer.inputs, layer.outputs, layer.at];
            words.extend(numbers.map(|number| number as u32));
            words.push(flags);
        }
        let mut put = |numbers: &mut dyn Iterator<Item = f64>| -> u32 {
            let at = words.len() as u32;
            words.extend(numbers.map(|x| (x as f32).to_bits()));
            at
        };
        let across = (0..grid.cols).map(|col| grid.x(col));
        let coordinates = put(&mut across.chain((0..grid.rows).map(|row| grid.y(row))));
        let zero = vec![0.0; parameters];
        let directions = [plane.origin(), plane.u(), plane.v().unwrap_or(&zero)];
        let plane = put(&mut directions.into_iter().flatten().copied());
        let (width, all) = (samples.width(), samples.features());
        let by_feature = (0..width).flat_map(|f| (0..count).map(move |k| all[k * width + f]));
        let features = put(&mut by_feature.into_iter());
        let (targets, has_labels) = match samples.targets() {
            Targets::Labels(labels) => (put(&mut labels.iter().map(|&label| label as f64)), 1),
            Targets::Numbers(numbers) => (put(&mut numbers.iter().copied()), 0),
        };
        let most = context.device().limits().max_storage_buffer_binding_size as usize;
        let blocks = count.div_ceil(THREADS);
        if 4 * words.len() > most || blocks > MOST_GROUPS {
            return Err("the samples do not fit the GPU's buffers");
        }
        let part = (work(context.adapter.kind) / (parameters * count))
            .min(PART_BYTES.min(most) / (4 * parameters))
            .min(most / (4 * blocks))
            .clamp(1, MOST_GROUPS);
        Ok(Job {
            task: Task {
                first: 0,
                nodes: 0,
                columns: grid.cols as u32,
                samples: count as u32,
                parameters: parameters as u32,
                layers: shape.widths().len() as u32 - 1,
                activation: match shape.activation {
                    Activation::Tanh => 0,
                    Activation::Relu => 1,
                    Activation::Sigmoid => 2,
                    Activation::Gelu => 3,
                    Activation::Linear => 4,
                },
                has_labels,
                coordinates,
                plane,
                features,
                targets,
            },
            words,
            widest,
            blocks,
            part,
        })
    }
}

/// Whether neighbouring nodes are hardly told apart: what lies between two of them is a few roundings of the parameters.
fn is_finer_than_single_precision(plane: &Plane, grid: &Grid) -> bool {
    const ROUNDINGS: f64 = 16.0;
    let size = |w: &[f64]| w.iter().map(|w| w * w).sum::<f64>().sqrt();
    let far = |[from, to]: [f64; 2]| from.abs().max(to.abs());
    let domain = grid.domain;
    let (u, v) = (size(plane.u()), plane.v().map_or(0.0, size));
    let reach = size(plane.origin()) + u * far(domain.x) + v * far(domain.y_or_zero());
    let step = |[from, to]: [f64; 2], nodes: usize| (to - from) / nodes.max(2) as f64;
    let across = u * step(domain.x, grid.cols);
    let down = match plane.v() {
        Some(_) => v * step(domain.y_or_zero(), grid.rows),
        None => across,
    };
    across.min(down) < ROUNDINGS * f64::from(f32::EPSILON) * reach
}

/// Why the losses should not be trusted, if so.
fn doubt(network: &Network, plane: &Plane, grid: &Grid) -> Option<&'static str> {
    if !grid.values.iter().all(|loss| loss.is_finite()) {
        return Some("losses reach too far for the GPU's numbers");
    }
    let least = grid.values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = grid
        .values
        .iter()
        .copied()
        .fold(f64::NEG_INFINITY, f64::max);
    if most - least < RELIEF * BOUND * (1.0 + least) {
        return Some("the surface is too flat for the GPU's numbers");
    }
    let among = |count: usize| (0..LOOKS).map(move |k| k * (count - 1) / (LOOKS - 1));
    let mut nodes = among(grid.rows).flat_map(|row| among(grid.cols).map(move |col| (col, row)));
    let is_off = nodes.any(|(col, row)| {
        let exact = network.value(&plane.point(grid.x(col), grid.y(row)));
        let error = (grid.values[row * grid.cols + col] - exact).abs();
        // What is no number is off.
        !(error <= BOUND * (1.0 + exact))
    });
    is_off.then_some("single precision does not do here")
}
