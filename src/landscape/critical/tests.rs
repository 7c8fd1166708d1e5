//! Tests on functions whose critical points are known.

use super::CriticalKind::{
    Degenerate, GivenMinimum, GlobalMinimum, LocalMinimum, LowestFound, Maximum, Saddle,
};
use super::*;
use crate::objective::Formula;

mod told;

fn parse(formula: &str, dim: usize) -> Formula {
    let formula = Formula::parse(formula).and_then(|formula| formula.with_dim(dim));
    formula.expect("a formula")
}

fn find(formula: &str, x: [f64; 2], y: Option<[f64; 2]>) -> CriticalPoints {
    find_with(formula, x, y, &[])
}

fn find_with(
    formula: &str,
    x: [f64; 2],
    y: Option<[f64; 2]>,
    places: &[Vec<f64>],
) -> CriticalPoints {
    let domain = Domain { x, y };
    let told = ToldMinima {
        places,
        are_global: false,
    };
    CriticalPoints::find(&parse(formula, domain.dim()), domain, told)
}

/// How many there are: lowest minima, other minima, saddles, maxima, degenerate points.
fn census(points: &[CriticalPoint]) -> [usize; 5] {
    [LowestFound, LocalMinimum, Saddle, Maximum, Degenerate]
        .map(|kind| points.iter().filter(|point| point.kind == kind).count())
}

fn at(points: &[CriticalPoint], kind: CriticalKind, expected: &[f64], tolerance: f64) {
    let there = |point: &&CriticalPoint| {
        let near = |(a, b): (&f64, &f64)| (a - b).abs() <= tolerance;
        point.at.iter().zip(expected).all(near)
    };
    let found = points.iter().find(there).map(|point| point.kind);
    assert_eq!(found, Some(kind), "at {expected:?} in {points:#?}");
}

#[test]
fn curves() {
    let points = find("x^4 - 5x^2 - 3x", [-3.0, 3.0], None);
    assert_eq!(census(&points), [1, 1, 0, 1, 0]);
    assert!(points.windows(2).all(|pair| pair[0].value <= pair[1].value));
    let points = find("x^2", [-10.0, 10.0], None);
    assert_eq!(points.len(), 1);
    assert_eq!((&points[0].at[..], points[0].value), (&[0.0][..], 0.0));
    let points = find("sin(x)", [-10.0, 10.0], None);
    assert_eq!(census(&points), [3, 0, 0, 3, 0]);
    let points = find("x^4", [-1.0, 2.0], None);
    assert_eq!(census(&points), [0, 0, 0, 0, 1]);
    assert_eq!(points[0].at, [0.0]);
    assert!(find("exp(x)", [-5.0, 5.0], None).is_empty());
    assert!(find("3", [-5.0, 5.0], None).is_empty());
    assert!(find("1/x", [-5.0, 5.0], None).is_empty());
}

#[test]
fn a_minimum_is_not_the_lowest_where_the_edge_lies_lower() {
    let points = find("x^3 - 3x", [-3.0, 3.0], None);
    assert_eq!(census(&points), [0, 1, 0, 1, 0]);
    at(&points, LocalMinimum, &[1.0], 0.0);
}

#[test]
fn himmelblau_has_nine() {
    let formula = "(x^2 + y - 11)^2 + (x + y^2 - 7)^2";
    let points = find(formula, [-5.0, 5.0], Some([-5.0, 5.0]));
    assert_eq!(census(&points), [4, 0, 4, 1, 0]);
    at(&points, LowestFound, &[3.0, 2.0], 0.0);
    at(
        &points,
        LowestFound,
        &[-2.805118086952745, 3.131312518250573],
        1e-13,
    );
    at(
        &points,
        LowestFound,
        &[-3.779310253377747, -3.28318599128617],
        1e-13,
    );
    at(
        &points,
        LowestFound,
        &[3.584428340330492, -1.848126526964404],
        1e-13,
    );
    at(&points, Maximum, &[-0.270844591, -0.923038556], 1e-8);
    at(&points, Saddle, &[0.086677504, 2.884254701], 1e-8);
}

