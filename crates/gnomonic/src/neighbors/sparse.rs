//! Exact neighbors of sparse rows, which are never made dense.
//!
//! The columns are kept as lists of the rows that have a value there. For one row, the lists of its own columns are walked, and what each
//! common column tells of the distance is gathered in a number for each other row; what a row has in columns of its own is told by sums
//! over the whole row. So the work is the number of pairs of values in a common column: n² d f² for columns equally full, where a share f
//! of the values is stored, beside n² numbers that are looked through.
//!
//! These sums are within a bound of rounding of the distance. All rows that may be among the nearest by that bound are compared value by
//! value in `f64`, and that decides: the result is that of a plain loop over all pairs.

use super::best::Best;
use super::measured::{Nearest, in_batches};
use super::{Found, Neighbors, check_counts, convert};
use crate::distance::{Distance, Squared};
use crate::error::{ErrorKind, Result, refuse};
use crate::observer::Observer;
use crate::rows::SparseMatrix;
use std::ops::Range;

/// The `k` nearest other rows of each row of `x`, which has been checked, by a `distance` that sparse rows have. Memory: `x` once more, and
/// 8 n bytes for each thread.
pub(super) fn sparse(
    x: &SparseMatrix,
    k: usize,
    distance: &Distance,
    observer: &mut dyn Observer,
) -> Result<Found> {
    check_counts(x.n_samples(), k)?;
    let mut search = Search { x, k: k.min(x.n_samples() - 1), observer };
    let distance = distance.resolved();
    let neighbors = match distance {
        Distance::Euclidean => search.euclidean(&Transformed::unchanged(x), Squared::Same)?,
        Distance::SquaredEuclidean => search.euclidean(&Transformed::unchanged(x), Squared::Square)?,
        Distance::Cosine => search.euclidean(&Transformed::normalized(x, false)?, Squared::HalfSquare)?,
        Distance::Correlation => search.euclidean(&Transformed::normalized(x, true)?, Squared::HalfSquare)?,
        Distance::Manhattan => search.run(&Absolute::new(x))?,
        Distance::Hamming => search.run(&Counted::new(x, Of::AllColumns))?,
        Distance::Jaccard => search.run(&Counted::new(x, Of::StoredColumns))?,
        other => {
            let bound = "must be one of euclidean, sqeuclidean, cosine, correlation, manhattan, hamming and jaccard for sparse rows; \
                         for others make the rows dense";
            return refuse("the distance", other.to_string(), bound);
        }
    };
    Ok(Found { distance: Some(distance.clone()), ..Found::exactly(neighbors, x.n_features()) })
}

/// A distance that sums over common columns tell.
trait Common: Sync {
    /// What a column adds in which the two rows have the values a and b, neither of them zero.
    fn term(&self, a: f64, b: f64) -> f64;

    /// The distance of rows i and j, or for some measures its square, from the sum over their common columns; and by how much rounding may
    /// have changed it.
    fn told(&self, i: usize, j: usize, sum: f64) -> (f64, f64);

    /// The same, value by value.
    fn exact(&self, i: usize, j: usize) -> f64;
}

struct Search<'a, 'o> {
    x: &'a SparseMatrix,
    k: usize,
    observer: &'o mut dyn Observer,
}

impl Search<'_, '_> {
    /// The neighbors by a distance whose square is told.
    fn euclidean(&mut self, rows: &Transformed<'_>, squared: Squared) -> Result<Neighbors> {
        let mut neighbors = self.run_with(rows, f64::sqrt)?;
        if squared != Squared::Same {
            convert(&mut neighbors, squared)?;
        }
        Ok(neighbors)
    }

    fn run(&mut self, measure: &impl Common) -> Result<Neighbors> {
        self.run_with(measure, |distance| distance)
    }

    /// The neighbors by what `distance` makes of that which is told.
    fn run_with(&mut self, measure: &impl Common, distance: impl Fn(f64) -> f64 + Sync) -> Result<Neighbors> {
        let (x, k) = (self.x, self.k);
        let columns = x.transposed();
        in_batches(x.n_samples(), k, self.observer, |rows| {
            let mut nearest = group(x, &columns, k, rows, measure);
            for (told, _) in nearest.iter_mut().flatten() {
                *told = distance(*told);
            }
            Nearest::Ok(nearest)
        })
    }
}

