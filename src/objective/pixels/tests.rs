//! The loss, its derivatives and its sweep against the definition.

use std::sync::Arc;

use super::*;

/// Images of some lit pixels, other ones each, with labels that have to do with them.
fn samples(count: usize) -> Arc<PixelSamples> {
    let mut pixels = vec![0; count * PIXELS];
    let labels: Vec<u8> = (0..count).map(|k| (k * 7 / 3 % CLASSES) as u8).collect();
    for (k, image) in pixels.chunks_exact_mut(PIXELS).enumerate() {
        for i in 0..90 + k % 3 {
            let place = (i * 5 + usize::from(labels[k]) * 31 + k % 11) % PIXELS;
            image[place] = (40 + (i * 37 + k * 11) % 216) as u8;
        }
    }
    Arc::new(PixelSamples::new(&pixels, labels).expect("sound"))
}

fn wave(scale: f64, step: f64, phase: f64) -> Vec<f64> {
    let at = |k: usize| scale * (step * k as f64 + phase).sin();
    (0..PARAMETERS).map(at).collect()
}

fn objective(count: usize) -> PixelSoftmax {
    PixelSoftmax::new(samples(count))
}

fn probabilities(w: &[f64], image: &[u8; PIXELS]) -> [f64; CLASSES] {
    let z: [f64; CLASSES] = std::array::from_fn(|c| {
        let products = image.iter().zip(&w[c * PIXELS..][..PIXELS]);
        let sum: f64 = products.map(|(x, w)| f64::from(*x) / 255.0 * w).sum();
        sum + w[CLASSES * PIXELS + c]
    });
    let greatest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let e = z.map(|z| (z - greatest).exp());
    let sum: f64 = e.iter().sum();
    e.map(|e| e / sum)
}

/// The definition, sample by sample.
fn direct(samples: &PixelSamples, batch: &[usize], w: &[f64]) -> (f64, Vec<f64>) {
    let (mut loss, mut gradient) = (0.0, vec![0.0; PARAMETERS]);
    let share = 1.0 / batch.len() as f64;
    for &k in batch {
        let (image, label) = (samples.image(k), usize::from(samples.labels()[k]));
        let p = probabilities(w, &image);
        loss -= share * p[label].ln();
        for (c, p) in p.iter().enumerate() {
            let delta = share * (p - f64::from(u8::from(c == label)));
            for (i, x) in image.iter().enumerate() {
                gradient[c * PIXELS + i] += delta * f64::from(*x) / 255.0;
            }
            gradient[CLASSES * PIXELS + c] += delta;
        }
    }
    (loss, gradient)
}

fn assert_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    let largest = expected.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    assert_eq!(found.len(), expected.len(), "{what}");
    for (k, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= tolerance * largest,
            "{what}, {k}: {found:e} instead of {expected:e}"
        );
    }
}

#[test]
fn loss_and_gradient_are_those_of_the_definition() {
    // More than one part, and one that is not full.
    let objective = objective(700);
    let w = wave(0.4, 1.3, 0.2);
    let all: Vec<usize> = (0..700).collect();
    let batch = [3, 3, 699, 0, 250];
    let mut gradient = vec![f64::NAN; PARAMETERS];
    let loss = objective.gradient(&w, &mut gradient);
    let (expected, by_weights) = direct(objective.data(), &all, &w);
    assert_close("loss", &[loss, objective.value(&w)], &[expected; 2], 1e-13);
    assert_close("gradient", &gradient, &by_weights, 1e-13);
    objective.batch_gradient(&w, &batch, &mut gradient);
    let (_, by_weights) = direct(objective.data(), &batch, &w);
    assert_close("batch", &gradient, &by_weights, 1e-13);
}

#[test]
fn products_with_the_hessian_are_differences_of_gradients() {
    let objective = objective(40);
    let (w, direction) = (wave(0.4, 1.3, 0.2), wave(0.01, 0.7, 0.4));
    let mut product = vec![f64::NAN; PARAMETERS];
    objective.hessian_product(&w, &direction, &mut product);
    let beside = |step: f64| {
        let moved: Vec<f64> = w
            .iter()
            .zip(&direction)
            .map(|(w, d)| w + step * d)
            .collect();
        let mut gradient = vec![0.0; PARAMETERS];
        objective.gradient(&moved, &mut gradient);
        gradient
    };
    let step = 1e-4;
    let pairs = beside(step).into_iter().zip(beside(-step));
    let expected: Vec<f64> = pairs.map(|(a, b)| (a - b) / (2.0 * step)).collect();
    assert_close("product", &product, &expected, 1e-7);
}

