//! Values that are missing: rows without them left out, or the mean or the median of the column in their place.

use gnomonic::Matrix;

use crate::dataset::{Dataset, Kept};
use crate::error::{ErrorKind, Remedy, Result};
use crate::options::Missing;
use crate::source::Source;

/// Settles the values that are NaN in `dataset` as `how` says; refusing them is left to others. Takes one pass over the values, and for
/// each column with a median a copy of it.
///
/// # Errors
/// When no row, or no value of a column, remains.
pub(crate) fn settle(mut dataset: Dataset, how: Missing, source: &Source) -> Result<Dataset> {
    let is_missing = dataset.matrix.as_slice().iter().any(|value| value.is_nan());
    match how {
        Missing::Error => Ok(dataset),
        _ if !is_missing => Ok(dataset),
        Missing::Drop => leave_out(dataset, source),
        Missing::Mean | Missing::Median => {
            let mut matrix = dataset.matrix.into_matrix();
            dataset.filled = fill(&mut matrix, how, source)?;
            dataset.matrix = matrix.into();
            Ok(dataset)
        }
    }
}

fn leave_out(dataset: Dataset, source: &Source) -> Result<Dataset> {
    let of = dataset.matrix.n_samples();
    let whole = |row: &[f32]| row.iter().all(|value| !value.is_nan());
    let rows: Vec<usize> = (0..of).filter(|&row| whole(dataset.matrix.row(row))).collect();
    if rows.is_empty() {
        let message = format!(
            "each of its {of} rows lacks a value; leave out a column that lacks many, or fill them in"
        );
        return Err(source.error(ErrorKind::Empty, message).remedied_by(&[Remedy::Missing]));
    }
    let d = dataset.matrix.n_features();
    // In place: a copy would be as much memory again.
    let mut values = dataset.matrix.into_matrix().into_vec();
    for (place, &row) in rows.iter().enumerate() {
        values.copy_within(row * d..(row + 1) * d, place * d);
    }
    values.truncate(rows.len() * d);
    let matrix = Matrix::new(values, rows.len(), d);
    let matrix = matrix.map_err(|error| source.error(ErrorKind::Malformed, error.to_string()))?;
    let mut carried = dataset.carried;
    for column in &mut carried {
        *column = column.select(&rows);
    }
    Ok(Dataset {
        matrix: matrix.into(),
        labels: dataset.labels.map(|labels| labels.select(&rows)),
        numbers: dataset.numbers.map(|numbers| numbers.select(&rows)),
        carried,
        kept: Some(Kept { of, rows }),
        ..dataset
    })
}

/// Fills in what is missing, and counts it.
fn fill(matrix: &mut Matrix, how: Missing, source: &Source) -> Result<usize> {
    let (n, d) = (matrix.n_samples(), matrix.n_features());
    let mut filled = 0;
    let mut present: Vec<f32> = Vec::new();
    for column in 0..d {
        let values = matrix.as_mut_slice();
        let at = |row: usize| row * d + column;
        let lacking = (0..n).filter(|&row| values[at(row)].is_nan()).count();
        if lacking == 0 {
            continue;
        }
        if lacking == n {
            let message = format!("feature {} has no value at all; leave the column out", column + 1);
            return Err(source.error(ErrorKind::Empty, message));
        }
        present.clear();
        present.extend((0..n).map(|row| values[at(row)]).filter(|value| !value.is_nan()));
        let value = match how {
            Missing::Median => median(&mut present),
            _ => (present.iter().map(|&value| f64::from(value)).sum::<f64>() / present.len() as f64) as f32,
        };
        for row in 0..n {
            if values[at(row)].is_nan() {
                values[at(row)] = value;
            }
        }
        filled += lacking;
    }
    Ok(filled)
}

/// The middle value, or the mean of the two in the middle. Reorders.
fn median(values: &mut [f32]) -> f32 {
    let middle = values.len() / 2;
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f32::total_cmp);
    match below.iter().copied().max_by(f32::total_cmp) {
        Some(lower) if values.len().is_multiple_of(2) => ((f64::from(lower) + f64::from(upper)) / 2.0) as f32,
        _ => upper,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f32 = f32::NAN;

    fn settled(how: Missing) -> Result<Dataset> {
        let values = vec![1.0, 10.0, NAN, 20.0, 3.0, NAN, 8.0, 90.0];
        let matrix = Matrix::new(values, 4, 2).unwrap();
        settle(Dataset::new("data", matrix), how, &Source::file("data"))
    }

    #[test]
    fn rows_are_left_out_or_filled() {
        let dropped = settled(Missing::Drop).unwrap();
        assert_eq!(dropped.matrix.as_slice(), [1.0, 10.0, 8.0, 90.0]);
        assert_eq!(dropped.kept.unwrap().rows, [0, 3]);
        let mean = settled(Missing::Mean).unwrap();
        assert_eq!(
            (mean.matrix.row(1), mean.matrix.row(2)),
            ([4.0, 20.0].as_slice(), [3.0, 40.0].as_slice())
        );
        assert_eq!(mean.filled, 2);
        let median = settled(Missing::Median).unwrap();
        assert_eq!(
            (median.matrix.row(1), median.matrix.row(2)),
            ([3.0, 20.0].as_slice(), [3.0, 20.0].as_slice())
        );
    }

    #[test]
    fn what_has_nothing_left_is_refused() {
        let nothing = || Dataset::new("data", Matrix::new(vec![NAN, 1.0, NAN, NAN], 2, 2).unwrap());
        let source = Source::file("data");
        assert_eq!(settle(nothing(), Missing::Drop, &source).unwrap_err().kind(), ErrorKind::Empty);
        let error = settle(nothing(), Missing::Mean, &source).unwrap_err();
        assert!(error.to_string().contains("feature 1 has no value at all"), "{error}");
    }
}
