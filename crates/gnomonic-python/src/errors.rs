//! Errors of the library as exceptions of Python.

use gnomonic::{Error, ErrorKind};
use pyo3::PyErr;
use pyo3::exceptions::{PyMemoryError, PyValueError};

/// What a caller of Python expects: `MemoryError` where the system refuses memory, `ValueError` for what is wrong with the input.
pub(crate) fn raised(error: &Error) -> PyErr {
    match error.kind() {
        ErrorKind::Memory { .. } => PyMemoryError::new_err(error.to_string()),
        _ => PyValueError::new_err(error.to_string()),
    }
}
