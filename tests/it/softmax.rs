//! Softmax regression on MNIST, against the numbers that NumPy gave for the reference notebook.

use std::sync::Arc;

use serde_json::Value;
use steepest::descent::{Descent, Plan, Status, Stop};
use steepest::landscape::Domain;
use steepest::mnist::{DataWish, load};
use steepest::objective::softmax::{Samples, WEIGHTS};
use steepest::objective::{Objective, Softmax};
use steepest::optimizer::{Rule, Sampling, Schedule};

use crate::oracle::{flat, mnist_folder, numbers, reference};
use crate::slice::{Slice, sweep};

const RATE: f64 = 0.1;
const STEPS: usize = 100;
/// Of the descents, and of the surface.
const TOLERANCES: [f64; 2] = [1e-9, 1e-6];

/// The data set and its reference, or `None`, said aloud, where the files are missing.
fn samples_and_reference() -> Option<(Arc<Samples>, Value)> {
    let data = load(&DataWish::Folder(mnist_folder()?)).expect("the data set");
    Some((data.samples, reference("mnist")))
}

fn close(what: &str, value: f64, expected: f64, tolerance: f64) {
    let error = (value - expected).abs();
    assert!(
        error <= tolerance * expected.abs(),
        "{what}: {value:e} instead of {expected:e}"
    );
}

/// Checks iterates 0 to 100 and their losses against a run of the notebook.
fn verify(what: &str, weights: &[Vec<f64>], losses: &[f64], expected: &Value) {
    let tolerance = TOLERANCES[0];
    let mut expected_losses = numbers(&expected["loss_history_100"]);
    expected_losses.push(
        expected["loss_after_100_updates"]
            .as_f64()
            .expect("a number"),
    );
    assert_eq!(
        (weights.len(), losses.len()),
        (STEPS + 1, STEPS + 1),
        "{what}"
    );
    for (i, (loss, expected)) in losses.iter().zip(expected_losses).enumerate() {
        close(&format!("{what}, loss {i}"), *loss, expected, tolerance);
    }
    let column = flat(&expected["column0_trajectory_100x2"]);
    assert_eq!(column.len(), 2 * STEPS, "{what}");
    for (i, (w, expected)) in weights.iter().zip(column.chunks(2)).enumerate() {
        for (w, expected) in [w[0], w[10]].iter().zip(expected) {
            close(&format!("{what}, iterate {i}"), *w, *expected, tolerance);
        }
    }
    let last = flat(&expected["W_final_row_major_2x10"]);
    assert_eq!(last.len(), WEIGHTS, "{what}");
    for (k, (w, expected)) in weights[STEPS].iter().zip(last).enumerate() {
        close(
            &format!("{what}, weight {k} at last"),
            *w,
            expected,
            tolerance,
        );
    }
}

#[test]
fn the_optimizers_that_use_all_samples() {
    let Some((samples, reference)) = samples_and_reference() else {
        return;
    };
    for rule in ["gd", "nesterov", "adagrad", "rmsprop", "adam"] {
        let plan = Plan {
            rule: Rule::named(rule).expect("a rule"),
            rate: RATE,
            schedule: Schedule::default(),
            sampling: Sampling::Exact,
            clip: None,
            start: vec![0.0; WEIGHTS],
            steps: STEPS,
            stop: Stop::default(),
            seed: 0,
            record: None,
        };
        let mut descent = Descent::new(Arc::new(Softmax::new(samples.clone())), plan);
        descent.run();
        assert_eq!(descent.status(), Status::Finished, "{rule}");
        let history = descent.history();
        let weights: Vec<Vec<f64>> = history.iter().map(<[f64]>::to_vec).collect();
        verify(
            rule,
            &weights,
            history.losses(),
            &reference["optimizers"][rule],
        );
    }
}

