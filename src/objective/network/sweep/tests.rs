//! Tests of the sweep: node by node against the loss itself.

use super::super::tests::all;
use super::*;
use crate::objective::Objective;

fn plane(network: &Network, origin: &[f64], length: f64) -> Plane {
    let wave = |step: f64| (0..network.dim()).map(move |k| length * (step * k as f64).sin());
    Plane::new(
        origin.into(),
        wave(1.3).collect(),
        Some(wave(0.7).collect()),
    )
}

fn furthest(network: &Network, plane: &Plane, domain: Domain, size: [usize; 2]) -> f64 {
    let grid = network
        .sweep(plane, domain, size, &|| true)
        .expect("wanted");
    let mut most: f64 = 0.0;
    for (k, loss) in grid.values.iter().enumerate() {
        let at = plane.point(grid.x(k % grid.cols), grid.y(k / grid.cols));
        let value = network.value(&at);
        assert!(loss.is_finite() == value.is_finite());
        if value.is_finite() {
            most = most.max((loss - value).abs() / value.abs());
        }
    }
    most
}

#[test]
fn it_is_exact_at_every_node() {
    let domain = Domain {
        x: [-2.0, 3.0],
        y: Some([-1.0, 1.5]),
    };
    for (network, w) in all() {
        let off = furthest(&network, &plane(&network, &w, 0.5), domain, [70, 5]);
        assert!(off < 1e-11, "{:?}: {off:e}", network.shape);
    }
}

/// Steep planes, on which exponentials overflow, and planes that do not move at all.
#[test]
fn far_out_it_is_exact_too() {
    let domain = Domain {
        x: [-1.0, 1.0],
        y: Some([-1.0, 1.0]),
    };
    for (network, w) in all() {
        for length in [0.0, 200.0, 1e5, 1e200] {
            let off = furthest(&network, &plane(&network, &w, length), domain, [66, 2]);
            assert!(off < 1e-10, "{:?}, {length}: {off:e}", network.shape);
        }
    }
}

#[test]
fn two_weights_and_a_line_are_planes_too() {
    let (network, w) = all().swap_remove(0);
    let domain = Domain {
        x: [-3.0, 3.0],
        y: Some([-3.0, 3.0]),
    };
    let axes = Plane::of_parameters(&w, [7, 1]);
    assert!(furthest(&network, &axes, domain, [9, 9]) < 1e-12);
    let line = Plane::new(w.clone().into(), w.into(), None);
    let along = Domain { y: None, ..domain };
    assert!(furthest(&network, &line, along, [9, 1]) < 1e-12);
    assert!(network.sweep(&axes, domain, [9, 9], &|| false).is_none());
}
