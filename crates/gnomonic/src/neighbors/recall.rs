//! The share of the true neighbors that a search finds, estimated on a sample of rows.

use super::{Neighbors, check, squared_norms};
use crate::error::{ErrorKind, Result};
use crate::gemm::{View, multiply};
use crate::matrix::MatrixRef;
use crate::preprocessing::column_means;
use rayon::prelude::*;

/// Rows that are searched exactly. With neighbors found independently, the standard error of a recall of 0.99 over 256 rows
/// of 90 is 0.0007.
const SIZE: usize = 256;

/// Rows of the sample that one task compares with all rows.
const QUERIES: usize = 16;

/// Columns of a product at a time.
const BLOCK: usize = 1024;

/// The recall of `neighbors`, which were found in `x`: the share of the true k nearest among them, on 256 rows spread evenly
/// over the data. O(256 n d).
///
/// # Errors
/// As [`exact`](super::exact()), and when the numbers of rows differ.
pub fn estimated_recall<'a>(x: impl Into<MatrixRef<'a>>, neighbors: &Neighbors) -> Result<f64> {
    let x = x.into();
    check(x, neighbors.k())?;
    if x.n_samples() != neighbors.n_samples() {
        let (what, found) = ("rows of neighbors", neighbors.n_samples());
        return Err(ErrorKind::LengthMismatch { what, found, expected: x.n_samples() }.into());
    }
    let mean: Vec<f32> = column_means(x).into_iter().map(|mean| mean as f32).collect();
    let sample = Sample::new(x, &mean, &squared_norms(x, &mean), neighbors.k());
    let lists: Vec<&[u32]> = sample.rows.iter().map(|&row| neighbors.indices(row)).collect();
    Ok(sample.recall(&lists))
}

/// Some rows and their true neighbors.
pub(super) struct Sample {
    rows: Vec<usize>,
    /// The k nearest of each, ascending by index.
    nearest: Vec<Vec<u32>>,
}

impl Sample {
    /// Searches the sample's rows among all rows of `x`, which have the squared `norms` once `mean` is taken away.
    pub(super) fn new(x: MatrixRef<'_>, mean: &[f32], norms: &[f32], k: usize) -> Self {
        let n = x.n_samples();
        let size = SIZE.min(n);
        let rows: Vec<usize> = (0..size).map(|at| at * n / size).collect();
        let nearest = nearest_lists(x, mean, norms, &rows, k);
        Self { rows, nearest }
    }

    /// The share of the true neighbors that the `keep` nearest rows hold when distances are estimated by `norms` and the
    /// products of `projected`.
    pub(super) fn recall_of_lists(&self, projected: MatrixRef<'_>, norms: &[f32], keep: usize) -> f64 {
        let origin = vec![0.0; projected.n_features()];
        let lists = nearest_lists(projected, &origin, norms, &self.rows, keep);
        self.recall(&lists.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    fn recall(&self, lists: &[&[u32]]) -> f64 {
        let hits: usize = self
            .nearest
            .iter()
            .zip(lists)
            .map(|(nearest, list)| list.iter().filter(|j| nearest.binary_search(j).is_ok()).count())
            .sum();
        let all: usize = self.nearest.iter().map(Vec::len).sum();
        hits as f64 / all.max(1) as f64
    }
}

/// For each of `queries`, the `keep` other rows of `x` for which norms\[j\] − 2 x_i·x_j is least, ascending by index.
fn nearest_lists(
    x: MatrixRef<'_>,
    mean: &[f32],
    norms: &[f32],
    queries: &[usize],
    keep: usize,
) -> Vec<Vec<u32>> {
    let (n, d) = (x.n_samples(), x.n_features());
    let centered = |i: usize| x.row(i).iter().zip(mean).map(|(&value, &mean)| value - mean);
    let per_task = queries.par_chunks(QUERIES).map(|queries| {
        let left: Vec<f32> = queries.iter().flat_map(|&i| centered(i)).collect();
        let mut estimates = vec![Vec::with_capacity(n); queries.len()];
        let (mut right, mut products) = (Vec::new(), vec![0.0; queries.len() * BLOCK]);
        for start in (0..n).step_by(BLOCK) {
            let block = start..(start + BLOCK).min(n);
            right.clear();
            right.extend(block.clone().flat_map(centered));
            let (a, b) = (View::new(&left, queries.len(), d), View::new(&right, block.len(), d));
            multiply(a, b.transposed(), 0.0, &mut products, BLOCK);
            for (row, estimates) in estimates.iter_mut().enumerate() {
                let line = &products[row * BLOCK..][..block.len()];
                let pairs = block.clone().zip(line).filter(|&(j, _)| j != queries[row]);
                estimates.extend(pairs.map(|(j, &product)| (norms[j] - 2.0 * product, j as u32)));
            }
        }
        estimates
            .into_iter()
            .map(|mut estimates| {
                let keep = keep.min(estimates.len());
                if keep < estimates.len() {
                    estimates.select_nth_unstable_by(keep, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                }
                let mut list: Vec<u32> = estimates[..keep].iter().map(|&(_, j)| j).collect();
                list.sort_unstable();
                list
            })
            .collect::<Vec<_>>()
    });
    per_task.flatten_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::neighbors::exact;
    use crate::random::{Purpose, Random};

    #[test]
    fn recall_is_the_share_of_true_neighbors() {
        let mut random = Random::new(31, Purpose::Synthesis);
        let x = Matrix::new((0..600 * 6).map(|_| random.normal() as f32).collect(), 600, 6).unwrap();
        let neighbors = exact(&x, 10).unwrap();
        assert_eq!(estimated_recall(&x, &neighbors).unwrap(), 1.0);
        // Half of the neighbors replaced by the next ones in order.
        let more = exact(&x, 15).unwrap();
        let (mut indices, mut distances) = (Vec::new(), Vec::new());
        for i in 0..600 {
            indices.extend_from_slice(&more.indices(i)[5..]);
            distances.extend_from_slice(&more.squared_distances(i)[5..]);
        }
        let half = Neighbors::new(600, 10, indices, distances).unwrap();
        assert_eq!(estimated_recall(&x, &half).unwrap(), 0.5);
        assert!(estimated_recall(&Matrix::zeros(5, 6), &half).is_err());
    }
}
