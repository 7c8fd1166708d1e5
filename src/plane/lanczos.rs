//! The greatest, or the outermost, eigenvalues of a symmetric matrix of which only products are known.

use super::eigen::eigenvectors;

/// Steps at most.
const MOST_STEPS: usize = 240;
/// Steps before the first look at what is found; from look to look there are half as many again.
const FIRST_LOOK: usize = 12;
/// An eigenvector is found when its residual is below this share of the greatest eigenvalue's size.
const RESIDUAL: f64 = 1e-11;
/// What is left of a direction below this share is rounding.
const ROUNDING: f64 = 1e-13;
/// Where only the outermost eigenvalues are asked for: steps at most, steps between two looks, and the share of the greatest by
/// which they move at most between two looks once they are found.
const MOST_OUTERMOST: usize = 300;
const LOOK: usize = 10;
const SETTLED: f64 = 1e-9;

/// An eigenvalue with its eigenvector, of length one.
pub type Eigenpair = (f64, Vec<f64>);

/// What Lanczos' method knows after some steps: the matrix, in a basis in which it is tridiagonal.
struct Krylov {
    basis: Vec<Vec<f64>>,
    diagonal: Vec<f64>,
    /// The entries beside it, one fewer.
    beside: Vec<f64>,
}

impl Krylov {
    fn steps(&self) -> usize {
        self.diagonal.len()
    }

    /// About the greatest eigenvalue's size.
    fn size(&self) -> f64 {
        let all = self.diagonal.iter().chain(&self.beside);
        all.fold(0.0, |size: f64, entry| size.max(entry.abs()))
    }

    fn rows(&self) -> Vec<Vec<f64>> {
        let size = self.steps();
        let mut rows = vec![vec![0.0; size]; size];
        for i in 0..size {
            rows[i][i] = self.diagonal[i];
            if i + 1 < size {
                (rows[i][i + 1], rows[i + 1][i]) = (self.beside[i], self.beside[i]);
            }
        }
        rows
    }

    /// The greatest eigenvalues, with their vectors in this basis.
    fn ritz(&self, count: usize) -> Vec<Eigenpair> {
        let mut rows = self.rows();
        let vectors = eigenvectors(&mut rows);
        let pairs = vectors.into_iter().enumerate();
        let mut pairs: Vec<Eigenpair> = pairs.map(|(k, vector)| (rows[k][k], vector)).collect();
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
        pairs.truncate(count);
        pairs
    }

    /// The least and the greatest eigenvalue.
    fn ends(&self) -> [f64; 2] {
        let mut rows = self.rows();
        eigenvectors(&mut rows);
        let values = (0..rows.len()).map(|i| rows[i][i]);
        let least = values.clone().fold(f64::INFINITY, f64::min);
        [least, values.fold(f64::NEG_INFINITY, f64::max)]
    }
}

/// Lanczos' method with full re-orthogonalisation (Golub & Van Loan, Matrix Computations, section 10.1): at most `most` steps, until
/// nothing is left, or `is_enough` says so, which is given the length of what is left. `None` where a product is not finite.
fn iterate(
    n: usize,
    most: usize,
    mut product: impl FnMut(&[f64], &mut [f64]),
    mut is_enough: impl FnMut(&Krylov, f64) -> bool,
) -> Option<Krylov> {
    // No eigenvector is likely to be at right angles to this.
    let mut q: Vec<f64> = (0..n).map(|i| 1.0 + (i as f64 * 0.754_8).fract()).collect();
    scale_to_one(&mut q);
    let mut known = Krylov {
        basis: Vec::new(),
        diagonal: Vec::new(),
        beside: Vec::new(),
    };
    let mut next = vec![0.0; n];
    let most = most.min(n);
    for step in 1..=most {
        product(&q, &mut next);
        if !next.iter().all(|x| x.is_finite()) {
            return None;
        }
        known.diagonal.push(dot(&q, &next));
        known.basis.push(q.clone());
        // Once more, as the first time leaves some rounding.
        for _ in 0..2 {
            for before in &known.basis {
                let share = dot(before, &next);
                next.iter_mut()
                    .zip(before)
                    .for_each(|(x, k)| *x -= share * k);
            }
        }
        let length = dot(&next, &next).sqrt();
        if step == most || length <= ROUNDING * known.size() || is_enough(&known, length) {
            break;
        }
        known.beside.push(length);
        q.iter_mut().zip(&next).for_each(|(q, x)| *q = x / length);
    }
    Some(known)
}

