//! Planes along random directions, filter by filter as long as the weights.

use std::sync::Arc;

use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64;

use super::Plane;

/// The plane through a point along two random directions, filter by filter as long as the point's own weights ("filter
/// normalisation", Li et al. 2018, section 4); where those are all zero, of length one each. `filters` says which numbers belong
/// together: those of the same one.
pub fn random(through: Vec<f64>, filters: &[usize], seed: u64) -> Plane {
    let mut rng = Pcg64::seed_from_u64(seed);
    let count = filters.iter().max().map_or(0, |most| most + 1);
    let lengths = |w: &[f64]| {
        let mut squares = vec![0.0; count];
        for (w, &filter) in w.iter().zip(filters) {
            squares[filter] += w * w;
        }
        squares
    };
    let own = lengths(&through);
    let is_zero = own.iter().all(|square| *square == 0.0);
    let mut direction = || -> Arc<[f64]> {
        let mut numbers: Vec<f64> = (0..through.len())
            .map(|_| StandardNormal.sample(&mut rng))
            .collect();
        let theirs = lengths(&numbers);
        let whole: f64 = theirs.iter().sum();
        for (number, &filter) in numbers.iter_mut().zip(filters) {
            let square = if is_zero {
                1.0 / whole
            } else {
                own[filter] / theirs[filter]
            };
            *number *= square.sqrt();
        }
        numbers.into()
    };
    let (u, v) = (direction(), direction());
    Plane::new(through.into(), u, Some(v))
}
