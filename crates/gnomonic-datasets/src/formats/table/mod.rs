//! Tables of text: comma-, tab-, semicolon- or space-separated, with or without a header, quoted or not.

pub(crate) mod cell;
pub(crate) mod records;
pub(crate) mod header;

use std::borrow::Cow;
use std::collections::VecDeque;

use gnomonic::Matrix;

use crate::dataset::{Dataset, Labels, Shape};
use crate::error::{Error, ErrorKind, Place, Remedy, Result};
use crate::formats::format::Format;
use crate::formats::refusals::{non_finite, out_of_range};
use crate::gathering::Gathering;
use crate::input::Input;
use crate::memory::{Memory, NoRoom};
use crate::narrowing::Narrowing;
use crate::options::{Header, LabelColumn, ReadOptions};
use crate::shown;
use crate::source::Source;

use cell::{Cell, parse_cell};
use header::{looks_like_header, sniff_delimiter};
use records::{Record, Records};

/// A table whose first rows have been looked at.
pub(crate) struct Table<'a> {
    source: Source,
    records: Records<'a>,
    memory: Memory,
    /// The names of the columns, when there is a header.
    names: Option<Record>,
    /// Rows read already, to tell the header.
    pending: VecDeque<Record>,
    /// Cells in every row.
    width: usize,
    /// Rows handed out.
    row: usize,
}

/// Columns by their use, counted from zero.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    pub(crate) values: Vec<usize>,
    pub(crate) label: Option<usize>,
    pub(crate) index: Option<usize>,
}

/// What stood in the columns asked for.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) matrix: Matrix,
    pub(crate) labels: Option<Labels>,
    pub(crate) index: Option<Vec<usize>>,
    /// The name of the column that numbers the rows, when it was left out.
    pub(crate) left_out: Option<String>,
}

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

    fn read_labels(&self, input: Input<'static>, options: &ReadOptions) -> Result<Labels> {
        read_labels(input, options)
    }
}

/// Reads one label for each row: the label column, or the only one.
pub(crate) fn read_labels(input: Input<'_>, options: &ReadOptions) -> Result<Labels> {
    let mut options = options.clone();
    // Where nothing but spaces could separate, they stand within labels: `T cell`.
    if options.delimiter.is_none() && sniff_delimiter(input.prefix()) == b' ' {
        options.delimiter = Some(b',');
    }
    let mut table = Table::open(input, &options)?;
    let found = table.label_column(&options.label_column)?;
    let column = match (found, table.width) {
        (Some(column), _) => column,
        (None, 1) => 0,
        (None, 2) if table.numbers_rows(0) => 1,
        (None, width) => {
            let listing = table.listing();
            let message = format!("has {width} columns{listing}; name the one that holds the labels");
            let error = table.source.error(ErrorKind::UnknownColumn, message);
            return Err(error.remedied_by(&[Remedy::LabelColumn(None)]));
        }
    };
    let mut record = Record::default();
    let mut labels = Gathering::new(&table.memory);
    while table.next(&mut record)? {
        let label = table.label(&record, column)?;
        labels.push(label, usize::MAX).map_err(|no_room| table.no_room(no_room))?;
    }
    Ok(labels.finish())
}

impl<'a> Table<'a> {
    /// Tells the separator and the header.
    pub(crate) fn open(input: Input<'a>, options: &ReadOptions) -> Result<Self> {
        let delimiter = options.delimiter.unwrap_or_else(|| sniff_delimiter(input.prefix()));
        let source = input.source().clone();
        let mut table = Self {
            source,
            memory: input.memory().clone(),
            records: Records::new(input, delimiter),
            names: None,
            pending: VecDeque::new(),
            width: 0,
            row: 0,
        };
        table.look_ahead(options)?;
        Ok(table)
    }

    /// Reads the columns that are neither label nor row numbers, with the labels.
    pub(crate) fn into_dataset(self, options: &ReadOptions, narrowing: &mut Narrowing) -> Result<Dataset> {
        let name = self.source.name();
        let rows = self.read_matrix(options, narrowing)?;
        Ok(Dataset { labels: rows.labels, left_out: rows.left_out, ..Dataset::new(name, rows.matrix) })
    }

