use approx::assert_relative_eq;

use super::*;

/// Samples without any order, the same each time.
fn scattered(count: usize) -> Samples {
    let feature = |i: usize, k: f64| 3.0 * (i as f64 * k).sin() + (i as f64 * 0.11).cos();
    let features = (0..count).map(|i| [feature(i, 0.7), feature(i, 1.3)]);
    let labels = (0..count).map(|i| (i * i % 7 + i % 4) as u8).collect();
    Samples::new(features.collect(), labels).expect("sound samples")
}

fn weights(scale: f64) -> [f64; WEIGHTS] {
    std::array::from_fn(|k| scale * ((k * 7 % 11) as f64 / 5.0 - 1.0))
}

/// The loss and its gradient by their definitions, sample after sample.
fn definition(samples: &Samples, w: &[f64]) -> (f64, [f64; WEIGHTS]) {
    let (mut loss, mut gradient) = (0.0, [0.0; WEIGHTS]);
    let count = samples.len() as f64;
    for (x, &y) in samples.features().iter().zip(samples.labels()) {
        let z: Vec<f64> = (0..CLASSES)
            .map(|c| x[0] * w[c] + x[1] * w[CLASSES + c])
            .collect();
        let greatest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = z.iter().map(|z| (z - greatest).exp()).sum();
        for (k, gradient) in gradient.iter_mut().enumerate() {
            let c = k % CLASSES;
            let p = (z[c] - greatest).exp() / sum;
            let labelled = f64::from(u8::from(c == usize::from(y)));
            *gradient += x[k / CLASSES] * (p - labelled) / count;
        }
        loss -= ((z[usize::from(y)] - greatest).exp() / sum + EPSILON).ln() / count;
    }
    (loss, gradient)
}

#[test]
fn unsound_samples_are_refused() {
    assert!(Samples::new(vec![], vec![]).is_none());
    assert!(Samples::new(vec![[0.0, 1.0]], vec![]).is_none());
    assert!(Samples::new(vec![[0.0, f64::NAN]], vec![1]).is_none());
    assert!(Samples::new(vec![[0.0, 1.0]], vec![10]).is_none());
    let samples = Samples::new(vec![[0.0, 1.0]], vec![9]).expect("sound samples");
    assert_eq!(format!("{samples:?}"), "Samples(1)");
}

#[test]
fn loss_and_gradient_follow_their_definitions() {
    for count in [1, 2, 7, 8, 100, 2559, 2560, 10_001] {
        let samples = scattered(count);
        for scale in [0.0, 0.1, 3.0, 40.0] {
            let w = weights(scale);
            let (loss, gradient) = definition(&samples, &w);
            for arch in lanes::available() {
                for moments in [false, true] {
                    let sums = sums(arch, samples.blocks(), &w, moments);
                    assert_relative_eq!(sums.loss / count as f64, loss, max_relative = 1e-13);
                }
            }
            let objective = Softmax::new(Arc::new(samples.clone()));
            let mut out = [f64::NAN; WEIGHTS];
            assert_relative_eq!(objective.gradient(&w, &mut out), loss, max_relative = 1e-13);
            let check = |out: &[f64]| {
                for (out, exact) in out.iter().zip(gradient) {
                    assert_relative_eq!(*out, exact, max_relative = 1e-11, epsilon = 1e-14);
                }
            };
            check(&out);
            let all: Vec<usize> = (0..count).collect();
            objective.batch_gradient(&w, &all, &mut out);
            check(&out);
        }
    }
}

#[test]
fn a_batch_counts_its_samples_as_often_as_it_names_them() {
    let samples = scattered(50);
    let objective = Softmax::new(Arc::new(samples.clone()));
    let batch = [3, 17, 3, 49];
    let x = batch.iter().map(|&i| samples.features()[i]).collect();
    let y = batch.iter().map(|&i| samples.labels()[i]).collect();
    let chosen = Samples::new(x, y).expect("sound samples");
    let mut out = [0.0; WEIGHTS];
    objective.batch_gradient(&weights(1.0), &batch, &mut out);
    let (_, exact) = definition(&chosen, &weights(1.0));
    for (out, exact) in out.iter().zip(exact) {
        assert_relative_eq!(*out, exact, max_relative = 1e-12);
    }
}

