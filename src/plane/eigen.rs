//! Eigenvalues of symmetric matrices.

/// Leaves a symmetric matrix with its eigenvalues on the diagonal and returns the eigenvectors, of length one, in the same
/// order (Jacobi's method: Golub & Van Loan, Matrix Computations, section 8.5).
pub fn eigenvectors(a: &mut [Vec<f64>]) -> Vec<Vec<f64>> {
    const MOST_SWEEPS: usize = 50;
    let n = a.len();
    let mut vectors = vec![vec![0.0; n]; n];
    (0..n).for_each(|i| vectors[i][i] = 1.0);
    for _ in 0..MOST_SWEEPS {
        let squares = |same: bool| -> f64 {
            let entries = a
                .iter()
                .enumerate()
                .flat_map(|(i, row)| row.iter().enumerate().map(move |e| (i, e)));
            entries
                .filter(|(i, (j, _))| (i == j) == same)
                .map(|(_, (_, x))| x * x)
                .sum()
        };
        if squares(false) <= 1e-30 * squares(true) {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q] == 0.0 {
                    continue;
                }
                let tau = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = 1f64.copysign(tau) / (tau.abs() + tau.hypot(1.0));
                let c = t.hypot(1.0).recip();
                let s = t * c;
                for k in 0..n {
                    let (x, y) = (a[p][k], a[q][k]);
                    (a[p][k], a[q][k]) = (c * x - s * y, s * x + c * y);
                    let (x, y) = (vectors[p][k], vectors[q][k]);
                    (vectors[p][k], vectors[q][k]) = (c * x - s * y, s * x + c * y);
                }
                for row in a.iter_mut() {
                    let (x, y) = (row[p], row[q]);
                    (row[p], row[q]) = (c * x - s * y, s * x + c * y);
                }
            }
        }
    }
    vectors
}