#[test]
fn rosenbrock_has_one() {
    let formula = "(1 - x)^2 + 100*(y - x^2)^2";
    let points = find(formula, [-2.0, 2.0], Some([-0.5, 3.5]));
    assert_eq!(points.len(), 1);
    at(&points, LowestFound, &[1.0, 1.0], 0.0);
}

#[test]
fn saddles() {
    let square = [-2.5, 2.5];
    let points = find("x^2 - y^2", square, Some(square));
    assert_eq!(census(&points), [0, 0, 1, 0, 0]);
    at(&points, Saddle, &[0.0, 0.0], 0.0);
    let points = find("x^3 - 3x y^2", square, Some([-2.0, 3.0]));
    assert_eq!(census(&points), [0, 0, 0, 0, 1]);
    at(&points, Degenerate, &[0.0, 0.0], 1e-6);
    // A saddle sin x + y², off the grid's nodes and lines of symmetry
    let points = find("sin(x) + y^2", [-4.1, 7.3], Some([-1.7, 2.1]));
    assert_eq!(census(&points), [2, 0, 1, 0, 0]);
    at(
        &points,
        LowestFound,
        &[-std::f64::consts::FRAC_PI_2, 0.0],
        1e-13,
    );
}

#[test]
fn rastrigin_has_hundreds() {
    let formula = "20 + x^2 - 10cos(2pi*x) + y^2 - 10cos(2pi*y)";
    let points = find(formula, [-5.12, 5.12], Some([-5.12, 5.12]));
    assert_eq!(census(&points), [1, 120, 220, 100, 0]);
    assert_eq!(points[0].kind, LowestFound);
}

#[test]
fn ackley_has_its_minimum_from_those_who_know() {
    let formula = "20 + e - 20exp(-0.2sqrt(0.5(x^2 + y^2))) - exp(0.5(cos(2pi*x) + cos(2pi*y)))";
    let square = [-4.0, 4.0];
    let points = find_with(formula, square, Some(square), &[vec![0.0, 0.0]]);
    assert_eq!(
        (&points[0].at[..], points[0].kind),
        (&[0.0, 0.0][..], LowestFound)
    );
    assert!(points[0].value.abs() < 1e-14);
    let [global, local, saddles, maxima, degenerate] = census(&points);
    assert_eq!((global, degenerate), (1, 0));
    assert!(
        local > 40 && saddles > 80 && maxima > 30,
        "{:?}",
        census(&points)
    );
}

#[test]
fn easom_is_found_on_its_plateau() {
    let formula = "-cos(x)*cos(y)*exp(-(x - pi)^2 - (y - pi)^2)";
    let points = find(formula, [-10.0, 10.0], Some([-10.0, 10.0]));
    let [global, _, _, _, degenerate] = census(&points);
    assert_eq!((global, degenerate), (1, 0));
    assert!(points.len() < 60, "{:?}", census(&points));
    let pi = std::f64::consts::PI;
    at(&points, LowestFound, &[pi, pi], 1e-13);
    // The well lies between the nodes here; whoever knows it says so.
    let wide = find_with(
        formula,
        [-100.0, 100.0],
        Some([-100.0, 100.0]),
        &[vec![3.1, 3.2]],
    );
    at(&wide, LowestFound, &[pi, pi], 1e-12);
    assert_eq!(census(&wide)[0], 1);
}

#[test]
fn camels() {
    let six = "(4 - 2.1x^2 + x^4/3)*x^2 + x*y + (-4 + 4y^2)*y^2";
    let points = find(six, [-3.0, 3.0], Some([-2.0, 2.0]));
    assert_eq!(census(&points), [2, 4, 7, 2, 0]);
    at(&points, LowestFound, &[0.089842, -0.712656], 1e-6);
    at(&points, LowestFound, &[-0.089842, 0.712656], 1e-6);
    at(&points, Saddle, &[0.0, 0.0], 0.0);
    let three = "2x^2 - 1.05x^4 + x^6/6 + x*y + y^2";
    let points = find(three, [-5.0, 5.0], Some([-5.0, 5.0]));
    assert_eq!(census(&points), [1, 2, 2, 0, 0]);
}

