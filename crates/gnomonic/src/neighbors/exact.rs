//! Exact neighbors: all pairs of rows, in all columns.
//!
//! The products behind the short lists are in `f32`; the lists are a few places longer than asked, and the distances
//! returned, and their order, come from differences summed in `f64`. Each row's list is then certified: what is not on it must be
//! farther than the last neighbor by more than rounding can hide (`centered.rs`). Rows that fail, as do those of groups that are
//! small and far apart, are searched again with products in `f64`, whose own rounding is not looked at.
//!
//! Work n²d multiply-adds, halved by symmetry; memory n (k + 16) · 16 bytes beside the data and the result. Up to three
//! columns a tree finds the same in O(n·k·log n).

use super::blocked::Candidates;
use super::centered::{Centered, MARGIN};
use super::direct::nearest_in_f64;
use super::duplicates::Copies;
use super::{Neighbors, ask, check, tree};
use crate::error::Result;
use crate::matrix::MatrixRef;
use crate::observer::{Observer, Silent};

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
    exact_observed(x.into(), k, &mut Silent)
}

/// [`exact`], telling `observer` the fraction done; it may stop the search.
pub(super) fn exact_observed(x: MatrixRef<'_>, k: usize, observer: &mut dyn Observer) -> Result<Neighbors> {
    check(x, k)?;
    let k = k.min(x.n_samples() - 1);
    if x.n_features() <= tree::MOST_FEATURES {
        ask(observer, 0.0)?;
        return Ok(tree::search(x, k));
    }
    let centered = Centered::new(x);
    let Some(copies) = Copies::more_than(MARGIN, x, &centered) else {
        return Ok(search(&centered, k, observer)?.neighbors);
    };
    let distinct = centered.only(&copies.firsts);
    let found = search(&distinct, k.min(distinct.rows.len() - 1), observer)?;
    Ok(copies.expand(x, &found.neighbors, k))
}

/// Rows that are searched again between two calls of `progress`.
const ROWS: usize = 1024;

/// The neighbors, and how many rows had to be searched again.
struct Searched {
    neighbors: Neighbors,
    #[cfg_attr(not(test), expect(dead_code, reason = "tests ask whether the certificate is worth its name"))]
    again: usize,
}

/// The `k` nearest others of the `centered` rows, by position.
fn search(centered: &Centered<'_>, k: usize, observer: &mut dyn Observer) -> Result<Searched> {
    let n = centered.rows.len();
    if k == 0 {
        return Ok(Searched { neighbors: Neighbors::unset(n, k), again: 0 });
    }
    let keep = (k + MARGIN).min(n - 1);
    let candidates = Candidates::search(centered, keep, observer)?;
    let ranked = candidates.rank(centered.rows, k, keep);
    let (mut neighbors, limits) = (ranked.neighbors, ranked.limits);
    let is_certain = |i: usize| {
        let last = neighbors.squared_distances(i).last().copied().unwrap_or(0.0);
        centered.is_certain(i, last, f64::from(limits[i]))
    };
    let uncertain: Vec<u32> = (0..n).filter(|&i| !is_certain(i)).map(|i| i as u32).collect();
    for rows in uncertain.chunks(ROWS) {
        ask(observer, 1.0)?;
        for (&i, ranked) in rows.iter().zip(nearest_in_f64(centered, rows, k)) {
            neighbors.set(i as usize, ranked.into_iter().map(|(distance, j)| (distance as f32, j)));
        }
    }
    Ok(Searched { neighbors, again: uncertain.len() })
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
        assert_eq!(super::super::estimated_recall(&x, &expected).unwrap().estimate, 1.0);
    }

    /// How many rows were searched again, once what was found is known to be right.
    fn searched_again(x: &Matrix, k: usize) -> usize {
        let found = exact(x, k).unwrap();
        assert_eq!(found.indices, brute_force(x.view(), k).indices);
        search(&Centered::new(x.view()), k, &mut Silent).unwrap().again
    }

    #[test]
    fn a_few_strays_do_not_make_all_others_uncertain() {
        for (stray, every, most) in [(1e6, 1000, 1), (-1e15, 1000, 1), (-9999.0, 100, 10)] {
            let mut x = normal_matrix(1000, 20, 0.0);
            for row in x.as_mut_slice().chunks_exact_mut(20).step_by(every) {
                row[3] = stray;
            }
            let again = searched_again(&x, 30);
            assert!(again <= most, "{again} rows with one in {every} at {stray}");
        }
    }

    #[test]
    fn equal_distances_of_whole_numbers_are_settled_at_once() {
        for (unit, values) in [(1.0, 2.0), (0.25, 2.0), (1.0, 3.0), (8.0, 30.0)] {
            let mut x = normal_matrix(700, 40, 0.0);
            for value in x.as_mut_slice() {
                *value = unit * (values * f64::from(value.abs()).min(0.99)).floor() as f32;
            }
            assert_eq!(searched_again(&x, 30), 0, "{values} values of {unit}");
        }
        // Nothing is exact in these units.
        let mut x = normal_matrix(500, 5, 0.0);
        x.as_mut_slice().iter_mut().for_each(|value| *value = (*value * 1e5).round());
        searched_again(&x, 30);
    }

    #[test]
    fn heaps_of_equal_rows_are_settled_by_their_indices() {
        for (n, distinct, share) in [(600, 600, 2), (600, 5, 600), (40, 1, 40), (500, 20, 7), (300, 3, 2)] {
            let mut x = normal_matrix(n, 6, 0.1);
            let rows = x.clone();
            for (i, row) in x.as_mut_slice().chunks_exact_mut(6).enumerate() {
                let original = if i % share == 0 { 0 } else { i * i % distinct };
                row.copy_from_slice(rows.row(original));
            }
            let (found, expected) = (exact(&x, 45).unwrap(), brute_force(x.view(), 45));
            assert_eq!(found.indices, expected.indices, "{distinct} different rows, one in {share} the same");
            assert_eq!(found.squared_distances, expected.squared_distances);
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
