//! Tests of a network's loss and its derivatives.

use super::*;

fn network(
    toy: Toy,
    count: usize,
    hidden: &[usize],
    activation: Activation,
    residual: bool,
) -> (Network, Vec<f64>) {
    let samples = toy.draw(count, 0.2, 1).expect("enough samples");
    let shape = Shape::new(
        samples.width(),
        hidden,
        samples.outputs(),
        activation,
        residual,
    );
    let shape = shape.expect("units");
    let w = Init::Normal { scale: 0.6 }.draw(&shape, 5);
    (Network::new(shape, Arc::new(samples)).expect("it fits"), w)
}

/// Networks of every kind.
pub(super) fn all() -> Vec<(Network, Vec<f64>)> {
    let mut all = Vec::new();
    for (_, activation) in Activation::NAMED {
        for residual in [false, true] {
            all.push(network(Toy::Moons, 37, &[5, 5, 3], activation, residual));
            all.push(network(Toy::Blobs, 130, &[2, 7], activation, residual));
            all.push(network(Toy::Sine, 300, &[4, 4], activation, residual));
        }
    }
    all.push(network(Toy::Xor, 2, &[], Activation::Tanh, false));
    all
}

/// The loss as it is defined, sample by sample.
fn by_definition(network: &Network, w: &[f64]) -> f64 {
    let (shape, samples) = (&network.shape, &network.samples);
    let loss = |row: usize| {
        let mut a = samples.features()[row * samples.width()..][..samples.width()].to_vec();
        for layer in shape.layers() {
            let z: Vec<f64> = (0..layer.outputs)
                .map(|to| {
                    let weights = &w[layer.at + to * layer.inputs..][..layer.inputs];
                    let sum: f64 = weights.iter().zip(&a).map(|(w, a)| w * a).sum();
                    sum + w[layer.bias() + to]
                })
                .collect();
            let activated = |z: f64| match shape.activation {
                Activation::Tanh => z.tanh(),
                Activation::Relu => z.max(0.0),
                Activation::Sigmoid => 1.0 / (1.0 + (-z).exp()),
                Activation::Gelu => z * 0.5 * (1.0 + libm::erf(z / 2f64.sqrt())),
                Activation::Linear => z,
            };
            a = match (layer.is_hidden, layer.is_residual) {
                (true, true) => z.iter().zip(&a).map(|(z, a)| activated(*z) + a).collect(),
                (true, false) => z.iter().map(|z| activated(*z)).collect(),
                _ => z,
            };
        }
        match samples.targets() {
            Targets::Numbers(numbers) => (a[0] - numbers[row]).powi(2),
            Targets::Labels(labels) => a.iter().map(|z| z.exp()).sum::<f64>().ln() - a[labels[row]],
        }
    };
    (0..samples.len()).map(loss).sum::<f64>() / samples.len() as f64
}

fn near(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * (1.0 + b.abs())
}

#[test]
fn the_loss_is_the_mean_over_the_samples() {
    for (network, w) in all() {
        let (found, meant) = (network.value(&w), by_definition(&network, &w));
        assert!(
            near(found, meant, 1e-14),
            "{:?}: {found} {meant}",
            network.shape
        );
    }
}

#[test]
fn the_gradient_is_that_of_central_differences() {
    for (network, w) in all() {
        let mut gradient = vec![0.0; network.dim()];
        let loss = network.gradient(&w, &mut gradient);
        assert!(near(loss, network.value(&w), 1e-15));
        for (k, slope) in gradient.iter().enumerate() {
            let beside = |h: f64| {
                let mut w = w.clone();
                w[k] += h;
                network.value(&w)
            };
            let h = 1e-6;
            let difference = (beside(h) - beside(-h)) / (2.0 * h);
            // A kink of relu between the two moves the difference, not the slope.
            let tolerance = if network.shape.activation == Activation::Relu {
                1e-4
            } else {
                1e-8
            };
            assert!(
                near(*slope, difference, tolerance),
                "{:?} {k}: {slope} {difference}",
                network.shape
            );
        }
    }
}

#[test]
fn the_hessian_s_product_is_that_of_the_gradients_differences() {
    for (network, w) in all() {
        let n = network.dim();
        let direction: Vec<f64> = (0..n).map(|k| (k as f64 * 1.7).sin()).collect();
        let mut product = vec![0.0; n];
        network.hessian_product(&w, &direction, &mut product);
        let beside = |h: f64| {
            let w: Vec<f64> = w.iter().zip(&direction).map(|(w, d)| w + h * d).collect();
            let mut gradient = vec![0.0; n];
            network.gradient(&w, &mut gradient);
            gradient
        };
        let h = 1e-5;
        let (before, behind) = (beside(-h), beside(h));
        let tolerance = if network.shape.activation == Activation::Relu {
            1e-2
        } else {
            1e-8
        };
        for k in 0..n {
            let difference = (behind[k] - before[k]) / (2.0 * h);
            assert!(
                near(product[k], difference, tolerance),
                "{:?} {k}: {} {difference}",
                network.shape,
                product[k]
            );
        }
    }
}

