//! The numbers of a data set: in memory of their own, or in a file where they lie.

use std::convert::Infallible;
use std::sync::Arc;

use gnomonic::{Matrix, MatrixRef, Rows};

use crate::mapped::Mapped;

/// A table of `f32`, one sample per row: a [`Matrix`] of its own, or a `.npy` file mapped into memory, of which the system
/// keeps in memory what is in use and may drop the rest at any time.
///
/// Anything of `gnomonic` that takes `impl Into<MatrixRef>` takes `&Values`. A clone of a mapped table is the same
/// mapping.
///
/// A file that is mapped must not be written to, nor cut short, while it is in use: the numbers would change in the midst
/// of the work, or the process would end by a signal (`SIGBUS`). To replace it by another of its name does no harm.
/// [`is_changed`](Self::is_changed) tells afterwards.
#[derive(Clone, Debug)]
pub struct Values(Storage);

#[derive(Clone, Debug)]
enum Storage {
    Owned(Matrix),
    Mapped { values: Arc<Mapped>, n_samples: usize, n_features: usize },
}

/// Bytes of a block of rows: much against the cost of giving memory back, little against any run's.
const BLOCK: usize = 1 << 24;

impl Values {
    /// `mapped` as `n_samples` rows. `None` when it holds another number of values.
    pub(crate) fn mapped(mapped: Mapped, n_samples: usize, n_features: usize) -> Option<Self> {
        MatrixRef::new(mapped.as_slice(), n_samples, n_features).ok()?;
        Some(Self(Storage::Mapped { values: Arc::new(mapped), n_samples, n_features }))
    }

    /// Number of rows, n.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        match &self.0 {
            Storage::Owned(matrix) => matrix.n_samples(),
            Storage::Mapped { n_samples, .. } => *n_samples,
        }
    }

    /// Number of columns, d.
    #[must_use]
    pub fn n_features(&self) -> usize {
        match &self.0 {
            Storage::Owned(matrix) => matrix.n_features(),
            Storage::Mapped { n_features, .. } => *n_features,
        }
    }

    /// All values, row after row.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        match &self.0 {
            Storage::Owned(matrix) => matrix.as_slice(),
            Storage::Mapped { values, .. } => values.as_slice(),
        }
    }

    /// Row `i`, of `n_features` values.
    ///
    /// # Panics
    /// When `i` is not below the number of rows.
    #[must_use]
    pub fn row(&self, i: usize) -> &[f32] {
        self.view().row(i)
    }

    /// Borrows the table.
    #[must_use]
    pub fn view(&self) -> MatrixRef<'_> {
        block(self.as_slice(), self.n_samples(), self.n_features())
    }

    /// Whether the values lie in a file that is mapped into memory.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        matches!(self.0, Storage::Mapped { .. })
    }

    /// Gives the memory of mapped values back, to be read from the file again when they are next looked at. Does nothing
    /// to values in memory of their own.
    pub fn release(&self) {
        if let Storage::Mapped { values, .. } = &self.0 {
            values.release(0..values.as_slice().len());
        }
    }

    /// Whether the file of mapped values was written to since they were opened, by its length and time of modification:
    /// what was computed from them may then belong to no data at all.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        match &self.0 {
            Storage::Owned(_) => false,
            Storage::Mapped { values, .. } => values.changed(),
        }
    }

    /// Goes through the rows in order, in blocks of 16 MB (at least one row), each with the number of its first row. The
    /// memory of a mapped block is given back before the next, so that a pass over a file of any size takes no more.
    ///
    /// # Errors
    /// The first of `visit`, which ends the pass.
    pub fn try_for_each_block<E>(
        &self,
        mut visit: impl FnMut(usize, MatrixRef<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let d = self.n_features();
        let rows = (BLOCK / (size_of::<f32>() * d.max(1))).max(1);
        for first in (0..self.n_samples()).step_by(rows) {
            let last = (first + rows).min(self.n_samples());
            let range = first * d..last * d;
            visit(first, block(&self.as_slice()[range.clone()], last - first, d))?;
            if let Storage::Mapped { values, .. } = &self.0 {
                values.release(range);
            }
        }
        Ok(())
    }

    /// Copies the rows named by `indices`, in that order; an index may come more than once. Mapped values are gone through
    /// from the first row to the last, and no more than 16 MB of them stays in memory.
    ///
    /// # Panics
    /// When an index is not below the number of rows.
    #[must_use]
    pub fn select_rows(&self, indices: &[usize]) -> Matrix {
        if !self.is_mapped() {
            return self.view().select_rows(indices);
        }
        let d = self.n_features();
        let mut selected = Matrix::zeros(indices.len(), d);
        let mut by_row: Vec<usize> = (0..indices.len()).collect();
        by_row.sort_unstable_by_key(|&place| indices[place]);
        let mut next = by_row.into_iter().peekable();
        let Ok(()) = self.try_for_each_block(|first, rows| {
            while let Some(place) = next.next_if(|&place| indices[place] < first + rows.n_samples()) {
                let row = rows.row(indices[place] - first);
                selected.as_mut_slice()[place * d..(place + 1) * d].copy_from_slice(row);
            }
            Ok::<(), Infallible>(())
        });
        assert!(next.peek().is_none(), "an index is not below the number of rows, {}", self.n_samples());
        selected
    }

    /// The values as a matrix that can be changed: mapped ones are copied, block by block, and their file let go.
    #[must_use]
    pub fn into_matrix(self) -> Matrix {
        if let Storage::Owned(matrix) = self.0 {
            return matrix;
        }
        let (n, d) = (self.n_samples(), self.n_features());
        let mut data = Vec::with_capacity(n * d);
        let Ok(()) = self.try_for_each_block(|_, rows| {
            data.extend_from_slice(rows.as_slice());
            Ok::<(), Infallible>(())
        });
        Matrix::new(data, n, d).unwrap_or_else(|_| unreachable!("as many values as before"))
    }
}

