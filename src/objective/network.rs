//! Fully connected networks: the loss over all their weights and biases, with exact derivatives.

use std::cell::RefCell;
use std::fmt::Debug;
use std::sync::Arc;

use pulp::Arch;
use rayon::prelude::*;

use self::pass::{Gradient, Loss, Outputs, Room};
use self::product::BLOCK;
use self::samples::Block;
use self::tangent::{Product, TangentRoom};
use super::softmax::lanes::dispatch;
use super::{GoOn, Objective};
use crate::landscape::{Domain, Grid};
use crate::plane::Plane;

mod activation;
mod decision;
mod hidden;
mod init;
mod pass;
mod product;
mod samples;
mod shape;
mod sweep;
mod tangent;
#[cfg(test)]
mod tests;
mod toys;

pub use activation::Activation;
pub use decision::{Region, Sight, SightKind};
pub use init::Init;
pub use samples::{Samples, Targets};
pub use shape::{Layer, Shape};
pub use toys::Toy;

/// Parameters that a network may have.
pub const MAX_PARAMETERS: usize = 20_000;
/// Samples that its loss may be over.
pub const MAX_SAMPLES: usize = 10_000;

/// Multiplications of one task; fixed, so that sums do not depend on the number of threads.
const TASK: usize = 4_000_000;

/// The mean loss of a fully connected network over samples: cross-entropy over the softmax of its outputs where there are
/// labels, the squared error where there are numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    shape: Shape,
    samples: Arc<Samples>,
    /// Over the samples that were kept apart.
    held_out: Option<Arc<Network>>,
}

impl Network {
    /// `None` unless the network has as many inputs as the samples have features, and an output for each class, or one.
    pub fn new(shape: Shape, samples: Arc<Samples>) -> Option<Network> {
        let outputs = match samples.targets() {
            // Of some of the samples the last class may be missing.
            Targets::Labels(_) => shape.outputs() >= samples.outputs(),
            Targets::Numbers(_) => shape.outputs() == 1,
        };
        let fits = shape.inputs() == samples.width() && outputs;
        fits.then_some(Network {
            shape,
            samples,
            held_out: None,
        })
    }

    /// The same with samples that are kept apart. `None` unless it fits them, too.
    pub fn with_held_out(self, samples: Arc<Samples>) -> Option<Network> {
        let held_out = Network::new(self.shape.clone(), samples)?;
        Some(Network {
            held_out: Some(Arc::new(held_out)),
            ..self
        })
    }

    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// What its loss is over.
    pub fn data(&self) -> &Arc<Samples> {
        &self.samples
    }

    /// What a network with the parameters `w` puts out at points, row by row, as many numbers a row as there are outputs: one for
    /// each class, whose softmax are their probabilities, or a number.
    pub fn outputs(&self, w: &[f64], points: &[f64]) -> Vec<f64> {
        self.outputs_of(&Block::of_points(self.shape.inputs(), points), w)
    }

    fn outputs_of(&self, blocks: &[Block], w: &[f64]) -> Vec<f64> {
        with_room(|room: &mut Room| {
            room.fit(&self.shape);
            let shape = &self.shape;
            let pass = Outputs {
                shape,
                blocks,
                w,
                room,
            };
            dispatch(Arch::new(), pass)
        })
    }

    /// About how many multiplications one sample takes forwards.
    fn cost_forwards(&self) -> usize {
        let hidden: usize = self
            .shape
            .layers()
            .filter(|l| l.is_hidden)
            .map(|l| l.outputs)
            .sum();
        let outputs = 20 * self.shape.outputs();
        self.shape.parameters() + hidden * self.shape.activation.cost() + outputs
    }

    /// Blocks that one task takes.
    fn blocks_a_task(&self) -> usize {
        (TASK / (3 * self.cost_forwards() * BLOCK)).max(1)
    }

    /// Puts the sums over tasks together, the vectors' and the numbers'. What is one task has no threads.
    fn over_tasks(
        &self,
        blocks: &[Block],
        out: &mut [f64],
        task: impl Fn(&[Block], &mut [f64]) -> f64 + Sync,
    ) -> f64 {
        out.fill(0.0);
        let size = self.blocks_a_task();
        if blocks.len() <= size {
            return task(blocks, out);
        }
        let part = |blocks: &[Block]| {
            let mut part = vec![0.0; out.len()];
            let sum = task(blocks, &mut part);
            (sum, part)
        };
        let parts: Vec<(f64, Vec<f64>)> = blocks.par_chunks(size).map(part).collect();
        let mut total = 0.0;
        for (sum, part) in parts {
            total += sum;
            out.iter_mut()
                .zip(part)
                .for_each(|(out, part)| *out += part);
        }
        total
    }

