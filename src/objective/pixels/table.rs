//! Parameters in the order in which images take them: for each pixel the weights of all classes side by side.

use super::{PARAMETERS, PIXELS};
use crate::objective::softmax::CLASSES;

/// A number for each class. With room for whole vectors the table would not stay in the first cache, and passes took longer.
pub(super) type Row = [f64; CLASSES];

/// A row for each pixel, then one for the bias.
pub(super) struct Table(Box<[Row; PIXELS + 1]>);

impl Table {
    pub fn zero() -> Table {
        let rows: Box<[Row]> = vec![[0.0; CLASSES]; PIXELS + 1].into();
        // There are as many.
        Table(
            rows.try_into()
                .unwrap_or_else(|_| Box::new([[0.0; CLASSES]; PIXELS + 1])),
        )
    }

    /// Of parameters as they lie in a list, the weights over 255, so that bytes can be multiplied with them.
    pub fn of(w: &[f64]) -> Table {
        let mut table = Table::zero();
        let (weights, bias) = w.split_at(CLASSES * PIXELS);
        for (c, weights) in weights.chunks_exact(PIXELS).enumerate() {
            for (row, weight) in table.0.iter_mut().zip(weights) {
                row[c] = weight / 255.0;
            }
        }
        table.0[PIXELS].copy_from_slice(bias);
        table
    }

    pub fn add(&mut self, other: &Table) {
        for (row, other) in self.0.iter_mut().zip(&*other.0) {
            row.iter_mut().zip(other).for_each(|(x, y)| *x += y);
        }
    }

    /// Writes a gradient by what [`of`](Self::of) makes of parameters as one by the parameters.
    pub fn write(&self, out: &mut [f64]) {
        debug_assert_eq!(out.len(), PARAMETERS);
        let (weights, bias) = out.split_at_mut(CLASSES * PIXELS);
        for (c, weights) in weights.chunks_exact_mut(PIXELS).enumerate() {
            for (weight, row) in weights.iter_mut().zip(&*self.0) {
                *weight = row[c] / 255.0;
            }
        }
        bias.copy_from_slice(&self.0[PIXELS]);
    }

    #[inline(always)]
    pub fn rows(&self) -> &[Row; PIXELS + 1] {
        &self.0
    }

    #[inline(always)]
    pub fn rows_mut(&mut self) -> &mut [Row; PIXELS + 1] {
        &mut self.0
    }
}
