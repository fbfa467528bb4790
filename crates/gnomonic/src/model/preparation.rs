//! What was done to rows before they were mapped, to be done to new ones.

use crate::error::{ErrorKind, Result, refuse};
use crate::matrix::{Matrix, MatrixRef};
use crate::pca::Pca;
use crate::preprocessing::ColumnMap;

/// What was done to the rows of a table before they were mapped, with its numbers: columns scaled, then rows projected on principal
/// axes. A [`Model`](super::Model) does the same to new rows.
///
/// ```
/// use gnomonic::preprocessing::{ColumnMap, MinMaxScaler};
/// use gnomonic::{Matrix, Preparation};
///
/// let x = Matrix::new(vec![0.0, 10.0, 4.0, 30.0], 2, 2)?;
/// let preparation = Preparation::default().scaled(ColumnMap::from(&MinMaxScaler::fit(&x)?));
/// let new = Matrix::new(vec![2.0, 15.0], 1, 2)?;
/// assert_eq!(preparation.apply(&new)?.as_slice(), [0.5, 0.25]);
/// # Ok::<(), gnomonic::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preparation {
    columns: Option<Vec<String>>,
    offsets: Option<Vec<f64>>,
    scaling: Option<ColumnMap>,
    projection: Option<Pca>,
}

impl Preparation {
    /// Names the columns of the table, so that new rows can be held against them.
    #[must_use]
    pub fn with_columns(mut self, names: Vec<String>) -> Self {
        self.columns = Some(names);
        self
    }

    /// Says what a reader had taken from each column before anything else, to keep its digits in `f32`. [`apply`](Self::apply) expects
    /// rows of which the same was taken; see [`shift`](Self::shift).
    #[must_use]
    pub fn with_offsets(mut self, offsets: Vec<f64>) -> Self {
        self.offsets = Some(offsets);
        self
    }

    /// Scales columns.
    #[must_use]
    pub fn scaled(mut self, scaling: ColumnMap) -> Self {
        self.scaling = Some(scaling);
        self
    }

    /// Projects rows on principal axes, once they are scaled. Their variances are not kept.
    #[must_use]
    pub fn projected(mut self, axes: Pca) -> Self {
        self.projection = Some(axes.without_variances());
        self
    }

    /// The names of the table's columns.
    #[must_use]
    pub fn columns(&self) -> Option<&[String]> {
        self.columns.as_deref()
    }

    /// What had been taken from each column.
    #[must_use]
    pub fn offsets(&self) -> Option<&[f64]> {
        self.offsets.as_deref()
    }

    /// How columns are scaled.
    #[must_use]
    pub fn scaling(&self) -> Option<&ColumnMap> {
        self.scaling.as_ref()
    }

    /// The principal axes.
    #[must_use]
    pub fn projection(&self) -> Option<&Pca> {
        self.projection.as_ref()
    }

