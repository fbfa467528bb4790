//! The first rows of a table: its header, other lines that are no data, and what stands at the edges of the rows.

use crate::error::{ErrorKind, Remedy, Result};
use crate::formats::table::cell::{is_missing, is_number};
use crate::formats::table::header::{class_names, is_scale, looks_like_header};
use crate::formats::table::records::Record;
use crate::formats::table::{Table, dialect, noise, orange};
use crate::options::{Header, LabelColumn, ReadOptions};
use crate::shown;

/// Rows that are looked at beforehand, and the room that they may take but for two.
const LOOKED_AT: usize = 100;
const LOOKED_AT_BYTES: usize = 1 << 16;

impl Table<'_> {
    pub(super) fn look_ahead(&mut self, options: &ReadOptions) -> Result<()> {
        let mut room = 0;
        while self.pending.len() < LOOKED_AT && (room < LOOKED_AT_BYTES || self.pending.len() < 2) {
            let mut record = Record::default();
            if !self.records.read(&mut record)? {
                break;
            }
            if let Some(kind) = noise::kind(&record, self.pending.front().map_or(0, Record::len), None) {
                self.skipped[kind] += 1;
                continue;
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
        if self.names.is_some()
            && self.dialect.delimiter == b'\t'
            && let (Some(types), Some(flags)) = (self.pending.front(), self.pending.get(1))
            && let Some(roles) = orange::roles(types, flags)
            && roles.len() == self.width
            && self.pending.len() > 2
        {
            self.roles = Some(roles);
            self.pending.drain(..2);
            self.unusual.push("Orange's lines of types and uses".to_owned());
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
}

/// Whether a row of several cells holds no number.
fn is_text(row: &Record, comma: bool) -> bool {
    row.len() > 1 && !row.cells().any(|cell| is_number(cell, comma))
}
