//! Tables of text: comma-, tab-, semicolon- or space-separated, with or without a header, quoted or not.

use std::collections::VecDeque;
use std::io::{BufReader, Read as _};

use csv::ByteRecord;
use gnomonic::Matrix;

use crate::array::out_of_range;
use crate::cell::{Cell, is_number, parse_cell};
use crate::dataset::Labels;
use crate::error::{Error, ErrorKind, Place, Remedy, Result};
use crate::input::{Counted, Input, read_error};
use crate::narrowing::Narrowing;
use crate::read::{Header, LabelColumn, ReadOptions, non_finite};
use crate::source::Source;

/// What a lone first line says when it is a header of labels.
const LABEL_NAMES: [&str; 5] = ["label", "labels", "class", "target", "y"];

/// A table whose first rows have been looked at.
pub(crate) struct Table<'a> {
    source: Source,
    reader: csv::Reader<Counted<'a>>,
    /// The names of the columns, when there is a header.
    names: Option<Vec<String>>,
    /// Rows read already, to tell the header.
    pending: VecDeque<ByteRecord>,
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
    let mut record = ByteRecord::new();
    let mut labels = Vec::new();
    while table.next(&mut record)? {
        labels.push(table.label(&record, column)?);
    }
    Ok(Labels::from_text(&labels))
}

impl<'a> Table<'a> {
    /// Tells the separator and the header.
    pub(crate) fn open(input: Input<'a>, options: &ReadOptions) -> Result<Self> {
        let delimiter = options.delimiter.unwrap_or_else(|| sniff_delimiter(input.prefix()));
        let source = input.source().clone();
        let mut table = Self {
            source,
            reader: csv::ReaderBuilder::new()
                .delimiter(delimiter)
                .has_headers(false)
                // Ragged rows are refused here, where the row is known.
                .flexible(true)
                .buffer_capacity(1 << 16)
                .from_reader(input.into_reader()),
            names: None,
            pending: VecDeque::new(),
            width: 0,
            row: 0,
        };
        table.look_ahead(options)?;
        Ok(table)
    }

    /// Reads the columns that are neither label nor row numbers.
    pub(crate) fn read_matrix(mut self, options: &ReadOptions, narrowing: &mut Narrowing) -> Result<Rows> {
        let label = self.label_column(&options.label_column)?;
        let index = (self.numbers_rows(0) && label != Some(0)).then_some(0);
        let values: Vec<usize> =
            (0..self.width).filter(|&column| Some(column) != label && Some(column) != index).collect();
        if values.is_empty() {
            return Err(self.source.error(
                ErrorKind::Empty,
                format!("has no column of numbers{}; t-SNE needs at least one", self.listing()),
            ));
        }
        let columns = Columns { values, label, index: None };
        let left_out = index.and_then(|column| self.names()?.get(column).cloned());
        Ok(Rows { left_out, ..self.read_columns(&columns, narrowing)? })
    }

