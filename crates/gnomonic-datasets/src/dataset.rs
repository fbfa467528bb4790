//! What the readers return: a table of numbers, and one label for each of its rows.

use std::convert::Infallible;

use sha2::{Digest, Sha256};

use crate::error::{ErrorKind, Remedy, Result};
use crate::joining::join;
use crate::labels::{Labels, NamedLabels};
use crate::options::Header;
use crate::shown::hexadecimal;
use crate::source::Source;
use crate::texts::Texts;
use crate::values::Values;

/// Rows and columns of a data set, as its header or the catalog says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Rows, n.
    pub n_samples: usize,
    /// Columns, d.
    pub n_features: usize,
    /// Whether the values will be mapped into memory where they lie rather than copied: see [`Values`].
    pub is_mapped: bool,
}

/// A table of numbers, `n_samples × n_features`, with a name and, when they are known, the labels of its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// What to call it: the name in the catalog, or the file's name.
    pub name: String,
    /// The values, one sample per row.
    pub matrix: Values,
    /// One label for each row.
    pub labels: Option<Labels>,
    /// What was taken away from each column (0 from most) to keep the digits by which its rows differ, when narrowing
    /// to `f32` would have lost more than 10⁻⁴ of some column's range: `X + 10⁹` in a file of `f64`, integers or text.
    /// The value in the file is about the one in the matrix plus this. `None` for ordinary data.
    ///
    /// Distances do not depend on it, nor do t-SNE, PCA and scaling to a range or to unit variance.
    pub offsets: Option<Vec<f64>>,
    /// The name, which may be empty, of a column of the table that numbers the rows and was left out of the values.
    pub left_out: Option<String>,
    /// What that column holds: the number of each row.
    pub numbers: Option<Texts>,
    /// The names of the columns of values, when they have some.
    pub column_names: Option<Texts>,
    /// Columns that are no values and are carried along, in the order of the file.
    pub carried: Vec<Carried>,
    /// Of rows that lacked values and were left out, which others remain.
    pub kept: Option<Kept>,
    /// How many values were missing, and had the mean or the median of their column take their place.
    pub filled: usize,
    /// How the file is written where that is not usual, in a few words each: `decimal comma`.
    pub dialect: Vec<String>,
    /// What a reader of the result should know.
    pub notes: Vec<Note>,
}

/// A column that is carried along: it tells rows apart, and counts for nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Carried {
    /// The name in the header; of a column without one `column_N`, or `name` where it names the rows.
    pub name: String,
    /// The text of each row.
    pub texts: Texts,
    /// Whether it names the rows.
    pub names_rows: bool,
}

impl Carried {
    /// The texts of the rows named by `indices`, in that order.
    ///
    /// # Panics
    /// When an index is not below the number of rows.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        Self { name: self.name.clone(), texts: self.texts.select(indices), names_rows: self.names_rows }
    }
}

/// Rows of the input that remain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kept {
    /// The rows in the file.
    pub of: usize,
    /// Those that remain, counted from 0 and ascending.
    pub rows: Vec<usize>,
}

/// Something that a reader of the result should know, and the setting that would change it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Note {
    /// What there is to know.
    pub text: String,
    /// The settings that would change it.
    pub remedies: Vec<Remedy>,
}

impl Note {
    pub(crate) fn new(text: impl Into<String>, remedies: &[Remedy]) -> Self {
        Self { text: text.into(), remedies: remedies.to_vec() }
    }
}

impl Dataset {
    /// The values, under a name, and nothing else that is known of them.
    #[must_use]
    pub fn new(name: impl Into<String>, matrix: impl Into<Values>) -> Self {
        Self {
            name: name.into(),
            matrix: matrix.into(),
            labels: None,
            offsets: None,
            left_out: None,
            numbers: None,
            column_names: None,
            carried: Vec::new(),
            kept: None,
            filled: 0,
            dialect: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Rows and columns, and whether the values lie in a file.
    #[must_use]
    pub fn shape(&self) -> Shape {
        Shape {
            n_samples: self.matrix.n_samples(),
            n_features: self.matrix.n_features(),
            is_mapped: self.matrix.is_mapped(),
        }
    }

    /// The names of the rows, when a column holds them.
    #[must_use]
    pub fn row_names(&self) -> Option<&Texts> {
        self.carried.iter().find(|column| column.names_rows).map(|column| &column.texts)
    }

    /// What tells the rows apart: their names, or else their numbers, when a column holds either.
    #[must_use]
    pub fn keys(&self) -> Option<&Texts> {
        self.row_names().or(self.numbers.as_ref())
    }

    /// Sets the labels, which were read from `source`. Where both name their rows they are joined by name, else by position.
    ///
    /// # Errors
    /// As [`with_labels`](Self::with_labels) when joined by position; [`ErrorKind::LengthMismatch`] when a row of the data has no label
    /// of its name.
    pub fn with_named_labels(mut self, mut named: NamedLabels, source: &Source) -> Result<Self> {
        let joined = match (self.keys(), named.names.take()) {
            (Some(here), Some(there)) => join(here, &there, source)?,
            _ => None,
        };
        let Some(rows) = joined else { return self.with_labels(named.labels, source) };
        self.labels = Some(named.labels.select(&rows));
        self.dialect.push("labels joined by the names of the rows".to_owned());
        Ok(self)
    }

    /// Sets the labels, which were read from `source`, by position.
    ///
    /// # Errors
    /// [`ErrorKind::LengthMismatch`] when there is not exactly one label for each row of the file. Of rows that were left out the labels
    /// are too.
    pub fn with_labels(mut self, mut labels: Labels, source: &Source) -> Result<Self> {
        match &self.kept {
            Some(kept) => {
                check_lengths(kept.of, labels.len(), source)?;
                labels = labels.select(&kept.rows);
            }
            None => check_lengths(self.matrix.n_samples(), labels.len(), source)?,
        }
        self.labels = Some(labels);
        Ok(self)
    }

    /// The SHA-256, in hexadecimal, of the shape (two 64-bit numbers) and the values (32-bit floats), little-endian: by
    /// it a run's record tells whether another run saw the same numbers, whatever file they came from.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        for length in [self.matrix.n_samples(), self.matrix.n_features()] {
            digest.update((length as u64).to_le_bytes());
        }
        let mut bytes = Vec::with_capacity(1 << 16);
        let Ok(()) = self.matrix.try_for_each_block(|_, rows| {
            for values in rows.as_slice().chunks(1 << 14) {
                bytes.clear();
                bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
                digest.update(&bytes);
            }
            Ok::<(), Infallible>(())
        });
        hexadecimal(&digest.finalize())
    }
}

/// Refuses as many as `found` labels, read from `source`, when they are not one for each of `n_samples` rows.
pub(crate) fn check_lengths(n_samples: usize, found: usize, source: &Source) -> Result<()> {
    if found == n_samples {
        return Ok(());
    }
    let (remedy, remedies): (_, &[Remedy]) = if found == n_samples + 1 {
        ("if its first line is a header, read it with a header", &[Remedy::LabelsHeader(Header::Present)])
    } else if found + 1 == n_samples {
        let header = &[Remedy::Header(Header::Present)];
        ("if the first line of the table is a header, read the table with a header", header)
    } else {
        ("check that both belong together", [].as_slice())
    };
    let labels = if found == 1 { "label" } else { "labels" };
    let rows = if n_samples == 1 { "row" } else { "rows" };
    let message = format!("{found} {labels} for {n_samples} {rows}: each row needs exactly one; {remedy}");
    Err(source.error(ErrorKind::LengthMismatch, message).remedied_by(remedies))
}
