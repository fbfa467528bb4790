//! Writing files that are whole or absent: [`WholeFile`] is how, [`atomically`] the whole of it for one file.

mod whole;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::dataset::Carried;
use crate::error::{Error, ErrorKind, Result};
use crate::formats::numpy::npy::MAGIC;
use crate::labels::Labels;
use crate::shown;
use gnomonic::MatrixRef;

pub use whole::{WholeFile, sweep};

/// What to do with a file that exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    /// Leave it and fail.
    #[default]
    Refuse,
    /// Replace it, once the new one is complete.
    Replace,
}

/// A map to be written as a table.
#[derive(Clone, Copy, Debug)]
pub struct MapTable<'a> {
    /// The points, `n × c`: their columns are called x, y and z, or of more than three x1, x2, …
    pub points: MatrixRef<'a>,
    /// The row of the input that each point stands for; `None` counts from 0.
    pub index: Option<&'a [usize]>,
    /// The labels of the points.
    pub labels: Option<&'a Labels>,
    /// Columns that are carried along, as written after all others.
    pub carried: &'a [Carried],
}

/// Calls `write` with a buffered file that has no name yet, and gives it the target's when all succeeded. On any failure, and when
/// the program is killed, nothing is left behind and a file that stood there is untouched. A target that is a
/// device or a pipe is written to directly.
///
/// # Errors
/// Names `path`: it exists and `existing` refuses, or is no file that can be replaced; its folder is missing or cannot be written
/// to; or writing failed.
pub fn atomically(
    path: &Path,
    existing: Existing,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    check_target(path, existing)?;
    let failed = |error| Error::io(path, "writing", error);
    if is_special(path) {
        let mut writer = BufWriter::new(File::options().write(true).open(path).map_err(failed)?);
        return write(&mut writer).and_then(|()| writer.flush()).map_err(failed);
    }
    let mut file = WholeFile::new_in(folder_of(path)).map_err(failed)?;
    let mut writer = BufWriter::with_capacity(1 << 16, &mut file);
    write(&mut writer).and_then(|()| writer.flush()).map_err(failed)?;
    drop(writer);
    file.publish(path, existing).map_err(|error| match (error.kind(), existing) {
        (io::ErrorKind::AlreadyExists, Existing::Refuse) => already_exists(path),
        (io::ErrorKind::AlreadyExists, Existing::Replace) => no_file(path),
        _ => failed(error),
    })
}

/// Finds out, before any long work, whether [`atomically`] could write to `path`, and removes from its folder what an earlier
/// run that was killed left there unfinished.
///
/// # Errors
/// As [`atomically`].
pub fn check_target(path: &Path, existing: Existing) -> Result<()> {
    if path.is_dir() {
        return Err(Error::file(
            ErrorKind::IsDirectory,
            path,
            "is a directory, where a file is to be written; name a file in it",
        ));
    }
    if is_special(path) {
        return Ok(());
    }
    match fs::symlink_metadata(path) {
        Ok(_) if existing == Existing::Refuse => return Err(already_exists(path)),
        Ok(standing) if !standing.is_file() => return Err(no_file(path)),
        _ => {}
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        let message = format!("the directory {} does not exist; make it first", shown::path(folder));
        return Err(Error::file(ErrorKind::NotFound, path, message));
    }
    check_folder(folder).map_err(|error| Error::io(path, "writing to its directory", error))
}

/// Finds out whether files can be made in `folder`, and removes what an earlier run that was killed left there unfinished.
///
/// # Errors
/// Those of the system.
pub fn check_folder(folder: &Path) -> io::Result<()> {
    sweep(folder);
    WholeFile::new_in(folder).map(drop)
}

/// Writes `points` as `.npy`, version 1.0: `<f4`, C order, `(n, c)`.
///
/// # Errors
/// As [`atomically`].
pub fn npy(path: &Path, existing: Existing, points: MatrixRef<'_>) -> Result<()> {
    atomically(path, existing, |writer| npy_to(writer, points))
}