    fn read_matrix(mut self, options: &ReadOptions, narrowing: &mut Narrowing) -> Result<Rows> {
        let label = self.label_column(&options.label_column)?;
        let index = (self.numbers_rows(0) && label != Some(0)).then_some(0);
        let mut values: Vec<usize> = Vec::new();
        self.reserve(&mut values, self.width)?;
        values.extend((0..self.width).filter(|&column| Some(column) != label && Some(column) != index));
        if values.is_empty() {
            return Err(self.source.error(
                ErrorKind::Empty,
                format!("has no column of numbers{}; t-SNE needs at least one", self.listing()),
            ));
        }
        let columns = Columns { values, label, index: None };
        let left_out = index.and_then(|column| Some(self.name(column)?.into_owned()));
        Ok(Rows { left_out, ..self.read_columns(&columns, narrowing)? })
    }

    /// Reads all rows. Takes the offsets of `narrowing` away, or else learns which are needed.
    pub(crate) fn read_columns(&mut self, columns: &Columns, narrowing: &mut Narrowing) -> Result<Rows> {
        narrowing.start(columns.values.len(), &self.memory).map_err(|no_room| self.no_room(no_room))?;
        let mut record = Record::default();
        let mut values: Vec<f32> = Vec::new();
        let mut labels = Gathering::new(&self.memory);
        let mut index = Vec::new();
        // The first value that is missing or not finite, and how many are.
        let mut bad: Option<(Place, String, usize)> = None;
        while self.next(&mut record)? {
            self.reserve(&mut values, columns.values.len())?;
            for (j, &column) in columns.values.iter().enumerate() {
                let value = match parse_cell(&record[column]) {
                    Cell::Finite(value, double) => match narrowing.offsets() {
                        Some(offsets) => (double - offsets[j]) as f32,
                        None => {
                            narrowing.include(j, double);
                            value
                        }
                    },
                    Cell::NotFinite(what) => {
                        let count = bad.take().map(|(place, first, count)| (place, first, count + 1));
                        bad = count.or_else(|| Some((self.place(&record, column), what, 1)));
                        f32::NAN
                    }
                    Cell::BeyondRange(what) => {
                        return Err(out_of_range(&self.source, &what).at(self.place(&record, column)));
                    }
                    Cell::Text(text) => return Err(self.not_a_number(&text, &record, column)),
                };
                values.push(value);
            }
            if let Some(column) = columns.label {
                let label = self.label(&record, column)?;
                labels.push(label, usize::MAX).map_err(|no_room| self.no_room(no_room))?;
            }
            if let Some(column) = columns.index {
                self.reserve(&mut index, 1)?;
                index.push(self.row_number(&record, column)?);
            }
        }
        if let Some((place, what, count)) = bad {
            return Err(non_finite(&self.source, &what, count).at(place));
        }
        let malformed = |error: gnomonic::Error| self.source.error(ErrorKind::Malformed, error.to_string());
        Ok(Rows {
            matrix: Matrix::new(values, self.row, columns.values.len()).map_err(malformed)?,
            labels: columns.label.map(|_| labels.finish()),
            index: columns.index.map(|_| index),
            left_out: None,
        })
    }