#[test]
fn the_optimizers_that_draw_samples() {
    let Some((samples, reference)) = samples_and_reference() else {
        return;
    };
    let objective = Softmax::new(samples);
    for name in ["sgd", "mini_batch"] {
        let expected = &reference["optimizers"][name];
        let mut weights = vec![vec![0.0; WEIGHTS]];
        for drawn in expected["sample_indices_drawn"].as_array().expect("a list") {
            let index = |value: &Value| value.as_u64().expect("an index") as usize;
            let batch = match drawn.as_array() {
                Some(drawn) => drawn.iter().map(index).collect(),
                None => vec![index(drawn)],
            };
            let mut w = weights.last().expect("the start").clone();
            let mut gradient = [0.0; WEIGHTS];
            objective.batch_gradient(&w, &batch, &mut gradient);
            w.iter_mut().zip(gradient).for_each(|(w, g)| *w -= RATE * g);
            weights.push(w);
        }
        let losses: Vec<f64> = weights.iter().map(|w| objective.value(w)).collect();
        verify(name, &weights, &losses, expected);
    }
}

/// The slice of the notebook's surface: rows are W\[1, 0\], columns W\[0, 0\].
fn slice(reference: &Value) -> Slice {
    let weights = flat(&reference["optimizers"]["adam"]["W_final_row_major_2x10"]);
    Slice {
        weights: weights.try_into().expect("20 weights"),
        u: 0,
        v: 10,
    }
}

fn square(half: f64) -> Domain {
    Domain {
        x: [-half, half],
        y: Some([-half, half]),
    }
}

#[test]
fn the_surface() {
    let Some((samples, reference)) = samples_and_reference() else {
        return;
    };
    let slice = slice(&reference);
    let surface = &reference["surface"];
    let grid = sweep(&samples, &slice, square(5.0), [100, 100], &|| true).expect("not cancelled");
    let expected = flat(&surface["full_rowmajor_100x100"]);
    assert_eq!((grid.values.len(), expected.len()), (10_000, 10_000));
    for (i, (loss, expected)) in grid.values.iter().zip(expected).enumerate() {
        close(&format!("cell {i}"), *loss, expected, TOLERANCES[1]);
    }
    let (x, y, loss) = grid.lowest().expect("losses");
    let at = numbers(&surface["argmin_w1_w2"]);
    close("lowest, W[0, 0]", x, at[0], 1e-12);
    close("lowest, W[1, 0]", y, at[1], 1e-12);
    close(
        "lowest",
        loss,
        surface["min"].as_f64().expect("a number"),
        TOLERANCES[1],
    );
}

#[test]
fn the_corners_of_a_wide_surface() {
    let Some((samples, reference)) = samples_and_reference() else {
        return;
    };
    let slice = slice(&reference);
    // From the reference's README, W[0, 0] fastest.
    let corners = [
        10.822783018628737,
        3.8618333925700483,
        4.8233480330584575,
        8.116675205148079,
    ];
    let coarse = sweep(&samples, &slice, square(50.0), [2, 2], &|| true).expect("not cancelled");
    let fine = sweep(&samples, &slice, square(50.0), [53, 29], &|| true).expect("not cancelled");
    let last = [0, 52, 53 * 28, 53 * 29 - 1];
    for (i, expected) in corners.into_iter().enumerate() {
        close("corner", coarse.values[i], expected, TOLERANCES[1]);
        close(
            "corner of a finer grid",
            fine.values[last[i]],
            expected,
            TOLERANCES[1],
        );
    }
}

#[test]
fn sweeps_and_the_objective_agree_on_mnist() {
    let Some((samples, reference)) = samples_and_reference() else {
        return;
    };
    let objective = Softmax::new(samples.clone());
    let weights = slice(&reference).weights;
    for (u, v, half) in [(0, 10, 500.0), (3, 4, 20.0), (7, 12, 5.0), (15, 2, 0.001)] {
        let slice = Slice { weights, u, v };
        let grid =
            sweep(&samples, &slice, square(half), [17, 11], &|| true).expect("not cancelled");
        for (i, loss) in grid.values.iter().enumerate() {
            let mut w = weights;
            (w[u], w[v]) = (grid.x(i % 17), grid.y(i / 17));
            let what = format!("weights {u} and {v}, cell {i}");
            close(&what, *loss, objective.value(&w), TOLERANCES[1]);
        }
    }
}
