//! What came of all cells of a map, and how it is computed.

use std::collections::TryReserveError;

use super::{Cell, DIVERGED, Map, Minimum, NOT_YET, Outcome, STATUSES, UNDEFINED};
use crate::objective::GoOn;

/// Of a cell's outcome.
const BYTES: usize = size_of::<i32>() * 2 + size_of::<f64>() + size_of::<u8>();
/// Cells that an engine is given at a time, from coarse to fine fewer.
const BATCH: usize = 1 << 15;
const FINER_BATCH: usize = 1 << 13;
/// Along a side, cells of the first level from coarse to fine: at most.
const COARSEST: usize = 16;

/// The outcomes of all cells, as columns, row by row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcomes {
    pub minimum: Vec<i32>,
    pub steps: Vec<i32>,
    pub loss: Vec<f64>,
    /// [`NOT_YET`] where a cell has not been run.
    pub status: Vec<u8>,
}

/// There is not enough memory for the outcomes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{cells} cells take {} MB of memory, which are not there", bytes / 1_000_000)]
pub struct OutOfMemory {
    pub cells: usize,
    pub bytes: usize,
}

/// How many cells ended how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shares {
    /// At each of the minima.
    pub minima: Vec<usize>,
    /// At none of them, with finite numbers.
    pub nowhere: usize,
    /// At none of them, and diverged or left where there is a loss.
    pub diverged: usize,
    /// By each of [`STATUSES`].
    pub ended: [usize; STATUSES.len()],
    /// Cells that have been run.
    pub all: usize,
}

/// In which order cells are run. The outcomes are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Rows,
    /// First few cells all over the map, then those between.
    CoarseToFine,
}

impl Outcomes {
    /// None yet, for so many cells.
    ///
    /// # Errors
    /// If there is not enough memory.
    pub fn awaited(cells: usize) -> Result<Outcomes, OutOfMemory> {
        let mut outcomes = Outcomes::default();
        let reserve = |outcomes: &mut Outcomes| -> Result<(), TryReserveError> {
            outcomes.minimum.try_reserve_exact(cells)?;
            outcomes.steps.try_reserve_exact(cells)?;
            outcomes.loss.try_reserve_exact(cells)?;
            outcomes.status.try_reserve_exact(cells)?;
            // As much again for what is made of them.
            Vec::<u8>::new().try_reserve_exact(cells.saturating_mul(BYTES))
        };
        reserve(&mut outcomes).map_err(|_| OutOfMemory {
            cells,
            bytes: cells.saturating_mul(2 * BYTES),
        })?;
        outcomes.minimum.resize(cells, Outcome::AWAITED.minimum);
        outcomes.steps.resize(cells, Outcome::AWAITED.steps);
        outcomes.loss.resize(cells, Outcome::AWAITED.loss);
        outcomes.status.resize(cells, Outcome::AWAITED.status);
        Ok(outcomes)
    }

    fn set(&mut self, index: usize, outcome: &Outcome) {
        self.minimum[index] = outcome.minimum;
        self.steps[index] = outcome.steps;
        self.loss[index] = outcome.loss;
        self.status[index] = outcome.status;
    }

    /// Whether a cell left the finite numbers, or where there is a loss, and is not at a minimum.
    pub fn is_diverged(&self, index: usize) -> bool {
        self.minimum[index] < 0 && matches!(self.status[index], DIVERGED | UNDEFINED)
    }

    /// How many cells ended how.
    pub fn shares(&self, minima: usize) -> Shares {
        let mut shares = Shares {
            minima: vec![0; minima],
            nowhere: 0,
            diverged: 0,
            ended: [0; STATUSES.len()],
            all: 0,
        };
        for (index, minimum) in self.minimum.iter().enumerate() {
            if self.status[index] == NOT_YET {
                continue;
            }
            shares.all += 1;
            shares.ended[usize::from(self.status[index])] += 1;
            match usize::try_from(*minimum) {
                Ok(minimum) => shares.minima[minimum] += 1,
                Err(_) if self.is_diverged(index) => shares.diverged += 1,
                Err(_) => shares.nowhere += 1,
            }
        }
        shares
    }

