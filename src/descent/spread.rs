//! How runs that differ in their random numbers alone are spread: quantiles at every step.

use super::{Descent, Status};

/// More steps than this are thinned out evenly.
const MAX_STEPS: usize = 600;

/// The steps, from 0 to the last one, at which runs of so many steps are compared.
pub fn compared_steps(steps: usize) -> Vec<usize> {
    let stride = steps.div_ceil(MAX_STEPS).max(1);
    let mut compared: Vec<usize> = (0..=steps).step_by(stride).collect();
    if compared.last() != Some(&steps) {
        compared.push(steps);
    }
    compared
}

/// What is kept of one run: its losses and gradient norms at the steps compared. A run that ended early stays where it
/// ended, one that diverged is above all others.
#[derive(Debug, Clone, PartialEq)]
pub struct RepeatOutcome {
    pub losses: Vec<f64>,
    pub gradient_norms: Vec<f64>,
}

impl RepeatOutcome {
    /// Of a run that is over.
    pub fn of(descent: &Descent) -> RepeatOutcome {
        let history = descent.history();
        let diverged = matches!(descent.status(), Status::Diverged { .. });
        let at = |numbers: &[f64], step: usize| {
            let held = numbers.last().filter(|_| !diverged);
            let number = numbers.get(step).or(held).copied();
            number.filter(|n| !n.is_nan()).unwrap_or(f64::INFINITY)
        };
        let steps = compared_steps(descent.plan().steps);
        let all = |numbers: &[f64]| steps.iter().map(|&step| at(numbers, step)).collect();
        RepeatOutcome {
            losses: all(history.losses()),
            gradient_norms: all(history.gradient_norms()),
        }
    }
}

/// The 10 %, 50 % and 90 % quantiles at every place of sequences of the same length.
pub fn quantiles<'a>(runs: impl Iterator<Item = &'a [f64]> + Clone) -> Vec<[f64; 3]> {
    let length = runs.clone().map(<[f64]>::len).min().unwrap_or(0);
    let mut sorted = Vec::new();
    (0..length)
        .map(|place| {
            sorted.clear();
            sorted.extend(runs.clone().map(|run| run[place]));
            sorted.sort_by(f64::total_cmp);
            [0.1, 0.5, 0.9].map(|share| quantile(&sorted, share))
        })
        .collect()
}

/// Of ascending numbers, at least one; between two of them, in proportion.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let (a, b) = (sorted[below], sorted[(below + 1).min(sorted.len() - 1)]);
    if part == 0.0 || a == b {
        a
    } else {
        a + (b - a) * part
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descent::{Plan, Stop};
    use crate::objective::Formula;
    use crate::optimizer::{Rule, Sampling};
    use std::sync::Arc;

    #[test]
    fn steps_are_few_and_include_both_ends() {
        assert_eq!(compared_steps(0), [0]);
        assert_eq!(compared_steps(3), [0, 1, 2, 3]);
        let many = compared_steps(100_001);
        assert!(many.len() <= MAX_STEPS + 2, "{}", many.len());
        assert_eq!((many[0], many[many.len() - 1]), (0, 100_001));
    }

    #[test]
    fn quantiles_lie_where_they_should() {
        let runs: Vec<Vec<f64>> = (0..11).map(|k| vec![f64::from(k), 7.0]).collect();
        let found = quantiles(runs.iter().rev().map(Vec::as_slice));
        assert_eq!(found, [[1.0, 5.0, 9.0], [7.0; 3]]);
        assert_eq!(quantile(&[0.0, 10.0], 0.9), 9.0);
        assert_eq!(quantile(&[3.0], 0.1), 3.0);
        assert_eq!(
            quantile(&[1.0, f64::INFINITY, f64::INFINITY], 0.9),
            f64::INFINITY
        );
        assert!(quantiles([].into_iter()).is_empty());
    }

    fn outcome(rate: f64, stop: Stop) -> RepeatOutcome {
        let plan = Plan {
            rule: Rule::named("gd").expect("a rule"),
            rate,
            schedule: Default::default(),
            sampling: Sampling::Exact,
            clip: None,
            start: vec![1.0],
            steps: 20,
            stop,
            seed: 0,
            record: None,
        };
        let objective = Arc::new(Formula::parse("exp(x^2)").expect("a formula"));
        let mut descent = Descent::new(objective, plan);
        descent.run();
        RepeatOutcome::of(&descent)
    }

    #[test]
    fn a_run_that_ended_stays_there_and_one_that_diverged_is_above_all() {
        let stop = Stop {
            gradient: Some(1e9),
            ..Stop::default()
        };
        let converged = outcome(0.1, stop);
        assert_eq!(converged.losses, vec![1f64.exp(); 21]);
        let diverged = outcome(10.0, Stop::default());
        assert_eq!(diverged.losses.len(), 21);
        assert!(diverged.losses[0].is_finite());
        assert_eq!(diverged.losses[20], f64::INFINITY);
        assert_eq!(diverged.gradient_norms[20], f64::INFINITY);
    }
}
