//! Maps read back: what this or any other tool made of the data, to draw or to judge.

use gnomonic::Matrix;

use crate::coordinates;
use crate::dataset::{Carried, Dataset, Note};
use crate::error::{ErrorKind, Remedy, Result};
use crate::formats::table::Table;
use crate::formats::table::columns::{Columns, ROW_NAMES};
use crate::labels::Labels;
use crate::options::{LabelColumn, ReadOptions};
use crate::read::{open, read_opened};
use crate::source::Source;
use crate::texts::Texts;

/// A map: a point for each sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// The points, `n_samples × n_components`.
    pub points: Matrix,
    /// What was taken away from each coordinate to keep its digits in `f32`, as of [`Dataset::offsets`](crate::Dataset::offsets).
    pub offsets: Option<Vec<f64>>,
    /// The row of the original data that each point stands for, when the file says.
    pub index: Option<Vec<usize>>,
    /// The labels, when they stand in the file.
    pub labels: Option<Labels>,
    /// Other columns of text, of which one may name the rows.
    pub carried: Vec<Carried>,
    /// The numbers of the rows, where the first column holds such and has no name.
    pub numbers: Option<Texts>,
    /// How the file was read, in a few words each, where that was not said.
    pub dialect: Vec<String>,
    /// What a reader of the result should know.
    pub notes: Vec<Note>,
}

/// What a map calls the labels of its points.
const LABELS: [&str; 8] =
    ["label", "labels", "cluster", "clusters", "class", "cell_type", "celltype", "cell type"];

impl Map {
    /// The names of the rows: of the column that `key` is the name of, or else of one that looks like it.
    #[must_use]
    pub fn row_names(&self, key: Option<&str>) -> Option<&Texts> {
        let same = self.carried.iter().find(|column| Some(column.name.as_str()) == key);
        let named = || self.carried.iter().find(|column| column.names_rows);
        let usual = || {
            let is_one =
                |column: &&Carried| ROW_NAMES.iter().any(|name| column.name.eq_ignore_ascii_case(name));
            self.carried.iter().find(is_one)
        };
        same.or_else(named).or_else(usual).map(|column| &column.texts).or(self.numbers.as_ref())
    }
}

/// Reads a map: a text table in any order and beside any other columns, of which two are called `x` and `y` (and `z`), as
/// [`crate::write::map_csv`] writes it, or as tools call their maps (`TSNE-1` and `TSNE-2`, `UMAP_1` and `UMAP_2`, `comp-1` and
/// `comp-2`), or are named in the options; or else any table or array of numbers, all of whose columns are coordinates.
///
/// The labels are those of the label column, or else of one called `label`, `cluster`, `class` or `cell_type`.
///
/// # Errors
/// As [`read_matrix`](crate::read_matrix); when the table has a column `perplexity`, for then it holds several maps; and when the names
/// of its columns are those of several.
pub fn read_map(source: &Source, options: &ReadOptions) -> Result<Map> {
    let mut index = None;
    let opened = open(source, options)?;
    let dataset = read_opened(source, options, opened, |input, format, narrowing| {
        if !format.has_columns() {
            return format.read(input, options, narrowing);
        }
        let mut table = Table::open(input, options)?;
        let label = label_column(&table, options)?;
        let Some(columns) = map_columns(&table, label, options)? else {
            let label_column =
                label.map_or(LabelColumn::Absent, |column| LabelColumn::At((column + 1).to_string()));
            return table.into_dataset(&ReadOptions { label_column, ..options.clone() }, narrowing);
        };
        let rows = table.read_columns(&columns, options, narrowing)?;
        index = rows.index;
        Ok(Dataset {
            labels: rows.labels,
            carried: rows.carried,
            numbers: rows.numbers,
            dialect: table.coordinates_said(&columns.values),
            ..Dataset::new(source.name(), rows.matrix)
        })
    })?;
    Ok(Map {
        points: dataset.matrix.into_matrix(),
        offsets: dataset.offsets,
        index,
        labels: dataset.labels,
        carried: dataset.carried,
        numbers: dataset.numbers,
        dialect: dataset.dialect,
        notes: dataset.notes,
    })
}

/// The column of the labels.
fn label_column(table: &Table<'_>, options: &ReadOptions) -> Result<Option<usize>> {
    match &options.label_column {
        LabelColumn::Auto => Ok(LABELS.iter().find_map(|name| table.column_called(name))),
        wanted => table.label_column(wanted),
    }
}

/// The columns of a table that names its coordinates.
fn map_columns(table: &Table<'_>, label: Option<usize>, options: &ReadOptions) -> Result<Option<Columns>> {
    let names = table.all_names();
    let values = match &options.coordinates {
        Some([x, y]) => Some(vec![table.resolve(x)?, table.resolve(y)?]),
        None => match names {
            Some(names) => coordinates::told(table, &names)?,
            None => None,
        },
    };
    let Some(values) = values else { return Ok(None) };
    if table.column_named("perplexity").is_some() {
        return Err(table.error(
            ErrorKind::Malformed,
            "has a column perplexity, so it holds several maps; keep the rows of one and drop that column",
        ));
    }
    for &column in &values {
        if !table.kind(column).is_numeric() {
            let message = format!("{} holds text, so it is no coordinate of a map", table.called(column));
            return Err(table.error(ErrorKind::NotANumber, message).remedied_by(&[Remedy::Coordinates]));
        }
    }
    let free = |column: &usize| !values.contains(column) && Some(*column) != label;
    let index = table.column_named("index").filter(free);
    let (index, names) = match index {
        // Rows that a data frame of pandas numbers have names too, where these are text.
        Some(column) if !table.kind(column).is_numeric() => (None, Some(column)),
        index => (index, None),
    };
    let unnamed = table.numbers_rows(0) && index != Some(0);
    let row_names = match &options.index_column {
        Some(name) => Some(table.resolve(name)?),
        None => names
            .or((unnamed && !table.kind(0).is_numeric()).then_some(0))
            .or_else(|| (table.is_called(0, &ROW_NAMES)).then_some(0)),
    };
    let row_names = row_names.filter(free);
    let left_out = (unnamed && table.kind(0).is_numeric()).then_some(0).filter(free);
    let taken = [index, row_names, left_out];
    let carried = (0..table.width()).filter(|column| {
        free(column) && !taken.contains(&Some(*column)) && !table.kind(*column).is_numeric()
    });
    Ok(Some(Columns {
        carried: carried.collect(),
        values,
        label,
        index,
        row_names,
        left_out,
        ..Columns::default()
    }))
}
