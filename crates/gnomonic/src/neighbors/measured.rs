//! Exact neighbors by a distance that no other rows make Euclidean: all pairs of rows, each by the loop of the distance.
//!
//! An estimate in `f32` leaves out what is farther than the k-th nearest so far by more than rounding explains; the distances of the
//! others are formed in `f64`, and decide. So the result is that of a plain loop in `f64`, to the bit. A thread has a few rows of its own, which
//! stay in its cache with a tile of those that they are compared with. No row is compared twice with another from the same side,
//! but each pair from both: n² d terms, beside k log(n / k) distances of each row in `f64`. Memory: the lists of one batch of rows.

use super::best::Best;
use super::{Neighbors, ask, check};
use crate::distance::{AT_ONCE, Distance, Measure, Task, with_measure};
use crate::error::{ErrorKind, LARGEST_DISTANCE, Result};
use crate::matrix::MatrixRef;
use crate::observer::{Observer, Silent};
use rayon::prelude::*;
use std::ops::Range;

/// Rows that a thread compares with others at a time.
const ROWS: usize = 32;

/// Bytes of the rows that they are compared with: half of a small second-level cache.
const TILE_BYTES: usize = 128 << 10;

/// Groups of [`ROWS`] rows between two calls of `progress`.
const BATCH: usize = 32;

/// The `k` nearest of all rows of `x` by `distance`, one that has a loop of its own.
pub(super) fn measured(
    x: MatrixRef<'_>,
    k: usize,
    distance: &Distance,
    observer: &mut dyn Observer,
) -> Result<Neighbors> {
    check(x, k)?;
    with_measure(distance, x, Search { x, k: k.min(x.n_samples() - 1), observer })
}

/// The `k` nearest other samples of each of `n_samples`, by a `distance` of your own between samples i and j, exactly. `k` is capped at
/// n − 1.
///
/// The distance is called once for each ordered pair, n (n − 1) times, from several threads. It has to be symmetric, which is not looked at;
/// i and j are never equal. Runs on the current rayon pool; the result does not depend on its size.
///
/// ```
/// use gnomonic::neighbors;
///
/// let words = ["map", "mop", "globe", "glove"];
/// let differing = |i: usize, j: usize| {
///     let pairs = words[i].chars().zip(words[j].chars());
///     (pairs.filter(|(a, b)| a != b).count() + words[i].len().abs_diff(words[j].len())) as f64
/// };
/// let nearest = neighbors::exact_by(words.len(), 1, differing)?;
/// assert_eq!((nearest.indices(0), nearest.indices(3)), (&[1][..], &[2][..]));
/// # Ok::<(), gnomonic::Error>(())
/// ```
///
/// # Errors
/// Fewer than two samples, `k` = 0, more than 2³² − 1 samples, or a distance that is negative, not finite or beyond 1.8e19: the message names
/// both samples.
pub fn exact_by(
    n_samples: usize,
    k: usize,
    distance: impl Fn(usize, usize) -> f64 + Sync,
) -> Result<Neighbors> {
    exact_by_observed(n_samples, k, distance, &mut Silent)
}

/// [`exact_by`], telling `observer` the fraction done; it may stop the search.
pub(crate) fn exact_by_observed(
    n_samples: usize,
    k: usize,
    distance: impl Fn(usize, usize) -> f64 + Sync,
    observer: &mut dyn Observer,
) -> Result<Neighbors> {
    super::check_counts(n_samples, k)?;
    if n_samples < 2 {
        return Err(ErrorKind::TooFewSamples { n_samples, at_least: 2 }.into());
    }
    let k = k.min(n_samples - 1);
    in_batches(n_samples, k, observer, |rows| {
        let nearest = rows.map(|i| {
            let mut best = Best::new(k);
            for j in (0..n_samples).filter(|&j| j != i) {
                let distance = distance(i, j);
                check_distance(i, j, distance)?;
                best.offer(distance, j as u32);
            }
            Ok(best.finish())
        });
        nearest.collect()
    })
}

fn check_distance(row: usize, other: usize, distance: f64) -> Result<()> {
    if (0.0..=LARGEST_DISTANCE).contains(&distance) {
        return Ok(());
    }
    Err(ErrorKind::Distance { row, other, distance }.into())
}

/// The nearest of some rows, as distances and indices in the order of both.
pub(super) type Nearest = Result<Vec<Vec<(f64, u32)>>>;