#[test]
fn other_classics() {
    let square = Some([-5.0, 5.0]);
    let tang = "0.5(x^4 - 16x^2 + 5x + y^4 - 16y^2 + 5y)";
    assert_eq!(census(&find(tang, [-5.0, 5.0], square)), [1, 3, 4, 1, 0]);
    let booth = "(x + 2y - 7)^2 + (2x + y - 5)^2";
    at(
        &find(booth, [-10.0, 10.0], Some([-10.0, 10.0])),
        LowestFound,
        &[1.0, 3.0],
        1e-12,
    );
    let goldstein = "(1 + (x + y + 1)^2*(19 - 14x + 3x^2 - 14y + 6x*y + 3y^2)) \
                     * (30 + (2x - 3y)^2*(18 - 32x + 12x^2 + 48y - 36x*y + 27y^2))";
    let points = find(goldstein, [-2.0, 2.0], Some([-2.0, 2.0]));
    at(&points, LowestFound, &[0.0, -1.0], 1e-12);
    for minimum in [[-0.6, -0.4], [1.8, 0.2], [1.2, 0.8]] {
        at(&points, LocalMinimum, &minimum, 1e-12);
    }
    let beale = "(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2";
    let points = find(beale, [-4.5, 4.5], Some([-4.5, 4.5]));
    at(&points, LowestFound, &[3.0, 0.5], 1e-12);
    at(&points, Saddle, &[0.0, 1.0], 1e-12);
}

#[test]
fn known_minima_are_sharpened_and_count_even_outside() {
    let formula = "x^4 - 2x^2 + 0.2x";
    let sharp = find_with(formula, [-2.0, 2.0], None, &[vec![-1.02], vec![-1.03]]);
    assert_eq!(census(&sharp), [1, 1, 0, 1, 0]);
    at(&sharp, LowestFound, &[-1.0241203002150505], 1e-15);
    let right = find_with(formula, [0.0, 2.0], None, &[vec![-1.02]]);
    assert_eq!(census(&right), [0, 1, 0, 1, 0]);
    // a minimum that the Hessian does not show, and one that is none
    let flat = find_with(
        "x^4 + y^4",
        [-1.0, 1.0],
        Some([-1.0, 1.0]),
        &[vec![0.0, 0.0]],
    );
    assert_eq!(census(&flat), [1, 0, 0, 0, 0]);
    let wrong = find_with(
        "x^2 - y^2",
        [-1.0, 1.0],
        Some([-1.0, 1.0]),
        &[vec![0.0, 0.0]],
    );
    assert_eq!(census(&wrong), [0, 0, 0, 0, 0]);
    at(&wrong, GivenMinimum, &[0.0, 0.0], 0.0);
}

#[test]
fn lines_and_plateaus_do_not_flood() {
    let square = Some([-2.0, 2.0]);
    for formula in [
        "(x - y)^2",
        "x^2",
        "(x^2 + y^2 - 1)^2",
        "max(x^2 + y^2, 1)",
        "0",
    ] {
        let points = find(formula, [-2.0, 2.0], square);
        assert!(points.len() <= 9, "{formula}: {points:?}");
        let [global, local, ..] = census(&points);
        assert_eq!((global, local), (0, 0), "{formula}: {points:?}");
    }
}

#[test]
fn a_root_on_the_edge_counts() {
    let points = find("(x - 1)^2 + y^2", [-1.0, 1.0], Some([0.0, 2.0]));
    assert_eq!(census(&points), [1, 0, 0, 0, 0]);
    at(&points, LowestFound, &[1.0, 0.0], 1e-12);
}
