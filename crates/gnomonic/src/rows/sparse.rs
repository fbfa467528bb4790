//! A table of which only some values are stored.

use crate::error::{ErrorKind, Result, refuse};
use crate::matrix::{LARGEST_VALUE, Matrix, MatrixRef};
use rayon::prelude::*;

/// A table in compressed sparse rows (CSR): of each row the columns that are stored, ascending, and their values. What is not stored is
/// zero. It takes 8 bytes for each stored value and 8 for each row.
///
/// ```
/// use gnomonic::SparseMatrix;
///
/// // [[0, 2, 0], [1, 0, 3]]
/// let x = SparseMatrix::new(vec![0, 1, 3], vec![1, 0, 2], vec![2.0, 1.0, 3.0], 3)?;
/// assert_eq!((x.n_samples(), x.n_features(), x.n_entries()), (2, 3, 3));
/// assert_eq!(x.row(1), (&[0, 2][..], &[1.0, 3.0][..]));
/// # Ok::<(), gnomonic::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SparseMatrix {
    /// Where each row begins in the other two, and where the last one ends.
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
    n_features: usize,
}

impl SparseMatrix {
    /// Takes a table as SciPy's `csr_array` holds it: row i is stored from `starts[i]` to before `starts[i + 1]` in `columns` and `values`
    /// (`indptr`, `indices` and `data` there). The columns of a row may come in any order; values that come for the same place are added.
    /// O(n + entries), and a sort of rows that are not in order.
    ///
    /// # Errors
    /// `starts` that do not begin with 0, descend, or end elsewhere than the two others; a column that is not below `n_features`.
    pub fn new(starts: Vec<usize>, columns: Vec<u32>, values: Vec<f32>, n_features: usize) -> Result<Self> {
        if columns.len() != values.len() {
            let found = format!("{} columns for {} values", columns.len(), values.len());
            return refuse("a sparse table", found, "needs a column for each value");
        }
        if starts.first() != Some(&0) || starts.last() != Some(&values.len()) {
            let found = format!("{:?} … {:?}", starts.first(), starts.last());
            let bound = format!("must begin with 0 and end with the number of values, {}", values.len());
            return refuse("the list of where sparse rows start", found, &bound);
        }
        if let Some(row) = starts.windows(2).position(|pair| pair[0] > pair[1]) {
            let found = format!("descending at row {}", row + 1);
            return refuse("the list of where sparse rows start", found, "must ascend");
        }
        let mut table = Self { starts, columns, values, n_features };
        for i in 0..table.n_samples() {
            if let Some(&column) = table.row(i).0.iter().find(|&&column| column as usize >= n_features) {
                let (name, value) = ("a column of a sparse table", format!("{column} in row {}", i + 1));
                return refuse(name, value, &format!("must be below the number of columns, {n_features}"));
            }
        }
        table.make_canonical();
        Ok(table)
    }

