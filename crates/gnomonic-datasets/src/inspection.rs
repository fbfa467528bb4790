//! How a file is read, without making anything of it: its format, its columns, and what each is for.

use crate::dataset::{Dataset, Note};
use crate::error::Result;
use crate::formats::table::Table;
use crate::formats::table::columns::Kind;
use crate::formats::table::survey::Surveyed;
use crate::narrowing::Narrowing;
use crate::options::ReadOptions;
use crate::read::open;
use crate::source::Source;
use crate::using::Use;

/// A column as it was found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Column {
    /// Its number, from 1.
    pub number: usize,
    /// Its name in the header; empty without one.
    pub name: String,
    /// What it holds, in a word: `number`, `true or false`, `text`, `nothing`.
    pub kind: &'static str,
    /// What it is for.
    pub used: Use,
    /// The least and the greatest number.
    pub range: Option<(f64, f64)>,
    /// Cells without a value.
    pub missing: usize,
    /// Cells that are text in a column of numbers.
    pub texts: usize,
}

/// How a file is read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Inspection {
    /// What the format is called.
    pub format: String,
    /// How it is written where that is not usual, in a few words each.
    pub dialect: Vec<String>,
    /// Rows.
    pub n_samples: usize,
    /// Columns that are mapped.
    pub n_features: usize,
    /// Rows that lack a value of those that are mapped.
    pub lacking: usize,
    /// All columns, in the order of the file; of formats without columns that can be named, those that are mapped.
    pub columns: Vec<Column>,
    /// The first rows as they stand in the file, up to five.
    pub first: Vec<Vec<String>>,
    /// What a reader of the result should know.
    pub notes: Vec<Note>,
    /// Why it cannot be mapped as it is, if so.
    pub refusal: Option<String>,
}

/// Tells how `source` is read with `options`. Reads all of it once, and keeps no more of a table of text than its columns.
///
/// # Errors
/// As [`read_matrix`](crate::read_matrix), where the file cannot be read as a table at all; what can be told of one that cannot be
/// mapped is told with the [refusal](Inspection::refusal).
pub fn inspect(source: &Source, options: &ReadOptions) -> Result<Inspection> {
    let (input, format) = open(source, options)?;
    if format.has_columns() {
        return Ok(of_table(Table::open(input, options)?.survey(options)?));
    }
    let dataset = format.read(input, options, &mut Narrowing::default())?;
    Ok(of_dataset(format.name(), &dataset))
}

fn of_table(surveyed: Surveyed) -> Inspection {
    let Surveyed { format, columns, kinds, uses, rows, lacking, first, dialect, notes, refusal } = surveyed;
    let columns: Vec<Column> = columns
        .into_iter()
        .zip(kinds)
        .zip(uses)
        .enumerate()
        .map(|(at, ((found, kind), used))| Column {
            number: at + 1,
            name: found.name,
            kind: match kind {
                Kind::Number => "number",
                Kind::Boolean => "true or false",
                Kind::Text => "text",
                Kind::Empty => "nothing",
            },
            used,
            range: found.range,
            missing: found.missing,
            texts: found.texts,
        })
        .collect();
    Inspection {
        format,
        dialect,
        n_samples: rows,
        n_features: columns.iter().filter(|column| column.used == Use::Value).count(),
        lacking,
        columns,
        first,
        notes,
        refusal,
    }
}

fn of_dataset(format: &str, dataset: &Dataset) -> Inspection {
    const FIRST: usize = 5;
    let (n, d) = (dataset.matrix.n_samples(), dataset.matrix.n_features());
    let mut found: Vec<(f64, f64, usize)> = vec![(f64::INFINITY, f64::NEG_INFINITY, 0); d];
    let mut lacking = 0;
    for row in 0..n {
        let values = dataset.matrix.row(row);
        lacking += usize::from(values.iter().any(|value| value.is_nan()));
        for (&value, (low, high, missing)) in values.iter().zip(&mut found) {
            let value = f64::from(value);
            *missing += usize::from(value.is_nan());
            (*low, *high) = (low.min(value), high.max(value));
        }
    }
    let offset = |column: usize| dataset.offsets.as_ref().map_or(0.0, |offsets| offsets[column]);
    let name = |column: usize| dataset.column_names.as_ref().map_or("", |names| names.get(column));
    let mut columns: Vec<Column> = found
        .into_iter()
        .enumerate()
        .map(|(at, (low, high, missing))| Column {
            number: at + 1,
            name: name(at).to_owned(),
            kind: "number",
            used: Use::Value,
            range: (low <= high).then(|| (low + offset(at), high + offset(at))),
            missing,
            texts: 0,
        })
        .collect();
    let beside = |at: usize, name: &str, used| Column {
        number: d + at + 1,
        name: name.to_owned(),
        kind: "text",
        used,
        range: None,
        missing: 0,
        texts: 0,
    };
    for (at, column) in dataset.carried.iter().enumerate() {
        let used = if column.names_rows { Use::RowNames } else { Use::Carried };
        columns.push(beside(at, &column.name, used));
    }
    if dataset.labels.is_some() {
        columns.push(beside(dataset.carried.len(), "label", Use::Label));
    }
    let row = |row: usize| -> Vec<String> {
        let values = dataset.matrix.row(row).iter().map(ToString::to_string);
        let texts = dataset.carried.iter().map(|column| column.texts.get(row).to_owned());
        values.chain(texts).chain(dataset.labels.as_ref().map(|labels| labels.name(row).to_owned())).collect()
    };
    Inspection {
        format: format.to_owned(),
        dialect: dataset.dialect.clone(),
        n_samples: n,
        n_features: d,
        lacking,
        columns,
        first: (0..n.min(FIRST)).map(row).collect(),
        notes: dataset.notes.clone(),
        refusal: None,
    }
}
