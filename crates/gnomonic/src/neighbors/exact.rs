//! Exact neighbors: all pairs of rows, in all columns.
//!
//! The products behind the short lists are in `f32`; the lists are a few places longer than asked, and the distances
//! returned, and their order, come from differences summed in `f64`.
//!
//! Work n²d multiply-adds, halved by symmetry; memory n (k + 16) · 16 bytes beside the data and the result. Up to three
//! columns a tree finds the same in O(n·k·log n).

use super::blocked::Candidates;
use super::{Neighbors, check, squared_norms, tree};
use crate::error::{ErrorKind, Result};
use crate::matrix::MatrixRef;
use crate::observer::Control;
use crate::preprocessing::column_means;

/// Candidates kept beyond k. A product in `f32` misplaces only points whose distances agree to about 1e-6 of their
/// norms; that many more such points would have to crowd at the k-th place for one to be missed.
const MARGIN: usize = 16;

/// The `k` nearest other rows of each row of `x`, by Euclidean distance, exactly. `k` is capped at n − 1.
///
/// Runs on the current rayon pool; the result does not depend on its size.
///
/// ```
/// use gnomonic::{Matrix, neighbors};
///
/// let x = Matrix::new(vec![0.0, 1.0, 3.0, 7.0], 4, 1)?;
/// let nearest = neighbors::exact(&x, 2)?;
/// assert_eq!(nearest.indices(0), [1, 2]);
/// assert_eq!(nearest.squared_distances(0), [1.0, 9.0]);
/// # Ok::<(), gnomonic::Error>(())
/// ```
///
/// # Errors
/// Fewer than two rows, no columns, values that are not finite or beyond 1e15, `k` = 0, more than 2³² − 1 rows.
pub fn exact<'a>(x: impl Into<MatrixRef<'a>>, k: usize) -> Result<Neighbors> {
    exact_observed(x.into(), k, &mut |_| Control::Continue)
}

/// [`exact`], telling `progress` the fraction done; it may stop the search.
pub(super) fn exact_observed(
    x: MatrixRef<'_>,
    k: usize,
    progress: &mut dyn FnMut(f64) -> Control,
) -> Result<Neighbors> {
    check(x, k)?;
    let n = x.n_samples();
    let (k, keep) = (k.min(n - 1), (k + MARGIN).min(n - 1));
    if x.n_features() <= tree::MOST_FEATURES {
        return match progress(0.0) {
            Control::Continue => Ok(tree::search(x, k)),
            Control::Stop => Err(ErrorKind::Cancelled.into()),
        };
    }
    // Taken away before products are formed, so that a common offset does not eat the digits.
    let mean: Vec<f32> = column_means(x).into_iter().map(|mean| mean as f32).collect();
    let norms = squared_norms(x, &mean);
    let candidates = Candidates::search(x, &mean, &norms, keep, progress)?;
    // The order of the file is good enough: this is not where an exact search spends its time.
    let order: Vec<u32> = (0..n as u32).collect();
    Ok(candidates.rank(x, &order, k, keep))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::random::{Purpose, Random};

    fn normal_matrix(n: usize, d: usize, offset: f32) -> Matrix {
        let mut random = Random::new(n as u64, Purpose::Synthesis);
        let data = (0..n * d).map(|_| random.normal() as f32 + offset).collect();
        Matrix::new(data, n, d).unwrap()
    }

    fn brute_force(x: MatrixRef<'_>, k: usize) -> Neighbors {
        let n = x.n_samples();
        let k = k.min(n - 1);
        let (mut indices, mut squared_distances) = (Vec::new(), Vec::new());
        for i in 0..n {
            let mut row: Vec<(f64, u32)> = (0..n)
                .filter(|&j| j != i)
                .map(|j| {
                    let pairs = x.row(i).iter().zip(x.row(j));
                    let sum = pairs.map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum();
                    (sum, j as u32)
                })
                .collect();
            row.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            indices.extend(row[..k].iter().map(|&(_, j)| j));
            squared_distances.extend(row[..k].iter().map(|&(distance, _)| distance as f32));
        }
        Neighbors { n_samples: n, k, indices, squared_distances }
    }

    #[test]
    fn agrees_with_a_plain_loop() {
        for (n, d, k, offset) in [
            (2, 1, 1, 0.0),
            (3, 2, 5, 0.0),
            (65, 3, 64, 0.0),
            (700, 20, 10, 0.0),
            (1300, 300, 7, 0.0),
            (300, 5, 90, 1000.0),
        ] {
            let x = normal_matrix(n, d, offset);
            let (found, expected) = (exact(&x, k).unwrap(), brute_force(x.view(), k));
            assert_eq!(found.indices, expected.indices, "n = {n}, d = {d}, k = {k}");
            for (a, b) in found.squared_distances.iter().zip(&expected.squared_distances) {
                assert!((a - b).abs() <= 1e-6 * b, "{a} against {b}");
            }
        }
    }

    #[test]
    fn duplicates_are_neighbors_at_distance_zero() {
        // One column goes to the tree, five to the products.
        for d in [1, 5] {
            let values = [1.0, 2.0, 1.0, 2.0, 1.0, 5.0].map(|value| vec![value; d]).concat();
            let found = exact(&Matrix::new(values, 6, d).unwrap(), 2).unwrap();
            assert_eq!(found.indices(0), [2, 4]);
            assert_eq!(found.squared_distances(0), [0.0, 0.0]);
            assert_eq!(found.indices(1), [3, 0], "equal distances are ordered by index");
            assert_eq!(found.indices(5), [1, 3]);
        }
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        let x = normal_matrix(900, 11, 0.0);
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| exact(&x, 30).unwrap())
        };
        let one = on(1);
        assert_eq!(one, on(2));
        assert_eq!(one, on(7));
    }

    #[test]
    fn truncating_is_searching_for_fewer() {
        let x = normal_matrix(200, 4, 0.0);
        assert_eq!(exact(&x, 50).unwrap().truncated(5), exact(&x, 5).unwrap());
    }

    #[test]
    fn bad_input_is_refused() {
        assert!(exact(&Matrix::zeros(1, 3), 1).is_err());
        assert!(exact(&Matrix::zeros(3, 0), 1).is_err());
        assert!(exact(&Matrix::zeros(3, 1), 0).is_err());
    }
}
