//! The rows of a table of text as they come: cells by commas or what else separates, quoted or not, with the line that each
//! row begins on, and with a bound on what they hold.

use std::io::BufRead as _;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use memchr::{memchr, memchr_iter, memchr2};

use crate::error::{Error, ErrorKind, Result};
use crate::formats::table::dialect::Dialect;
use crate::formats::table::words;
use crate::input::{Input, Unpacked, fill};
use crate::memory::Memory;
use crate::source::Source;

/// Columns of a table at most. A row of as many takes 64 MB as numbers, and their ends 128 MB while it is read.
const MOST_COLUMNS: usize = 1 << 24;

/// Blank lines, in bytes, that are skipped in all: who sends more sends nothing else.
const MOST_BLANK: u64 = 1 << 30;

/// Lines, after its first, that a quoted cell may fill.
const MOST_LINES: usize = 16;

/// One row as cells of bytes, without their quotes.
#[derive(Debug, Default)]
pub(crate) struct Record {
    bytes: Vec<u8>,
    /// Where each cell begins in `bytes`, and where the last one ends; beyond that, room.
    bounds: Vec<usize>,
    len: usize,
    line: u64,
}

impl Record {
    /// Number of cells.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The line of the file that it begins on, counted from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// A row of these cells.
    pub(crate) fn of(cells: &[&[u8]], line: u64) -> Self {
        let mut record = Self { bounds: vec![0], len: cells.len(), line, ..Self::default() };
        for cell in cells {
            record.bytes.extend_from_slice(cell);
            record.bounds.push(record.bytes.len());
        }
        record
    }

    /// The same row with one more cell before the others.
    pub(crate) fn after(&self, cell: &[u8]) -> Self {
        let cells: Vec<&[u8]> = std::iter::once(cell).chain(self.cells()).collect();
        Self::of(&cells, self.line)
    }

    /// Bytes of room that it takes.
    pub(crate) fn room(&self) -> usize {
        self.bytes.capacity() + size_of::<usize>() * self.bounds.capacity()
    }

    /// Takes no more room than it needs.
    pub(crate) fn shrink(&mut self) {
        self.bytes.truncate(self.bounds[self.len]);
        self.bytes.shrink_to_fit();
        self.bounds.truncate(self.len + 1);
        self.bounds.shrink_to_fit();
    }

    /// The cells in order.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len).map(|column| &self[column])
    }
}

impl std::ops::Index<usize> for Record {
    type Output = [u8];

    #[inline]
    fn index(&self, column: usize) -> &[u8] {
        &self.bytes[self.bounds[column]..self.bounds[column + 1]]
    }
}

/// The rows of a file.
pub(crate) struct Records<'a> {
    source: Source,
    parser: Reader,
    delimiter: u8,
    comment: Option<u8>,
    /// Of word vectors, how many numbers follow each word.
    words: Option<usize>,
    /// Lines that are still to be skipped.
    skipped: usize,
    bytes: Unpacked<'a>,
    memory: Memory,
    position: u64,
    /// The line that the next byte stands on.
    line: u64,
    /// Bytes of blank lines so far.
    blank: u64,
}

impl<'a> Records<'a> {
    pub(crate) fn new(input: Input<'a>, dialect: &Dialect) -> Self {
        let Dialect { delimiter, comment, skipped, words, .. } = *dialect;
        let (source, memory) = (input.source().clone(), input.memory().clone());
        let parser = ReaderBuilder::new().delimiter(delimiter).build();
        let bytes = input.into_unpacked();
        Self {
            source,
            parser,
            delimiter,
            comment,
            words,
            skipped,
            bytes,
            memory,
            position: 0,
            line: 1,
            blank: 0,
        }
    }