/// Up to `count` of the greatest eigenvalues of a symmetric n×n matrix, the greatest first. `product` writes the matrix times its
/// first argument into its second. Fewer where the matrix has no more that differ; `None` where a product is not finite.
pub fn greatest(
    n: usize,
    count: usize,
    product: impl FnMut(&[f64], &mut [f64]),
) -> Option<Vec<Eigenpair>> {
    let mut look = FIRST_LOOK;
    let mut found = None;
    let known = iterate(n, MOST_STEPS, product, |known, length| {
        if known.steps() != look {
            return false;
        }
        look += look / 2;
        let now = known.ritz(count);
        let least = RESIDUAL * known.size();
        let is_found =
            |(_, weights): &Eigenpair| length * weights[known.steps() - 1].abs() <= least;
        let is_enough = now.len() == count && now.iter().all(is_found);
        found = is_enough.then_some(now);
        is_enough
    })?;
    let found = found.unwrap_or_else(|| known.ritz(count));
    let pairs = found.iter().map(|pair| spread(pair, &known.basis));
    Some(pairs.collect())
}

/// The least and the greatest eigenvalue of a symmetric n×n matrix, n above 0, to about nine digits of the greater one. `None` where
/// a product is not finite.
pub fn outermost(n: usize, product: impl FnMut(&[f64], &mut [f64])) -> Option<[f64; 2]> {
    let mut found: Option<[f64; 2]> = None;
    let known = iterate(n, MOST_OUTERMOST, product, |known, _| {
        if !known.steps().is_multiple_of(LOOK) {
            return false;
        }
        let now = known.ends();
        let settled = SETTLED * now[0].abs().max(now[1].abs());
        let moved = |old: [f64; 2]| (old[0] - now[0]).abs().max((old[1] - now[1]).abs());
        let is_enough = found.is_some_and(|old| moved(old) <= settled);
        found = Some(now);
        is_enough
    })?;
    Some(known.ends())
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
    fn lanczos_finds_the_outermost_eigenvalues_of_a_dense_matrix() {
        // A = QDQᵀ with reflections for Q: its eigenvalues are those of D.
        let n = 120;
        let values: Vec<f64> = (0..n).map(|i| (i as f64 * 0.37).sin() * 50.0).collect();
        let mut v: Vec<f64> = (0..n).map(|i| (1.0 + i as f64).ln()).collect();
        let length = v.iter().map(|x| x * x).sum::<f64>().sqrt();
        v.iter_mut().for_each(|x| *x /= length);
        let reflect = |x: &[f64]| -> Vec<f64> {
            let share: f64 = x.iter().zip(&v).map(|(x, v)| x * v).sum();
            x.iter().zip(&v).map(|(x, v)| x - 2.0 * share * v).collect()
        };
        let found = outermost(n, |x, out| {
            let scaled: Vec<f64> = reflect(x).iter().zip(&values).map(|(x, d)| x * d).collect();
            out.copy_from_slice(&reflect(&scaled));
        });
        let [least, greatest] = found.expect("finite");
        let least_value = values.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest_value = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        assert!(
            (least - least_value).abs() < 1e-6 * 50.0,
            "{least} {least_value}"
        );
        assert!(
            (greatest - greatest_value).abs() < 1e-6 * 50.0,
            "{greatest}"
        );
        assert_eq!(outermost(40, |_, out| out.fill(f64::NAN)), None);
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
