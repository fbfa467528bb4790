//! The share of the true neighbors that a search finds, estimated on a sample of rows.

use super::cells::Cells;
use super::centered::Centered;
use super::direct::{Ranked, nearest};
use super::{Neighbors, check, squared_distance};
use crate::error::{ErrorKind, Result};
use crate::matrix::MatrixRef;
use crate::random::{Purpose, Random};
use rayon::prelude::*;

/// Rows of a sample that are searched exactly, of 102,400 and more; of fewer, one in 400, but half as many at least: two samples of
/// 30,000 × 784 digits then take 8 % of the time of a search, and give a recall of 0.998 to 0.0006.
const SIZE: usize = 256;

/// Which rows a sample has.
const SEED: u64 = 1;

/// An estimate of the share of the true neighbors that a search found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recall {
    /// The mean share over a random sample of rows.
    pub estimate: f64,
    /// The standard error of that mean, from the shares of the single rows: what is missed is missed by few rows, and many
    /// neighbors at a time. Zero when no row of the sample misses anything, and of an exact search.
    pub standard_error: f64,
}

impl Recall {
    /// That of an exact search.
    pub const EXACT: Self = Self { estimate: 1.0, standard_error: 0.0 };
}

/// The recall of `neighbors`, which were found in `x`: the share of the true k nearest among them, on at most 256 random rows, none
/// of which this crate's searches look at when they choose how far to search. O(256 n d).
///
/// # Errors
/// As [`exact`](super::exact()), and when the numbers of rows differ.
pub fn estimated_recall<'a>(x: impl Into<MatrixRef<'a>>, neighbors: &Neighbors) -> Result<Recall> {
    let x = x.into();
    check(x, neighbors.k())?;
    if x.n_samples() != neighbors.n_samples() {
        let (what, found) = ("rows of neighbors", neighbors.n_samples());
        return Err(ErrorKind::LengthMismatch { what, found, expected: x.n_samples() }.into());
    }
    let (_, rows) = two_samples(x.n_samples());
    let k = neighbors.k().min(x.n_samples() - 1);
    let nearest = |rows: &[u32]| nearest(&Centered::new(x), rows, k).into_iter().map(within).collect();
    let [sample] = Sample::of(x, k, [rows], nearest);
    Ok(sample.recall_of(neighbors))
}

/// Some rows and their true neighbors.
pub(super) struct Sample<'a> {
    x: MatrixRef<'a>,
    rows: Vec<u32>,
    k: usize,
    /// The k nearest of each row, ascending by index.
    nearest: Vec<Vec<u32>>,
    /// The squared distance of each row's k-th nearest: whatever is no farther counts as found, so that a search which meets
    /// ties need not take the same among them.
    limits: Vec<f64>,
}

/// The nearest of a row, and the squared distance that none of them is beyond.
pub(super) type Within = (f64, Vec<u32>);

fn within(ranked: Ranked) -> Within {
    (ranked.last().map_or(0.0, |&(distance, _)| distance), ranked.into_iter().map(|(_, j)| j).collect())
}

