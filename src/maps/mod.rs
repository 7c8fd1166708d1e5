//! Maps: one descent run many times, two things of it varied along two axes, and what came of each run.
//!
//! Over starts a map shows basins of attraction, over hyperparameters which of them work, over both where one becomes the
//! other. A [`Map`] says what is to be run; an engine ([`plain`]) runs [`Cell`]s to their [`Outcome`]s; [`Outcomes`] are those of
//! all cells, as columns.

mod axis;
pub mod lanes;
mod minima;
mod outcomes;
pub mod plain;
mod regions;
mod settling;
mod span;
mod ticks;
mod tune;

use std::sync::Arc;

use crate::descent::{Plan, Status};
use crate::objective::{GoOn, Objective};
use crate::optimizer::sampling::derived_seed;
use crate::optimizer::{MAX_PARAMS, Sampling};

pub use axis::{Axis, AxisError};
pub use minima::Minimum;
pub use outcomes::{Engine, Order, OutOfMemory, Outcomes, Shares, coarsest, compute, compute_by};
pub use regions::{Middle, middles};
pub use span::{Spacing, Span};
pub use tune::{
    Course, Entrant, Reached, Tuned, TunedEach, searched, tune, tune_each, tuning_runs,
};

/// Nodes along a side, at least and at most.
pub const LEAST_SIDE: usize = 2;
pub const MOST_SIDE: usize = 4096;

/// How a run ended, as results have it, and what it is called there.
pub const FINISHED: u8 = 0;
pub const CONVERGED: u8 = 1;
pub const STOPPED: u8 = 2;
pub const DIVERGED: u8 = 3;
pub const UNDEFINED: u8 = 4;
pub const STATUSES: [&str; 5] = ["finished", "converged", "stopped", "diverged", "undefined"];
/// The status of a cell that has not been run.
pub const NOT_YET: u8 = 255;

/// What differs from cell to cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// The first iterate; a curve's has no second coordinate, which is 0. Of more than two coordinates, which are the plan's, the
    /// first two.
    pub start: [f64; 2],
    pub rate: f64,
    /// σ, where the plan's sampling has noise.
    pub noise: f64,
    /// The rule's hyperparameters.
    pub params: [f64; MAX_PARAMS],
    pub seed: u64,
}

/// What came of a cell's run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Of the known minima within the radius of the last iterate the nearest, of two as near the first; −1 for none.
    pub minimum: i32,
    /// The first step from which on all iterates lie within the radius of that minimum; −1 for none.
    pub steps: i32,
    /// At the last finite iterate; NaN without one.
    pub loss: f64,
    pub status: u8,
    /// The last finite iterate; without one the start.
    pub last: [f64; 2],
}

/// Whether a point lies within `radius` of a minimum: all engines round alike.
pub fn is_within(point: [f64; 2], minimum: [f64; 2], radius: f64) -> bool {
    distance2(point, minimum) <= radius * radius
}

/// The squared distance.
#[inline(always)]
fn distance2(a: [f64; 2], b: [f64; 2]) -> f64 {
    let [x, y] = [a[0] - b[0], a[1] - b[1]];
    x * x + y * y
}

/// The code of how a run ended.
pub fn status_code(status: Status) -> u8 {
    match status {
        Status::Running => NOT_YET,
        Status::Finished => FINISHED,
        Status::Converged => CONVERGED,
        Status::Stopped => STOPPED,
        Status::Diverged { .. } => DIVERGED,
        Status::Undefined { .. } => UNDEFINED,
    }
}

/// All that decides a map.
#[derive(Debug, Clone)]
pub struct Map {
    pub objective: Arc<dyn Objective>,
    /// What all cells have in common.
    pub plan: Plan,
    /// What varies along x and along y: two different things.
    pub spans: [Span; 2],
    /// What counts as arrived: within this of a minimum.
    pub radius: f64,
    /// Lowest first; those equally low in order of their places.
    pub minima: Vec<Minimum>,
    nodes: [Vec<f64>; 2],
}

