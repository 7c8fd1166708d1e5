//! Networks against JAX, PyTorch and NumPy: where each number comes from is said in `tests/reference/networks.py`.

use std::sync::Arc;

use serde_json::Value;
use steepest::descent::curvature::Curvature;
use steepest::descent::{Descent, Plan};
use steepest::objective::network::{Activation, Samples, Shape, Targets};
use steepest::objective::{Network, Objective};
use steepest::optimizer::Rule;
use steepest::plane::principal;

use crate::oracle::{flat, number, numbers, reference};

/// scale · sin(step · k + phase) for k = 0, 1, …
fn wave(count: usize, scale: f64, step: f64, phase: f64) -> Vec<f64> {
    let at = |k: usize| scale * (step * k as f64 + phase).sin();
    (0..count).map(at).collect()
}

fn network(case: &Value, count: usize) -> Network {
    let widths = numbers(&case["widths"]);
    let widths: Vec<usize> = widths.iter().map(|width| *width as usize).collect();
    let (inputs, outputs) = (widths[0], widths[widths.len() - 1]);
    let targets = match outputs {
        1 => Targets::Numbers(wave(count, 1.0, 0.37, 0.1)),
        _ => Targets::Labels((0..count).map(|k| k * 7 / 3 % outputs).collect()),
    };
    let samples = Samples::new(inputs, wave(count * inputs, 1.5, 0.9, 0.3), targets);
    let activation = Activation::NAMED
        .iter()
        .find(|(name, _)| Some(*name) == case["activation"].as_str())
        .expect("a known activation");
    let hidden = &widths[1..widths.len() - 1];
    let residual = case["residual"] == true;
    let shape = Shape::new(inputs, hidden, outputs, activation.1, residual).expect("units");
    Network::new(shape, Arc::new(samples.expect("sound"))).expect("it fits")
}

/// Every case, with its name.
fn each(verify: impl Fn(&str, &Value, &Value, Network, Vec<f64>)) {
    let all = reference("networks");
    let cases = all["cases"].as_array().expect("a list");
    assert_eq!(cases.len(), 5);
    for case in cases {
        let network = network(case, number(&all["samples"]) as usize);
        let w = wave(network.dim(), 0.7, 1.3, 0.2);
        let name = format!("{} {}", case["widths"], case["activation"]);
        verify(&name, &all, case, network, w);
    }
}

fn assert_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected
        .iter()
        .fold(0.0, |largest: f64, x| largest.max(x.abs()));
    for (k, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs() / largest;
        assert!(
            error <= tolerance,
            "{what}, {k}: {found:e} instead of {expected:e}"
        );
    }
}

#[test]
fn losses_and_gradients_are_those_of_jax() {
    each(|name, _, case, network, w| {
        let mut gradient = vec![0.0; network.dim()];
        let loss = network.gradient(&w, &mut gradient);
        assert_close(
            name,
            &[loss, network.value(&w)],
            &[number(&case["loss"]); 2],
            1e-12,
        );
        assert_close(name, &gradient, &numbers(&case["gradient"]), 1e-10);
    });
}

#[test]
fn products_with_the_hessian_and_its_greatest_eigenvalue_are_those_of_jax() {
    each(|name, _, case, network, w| {
        let n = network.dim();
        let mut product = vec![0.0; n];
        network.hessian_product(&w, &wave(n, 1.0, 1.7, 0.5), &mut product);
        assert_close(name, &product, &numbers(&case["product"]), 1e-10);
        let gd = Rule::named("gd").expect("a rule");
        let curvature = Curvature::at(&network, &w, &gd, None).expect("finite");
        let greatest = curvature.eigenvalues.last().expect("eigenvalues");
        assert_close(name, &[*greatest], &[number(&case["greatest"])], 1e-6);
    });
}

#[test]
fn five_hundred_steps_of_adam_are_those_of_pytorch() {
    each(|name, all, case, network, w| {
        let plan = Plan {
            rate: number(&all["rate"]),
            steps: number(&all["steps"]) as usize,
            ..Plan::of(Rule::named("adam").expect("a rule"), w)
        };
        let mut descent = Descent::new(Arc::new(network), plan);
        descent.run();
        let history = descent.history();
        let shown = numbers(&all["shown"]);
        let losses: Vec<f64> = shown
            .iter()
            .map(|step| history.losses()[*step as usize])
            .collect();
        assert_close(name, &losses, &numbers(&case["adam"]["losses"]), 1e-9);
        let end = history.last().expect("iterates");
        assert_close(name, end, &numbers(&case["adam"]["end"]), 1e-9);
    });
}

#[test]
fn principal_directions_are_those_of_numpy() {
    let case = &reference("networks")["principal"];
    let [points, dim] = ["points", "dim"].map(|key| number(&case[key]) as usize);
    let waves = wave(points * dim, 1.0, 0.7, 0.4);
    let points = waves.iter().enumerate();
    let points: Vec<f64> = points
        .map(|(k, x)| x.powi(3) / (1.0 + (k % dim) as f64))
        .collect();
    let found = principal(&vec![0.0; dim], &[&points]).expect("directions");
    let expected = flat(&case["directions"]);
    for (found, expected) in found.directions.iter().zip(expected.chunks(dim)) {
        let cosine: f64 = found.iter().zip(expected).map(|(a, b)| a * b).sum();
        assert!(cosine.abs() >= 1.0 - 1e-9, "{cosine}");
    }
    assert_close(
        "explained",
        &found.explained,
        &numbers(&case["explained"]),
        1e-9,
    );
}
