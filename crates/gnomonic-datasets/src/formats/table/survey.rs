//! A table that is looked through for what its columns hold, and not kept.

use crate::dataset::Note;
use crate::error::Result;
use crate::formats::table::Table;
use crate::formats::table::cell::{Cell, parse_boolean, parse_cell};
use crate::formats::table::columns::{Columns, Kind};
use crate::formats::table::records::Record;
use crate::options::ReadOptions;
use crate::shown;
use crate::using::Use;

/// Rows that are shown.
const FIRST: usize = 5;

/// What a column holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) range: Option<(f64, f64)>,
    pub(crate) missing: usize,
    pub(crate) texts: usize,
}

/// What a table holds.
pub(crate) struct Surveyed {
    pub(crate) format: String,
    pub(crate) columns: Vec<Found>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) uses: Vec<Use>,
    pub(crate) rows: usize,
    pub(crate) lacking: usize,
    pub(crate) first: Vec<Vec<String>>,
    pub(crate) dialect: Vec<String>,
    pub(crate) notes: Vec<Note>,
    pub(crate) refusal: Option<String>,
}

impl Table<'_> {
    /// Looks through all rows.
    pub(crate) fn survey(mut self, options: &ReadOptions) -> Result<Surveyed> {
        let vectors = self.vectors(options);
        let chosen = match &vectors {
            Ok(None) => self.choose_columns(options),
            _ => Ok(Columns::default()),
        };
        let kinds: Vec<Kind> = (0..self.width).map(|column| self.kind(column)).collect();
        let mut columns: Vec<Found> = Vec::new();
        self.reserve(&mut columns, self.width)?;
        columns.extend((0..self.width).map(|column| Found {
            name: self.name(column).unwrap_or_default().into_owned(),
            ..Found::default()
        }));
        let (mut refusal, uses) = match (&vectors, &chosen) {
            (Err(error), _) | (_, Err(error)) => {
                (Some(error.message().to_owned()), vec![Use::LeftOut; self.width])
            }
            (Ok(vectors), Ok(chosen)) => {
                let vector = vectors.map(|(column, _)| column);
                (None, (0..self.width).map(|column| used(chosen, vector, column)).collect())
            }
        };
        let comma = self.dialect.comma;
        let (mut lacking, mut first) = (0, Vec::new());
        let places = chosen.as_ref().map_or(Vec::new(), |columns| self.counters(columns, options));
        let of = |place: usize| chosen.as_ref().map_or(0, |columns| columns.values[place]);
        // Of each column whose name says that it may count the rows, its first number and whether it does.
        let mut counters: Vec<(usize, Option<f64>, bool)> =
            places.into_iter().map(|place| (of(place), None, true)).collect();
        let mut record = Record::default();
        while self.next(&mut record)? {
            if first.len() < FIRST {
                let cells = record.cells().take(self.width);
                first.push(cells.map(|cell| self.decoded(cell).trim().to_owned()).collect());
            }
            let mut lacks = false;
            for (column, found) in columns.iter_mut().enumerate() {
                match parse_cell(&record[column], comma) {
                    Cell::Finite(_, value) => {
                        let (low, high) = found.range.unwrap_or((value, value));
                        found.range = Some((low.min(value), high.max(value)));
                    }
                    Cell::Text(_)
                        if kinds[column] == Kind::Boolean && parse_boolean(&record[column]).is_some() => {}
                    Cell::Text(_) | Cell::BeyondRange(_) => found.texts += 1,
                    Cell::Missing(_) | Cell::NotFinite(_) => {
                        found.missing += 1;
                        lacks |= uses[column] == Use::Value;
                    }
                }
            }
            lacking += usize::from(lacks);
            for (column, first, counts) in &mut counters {
                let Cell::Finite(_, value) = parse_cell(&record[*column], comma) else {
                    *counts = false;
                    continue;
                };
                let first = *first.get_or_insert(value);
                *counts &= (first == 0.0 || first == 1.0) && value == first + (self.row - 1) as f64;
            }
        }
        for (column, _, counts) in counters {
            if counts && self.row > 2 {
                self.note_counter(column);
            }
        }
        for (column, found) in columns.iter_mut().enumerate() {
            if !kinds[column].is_numeric() {
                found.range = None;
            } else if uses[column] == Use::Value && found.texts > 0 && refusal.is_none() {
                refusal = Some(format!(
                    "column {} ({}) holds numbers but for {} of its {} cells",
                    column + 1,
                    shown::text(&found.name),
                    found.texts,
                    self.row
                ));
            }
        }
        let separator = match self.dialect.delimiter {
            _ if self.dialect.words.is_some() => "word vectors",
            b',' => "CSV",
            b'\t' => "TSV",
            _ => "table of text",
        };
        let mut dialect = self.said();
        if let Ok(Some((column, d))) = vectors {
            dialect.push(format!("vectors of {d} numbers in {}", self.called(column)));
        }
        Ok(Surveyed {
            format: separator.to_owned(),
            columns,
            kinds,
            uses,
            rows: self.row,
            lacking,
            first,
            dialect,
            notes: std::mem::take(&mut self.notes),
            refusal,
        })
    }
}

fn used(columns: &Columns, vector: Option<usize>, column: usize) -> Use {
    match vector {
        Some(vector) if vector == column => return Use::Value,
        Some(_) => return Use::Carried,
        None => {}
    }
    if columns.values.contains(&column) {
        Use::Value
    } else if columns.label == Some(column) {
        Use::Label
    } else if columns.row_names == Some(column) {
        Use::RowNames
    } else if columns.left_out == Some(column) {
        Use::Numbers
    } else if columns.carried.contains(&column) {
        Use::Carried
    } else {
        Use::LeftOut
    }
}
