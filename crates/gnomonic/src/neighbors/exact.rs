//! Exact neighbors: every pair's distance once, by blocked matrix products.
//!
//! |x − y|² = |x|² + |y|² − 2 x·y turns distances into products of blocks of rows, which run at the speed of the
//! processor; each block pair serves both of its sides. The products are in `f32` and only draw up a short list, a few
//! places longer than asked; the distances returned, and the order, come from differences summed in `f64`.
//!
//! Work n²d multiply-adds, halved by symmetry; memory n (k + 16) · 16 bytes beside the data and the result. Up to three
//! columns a tree finds the same in O(n·k·log n).

use super::{Neighbors, tree};
use crate::error::{ErrorKind, Result};
use crate::gemm::{View, multiply};
use crate::matrix::MatrixRef;
use crate::observer::Control;
use crate::parallel;
use crate::simd;
use rayon::prelude::*;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Candidates kept beyond k. A product in `f32` misplaces only points whose distances agree to about 1e-6 of their
/// norms; that many more such points would have to crowd at the k-th place for one to be missed.
const MARGIN: usize = 16;

/// Columns handled together when candidates are filtered: one AVX-512 register of `f32`.
const LANES: usize = 16;

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
pub(crate) fn exact_observed(
    x: MatrixRef<'_>,
    k: usize,
    progress: &mut dyn FnMut(f64) -> Control,
) -> Result<Neighbors> {
    x.check(2)?;
    let n = x.n_samples();
    if k == 0 {
        let bound = "must be at least 1".to_owned();
        return Err(ErrorKind::Parameter { name: "k", value: "0".into(), bound }.into());
    }
    if u32::try_from(n).is_err() {
        let bound = format!("must be at most {}", u32::MAX);
        return Err(ErrorKind::Parameter { name: "the number of rows", value: n.to_string(), bound }.into());
    }
    let k = k.min(n - 1);
    if x.n_features() <= tree::MOST_FEATURES {
        return match progress(0.0) {
            Control::Continue => Ok(tree::search(x, k)),
            Control::Stop => Err(ErrorKind::Cancelled.into()),
        };
    }
    let search = Search::new(x, (k + MARGIN).min(n - 1));
    let pairs = search.block_pairs();
    let batch = (pairs.len() / 100).max(32);
    for (done, batch_pairs) in pairs.chunks(batch).enumerate() {
        batch_pairs
            .par_iter()
            .for_each_init(Scratch::default, |scratch, &(a, b)| search.block_pair(a, b, scratch));
        let fraction = ((done + 1) * batch).min(pairs.len()) as f64 / pairs.len() as f64;
        if progress(fraction) == Control::Stop {
            return Err(ErrorKind::Cancelled.into());
        }
    }
    Ok(search.finish(k))
}

/// Candidates of the rows of one block.
struct Block {
    /// For each row, its candidates so far: (bits of the squared distance, index) packed so that integers sort as the
    /// pairs do.
    candidates: Vec<Vec<u64>>,
    /// For each row, the distance that a new candidate must not exceed.
    thresholds: Vec<f32>,
}

struct Search<'a> {
    x: MatrixRef<'a>,
    /// The mean row: taken away before products are formed, so that a common offset does not eat the digits.
    mean: Vec<f32>,
    /// Squared norms of the centered rows.
    norms: Vec<f32>,
    /// Candidates to keep of each row.
    keep: usize,
    block_size: usize,
    /// A lock each; block pairs are scheduled so that they seldom meet.
    blocks: Vec<Mutex<Block>>,
}

/// Buffers of one thread.
#[derive(Default)]
struct Scratch {
    a: Vec<f32>,
    b: Vec<f32>,
    products: Vec<f32>,
}

impl<'a> Search<'a> {
    fn new(x: MatrixRef<'a>, keep: usize) -> Self {
        let (n, d) = (x.n_samples(), x.n_features());
        let mean = mean_row(x);
        let norms = (0..n)
            .into_par_iter()
            .map(|i| {
                let squares = x.row(i).iter().zip(&mean).map(|(&value, &mean)| {
                    let centered = f64::from(value - mean);
                    centered * centered
                });
                squares.sum::<f64>() as f32
            })
            .collect();
        // A block of rows and the products of two blocks should stay in the second-level cache; small data still gets
        // enough pairs to share among threads.
        let widest = if d > 256 { 384 } else { 512 };
        let block_size = n.div_ceil(8).next_multiple_of(LANES).clamp(64, widest);
        let blocks = (0..n.div_ceil(block_size))
            .map(|block| {
                let rows = block_size.min(n - block * block_size);
                Mutex::new(Block {
                    candidates: vec![Vec::new(); rows],
                    thresholds: vec![f32::INFINITY; rows],
                })
            })
            .collect();
        Self { x, mean, norms, keep, block_size, blocks }
    }

