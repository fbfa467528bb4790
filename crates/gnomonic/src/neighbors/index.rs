//! The nearest of some rows to new ones, exactly.
//!
//! The rows are laid along their leading principal axes once. For two rows with coordinates a, b along the axes and residuals
//! u, v beside them, with N and M the squares of their whole lengths,
//!
//! ```text
//! |x − y|² = N + M − 2 a·b − 2 u·v,   and |u·v| ≤ |u| |v|
//! ```
//!
//! so that products of a few coordinates give a good guess of each distance, N + M − 2 a·b, and a bound that no distance is below,
//! 2 |u| |v| less. For each new row those with the best guesses are compared in all columns; every other row whose bound does not
//! exceed the last of these is compared too. So nothing is missed, and what rounding does to the products, which the bound allows
//! for (see `centered.rs`), decides nothing. Where there are few columns, or few rows, all columns are the axes.

mod axes;

pub(crate) use axes::Axes;

use super::blocked::{pack, reduce};
use super::centered::{MARGIN, product_error};
use super::squared_distance;
use crate::error::{Result, refuse};
use crate::gemm::{View, multiply};
use crate::matrix::MatrixRef;
use crate::simd;
use axes::Laid;
use rayon::prelude::*;
use std::borrow::Cow;

/// New rows that one task compares with all others at a time, and the most products that it keeps.
const QUERIES: usize = 64;
const PRODUCTS: usize = 1 << 22;

/// Columns filtered together.
const LANES: usize = 16;

/// Rows among which the nearest of new rows are searched, prepared once: see [`of`](Self::of).
///
/// ```
/// use gnomonic::{Matrix, neighbors::Index};
///
/// let old = Matrix::new(vec![0.0, 1.0, 3.0, 7.0], 4, 1)?;
/// let new = Matrix::new(vec![2.9, 0.0], 2, 1)?;
/// let nearest = Index::new(&old)?.of(&new, 2)?;
/// assert_eq!(nearest.indices(0), [2, 1]);
/// assert_eq!((nearest.indices(1), nearest.squared_distances(1)), (&[0, 1][..], &[0.0, 1.0][..]));
/// # Ok::<(), gnomonic::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Index<'a> {
    rows: MatrixRef<'a>,
    axes: Cow<'a, Axes>,
}

/// The `k` nearest rows of an [`Index`] to each of some new rows.
///
/// Contract: each row is sorted by distance, and between equal distances by index, as they are before squared distances are rounded
/// to `f32`; it has no index twice. A row of the index that equals a new one is a neighbor like any other, at distance 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearest {
    n_queries: usize,
    k: usize,
    indices: Vec<u32>,
    squared_distances: Vec<f32>,
}

impl Nearest {
    /// Number of new rows, m.
    #[must_use]
    pub fn n_queries(&self) -> usize {
        self.n_queries
    }

    /// Number of neighbors of each new row.
    #[must_use]
    pub fn k(&self) -> usize {
        self.k
    }

    /// The rows of the index that are nearest to new row `i`, nearest first.
    ///
    /// # Panics
    /// When `i` is not below the number of new rows.
    #[must_use]
    pub fn indices(&self, i: usize) -> &[u32] {
        &self.indices[i * self.k..(i + 1) * self.k]
    }

    /// The squared distances to them.
    ///
    /// # Panics
    /// When `i` is not below the number of new rows.
    #[must_use]
    pub fn squared_distances(&self, i: usize) -> &[f32] {
        &self.squared_distances[i * self.k..(i + 1) * self.k]
    }

    /// Indices and squared distances, row after row.
    pub(crate) fn into_parts(self) -> (Vec<u32>, Vec<f32>) {
        (self.indices, self.squared_distances)
    }
}

