//! Rows whose Euclidean distances tell another distance of the data: normalized, centered and normalized, or whitened.

use super::Distance;
use crate::error::{ErrorKind, Result};
use crate::gemm::{View, multiply};
use crate::matrix::{Matrix, MatrixRef};
use crate::pca;
use rayon::prelude::*;

/// What to search for a distance.
pub(crate) enum Prepared<'a> {
    /// The rows by their Euclidean distance; [`Squared`] makes of it what is asked for.
    Euclidean(MatrixRef<'a>, Squared),
    /// A copy of the rows, in the same way.
    Copy(Matrix, Squared),
    /// The rows by a loop for this distance.
    Measured,
}

/// How the square of the distance asked for follows from that of the Euclidean one. Each keeps the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Squared {
    /// It is the same.
    Same,
    /// The distance is the squared Euclidean one, s: s².
    Square,
    /// The distance is half the squared one of rows of length 1, 1 − cos = s / 2: s² / 4.
    HalfSquare,
}

impl Squared {
    /// The square of the distance, from the squared Euclidean one.
    pub(crate) fn of(self, squared: f32) -> f32 {
        let s = f64::from(squared);
        match self {
            Self::Same => squared,
            Self::Square => (s * s) as f32,
            Self::HalfSquare => (0.25 * s * s) as f32,
        }
    }
}

/// What to search in `x`, which has been checked, for `distance`. The copy of the rows takes 4 n d bytes.
pub(crate) fn prepare<'a>(x: MatrixRef<'a>, distance: &Distance) -> Result<Prepared<'a>> {
    Ok(match distance.resolved() {
        Distance::Euclidean => Prepared::Euclidean(x, Squared::Same),
        Distance::SquaredEuclidean => Prepared::Euclidean(x, Squared::Square),
        Distance::Cosine => Prepared::Copy(normalized(x, |_| 0.0, no_direction)?, Squared::HalfSquare),
        Distance::Correlation => Prepared::Copy(normalized(x, mean_of, is_constant)?, Squared::HalfSquare),
        Distance::Mahalanobis => Prepared::Copy(Whitening::of(x)?.apply(x)?, Squared::Same),
        _ => Prepared::Measured,
    })
}

fn mean_of(row: &[f32]) -> f64 {
    row.iter().map(|&value| f64::from(value)).sum::<f64>() / row.len() as f64
}

/// What is wrong with a row of zeros.
fn no_direction(row: &[f32]) -> Option<&'static str> {
    row.iter().all(|&value| value == 0.0).then_some(
        "holds zeros alone, so it has no direction and no cosine distance: remove such rows, or choose another distance",
    )
}

/// What is wrong with a row of equal values.
fn is_constant(row: &[f32]) -> Option<&'static str> {
    row.iter()
        .all(|&value| value == row[0])
        .then_some("is constant, so it correlates with nothing: remove such rows, or choose another distance")
}

/// The rows less their `offset`, divided by their norm, all in `f64` before they are rounded.
fn normalized(
    x: MatrixRef<'_>,
    offset: impl Fn(&[f32]) -> f64 + Sync,
    fault: impl Fn(&[f32]) -> Option<&'static str>,
) -> Result<Matrix> {
    for (i, row) in x.rows().enumerate() {
        if let Some(problem) = fault(row) {
            return Err(ErrorKind::Row { row: i, problem }.into());
        }
    }
    let mut copy = Matrix::zeros(x.n_samples(), x.n_features());
    let d = x.n_features();
    copy.as_mut_slice().par_chunks_mut(d).enumerate().for_each(|(i, copied)| {
        let row = x.row(i);
        let offset = offset(row);
        let norm = row.iter().map(|&value| (f64::from(value) - offset).powi(2)).sum::<f64>().sqrt();
        for (copied, &value) in copied.iter_mut().zip(row) {
            *copied = ((f64::from(value) - offset) / norm) as f32;
        }
    });
    Ok(copy)
}

/// A column of which less than this share of its variance is its own is a combination of others: rounding in `f64` leaves about 1e-13.
const SMALLEST_OWN_VARIANCE: f64 = 1e-10;

