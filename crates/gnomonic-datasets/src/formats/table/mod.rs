//! Tables of text: comma-, tab-, semicolon- or space-separated, with or without a header, quoted or not.

pub(crate) mod cell;
mod words;
mod noise;
mod titles;
pub(crate) mod dialect;
pub(crate) mod records;
pub(crate) mod header;
pub(crate) mod columns;
mod orange;
mod beginning;
mod rows;
mod labels;
mod vectors;
pub(crate) mod survey;

use std::borrow::Cow;
use std::collections::VecDeque;

use crate::dataset::{Dataset, Note, Shape};
use crate::error::{Error, ErrorKind, Place, Remedy, Result};
use crate::formats::format::Format;
use crate::gathering::Gathering;
use crate::input::Input;
use crate::labels::{Labels, NamedLabels};
use crate::memory::{Memory, NoRoom};
use crate::narrowing::Narrowing;
use crate::options::{LabelColumn, ReadOptions};
use crate::shown;
use crate::source::Source;

use dialect::Dialect;
use orange::Role;
use records::{Record, Records};

/// A table whose first rows have been looked at.
pub(crate) struct Table<'a> {
    source: Source,
    records: Records<'a>,
    memory: Memory,
    dialect: Dialect,
    /// The names of the columns, when there is a header.
    names: Option<Record>,
    /// The names of the classes, which the last column numbers, when the first line has them.
    class_names: Option<Vec<String>>,
    /// Rows read already, to tell the header and what columns hold.
    pending: VecDeque<Record>,
    /// Cells in every row.
    width: usize,
    /// Rows handed out.
    row: usize,
    /// Whether text was met that is not UTF-8, and read as Latin-1.
    latin: std::cell::Cell<bool>,
    /// What is not usual, beside the dialect.
    unusual: Vec<String>,
    /// Lines that are no rows and were skipped, by what they are.
    skipped: [usize; noise::KINDS.len()],
    /// What a line under the header says that each column is for.
    roles: Option<Vec<Role>>,
    notes: Vec<Note>,
}

/// The format: what no first bytes tell.
pub(crate) struct Text;

impl Format for Text {
    fn name(&self) -> &'static str {
        "table of text"
    }

    fn matches(&self, _: &[u8]) -> bool {
        true
    }

    fn has_columns(&self) -> bool {
        true
    }

    fn shape(&self, _: Input<'static>) -> Result<Option<Shape>> {
        Ok(None)
    }

    fn read(
        &self,
        input: Input<'static>,
        options: &ReadOptions,
        narrowing: &mut Narrowing,
    ) -> Result<Dataset> {
        let table = Table::open(input, options)?;
        match table.vectors(options)? {
            Some((column, d)) => table.into_vectors(column, d, options, narrowing),
            None => table.into_dataset(options, narrowing),
        }
    }

    fn read_named_labels(
        &self,
        input: Input<'static>,
        options: &ReadOptions,
        key: Option<&str>,
    ) -> Result<NamedLabels> {
        labels::read(input, options, key)
    }

    fn read_labels(&self, input: Input<'static>, options: &ReadOptions) -> Result<Labels> {
        Ok(labels::read(input, options, None)?.labels)
    }
}

impl<'a> Table<'a> {
    /// Tells the dialect and the header.
    pub(crate) fn open(input: Input<'a>, options: &ReadOptions) -> Result<Self> {
        let dialect = Dialect::of(&input, options)?;
        let mut table = Self::begin(input, dialect);
        table.look_ahead(options)?;
        Ok(table)
    }

    fn begin(input: Input<'a>, dialect: Dialect) -> Self {
        Self {
            source: input.source().clone(),
            memory: input.memory().clone(),
            records: Records::new(input, &dialect),
            dialect,
            names: None,
            class_names: None,
            pending: VecDeque::new(),
            width: 0,
            row: 0,
            latin: std::cell::Cell::new(false),
            unusual: Vec::new(),
            skipped: [0; noise::KINDS.len()],
            roles: None,
            notes: Vec::new(),
        }
    }

