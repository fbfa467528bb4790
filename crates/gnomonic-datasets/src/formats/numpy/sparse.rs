//! Sparse matrices as SciPy's `save_npz` keeps them: the values that are not 0 in one array, and where they stand in others.

use gnomonic::Matrix;

use super::archive::Archive;
use super::npy;
use crate::error::{ErrorKind, Result};

/// Which indices are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// The column of each value, and where each row begins.
    Rows,
    /// The row of each value, and where each column begins.
    Columns,
    /// Both of each value.
    Pairs,
}

impl Archive {
    /// Rows and columns of the sparse matrix that the arrays are.
    pub(crate) fn sparse_shape(&mut self) -> Result<(usize, usize)> {
        let shape = self.integers("shape")?;
        match shape.as_slice() {
            &[n, d] if n > 0 && d > 0 => match n
                .checked_mul(d)
                .filter(|count| *count <= isize::MAX as usize / 4)
            {
                Some(_) => Ok((n, d)),
                None => Err(self.malformed(ErrorKind::TooLarge, format!("the shape ({n}, {d}) overflows"))),
            },
            [_, _] => {
                Err(self.malformed(ErrorKind::Empty, "the sparse matrix has no rows or no columns".into()))
            }
            _ => Err(self
                .malformed(ErrorKind::Malformed, "the shape of the sparse matrix is not two numbers".into())),
        }
    }

    /// The sparse matrix made dense, and how many values it keeps. What the dense one takes is asked for before.
    pub(crate) fn read_sparse(&mut self) -> Result<(Matrix, usize)> {
        let (n, d) = self.sparse_shape()?;
        let layout = self.layout()?;
        let data = self.with_array("data", |input| npy::read_numeric_header(input)?.read_matrix(input))?;
        let data = data.as_slice();
        let (rows, columns) = match layout {
            Layout::Rows => (self.spread("indptr", n, data.len())?, self.integers("indices")?),
            Layout::Columns => {
                let columns = self.spread("indptr", d, data.len())?;
                (self.integers("indices")?, columns)
            }
            Layout::Pairs => (self.integers("row")?, self.integers("col")?),
        };
        if rows.len() != data.len() || columns.len() != data.len() {
            let message =
                format!("{} values have {} rows and {} columns", data.len(), rows.len(), columns.len());
            return Err(self.malformed(ErrorKind::Malformed, message));
        }
        let mut dense: Vec<f32> = Vec::new();
        self.reserve(&mut dense, n * d)?;
        dense.resize(n * d, 0.0);
        for ((&row, &column), &value) in rows.iter().zip(&columns).zip(data) {
            if row >= n || column >= d {
                let message =
                    format!("a value stands in row {row}, column {column} of ({n}, {d}), counted from 0");
                return Err(self.malformed(ErrorKind::Malformed, message));
            }
            // A place that is named twice holds the sum.
            dense[row * d + column] += value;
        }
        let matrix = Matrix::new(dense, n, d);
        let matrix = matrix.map_err(|error| self.malformed(ErrorKind::Malformed, error.to_string()))?;
        Ok((matrix, data.len()))
    }

    fn layout(&mut self) -> Result<Layout> {
        // A single string of three letters, whose header ends with a line.
        let name = self.with_array("format", |input| {
            let bytes = input.prefix();
            let start = bytes.iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |end| end + 1);
            Ok(bytes[start..]
                .iter()
                .filter(|byte| byte.is_ascii_alphabetic())
                .map(|&b| char::from(b))
                .collect::<String>())
        })?;
        match name.as_str() {
            "csr" => Ok(Layout::Rows),
            "csc" => Ok(Layout::Columns),
            "coo" => Ok(Layout::Pairs),
            _ => {
                let name = crate::shown::text(&name);
                let message = format!(
                    "is a sparse matrix of SciPy in the format \"{name}\"; save it as csr: scipy.sparse.save_npz(path, X.tocsr())"
                );
                Err(self.malformed(ErrorKind::UnsupportedType, message))
            }
        }
    }

    /// The number of the row (or column) of each of `count` values, given where each of `n` begins.
    fn spread(&mut self, key: &str, n: usize, count: usize) -> Result<Vec<usize>> {
        let starts = self.integers(key)?;
        let rises = starts.windows(2).all(|pair| pair[0] <= pair[1]);
        if starts.len() != n + 1 || !rises || starts.first() != Some(&0) || starts.last() != Some(&count) {
            let message = format!("{key} does not divide {count} values among {n}");
            return Err(self.malformed(ErrorKind::Malformed, message));
        }
        let mut spread = Vec::new();
        self.reserve(&mut spread, count)?;
        for (place, pair) in starts.windows(2).enumerate() {
            spread.extend(std::iter::repeat_n(place, pair[1] - pair[0]));
        }
        Ok(spread)
    }

    /// The whole numbers, none below 0, of an array of one dimension.
    fn integers(&mut self, key: &str) -> Result<Vec<usize>> {
        self.with_array(key, |input| npy::read_numeric_header(input)?.read_integers(input))
    }
}
