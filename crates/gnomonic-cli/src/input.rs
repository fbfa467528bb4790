//! Reading what the user named.

mod labels;
mod maps;

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use gnomonic::Tsne;
use gnomonic_datasets::{
    Dataset, DownloadEvent, ErrorKind, Header, LabelColumn, Missing, ReadOptions, Remedy, Shape, Source,
    Sources, Values, catalog, shown,
};

use crate::args::{Scale, missing_name};
use crate::budget::Limit;
use crate::download;
use crate::failure::{Interrupted, Usage};
use crate::interrupt::Interrupt;
use crate::plan::{Input, LabelSource, Perplexities};
use crate::progress::Progress;
use crate::table::{counted, grouped};

pub(crate) use labels::LabelFile;
pub(crate) use maps::MapSource;

/// Data as read.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// As the user named it: what errors begin with.
    pub(crate) name: String,
    pub(crate) dataset: Dataset,
    /// The license that a data set with a name comes under.
    pub(crate) license: Option<String>,
    /// The file of labels, when they have one of their own.
    pub(crate) label_file: Option<String>,
    /// What became of rows that lacked values.
    pub(crate) missing: Missing,
}

/// The shape of the data where it can be told without reading it all: not that of a table of text.
///
/// # Errors
/// Names the file and what its header shows to be wrong.
pub(crate) fn shape(input: &Input) -> Result<Option<Shape>> {
    let shape = gnomonic_datasets::shape(&input.typed);
    let shape = shape.map_err(|error| advise(error, input.header, instead(&input.labels), &Limit::NONE))?;
    let is_named = gnomonic_datasets::is_named(&input.name);
    Ok(shape.map(|shape| match input.table.transpose && !is_named {
        true => Shape { n_samples: shape.n_features, n_features: shape.n_samples, is_mapped: false },
        false => shape,
    }))
}

/// Reads the data and its labels, from the network when it must.
///
/// # Errors
/// Names the file and the place in it.
pub(crate) fn load(
    input: &Input,
    limit: &Limit,
    progress: &mut Progress,
    interrupt: &Interrupt,
) -> Result<Loaded> {
    refuse_pipe_twice(&input.files())?;
    progress.begin("read");
    let mut loaded = read(input, limit, progress, interrupt)?;
    if let LabelSource::File(file, column) = &input.labels {
        let held = loaded.held();
        let header = input.labels_header;
        let key = loaded.key().map(str::to_owned);
        let labels = LabelFile { file, column: column.as_deref(), header, unlabeled: false };
        let labels = labels.read(key.as_deref(), limit, held)?;
        let with_labels = loaded.dataset.with_named_labels(labels, &Source::parse(file));
        loaded.dataset = with_labels.map_err(|error| advise(error, input.header, "", limit))?;
        loaded.label_file = Some(file.to_string_lossy().into_owned());
    }
    let (n_samples, n_features) = loaded.shape();
    let labels = match loaded.dataset.labels.as_ref().map_or(0, |labels| labels.names.len()) {
        0 => String::new(),
        1 => ", 1 label".to_owned(),
        several => format!(", {several} labels"),
    };
    let left_out = match loaded.dataset.left_out.as_deref() {
        None => String::new(),
        Some("") => ", without the first column, which numbers the rows".to_owned(),
        Some(name) => format!(", without the column {}, which numbers the rows", shown::text(name)),
    };
    let beside = beside(&loaded.dataset, input.table.missing);
    progress.end(&format!("{} × {}{labels}{left_out}{beside}", grouped(n_samples), grouped(n_features)));
    for note in &loaded.dataset.notes {
        let options = options_for(&note.remedies, input.header, instead(&input.labels));
        progress.warn(&format!("{}: {}{options}", named(&input.name), note.text));
    }
    Ok(loaded)
}

/// What is to be said of data beside its shape: what is carried along, what was missing, how the file is written.
fn beside(dataset: &Dataset, missing: Missing) -> String {
    /// Columns that are named.
    const NAMED: usize = 6;
    let mut said = String::new();
    if !dataset.carried.is_empty() {
        let mut names: Vec<String> =
            dataset.carried.iter().take(NAMED).map(|column| shown::text(&column.name)).collect();
        if dataset.carried.len() > NAMED {
            names.push("…".to_owned());
        }
        let columns = counted(dataset.carried.len(), "column");
        said += &format!(", {columns} carried along: {}", names.join(", "));
    }
    if let Some(kept) = &dataset.kept {
        said += &format!("; {} left out that lacked values", counted(kept.of - kept.rows.len(), "row"));
    }
    if dataset.filled > 0 {
        said += &format!("; {} filled in by the {}", counted(dataset.filled, "value"), missing_name(missing));
    }
    if !dataset.dialect.is_empty() {
        said += &format!("; {}", dataset.dialect.join(", "));
    }
    said
}

