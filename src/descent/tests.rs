//! Tests of statuses, stops and what is recorded.

use super::*;
use crate::objective::Formula;
use crate::optimizer::ScheduleKind;

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

fn descent(formula: &str, plan: Plan) -> Descent {
    let formula = Formula::parse(formula).and_then(|f| f.with_dim(plan.start.len()));
    Descent::new(Arc::new(formula.expect("a formula")), plan)
}

fn run(formula: &str, plan: Plan) -> Descent {
    let mut descent = descent(formula, plan);
    descent.run();
    let history = descent.history();
    assert_eq!(history.rates().len(), history.len().saturating_sub(1));
    assert_eq!(history.losses().len(), history.len());
    assert_eq!(history.gradient_norms().len(), history.len());
    assert!(history.iter().flatten().all(|w| w.is_finite()));
    assert!(history.losses().iter().all(|loss| loss.is_finite()));
    descent
}

#[test]
fn all_steps_done_is_finished() {
    let descent = run("x^2 + y^2", plan("gd", 0.25, &[1.0, -2.0], 2));
    assert_eq!(descent.status(), Status::Finished);
    assert_eq!(descent.status_step(), 2);
    let history = descent.history();
    assert_eq!(history.at(1), [0.5, -1.0]);
    assert_eq!(history.last(), Some(&[0.25, -0.5][..]));
    assert_eq!(history.losses(), [5.0, 1.25, 0.3125]);
    assert_eq!(history.rates(), [0.25, 0.25]);
    assert_eq!(history.gradient_norms()[0], 20f64.sqrt());
}

#[test]
fn a_run_put_together_of_portions_is_the_whole_one() {
    let mut noisy = plan("adam", 1e-3, &[2.5, 1.0], 40_000);
    noisy.sampling = Sampling::Noise { sigma: 0.5 };
    let whole = run("x^2 + y^2", noisy.clone());
    let mut parts = descent("x^2 + y^2", noisy.clone());
    let mut put_together = Run::awaited(parts.objective().clone(), noisy);
    assert!(put_together.history().is_empty());
    for k in 0.. {
        let status = parts.advance(k);
        put_together.append(parts.hand_over());
        assert!(parts.history().is_empty(), "nothing is kept twice");
        if status.is_over() {
            break;
        }
    }
    assert_eq!(put_together.history(), whole.history());
    assert_eq!(put_together.status(), whole.status());
    assert_eq!(parts.status_step(), whole.status_step());
    let nowhere = replay::Cursor::default;
    for step in [0, 1, 300, 17_000, 39_999] {
        assert_eq!(
            put_together.terms(step, &mut nowhere()),
            whole.terms(step, &mut nowhere())
        );
    }
    let known = (&put_together.kept, &whole.run.kept);
    assert_eq!(format!("{:?}", known.0), format!("{:?}", known.1));
}

#[test]
fn portions_do_not_change_a_descent() {
    let mut noisy = plan("adam", 0.1, &[2.5, 1.0], 50);
    noisy.sampling = Sampling::Noise { sigma: 0.5 };
    noisy.schedule.kind = ScheduleKind::Cosine { last: 0.0 };
    let whole = run("x^2 + y^2", noisy.clone());
    let mut parts = descent("x^2 + y^2", noisy.clone());
    assert_eq!(parts.status(), Status::Running);
    assert_eq!(parts.status_step(), 0);
    while !parts.advance(7).is_over() {}
    assert_eq!(parts.history(), whole.history());
    noisy.seed = 1;
    assert_ne!(run("x^2 + y^2", noisy).history(), whole.history());
}

#[test]
fn noise_has_its_strength_and_leaves_losses_exact() {
    let mut noisy = plan("gd", 1.0, &[0.0], 20_000);
    noisy.sampling = Sampling::Noise { sigma: 0.5 };
    let descent = run("0*x", noisy);
    let path: Vec<f64> = descent.history().iter().map(|w| w[0]).collect();
    let draws: Vec<f64> = path.windows(2).map(|pair| pair[0] - pair[1]).collect();
    let mean = draws.iter().sum::<f64>() / draws.len() as f64;
    let variance = draws.iter().map(|d| d * d).sum::<f64>() / draws.len() as f64;
    assert!(mean.abs() < 0.015, "{mean}");
    assert!((variance.sqrt() - 0.5).abs() < 0.01, "{variance}");
    assert!(descent.history().losses().iter().all(|loss| *loss == 0.0));
    assert!(descent.history().gradient_norms().iter().all(|g| *g == 0.0));
}

