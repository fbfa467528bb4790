//! The rows of a table: its values, and what stands beside them.

use std::borrow::Cow;

use gnomonic::Matrix;

use crate::dataset::{Carried, Dataset};
use crate::error::{Error, ErrorKind, Place, Remedy, Result};
use crate::formats::refusals::{non_finite, out_of_range};
use crate::formats::table::Table;
use crate::formats::table::cell::{Cell, is_missing, is_number, parse_boolean, parse_cell};
use crate::formats::table::columns::Columns;
use crate::formats::table::records::Record;
use crate::gathering::Gathering;
use crate::labels::Labels;
use crate::narrowing::Narrowing;
use crate::options::{Header, Missing, ReadOptions};
use crate::shown;
use crate::texts::Texts;

/// What stood in the columns asked for.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) matrix: Matrix,
    pub(crate) labels: Option<Labels>,
    pub(crate) index: Option<Vec<usize>>,
    pub(crate) carried: Vec<Carried>,
    /// What the column holds that numbers the rows.
    pub(crate) numbers: Option<Texts>,
}

/// What is wrong with the values so far, told at the end, when it can be counted.
#[derive(Default)]
struct Wrong {
    /// The first text in a column of numbers: its place, what it says, its column, and how many there are in that.
    text: Option<(Place, String, usize, usize)>,
    /// The first value that is missing or not finite, and how many are.
    bad: Option<(Place, String, usize)>,
    /// Whether that is an infinity, or there is one among the others.
    infinite: bool,
    /// Values that are missing, of each column of values; empty where none are.
    missing: Vec<usize>,
    /// Rows that lack some.
    rows: usize,
}

