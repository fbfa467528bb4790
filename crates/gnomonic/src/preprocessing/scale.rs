//! Scaling per column, as scikit-learn's `MinMaxScaler` and `StandardScaler` do it for `float32` data.
//!
//! One difference: scikit-learn computes in the type of the data, here every value is moved and divided in `f64` and
//! rounded once, so a large common offset costs no digits.

use rayon::prelude::*;

use crate::error::{ErrorKind, Result};
use crate::matrix::{Matrix, MatrixRef};

/// Maps each column to [0, 1]: x ↦ (x − minimum) / (maximum − minimum).
///
/// A column whose range is below 10 ε of `f32` (1.2e-6) counts as constant, as in scikit-learn: it is moved to begin
/// at 0 and not stretched. Of a column whose values are all smaller than 1, the bound is as much smaller, so that one in tiny units is scaled
/// too, whatever stands beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct MinMaxScaler {
    minimum: Vec<f32>,
    maximum: Vec<f32>,
    map: ColumnMap,
}

impl MinMaxScaler {
    /// Finds the range of each column. O(n·d), one pass.
    ///
    /// # Errors
    /// When there are no rows or columns, or a value is not finite.
    pub fn fit<'a>(x: impl Into<MatrixRef<'a>>) -> Result<Self> {
        let x = x.into();
        x.check_finite(1)?;
        let mut minimum = x.row(0).to_vec();
        let mut maximum = minimum.clone();
        for row in x.rows() {
            for ((low, high), &value) in minimum.iter_mut().zip(&mut maximum).zip(row) {
                *low = low.min(value);
                *high = high.max(value);
            }
        }
        let smallest_range = |low: f32, high: f32| {
            10.0 * f64::from(f32::EPSILON) * f64::from(low.abs().max(high.abs()).min(1.0))
        };
        let scale = minimum
            .iter()
            .zip(&maximum)
            .map(|(&low, &high)| (f64::from(high) - f64::from(low), smallest_range(low, high)))
            .map(|(range, least)| if range == 0.0 || range < least { 1.0 } else { range })
            .collect();
        let offset = minimum.iter().copied().map(f64::from).collect();
        Ok(Self { minimum, maximum, map: ColumnMap { offset, scale } })
    }

    /// The least value of each column of the data fitted.
    #[must_use]
    pub fn minimum(&self) -> &[f32] {
        &self.minimum
    }

    /// The greatest value of each column of the data fitted.
    #[must_use]
    pub fn maximum(&self) -> &[f32] {
        &self.maximum
    }

    /// Scales `x` in place. Rows that were not fitted may land outside [0, 1].
    ///
    /// # Errors
    /// When `x` has another number of columns than the data fitted.
    pub fn transform(&self, x: &mut Matrix) -> Result<()> {
        self.map.apply(x)
    }

    /// Takes scaled values back to the units of the data, in place.
    ///
    /// # Errors
    /// When `x` has another number of columns than the data fitted.
    pub fn inverse_transform(&self, x: &mut Matrix) -> Result<()> {
        self.map.undo(x)
    }
}

/// Maps each column to mean 0 and standard deviation 1: x ↦ (x − mean) / deviation, the deviation being that of the
/// population (divisor n).
///
/// A column whose variance is no more than what rounding could make of a constant one counts as constant, by
/// scikit-learn's rule: it is centered and not stretched.
#[derive(Clone, Debug, PartialEq)]
pub struct StandardScaler {
    map: ColumnMap,
}

