//! Reading any file: the format is told by its first bytes, and for text by its name.

use std::convert::Infallible;

use gnomonic::MatrixRef;
use rayon::prelude::*;

use crate::dataset::{Dataset, Labels};
use crate::error::{Error, ErrorKind, Result};
use crate::input::Input;
use crate::memory::Memory;
use crate::narrowing::Narrowing;
use crate::npz::Archive;
use crate::shown;
use crate::source::Source;
use crate::table::{self, Table};
use crate::values::Values;
use crate::{idx, npy, npz};

/// How to read a file. What is said of tables of text, binary formats say themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Whether the first line names the columns.
    pub header: Header,
    /// Which column holds the labels.
    pub label_column: LabelColumn,
    /// What separates the cells; `None` decides by the first line among comma, tab, semicolon and space.
    pub delimiter: Option<u8>,
    /// The most bytes that reading may hold in memory, of any format; `None` for no bound. Asked while it reads, so that also a
    /// file that unpacks to a thousand times its size, or a pipe without an end, ends in an error there. What is mapped does
    /// not count, nor do 200 kB of buffers.
    pub memory: Option<u64>,
}

/// Whether the first line of a table names its columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// Decided by the first two rows: it does when none of its cells is a number, when each that is not stands over
    /// one that is, or when it is exactly 0, 1, …, d−1 with d ≥ 3, as pandas names columns that have no names (unless
    /// the second row counts on from d). Data whose first row is that needs [`Header::Absent`]; two columns under the
    /// header 0, 1 need [`Header::Present`].
    #[default]
    Auto,
    /// It does.
    Present,
    /// It is data.
    Absent,
}

/// Which column of a table holds the labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LabelColumn {
    /// The one that the header names `label`, in any case of letters; without it there are no labels.
    #[default]
    Auto,
    /// None: `label` is a column of numbers as any other.
    Absent,
    /// The one of this name in the header, or else of this number, counted from 1.
    At(String),
}

/// A format that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Idx,
    Npy,
    Npz,
    Text,
}

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
/// [`Error`] names the file, the place, the bound and the remedy. NaN and infinities are refused, and so is a pipe that
/// would have to be read twice.
pub fn read_matrix(source: &Source, options: &ReadOptions) -> Result<Dataset> {
    read_opened(Opened::open(source, options)?, source, options)
}

