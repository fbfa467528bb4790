//! The payload of the binary formats: an array of one numeric type, in either byte order and either memory order.

use gnomonic::Matrix;

use crate::error::{ErrorKind, Result};
use crate::formats::element::{ByteOrder, Element};
use crate::formats::refusals::{cell, out_of_range};
use crate::gathering::Gathering;
use crate::input::Input;
use crate::labels::{Labels, Number};
use crate::mapped::Mapped;
use crate::narrowing::Narrowing;
use crate::values::Values;

/// Which index runs fastest in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemoryOrder {
    /// The last: row after row.
    C,
    /// The first: column after column.
    Fortran,
}

/// What the header of a binary format says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ArrayHeader {
    pub(crate) element: Element,
    pub(crate) byte_order: ByteOrder,
    pub(crate) memory_order: MemoryOrder,
    pub(crate) shape: Vec<u64>,
}

/// Bytes decoded at a time: enough for few system calls, little enough for the cache.
const CHUNK: usize = 1 << 16;

/// Columns of a Fortran array transposed at a time: 16 values of a row are one cache line.
const PANEL: usize = 16;

/// Values from which on a file is mapped rather than read: 16 MB. A copy of fewer costs nothing that matters, and leaves
/// the file to others at once.
const MAPPED_FROM: usize = 1 << 22;

impl ArrayHeader {
    /// Reads the payload as `n × d` values of `f32`: the first dimension counts the rows, all others are flattened (in
    /// C order) to columns, and one dimension alone is one column. Reads straight into the matrix: beside it, 64 KiB
    /// (in Fortran order 16 columns more).
    pub(crate) fn read_matrix(&self, input: &mut Input<'_>) -> Result<Matrix> {
        self.read_narrowed(input, &mut Narrowing::default())
    }

    /// The same, which takes the offsets of `narrowing` away, or else learns which are needed.
    pub(crate) fn read_narrowed(&self, input: &mut Input<'_>, narrowing: &mut Narrowing) -> Result<Matrix> {
        let matrix = self.read_part(input, narrowing)?;
        input.finish()?;
        Ok(matrix)
    }

    /// The same of an array that others follow.
    pub(crate) fn read_part(&self, input: &mut Input<'_>, narrowing: &mut Narrowing) -> Result<Matrix> {
        let (n, d) = self.rows_and_columns(input)?;
        // Narrow types lose nothing, and of a second reading the offsets are known.
        if self.element.is_wide() && narrowing.offsets().is_none() {
            narrowing.start(d, input.memory()).map_err(|no_room| input.source().no_room(no_room))?;
        }
        let data = match self.memory_order {
            MemoryOrder::Fortran if n > 1 && d > 1 => self.read_columns(input, n, d, narrowing)?,
            _ => {
                let mut values = Vec::new();
                self.read_values(input, n * d, Walk::Rows(d), narrowing, &mut values)?;
                values
            }
        };
        Matrix::new(data, n, d).map_err(|error| input.error(ErrorKind::Malformed, error.to_string()))
    }

    /// The values where they lie, when they are `f32` as this computer has them, row after row, in a plain file that is
    /// large enough for a copy to cost something.
    pub(crate) fn map(&self, input: &Input<'_>) -> Result<Option<Values>> {
        let (n, d) = self.rows_and_columns(input)?;
        let as_in_memory = self.element == Element::F32
            && self.byte_order == ByteOrder::Little
            && (self.memory_order == MemoryOrder::C || n == 1 || d == 1);
        if !as_in_memory || n * d < MAPPED_FROM {
            return Ok(None);
        }
        let Some((file, position)) = input.plain_file() else {
            return Ok(None);
        };
        let mapped = file.try_clone().ok().and_then(|file| Mapped::new(file, position, n * d));
        Ok(mapped.and_then(|mapped| Values::mapped(mapped, n, d)))
    }

    /// Reads the payload as one number for each sample: all dimensions but one are 1.
    pub(crate) fn read_labels(&self, input: &mut Input<'_>) -> Result<Labels> {
        let count = label_count(&self.shape, input)?;
        let size = self.element.size();
        input.expect(count as u64 * size as u64, "values")?;
        let mut labels = Gathering::new(input.memory());
        let mut bytes = [0; 8];
        for row in 0..count {
            input.read_exact(&mut bytes[..size], "the values")?;
            let number = self.element.number(self.byte_order, &bytes[..size]);
            if let Number::Real(value) = number
                && !value.is_finite()
            {
                let message = format!("the label is {value}; give every row a label");
                return Err(input.error(ErrorKind::NonFinite, message).at(cell(row, 0)));
            }
            labels.push_number(number, count).map_err(|no_room| input.source().no_room(no_room))?;
        }
        input.finish()?;
        Ok(labels.finish())
    }

