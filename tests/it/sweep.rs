//! The softmax loss on dense grids: the GPU's kernel, on whatever adapter there is, against sums in f64.

mod broken_off;
mod command;
mod networks;

use std::io::{self, Write};
use std::sync::Arc;

use steepest::gpu::adapter::AdapterWish;
use steepest::gpu::sweep::{BackendWish, SweepError, Sweeper};
use steepest::landscape::{Domain, Grid, Range};
use steepest::mnist;
use steepest::objective::Softmax;
use steepest::objective::softmax::{Samples, WEIGHTS};

use crate::oracle::{flat, mnist_folder, reference};
use crate::slice::{self, Slice};

const TOLERANCE: f64 = 1e-6;

/// A sweeper on any adapter, or `None`, said aloud.
fn sweeper() -> Option<Sweeper> {
    match Sweeper::new(BackendWish::Gpu, &AdapterWish::Best) {
        Ok(sweeper) => Some(sweeper),
        Err(SweepError::Adapter(error)) => {
            // Where nothing can be said, nobody listens.
            let _ = writeln!(io::stderr(), "SKIPPED: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn square(range: Range) -> Domain {
    Domain {
        x: range,
        y: Some(range),
    }
}

/// Numbers from 0 to 1, evenly spread (the minimal standard generator of Park and Miller).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        self.0 as f64 / 2_147_483_647.0
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }

    /// Samples whose features go together, as MNIST's do; and weights up to `size`.
    fn samples(&mut self, count: usize, size: f64) -> (Arc<Samples>, [f64; WEIGHTS]) {
        let weights = std::array::from_fn(|_| self.between(-size, size));
        let features: Vec<[f64; 2]> = (0..count)
            .map(|_| {
                let x = self.between(-2.5, 6.0);
                [x, x * 0.6 + self.between(-1.5, 1.5)]
            })
            .collect();
        let labels = (0..count).map(|_| (self.next() * 10.0) as u8).collect();
        (
            Arc::new(Samples::new(features, labels).expect("samples")),
            weights,
        )
    }
}

fn logits(w: &[f64; WEIGHTS], x: [f64; 2]) -> [f64; 10] {
    std::array::from_fn(|c| x[0] * w[c] + x[1] * w[10 + c])
}

/// The definition, in f64.
fn truth(samples: &Samples, w: &[f64; WEIGHTS]) -> f64 {
    let one = |(&x, &label): (&[f64; 2], &u8)| {
        let z = logits(w, x);
        let greatest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = z.iter().map(|z| (z - greatest).exp()).sum();
        -((z[usize::from(label)] - greatest).exp() / sum + 1e-8).ln()
    };
    let losses = samples.features().iter().zip(samples.labels()).map(one);
    losses.sum::<f64>() / samples.len() as f64
}

/// Compares `stride`-th nodes with the truth; the loss itself may be zero, where the absolute error counts.
fn verify(what: &str, grid: &Grid, samples: &Samples, slice: &Slice, stride: usize) {
    assert_eq!(grid.values.len(), grid.cols * grid.rows, "{what}");
    for i in (0..grid.values.len()).step_by(stride) {
        let (a, b) = (grid.x(i % grid.cols), grid.y(i / grid.cols));
        let mut w = slice.weights;
        (w[slice.u], w[slice.v]) = (a, b);
        let (found, expected) = (grid.values[i], truth(samples, &w));
        assert!(
            (found - expected).abs() <= TOLERANCE * expected.abs() + 1e-13,
            "{what} at ({a}, {b}): {found:e} instead of {expected:e}, relative {:e}",
            found / expected - 1.0
        );
    }
}

fn sweep(
    sweeper: &mut Sweeper,
    samples: &Arc<Samples>,
    slice: &Slice,
    domain: Domain,
    grid: [usize; 2],
) -> Grid {
    let objective = Softmax::new(samples.clone());
    let swept = sweeper.sweep(&objective, &slice.plane(), domain, grid, &|| true);
    swept.expect("it works").expect("nobody cancels")
}

/// The same class on both axes, two classes with one feature, two with both, and the axes swapped.
const AXES: [(usize, usize); 6] = [(0, 10), (13, 3), (2, 7), (18, 15), (4, 19), (16, 1)];
const RANGES: [Range; 8] = [
    [-5.0, 5.0],
    [-50.0, 50.0],
    [-0.01, 0.01],
    [1.3, 1.3001],
    [-50.0, -20.0],
    [40.0, 300.0],
    [-1000.0, 1000.0],
    [-3e4, 2e4],
];
const GRIDS: [[usize; 2]; 7] = [[2, 2], [5, 3], [33, 2], [2, 67], [13, 37], [9, 5], [131, 3]];

#[test]
fn every_node_is_exact_on_any_samples() {
    let Some(mut sweeper) = sweeper() else { return };
    let mut numbers = Numbers(12_345);
    let counts = [1, 7, 9, 64, 1000, 4099];
    // Every axis pair with every range; counts, grids and sizes of weights take turns.
    for (i, (u, v)) in AXES.into_iter().enumerate() {
        for (k, range) in RANGES.into_iter().enumerate() {
            let turn = i * RANGES.len() + k;
            let count = counts[turn % counts.len()];
            let grid = GRIDS[turn % GRIDS.len()];
            let size = [3.0, 0.1, 40.0][turn % 3];
            let (samples, weights) = numbers.samples(count, size);
            let slice = Slice { weights, u, v };
            let domain = Domain {
                x: range,
                y: Some(RANGES[(k + i) % RANGES.len()]),
            };
            let found = sweep(&mut sweeper, &samples, &slice, domain, grid);
            let what = format!("{count} samples, {grid:?}, axes {u} and {v}, {domain:?}");
            assert_eq!(sweeper.note(), None, "{what}");
            verify(&what, &found, &samples, &slice, 1);
        }
    }
}

#[test]
fn losses_near_zero_keep_their_relative_accuracy() {
    let Some(mut sweeper) = sweeper() else { return };
    let mut numbers = Numbers(99);
    for count in [1, 50, 2003] {
        let (samples, weights) = numbers.samples(count, 60.0);
        // Labels that these weights give, so that few samples are in doubt.
        let label = |&x: &[f64; 2]| {
            let z = logits(&weights, x);
            (0..10)
                .max_by(|&a, &b| z[a].total_cmp(&z[b]))
                .map_or(0, |c| c as u8)
        };
        let labels = samples.features().iter().map(label).collect();
        let samples = Arc::new(Samples::new(samples.features().to_vec(), labels).expect("samples"));
        for (u, v) in AXES {
            let slice = Slice { weights, u, v };
            let around = |w: usize| [weights[w] - 20.0, weights[w] + 20.0];
            let domain = Domain {
                x: around(u),
                y: Some(around(v)),
            };
            let found = sweep(&mut sweeper, &samples, &slice, domain, [5, 5]);
            verify(&format!("{count}, {u}, {v}"), &found, &samples, &slice, 1);
        }
    }
}

#[test]
fn many_tiles_meet_without_seams() {
    let Some(mut sweeper) = sweeper() else { return };
    let (samples, weights) = Numbers(7).samples(203, 2.0);
    for (slice, range, grid) in [
        (
            Slice {
                weights,
                u: 0,
                v: 10,
            },
            [-5.0, 5.0],
            [301, 203],
        ),
        (
            Slice {
                weights,
                u: 3,
                v: 17,
            },
            [-50.0, 50.0],
            [203, 301],
        ),
        (
            Slice {
                weights,
                u: 0,
                v: 10,
            },
            [-1.0, 1.0],
            [2048, 6],
        ),
        (
            Slice {
                weights,
                u: 10,
                v: 0,
            },
            [-1.0, 1.0],
            [6, 2048],
        ),
    ] {
        let found = sweep(&mut sweeper, &samples, &slice, square(range), grid);
        verify(&format!("{grid:?}"), &found, &samples, &slice, 7);
    }
}

#[test]
fn the_reference_surface_is_met_in_every_cell() {
    let (Some(folder), Some(mut sweeper)) = (mnist_folder(), sweeper()) else {
        return;
    };
    let reference = reference("mnist");
    let surface = &reference["surface"];
    let set = mnist::load_folder(&folder).expect("the data set");
    let slice = Slice {
        weights: flat(&surface["W_base"]).try_into().expect("20 weights"),
        u: 0,
        v: 10,
    };
    let check = |name: &str, grid: &Grid, expected: &[f64]| {
        assert_eq!(grid.values.len(), expected.len());
        for (i, (found, expected)) in grid.values.iter().zip(expected).enumerate() {
            let error = (found / expected - 1.0).abs();
            assert!(
                error < TOLERANCE,
                "{name}, {i}: {found} instead of {expected}"
            );
        }
    };
    let grid = sweep(
        &mut sweeper,
        &set.samples,
        &slice,
        square([-5.0, 5.0]),
        [100, 100],
    );
    check("±5", &grid, &flat(&surface["full_rowmajor_100x100"]));
    // The corners from the reference's README, u fastest.
    let corners = [
        10.822783018628737,
        3.8618333925700483,
        4.8233480330584575,
        8.116675205148079,
    ];
    let grid = sweep(
        &mut sweeper,
        &set.samples,
        &slice,
        square([-50.0, 50.0]),
        [2, 2],
    );
    check("±50", &grid, &corners);
}

#[test]
fn gpu_and_cpu_agree() {
    let Some(mut sweeper) = sweeper() else { return };
    // A part of the data, for the sake of software renderers.
    let all = mnist::synthetic().samples;
    let (features, labels) = (
        all.features()[..6007].to_vec(),
        all.labels()[..6007].to_vec(),
    );
    let samples = Arc::new(Samples::new(features, labels).expect("samples"));
    let (_, weights) = Numbers(3).samples(1, 2.0);
    for (u, v, range) in [(0, 10, [-5.0, 5.0]), (5, 18, [-50.0, 50.0])] {
        let slice = Slice { weights, u, v };
        let gpu = sweep(&mut sweeper, &samples, &slice, square(range), [23, 19]);
        let twin = slice::sweep(&samples, &slice, square(range), [23, 19], &|| true);
        for (gpu, cpu) in gpu.values.iter().zip(twin.expect("nobody cancels").values) {
            assert!((gpu / cpu - 1.0).abs() < TOLERANCE, "{gpu} and {cpu}");
        }
    }
}

#[test]
fn what_changes_between_two_sweeps_is_seen() {
    let Some(mut kept) = sweeper() else { return };
    let (samples, weights) = Numbers(21).samples(100, 2.0);
    let (others, _) = Numbers(22).samples(1000, 2.0);
    let slice = Slice {
        weights,
        u: 0,
        v: 10,
    };
    let other = Slice { u: 1, ..slice };
    for (samples, slice, range, grid) in [
        (&samples, slice, [-1.0, 1.0], [10, 10]),
        (&samples, slice, [-1.0, 1.0], [10, 10]),
        (&samples, slice, [-1.0, 2.0], [10, 10]),
        (&samples, slice, [-1.0, 2.0], [12, 70]),
        (&others, slice, [-1.0, 2.0], [12, 70]),
        (&others, other, [-1.0, 2.0], [12, 70]),
        (&others, other, [-1.0, 2.0], [3, 4]),
    ] {
        let found = sweep(&mut kept, samples, &slice, square(range), grid);
        verify("kept", &found, samples, &slice, 1);
    }
}

#[test]
fn weights_beyond_the_gpus_numbers_are_swept_on_the_cpu() {
    let Some(mut sweeper) = sweeper() else { return };
    let (samples, weights) = Numbers(8).samples(10, 2.0);
    let slice = Slice {
        weights,
        u: 0,
        v: 10,
    };
    let found = sweep(&mut sweeper, &samples, &slice, square([-1e9, 1e9]), [3, 3]);
    verify("far", &found, &samples, &slice, 1);
    assert!(sweeper.note().is_some_and(|note| note.contains("the CPU")));
}

#[test]
fn bad_grids_ranges_and_axes_are_refused() {
    fn is_send<T: Send>(_: &T) {}
    let mut sweeper = Sweeper::new(BackendWish::Cpu, &AdapterWish::Best).expect("the CPU");
    is_send(&sweeper);
    let (samples, weights) = Numbers(8).samples(3, 2.0);
    let good = (
        Slice {
            weights,
            u: 0,
            v: 10,
        },
        square([-5.0, 5.0]),
        [4, 4],
    );
    let upside_down = Domain {
        y: Some([5.0, -5.0]),
        ..good.1
    };
    for ((slice, domain, grid), said) in [
        (
            (good.0, good.1, [1, 4]),
            "--grid: found 1x4, expected 2 to 2048",
        ),
        ((good.0, good.1, [4, 2049]), "--grid: found 4x2049"),
        ((good.0, upside_down, good.2), "--v: found 5:-5"),
        (
            (good.0, square([0.0, f64::INFINITY]), good.2),
            "--u: found 0:inf",
        ),
    ] {
        let refused = sweeper.sweep(
            &Softmax::new(samples.clone()),
            &slice.plane(),
            domain,
            grid,
            &|| true,
        );
        let message = refused.expect_err(said).to_string();
        assert!(message.contains(said), "{message}");
    }
}
