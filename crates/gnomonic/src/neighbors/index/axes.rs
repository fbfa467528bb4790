//! Rows along their leading principal axes, for the products that a search begins with.
//!
//! The axes are those of some of the rows: what is found does not depend on them, because any orthonormal axes bound the distances. Only
//! how many rows are left to compare in all columns does.

use super::super::AXES_SEED;
use super::LANES;
use crate::error::{ErrorKind, Result};
use crate::matrix::MatrixRef;
use crate::pca::Pca;
use crate::preprocessing::column_means;
use crate::simd;
use rayon::prelude::*;

/// Rows and columns from which principal axes are worth finding.
const AXES_FROM: (usize, usize) = (2_000, 200);

/// Principal axes. Of a digit's 90 nearest among 10,000, 64 axes leave 374 more rows to compare in all columns, 128 leave 89 and
/// 200 leave 28.
const N_AXES: usize = 128;

/// Rows that the axes are found from, at most, evenly among all.
const SAMPLED: usize = 2_000;

/// What is found once for all searches among some rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axes {
    /// What is taken from each row; its length is the number of columns.
    center: Vec<f32>,
    /// The principal axes; none where all columns serve.
    pub(super) axes: Option<Pca>,
    pub(super) laid: Laid,
}

/// Rows along the axes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Laid {
    /// Coordinates, row after row.
    pub(super) coordinates: Vec<f32>,
    /// Squares of whole lengths, filled with infinity to whole vectors where they are searched.
    pub(super) norms: Vec<f32>,
    /// Lengths beside the axes, zero where there are none; as many.
    pub(super) residuals: Vec<f32>,
}

impl Axes {
    /// Axes of `rows`, and the rows along them.
    pub(crate) fn new(rows: MatrixRef<'_>) -> Result<Self> {
        rows.check(1)?;
        let (n, d) = (rows.n_samples(), rows.n_features());
        if u32::try_from(n).is_err() {
            return Err(ErrorKind::Parameter {
                name: "the number of rows",
                value: n.to_string(),
                bound: format!("must be at most {}", u32::MAX),
            }
            .into());
        }
        let center = column_means(rows).into_iter().map(|mean| mean as f32).collect();
        let axes = if n >= AXES_FROM.0 && d >= AXES_FROM.1 {
            let some: Vec<usize> = (0..n.min(SAMPLED)).map(|at| at * n / n.min(SAMPLED)).collect();
            Some(Pca::fit_span(rows.select_rows(&some).view(), N_AXES.min(d), AXES_SEED)?)
        } else {
            None
        };
        let mut prepared = Self { center, axes, laid: Laid::default() };
        prepared.laid = prepared.lay(rows)?;
        let length = n.next_multiple_of(LANES);
        prepared.laid.norms.resize(length, f32::INFINITY);
        prepared.laid.residuals.resize(length, 0.0);
        Ok(prepared)
    }

    pub(super) fn n_coordinates(&self) -> usize {
        self.axes.as_ref().map_or(self.center.len(), |axes| axes.components().n_samples())
    }

    pub(super) fn lay(&self, rows: MatrixRef<'_>) -> Result<Laid> {
        let Some(axes) = &self.axes else {
            let centered = |row: &[f32]| -> Vec<f32> {
                row.iter().zip(&self.center).map(|(value, center)| value - center).collect()
            };
            let coordinates: Vec<f32> =
                rows.as_slice().par_chunks(self.center.len()).flat_map_iter(centered).collect();
            let norms: Vec<f32> =
                coordinates.par_chunks(self.center.len()).map(|row| squared_norm(row) as f32).collect();
            let residuals = vec![0.0; norms.len()];
            return Ok(Laid { coordinates, norms, residuals });
        };
        let coordinates = axes.transform(rows)?.into_vec();
        // Lengths from the same center as the coordinates.
        let mean = axes.mean();
        let lengths =
            rows.as_slice().par_chunks(mean.len()).zip(coordinates.par_chunks(self.n_coordinates()));
        let (norms, residuals) = lengths
            .map(|(row, along)| {
                let norm: f64 = simd::vectorize!(squared_length(row, mean));
                // What rounding may have taken from it, too.
                let beside = (norm - squared_norm(along)).max(0.0) + 4.0 * f64::from(f32::EPSILON) * norm;
                (norm as f32, beside.sqrt() as f32)
            })
            .unzip();
        Ok(Laid { coordinates, norms, residuals })
    }
}

fn squared_norm(row: &[f32]) -> f64 {
    row.iter().map(|&value| f64::from(value) * f64::from(value)).sum()
}

/// |row − mean|², summed in sixteen lanes.
#[inline(always)]
fn squared_length(row: &[f32], mean: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    for (row, mean) in row.chunks(LANES).zip(mean.chunks(LANES)) {
        for (lane, (&value, &mean)) in row.iter().zip(mean).enumerate() {
            let difference = f64::from(value) - mean;
            lanes[lane] += difference * difference;
        }
    }
    lanes.iter().sum()
}
