//! Principal axes of sparse rows, which are never made dense: the covariance is only ever multiplied, and of the centered rows the mean
//! is taken out of the products instead.

use super::subspace::{self, Accuracy, SymmetricOperator};
use super::{Pca, WIDEST_COVARIANCE, check_components};
use crate::error::Result;
use crate::matrix::Matrix;
use crate::rows::SparseMatrix;
use rayon::prelude::*;

/// Rows of a product that one task forms.
const ROWS: usize = 64;

impl Pca {
    /// [`fit`](Self::fit) for sparse rows, with their mean taken out as there, and none of their zeros stored.
    ///
    /// O(entries · c) for each product with the covariance, and O(d · c) memory beside a copy of the table.
    ///
    /// ```
    /// use gnomonic::{Matrix, SparseMatrix, pca::Pca};
    ///
    /// let x = Matrix::new(vec![0.0, 0.0, 3.0, 0.0, 0.0, 1.0, 3.0, 1.0], 4, 2)?;
    /// let sparse = SparseMatrix::from_dense(&x)?;
    /// let axes = Pca::fit_sparse(&sparse, 1, 42)?;
    /// assert!((axes.components().row(0)[0] - 1.0).abs() < 1e-6);
    /// assert_eq!(axes.transform_sparse(&sparse)?, axes.transform(&x)?);
    /// # Ok::<(), gnomonic::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_sparse(x: &SparseMatrix, n_components: usize, seed: u64) -> Result<Self> {
        x.check(1)?;
        check_components(n_components)?;
        let columns = x.transposed();
        let n = x.n_samples() as f64;
        let sum = |values: &[f32]| values.iter().map(|&value| f64::from(value)).sum::<f64>();
        let mean: Vec<f64> = columns.rows().map(|(_, values)| sum(values) / n).collect();
        let covariance = Covariance { x, columns: &columns, mean: &mean };
        let accuracy = if x.n_features() <= WIDEST_COVARIANCE { Accuracy::FULL } else { Accuracy::SKETCH };
        let found = n_components.min(x.n_features());
        let (values, axes) = subspace::leading_eigenpairs(&covariance, found, accuracy, seed);
        Self::of_eigenpairs(&values, axes, mean, n_components, x.n_samples())
    }

    /// [`transform`](Self::transform) for sparse rows: n × c. O(entries · c).
    ///
    /// # Errors
    /// As [`transform`](Self::transform).
    pub fn transform_sparse(&self, x: &SparseMatrix) -> Result<Matrix> {
        self.check_columns(x.n_features())?;
        let (d, c) = (self.mean.len(), self.explained_variance.len());
        let along = |values: &[f64]| -> Vec<f64> {
            let axes = self.axes.chunks_exact(d);
            axes.map(|axis| axis.iter().zip(values).map(|(a, value)| a * value).sum()).collect()
        };
        let center = along(&self.mean);
        let mut scores = Matrix::zeros(x.n_samples(), c);
        scores.as_mut_slice().par_chunks_mut(c).enumerate().for_each(|(i, scores)| {
            let (columns, values) = x.row(i);
            for ((score, axis), center) in scores.iter_mut().zip(self.axes.chunks_exact(d)).zip(&center) {
                let terms = columns.iter().zip(values);
                let sum: f64 = terms.map(|(&column, &value)| axis[column as usize] * f64::from(value)).sum();
                *score = (sum - center) as f32;
            }
        });
        Ok(scores)
    }
}

/// The covariance of the columns, as the product of the centered table with itself.
struct Covariance<'a> {
    x: &'a SparseMatrix,
    /// The same, turned.
    columns: &'a SparseMatrix,
    mean: &'a [f64],
}

impl SymmetricOperator for Covariance<'_> {
    fn dimension(&self) -> usize {
        self.mean.len()
    }

    fn dense(&self) -> Option<&[f64]> {
        None
    }

    /// (Xᵀ (X − 1 mᵀ) − m (1ᵀ (X − 1 mᵀ))) V: with P = (X − 1 mᵀ) V, whose columns add up to zero, that is Xᵀ P.
    fn apply(&self, vectors: &[f64], width: usize, product: &mut [f64]) {
        let n = self.x.n_samples();
        let mut center = vec![0.0; width];
        for (vector, &mean) in vectors.chunks_exact(width).zip(self.mean) {
            center.iter_mut().zip(vector).for_each(|(sum, value)| *sum += mean * value);
        }
        let mut projected = vec![0.0; n * width];
        times(self.x, vectors, width, &mut projected);
        for row in projected.chunks_exact_mut(width) {
            row.iter_mut().zip(&center).for_each(|(value, center)| *value -= center);
        }
        times(self.columns, &projected, width, product);
        let scale = 1.0 / n.saturating_sub(1).max(1) as f64;
        product.iter_mut().for_each(|value| *value *= scale);
    }
}

/// The product of a sparse table with `vectors`, `width` of them side by side. Each row is summed in the order of its columns.
pub(super) fn times(table: &SparseMatrix, vectors: &[f64], width: usize, product: &mut [f64]) {
    product.par_chunks_mut(ROWS * width).enumerate().for_each(|(block, product)| {
        for (at, sums) in product.chunks_exact_mut(width).enumerate() {
            sums.fill(0.0);
            let (columns, values) = table.row(block * ROWS + at);
            for (&column, &value) in columns.iter().zip(values) {
                let vector = &vectors[column as usize * width..][..width];
                let value = f64::from(value);
                sums.iter_mut().zip(vector).for_each(|(sum, entry)| *sum += value * entry);
            }
        }
    });
}
