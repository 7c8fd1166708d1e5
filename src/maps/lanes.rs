//! The fast engine: blocks of cells in the lanes of vectors, for formulas and rules that treat every parameter alike. Every outcome is
//! that of an ordinary descent, to the last bit.

use std::any::Any;

use pulp::Arch;
use rayon::prelude::*;

use super::settling::{Settling, WINDOW};
use super::{Cell, Outcome, distance2, status_code};
use crate::descent::{self, Plan, Status};
use crate::objective::formula::lanes::{LANES, Lanes, Row};
use crate::objective::{Formula, GoOn, Objective};
use crate::optimizer::lanes::Swarm;
use crate::optimizer::{Sampling, Schedule, ScheduleKind};

/// Runs every cell to its end, if it is one of those that this engine can do: else it writes nothing and says false. What is
/// written is complete only if `go_on` still says yes afterwards.
pub fn run(
    objective: &dyn Objective,
    plan: &Plan,
    minima: &[[f64; 2]],
    radius: f64,
    cells: &[Cell],
    out: &mut [Outcome],
    go_on: &GoOn,
) -> bool {
    let Some(formula) = formula(objective, plan, minima, radius) else {
        return false;
    };
    let (compiled, arch) = (formula.compiled(), Arch::new());
    let blocks = cells.par_chunks(LANES).zip(out.par_chunks_mut(LANES));
    blocks.for_each_init(
        || compiled.lanes(arch),
        |lanes, (cells, out)| {
            let swarm = Swarm::new(&plan.rule, formula.dim(), arch);
            let Some(mut swarm) = swarm.filter(|_| go_on()) else {
                return;
            };
            for (lane, cell) in cells.iter().enumerate() {
                swarm.set(lane, &cell.params);
            }
            let settling = Settling::new(minima, radius, arch);
            let race = Race::new(formula, plan, cells);
            race.run(lanes, &mut swarm, settling, out, go_on);
        },
    );
    true
}

/// The formula, if this engine can do such a map.
pub(super) fn formula<'o>(
    objective: &'o dyn Objective,
    plan: &Plan,
    minima: &[[f64; 2]],
    radius: f64,
) -> Option<&'o Formula> {
    let exact = plan.sampling == Sampling::Exact;
    let by_step_alone = !matches!(plan.schedule.kind, ScheduleKind::Plateau { .. });
    let can = exact && by_step_alone && plan.rule.info().lanes.is_some();
    let formula = (objective as &dyn Any).downcast_ref();
    formula.filter(|_| can && !overlap(minima, radius))
}

/// Whether a point may be within the radius of two minima at once.
fn overlap(minima: &[[f64; 2]], radius: f64) -> bool {
    let apart = 2.0 * radius * (1.0 + 1e-9);
    let beyond = |a: &[f64; 2], b: &[f64; 2]| distance2(*a, *b) > apart * apart;
    let mut pairs = minima.iter().enumerate();
    pairs.any(|(k, a)| !minima[..k].iter().all(|b| beyond(a, b)))
}

/// Which lanes of a block are over.
pub(super) struct Ends {
    over: [bool; LANES],
    /// The last entry of those.
    entry: [usize; LANES],
    any: bool,
}

impl Ends {
    fn set(&mut self, lane: usize, entry: usize) {
        (self.over[lane], self.entry[lane]) = (true, entry);
        self.any = true;
    }

    /// The last entry of a lane that is over.
    pub(super) fn of(&self, lane: usize) -> Option<usize> {
        self.over[lane].then_some(self.entry[lane])
    }

    pub(super) fn any(&self) -> bool {
        self.any
    }

    /// The lanes that are not over.
    fn running(&self) -> impl Iterator<Item = usize> + use<> {
        let over = self.over;
        (0..LANES).filter(move |&lane| !over[lane])
    }

    fn are_all(&self) -> bool {
        self.any && self.running().next().is_none()
    }