fn block(values: &[f32], n_samples: usize, n_features: usize) -> MatrixRef<'_> {
    let matrix = MatrixRef::new(values, n_samples, n_features);
    matrix.unwrap_or_else(|_| unreachable!("the shape was checked when the values were taken"))
}

impl From<Matrix> for Values {
    fn from(matrix: Matrix) -> Self {
        Self(Storage::Owned(matrix))
    }
}

impl<'a> From<&'a Values> for Rows<'a> {
    fn from(values: &'a Values) -> Self {
        MatrixRef::from(values).into()
    }
}

impl<'a> From<&'a Values> for MatrixRef<'a> {
    fn from(values: &'a Values) -> Self {
        values.view()
    }
}

/// Equal shapes and equal numbers, wherever they lie.
impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        let shape = |values: &Self| (values.n_samples(), values.n_features());
        shape(self) == shape(other) && self.as_slice() == other.as_slice()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    /// A mapping of three blocks, the last of them short, beside the same values in memory.
    fn both() -> (Values, Values) {
        let (n, d) = (2 * BLOCK / 4_000 + 5, 1_000);
        let data: Vec<f32> = (0..n * d).map(|i| (i % 8_191) as f32).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&data.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>()).unwrap();
        let mapped = Mapped::new(file, 0, n * d).unwrap();
        (Values::mapped(mapped, n, d).unwrap(), Matrix::new(data, n, d).unwrap().into())
    }

    #[test]
    fn mapped_and_owned_values_are_the_same() {
        let (mapped, owned) = both();
        assert!(mapped.is_mapped() && !owned.is_mapped());
        assert!(mapped == owned);
        assert_eq!(mapped.row(7), owned.row(7));
        let indices = [8_000, 3, 4_200, 3, 0, 8_387];
        assert!(mapped.select_rows(&indices) == owned.select_rows(&indices));
        mapped.release();
        assert!(mapped.clone().into_matrix() == owned.into_matrix());
        assert!(!mapped.is_changed());
    }

    #[test]
    fn blocks_hold_every_row_once() {
        for values in [both().0, both().1] {
            let mut next = 0;
            let passed = values.try_for_each_block(|first, rows| {
                assert_eq!(first, next);
                assert_eq!(rows.as_slice(), &values.as_slice()[first * 1_000..][..rows.as_slice().len()]);
                next += rows.n_samples();
                if next < values.n_samples() { Ok(()) } else { Err(next) }
            });
            assert_eq!(passed, Err(values.n_samples()));
        }
    }
}