impl<'a> Index<'a> {
    /// Prepares the rows of `rows` (n × d). From 2,000 rows of 200 columns on that finds 128 principal axes, in O(n·d·128) and the work of
    /// finding them from 2,000 rows; otherwise it is one pass. Memory: 4 · n · min(d, 128) bytes, or 4 · n · d where no axes are found.
    ///
    /// # Errors
    /// No rows, no columns, values that are not finite or beyond 1e15, more than 2³² − 1 rows.
    pub fn new(rows: impl Into<MatrixRef<'a>>) -> Result<Self> {
        let rows = rows.into();
        Ok(Self { rows, axes: Cow::Owned(Axes::new(rows)?) })
    }

    /// An index of rows whose `axes` are known.
    pub(crate) fn with_axes(rows: MatrixRef<'a>, axes: &'a Axes) -> Self {
        Self { rows, axes: Cow::Borrowed(axes) }
    }

    /// The `k` rows that are nearest to each of the rows of `new` (m × d) by Euclidean distance, exactly. `k` is capped at n.
    ///
    /// What is found for a new row depends on it alone: one by one is the same as all at once, on any number of threads. O(m · n · c)
    /// multiply-adds, with c = min(d, 128) or d, and the comparisons in all columns of those rows that they leave.
    ///
    /// # Errors
    /// Another number of columns than the index has, values that are not finite or beyond 1e15, `k` = 0.
    pub fn of<'b>(&self, new: impl Into<MatrixRef<'b>>, k: usize) -> Result<Nearest> {
        let new = new.into();
        let (m, d) = (new.n_samples(), self.rows.n_features());
        if k == 0 {
            return refuse("k", "0".into(), "must be at least 1");
        }
        if new.n_features() != d {
            let bound = format!("must be {d}, as in the rows that are searched");
            return refuse("the number of columns", new.n_features().to_string(), &bound);
        }
        new.check(0)?;
        let k = k.min(self.rows.n_samples());
        let laid = self.axes.lay(new)?;
        let per_task = (PRODUCTS / self.rows.n_samples()).clamp(4, QUERIES);
        let (mut indices, mut squared_distances) = (vec![0; m * k], vec![0.0; m * k]);
        indices
            .par_chunks_mut(per_task * k)
            .zip(squared_distances.par_chunks_mut(per_task * k))
            .enumerate()
            .for_each_init(Scratch::default, |scratch, (task, (indices, squared_distances))| {
                let first = task * per_task;
                let count = indices.len() / k;
                self.multiply(&laid, first, count, &mut scratch.products);
                for at in 0..count {
                    let i = first + at;
                    self.search(new.row(i), laid.norms[i], laid.residuals[i], at, k, scratch);
                    let found = scratch.found.iter().take(k);
                    let places = indices[at * k..].iter_mut().zip(&mut squared_distances[at * k..]);
                    for ((index, squared_distance), &(distance, j)) in places.zip(found) {
                        *index = j;
                        *squared_distance = distance as f32;
                    }
                }
            });
        Ok(Nearest { n_queries: m, k, indices, squared_distances })
    }

    /// Products of `count` new rows from `first` on with all rows, a line for each.
    fn multiply(&self, laid: &Laid, first: usize, count: usize, products: &mut Vec<f32>) {
        let (n, c) = (self.rows.n_samples(), self.axes.n_coordinates());
        let stride = n.next_multiple_of(LANES);
        products.resize(count * stride, 0.0);
        let own = View::new(&laid.coordinates[first * c..(first + count) * c], count, c);
        let rows = View::new(&self.axes.laid.coordinates, n, c).transposed();
        multiply(own, rows, 0.0, products, stride);
    }

    /// Leaves at least `k` rows in `scratch.found`, sorted, of which the first `k` are the nearest to the new row `query`.
    fn search(&self, query: &[f32], norm: f32, residual: f32, at: usize, k: usize, scratch: &mut Scratch) {
        let (n, laid) = (self.rows.n_samples(), &self.axes.laid);
        let stride = n.next_multiple_of(LANES);
        let Scratch { products, candidates, compared, others, found } = scratch;
        let line = &mut products[at * stride..(at + 1) * stride];
        line[n..].fill(0.0);
        candidates.clear();
        let keep = k + MARGIN;
        simd::vectorize!(guess(line, norm, &laid.norms, keep, candidates));
        reduce(candidates, keep);
        compared.clear();
        compared.extend(candidates.iter().map(|&candidate| candidate as u32));
        compared.sort_unstable();
        found.clear();
        self.compare(query, compared, found);
        if keep < n {
            found.select_nth_unstable_by(k - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let last = found[k - 1].0;
            let error = product_error(self.axes.n_coordinates()) as f32;
            let bound = Bound { limit: (last * (1.0 + 1e-6)) as f32 + error * norm, residual, error };
            others.clear();
            simd::vectorize!(bound.within(line, &laid.norms, &laid.residuals, others));
            // Both lists are in order.
            let mut done = compared.iter().peekable();
            others.retain(|j| {
                while done.next_if(|&other| other < j).is_some() {}
                done.peek() != Some(&j)
            });
            self.compare(query, others, found);
        }
        found.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    }

    /// Adds the rows `compared`, with their distances from `query` in all columns.
    fn compare(&self, query: &[f32], compared: &[u32], found: &mut Vec<(f64, u32)>) {
        for (at, &j) in compared.iter().enumerate() {
            if let Some(&later) = compared.get(at + 4) {
                simd::prefetch(self.rows.row(later as usize));
            }
            found.push((squared_distance(query, self.rows.row(j as usize)), j));
        }
    }
}