#[test]
fn a_seed_means_the_same_draws_everywhere() {
    let mut noisy = plan("gd", 1.0, &[0.0, 0.0], 1);
    noisy.sampling = Sampling::Noise { sigma: 1.0 };
    noisy.seed = 7;
    let descent = run("0*x*y", noisy);
    // What this build drew when it was written: w = 0 − 1·(0 + noise)
    let drawn = [-0.7521231938211115, -0.4133372350029456];
    assert_eq!(descent.history().at(1), drawn);
}

#[test]
fn batches_of_a_function_are_exact() {
    let mut batch = plan("gd", 0.25, &[1.0], 3);
    let exact = run("x^2", batch.clone());
    batch.sampling = Sampling::Batch { size: 1 };
    assert_eq!(run("x^2", batch).history(), exact.history());
}

#[test]
fn the_gradient_stop_holds_at_the_start_too() {
    let mut at_rest = plan("gd", 0.1, &[0.0], 10);
    at_rest.stop.gradient = Some(0.0);
    let descent = run("x^2", at_rest.clone());
    assert_eq!(descent.status(), Status::Converged);
    assert_eq!((descent.status_step(), descent.history().len()), (0, 1));
    // x halves, so 2|x| ≤ 0.1 after five steps
    let mut later = plan("gd", 0.25, &[1.0], 10);
    later.stop.gradient = Some(0.1);
    let descent = run("x^2", later);
    assert_eq!(descent.status(), Status::Converged);
    assert_eq!(descent.status_step(), 5);
    // without the rule a descent at rest goes through its steps
    at_rest.stop.gradient = None;
    assert_eq!(run("x^2", at_rest).status_step(), 10);
}

#[test]
fn the_radius_stop_keeps_the_first_point_outside() {
    let mut wide = plan("gd", 1.0, &[3.0, 4.0], 10);
    wide.stop.radius = Some(6.0);
    // each step multiplies by −1.5: the radius is 5, then 7.5
    let descent = run("1.25x^2 + 1.25y^2", wide.clone());
    assert_eq!(descent.status(), Status::Stopped);
    assert_eq!(descent.status_step(), 1);
    assert_eq!(descent.history().at(1), [-4.5, -6.0]);
    // the start itself may lie outside: only updates are looked at
    wide.stop.radius = Some(1.0);
    wide.rate = 0.4;
    let descent = run("1.25x^2 + 1.25y^2", wide);
    assert_eq!(descent.status(), Status::Finished);
}

#[test]
fn a_loss_that_is_not_finite_is_divergence() {
    // 3 − 4·27 and on: x grows like a cube until x^4 overflows
    let descent = run("x^4", plan("gd", 1.0, &[3.0], 100));
    let length = descent.history().len();
    assert_eq!(descent.status(), Status::Diverged { step: length });
    assert_eq!(descent.status_step(), length);
    // here too, although ∞ − ∞ is no number
    let descent = run("x^4 - x^2*x^2/2", plan("gd", 1.0, &[3.0], 100));
    let length = descent.history().len();
    assert_eq!(descent.status(), Status::Diverged { step: length });
}

const fn outside(step: usize) -> Status {
    let missing = Missing::Loss;
    Status::Undefined { step, missing }
}

const fn without_gradient(step: usize) -> Status {
    let missing = Missing::Gradient;
    Status::Undefined { step, missing }
}

#[test]
fn a_step_out_of_the_domain_is_no_divergence() {
    for (formula, rate, start) in [
        ("ln(x)", 1.0, 0.5),
        ("sqrt(x)", 1.0, 0.1),
        ("x^1.5", 2.0, 1.0),
        ("acos(x)", 1.0, 0.9),
        ("x + 0*ln(x)", 1.0, 0.5),
        // onto a pole: 1 − 1, and 0.5 − 0.5
        ("1/x + 2x", 1.0, 1.0),
        ("-ln(x) + 3x", 0.5, 0.5),
    ] {
        let descent = run(formula, plan("gd", rate, &[start], 5));
        assert_eq!(descent.status(), outside(1), "{formula}");
        assert_eq!((descent.status_step(), descent.history().len()), (1, 1));
    }
}

