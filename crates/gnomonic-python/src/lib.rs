//! The native part of the Python package `gnomonic`: arrays in, arrays out. What Python's users see is written in Python, in
//! `python/gnomonic`.

mod errors;
mod parameters;
mod runs;
mod stages;
mod watching;

use pyo3::prelude::*;

/// Does what a command line asks for, and returns the exit status: the code of the command `gnomonic`.
#[pyfunction]
fn main(py: Python<'_>, arguments: Vec<std::ffi::OsString>) -> u8 {
    py.detach(|| gnomonic_cli::run(arguments))
}

/// The version of the library.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The module `gnomonic._native`.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", VERSION)?;
    module.add_function(wrap_pyfunction!(main, module)?)?;
    module.add_function(wrap_pyfunction!(runs::fit_dense, module)?)?;
    module.add_function(wrap_pyfunction!(runs::fit_sparse, module)?)?;
    module.add_function(wrap_pyfunction!(runs::fit_distances, module)?)?;
    module.add_function(wrap_pyfunction!(runs::fit_graph, module)?)?;
    module.add_function(wrap_pyfunction!(runs::transform, module)?)?;
    module.add_function(wrap_pyfunction!(stages::start, module)?)?;
    module.add_function(wrap_pyfunction!(stages::neighbors, module)?)?;
    module.add_function(wrap_pyfunction!(stages::affinities, module)?)?;
    module.add_function(wrap_pyfunction!(stages::score, module)?)?;
    module.add_function(wrap_pyfunction!(stages::align, module)?)?;
    module.add_function(wrap_pyfunction!(stages::scatter, module)?)?;
    Ok(())
}
