//! The share of the true neighbors that a search finds, estimated on a sample of rows.

use super::cells::Cells;
use super::centered::Centered;
use super::direct::nearest;
use super::{Neighbors, check, squared_distance};
use crate::error::{ErrorKind, Result};
use crate::matrix::MatrixRef;
use rayon::prelude::*;

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
    Ok(Sample::new(x, &Centered::new(x), neighbors.k()).recall_of(neighbors))
}

/// Some rows and how far their true neighbors are.
pub(super) struct Sample<'a> {
    x: MatrixRef<'a>,
    rows: Vec<u32>,
    k: usize,
    /// The squared distance of each row's k-th nearest: whatever is no farther counts as found, so that a search which meets
    /// ties need not take the same among them.
    limits: Vec<f64>,
}

impl<'a> Sample<'a> {
    /// Searches the sample's rows among all rows of `x`, which are those that `centered` has.
    pub(super) fn new(x: MatrixRef<'a>, centered: &Centered<'_>, k: usize) -> Self {
        let n = x.n_samples();
        let size = SIZE.min(n);
        let k = k.min(n - 1);
        let rows: Vec<u32> = (0..size).map(|at| (at * n / size) as u32).collect();
        let nearest = nearest(centered, &rows, k);
        let limits =
            nearest.iter().map(|nearest| nearest.last().map_or(0.0, |&(distance, _)| distance)).collect();
        Self { x, rows, k, limits }
    }

    /// The recall of neighbors that were found in the same rows.
    pub(super) fn recall_of(&self, neighbors: &Neighbors) -> f64 {
        let lists: Vec<&[u32]> = self.rows.iter().map(|&row| neighbors.indices(row as usize)).collect();
        self.recall(&lists)
    }

    /// The sample's rows.
    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The share of the true neighbors on `lists`, one for each row of the sample.
    pub(super) fn recall<L: AsRef<[u32]>>(&self, lists: &[L]) -> f64 {
        let hits: usize = (0..self.rows.len())
            .map(|at| lists[at].as_ref().iter().filter(|&&j| self.is_near(at, j)).count().min(self.k))
            .sum();
        hits as f64 / (self.rows.len() * self.k).max(1) as f64
    }

    /// Whether row `j` is no farther from the sample's row at `at` than its k-th nearest.
    fn is_near(&self, at: usize, j: u32) -> bool {
        let (own, other) = (self.x.row(self.rows[at] as usize), self.x.row(j as usize));
        squared_distance(own, other) <= self.limits[at]
    }

    /// The fewest cells that hold the share `recall` of the true neighbors, when each row looks into those whose centers are
    /// nearest to it in `rows`, from which the cells were made.
    pub(super) fn probes(&self, rows: MatrixRef<'_>, cells: &Cells, recall: f64) -> usize {
        // For each row of the sample, how many neighbors its nearest cell adds, the next, and so on.
        let added: Vec<Vec<usize>> = (0..self.rows.len())
            .into_par_iter()
            .map(|at| {
                let own = self.rows[at];
                let row = rows.row(own as usize);
                let distance = |cell: u32| squared_distance(row, cells.centers.row(cell as usize));
                let mut nearest: Vec<(f64, u32)> =
                    (0..cells.len() as u32).map(|cell| (distance(cell), cell)).collect();
                nearest.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                let (mut added, mut left) = (Vec::new(), self.k);
                for (_, cell) in nearest {
                    let found =
                        cells.rows(cell as usize).iter().filter(|&&j| j != own && self.is_near(at, j));
                    let found = found.count().min(left);
                    added.push(found);
                    left -= found;
                    if left == 0 {
                        break;
                    }
                }
                added
            })
            .collect();
        let enough = (recall * (self.rows.len() * self.k) as f64).ceil() as usize;
        let (mut probes, mut hits) = (0, 0);
        while probes < cells.len() && hits < enough {
            hits += added.iter().filter_map(|added| added.get(probes)).sum::<usize>();
            probes += 1;
        }
        probes
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
