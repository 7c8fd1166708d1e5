//! What a network's hidden units say: what they put out at points, whatever becomes of it.

use pulp::{Arch, Simd, WithSimd};

use super::pass::{Room, forward};
use super::product::BLOCK;
use super::samples::Block;
use super::shape::Shape;
use super::{Network, with_room};
use crate::objective::softmax::lanes::dispatch;

impl Network {
    /// What the hidden units put out with the parameters `w` at points (row by row, as many numbers a row as there are inputs): for
    /// each hidden layer unit after unit, a number for each point.
    pub fn hidden(&self, w: &[f64], points: &[f64]) -> Vec<Vec<f64>> {
        let blocks = Block::of_points(self.shape.inputs(), points);
        with_room(|room: &mut Room| {
            room.fit(&self.shape);
            let pass = Hidden {
                shape: &self.shape,
                blocks: &blocks,
                w,
                room,
            };
            dispatch(Arch::new(), pass)
        })
    }
}

struct Hidden<'a> {
    shape: &'a Shape,
    blocks: &'a [Block],
    w: &'a [f64],
    room: &'a mut Room,
}

impl WithSimd for Hidden<'_> {
    type Output = Vec<Vec<f64>>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<Vec<f64>> {
        let layers = self.shape.widths().len() - 2;
        let mut units: Vec<Vec<Vec<f64>>> = self.shape.widths()[1..=layers]
            .iter()
            .map(|width| vec![Vec::new(); *width])
            .collect();
        for block in self.blocks {
            forward::<S, false>(simd, self.shape, block, self.w, self.room);
            for (units, values) in units.iter_mut().zip(&self.room.values) {
                for (unit, row) in units.iter_mut().zip(values.chunks_exact(BLOCK)) {
                    unit.extend_from_slice(&row[..block.len]);
                }
            }
        }
        units.into_iter().map(|units| units.concat()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Activation, Samples, Targets};
    use super::*;

    fn network(hidden: &[usize], activation: Activation, residual: bool) -> Network {
        let shape = Shape::new(2, hidden, 2, activation, residual).expect("units");
        let features: Vec<f64> = (0..40).map(|k| f64::from(k) * 0.1 - 2.0).collect();
        let labels = (0..20).map(|k| k % 2).collect();
        let samples = Samples::new(2, features, Targets::Labels(labels)).expect("samples");
        Network::new(shape, Arc::new(samples)).expect("it fits")
    }

    #[test]
    fn units_put_out_what_their_layers_make_of_points() {
        let network = network(&[3, 3], Activation::Tanh, true);
        let count = network.shape().parameters();
        let w: Vec<f64> = (0..count).map(|k| (0.7 * k as f64).sin()).collect();
        // More than a block of points, and no multiple of one.
        let points: Vec<f64> = (0..2 * 301).map(|k| (0.3 * k as f64).cos()).collect();
        let hidden = network.hidden(&w, &points);
        assert_eq!(hidden.iter().map(Vec::len).collect::<Vec<_>>(), [903, 903]);
        for (k, x) in points.chunks_exact(2).enumerate() {
            let mut input = x.to_vec();
            for (layer, values) in network.shape().layers().zip(&hidden) {
                let unit = |unit: usize| {
                    let row = &w[layer.at + unit * layer.inputs..][..layer.inputs];
                    let sum: f64 = row.iter().zip(&input).map(|(w, x)| w * x).sum();
                    let z = (sum + w[layer.bias() + unit]).tanh();
                    z + if layer.is_residual { input[unit] } else { 0.0 }
                };
                let expected: Vec<f64> = (0..layer.outputs).map(unit).collect();
                for (unit, expected) in expected.iter().enumerate() {
                    let found = values[unit * 301 + k];
                    assert!((found - expected).abs() < 1e-12, "{found} {expected}");
                }
                input = expected;
            }
        }
    }

    #[test]
    fn without_hidden_layers_or_points_there_is_nothing() {
        let linear = network(&[], Activation::Relu, false);
        assert!(linear.hidden(&[0.1; 6], &[1.0, 2.0]).is_empty());
        let deep = network(&[4], Activation::Relu, false);
        let w = vec![0.1; deep.shape().parameters()];
        assert_eq!(deep.hidden(&w, &[]), [Vec::<f64>::new()]);
    }
}