#[test]
fn a_start_without_a_loss_leaves_no_history() {
    for (formula, start, status) in [
        ("ln(x)", -1.0, outside(0)),
        ("1/x", 0.0, outside(0)),
        ("exp(x)", 1e3, Status::Diverged { step: 0 }),
        ("x", f64::NAN, Status::Diverged { step: 0 }),
    ] {
        let descent = run(formula, plan("gd", 0.1, &[start], 5));
        assert_eq!(descent.status(), status, "{formula}");
        assert!(descent.history().is_empty());
        assert_eq!(descent.history().last(), None);
        assert_eq!(descent.status_step(), 0);
    }
}

#[test]
fn without_a_guard_a_rule_at_rest_stays() {
    for rule in crate::optimizer::RULES {
        let mut at_rest = plan(rule.name, 0.1, &[1.0, 0.0], 20);
        at_rest.rule.set("eps", 0.0);
        let descent = run("x^2 + y^2", at_rest);
        assert_eq!(descent.status(), Status::Finished, "{}", rule.name);
        assert_eq!(
            descent.history().last().map(|w| w[1]),
            Some(0.0),
            "{}",
            rule.name
        );
    }
}

#[test]
fn no_gradient_at_a_finite_loss_is_undefined() {
    for rule in crate::optimizer::RULES {
        let descent = run("sqrt(x^2 + y^2)", plan(rule.name, 0.1, &[0.0, 0.0], 5));
        assert_eq!(descent.status(), without_gradient(1));
        assert_eq!((descent.status_step(), descent.history().len()), (1, 1));
    }
    // an infinite slope is divergence
    let descent = run("sqrt(x)", plan("lion", 0.1, &[0.0], 5));
    assert_eq!(descent.status(), Status::Diverged { step: 1 });
}

#[test]
fn nesterov_may_look_at_a_point_without_a_gradient() {
    // μ 0.5: from 1 with slope 1 and rate 0.5 to 0.5; the look-ahead is at 0.5 − 0.25.
    // There the loss is finite and the slope of sqrt((x − 1/4)^2) is none.
    let mut ahead = plan("nesterov", 0.5, &[1.0], 5);
    assert!(ahead.rule.set("momentum", 0.5));
    let descent = run("sqrt((x - 0.25)^2)", ahead);
    assert_eq!(descent.status(), without_gradient(2));
    assert_eq!(descent.history().at(1), [0.5]);
    // and at a point without a loss: from 1 to 0.3, look-ahead at −0.05
    let mut beyond = plan("nesterov", 0.7, &[1.0], 5);
    assert!(beyond.rule.set("momentum", 0.5));
    let descent = run("ln(x)", beyond);
    assert_eq!(descent.status(), outside(2));
}

#[test]
fn huge_gradients_have_finite_norms() {
    for size in [1e200, 1.0, 1e-200] {
        assert!((norm(&[3.0 * size, -4.0 * size]) / size - 5.0).abs() < 1e-14);
    }
    assert_eq!(norm(&[0.0, 0.0]), 0.0);
    assert!(norm(&[f64::NAN, 1.0]).is_nan());
    assert_eq!(norm(&[1.0, f64::NEG_INFINITY]), f64::INFINITY);
}

#[test]
fn schedules_rates_are_recorded() {
    let mut falling = plan("gd", 0.4, &[1.0], 4);
    falling.schedule.kind = ScheduleKind::Linear { last: 0.0 };
    let descent = run("x^2", falling);
    for (rate, expected) in descent.history().rates().iter().zip([0.4, 0.3, 0.2, 0.1]) {
        assert!((rate - expected).abs() < 1e-15);
    }
}

