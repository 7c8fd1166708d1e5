//! The straightforward engine: an ordinary descent for each cell, on all processors. Any other engine is held against it.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Cell, Outcome, distance2, is_within, plan_of, status_code};
use crate::descent::{Descent, History, Plan};
use crate::objective::{GoOn, Objective};

/// Steps whose iterates are kept at a time.
const PORTION: usize = 1024;

/// Runs every cell to its end. What is written is complete only if `go_on` still says yes afterwards; it is asked once a cell
/// and portion. It can do everything: the result is true.
pub fn run(
    objective: &Arc<dyn Objective>,
    plan: &Plan,
    minima: &[[f64; 2]],
    radius: f64,
    cells: &[Cell],
    out: &mut [Outcome],
    go_on: &GoOn,
) -> bool {
    let all = cells.par_iter().zip(out);
    // Without an outcome nobody wants any.
    let _ = all.try_for_each(|(cell, out)| {
        let descent = Descent::new(objective.clone(), plan_of(plan, cell));
        *out = follow(descent, minima, radius, go_on)?;
        Some(())
    });
    true
}

fn follow(mut descent: Descent, minima: &[[f64; 2]], radius: f64, go_on: &GoOn) -> Option<Outcome> {
    let mut stay = Stay::default();
    let mut last = place(&descent.plan().start);
    let mut loss = f64::NAN;
    loop {
        let status = descent.status();
        let portion = descent.hand_over();
        let history = portion.history();
        stay.follow(history, minima, radius);
        if let (Some(at), Some(at_last)) = (history.last(), history.losses().last()) {
            (last, loss) = (place(at), *at_last);
        }
        if status.is_over() {
            let (minimum, steps) = stay.nearest(last, minima);
            return Some(Outcome {
                minimum,
                steps,
                loss,
                status: status_code(status),
                last,
            });
        }
        if !go_on() {
            return None;
        }
        descent.advance(PORTION);
    }
}

fn place(w: &[f64]) -> [f64; 2] {
    [w[0], w.get(1).copied().unwrap_or(0.0)]
}

/// Which minima the iterates have come near and not left since.
#[derive(Default)]
struct Stay {
    /// Minima, and the first step from which on all iterates lie within the radius of them.
    since: Vec<(usize, usize)>,
    entries: usize,
}

impl Stay {
    /// Goes on with what followed.
    fn follow(&mut self, history: &History, minima: &[[f64; 2]], radius: f64) {
        let Some(last) = history.last().map(place) else {
            return;
        };
        let near = minima.iter().enumerate();
        let near = near.filter(|(_, minimum)| is_within(last, **minimum, radius));
        let since = near.map(|(index, minimum)| {
            let is_outside = |w: &[f64]| !is_within(place(w), *minimum, radius);
            let before = || self.since.iter().find(|(known, _)| *known == index);
            let first = match history.iter().rposition(is_outside) {
                Some(outside) => self.entries + outside + 1,
                None => before().map_or(self.entries, |(_, since)| *since),
            };
            (index, first)
        });
        self.since = since.collect();
        self.entries += history.len();
    }

    /// The nearest of them and since when, −1 twice without one.
    fn nearest(&self, last: [f64; 2], minima: &[[f64; 2]]) -> (i32, i32) {
        let distance = |minimum: usize| distance2(last, minima[minimum]);
        let nearest = self.since.iter().min_by(|(a, _), (b, _)| {
            let by_distance = distance(*a).total_cmp(&distance(*b));
            by_distance.then(a.cmp(b))
        });
        nearest.map_or((-1, -1), |&(minimum, since)| (minimum as i32, since as i32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objective::Formula;
    use crate::optimizer::Rule;

    fn outcome(formula: &str, plan: &Plan, minima: &[[f64; 2]], radius: f64) -> Outcome {
        let formula = Formula::parse(formula).expect("a formula");
        let objective: Arc<dyn Objective> = Arc::new(formula);
        let descent = Descent::new(objective, plan.clone());
        follow(descent, minima, radius, &|| true).expect("wanted to the end")
    }

    fn gd(rate: f64, start: &[f64], steps: usize) -> Plan {
        Plan {
            rate,
            steps,
            ..Plan::of(Rule::named("gd").expect("a rule"), start.to_vec())
        }
    }

    #[test]
    fn a_run_settles_when_it_last_came_near() {
        // x halves at every step: 8, 4, 2, 1, 0.5 …
        let halving = gd(0.25, &[8.0, 0.0], 5000);
        let found = outcome("x^2 + y^2", &halving, &[[0.0, 0.0]], 1.0);
        assert_eq!((found.minimum, found.steps), (0, 3));
        // x is 1, −1, 1 …, always within 1 of 0, and of 1 at every other step.
        let to_and_fro = gd(1.0, &[1.0, 0.0], 5000);
        let both = [[1.0, 0.0], [0.0, 0.0]];
        let found = outcome("x^2 + y^2", &to_and_fro, &both[1..], 1.0);
        assert_eq!((found.minimum, found.steps), (0, 0));
        let found = outcome("x^2 + y^2", &to_and_fro, &both, 1.0);
        assert_eq!((found.minimum, found.steps), (0, 5000));
        let found = outcome("x^2 + y^2", &to_and_fro, &both[1..], 0.5);
        assert_eq!((found.minimum, found.steps), (-1, -1));
    }

    #[test]
    fn of_two_as_near_it_is_the_first() {
        let still = gd(1e-3, &[0.0, 0.0], 10);
        let minima = [[0.5, 0.0], [-0.5, 0.0], [0.0, 0.5], [0.0, 0.1]];
        let found = outcome("x^2 + y^2", &still, &minima[..3], 1.0);
        assert_eq!((found.minimum, found.steps), (0, 0));
        let found = outcome("x^2 + y^2", &still, &minima, 1.0);
        assert_eq!(found.minimum, 3);
    }

    #[test]
    fn what_ends_badly_has_the_last_finite_numbers() {
        let found = outcome("x^4 + y^2", &gd(1.0, &[3.0, 0.0], 100), &[[0.0, 0.0]], 1e9);
        assert_eq!(found.status, super::super::DIVERGED);
        assert!(found.loss.is_finite() && found.last[0].is_finite());
        let found = outcome("log(x) + y^2", &gd(0.1, &[-1.0, 2.0], 100), &[], 1.0);
        assert_eq!(found.status, super::super::UNDEFINED);
        assert!(found.loss.is_nan());
        assert_eq!((found.last, found.minimum), ([-1.0, 2.0], -1));
        // A curve has one coordinate.
        let found = outcome("(x - 2)^2", &gd(0.25, &[10.0], 60), &[[2.0, 0.0]], 0.1);
        assert_eq!((found.minimum, found.last[1]), (0, 0.0));
    }
}