    /// Reads the payload as whole numbers, none of them below 0.
    pub(crate) fn read_integers(&self, input: &mut Input<'_>) -> Result<Vec<usize>> {
        let count = label_count(&self.shape, input)?;
        let size = self.element.size();
        input.expect(count as u64 * size as u64, "values")?;
        let mut integers = Vec::new();
        input.reserve(&mut integers, input.room(count, size_of::<usize>()), count)?;
        let mut bytes = [0; 8];
        for row in 0..count {
            input.read_exact(&mut bytes[..size], "the values")?;
            let Number::Integer(integer) = self.element.number(self.byte_order, &bytes[..size]) else {
                let message = "the value is no whole number, which an index must be";
                return Err(input.error(ErrorKind::NotANumber, message).at(cell(row, 0)));
            };
            let integer = usize::try_from(integer).map_err(|_| {
                input
                    .error(ErrorKind::OutOfRange, format!("the value is {integer}, which is no index"))
                    .at(cell(row, 0))
            })?;
            input.reserve(&mut integers, 1, count)?;
            integers.push(integer);
        }
        input.finish()?;
        Ok(integers)
    }

    /// The shape as rows and columns, once it is known that the file can hold it.
    pub(crate) fn rows_and_columns(&self, input: &Input<'_>) -> Result<(usize, usize)> {
        let shape = show_shape(&self.shape);
        let Some((&n, rest)) = self.shape.split_first() else {
            return Err(input.error(
                ErrorKind::Malformed,
                "the array is a single number (shape ()); t-SNE needs rows and columns",
            ));
        };
        if self.shape.contains(&0) {
            return Err(input.error(ErrorKind::Empty, format!("the array of shape {shape} holds no values")));
        }
        let size = self.element.size() as u64;
        let d = rest.iter().try_fold(1_u64, |d, &length| d.checked_mul(length));
        let bytes = d.and_then(|d| d.checked_mul(n)).and_then(|count| count.checked_mul(size));
        // In memory each value takes four bytes, and the address space may be smaller than 64 bits.
        let memory = bytes.and_then(|bytes| isize::try_from((bytes / size).checked_mul(4)?).ok());
        let (Some(d), Some(bytes), Some(_)) = (d, bytes, memory) else {
            return Err(input.error(
                ErrorKind::TooLarge,
                format!("the shape {shape} overflows; the header is damaged: fetch or write the file again"),
            ));
        };
        input.expect(bytes, &format!("values (shape {shape})"))?;
        Ok((n as usize, d as usize))
    }

    /// Reads `count` values in the file's order, which `walk` tells.
    fn read_values(
        &self,
        input: &mut Input<'_>,
        count: usize,
        walk: Walk<'_>,
        narrowing: &mut Narrowing,
        values: &mut Vec<f32>,
    ) -> Result<()> {
        let size = self.element.size();
        values.clear();
        input.reserve(values, input.room(count, size_of::<f32>()), count)?;
        let mut buffer = [0; CHUNK];
        while values.len() < count {
            let chunk = (count - values.len()).min(CHUNK / size);
            input.reserve(values, chunk, count)?;
            let bytes = &mut buffer[..chunk * size];
            input.read_exact(bytes, "the values")?;
            if let Some((at, value)) = self.element.beyond_f32(self.byte_order, bytes) {
                let (row, column) = walk.place(values.len() + at);
                return Err(out_of_range(input.source(), &format!("{value:e}")).at(cell(row, column)));
            }
            let mut columns = walk.columns_from(values.len());
            if let Some(offsets) = narrowing.offsets() {
                self.element.for_each_f64(self.byte_order, bytes, |value| {
                    values.push((value - offsets[columns.next()]) as f32);
                });
                continue;
            }
            if self.element.is_wide() {
                self.element.for_each_f64(self.byte_order, bytes, |value| {
                    narrowing.include(columns.next(), value);
                });
            }
            // Not by way of `f64`, which would round 64-bit integers twice.
            self.element.append_f32(self.byte_order, bytes, values);
        }
        Ok(())
    }

