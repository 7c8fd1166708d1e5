//! The directions along which points lie furthest.

use std::sync::Arc;

use rayon::prelude::*;

use super::eigen::eigenvectors;
use super::lanczos::greatest;

/// Up to so many coordinates, or points, the matrix of their products is found as a whole.
const FEW: usize = 64;
/// Numbers that one task takes; fixed, so that sums do not depend on the number of threads.
const TASK: usize = 1 << 18;
/// Below this share of the whole a direction is rounding.
const ROUNDING: f64 = 1e-14;

/// Two orthonormal directions, and the share of the points' squared distances that lies along each.
#[derive(Debug, Clone, PartialEq)]
pub struct Principal {
    pub directions: [Arc<[f64]>; 2],
    pub explained: [f64; 2],
}

/// The two directions along which the points of paths lie furthest from `from`, the furthest first, each with its
/// greatest entry positive. Where the points leave a direction open, any is taken. `None` in fewer than two coordinates.
pub fn principal(from: &[f64], paths: &[&[f64]]) -> Option<Principal> {
    let dim = from.len();
    let points: Vec<&[f64]> = paths
        .iter()
        .flat_map(|path| path.chunks_exact(dim.max(1)))
        .collect();
    let whole = along(&points, from, |point| {
        let squares = point.iter().zip(from).map(|(w, from)| (w - from).powi(2));
        squares.sum()
    });
    let found = match whole > 0.0 && whole.is_finite() {
        true if dim <= FEW => by_coordinates(from, &points),
        true => by_products(from, &points),
        false => Vec::new(),
    };
    let mut explained = [0.0; 2];
    let mut directions = Vec::new();
    for ((value, direction), share) in found.into_iter().zip(&mut explained) {
        if value > whole * ROUNDING {
            *share = value / whole;
            directions.push(direction);
        }
    }
    Some(Principal {
        directions: two_directions(&directions, dim)?,
        explained,
    })
}

/// The sum over points of what a function says of each.
fn along(points: &[&[f64]], from: &[f64], of: impl Fn(&[f64]) -> f64 + Sync) -> f64 {
    let task = (TASK / from.len().max(1)).max(1);
    let parts = points.par_chunks(task);
    let sums: Vec<f64> = parts
        .map(|points| points.iter().map(|p| of(p)).sum())
        .collect();
    sums.iter().sum()
}

/// From the matrix of the coordinates' products.
fn by_coordinates(from: &[f64], points: &[&[f64]]) -> Vec<(f64, Vec<f64>)> {
    let dim = from.len();
    let mut products = vec![vec![0.0; dim]; dim];
    let mut offset = vec![0.0; dim];
    for point in points {
        for (offset, (w, from)) in offset.iter_mut().zip(point.iter().zip(from)) {
            *offset = w - from;
        }
        for (row, x) in products.iter_mut().zip(&offset) {
            row.iter_mut()
                .zip(&offset)
                .for_each(|(product, y)| *product += x * y);
        }
    }
    let vectors = eigenvectors(&mut products);
    let found = vectors.into_iter().enumerate();
    let mut found: Vec<_> = found.map(|(k, vector)| (products[k][k], vector)).collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found
}

/// From products with that matrix, which is too large to be written down.
fn by_products(from: &[f64], points: &[&[f64]]) -> Vec<(f64, Vec<f64>)> {
    let dim = from.len();
    let task = (TASK / dim).max(1);
    let found = greatest(dim, 2, |q, out| {
        let part = |points: &[&[f64]]| {
            let mut sum = vec![0.0; dim];
            for point in points {
                let offsets = point.iter().zip(from).map(|(w, from)| w - from);
                let share: f64 = offsets.zip(q).map(|(x, q)| x * q).sum();
                let offsets = point.iter().zip(from).map(|(w, from)| w - from);
                sum.iter_mut()
                    .zip(offsets)
                    .for_each(|(sum, x)| *sum += share * x);
            }
            sum
        };
        let parts: Vec<Vec<f64>> = points.par_chunks(task).map(part).collect();
        out.fill(0.0);
        for part in parts {
            out.iter_mut().zip(part).for_each(|(out, x)| *out += x);
        }
    });
    found.unwrap_or_default()
}

/// Two orthonormal directions: as far as there are any, those of the vectors, each made orthogonal to the one before and with
/// its greatest entry positive; else any. `None` in fewer than two coordinates.
pub fn two_directions(vectors: &[Vec<f64>], dim: usize) -> Option<[Arc<[f64]>; 2]> {
    let mut found: Vec<Vec<f64>> = Vec::new();
    let axes = (0..dim).map(|axis| (0..dim).map(|i| f64::from(u8::from(i == axis))).collect());
    for vector in vectors.iter().cloned().chain(axes) {
        if found.len() == 2 {
            break;
        }
        found.extend(orthonormal(&vector, &found));
    }
    let [u, v]: [Vec<f64>; 2] = found.try_into().ok()?;
    Some([u.into(), v.into()])
}