    /// Reads all rows. Takes the offsets of `narrowing` away, or else learns which are needed.
    pub(crate) fn read_columns(&mut self, columns: &Columns, narrowing: &mut Narrowing) -> Result<Rows> {
        narrowing.start(columns.values.len());
        let mut record = ByteRecord::new();
        let mut values = Vec::new();
        let mut labels = Vec::new();
        let mut index = Vec::new();
        // The first value that is missing or not finite, and how many are.
        let mut bad: Option<(Place, String, usize)> = None;
        while self.next(&mut record)? {
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
                labels.push(self.label(&record, column)?);
            }
            if let Some(column) = columns.index {
                index.push(self.row_number(&record, column)?);
            }
        }
        if let Some((place, what, count)) = bad {
            return Err(non_finite(&self.source, &what, count).at(place));
        }
        let malformed = |error: gnomonic::Error| self.source.error(ErrorKind::Malformed, error.to_string());
        Ok(Rows {
            matrix: Matrix::new(values, self.row, columns.values.len()).map_err(malformed)?,
            labels: columns.label.map(|_| Labels::from_text(&labels)),
            index: columns.index.map(|_| index),
            left_out: None,
        })
    }

    /// The names of the columns, when there is a header.
    pub(crate) fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    pub(crate) fn error(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        self.source.error(kind, message)
    }

    /// The column of the labels.
    pub(crate) fn label_column(&self, wanted: &LabelColumn) -> Result<Option<usize>> {
        let names = self.names.as_deref().unwrap_or_default();
        match wanted {
            LabelColumn::Absent => Ok(None),
            LabelColumn::Auto => Ok(names.iter().position(|name| name.eq_ignore_ascii_case("label"))),
            LabelColumn::At(text) => {
                let number = text.parse().ok().filter(|number| (1..=self.width).contains(number));
                let column = names.iter().position(|name| name == text);
                match column.or(number.map(|number: usize| number - 1)) {
                    Some(column) => Ok(Some(column)),
                    None => Err(self.error(
                        ErrorKind::UnknownColumn,
                        format!(
                            "has no column {text:?}; it has {} column{}{}: give a name, or a number from 1",
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
        let names = self.names.as_deref().unwrap_or_default();
        let name = names.get(column).map(String::as_str);
        column == 0 && self.width > 1 && matches!(name, Some("" | "index"))
    }

    fn look_ahead(&mut self, options: &ReadOptions) -> Result<()> {
        for _ in 0..2 {
            let mut record = ByteRecord::new();
            if self.read(&mut record)? {
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
            let names = self.pending.pop_front().unwrap_or_default();
            let name = |cell: &[u8]| String::from_utf8_lossy(cell).trim().to_owned();
            self.names = Some(names.iter().map(name).collect());
        }
        if self.pending.is_empty() {
            let message =
                "the file holds a header and no rows; if its only line is data, say that there is no header";
            return Err(self.error(ErrorKind::Empty, message).remedied_by(&[Remedy::Header(Header::Absent)]));
        }
        Ok(())
    }

    /// The next row of data, of the right width; false at the end.
    fn next(&mut self, record: &mut ByteRecord) -> Result<bool> {
        match self.pending.pop_front() {
            Some(pending) => *record = pending,
            None => {
                if !self.read(record)? {
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
                .at(Place::Row { row: self.row, line: line(&self.source, record) }));
        }
        Ok(true)
    }

    fn read(&mut self, record: &mut ByteRecord) -> Result<bool> {
        self.reader.read_byte_record(record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => read_error(&self.source, self.reader.get_ref().position(), error),
            kind => self.error(ErrorKind::Malformed, format!("the table cannot be read: {kind:?}")),
        })
    }

    fn label(&self, record: &ByteRecord, column: usize) -> Result<String> {
        let problem = match std::str::from_utf8(&record[column]) {
            Ok(label) if !label.trim().is_empty() => return Ok(label.trim().to_owned()),
            Ok(_) => (ErrorKind::NonFinite, "the label is empty; give every row a label"),
            Err(_) => (ErrorKind::Malformed, "the label is not UTF-8; save the file as UTF-8"),
        };
        Err(self.error(problem.0, problem.1).at(self.place(record, column)))
    }

    fn row_number(&self, record: &ByteRecord, column: usize) -> Result<usize> {
        let text = String::from_utf8_lossy(&record[column]);
        text.trim().parse().map_err(|_| {
            let message = format!("{text:?} is not the number of a row, counted from 0");
            self.error(ErrorKind::NotANumber, message).at(self.place(record, column))
        })
    }

    fn not_a_number(&self, text: &str, record: &ByteRecord, column: usize) -> Error {
        let label_column = Remedy::LabelColumn(Some(column + 1));
        let (remedy, remedies): (_, &[Remedy]) = if self.row == 1 && self.names.is_none() {
            (
                "if the first line is a header, say so; if this column holds labels, name it as the label column",
                &[Remedy::Header(Header::Present), label_column],
            )
        } else {
            ("correct it; or, if this column holds labels, name it as the label column", &[label_column])
        };
        let message = format!("{text:?} is not a number; {remedy}");
        self.error(ErrorKind::NotANumber, message).at(self.place(record, column)).remedied_by(remedies)
    }

    fn place(&self, record: &ByteRecord, column: usize) -> Place {
        Place::Cell {
            row: self.row,
            column: column + 1,
            line: line(&self.source, record),
            name: self.names.as_ref().map(|names| names[column].clone()),
        }
    }

    /// The first names, for an error.
    fn listing(&self) -> String {
        const SHOWN: usize = 8;
        match &self.names {
            Some(names) if names.len() > SHOWN => format!(" ({}, …)", names[..SHOWN].join(", ")),
            Some(names) => format!(" ({})", names.join(", ")),
            None => String::new(),
        }
    }
}

/// The line that the record starts on, found by reading the file again: the parser counts lines, but not the blank ones
/// that it skips before a record. `None` when the file cannot be read twice.
fn line(source: &Source, record: &ByteRecord) -> Option<u64> {
    let mut before = record.position()?.byte();
    let mut line = 1;
    for byte in BufReader::new(Input::open(source).ok()?.into_reader()).bytes() {
        let byte = byte.ok()?;
        if before == 0 && !matches!(byte, b'\r' | b'\n') {
            return Some(line);
        }
        before = before.saturating_sub(1);
        line += u64::from(byte == b'\n');
    }
    None
}

/// The separator that the first line holds most of, outside quotes; a comma when it holds none.
fn sniff_delimiter(prefix: &[u8]) -> u8 {
    const CANDIDATES: [u8; 4] = [b',', b'\t', b';', b' '];
    let mut counts = [0_usize; CANDIDATES.len()];
    let mut quoted = false;
    let mut started = false;
    for &byte in prefix {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if started && !quoted => break,
            _ if quoted => {}
            _ => {
                started |= !byte.is_ascii_whitespace();
                if let Some(at) = CANDIDATES.iter().position(|&candidate| candidate == byte) {
                    counts[at] += 1;
                }
            }
        }
    }
    // Spaces separate only when nothing else does: `a, b, c` and `red car<TAB>blue car` have more of them.
    let best = (0..3).max_by_key(|&at| (counts[at], 3 - at)).unwrap_or(0);
    match (counts[best], counts[3]) {
        (0, 0) => b',',
        (0, _) => b' ',
        _ => CANDIDATES[best],
    }
}

/// Whether the first row names the columns. `named` is the label column asked for.
fn looks_like_header(first: &ByteRecord, second: Option<&ByteRecord>, named: Option<&str>) -> bool {
    let text_cells: Vec<usize> = (0..first.len()).filter(|&column| !is_number(&first[column])).collect();
    if text_cells.is_empty() {
        return second.is_some_and(|second| counts_columns(first, second));
    }
    let says = |column: &usize, name: &str| first[*column].trim_ascii().eq_ignore_ascii_case(name.as_bytes());
    if named.is_some_and(|name| text_cells.iter().any(|column| says(column, name))) {
        return true;
    }
    let known = text_cells.iter().any(|column| LABEL_NAMES.iter().any(|name| says(column, name)));
    let Some(second) = second.filter(|second| second.len() == first.len()) else {
        return known || (text_cells.len() == first.len() && first.len() > 1);
    };
    if text_cells.len() == first.len() {
        return known || second.iter().any(is_number);
    }
    // Some cells are numbers: columns named 0, 1, 2, … beside a name or an unnamed row number.
    let over_numbers = text_cells.iter().all(|&column| is_number(&second[column]));
    let numbers: Vec<u64> = (0..first.len())
        .filter(|column| !text_cells.contains(column))
        .map_while(|column| std::str::from_utf8(&first[column]).ok()?.trim().parse().ok())
        .collect();
    let counted = numbers.len() + text_cells.len() == first.len()
        && numbers[0] <= 1
        && numbers.windows(2).all(|pair| pair[1] == pair[0] + 1);
    counted && (over_numbers || known)
}

/// Whether the first row is exactly 0, 1, 2, …: the names pandas gives to columns that have none. Of one or two columns
/// such rows are common as data, and where the second row counts on, the table is a counted one.
fn counts_columns(first: &ByteRecord, second: &ByteRecord) -> bool {
    let counts_from = |row: &ByteRecord, start: usize| {
        row.iter().zip(start..).all(|(cell, number)| cell.trim_ascii() == number.to_string().as_bytes())
    };
    first.len() >= 3
        && second.len() == first.len()
        && counts_from(first, 0)
        && !counts_from(second, first.len())
}
