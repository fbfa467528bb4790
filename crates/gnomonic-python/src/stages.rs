//! Single stages, measures and pictures.

use crate::errors::raised;
use crate::parameters::{initialization, tsne};
use crate::runs::{array, rows};
use crate::watching::beside_python;
use gnomonic::{Embedding, Neighbors, neighbors as search, quality};
use gnomonic_plot::{Axes, Figure, Format, Marker, NO_CLASS, Scatter, Theme};
use numpy::{
    PyArray1, PyArray2, PyArrayMethods as _, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods as _,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

/// Does `work` on so many threads, or on those that there are.
pub(crate) fn on_threads<T: Send>(
    threads: Option<usize>,
    work: impl FnOnce() -> gnomonic::Result<T> + Send,
) -> gnomonic::Result<T> {
    gnomonic::on_threads(threads, work)
}

/// Where the points of a map of `x` start.
#[pyfunction]
pub(crate) fn start<'py>(
    py: Python<'py>,
    x: PyReadonlyArray2<'py, f32>,
    init: &str,
    n_components: usize,
    seed: u64,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let (init, x) = (initialization(init)?, rows(&x)?);
    let start = beside_python(py, None, None, |_| init.start_in(x, None, n_components, seed))?;
    array(py, start.embedding().clone())
}

/// Two arrays, n × k.
type Pair<'py> = (Bound<'py, PyArray2<i64>>, Bound<'py, PyArray2<f32>>);

/// The neighbors of each row as indices and distances, nearest first.
#[pyfunction]
pub(crate) fn neighbors<'py>(
    py: Python<'py>,
    x: PyReadonlyArray2<'py, f32>,
    k: usize,
    parameters: &Bound<'py, PyDict>,
) -> PyResult<Pair<'py>> {
    let x = rows(&x)?;
    if k == 0 || k >= x.n_samples() {
        let message =
            format!("n_neighbors is {k}; it must be from 1 to below the number of rows, {}", x.n_samples());
        return Err(PyValueError::new_err(message));
    }
    // A uniform affinity asks for so many neighbors.
    let tsne = tsne(parameters)?.affinity(gnomonic::Affinity::Uniform { k });
    let found = beside_python(py, None, None, |observer| tsne.neighbors(x, observer))?.neighbors;
    let (n, k) = (found.n_samples(), found.k());
    let indices: Vec<i64> = (0..n).flat_map(|i| found.indices(i)).map(|&j| i64::from(j)).collect();
    let distances: Vec<f32> =
        (0..n).flat_map(|i| found.squared_distances(i)).map(|squared| squared.sqrt()).collect();
    let indices = PyArray1::from_vec(py, indices).reshape([n, k])?;
    Ok((indices, PyArray1::from_vec(py, distances).reshape([n, k])?))
}

/// P as the three arrays of a sparse matrix.
type Csr<'py> = (Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<f32>>);

/// P from neighbors' distances.
#[pyfunction]
pub(crate) fn affinities<'py>(
    py: Python<'py>,
    indices: PyReadonlyArray2<'py, i64>,
    distances: PyReadonlyArray2<'py, f32>,
    parameters: &Bound<'py, PyDict>,
) -> PyResult<Csr<'py>> {
    let (n, k) = (indices.shape()[0], indices.shape()[1]);
    let wrong = || {
        PyValueError::new_err(
            "indices and distances must be C-contiguous arrays of one shape, of indices from 0",
        )
    };
    let columns: Option<Vec<u32>> =
        indices.as_slice().map_err(|_| wrong())?.iter().map(|&index| u32::try_from(index).ok()).collect();
    let squared: Vec<f32> =
        distances.as_slice().map_err(|_| wrong())?.iter().map(|distance| distance * distance).collect();
    let columns = columns.ok_or_else(wrong)?;
    let affinity = tsne(parameters)?.parameters().affinity.clone();
    let p = beside_python(py, None, None, |_| {
        gnomonic::Affinities::from_neighbors(&Neighbors::new(n, k, columns, squared)?, affinity)
    })?;
    let mut starts = vec![0_i64];
    let (mut columns, mut values) = (Vec::new(), Vec::new());
    for i in 0..n {
        let (row, probabilities) = p.row(i);
        columns.extend(row.iter().map(|&j| i64::from(j)));
        values.extend_from_slice(probabilities);
        starts.push(values.len() as i64);
    }
    Ok((PyArray1::from_vec(py, starts), PyArray1::from_vec(py, columns), PyArray1::from_vec(py, values)))
}

