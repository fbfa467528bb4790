//! Principal component analysis: the directions along which the data varies most.
//!
//! Up to 2,048 columns the covariance is formed and its leading eigenvectors are found to 1e-10 of the largest
//! eigenvalue. Wider data is only ever multiplied: a few steps of the randomized range finder (Halko, Martinsson &
//! Tropp 2011, doi:10.1137/090771806), where each step is a Chebyshev polynomial of the covariance instead of a power.
//! Everything is computed in `f64`, in fixed blocks of rows and columns: the bits do not depend on the number of
//! threads. The search for neighbors and the start of a map need no more than rough axes, and have them from products in `f32`.

mod covariance;
mod scaling;
mod sparse;
mod subspace;
mod symmetric;

use rayon::prelude::*;

use crate::error::{Result, refuse};
use crate::gemm::{View, multiply};
use crate::matrix::{Matrix, MatrixRef};
use crate::preprocessing::column_means;
pub(crate) use scaling::classical_scaling;

use covariance::{Dense, Implicit, Real, fill_centered};
use subspace::Accuracy;

/// The means of the columns of `x`, which has been checked, and their covariance, d × d, divisor n − 1. O(n·d²).
pub(crate) fn covariance(x: MatrixRef<'_>) -> (Vec<f64>, Vec<f64>) {
    let mean = column_means(x);
    let covariance = Dense::new::<f64>(x, &mean).into_values();
    (mean, covariance)
}

/// From here on the covariance (d² numbers) is not formed.
const WIDEST_COVARIANCE: usize = 2_048;

/// Principal axes of a data set, the axis of most variance first.
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    /// The components before rounding, row after row.
    axes: Vec<f64>,
    components: Matrix,
    mean: Vec<f64>,
    explained_variance: Vec<f64>,
}