/// The part of a vector that is orthogonal to unit vectors, of length one, its greatest entry positive. `None` where
/// nothing is left of it.
fn orthonormal(vector: &[f64], to: &[Vec<f64>]) -> Option<Vec<f64>> {
    let mut rest = vector.to_vec();
    for unit in to {
        let along = dot(&rest, unit);
        rest.iter_mut()
            .zip(unit)
            .for_each(|(rest, unit)| *rest -= along * unit);
    }
    let length = dot(&rest, &rest).sqrt();
    let greatest = rest
        .iter()
        .copied()
        .reduce(|a, b| if b.abs() > a.abs() { b } else { a })?;
    let scale = length.copysign(greatest);
    let is_left = length > 1e-6 * dot(vector, vector).sqrt();
    is_left.then(|| rest.iter().map(|x| x / scale).collect())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_orthonormal(found: &Principal) {
        let [u, v] = &found.directions;
        for (product, expected) in [(dot(u, u), 1.0), (dot(v, v), 1.0), (dot(u, v), 0.0)] {
            assert!((product - expected).abs() < 1e-12, "{product}");
        }
    }

    #[test]
    fn they_are_found_in_few_and_in_many_coordinates() {
        for dim in [3, 20, 300] {
            // Most along (1, 1, 0, …), less along (0, 0, 1, …), and nothing else.
            let point = |t: f64| {
                let mut w = vec![0.5; dim];
                w[0] += 3.0 * t;
                w[1] += 3.0 * t;
                w[2] += t * t - 0.2;
                w
            };
            let path: Vec<f64> = (0..40)
                .flat_map(|i| point(f64::from(i) / 20.0 - 1.0))
                .collect();
            let found = principal(&vec![0.5; dim], &[&path]).expect("directions");
            assert_orthonormal(&found);
            let [u, v] = &found.directions;
            assert!((u[0] - u[1]).abs() < 1e-9 && u[0] > 0.6, "{dim}: {u:?}");
            assert!(v[2] > 0.99, "{dim}: {v:?}");
            let [first, second] = found.explained;
            assert!(first > 0.9 && (first + second - 1.0).abs() < 1e-9);
        }
    }

    /// All points count, also of many: none is passed over.
    #[test]
    fn they_are_those_of_all_points() {
        let dim = 100;
        let wave = |k: usize, step: f64| (step * (k * k + 7 * k) as f64).sin();
        let paths: Vec<Vec<f64>> = [0.13, 0.41]
            .iter()
            .map(|step| {
                (0..300 * dim)
                    .map(|k| wave(k, *step) / (1.0 + (k % dim) as f64))
                    .collect()
            })
            .collect();
        let paths: Vec<&[f64]> = paths.iter().map(Vec::as_slice).collect();
        let from: Vec<f64> = (0..dim).map(|k| 0.1 * wave(k, 0.7)).collect();
        let points: Vec<&[f64]> = paths
            .iter()
            .flat_map(|path| path.chunks_exact(dim))
            .collect();
        let exact = by_coordinates(&from, &points);
        let whole: f64 = exact.iter().map(|(value, _)| value).sum();
        let found = principal(&from, &paths).expect("directions");
        assert_orthonormal(&found);
        for (k, (value, vector)) in exact.iter().enumerate().take(2) {
            let cosine = dot(&found.directions[k], vector).abs();
            assert!(1.0 - cosine < 1e-12, "{k}: {cosine}");
            let share = value / whole;
            assert!((found.explained[k] - share).abs() < 1e-12, "{k}: {share}");
        }
    }

    #[test]
    fn what_the_points_leave_open_is_any_direction() {
        let line: Vec<f64> = (0..5).flat_map(|i| [0.0, f64::from(i), 0.0]).collect();
        for paths in [vec![&line[..]], vec![&line[..3]], vec![&line[..0]], vec![]] {
            let found = principal(&[0.0; 3], &paths).expect("directions");
            assert_orthonormal(&found);
            assert!(found.explained[1] < 1e-12);
        }
        // Squares beyond all numbers are no direction, and no panic.
        let far = [1e200, -1e300, 0.0, 1e-300, 0.0, 0.0];
        assert_orthonormal(&principal(&[0.0; 3], &[&far]).expect("directions"));
        assert_eq!(principal(&[0.0], &[]), None);
    }

    #[test]
    fn eigenvectors_are_those_of_the_matrix() {
        let n = 9;
        let entry = |i: usize, j: usize| ((i * j + 3 * (i + j)) % 11) as f64 - 4.0;
        let whole: Vec<Vec<f64>> = (0..n)
            .map(|i| (0..n).map(|j| entry(i, j)).collect())
            .collect();
        let mut diagonal = whole.clone();
        let vectors = eigenvectors(&mut diagonal);
        for (k, vector) in vectors.iter().enumerate() {
            for (row, x) in whole.iter().zip(vector) {
                assert!((dot(row, vector) - diagonal[k][k] * x).abs() < 1e-10);
            }
        }
    }
}
