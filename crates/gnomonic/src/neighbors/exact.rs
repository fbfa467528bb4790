//! Exact neighbors: all pairs of rows, in all columns.
//!
//! The products behind the short lists are in `f32`; the lists are a few places longer than asked, and the distances
//! returned, and their order, come from differences summed in `f64`. Each row's list is then certified: what is not on it must be
//! farther than the last neighbor by more than the products' rounding can hide. Rows that fail, as do those of groups that are
//! small and far apart, are searched again with products in `f64`.
//!
//! Work n²d multiply-adds, halved by symmetry; memory n (k + 16) · 16 bytes beside the data and the result. Up to three
//! columns a tree finds the same in O(n·k·log n).

use super::blocked::{Candidates, Ranked};
use super::direct::nearest_lists;
use super::{Neighbors, check, squared_distance, squared_norms, tree};
use crate::error::{ErrorKind, Result};
use crate::matrix::MatrixRef;
use crate::observer::Control;
use crate::preprocessing::column_means;

/// Candidates kept beyond k, so that rounding seldom reaches the k-th place.
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
    let rounded: Vec<f32> = norms.iter().map(|&norm| norm as f32).collect();
    let candidates = Candidates::search(x, &mean, &rounded, keep, progress)?;
    // The order of the file is good enough: this is not where an exact search spends its time.
    let order: Vec<u32> = (0..n as u32).collect();
    let mut ranked = candidates.rank(x, &order, k, keep);
    let uncertain = uncertain_rows(&ranked, &norms, x.n_features());
    for rows in uncertain.chunks(ROWS) {
        if progress(1.0) == Control::Stop {
            return Err(ErrorKind::Cancelled.into());
        }
        search_again(x, &mean, &norms, rows, keep, &mut ranked.neighbors);
    }
    Ok(ranked.neighbors)
}

/// Rows that are searched again between two calls of `progress`.
const ROWS: usize = 1024;

/// The rows whose lists may lack a neighbor: a product of d terms in `f32` may be off by this many roundings of the norms, and a
/// row that is not on a list has an estimate of at least the list's last.
fn uncertain_rows(ranked: &Ranked, norms: &[f64], n_features: usize) -> Vec<u32> {
    let roundings = (16 + n_features / 4) as f64 * f64::from(f32::EPSILON) / 2.0;
    let greatest = norms.iter().fold(0.0_f64, |greatest, &norm| greatest.max(norm));
    let is_uncertain = |i: usize| {
        let last = ranked.neighbors.squared_distances(i).last().copied().unwrap_or(0.0);
        f64::from(ranked.limits[i]) - roundings * (norms[i] + greatest) < f64::from(last)
    };
    (0..norms.len()).filter(|&i| is_uncertain(i)).map(|i| i as u32).collect()
}

/// Replaces `rows` of `neighbors` by what a search in `f64` finds.
fn search_again(
    x: MatrixRef<'_>,
    mean: &[f32],
    norms: &[f64],
    rows: &[u32],
    keep: usize,
    neighbors: &mut Neighbors,
) {
    let k = neighbors.k;
    let lists = nearest_lists(x, mean, norms, rows, keep);
    for (&i, list) in rows.iter().zip(lists) {
        let i = i as usize;
        let own = x.row(i);
        let mut ranked: Vec<(f64, u32)> =
            list.into_iter().map(|j| (squared_distance(own, x.row(j as usize)), j)).collect();
        ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (place, &(distance, j)) in ranked[..k].iter().enumerate() {
            neighbors.indices[i * k + place] = j;
            neighbors.squared_distances[i * k + place] = distance as f32;
        }
    }
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
    fn small_groups_far_apart_keep_their_digits() {
        // Norms of 1e8 and distances of 1: products in f32 cannot tell the members of a group apart.
        let mut x = normal_matrix(600, 6, 0.0);
        for (i, row) in x.as_mut_slice().chunks_exact_mut(6).enumerate() {
            row[i % 5] += if i % 2 == 0 { 2e4 } else { -1e4 };
        }
        let (found, expected) = (exact(&x, 12).unwrap(), brute_force(x.view(), 12));
        assert_eq!(found.indices, expected.indices);
        assert_eq!(super::super::estimated_recall(&x, &expected).unwrap(), 1.0);
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