/// The `k` nearest of a group of rows.
fn group(
    x: &SparseMatrix,
    columns: &SparseMatrix,
    k: usize,
    rows: Range<usize>,
    measure: &impl Common,
) -> Vec<Vec<(f64, u32)>> {
    let n = x.n_samples();
    let mut sums = vec![0.0_f64; n];
    let nearest = rows.map(|i| {
        let (own, values) = x.row(i);
        for (&column, &a) in own.iter().zip(values).filter(|&(_, &a)| a != 0.0) {
            let (others, values) = columns.row(column as usize);
            for (&j, &b) in others.iter().zip(values) {
                sums[j as usize] += measure.term(f64::from(a), f64::from(b));
            }
        }
        // The k-th nearest is not farther than this.
        let mut farthest = Best::new(k);
        for (j, &sum) in sums.iter().enumerate().filter(|&(j, _)| j != i) {
            let (told, rounding) = measure.told(i, j, sum);
            farthest.offer(told + rounding, j as u32);
        }
        let farthest = farthest.finish().last().map_or(f64::INFINITY, |&(told, _)| told);
        let mut best = Best::new(k);
        for (j, sum) in sums.iter_mut().enumerate() {
            let (told, rounding) = measure.told(i, j, std::mem::take(sum));
            if told - rounding <= farthest && j != i {
                best.offer(measure.exact(i, j), j as u32);
            }
        }
        best.finish()
    });
    nearest.collect()
}

/// Calls `column` with both values of each column in which one of two rows has a stored one, and returns how many there are.
fn over_both(a: (&[u32], &[f32]), b: (&[u32], &[f32]), mut column: impl FnMut(f64, f64)) -> usize {
    let (mut at_a, mut at_b, mut count) = (0, 0, 0);
    loop {
        let (next_a, next_b) = (a.0.get(at_a), b.0.get(at_b));
        let here = match (next_a, next_b) {
            (Some(&a), Some(&b)) => a.min(b),
            (Some(&only), None) | (None, Some(&only)) => only,
            (None, None) => return count,
        };
        let (mut value_a, mut value_b) = (0.0, 0.0);
        if next_a == Some(&here) {
            value_a = f64::from(a.1[at_a]);
            at_a += 1;
        }
        if next_b == Some(&here) {
            value_b = f64::from(b.1[at_b]);
            at_b += 1;
        }
        column(value_a, value_b);
        count += 1;
    }
}

/// Rounding of a sum of products, for each of its terms and a few more operations.
const ROUNDING: f64 = 4.0 * f64::EPSILON;

/// Squared Euclidean distances between rows (a − offset) / length, in all columns.
struct Transformed<'a> {
    x: &'a SparseMatrix,
    offsets: Vec<f64>,
    lengths: Vec<f64>,
    /// The squared norms of these rows.
    norms: Vec<f64>,
    /// Shares of the rounding of products with this row.
    rounding: Vec<f64>,
}

impl<'a> Transformed<'a> {
    fn unchanged(x: &'a SparseMatrix) -> Self {
        let n = x.n_samples();
        Self::new(x, vec![0.0; n], vec![1.0; n], squared_norms(x))
    }

    /// Rows of norm 1, `centered` or not.
    fn normalized(x: &'a SparseMatrix, centered: bool) -> Result<Self> {
        let d = x.n_features() as f64;
        let (mut offsets, mut lengths) = (Vec::new(), Vec::new());
        for (row, (columns, values)) in x.rows().enumerate() {
            let sum: f64 = values.iter().map(|&value| f64::from(value)).sum();
            let offset = if centered { sum / d } else { 0.0 };
            let stored: f64 = values.iter().map(|&value| (f64::from(value) - offset).powi(2)).sum();
            let length = (stored + (d - columns.len() as f64) * offset * offset).sqrt();
            let is_constant = centered
                && (columns.len() == x.n_features() && values.iter().all(|value| *value == values[0])
                    || values.iter().all(|&value| value == 0.0));
            let problem = match () {
                () if is_constant => {
                    "is constant, so it correlates with nothing: remove such rows, or choose another distance"
                }
                () if length == 0.0 => {
                    "holds zeros alone, so it has no direction and no cosine distance: remove such rows, or choose another distance"
                }
                () => {
                    offsets.push(offset);
                    lengths.push(length);
                    continue;
                }
            };
            return Err(ErrorKind::Row { row, problem }.into());
        }
        Ok(Self::new(x, offsets, lengths, vec![1.0; x.n_samples()]))
    }

    fn new(x: &'a SparseMatrix, offsets: Vec<f64>, lengths: Vec<f64>, norms: Vec<f64>) -> Self {
        let own = squared_norms(x).into_iter().zip(&lengths).map(|(norm, length)| norm / (length * length));
        let terms = x.rows().map(|(columns, _)| (columns.len() + 16) as f64);
        let rounding = own.zip(terms).map(|(norm, terms)| ROUNDING * terms * norm).collect();
        Self { x, offsets, lengths, norms, rounding }
    }
}