    /// Stores what is not zero of a dense table. O(n d).
    ///
    /// # Errors
    /// When there are more than 2³² columns.
    pub fn from_dense<'a>(x: impl Into<MatrixRef<'a>>) -> Result<Self> {
        let x = x.into();
        let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
        if u32::try_from(x.n_features()).is_err() {
            return refuse("the number of columns", x.n_features().to_string(), "must be below 2³²");
        }
        for row in x.rows() {
            for (column, &value) in row.iter().enumerate().filter(|&(_, &value)| value != 0.0) {
                columns.push(column as u32);
                values.push(value);
            }
            starts.push(values.len());
        }
        Ok(Self { starts, columns, values, n_features: x.n_features() })
    }

    /// Brings the columns of each row into order, and adds values of the same place.
    fn make_canonical(&mut self) {
        let ascends = |row: &[u32]| row.windows(2).all(|pair| pair[0] < pair[1]);
        if (0..self.n_samples()).all(|i| ascends(self.row(i).0)) {
            return;
        }
        let mut end = 0;
        let mut entries: Vec<(u32, f32)> = Vec::new();
        for i in 0..self.n_samples() {
            // What is written never passes what is still to be read.
            let (columns, values) = self.row(i);
            entries.clear();
            entries.extend(columns.iter().copied().zip(values.iter().copied()));
            entries.sort_by_key(|&(column, _)| column);
            entries.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                if same {
                    kept.1 += next.1;
                }
                same
            });
            let start = end;
            for &(column, value) in &entries {
                (self.columns[end], self.values[end]) = (column, value);
                end += 1;
            }
            // The end of this row as it was read is the start of the next, which is read before it is set.
            self.starts[i] = start;
        }
        self.columns.truncate(end);
        self.values.truncate(end);
        if let Some(last) = self.starts.last_mut() {
            *last = end;
        }
    }

    /// Number of rows, n.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of columns, d.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// Number of stored values.
    #[must_use]
    pub fn n_entries(&self) -> usize {
        self.values.len()
    }

    /// The stored columns of row `i`, ascending, and their values.
    ///
    /// # Panics
    /// When `i` is not below the number of rows.
    #[must_use]
    pub fn row(&self, i: usize) -> (&[u32], &[f32]) {
        let range = self.starts[i]..self.starts[i + 1];
        (&self.columns[range.clone()], &self.values[range])
    }

    /// The rows in order.
    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = (&[u32], &[f32])> {
        (0..self.n_samples()).map(|i| self.row(i))
    }

    /// All stored values, to change in place.
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// The rows named by `indices`, in that order; an index may come more than once.
    ///
    /// # Panics
    /// When an index is not below the number of rows.
    #[must_use]
    pub fn select_rows(&self, indices: &[usize]) -> Self {
        let (mut starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
        for &i in indices {
            let row = self.row(i);
            columns.extend_from_slice(row.0);
            values.extend_from_slice(row.1);
            starts.push(values.len());
        }
        Self { starts, columns, values, n_features: self.n_features }
    }

    /// The columns as rows, without the zeros that are stored. O(n + d + entries).
    pub(crate) fn transposed(&self) -> Self {
        let mut starts = vec![0_usize; self.n_features + 1];
        for (&column, &value) in self.columns.iter().zip(&self.values) {
            starts[column as usize + 1] += usize::from(value != 0.0);
        }
        for column in 0..self.n_features {
            starts[column + 1] += starts[column];
        }
        let n_entries = starts[self.n_features];
        let (mut rows, mut values) = (vec![0_u32; n_entries], vec![0.0; n_entries]);
        let mut next = starts.clone();
        for (i, (columns, entries)) in self.rows().enumerate() {
            for (&column, &value) in columns.iter().zip(entries).filter(|&(_, &value)| value != 0.0) {
                let place = &mut next[column as usize];
                (rows[*place], values[*place]) = (i as u32, value);
                *place += 1;
            }
        }
        Self { starts, columns: rows, values, n_features: self.n_samples() }
    }

    /// Checks what every stage relies on: at least `at_least` rows, at least one column, finite values whose squares can be summed.
    pub(crate) fn check(&self, at_least: usize) -> Result<()> {
        let n_samples = self.n_samples();
        if n_samples < at_least {
            return Err(ErrorKind::TooFewSamples { n_samples, at_least }.into());
        }
        if u32::try_from(n_samples).is_err() {
            return refuse("the number of rows", n_samples.to_string(), "must be below 2³²");
        }
        if self.n_features == 0 {
            return Err(ErrorKind::NoFeatures.into());
        }
        if self.values.par_iter().all(|value| value.abs() <= LARGEST_VALUE) {
            return Ok(());
        }
        let place = |at: usize| {
            let row = self.starts.partition_point(|&start| start <= at) - 1;
            (row, self.columns[at] as usize)
        };
        if let Some(at) = self.values.iter().position(|value| !value.is_finite()) {
            let (row, column) = place(at);
            let count = self.values.iter().filter(|value| !value.is_finite()).count();
            return Err(ErrorKind::NonFinite { row, column, value: self.values[at], count }.into());
        }
        let at = self.values.iter().position(|value| value.abs() > LARGEST_VALUE).unwrap_or(0);
        let (row, column) = place(at);
        Err(ErrorKind::TooLarge { row, column, value: self.values[at] }.into())
    }

    /// The table with its zeros.
    ///
    /// # Errors
    /// When n · d values do not fit in memory.
    pub fn to_dense(&self) -> Result<Matrix> {
        let (n, d) = (self.n_samples(), self.n_features);
        let mut data = Vec::new();
        let wanted = n.checked_mul(d).filter(|&values| data.try_reserve_exact(values).is_ok());
        let Some(wanted) = wanted else {
            let bytes = (n as u64).saturating_mul(d as u64).saturating_mul(4);
            return Err(ErrorKind::Memory { purpose: "a sparse table with its zeros", bytes }.into());
        };
        data.resize(wanted, 0.0);
        for (i, (columns, values)) in self.rows().enumerate() {
            for (&column, &value) in columns.iter().zip(values) {
                data[i * d + column as usize] = value;
            }
        }
        Matrix::new(data, n, d)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_brought_into_order_and_places_added() {
        let x = SparseMatrix::new(
            vec![0, 3, 3, 6],
            vec![2, 0, 2, 1, 1, 0],
            vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            3,
        )
        .unwrap();
        assert_eq!(x.row(0), (&[0, 2][..], &[2.0, 4.0][..]));
        assert_eq!(x.row(1), (&[][..], &[][..]));
        assert_eq!(x.row(2), (&[0, 1][..], &[6.0, 9.0][..]));
        assert_eq!(x.n_entries(), 4);
        assert_eq!(x.to_dense().unwrap().as_slice(), [2.0, 0.0, 4.0, 0.0, 0.0, 0.0, 6.0, 9.0, 0.0]);
    }

    #[test]
    fn a_table_comes_back_dense_and_transposed() {
        let values = (0..60).map(|i| if i % 3 == 0 { i as f32 } else { 0.0 }).collect();
        let dense = Matrix::new(values, 12, 5).unwrap();
        let sparse = SparseMatrix::from_dense(&dense).unwrap();
        assert_eq!(sparse.to_dense().unwrap(), dense);
        let turned = sparse.transposed();
        assert_eq!((turned.n_samples(), turned.n_features()), (5, 12));
        for i in 0..12 {
            for j in 0..5 {
                let (rows, values) = turned.row(j);
                let value = rows.binary_search(&(i as u32)).map_or(0.0, |at| values[at]);
                assert_eq!(value, dense.row(i)[j]);
            }
        }
        assert_eq!(turned.transposed(), sparse);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let refused = |starts: &[usize], columns: &[u32], d| {
            let values = vec![1.0; 2];
            SparseMatrix::new(starts.to_vec(), columns.to_vec(), values, d).unwrap_err().to_string()
        };
        assert!(refused(&[0, 1, 2], &[0], 3).contains("1 columns for 2 values"));
        assert!(refused(&[], &[0, 1], 3).contains("must begin with 0"));
        assert!(refused(&[0, 1], &[0, 1], 3).contains("end with the number of values, 2"));
        assert!(refused(&[0, 2, 1, 2], &[0, 1], 3).contains("descending at row 2"));
        assert!(refused(&[0, 1, 2], &[0, 3], 3).contains("3 in row 2"));
        let x = SparseMatrix::new(vec![0, 1, 2], vec![0, 1], vec![1.0, f32::NAN], 2).unwrap();
        assert!(x.check(1).unwrap_err().to_string().contains("row 2, column 2 is NaN"));
        let x = SparseMatrix::new(vec![0, 0, 1], vec![1], vec![1e20], 2).unwrap();
        assert!(x.check(1).unwrap_err().to_string().contains("row 2, column 2 is 1e20"));
        assert!(x.check(3).unwrap_err().to_string().contains("2 rows; at least 3"));
    }
}
