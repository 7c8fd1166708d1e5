//! Networks on whatever adapter there is, in single precision, against their sweeps in double precision.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use steepest::gpu::sweep::{NETWORK_BOUND, SweepError};
use steepest::landscape::Domain;
use steepest::objective::network::{Activation, Samples, Shape, Targets};
use steepest::objective::{Network, Objective};
use steepest::plane::Plane;

use super::{square, sweeper};

/// scale · sin(step · k + phase) for k = 0, 1, …
fn wave(count: usize, scale: f64, step: f64, phase: f64) -> Vec<f64> {
    let at = |k: usize| scale * (step * k as f64 + phase).sin();
    (0..count).map(at).collect()
}

fn network(
    [inputs, outputs]: [usize; 2],
    hidden: &[usize],
    activation: Activation,
    residual: bool,
    count: usize,
) -> Network {
    let targets = match outputs {
        1 => Targets::Numbers(wave(count, 1.0, 0.37, 0.1)),
        _ => Targets::Labels((0..count).map(|k| k * 7 / 3 % outputs).collect()),
    };
    let samples = Samples::new(inputs, wave(count * inputs, 1.5, 0.9, 0.3), targets);
    let shape = Shape::new(inputs, hidden, outputs, activation, residual).expect("units");
    Network::new(shape, Arc::new(samples.expect("sound"))).expect("it fits")
}

fn plane(network: &Network, scale: f64) -> Plane {
    let n = network.dim();
    let origin = wave(n, scale, 1.3, 0.2).into();
    let (u, v) = (wave(n, 0.1, 1.7, 0.5).into(), wave(n, 0.1, 0.7, 0.1).into());
    Plane::new(origin, u, Some(v))
}

#[test]
fn every_node_is_within_the_bound() {
    let Some(mut sweeper) = sweeper() else { return };
    let mut kinds = 0;
    for (_, activation) in Activation::NAMED {
        for (ends, hidden, residual, count) in [
            ([2, 2], &[16, 16][..], false, 130),
            ([3, 1], &[7, 7, 7], true, 64),
            ([1, 3], &[5], true, 1),
            ([4, 5], &[], false, 77),
        ] {
            let network = network(ends, hidden, activation, residual, count);
            let plane = plane(&network, 0.5);
            let domain = Domain {
                x: [-3.0, 3.0],
                y: Some([-2.0, 4.0]),
            };
            let size = [9, 13];
            let found = sweeper.sweep(&network, &plane, domain, size, &|| true);
            let found = found.expect("it works").expect("nobody cancels");
            let what = format!("{activation:?} {ends:?} {hidden:?}");
            assert_eq!(sweeper.note(), None, "{what}");
            let exact = network.sweep(&plane, domain, size, &|| true);
            let exact = exact.expect("nobody cancels");
            assert_ne!(found.values, exact.values, "{what}: was it the device?");
            for (found, exact) in found.values.iter().zip(&exact.values) {
                let error = (found - exact).abs();
                let bound = NETWORK_BOUND * (1.0 + exact);
                assert!(error <= bound, "{what}: {found} instead of {exact}");
            }
            kinds += 1;
        }
    }
    assert_eq!(kinds, 20);
}

#[test]
fn many_nodes_and_samples_are_cut_into_parts() {
    let Some(mut sweeper) = sweeper() else { return };
    // So many that a software renderer takes several parts.
    let network = network([2, 2], &[20, 20], Activation::Relu, false, 1500);
    let (plane, domain) = (plane(&network, 0.5), square([-3.0, 3.0]));
    let asked = AtomicUsize::new(0);
    let count = || asked.fetch_add(1, Ordering::Relaxed) < usize::MAX;
    let size = [21, 17];
    let found = sweeper.sweep(&network, &plane, domain, size, &count);
    let found = found.expect("it works").expect("nobody cancels");
    let exact = network.sweep(&plane, domain, size, &|| true);
    let exact = exact.expect("nobody cancels").values;
    for (found, exact) in found.values.iter().zip(exact) {
        assert!((found - exact).abs() <= NETWORK_BOUND * (1.0 + exact));
    }
    // Cancelled in the middle there is nothing, and the next one works.
    let asked = AtomicUsize::new(0);
    let soon = || asked.fetch_add(1, Ordering::Relaxed) < 2;
    let cancelled = sweeper.sweep(&network, &plane, domain, size, &soon);
    assert_eq!(cancelled, Ok(None));
    let again = sweeper.sweep(&network, &plane, domain, size, &|| true);
    assert_eq!(again, Ok(Some(found)));
}

#[test]
fn what_single_precision_does_not_hold_is_the_processor_s() {
    let Some(mut sweeper) = sweeper() else { return };
    let small = network([2, 2], &[8], Activation::Tanh, false, 50);
    let wide = network([2, 2], &[300], Activation::Tanh, false, 50);
    let domain = square([-1.0, 1.0]);
    for (network, scale, domain, reason) in [
        (&small, 0.5, square([1.0, 1.000_001]), "seen too closely"),
        (&small, 0.5, square([1.0, 1.01]), "too flat"),
        (&small, 1e32, square([-1e32, 1e32]), "reach too far"),
        (&wide, 0.5, domain, "too wide"),
    ] {
        let plane = plane(network, scale);
        let found = sweeper.sweep(network, &plane, domain, [5, 4], &|| true);
        let note = sweeper.note().unwrap_or_default();
        assert!(
            note.contains(reason) && note.contains("the CPU sweeps"),
            "{reason}: {note}"
        );
        let exact = network.sweep(&plane, domain, [5, 4], &|| true);
        assert_eq!(found, Ok(exact), "{reason}");
    }
}

#[test]
fn a_lost_device_is_an_error_and_opened_anew() {
    let Some(mut sweeper) = sweeper() else { return };
    let network = network([2, 2], &[8], Activation::Tanh, false, 50);
    let (plane, domain) = (plane(&network, 0.5), square([-3.0, 3.0]));
    let before = sweeper.sweep(&network, &plane, domain, [5, 4], &|| true);
    assert!(matches!(before, Ok(Some(_))), "{before:?}");
    sweeper.context().expect("a device").device().destroy();
    let lost = sweeper.sweep(&network, &plane, domain, [5, 4], &|| true);
    assert!(matches!(lost, Err(SweepError::Device { .. })), "{lost:?}");
    assert_eq!(
        sweeper.sweep(&network, &plane, domain, [5, 4], &|| true),
        before
    );
}