    /// Writes the sum of the gradients over blocks, and returns that of the losses.
    fn sums(&self, blocks: &[Block], w: &[f64], out: &mut [f64]) -> f64 {
        self.over_tasks(blocks, out, |blocks, gradient| {
            with_room(|room: &mut Room| {
                room.fit(&self.shape);
                let pass = Gradient {
                    shape: &self.shape,
                    blocks,
                    w,
                    room,
                    gradient,
                };
                dispatch(Arch::new(), pass)
            })
        })
    }
}

/// Each thread keeps its room: to make it anew would take as long as a small network's pass.
fn with_room<T>(work: impl FnOnce(&mut Room) -> T) -> T {
    thread_local! {
        static ROOM: RefCell<Room> = RefCell::default();
    }
    ROOM.with_borrow_mut(work)
}

/// The same for what goes along a direction.
fn with_tangent_room<T>(work: impl FnOnce(&mut TangentRoom) -> T) -> T {
    thread_local! {
        static ROOM: RefCell<TangentRoom> = RefCell::default();
    }
    ROOM.with_borrow_mut(work)
}

impl Objective for Network {
    fn dim(&self) -> usize {
        self.shape.parameters()
    }

    fn value(&self, w: &[f64]) -> f64 {
        let sum = self.over_tasks(self.samples.blocks(), &mut [], |blocks, _| {
            with_room(|room| {
                room.fit(&self.shape);
                let pass = Loss {
                    shape: &self.shape,
                    blocks,
                    w,
                    room,
                };
                dispatch(Arch::new(), pass)
            })
        });
        sum / self.samples.len() as f64
    }

    fn gradient(&self, w: &[f64], out: &mut [f64]) -> f64 {
        let count = self.samples.len() as f64;
        let sum = self.sums(self.samples.blocks(), w, out);
        out.iter_mut().for_each(|g| *g /= count);
        sum / count
    }

    fn cost(&self) -> usize {
        // With the whole vectors in which they are taken, backwards being twice the way forwards.
        self.samples.len() * self.cost_forwards() * 3 / 4
    }

    fn hessian_product(&self, w: &[f64], direction: &[f64], out: &mut [f64]) {
        self.over_tasks(self.samples.blocks(), out, |blocks, out| {
            with_tangent_room(|room| {
                room.fit(&self.shape);
                let pass = Product {
                    shape: &self.shape,
                    blocks,
                    w,
                    direction,
                    room,
                    out,
                };
                dispatch(Arch::new(), pass);
            });
            0.0
        });
        let count = self.samples.len() as f64;
        out.iter_mut().for_each(|x| *x /= count);
    }

    fn sweep(&self, plane: &Plane, domain: Domain, size: [usize; 2], go_on: &GoOn) -> Option<Grid> {
        sweep::sweep(self, plane, domain, size, go_on)
    }

    fn samples(&self) -> Option<usize> {
        Some(self.samples.len())
    }

    fn batch_gradient(&self, w: &[f64], batch: &[usize], out: &mut [f64]) {
        self.sums(&self.samples.gather(batch), w, out);
        out.iter_mut().for_each(|g| *g /= batch.len() as f64);
    }

    fn over(&self, batch: &[usize]) -> Option<Arc<dyn Objective>> {
        let samples = Arc::new(self.samples.of(batch)?);
        Some(Arc::new(Network::new(self.shape.clone(), samples)?))
    }

    fn accuracy(&self, w: &[f64]) -> Option<f64> {
        let Targets::Labels(labels) = self.samples.targets() else {
            return None;
        };
        let outputs = self.outputs_of(self.samples.blocks(), w);
        let rows = outputs.chunks_exact(self.shape.outputs());
        let right = rows.zip(labels).filter(|(row, label)| names(row, **label));
        Some(right.count() as f64 / labels.len() as f64)
    }

    fn held_out(&self) -> Option<&dyn Objective> {
        self.held_out.as_deref().map(|held_out| held_out as _)
    }

    fn as_network(&self) -> Option<&Network> {
        Some(self)
    }
}

/// Whether this class has the greatest output, alone.
fn names(outputs: &[f64], class: usize) -> bool {
    let mut others = outputs.iter().enumerate().filter(|(k, _)| *k != class);
    others.all(|(_, other)| outputs[class] > *other)
}
