//! The best settings of several rules, each found with the same number of runs: comparing rules at one's best and another's usual
//! rate says little.
//!
//! Each rule is run over its rate, six decades of it, and the first of its decays, if it has one; half of the runs lie on a grid
//! over all of that, the other half on one around the best of these.

use std::sync::Arc;

use super::{Axis, Cell, Map, Minimum, Order, Outcomes, Spacing, Span, compute, is_within};
use crate::descent::Plan;
use crate::landscape::{Domain, ToldMinima};
use crate::objective::{GoOn, Objective};

/// Cells of each of the two grids: at most, and at least.
const MOST: [usize; 2] = [64, 32];
const LEAST: usize = 8;
/// Multiplications that the runs of a rule may take, about; with a costlier objective there are fewer runs.
const WORK: usize = 100_000_000_000;
/// The rate is searched from the rule's usual one by this factor up and down.
const FACTOR: f64 = 1e3;

/// The best settings that were found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tuned {
    pub cell: Cell,
    /// The step from which on it lies at a lowest minimum; `None` if it comes to none.
    pub settles: Option<usize>,
    /// At its last iterate.
    pub loss: f64,
}

impl Tuned {
    fn is_better(&self, other: &Tuned) -> bool {
        let steps = |tuned: &Tuned| tuned.settles.unwrap_or(usize::MAX);
        let by_steps = steps(self).cmp(&steps(other));
        by_steps.then(self.loss.total_cmp(&other.loss)).is_lt()
    }
}

/// How many runs there are of each rule: as many of all.
pub fn tuning_runs(objective: &dyn Objective, plans: &[Plan]) -> usize {
    let [cols, rows] = grid(objective, plans);
    2 * cols * rows
}

