//! The best settings of several descents, each found with the same number of runs: comparing rules at one's best and another's usual
//! rate says little.
//!
//! Each is run over one or two axes, usually its rate, over six decades at least, and the first decay of its rule, if it has one; half of
//! the runs lie on a grid over all of that, the other half on one around the best of these. Where all diverge, or the best rate is
//! the least or the greatest, the decades beyond are searched, too. Where gradients are random every setting is run with four seeds, and is
//! as good as three of them.

mod search;

use std::sync::Arc;

use super::axis::NEAR_ONE;
use super::{
    Axis, CONVERGED, Cell, DIVERGED, Minimum, Outcome, Spacing, Span, UNDEFINED, is_within, minima,
};
use crate::descent::Plan;
use crate::landscape::{Domain, Range, ToldMinima};
use crate::objective::{GoOn, Objective};
use crate::optimizer::sampling::derived_seed;
use search::Search;

/// Cells of each of the two grids: at most, and at least.
const MOST: [usize; 2] = [64, 32];
const LEAST: usize = 8;
/// Multiplications that the runs of a descent may take, about; with a costlier objective there are fewer runs.
const WORK: usize = 100_000_000_000;
/// The rate is searched from the rule's usual one, and from the descent's, by this factor up and down.
const FACTOR: f64 = 1e3;
/// Runs of each setting where gradients are random, and which of them counts, the best being number 0.
const SEEDS: usize = 4;
const COUNTS: usize = 2;

/// What descents are tuned on.
#[derive(Debug, Clone, Copy)]
pub struct Course<'c> {
    pub objective: &'c Arc<dyn Objective>,
    /// What is drawn of it.
    pub domain: Domain,
    pub told: ToldMinima<'c>,
    /// What counts as arrived: within this of a minimum.
    pub radius: f64,
}

/// A descent that is to be tuned.
#[derive(Debug, Clone, PartialEq)]
pub struct Entrant {
    pub plan: Plan,
    /// What of it is searched, and where; without a second one the first alone.
    pub spans: [Option<Span>; 2],
    /// Whether rates beyond may be searched, too.
    pub is_open: bool,
}

impl Entrant {
    /// One of which the rate and the rule's first decay are searched.
    pub fn usual(plan: Plan) -> Entrant {
        let decay = Axis::all(&plan).into_iter().find(is_decay);
        let spans = [Some(Axis::Rate), decay];
        Entrant {
            spans: spans.map(|axis| axis.map(|axis| searched(axis, &plan))),
            is_open: true,
            plan,
        }
    }
}

/// What is searched of an axis where nobody says.
pub fn searched(axis: Axis, plan: &Plan) -> Span {
    let range: Range = match axis {
        Axis::Rate => {
            let usual = plan.rule.info().usual_rate;
            let [low, high] = [usual.min(plan.rate), usual.max(plan.rate)];
            // What is beyond all numbers is no range.
            [
                (low / FACTOR).max(f64::MIN_POSITIVE),
                (high * FACTOR).min(f64::MAX),
            ]
        }
        // From 0 up to near 1, or to the descent's own.
        Axis::Param(k, _) if is_decay(&axis) => [0.0, (1.0 - NEAR_ONE).max(plan.rule.values()[k])],
        Axis::Param(_, param) => {
            let domain = Domain {
                x: [0.0, 1.0],
                y: None,
            };
            let [low, high] = axis.usual_range(plan, domain);
            [low, high.min(param.max)]
        }
        Axis::Noise | Axis::Start(_) => [0.0, 1.0],
    };
    Span { axis, range }
}

fn is_decay(axis: &Axis) -> bool {
    matches!(axis, Axis::Param(..)) && axis.spacing() == Spacing::LogBelowOne
}

/// What came of some settings; where gradients are random three of four runs do as well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reached {
    /// The step from which on it lies at a lowest minimum; `None` if it comes to none, or in the last tenth of its steps only, which
    /// is chance as often as not.
    pub settles: Option<usize>,
    /// At its last finite iterate; NaN without one.
    pub loss: f64,
    /// Whether it left the finite numbers, or where there is a loss.
    pub is_lost: bool,
}

impl Reached {
    /// Of a run of at most so many steps.
    fn of(outcome: &Outcome, minima: &[Minimum], steps: usize) -> Reached {
        let minimum = usize::try_from(outcome.minimum).ok();
        let is_lowest = minimum.is_some_and(|minimum| minima[minimum].is_lowest);
        let settles = usize::try_from(outcome.steps).ok();
        let stays = |settles: &usize| {
            outcome.status == CONVERGED || settles.saturating_add(steps / 10) <= steps
        };
        Reached {
            settles: settles.filter(|_| is_lowest).filter(stays),
            loss: outcome.loss,
            is_lost: minimum.is_none() && matches!(outcome.status, DIVERGED | UNDEFINED),
        }
    }

