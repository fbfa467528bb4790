//! Labels in a file of their own.

use std::ffi::OsStr;

use anyhow::{Result, anyhow};
use gnomonic_datasets::{
    Header, LabelColumn, Labels, NamedLabels, ReadOptions, Source, Texts, read_named_labels,
};

use super::{advise_labels, named};
use crate::budget::Limit;
use crate::table::counted;

/// A file of labels, and how it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LabelFile<'a> {
    pub(crate) file: &'a OsStr,
    pub(crate) column: Option<&'a str>,
    pub(crate) header: Header,
    /// Whether rows may lack a label.
    pub(crate) unlabeled: bool,
}

impl LabelFile<'_> {
    /// Reads it beside data that holds as many bytes, and that calls the column of the names of its rows `key`.
    pub(super) fn read(&self, key: Option<&str>, limit: &Limit, held: u64) -> Result<NamedLabels> {
        let label_column = self.column.map_or(LabelColumn::Auto, |column| LabelColumn::At(column.to_owned()));
        let options = ReadOptions {
            header: self.header,
            label_column,
            unlabeled: self.unlabeled,
            memory: limit.for_reading(held),
            ..ReadOptions::default()
        };
        let read = read_named_labels(&Source::parse(self.file), &options, key);
        read.map_err(|error| advise_labels(error, self.header, limit))
    }

    /// One label for each of `n_samples` rows: joined by name with `names`, the names of the rows, where the file names its rows too.
    ///
    /// # Errors
    /// Names the file, and how many labels it should hold.
    pub(crate) fn labels_for(
        &self,
        n_samples: usize,
        names: Option<&Texts>,
        key: Option<&str>,
        limit: &Limit,
    ) -> Result<Labels> {
        let NamedLabels { labels, names: of_file } = self.read(key, limit, 0)?;
        if let (Some(here), Some(there)) = (names, &of_file)
            && let Some(rows) = gnomonic_datasets::join(here, there, &Source::parse(self.file))?
        {
            return Ok(labels.select(&rows));
        }
        let found = labels.classes.len();
        if found != n_samples {
            let remedy = if found == n_samples + 1 {
                "; if its first line is a header, read it with --labels-header yes"
            } else {
                ""
            };
            let (labels, rows) = (counted(found, "label"), counted(n_samples, "row"));
            return Err(anyhow!(
                "{}: {labels} for {rows}; each row needs exactly one{remedy}",
                named(self.file)
            ));
        }
        Ok(labels)
    }
}
