//! The folders of 10x Genomics: a matrix of features by cells, and the names of both in files beside it.

use std::path::{Path, PathBuf};

use crate::dataset::{Carried, Dataset};
use crate::error::{ErrorKind, Result};
use crate::formats::lines::{Lines, matrix_market};
use crate::input::Input;
use crate::memory::Memory;
use crate::options::ReadOptions;
use crate::source::Source;
use crate::texts::Texts;

/// The matrix in such a folder.
pub(crate) fn matrix_in(folder: &Path) -> Option<PathBuf> {
    one_of(folder, &["matrix.mtx.gz", "matrix.mtx", "matrix.mtx.zst"])
}

/// Reads a folder: cells are the rows, named by their barcodes, and features the columns.
///
/// # Errors
/// As of the files in it; and when there are other numbers of names.
pub(crate) fn read(folder: &Source, matrix: &Path, options: &ReadOptions) -> Result<Dataset> {
    let memory = Memory::new(options.memory);
    let mut dataset = matrix_market::read(Input::open(&Source::file(matrix), &memory)?, true)?;
    dataset.name = folder.name();
    dataset.dialect.push("cells as rows".to_owned());
    let path = folder.path();
    let (n, d) = (dataset.matrix.n_samples(), dataset.matrix.n_features());
    if let Some(barcodes) = one_of(path, &["barcodes.tsv.gz", "barcodes.tsv", "barcodes.tsv.zst"]) {
        let texts = names(&barcodes, 0, n, &memory)?;
        dataset.carried.push(Carried { name: "barcode".to_owned(), texts, names_rows: true });
    }
    let features = ["features.tsv.gz", "features.tsv", "genes.tsv", "genes.tsv.gz", "features.tsv.zst"];
    if let Some(features) = one_of(path, &features) {
        dataset.column_names = Some(names(&features, 1, d, &memory)?);
    }
    Ok(dataset)
}

/// The cell `column` (or the last before it that there is) of each of `count` lines.
fn names(path: &Path, column: usize, count: usize, memory: &Memory) -> Result<Texts> {
    let mut lines = Lines::new(Input::open(&Source::file(path), memory)?);
    let mut texts = Texts::default();
    while lines.next(|line| !line.is_empty())? {
        let cells = lines.text().split(|&byte| byte == b'\t').take(column + 1);
        let name = String::from_utf8_lossy(cells.last().unwrap_or_default()).into_owned();
        texts.push(&name, memory).map_err(|no_room| lines.no_room(no_room))?;
    }
    if texts.len() == count {
        return Ok(texts);
    }
    let message = format!(
        "has {} names for the {count} that the matrix has; check that both belong together",
        texts.len()
    );
    Err(lines.source().error(ErrorKind::LengthMismatch, message))
}

fn one_of(folder: &Path, names: &[&str]) -> Option<PathBuf> {
    names.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}
