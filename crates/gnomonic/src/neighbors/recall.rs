//! The share of the true neighbors that a search finds, estimated on a sample of rows.

use super::direct::{Precision, nearest_lists};
use super::{Neighbors, check, squared_norms};
use crate::error::{ErrorKind, Result};
use crate::matrix::MatrixRef;
use crate::preprocessing::column_means;

/// Rows that are searched exactly. With neighbors found independently, the standard error of a recall of 0.99 over 256 rows
/// of 90 is 0.0007.
const SIZE: usize = 256;

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
    let lists: Vec<&[u32]> = sample.rows.iter().map(|&row| neighbors.indices(row as usize)).collect();
    Ok(sample.recall(&lists))
}

/// Some rows and their true neighbors.
pub(super) struct Sample {
    rows: Vec<u32>,
    /// The k nearest of each, ascending by index.
    nearest: Vec<Vec<u32>>,
}

impl Sample {
    /// Searches the sample's rows among all rows of `x`, which have these squared norms once `mean` is taken away, in the norms'
    /// precision.
    pub(super) fn new<T: Precision>(x: MatrixRef<'_>, mean: &[f32], norms: &[T], k: usize) -> Self {
        let n = x.n_samples();
        let size = SIZE.min(n);
        let rows: Vec<u32> = (0..size).map(|at| (at * n / size) as u32).collect();
        let mut nearest = nearest_lists(x, mean, norms, &rows, k);
        nearest.iter_mut().for_each(|list| list.sort_unstable());
        Self { rows, nearest }
    }

    /// The sample's rows.
    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The share of the true neighbors on `lists`, one for each row of the sample.
    pub(super) fn recall<L: AsRef<[u32]>>(&self, lists: &[L]) -> f64 {
        let hits: usize = self
            .nearest
            .iter()
            .zip(lists)
            .map(|(nearest, list)| list.as_ref().iter().filter(|j| nearest.binary_search(j).is_ok()).count())
            .sum();
        let all: usize = self.nearest.iter().map(Vec::len).sum();
        hits as f64 / all.max(1) as f64
    }
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
