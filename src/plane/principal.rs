//! The directions along which points lie furthest.

use std::sync::Arc;

use super::eigen::eigenvectors;

/// More points than this say no more about their directions.
const MOST_POINTS: usize = 128;
/// Up to so many coordinates the matrix of their products is the smaller one.
const FEW_COORDINATES: usize = 64;

/// Two orthonormal directions, and the share of the points' squared distances that lies along each.
#[derive(Debug, Clone, PartialEq)]
pub struct Principal {
    pub directions: [Arc<[f64]>; 2],
    pub explained: [f64; 2],
}

/// The two directions along which the points of paths lie furthest from `from`, the furthest first, each with its
/// greatest entry positive. Of long paths in many coordinates every so many-th point is looked at, the last ones in any
/// case. Where the points leave a direction open, any is taken. `None` in fewer than two coordinates.
pub fn principal(from: &[f64], paths: &[&[f64]]) -> Option<Principal> {
    let dim = from.len();
    let few = dim <= FEW_COORDINATES;
    let total: usize = paths.iter().map(|path| path.len() / dim.max(1)).sum();
    let stride = if few { 1 } else { total.div_ceil(MOST_POINTS) };
    let points = paths
        .iter()
        .flat_map(|path| path.chunks_exact(dim).rev().step_by(stride.max(1)));
    let offsets: Vec<Vec<f64>> = points
        .map(|w| w.iter().zip(from).map(|(w, from)| w - from).collect())
        .collect();
    // Both matrices have the same eigenvalues, and an eigenvector of the second, as weights of the points, makes one of
    // the first.
    let size = if few { dim } else { offsets.len() };
    let mut products = vec![vec![0.0; size]; size];
    for (i, row) in products.iter_mut().enumerate() {
        for (j, product) in row.iter_mut().enumerate() {
            *product = if few {
                offsets.iter().map(|offset| offset[i] * offset[j]).sum()
            } else {
                dot(&offsets[i], &offsets[j])
            };
        }
    }
    let whole: f64 = (0..size).map(|i| products[i][i]).sum();
    let mut found: Vec<Vec<f64>> = Vec::new();
    let mut explained = [0.0; 2];
    if whole > 0.0 && whole.is_finite() {
        let vectors = eigenvectors(&mut products);
        let mut order: Vec<usize> = (0..size).collect();
        order.sort_by(|&a, &b| products[b][b].total_cmp(&products[a][a]));
        for (&k, share) in order.iter().zip(&mut explained) {
            let direction = if few {
                vectors[k].clone()
            } else {
                let mut sum = vec![0.0; dim];
                for (offset, weight) in offsets.iter().zip(&vectors[k]) {
                    sum.iter_mut()
                        .zip(offset)
                        .for_each(|(sum, x)| *sum += weight * x);
                }
                sum
            };
            if products[k][k] > whole * 1e-14
                && let Some(unit) = orthonormal(&direction, &found)
            {
                found.push(unit);
                *share = products[k][k] / whole;
            }
        }
    }
    for axis in 0..dim {
        if found.len() < 2 {
            let unit: Vec<f64> = (0..dim).map(|i| f64::from(u8::from(i == axis))).collect();
            found.extend(orthonormal(&unit, &found));
        }
    }
    let [u, v]: [Vec<f64>; 2] = found.try_into().ok()?;
    Some(Principal {
        directions: [u.into(), v.into()],
        explained,
    })
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
