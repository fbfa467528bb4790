//! Whole runs.

use crate::errors::raised;
use crate::parameters::tsne;
use crate::watching::beside_python;
use gnomonic::{
    Distances, Embedding, Fit, MatrixRef, Model, Neighbors, Rows, SparseMatrix, Start, Tsne,
    observer::Observer,
};
use numpy::{PyArray2, PyArrayMethods as _, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods as _};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The map and the record of a run.
type Made<'py> = (Bound<'py, PyArray2<f32>>, Bound<'py, PyDict>);

/// The rows of an array, which is contiguous.
pub(crate) fn rows<'a>(x: &'a PyReadonlyArray2<'_, f32>) -> PyResult<MatrixRef<'a>> {
    let values = x.as_slice().map_err(|_| PyValueError::new_err("the array must be C-contiguous"))?;
    MatrixRef::new(values, x.shape()[0], x.shape()[1]).map_err(|error| raised(&error))
}

/// The map as an array, n × c.
pub(crate) fn array<'py>(py: Python<'py>, embedding: Embedding) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let shape = [embedding.n_samples(), embedding.n_components()];
    let flat = numpy::PyArray1::from_vec(py, embedding.into_vec());
    flat.reshape(shape)
}

fn embedding(map: &PyReadonlyArray2<'_, f32>) -> PyResult<Embedding> {
    let map = rows(map)?;
    Embedding::new(map.as_slice().to_vec(), map.n_samples(), map.n_features()).map_err(|error| raised(&error))
}

fn made<'py>(py: Python<'py>, fit: Fit) -> PyResult<Made<'py>> {
    let record = PyDict::new(py);
    let told = &fit.record;
    record.set_item("version", &told.version)?;
    record.set_item("instruction_set", &told.instruction_set)?;
    record.set_item("n_samples", told.n_samples)?;
    record.set_item("n_neighbors", told.n_neighbors)?;
    record.set_item("neighbor_method", told.neighbor_method.map(|method| method.to_string()))?;
    record.set_item("neighbor_recall", told.neighbor_recall.map(|recall| recall.estimate))?;
    record.set_item("initialization", told.initialization.map(|start| start.to_string()))?;
    record.set_item("method", told.repulsion.to_string())?;
    record.set_item("learning_rate", told.schedule.normal.learning_rate)?;
    record.set_item("early_exaggeration", told.schedule.early.exaggeration)?;
    record.set_item("early_exaggeration_iterations", told.schedule.early.iterations)?;
    record.set_item("exaggeration", told.schedule.normal.exaggeration)?;
    record.set_item("n_iter", told.iterations_done)?;
    record.set_item("kl_divergence", told.kl_divergence)?;
    record.set_item("stop", told.stop.to_string())?;
    record.set_item("settled", told.settled)?;
    record.set_item("seed", told.parameters.seed)?;
    record.set_item("warnings", told.warnings.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    Ok((array(py, fit.embedding)?, record))
}

/// The map of `x`, from `start` if one is given.
fn fit_rows(
    tsne: &Tsne,
    x: Rows<'_>,
    start: Option<Embedding>,
    observer: &mut dyn Observer,
) -> gnomonic::Result<Fit> {
    match start {
        None => tsne.fit_observed(x, observer),
        Some(start) => {
            let found = tsne.neighbors(x, observer)?;
            tsne.fit_neighbors(&found, start, observer)
        }
    }
}

/// Maps dense rows.
#[pyfunction]
#[pyo3(signature = (x, parameters, start=None, callback=None, every=None))]
pub(crate) fn fit_dense<'py>(
    py: Python<'py>,
    x: PyReadonlyArray2<'py, f32>,
    parameters: &Bound<'py, PyDict>,
    start: Option<PyReadonlyArray2<'py, f32>>,
    callback: Option<Bound<'py, PyAny>>,
    every: Option<usize>,
) -> PyResult<Made<'py>> {
    let (tsne, start) = (tsne(parameters)?, start.as_ref().map(embedding).transpose()?);
    let x = rows(&x)?;
    let fit = beside_python(py, callback, every, |observer| fit_rows(&tsne, x.into(), start, observer))?;
    made(py, fit)
}

/// Takes a table in compressed sparse rows.
fn sparse(
    starts: &PyReadonlyArray1<'_, i64>,
    columns: &PyReadonlyArray1<'_, i64>,
    values: &PyReadonlyArray1<'_, f32>,
    n_features: usize,
) -> PyResult<SparseMatrix> {
    let wrong = || {
        PyValueError::new_err(
            "a sparse matrix must have indices from 0 to below 2**32, and contiguous arrays",
        )
    };
    let starts = starts.as_slice().map_err(|_| wrong())?;
    let columns = columns.as_slice().map_err(|_| wrong())?;
    let starts: Option<Vec<usize>> = starts.iter().map(|&start| usize::try_from(start).ok()).collect();
    let columns: Option<Vec<u32>> = columns.iter().map(|&column| u32::try_from(column).ok()).collect();
    let values = values.as_slice().map_err(|_| wrong())?.to_vec();
    SparseMatrix::new(starts.ok_or_else(wrong)?, columns.ok_or_else(wrong)?, values, n_features)
        .map_err(|error| raised(&error))
}

