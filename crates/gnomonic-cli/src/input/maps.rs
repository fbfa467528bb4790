//! Maps, read to be drawn or scored.

use std::ffi::OsStr;

use anyhow::{Result, anyhow};
use gnomonic_datasets::{Header, Map, ReadOptions, Source, read_map};

use super::{LabelFile, advise, check_label_column, instead, label_column, named, refuse_pipe_twice};
use crate::budget::Limit;
use crate::plan::{self, LabelSource};
use crate::progress::Progress;
use crate::table::counted;

/// How a map is read to be drawn or scored.
#[derive(Clone, Debug)]
pub(crate) struct MapSource<'a> {
    pub(crate) name: &'a OsStr,
    /// The columns of its coordinates, where they are named.
    pub(crate) coordinates: Option<[String; 2]>,
}

impl MapSource<'_> {
    /// Reads a map of two dimensions to be drawn, with its labels.
    ///
    /// # Errors
    /// Names the file and the place in it.
    pub(crate) fn load(
        &self,
        labels: &LabelSource,
        header: Header,
        labels_header: Header,
        limit: &Limit,
        progress: &mut Progress,
    ) -> Result<Map> {
        refuse_pipe_twice(&plan::files(self.name, labels))?;
        let mut map = self.read(labels, header, limit, progress)?;
        check_components(self.name, &map)?;
        if let LabelSource::File(file, column) = labels {
            let labels =
                LabelFile { file, column: column.as_deref(), header: labels_header, unlabeled: true };
            map.labels = Some(labels.labels_for(map.points.n_samples(), map.row_names(None), None, limit)?);
        }
        Ok(map)
    }

    /// Reads a map to be scored, of any number of dimensions; the options on labels and headers are about the data.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub(crate) fn load_scored(&self, limit: &Limit, progress: &mut Progress) -> Result<Map> {
        self.read(&LabelSource::WithData, Header::Auto, limit, progress)
    }

    fn read(
        &self,
        labels: &LabelSource,
        header: Header,
        limit: &Limit,
        progress: &mut Progress,
    ) -> Result<Map> {
        let options = ReadOptions {
            header,
            label_column: label_column(labels),
            coordinates: self.coordinates.clone(),
            unlabeled: true,
            memory: limit.for_reading(0),
            ..ReadOptions::default()
        };
        let map = read_map(&Source::parse(self.name), &options);
        let map = map.map_err(|error| advise(error, header, instead(labels), limit))?;
        check_label_column(self.name, labels, map.labels.is_some())?;
        if !map.dialect.is_empty() {
            progress.note(&format!("  {}: {}", named(self.name), map.dialect.join(", ")));
        }
        Ok(map)
    }
}

fn check_components(name: &OsStr, map: &Map) -> Result<()> {
    let n_components = map.points.n_features();
    if n_components != 2 {
        let columns = counted(n_components, "column");
        return Err(anyhow!(
            "{}: has {columns}; a map has 2, or columns named x and y, or as --x and --y say",
            named(name)
        ));
    }
    Ok(())
}
