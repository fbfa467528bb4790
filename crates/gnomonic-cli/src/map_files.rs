//! Maps as files: CSV for people and tables, `.npy` for NumPy.

use std::io;

use gnomonic::{Embedding, Fit, MatrixRef};
use gnomonic_datasets::write::{MapTable, map_csv_to, map_json_to, map_tsv_to, npy_to, sweep_csv_to};

use crate::plan::MapFormat;
use crate::preparation::Prepared;

/// The bytes of a map in the format asked for.
pub(crate) fn map(format: MapFormat, map: &Embedding, prepared: &Prepared) -> io::Result<Vec<u8>> {
    match format {
        MapFormat::Npy => npy(map),
        MapFormat::Csv => csv(map, prepared),
        MapFormat::Tsv => text(map, prepared, map_tsv_to),
        MapFormat::Json => text(map, prepared, map_json_to),
    }
}

fn npy(map: &Embedding) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    npy_to(&mut bytes, map.view())?;
    Ok(bytes)
}

/// A map as CSV: `index, x, y` and, with labels, `label`, and then what is carried along.
pub(crate) fn csv(map: &Embedding, prepared: &Prepared) -> io::Result<Vec<u8>> {
    text(map, prepared, map_csv_to)
}

fn text(
    map: &Embedding,
    prepared: &Prepared,
    write: impl Fn(&mut dyn io::Write, &MapTable<'_>) -> io::Result<()>,
) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write(&mut bytes, &table(map.view(), prepared))?;
    Ok(bytes)
}

/// The maps of a sweep as one CSV: `perplexity, index, x, y` and, with labels, `label`.
pub(crate) fn sweep_csv(fits: &[Fit], prepared: &Prepared) -> io::Result<Vec<u8>> {
    let tables: Vec<(f64, MapTable<'_>)> = fits
        .iter()
        .map(|fit| (fit.record.perplexity.unwrap_or(f64::NAN), table(fit.embedding.view(), prepared)))
        .collect();
    let mut bytes = Vec::new();
    sweep_csv_to(&mut bytes, &tables)?;
    Ok(bytes)
}

/// `index` is the row of the input before sampling.
fn table<'a>(points: MatrixRef<'a>, prepared: &'a Prepared) -> MapTable<'a> {
    MapTable {
        points,
        index: prepared.rows.as_deref(),
        labels: prepared.labels.as_ref(),
        carried: &prepared.carried,
    }
}
