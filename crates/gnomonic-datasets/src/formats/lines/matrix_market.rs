//! Matrix Market: a line that says what stands there, comments, the numbers of rows, columns and values, and a value a line.

use gnomonic::Matrix;

use super::Lines;
use crate::dataset::{Dataset, Shape};
use crate::error::{ErrorKind, Result};
use crate::formats::format::Format;
use crate::formats::refusals::out_of_range;
use crate::input::Input;
use crate::labels::Labels;
use crate::narrowing::Narrowing;
use crate::options::ReadOptions;
use crate::shown;

/// The format.
pub(crate) struct MatrixMarket;

impl Format for MatrixMarket {
    fn name(&self) -> &'static str {
        "Matrix Market"
    }

    fn matches(&self, prefix: &[u8]) -> bool {
        const BANNER: &[u8] = b"%%MatrixMarket";
        prefix.get(..BANNER.len()).is_some_and(|start| start.eq_ignore_ascii_case(BANNER))
    }

    fn shape(&self, input: Input<'static>) -> Result<Option<Shape>> {
        let (n_samples, n_features, _) = Header::read(&mut Lines::new(input))?.size;
        Ok(Some(Shape { n_samples, n_features, is_mapped: false }))
    }

    fn read(&self, input: Input<'static>, _: &ReadOptions, _: &mut Narrowing) -> Result<Dataset> {
        read(input, false)
    }

    fn read_labels(&self, input: Input<'static>, _: &ReadOptions) -> Result<Labels> {
        Err(input.error(ErrorKind::UnknownColumn, "holds a matrix and no labels"))
    }
}

/// Reads the matrix, made dense; with its rows and columns exchanged where it is `transposed`. What it takes is asked for before.
pub(crate) fn read(input: Input<'_>, transposed: bool) -> Result<Dataset> {
    let mut lines = Lines::new(input);
    let header = Header::read(&mut lines)?;
    let (rows, columns, count) = header.size;
    let mut dense: Vec<f32> = Vec::new();
    let size = rows.saturating_mul(columns);
    lines.reserve(&mut dense, size, size)?;
    dense.resize(size, 0.0);
    let place =
        |row: usize, column: usize| if transposed { column * rows + row } else { row * columns + column };
    let mut found = 0;
    while lines.next(is_data)? {
        if found == count {
            return Err(lines.error(
                ErrorKind::Malformed,
                format!("more values follow than the {count} that it promises"),
            ));
        }
        let text = String::from_utf8_lossy(lines.text());
        let mut words = text.split_ascii_whitespace();
        // Of a dense one the values come column after column.
        let at = if header.is_dense {
            Some((found % rows, found / rows))
        } else {
            index(&mut words, rows, columns)
        };
        let value = if header.is_pattern {
            Some(1.0)
        } else {
            words.next().and_then(|word| word.parse::<f64>().ok())
        };
        let (Some((row, column)), Some(value), None) = (at, value, words.next()) else {
            let line = shown::text(&text);
            let message =
                format!("\"{line}\" is no row from 1 to {rows}, column from 1 to {columns}, and value");
            return Err(lines.error(ErrorKind::Malformed, message));
        };
        if value.is_finite() && !(value as f32).is_finite() {
            return Err(out_of_range(lines.source(), &value.to_string()));
        }
        dense[place(row, column)] += value as f32;
        if header.is_symmetric && row != column {
            dense[place(column, row)] += value as f32;
        }
        found += 1;
    }
    if found < count {
        let message = format!(
            "holds {found} values, where it promises {count}; it was cut short: fetch or write it again"
        );
        return Err(lines.source().error(ErrorKind::Truncated, message));
    }
    let (n, d) = if transposed { (columns, rows) } else { (rows, columns) };
    let matrix = Matrix::new(dense, n, d);
    let matrix = matrix.map_err(|error| lines.source().error(ErrorKind::Malformed, error.to_string()))?;
    let dialect = match header.is_dense {
        true => vec!["Matrix Market".to_owned()],
        false => vec![format!("Matrix Market, a sparse matrix of {count} values made dense")],
    };
    Ok(Dataset { dialect, ..Dataset::new(lines.source().name(), matrix) })
}

/// What stands before the values.
struct Header {
    is_dense: bool,
    /// Whether places stand without values, which are 1.
    is_pattern: bool,
    is_symmetric: bool,
    /// Rows, columns and values.
    size: (usize, usize, usize),
}

impl Header {
    fn read(lines: &mut Lines<'_>) -> Result<Self> {
        lines.next(|line| !line.is_empty())?;
        let banner = String::from_utf8_lossy(lines.text()).to_ascii_lowercase();
        let words: Vec<&str> = banner.split_ascii_whitespace().skip(1).collect();
        let has = |word: &str| words.contains(&word);
        if !has("matrix") || has("complex") || has("skew-symmetric") || has("hermitian") {
            let message =
                format!("\"{}\" is not read; real, integer and pattern matrices are", shown::text(&banner));
            return Err(lines.error(ErrorKind::UnsupportedType, message));
        }
        let (is_dense, is_symmetric) = (has("array"), has("symmetric"));
        if is_dense && is_symmetric {
            return Err(
                lines.error(ErrorKind::UnsupportedType, "a symmetric array is not read; write it as general")
            );
        }
        let is_pattern = has("pattern");
        if !lines.next(is_data)? {
            return Err(lines
                .source()
                .error(ErrorKind::Truncated, "ends before the numbers of rows and columns"));
        }
        let text = String::from_utf8_lossy(lines.text());
        let numbers: Option<Vec<usize>> =
            text.split_ascii_whitespace().map(|word| word.parse().ok()).collect();
        let size = match (numbers.as_deref(), is_dense) {
            (Some(&[rows, columns, count]), false) => Some((rows, columns, count)),
            (Some(&[rows, columns]), true) => rows.checked_mul(columns).map(|count| (rows, columns, count)),
            _ => None,
        };
        let (rows, columns, count) = size.ok_or_else(|| {
            let message =
                format!("\"{}\" is not the numbers of rows, columns and values", shown::text(&text));
            lines.error(ErrorKind::Malformed, message)
        })?;
        if rows == 0 || columns == 0 {
            return Err(lines.error(ErrorKind::Empty, "the matrix has no rows or no columns"));
        }
        if rows.checked_mul(columns).is_none_or(|size| size > isize::MAX as usize / 4) {
            return Err(
                lines.error(ErrorKind::TooLarge, format!("{rows} rows of {columns} columns overflow"))
            );
        }
        if is_symmetric && rows != columns {
            return Err(lines.error(ErrorKind::Malformed, "a symmetric matrix has as many rows as columns"));
        }
        Ok(Self { is_dense, is_pattern, is_symmetric, size: (rows, columns, count) })
    }
}

fn is_data(line: &[u8]) -> bool {
    !line.is_empty() && !line.starts_with(b"%")
}

/// A row and a column, counted from 1 there.
fn index<'w>(
    words: &mut impl Iterator<Item = &'w str>,
    rows: usize,
    columns: usize,
) -> Option<(usize, usize)> {
    let mut next = |most: usize| words.next()?.parse::<usize>().ok()?.checked_sub(1).filter(|&at| at < most);
    Some((next(rows)?, next(columns)?))
}
