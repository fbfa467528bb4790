//! Getting a named data set: from the program, the user's folder, the cache or the network, in this order; or else a file.

use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::path::PathBuf;

use gnomonic::Matrix;

use crate::catalog::{Named, RemoteFile, Set};
use crate::dataset::{Dataset, check_lengths};
use crate::digits;
use crate::download::{self, DownloadEvent};
use crate::error::{Error, ErrorKind, Result};
use crate::formats::idx;
use crate::input::Input;
use crate::labels::Labels;
use crate::memory::Memory;
use crate::options::ReadOptions;
use crate::read::read_matrix;
use crate::source::Source;
use crate::sources::{Sources, find};

/// Gets the data set `name`: `digits`, `mnist` or `fashion-mnist`, of the latter two the 60,000 training images; or
/// `mnist:test` for the other 10,000, `mnist:all` for all 70,000, training images first.
///
/// Every file is checked by the SHA-256 of its decompressed bytes each time it is read. `progress` hears of downloads,
/// and can stop one by returning [`ControlFlow::Break`].
///
/// # Errors
/// [`ErrorKind::UnknownName`] with the nearest name; [`ErrorKind::Checksum`] when a file in the user's folder is not
/// the published one (a damaged one in the cache is downloaded again); [`ErrorKind::Unavailable`] when a file is
/// neither at hand nor to be had, saying where to put it.
pub fn named(
    name: &str,
    sources: &Sources,
    progress: &mut dyn FnMut(&DownloadEvent<'_>) -> ControlFlow<()>,
) -> Result<Dataset> {
    let (set, part) = match Named::parse(name)? {
        Named::Digits => return digits::load(),
        Named::Remote(set, part) => (set, part),
    };
    if let Some(dir) = &sources.data_dir
        && !dir.is_dir()
    {
        let message = "the data directory does not exist or is no directory; correct it or leave it out";
        return Err(Error::file(ErrorKind::NotFound, dir, message));
    }
    let files: Vec<&RemoteFile> = part.files(set).collect();
    let missing = sources.missing(set, &files);
    if !missing.is_empty() && (sources.offline || sources.cache_dir.is_none()) {
        return Err(download::not_downloadable(set, &missing, sources));
    }
    let mut values: Vec<f32> = Vec::new();
    let mut labels = Labels { classes: Vec::new(), names: set.classes.map(str::to_owned).to_vec() };
    let (mut n, mut d) = (0, 0);
    for pair in files.chunks_exact(2) {
        let images = obtain(set, pair[0], sources, progress, read_images)?;
        let (classes, source) = obtain(set, pair[1], sources, progress, read_classes)?;
        check_lengths(images.n_samples(), classes.len(), &source)?;
        n += images.n_samples();
        d = images.n_features();
        labels.classes.extend(classes);
        if values.is_empty() {
            values = images.into_vec();
        } else {
            let room = values.try_reserve_exact(images.as_slice().len());
            room.map_err(|_| Error::new(ErrorKind::TooLarge, name, "there is no memory for all its images"))?;
            values.extend_from_slice(images.as_slice());
        }
    }
    let malformed = |error: gnomonic::Error| Error::new(ErrorKind::Malformed, name, error.to_string());
    let matrix = Matrix::new(values, n, d).map_err(malformed)?;
    Ok(Dataset { labels: Some(labels), ..Dataset::new(name, matrix) })
}

/// Gets a named data set, or else reads a file; see [`named`] and [`read_matrix`].
///
/// # Errors
/// As theirs; when there is no such file and its name is close to that of a data set, that name is suggested.
pub fn load(
    name: impl AsRef<OsStr>,
    options: &ReadOptions,
    sources: &Sources,
    progress: &mut dyn FnMut(&DownloadEvent<'_>) -> ControlFlow<()>,
) -> Result<Dataset> {
    let source = Source::parse(&name);
    // What is no text is no name of a data set.
    let Some(text) = name.as_ref().to_str() else { return read_matrix(&source, options) };
    match Named::parse(text) {
        Ok(_) => named(text, sources, progress),
        Err(unknown) if !source.path().exists() && looks_like_name(text) => Err(unknown),
        Err(_) => read_matrix(&source, options),
    }
}

/// Whether a text that is no file was rather meant as a name: it has neither folders nor an ending.
fn looks_like_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(['/', '\\', '.'])
}

pub(crate) fn read_images(mut input: Input<'_>, file: &RemoteFile) -> Result<Matrix> {
    let matrix = idx::read_header(&mut input)?.read_matrix(&mut input)?;
    input.check_digest(file.sha256)?;
    Ok(matrix)
}

/// The classes by number, since their names are known.
fn read_classes(mut input: Input<'_>, file: &RemoteFile) -> Result<(Vec<u32>, Source)> {
    let source = input.source().clone();
    let matrix = idx::read_header(&mut input)?.read_matrix(&mut input)?;
    input.check_digest(file.sha256)?;
    Ok((matrix.as_slice().iter().map(|&class| class as u32).collect(), source))
}

/// What reading one file of a set may hold: 60,000 images of 28 × 28 are 188 MB as numbers.
const MOST_MEMORY: u64 = 1 << 28;

/// Finds or downloads a file, and reads it.
pub(crate) fn obtain<T>(
    set: &'static Set,
    file: &'static RemoteFile,
    sources: &Sources,
    progress: &mut dyn FnMut(&DownloadEvent<'_>) -> ControlFlow<()>,
    read: impl Fn(Input<'_>, &RemoteFile) -> Result<T>,
) -> Result<T> {
    let open = |path: PathBuf| {
        read(Input::open(&Source::file(path), &Memory::new(Some(MOST_MEMORY)))?.hashed(), file)
    };
    let found = |dir: &Option<PathBuf>| find(&dir.as_ref()?.join(set.name), file);
    if let Some(path) = found(&sources.data_dir) {
        return open(path);
    }
    if let Some(path) = found(&sources.cache_dir) {
        let damaged = match open(path) {
            Ok(read) => return Ok(read),
            Err(error) => error,
        };
        // An interrupted disk or a meddler: the cache is ours to mend, when it can be.
        if sources.offline || damaged.kind() == ErrorKind::Io {
            return Err(damaged);
        }
    }
    open(download::fetch(set, file, sources, progress)?)
}
