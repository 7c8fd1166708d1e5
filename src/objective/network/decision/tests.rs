//! Tests of what is seen of networks.

use std::sync::Arc;

use super::*;
use crate::objective::network::{Activation, Shape, Toy};

/// A network without hidden layers: its outputs are affine.
fn affine(samples: Samples, outputs: usize) -> Network {
    let shape = Shape::new(samples.width(), &[], outputs, Activation::Tanh, false);
    Network::new(shape.expect("units"), Arc::new(samples)).expect("it fits")
}

#[test]
fn regions_lie_where_their_samples_do_and_are_soft_where_undecided() {
    let points = vec![-1.0, 0.0, 1.0, 0.0, 0.5, 0.3, -0.2, 0.1];
    let samples = Samples::new(2, points, Targets::Labels(vec![0, 1, 0, 0])).expect("sound");
    let network = affine(samples, 2);
    // Class 1 where x is above 0.
    let w = [0.0, 0.0, 3.0, 0.0, 0.0, 0.0];
    let sight = Sight::of(&network).expect("two features");
    assert_eq!(sight.kind, SightKind::Regions { classes: 2 });
    assert_eq!(sight.right(&network, &w), [true, true, false, true]);
    let side = 8;
    let regions = sight.regions(&network, &w, side);
    for (k, region) in regions.iter().enumerate() {
        let [low, high] = sight.ranges[0];
        let x = low + (high - low) * ((k % side) as f64 + 0.5) / side as f64;
        assert_eq!(region.class, usize::from(x > 0.0), "{k}");
        // p − (1 − p) of a logistic function.
        let margin = (1.5 * x.abs()).tanh();
        assert!((region.margin - margin).abs() < 1e-12, "{k}: {region:?}");
    }
    // From the top: with y alone the first row is the greatest.
    let w = [0.0, 0.0, 0.0, 3.0, 0.0, 0.0];
    let regions = sight.regions(&network, &w, side);
    assert_eq!((regions[0].class, regions[side * side - 1].class), (1, 0));
}

#[test]
fn a_curve_is_that_of_the_network() {
    let samples = Toy::Sine.draw(40, 0.0, 0).expect("enough");
    let network = affine(samples, 1);
    let sight = Sight::of(&network).expect("one feature");
    assert_eq!(sight.kind, SightKind::Curve);
    let curve = sight.curve(&network, &[2.0, 0.5], 5);
    assert_eq!(curve.len(), 5);
    assert!(curve.iter().all(|[x, y]| (2.0 * x + 0.5 - y).abs() < 1e-12));
    assert_eq!([curve[0][0], curve[4][0]], sight.ranges[0]);
    assert!(sight.right(&network, &[2.0, 0.5]).is_empty());
}

#[test]
fn three_classes_keep_their_distance_and_what_overflows_says_nothing() {
    let outputs = [1.0, 3.0, 2.0];
    let sum: f64 = outputs.iter().map(|z| f64::exp(*z)).sum();
    let margin = (f64::exp(3.0) - f64::exp(2.0)) / sum;
    let found = region(&outputs);
    assert_eq!(found.class, 1);
    assert!((found.margin - margin).abs() < 1e-15);
    for outputs in [
        [f64::INFINITY, f64::INFINITY],
        [f64::NAN, 1.0],
        [f64::NEG_INFINITY; 2],
        [1.0, 1.0],
    ] {
        assert_eq!(region(&outputs).margin, 0.0, "{outputs:?}");
    }
    assert_eq!(region(&[1e300, -1e300]).margin, 1.0);
}

#[test]
fn extremes_of_samples_have_a_frame_or_none() {
    let of = |points: Vec<f64>| {
        let labels = (0..points.len() / 2).map(|k| k % 2).collect();
        let samples = Samples::new(2, points, Targets::Labels(labels)).expect("finite");
        Sight::of(&affine(samples, 2))
    };
    let is_sound = |sight: Sight| {
        let [x, y] = sight.ranges;
        x[0] < x[1] && y[0] < y[1] && x[0].is_finite() && y[1].is_finite()
    };
    assert!(of(vec![3.0, 3.0]).is_some_and(is_sound));
    assert!(of(vec![0.0, 0.0, 0.0, 1e-9]).is_some_and(is_sound));
    assert!(of(vec![1e9, 1e9, 1e9, 1e9]).is_some_and(is_sound));
    assert!(of(vec![-1e308, 0.0, 1e308, 0.0]).is_none());
    // Units are those of both axes, unless that were of no use.
    let sight = of(vec![0.0, 0.0, 2.0, 1.0]).expect("seen");
    let length = |[low, high]: Range| high - low;
    assert!((length(sight.ranges[0]) - length(sight.ranges[1])).abs() < 1e-12);
    let sight = of(vec![0.0, 0.0, 1000.0, 1.0]).expect("seen");
    assert!(length(sight.ranges[1]) < 2.0);
    let wide = Samples::new(3, vec![0.0; 6], Targets::Labels(vec![0, 1])).expect("finite");
    assert_eq!(Sight::of(&affine(wide, 2)), None);
}

#[test]
fn of_many_samples_some_of_every_kind_are_shown() {
    let samples = Toy::Blobs.draw(9999, 0.1, 0).expect("enough");
    let network = affine(samples, 3);
    let sight = Sight::of(&network).expect("seen");
    assert!((900..=MOST_SHOWN).contains(&sight.shown.len()));
    for class in 0..3 {
        let of_it = sight.shown.iter().filter(|&&k| k % 3 == class).count();
        assert!((250..420).contains(&of_it), "{class}: {of_it}");
    }
    assert!(sight.shown.iter().any(|&k| k > 9900));
}
