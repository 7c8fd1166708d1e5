//! The greatest eigenvalues of a symmetric matrix of which only products are known.

use super::eigen::eigenvectors;

/// Steps at most.
const MOST_STEPS: usize = 240;
/// Steps before the first look at what is found; from look to look there are half as many again.
const FIRST_LOOK: usize = 12;
/// An eigenvector is found when its residual is below this share of the greatest eigenvalue's size.
const RESIDUAL: f64 = 1e-11;
/// What is left of a direction below this share is rounding.
const ROUNDING: f64 = 1e-13;

/// An eigenvalue with its eigenvector, of length one.
pub type Eigenpair = (f64, Vec<f64>);

/// Up to `count` of the greatest eigenvalues of a symmetric n×n matrix, the greatest first (Lanczos' method with full
/// re-orthogonalisation: Golub & Van Loan, Matrix Computations, section 10.1). `product` writes the matrix times its first
/// argument into its second. Fewer where the matrix has no more that differ; `None` where a product is not finite.
pub fn greatest(
    n: usize,
    count: usize,
    mut product: impl FnMut(&[f64], &mut [f64]),
) -> Option<Vec<Eigenpair>> {
    // No eigenvector is likely to be at right angles to this.
    let mut q: Vec<f64> = (0..n).map(|i| 1.0 + (i as f64 * 0.754_8).fract()).collect();
    scale_to_one(&mut q);
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let (mut diagonal, mut beside): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let mut next = vec![0.0; n];
    let most = MOST_STEPS.min(n);
    let mut look = FIRST_LOOK;
    for step in 1..=most {
        product(&q, &mut next);
        if !next.iter().all(|x| x.is_finite()) {
            return None;
        }
        diagonal.push(dot(&q, &next));
        basis.push(q.clone());
        // Once more, as the first time leaves some rounding.
        for _ in 0..2 {
            for known in &basis {
                let share = dot(known, &next);
                next.iter_mut()
                    .zip(known)
                    .for_each(|(x, k)| *x -= share * k);
            }
        }
        let length = dot(&next, &next).sqrt();
        let size = diagonal.iter().chain(&beside);
        let size = size.fold(0.0, |size: f64, d| size.max(d.abs()));
        let is_last = step == most || length <= ROUNDING * size;
        if is_last || step == look {
            look += look / 2;
            let found = ritz(&diagonal, &beside, count);
            let is_found = |(_, weights): &Eigenpair| {
                let residual = length * weights[step - 1].abs();
                residual <= RESIDUAL * size
            };
            if is_last || (found.len() == count && found.iter().all(is_found)) {
                return Some(found.iter().map(|pair| spread(pair, &basis)).collect());
            }
        }
        beside.push(length);
        q.iter_mut().zip(&next).for_each(|(q, x)| *q = x / length);
    }
    Some(Vec::new())
}

/// The greatest eigenvalues of the matrix with this diagonal and these entries beside it.
fn ritz(diagonal: &[f64], beside: &[f64], count: usize) -> Vec<Eigenpair> {
    let size = diagonal.len();
    let mut rows = vec![vec![0.0; size]; size];
    for i in 0..size {
        rows[i][i] = diagonal[i];
        if i + 1 < size {
            (rows[i][i + 1], rows[i + 1][i]) = (beside[i], beside[i]);
        }
    }
    let vectors = eigenvectors(&mut rows);
    let pairs = vectors.into_iter().enumerate();
    let mut pairs: Vec<Eigenpair> = pairs.map(|(k, vector)| (rows[k][k], vector)).collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    pairs.truncate(count);
    pairs
}

/// An eigenvector in the coordinates of the matrix.
fn spread((value, weights): &Eigenpair, basis: &[Vec<f64>]) -> Eigenpair {
    let mut vector = vec![0.0; basis[0].len()];
    for (known, weight) in basis.iter().zip(weights) {
        vector
            .iter_mut()
            .zip(known)
            .for_each(|(x, k)| *x += weight * k);
    }
    scale_to_one(&mut vector);
    (*value, vector)
}

fn scale_to_one(vector: &mut [f64]) {
    let length = dot(vector, vector).sqrt();
    vector.iter_mut().for_each(|x| *x /= length);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A = QDQ with a reflection for Q: its eigenvalues are those of D.
    fn product(values: &[f64], reflected: &[f64], x: &[f64], out: &mut [f64]) {
        let reflect = |x: &mut [f64]| {
            let share = 2.0 * dot(x, reflected) / dot(reflected, reflected);
            x.iter_mut()
                .zip(reflected)
                .for_each(|(x, v)| *x -= share * v);
        };
        out.copy_from_slice(x);
        reflect(out);
        out.iter_mut().zip(values).for_each(|(x, d)| *x *= d);
        reflect(out);
    }

    #[test]
    fn they_are_those_of_the_matrix_with_their_vectors() {
        let n = 300;
        let values: Vec<f64> = (0..n)
            .map(|i| 90.0 * (0.37 * i as f64).sin().powi(3))
            .collect();
        let reflected: Vec<f64> = (0..n).map(|i| (1.0 + i as f64).ln()).collect();
        let found = greatest(n, 3, |x, out| product(&values, &reflected, x, out));
        let found = found.expect("finite");
        let mut sorted = values.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        assert_eq!(found.len(), 3);
        for ((value, vector), exact) in found.iter().zip(sorted) {
            assert!((value - exact).abs() < 1e-8, "{value} {exact}");
            let mut image = vec![0.0; n];
            product(&values, &reflected, vector, &mut image);
            let off = image.iter().zip(vector).map(|(y, x)| (y - value * x).abs());
            assert!(off.fold(0.0, f64::max) < 1e-6);
        }
    }

    #[test]
    fn what_is_no_matrix_and_what_has_one_value_come_to_an_end() {
        assert_eq!(greatest(40, 2, |_, out| out.fill(f64::NAN)), None);
        let same = greatest(40, 2, |x, out| out.copy_from_slice(x)).expect("finite");
        assert!((same[0].0 - 1.0).abs() < 1e-12);
        let none = greatest(40, 2, |_, out| out.fill(0.0)).expect("finite");
        assert_eq!(none[0].0, 0.0);
        let one = greatest(1, 2, |x, out| out[0] = 3.0 * x[0]).expect("finite");
        assert_eq!((one.len(), one[0].0), (1, 3.0));
    }
}