impl Table<'_> {
    /// Reads the columns that are values, with the labels and what is carried along.
    pub(crate) fn into_dataset(
        mut self,
        options: &ReadOptions,
        narrowing: &mut Narrowing,
    ) -> Result<Dataset> {
        let columns = self.choose_columns(options)?;
        let left_out = columns.left_out.and_then(|column| Some(self.name(column)?.into_owned()));
        let mut rows = self.read_columns(&columns, options, narrowing)?;
        if let (Some(names), Some(labels)) = (&self.class_names, &mut rows.labels) {
            name_classes(labels, names);
        }
        let named = self.names.is_some() && self.names_fit(&columns);
        let names = columns.values.iter().map(|&column| self.name(column).unwrap_or_default());
        let names = named.then(|| names.collect::<Vec<Cow<'_, str>>>());
        let column_names = names.map(|names| names.iter().map(AsRef::as_ref).collect());
        Ok(Dataset {
            labels: rows.labels,
            left_out,
            numbers: rows.numbers,
            column_names,
            carried: rows.carried,
            dialect: self.said(),
            notes: std::mem::take(&mut self.notes),
            ..Dataset::new(self.source.name(), rows.matrix)
        })
    }

    /// Whether the memory has room for the names of the columns once more.
    fn names_fit(&self, columns: &Columns) -> bool {
        let bytes: usize =
            columns.values.iter().map(|&c| self.name(c).map_or(0, |name| name.len()) + 24).sum();
        self.memory.take(bytes as u64).is_ok()
    }

    /// Reads all rows. Takes the offsets of `narrowing` away, or else learns which are needed.
    pub(crate) fn read_columns(
        &mut self,
        columns: &Columns,
        options: &ReadOptions,
        narrowing: &mut Narrowing,
    ) -> Result<Rows> {
        let d = columns.values.len();
        narrowing.start(d, &self.memory).map_err(|no_room| self.no_room(no_room))?;
        let comma = self.dialect.comma;
        let mut counters = self.counters(columns, options);
        let mut first_counts: Vec<f32> = Vec::new();
        let mut record = Record::default();
        let mut values: Vec<f32> = Vec::new();
        let mut labels = Gathering::new(&self.memory);
        let mut index = Vec::new();
        let mut numbers = Texts::default();
        let beside: Vec<usize> = columns.row_names.iter().chain(&columns.carried).copied().collect();
        let mut texts = vec![Texts::default(); beside.len()];
        // Of each column that is carried along, the cells that are numbers, and those that are not.
        let mut kinds = vec![(0_usize, 0_usize); beside.len()];
        let mut wrong = Wrong::default();
        while self.next(&mut record)? {
            self.reserve(&mut values, d)?;
            let (start, lacked) = (values.len(), wrong.bad.as_ref().map_or(0, |(.., count)| *count));
            for (j, &column) in columns.values.iter().enumerate() {
                let value = match parse_cell(&record[column], comma) {
                    Cell::Finite(value, double) => match narrowing.offsets() {
                        Some(offsets) => (double - offsets[j]) as f32,
                        None => {
                            narrowing.include(j, double);
                            value
                        }
                    },
                    Cell::BeyondRange(what) => {
                        return Err(out_of_range(&self.source, &what).at(self.place(&record, column)));
                    }
                    other => self.other_value(other, &record, j, columns, options, &mut wrong)?,
                };
                values.push(value);
            }
            wrong.rows += usize::from(wrong.bad.as_ref().is_some_and(|(.., count)| *count > lacked));
            counters.retain(|&j| {
                let first = *first_counts.get(j).unwrap_or(&values[j]);
                values[start + j] == first + (self.row - 1) as f32 && (first == 0.0 || first == 1.0)
            });
            if self.row == 1 {
                first_counts = counters.iter().max().map_or(Vec::new(), |&last| values[..=last].to_vec());
            }
            if let Some(column) = columns.label {
                self.push_label(&record, column, options, &mut labels)?;
            }
            if let Some(column) = columns.left_out {
                let number = self.decoded(&record[column]);
                numbers.push(number.trim(), &self.memory).map_err(|no_room| self.no_room(no_room))?;
            }
            if let Some(column) = columns.index {
                self.reserve(&mut index, 1)?;
                index.push(self.row_number(&record, column)?);
            }
            for ((&column, texts), kinds) in beside.iter().zip(&mut texts).zip(&mut kinds) {
                let cell = &record[column];
                if is_number(cell, comma) {
                    kinds.0 += 1;
                } else if !is_missing(cell) {
                    kinds.1 += 1;
                }
                texts
                    .push(self.decoded(cell).trim(), &self.memory)
                    .map_err(|no_room| self.no_room(no_room))?;
            }
        }
        self.refuse(wrong, columns, options)?;
        for (&column, &(numbers, others)) in beside.iter().zip(&kinds) {
            let open = self.roles.is_none() && Some(column) != columns.row_names;
            if numbers > others && others > 0 && open {
                return Err(self.almost_numeric(column, others, numbers + others));
            }
        }
        for &j in &counters {
            if self.row > 2 {
                self.note_counter(columns.values[j]);
            }
        }
        let malformed = |error: gnomonic::Error| self.source.error(ErrorKind::Malformed, error.to_string());
        let carried = beside.iter().zip(texts).map(|(&column, texts)| {
            let names_rows = Some(column) == columns.row_names;
            Carried { name: self.carried_name(column, names_rows), texts, names_rows }
        });
        Ok(Rows {
            matrix: Matrix::new(values, self.row, d).map_err(malformed)?,
            labels: columns.label.map(|_| labels.finish()),
            index: columns.index.map(|_| index),
            carried: carried.collect(),
            numbers: columns.left_out.map(|_| numbers),
        })
    }

    /// The value of a cell that is no finite number: of a word for true or false, or NaN, with what is wrong noted.
    fn other_value(
        &self,
        cell: Cell,
        record: &Record,
        j: usize,
        columns: &Columns,
        options: &ReadOptions,
        wrong: &mut Wrong,
    ) -> Result<f32> {
        let column = columns.values[j];
        let what = match cell {
            Cell::Text(text) => {
                let boolean = columns.booleans.binary_search(&column).is_ok();
                if let Some(value) = parse_boolean(&record[column]).filter(|_| boolean) {
                    return Ok(value);
                }
                match &mut wrong.text {
                    Some((.., of, count)) => *count += usize::from(*of == column),
                    None => wrong.text = Some((self.place(record, column), text, column, 1)),
                }
                return Ok(f32::NAN);
            }
            Cell::Missing(_) if options.missing != Missing::Error => return Ok(f32::NAN),
            Cell::Missing(what) => {
                let d = columns.values.len();
                if wrong.missing.is_empty() {
                    self.reserve(&mut wrong.missing, d)?;
                    wrong.missing.resize(d, 0);
                }
                wrong.missing[j] += 1;
                what
            }
            Cell::NotFinite(what) => {
                wrong.infinite = true;
                what
            }
            Cell::Finite(..) | Cell::BeyondRange(_) => return Ok(f32::NAN),
        };
        match &mut wrong.bad {
            Some((.., count)) => *count += 1,
            None => wrong.bad = Some((self.place(record, column), what, 1)),
        }
        Ok(f32::NAN)
    }

    /// Refuses what was found to be wrong.
    fn refuse(&self, wrong: Wrong, columns: &Columns, options: &ReadOptions) -> Result<()> {
        if let Some((place, text, column, count)) = wrong.text {
            return Err(self.not_a_number(place, &text, column, count));
        }
        let Some((place, what, count)) = wrong.bad else { return Ok(()) };
        if wrong.infinite || options.missing != Missing::Error {
            return Err(non_finite(&self.source, &what, count).at(place));
        }
        Err(self.lacking(&what, count, wrong.rows, &wrong.missing, columns).at(place))
    }

    /// The error of values that are missing, counted by column.
    fn lacking(&self, what: &str, count: usize, rows: usize, missing: &[usize], columns: &Columns) -> Error {
        /// Columns that are named.
        const NAMED: usize = 8;
        if count == 1 {
            let message = format!(
                "the value is {what}; t-SNE needs finite numbers: leave the row out, or fill in the mean or median of the column"
            );
            return self.error(ErrorKind::NonFinite, message).remedied_by(&[Remedy::Missing]);
        }
        let by_column = |(&column, &count): (&usize, &usize)| match self.name(column) {
            Some(name) if !name.is_empty() => format!("{} {count}", shown::text(&name)),
            _ => format!("column {} {count}", column + 1),
        };
        let lacking = || columns.values.iter().zip(missing).filter(|(_, count)| **count > 0);
        let mut named: Vec<String> = lacking().take(NAMED).map(by_column).collect();
        if lacking().nth(NAMED).is_some() {
            named.push("…".to_owned());
        }
        let remain = self.row - rows;
        let message = format!(
            "the value is {what} (the first of {count} values that are not finite numbers; by column: {}); t-SNE needs finite \
             numbers: leave out the rows that lack one ({remain} of {} remain), or fill in the mean or median of the column",
            named.join(", "),
            self.row
        );
        self.error(ErrorKind::NonFinite, message).remedied_by(&[Remedy::Missing])
    }

    fn not_a_number(&self, place: Place, text: &str, column: usize, count: usize) -> Error {
        let (label_column, exclude) = (Remedy::LabelColumn(Some(column + 1)), Remedy::Exclude(column + 1));
        let is_first = matches!(place, Place::Cell { row: 1, .. });
        let (remedy, remedies): (_, &[Remedy]) = if is_first && self.names.is_none() {
            (
                "if the first line is a header, say so; if this column holds labels, name it as the label column",
                &[Remedy::Header(Header::Present), label_column],
            )
        } else if is_first && count == 1 && self.row > 2 {
            ("if the line under the header holds units, remove it; or leave the column out", &[exclude])
        } else {
            (
                "correct it; or, if this column holds labels, name it as the label column; or leave the column out",
                &[label_column, exclude],
            )
        };
        let others = match (count, self.row) {
            (_, 1) => String::new(),
            (1, all) => format!(" (one of the column's {all} cells)"),
            (count, all) => format!(" (the first of {count} among the column's {all} cells)"),
        };
        let message = format!("\"{text}\" is not a number{others}; {remedy}");
        self.error(ErrorKind::NotANumber, message).at(place).remedied_by(remedies)
    }

    /// The error of a column that began as text and then held numbers for the most part.
    fn almost_numeric(&self, column: usize, others: usize, all: usize) -> Error {
        let message = format!(
            "{} holds numbers but for {others} of its {all} cells, which stand at its beginning; correct these, or leave the column out",
            self.called(column)
        );
        self.error(ErrorKind::NotANumber, message).remedied_by(&[Remedy::Exclude(column + 1)])
    }

    /// Notes that a column of values counts the rows.
    pub(super) fn note_counter(&mut self, column: usize) {
        let text = format!("{} counts the rows, and is read as a value", self.called(column));
        self.note(text, &[Remedy::Exclude(column + 1)]);
    }

    fn row_number(&self, record: &Record, column: usize) -> Result<usize> {
        let text = String::from_utf8_lossy(&record[column]);
        text.trim().parse().map_err(|_| {
            let message = format!("\"{}\" is not the number of a row, counted from 0", shown::text(&text));
            self.error(ErrorKind::NotANumber, message).at(self.place(record, column))
        })
    }

    pub(crate) fn place(&self, record: &Record, column: usize) -> Place {
        Place::Cell {
            row: self.row,
            column: column + 1,
            line: Some(record.line()),
            name: self.name(column).map(Cow::into_owned),
        }
    }

    /// What a column that is carried along is called in the result.
    pub(super) fn carried_name(&self, column: usize, names_rows: bool) -> String {
        match self.name(column) {
            Some(name) if !name.is_empty() => name.into_owned(),
            _ if names_rows => "name".to_owned(),
            _ => format!("column_{}", column + 1),
        }
    }
}

/// Gives the classes 0, 1, … their names, where each is one of these.
fn name_classes(labels: &mut Labels, names: &[String]) {
    let number = |name: &String| name.parse::<usize>().ok().and_then(|number| names.get(number));
    let named: Option<Vec<String>> = labels.names.iter().map(|name| number(name).cloned()).collect();
    if let Some(named) = named {
        labels.names = named;
    }
}
