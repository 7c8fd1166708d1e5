//! The descents of the reference notebooks, against the numbers NumPy gave for them.

use std::sync::Arc;

use serde_json::Value;
use steepest::descent::{Descent, Plan, Status, Stop};
use steepest::landscape::{CriticalKind, CriticalPoints, Domain, ToldMinima};
use steepest::objective::Formula;
use steepest::optimizer::{Rule, Sampling, Schedule};

use crate::oracle::{number, numbers, reference};

const QUADRATIC: &str = "(x - 1)^2 + 5*(y - 1)^2";
const ROSENBROCK: &str = "(1 - x)^2 + 100*(y - x^2)^2";
const SADDLE: &str = "x^2 - y^2";
const BOWL: &str = "x^2 + 1.5*y^2";
const TWO_HIKERS: &str = "x^4 - 2*x^2 + 0.2*x";
const QUARTIC: &str = "x^4 - 4*x^2 + x";
const TILTED_WELL: &str = "x^4 - 5*x^2 - 3*x";

const TOLERANCE: f64 = 1e-9;

/// Points of one or two coordinates.
fn points(value: &Value) -> Vec<Vec<f64>> {
    let point = |value: &Value| match value {
        Value::Array(_) => numbers(value),
        _ => vec![number(value)],
    };
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(point)
        .collect()
}

fn plan(rule: &str, rate: f64, start: &[f64], steps: usize) -> Plan {
    Plan {
        rule: Rule::named(rule).expect("a rule"),
        rate,
        schedule: Schedule::default(),
        sampling: Sampling::Exact,
        clip: None,
        start: start.to_vec(),
        steps,
        stop: Stop::default(),
        seed: 0,
        record: None,
    }
}

fn run(formula: &str, plan: Plan) -> Descent {
    let formula = Formula::parse(formula).expect("a formula");
    let mut descent = Descent::new(Arc::new(formula), plan);
    descent.run();
    descent
}

fn close(what: &str, index: usize, value: f64, expected: f64) {
    let error = (value - expected).abs();
    assert!(
        error <= TOLERANCE * expected.abs(),
        "{what}, index {index}: {value:e} instead of {expected:e}"
    );
}

/// Checks a descent's path and losses as far as the reference is finite, and that it has as many.
fn verify(what: &str, descent: &Descent, path: &[Vec<f64>], losses: &[f64]) {
    let history = descent.history();
    let finite = |i: &usize| losses[*i].is_finite() && path[*i].iter().all(|w| w.is_finite());
    let entries = (0..losses.len()).take_while(finite).count();
    assert_eq!(history.len(), entries, "{what}: {:?}", descent.status());
    for (i, (w, expected)) in history.iter().zip(path).enumerate() {
        for (w, expected) in w.iter().zip(expected) {
            close(what, i, *w, *expected);
        }
        close(what, i, history.losses()[i], losses[i]);
    }
}

#[test]
fn the_optimizer_visualizer() {
    let reference = reference("trajectories");
    let objectives = [
        ("quadratic", QUADRATIC),
        ("rosenbrock", ROSENBROCK),
        ("saddle", SADDLE),
    ];
    let rules = [
        ("sgd_lr0.05", "gd", 0.05),
        ("momentum_lr0.05_mu0.9", "momentum", 0.05),
        ("adam_lr0.1", "adam", 0.1),
    ];
    for (objective, formula) in objectives {
        let expected = &reference["seed004"][objective];
        let start = numbers(&expected["start"]);
        for (key, rule, rate) in rules {
            let what = format!("{objective} {rule}");
            let expected = &expected[key];
            let descent = run(formula, plan(rule, rate, &start, 150));
            let losses = numbers(&expected["loss_151"]);
            verify(&what, &descent, &points(&expected["path_151x2"]), &losses);

            let first_bad = ["first_nonfinite_w", "first_nonfinite_loss"]
                .iter()
                .filter_map(|key| expected[key].as_u64())
                .min();
            let status = match first_bad {
                Some(step) => Status::Diverged {
                    step: step as usize,
                },
                None => Status::Finished,
            };
            assert_eq!(descent.status(), status, "{what}");
            let negative = descent
                .history()
                .losses()
                .iter()
                .position(|loss| *loss < 0.0);
            let expected = expected["first_negative_loss"].as_u64();
            assert_eq!(negative, expected.map(|i| i as usize), "{what}");
        }
    }
}

#[test]
fn learning_rate_sensitivity() {
    let reference = reference("trajectories");
    let expected = reference["seed004_lr_sensitivity"].as_object();
    let expected = expected.expect("a table of rates");
    assert_eq!(expected.len(), 6);
    for (rate, expected) in expected {
        let plan = plan("gd", rate.parse().expect("a rate"), &[2.5, 2.5], 100);
        let descent = run(QUADRATIC, plan);
        let path = points(&expected["path_101x2"]);
        verify(rate, &descent, &path, &numbers(&expected["loss_101"]));
        assert_eq!(descent.status(), Status::Finished);
    }
}

#[test]
fn two_hikers_and_the_bowl() {
    let reference = reference("trajectories");
    let hikers = &reference["seed003"]["two_hikers"];
    for (side, start) in [("left", -1.8), ("right", 1.8)] {
        let descent = run(TWO_HIKERS, plan("gd", 0.05, &[start], 10));
        let path = points(&hikers[format!("{side}_path")]);
        let losses = numbers(&hikers[format!("{side}_loss")]);
        verify(side, &descent, &path, &losses);
    }
    let bowl = &reference["seed003"]["path2d_lr0.12_25steps"];
    let descent = run(BOWL, plan("gd", 0.12, &[-2.5, 2.0], 25));
    let losses = numbers(&bowl["loss"]);
    verify("bowl", &descent, &points(&bowl["path"]), &losses);
}

