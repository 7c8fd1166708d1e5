//! Products of the Hessian with a direction, exact: the backward pass differentiated along the direction (Pearlmutter 1994).

use pulp::{Simd, WithSimd};

use super::activation::activate;
use super::pass::{Room, add, fit_layers, layer_at, loss, weight};
use super::product::{BLOCK, Begin, Matrix, add_outer, add_sums, multiply};
use super::samples::{Block, Targets};
use super::shape::Shape;
use crate::objective::softmax::lanes::Fused;

/// Room for a block's numbers and for their derivatives along the direction.
#[derive(Default)]
pub(super) struct TangentRoom {
    room: Room,
    bends: Vec<Vec<f64>>,
    /// Of what goes into the activations, and of what each layer puts out.
    inner: Vec<Vec<f64>>,
    values: Vec<Vec<f64>>,
    deltas: [Vec<f64>; 2],
}

impl TangentRoom {
    /// Makes room for a network.
    pub fn fit(&mut self, shape: &Shape) {
        self.room.fit(shape);
        for room in [&mut self.bends, &mut self.inner, &mut self.values] {
            fit_layers(room, shape);
        }
        for (own, delta) in self.deltas.iter_mut().zip(&self.room.deltas) {
            own.resize(delta.len(), 0.0);
        }
    }
}

/// Adds the sum of H·direction over blocks to `out`.
pub(super) struct Product<'a> {
    pub shape: &'a Shape,
    pub blocks: &'a [Block],
    pub w: &'a [f64],
    pub direction: &'a [f64],
    pub room: &'a mut TangentRoom,
    pub out: &'a mut [f64],
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for block in self.blocks {
            self.forward(simd, block);
            self.at_loss::<S>(block);
            self.backward(simd, block);
        }
    }
}

impl Product<'_> {
    #[inline(always)]
    fn forward<S: Fused>(&mut self, simd: S, block: &Block) {
        let samples = block.padded();
        let TangentRoom {
            room,
            bends,
            inner,
            values,
            ..
        } = &mut *self.room;
        for (k, layer) in self.shape.layers().enumerate() {
            let (before, rest) = room.values.split_at_mut(k);
            let x = before.last().map_or(&block.x, |x| x);
            let y = &mut rest[0];
            let [bias, along] = [self.w, self.direction].map(|w| &w[layer.bias()..layer.end()]);
            let (m, n) = (weight(self.w, &layer), weight(self.direction, &layer));
            multiply(simd, m, Begin::Bias(bias), x, y, samples);
            let (before, rest) = values.split_at_mut(k);
            let (tangent, inner) = (&mut rest[0], &mut inner[k]);
            multiply(simd, n, Begin::Bias(along), x, inner, samples);
            if let Some(x) = before.last() {
                multiply(simd, m, Begin::Same, x, inner, samples);
            }
            if layer.is_hidden {
                let slopes = &mut room.slopes[k];
                activate::<S>(self.shape.activation, y, Some(slopes), Some(&mut bends[k]));
                for ((t, z), slope) in tangent.iter_mut().zip(&*inner).zip(&*slopes) {
                    *t = z * slope;
                }
            } else {
                tangent.copy_from_slice(inner);
            }
            if layer.is_residual {
                add(y, x, layer.outputs);
                if let Some(x) = before.last() {
                    add(tangent, x, layer.outputs);
                }
            }
        }
    }

    /// Derivatives of the losses by the last layer's output, and of those along the direction.
    #[inline(always)]
    fn at_loss<S: Fused>(&mut self, block: &Block) {
        let TangentRoom { room, values, .. } = &mut *self.room;
        loss::<S, true>(block, room.values.last_mut());
        let (Some(delta), Some(tangent)) = (room.values.last_mut(), values.last_mut()) else {
            return;
        };
        match &block.targets {
            Targets::Numbers(numbers) => {
                tangent.iter_mut().for_each(|t| *t *= 2.0);
                tangent[numbers.len()..BLOCK].fill(0.0);
            }
            Targets::Labels(labels) => {
                let probability = |delta: &[f64], unit: usize, k: usize| {
                    delta[unit * BLOCK + k] + f64::from(u8::from(labels[k] == unit))
                };
                for k in 0..labels.len() {
                    let units = 0..self.shape.outputs();
                    let mean: f64 = units
                        .clone()
                        .map(|unit| probability(delta, unit, k) * tangent[unit * BLOCK + k])
                        .sum();
                    for unit in units {
                        let t = &mut tangent[unit * BLOCK + k];
                        *t = probability(delta, unit, k) * (*t - mean);
                    }
                }
                for tangent in tangent.chunks_exact_mut(BLOCK) {
                    tangent[labels.len()..].fill(0.0);
                }
            }
        }
    }

    #[inline(always)]
    fn backward<S: Fused>(&mut self, simd: S, block: &Block) {
        let samples = block.padded();
        let TangentRoom {
            room:
                Room {
                    values,
                    slopes,
                    deltas: [by_output, by_input],
                },
            bends,
            inner,
            values: tangents,
            deltas: [along_output, along_input],
        } = &mut *self.room;
        let shape = self.shape;
        let last = values.len() - 1;
        let size = shape.outputs() * BLOCK;
        by_output[..size].copy_from_slice(&values[last]);
        along_output[..size].copy_from_slice(&tangents[last]);
        let mut end = shape.parameters();
        for k in (0..=last).rev() {
            let layer = layer_at(shape, k, end);
            end = layer.at;
            let units = layer.outputs * BLOCK;
            let (delta, along) = (&mut by_output[..units], &mut along_output[..units]);
            if layer.is_residual {
                by_input[..units].copy_from_slice(delta);
                along_input[..units].copy_from_slice(along);
            }
            if layer.is_hidden {
                let both = delta.iter_mut().zip(along.iter_mut());
                let derivatives = slopes[k].iter().zip(&bends[k]).zip(&inner[k]);
                for ((d, t), ((slope, bend), z)) in both.zip(derivatives) {
                    *t = *t * slope + *d * bend * z;
                    *d *= slope;
                }
            }
            let out = &mut self.out[layer.at..layer.end()];
            let (weights, biases) = out.split_at_mut(layer.bias() - layer.at);
            let size = [layer.outputs, layer.inputs];
            let x = if k == 0 { &block.x } else { &values[k - 1] };
            add_outer(simd, along, x, weights, size, samples);
            if k > 0 {
                add_outer(simd, delta, &tangents[k - 1], weights, size, samples);
            }
            add_sums(simd, along, biases, samples);
            if k > 0 {
                let of = |w| -> Matrix { weight(w, &layer).transposed() };
                let (m, n) = (of(self.w), of(self.direction));
                let begin = match layer.is_residual {
                    true => Begin::Same,
                    false => Begin::Zero,
                };
                multiply(simd, m, begin, along, along_input, samples);
                multiply(simd, n, Begin::Same, delta, along_input, samples);
                multiply(simd, m, begin, delta, by_input, samples);
                std::mem::swap(by_output, by_input);
                std::mem::swap(along_output, along_input);
            }
        }
    }
}
