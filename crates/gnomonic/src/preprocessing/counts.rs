//! What is done to counts and intensities before they are scaled: rows brought to one sum or length, logarithms, and the columns that vary
//! most. Each is computed in `f64` and rounded once.

use std::fmt;
use std::str::FromStr;

use rayon::prelude::*;

use super::scale::column_means;
use crate::error::{ErrorKind, Result};
use crate::matrix::{Matrix, MatrixRef};

/// What each row is divided by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RowNorm {
    /// The sum of the absolute values, as scikit-learn's `normalize(X, "l1")`.
    L1,
    /// The Euclidean length, as scikit-learn's `normalize(X, "l2")`.
    L2,
    /// The sum, divided by this: counts per so many, as scanpy's `normalize_total(target_sum=N)`.
    Per(f64),
}

impl fmt::Display for RowNorm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::L1 => f.write_str("l1"),
            Self::L2 => f.write_str("l2"),
            Self::Per(total) => write!(f, "{total}"),
        }
    }
}

impl FromStr for RowNorm {
    type Err = crate::error::Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.trim() {
            "l1" | "L1" => return Ok(Self::L1),
            "l2" | "L2" => return Ok(Self::L2),
            _ => {}
        }
        match text.trim().parse::<f64>() {
            Ok(total) if total > 0.0 && total.is_finite() => Ok(Self::Per(total)),
            _ => Err(ErrorKind::Parameter {
                name: "the norm of the rows",
                value: text.to_owned(),
                bound: "must be l1, l2, or the sum of each row, above 0; 10000 is usual for counts".into(),
            }
            .into()),
        }
    }
}

/// Divides each row, in place, by its norm. A row of zeros stays one. O(n·d).
///
/// # Errors
/// With [`RowNorm::Per`], when the sum of a row is below 0: these are no counts.
pub fn normalize_rows(x: &mut Matrix, norm: RowNorm) -> Result<()> {
    let d = x.n_features();
    let rows = x.as_mut_slice().par_chunks_mut(d.max(1)).enumerate();
    let worst = rows.map(|(i, row)| {
        let sum = |each: fn(f64) -> f64| row.iter().map(|&value| each(f64::from(value))).sum::<f64>();
        let divisor = match norm {
            RowNorm::L1 => sum(f64::abs),
            RowNorm::L2 => sum(|value| value * value).sqrt(),
            RowNorm::Per(total) => match sum(|value| value) {
                below if below < 0.0 => return Some((i, below)),
                sum => sum / total,
            },
        };
        if divisor > 0.0 {
            row.iter_mut().for_each(|value| *value = (f64::from(*value) / divisor) as f32);
        }
        None
    });
    match worst.min_by_key(|worst| worst.map_or(usize::MAX, |(i, _)| i)).flatten() {
        None => Ok(()),
        Some((row, sum)) => Err(ErrorKind::Parameter {
            name: "the sum of a row",
            value: format!("{sum} (row {})", row + 1),
            bound: "must not be below 0 to bring rows to one sum; l1 and l2 take any".into(),
        }
        .into()),
    }
}

/// Replaces each value, in place, by the natural logarithm of 1 + itself. O(n·d).
///
/// # Errors
/// When a value is −1 or below.
pub fn log1p(x: &mut Matrix) -> Result<()> {
    let d = x.n_features().max(1);
    if let Some(at) = x.as_slice().iter().position(|&value| value <= -1.0) {
        return Err(ErrorKind::Parameter {
            name: "a value",
            value: format!("{} (row {}, column {})", x.as_slice()[at], at / d + 1, at % d + 1),
            bound: "must be above -1 for log1p".into(),
        }
        .into());
    }
    x.as_mut_slice().par_chunks_mut(CHUNK).for_each(|values| {
        values.iter_mut().for_each(|value| *value = f64::from(*value).ln_1p() as f32);
    });
    Ok(())
}

/// Replaces each value v, in place, by arsinh(v / `cofactor`), as cytometers' intensities are looked at: about linear up to the cofactor,
/// logarithmic beyond; 5 is usual for mass cytometry, 150 for fluorescence. O(n·d).
///
/// # Errors
/// When the cofactor is not positive and finite.
pub fn arcsinh(x: &mut Matrix, cofactor: f64) -> Result<()> {
    if !(cofactor > 0.0 && cofactor.is_finite()) {
        return Err(ErrorKind::Parameter {
            name: "the cofactor of arcsinh",
            value: cofactor.to_string(),
            bound: "must be positive and finite; 5 is usual for mass cytometry, 150 for fluorescence".into(),
        }
        .into());
    }
    x.as_mut_slice().par_chunks_mut(CHUNK).for_each(|values| {
        values.iter_mut().for_each(|value| *value = (f64::from(*value) / cofactor).asinh() as f32);
    });
    Ok(())
}