fn squared_norms(x: &SparseMatrix) -> Vec<f64> {
    x.rows().map(|(_, values)| values.iter().map(|&value| f64::from(value).powi(2)).sum()).collect()
}

impl Common for Transformed<'_> {
    #[inline]
    fn term(&self, a: f64, b: f64) -> f64 {
        a * b
    }

    #[inline]
    fn told(&self, i: usize, j: usize, sum: f64) -> (f64, f64) {
        let offsets = self.x.n_features() as f64 * self.offsets[i] * self.offsets[j];
        let product = (sum - offsets) / (self.lengths[i] * self.lengths[j]);
        (self.norms[i] + self.norms[j] - 2.0 * product, self.rounding[i] + self.rounding[j])
    }

    fn exact(&self, i: usize, j: usize) -> f64 {
        let place = |value: f64, row: usize| (value - self.offsets[row]) / self.lengths[row];
        let mut sum = 0.0;
        let stored = over_both(self.x.row(i), self.x.row(j), |a, b| {
            let difference = place(a, i) - place(b, j);
            sum += difference * difference;
        });
        let elsewhere = place(0.0, i) - place(0.0, j);
        sum + (self.x.n_features() - stored) as f64 * elsewhere * elsewhere
    }
}

/// Σ |a − b| = Σ |a| + Σ |b| + Σ over common columns of (|a − b| − |a| − |b|).
struct Absolute<'a> {
    x: &'a SparseMatrix,
    sums: Vec<f64>,
    rounding: Vec<f64>,
}

impl<'a> Absolute<'a> {
    fn new(x: &'a SparseMatrix) -> Self {
        let sum = |values: &[f32]| values.iter().map(|&value| f64::from(value).abs()).sum();
        let sums: Vec<f64> = x.rows().map(|(_, values)| sum(values)).collect();
        let terms = x.rows().map(|(columns, _)| (columns.len() + 16) as f64);
        // A column adds up to twice the lesser of both values.
        let rounding = sums.iter().zip(terms).map(|(sum, terms)| 2.0 * ROUNDING * terms * sum).collect();
        Self { x, sums, rounding }
    }
}

impl Common for Absolute<'_> {
    #[inline]
    fn term(&self, a: f64, b: f64) -> f64 {
        (a - b).abs() - a.abs() - b.abs()
    }

    #[inline]
    fn told(&self, i: usize, j: usize, sum: f64) -> (f64, f64) {
        (self.sums[i] + self.sums[j] + sum, self.rounding[i] + self.rounding[j])
    }

    fn exact(&self, i: usize, j: usize) -> f64 {
        let mut sum = 0.0;
        over_both(self.x.row(i), self.x.row(j), |a, b| sum += (a - b).abs());
        sum
    }
}

/// The columns among which those that differ are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// All, by their values: the Hamming distance.
    AllColumns,
    /// Those where one of both rows is not zero, by whether the other is: the Jaccard distance.
    StoredColumns,
}

/// Shares of columns: whole numbers, so nothing is rounded before the division.
struct Counted<'a> {
    x: &'a SparseMatrix,
    of: Of,
    /// Values that are not zero.
    counts: Vec<f64>,
}

impl<'a> Counted<'a> {
    fn new(x: &'a SparseMatrix, of: Of) -> Self {
        let count = |values: &[f32]| values.iter().filter(|&&value| value != 0.0).count() as f64;
        Self { x, of, counts: x.rows().map(|(_, values)| count(values)).collect() }
    }
}

impl Common for Counted<'_> {
    #[inline]
    fn term(&self, a: f64, b: f64) -> f64 {
        match self.of {
            Of::AllColumns => 1.0 + f64::from(u8::from(a == b)),
            Of::StoredColumns => 1.0,
        }
    }

    #[inline]
    fn told(&self, i: usize, j: usize, sum: f64) -> (f64, f64) {
        let in_one_or_both = self.counts[i] + self.counts[j] - sum;
        let share = match self.of {
            Of::AllColumns => in_one_or_both / self.x.n_features() as f64,
            Of::StoredColumns if in_one_or_both == 0.0 => 0.0,
            Of::StoredColumns => (in_one_or_both - sum) / in_one_or_both,
        };
        (share, 0.0)
    }

    fn exact(&self, i: usize, j: usize) -> f64 {
        let mut sum = 0.0;
        over_both(self.x.row(i), self.x.row(j), |a, b| {
            if a != 0.0 && b != 0.0 {
                sum += self.term(a, b);
            }
        });
        self.told(i, j, sum).0
    }
}

#[cfg(test)]
mod tests;
