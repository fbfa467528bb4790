//! The map: one position per sample.

use crate::error::Result;
use crate::matrix::{Matrix, MatrixRef};

/// Positions of `n_samples` points in `n_components` dimensions, in map units (the unit of the heavy-tailed kernel
/// 1 / (1 + r²)), point after point.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding {
    positions: Matrix,
}

impl Embedding {
    /// Takes `positions` as `n_samples` points of `n_components` coordinates.
    ///
    /// # Errors
    /// When the number of values does not fit, or one of them is not finite.
    pub fn new(positions: Vec<f32>, n_samples: usize, n_components: usize) -> Result<Self> {
        let positions = Matrix::new(positions, n_samples, n_components)?;
        if n_samples > 0 {
            positions.view().check(0)?;
        }
        Ok(Self { positions })
    }

    /// Number of points, n.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.positions.n_samples()
    }

    /// Number of coordinates of each point, c: 2 unless others were asked for.
    #[must_use]
    pub fn n_components(&self) -> usize {
        self.positions.n_features()
    }

    /// All coordinates, point after point: x₀, y₀, x₁, y₁, …
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        self.positions.as_slice()
    }

    /// The coordinates of point `i`.
    ///
    /// # Panics
    /// When `i` is not below the number of points.
    #[must_use]
    pub fn row(&self, i: usize) -> &[f32] {
        self.positions.row(i)
    }

    /// Borrows the positions as a matrix, to measure or to map again.
    #[must_use]
    pub fn view(&self) -> MatrixRef<'_> {
        self.positions.view()
    }

    /// Gives the coordinates back, point after point.
    #[must_use]
    pub fn into_vec(self) -> Vec<f32> {
        self.positions.into_vec()
    }
}