#[test]
fn every_node_of_a_sweep_is_the_loss_there() {
    let objective = objective(70);
    let planes = [
        Plane::new(
            wave(0.3, 1.3, 0.2).into(),
            wave(0.02, 0.7, 0.4).into(),
            Some(wave(0.02, 0.9, 0.1).into()),
        ),
        Plane::of_parameters(
            &wave(0.3, 1.3, 0.2),
            [3 * PIXELS + 400, CLASSES * PIXELS + 3],
        ),
        Plane::new(
            vec![0.0; PARAMETERS].into(),
            wave(0.02, 0.7, 0.4).into(),
            None,
        ),
    ];
    for (k, plane) in planes.iter().enumerate() {
        for half in [1e-6, 3.0, 200.0, 1e5] {
            let y = plane.v().map(|_| [-half, half / 2.0]);
            let domain = Domain {
                x: [-half, half],
                y,
            };
            let size = [19, if y.is_some() { 67 } else { 1 }];
            let grid = objective
                .sweep(plane, domain, size, &|| true)
                .expect("nobody stops it");
            for i in (0..grid.values.len()).step_by(7) {
                let at = [grid.x(i % grid.cols), grid.y(i / grid.cols)];
                let expected = objective.value(&plane.point(at[0], at[1]));
                let error = (grid.values[i] - expected).abs();
                assert!(
                    error <= 1e-10 * expected.abs() + 1e-13,
                    "plane {k} at {at:?}: {} instead of {expected}",
                    grid.values[i]
                );
            }
        }
    }
}

#[test]
fn what_is_beyond_all_numbers_is_none() {
    let objective = objective(20);
    let plane = Plane::new(
        vec![0.0; PARAMETERS].into(),
        wave(1.0, 0.7, 0.4).into(),
        Some(wave(1.0, 0.9, 0.1).into()),
    );
    let domain = Domain {
        x: [-1e308, 1e308],
        y: Some([-1e308, 1e308]),
    };
    let grid = objective
        .sweep(&plane, domain, [5, 5], &|| true)
        .expect("nobody stops it");
    assert!(
        grid.values[0].is_nan() || grid.values[0].is_infinite(),
        "{}",
        grid.values[0]
    );
    for huge in [f64::NAN, f64::INFINITY, 1e308] {
        let mut gradient = vec![0.0; PARAMETERS];
        assert!(
            !objective
                .gradient(&vec![huge; PARAMETERS], &mut gradient)
                .is_finite(),
            "{huge}"
        );
    }
    let loss = objective.value(&wave(1e9, 1.3, 0.2));
    assert!(loss.is_finite() && loss > 1e6, "{loss}");
    assert!(objective.sweep(&plane, domain, [5, 5], &|| false).is_none());
}

#[test]
fn accuracy_is_the_share_of_right_answers() {
    let all = samples(50);
    let objective = PixelSoftmax::new(all.clone()).with_held_out(samples(30));
    let mut w = vec![0.0; PARAMETERS];
    assert_eq!(objective.accuracy(&w), Some(0.0));
    w[CLASSES * PIXELS + 4] = 1.0;
    let fours = |count: usize| {
        let labels = &all.labels()[..count];
        labels.iter().filter(|&&label| label == 4).count() as f64 / count as f64
    };
    assert_eq!(objective.accuracy(&w), Some(fours(50)));
    let held_out = objective.held_out().expect("samples that were kept apart");
    assert_eq!(held_out.accuracy(&w), Some(fours(30)));
}

#[test]
fn the_loss_over_a_batch_has_its_gradient() {
    let objective = objective(50);
    let (w, batch) = (wave(0.4, 1.3, 0.2), [7, 7, 49, 0]);
    let [mut expected, mut found] = [(); 2].map(|()| vec![0.0; PARAMETERS]);
    objective.batch_gradient(&w, &batch, &mut expected);
    let over = objective.over(&batch).expect("samples");
    over.gradient(&w, &mut found);
    assert_close("gradient", &found, &expected, 1e-14);
    assert!(objective.over(&[50]).is_none() && objective.over(&[]).is_none());
}

#[test]
fn samples_are_sound_or_none() {
    assert!(PixelSamples::new(&[0; PIXELS], vec![9]).is_some());
    assert!(PixelSamples::new(&[0; PIXELS], vec![10]).is_none());
    assert!(PixelSamples::new(&[0; PIXELS + 1], vec![1]).is_none());
    assert!(PixelSamples::new(&[], Vec::new()).is_none());
    let image: [u8; PIXELS] = std::array::from_fn(|i| (i % 3) as u8);
    let samples = PixelSamples::new(&image, vec![0]).expect("sound");
    assert_eq!(samples.image(0), image);
    assert_eq!(samples.lit(), image.iter().filter(|&&p| p > 0).count());
}