    /// The sooner at a lowest minimum, of those as soon the one that ends lower.
    fn is_better(&self, other: &Reached) -> bool {
        self.order().lt(&other.order())
    }

    fn order(&self) -> (usize, f64) {
        let loss = if self.loss.is_nan() {
            f64::INFINITY
        } else {
            self.loss
        };
        (self.settles.unwrap_or(usize::MAX), loss)
    }
}

/// What was found of a descent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tuned {
    /// The best settings; those it had if none are better.
    pub cell: Cell,
    /// With these.
    pub after: Reached,
    /// With those it had.
    pub before: Reached,
    /// Whether the best rate is the least or the greatest that was searched.
    pub is_at_end: bool,
}

/// How many runs there are of each descent, about: as many of all.
pub fn tuning_runs(objective: &dyn Objective, plans: &[Plan]) -> usize {
    let [cols, rows] = grid(objective, plans.iter());
    2 * cols * rows
}

fn grid<'p>(objective: &dyn Objective, plans: impl Iterator<Item = &'p Plan>) -> [usize; 2] {
    let steps = plans.map(|plan| plan.steps).max().unwrap_or(1);
    let work = |[cols, rows]: [usize; 2]| {
        let runs = 2 * cols * rows;
        objective.cost().saturating_mul(steps).saturating_mul(runs)
    };
    let mut grid = MOST;
    while work(grid) > WORK && grid[1] > LEAST {
        grid = grid.map(|side| side / 2);
    }
    grid
}

/// The best settings of each of these with its rate and its first decay, as far as any of its runs has a finite loss; `radius` is
/// what counts as arrived. `None` once `go_on` says no.
pub fn tune(
    objective: &Arc<dyn Objective>,
    plans: &[Plan],
    (domain, told): (Domain, ToldMinima),
    radius: f64,
    go_on: &GoOn,
) -> Option<Vec<Option<Tuned>>> {
    let course = Course {
        objective,
        domain,
        told,
        radius,
    };
    let entrants: Vec<Entrant> = plans.iter().cloned().map(Entrant::usual).collect();
    let found = tune_each(&course, &entrants, go_on, &mut |_, _| {})?;
    Some(found.tuned)
}

/// What was found of several descents.
#[derive(Debug, Clone, PartialEq)]
pub struct TunedEach {
    /// Of each; `None` where no run has a finite loss.
    pub tuned: Vec<Option<Tuned>>,
    /// What they could settle at, lowest first.
    pub minima: Vec<Minimum>,
}

/// The best settings of each of these. `after` is told how many runs are done, and about how many of all that is. `None` once
/// `go_on` says no.
pub fn tune_each(
    course: &Course,
    entrants: &[Entrant],
    go_on: &GoOn,
    after: &mut dyn FnMut(usize, usize),
) -> Option<TunedEach> {
    let grid = grid(
        &**course.objective,
        entrants.iter().map(|entrant| &entrant.plan),
    );
    let mut searches: Vec<Search> = entrants
        .iter()
        .map(|entrant| Search::new(course, entrant, grid))
        .collect();
    // What one rule finds counts for all.
    let mut all: Vec<Minimum> = Vec::new();
    for search in &mut searches {
        search.map.find_minima(course.domain, course.told, go_on)?;
        for minimum in &search.map.minima {
            if !all
                .iter()
                .any(|known| is_within(minimum.at, known.at, course.radius))
            {
                all.push(*minimum);
            }
        }
    }
    let minima = match all.is_empty() {
        true => all,
        false => {
            let size = minima::typical_size(&**course.objective, course.domain);
            minima::in_order(all, size)
        }
    };
    let mut done = 0;
    let mut expected: usize = searches.iter().map(Search::runs).sum();
    let mut tuned = Vec::new();
    for mut search in searches {
        search.map.minima.clone_from(&minima);
        let planned = search.runs();
        let before = done;
        let found = search.best(go_on, &mut |runs| {
            done = before + runs;
            after(done, expected.max(done));
        })?;
        // One may have taken more runs than were planned.
        expected = expected - planned + (done - before);
        tuned.push(found);
    }
    Some(TunedEach { tuned, minima })
}

/// The seeds that every setting of a descent is run with.
fn seeds(plan: &Plan) -> Vec<u64> {
    match plan.sampling.is_random() {
        false => vec![plan.seed],
        true => (0..SEEDS as u64)
            .map(|index| match index {
                0 => plan.seed,
                _ => derived_seed(plan.seed, index - 1),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests;
