//! What each column of a table is for: values, labels, names of the rows, or carried along.

use crate::error::{ErrorKind, Remedy, Result};
use crate::formats::table::Table;
use crate::formats::table::cell::{Cell, parse_boolean, parse_cell};
use crate::formats::table::orange::Role;
use crate::options::ReadOptions;
use crate::shown;

/// What the first rows hold in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Numbers, at least in every second cell.
    Number,
    /// Words for true and false.
    Boolean,
    Text,
    /// Nothing.
    Empty,
}

impl Kind {
    /// Of the cells given.
    pub(crate) fn of<'c>(cells: impl Iterator<Item = &'c [u8]>, comma: bool) -> Self {
        let (mut numbers, mut booleans, mut texts) = (0, 0, 0);
        for cell in cells {
            match parse_cell(cell, comma) {
                Cell::Missing(_) => {}
                Cell::Text(_) if parse_boolean(cell).is_some() => booleans += 1,
                Cell::Text(_) => texts += 1,
                _ => numbers += 1,
            }
        }
        match (numbers, booleans, texts) {
            (0, 0, 0) => Self::Empty,
            (0, 1.., 0) => Self::Boolean,
            _ if numbers >= booleans + texts => Self::Number,
            _ => Self::Text,
        }
    }

    pub(crate) fn is_numeric(self) -> bool {
        self != Self::Text
    }
}

/// Columns by their use, counted from zero.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    pub(crate) values: Vec<usize>,
    /// Those of the values that hold words for true and false, ascending.
    pub(crate) booleans: Vec<usize>,
    pub(crate) label: Option<usize>,
    /// The row's number in the original data, in a map.
    pub(crate) index: Option<usize>,
    /// Names the rows.
    pub(crate) row_names: Option<usize>,
    /// Numbers the rows, and is left out.
    pub(crate) left_out: Option<usize>,
    pub(crate) carried: Vec<usize>,
}

/// What a column of text is called that names the rows, where it is the first.
pub(crate) const ROW_NAMES: [&str; 14] = [
    "name",
    "names",
    "id",
    "barcode",
    "barcodes",
    "cell",
    "cells",
    "cell_id",
    "cellid",
    "sample",
    "sample_id",
    "gene",
    "rowname",
    "rownames",
];

/// What a column of numbers is called that counts the rows, if it does.
const COUNTERS: [&str; 8] = ["id", "no", "no.", "nr", "row", "rowid", "row_id", "number"];

/// What a column is called that holds labels, or the number of a cluster.
const LABELS: [&str; 7] = ["class", "classes", "labels", "target", "species", "cluster", "y"];

