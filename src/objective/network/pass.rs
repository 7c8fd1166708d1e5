//! A block of samples through a network: forwards to the loss, and backwards to its gradient (Rumelhart, Hinton & Williams
//! 1986).

use pulp::{Simd, WithSimd};

use super::activation::activate;
use super::product::{BLOCK, Begin, Matrix, add_outer, add_sums, multiply};
use super::samples::{Block, Targets};
use super::shape::{Layer, Shape};
use crate::objective::softmax::lanes::{Fused, exp};

/// Samples whose losses share a logarithm: the product of their sums of exponentials is far from the largest number, as each
/// is at most the number of classes.
const SHARE: usize = 32;

/// Room for the numbers of one block, layer by layer, [`BLOCK`] for each unit.
#[derive(Default)]
pub(super) struct Room {
    /// What each layer puts out; of the last one the logits, and what the loss makes of them.
    pub values: Vec<Vec<f64>>,
    /// The activations' derivatives; none of the last layer.
    pub slopes: Vec<Vec<f64>>,
    /// The derivatives of the loss by a layer's output, and by its input.
    pub deltas: [Vec<f64>; 2],
}

impl Room {
    /// Makes room for a network.
    pub fn fit(&mut self, shape: &Shape) {
        let widest = shape.widths().iter().copied().max().unwrap_or(0);
        fit_layers(&mut self.values, shape);
        fit_layers(&mut self.slopes, shape);
        for delta in &mut self.deltas {
            delta.resize(widest * BLOCK, 0.0);
        }
    }
}

/// Makes room for every layer's output.
pub(super) fn fit_layers(room: &mut Vec<Vec<f64>>, shape: &Shape) {
    room.resize_with(shape.widths().len() - 1, Vec::new);
    for (room, width) in room.iter_mut().zip(&shape.widths()[1..]) {
        room.resize(width * BLOCK, 0.0);
    }
}

/// The sum of the losses over blocks.
pub(super) struct Loss<'a> {
    pub shape: &'a Shape,
    pub blocks: &'a [Block],
    pub w: &'a [f64],
    pub room: &'a mut Room,
}

impl WithSimd for Loss<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let mut sum = 0.0;
        for block in self.blocks {
            forward::<S, false>(simd, self.shape, block, self.w, self.room);
            sum += loss::<S, false>(block, self.room.values.last_mut());
        }
        sum
    }
}

/// The same, and the sum of the gradients, which is added to `gradient`.
pub(super) struct Gradient<'a> {
    pub shape: &'a Shape,
    pub blocks: &'a [Block],
    pub w: &'a [f64],
    pub room: &'a mut Room,
    pub gradient: &'a mut [f64],
}

impl WithSimd for Gradient<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let mut sum = 0.0;
        for block in self.blocks {
            forward::<S, true>(simd, self.shape, block, self.w, self.room);
            sum += loss::<S, true>(block, self.room.values.last_mut());
            backward(simd, self.shape, block, self.w, self.room, self.gradient);
        }
        sum
    }
}

/// What the network puts out for the samples of blocks, before any loss: sample by sample, a number for each output.
pub(super) struct Outputs<'a> {
    pub shape: &'a Shape,
    pub blocks: &'a [Block],
    pub w: &'a [f64],
    pub room: &'a mut Room,
}

impl WithSimd for Outputs<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<f64> {
        let mut all = Vec::new();
        for block in self.blocks {
            forward::<S, false>(simd, self.shape, block, self.w, self.room);
            let last = &self.room.values[self.shape.widths().len() - 2];
            for k in 0..block.len {
                all.extend(last.chunks_exact(BLOCK).map(|row| row[k]));
            }
        }
        all
    }
}

/// A layer's weight.
pub(super) fn weight<'a>(w: &'a [f64], layer: &Layer) -> Matrix<'a> {
    Matrix::of(&w[layer.at..layer.bias()], layer.outputs, layer.inputs)
}

/// Fills in the layers' outputs, and with `SLOPES` the derivatives of their activations.
#[inline(always)]
pub(super) fn forward<S: Fused, const SLOPES: bool>(
    simd: S,
    shape: &Shape,
    block: &Block,
    w: &[f64],
    room: &mut Room,
) {
    let samples = block.padded();
    for (k, layer) in shape.layers().enumerate() {
        let (before, rest) = room.values.split_at_mut(k);
        let x = before.last().map_or(&block.x, |x| x);
        let y = &mut rest[0];
        let bias = Begin::Bias(&w[layer.bias()..layer.end()]);
        multiply(simd, weight(w, &layer), bias, x, y, samples);
        if layer.is_hidden {
            for unit in 0..layer.outputs {
                let range = unit * BLOCK..unit * BLOCK + samples;
                let slopes = SLOPES.then(|| &mut room.slopes[k][range.clone()]);
                activate::<S>(shape.activation, &mut y[range], slopes, None);
            }
        }
        if layer.is_residual {
            add(y, x, layer.outputs);
        }
    }
}

