//! Rows as bytes: coordinates on a few axes, rounded to a common step, whose products are exact integers.
//!
//! A product of bytes is a quarter of the work of one of `f32`, and has the same bits on every processor. What rounding costs
//! the estimates is measured with everything else, by their recall on a sample.

use crate::gemm::{View, multiply};
use crate::matrix::{Matrix, MatrixRef};
use crate::simd;
use rayon::prelude::*;
use std::f64::consts::PI;

/// Rows that are compared with a tile of queries at once: three AVX-512 registers of `i32`.
pub(super) const BLOCK: usize = 48;

/// Axes that one instruction multiplies and adds.
pub(super) const GROUP: usize = 4;

/// A group of axes of the rows of a block; a block is as many of these as there are groups.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct BlockGroup(pub(super) [[i8; GROUP]; BLOCK]);

/// Scores of the rows that fill the last block: below every threshold.
const PADDING: i32 = i32::MIN / 2;

/// The score that every row is above.
pub(super) const LOWEST: i32 = i32::MIN / 4;

/// Half a squared norm may be this many squared steps; rows beyond are far from everything.
const MOST: f64 = (1 << 28) as f64;

/// What is farther out than this many root mean squares is moved there, so that a stray row does not take the resolution
/// from all others. Normal numbers do not reach it.
const CLIP: f64 = 8.0;

/// Rows in an order of choice, each known by its position in it.
///
/// The score of rows i and j is c_i·c_j − h_j: c are the codes and h_j half of what the row contributes to a squared distance, so that
/// |x_i − x_j|² is estimated as 2 (h_i − score) squared steps. For one i, greater scores are nearer.
pub(super) struct Codes {
    groups: Vec<BlockGroup>,
    /// For each block, −h_j less what the products contain for queries that are larger by 128: see [`QueryGroup`].
    biases: Vec<[i32; BLOCK]>,
    n_groups: usize,
}

/// A group of axes of the queries of a tile. Codes there are larger by 128, because the instruction multiplies signed
/// numbers by unsigned ones.
pub(super) type QueryGroup = [[u8; GROUP]; QUERIES];

/// Rows of a tile of products.
pub(super) const QUERIES: usize = 8;

impl Codes {
    /// Encodes the first `n_axes` columns of `scores`, the rows in the given order. `norms` are the squared norms of the whole
    /// rows: what the axes leave of two rows is taken to agree by half, see [`shortlist`](mod@super::shortlist).
    pub(super) fn new(scores: MatrixRef<'_>, norms: &[f64], n_axes: usize, order: &[u32]) -> Self {
        let turned = turned(scores, n_axes);
        let step = step(&turned);
        let n_groups = n_axes.div_ceil(GROUP);
        let n_blocks = order.len().div_ceil(BLOCK);
        let mut groups = vec![BlockGroup([[0; GROUP]; BLOCK]); n_blocks * n_groups];
        let biases = groups
            .par_chunks_mut(n_groups)
            .zip(order.par_chunks(BLOCK))
            .map_init(Vec::new, |codes, (block, rows)| {
                let mut biases = [PADDING; BLOCK];
                for (place, &row) in rows.iter().enumerate() {
                    let row_of = turned.row(row as usize);
                    simd::vectorize!(encode(row_of, step, codes));
                    let (mut sum, mut squares) = (0, 0);
                    for (axis, &code) in codes.iter().enumerate() {
                        block[axis / GROUP].0[place][axis % GROUP] = code as i8;
                        sum += code;
                        squares += code * code;
                    }
                    let rest = norms[row as usize] / f64::from(step).powi(2) - f64::from(squares);
                    let half = (0.5 * f64::from(squares) + 0.25 * rest.max(0.0)).min(MOST);
                    biases[place] = -(half.round() as i32) - 128 * sum;
                }
                biases
            })
            .collect();
        Self { groups, biases, n_groups }
    }

    /// Number of blocks of [`BLOCK`] rows; the last may be filled up with rows that are never near.
    pub(super) fn n_blocks(&self) -> usize {
        self.biases.len()
    }

    /// A block's groups of axes, and the value that each of its rows' products begin with.
    pub(super) fn block(&self, block: usize) -> (&[BlockGroup], &[i32; BLOCK]) {
        (&self.groups[block * self.n_groups..][..self.n_groups], &self.biases[block])
    }

    /// Number of groups of axes.
    pub(super) fn n_groups(&self) -> usize {
        self.n_groups
    }

    /// A group of axes of the row at `position`.
    pub(super) fn codes(&self, position: usize, group: usize) -> [i8; GROUP] {
        self.groups[position / BLOCK * self.n_groups + group].0[position % BLOCK]
    }
}

