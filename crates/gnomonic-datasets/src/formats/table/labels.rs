//! A table that is read for its labels alone.

use crate::error::{ErrorKind, Remedy, Result};
use crate::formats::table::Table;
use crate::formats::table::columns::ROW_NAMES;
use crate::formats::table::dialect::Dialect;
use crate::formats::table::records::Record;
use crate::gathering::Gathering;
use crate::input::Input;
use crate::labels::NamedLabels;
use crate::options::ReadOptions;
use crate::texts::Texts;

/// Reads one label for each row, of the label column or the only one, and the names of the rows, of the column that is called `key` or
/// looks like one of names.
pub(crate) fn read(input: Input<'_>, options: &ReadOptions, key: Option<&str>) -> Result<NamedLabels> {
    let mut options = options.clone();
    options.decimal = options.decimal.or(Some(b'.'));
    let mut dialect = Dialect::of(&input, &options)?;
    // Where nothing but blanks could separate, they stand within labels: `T cell`; and what looks like a comment may be one.
    if options.delimiter.is_none() && dialect.delimiter == b' ' {
        dialect = Dialect { delimiter: b',', skipped: 0, words: None, last_comment: None, ..dialect };
    }
    let mut table = Table::begin(input, dialect);
    table.look_ahead(&options)?;
    let found = table.label_column(&options.label_column)?;
    let column = match (found, table.width) {
        (Some(column), _) => column,
        (None, 1) => 0,
        (None, 2) if table.numbers_rows(0) || table.is_called(0, &ROW_NAMES) => 1,
        (None, width) => {
            let listing = table.listing();
            let message = format!("has {width} columns{listing}; name the one that holds the labels");
            let error = table.source.error(ErrorKind::UnknownColumn, message);
            return Err(error.remedied_by(&[Remedy::LabelColumn(None)]));
        }
    };
    let named = table.names_beside(column, key);
    let mut record = Record::default();
    let mut labels = Gathering::new(&table.memory);
    let mut names = Texts::default();
    while table.next(&mut record)? {
        table.push_label(&record, column, &options, &mut labels)?;
        if let Some(named) = named {
            let name = table.decoded(&record[named]);
            names.push(name.trim(), &table.memory).map_err(|no_room| table.no_room(no_room))?;
        }
    }
    Ok(NamedLabels { labels: labels.finish(), names: named.map(|_| names) })
}

impl Table<'_> {
    /// The column that names the rows, beside that of the labels.
    fn names_beside(&self, labels: usize, key: Option<&str>) -> Option<usize> {
        let same = key.and_then(|key| self.column_named(key));
        let usual = || {
            let named = self.numbers_rows(0) || self.is_called(0, &ROW_NAMES);
            let lone_text = self.width == 2 && self.names.is_none() && !self.kind(0).is_numeric();
            (named || lone_text).then_some(0)
        };
        same.or_else(usual).filter(|&column| column != labels)
    }
}
