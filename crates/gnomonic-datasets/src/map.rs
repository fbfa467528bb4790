//! Maps read back: what this or any other tool made of the data, to draw or to judge.

use gnomonic::Matrix;

use crate::dataset::Labels;
use crate::error::{ErrorKind, Result};
use crate::formats::table::Table;
use crate::formats::table::columns::Columns;
use crate::narrowing::Narrowing;
use crate::options::ReadOptions;
use crate::read::{open, read_opened};
use crate::source::Source;

/// A map: a point for each sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// The points, `n_samples × n_components`.
    pub points: Matrix,
    /// The row of the original data that each point stands for, when the file says.
    pub index: Option<Vec<usize>>,
    /// The labels, when they stand in the file.
    pub labels: Option<Labels>,
}

/// Reads a map: a text table with the columns `x` and `y` (and `z`), as [`crate::write::map_csv`] writes it, in any
/// order and beside any others; or else any table or array of numbers, all of whose columns are coordinates.
///
/// # Errors
/// As [`read_matrix`](crate::read_matrix); and when the table has a column `perplexity`, for then it holds several maps.
pub fn read_map(source: &Source, options: &ReadOptions) -> Result<Map> {
    let (input, format) = open(source, options)?;
    let dataset = if format.has_columns() {
        let mut table = Table::open(input, options)?;
        if let Some(columns) = map_columns(&table, options)? {
            let rows = table.read_columns(&columns, options, &mut Narrowing::default())?;
            return Ok(Map { points: rows.matrix, index: rows.index, labels: rows.labels });
        }
        read_opened(source, options, |narrowing| table.into_dataset(options, narrowing))?
    } else {
        read_opened(source, options, |narrowing| format.read(input, options, narrowing))?
    };
    Ok(Map { points: dataset.matrix.into_matrix(), index: None, labels: dataset.labels })
}

/// The columns of a table that names its coordinates.
fn map_columns(table: &Table<'_>, options: &ReadOptions) -> Result<Option<Columns>> {
    let column = |name: &str| table.column_named(name);
    let (Some(x), Some(y)) = (column("x"), column("y")) else {
        return Ok(None);
    };
    if column("perplexity").is_some() {
        return Err(table.error(
            ErrorKind::Malformed,
            "has a column perplexity, so it holds several maps; keep the rows of one and drop that column",
        ));
    }
    let values = [Some(x), Some(y), column("z")];
    Ok(Some(Columns {
        values: values.into_iter().flatten().collect(),
        label: table.label_column(&options.label_column)?,
        index: column("index"),
        ..Columns::default()
    }))
}