    /// Every unordered pair of blocks once, ordered so that neighbors in the list share no block: pairs at distance 0,
    /// then 1, and so on around the ring of blocks.
    fn block_pairs(&self) -> Vec<(usize, usize)> {
        let n_blocks = self.blocks.len();
        let mut pairs = Vec::with_capacity(n_blocks * (n_blocks + 1) / 2);
        for step in 0..=n_blocks / 2 {
            let starts = if 2 * step == n_blocks && step > 0 { n_blocks / 2 } else { n_blocks };
            pairs.extend((0..starts).map(|a| (a, (a + step) % n_blocks)));
        }
        pairs
    }

    fn rows(&self, block: usize) -> std::ops::Range<usize> {
        let start = block * self.block_size;
        start..(start + self.block_size).min(self.x.n_samples())
    }

    fn centered(&self, block: usize, buffer: &mut Vec<f32>) {
        buffer.clear();
        for i in self.rows(block) {
            buffer.extend(self.x.row(i).iter().zip(&self.mean).map(|(&value, &mean)| value - mean));
        }
    }

    fn block_pair(&self, a: usize, b: usize, scratch: &mut Scratch) {
        let d = self.x.n_features();
        let (rows_a, rows_b) = (self.rows(a), self.rows(b));
        self.centered(a, &mut scratch.a);
        if a != b {
            self.centered(b, &mut scratch.b);
        }
        let right = if a == b { &scratch.a } else { &scratch.b };
        // The row length is a multiple of the lanes, so that the filter has no tail; the padding is never accepted.
        let stride = rows_b.len().next_multiple_of(LANES);
        scratch.products.clear();
        scratch.products.resize(rows_a.len() * stride, 0.0);
        multiply(
            View::new(&scratch.a, rows_a.len(), d),
            View::new(right, rows_b.len(), d).transposed(),
            0.0,
            &mut scratch.products,
            stride,
        );

        let norms_b = padded(&self.norms[rows_b.clone()], stride);
        if a == b {
            let mut block = lock(&self.blocks[a]);
            simd::vectorized(|| {
                for (row, i) in rows_a.enumerate() {
                    let line = &mut scratch.products[row * stride..(row + 1) * stride];
                    to_distances(line, self.norms[i], &norms_b);
                    line[row] = f32::INFINITY;
                    block.offer_row(row, line, rows_b.start as u32, self.keep);
                }
            });
            return;
        }
        // Locks are taken in the order of the blocks, so two pairs cannot wait for each other.
        let (mut block_a, mut block_b);
        if a < b {
            block_a = lock(&self.blocks[a]);
            block_b = lock(&self.blocks[b]);
        } else {
            block_b = lock(&self.blocks[b]);
            block_a = lock(&self.blocks[a]);
        }
        let mut thresholds_b = padded(&block_b.thresholds, stride);
        simd::vectorized(|| {
            for (row, i) in rows_a.enumerate() {
                let line = &mut scratch.products[row * stride..(row + 1) * stride];
                to_distances(line, self.norms[i], &norms_b);
                block_a.offer_row(row, line, rows_b.start as u32, self.keep);
                block_b.offer_column(line, &mut thresholds_b, i as u32, self.keep);
            }
        });
    }

    /// Sorts each row's candidates by their true distances and keeps the `k` nearest.
    fn finish(self, k: usize) -> Neighbors {
        let n = self.x.n_samples();
        let mut indices = vec![0; n * k];
        let mut squared_distances = vec![0.0; n * k];
        let row_length = self.block_size * k;
        indices
            .par_chunks_mut(row_length)
            .zip(squared_distances.par_chunks_mut(row_length))
            .zip(self.blocks.into_par_iter())
            .enumerate()
            .for_each(|(block, ((indices, squared_distances), state))| {
                let state = state.into_inner().unwrap_or_else(PoisonError::into_inner);
                let mut ranked: Vec<(f64, u32)> = Vec::with_capacity(2 * self.keep);
                for (row, mut candidates) in state.candidates.into_iter().enumerate() {
                    reduce(&mut candidates, self.keep);
                    let own = self.x.row(block * self.block_size + row);
                    ranked.clear();
                    ranked.extend(candidates.iter().map(|&candidate| {
                        let j = candidate as u32;
                        (squared_distance(own, self.x.row(j as usize)), j)
                    }));
                    ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                    for (place, &(distance, j)) in ranked[..k].iter().enumerate() {
                        indices[row * k + place] = j;
                        squared_distances[row * k + place] = distance as f32;
                    }
                }
            });
        Neighbors { n_samples: n, k, indices, squared_distances }
    }
}