#[test]
fn no_steps_are_none() {
    let descent = run("x^2", plan("gd", 0.4, &[1.0], 0));
    assert_eq!(descent.status(), Status::Finished);
    assert_eq!(descent.history().len(), 1);
}

#[test]
fn a_rule_sees_the_clipped_gradient_and_its_terms_show_it() {
    for (clip, step) in [(None, 10.0), (Some(1.0), 1.0), (Some(20.0), 10.0)] {
        let mut clipped = plan("gd", 0.1, &[3.0, 4.0], 3);
        clipped.clip = clip;
        let descent = run("x^2 + y^2", clipped);
        let history = descent.history();
        let moved = [3.0 - history.at(1)[0], 4.0 - history.at(1)[1]];
        assert!(
            (norm(&moved) - 0.1 * step).abs() < 1e-15,
            "{clip:?} {moved:?}"
        );
        assert!((moved[0] * 4.0 - moved[1] * 3.0).abs() < 1e-15);
        // what is recorded, and what stops, is the exact one
        assert_eq!(history.gradient_norms()[0], 10.0);
        let terms = descent.all_terms();
        let seen = terms[0]
            .quantities(&descent.plan().rule)
            .next()
            .expect("g")
            .1;
        assert!((norm(seen) - step).abs() < 1e-14, "{clip:?} {seen:?}");
    }
}

#[test]
fn clipping_holds_at_the_extremes() {
    for most in [1e-300, 1e-9, 1e9, 1e300] {
        for mut v in [
            [0.0, 0.0],
            [1e308, 1e308],
            [1e-320, 0.0],
            [f64::INFINITY, 1.0],
        ] {
            let before = v;
            shorten(&mut v, most);
            let kept = !norm(&before).is_finite() || norm(&before) <= most;
            assert!(if kept {
                v == before
            } else {
                norm(&v) <= most * (1.0 + 1e-14)
            });
        }
    }
}

/// Takes note of every batch that it is asked for.
#[derive(Debug, Default)]
struct Spy(std::sync::Mutex<Vec<Vec<usize>>>);

impl Objective for Spy {
    fn dim(&self) -> usize {
        2
    }
    fn value(&self, w: &[f64]) -> f64 {
        w[0] * w[0] + w[1] * w[1]
    }
    fn gradient(&self, w: &[f64], out: &mut [f64]) -> f64 {
        out.copy_from_slice(&[2.0 * w[0], 2.0 * w[1]]);
        self.value(w)
    }
    fn cost(&self) -> usize {
        1
    }
    fn samples(&self) -> Option<usize> {
        Some(30)
    }
    fn batch_gradient(&self, w: &[f64], batch: &[usize], out: &mut [f64]) {
        self.0.lock().expect("no panic").push(batch.to_vec());
        let share = batch.iter().sum::<usize>() as f64 / 100.0;
        out.copy_from_slice(&[2.0 * w[0] + share, 2.0 * w[1] - share]);
    }
}

#[test]
fn the_batch_of_any_step_is_the_very_one_that_was_taken() {
    for (rule, each) in [("gd", 1), ("adam", 1), ("sam", 2)] {
        let mut sampled = plan(rule, 0.01, &[1.0, -1.0], 700);
        sampled.sampling = Sampling::Batch { size: 7 };
        sampled.seed = 5;
        let spy = Arc::new(Spy::default());
        let mut descent = Descent::new(spy.clone(), sampled);
        descent.run();
        let run = descent.into_run();
        let taken = std::mem::take(&mut *spy.0.lock().expect("no panic"));
        assert_eq!(taken.len(), each * 700, "{rule}");
        let mut cursor = replay::Cursor::default();
        // On, back, and where states are kept.
        for step in [0, 1, 2, 255, 256, 257, 10, 699, 512] {
            let batch = run.batch(step, &mut cursor);
            assert_eq!(
                batch.as_ref(),
                Some(&taken[each * (step + 1) - 1]),
                "{rule} {step}"
            );
        }
        assert_eq!(run.batch(700, &mut cursor), None, "there is no such step");
    }
    let exact = run("x^2 + y^2", plan("gd", 0.1, &[1.0, 1.0], 5)).into_run();
    assert_eq!(exact.batch(2, &mut replay::Cursor::default()), None);
}
