//! What can be wrong with the input, said so that a user can mend it.

use std::fmt;

/// The result of every fallible function of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a computation was refused. The message names the value, the bound and the remedy.
///
/// It does not know file names: whoever read the data adds them.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    kind: ErrorKind,
}

impl Error {
    /// What went wrong, for programs that want to decide.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The same of rows that are counted from `first` on: of a piece of a table, told of the whole.
    pub(crate) fn of_rows_from(mut self, first: usize) -> Self {
        match &mut self.kind {
            ErrorKind::NonFinite { row, .. }
            | ErrorKind::TooLarge { row, .. }
            | ErrorKind::Row { row, .. }
            | ErrorKind::Distance { row, .. }
            | ErrorKind::Changed { row } => *row += first,
            _ => {}
        }
        self
    }
}

/// The kinds of [`Error`]. Rows and columns count from zero here, and from one in the message.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A value is NaN or infinite.
    NonFinite {
        /// Row of the first such value.
        row: usize,
        /// Column of the first such value.
        column: usize,
        /// The value itself.
        value: f32,
        /// How many values are not finite.
        count: usize,
    },
    /// The values are so large that squared distances would overflow.
    TooLarge {
        /// Row of the first such value.
        row: usize,
        /// Column of the first such value.
        column: usize,
        /// The value itself.
        value: f32,
    },
    /// The values are so small that squared distances would vanish.
    TooSmall {
        /// The largest magnitude.
        largest: f32,
    },
    /// There are fewer rows than the computation needs.
    TooFewSamples {
        /// Rows given.
        n_samples: usize,
        /// Rows needed.
        at_least: usize,
    },
    /// The rows have no columns.
    NoFeatures,
    /// All rows are equal, so there is nothing to map.
    IdenticalRows {
        /// Rows given.
        n_samples: usize,
    },
    /// The perplexity is below one, which no distribution has, or not below the number of rows.
    Perplexity {
        /// The perplexity asked for.
        perplexity: f64,
        /// Rows given.
        n_samples: usize,
    },
    /// Two inputs that go together differ in length.
    LengthMismatch {
        /// What was counted, such as `labels`.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A parameter is outside its bounds.
    Parameter {
        /// The parameter's name.
        name: &'static str,
        /// The value given.
        value: String,
        /// What is allowed, as in `must be positive and finite`.
        bound: String,
    },
    /// A row has no distance to others, whatever they are.
    Row {
        /// The first such row.
        row: usize,
        /// What is wrong with it, as in `holds zeros alone`, and what would mend it.
        problem: &'static str,
    },
    /// Two rows have no distance that could be used.
    Distance {
        /// The row whose neighbors were looked for.
        row: usize,
        /// The other.
        other: usize,
        /// The distance: negative, not finite, or too large to be squared.
        distance: f64,
    },
    /// Values that had been finite no longer are: something else has written to the data, such as to a file that is mapped into
    /// memory.
    Changed {
        /// Row in which that was seen, or which is near one that changed.
        row: usize,
    },
    /// The system refuses the memory that the work needs.
    Memory {
        /// What needs it, such as `the neighbor search`.
        purpose: &'static str,
        /// How much that is, about.
        bytes: u64,
    },
    /// The observer asked to stop before there was a map to return.
    Cancelled,
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self { kind }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::NonFinite { row, column, value, count } => {
                write!(f, "row {}, column {} is {value}", row + 1, column + 1)?;
                if *count > 1 {
                    write!(f, " (the first of {count} values that are not finite)")?;
                }
                write!(f, "; t-SNE needs finite numbers: remove or fill these values")
            }
            ErrorKind::TooLarge { row, column, value } => write!(
                f,
                "row {}, column {} is {value:e}; beyond 1e15 squared distances overflow: scale the data first",
                row + 1,
                column + 1
            ),
            ErrorKind::TooSmall { largest } => write!(
                f,
                "the largest value is {largest:e}; below 1e-16 squared distances vanish: scale the data first"
            ),
            ErrorKind::TooFewSamples { n_samples, at_least } => {
                let rows = if *n_samples == 1 { "row" } else { "rows" };
                write!(f, "{n_samples} {rows}; at least {at_least} are needed")
            }
            ErrorKind::NoFeatures => write!(f, "the rows have no columns; at least 1 is needed"),
            ErrorKind::IdenticalRows { n_samples } => {
                write!(
                    f,
                    "all {n_samples} rows are equal, so there is nothing to map; check that the right data was read"
                )
            }
            ErrorKind::Perplexity { perplexity, n_samples } => {
                write!(
                    f,
                    "perplexity {} must be at least 1 and below the number of rows, {n_samples}",
                    legible(*perplexity)
                )?;
                if perplexity.is_finite() && *perplexity >= 1.0 {
                    match n_samples.saturating_sub(1) / 3 {
                        // Nothing is less.
                        0 | 1 => write!(f, "; try 1")?,
                        fitting => write!(f, "; try {fitting} or less")?,
                    }
                } else {
                    write!(f, "; 30 is usual")?;
                }
                Ok(())
            }
            ErrorKind::LengthMismatch { what, found, expected } => {
                write!(f, "{found} {what} for {expected} rows; each row needs exactly one")
            }
            ErrorKind::Parameter { name, value, bound } => {
                write!(f, "{name} is {value}; it {bound}")
            }
            ErrorKind::Row { row, problem } => write!(f, "row {} {problem}", row + 1),
            ErrorKind::Distance { row, other, distance } => write!(
                f,
                "the distance of row {} to row {} is {}; distances must be finite, not negative, and at most {LARGEST_DISTANCE:e}: \
                 choose another distance, or scale the data first",
                row + 1,
                other + 1,
                legible(*distance)
            ),
            ErrorKind::Changed { row } => write!(
                f,
                "values at or near row {} were finite when the run began and are not any more: nothing may write to the data \
                 meanwhile, such as to a file that is mapped into memory",
                row + 1
            ),
            ErrorKind::Memory { purpose, bytes } => {
                let (amount, unit) = match *bytes as f64 {
                    bytes if bytes < 1e9 => (bytes / 1e6, "MB"),
                    bytes => (bytes / 1e9, "GB"),
                };
                let digits = if amount < 10.0 { 1 } else { 0 };
                write!(
                    f,
                    "{purpose} needs about {amount:.digits$} {unit}, which the system refuses: raise its limit on memory, or take \
                     fewer rows or a smaller perplexity"
                )
            }
            ErrorKind::Cancelled => write!(f, "stopped before there was a map"),
        }
    }
}

