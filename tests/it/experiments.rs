//! Experiment files: the built-in ones.

mod bad_input;
mod constants;
mod data_sets;
mod format;

use std::collections::HashSet;
use std::error::Error;

use steepest::descent::{Status, Stop};
use steepest::experiment::{BUILTINS, Experiment};
use steepest::mnist::DataWish;
use steepest::optimizer::Sampling;
use steepest::report;

type Tested = Result<(), Box<dyn Error>>;

#[test]
fn every_built_in_experiment_loads_and_teaches() -> Tested {
    assert_eq!(BUILTINS[0].name, "race");
    for builtin in BUILTINS {
        let experiment = Experiment::load(builtin.name)?;
        assert!(
            experiment.about.len() > 200,
            "{}: says too little",
            builtin.name
        );
        assert!(
            !experiment.about.contains('\n'),
            "{}: about is one paragraph",
            builtin.name
        );
        assert_eq!(experiment.notes(), Vec::<String>::new(), "{}", builtin.name);
        assert!(experiment.last_step() > 0, "{}", builtin.name);
    }
    Ok(())
}

/// Rule, rate, start and steps of every descent, as the courses that they come from have them.
#[test]
fn the_built_in_experiments_keep_their_settings() -> Tested {
    type Setting = (&'static str, f64, &'static [f64], usize);
    let verify = |name: &str, expected: &[Setting]| -> Tested {
        let experiment = Experiment::load(name)?;
        let plans = experiment
            .panels
            .iter()
            .flat_map(|p| &p.descents)
            .map(|d| &d.plan);
        let actual: Vec<_> = plans
            .map(|plan| {
                (
                    plan.rule.info().name,
                    plan.rate,
                    plan.start.clone(),
                    plan.steps,
                )
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|&(rule, rate, start, steps)| (rule, rate, start.to_vec(), steps))
            .collect();
        assert_eq!(actual, expected, "{name}");
        Ok(())
    };
    let three = |start: &'static [f64]| {
        [
            ("gd", 0.05, start, 150),
            ("momentum", 0.05, start, 150),
            ("adam", 0.1, start, 150),
        ]
    };
    verify(
        "noisy-quartic",
        &[("gd", 0.01, &[2.5], 300), ("gd", 0.01, &[2.5], 300)],
    )?;
    verify("parabola-overshoot", &[("gd", 2.5, &[8.0], 100)])?;
    verify("tilted-double-well", &[("gd", 0.07, &[-2.5], 100)])?;
    verify(
        "two-hikers",
        &[("gd", 0.05, &[-1.8], 10), ("gd", 0.05, &[1.8], 10)],
    )?;
    verify("bowl", &[("gd", 0.12, &[-2.5, 2.0], 25)])?;
    verify(
        "learning-rate-stability",
        &[
            ("gd", 0.02, &[-2.5, 2.0], 40),
            ("gd", 0.12, &[-2.5, 2.0], 40),
            ("gd", 0.6, &[-2.5, 2.0], 15),
        ],
    )?;
    verify("quadratic", &three(&[2.5, 2.5]))?;
    verify("rosenbrock", &three(&[-1.0, 2.0]))?;
    verify("saddle", &three(&[1.5, 0.1]))?;
    let rates = [0.01, 0.05, 0.1, 0.18, 0.22, 0.25];
    let six = rates.map(|rate| ("gd", rate, &[2.5, 2.5] as &[f64], 100));
    verify("learning-rate-sensitivity", &six)?;
    assert_eq!(
        Experiment::load("learning-rate-sensitivity")?.panels.len(),
        6
    );
    verify(
        "nesterov-vs-momentum",
        &[
            ("momentum", 0.001, &[-1.0, 2.0], 300),
            ("nesterov", 0.001, &[-1.0, 2.0], 300),
        ],
    )?;
    verify(
        "cosine-annealing",
        &[("gd", 0.1, &[2.5, 2.5], 150), ("gd", 0.1, &[2.5, 2.5], 150)],
    )?;

    let stability = Experiment::load("learning-rate-stability")?;
    for descent in stability.panels.iter().flat_map(|panel| &panel.descents) {
        assert_eq!(
            descent.plan.stop,
            Stop {
                radius: Some(6.0),
                gradient: None
            }
        );
    }
    let noisy = &Experiment::load("noisy-quartic")?.panels[0].descents[1];
    assert_eq!(noisy.plan.sampling, Sampling::Noise { sigma: 0.5 });
    Ok(())
}

#[test]
fn in_the_race_rules_differ_and_so_do_their_valleys() -> Tested {
    let race = Experiment::load("race")?;
    let results = report::run(&race, &DataWish::Synthetic)?;
    let outcomes = &results.panels[0].descents;
    let rules: HashSet<_> = outcomes.iter().map(|outcome| outcome.rule).collect();
    assert_eq!(rules.len(), outcomes.len());

    let mut valleys: Vec<&[f64]> = Vec::new();
    for outcome in outcomes {
        assert_eq!(outcome.status, Status::Finished, "{}", outcome.name);
        let (first, end) = (
            outcome.history.at(0),
            outcome.history.last().unwrap_or_default(),
        );
        for w in outcome.history.iter() {
            assert!(race.panels[0].domain.contains(w), "{}: {w:?}", outcome.name);
        }
        assert!(
            distance(first, end) > 1.0,
            "{} stays behind at {end:?}",
            outcome.name
        );
        if valleys.iter().all(|valley| distance(valley, end) > 0.5) {
            valleys.push(end);
        }
    }
    assert!(valleys.len() >= 3, "all end in {valleys:?}");
    Ok(())
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f64>().sqrt()
}

/// The figures that the experiment's text gives: over seeds, the median of the last loss.
#[test]
fn cosine_annealing_lowers_the_median_loss() -> Tested {
    let experiment = Experiment::load("cosine-annealing")?;
    let mut last = [Vec::new(), Vec::new()];
    for seed in 0..4000 {
        let mut seeded = experiment.clone();
        seeded.reseed(seed);
        for (last, outcome) in last
            .iter_mut()
            .zip(&report::run(&seeded, &DataWish::Synthetic)?.panels[0].descents)
        {
            last.extend(outcome.history.losses().last());
        }
    }
    let [constant, cosine] = last.map(|mut losses| {
        losses.sort_by(f64::total_cmp);
        losses[losses.len() / 2]
    });
    assert!(
        (0.195..0.23).contains(&constant),
        "constant rate: {constant}"
    );
    assert!((0.0130..0.0153).contains(&cosine), "cosine: {cosine}");
    Ok(())
}