#[test]
fn stability_and_the_radius_stop() {
    let reference = reference("trajectories");
    let reference = &reference["seed003"];
    let mut cases: Vec<(&str, &Value)> = Vec::new();
    let comparison = reference["lr_comparison"].as_object().expect("a table");
    cases.extend(comparison.iter().map(|(name, case)| (name.as_str(), case)));
    let extra = "extra_not_in_seed_lr0.7_radius_stop";
    cases.push((extra, &reference[extra]));
    assert_eq!(cases.len(), 4);
    for (name, case) in cases {
        let steps = number(&case["max_steps"]) as usize;
        let mut plan = plan("gd", number(&case["lr"]), &[-2.5, 2.0], steps);
        plan.stop.radius = Some(6.0);
        let descent = run(BOWL, plan);
        let path = points(&case["path"]);
        let losses: Vec<f64> = match &case["loss"] {
            Value::Null => path
                .iter()
                .map(|w| w[0] * w[0] + 1.5 * w[1] * w[1])
                .collect(),
            losses => numbers(losses),
        };
        verify(name, &descent, &path, &losses);
        let stopped = case["stopped_by_radius"].as_bool() == Some(true);
        let status = if stopped {
            Status::Stopped
        } else {
            Status::Finished
        };
        assert_eq!(descent.status(), status, "{name}");
        let last = number(&case["points"]) as usize - 1;
        assert_eq!(descent.status_step(), last, "{name}");
    }
}

#[test]
fn interactive_steps() {
    let reference = reference("trajectories");
    // The notebook's gradient of x² is x: its step 5 is a rate of 2.5 here.
    for (key, formula, rate) in [
        ("f1_x2", "x^2", 2.5),
        ("f1_x2_if_gradient_were_2x", "x^2", 5.0),
        ("f2_quartic", TILTED_WELL, 0.07),
    ] {
        let expected = &reference["seed001"][key];
        let start = number(&expected["start"]);
        let updates = number(&expected["S"]) as usize;
        let descent = run(formula, plan("gd", rate, &[start], updates));
        let history = descent.history();
        let losses = numbers(&expected["ystars"]);
        for (i, w) in numbers(&expected["xstars"]).iter().enumerate() {
            close(key, i, history.at(i)[0], *w);
            close(key, i, history.losses()[i], losses[i]);
        }
        assert_eq!(losses.len(), updates, "{key}");
        let last = number(&expected["xstar_after_S_updates"]);
        close(key, updates, history.at(updates)[0], last);
    }
}

#[test]
fn the_noisy_quartic_without_noise() {
    let reference = reference("trajectories");
    let expected = &reference["seed000"];
    let descent = run(QUARTIC, plan("gd", 0.01, &[2.5], 300));
    let history = descent.history();
    let losses = numbers(&expected["f_bgd_hist"]);
    assert_eq!(history.len(), losses.len() + 1);
    // The reference's history begins after the first update.
    for (i, w) in numbers(&expected["x_bgd_hist"]).iter().enumerate() {
        close("quartic", i, history.at(i + 1)[0], *w);
        close("quartic", i, history.losses()[i + 1], losses[i]);
    }
}

#[test]
fn critical_points_of_the_curves() {
    let reference = reference("trajectories");
    use CriticalKind::{LocalMinimum, LowestFound, Maximum};
    let find = |objective: &Formula, domain| {
        CriticalPoints::find(objective, domain, ToldMinima::default()).to_vec()
    };
    let curves = [
        (
            QUARTIC,
            [-3.0, 3.0],
            &reference["seed000"]["critical_points"],
        ),
        (
            TWO_HIKERS,
            [-2.2, 2.2],
            &reference["seed003"]["critical_points_sorted"],
        ),
    ];
    for (formula, x, expected) in curves {
        let objective = Formula::parse(formula).expect("a formula");
        let mut found = find(&objective, Domain { x, y: None });
        let kinds: Vec<_> = found.iter().map(|point| point.kind).collect();
        assert_eq!(kinds, [LowestFound, LocalMinimum, Maximum], "{formula}");
        found.sort_by(|a, b| a.at[0].total_cmp(&b.at[0]));
        let expected = numbers(expected);
        assert_eq!(found.len(), expected.len(), "{formula}");
        for (i, (point, expected)) in found.iter().zip(&expected).enumerate() {
            close(formula, i, point.at[0], *expected);
        }
    }
    for minimum in reference["seed003"]["minima"].as_array().expect("a list") {
        let objective = Formula::parse(TWO_HIKERS).expect("a formula");
        let domain = Domain {
            x: [-2.2, 2.2],
            y: None,
        };
        let x = number(&minimum["x"]);
        let found = find(&objective, domain);
        let found = found.iter().find(|p| (p.at[0] - x).abs() < 1e-9);
        let found = found.expect("the minimum");
        close("minimum", 0, found.value, number(&minimum["f"]));
        let global = minimum["label"]
            .as_str()
            .expect("a label")
            .starts_with("Global");
        assert_eq!(found.kind == LowestFound, global);
    }
}