impl StandardScaler {
    /// Finds mean and standard deviation of each column in `f64`. O(n·d), two passes.
    ///
    /// # Errors
    /// When there are no rows or columns, or a value is not finite.
    pub fn fit<'a>(x: impl Into<MatrixRef<'a>>) -> Result<Self> {
        let x = x.into();
        x.check_finite(1)?;
        let n = x.n_samples() as f64;
        let mean = column_means(x);
        let (mut deviation, mut squares) = (vec![0.0; mean.len()], vec![0.0; mean.len()]);
        for row in x.rows() {
            for (j, &value) in row.iter().enumerate() {
                let difference = f64::from(value) - mean[j];
                deviation[j] += difference;
                squares[j] += difference * difference;
            }
        }
        let scale = (0..mean.len())
            .map(|j| {
                // The sum of differences is what rounding left in the mean (Chan, Golub & LeVeque 1983).
                let variance = ((squares[j] - deviation[j] * deviation[j] / n) / n).max(0.0);
                if is_constant(variance, mean[j], n) { 1.0 } else { variance.sqrt() }
            })
            .collect();
        Ok(Self { map: ColumnMap { offset: mean, scale } })
    }

    /// The mean of each column of the data fitted.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.map.offset
    }

    /// What each column is divided by: its standard deviation, 1 for a constant column.
    #[must_use]
    pub fn scale(&self) -> &[f64] {
        &self.map.scale
    }

    /// Standardizes `x` in place.
    ///
    /// # Errors
    /// When `x` has another number of columns than the data fitted.
    pub fn transform(&self, x: &mut Matrix) -> Result<()> {
        self.map.apply(x)
    }

    /// Takes standardized values back to the units of the data, in place.
    ///
    /// # Errors
    /// When `x` has another number of columns than the data fitted.
    pub fn inverse_transform(&self, x: &mut Matrix) -> Result<()> {
        self.map.undo(x)
    }
}

/// What a scaler does to each column, x ↦ (x − offset) / scale, as the numbers alone: to be kept, and done to other rows.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnMap {
    offset: Vec<f64>,
    scale: Vec<f64>,
}

impl From<&MinMaxScaler> for ColumnMap {
    fn from(scaler: &MinMaxScaler) -> Self {
        scaler.map.clone()
    }
}

impl From<&StandardScaler> for ColumnMap {
    fn from(scaler: &StandardScaler) -> Self {
        scaler.map.clone()
    }
}

impl ColumnMap {
    /// Takes both numbers of each column.
    ///
    /// # Errors
    /// Another number of offsets than scales, or a number that is not finite, or a scale of 0.
    pub fn new(offset: Vec<f64>, scale: Vec<f64>) -> Result<Self> {
        if offset.len() != scale.len() {
            let (what, found, expected) = ("scales of columns", scale.len(), offset.len());
            return Err(ErrorKind::LengthMismatch { what, found, expected }.into());
        }
        let bad = offset.iter().find(|value| !value.is_finite());
        let bad = bad.or(scale.iter().find(|value| !value.is_finite() || **value == 0.0));
        match bad {
            None => Ok(Self { offset, scale }),
            Some(value) => Err(ErrorKind::Parameter {
                name: "the scaling of a column",
                value: value.to_string(),
                bound: "must be finite, and its scale not 0".into(),
            }
            .into()),
        }
    }

    /// What is taken from each column.
    #[must_use]
    pub fn offset(&self) -> &[f64] {
        &self.offset
    }

    /// What each column is divided by then.
    #[must_use]
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// Scales `x` in place. O(n·d).
    ///
    /// # Errors
    /// When `x` has another number of columns.
    pub fn apply(&self, x: &mut Matrix) -> Result<()> {
        self.for_each(x, |value, offset, scale| (value - offset) / scale)
    }

    fn undo(&self, x: &mut Matrix) -> Result<()> {
        self.for_each(x, |value, offset, scale| value * scale + offset)
    }

    fn for_each(&self, x: &mut Matrix, map: impl Fn(f64, f64, f64) -> f64) -> Result<()> {
        let d = self.offset.len();
        if x.n_features() != d {
            return Err(ErrorKind::Parameter {
                name: "number of columns",
                value: x.n_features().to_string(),
                bound: format!("must be {d}, as in the data that the scaler was fitted to"),
            }
            .into());
        }
        for row in x.as_mut_slice().chunks_exact_mut(d) {
            for ((value, &offset), &scale) in row.iter_mut().zip(&self.offset).zip(&self.scale) {
                *value = map(f64::from(*value), offset, scale) as f32;
            }
        }
        Ok(())
    }
}

/// The mean of each column in `f64`: sums over fixed blocks of rows, added in order.
pub(crate) fn column_means(x: MatrixRef<'_>) -> Vec<f64> {
    const ROWS: usize = 4_096;
    let d = x.n_features();
    let partial_sums: Vec<Vec<f64>> = x
        .as_slice()
        .par_chunks(ROWS * d)
        .map(|block| {
            let mut sums = vec![0.0; d];
            for row in block.chunks_exact(d) {
                for (sum, &value) in sums.iter_mut().zip(row) {
                    *sum += f64::from(value);
                }
            }
            sums
        })
        .collect();
    let mut sums = vec![0.0; d];
    for partial in partial_sums {
        for (sum, part) in sums.iter_mut().zip(partial) {
            *sum += part;
        }
    }
    let n = x.n_samples() as f64;
    sums.iter_mut().for_each(|sum| *sum /= n);
    sums
}

