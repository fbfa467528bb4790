//! Tables of text: comma-, tab-, semicolon- or space-separated, with or without a header, quoted or not.

pub(crate) mod cell;
mod words;
pub(crate) mod dialect;
pub(crate) mod records;
pub(crate) mod header;
pub(crate) mod columns;
mod rows;
mod labels;

use std::borrow::Cow;
use std::collections::VecDeque;

use crate::dataset::{Dataset, Labels, NamedLabels, Note, Shape};
use crate::error::{Error, ErrorKind, Place, Remedy, Result};
use crate::formats::format::Format;
use crate::gathering::Gathering;
use crate::input::Input;
use crate::memory::{Memory, NoRoom};
use crate::narrowing::Narrowing;
use crate::options::{Header, LabelColumn, ReadOptions};
use crate::shown;
use crate::source::Source;

use cell::{is_missing, is_number};
use dialect::Dialect;
use header::{class_names, is_scale, looks_like_header};
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
    notes: Vec<Note>,
}

/// Rows that are looked at beforehand, and the room that they may take but for two.
const LOOKED_AT: usize = 100;
const LOOKED_AT_BYTES: usize = 1 << 16;

/// The format: what no first bytes tell.
pub(crate) struct Text;

impl Format for Text {
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
        Table::open(input, options)?.into_dataset(options, narrowing)
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
            LabelColumn::Auto => Ok(self.column_where(|name| name.eq_ignore_ascii_case(b"label"))),
            LabelColumn::At(text) => self.resolve(text).map(Some),
        }
    }

    /// Whether the column only numbers the rows, or names them: the first, called as gnomonic (`index`) or pandas (not at all) does.
    pub(crate) fn numbers_rows(&self, column: usize) -> bool {
        column == 0 && self.width > 1 && matches!(self.name(0).as_deref(), Some("" | "index" | "Unnamed: 0"))
    }

    fn look_ahead(&mut self, options: &ReadOptions) -> Result<()> {
        let mut room = 0;
        while self.pending.len() < LOOKED_AT && (room < LOOKED_AT_BYTES || self.pending.len() < 2) {
            let mut record = Record::default();
            if !self.records.read(&mut record)? {
                break;
            }
            let before = record.room();
            record.shrink();
            self.memory.give_back((before - record.room()) as u64);
            room += record.room();
            self.pending.push_back(record);
        }
        let Some(first) = self.pending.front() else {
            return Err(self.error(ErrorKind::Empty, "the file holds no rows, only blank lines"));
        };
        self.width = first.len();
        self.take_header(options);
        if self.pending.is_empty() {
            let message =
                "the file holds a header and no rows; if its only line is data, say that there is no header";
            return Err(self.error(ErrorKind::Empty, message).remedied_by(&[Remedy::Header(Header::Absent)]));
        }
        self.take_edges();
        Ok(())
    }

    /// Takes the header, when there is one, and other lines that are no data.
    fn take_header(&mut self, options: &ReadOptions) {
        let (Some(first), second) = (self.pending.front(), self.pending.get(1)) else { return };
        let comma = self.dialect.comma;
        if self.dialect.words.is_some() {
            return;
        }
        if options.header == Header::Auto
            && let Some(names) = class_names(first, second)
        {
            self.unusual.push(format!("classes {}", shown::text(&names.join(", "))));
            self.class_names = Some(names);
            self.pending.pop_front();
            self.width = self.pending.front().map_or(0, Record::len);
            return;
        }
        let named = match &options.label_column {
            LabelColumn::At(name) => Some(name.as_str()),
            _ => None,
        };
        let others: Vec<&Record> = self.pending.iter().skip(1).take(10).collect();
        let mut is_scale_of_numbers = false;
        let header = match options.header {
            Header::Present => true,
            Header::Absent => false,
            Header::Auto if looks_like_header(first, second, named, comma) => true,
            // Two lines of text over numbers: the second may hold units, which are refused by name.
            Header::Auto
                if is_text(first, comma)
                    && !first.cells().any(is_missing)
                    && others.iter().skip(1).any(|row| !is_text(row, comma)) =>
            {
                true
            }
            Header::Auto => {
                is_scale_of_numbers = is_scale(first, &others);
                is_scale_of_numbers
            }
        };
        if is_scale_of_numbers {
            let first = String::from_utf8_lossy(&first[0]).trim().to_owned();
            let text = format!(
                "the first line, which begins with {}, is read as the names of the columns",
                shown::text(&first)
            );
            self.note(text, &[Remedy::Header(Header::Absent)]);
        }
        if header {
            self.names = self.pending.pop_front();
        } else if options.header == Header::Auto {
            self.names = self.names_in_comment();
        }
        let types = |row: &Record| {
            let is = |cell: &[u8], word: &str| cell.trim_ascii().eq_ignore_ascii_case(word.as_bytes());
            is(&row[0], "type") && row.cells().skip(1).all(|cell| is(cell, "numeric") || is(cell, "group"))
        };
        // The portal's second line says what each column holds.
        if self.names.is_some()
            && self.width > 1
            && self.pending.front().is_some_and(types)
            && self.pending.len() > 1
        {
            self.pending.pop_front();
            self.unusual.push("a line of types skipped".to_owned());
        }
    }

    /// The names of the columns from the last comment before the data, as NumPy writes them, where it has one for each.
    fn names_in_comment(&self) -> Option<Record> {
        let comment = self.dialect.last_comment.as_ref()?;
        let names = dialect::cells(comment.trim_ascii(), self.dialect.delimiter);
        let fits =
            names.len() == self.width && !names.iter().any(|name| is_number(name, false) || name.is_empty());
        fits.then(|| Record::of(&names, 0))
    }

    /// Finds out what stands at the edges of the rows: a separator after the last cell, a name of the row before the first.
    fn take_edges(&mut self) {
        let last_is_empty =
            |row: &Record| row.cells().last().is_some_and(|cell| cell.trim_ascii().is_empty());
        let rows = self.pending.len();
        let longer = self.pending.iter().all(|row| row.len() == self.width + 1);
        if self.names.is_some() && longer {
            if self.pending.iter().all(last_is_empty) {
                self.unusual.push("a separator at the end of each row".to_owned());
                return;
            }
            // Names, or R's numbers from 1 on; of one row, or of other numbers, the header rather lacks something.
            let counts =
                |(row, record): (usize, &Record)| record[0].trim_ascii() == (row + 1).to_string().as_bytes();
            let named = !self.kind(0).is_numeric() || self.pending.iter().enumerate().all(counts);
            if !named || rows < 2 {
                return;
            }
            self.names = self.names.as_ref().map(|names| names.after(b""));
            self.width += 1;
            self.unusual.push("the first column, without a name, names the rows".to_owned());
        }
        let even = self.pending.iter().all(|row| row.len() == self.width && last_is_empty(row));
        let named = self.names.as_ref().is_some_and(last_is_empty);
        if self.width > 1
            && even
            && self.class_names.is_none()
            && (named || (self.names.is_none() && rows > 1))
        {
            self.width -= 1;
            self.unusual.push("a separator at the end of each row".to_owned());
        }
    }

    /// The next row of data, of the right width, but for an empty cell after the last; false at the end.
    fn next(&mut self, record: &mut Record) -> Result<bool> {
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

/// Whether a row of several cells holds no number.
fn is_text(row: &Record, comma: bool) -> bool {
    row.len() > 1 && !row.cells().any(|cell| is_number(cell, comma))
}

/// Latin-1: each byte is the character of its number.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}
