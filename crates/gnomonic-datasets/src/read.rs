//! Reading any file: the format is told by its first bytes, and for text by its name.

use std::convert::Infallible;

use gnomonic::MatrixRef;
use rayon::prelude::*;

use crate::dataset::Dataset;
use crate::detect;
use crate::error::{ErrorKind, Result};
use crate::formats::format::Format;
use crate::formats::refusals::{cell, non_finite};
use crate::input::Input;
use crate::labels::{Labels, NamedLabels};
use crate::memory::Memory;
use crate::missing;
use crate::narrowing::Narrowing;
use crate::options::{LabelColumn, ReadOptions};
use crate::shown;
use crate::source::Source;
use crate::tenx;
use crate::transposing::transposed;
use crate::values::Values;

/// Reads a table of numbers, and the labels that stand in it: a column of a text file, or `y_train` beside `x_train`
/// in Keras' `mnist.npz`.
///
/// IDX, `.npy` and text may be gzip-compressed. Arrays of more than two dimensions, such as images, are flattened to
/// one row for each sample; those of one dimension become one column. A text table's first column, when its header
/// names it `index` or not at all, numbers the rows and is left out.
///
/// A plain `.npy` file of little-endian `f32` in C order is not copied from 16 MB on: it is mapped into memory, and
/// [`Values`] says what that asks of others. All else is read straight into a matrix; beside its `4 n d` bytes a text table
/// or a Fortran-ordered array takes a few rows or columns more.
///
/// Where narrowing to `f32` would lose the differences between rows to a large common offset, the file is read a second
/// time with that offset taken away in `f64`; [`Dataset::offsets`] says what it was.
///
/// # Errors
/// [`Error`](crate::Error) names the file, the place, the bound and the remedy. NaN and infinities are refused, and so is a pipe that
/// would have to be read twice.
pub fn read_matrix(source: &Source, options: &ReadOptions) -> Result<Dataset> {
    if let Some(matrix) = tenx::matrix_in(source.path()) {
        let dataset = tenx::read(source, &matrix, options)?;
        check_finite(&dataset.matrix, source)?;
        return Ok(dataset);
    }
    let (input, format) = open(source, options)?;
    if options.transpose {
        return read_transposed(source, options, |options| {
            format.read(input, options, &mut Narrowing::default())
        });
    }
    read_opened(source, options, (input, format), |input, format, narrowing| {
        format.read(input, options, narrowing)
    })
}

/// Reads what has a row for each column. Offsets of its columns would be offsets of rows, which distances do depend on.
fn read_transposed(
    source: &Source,
    options: &ReadOptions,
    read: impl FnOnce(&ReadOptions) -> Result<Dataset>,
) -> Result<Dataset> {
    if let LabelColumn::At(column) = &options.label_column {
        let message = format!(
            "the column {} would hold a label of each column once it is transposed; name a file of labels instead",
            shown::text(column)
        );
        return Err(source.error(ErrorKind::UnknownColumn, message));
    }
    let dataset = read(&ReadOptions { label_column: LabelColumn::Absent, ..options.clone() })?;
    let dataset = transposed(dataset, source, options.memory)?;
    let dataset = missing::settle(dataset, options.missing, source)?;
    check_finite(&dataset.matrix, source)?;
    Ok(dataset)
}

/// [`read_matrix`] of a file that is open, and that `read` reads, a second time where it must: a pipe cannot be opened again.
pub(crate) fn read_opened(
    source: &Source,
    options: &ReadOptions,
    (input, format): (Input<'static>, &'static dyn Format),
    mut read: impl FnMut(Input<'static>, &'static dyn Format, &mut Narrowing) -> Result<Dataset>,
) -> Result<Dataset> {
    let mut narrowing = Narrowing::default();
    let mut dataset = missing::settle(read(input, format, &mut narrowing)?, options.missing, source)?;
    check_finite(&dataset.matrix, source)?;
    if let Some(offsets) = narrowing.needed() {
        refuse_pipe(source, &offsets)?;
        // Before the second reading, which needs as much memory again.
        drop(dataset);
        narrowing = Narrowing::by(offsets);
        let (input, format) = open(source, options)?;
        dataset = read(input, format, &mut narrowing)?;
        dataset = missing::settle(dataset, options.missing, source)?;
        check_finite(&dataset.matrix, source)?;
    }
    dataset.offsets = narrowing.into_offsets();
    Ok(dataset)
}

