//! A start that a file holds: the points of a map, brought into the order of the rows that are mapped.

use std::collections::HashMap;
use std::ffi::OsStr;

use anyhow::{Result, anyhow};
use gnomonic::Embedding;

use crate::budget::Limit;
use crate::input::{MapSource, blame, named};
use crate::preparation::Prepared;
use crate::progress::Progress;
use crate::table::{counted, grouped};

/// Reads the point of each row: where the map has a column `index`, those that it names the rows of; else the points in their order, of
/// which there is one for each row that is mapped.
///
/// # Errors
/// Names the file, and the rows that it has no point for.
pub(super) fn load(
    name: &OsStr,
    prepared: &Prepared,
    n_components: usize,
    limit: &Limit,
    progress: &mut Progress,
) -> Result<Embedding> {
    let map = MapSource { name, coordinates: None }.load_scored(limit, progress)?;
    let (points, n) = (map.points, prepared.matrix.n_samples());
    if points.n_features() != n_components {
        return Err(anyhow!(
            "{}: has {}, and the map is to have {n_components} (--components); a start has as many",
            named(name),
            counted(points.n_features(), "column")
        ));
    }
    let points = match map.index {
        Some(index) => {
            let places: HashMap<usize, usize> =
                index.iter().enumerate().rev().map(|(place, &row)| (row, place)).collect();
            let place = |i: usize| {
                let row = prepared.rows.as_ref().map_or(i, |rows| rows[i]);
                places.get(&row).copied().ok_or_else(|| {
                    anyhow!("{}: its index has no row {row}, which is to be mapped; a start has a point for each row", named(name))
                })
            };
            points.view().select_rows(&(0..n).map(place).collect::<Result<Vec<usize>>>()?)
        }
        None if points.n_samples() != n => {
            return Err(anyhow!(
                "{}: {} for the {} that are mapped; a start has one for each, or a column `index` that names the rows",
                named(name),
                counted(points.n_samples(), "point"),
                grouped(n)
            ));
        }
        None => points,
    };
    Embedding::new(points.into_vec(), n, n_components).map_err(|error| blame(name, &error))
}
