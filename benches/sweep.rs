//! How long the softmax loss takes on MNIST: sweeps over two of its weights, its gradient, and its value; the same of the model of the
//! pixels, over any plane.
//! `cargo bench --bench sweep`; figures go into docs/benchmarks.md. RAYON_NUM_THREADS sets the number of threads.
//!
//! The data set is read from ../shared/data/mnist; without it, random samples of the same kind are used.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use steepest::landscape::Domain;
use steepest::mnist::{DataWish, load, synthetic};
use steepest::objective::pixels::{PARAMETERS, PixelSamples};
use steepest::objective::softmax::{Samples, WEIGHTS, instruction_set};
use steepest::objective::{Objective, PixelSoftmax, Softmax};
use steepest::plane::Plane;

/// Nodes along each axis, and how often they are swept.
const SIZES: [(usize, usize); 3] = [(100, 25), (257, 9), (1024, 3)];
const HALVES: [f64; 2] = [5.0, 50.0];
const GRADIENTS: usize = 200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/mnist");
    let data = if folder.is_dir() {
        load(&DataWish::Folder(folder))?
    } else {
        synthetic()
    };
    println!(
        "{}; {}, {} threads",
        data.name(),
        instruction_set(),
        rayon::current_num_threads()
    );
    let images = data.images()?.training.clone();
    let samples = data.samples;
    let weights = trained(&samples);
    let objective = Softmax::new(samples.clone());
    for half in HALVES {
        for (nodes, repeats) in SIZES {
            let plane = Plane::of_parameters(&weights, [0, 10]);
            let domain = Domain {
                x: [-half, half],
                y: Some([-half, half]),
            };
            let seconds = median(repeats, || {
                let grid = objective.sweep(&plane, domain, [nodes, nodes], &|| true);
                grid.is_some()
            });
            let work = (nodes * nodes * samples.len()) as f64;
            println!(
                "sweep of {nodes}×{nodes} over ±{half:<3} {:9.1} ms, {:6.1}·10⁹ cells·samples/s",
                seconds * 1e3,
                work / seconds * 1e-9
            );
        }
    }
    random_plane(&objective, &weights);
    let mut gradient = [0.0; WEIGHTS];
    let seconds = median(GRADIENTS, || objective.gradient(&weights, &mut gradient));
    println!("gradient and loss  {:9.3} ms", seconds * 1e3);
    let seconds = median(GRADIENTS, || objective.value(&weights));
    println!("loss               {:9.3} ms", seconds * 1e3);
    for size in [1, 64] {
        let batch: Vec<usize> = (0..size).map(|i| i * 257).collect();
        let seconds = median(GRADIENTS, || {
            objective.batch_gradient(&weights, &batch, &mut gradient);
        });
        println!("gradient over {size:2}   {:9.3} µs", seconds * 1e6);
    }
    pixels(&images);
    Ok(())
}

/// The model of the pixels, where thirty steps of gradient descent lead.
fn pixels(images: &Arc<PixelSamples>) {
    let objective = PixelSoftmax::new(images.clone());
    let [mut w, mut gradient] = [(); 2].map(|()| vec![0.0; PARAMETERS]);
    for _ in 0..30 {
        objective.gradient(&w, &mut gradient);
        w.iter_mut().zip(&gradient).for_each(|(w, g)| *w -= 0.5 * g);
    }
    let direction = |of: usize| (0..PARAMETERS).map(move |k| (k * of % 101) as f64 / 2500.0 - 0.02);
    let (u, v) = (direction(37).collect(), direction(41).collect());
    let plane = Plane::new(w.clone().into(), u, Some(v));
    let domain = Domain {
        x: [-5.0, 5.0],
        y: Some([-5.0, 5.0]),
    };
    let sweep = || {
        objective
            .sweep(&plane, domain, [100, 100], &|| true)
            .is_some()
    };
    println!(
        "pixels, any plane, 100×100 {:9.1} ms",
        median(9, sweep) * 1e3
    );
    let seconds = median(20, || objective.gradient(&w, &mut gradient));
    println!("pixels, gradient and loss  {:9.2} ms", seconds * 1e3);
    println!(
        "pixels, loss               {:9.2} ms",
        median(20, || objective.value(&w)) * 1e3
    );
    let batch: Vec<usize> = (0..64).map(|i| i * 257).collect();
    let seconds = median(GRADIENTS, || {
        objective.batch_gradient(&w, &batch, &mut gradient)
    });
    println!("pixels, gradient over 64   {:9.3} µs", seconds * 1e6);
}

/// A plane along no weight, through these.
fn random_plane(objective: &Softmax, weights: &[f64; WEIGHTS]) {
    let direction =
        |of: usize| (0..WEIGHTS).map(move |k| ((k * of % 23) as f64 / 11.0 - 1.0) / 3.0);
    let (u, v) = (direction(5).collect(), direction(8).collect());
    let plane = Plane::new(Arc::new(*weights), u, Some(v));
    let domain = Domain {
        x: [-5.0, 5.0],
        y: Some([-5.0, 5.0]),
    };
    let seconds = median(9, || {
        objective
            .sweep(&plane, domain, [100, 100], &|| true)
            .is_some()
    });
    println!("any plane, 100×100 over ±5 {:9.1} ms", seconds * 1e3);
}

/// Where a hundred steps of gradient descent lead.
fn trained(samples: &Arc<Samples>) -> [f64; WEIGHTS] {
    let objective = Softmax::new(samples.clone());
    let (mut w, mut gradient) = ([0.0; WEIGHTS], [0.0; WEIGHTS]);
    for _ in 0..100 {
        objective.gradient(&w, &mut gradient);
        w.iter_mut().zip(gradient).for_each(|(w, g)| *w -= g);
    }
    w
}

/// The median time of `run`, in seconds, after one run that does not count.
fn median<T>(repeats: usize, mut run: impl FnMut() -> T) -> f64 {
    std::hint::black_box(run());
    let time = |_| {
        let began = Instant::now();
        std::hint::black_box(run());
        began.elapsed().as_secs_f64()
    };
    let mut seconds: Vec<f64> = (0..repeats).map(time).collect();
    seconds.sort_by(f64::total_cmp);
    seconds[repeats / 2]
}
