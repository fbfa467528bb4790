//! What can be wrong with a file or a download, said so that a user can mend it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::options::Header;
use crate::shown;

/// The result of every fallible function of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a file could not be read, written or fetched.
///
/// The message names the file, the place in it, the bound and the remedy:
/// `flowers.csv: row 12 (line 13), column 3 (width): "abc" is not a number; …`.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    subject: String,
    path: Option<PathBuf>,
    place: Option<Place>,
    message: String,
    remedies: Vec<Remedy>,
    source: Option<io::Error>,
}

/// A setting of [`ReadOptions`](crate::ReadOptions) that the message of an [`Error`] advises, for a program to say how
/// it is made there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// [`ReadOptions::header`](crate::ReadOptions::header), if that is what the first line is.
    Header(Header),
    /// The same of the file of labels.
    LabelsHeader(Header),
    /// [`ReadOptions::label_column`](crate::ReadOptions::label_column), and the number of the column that it may be.
    LabelColumn(Option<usize>),
    /// [`ReadOptions::missing`](crate::ReadOptions::missing), other than refusing them.
    Missing,
    /// [`ReadOptions::exclude`](crate::ReadOptions::exclude), with the number of the column.
    Exclude(usize),
    /// [`ReadOptions::coordinates`](crate::ReadOptions::coordinates).
    Coordinates,
    /// [`ReadOptions::field`](crate::ReadOptions::field).
    Field,
    /// [`ReadOptions::delimiter`](crate::ReadOptions::delimiter).
    Delimiter,
    /// [`ReadOptions::decimal`](crate::ReadOptions::decimal).
    Decimal,
    /// A larger [`ReadOptions::memory`](crate::ReadOptions::memory).
    Memory,
}

/// The kinds of [`Error`], for programs that want to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file does not exist.
    NotFound,
    /// A directory stands where a file is needed.
    IsDirectory,
    /// The file holds nothing, or an array without values.
    Empty,
    /// The first bytes are those of no format that can be read.
    UnknownFormat,
    /// The file breaks the rules of its own format.
    Malformed,
    /// The file ends before what its header promises.
    Truncated,
    /// A size in a header overflows, or memory for it cannot be had.
    TooLarge,
    /// The bytes do not have the checksum that they should.
    Checksum,
    /// The values are of a type that is not numeric, such as Python objects.
    UnsupportedType,
    /// A cell of a table is not a number.
    NotANumber,
    /// A value is NaN, infinite or missing.
    NonFinite,
    /// A number is beyond the range of `f32`.
    OutOfRange,
    /// A row of a table has more or fewer cells than the first.
    Ragged,
    /// There is not one label for each row.
    LengthMismatch,
    /// The archive has no such array.
    UnknownKey,
    /// The table has no such column.
    UnknownColumn,
    /// There is no data set of this name.
    UnknownName,
    /// The output exists and must not be overwritten.
    AlreadyExists,
    /// A named data set is neither at hand nor could it be downloaded.
    Unavailable,
    /// The caller stopped a download.
    Cancelled,
    /// The operating system refused to read or write.
    Io,
}

/// Where in the file it went wrong. Rows, columns and lines count from one; the header of a table is no row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// A byte of the (decompressed) file, counted from zero.
    Byte(u64),
    /// A row of a table.
    Row {
        /// The row of data.
        row: usize,
        /// The line of the file it starts on.
        line: Option<u64>,
    },
    /// One value of a table or an array.
    Cell {
        /// The row of data.
        row: usize,
        /// The column of the file.
        column: usize,
        /// The line of the file the row starts on, for text.
        line: Option<u64>,
        /// The column's name, when there is a header.
        name: Option<String>,
    },
}

impl Error {
    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The file concerned, if it is a file.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// The place in the file, if there is one.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    /// The settings of the reader that the message advises, in its order; none where something else helps.
    #[must_use]
    pub fn remedies(&self) -> &[Remedy] {
        &self.0.remedies
    }

    /// The message without the file it is about.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    pub(crate) fn new(kind: ErrorKind, subject: impl fmt::Display, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            subject: subject.to_string(),
            path: None,
            place: None,
            message: message.into(),
            remedies: Vec::new(),
            source: None,
        }))
    }

    pub(crate) fn file(kind: ErrorKind, path: &Path, message: impl Into<String>) -> Self {
        Self::new(kind, shown::path(path), message).with_path(path)
    }

    /// An error of the operating system on `path`, in the words of a user where they are known.
    pub(crate) fn io(path: &Path, doing: &str, error: io::Error) -> Self {
        let (kind, message) = match error.kind() {
            io::ErrorKind::NotFound => {
                (ErrorKind::NotFound, "no such file or directory; check the path".to_owned())
            }
            io::ErrorKind::IsADirectory => {
                (ErrorKind::IsDirectory, "is a directory; name a file in it".to_owned())
            }
            io::ErrorKind::PermissionDenied => (
                ErrorKind::Io,
                format!("{doing} failed: permission denied; check who may read and write here"),
            ),
            io::ErrorKind::StorageFull => (
                ErrorKind::Io,
                format!("{doing} failed: no space left on the device; free some or choose another"),
            ),
            _ => (ErrorKind::Io, format!("{doing} failed: {error}")),
        };
        Self::file(kind, path, message).with_source(error)
    }

    pub(crate) fn with_path(mut self, path: &Path) -> Self {
        self.0.path = Some(path.to_owned());
        self
    }

    pub(crate) fn at(mut self, place: Place) -> Self {
        self.0.place = Some(place);
        self
    }

    pub(crate) fn remedied_by(mut self, remedies: &[Remedy]) -> Self {
        self.0.remedies.extend(remedies);
        self
    }

    pub(crate) fn with_source(mut self, source: io::Error) -> Self {
        self.0.source = Some(source);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { subject, place, message, .. } = &*self.0;
        match place {
            Some(place) => write!(f, "{subject}: {place}: {message}"),
            None => write!(f, "{subject}: {message}"),
        }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(byte) => write!(f, "byte {byte}"),
            Self::Row { row, line } => write_row(f, *row, *line),
            Self::Cell { row, column, line, name } => {
                write_row(f, *row, *line)?;
                write!(f, ", column {column}")?;
                match name {
                    Some(name) => write!(f, " ({})", shown::text(name)),
                    None => Ok(()),
                }
            }
        }
    }
}

fn write_row(f: &mut fmt::Formatter<'_>, row: usize, line: Option<u64>) -> fmt::Result {
    match line {
        Some(line) => write!(f, "row {row} (line {line})"),
        None => write!(f, "row {row}"),
    }
}