fn read(input: &Input, limit: &Limit, progress: &mut Progress, interrupt: &Interrupt) -> Result<Loaded> {
    let sources = sources(input.data_dir.as_deref());
    // Of a download that is cut short nothing is left, so a signal ends it at once.
    let tell = &mut |event: &DownloadEvent<'_>| {
        download::tell(event, progress);
        if interrupt.requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ReadOptions {
        label_column: label_column(&input.labels),
        memory: limit.for_reading(0),
        ..input.table.clone()
    };
    let dataset =
        gnomonic_datasets::load(&input.typed, &options, &sources, tell).map_err(|error| {
            match error.kind() {
                ErrorKind::Cancelled => Interrupted("the download; nothing was written".into()).into(),
                _ => advise(error, input.header, instead(&input.labels), limit),
            }
        })?;
    let is_named = gnomonic_datasets::is_named(&input.name);
    check_label_column(&input.typed, &input.labels, !is_named && dataset.labels.is_some())?;
    let entries = if is_named { catalog(&sources) } else { Vec::new() };
    let set = input.name.split(':').next().unwrap_or_default();
    let license = entries.iter().find(|entry| entry.name == set).map(|entry| entry.license.to_owned());
    Ok(Loaded { name: input.name.clone(), dataset, license, label_file: None, missing: input.table.missing })
}

/// Refuses a pipe that is named for two inputs: it can be read once, and who reads it again waits for ever.
///
/// # Errors
/// Names the pipe.
pub(crate) fn refuse_pipe_twice(files: &[PathBuf]) -> Result<()> {
    let pipes: Vec<(&PathBuf, Metadata)> = files
        .iter()
        .filter_map(|file| Some((file, fs::metadata(file).ok()?)))
        .filter(|(_, metadata)| !metadata.is_file() && !metadata.is_dir())
        .collect();
    for (at, (file, metadata)) in pipes.iter().enumerate() {
        if pipes[..at].iter().any(|(_, other)| is_same(metadata, other)) {
            bail!(
                "{}: is a pipe, which can be read only once, and is named for two inputs; save it to a file and name that",
                shown::path(file)
            );
        }
    }
    Ok(())
}

#[cfg(unix)]
fn is_same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    false
}

/// Where named data sets are looked for: in the folder given, and else where the environment says.
pub(crate) fn sources(data_dir: Option<&Path>) -> Sources {
    let mut sources = Sources::from_env();
    if let Some(folder) = data_dir {
        sources.data_dir = Some(folder.to_owned());
    }
    sources
}

/// The column of the labels in a table of data.
pub(crate) fn label_column(labels: &LabelSource) -> LabelColumn {
    match labels {
        LabelSource::Column(column) => LabelColumn::At(column.clone()),
        LabelSource::WithData | LabelSource::File(..) => LabelColumn::Auto,
    }
}

/// Names, after an error that advises a setting, the options that make it; `instead` goes with `--label-column`. What
/// the user has set, `header`, is not advised again. Memory is advised as the limit says.
fn advise(error: gnomonic_datasets::Error, header: Header, instead: &str, limit: &Limit) -> anyhow::Error {
    if error.remedies().contains(&Remedy::Memory)
        && let (Some(path), Some(most)) = (error.path(), limit.bytes())
    {
        let more = if limit.asked.is_some() { ", or allow more" } else { "" };
        return Usage(format!(
            "{}: reading it takes more memory than there is: {}; take fewer rows or columns{more}",
            shown::path(path),
            limit.says(most)
        ))
        .into();
    }
    let options = options_for(error.remedies(), header, instead);
    if options.is_empty() { error.into() } else { anyhow!("{error}{options}") }
}

/// Names the options that an error of reading `input` advises.
pub(crate) fn advise_reading(error: gnomonic_datasets::Error, input: &Input, limit: &Limit) -> anyhow::Error {
    advise(error, input.header, instead(&input.labels), limit)
}

/// The options that make settings, in parentheses after a space; nothing where there are none.
fn options_for(remedies: &[Remedy], header: Header, instead: &str) -> String {
    let option = |remedy: &Remedy| match remedy {
        Remedy::Header(wanted) if *wanted == header => None,
        Remedy::Header(Header::Present) => Some("--header yes".to_owned()),
        Remedy::LabelsHeader(Header::Present) => Some("--labels-header yes".to_owned()),
        Remedy::Header(Header::Absent) => Some("--header no".to_owned()),
        Remedy::LabelColumn(Some(number)) => Some(format!("--label-column {number}{instead}")),
        Remedy::LabelColumn(None) => Some("--label-column NAME|N".to_owned()),
        Remedy::Missing => Some("--missing drop|mean|median".to_owned()),
        Remedy::Exclude(number) => Some(format!("--exclude {number}")),
        Remedy::Coordinates => Some("--x NAME --y NAME".to_owned()),
        Remedy::Field => Some("--field NAME".to_owned()),
        Remedy::Delimiter => Some("--separator CHAR".to_owned()),
        Remedy::Decimal => Some("--decimal .|,".to_owned()),
        _ => None,
    };
    let options: Vec<String> = remedies.iter().filter_map(option).collect();
    if options.is_empty() { String::new() } else { format!(" ({})", options.join(", ")) }
}

