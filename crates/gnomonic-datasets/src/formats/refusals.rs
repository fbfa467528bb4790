//! What every format refuses in the same words: values that are no finite numbers, and numbers that `f32` cannot hold.

use crate::error::{Error, ErrorKind, Place};
use crate::source::Source;

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

/// The error of a finite number, in words, that `f32` cannot hold.
pub(crate) fn out_of_range(source: &Source, value: &str) -> Error {
    source.error(
        ErrorKind::OutOfRange,
        format!(
            "{value} is beyond ±3.4e38, the range of the 32-bit numbers that t-SNE computes with: scale the data first"
        ),
    )
}

/// The place of a value, counted from zero here.
pub(crate) fn cell(row: usize, column: usize) -> Place {
    Place::Cell { row: row + 1, column: column + 1, line: None, name: None }
}
