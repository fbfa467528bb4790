//! A zip archive with one `.npy` file for each array.

use std::fs::File;
use std::io::BufReader;

use gnomonic::Matrix;
use zip::{CompressionMethod, ZipArchive, result::ZipError};

use super::npy;
use crate::dataset::check_lengths;
use crate::error::{Error, ErrorKind, Result};
use crate::formats::foreign;
use crate::input::{Input, open_file};
use crate::labels::Labels;
use crate::memory::Memory;
use crate::narrowing::Narrowing;
use crate::shown;
use crate::source::Source;
use crate::unpacking::LARGEST_DEFLATE_RATIO;

/// Keys of arrays that belong together: those of Keras' `mnist.npz`.
const PAIRS: [(&str, &str); 2] = [("x_train", "y_train"), ("x_test", "y_test")];

/// An open archive.
pub(crate) struct Archive {
    source: Source,
    memory: Memory,
    zip: ZipArchive<BufReader<File>>,
    length: u64,
    keys: Vec<String>,
}

impl Archive {
    /// Opens the archive again that `input` has seen to be one: it is read from its end, and then from where its arrays are.
    pub(crate) fn open(input: Input<'_>) -> Result<Self> {
        let (source, memory) = (&input.source().clone(), input.memory().clone());
        let path = source.path();
        if !input.is_file() {
            return Err(source.error(
                ErrorKind::UnknownFormat,
                "is a pipe that sends an .npz archive, whose list of arrays stands at its end; save it to a file and name that",
            ));
        }
        drop(input);
        let file = open_file(source)?;
        let length = file.metadata().map_err(|e| Error::io(path, "reading", e))?.len();
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|e| zip_error(source, e))?;
        let mut keys = Vec::new();
        for name in zip.file_names() {
            let name = name.map_err(|e| zip_error(source, e))?;
            if let Some(key) = name.strip_suffix(".npy") {
                keys.push(key.to_owned());
            }
        }
        if keys.is_empty() {
            let names: Vec<_> = zip.file_names().filter_map(std::result::Result::ok).collect();
            if let Some(what) = foreign::archive(names.iter().map(AsRef::as_ref)) {
                return Err(Source::file(path).error(ErrorKind::UnknownFormat, what));
            }
            return Err(Source::file(path).error(
                ErrorKind::Empty,
                "the archive holds no arrays (.npy files); write it with np.savez",
            ));
        }
        keys.sort();
        Ok(Self { source: source.clone(), memory, zip, length, keys })
    }

    /// The array that the source names, or else the training half of a pair, or else the only one. In Keras' layout
    /// its labels come with it.
    pub(crate) fn read_matrix(&mut self, narrowing: &mut Narrowing) -> Result<(Matrix, Option<Labels>)> {
        let key = self.resolve(PAIRS[0].0)?;
        let matrix =
            self.with_array(&key, |input| npy::read_numeric_header(input)?.read_narrowed(input, narrowing))?;
        let partner = PAIRS.iter().find(|(x, y)| *x == key && self.has(y));
        let Some((_, partner)) = partner else {
            return Ok((matrix, None));
        };
        let labels = self.with_array(partner, npy::read_labels)?;
        check_lengths(matrix.n_samples(), labels.len(), &self.array(partner))?;
        Ok((matrix, Some(labels)))
    }

    /// Rows and columns of the array that [`read_matrix`](Self::read_matrix) reads.
    pub(crate) fn matrix_shape(&mut self) -> Result<(usize, usize)> {
        let key = self.resolve(PAIRS[0].0)?;
        self.with_array(&key, |input| npy::read_numeric_header(input)?.rows_and_columns(input))
    }

    /// The labels that the source names, or else those of the training half of a pair, or else the only array.
    pub(crate) fn read_labels(&mut self) -> Result<Labels> {
        let key = self.resolve(PAIRS[0].1)?;
        self.with_array(&key, npy::read_labels)
    }

    /// Whether its arrays are a sparse matrix of SciPy, of which none was asked for by itself.
    pub(crate) fn is_sparse(&self) -> bool {
        self.source.key().is_none() && ["format", "shape", "data"].iter().all(|key| self.has(key))
    }

    /// Makes room for `count` values.
    pub(super) fn reserve<T>(&self, values: &mut Vec<T>, count: usize) -> Result<()> {
        self.memory.reserve(values, count, count).map_err(|no_room| self.source.no_room(no_room))
    }

    pub(super) fn malformed(&self, kind: ErrorKind, message: String) -> Error {
        self.source.error(kind, message)
    }

    fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|has| has == key)
    }

    fn array(&self, key: &str) -> Source {
        Source::array(self.source.path(), key)
    }

    /// The keys, or the first of very many, for an error.
    fn listing(&self) -> String {
        const SHOWN: usize = 20;
        let shown: Vec<String> = self.keys.iter().take(SHOWN).map(|key| shown::text(key)).collect();
        match self.keys.len() {
            0..=SHOWN => shown.join(", "),
            all => format!("{} and {} more", shown.join(", "), all - SHOWN),
        }
    }

    fn resolve(&self, usual: &str) -> Result<String> {
        let listed = self.listing();
        let file = shown::path(self.source.path());
        match self.source.key() {
            Some(key) => {
                // As numpy does, with or without the ending.
                let bare = key.strip_suffix(".npy").unwrap_or(key);
                if self.has(bare) {
                    return Ok(bare.to_owned());
                }
                let message = format!("the archive has no array \"{}\"; it has: {listed}", shown::text(key));
                Err(self.source.error(ErrorKind::UnknownKey, message))
            }
            None if self.has(usual) => Ok(usual.to_owned()),
            None if self.keys.len() == 1 => Ok(self.keys[0].clone()),
            None => {
                let message = format!(
                    "the archive has {} arrays: {listed}; choose one, as in {file}:{}",
                    self.keys.len(),
                    shown::text(&self.keys[0])
                );
                Err(self.source.error(ErrorKind::UnknownKey, message))
            }
        }
    }

    pub(super) fn with_array<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Input<'_>) -> Result<T>,
    ) -> Result<T> {
        let source = self.array(key);
        let name = format!("{key}.npy");
        let entry = self.zip.by_name(&name).map_err(|e| zip_error(&source, e))?;
        let stored = entry.compression() == CompressionMethod::Stored;
        let packed = entry.compressed_size().min(self.length);
        let bound = if stored { packed } else { packed.saturating_mul(LARGEST_DEFLATE_RATIO) };
        let bound = bound.min(entry.size());
        let mut input = Input::new(&source, Box::new(BufReader::new(entry)), bound, stored, &self.memory)?;
        read(&mut input)
    }
}

fn zip_error(source: &Source, error: ZipError) -> Error {
    let again = "fetch or write it again";
    match error {
        ZipError::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            source.error(ErrorKind::Truncated, format!("the archive ends early; it was cut short: {again}"))
        }
        ZipError::Io(error) => Error::io(source.path(), "reading", error),
        ZipError::InvalidArchive(reason) => source.error(
            ErrorKind::Malformed,
            format!("not a whole zip archive ({reason}); it was cut short or damaged: {again}"),
        ),
        error => source.error(
            ErrorKind::Malformed,
            format!("the archive cannot be read ({error}); write it with np.savez or np.savez_compressed"),
        ),
    }
}