    /// Lets lanes that are over walk beside one that is not, so that they do not get into the way of the others.
    fn take_along(&self, at: &mut [Row; 2]) {
        if !self.any {
            return;
        }
        let Some(lead) = self.running().next() else {
            return;
        };
        for row in at {
            for lane in (0..LANES).filter(|&lane| self.over[lane]) {
                row[lane] = row[lead];
            }
        }
    }
}

/// A block of cells under way.
struct Race<'a> {
    formula: &'a Formula,
    plan: &'a Plan,
    /// The rates of the step under way, and those that the schedule scales.
    rates: Row,
    full_rates: Row,
    /// Lanes without a cell never begin.
    ends: Ends,
    /// Of lanes that are over: how they ended, where, and the loss there.
    status: [Status; LANES],
    last: [Row; 2],
    loss: Row,
    /// Room for gradients that are shortened.
    clipped: Box<[Row; 2]>,
}

impl<'a> Race<'a> {
    fn new(formula: &'a Formula, plan: &'a Plan, cells: &[Cell]) -> Race<'a> {
        // Lanes that are left over stay where the first cell starts.
        let of = |lane: usize| cells.get(lane).or(cells.first());
        let row = |number: &dyn Fn(&Cell) -> f64| -> Row {
            Row::from_fn(|lane| of(lane).map_or(0.0, number))
        };
        Race {
            formula,
            plan,
            rates: row(&|cell| cell.rate),
            full_rates: row(&|cell| cell.rate),
            ends: Ends {
                over: std::array::from_fn(|lane| lane >= cells.len()),
                entry: [0; LANES],
                any: cells.len() < LANES,
            },
            status: [Status::Running; LANES],
            last: [row(&|cell| cell.start[0]), row(&|cell| cell.start[1])],
            loss: Row::all(f64::NAN),
            clipped: Box::new([Row::all(0.0); 2]),
        }
    }

    /// Runs to the end, or until it is no longer wanted. The states are those of the cells' optimizers.
    fn run(
        mut self,
        lanes: &mut Lanes,
        swarm: &mut Swarm,
        mut settling: Settling,
        out: &mut [Outcome],
        go_on: &GoOn,
    ) {
        let mut path = Box::new([[Row::all(0.0); 2]; WINDOW + 1]);
        path[0] = self.last;
        self.arrive(0, lanes, [&path[0], &path[0]]);
        // The entry that `path` begins with.
        let mut first = 0;
        loop {
            let mut taken = 0;
            while taken < WINDOW && !self.ends.are_all() {
                let (before, after) = path.split_at_mut(taken + 1);
                let (here, next) = (&before[taken], &mut after[0]);
                taken += 1;
                self.step(first + taken, lanes, swarm, here, next);
                self.arrive(first + taken, lanes, [here, next]);
            }
            settling.follow(&path[..=taken], first, &self.ends);
            first += taken;
            if self.ends.are_all() || !go_on() {
                break;
            }
            path[0] = path[taken];
        }
        for (lane, out) in out.iter_mut().enumerate() {
            let (minimum, steps) = settling.of(lane);
            *out = Outcome {
                minimum,
                steps,
                loss: self.loss[lane],
                status: status_code(self.status[lane]),
                last: of_lane(&self.last, lane),
            };
        }
    }

    /// A lane is over whose last entry is `entry`, at `w` with this loss.
    fn end(&mut self, lane: usize, entry: usize, status: Status, w: [f64; 2], loss: f64) {
        self.ends.set(lane, entry);
        self.status[lane] = status;
        (self.last[0][lane], self.last[1][lane]) = (w[0], w[1]);
        self.loss[lane] = loss;
    }

    /// One update of every lane, from `here`, where it was evaluated last, to `next`, which is entry `step`.
    fn step(
        &mut self,
        step: usize,
        lanes: &mut Lanes,
        swarm: &mut Swarm,
        here: &[Row; 2],
        next: &mut [Row; 2],
    ) {
        let plan = self.plan;
        if plan.schedule != Schedule::default() {
            let scheduled = |rate| plan.schedule.rate(rate, step - 1, plan.steps);
            self.rates = Row(self.full_rates.map(scheduled));
        }
        if swarm.begin(&self.rates, here, next) {
            self.ends.take_along(next);
            if !lanes.evaluate(next) {
                self.look_for_slopes(step, lanes, here, next);
            }
        }
        let mut gradients = lanes.gradients();
        if let Some(most) = plan.clip {
            for lane in 0..LANES {
                let mut g = gradients.map(|row| row[lane]);
                descent::shorten(&mut g[..self.formula.dim()], most);
                (self.clipped[0][lane], self.clipped[1][lane]) = (g[0], g[1]);
            }
            gradients = self.clipped.each_ref();
        }
        swarm.end(&self.rates, gradients, here, next);
        self.ends.take_along(next);
    }

    /// Lanes that lack a gradient where they look ahead are over.
    fn look_for_slopes(&mut self, step: usize, lanes: &Lanes, here: &[Row; 2], at: &[Row; 2]) {
        let dim = self.formula.dim();
        for lane in self.ends.running() {
            let g = lanes.gradients().map(|row| row[lane]);
            if let Some(slope) = descent::slope_failure(step, &g[..dim]) {
                let w = of_lane(at, lane);
                let failed = descent::loss_failure(step, self.formula, &w[..dim]);
                let here = of_lane(here, lane);
                let loss = self.loss_at(here);
                self.end(lane, step - 1, failed.unwrap_or(slope), here, loss);
            }
        }
    }

    fn loss_at(&self, w: [f64; 2]) -> f64 {
        let dim = self.formula.dim();
        self.formula.gradient(&w[..dim], &mut [0.0; 2][..dim])
    }

    /// Looks at entry `step`; the path leads there from the entry before.
    fn arrive(&mut self, step: usize, lanes: &mut Lanes, path: [&[Row; 2]; 2]) {
        let finite = lanes.evaluate(path[1]);
        let stop = self.plan.stop;
        let is_last = step >= self.plan.steps;
        if !finite || is_last || stop.radius.is_some() || stop.gradient.is_some() {
            for lane in self.ends.running() {
                self.arrive_in(lane, step, lanes, path);
            }
        }
    }

    /// The same in one lane, as a descent does it.
    fn arrive_in(&mut self, lane: usize, step: usize, lanes: &Lanes, path: [&[Row; 2]; 2]) {
        let dim = self.formula.dim();
        let [before, w] = path.map(|at| of_lane(at, lane));
        let (loss, g) = (lanes.losses()[lane], lanes.gradients().map(|row| row[lane]));
        if !loss.is_finite() || !w[..dim].iter().all(|w| w.is_finite()) {
            let failed = descent::loss_failure(step, self.formula, &w[..dim]);
            let status = failed.unwrap_or(Status::Diverged { step });
            let (entry, loss) = match step.checked_sub(1) {
                Some(entry) => (entry, self.loss_at(before)),
                None => (0, f64::NAN),
            };
            self.end(lane, entry, status, before, loss);
            return;
        }
        let stop = self.plan.stop;
        let is_outside = |radius| descent::norm(&w[..dim]) > radius;
        let is_flat = |least| descent::norm(&g[..dim]) <= least;
        let status = if step > 0 && stop.radius.is_some_and(is_outside) {
            Some(Status::Stopped)
        } else if stop.gradient.is_some_and(is_flat) {
            Some(Status::Converged)
        } else if step >= self.plan.steps {
            Some(Status::Finished)
        } else {
            descent::slope_failure(step + 1, &g[..dim])
        };
        if let Some(status) = status {
            self.end(lane, step, status, w, loss);
        }
    }
}

fn of_lane(rows: &[Row; 2], lane: usize) -> [f64; 2] {
    [rows[0][lane], rows[1][lane]]
}

#[cfg(test)]
mod tests;
