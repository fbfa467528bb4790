//! How large a data set is, before it is read.

use std::ffi::OsStr;

use crate::catalog::{Named, Part};
use crate::dataset::Shape;
use crate::detect;
use crate::digits;
use crate::error::Result;
use crate::input::Input;
use crate::memory::Memory;
use crate::source::Source;

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
    let input = Input::open(&source, &Memory::default())?;
    detect::format(&input)?.shape(input)
}
