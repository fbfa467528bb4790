//! The data: a dense table of `f32`, one sample per row.

use crate::error::{ErrorKind, Result};
use rayon::prelude::*;

/// A dense row-major matrix that owns its values: `n_samples` rows of `n_features` columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    data: Vec<f32>,
    n_samples: usize,
    n_features: usize,
}

/// A borrowed [`Matrix`]: what the algorithms read.
#[derive(Clone, Copy, Debug)]
pub struct MatrixRef<'a> {
    data: &'a [f32],
    n_samples: usize,
    n_features: usize,
}

impl Matrix {
    /// Takes `data` as `n_samples` rows of `n_features` values, row after row.
    ///
    /// # Errors
    /// When `data` does not hold `n_samples × n_features` values.
    pub fn new(data: Vec<f32>, n_samples: usize, n_features: usize) -> Result<Self> {
        check_shape(data.len(), n_samples, n_features)?;
        Ok(Self { data, n_samples, n_features })
    }

    /// A matrix of zeros.
    #[must_use]
    pub fn zeros(n_samples: usize, n_features: usize) -> Self {
        Self { data: vec![0.0; n_samples * n_features], n_samples, n_features }
    }

    /// Number of rows, n.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.n_samples
    }

    /// Number of columns, d.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// All values, row after row.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.data
    }

    /// All values, row after row, to change in place.
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        &mut self.data
    }

    /// Gives the values back, row after row.
    #[must_use]
    pub fn into_vec(self) -> Vec<f32> {
        self.data
    }

    /// Row `i`, of `n_features` values.
    ///
    /// # Panics
    /// When `i` is not below the number of rows.
    #[must_use]
    pub fn row(&self, i: usize) -> &[f32] {
        self.view().row(i)
    }

    /// Borrows the matrix.
    #[must_use]
    pub fn view(&self) -> MatrixRef<'_> {
        MatrixRef { data: &self.data, n_samples: self.n_samples, n_features: self.n_features }
    }
}

impl<'a> MatrixRef<'a> {
    /// Takes a borrowed slice as `n_samples` rows of `n_features` values, row after row.
    ///
    /// # Errors
    /// When `data` does not hold `n_samples × n_features` values.
    pub fn new(data: &'a [f32], n_samples: usize, n_features: usize) -> Result<Self> {
        check_shape(data.len(), n_samples, n_features)?;
        Ok(Self { data, n_samples, n_features })
    }

    /// Number of rows, n.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.n_samples
    }

    /// Number of columns, d.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// All values, row after row.
    #[must_use]
    pub fn as_slice(&self) -> &'a [f32] {
        self.data
    }

    /// Row `i`, of `n_features` values.
    ///
    /// # Panics
    /// When `i` is not below the number of rows.
    #[must_use]
    pub fn row(&self, i: usize) -> &'a [f32] {
        &self.data[i * self.n_features..(i + 1) * self.n_features]
    }

    /// The rows in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &'a [f32]> + use<'a> {
        let (data, d) = (self.data, self.n_features);
        (0..self.n_samples).map(move |i| &data[i * d..(i + 1) * d])
    }

    /// Copies the rows named by `indices`, in that order; an index may come more than once.
    ///
    /// # Panics
    /// When an index is not below the number of rows.
    #[must_use]
    pub fn select_rows(&self, indices: &[usize]) -> Matrix {
        let mut data = Vec::with_capacity(indices.len() * self.n_features);
        for &i in indices {
            data.extend_from_slice(self.row(i));
        }
        Matrix { data, n_samples: indices.len(), n_features: self.n_features }
    }

    /// Checks what every stage relies on: at least `at_least` rows, at least one column, finite values whose squares
    /// can be summed. One pass over the data.
    ///
    /// # Errors
    /// Names the first offending row and column, and how many values are not finite.
    pub fn check(&self, at_least: usize) -> Result<()> {
        self.check_up_to(at_least, LARGEST_VALUE)
    }

    /// The same for what squares nothing: finite values of any size.
    pub(crate) fn check_finite(&self, at_least: usize) -> Result<()> {
        self.check_up_to(at_least, f32::MAX)
    }

    fn check_up_to(&self, at_least: usize, largest: f32) -> Result<()> {
        if self.n_samples < at_least {
            return Err(ErrorKind::TooFewSamples { n_samples: self.n_samples, at_least }.into());
        }
        if self.n_features == 0 {
            return Err(ErrorKind::NoFeatures.into());
        }
        // Whole pieces without a way out in the middle, which the compiler turns into vector comparisons.
        let fits = |values: &[f32]| values.iter().fold(true, |fits, value| fits & (value.abs() <= largest));
        if self.data.par_chunks(CHECKED_TOGETHER).all(fits) {
            return Ok(());
        }
        let place = |at: usize| (at / self.n_features, at % self.n_features);
        if let Some(at) = self.data.iter().position(|value| !value.is_finite()) {
            let (row, column) = place(at);
            let count = self.data.iter().filter(|value| !value.is_finite()).count();
            return Err(ErrorKind::NonFinite { row, column, value: self.data[at], count }.into());
        }
        let at = self.data.iter().position(|value| value.abs() > largest).unwrap_or(0);
        let (row, column) = place(at);
        Err(ErrorKind::TooLarge { row, column, value: self.data[at] }.into())
    }
}

/// Values that one task checks.
const CHECKED_TOGETHER: usize = 1 << 14;

/// Squares of larger values, summed over a few thousand columns, leave the range of `f32` (3.4e38).
pub(crate) const LARGEST_VALUE: f32 = 1e15;

impl<'a> From<&'a Matrix> for MatrixRef<'a> {
    fn from(matrix: &'a Matrix) -> Self {
        matrix.view()
    }
}

fn check_shape(len: usize, n_samples: usize, n_features: usize) -> Result<()> {
    if n_samples.checked_mul(n_features) == Some(len) {
        return Ok(());
    }
    Err(ErrorKind::Parameter {
        name: "shape",
        value: format!("{n_samples} × {n_features}"),
        bound: format!("must multiply to the number of values given, {len}"),
    }
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_must_fit_the_values() {
        assert!(Matrix::new(vec![0.0; 6], 2, 3).is_ok());
        assert!(Matrix::new(vec![0.0; 6], 2, 2).is_err());
        assert!(Matrix::new(vec![], usize::MAX, 2).is_err());
    }

    #[test]
    fn check_names_the_first_bad_value_and_counts_them() {
        let matrix = Matrix::new(vec![0.0, 1.0, f32::NAN, f32::INFINITY], 2, 2).unwrap();
        let message = matrix.view().check(1).unwrap_err().to_string();
        assert!(message.starts_with("row 2, column 1 is NaN (the first of 2 values"), "{message}");
        let matrix = Matrix::new(vec![0.0, 1e20], 1, 2).unwrap();
        assert!(matrix.view().check(1).unwrap_err().to_string().contains("row 1, column 2 is 1e20"));
        assert!(Matrix::zeros(3, 2).view().check(4).unwrap_err().to_string().contains("3 rows; at least 4"));
    }

    #[test]
    fn rows_can_be_selected_more_than_once() {
        let matrix = Matrix::new(vec![1.0, 2.0, 3.0, 4.0], 2, 2).unwrap();
        assert_eq!(matrix.view().select_rows(&[1, 0, 1]).as_slice(), [3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
    }
}
