//! The fast engine: blocks of cells in the lanes of vectors, for formulas and rules that treat every parameter alike. Every outcome is
//! that of an ordinary descent, to the last bit.

use std::any::Any;

use pulp::Arch;
use rayon::prelude::*;

use super::settling::{Settling, WINDOW};
use super::{Cell, Outcome, distance2, status_code};
use crate::descent::{self, Plan, Status};
use crate::objective::formula::lanes::{LANES, LaneFormula, Row};
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
    let arch = Arch::new();
    let blocks = cells.par_chunks(LANES).zip(out.par_chunks_mut(LANES));
    blocks.for_each_init(
        || formula.lanes(arch),
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

/// A block of cells under way.
struct Race<'a> {
    formula: &'a Formula,
    plan: &'a Plan,
    rates: Row,
    /// The last entry of lanes that are over; lanes without a cell never begin.
    end: [Option<usize>; LANES],
    any_over: bool,
    status: [Status; LANES],
    /// At the last entry.
    last: [Row; 2],
    loss: Row,
    gradient: [Row; 2],
}

impl<'a> Race<'a> {
    fn new(formula: &'a Formula, plan: &'a Plan, cells: &[Cell]) -> Race<'a> {
        // Lanes that are left over stay where the first cell starts.
        let of = |lane: usize| cells.get(lane).or(cells.first());
        let row = |number: &dyn Fn(&Cell) -> f64| -> Row {
            std::array::from_fn(|lane| of(lane).map_or(0.0, number))
        };
        Race {
            formula,
            plan,
            rates: row(&|cell| cell.rate),
            end: std::array::from_fn(|lane| (lane >= cells.len()).then_some(0)),
            any_over: cells.len() < LANES,
            status: [Status::Running; LANES],
            last: [row(&|cell| cell.start[0]), row(&|cell| cell.start[1])],
            loss: [f64::NAN; LANES],
            gradient: [[0.0; LANES]; 2],
        }
    }

    /// Runs to the end, or until it is no longer wanted. The states are those of the cells' optimizers.
    fn run(
        mut self,
        lanes: &mut LaneFormula,
        swarm: &mut Swarm,
        mut settling: Settling,
        out: &mut [Outcome],
        go_on: &GoOn,
    ) {
        let mut path = Box::new([[[0.0; LANES]; 2]; WINDOW + 1]);
        path[0] = self.last;
        let (mut loss, mut gradient) = ([0.0; LANES], [[0.0; LANES]; 2]);
        let finite = lanes.gradient(&path[0], &mut loss, &mut gradient);
        self.arrive(0, &path[0], (&loss, &gradient), finite);
        // The entry that `path` begins with.
        let mut first = 0;
        loop {
            let mut taken = 0;
            while taken < WINDOW && self.is_under_way() {
                let (before, after) = path.split_at_mut(taken + 1);
                let next = &mut after[0];
                taken += 1;
                self.step(first + taken, lanes, swarm, &before[taken - 1], next);
                let finite = lanes.gradient(next, &mut loss, &mut gradient);
                self.arrive(first + taken, next, (&loss, &gradient), finite);
            }
            settling.follow(&path[..=taken], first, &self.end);
            first += taken;
            if !self.is_under_way() || !go_on() {
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
                last: [self.last[0][lane], self.last[1][lane]],
            };
        }
    }

    fn is_under_way(&self) -> bool {
        !self.any_over || self.end.contains(&None)
    }

    /// A lane whose last entry is `entry` is over.
    fn end(&mut self, lane: usize, entry: usize, status: Status) {
        if self.end[lane].is_none() {
            (self.end[lane], self.status[lane]) = (Some(entry), status);
            self.any_over = true;
        }
    }

    /// One update of every lane; `step` is the number of the entry that comes of it.
    fn step(
        &mut self,
        step: usize,
        lanes: &mut LaneFormula,
        swarm: &mut Swarm,
        here: &[Row; 2],
        next: &mut [Row; 2],
    ) {
        let (plan, dim) = (self.plan, self.formula.dim());
        let rates = match plan.schedule == Schedule::default() {
            true => self.rates,
            false => self
                .rates
                .map(|rate| plan.schedule.rate(rate, step - 1, plan.steps)),
        };
        *next = *here;
        let mut gradient = self.gradient;
        if swarm.begin(&rates, here, next) {
            let mut losses = [0.0; LANES];
            if !lanes.gradient(next, &mut losses, &mut gradient) {
                self.look_for_slopes(step, next, &gradient);
            }
            *next = *here;
        }
        if let Some(most) = plan.clip {
            let [across, along] = &mut gradient;
            for (x, y) in across.iter_mut().zip(along) {
                let mut g = [*x, *y];
                descent::shorten(&mut g[..dim], most);
                [*x, *y] = g;
            }
        }
        swarm.end(&rates, &gradient, next);
        if self.any_over {
            // Whatever becomes of those that are over, they do not get into the way of the others.
            for lane in (0..LANES).filter(|&lane| self.end[lane].is_some()) {
                for (next, last) in next.iter_mut().zip(&self.last) {
                    next[lane] = last[lane];
                }
            }
        }
    }

    /// Lanes that lack a gradient where they look ahead are over.
    fn look_for_slopes(&mut self, step: usize, at: &[Row; 2], gradient: &[Row; 2]) {
        let dim = self.formula.dim();
        for lane in 0..LANES {
            let g = [gradient[0][lane], gradient[1][lane]];
            if let Some(slope) = descent::slope_failure(step, &g[..dim]) {
                let w = [at[0][lane], at[1][lane]];
                let failed = descent::loss_failure(step, self.formula, &w[..dim]);
                self.end(lane, step - 1, failed.unwrap_or(slope));
            }
        }
    }

    /// Looks at entry `step`; `finite` says that all of its numbers are.
    fn arrive(&mut self, step: usize, at: &[Row; 2], found: (&Row, &[Row; 2]), finite: bool) {
        let stop = self.plan.stop;
        let is_last = step >= self.plan.steps;
        let plain = stop.radius.is_none() && stop.gradient.is_none() && !is_last;
        if finite && plain && !self.any_over {
            (self.last, self.loss, self.gradient) = (*at, *found.0, *found.1);
            return;
        }
        for lane in 0..LANES {
            if self.end[lane].is_none() {
                self.arrive_in(lane, step, at, found, is_last);
            }
        }
    }

    /// The same for one lane, as a descent does it.
    fn arrive_in(
        &mut self,
        lane: usize,
        step: usize,
        at: &[Row; 2],
        (losses, gradients): (&Row, &[Row; 2]),
        is_last: bool,
    ) {
        let dim = self.formula.dim();
        let (w, g) = (
            [at[0][lane], at[1][lane]],
            [gradients[0][lane], gradients[1][lane]],
        );
        let (w, g) = (&w[..dim], &g[..dim]);
        let loss = losses[lane];
        if !loss.is_finite() || !w.iter().all(|w| w.is_finite()) {
            let failed = descent::loss_failure(step, self.formula, w);
            let status = failed.unwrap_or(Status::Diverged { step });
            self.end(lane, step.saturating_sub(1), status);
            return;
        }
        self.loss[lane] = loss;
        for axis in 0..2 {
            self.last[axis][lane] = at[axis][lane];
            self.gradient[axis][lane] = gradients[axis][lane];
        }
        let stop = self.plan.stop;
        if step > 0 && stop.radius.is_some_and(|radius| descent::norm(w) > radius) {
            self.end(lane, step, Status::Stopped);
        } else if stop.gradient.is_some_and(|least| descent::norm(g) <= least) {
            self.end(lane, step, Status::Converged);
        } else if is_last {
            self.end(lane, step, Status::Finished);
        } else if let Some(failed) = descent::slope_failure(step + 1, g) {
            self.end(lane, step, failed);
        }
    }
}

#[cfg(test)]
mod tests;