    /// Whether rows stay as they are.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.scaling.is_none() && self.projection.is_none()
    }

    /// The columns that a table needs of which rows of `n_mapped` columns are made.
    #[must_use]
    pub fn n_features(&self, n_mapped: usize) -> usize {
        let scaled = self.scaling.as_ref().map(|scaling| scaling.offset().len());
        scaled.or(self.projection.as_ref().map(|axes| axes.mean().len())).unwrap_or(n_mapped)
    }

    /// Refuses parts that do not fit together, or do not make rows of `n_mapped` columns.
    pub(super) fn check(&self, n_mapped: usize) -> Result<()> {
        let d = self.n_features(n_mapped);
        let length = |what, found, expected| -> Result<()> {
            match found == expected {
                true => Ok(()),
                false => Err(ErrorKind::LengthMismatch { what, found, expected }.into()),
            }
        };
        if let Some(axes) = &self.projection {
            length("columns of the principal axes", axes.mean().len(), d)?;
            length("principal axes", axes.components().n_samples(), n_mapped)?;
        } else {
            length("columns that are scaled", d, n_mapped)?;
        }
        if let Some(offsets) = &self.offsets {
            length("offsets of columns", offsets.len(), d)?;
            if let Some(offset) = offsets.iter().find(|offset| !offset.is_finite()) {
                return refuse("an offset of a column", offset.to_string(), "must be finite");
            }
        }
        if let Some(columns) = &self.columns {
            length("names of columns", columns.len(), d)?;
        }
        Ok(())
    }

    /// Brings rows of which a reader took `taken` from each column to those of which the [offsets](Self::offsets) were taken, in place.
    ///
    /// # Errors
    /// Another number of columns.
    pub fn shift(&self, x: &mut Matrix, taken: Option<&[f64]>) -> Result<()> {
        if self.offsets.as_deref() == taken {
            return Ok(());
        }
        let d = x.n_features();
        for offsets in [self.offsets.as_deref(), taken].into_iter().flatten() {
            if offsets.len() != d {
                let (what, found) = ("offsets of columns", offsets.len());
                return Err(ErrorKind::LengthMismatch { what, found, expected: d }.into());
            }
        }
        let of = |offsets: Option<&[f64]>, column: usize| offsets.map_or(0.0, |offsets| offsets[column]);
        let shifts: Vec<f64> =
            (0..d).map(|column| of(taken, column) - of(self.offsets.as_deref(), column)).collect();
        for row in x.as_mut_slice().chunks_exact_mut(d) {
            for (value, shift) in row.iter_mut().zip(&shifts) {
                *value = (f64::from(*value) + shift) as f32;
            }
        }
        Ok(())
    }

    /// The rows of `x` (m × d), scaled and projected. What a row becomes depends on it alone. O(m·d), and O(m·d·c) with axes.
    ///
    /// # Errors
    /// Another number of columns than the rows had that were mapped.
    pub fn apply<'a>(&self, x: impl Into<MatrixRef<'a>>) -> Result<Matrix> {
        let x = x.into();
        let mut prepared = Matrix::new(x.as_slice().to_vec(), x.n_samples(), x.n_features())?;
        if let Some(scaling) = &self.scaling {
            scaling.apply(&mut prepared)?;
        }
        match &self.projection {
            Some(axes) => axes.transform(&prepared),
            None => Ok(prepared),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preprocessing::StandardScaler;
    use crate::random::{Purpose, Random};

    fn rows(n: usize, d: usize) -> Matrix {
        let mut random = Random::new(n as u64, Purpose::Synthesis);
        Matrix::new((0..n * d).map(|at| ((1 + at % d) as f64 * random.normal()) as f32).collect(), n, d)
            .unwrap()
    }

    #[test]
    fn one_by_one_is_all_at_once() {
        let x = rows(700, 33);
        let scaler = StandardScaler::fit(&x).unwrap();
        let mut scaled = x.clone();
        scaler.transform(&mut scaled).unwrap();
        let axes = Pca::fit(&scaled, 5, 1).unwrap();
        let preparation = Preparation::default().scaled(ColumnMap::from(&scaler)).projected(axes.clone());
        preparation.check(5).unwrap();
        assert_eq!(preparation.n_features(5), 33);
        let all = preparation.apply(&x).unwrap();
        assert_eq!(all, axes.transform(&scaled).unwrap());
        for i in [0, 255, 256, 699] {
            assert_eq!(preparation.apply(&x.view().select_rows(&[i])).unwrap().row(0), all.row(i));
        }
    }

    #[test]
    fn what_a_reader_took_away_is_made_up_for() {
        let preparation = Preparation::default().with_offsets(vec![1e9, 0.0]);
        let mut x = Matrix::new(vec![1.0, 2.0, 3.0, 4.0], 2, 2).unwrap();
        preparation.shift(&mut x, Some(&[1e9 + 5.0, -1.0])).unwrap();
        assert_eq!(x.as_slice(), [6.0, 1.0, 8.0, 3.0]);
        let mut y = x.clone();
        preparation.shift(&mut y, Some(&[1e9, 0.0])).unwrap();
        assert_eq!(x, y);
        preparation.shift(&mut y, None).unwrap();
        assert_eq!(y.row(0), [6.0 - 1e9, 1.0]);
        assert!(preparation.shift(&mut y, Some(&[1.0])).is_err());
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let x = rows(50, 6);
        let axes = Pca::fit(&x, 3, 1).unwrap();
        let scaling = ColumnMap::new(vec![0.0; 5], vec![1.0; 5]).unwrap();
        assert!(Preparation::default().projected(axes.clone()).check(3).is_ok());
        assert!(Preparation::default().projected(axes.clone()).check(4).is_err());
        assert!(Preparation::default().scaled(scaling.clone()).projected(axes).check(3).is_err());
        assert!(Preparation::default().scaled(scaling).check(6).is_err());
        assert!(Preparation::default().with_columns(vec!["a".into()]).check(2).is_err());
        assert!(
            ColumnMap::new(vec![0.0], vec![0.0]).is_err()
                && ColumnMap::new(vec![f64::NAN], vec![1.0]).is_err()
        );
        assert!(
            Pca::of_axes(vec![1.0, f64::NAN], vec![0.0, 0.0]).is_err()
                && Pca::of_axes(vec![1.0], vec![0.0; 2]).is_err()
        );
    }
}
