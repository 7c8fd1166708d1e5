use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use rayon::prelude::*;

use super::*;
use crate::objective::softmax::EPSILON;

/// Samples that look like noise, the same each time. `spread` is about their standard deviation.
fn noise(count: usize, spread: f64) -> Samples {
    let mut state = 1_u64;
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut normal = || (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
    let features = (0..count).map(|_| {
        let x = normal();
        [x * spread, (0.8 * x + 0.6 * normal()) * spread]
    });
    let features: Vec<_> = features.collect();
    let labels = (0..count).map(|_| (10.0 * uniform()) as u8).collect();
    Samples::new(features, labels).expect("sound samples")
}

/// The loss by its definition, in double precision.
fn definition(samples: &Samples, w: &[f64]) -> f64 {
    let one = |(x, y): (&[f64; 2], &u8)| {
        let z: Vec<f64> = (0..10).map(|c| x[0] * w[c] + x[1] * w[10 + c]).collect();
        let greatest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = z.iter().map(|z| (z - greatest).exp()).sum();
        -((z[usize::from(*y)] - greatest).exp() / sum + EPSILON).ln()
    };
    let samples_and_labels = samples.features().iter().zip(samples.labels());
    samples_and_labels.map(one).sum::<f64>() / samples.len() as f64
}

/// The greatest error of a sweep, relative, at any node, and over all instruction sets. Losses of 1e-9 and less are
/// what rounding leaves.
fn error(samples: &Samples, slice: &Slice, domain: Domain, size: [usize; 2]) -> f64 {
    let grids = lanes::available().into_iter().map(|arch| {
        sweep_with(arch, samples, slice, domain, size, &|| true).expect("not cancelled")
    });
    let grids: Vec<Grid> = grids.collect();
    let nodes = 0..grids[0].cols * grids[0].rows;
    assert!(grids.iter().all(|grid| grid.values.len() == nodes.len()));
    let error = nodes.into_par_iter().map(|i| {
        let (col, row) = (i % grids[0].cols, i / grids[0].cols);
        let mut w = slice.weights;
        (w[slice.u], w[slice.v]) = (grids[0].x(col), grids[0].y(row));
        let truth = definition(samples, &w);
        let errors = grids.iter().map(|grid| {
            let error = (grid.values[i] - truth).abs() / (truth.abs() + 1e-9);
            if error.is_nan() { f64::INFINITY } else { error }
        });
        errors.fold(0.0, f64::max)
    });
    error.reduce(|| 0.0, f64::max)
}

fn square(half: f64) -> Domain {
    Domain {
        x: [-half, half],
        y: Some([-half, half]),
    }
}

/// Weights of up to about `scale`.
fn slice(u: usize, v: usize, scale: f64) -> Slice {
    let weights = std::array::from_fn(|k| scale * ((k * 7 % 11) as f64 / 5.0 - 1.0));
    Slice { weights, u, v }
}

/// Both features of a class; two classes at one feature, and at both, either way round.
const PAIRS: [[usize; 2]; 6] = [[0, 10], [13, 3], [2, 7], [18, 11], [3, 14], [14, 3]];

#[test]
fn many_samples_at_all_scales() {
    let samples = noise(4200, 1.0);
    for [u, v] in PAIRS {
        for half in [1e-3, 5.0, 50.0] {
            let error = error(&samples, &slice(u, v, 2.0), square(half), [70, 9]);
            assert!(error < 4e-7, "weights {u} and {v}, ±{half}: {error:e}");
        }
    }
    let zoomed = Domain {
        x: [0.5, 2.0],
        y: Some([-1.0, 1.0]),
    };
    for (half, size) in [(500.0, [21, 33]), (1e5, [5, 5]), (5.0, [129, 2])] {
        let error = error(&samples, &slice(0, 10, 2.0), square(half), size);
        assert!(error < 4e-7, "±{half}: {error:e}");
    }
    let error = error(&samples, &slice(0, 10, 2.0), zoomed, [37, 41]);
    assert!(error < 4e-7, "zoomed: {error:e}");
}

#[test]
fn any_number_of_samples_and_nodes() {
    for count in [1, 7, 255, 256, 257, 4095, 4096, 4097] {
        let samples = noise(count, 1.5);
        for size in [[1, 1], [1, 5], [2, 2], [17, 1], [19, 5]] {
            let error = error(&samples, &slice(4, 14, 1.0), square(6.0), size);
            assert!(error < 4e-7, "{count} samples, {size:?} nodes: {error:e}");
        }
    }
}

#[test]
fn weights_and_features_of_any_size() {
    for scale in [0.0, 30.0, 1e3, 1e6] {
        for [u, v] in PAIRS {
            for (count, half) in [(40, 3.0), (40, scale + 1.0), (4100, 40.0)] {
                let samples = noise(count, 2.0);
                let error = error(&samples, &slice(u, v, scale), square(half), [18, 5]);
                assert!(
                    error < 1e-6,
                    "weights of {scale}, {u} and {v}, ±{half}: {error:e}"
                );
            }
        }
    }
    // Beyond the range of numbers there is still an answer, and it is finite.
    let (samples, slice) = (noise(300, 1e3), slice(3, 14, 1e290));
    for arch in lanes::available() {
        let grid = sweep_with(arch, &samples, &slice, square(1e290), [9, 9], &|| true);
        let grid = grid.expect("not cancelled");
        assert!(grid.values.iter().all(|loss| (-1e-7..18.5).contains(loss)));
    }
}

#[test]
fn small_losses_keep_their_digits() {
    // Two classes far apart: where both weights are great the loss is next to nothing, and it is not elsewhere.
    let x: Vec<[f64; 2]> = noise(5000, 0.2).features().to_vec();
    let sign = |i: usize| if i.is_multiple_of(2) { 1.0 } else { -1.0 };
    let apart = x
        .iter()
        .enumerate()
        .map(|(i, x)| [x[0] + sign(i), x[1] + sign(i)]);
    let labels = (0..5000).map(|i| if i % 2 == 0 { 0 } else { 1 }).collect();
    let samples = Samples::new(apart.collect(), labels).expect("sound samples");
    let mut weights = [0.0; WEIGHTS];
    (weights[1], weights[11]) = (-20.0, -20.0);
    for [u, v] in [[0, 10], [10, 1]] {
        let slice = Slice { weights, u, v };
        let domain = Domain {
            x: [-10.0, 30.0],
            y: Some([-10.0, 30.0]),
        };
        let error = error(&samples, &slice, domain, [33, 21]);
        assert!(error < 1e-6, "weights {u} and {v}: {error:e}");
    }
}

#[test]
fn equal_samples_have_equal_errors() {
    // Nothing cancels here.
    for x in [[0.3, -1.7], [5.0, 4.0], [1e-9, 0.0], [0.0, 0.0]] {
        let samples = Samples::new(vec![x; 5000], vec![3; 5000]).expect("sound samples");
        for [u, v] in [[3, 13], [0, 10], [3, 14]] {
            let error = error(&samples, &slice(u, v, 0.5), square(5.0), [40, 9]);
            assert!(error < 1e-6, "{x:?}, weights {u} and {v}: {error:e}");
        }
    }
}

#[test]
fn a_domain_without_y_has_one_row() {
    let samples = Arc::new(noise(50, 1.0));
    let domain = Domain {
        x: [-2.0, 3.0],
        y: None,
    };
    let plane = Plane::of_parameters(&slice(0, 10, 1.0).weights, [0, 10]);
    let grid = sweep(&samples, &plane, domain, [11, 7], &|| true);
    let grid = grid.expect("not cancelled");
    assert_eq!((grid.cols, grid.rows, grid.values.len()), (11, 1, 11));
    assert!(error(&samples, &slice(0, 10, 1.0), domain, [11, 7]) < 1e-9);
}

#[test]
fn threads_do_not_change_the_result() {
    let samples = Arc::new(noise(9000, 1.0));
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.expect("threads");
        pool.install(|| {
            [skewed(2.0), Plane::of_parameters(&[2.0; WEIGHTS], [0, 10])]
                .map(|plane| sweep(&samples, &plane, square(20.0), [150, 140], &|| true))
        })
    };
    let one = run(1);
    assert!(one.iter().all(Option::is_some), "not cancelled");
    assert_eq!(one, run(2));
    assert_eq!(one, run(5));
}