/// Opens a file and tells its format.
pub(crate) fn open(source: &Source, options: &ReadOptions) -> Result<(Input<'static>, &'static dyn Format)> {
    let input = Input::open(source, &Memory::new(options.memory))?;
    let format = detect::format(&input)?;
    Ok((input, format))
}

/// Refuses what cannot be read twice, as it must be to take `offsets` away.
fn refuse_pipe(source: &Source, offsets: &[f64]) -> Result<()> {
    if source.path().is_file() {
        return Ok(());
    }
    let column = offsets.iter().position(|&offset| offset != 0.0).unwrap_or(0);
    Err(source.error(
        ErrorKind::OutOfRange,
        format!(
            "feature {} has values around {:e} that differ by too little for 32-bit numbers, and a pipe cannot be \
             read again to take that offset away: save the data to a file, or subtract the column's mean",
            column + 1,
            offsets[column]
        ),
    ))
}

/// Reads one label for each sample: from a one-dimensional array of numbers or strings, a text file with one label on
/// each line, or a column of a table.
///
/// # Errors
/// [`Error`](crate::Error) names the file, the place, the bound and the remedy. A label column of what is no table is refused.
pub fn read_labels(source: &Source, options: &ReadOptions) -> Result<Labels> {
    Ok(read_named_labels(source, options, None)?.labels)
}

/// [`read_labels`], with the names of the rows where a column beside the labels holds them: the one called `key`, as in the data that
/// they belong to, or the first, where it has no name, or one such as `name`, `id` or `barcode`.
///
/// # Errors
/// As [`read_labels`].
pub fn read_named_labels(source: &Source, options: &ReadOptions, key: Option<&str>) -> Result<NamedLabels> {
    let (input, format) = open(source, options)?;
    if let LabelColumn::At(column) = &options.label_column
        && !format.has_fields()
    {
        let column = shown::text(column);
        let message = format!("is no table of text, so it has no column \"{column}\"; name no label column");
        return Err(input.error(ErrorKind::UnknownColumn, message));
    }
    format.read_named_labels(input, options, key)
}

/// Values that one task checks.
const CHECKED_TOGETHER: usize = 1 << 16;

/// Refuses NaN and infinities, naming the first and counting them. One pass, in blocks: a mapped file leaves no more than
/// one of them in memory.
fn check_finite(values: &Values, source: &Source) -> Result<()> {
    let count = |block: MatrixRef<'_>| block.as_slice().iter().filter(|value| !value.is_finite()).count();
    let mut first = None;
    let mut bad = 0;
    let Ok(()) = values.try_for_each_block(|row, block| {
        // Whole pieces without a way out in the middle, on all threads: a mapped file is read from the disk here.
        let finite = |values: &[f32]| values.iter().fold(true, |finite, value| finite & value.is_finite());
        if block.as_slice().par_chunks(CHECKED_TOGETHER).all(finite) {
            return Ok::<(), Infallible>(());
        }
        if first.is_none() {
            let at = block.as_slice().iter().position(|value| !value.is_finite()).unwrap_or(0);
            let d = block.n_features();
            first = Some((block.as_slice()[at], row + at / d, at % d));
        }
        bad += count(block);
        Ok(())
    });
    match first {
        None => Ok(()),
        Some((value, row, column)) => Err(non_finite(source, &value.to_string(), bad).at(cell(row, column))),
    }
}