/// scikit-learn's bound on the variance that rounding makes of a constant column.
fn is_constant(variance: f64, mean: f64, n: f64) -> bool {
    variance <= n * f64::EPSILON * variance + (n * mean * f64::EPSILON).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Matrix {
        let values = vec![1.0, 5.0, -2.0, 3.0, 5.0, 0.0, 2.0, 5.0, 6.0];
        Matrix::new(values, 3, 3).unwrap()
    }

    #[test]
    fn constant_columns_become_zero_and_come_back() {
        for fit in
            [|x: &Matrix| MinMaxScaler::fit(x).unwrap().map, |x: &Matrix| StandardScaler::fit(x).unwrap().map]
        {
            let mut x = example();
            let map = fit(&x);
            map.apply(&mut x).unwrap();
            assert!((0..3).all(|i| x.row(i)[1] == 0.0));
            map.undo(&mut x).unwrap();
            for (found, expected) in x.as_slice().iter().zip(example().as_slice()) {
                assert!((found - expected).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn an_offset_costs_no_digits() {
        // 2²⁴ and its neighbors: computed in f32 the mean itself would not be representable.
        let mut x = Matrix::new(vec![16_777_216.0, 16_777_218.0, 16_777_220.0], 3, 1).unwrap();
        StandardScaler::fit(&x).unwrap().transform(&mut x).unwrap();
        let expected = 1.5_f32.sqrt();
        assert!((x.as_slice()[2] - expected).abs() < 1e-6 && x.as_slice()[1] == 0.0);
    }

    #[test]
    fn units_do_not_matter() {
        for unit in [1e-30_f32, 1e-20, 1e-3, 1.0, 1e19, 1e38] {
            let values = [0.0, 1.0, 2.0, 3.0].map(|value| value * unit);
            for fit in [
                |x: &Matrix| MinMaxScaler::fit(x).unwrap().map,
                |x: &Matrix| StandardScaler::fit(x).unwrap().map,
            ] {
                let scaled = |values: [f32; 4]| {
                    let mut x = Matrix::new(values.to_vec(), 4, 1).unwrap();
                    fit(&x).apply(&mut x).unwrap();
                    x
                };
                for (found, expected) in
                    scaled(values).as_slice().iter().zip(scaled([0.0, 1.0, 2.0, 3.0]).as_slice())
                {
                    assert!((found - expected).abs() < 1e-6, "{unit:e}: {found} for {expected}");
                }
            }
        }
        // A column in tiny units is scaled beside others, as of `f64` by scikit-learn; what rounding made of a constant is not.
        let mut x =
            Matrix::new(vec![1.0, 1e-9, 1.0, 2.0, 0.0, 1.0 + f32::EPSILON, 3.0, 2e-9, 1.0], 3, 3).unwrap();
        MinMaxScaler::fit(&x).unwrap().transform(&mut x).unwrap();
        assert_eq!((0..3).map(|i| x.row(i)[1]).collect::<Vec<_>>(), [0.5, 0.0, 1.0]);
        assert!((0..3).all(|i| x.row(i)[2] < 1e-6));
    }

    #[test]
    fn a_single_row_becomes_zero() {
        let mut x = Matrix::new(vec![3.0, -1e15], 1, 2).unwrap();
        StandardScaler::fit(&x).unwrap().transform(&mut x).unwrap();
        assert_eq!(x.as_slice(), [0.0, 0.0]);
    }

    #[test]
    fn bad_input_is_named() {
        assert!(MinMaxScaler::fit(&Matrix::zeros(0, 2)).is_err());
        assert!(StandardScaler::fit(&Matrix::new(vec![f32::NAN], 1, 1).unwrap()).is_err());
        let scaler = MinMaxScaler::fit(&example()).unwrap();
        let message = scaler.transform(&mut Matrix::zeros(2, 4)).unwrap_err().to_string();
        assert!(message.starts_with("number of columns is 4; it must be 3"), "{message}");
    }
}
