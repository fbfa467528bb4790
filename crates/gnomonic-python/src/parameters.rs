//! Parameters as Python gives them, by name.

use crate::errors::raised;
use gnomonic::{Affinity, Distance, Initialization, LearningRate, NeighborMethod, RepulsionMethod, Tsne};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The value of `name`, where it is given and not `None`.
fn given<'py, T>(parameters: &Bound<'py, PyDict>, name: &str) -> PyResult<Option<T>>
where
    for<'a> T: FromPyObject<'a, 'py, Error: Into<PyErr>>,
{
    match parameters.get_item(name)? {
        Some(value) if !value.is_none() => {
            let extracted: PyResult<T> = value.extract::<T>().map_err(Into::into);
            extracted.map(Some).map_err(|error| PyValueError::new_err(format!("{name}: {error}")))
        }
        _ => Ok(None),
    }
}

/// A run with the parameters of a dictionary; what is missing or `None` has the library's default.
pub(crate) fn tsne(parameters: &Bound<'_, PyDict>) -> PyResult<Tsne> {
    let mut tsne = Tsne::new();
    if let Some(classic) = given::<bool>(parameters, "classic")?
        && classic
    {
        tsne = Tsne::classic();
    }
    if let Some(perplexity) = given::<f64>(parameters, "perplexity")? {
        tsne = tsne.perplexity(perplexity);
    }
    if let Some(affinity) = given::<String>(parameters, "affinity")? {
        let affinity: Affinity = affinity.parse().map_err(|error: gnomonic::Error| raised(&error))?;
        tsne = tsne.affinity(affinity);
    }
    if let Some(distance) = given::<String>(parameters, "metric")? {
        let distance: Distance = distance.parse().map_err(|error: gnomonic::Error| raised(&error))?;
        tsne = tsne.distance(distance);
    }
    if let Some(n_components) = given::<usize>(parameters, "n_components")? {
        tsne = tsne.components(n_components);
    }
    if let Some(dof) = given::<f64>(parameters, "dof")? {
        tsne = tsne.dof(dof);
    }
    if let Some(iterations) = given::<usize>(parameters, "iterations")? {
        tsne = tsne.iterations(iterations);
    }
    if let Some(factor) = given::<f64>(parameters, "early_exaggeration")? {
        tsne = tsne.early_exaggeration(factor);
    }
    if let Some(iterations) = given::<usize>(parameters, "early_exaggeration_iterations")? {
        tsne = tsne.early_exaggeration_iterations(iterations);
    }
    if let Some(factor) = given::<f64>(parameters, "exaggeration")? {
        tsne = tsne.exaggeration(factor);
    }
    if let Some(rate) = given::<f64>(parameters, "learning_rate")? {
        tsne = tsne.learning_rate(LearningRate::Fixed(rate));
    }
    if let Some(norm) = given::<f64>(parameters, "min_gradient_norm")? {
        tsne = tsne.min_gradient_norm(Some(norm));
    }
    if let Some(init) = given::<String>(parameters, "init")? {
        tsne = tsne.initialization(initialization(&init)?);
    }
    if let Some(method) = given::<String>(parameters, "method")? {
        let angle = given::<f64>(parameters, "angle")?.unwrap_or(RepulsionMethod::ANGLE);
        tsne = tsne.repulsion(repulsion(&method, angle)?);
    }
    if let Some(method) = given::<String>(parameters, "neighbor_method")? {
        tsne = tsne.neighbor_method(neighbor_method(&method)?);
    }
    if let Some(seed) = given::<u64>(parameters, "seed")? {
        tsne = tsne.seed(seed);
    }
    Ok(tsne.threads(given::<usize>(parameters, "threads")?))
}

pub(crate) fn initialization(name: &str) -> PyResult<Initialization> {
    match name {
        "pca" => Ok(Initialization::Pca),
        "random" => Ok(Initialization::Random),
        other => {
            Err(PyValueError::new_err(format!("init is {other:?}; it must be 'pca', 'random' or an array")))
        }
    }
}

fn repulsion(name: &str, angle: f64) -> PyResult<RepulsionMethod> {
    match name {
        "auto" => Ok(RepulsionMethod::Auto),
        "exact" => Ok(RepulsionMethod::Exact),
        "field" => Ok(RepulsionMethod::Field),
        "barnes_hut" => Ok(RepulsionMethod::BarnesHut { angle }),
        other => Err(PyValueError::new_err(format!(
            "method is {other:?}; it must be 'auto', 'exact', 'field' or 'barnes_hut'"
        ))),
    }
}

fn neighbor_method(name: &str) -> PyResult<NeighborMethod> {
    match name {
        "auto" => Ok(NeighborMethod::Auto),
        "exact" => Ok(NeighborMethod::Exact),
        "approximate" => Ok(NeighborMethod::Approximate),
        "shortlist" => Ok(NeighborMethod::Shortlist),
        "clustered" => Ok(NeighborMethod::Clustered),
        other => Err(PyValueError::new_err(format!(
            "neighbor_method is {other:?}; it must be 'auto', 'exact', 'approximate', 'shortlist' or 'clustered'"
        ))),
    }
}
