//! How large a data set is, before it is read.

use std::ffi::OsStr;

use crate::catalog::{Named, Part};
use crate::digits;
use crate::error::Result;
use crate::idx;
use crate::input::Input;
use crate::memory::Memory;
use crate::npy;
use crate::npz::Archive;
use crate::read::{Format, format};
use crate::source::Source;

/// Rows and columns of a data set, as its header or the catalog says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Rows, n.
    pub n_samples: usize,
    /// Columns, d.
    pub n_features: usize,
    /// Whether the values will be mapped into memory where they lie rather than copied: see [`Values`](crate::Values).
    pub is_mapped: bool,
}

/// The shape of what [`load`](crate::load) would read, without reading its values or the network. `None` for a table of
/// text, whose rows have to be read to be counted.
///
/// # Errors
/// As [`load`](crate::load), as far as a header shows what is wrong.
pub fn shape(name: impl AsRef<OsStr>) -> Result<Option<Shape>> {
    let source = Source::parse(&name);
    let text = name.as_ref().to_string_lossy();
    let read = |n_samples, n_features| Shape { n_samples, n_features, is_mapped: false };
    match Named::parse(&text) {
        Ok(Named::Digits) => return Ok(Some(read(digits::N_SAMPLES, digits::N_FEATURES))),
        Ok(Named::Remote(_, part)) => return Ok(Some(read(part.n_samples(), Part::N_FEATURES))),
        // Not a file either: said by whoever reads it.
        Err(_) if !source.path().is_file() => return Ok(None),
        Err(_) => {}
    }
    let mut input = Input::open(&source, &Memory::default())?;
    let (n, d) = match format(&input)? {
        Format::Idx => idx::read_header(&mut input)?.rows_and_columns(&input)?,
        Format::Npy => {
            let header = npy::read_numeric_header(&mut input)?;
            let (n_samples, n_features) = header.rows_and_columns(&input)?;
            let is_mapped = header.map(&input)?.is_some();
            return Ok(Some(Shape { n_samples, n_features, is_mapped }));
        }
        Format::Npz => Archive::open(input)?.matrix_shape()?,
        Format::Text => return Ok(None),
    };
    Ok(Some(read(n, d)))
}