impl Map {
    /// A map of `[columns, rows]` cells. Minima are still to be found; where there are more than two parameters none are known.
    pub fn new(
        objective: Arc<dyn Objective>,
        mut plan: Plan,
        spans: [Span; 2],
        size: [usize; 2],
        radius: f64,
    ) -> Map {
        let is_noisy = matches!(plan.sampling, Sampling::Noise { .. });
        if !is_noisy && spans.iter().any(|span| span.axis == Axis::Noise) {
            plan.sampling = Sampling::Noise { sigma: 0.0 };
        }
        let nodes = [0, 1].map(|k: usize| {
            let nodes = (0..size[k]).map(|i| spans[k].node(i, size[k]));
            nodes.collect()
        });
        Map {
            objective,
            plan,
            spans,
            radius,
            minima: Vec::new(),
            nodes,
        }
    }

    /// Columns and rows.
    pub fn size(&self) -> [usize; 2] {
        [0, 1].map(|k: usize| self.nodes[k].len())
    }

    /// Runs some of the cells on the CPU. What is written is complete if `go_on` still says yes afterwards.
    pub fn run(&self, minima: &[[f64; 2]], cells: &[Cell], out: &mut [Outcome], go_on: &GoOn) {
        let (objective, plan, radius) = (&self.objective, &self.plan, self.radius);
        if !lanes::run(&**objective, plan, minima, radius, cells, out, go_on) {
            plain::run(objective, plan, minima, radius, cells, out, go_on);
        }
    }

    /// Whether many cells are run at once, in the lanes of vectors; asked once the minima are known.
    pub fn is_in_lanes(&self) -> bool {
        lanes::formula(&*self.objective, &self.plan, &self.places(), self.radius).is_some()
    }

    /// The number of cells.
    pub fn cells(&self) -> usize {
        self.nodes[0].len() * self.nodes[1].len()
    }

    /// The values along x and along y.
    pub fn nodes(&self) -> &[Vec<f64>; 2] {
        &self.nodes
    }

    /// The values of a cell on both axes. Cells are counted row by row, the first row being that of the least y.
    pub fn at(&self, index: usize) -> [f64; 2] {
        let cols = self.nodes[0].len();
        [self.nodes[0][index % cols], self.nodes[1][index / cols]]
    }

    /// A cell. Where gradients are random each has a seed of its own, derived from the plan's and the cell's index.
    pub fn cell(&self, index: usize) -> Cell {
        let plan = &self.plan;
        let mut cell = cell_of(plan);
        if plan.sampling != Sampling::Exact {
            cell.seed = derived_seed(plan.seed, index as u64);
        }
        for (span, value) in self.spans.iter().zip(self.at(index)) {
            match span.axis {
                Axis::Start(k) => cell.start[k] = value,
                Axis::Rate => cell.rate = value,
                Axis::Noise => cell.noise = value,
                Axis::Param(k, _) => cell.params[k] = value,
            }
        }
        cell
    }
}

/// The cell in which nothing differs from the plan.
pub fn cell_of(plan: &Plan) -> Cell {
    Cell {
        start: [0, 1].map(|k: usize| plan.start.get(k).copied().unwrap_or(0.0)),
        rate: plan.rate,
        noise: match plan.sampling {
            Sampling::Noise { sigma } => sigma,
            _ => 0.0,
        },
        params: plan.rule.all_values(),
        seed: plan.seed,
    }
}

/// The plan of one cell: what an ordinary descent needs to do the same.
pub fn plan_of(plan: &Plan, cell: &Cell) -> Plan {
    Plan {
        rule: plan.rule.with_values(cell.params),
        rate: cell.rate,
        schedule: plan.schedule,
        sampling: match plan.sampling {
            Sampling::Noise { .. } => Sampling::Noise { sigma: cell.noise },
            sampling => sampling,
        },
        clip: plan.clip,
        start: match plan.start.len() {
            few @ ..=2 => cell.start[..few].to_vec(),
            _ => plan.start.clone(),
        },
        steps: plan.steps,
        stop: plan.stop,
        seed: cell.seed,
        record: None,
    }
}
