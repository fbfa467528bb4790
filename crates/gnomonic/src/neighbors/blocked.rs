//! All pairs of rows by blocked matrix products: for each row, a short list of the nearest.
//!
//! |x − y|² = |x|² + |y|² − 2 x·y turns distances into products of blocks of rows, which run at the speed of the
//! processor; each pair of blocks is multiplied once and serves both of its sides. The lists hold the smallest of a total
//! order (estimate, index), so neither threads nor scheduling can change them.

use super::centered::{Centered, Rows};
use super::{Neighbors, ask, squared_distance};
use crate::error::Result;
use crate::gemm::{View, multiply};
use crate::observer::Observer;
use crate::simd;
use rayon::prelude::*;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Columns handled together when candidates are filtered: one AVX-512 register of `f32`.
const LANES: usize = 16;

/// For each row, the `keep` others of least estimated squared distance, in no order, and that estimate of the last.
pub(super) struct Candidates {
    blocks: Vec<Vec<Vec<u64>>>,
}

impl Candidates {
    /// Searches all pairs of `centered` rows. `keep` must be below their number. `observer` is told the fraction done and may stop
    /// the search.
    pub(super) fn search(centered: &Centered<'_>, keep: usize, observer: &mut dyn Observer) -> Result<Self> {
        let search = Search::new(centered, keep);
        let pairs = search.block_pairs();
        let batch = (pairs.len() / 100).max(32);
        for (done, batch_pairs) in pairs.chunks(batch).enumerate() {
            batch_pairs
                .par_iter()
                .for_each_init(Scratch::default, |scratch, &(a, b)| search.block_pair(a, b, scratch));
            ask(observer, ((done + 1) * batch).min(pairs.len()) as f64 / pairs.len() as f64)?;
        }
        let Search { blocks, .. } = search;
        let blocks =
            blocks.into_iter().map(|block| block.into_inner().unwrap_or_else(PoisonError::into_inner));
        Ok(Self { blocks: blocks.map(|block| block.candidates).collect() })
    }

    /// The `k` nearest of each row's candidates by their distances in all columns.
    ///
    /// Rows are compared in groups that stand together: a candidate is read once for all rows of a group.
    pub(super) fn rank(self, rows: Rows<'_>, k: usize, keep: usize) -> Ranked {
        let n = rows.len();
        let mut lists: Vec<Vec<u64>> = self.blocks.into_iter().flatten().collect();
        // A list of all other rows misses nothing.
        let complete = keep + 1 >= n;
        let limits = lists
            .par_iter_mut()
            .map(|list| {
                let limit = reduce(list, keep);
                if complete { f32::INFINITY } else { limit }
            })
            .collect();
        let ranked: Vec<Vec<(f32, u32)>> = lists
            .par_chunks(GROUP)
            .enumerate()
            .map_init(Group::default, |group, (place, lists)| group.rank(rows, place * GROUP, lists, k))
            .collect();
        drop(lists);
        let (mut indices, mut squared_distances) = (Vec::with_capacity(n * k), Vec::with_capacity(n * k));
        for (distance, j) in ranked.into_iter().flatten() {
            indices.push(j);
            squared_distances.push(distance);
        }
        Ranked { neighbors: Neighbors { n_samples: n, k, indices, squared_distances }, limits }
    }
}

/// Ranked neighbors, and the estimated squared distance that every row left out of a row's list has at least.
pub(super) struct Ranked {
    pub(super) neighbors: Neighbors,
    pub(super) limits: Vec<f32>,
}

/// Rows that are ranked together: with 784 columns they fill a tenth of a second-level cache.
const GROUP: usize = 64;

/// Buffers for ranking a group of rows.
#[derive(Default)]
struct Group {
    /// (candidate, row of the group), sorted.
    pairs: Vec<(u32, u32)>,
    ranked: Vec<Vec<(f64, u32)>>,
}

impl Group {
    /// The `k` nearest on each of the `lists` of the rows from `first` on, row after row.
    fn rank(&mut self, rows: Rows<'_>, first: usize, lists: &[Vec<u64>], k: usize) -> Vec<(f32, u32)> {
        self.pairs.clear();
        self.ranked.resize_with(lists.len(), Vec::new);
        for (own, list) in lists.iter().enumerate() {
            self.ranked[own].clear();
            self.pairs.extend(list.iter().map(|&candidate| (candidate as u32, own as u32)));
        }
        self.pairs.sort_unstable();
        for (at, &(j, own)) in self.pairs.iter().enumerate() {
            // Rows are far apart in memory: one that comes later is on its way while these are compared.
            if let Some(&(later, _)) = self.pairs.get(at + 8) {
                simd::prefetch(rows.row(later as usize));
            }
            let distance = squared_distance(rows.row(first + own as usize), rows.row(j as usize));
            self.ranked[own as usize].push((distance, j));
        }
        let mut nearest = Vec::with_capacity(lists.len() * k);
        for ranked in &mut self.ranked[..lists.len()] {
            ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            nearest.extend(ranked[..k].iter().map(|&(distance, j)| (distance as f32, j)));
        }
        nearest
    }
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
    rows: Rows<'a>,
    center: &'a [f32],
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
    fn new(centered: &'a Centered<'_>, keep: usize) -> Self {
        let (n, d) = (centered.rows.len(), centered.rows.n_features());
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
        let norms = centered.rounded_norms();
        Self { rows: centered.rows, center: &centered.center, norms, keep, block_size, blocks }
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
        start..(start + self.block_size).min(self.rows.len())
    }

    fn centered(&self, block: usize, buffer: &mut Vec<f32>) {
        buffer.clear();
        for position in self.rows(block) {
            buffer.extend(
                self.rows.row(position).iter().zip(self.center).map(|(value, center)| value - center),
            );
        }
    }

    fn block_pair(&self, a: usize, b: usize, scratch: &mut Scratch) {
        let d = self.rows.n_features();
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
            simd::vectorize!({
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
        simd::vectorize!({
            for (row, i) in rows_a.enumerate() {
                let line = &mut scratch.products[row * stride..(row + 1) * stride];
                to_distances(line, self.norms[i], &norms_b);
                block_a.offer_row(row, line, rows_b.start as u32, self.keep);
                block_b.offer_column(line, &mut thresholds_b, i as u32, self.keep);
            }
        });
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
pub(super) fn pack(distance: f32, index: u32) -> u64 {
    u64::from(distance.to_bits()) << 32 | u64::from(index)
}

/// Keeps the `keep` smallest candidates and returns the distance of the largest of them, or infinity while there are
/// fewer. Which ones stay does not depend on the order in which they came.
pub(super) fn reduce(candidates: &mut Vec<u64>, keep: usize) -> f32 {
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