    /// Reads an array in Fortran order into rows, a panel of columns at a time.
    fn read_columns(
        &self,
        input: &mut Input<'_>,
        n: usize,
        d: usize,
        narrowing: &mut Narrowing,
    ) -> Result<Vec<f32>> {
        let lengths: Vec<usize> = self.shape[1..].iter().map(|&length| length as usize).collect();
        let (mut data, mut values) = (Vec::new(), Vec::new());
        let mut panel = Vec::with_capacity(PANEL);
        let mut next = 0;
        while next < d {
            // The first column by itself, before there is room for all: a header alone must not fill the memory.
            let last = if next == 0 { 1 } else { (next + PANEL).min(d) };
            panel.clear();
            panel.extend((next..last).map(|column| fortran_column(&lengths, d, column)));
            next = last;
            self.read_values(input, n * panel.len(), Walk::Columns(n, &panel), narrowing, &mut values)?;
            if data.is_empty() {
                input.reserve(&mut data, n * d, n * d)?;
                data.resize(n * d, 0.0);
            }
            for (i, row) in data.chunks_exact_mut(d).enumerate() {
                for (j, &column) in panel.iter().enumerate() {
                    row[column] = values[j * n + i];
                }
            }
        }
        Ok(data)
    }
}

/// The order in which values come.
#[derive(Clone, Copy, Debug)]
enum Walk<'a> {
    /// Row after row of this many columns.
    Rows(usize),
    /// With this many rows, one after another of these columns.
    Columns(usize, &'a [usize]),
}

impl<'a> Walk<'a> {
    /// The row and column of the value at an index.
    fn place(self, at: usize) -> (usize, usize) {
        match self {
            Self::Rows(d) => (at / d, at % d),
            Self::Columns(n, panel) => (at % n, panel[at / n]),
        }
    }

    /// The columns of the values from index `at` on.
    fn columns_from(self, at: usize) -> WalkColumns<'a> {
        let (Self::Rows(period) | Self::Columns(period, _)) = self;
        WalkColumns { walk: self, fast: at % period, slow: at / period, period }
    }
}

/// Counts along a [`Walk`] without a division for each value.
#[derive(Debug)]
struct WalkColumns<'a> {
    walk: Walk<'a>,
    fast: usize,
    slow: usize,
    period: usize,
}

impl WalkColumns<'_> {
    #[inline]
    fn next(&mut self) -> usize {
        let column = match self.walk {
            Walk::Rows(_) => self.fast,
            Walk::Columns(_, panel) => panel[self.slow],
        };
        self.fast += 1;
        if self.fast == self.period {
            self.fast = 0;
            self.slow += 1;
        }
        column
    }
}

/// The column, flattened in C order, that column number `rest` in the file's Fortran order becomes.
fn fortran_column(lengths: &[usize], d: usize, mut rest: usize) -> usize {
    let mut stride = d;
    let mut column = 0;
    for &length in lengths {
        stride /= length;
        column += rest % length * stride;
        rest /= length;
    }
    column
}

/// The number of labels in an array of `shape`.
pub(crate) fn label_count(shape: &[u64], input: &Input<'_>) -> Result<usize> {
    let mut long = shape.iter().copied().filter(|&length| length != 1);
    let count = match (shape.is_empty(), long.next(), long.next()) {
        (false, None, _) => 1,
        (false, Some(count), None) => count,
        _ => {
            return Err(input.error(
                ErrorKind::LengthMismatch,
                format!(
                    "an array of shape {} is not one label for each row; labels have the shape (n,)",
                    show_shape(shape)
                ),
            ));
        }
    };
    if count == 0 {
        return Err(input.error(ErrorKind::Empty, "the array holds no labels"));
    }
    usize::try_from(count).ok().filter(|&count| count < isize::MAX as usize / 32).ok_or_else(|| {
        input.error(ErrorKind::TooLarge, format!("{count} labels overflow; the header is damaged"))
    })
}

/// A shape as Python writes it.
pub(crate) fn show_shape(shape: &[u64]) -> String {
    let lengths: Vec<String> = shape.iter().map(ToString::to_string).collect();
    match lengths.as_slice() {
        [one] => format!("({one},)"),
        all => format!("({})", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fortran_columns_are_those_of_a_c_reshape() {
        let columns = |lengths: &[usize], d| -> Vec<usize> {
            (0..d).map(|column| fortran_column(lengths, d, column)).collect()
        };
        assert_eq!(columns(&[4], 4), [0, 1, 2, 3]);
        // (2, 3): the file runs (0,0) (1,0) (0,1) (1,1) (0,2) (1,2).
        assert_eq!(columns(&[2, 3], 6), [0, 3, 1, 4, 2, 5]);
    }

    #[test]
    fn shapes_are_shown_as_python_does() {
        assert_eq!(show_shape(&[]), "()");
        assert_eq!(show_shape(&[3]), "(3,)");
        assert_eq!(show_shape(&[3, 4]), "(3, 4)");
    }
}