/// Writes `points` as `.npy` to `writer`.
///
/// # Errors
/// Those of the writer.
pub fn npy_to(writer: &mut dyn Write, points: MatrixRef<'_>) -> io::Result<()> {
    npy_header_to(writer, "<f4", &format!("{}, {}", points.n_samples(), points.n_features()))?;
    values_to(writer, points)
}

/// Writes what stands before the values of a `.npy` in C order: NumPy's name of their type, and the shape as between
/// the parentheses.
pub(crate) fn npy_header_to(writer: &mut dyn Write, descr: &str, shape: &str) -> io::Result<()> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}");
    // Magic string, version, length and header take a multiple of 64 bytes, so that the values can be mapped.
    let padding = 63 - (10 + header.len()) % 64;
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    writer.write_all(MAGIC)?;
    writer.write_all(&[1, 0])?;
    writer.write_all(&(header.len() as u16).to_le_bytes())?;
    writer.write_all(header.as_bytes())
}

/// Writes the values row after row as little-endian `f32`.
pub(crate) fn values_to(writer: &mut dyn Write, points: MatrixRef<'_>) -> io::Result<()> {
    for value in points.as_slice() {
        writer.write_all(&value.to_le_bytes())?;
    }
    Ok(())
}

/// Writes a map as CSV: `index,x,y` and, with labels, `label`, and then what is carried along. Numbers are as short as they can be and read back to the
/// same bits.
///
/// # Errors
/// As [`atomically`].
pub fn map_csv(path: &Path, existing: Existing, map: &MapTable<'_>) -> Result<()> {
    atomically(path, existing, |writer| map_csv_to(writer, map))
}

/// Writes a map as CSV to `writer`; see [`map_csv`].
///
/// # Errors
/// Those of the writer.
pub fn map_csv_to(writer: &mut dyn Write, map: &MapTable<'_>) -> io::Result<()> {
    write_header(writer, "", map, ',')?;
    write_rows(writer, "", map, ',')
}

/// The same with tabs between the cells.
///
/// # Errors
/// Those of the writer.
pub fn map_tsv_to(writer: &mut dyn Write, map: &MapTable<'_>) -> io::Result<()> {
    write_header(writer, "", map, '\t')?;
    write_rows(writer, "", map, '\t')
}

/// Writes a map as a JSON array of one object for each point, with the fields that [`map_csv`] has as columns.
///
/// # Errors
/// Those of the writer.
pub fn map_json_to(writer: &mut dyn Write, map: &MapTable<'_>) -> io::Result<()> {
    check_lengths(map)?;
    writer.write_all(b"[")?;
    for (i, point) in map.points.rows().enumerate() {
        let between = if i == 0 { "\n" } else { ",\n" };
        write!(writer, "{between}{{\"index\": {}", map.index.map_or(i, |index| index[i]))?;
        for (component, value) in point.iter().enumerate() {
            let name = component_name(component, map.points.n_features());
            match value.is_finite() {
                true => write!(writer, ", \"{name}\": {}", number(*value))?,
                false => write!(writer, ", \"{name}\": null")?,
            }
        }
        if let Some(labels) = map.labels {
            write!(writer, ", \"label\": {}", serde_json::Value::from(labels.name(i)))?;
        }
        for column in map.carried {
            let name = serde_json::Value::from(own_name(column));
            write!(writer, ", {name}: {}", serde_json::Value::from(column.texts.get(i)))?;
        }
        writer.write_all(b"}")?;
    }
    writer.write_all(b"\n]\n")
}