fn grid(objective: &dyn Objective, plans: &[Plan]) -> [usize; 2] {
    let steps = plans.iter().map(|plan| plan.steps).max().unwrap_or(1);
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

/// The best settings of each of these, as far as any of its runs has a finite loss; `radius` is what counts as arrived.
/// `None` once `go_on` says no.
pub fn tune(
    objective: &Arc<dyn Objective>,
    plans: &[Plan],
    (domain, told): (Domain, ToldMinima),
    radius: f64,
    go_on: &GoOn,
) -> Option<Vec<Option<Tuned>>> {
    let grid = grid(&**objective, plans);
    let mut maps: Vec<Map> = plans
        .iter()
        .map(|plan| {
            let spans = searched(plan);
            let size = size_of(&spans, grid);
            Map::new(objective.clone(), plan.clone(), spans, size, radius)
        })
        .collect();
    let mut all: Vec<Minimum> = Vec::new();
    for map in &mut maps {
        map.find_minima(domain, told, go_on)?;
        for minimum in &map.minima {
            if !all
                .iter()
                .any(|known| is_within(minimum.at, known.at, radius))
            {
                all.push(*minimum);
            }
        }
    }
    // What one rule finds counts for all.
    let minima = super::minima::in_order(all, super::minima::typical_size(&**objective, domain));
    let mut best = Vec::new();
    for mut map in maps {
        map.minima.clone_from(&minima);
        let Some(index) = best_cell(&map, go_on)? else {
            best.push(None);
            continue;
        };
        let first = tuned(&map, &index);
        let around = [0, 1].map(|k: usize| {
            let count = map.size()[k] as f64;
            let at = map.spans[k].fraction(map.at(index.0)[k]);
            let part = map.spans[k].part([at - 1.0 / count, at + 1.0 / count]);
            part.unwrap_or(map.spans[k])
        });
        let around = match map.size() {
            [_, 1] => [around[0], map.spans[1]],
            _ => around,
        };
        let mut finer = Map::new(
            map.objective,
            map.plan,
            around,
            size_of(&map.spans, grid),
            radius,
        );
        finer.minima.clone_from(&minima);
        let second = best_cell(&finer, go_on)?.map(|index| tuned(&finer, &index));
        let better = second.filter(|second| second.is_better(&first));
        best.push(Some(better.unwrap_or(first)));
    }
    Some(best)
}

/// What is searched of a rule. Of one without decays only the rate varies.
fn searched(plan: &Plan) -> [Span; 2] {
    let usual = plan.rule.info().usual_rate;
    let rate = Span {
        axis: Axis::Rate,
        range: [usual / FACTOR, usual * FACTOR],
    };
    let decay = Axis::all(plan).into_iter().find(is_decay);
    let other = match decay {
        Some(axis) => {
            // From 0 up to near 1, whatever it is now.
            let range = [0.0, 0.999];
            Span { axis, range }
        }
        None => Span {
            axis: Axis::Start(0),
            range: [plan.start[0]; 2],
        },
    };
    [rate, other]
}

fn is_decay(axis: &Axis) -> bool {
    matches!(axis, Axis::Param(..)) && axis.spacing() == Spacing::LogBelowOne
}

fn size_of(spans: &[Span; 2], [cols, rows]: [usize; 2]) -> [usize; 2] {
    if is_decay(&spans[1].axis) {
        [cols, rows]
    } else {
        [cols * rows, 1]
    }
}

/// The best cell with what came of all.
fn best_cell(map: &Map, go_on: &GoOn) -> Option<Option<(usize, Outcomes)>> {
    let Ok(mut outcomes) = Outcomes::awaited(map.cells()) else {
        return Some(None);
    };
    compute(map, Order::Rows, &mut outcomes, go_on, &mut |_, _| {}).then_some(())?;
    let best = outcomes.best(&map.minima);
    Some(best.map(|best| (best, outcomes)))
}

fn tuned(map: &Map, (index, outcomes): &(usize, Outcomes)) -> Tuned {
    let minimum = usize::try_from(outcomes.minimum[*index]).ok();
    let is_lowest = minimum.is_some_and(|minimum| map.minima[minimum].is_lowest);
    Tuned {
        cell: map.cell(*index),
        settles: usize::try_from(outcomes.steps[*index])
            .ok()
            .filter(|_| is_lowest),
        loss: outcomes.loss[*index],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::Formula;
    use crate::optimizer::Rule;

    const DOMAIN: Domain = Domain {
        x: [-3.0, 3.0],
        y: Some([-3.0, 3.0]),
    };

    fn plan(rule: &str) -> Plan {
        let info = Rule::named(rule).expect("a rule");
        Plan {
            steps: 400,
            ..Plan::of(info, vec![2.0, 1.0])
        }
    }

    fn tuned(formula: &str, rules: &[&str]) -> Vec<Option<Tuned>> {
        let objective: Arc<dyn Objective> = Arc::new(Formula::parse(formula).expect("a formula"));
        let plans: Vec<Plan> = rules.iter().map(|rule| plan(rule)).collect();
        let told = ToldMinima {
            places: &[],
            are_global: false,
        };
        tune(&objective, &plans, (DOMAIN, told), 0.01, &|| true).expect("wanted")
    }

    /// On ½(ℓx² + Ly²) the best rate of gradient descent is 2/(ℓ + L), of the heavy ball (2/(√ℓ + √L))² with a momentum of
    /// ((√L − √ℓ)/(√L + √ℓ))² (Polyak 1964); a finite number of steps allows a little more or less.
    #[test]
    fn on_a_quadratic_it_finds_what_theory_has() {
        let found = tuned("0.5*(x^2 + 50*y^2)", &["gd", "momentum"]);
        let [Some(gd), Some(heavy)] = found[..] else {
            panic!("{found:?}");
        };
        assert!((gd.cell.rate * 51.0 / 2.0 - 1.0).abs() < 0.02, "{gd:?}");
        let (low, high) = (1.0, 50f64.sqrt());
        let rate = (2.0 / (low + high)).powi(2);
        let momentum = ((high - low) / (high + low)).powi(2);
        assert!(
            (heavy.cell.rate / rate - 1.0).abs() < 0.35,
            "{heavy:?} {rate}"
        );
        assert!(
            (heavy.cell.params[0] - momentum).abs() < 0.15,
            "{heavy:?} {momentum}"
        );
        let steps = [gd, heavy].map(|tuned| tuned.settles.expect("it settles"));
        assert!(steps[1] * 2 < steps[0], "{steps:?}");
    }

    #[test]
    fn rules_without_decays_and_losses_without_minima_are_tuned_too() {
        let found = tuned(
            "(1 - x)^2 + 10*(y - x^2)^2",
            &["adagrad", "adam", "rmsprop"],
        );
        for tuned in &found {
            let tuned = tuned.expect("finite losses");
            assert!(tuned.settles.is_some_and(|steps| steps < 400), "{tuned:?}");
        }
        let slope = tuned("x + y", &["gd"])[0].expect("finite losses");
        assert!(slope.settles.is_none() && slope.loss < -1e4);
        assert_eq!(tuned("ln(x - 100)", &["gd"]), [None]);
    }
}
