//! Keeping the digits of wide numbers: where a column's common offset would cost the differences between its rows, the
//! offset is taken away before narrowing to `f32`.

use crate::memory::{Memory, NoRoom};

/// The part of its range that a column may lose by narrowing before its offset is taken away.
const TOLERANCE: f64 = 1e-4;

/// The part of its size by which the values of a constant column may differ, after a few roundings in `f64`.
const NOISE: f64 = 32.0 * f64::EPSILON;

/// What a reader learns about its columns in the first reading, and takes away from them in a second.
#[derive(Clone, Debug, Default)]
pub(crate) struct Narrowing {
    columns: Vec<Column>,
    offsets: Option<Vec<f64>>,
}

/// A column as read so far.
#[derive(Clone, Copy, Debug)]
struct Column {
    min: f64,
    max: f64,
    /// The largest distance of a value from its `f32`.
    loss: f64,
}

impl Narrowing {
    /// For a second reading, which takes `offsets` away.
    pub(crate) fn by(offsets: Vec<f64>) -> Self {
        Self { columns: Vec::new(), offsets: Some(offsets) }
    }

    /// The offset of each column, in a second reading.
    pub(crate) fn offsets(&self) -> Option<&[f64]> {
        self.offsets.as_deref()
    }

    pub(crate) fn into_offsets(self) -> Option<Vec<f64>> {
        self.offsets
    }

    /// Makes room for `d` columns.
    pub(crate) fn start(&mut self, d: usize, memory: &Memory) -> Result<(), NoRoom> {
        let none = Column { min: f64::INFINITY, max: f64::NEG_INFINITY, loss: 0.0 };
        memory.reserve(&mut self.columns, d, d)?;
        self.columns.resize(d, none);
        Ok(())
    }

    /// Takes note of a value. NaN changes nothing.
    #[inline]
    pub(crate) fn include(&mut self, column: usize, value: f64) {
        let seen = &mut self.columns[column];
        seen.min = seen.min.min(value);
        seen.max = seen.max.max(value);
        seen.loss = seen.loss.max((value - f64::from(value as f32)).abs());
    }

    /// The offsets without which some column would lose more than 10⁻⁴ of its range: the middle of such a column, 0 of
    /// the others. `None` when no column would.
    pub(crate) fn needed(&self) -> Option<Vec<f64>> {
        // A constant column with noise in its last bits has no digits to be kept: without the offset they would be all that is left.
        let varies =
            |column: &Column| column.max - column.min > NOISE * column.max.abs().max(column.min.abs());
        let loses = |column: &Column| varies(column) && column.loss > TOLERANCE * (column.max - column.min);
        let offset = |column: &Column| match column.max > column.min && loses(column) {
            // Halved first, for the sum may overflow.
            true => 0.5 * column.min + 0.5 * column.max,
            false => 0.0,
        };
        let offsets: Vec<f64> = self.columns.iter().map(offset).collect();
        offsets.iter().any(|&offset| offset != 0.0).then_some(offsets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed(values: &[f64]) -> Option<Vec<f64>> {
        let mut narrowing = Narrowing::default();
        narrowing.start(1, &Memory::default()).unwrap();
        values.iter().for_each(|&value| narrowing.include(0, value));
        narrowing.needed()
    }

    #[test]
    fn only_lost_digits_need_an_offset() {
        assert_eq!(needed(&[0.1, 0.7, -3e5]), None);
        assert_eq!(needed(&[1e9, 1e9, 1e9]), None, "a constant column holds no differences");
        assert_eq!(needed(&[0.3, 0.1 + 0.2, 0.3]), None, "nor does one that is constant but for rounding");
        assert_eq!(needed(&[2019.0, 2020.0]), None, "whole numbers below 2^24 are exact");
        assert_eq!(needed(&[1e9, 1e9 + 1.0, 1e9 + 2.0]), Some(vec![1e9 + 1.0]));
        assert_eq!(needed(&[1e9 + 1.0, -1e9]), None);
    }
}