    /// The next row that is not blank; false at the end.
    ///
    /// # Errors
    /// When a quotation mark has no end, or swallows rows; when the row does not fit into memory; when reading fails.
    pub(crate) fn read(&mut self, record: &mut Record) -> Result<bool> {
        while self.skipped > 0 {
            self.skipped -= 1;
            self.skip_line()?;
        }
        loop {
            if !self.skip_blank_lines()? {
                return Ok(false);
            }
            let next = fill(&mut self.bytes, &self.source, self.position)?.first().copied();
            if next.is_some() && next == self.comment {
                self.skip_line()?;
                continue;
            }
            record.line = self.line;
            if self.delimiter != b' ' {
                break;
            }
            if self.read_between_blanks(record)? {
                return Ok(true);
            }
        }
        if record.bounds.is_empty() {
            self.make_room(&mut record.bounds)?;
        }
        let (mut n_bytes, mut n_cells) = (0, 0);
        loop {
            let input = fill(&mut self.bytes, &self.source, self.position)?;
            let at_end = input.is_empty();
            // What ends without a line's end is given one. Within quotes it is no end, but a part of the cell.
            let input = if at_end { b"\n" } else { input };
            let ends = &mut record.bounds[1 + n_cells..];
            let (result, read, written, ended) =
                self.parser.read_record(input, &mut record.bytes[n_bytes..], ends);
            n_bytes += written;
            n_cells += ended;
            if !at_end {
                self.line += count_line_ends(&input[..read]);
                self.position += read as u64;
                self.bytes.consume(read);
            }
            match result {
                ReadRecordResult::Record => {
                    record.len = n_cells;
                    self.refuse_swallowed_rows(record, n_bytes)?;
                    return Ok(true);
                }
                ReadRecordResult::End => return Ok(false),
                _ if at_end && read > 0 => {
                    record.len = n_cells;
                    return Err(self.unclosed(record, n_bytes));
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.make_room(&mut record.bytes)?,
                ReadRecordResult::OutputEndsFull => {
                    if n_cells >= MOST_COLUMNS {
                        return Err(self.too_wide(record.line));
                    }
                    self.make_room(&mut record.bounds)?;
                }
            }
        }
    }

    /// Goes beyond the next line's end.
    fn skip_line(&mut self) -> Result<()> {
        loop {
            let input = fill(&mut self.bytes, &self.source, self.position)?;
            let end = memchr(b'\n', input);
            let read = end.map_or(input.len(), |end| end + 1);
            self.position += read as u64;
            self.bytes.consume(read);
            if end.is_some() {
                self.line += 1;
                return Ok(());
            }
            if read == 0 {
                return Ok(());
            }
        }
    }

    /// The next line, of cells between runs of blanks; false where it holds nothing else. Quotes hold blanks together, within one line.
    fn read_between_blanks(&mut self, record: &mut Record) -> Result<bool> {
        record.len = 0;
        let mut length = 0;
        loop {
            let input = fill(&mut self.bytes, &self.source, self.position)?;
            let end = memchr2(b'\n', b'\r', input);
            let part = end.unwrap_or(input.len());
            if record.bytes.len() < length + part {
                let more = length + part - record.bytes.len();
                let room = self.memory.reserve(&mut record.bytes, more, usize::MAX);
                room.map_err(|no_room| self.source.no_room(no_room))?;
                record.bytes.resize(record.bytes.capacity(), 0);
            }
            record.bytes[length..length + part].copy_from_slice(&input[..part]);
            length += part;
            let read = part + usize::from(end.is_some());
            self.line += count_line_ends(&input[..read]);
            self.position += read as u64;
            self.bytes.consume(read);
            if end.is_some() || read == 0 {
                break;
            }
        }
        if record.bounds.is_empty() {
            self.make_room(&mut record.bounds)?;
        }
        if let Some(d) = self.words {
            return self.split_word(record, length, d);
        }
        let (mut at, mut written) = (0, 0);
        record.bounds[0] = 0;
        loop {
            let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
            at += record.bytes[at..length].iter().take_while(|byte| blank(byte)).count();
            if at == length {
                // A line of nothing but blanks is none.
                return Ok(record.len > 0);
            }
            if record.len == MOST_COLUMNS {
                return Err(self.too_wide(record.line));
            }
            let quoted = record.bytes[at] == b'"';
            at += usize::from(quoted);
            let rest = &record.bytes[at..length];
            let cell = if quoted {
                let end = memchr(b'"', rest);
                end.ok_or_else(|| self.unclosed_on(record.line, record.len + 1, ""))?
            } else {
                rest.iter().position(blank).unwrap_or(rest.len())
            };
            record.bytes.copy_within(at..at + cell, written);
            written += cell;
            at += cell + usize::from(quoted);
            record.len += 1;
            if record.bounds.len() <= record.len {
                self.make_room(&mut record.bounds)?;
            }
            record.bounds[record.len] = written;
        }
    }

    /// Splits a line of `length` bytes into a word and the last `d` cells; false where it holds nothing but blanks.
    fn split_word(&self, record: &mut Record, length: usize, d: usize) -> Result<bool> {
        let line = record.bytes[..length].trim_ascii_end();
        if line.is_empty() {
            return Ok(false);
        }
        let (end, starts) = (line.len(), words::starts(line, d));
        record.bounds[0] = 0;
        for at in starts.into_iter().chain([end]) {
            record.len += 1;
            if record.bounds.len() <= record.len {
                self.make_room(&mut record.bounds)?;
            }
            record.bounds[record.len] = at;
        }
        Ok(true)
    }

    /// Goes to the first byte of the next row; false at the end.
    fn skip_blank_lines(&mut self) -> Result<bool> {
        loop {
            let input = fill(&mut self.bytes, &self.source, self.position)?;
            if input.is_empty() {
                return Ok(false);
            }
            let blank = input.iter().take_while(|byte| ends_line(byte)).count();
            let ended = blank < input.len();
            self.line += count_line_ends(&input[..blank]);
            self.position += blank as u64;
            self.blank += blank as u64;
            self.bytes.consume(blank);
            if ended {
                return Ok(true);
            }
            if self.blank > MOST_BLANK {
                let message = format!("more than {MOST_BLANK} bytes are blank lines; this is no table");
                return Err(self.source.error(ErrorKind::Malformed, message));
            }
        }
    }

    /// At least one more of what the parser fills.
    fn make_room<T: Clone + Default>(&self, values: &mut Vec<T>) -> Result<()> {
        let more = if values.is_empty() { 1 << 10 } else { 1 };
        let room = self.memory.reserve(values, more, usize::MAX);
        room.map_err(|no_room| self.source.no_room(no_room))?;
        values.resize(values.capacity(), T::default());
        Ok(())
    }

    fn too_wide(&self, line: u64) -> Error {
        self.source.error(
            ErrorKind::TooLarge,
            format!("line {line} has more than {MOST_COLUMNS} cells; a table has at most as many columns"),
        )
    }

    /// The error of a cell, the last one, that is still open at the end of the file.
    fn unclosed(&self, record: &Record, n_bytes: usize) -> Error {
        let start = record.bounds[record.len];
        let line = record.line + count_line_ends(&record.bytes[..start]);
        let rest = match filled_further(&record.bytes[start..n_bytes]) {
            0 => String::new(),
            1 => " and takes in the line after it".to_owned(),
            lines => format!(" and takes in the {lines} lines after it"),
        };
        self.unclosed_on(line, record.len + 1, &rest)
    }

    fn unclosed_on(&self, line: u64, column: usize, rest: &str) -> Error {
        self.source.error(
            ErrorKind::Malformed,
            format!(
                "line {line}, column {column}: the quotation mark that opens this cell has no end{rest}; close it, remove it, or \
                 double it within a quoted cell where it is text"
            ),
        )
    }

    /// Refuses a cell that holds whole rows, as the cell does that begins with one stray quotation mark and ends with the
    /// next: from one place in a row to the same place in a later one, there are as many separators as rows need.
    fn refuse_swallowed_rows(&self, record: &Record, n_bytes: usize) -> Result<()> {
        if memchr2(b'\n', b'\r', &record.bytes[..n_bytes]).is_none() {
            return Ok(());
        }
        let mut line = record.line;
        for (column, cell) in record.cells().enumerate() {
            let line_ends = count_line_ends(cell);
            let filled = filled_further(cell);
            let separators = cell.iter().filter(|&&byte| byte == self.delimiter).count();
            if filled > MOST_LINES || (filled > 0 && separators >= filled * (record.len - 1)) {
                return Err(self.source.error(
                    ErrorKind::Malformed,
                    format!(
                        "line {line}, column {}: the quoted cell that begins here ends on line {} and takes in what looks like \
                         rows; a quotation mark is missing or one too many: close it, remove it, or double it where it is text",
                        column + 1,
                        line + line_ends
                    ),
                ));
            }
            line += line_ends;
        }
        Ok(())
    }
}

/// Lines of a cell after its first that are not blank.
fn filled_further(cell: &[u8]) -> usize {
    cell.split(ends_line).skip(1).filter(|line| !line.trim_ascii().is_empty()).count()
}

fn ends_line(byte: &u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn count_line_ends(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}