#[test]
fn a_batch_of_all_samples_is_the_whole() {
    for (network, w) in all() {
        let n = network.dim();
        let (mut whole, mut batch) = (vec![0.0; n], vec![0.0; n]);
        network.gradient(&w, &mut whole);
        let mut order: Vec<usize> = (0..network.samples.len()).collect();
        order.reverse();
        network.batch_gradient(&w, &order, &mut batch);
        assert!(whole.iter().zip(&batch).all(|(a, b)| near(*a, *b, 1e-14)));
        // One sample's gradients, put together.
        let mut sum = vec![0.0; n];
        for k in 0..order.len() {
            network.batch_gradient(&w, &[k], &mut batch);
            sum.iter_mut()
                .zip(&batch)
                .for_each(|(sum, g)| *sum += g / order.len() as f64);
        }
        assert!(whole.iter().zip(&sum).all(|(a, b)| near(*a, *b, 1e-14)));
    }
}

#[test]
fn the_loss_over_a_batch_has_the_gradient_of_that_batch() {
    for (network, w) in all() {
        let batch: Vec<usize> = (0..network.samples.len()).step_by(3).collect();
        let over = network.over(&batch).expect("samples");
        let n = network.dim();
        assert_eq!((over.dim(), over.samples()), (n, Some(batch.len())));
        let (mut meant, mut found) = (vec![0.0; n], vec![0.0; n]);
        network.batch_gradient(&w, &batch, &mut meant);
        over.gradient(&w, &mut found);
        assert_eq!(found, meant);
        let all: Vec<usize> = (0..network.samples.len()).collect();
        let whole = network.over(&all).expect("samples").value(&w);
        assert_eq!(whole, network.value(&w));
        assert!(network.over(&[]).is_none());
        assert!(network.over(&[all.len()]).is_none());
    }
}

#[test]
fn samples_kept_apart_have_a_loss_of_their_own_and_classes_are_counted() {
    for (network, w) in all() {
        assert!(network.held_out().is_none());
        let shape = network.shape.clone();
        let toy = match (shape.inputs(), shape.outputs()) {
            (_, 3) => Toy::Blobs,
            (1, _) => Toy::Sine,
            _ => Toy::Moons,
        };
        let samples = Arc::new(toy.draw(50, 0.3, 9).expect("enough"));
        let alone = Network::new(shape, samples.clone()).expect("it fits");
        let with = network.clone().with_held_out(samples.clone());
        let with = with.expect("it fits");
        assert_eq!(with.value(&w), network.value(&w));
        let held_out = with.held_out().expect("samples");
        assert_eq!(held_out.value(&w), alone.value(&w));
        assert_eq!(held_out.dim(), with.dim());
        let outputs = alone.outputs(&w, samples.features());
        let Targets::Labels(labels) = samples.targets() else {
            assert_eq!(held_out.accuracy(&w), None);
            continue;
        };
        let width = with.shape.outputs();
        let right = outputs.chunks(width).zip(labels).filter(|(z, label)| {
            let greatest = (0..width).max_by(|&a, &b| z[a].total_cmp(&z[b]));
            greatest == Some(**label)
        });
        let share = right.count() as f64 / 50.0;
        assert_eq!(held_out.accuracy(&w), Some(share));
        assert!((0.0..=1.0).contains(&share));
    }
    // Whoever says nothing is right about nothing.
    let (network, w) = network(Toy::Moons, 20, &[3], Activation::Tanh, false);
    assert_eq!(network.accuracy(&vec![0.0; w.len()]), Some(0.0));
    assert_eq!(network.accuracy(&vec![f64::NAN; w.len()]), Some(0.0));
    let wrong = Toy::Sine.draw(5, 0.0, 0).expect("enough");
    assert!(network.with_held_out(Arc::new(wrong)).is_none());
}

#[test]
fn samples_are_set_aside_by_a_seed() {
    let all = Toy::Blobs.draw(30, 0.1, 0).expect("enough");
    let (rest, aside) = all.parted(10, 7).expect("some on either side");
    assert_eq!((rest.len(), aside.len()), (20, 10));
    assert_eq!(
        all.parted(10, 7),
        Some((rest.clone(), aside.clone())),
        "the same again"
    );
    assert_ne!(all.parted(10, 8), Some((rest.clone(), aside.clone())));
    let rows = |samples: &Samples| -> Vec<Vec<u64>> {
        let rows = (0..samples.len()).map(|k| samples.row(k).iter().map(|x| x.to_bits()).collect());
        rows.collect()
    };
    let mut together = [rows(&rest), rows(&aside)].concat();
    let mut meant = rows(&all);
    together.sort();
    meant.sort();
    assert_eq!(together, meant);
    assert!(all.parted(0, 7).is_none() && all.parted(30, 7).is_none());
    assert!(all.parted(31, 7).is_none());
}

/// Much is computed in several tasks, on however many threads.
#[test]
fn sums_do_not_depend_on_the_number_of_threads() {
    let (network, w) = network(Toy::Spirals, 5000, &[40, 40], Activation::Tanh, false);
    assert!(network.blocks_a_task() < network.samples.blocks().len());
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads").install(|| {
            let mut gradient = vec![0.0; network.dim()];
            let loss = network.gradient(&w, &mut gradient);
            (loss, network.value(&w), gradient)
        })
    };
    assert_eq!(on(1), on(3));
    assert!(near(on(1).1, by_definition(&network, &w), 1e-13));
}

#[test]
fn what_is_too_large_has_no_loss() {
    let (network, w) = network(Toy::Moons, 20, &[3], Activation::Relu, false);
    let huge: Vec<f64> = w.iter().map(|w| w * 1e200).collect();
    assert!(!network.value(&huge).is_finite());
    let mut nan = w;
    nan[0] = f64::NAN;
    assert!(network.value(&nan).is_nan());
}