/// A column of the data is one of labels only when they have no file of their own.
fn instead(labels: &LabelSource) -> &'static str {
    if matches!(labels, LabelSource::File(..)) { " in place of --labels" } else { "" }
}

/// The same of an error in a file of labels, whose header has an option of its own.
fn advise_labels(error: gnomonic_datasets::Error, header: Header, limit: &Limit) -> anyhow::Error {
    let is_header = |remedy: &Remedy| matches!(remedy, Remedy::Header(wanted) if *wanted != header);
    if error.remedies().iter().any(is_header) {
        let option = options_for(error.remedies(), header, "").replace("--header", "--labels-header");
        return anyhow!("{error}{option}");
    }
    advise(error, header, "", limit)
}

/// Refuses a label column of what has no columns with names; `found` tells whether there are labels. The readers of
/// binary formats leave out of account what only tables have.
fn check_label_column(name: &OsStr, labels: &LabelSource, found: bool) -> Result<()> {
    match labels {
        LabelSource::Column(column) if !found => Err(anyhow!(
            "{}: is no table of text, so it has no label column {}; name a file of labels with --labels",
            named(name),
            shown::text(column)
        )),
        _ => Ok(()),
    }
}

/// Puts an input's name before an error that knows only its numbers.
pub(crate) fn blame(name: impl AsRef<OsStr>, error: &gnomonic::Error) -> anyhow::Error {
    anyhow!("{}: {error}", named(name))
}

/// An input's name, fit to be shown.
pub(crate) fn named(name: impl AsRef<OsStr>) -> String {
    shown::path(Path::new(name.as_ref()))
}

impl Loaded {
    /// Rows and columns.
    pub(crate) fn shape(&self) -> (usize, usize) {
        (self.dataset.matrix.n_samples(), self.dataset.matrix.n_features())
    }

    /// What the column is called that names the rows.
    pub(crate) fn key(&self) -> Option<&str> {
        self.dataset.carried.iter().find(|column| column.names_rows).map(|column| column.name.as_str())
    }

    /// The bytes that it holds.
    fn held(&self) -> u64 {
        let values = &self.dataset.matrix;
        if values.is_mapped() { 0 } else { 4 * values.as_slice().len() as u64 }
    }

    /// Refuses, before any work, data of which `tsne` cannot map `n_samples` rows, once they are scaled.
    ///
    /// # Errors
    /// Names the input, the bound and the remedy.
    pub(crate) fn check(&self, tsne: &Tsne, n_samples: usize, scale: Scale) -> Result<()> {
        tsne.validate(n_samples).map_err(|error| blame(&self.name, &error))?;
        check_rows(&self.dataset.matrix, scale).map_err(|error| blame(&self.name, &error))
    }

    /// The perplexities of a sweep of `n_samples` rows of this data, checked; those left out are told.
    ///
    /// # Errors
    /// When one that was asked for does not fit.
    pub(crate) fn choose_perplexities(
        &self,
        perplexities: &Perplexities,
        tsne: &Tsne,
        n_samples: usize,
        scale: Scale,
        progress: &mut Progress,
    ) -> Result<Vec<f64>> {
        let (made, left_out) = perplexities.choose(n_samples);
        // With too few rows for any, the least says so.
        for &perplexity in if made.is_empty() { &left_out[..1] } else { &made } {
            let tsne = tsne.clone().perplexity(perplexity);
            tsne.validate(n_samples).map_err(|error| blame(&self.name, &error))?;
        }
        check_rows(&self.dataset.matrix, scale).map_err(|error| blame(&self.name, &error))?;
        if !left_out.is_empty() {
            let list: Vec<String> = left_out.iter().map(ToString::to_string).collect();
            let name = named(&self.name);
            let list = list.join(", ");
            progress.warn(&format!("{name}: {n_samples} rows are too few for perplexity {list}: left out"));
        }
        Ok(made)
    }
}

/// Warns when the file of mapped values was written to while they were in use. To be asked when they are last used.
pub(crate) fn warn_of_change(values: &Values, progress: &mut Progress) {
    if values.is_changed() {
        progress.warn(
            "the data file was written to while it was read: the result may fit neither the old data nor the new; run again",
        );
    }
}

/// Refuses values that t-SNE cannot take, and rows that are all equal. The library does too, but only after scaling
/// and sampling, when less can be said of the input. What is scaled may have any size before. Goes block by block, which a
/// mapped file needs not stay in memory for.
fn check_rows(x: &Values, scale: Scale) -> gnomonic::Result<()> {
    let mut all_equal = true;
    x.try_for_each_block(|_, rows| {
        if scale == Scale::None {
            // Rows count from the first of all: the whole table names the place.
            rows.check(1).or_else(|_| x.view().check(1))?;
        }
        all_equal = all_equal && rows.rows().all(|row| row == x.row(0));
        Ok::<(), gnomonic::Error>(())
    })?;
    if all_equal {
        return Err(gnomonic::ErrorKind::IdenticalRows { n_samples: x.n_samples() }.into());
    }
    Ok(())
}
