//! Vectors as text in one cell each: `"[0.1, 0.2]"`, as data frames are written whose cells hold lists.

use gnomonic::Matrix;

use crate::dataset::{Carried, Dataset};
use crate::error::{ErrorKind, Remedy, Result};
use crate::formats::refusals::out_of_range;
use crate::formats::table::Table;
use crate::formats::table::cell::{Cell, parse_cell};
use crate::formats::table::columns::ROW_NAMES;
use crate::formats::table::records::Record;
use crate::gathering::Gathering;
use crate::narrowing::Narrowing;
use crate::options::ReadOptions;
use crate::shown;
use crate::texts::Texts;

impl Table<'_> {
    /// The column of vectors, and how many numbers they have: the one that is asked for, or the only one; `None` where there is none.
    pub(super) fn vectors(&self, options: &ReadOptions) -> Result<Option<(usize, usize)>> {
        let d = |column: usize| numbers(&self.pending.front()?[column]).map(|numbers| numbers.count());
        if let Some(field) = &options.field {
            let column = self.resolve(field)?;
            return match d(column).filter(|&d| d > 0) {
                Some(d) => Ok(Some((column, d))),
                None => {
                    let message = format!("{} holds no vectors, such as [0.1, 0.2]", self.called(column));
                    Err(self.error(ErrorKind::NotANumber, message).remedied_by(&[Remedy::Field]))
                }
            };
        }
        if options.columns.is_some() || self.names.is_none() {
            return Ok(None);
        }
        let all =
            |column: usize| self.pending.iter().all(|row| row.len() > column && is_vector(&row[column]));
        let found: Vec<usize> = (0..self.width).filter(|&column| all(column)).take(3).collect();
        match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(d(*one).map(|d| (*one, d))),
            _ => {
                let named: Vec<String> = found.iter().map(|&column| self.called(column)).collect();
                let message = format!("{} hold vectors; name one", named.join(" and "));
                Err(self.error(ErrorKind::UnknownColumn, message).remedied_by(&[Remedy::Field]))
            }
        }
    }

    /// Reads the vectors of `d` numbers in a column; all other columns are carried along.
    pub(super) fn into_vectors(
        mut self,
        column: usize,
        d: usize,
        options: &ReadOptions,
        narrowing: &mut Narrowing,
    ) -> Result<Dataset> {
        narrowing.start(d, &self.memory).map_err(|no_room| self.no_room(no_room))?;
        let label = self.label_column(&options.label_column)?;
        let excluded = self.resolve_all(&options.exclude)?;
        let names = match &options.index_column {
            Some(name) => Some(self.resolve(name)?),
            None => (0..self.width).find(|&at| self.is_called(at, &ROW_NAMES)),
        };
        let taken = |at: usize| at == column || Some(at) == label || excluded.binary_search(&at).is_ok();
        let beside: Vec<usize> = (0..self.width).filter(|&at| !taken(at)).collect();
        let mut texts = vec![Texts::default(); beside.len()];
        let mut labels = Gathering::new(&self.memory);
        let mut values: Vec<f32> = Vec::new();
        let mut record = Record::default();
        while self.next(&mut record)? {
            self.reserve(&mut values, d)?;
            let start = values.len();
            for cell in numbers(&record[column]).into_iter().flatten() {
                let at = values.len() - start;
                if at == d {
                    return Err(self.of_another_length(&record, column, d));
                }
                let Cell::Finite(value, double) = parse_cell(cell, false) else {
                    let what = shown::text(&String::from_utf8_lossy(cell));
                    if let Cell::BeyondRange(_) = parse_cell(cell, false) {
                        return Err(out_of_range(&self.source, &what).at(self.place(&record, column)));
                    }
                    let message = format!("\"{what}\" in the vector is not a finite number");
                    return Err(self.error(ErrorKind::NotANumber, message).at(self.place(&record, column)));
                };
                values.push(match narrowing.offsets() {
                    Some(offsets) => (double - offsets[at]) as f32,
                    None => {
                        narrowing.include(at, double);
                        value
                    }
                });
            }
            if values.len() - start != d {
                return Err(self.of_another_length(&record, column, d));
            }
            if let Some(label) = label {
                self.push_label(&record, label, options, &mut labels)?;
            }
            for (&at, texts) in beside.iter().zip(&mut texts) {
                let text = self.decoded(&record[at]);
                texts.push(text.trim(), &self.memory).map_err(|no_room| self.no_room(no_room))?;
            }
        }
        let matrix = Matrix::new(values, self.row, d);
        let matrix = matrix.map_err(|error| self.error(ErrorKind::Malformed, error.to_string()))?;
        let carried = beside.iter().zip(texts).map(|(&at, texts)| {
            let names_rows = Some(at) == names;
            Carried { name: self.carried_name(at, names_rows), texts, names_rows }
        });
        let carried = carried.collect();
        self.unusual.push(format!("the vectors in {}", self.called(column)));
        Ok(Dataset {
            labels: label.map(|_| labels.finish()),
            carried,
            dialect: self.said(),
            notes: std::mem::take(&mut self.notes),
            ..Dataset::new(self.source.name(), matrix)
        })
    }

    fn of_another_length(&self, record: &Record, column: usize, d: usize) -> crate::error::Error {
        let found = numbers(&record[column]).map_or(0, Iterator::count);
        let message = format!("the vector has {found} numbers where the first has {d}");
        self.error(ErrorKind::Ragged, message).at(self.place(record, column))
    }
}

/// Whether a cell holds a list of several numbers.
pub(super) fn is_vector(cell: &[u8]) -> bool {
    numbers(cell).is_some_and(|numbers| numbers.count() > 1)
}

/// The numbers of a list in brackets, between commas or blanks; `None` where a cell holds no list.
fn numbers(cell: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    let cell = cell.trim_ascii();
    let inside = cell.strip_prefix(b"[").and_then(|cell| cell.strip_suffix(b"]"));
    let inside = inside.or_else(|| cell.strip_prefix(b"(").and_then(|cell| cell.strip_suffix(b")")))?;
    let pieces = inside.split(|byte| matches!(byte, b',' | b';') || byte.is_ascii_whitespace());
    let pieces = pieces.filter(|piece| !piece.is_empty());
    let first = pieces.clone().next()?;
    matches!(parse_cell(first, false), Cell::Finite(..)).then_some(pieces)
}