/// Buffers of one thread.
#[derive(Default)]
struct Scratch {
    products: Vec<f32>,
    /// A guess and a row each.
    candidates: Vec<u64>,
    /// Rows compared for their guesses, and for their bounds.
    compared: Vec<u32>,
    others: Vec<u32>,
    found: Vec<(f64, u32)>,
}

/// Turns a line of products into guesses of squared distances, and keeps at least the `keep` least of (guess, row). All are as long
/// as whole vectors; what fills the last is infinitely long.
#[inline(always)]
fn guess(line: &mut [f32], norm: f32, norms: &[f32], keep: usize, candidates: &mut Vec<u64>) {
    let (mut limit, mut first) = (f32::INFINITY, 0);
    for (line, norms) in line.as_chunks_mut::<LANES>().0.iter_mut().zip(norms.as_chunks::<LANES>().0) {
        let mut any = false;
        for lane in 0..LANES {
            // Rounding can make the distance of near duplicates negative.
            let distance = (norm + norms[lane] - 2.0 * line[lane]).max(0.0);
            line[lane] = distance;
            any |= distance <= limit;
        }
        if any {
            for (lane, &distance) in line.iter().enumerate() {
                if distance <= limit && distance < f32::INFINITY {
                    candidates.push(pack(distance, first + lane as u32));
                }
            }
            if candidates.len() > 2 * keep {
                limit = reduce(candidates, keep);
            }
        }
        first += LANES as u32;
    }
}

/// What a row must not exceed to be among the nearest.
struct Bound {
    /// The squared distance of the last of the nearest so far, and the error that the new row's own length may cause.
    limit: f32,
    residual: f32,
    /// The share of a row's squared length that rounding may cost.
    error: f32,
}

impl Bound {
    /// Adds the rows that may be nearer, in their order.
    #[inline(always)]
    fn within(&self, line: &[f32], norms: &[f32], residuals: &[f32], rows: &mut Vec<u32>) {
        let twice = 2.0 * self.residual;
        let lines = line.as_chunks::<LANES>().0.iter().zip(norms.as_chunks::<LANES>().0);
        let mut first = 0;
        for ((line, norms), residuals) in lines.zip(residuals.as_chunks::<LANES>().0) {
            // What fills the last vector is no number here, and below nothing.
            let below: [bool; LANES] = std::array::from_fn(|lane| {
                line[lane] - twice * residuals[lane] - self.error * norms[lane] <= self.limit
            });
            if below.iter().fold(false, |any, &below| any | below) {
                rows.extend((first..).zip(below).filter(|&(_, below)| below).map(|(j, _)| j));
            }
            first += LANES as u32;
        }
    }
}

#[cfg(test)]
mod tests;
