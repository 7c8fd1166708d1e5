//! 1/p of a block of samples as a function of the two weights that move.

use super::Slice;
use crate::objective::softmax::CLASSES;
use crate::objective::softmax::blocks::{BLOCK, Block};
use crate::objective::softmax::lanes::{Fused, exp};

/// The logarithm of a coefficient that is 0.
const NONE: f64 = f64::NEG_INFINITY;

/// A number for each sample of a block.
pub(super) type Each = [f64; BLOCK];

/// 1/p of each sample of a block, p the probability of its label: with the weights a and b it is
///
/// constant + exp(row + η·b) + exp(col + ξ·a) + exp(both + ξ·a + η·b).
///
/// Every part is positive, so no digits are lost.
pub(super) struct Terms {
    pub len: usize,
    pub xi: Each,
    pub eta: Each,
    pub constant: Each,
    pub row: Each,
    pub col: Each,
    pub both: Each,
    /// Whether `row` and `col` matter; they are 0 where both weights belong to one class.
    pub mixed: bool,
}

impl Terms {
    pub fn new() -> Box<Terms> {
        Box::new(Terms {
            len: 0,
            xi: [0.0; BLOCK],
            eta: [0.0; BLOCK],
            constant: [1.0; BLOCK],
            row: [NONE; BLOCK],
            col: [NONE; BLOCK],
            both: [NONE; BLOCK],
            mixed: false,
        })
    }

    /// Fills in the numbers of `block`.
    #[inline(always)]
    pub fn fill<S: Fused>(&mut self, block: &Block, slice: &Slice) {
        let (class_u, class_v) = (slice.u % CLASSES, slice.v % CLASSES);
        let (x_u, x_v) = (&block.x[slice.u / CLASSES], &block.x[slice.v / CLASSES]);
        self.len = block.len;
        self.mixed = class_u != class_v;
        // What stays of the scores of the classes that move.
        let rest = |moving: usize| {
            let kept = (moving + CLASSES) % (2 * CLASSES);
            let (x, w) = (&block.x[kept / CLASSES], slice.weights[kept]);
            let moves_too = kept == slice.u || kept == slice.v;
            move |i: usize| if moves_too { 0.0 } else { x[i] * w }
        };
        let (rest_u, rest_v) = (rest(slice.u), rest(slice.v));
        let label = block.label;
        self.constant = [1.0; BLOCK];
        (self.row, self.col, self.both) = ([NONE; BLOCK], [NONE; BLOCK], [NONE; BLOCK]);
        if label == class_u || label == class_v {
            let (all, greatest) = fixed_sum::<S>(block, slice, None);
            let sign_v = if label == class_v { -1.0 } else { 1.0 };
            let sign_u = if label == class_u { -1.0 } else { 1.0 };
            for i in 0..block.len {
                let log_sum = all[i].ln() + greatest[i];
                self.xi[i] = sign_u * x_u[i];
                self.eta[i] = sign_v * x_v[i];
                if !self.mixed {
                    self.both[i] = log_sum;
                } else if label == class_u {
                    self.col[i] = log_sum - rest_u(i);
                    self.both[i] = rest_v(i) - rest_u(i);
                } else {
                    self.row[i] = log_sum - rest_v(i);
                    self.both[i] = rest_u(i) - rest_v(i);
                }
            }
        } else {
            let (sum, score) = fixed_sum::<S>(block, slice, Some(label));
            self.constant = sum;
            for i in 0..block.len {
                self.xi[i] = x_u[i];
                self.eta[i] = x_v[i];
                if self.mixed {
                    self.col[i] = rest_u(i) - score[i];
                    self.row[i] = rest_v(i) - score[i];
                } else {
                    self.both[i] = -score[i];
                }
            }
        }
    }

    /// 1/p of sample `i` at the weights a and b.
    #[inline(always)]
    pub fn at<S: Fused>(&self, i: usize, [a, b]: [f64; 2]) -> f64 {
        let (a, b) = (self.xi[i] * a, self.eta[i] * b);
        let separate = exp::<S>(self.row[i] + b) + exp::<S>(self.col[i] + a);
        self.constant[i] + separate + exp::<S>(self.both[i] + a + b)
    }
}

/// Σ exp(z_c − z) over the classes that do not move, and z: the score of `label`, or the greatest without one.
#[inline(always)]
fn fixed_sum<S: Fused>(block: &Block, slice: &Slice, label: Option<usize>) -> (Each, Each) {
    let moves = [slice.u % CLASSES, slice.v % CLASSES];
    let fixed = || (0..CLASSES).filter(|c| !moves.contains(c));
    let score = |c: usize, i: usize| {
        block.x[0][i] * slice.weights[c] + block.x[1][i] * slice.weights[CLASSES + c]
    };
    let mut from = [NONE; BLOCK];
    match label {
        Some(c) => (0..BLOCK).for_each(|i| from[i] = score(c, i)),
        None => {
            for c in fixed() {
                for (i, from) in from.iter_mut().enumerate() {
                    let z = score(c, i);
                    *from = if z > *from { z } else { *from };
                }
            }
        }
    }
    let mut sum = [0.0; BLOCK];
    for c in fixed() {
        for (i, sum) in sum.iter_mut().enumerate() {
            *sum += exp::<S>(score(c, i) - from[i]);
        }
    }
    (sum, from)
}

/// 1/p beyond which p does not tell beside ε.
pub(super) const CAP: f64 = (1u64 << 60) as f64;