/// What `nearest` finds for all rows, a batch of groups at a time.
pub(super) fn in_batches(
    n: usize,
    k: usize,
    observer: &mut dyn Observer,
    nearest: impl Fn(Range<usize>) -> Nearest + Sync,
) -> Result<Neighbors> {
    let mut neighbors = Neighbors::unset(n, k);
    for start in (0..n).step_by(BATCH * ROWS) {
        ask(observer, start as f64 / n as f64)?;
        let end = (start + BATCH * ROWS).min(n);
        let groups = (0..(end - start).div_ceil(ROWS)).into_par_iter().map(|group| {
            let start = start + group * ROWS;
            nearest(start..(start + ROWS).min(end))
        });
        // In order, so that the first error of all is told, whichever thread met one first.
        let groups: Vec<Nearest> = groups.collect();
        let mut i = start;
        for group in groups {
            for row in group? {
                for &(distance, j) in &row {
                    check_distance(i, j as usize, distance)?;
                }
                neighbors.set(i, row.into_iter().map(|(distance, j)| ((distance * distance) as f32, j)));
                i += 1;
            }
        }
    }
    Ok(neighbors)
}

/// The `k` rows that are nearest to each of the rows of `new`, as indices and squared distances, row after row: a plain loop. O(m · n · d).
pub(crate) fn measured_of(
    rows: MatrixRef<'_>,
    new: MatrixRef<'_>,
    k: usize,
    distance: &Distance,
) -> Result<(Vec<u32>, Vec<f32>)> {
    with_measure(distance, rows, SearchNew { rows, new, k })
}

/// A row's nearest, as distances and indices in the order of both.
type Ordered = Vec<(f64, u32)>;

/// The search for new rows.
struct SearchNew<'a> {
    rows: MatrixRef<'a>,
    new: MatrixRef<'a>,
    k: usize,
}

impl Task for SearchNew<'_> {
    type Output = Result<(Vec<u32>, Vec<f32>)>;

    fn run<M: Measure>(self, measure: M) -> Self::Output {
        let found: Vec<Result<Ordered>> = (0..self.new.n_samples())
            .into_par_iter()
            .map(|i| {
                let mut best = Best::new(self.k);
                for (row, j) in self.rows.rows().zip(0..) {
                    best.offer(measure.distance(self.new.row(i), row), j);
                }
                let nearest = best.finish();
                nearest.iter().try_for_each(|&(distance, j)| check_distance(i, j as usize, distance))?;
                Ok(nearest)
            })
            .collect();
        let (mut indices, mut squared_distances) = (Vec::new(), Vec::new());
        for nearest in found {
            for (distance, j) in nearest? {
                indices.push(j);
                squared_distances.push((distance * distance) as f32);
            }
        }
        Ok((indices, squared_distances))
    }
}

/// The search by a measure.
struct Search<'a, 'o> {
    x: MatrixRef<'a>,
    k: usize,
    observer: &'o mut dyn Observer,
}

impl Task for Search<'_, '_> {
    type Output = Result<Neighbors>;

    fn run<M: Measure>(self, measure: M) -> Result<Neighbors> {
        let Self { x, k, observer } = self;
        in_batches(x.n_samples(), k, observer, |rows| Ok(nearest(x, k, rows, &measure)))
    }
}

/// The `k` nearest of a group of rows.
fn nearest<M: Measure>(x: MatrixRef<'_>, k: usize, rows: Range<usize>, measure: &M) -> Vec<Vec<(f64, u32)>> {
    let (n, d) = (x.n_samples(), x.n_features());
    let tile = (TILE_BYTES / (4 * d)).next_multiple_of(AT_ONCE).max(AT_ONCE);
    let certain = 1.0 - measure.tolerance(d);
    let mut lists: Vec<Best> = rows.clone().map(|_| Best::new(k)).collect();
    for start in (0..n).step_by(tile) {
        let end = (start + tile).min(n);
        for (i, best) in rows.clone().zip(&mut lists) {
            let row = x.row(i);
            for first in (start..end).step_by(AT_ONCE) {
                // The last few rows stand in for those that are missing.
                let others = std::array::from_fn(|at| x.row((first + at).min(n - 1)));
                let estimates = measure.estimates(row, others);
                for (at, estimate) in estimates.into_iter().enumerate().take(end - first) {
                    let j = first + at;
                    if f64::from(estimate) * certain <= best.limit() && j != i {
                        best.offer(measure.distance(row, others[at]), j as u32);
                    }
                }
            }
        }
    }
    lists.into_iter().map(Best::finish).collect()
}