/// Values that one task takes.
const CHUNK: usize = 1 << 14;

/// The `count` columns of largest variance (divisor n), in their own order; of equal ones the first. O(n·d), two passes.
///
/// # Errors
/// When there are no rows or columns, a value is not finite, or there are fewer columns.
pub fn top_variance<'a>(x: impl Into<MatrixRef<'a>>, count: usize) -> Result<Vec<usize>> {
    let x = x.into();
    x.check_finite(1)?;
    let d = x.n_features();
    if count == 0 || count > d {
        return Err(ErrorKind::Parameter {
            name: "the number of columns of largest variance",
            value: count.to_string(),
            bound: format!("must be from 1 to {d}, the number of columns"),
        }
        .into());
    }
    let means = column_means(x);
    let mut squares = vec![0.0_f64; d];
    for row in x.rows() {
        for ((square, mean), &value) in squares.iter_mut().zip(&means).zip(row) {
            *square += (f64::from(value) - mean).powi(2);
        }
    }
    let mut order: Vec<usize> = (0..d).collect();
    order.sort_by(|&a, &b| squares[b].total_cmp(&squares[a]).then(a.cmp(&b)));
    order.truncate(count);
    order.sort_unstable();
    Ok(order)
}

/// The columns named by `columns`, in that order. O(n · columns).
///
/// # Errors
/// When there are none.
///
/// # Panics
/// When one is not below the number of columns.
pub fn select_columns<'a>(x: impl Into<MatrixRef<'a>>, columns: &[usize]) -> Result<Matrix> {
    let x = x.into();
    let values = x.rows().flat_map(|row| columns.iter().map(|&column| row[column])).collect();
    Matrix::new(values, x.n_samples(), columns.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(values: &[f32], d: usize) -> Matrix {
        Matrix::new(values.to_vec(), values.len() / d, d).unwrap()
    }

    #[test]
    fn norms_have_names() {
        for norm in [RowNorm::L1, RowNorm::L2, RowNorm::Per(10_000.0)] {
            assert_eq!(norm.to_string().parse::<RowNorm>().unwrap(), norm);
        }
        for text in ["0", "-1", "inf", "l3", ""] {
            assert!(text.parse::<RowNorm>().unwrap_err().to_string().contains("l1, l2"), "{text}");
        }
    }

    #[test]
    fn rows_of_zeros_stay_and_negative_sums_are_named() {
        let mut x = matrix(&[0.0, 0.0, 3.0, 1.0], 2);
        normalize_rows(&mut x, RowNorm::Per(2.0)).unwrap();
        assert_eq!(x.as_slice(), [0.0, 0.0, 1.5, 0.5]);
        let mut x = matrix(&[1.0, 0.0, -3.0, 1.0, -5.0, 0.0], 2);
        let message = normalize_rows(&mut x, RowNorm::Per(2.0)).unwrap_err().to_string();
        assert!(message.contains("-2 (row 2)"), "{message}");
    }

    #[test]
    fn what_has_no_logarithm_is_named() {
        let message = log1p(&mut matrix(&[0.0, 1.0, -1.0, 0.0], 2)).unwrap_err().to_string();
        assert!(message.contains("-1 (row 2, column 1)"), "{message}");
        assert!(arcsinh(&mut matrix(&[1.0], 1), 0.0).is_err());
    }

    #[test]
    fn the_columns_that_vary_most_keep_their_order() {
        let x = matrix(&[0.0, 9.0, 1.0, 5.0, 0.0, 0.0, 3.0, 5.0, 0.0, 9.0, 1.0, 5.0], 4);
        assert_eq!(top_variance(&x, 2).unwrap(), [1, 2]);
        assert_eq!(top_variance(&x, 4).unwrap(), [0, 1, 2, 3]);
        // Of equal ones the first.
        let same = matrix(&[0.0, 0.0, 0.0, 1.0, 1.0, 1.0], 3);
        assert_eq!(top_variance(&same, 2).unwrap(), [0, 1]);
        assert!(top_variance(&x, 5).is_err() && top_variance(&x, 0).is_err());
        assert_eq!(select_columns(&x, &[2, 0]).unwrap().as_slice(), [1.0, 0.0, 3.0, 0.0, 1.0, 0.0]);
    }
}
