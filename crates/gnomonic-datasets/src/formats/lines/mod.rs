//! Formats of one record a line, and the lines that they come in.

pub(crate) mod json;
pub(crate) mod libsvm;
pub(crate) mod matrix_market;

use std::io::BufRead as _;

use memchr::memchr;

use crate::error::{Error, ErrorKind, Place, Result};
use crate::input::{Input, Unpacked, fill};
use crate::memory::{Memory, NoRoom};
use crate::source::Source;

/// Blank lines, in bytes, that are skipped in all: who sends more sends nothing else.
const MOST_BLANK: u64 = 1 << 30;

/// The lines of a file that hold something, one at a time.
pub(crate) struct Lines<'a> {
    source: Source,
    memory: Memory,
    bytes: Unpacked<'a>,
    position: u64,
    /// Lines so far.
    line: u64,
    /// Lines so far that were handed out.
    row: usize,
    blank: u64,
    text: Vec<u8>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(input: Input<'a>) -> Self {
        Self {
            source: input.source().clone(),
            memory: input.memory().clone(),
            bytes: input.into_unpacked(),
            position: 0,
            line: 0,
            row: 0,
            blank: 0,
            text: Vec::new(),
        }
    }

    /// Goes to the next line that `holds` something; false at the end. Of a line that holds nothing no row is counted.
    pub(crate) fn next(&mut self, holds: impl Fn(&[u8]) -> bool) -> Result<bool> {
        loop {
            if !self.read()? {
                return Ok(false);
            }
            if holds(self.text()) {
                self.row += 1;
                return Ok(true);
            }
            self.blank += self.text.len() as u64 + 1;
            if self.blank > MOST_BLANK {
                let message = format!("more than {MOST_BLANK} bytes are blank lines or comments");
                return Err(self.source.error(ErrorKind::Malformed, message));
            }
        }
    }

    /// Reads the next line; false at the end.
    fn read(&mut self) -> Result<bool> {
        self.text.clear();
        loop {
            let input = fill(&mut self.bytes, &self.source, self.position)?;
            let end = memchr(b'\n', input);
            let part = end.unwrap_or(input.len());
            let room = self.memory.reserve(&mut self.text, part, usize::MAX);
            room.map_err(|no_room| self.source.no_room(no_room))?;
            self.text.extend_from_slice(&input[..part]);
            let read = part + usize::from(end.is_some());
            self.position += read as u64;
            self.bytes.consume(read);
            if end.is_some() || read == 0 {
                let is_line = end.is_some() || !self.text.is_empty();
                self.line += u64::from(is_line);
                return Ok(is_line);
            }
        }
    }

    /// The line, without blanks around it.
    pub(crate) fn text(&self) -> &[u8] {
        self.text.trim_ascii()
    }

    /// Rows so far, this one included.
    pub(crate) fn row(&self) -> usize {
        self.row
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    pub(crate) fn reserve<T>(&self, values: &mut Vec<T>, additional: usize, in_all: usize) -> Result<()> {
        self.memory.reserve(values, additional, in_all).map_err(|no_room| self.no_room(no_room))
    }

    pub(crate) fn no_room(&self, no_room: NoRoom) -> Error {
        self.source.no_room(no_room)
    }

    /// An error of this row.
    pub(crate) fn error(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        self.source.error(kind, message).at(Place::Row { row: self.row, line: Some(self.line) })
    }

    /// The error of a file without rows.
    pub(crate) fn empty(&self) -> Error {
        self.source.error(ErrorKind::Empty, "the file holds no rows, only blank lines")
    }
}

/// The whole lines among the first bytes; the first piece of a line, and false, where none is whole.
pub(crate) fn first_lines(prefix: &[u8]) -> (Vec<&[u8]>, bool) {
    let prefix = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix);
    let mut lines: Vec<&[u8]> = prefix.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).collect();
    let last = lines.pop().unwrap_or_default();
    lines.retain(|line| !line.is_empty());
    if lines.is_empty() { (vec![last], false) } else { (lines, true) }
}