    /// The best cell: of those that settle at a minimum as low as any, the one that takes the fewest steps, of these the one
    /// that ends lowest, of these the first; if none does, the first of the lowest loss. `None` if no loss is finite.
    pub fn best(&self, minima: &[Minimum]) -> Option<usize> {
        let is_lowest = |index: &usize| {
            let minimum = usize::try_from(self.minimum[*index]).ok();
            minimum.is_some_and(|minimum| minima[minimum].is_lowest)
        };
        let cells = 0..self.minimum.len();
        let settled = cells.clone().filter(is_lowest);
        let loss = |a: &usize, b: &usize| self.loss[*a].total_cmp(&self.loss[*b]);
        let soonest = settled.min_by(|a, b| self.steps[*a].cmp(&self.steps[*b]).then(loss(a, b)));
        soonest.or_else(|| {
            let finite = cells.filter(|index| self.loss[*index].is_finite());
            finite.min_by(loss)
        })
    }
}

/// Runs all cells of a map. `after` sees what there is and how many cells that are, now and then, and whenever a level from
/// coarse to fine is complete. What is there when `go_on` says no stays as it is: the result is false.
pub fn compute(
    map: &Map,
    order: Order,
    outcomes: &mut Outcomes,
    go_on: &GoOn,
    after: &mut dyn FnMut(&Outcomes, usize),
) -> bool {
    let places = map.places();
    let most = match order {
        Order::Rows => BATCH,
        Order::CoarseToFine => FINER_BATCH,
    };
    let mut engine = |cells: &[Cell], out: &mut [Outcome]| map.run(&places, cells, out, go_on);
    compute_by(map, order, (&mut engine, most), outcomes, go_on, after)
}

/// What makes outcomes of cells.
pub type Engine<'a> = dyn FnMut(&[Cell], &mut [Outcome]) + 'a;

/// The same by any engine, which is given at most so many cells at a time.
pub fn compute_by(
    map: &Map,
    order: Order,
    (engine, most): (&mut Engine, usize),
    outcomes: &mut Outcomes,
    go_on: &GoOn,
    after: &mut dyn FnMut(&Outcomes, usize),
) -> bool {
    let mut done = 0;
    let mut found = Vec::new();
    for mut level in in_order(map.size(), order) {
        loop {
            let batch: Vec<usize> = level.by_ref().take(most).collect();
            if batch.is_empty() {
                break;
            }
            let cells: Vec<Cell> = batch.iter().map(|index| map.cell(*index)).collect();
            found.clear();
            found.resize(cells.len(), Outcome::AWAITED);
            engine(&cells, &mut found);
            if !go_on() {
                return false;
            }
            for (index, outcome) in batch.iter().zip(&found) {
                outcomes.set(*index, outcome);
            }
            done += batch.len();
            after(outcomes, done);
        }
    }
    true
}

/// How far apart the cells of the first level from coarse to fine lie; each further level halves it.
pub fn coarsest([cols, rows]: [usize; 2]) -> usize {
    cols.max(rows).div_ceil(COARSEST).next_power_of_two()
}