/// Rows that are whitened in one product.
const ROWS: usize = 256;

/// What makes the covariance of some rows the identity: M (x − mean), with Mᵀ M the inverse of the covariance and M triangular.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Whitening {
    mean: Vec<f64>,
    matrix: Vec<f64>,
}

impl Whitening {
    /// That of the rows of `x`, which has been checked. O(n d² + d³).
    pub(crate) fn of(x: MatrixRef<'_>) -> Result<Self> {
        let (mean, covariance) = pca::covariance(x);
        let matrix = inverse_factor(covariance, mean.len())?;
        Ok(Self { mean, matrix })
    }

    /// The rows of `x`, those that it was found for or others, whitened. O(n d²).
    pub(crate) fn apply(&self, x: MatrixRef<'_>) -> Result<Matrix> {
        let d = self.mean.len();
        let mut copy = Matrix::zeros(x.n_samples(), d);
        let chunks = copy.as_mut_slice().par_chunks_mut(ROWS * d).zip(x.as_slice().par_chunks(ROWS * d));
        chunks.for_each(|(copied, rows)| {
            let n = rows.len() / d;
            let centered = rows.chunks_exact(d).flat_map(|row| row.iter().zip(&self.mean));
            let centered: Vec<f64> = centered.map(|(&value, &mean)| f64::from(value) - mean).collect();
            let mut product = vec![0.0; n * d];
            let matrix = View::new(&self.matrix, d, d).transposed();
            multiply(View::new(&centered, n, d), matrix, 0.0, &mut product, d);
            copied.iter_mut().zip(product).for_each(|(copied, value)| *copied = value as f32);
        });
        copy.view().check(0)?;
        Ok(copy)
    }
}

/// The inverse of the lower Cholesky factor of a covariance of `d` columns. It is found for the correlations, so that the unit of a
/// column does not decide whether it counts as a combination of others.
fn inverse_factor(covariance: Vec<f64>, d: usize) -> Result<Vec<f64>> {
    let deviations: Vec<f64> = (0..d).map(|j| covariance[j * d + j].sqrt()).collect();
    let singular = |column: usize| {
        let value = format!("singular at column {}", column + 1);
        let bound = "needs more rows than columns, and no column that is constant or a combination of others: remove such \
                     columns, or keep fewer principal components";
        ErrorKind::Parameter {
            name: "the covariance for the Mahalanobis distance",
            value,
            bound: bound.into(),
        }
    };
    let mut factor = covariance;
    for i in 0..d {
        if deviations[i] <= 0.0 {
            return Err(singular(i).into());
        }
        for j in 0..=i {
            factor[i * d + j] /= deviations[i] * deviations[j];
        }
    }
    for i in 0..d {
        let (above, row) = factor.split_at_mut(i * d);
        for j in 0..i {
            let other = &above[j * d..j * d + j + 1];
            row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
        }
        let own = row[i] - dot(&row[..i], &row[..i]);
        if own < SMALLEST_OWN_VARIANCE {
            return Err(singular(i).into());
        }
        row[i] = own.sqrt();
    }
    // Row i of the inverse is (e_i − Σ_{j<i} L_ij · row j) / L_ii.
    let mut inverse = vec![0.0; d * d];
    for i in 0..d {
        let (above, row) = inverse.split_at_mut(i * d);
        row[i] = 1.0;
        for (j, &weight) in factor[i * d..i * d + i].iter().enumerate() {
            let other = &above[j * d..j * d + j + 1];
            row.iter_mut().zip(other).for_each(|(value, &other)| *value -= weight * other);
        }
        let scale = 1.0 / factor[i * d + i];
        row[..=i].iter_mut().for_each(|value| *value *= scale);
    }
    for row in inverse.chunks_exact_mut(d) {
        row.iter_mut().zip(&deviations).for_each(|(value, deviation)| *value /= deviation);
    }
    Ok(inverse)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let ((heads_a, tail_a), (heads_b, tail_b)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in heads_a.iter().zip(heads_b) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    lanes.iter().sum::<f64>() + tail_a.iter().zip(tail_b).map(|(a, b)| a * b).sum::<f64>()
}
