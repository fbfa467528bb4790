//! NumPy's `.npz`: an archive of arrays, of which one is read, or in which SciPy keeps a sparse matrix.

use super::archive::Archive;
use crate::dataset::{Dataset, Shape};
use crate::error::Result;
use crate::formats::format::Format;
use crate::input::Input;
use crate::labels::Labels;
use crate::narrowing::Narrowing;
use crate::options::ReadOptions;

/// The format.
pub(crate) struct Npz;

impl Format for Npz {
    fn name(&self) -> &'static str {
        "NumPy archive (.npz)"
    }

    /// A zip archive, perhaps an empty one.
    fn matches(&self, prefix: &[u8]) -> bool {
        prefix.starts_with(b"PK\x03\x04") || prefix.starts_with(b"PK\x05\x06")
    }

    fn has_keys(&self) -> bool {
        true
    }

    fn shape(&self, input: Input<'static>) -> Result<Option<Shape>> {
        let mut archive = Archive::open(input)?;
        let (n_samples, n_features) =
            if archive.is_sparse() { archive.sparse_shape()? } else { archive.matrix_shape()? };
        Ok(Some(Shape { n_samples, n_features, is_mapped: false }))
    }

    fn read(&self, input: Input<'static>, _: &ReadOptions, narrowing: &mut Narrowing) -> Result<Dataset> {
        let name = input.source().name();
        let mut archive = Archive::open(input)?;
        if archive.is_sparse() {
            let (matrix, count) = archive.read_sparse()?;
            let dialect = vec![format!("a sparse matrix of {count} values made dense")];
            return Ok(Dataset { dialect, ..Dataset::new(name, matrix) });
        }
        let (matrix, labels) = archive.read_matrix(narrowing)?;
        Ok(Dataset { labels, ..Dataset::new(name, matrix) })
    }

    fn read_labels(&self, input: Input<'static>, _: &ReadOptions) -> Result<Labels> {
        Archive::open(input)?.read_labels()
    }
}