/// Writes the maps of a sweep as one CSV, one after another: `perplexity,index,x,y` and, with labels, `label`.
///
/// # Errors
/// As [`atomically`].
pub fn sweep_csv(path: &Path, existing: Existing, maps: &[(f64, MapTable<'_>)]) -> Result<()> {
    atomically(path, existing, |writer| sweep_csv_to(writer, maps))
}

/// Writes the maps of a sweep as one CSV to `writer`; see [`sweep_csv`].
///
/// # Errors
/// Those of the writer.
pub fn sweep_csv_to(writer: &mut dyn Write, maps: &[(f64, MapTable<'_>)]) -> io::Result<()> {
    if let Some((_, map)) = maps.first() {
        write_header(writer, "perplexity,", map, ',')?;
    }
    for (perplexity, map) in maps {
        write_rows(writer, &format!("{perplexity},"), map, ',')?;
    }
    Ok(())
}

fn write_header(writer: &mut dyn Write, before: &str, map: &MapTable<'_>, between: char) -> io::Result<()> {
    write!(writer, "{before}index")?;
    for component in 0..map.points.n_features() {
        write!(writer, "{between}{}", component_name(component, map.points.n_features()))?;
    }
    if map.labels.is_some() {
        write!(writer, "{between}label")?;
    }
    for column in map.carried {
        write!(writer, "{between}{}", quoted(&own_name(column), between))?;
    }
    writeln!(writer)
}

/// What a coordinate is called, of so many.
fn component_name(component: usize, n_components: usize) -> String {
    match ["x", "y", "z"].get(component) {
        Some(name) if n_components <= 3 => (*name).to_owned(),
        _ => format!("x{}", component + 1),
    }
}

/// What a map calls its own columns.
const OWN_NAMES: [&str; 6] = ["perplexity", "index", "x", "y", "z", "label"];

/// What a column is called that is carried along: a name that the map's own columns have would not be found again.
fn own_name(column: &Carried) -> String {
    let taken = OWN_NAMES.contains(&column.name.to_ascii_lowercase().as_str());
    format!("{}{}", column.name, if taken { "_" } else { "" })
}

fn check_lengths(map: &MapTable<'_>) -> io::Result<()> {
    let lengths = [map.index.map(<[usize]>::len), map.labels.map(Labels::len)].into_iter().flatten();
    let mut lengths = lengths.chain(map.carried.iter().map(|column| column.texts.len()));
    if lengths.any(|length| length != map.points.n_samples()) {
        let message = "a map needs one index, one label and one text of each column for each point";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    Ok(())
}

fn write_rows(writer: &mut dyn Write, before: &str, map: &MapTable<'_>, between: char) -> io::Result<()> {
    check_lengths(map)?;
    for (i, point) in map.points.rows().enumerate() {
        write!(writer, "{before}{}", map.index.map_or(i, |index| index[i]))?;
        for value in point {
            write!(writer, "{between}{}", number(*value))?;
        }
        if let Some(labels) = map.labels {
            write!(writer, "{between}{}", quoted(labels.name(i), between))?;
        }
        for column in map.carried {
            write!(writer, "{between}{}", quoted(column.texts.get(i), between))?;
        }
        writeln!(writer)?;
    }
    Ok(())
}

/// A number as short as it can be: without an exponent 1e-22 would take two dozen digits.
fn number(value: f32) -> String {
    match value.abs() {
        size if size == 0.0 || (1e-5..1e16).contains(&size) => value.to_string(),
        _ => format!("{value:e}"),
    }
}

/// A cell, in quotes when it holds what would break the table (RFC 4180).
fn quoted(text: &str, between: char) -> String {
    if text.contains([between, '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Whether something that is neither file nor directory stands there, such as `/dev/null`.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

fn already_exists(path: &Path) -> Error {
    Error::file(
        ErrorKind::AlreadyExists,
        path,
        "exists already; remove it, choose another name, or ask to overwrite it (--force)",
    )
}

fn no_file(path: &Path) -> Error {
    Error::file(
        ErrorKind::AlreadyExists,
        path,
        "is a link, or no regular file, and is not replaced; remove it, or choose another name",
    )
}