#[test]
fn a_sweep_can_be_stopped() {
    let samples = Arc::new(noise(9000, 1.0));
    for plane in [skewed(2.0), Plane::of_parameters(&[2.0; WEIGHTS], [0, 10])] {
        let asked = AtomicUsize::new(0);
        let twice = || asked.fetch_add(1, Ordering::Relaxed) < 2;
        assert!(sweep(&samples, &plane, square(5.0), [300, 300], &twice).is_none());
        let asked = asked.into_inner();
        assert!((3..100).contains(&asked), "asked {asked} times");
        assert!(sweep(&samples, &plane, square(5.0), [3, 3], &|| false).is_none());
    }
}

/// A plane along no weight.
fn skewed(scale: f64) -> Plane {
    let numbers = |of: usize| -> Vec<f64> {
        (0..WEIGHTS)
            .map(|k| scale * ((k * of % 23) as f64 / 11.0 - 1.0))
            .collect()
    };
    let (u, v) = (numbers(5).into(), numbers(8).into());
    Plane::new(numbers(3).into(), u, Some(v))
}

/// As [`error`], over any plane.
fn error_on(samples: &Samples, plane: &Plane, domain: Domain, size: [usize; 2]) -> f64 {
    let grids = lanes::available().into_iter().map(|arch| {
        separable::sweep(arch, samples, plane, domain, size, &|| true).expect("not cancelled")
    });
    grids.fold(0.0, |most: f64, grid| {
        let nodes = grid.values.par_iter().enumerate().map(|(i, loss)| {
            let (x, y) = (grid.x(i % grid.cols), grid.y(i / grid.cols));
            let truth = definition(samples, &plane.point(x, y));
            let error = (loss - truth).abs() / (truth.abs() + 1e-9);
            if error.is_nan() { f64::INFINITY } else { error }
        });
        most.max(nodes.reduce(|| 0.0, f64::max))
    })
}