/// The cells' indices, level by level.
fn in_order([cols, rows]: [usize; 2], order: Order) -> Vec<Box<dyn Iterator<Item = usize>>> {
    if order == Order::Rows {
        return vec![Box::new(0..cols * rows)];
    }
    let coarsest = coarsest([cols, rows]);
    let levels = (0..=coarsest.trailing_zeros()).rev().map(|k| 1 << k);
    let level = |apart: usize| -> Box<dyn Iterator<Item = usize>> {
        let was_there = move |k: usize| k.is_multiple_of(2 * apart);
        let rows = (0..rows).step_by(apart);
        Box::new(rows.flat_map(move |row| {
            let cols_here = (0..cols).step_by(apart);
            let new = cols_here
                .filter(move |&col| apart == coarsest || !(was_there(row) && was_there(col)));
            new.map(move |col| row * cols + col)
        }))
    };
    levels.map(level).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Axis, Span};
    use super::*;
    use crate::descent::Plan;
    use crate::objective::Formula;
    use crate::optimizer::{Rule, Sampling};

    fn map(size: [usize; 2]) -> Map {
        let objective = Arc::new(Formula::parse("(x^2 - 1)^2 + y^2").expect("a formula"));
        let plan = Plan {
            sampling: Sampling::Noise { sigma: 0.1 },
            steps: 20,
            seed: 5,
            ..Plan::of(Rule::named("gd").expect("a rule"), vec![0.0, 0.0])
        };
        let span = |axis, range| Span { axis, range };
        let spans = [
            span(Axis::Start(0), [-2.0, 2.0]),
            span(Axis::Rate, [0.01, 1.0]),
        ];
        Map::new(objective, plan, spans, size, 0.2)
    }

    #[test]
    fn every_order_is_each_cell_once() {
        for size in [[2, 2], [65, 3], [100, 257], [512, 512], [3, 4096]] {
            let levels = in_order(size, Order::CoarseToFine);
            let mut seen: Vec<usize> = levels.into_iter().flatten().collect();
            let first = seen[..2].to_vec();
            assert!(
                first[1] >= size[0].max(size[1]).div_ceil(16).min(size[0] - 1),
                "{first:?}"
            );
            seen.sort_unstable();
            assert!(seen.into_iter().eq(0..size[0] * size[1]), "{size:?}");
        }
    }

    #[test]
    fn the_order_makes_no_difference_and_stopping_is_said() {
        let map = map([90, 70]);
        let of = |order| {
            let mut outcomes = Outcomes::awaited(map.cells()).expect("memory");
            let mut done = 0;
            let whole = compute(&map, order, &mut outcomes, &|| true, &mut |_, cells| {
                done = cells
            });
            assert!(whole && done == map.cells());
            outcomes
        };
        let rows = of(Order::Rows);
        let same = of(Order::CoarseToFine);
        // Compared by their bits: NaN is not itself.
        let bits = |outcomes: &Outcomes| -> Vec<u64> {
            outcomes.loss.iter().map(|loss| loss.to_bits()).collect()
        };
        assert_eq!((&rows.minimum, &rows.steps), (&same.minimum, &same.steps));
        assert_eq!((&rows.status, bits(&rows)), (&same.status, bits(&same)));
        let mut none = Outcomes::awaited(map.cells()).expect("memory");
        assert!(!compute(
            &map,
            Order::Rows,
            &mut none,
            &|| false,
            &mut |_, _| {}
        ));
        assert_eq!(none.shares(0).all, 0);
    }

    #[test]
    fn cells_have_what_varies_and_a_seed_of_their_own() {
        let map = map([5, 3]);
        let [first, last] = [map.cell(0), map.cell(14)];
        assert_eq!((first.start, first.rate), ([-2.0, 0.0], 0.01));
        assert_eq!((last.start, last.rate), ([2.0, 0.0], 1.0));
        assert_eq!((first.noise, map.at(7)), (0.1, [0.0, map.nodes()[1][1]]));
        assert_ne!(first.seed, last.seed);
        assert_eq!(first, map.cell(0));
    }

    #[test]
    fn the_best_cell_settles_soonest_at_a_lowest_minimum() {
        let minimum = |is_lowest| Minimum {
            at: [0.0; 2],
            loss: 0.0,
            is_lowest,
        };
        let minima = [minimum(true), minimum(true), minimum(false)];
        let mut outcomes = Outcomes {
            minimum: vec![2, 0, 1, 1, -1, -1],
            steps: vec![1, 4, 4, 9, -1, -1],
            loss: vec![1.0, 0.5, 0.2, 0.1, f64::NAN, 0.0],
            status: vec![0, 0, 0, 1, 3, 3],
        };
        assert_eq!(outcomes.best(&minima), Some(2));
        let shares = outcomes.shares(3);
        assert_eq!(
            (shares.minima, shares.nowhere, shares.diverged),
            (vec![1, 2, 1], 0, 2)
        );
        outcomes.minimum = vec![2, -1, -1, -1, -1, -1];
        outcomes.loss[5] = 0.05;
        assert_eq!(outcomes.best(&minima), Some(5));
        outcomes.loss = vec![f64::NAN; 6];
        assert_eq!(outcomes.best(&minima), None);
    }

    #[test]
    fn what_does_not_fit_into_memory_is_said() {
        let error = Outcomes::awaited(1 << 60).expect_err("more than there is");
        assert!(error.to_string().contains("MB of memory"), "{error}");
    }
}