    /// The name of a column, when there is a header.
    fn name(&self, column: usize) -> Option<Cow<'_, str>> {
        Some(String::from_utf8_lossy(self.names.as_ref()?[column].trim_ascii()))
    }

    /// The first column of this name.
    pub(crate) fn column_named(&self, name: &str) -> Option<usize> {
        self.column_where(|has| has == name.as_bytes())
    }

    fn column_where(&self, is_it: impl Fn(&[u8]) -> bool) -> Option<usize> {
        self.names.as_ref()?.cells().position(|name| is_it(name.trim_ascii()))
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

    /// The column of the labels.
    pub(crate) fn label_column(&self, wanted: &LabelColumn) -> Result<Option<usize>> {
        match wanted {
            LabelColumn::Absent => Ok(None),
            LabelColumn::Auto => Ok(self.column_where(|name| name.eq_ignore_ascii_case(b"label"))),
            LabelColumn::At(text) => {
                let number = text.parse().ok().filter(|number| (1..=self.width).contains(number));
                match self.column_named(text).or(number.map(|number: usize| number - 1)) {
                    Some(column) => Ok(Some(column)),
                    None => Err(self.error(
                        ErrorKind::UnknownColumn,
                        format!(
                            "has no column \"{}\"; it has {} column{}{}: give a name, or a number from 1",
                            shown::text(text),
                            self.width,
                            if self.width == 1 { "" } else { "s" },
                            self.listing()
                        ),
                    )),
                }
            }
        }
    }

    /// Whether the column only numbers the rows: the first, named as gnomonic (`index`) or pandas (not at all) does.
    fn numbers_rows(&self, column: usize) -> bool {
        column == 0 && self.width > 1 && matches!(self.name(0).as_deref(), Some("" | "index"))
    }

    fn look_ahead(&mut self, options: &ReadOptions) -> Result<()> {
        for _ in 0..2 {
            let mut record = Record::default();
            if self.records.read(&mut record)? {
                self.pending.push_back(record);
            }
        }
        let Some(first) = self.pending.front() else {
            return Err(self.error(ErrorKind::Empty, "the file holds no rows, only blank lines"));
        };
        self.width = first.len();
        let named = match &options.label_column {
            LabelColumn::At(name) => Some(name.as_str()),
            _ => None,
        };
        let header = match options.header {
            Header::Present => true,
            Header::Absent => false,
            Header::Auto => looks_like_header(first, self.pending.get(1), named),
        };
        if header {
            self.names = self.pending.pop_front();
        }
        if self.pending.is_empty() {
            let message =
                "the file holds a header and no rows; if its only line is data, say that there is no header";
            return Err(self.error(ErrorKind::Empty, message).remedied_by(&[Remedy::Header(Header::Absent)]));
        }
        Ok(())
    }

    /// The next row of data, of the right width; false at the end.
    fn next(&mut self, record: &mut Record) -> Result<bool> {
        match self.pending.pop_front() {
            Some(pending) => *record = pending,
            None => {
                if !self.records.read(record)? {
                    return Ok(false);
                }
            }
        }
        self.row += 1;
        if record.len() != self.width {
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

    fn label<'r>(&self, record: &'r Record, column: usize) -> Result<&'r str> {
        let problem = match std::str::from_utf8(&record[column]) {
            Ok(label) if !label.trim().is_empty() => return Ok(label.trim()),
            Ok(_) => (ErrorKind::NonFinite, "the label is empty; give every row a label"),
            Err(_) => (ErrorKind::Malformed, "the label is not UTF-8; save the file as UTF-8"),
        };
        Err(self.error(problem.0, problem.1).at(self.place(record, column)))
    }

    fn row_number(&self, record: &Record, column: usize) -> Result<usize> {
        let text = String::from_utf8_lossy(&record[column]);
        text.trim().parse().map_err(|_| {
            let message = format!("\"{}\" is not the number of a row, counted from 0", shown::text(&text));
            self.error(ErrorKind::NotANumber, message).at(self.place(record, column))
        })
    }

    fn not_a_number(&self, text: &str, record: &Record, column: usize) -> Error {
        let label_column = Remedy::LabelColumn(Some(column + 1));
        let (remedy, remedies): (_, &[Remedy]) = if self.row == 1 && self.names.is_none() {
            (
                "if the first line is a header, say so; if this column holds labels, name it as the label column",
                &[Remedy::Header(Header::Present), label_column],
            )
        } else {
            ("correct it; or, if this column holds labels, name it as the label column", &[label_column])
        };
        let message = format!("\"{text}\" is not a number; {remedy}");
        self.error(ErrorKind::NotANumber, message).at(self.place(record, column)).remedied_by(remedies)
    }

    fn place(&self, record: &Record, column: usize) -> Place {
        Place::Cell {
            row: self.row,
            column: column + 1,
            line: Some(record.line()),
            name: self.name(column).map(Cow::into_owned),
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