    /// The name of a column, when there is a header.
    fn name(&self, column: usize) -> Option<Cow<'_, str>> {
        let name = self.names.as_ref()?[column].trim_ascii();
        Some(match std::str::from_utf8(name) {
            Ok(name) => Cow::Borrowed(name),
            Err(_) => Cow::Owned(latin(name)),
        })
    }

    /// A column as a message calls it.
    pub(crate) fn called(&self, column: usize) -> String {
        match self.name(column) {
            Some(name) if !name.is_empty() => format!("column {} ({})", column + 1, shown::text(&name)),
            _ => format!("column {}", column + 1),
        }
    }

    /// The first column of this name.
    pub(crate) fn column_named(&self, name: &str) -> Option<usize> {
        self.column_where(|has| has == name.as_bytes())
    }

    /// The first column of this name, in any case of letters.
    pub(crate) fn column_called(&self, name: &str) -> Option<usize> {
        self.column_where(|has| has.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// Cells in every row.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// All names of columns, when there is a header.
    pub(crate) fn all_names(&self) -> Option<Vec<String>> {
        self.names.as_ref()?;
        Some((0..self.width).map(|column| self.name(column).unwrap_or_default().into_owned()).collect())
    }

    /// What is to be said of these columns as coordinates: nothing of x and y.
    pub(crate) fn coordinates_said(&self, columns: &[usize]) -> Vec<String> {
        let names: Vec<String> = columns.iter().map(|&column| self.called(column)).collect();
        let usual = columns.iter().all(|&column| self.is_called(column, &["x", "y", "z"]));
        if usual { Vec::new() } else { vec![format!("the coordinates are {}", names.join(" and "))] }
    }

    fn column_where(&self, is_it: impl Fn(&[u8]) -> bool) -> Option<usize> {
        let names = self.names.as_ref()?;
        names.cells().take(self.width).position(|name| is_it(name.trim_ascii()))
    }

    fn reserve<T>(&self, values: &mut Vec<T>, additional: usize) -> Result<()> {
        let room = self.memory.reserve(values, additional, usize::MAX);
        room.map_err(|no_room| self.no_room(no_room))
    }

    fn no_room(&self, no_room: NoRoom) -> Error {
        self.source.no_room(no_room)
    }

    pub(crate) fn error(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        self.source.error(kind, message)
    }

    fn note(&mut self, text: impl Into<String>, remedies: &[Remedy]) {
        self.notes.push(Note::new(text, remedies));
    }

    /// What is not usual in how the file is written.
    fn said(&self) -> Vec<String> {
        let mut said = self.dialect.said();
        said.extend(self.unusual.iter().cloned());
        said.extend(noise::said(&self.skipped));
        if self.latin.get() {
            said.push("text that is not UTF-8 read as Latin-1".to_owned());
        }
        said
    }

    /// The column of the labels.
    pub(crate) fn label_column(&self, wanted: &LabelColumn) -> Result<Option<usize>> {
        match wanted {
            LabelColumn::Absent => Ok(None),
            LabelColumn::Auto if self.class_names.is_some() => Ok(Some(self.width - 1)),
            LabelColumn::Auto if self.roles.is_some() => {
                let roles = self.roles.iter().flatten();
                Ok(roles.zip(0..self.width).find(|(role, _)| **role == Role::Class).map(|(_, column)| column))
            }
            LabelColumn::Auto => Ok(self.column_where(|name| name.eq_ignore_ascii_case(b"label"))),
            LabelColumn::At(text) => self.resolve(text).map(Some),
        }
    }

    /// Whether the column only numbers the rows, or names them: the first, called as gnomonic (`index`) or pandas (not at all) does.
    pub(crate) fn numbers_rows(&self, column: usize) -> bool {
        column == 0 && self.width > 1 && matches!(self.name(0).as_deref(), Some("" | "index" | "Unnamed: 0"))
    }

    /// The next row of data, of the right width, but for an empty cell after the last; false at the end.
    fn next(&mut self, record: &mut Record) -> Result<bool> {
        loop {
            match self.pending.pop_front() {
                Some(pending) => {
                    self.memory.give_back(record.room() as u64);
                    *record = pending;
                }
                None => {
                    if !self.records.read(record)? {
                        return Ok(false);
                    }
                }
            }
            match noise::kind(record, self.width, self.names.as_ref()) {
                Some(kind) => self.skipped[kind] += 1,
                None => break,
            }
        }
        self.row += 1;
        let beyond = record.len() == self.width + 1 && record[self.width].trim_ascii().is_empty();
        if record.len() != self.width && !beyond {
            let first = if self.names.is_some() { "the header" } else { "the first row" };
            let cells = match record.len() {
                1 => "has 1 cell".to_owned(),
                several => format!("has {several} cells"),
            };
            let message = format!(
                "{cells} where {first} has {}; every row needs as many (text that holds the separator needs \
                 quotes)",
                self.width
            );
            return Err(self
                .error(ErrorKind::Ragged, message)
                .at(Place::Row { row: self.row, line: Some(record.line()) }));
        }
        Ok(true)
    }

    /// The label of a row; `None` where it has none and need not.
    fn label<'r>(
        &self,
        record: &'r Record,
        column: usize,
        options: &ReadOptions,
    ) -> Result<Option<Cow<'r, str>>> {
        let label = self.decoded(&record[column]);
        let text = label.trim();
        if options.unlabeled && (text.is_empty() || matches!(text, "NA" | "NaN" | "nan" | "<NA>")) {
            return Ok(None);
        }
        if text.is_empty() {
            let message = "the label is empty; give every row a label";
            return Err(self.error(ErrorKind::NonFinite, message).at(self.place(record, column)));
        }
        Ok(Some(match label {
            Cow::Borrowed(label) => Cow::Borrowed(label.trim()),
            Cow::Owned(label) => Cow::Owned(label.trim().to_owned()),
        }))
    }

    /// Adds the label of a row to others.
    fn push_label(
        &self,
        record: &Record,
        column: usize,
        options: &ReadOptions,
        labels: &mut Gathering,
    ) -> Result<()> {
        let pushed = match self.label(record, column, options)? {
            Some(label) => labels.push(&label, usize::MAX),
            None => labels.push_none(),
        };
        pushed.map_err(|no_room| self.no_room(no_room))
    }

    /// The text of a cell; what is not UTF-8 is taken for Latin-1, and that is said.
    fn decoded<'c>(&self, cell: &'c [u8]) -> Cow<'c, str> {
        match std::str::from_utf8(cell) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                self.latin.set(true);
                Cow::Owned(latin(cell))
            }
        }
    }

    /// The first names, for an error.
    fn listing(&self) -> String {
        const SHOWN: usize = 8;
        let Some(names) = &self.names else { return String::new() };
        let name = |name: &[u8]| shown::text(&String::from_utf8_lossy(name.trim_ascii()));
        let first: Vec<String> = names.cells().take(SHOWN).map(name).collect();
        let more = if names.len() > SHOWN { ", …" } else { "" };
        format!(" ({}{more})", first.join(", "))
    }
}

/// Latin-1: each byte is the character of its number.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}
