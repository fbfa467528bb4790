//! The covariance of the columns, formed or only applied.

use rayon::prelude::*;

use super::subspace::SymmetricOperator;
use crate::gemm::{Element, View, multiply};
use crate::matrix::MatrixRef;

/// Rows that are centered and added at a time; with 2,048 columns they take 8 MB.
const ROWS: usize = 512;
/// The width that blocks of columns have about: wide enough for the product's kernel, narrow enough to share out.
const COLUMNS: usize = 128;

/// The covariance as a d × d matrix, divisor n − 1.
pub(super) struct Dense {
    values: Vec<f64>,
    d: usize,
}

impl Dense {
    /// Sums the outer products of the centered rows: those of 512 rows in the precision of `T`, theirs in `f64`. In `f32`, entry
    /// (i, j) is then within 1e-6 σ_i σ_j. One block of the upper triangle belongs to one thread at a time, and adds the rows in
    /// order. O(n·d²).
    pub(super) fn new<T: Real>(x: MatrixRef<'_>, mean: &[f64]) -> Self {
        let d = mean.len();
        let width = d.div_ceil(d.div_ceil(COLUMNS));
        let mut blocks: Vec<Block> = Vec::new();
        for row in (0..d).step_by(width) {
            for column in (row..d).step_by(width) {
                blocks.push(Block { row, column, sums: vec![0.0; width * width] });
            }
        }
        let mut centered = vec![T::default(); ROWS.min(x.n_samples()) * d];
        for chunk in x.as_slice().chunks(ROWS * d) {
            let rows = chunk.len() / d;
            let centered = &mut centered[..chunk.len()];
            fill_centered_in_parallel(centered, chunk, mean);
            let columns =
                |start: usize| View::with_row_stride(&centered[start..], rows, width.min(d - start), d);
            blocks.par_iter_mut().for_each_init(
                || vec![T::default(); width * width],
                |products, block| {
                    let (rows, columns) = (columns(block.row).transposed(), columns(block.column));
                    multiply(rows, columns, T::default(), products, width);
                    for (sum, &product) in block.sums.iter_mut().zip(products.iter()) {
                        *sum += product.into();
                    }
                },
            );
        }
        let scale = 1.0 / divisor(x);
        let mut values = vec![0.0; d * d];
        for block in &blocks {
            for i in 0..width.min(d - block.row) {
                for j in 0..width.min(d - block.column) {
                    let value = block.sums[i * width + j] * scale;
                    values[(block.row + i) * d + block.column + j] = value;
                    values[(block.column + j) * d + block.row + i] = value;
                }
            }
        }
        Self { values, d }
    }

    /// The matrix, row after row.
    pub(super) fn into_values(self) -> Vec<f64> {
        self.values
    }
}

/// What products are computed in.
pub(super) trait Real: Element + Default + Into<f64> + Send + Sync {
    fn rounded(value: f64) -> Self;
}

impl Real for f32 {
    fn rounded(value: f64) -> Self {
        value as Self
    }
}

impl Real for f64 {
    fn rounded(value: f64) -> Self {
        value
    }
}

/// A block of the covariance, with the places of its first row and column.
struct Block {
    row: usize,
    column: usize,
    sums: Vec<f64>,
}

impl SymmetricOperator for Dense {
    fn dimension(&self) -> usize {
        self.d
    }

    fn dense(&self) -> Option<&[f64]> {
        Some(&self.values)
    }

    fn apply(&self, vectors: &[f64], width: usize, product: &mut [f64]) {
        let d = self.d;
        let vectors = View::new(vectors, d, width);
        product.par_chunks_mut(COLUMNS * width).zip(self.values.par_chunks(COLUMNS * d)).for_each(
            |(product, rows)| {
                let rows = View::new(rows, rows.len() / d, d);
                multiply(rows, vectors, 0.0, product, width);
            },
        );
    }
}

/// The covariance of wide data, as the product of the centered data with itself.
pub(super) struct Implicit<'a> {
    x: MatrixRef<'a>,
    mean: &'a [f64],
}

/// Values that [`Implicit`] centers at a time: 8 MB.
const IMPLICIT_BLOCK: usize = 1 << 20;

impl<'a> Implicit<'a> {
    pub(super) fn new(x: MatrixRef<'a>, mean: &'a [f64]) -> Self {
        Self { x, mean }
    }
}

impl SymmetricOperator for Implicit<'_> {
    fn dimension(&self) -> usize {
        self.mean.len()
    }

    fn dense(&self) -> Option<&[f64]> {
        None
    }

    /// O(n·d·width): each chunk of rows is projected, and its share of the product added, rows in order.
    fn apply(&self, vectors: &[f64], width: usize, product: &mut [f64]) {
        let d = self.mean.len();
        let rows = (IMPLICIT_BLOCK / d).clamp(1, ROWS);
        let mut centered = vec![0.0; rows.min(self.x.n_samples()) * d];
        let mut projected = vec![0.0; rows * width];
        product.fill(0.0);
        let vectors = View::new(vectors, d, width);
        for chunk in self.x.as_slice().chunks(rows * d) {
            let rows = chunk.len() / d;
            let centered = &mut centered[..chunk.len()];
            let projected = &mut projected[..rows * width];
            fill_centered_in_parallel(centered, chunk, self.mean);
            projected.par_chunks_mut(32 * width).zip(centered.par_chunks(32 * d)).for_each(
                |(projected, centered)| {
                    let centered = View::new(centered, centered.len() / d, d);
                    multiply(centered, vectors, 0.0, projected, width);
                },
            );
            product.par_chunks_mut(COLUMNS * width).enumerate().for_each(|(block, product)| {
                let columns =
                    View::with_row_stride(&centered[block * COLUMNS..], rows, product.len() / width, d);
                let projected = View::new(projected, rows, width);
                multiply(columns.transposed(), projected, 1.0, product, width);
            });
        }
        let scale = 1.0 / divisor(self.x);
        product.iter_mut().for_each(|value| *value *= scale);
    }
}

/// Writes the rows of `x` less the mean, subtracted in `f64`.
#[inline]
pub(super) fn fill_centered<T: Real>(centered: &mut [T], x: &[f32], mean: &[f64]) {
    for (centered, x) in centered.chunks_exact_mut(mean.len()).zip(x.chunks_exact(mean.len())) {
        for ((centered, &x), &mean) in centered.iter_mut().zip(x).zip(mean) {
            *centered = T::rounded(f64::from(x) - mean);
        }
    }
}

fn fill_centered_in_parallel<T: Real>(centered: &mut [T], x: &[f32], mean: &[f64]) {
    let block = 64 * mean.len();
    centered
        .par_chunks_mut(block)
        .zip(x.par_chunks(block))
        .for_each(|(centered, x)| fill_centered(centered, x, mean));
}

/// n − 1, the divisor of an unbiased variance; 1 for a single row, whose variance is then 0.
fn divisor(x: MatrixRef<'_>) -> f64 {
    x.n_samples().saturating_sub(1).max(1) as f64
}