/// A file whose first bytes have been looked at: a pipe cannot be opened again.
pub(crate) enum Opened {
    Idx(Input<'static>),
    Npy(Input<'static>),
    Npz(Input<'static>),
    Table(Box<Table<'static>>),
}

impl Opened {
    pub(crate) fn open(source: &Source, options: &ReadOptions) -> Result<Self> {
        let input = Input::open(source, &Memory::new(options.memory))?;
        Ok(match format(&input)? {
            Format::Idx => Self::Idx(input),
            Format::Npy => Self::Npy(input),
            Format::Npz => Self::Npz(input),
            Format::Text => Self::Table(Box::new(Table::open(input, options)?)),
        })
    }
}

/// [`read_matrix`] of a file that is open.
pub(crate) fn read_opened(opened: Opened, source: &Source, options: &ReadOptions) -> Result<Dataset> {
    let mut narrowing = Narrowing::default();
    let mut dataset = read_once(opened, source, options, &mut narrowing)?;
    check_finite(&dataset.matrix, source)?;
    if let Some(offsets) = narrowing.needed() {
        refuse_pipe(source, &offsets)?;
        // Before the second reading, which needs as much memory again.
        drop(dataset);
        narrowing = Narrowing::by(offsets);
        dataset = read_once(Opened::open(source, options)?, source, options, &mut narrowing)?;
        check_finite(&dataset.matrix, source)?;
    }
    dataset.offsets = narrowing.into_offsets();
    Ok(dataset)
}

fn read_once(
    opened: Opened,
    source: &Source,
    options: &ReadOptions,
    narrowing: &mut Narrowing,
) -> Result<Dataset> {
    let dataset = |matrix: Values, labels| Dataset {
        name: source.name(),
        matrix,
        labels,
        offsets: None,
        left_out: None,
    };
    Ok(match opened {
        Opened::Idx(mut input) => {
            let matrix = idx::read_header(&mut input)?.read_narrowed(&mut input, narrowing)?;
            dataset(matrix.into(), None)
        }
        Opened::Npy(mut input) => {
            let header = npy::read_numeric_header(&mut input)?;
            match header.map(&input)? {
                Some(mapped) => dataset(mapped, None),
                None => dataset(header.read_narrowed(&mut input, narrowing)?.into(), None),
            }
        }
        Opened::Npz(input) => {
            let (matrix, labels) = Archive::open(input)?.read_matrix(narrowing)?;
            dataset(matrix.into(), labels)
        }
        Opened::Table(table) => {
            let rows = table.read_matrix(options, narrowing)?;
            Dataset { left_out: rows.left_out, ..dataset(rows.matrix.into(), rows.labels) }
        }
    })
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
/// [`Error`] names the file, the place, the bound and the remedy. A label column of what is no table is refused.
pub fn read_labels(source: &Source, options: &ReadOptions) -> Result<Labels> {
    let mut input = Input::open(source, &Memory::new(options.memory))?;
    let format = format(&input)?;
    if let LabelColumn::At(column) = &options.label_column
        && format != Format::Text
    {
        let column = shown::text(column);
        let message = format!("is no table of text, so it has no column \"{column}\"; name no label column");
        return Err(input.error(ErrorKind::UnknownColumn, message));
    }
    match format {
        Format::Idx => idx::read_header(&mut input)?.read_labels(&mut input),
        Format::Npy => npy::read_labels(&mut input),
        Format::Npz => Archive::open(input)?.read_labels(),
        Format::Text => table::read_labels(input, options),
    }
}

/// Refuses NaN and infinities, naming the first and counting them. One pass, in blocks: a mapped file leaves no more than
/// one of them in memory.
/// Values that one task checks.
const CHECKED_TOGETHER: usize = 1 << 16;

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
        Some((value, row, column)) => {
            Err(non_finite(source, &value.to_string(), bad).at(crate::array::cell(row, column)))
        }
    }
}

/// The error of `count` values that are no finite numbers, the first of which is `what`.
pub(crate) fn non_finite(source: &Source, what: &str, count: usize) -> Error {
    let others = if count > 1 {
        format!(" (the first of {count} values that are not finite numbers)")
    } else {
        String::new()
    };
    source.error(
        ErrorKind::NonFinite,
        format!("the value is {what}{others}; t-SNE needs finite numbers: remove or fill these values"),
    )
}

/// Tells the format, by content first; the name only decides what the content should have been.
pub(crate) fn format(input: &Input<'_>) -> Result<Format> {
    let prefix = input.prefix();
    let source = input.source();
    let format = if idx::matches(prefix) {
        Format::Idx
    } else if npy::matches(prefix) {
        Format::Npy
    } else if npz::matches(prefix) {
        Format::Npz
    } else {
        refuse_other_formats(input)?;
        Format::Text
    };
    if let Some(key) = source.key()
        && format != Format::Npz
    {
        return Err(source.error(
            ErrorKind::UnknownFormat,
            format!("is no .npz archive, so it has no array \"{}\"; leave the key out", shown::text(key)),
        ));
    }
    Ok(format)
}

/// Refuses what is neither text nor one of the binary formats, with the best guess at what it is.
fn refuse_other_formats(input: &Input<'_>) -> Result<()> {
    const READABLE: &str = "IDX, .npy, .npz, CSV and TSV can be read";
    const OTHERS: [(&[u8], &str); 12] = [
        (b"\x89HDF", "an HDF5 file"),
        (b"PAR1", "a Parquet file"),
        (b"ARROW1", "an Arrow file"),
        (b"\x89PNG", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"\x80\x02", "a Python pickle"),
        (b"\x80\x03", "a Python pickle"),
        (b"\x80\x04", "a Python pickle"),
        (b"\x80\x05", "a Python pickle"),
        (b"BZh", "a bzip2 file"),
        (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
        (b"\xfd7zXZ", "an xz file"),
    ];
    let prefix = input.prefix();
    let unknown = |message: String| Err(input.error(ErrorKind::UnknownFormat, message));
    if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| prefix.starts_with(magic)) {
        return unknown(format!("is {what}; {READABLE}: convert it first"));
    }
    let start = &prefix[..prefix.len().min(8)];
    let name = input.source().path().to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let promised = [
        (".npy", "a .npy file starts with the bytes 93 4e 55 4d 50 59"),
        (".npz", "a .npz file starts with the bytes 50 4b 03 04"),
        ("-ubyte", "an IDX file starts with the bytes 00 00"),
        (".idx", "an IDX file starts with the bytes 00 00"),
    ];
    if let Some((_, magic)) = promised.iter().find(|(ending, _)| name.ends_with(ending)) {
        if is_plain_text(prefix) {
            return unknown(format!(
                "looks like text, but {magic}; if it is a table, let its name end in .csv or .tsv"
            ));
        }
        return unknown(format!(
            "starts with the bytes {start:02x?}, but {magic}; it is damaged or of another format than its name says"
        ));
    }
    if prefix.starts_with(&[0xff, 0xfe]) || prefix.starts_with(&[0xfe, 0xff]) {
        return unknown("is text in UTF-16; save it as UTF-8".to_owned());
    }
    if prefix.contains(&0) {
        return unknown(format!(
            "starts with the bytes {start:02x?}, which no known format does; {READABLE}"
        ));
    }
    Ok(())
}

/// Whether `prefix`, the first bytes of a file, are printed characters, spaces and line ends.
fn is_plain_text(prefix: &[u8]) -> bool {
    let text = match str::from_utf8(prefix) {
        Ok(text) => text,
        // The last character may be cut in two.
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(&prefix[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    text.chars().all(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'))
}
