//! The fast engine against the straightforward one.

use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::super::plain;
use super::*;
use crate::descent::Stop;
use crate::optimizer::{RULES, Rule};

/// Both engines on the same cells; says how the cells ended.
fn compare(text: &str, plan: &Plan, minima: &[[f64; 2]], seed: u64) -> Vec<u8> {
    let formula = Formula::parse(text).expect("a formula");
    let dim = formula.dim();
    let objective: Arc<dyn Objective> = Arc::new(formula);
    let mut rng = Pcg64::seed_from_u64(seed);
    let mut cells = Vec::new();
    for index in 0..LANES + 9 {
        let mut rule = plan.rule;
        for param in rule.info().params {
            let high = param.max.min(param.min + 1.0);
            if index % 3 > 0 && param.kind == crate::optimizer::ParamKind::Number {
                rule.set(param.key, rng.random_range(param.min..high));
            }
        }
        let start = [0, 1].map(|axis| {
            if axis < dim {
                rng.random_range(-3.0..3.0)
            } else {
                0.0
            }
        });
        cells.push(Cell {
            start,
            rate: plan.rate * 10f64.powf(rng.random_range(-2.0..1.5)),
            noise: 0.0,
            params: rule.all_values(),
            seed: 0,
        });
    }
    let plan = Plan {
        start: vec![0.0; dim],
        ..plan.clone()
    };
    let mut found = vec![Outcome::AWAITED; cells.len()];
    let mut expected = found.clone();
    assert!(run(
        &*objective,
        &plan,
        minima,
        0.05,
        &cells,
        &mut found,
        &|| true
    ));
    plain::run(
        &objective,
        &plan,
        minima,
        0.05,
        &cells,
        &mut expected,
        &|| true,
    );
    for ((found, expected), cell) in found.iter().zip(&expected).zip(&cells) {
        let bits = |outcome: &Outcome| {
            let numbers = [outcome.loss, outcome.last[0] + 0.0, outcome.last[1] + 0.0];
            (
                outcome.minimum,
                outcome.steps,
                outcome.status,
                numbers.map(f64::to_bits),
            )
        };
        let name = plan.rule.info().name;
        assert_eq!(
            bits(found),
            bits(expected),
            "{name} on {text} from {cell:?}: {found:?} {expected:?}"
        );
    }
    found.iter().map(|outcome| outcome.status).collect()
}

fn plan(rule: &str, steps: usize) -> Plan {
    Plan {
        steps,
        ..Plan::of(Rule::named(rule).expect("a rule"), vec![0.0; 2])
    }
}

const HIMMELBLAU: &str = "(x^2 + y - 11)^2 + (x + y^2 - 7)^2";
const MINIMA: [[f64; 2]; 4] = [[3.0, 2.0], [-2.81, 3.13], [-3.78, -3.28], [3.58, -1.85]];

#[test]
fn every_rule_ends_every_cell_as_its_descent_does() {
    let mut seen = [0; 5];
    for info in RULES.iter().filter(|info| info.lanes.is_some()) {
        for (seed, text) in [
            HIMMELBLAU,
            "(x - 1)^2 + 30 (y + x)^2",
            "x^4 - 3x^2 + y^2 + x y",
            "ln(x + 3.2) + y^2",
            "1/(1 + exp(-x)) + sin(y)^2 + 0.1 x^2",
            "abs(x) + sqrt(y + 3)",
            "(x^2 - 1)^2",
        ]
        .into_iter()
        .enumerate()
        {
            let mut minima = MINIMA.to_vec();
            if !text.contains('y') {
                minima = vec![[1.0, 0.0], [-1.0, 0.0]];
            }
            let statuses = compare(text, &plan(info.name, 120), &minima, seed as u64);
            statuses
                .into_iter()
                .for_each(|status| seen[usize::from(status)] += 1);
        }
    }
    let [finished, _, _, diverged, undefined] = seen;
    assert!(
        finished > 500 && diverged > 500 && undefined > 100,
        "{seen:?}"
    );
}

#[test]
fn stops_clips_and_schedules_are_the_same() {
    let mut seen = [0; 5];
    for (seed, rule) in ["gd", "momentum", "nesterov", "adam"]
        .into_iter()
        .enumerate()
    {
        let usual = plan(rule, 90);
        let stopped = Plan {
            stop: Stop {
                radius: Some(4.5),
                gradient: Some(1e-3),
            },
            ..usual.clone()
        };
        let clipped = Plan {
            clip: Some(0.7),
            ..usual.clone()
        };
        let mut scheduled = usual.clone();
        scheduled.schedule = Schedule {
            kind: ScheduleKind::Cosine { last: 1e-4 },
            warmup: 7,
        };
        for plan in [stopped, clipped, scheduled, Plan { steps: 1, ..usual }] {
            let statuses = compare(
                "(x - 1)^2 + 3 (y + x)^2",
                &plan,
                &[[1.0, -1.0]],
                seed as u64,
            );
            statuses
                .into_iter()
                .for_each(|status| seen[usize::from(status)] += 1);
        }
    }
    assert!(seen[1] > 20 && seen[2] > 20, "{seen:?}");
}

#[test]
fn runs_that_come_to_rest_or_go_round_in_circles_end_alike() {
    for (seed, (rule, rate, text)) in [
        ("gd", 0.1, "x^2 + y^2"),
        // To and fro for ever.
        ("gd", 1.0, "x^2 + y^2"),
        ("gd", 0.5, "abs(x - 1) + y^2"),
        ("gd", 0.005, HIMMELBLAU),
        ("momentum", 0.002, HIMMELBLAU),
        ("nesterov", 0.1, "cos(x) + y^2"),
        ("lion", 0.25, "abs(x) + abs(y - 1)"),
        ("rprop", 0.1, "(x - 1)^2 + y^4"),
        ("adam", 0.05, "x^2 + y^2"),
    ]
    .into_iter()
    .enumerate()
    {
        for steps in [1500, 1507] {
            let plan = Plan {
                rate,
                ..plan(rule, steps)
            };
            let minima = [[1.0, 0.01], [0.0, 1.0], [3.0, 2.0], [0.0, 0.0]];
            compare(text, &plan, &minima, seed as u64);
        }
    }
}

#[test]
fn what_it_cannot_do_it_leaves_alone() {
    let formula = Formula::parse(HIMMELBLAU).expect("a formula");
    let refuses = |plan: &Plan, minima: &[[f64; 2]]| {
        !run(&formula, plan, minima, 0.1, &[], &mut [], &|| true)
    };
    assert!(!refuses(&plan("adam", 5), &MINIMA));
    assert!(refuses(&plan("lbfgs", 5), &MINIMA));
    assert!(refuses(&plan("adam", 5), &[[0.0, 0.0], [0.15, 0.0]]));
    let noisy = Plan {
        sampling: Sampling::Noise { sigma: 0.1 },
        ..plan("adam", 5)
    };
    assert!(refuses(&noisy, &MINIMA));
}