impl Block {
    /// Offers a row's distances to consecutive samples from `first`.
    #[inline(always)]
    fn offer_row(&mut self, row: usize, distances: &[f32], first: u32, keep: usize) {
        let candidates = &mut self.candidates[row];
        let mut threshold = self.thresholds[row];
        for (at, lanes) in distances.chunks_exact(LANES).enumerate() {
            if !any_within(lanes, threshold) {
                continue;
            }
            for (lane, &distance) in lanes.iter().enumerate() {
                // Infinity marks padding and the sample itself.
                if distance <= threshold && distance < f32::INFINITY {
                    candidates.push(pack(distance, first + (at * LANES + lane) as u32));
                }
            }
            if candidates.len() > 2 * keep {
                threshold = reduce(candidates, keep);
            }
        }
        self.thresholds[row] = threshold;
    }

    /// Offers sample `i`, at `distances` from the rows of this block, whose `thresholds` are a padded copy.
    #[inline(always)]
    fn offer_column(&mut self, distances: &[f32], thresholds: &mut [f32], i: u32, keep: usize) {
        let lines = distances.chunks_exact(LANES).zip(thresholds.chunks_exact_mut(LANES));
        for (at, (lanes, limits)) in lines.enumerate() {
            if !any_within_each(lanes, limits) {
                continue;
            }
            for lane in 0..LANES {
                if lanes[lane] <= limits[lane] && lanes[lane] < f32::INFINITY {
                    let row = at * LANES + lane;
                    let candidates = &mut self.candidates[row];
                    candidates.push(pack(lanes[lane], i));
                    if candidates.len() > 2 * keep {
                        limits[lane] = reduce(candidates, keep);
                        self.thresholds[row] = limits[lane];
                    }
                }
            }
        }
    }
}

/// A distance and an index as one integer that sorts by distance, then index: the bits of floats that are not negative
/// sort as the floats do.
fn pack(distance: f32, index: u32) -> u64 {
    u64::from(distance.to_bits()) << 32 | u64::from(index)
}

/// Keeps the `keep` smallest candidates and returns the distance of the largest of them, or infinity while there are
/// fewer. Which ones stay does not depend on the order in which they came.
fn reduce(candidates: &mut Vec<u64>, keep: usize) -> f32 {
    if candidates.len() > keep {
        candidates.select_nth_unstable(keep - 1);
        candidates.truncate(keep);
    }
    if candidates.len() < keep { f32::INFINITY } else { f32::from_bits((candidates[keep - 1] >> 32) as u32) }
}

fn lock(block: &Mutex<Block>) -> MutexGuard<'_, Block> {
    block.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A copy of `values`, filled with infinity to `length`.
fn padded(values: &[f32], length: usize) -> Vec<f32> {
    let mut copy = Vec::with_capacity(length);
    copy.extend_from_slice(values);
    copy.resize(length, f32::INFINITY);
    copy
}

#[inline(always)]
fn to_distances(products: &mut [f32], norm: f32, norms: &[f32]) {
    for (product, &other) in products.iter_mut().zip(norms) {
        // Rounding can make the distance of near duplicates negative.
        *product = (norm + other - 2.0 * *product).max(0.0);
    }
}

#[inline(always)]
fn any_within(distances: &[f32], threshold: f32) -> bool {
    let mut found = false;
    for &distance in distances {
        found |= distance <= threshold;
    }
    found
}

#[inline(always)]
fn any_within_each(distances: &[f32], thresholds: &[f32]) -> bool {
    let mut found = false;
    for (&distance, &threshold) in distances.iter().zip(thresholds) {
        found |= distance <= threshold;
    }
    found
}

/// |a − b|², summed in `f64` over eight lanes.
pub(crate) fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    simd::vectorized(|| squared_distance_lanes(a, b))
}

#[inline(always)]
fn squared_distance_lanes(a: &[f32], b: &[f32]) -> f64 {
    const WIDTH: usize = 16;
    let mut lanes = [0.0_f64; WIDTH];
    let (heads_a, tail_a) = a.as_chunks::<WIDTH>();
    let (heads_b, tail_b) = b.as_chunks::<WIDTH>();
    for (a, b) in heads_a.iter().zip(heads_b) {
        for lane in 0..WIDTH {
            let difference = f64::from(a[lane]) - f64::from(b[lane]);
            lanes[lane] += difference * difference;
        }
    }
    for (lane, (&a, &b)) in tail_a.iter().zip(tail_b).enumerate() {
        let difference = f64::from(a) - f64::from(b);
        lanes[lane] += difference * difference;
    }
    lanes.iter().sum()
}

fn mean_row(x: MatrixRef<'_>) -> Vec<f32> {
    let (n, d) = (x.n_samples(), x.n_features());
    let partials: Vec<Vec<f64>> = parallel::chunks(n)
        .map(|rows| {
            let mut sums = vec![0.0; d];
            for i in rows {
                for (sum, &value) in sums.iter_mut().zip(x.row(i)) {
                    *sum += f64::from(value);
                }
            }
            sums
        })
        .collect();
    let mut mean = vec![0.0; d];
    for partial in &partials {
        for (sum, value) in mean.iter_mut().zip(partial) {
            *sum += value;
        }
    }
    mean.iter().map(|sum| (sum / n as f64) as f32).collect()
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