#[inline(always)]
pub(super) fn add(y: &mut [f64], x: &[f64], units: usize) {
    let x = &x[..units * BLOCK];
    y.iter_mut().zip(x).for_each(|(y, x)| *y += x);
}

/// The sum of the losses of a block. With `DELTA` the last layer's output becomes the derivative of that sum by it.
#[inline(always)]
pub(super) fn loss<S: Fused, const DELTA: bool>(block: &Block, last: Option<&mut Vec<f64>>) -> f64 {
    let Some(last) = last else {
        return f64::NAN;
    };
    match &block.targets {
        Targets::Numbers(numbers) => squares(numbers, last),
        Targets::Labels(labels) => cross_entropy::<S, DELTA>(labels, last, block.padded()),
    }
}

#[inline(always)]
fn squares(numbers: &[f64], last: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for (z, number) in last.iter_mut().zip(numbers) {
        let error = *z - number;
        sum += error * error;
        *z = 2.0 * error;
    }
    last[numbers.len()..BLOCK].fill(0.0);
    sum
}

#[inline(always)]
fn cross_entropy<S: Fused, const DELTA: bool>(
    labels: &[usize],
    last: &mut [f64],
    samples: usize,
) -> f64 {
    let mut greatest = [f64::NEG_INFINITY; BLOCK];
    for row in last.chunks_exact(BLOCK) {
        for (greatest, z) in greatest.iter_mut().zip(&row[..samples]) {
            *greatest = if *z > *greatest { *z } else { *greatest };
        }
    }
    let mut total = 0.0;
    for (k, label) in labels.iter().enumerate() {
        total += greatest[k] - last[label * BLOCK + k];
    }
    let mut sum = [0.0; BLOCK];
    for row in last.chunks_exact_mut(BLOCK) {
        for ((z, sum), greatest) in row[..samples].iter_mut().zip(&mut sum).zip(&greatest) {
            *z = exp::<S>(*z - *greatest);
            *sum += *z;
        }
    }
    for shared in sum[..labels.len()].chunks(SHARE) {
        total += shared.iter().product::<f64>().ln();
    }
    if DELTA {
        for sum in &mut sum[..samples] {
            *sum = 1.0 / *sum;
        }
        // Those behind the last sample have no part in anything.
        sum[labels.len()..].fill(0.0);
        for row in last.chunks_exact_mut(BLOCK) {
            for (p, reciprocal) in row[..samples].iter_mut().zip(&sum) {
                *p *= reciprocal;
            }
        }
        for (k, label) in labels.iter().enumerate() {
            last[label * BLOCK + k] -= 1.0;
        }
    }
    total
}

/// Adds the gradient of a block's losses to `gradient`. The last layer's output holds their derivative by it.
#[inline(always)]
fn backward<S: Fused>(
    simd: S,
    shape: &Shape,
    block: &Block,
    w: &[f64],
    room: &mut Room,
    gradient: &mut [f64],
) {
    let samples = block.padded();
    let Room {
        values,
        slopes,
        deltas: [by_output, by_input],
    } = room;
    let widths = shape.widths();
    let outputs = shape.outputs();
    by_output[..outputs * BLOCK].copy_from_slice(&values[values.len() - 1][..outputs * BLOCK]);
    let mut end = shape.parameters();
    for k in (0..widths.len() - 1).rev() {
        let layer = layer_at(shape, k, end);
        end = layer.at;
        let delta = &mut by_output[..layer.outputs * BLOCK];
        if layer.is_residual {
            by_input[..delta.len()].copy_from_slice(delta);
        }
        if layer.is_hidden {
            let slopes = &slopes[k];
            delta.iter_mut().zip(slopes).for_each(|(d, s)| *d *= s);
        }
        let x = if k == 0 { &block.x } else { &values[k - 1] };
        let (weights, biases) =
            gradient[layer.at..layer.end()].split_at_mut(layer.bias() - layer.at);
        add_outer(
            simd,
            delta,
            x,
            weights,
            [layer.outputs, layer.inputs],
            samples,
        );
        add_sums(simd, delta, biases, samples);
        if k > 0 {
            let begin = if layer.is_residual {
                Begin::Same
            } else {
                Begin::Zero
            };
            multiply(
                simd,
                weight(w, &layer).transposed(),
                begin,
                delta,
                by_input,
                samples,
            );
            std::mem::swap(by_output, by_input);
        }
    }
}

/// Layer `k`, whose parameters end before `end`.
pub(super) fn layer_at(shape: &Shape, k: usize, end: usize) -> Layer {
    let widths = shape.widths();
    let (inputs, outputs) = (widths[k], widths[k + 1]);
    let is_hidden = k + 2 < widths.len();
    Layer {
        inputs,
        outputs,
        at: end - outputs * (inputs + 1),
        is_hidden,
        is_residual: shape.residual && is_hidden && inputs == outputs,
    }
}