impl Pca {
    /// Finds the `n_components` leading principal axes of `x` (n × d).
    ///
    /// Each axis points so that its entry of largest magnitude is positive. Where the data spans fewer directions than
    /// asked for (`n_components` may exceed d), the missing axes are rows of zeros, and so are the columns that
    /// [`transform`](Self::transform) makes of them. `seed` is where the iteration starts: another one changes
    /// the result within its accuracy, which is about 1e-10 up to 2,048 columns and that of a sketch beyond.
    ///
    /// O(n·d² + d²·c) time up to 2,048 columns, O(n·d·c) beyond; O(d² + d·c) memory on top of the data, which is not
    /// copied (12 MB at 784 columns).
    ///
    /// # Errors
    /// When there are no rows or columns, a value is not finite or beyond ±1e15, or `n_components` is zero.
    pub fn fit<'a>(x: impl Into<MatrixRef<'a>>, n_components: usize, seed: u64) -> Result<Self> {
        Self::fit_with(x.into(), n_components, seed, Accuracy::FULL, Dense::new::<f64>)
    }

    /// [`fit`](Self::fit) with products in `f32`, in a fraction of the time: axes to choose neighbors along, whose variances are within
    /// 1e-6 of the leading one. The first two, from which a map may start, have residuals of 1e-6 of it at most, as many digits as
    /// such products leave.
    pub(crate) fn fit_roughly(x: MatrixRef<'_>, n_components: usize, seed: u64) -> Result<Self> {
        Self::fit_with(x, n_components, seed, Accuracy::ROUGH, Dense::new::<f32>)
    }

    /// Axes that span about as much of the data as the leading ones do, and need be no eigenvectors, in a fraction of that time again:
    /// for what is exact whatever orthonormal axes it has.
    pub(crate) fn fit_span(x: MatrixRef<'_>, n_components: usize, seed: u64) -> Result<Self> {
        Self::fit_with(x, n_components, seed, Accuracy::SPAN, Dense::new::<f32>)
    }

    fn fit_with(
        x: MatrixRef<'_>,
        n_components: usize,
        seed: u64,
        accuracy: Accuracy,
        covariance: impl Fn(MatrixRef<'_>, &[f64]) -> Dense,
    ) -> Result<Self> {
        x.check(1)?;
        check_components(n_components)?;
        let d = x.n_features();
        let mean = column_means(x);
        let found = n_components.min(d);
        let (values, axes) = if d <= WIDEST_COVARIANCE {
            let covariance = covariance(x, &mean);
            subspace::leading_eigenpairs(&covariance, found, accuracy, seed)
        } else {
            let covariance = Implicit::new(x, &mean);
            subspace::leading_eigenpairs(&covariance, found, Accuracy::SKETCH, seed)
        };
        Self::of_eigenpairs(&values, axes, mean, n_components, x.n_samples())
    }

    /// Axes from the leading eigenvalues of the covariance and their eigenvectors, as rows, of n rows of data.
    fn of_eigenpairs(
        values: &[f64],
        mut axes: Vec<f64>,
        mean: Vec<f64>,
        n_components: usize,
        n_samples: usize,
    ) -> Result<Self> {
        let d = mean.len();
        // What is below the rounding of the largest is no direction of the data.
        let rounding = values[0].max(0.0) * f64::EPSILON * d.max(n_samples) as f64;
        let mut explained_variance = vec![0.0; n_components];
        axes.resize(n_components * d, 0.0);
        for (i, axis) in axes.chunks_exact_mut(d).enumerate() {
            match values.get(i) {
                Some(&value) if value > rounding => {
                    explained_variance[i] = value;
                    orient(axis);
                }
                _ => axis.fill(0.0),
            }
        }
        let components = axes.iter().map(|&loading| loading as f32).collect();
        Ok(Self { components: Matrix::new(components, n_components, d)?, axes, mean, explained_variance })
    }

    /// Only the `n_components` leading axes; at least one is kept.
    #[must_use]
    pub fn truncated(&self, n_components: usize) -> Self {
        let (d, c) = (self.mean.len(), n_components.clamp(1, self.explained_variance.len()));
        let mut components = Matrix::zeros(c, d);
        components.as_mut_slice().copy_from_slice(&self.components.as_slice()[..c * d]);
        Self {
            axes: self.axes[..c * d].to_vec(),
            components,
            mean: self.mean.clone(),
            explained_variance: self.explained_variance[..c].to_vec(),
        }
    }

    /// The axes, c × d: orthonormal rows, zero where the data has no further direction.
    #[must_use]
    pub fn components(&self) -> &Matrix {
        &self.components
    }

    /// Axes that were found before, c × d, row after row, as [`axes`](Self::axes) gives them, and the mean of each column: to project other
    /// rows. Nothing is known of the variances, which are zeros.
    ///
    /// # Errors
    /// No column or no axis, or numbers that do not fit or are not finite.
    pub fn of_axes(axes: Vec<f64>, mean: Vec<f64>) -> Result<Self> {
        let d = mean.len();
        if d == 0 || axes.is_empty() || !axes.len().is_multiple_of(d) {
            let bound = format!("must be a multiple of the number of columns, {d}, and not 0");
            return refuse("the number of values of principal axes", axes.len().to_string(), &bound);
        }
        if let Some(value) = axes.iter().chain(&mean).find(|value| !value.is_finite()) {
            return refuse("a value of principal axes", value.to_string(), "must be finite");
        }
        let c = axes.len() / d;
        let components = axes.iter().map(|&loading| loading as f32).collect();
        Ok(Self { components: Matrix::new(components, c, d)?, axes, mean, explained_variance: vec![0.0; c] })
    }

    /// The same with zeros for the variances.
    pub(crate) fn without_variances(mut self) -> Self {
        self.explained_variance.fill(0.0);
        self
    }

    /// The axes before rounding to `f32`, row after row: what [`transform`](Self::transform) projects on.
    #[must_use]
    pub fn axes(&self) -> &[f64] {
        &self.axes
    }

    /// The mean of each column, which [`transform`](Self::transform) takes to the origin.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The variance of the data along each axis (divisor n − 1), in descending order.
    #[must_use]
    pub fn explained_variance(&self) -> &[f64] {
        &self.explained_variance
    }

    /// Coordinates of the rows of `x` (n × d) along the axes: (x − mean) · componentsᵀ, n × c. O(n·d·c).
    ///
    /// # Errors
    /// When `x` has another number of columns than the data fitted.
    pub fn transform<'a>(&self, x: impl Into<MatrixRef<'a>>) -> Result<Matrix> {
        self.transform_in::<f64>(x.into())
    }

    /// [`transform`](Self::transform) with products in `f32`, in half the time.
    pub(crate) fn transform_roughly(&self, x: MatrixRef<'_>) -> Result<Matrix> {
        self.transform_in::<f32>(x)
    }

    fn check_columns(&self, n_features: usize) -> Result<()> {
        if n_features != self.mean.len() {
            let bound = format!("must be {}, as in the data that the axes were fitted to", self.mean.len());
            return refuse("number of columns", n_features.to_string(), &bound);
        }
        Ok(())
    }

    fn transform_in<T: Real>(&self, x: MatrixRef<'_>) -> Result<Matrix> {
        let (d, c) = (self.mean.len(), self.explained_variance.len());
        self.check_columns(x.n_features())?;
        let rows = (TRANSFORM_BLOCK / d).clamp(1, 256);
        let axes: Vec<T> = self.axes.iter().map(|&loading| T::rounded(loading)).collect();
        let mut scores = Matrix::zeros(x.n_samples(), c);
        scores.as_mut_slice().par_chunks_mut(rows * c).zip(x.as_slice().par_chunks(rows * d)).for_each_init(
            || (vec![T::default(); rows * d], vec![T::default(); rows * c]),
            |(centered, projected), (scores, x)| {
                let rows = x.len() / d;
                fill_centered(&mut centered[..rows * d], x, &self.mean);
                let axes = View::new(&axes, c, d).transposed();
                multiply(View::new(&centered[..rows * d], rows, d), axes, T::default(), projected, c);
                for (score, &value) in scores.iter_mut().zip(projected.iter()) {
                    *score = value.into() as f32;
                }
            },
        );
        Ok(scores)
    }
}

fn check_components(n_components: usize) -> Result<()> {
    if n_components == 0 {
        return refuse("number of components", n_components.to_string(), "must be at least 1");
    }
    Ok(())
}

/// Values that [`Pca::transform`] centers at a time: 1 MB, within a core's cache.
const TRANSFORM_BLOCK: usize = 1 << 17;

/// Turns an axis so that its entry of largest magnitude (the first of equals) is positive.
fn orient(axis: &mut [f64]) {
    let largest = axis.iter().fold(
        0.0_f64,
        |largest, &loading| {
            if loading.abs() > largest.abs() { loading } else { largest }
        },
    );
    if largest < 0.0 {
        axis.iter_mut().for_each(|loading| *loading = -*loading);
    }
}

#[cfg(test)]
mod tests;
