//! `.npy` files as the benchmarks use them: two dimensions, `<f4`, row after row.

use std::error::Error;
use std::fs;
use std::path::Path;

/// The first bytes of a file of version 1, up to the length of its header.
const MAGIC: &[u8; 8] = b"\x93NUMPY\x01\x00";

/// A table of numbers, row after row.
pub(crate) struct Table {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) values: Vec<f32>,
}

/// Reads a table.
///
/// # Errors
/// When the file cannot be read, or is anything but `<f4` in two dimensions and C order.
pub(crate) fn read(path: &Path) -> Result<Table, Box<dyn Error>> {
    let refuse = |what: &str| format!("{}: {what}; expected a two-dimensional .npy of <f4", path.display());
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or_else(|| refuse("no .npy of version 1"))?;
    let (length, rest) = rest.split_first_chunk().ok_or_else(|| refuse("no header"))?;
    let (header, body) =
        rest.split_at_checked(u16::from_le_bytes(*length).into()).ok_or_else(|| refuse("half a header"))?;
    let header = std::str::from_utf8(header)?;
    if !(header.contains("'<f4'") && header.contains("'fortran_order': False")) {
        return Err(refuse(header.trim()).into());
    }
    let shape = header.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(shape, _)| shape);
    let sides: Vec<usize> = shape
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|side| !side.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [rows, columns] = sides[..] else {
        return Err(refuse("another number of dimensions").into());
    };
    let values: Vec<f32> = body.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    if rows.checked_mul(columns) != Some(values.len()) || columns == 0 {
        return Err(refuse("values that do not fill its shape").into());
    }
    Ok(Table { rows, columns, values })
}

/// Writes a table.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write(path: &Path, table: &Table) -> Result<(), Box<dyn Error>> {
    let header =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", table.rows, table.columns);
    // The body starts at a multiple of 64 bytes, after magic, length, header and a line feed.
    let filled = (MAGIC.len() + 2 + header.len() + 1).next_multiple_of(64) - MAGIC.len() - 2;
    let mut bytes = MAGIC.to_vec();
    bytes.extend(u16::try_from(filled)?.to_le_bytes());
    bytes.extend(format!("{header:<width$}\n", width = filled - 1).bytes());
    bytes.extend(table.values.iter().flat_map(|value| value.to_le_bytes()));
    fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()).into())
}