#[test]
fn any_plane_is_swept_to_the_last_digits() {
    let samples = noise(700, 1.0);
    for (half, size) in [
        (1e-3, [5, 4]),
        (1.0, [33, 35]),
        (50.0, [40, 9]),
        (1e5, [9, 7]),
    ] {
        for scale in [1e-6, 0.3, 20.0] {
            let error = error_on(&samples, &skewed(scale), square(half), size);
            // Logits of 1e6 and more have that many digits less.
            let most = 1e-11 * (half * scale).max(1.0);
            assert!(error < most, "±{half}, {scale}: {error:e}");
        }
    }
    for (count, size) in [(1, [1, 1]), (9, [17, 1]), (4097, [2, 2])] {
        assert!(error_on(&noise(count, 1.5), &skewed(1.0), square(2.0), size) < 1e-11);
    }
    let beyond = separable::sweep(
        Arch::new(),
        &samples,
        &skewed(1e290),
        square(1e290),
        [9, 9],
        &|| true,
    );
    let beyond = beyond.expect("not cancelled");
    let mut losses = beyond.values.iter();
    assert!(losses.all(|loss| (-1e-7..18.5).contains(loss)));
}

#[test]
fn two_weights_are_a_plane_like_any_other() {
    let samples = noise(5000, 1.0);
    let weights = slice(3, 14, 1.0).weights;
    let plane = Plane::of_parameters(&weights, [3, 14]);
    let [fast, any] = [
        sweep(&samples, &plane, square(6.0), [40, 30], &|| true),
        separable::sweep(
            Arch::new(),
            &samples,
            &plane,
            square(6.0),
            [40, 30],
            &|| true,
        ),
    ]
    .map(|grid| grid.expect("not cancelled"));
    for (fast, any) in fast.values.iter().zip(&any.values) {
        assert!((fast / any - 1.0).abs() < 1e-6, "{fast}, {any}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_the_slice(
        count in 1_usize..40,
        spread in 0.01..4.0,
        weights in prop::array::uniform20(-8.0..8.0),
        (u, v) in (0_usize..WEIGHTS, 1_usize..WEIGHTS).prop_map(|(u, step)| (u, (u + step) % WEIGHTS)),
        (x, width) in (-20.0..20.0, -3.0..2.0),
        (y, height) in (-20.0..20.0, -3.0..2.0),
        cols in 1_usize..80,
        rows in 1_usize..20,
    ) {
        let domain = Domain {
            x: [x, x + f64::powf(10.0, width)],
            y: Some([y, y + f64::powf(10.0, height)]),
        };
        let error = error(&noise(count, spread), &Slice { weights, u, v }, domain, [cols, rows]);
        prop_assert!(error < 1e-6, "{error:e}");
    }
}