/// Maps sparse rows.
#[pyfunction]
#[pyo3(signature = (starts, columns, values, n_features, parameters, start=None, callback=None, every=None))]
#[expect(clippy::too_many_arguments, reason = "the arrays of a sparse matrix are three")]
pub(crate) fn fit_sparse<'py>(
    py: Python<'py>,
    starts: PyReadonlyArray1<'py, i64>,
    columns: PyReadonlyArray1<'py, i64>,
    values: PyReadonlyArray1<'py, f32>,
    n_features: usize,
    parameters: &Bound<'py, PyDict>,
    start: Option<PyReadonlyArray2<'py, f32>>,
    callback: Option<Bound<'py, PyAny>>,
    every: Option<usize>,
) -> PyResult<Made<'py>> {
    let (tsne, start) = (tsne(parameters)?, start.as_ref().map(embedding).transpose()?);
    let x = sparse(&starts, &columns, &values, n_features)?;
    let fit = beside_python(py, callback, every, |observer| fit_rows(&tsne, (&x).into(), start, observer))?;
    made(py, fit)
}

/// Maps samples by their distances, a square table.
#[pyfunction]
#[pyo3(signature = (distances, parameters, start=None, callback=None, every=None))]
pub(crate) fn fit_distances<'py>(
    py: Python<'py>,
    distances: PyReadonlyArray2<'py, f32>,
    parameters: &Bound<'py, PyDict>,
    start: Option<PyReadonlyArray2<'py, f32>>,
    callback: Option<Bound<'py, PyAny>>,
    every: Option<usize>,
) -> PyResult<Made<'py>> {
    let (tsne, start) = (tsne(parameters)?, start.as_ref().map(embedding).transpose()?);
    let square = Distances::square(rows(&distances)?).map_err(|error| raised(&error))?;
    let fit = beside_python(py, callback, every, |observer| fit_rows(&tsne, square.into(), start, observer))?;
    made(py, fit)
}

/// Maps samples by a graph of their neighbors' distances.
#[pyfunction]
#[pyo3(signature = (starts, columns, values, parameters, start=None, callback=None, every=None))]
#[expect(clippy::too_many_arguments, reason = "the arrays of a sparse matrix are three")]
pub(crate) fn fit_graph<'py>(
    py: Python<'py>,
    starts: PyReadonlyArray1<'py, i64>,
    columns: PyReadonlyArray1<'py, i64>,
    values: PyReadonlyArray1<'py, f32>,
    parameters: &Bound<'py, PyDict>,
    start: Option<PyReadonlyArray2<'py, f32>>,
    callback: Option<Bound<'py, PyAny>>,
    every: Option<usize>,
) -> PyResult<Made<'py>> {
    let (tsne, start) = (tsne(parameters)?, start.as_ref().map(embedding).transpose()?);
    let n_samples = starts.len().saturating_sub(1);
    let graph = sparse(&starts, &columns, &values, n_samples)?;
    let wanted = &tsne.parameters().affinity;
    let neighbors =
        Neighbors::from_graph(&graph, wanted.n_neighbors(n_samples)).map_err(|error| raised(&error))?;
    let (n_components, seed) = (tsne.parameters().n_components, tsne.parameters().seed);
    let fit = beside_python(py, callback, every, |observer| {
        let start = match start {
            Some(start) => start,
            None => gnomonic::initialization::random_in(n_samples, n_components, seed)?,
        };
        tsne.fit_neighbors(&neighbors, Start::from(start), observer)
    })?;
    made(py, fit)
}

/// Lays new rows on a finished map.
#[pyfunction]
#[pyo3(signature = (x, map, perplexity, new, threads=None))]
pub(crate) fn transform<'py>(
    py: Python<'py>,
    x: PyReadonlyArray2<'py, f32>,
    map: PyReadonlyArray2<'py, f32>,
    perplexity: f64,
    new: PyReadonlyArray2<'py, f32>,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let (map, old, new) = (embedding(&map)?, rows(&x)?, rows(&new)?);
    let placed = beside_python(py, None, None, |observer| {
        let own = gnomonic::Matrix::new(old.as_slice().to_vec(), old.n_samples(), old.n_features())?;
        let model = Model::new(own, map, perplexity)?;
        crate::stages::on_threads(threads, || model.transform_observed(new, observer))
    })?;
    array(py, placed)
}