/// Values as whole numbers of steps from -127 to 127, to the nearest, of two to the even one.
#[inline(always)]
fn encode(values: &[f32], step: f32, codes: &mut Vec<i32>) {
    /// What is added to this is rounded to a whole number.
    const WHOLE: f32 = 12_582_912.0;
    codes.clear();
    codes.extend(values.iter().map(|value| {
        let steps = (value / step).clamp(-127.0, 127.0) + WHOLE;
        // The bits of NaN, of data that changed under the search, are of no use, and no harm.
        (steps.to_bits() as i32).wrapping_sub(WHOLE.to_bits() as i32).clamp(-127, 127)
    }));
}

/// The first `n_axes` columns, turned so that each takes about the same share of the variance: leading axes hold the most by far, and
/// one step for all would be as coarse as they need. An orthogonal matrix of cosines does it.
fn turned(scores: MatrixRef<'_>, n_axes: usize) -> Matrix {
    let (n, most) = (scores.n_samples(), scores.n_features());
    let mut cosines = vec![0.0_f32; n_axes * n_axes];
    for (place, cosine) in cosines.iter_mut().enumerate() {
        let (from, to) = (place / n_axes, place % n_axes);
        let angle = PI * (to as f64 + 0.5) * from as f64 / n_axes as f64;
        let length = if from == 0 { 1.0 } else { 2.0 } / n_axes as f64;
        *cosine = (length.sqrt() * angle.cos()) as f32;
    }
    let mut turned = Matrix::zeros(n, n_axes);
    let rows = 256;
    turned
        .as_mut_slice()
        .par_chunks_mut(rows * n_axes)
        .zip(scores.as_slice().par_chunks(rows * most))
        .for_each(|(turned, scores)| {
            let scores = View::with_row_stride(scores, turned.len() / n_axes, n_axes, most);
            multiply(scores, View::new(&cosines, n_axes, n_axes), 0.0, turned, n_axes);
        });
    turned
}

/// The step that the largest value, or [`CLIP`] root mean squares, takes 127 of.
fn step(turned: &Matrix) -> f32 {
    let values = turned.as_slice();
    let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let squares: f64 = values.iter().map(|&value| f64::from(value).powi(2)).sum();
    let clip = CLIP * (squares / values.len().max(1) as f64).sqrt();
    let step = (f64::from(largest).min(clip) / 127.0) as f32;
    if step > f32::MIN_POSITIVE { step } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::squared_distance;
    use crate::random::{Purpose, Random};

    #[test]
    fn scores_estimate_squared_distances() {
        let (n, d) = (100, 37);
        let mut random = Random::new(3, Purpose::Synthesis);
        // Axes of very different extent.
        let data = (0..n * d).map(|at| (random.normal() * 5.0 / (1 + at % d) as f64) as f32).collect();
        let x = Matrix::new(data, n, d).unwrap();
        let norms: Vec<f64> = x.view().rows().map(|row| squared_distance(row, &[0.0; 37])).collect();
        let order: Vec<u32> = (0..n as u32).collect();
        let codes = Codes::new(x.view(), &norms, d, &order);
        let squared_step = f64::from(step(&turned(x.view(), d))).powi(2);
        let half_norm = |j: usize| {
            let sum: i32 = (0..codes.n_groups()).flat_map(|group| codes.codes(j, group)).map(i32::from).sum();
            -(codes.block(j / BLOCK).1[j % BLOCK] + 128 * sum)
        };
        for (i, j) in [(0, 1), (5, 77), (99, 98)] {
            let pairs =
                (0..codes.n_groups()).flat_map(|g| codes.codes(i, g).into_iter().zip(codes.codes(j, g)));
            let product: i32 = pairs.map(|(a, b)| i32::from(a) * i32::from(b)).sum();
            let estimate = 2.0 * squared_step * f64::from(half_norm(i) + half_norm(j) - product);
            let distance = squared_distance(x.row(i), x.row(j));
            assert!((estimate / distance - 1.0).abs() < 0.02, "{estimate} against {distance}");
        }
    }

    #[test]
    fn a_stray_row_leaves_the_others_their_resolution() {
        let mut random = Random::new(4, Purpose::Synthesis);
        let mut x = Matrix::new((0..4000 * 8).map(|_| random.normal() as f32).collect(), 4000, 8).unwrap();
        let usual = step(&x);
        x.as_mut_slice()[0] = 200.0;
        assert!(step(&x) < 3.0 * usual);
    }
}