/// Two samples of `n` rows that have none in common.
fn two_samples(n: usize) -> (Vec<u32>, Vec<u32>) {
    let size = (n / 400).clamp(SIZE / 2, SIZE).min(n / 2);
    let mut random = Random::new(SEED, Purpose::Sampling);
    let mut rows: Vec<u32> = Vec::with_capacity(2 * size);
    while rows.len() < 2 * size {
        let row = random.below(n) as u32;
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    let others = rows.split_off(size);
    (rows, others)
}

impl<'a> Sample<'a> {
    /// Two samples of the rows of `x`, which `centered` has too: one to choose by, the other to judge what was chosen.
    pub(super) fn pair(x: MatrixRef<'a>, centered: &Centered<'_>, k: usize) -> (Self, Self) {
        Self::pair_by(x, k, |rows| nearest(centered, rows, k).into_iter().map(within).collect())
    }

    /// [`pair`](Self::pair) with another way to find the `k` nearest others of some rows, each with the squared distance of the last.
    pub(super) fn pair_by(
        x: MatrixRef<'a>,
        k: usize,
        nearest: impl FnOnce(&[u32]) -> Vec<Within>,
    ) -> (Self, Self) {
        let (tuning, judging) = two_samples(x.n_samples());
        let [tuning, judging] = Self::of(x, k, [tuning, judging], nearest);
        (tuning, judging)
    }

    /// Searches samples of rows among all.
    fn of<const N: usize>(
        x: MatrixRef<'a>,
        k: usize,
        samples: [Vec<u32>; N],
        nearest: impl FnOnce(&[u32]) -> Vec<Within>,
    ) -> [Self; N] {
        let mut nearest = nearest(&samples.concat()).into_iter().map(|(limit, mut nearest)| {
            nearest.sort_unstable();
            (limit, nearest)
        });
        samples.map(|rows| {
            let (limits, nearest) = nearest.by_ref().take(rows.len()).unzip();
            Self { x, rows, k, nearest, limits }
        })
    }

    /// The recall of neighbors that were found in the same rows.
    pub(super) fn recall_of(&self, neighbors: &Neighbors) -> Recall {
        let lists: Vec<&[u32]> = self.rows.iter().map(|&row| neighbors.indices(row as usize)).collect();
        self.recall(&lists)
    }

    /// The sample's rows.
    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The share of the true neighbors on `lists`, one for each row of the sample.
    pub(super) fn recall<L: AsRef<[u32]>>(&self, lists: &[L]) -> Recall {
        let share = |(at, list): (usize, &L)| {
            let (nearest, others): (Vec<u32>, Vec<u32>) =
                list.as_ref().iter().partition(|&j| self.nearest[at].binary_search(j).is_ok());
            // Most lists miss nothing, and need no look at what else is on them.
            let missed = self.k - nearest.len();
            let ties = others.into_iter().filter(|&j| self.is_near(at, j)).take(missed).count();
            (nearest.len() + ties) as f64 / self.k as f64
        };
        let shares: Vec<f64> = lists.iter().enumerate().map(share).collect();
        let count = shares.len() as f64;
        let estimate = shares.iter().sum::<f64>() / count;
        let squares: f64 = shares.iter().map(|share| (share - estimate).powi(2)).sum();
        // Of the rows that are not in the sample nothing is left to guess when all are.
        let others = 1.0 - count / self.x.n_samples() as f64;
        Recall { estimate, standard_error: (squares / (count - 1.0).max(1.0) / count * others).sqrt() }
    }

    /// Whether row `j` is no farther from the sample's row at `at` than its k-th nearest.
    fn is_near(&self, at: usize, j: u32) -> bool {
        let (own, other) = (self.x.row(self.rows[at] as usize), self.x.row(j as usize));
        squared_distance(own, other) <= self.limits[at]
    }

    /// The fewest steps, of a search that goes on step by step, after which it has met the share `recall` of the true neighbors. `step`
    /// says at which, from 0 on, the search for the sample's row at a place meets a row.
    pub(super) fn steps(&self, recall: f64, step: impl Fn(usize, u32) -> usize) -> usize {
        let met = |(at, nearest): (usize, &Vec<u32>)| {
            nearest.iter().map(|&row| step(at, row)).collect::<Vec<usize>>()
        };
        let mut steps: Vec<usize> = self.nearest.iter().enumerate().flat_map(met).collect();
        let enough = (recall * steps.len() as f64).ceil() as usize;
        let Some(last) = enough.checked_sub(1) else { return 0 };
        *steps.select_nth_unstable(last).1 + 1
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

    #[test]
    fn recall_is_the_share_of_true_neighbors() {
        let mut random = Random::new(31, Purpose::Synthesis);
        let x = Matrix::new((0..600 * 6).map(|_| random.normal() as f32).collect(), 600, 6).unwrap();
        let neighbors = exact(&x, 10).unwrap();
        assert_eq!(estimated_recall(&x, &neighbors).unwrap(), Recall::EXACT);
        // Half of the neighbors replaced by the next ones in order.
        let more = exact(&x, 15).unwrap();
        let (mut indices, mut distances) = (Vec::new(), Vec::new());
        for i in 0..600 {
            indices.extend_from_slice(&more.indices(i)[5..]);
            distances.extend_from_slice(&more.squared_distances(i)[5..]);
        }
        let half = Neighbors::new(600, 10, indices, distances).unwrap();
        assert_eq!(estimated_recall(&x, &half).unwrap(), Recall { estimate: 0.5, standard_error: 0.0 });
        assert!(estimated_recall(&Matrix::zeros(5, 6), &half).is_err());
    }

    #[test]
    fn samples_are_random_and_have_no_row_in_common() {
        for (n, size) in [(2, 1), (5, 2), (300, 128), (10_000, 128), (80_000, 200), (1_000_000, 256)] {
            let (tuning, judging) = two_samples(n);
            assert_eq!((tuning.len(), judging.len()), (size, size), "{n} rows");
            let mut all = [tuning, judging].concat();
            all.sort_unstable();
            all.dedup();
            assert!(all.len() == 2 * size && all[2 * size - 1] < n as u32);
            // No stride runs through them.
            let odd = all.iter().filter(|&&row| row % 2 == 1).count();
            assert!(size < 100 || odd.abs_diff(size) < size / 2, "{odd} of {} are odd", 2 * size);
        }
    }

    #[test]
    fn the_standard_error_is_that_of_rows() {
        // A third of the rows find nothing, the others everything: the error of a mean of such coins.
        let mut random = Random::new(32, Purpose::Synthesis);
        let n = 4000;
        let x = Matrix::new((0..n * 2).map(|_| random.normal() as f32).collect(), n, 2).unwrap();
        let all = exact(&x, 30).unwrap();
        let (mut indices, mut distances) = (Vec::new(), Vec::new());
        for i in 0..n {
            let from = if random.below(3) == 0 { 20 } else { 0 };
            indices.extend_from_slice(&all.indices(i)[from..from + 10]);
            distances.extend_from_slice(&all.squared_distances(i)[from..from + 10]);
        }
        let found = Neighbors::new(n, 10, indices, distances).unwrap();
        let recall = estimated_recall(&x, &found).unwrap();
        let coins = (2.0 / 9.0 / 128.0 * (1.0 - 128.0 / n as f64)).sqrt();
        assert!((recall.standard_error / coins - 1.0).abs() < 0.1, "{recall:?}, coins {coins}");
        assert!((recall.estimate - 2.0 / 3.0).abs() < 3.0 * coins, "{recall:?}");
    }
}