/// How well a map keeps the neighborhoods of the rows that it was made of.
#[pyfunction]
#[pyo3(signature = (x, map, n_neighbors, labels=None, threads=None))]
pub(crate) fn score<'py>(
    py: Python<'py>,
    x: PyReadonlyArray2<'py, f32>,
    map: PyReadonlyArray2<'py, f32>,
    n_neighbors: usize,
    labels: Option<PyReadonlyArray1<'py, u32>>,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    let (x, map) = (rows(&x)?, rows(&map)?);
    let labels = match &labels {
        Some(labels) => {
            Some(labels.as_slice().map_err(|_| PyValueError::new_err("labels must be contiguous"))?.to_vec())
        }
        None => None,
    };
    let scores = beside_python(py, None, None, |_| {
        on_threads(threads, || {
            let of_data = search::exact(x, n_neighbors)?;
            let of_map = search::exact(map, n_neighbors)?;
            let mut scores = vec![
                ("trustworthiness", quality::trustworthiness(x, map, n_neighbors)?),
                ("continuity", quality::continuity(x, map, n_neighbors)?),
                ("neighbor_recall", quality::neighbor_recall(&of_data, &of_map)?),
            ];
            if let Some(labels) = &labels {
                scores.push(("label_accuracy", quality::label_accuracy(&of_map, labels)?));
                scores.push(("silhouette", quality::silhouette(map, labels)?));
            }
            Ok(scores)
        })
    })?;
    let told = PyDict::new(py);
    for (name, value) in scores {
        told.set_item(name, value)?;
    }
    Ok(told)
}

/// A map turned to lie over another.
#[pyfunction]
pub(crate) fn align<'py>(
    py: Python<'py>,
    map: PyReadonlyArray2<'py, f32>,
    reference: PyReadonlyArray2<'py, f32>,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let of = |map: &PyReadonlyArray2<'_, f32>| -> PyResult<Embedding> {
        let map = rows(map)?;
        Embedding::new(map.as_slice().to_vec(), map.n_samples(), map.n_features())
            .map_err(|error| raised(&error))
    };
    let turned = gnomonic::align(&of(&map)?, &of(&reference)?).map_err(|error| raised(&error))?;
    array(py, turned)
}

/// A picture of a map of two dimensions: PNG or SVG. A class of `NO_CLASS` is none.
#[pyfunction]
#[pyo3(signature = (map, classes, names, *, svg=false, size=(7.0, 7.0), dpi=100.0, title=None, legend=true))]
#[expect(clippy::too_many_arguments, reason = "they are named in Python")]
pub(crate) fn scatter<'py>(
    py: Python<'py>,
    map: PyReadonlyArray2<'py, f32>,
    classes: Option<PyReadonlyArray1<'py, i64>>,
    names: Vec<String>,
    svg: bool,
    size: (f64, f64),
    dpi: f64,
    title: Option<String>,
    legend: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let points = rows(&map)?;
    if points.n_features() != 2 {
        let message = format!("a map of {} dimensions; a picture needs two", points.n_features());
        return Err(PyValueError::new_err(message));
    }
    let classes: Option<Vec<u32>> = match &classes {
        Some(classes) => {
            let classes =
                classes.as_slice().map_err(|_| PyValueError::new_err("classes must be contiguous"))?;
            Some(classes.iter().map(|&class| u32::try_from(class).unwrap_or(NO_CLASS)).collect())
        }
        None => None,
    };
    let n = points.n_samples().max(1) as f64;
    let scatter = Scatter {
        classes: classes.as_deref(),
        names: &names,
        figure: Figure { width: size.0, height: size.1, dpi },
        marker: Marker { area: (60_000.0 / n).clamp(0.6, 50.0), alpha: (20.0 / n.sqrt()).clamp(0.15, 0.8) },
        theme: Theme::default(),
        axes: Axes::Off,
        legend: legend && classes.is_some() && (1..=30).contains(&names.len()),
        title,
        ..Scatter::new(points.as_slice())
    };
    let format = if svg { Format::Svg } else { Format::Png };
    let rendered =
        py.detach(|| scatter.render(format)).map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(PyBytes::new(py, &rendered.bytes))
}