impl Table<'_> {
    /// Decides what each column is for.
    pub(crate) fn choose_columns(&mut self, options: &ReadOptions) -> Result<Columns> {
        let label = self.label_column(&options.label_column)?;
        let excluded = self.resolve_all(&options.exclude)?;
        let chosen = options.columns.as_deref().map(|names| self.resolve_all(names)).transpose()?;
        let is_chosen =
            |column: usize| chosen.as_ref().is_some_and(|chosen| chosen.binary_search(&column).is_ok());
        let mut columns = Columns { label, ..Columns::default() };
        match &options.index_column {
            Some(name) => columns.row_names = Some(self.resolve(name)?),
            None if self.width > 1
                && label != Some(0)
                && !is_chosen(0)
                && excluded.binary_search(&0).is_err() =>
            {
                let numeric = self.kind(0).is_numeric();
                if self.kind(0) == Kind::Empty {
                    // What stands before the first bar of a framed table is left out below.
                } else if self.dialect.words.is_some() {
                    columns.row_names = Some(0);
                } else if self.numbers_rows(0) && numeric {
                    columns.left_out = Some(0);
                } else if !numeric && (self.numbers_rows(0) || self.is_called(0, &ROW_NAMES)) {
                    columns.row_names = Some(0);
                }
            }
            None => {}
        }
        let taken = [label, columns.row_names, columns.left_out];
        if let Some(chosen) = &chosen {
            for &column in chosen {
                self.check_value(column, taken.contains(&Some(column)))?;
                self.add_value(&mut columns, column)?;
            }
        }
        for column in 0..self.width {
            if taken.contains(&Some(column)) || excluded.binary_search(&column).is_ok() || is_chosen(column) {
                continue;
            }
            let kind = self.kind(column);
            let role = self.roles.as_ref().map_or(Role::Feature, |roles| roles[column]);
            let nothing = kind == Kind::Empty && self.name(column).is_none_or(|name| name.is_empty());
            if role == Role::Ignored || (nothing && options.columns.is_none()) {
                continue;
            }
            if !kind.is_numeric() || role != Role::Feature {
                self.reserve(&mut columns.carried, 1)?;
                columns.carried.push(column);
            } else if options.columns.is_none() {
                self.add_value(&mut columns, column)?;
            }
        }
        columns.booleans.sort_unstable();
        if columns.values.is_empty() {
            return Err(self.without_numbers(&columns));
        }
        self.note_likely(&columns, options);
        Ok(columns)
    }

    fn add_value(&self, columns: &mut Columns, column: usize) -> Result<()> {
        self.reserve(&mut columns.values, 1)?;
        columns.values.push(column);
        if self.kind(column) == Kind::Boolean {
            self.reserve(&mut columns.booleans, 1)?;
            columns.booleans.push(column);
        }
        Ok(())
    }

    /// Refuses a column that was asked for and holds no numbers, or has another use.
    fn check_value(&self, column: usize, is_taken: bool) -> Result<()> {
        let called = self.called(column);
        let message = if is_taken {
            format!("{called} holds the labels or the names of the rows, so it is no column of values")
        } else if !self.kind(column).is_numeric() {
            format!(
                "{called} holds text, so it is no column of values; it is carried along without being asked for"
            )
        } else {
            return Ok(());
        };
        Err(self.error(ErrorKind::NotANumber, message))
    }

    fn without_numbers(&self, columns: &Columns) -> crate::error::Error {
        let listing = self.listing();
        let text = match columns.carried.first() {
            None => String::new(),
            Some(&column) => {
                let cell = self.pending.front().map(|row| self.decoded(&row[column]).into_owned());
                format!(
                    ": {} begins with \"{}\"",
                    self.called(column),
                    shown::text(&cell.unwrap_or_default())
                )
            }
        };
        let message = format!("has no column of numbers{listing}; t-SNE needs at least one{text}");
        self.error(ErrorKind::Empty, message)
    }

    /// Notes what a column probably is for, where nothing says so.
    fn note_likely(&mut self, columns: &Columns, options: &ReadOptions) {
        if columns.label.is_some() || options.columns.is_some() || self.names.is_none() {
            return;
        }
        let likely = columns.values.iter().copied().find(|&column| self.is_called(column, &LABELS));
        if let Some(column) = likely {
            let text = format!("{} may hold labels, and is read as a value", self.called(column));
            self.note(text, &[Remedy::LabelColumn(Some(column + 1)), Remedy::Exclude(column + 1)]);
        }
    }

    /// The values of which the name says that they may count the rows: their places among the values.
    pub(crate) fn counters(&self, columns: &Columns, options: &ReadOptions) -> Vec<usize> {
        if self.names.is_none() || options.columns.is_some() {
            return Vec::new();
        }
        let places = columns.values.iter().enumerate();
        places
            .filter(|&(_, &column)| self.is_called(column, &COUNTERS))
            .map(|(place, _)| place)
            .take(8)
            .collect()
    }

    /// Whether the name of a column is one of these, in any case of letters.
    pub(crate) fn is_called(&self, column: usize, names: &[&str]) -> bool {
        self.name(column).is_some_and(|name| names.iter().any(|wanted| name.eq_ignore_ascii_case(wanted)))
    }

    /// The kind of a column in the first rows.
    pub(crate) fn kind(&self, column: usize) -> Kind {
        Kind::of(
            self.pending.iter().filter(|row| row.len() > column).map(|row| &row[column]),
            self.dialect.comma,
        )
    }

    /// The columns that names, numbers and ranges mean, ascending where several, each once.
    pub(super) fn resolve_all(&self, names: &[String]) -> Result<Vec<usize>> {
        let mut all: Vec<usize> = Vec::new();
        for name in names {
            match (self.find(name), self.find_range(name)) {
                (Some(column), _) => all.push(column),
                (None, Some((first, last))) => {
                    self.reserve(&mut all, last - first + 1)?;
                    all.extend(first..=last);
                }
                (None, None) => return Err(self.unknown_column(name)),
            }
        }
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    /// The column of this name, or of this number.
    pub(crate) fn resolve(&self, text: &str) -> Result<usize> {
        self.find(text).ok_or_else(|| self.unknown_column(text))
    }

    fn find(&self, text: &str) -> Option<usize> {
        let number = text.trim().parse().ok().filter(|number| (1..=self.width).contains(number));
        self.column_named(text.trim()).or(number.map(|number: usize| number - 1))
    }

    /// Both ends of a range: names may hold the hyphen too.
    fn find_range(&self, text: &str) -> Option<(usize, usize)> {
        text.match_indices('-').find_map(|(at, _)| {
            let ends = (self.find(&text[..at])?, self.find(&text[at + 1..])?);
            (ends.0 <= ends.1).then_some(ends)
        })
    }

    fn unknown_column(&self, text: &str) -> crate::error::Error {
        let s = if self.width == 1 { "" } else { "s" };
        self.error(
            ErrorKind::UnknownColumn,
            format!(
                "has no column \"{}\"; it has {} column{s}{}: give a name, or a number from 1",
                shown::text(text),
                self.width,
                self.listing()
            ),
        )
    }
}