/// The square of a larger distance leaves the range of `f32` (3.4e38).
pub(crate) const LARGEST_DISTANCE: f64 = 1.8e19;

/// Refuses the parameter `name` for its `value`; `bound` says what is allowed.
pub(crate) fn refuse<T>(name: &'static str, value: String, bound: &str) -> Result<T> {
    Err(ErrorKind::Parameter { name, value, bound: bound.to_owned() }.into())
}

/// A number as text of a few characters, whatever its size.
pub(crate) fn legible(value: f64) -> String {
    match value.abs() {
        size if size == 0.0 || (1e-5..1e16).contains(&size) => value.to_string(),
        _ => format!("{value:e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_legible_whatever_their_size() {
        let cases = [
            (1e30, "1e30"),
            (0.5, "0.5"),
            (-0.0, "-0"),
            (1e-9, "1e-9"),
            (20_000.0, "20000"),
            (f64::NAN, "NaN"),
        ];
        for (value, text) in cases {
            assert_eq!(legible(value), text);
        }
    }

    #[test]
    fn a_perplexity_is_advised_that_fits() {
        let message =
            |n_samples| Error::from(ErrorKind::Perplexity { perplexity: 1e30, n_samples }).to_string();
        assert!(message(4).ends_with("rows, 4; try 1"), "{}", message(4));
        assert!(message(60).starts_with("perplexity 1e30 must") && message(60).ends_with("try 19 or less"));
    }
}