#[test]
fn great_weights_saturate() {
    let objective = Softmax::new(Arc::new(scattered(1000)));
    let mut out = [0.0; WEIGHTS];
    for scale in [1e3, 1e100, 1e300] {
        let loss = objective.gradient(&weights(scale), &mut out);
        assert!((0.0..18.43).contains(&loss), "{loss}");
        assert!(out.iter().all(|g| g.is_finite() && g.abs() < 5.0));
        objective.batch_gradient(&weights(scale), &[0, 500, 999], &mut out);
        assert!(out.iter().all(|g| g.is_finite()));
    }
}

#[test]
fn the_gradient_is_the_slope_of_the_loss() {
    // But for ε: the samples are such that no label is improbable.
    let objective = Softmax::new(Arc::new(scattered(500)));
    let w = weights(0.1);
    let mut gradient = [0.0; WEIGHTS];
    objective.gradient(&w, &mut gradient);
    let mut hessian = [0.0; WEIGHTS * WEIGHTS];
    objective.hessian(&w, &mut hessian);
    let direction = weights(0.7);
    let mut product = [0.0; WEIGHTS];
    objective.hessian_product(&w, &direction, &mut product);
    for (product, row) in product.iter().zip(hessian.chunks_exact(WEIGHTS)) {
        let exact: f64 = row.iter().zip(direction).map(|(h, d)| h * d).sum();
        assert_relative_eq!(*product, exact, max_relative = 1e-10, epsilon = 1e-13);
    }
    for k in 0..WEIGHTS {
        let step = 1e-4;
        let at = |sign: f64| {
            let mut w = w;
            w[k] += sign * step;
            let mut gradient = [0.0; WEIGHTS];
            let loss = objective.gradient(&w, &mut gradient);
            (loss, gradient)
        };
        let ((above, right), (below, left)) = (at(1.0), at(-1.0));
        let slope = (above - below) / (2.0 * step);
        assert_relative_eq!(gradient[k], slope, max_relative = 1e-5, epsilon = 1e-6);
        for (j, (right, left)) in right.iter().zip(left).enumerate() {
            let slope = (right - left) / (2.0 * step);
            let exact = hessian[k * WEIGHTS + j];
            assert_relative_eq!(exact, slope, max_relative = 1e-5, epsilon = 1e-7);
        }
    }
}

#[test]
fn the_loss_over_a_batch_has_the_gradient_of_that_batch() {
    let softmax = Softmax::new(Arc::new(scattered(600)));
    let batch: Vec<usize> = (0..600).step_by(7).collect();
    let over = softmax.over(&batch).expect("samples");
    let w = weights(0.7);
    let (mut meant, mut found) = ([0.0; WEIGHTS], [0.0; WEIGHTS]);
    softmax.batch_gradient(&w, &batch, &mut meant);
    over.gradient(&w, &mut found);
    for (found, meant) in found.iter().zip(meant) {
        assert_relative_eq!(*found, meant, epsilon = 1e-13);
    }
    let mean: f64 = batch
        .iter()
        .map(|k| softmax.over(&[*k]).expect("one").value(&w))
        .sum();
    assert_relative_eq!(
        over.value(&w),
        mean / batch.len() as f64,
        max_relative = 1e-12
    );
    assert!(softmax.over(&[]).is_none() && softmax.over(&[600]).is_none());
}

#[test]
fn the_class_of_the_greatest_probability_is_named() {
    let samples = scattered(300);
    let softmax = Softmax::new(Arc::new(samples.clone()));
    let w = weights(0.9);
    let right = samples.features().iter().zip(samples.labels());
    let right = right.filter(|(x, label)| {
        let p = probabilities(&w, **x);
        let greatest = (0..CLASSES).max_by(|&a, &b| p[a].total_cmp(&p[b]));
        greatest == Some(usize::from(**label))
    });
    let share = right.count() as f64 / 300.0;
    assert!(share > 0.0);
    assert_eq!(softmax.accuracy(&w), Some(share));
    // Whoever says nothing is right about nothing.
    assert_eq!(softmax.accuracy(&[0.0; WEIGHTS]), Some(0.0));
    assert_eq!(softmax.accuracy(&[f64::NAN; WEIGHTS]), Some(0.0));
}
