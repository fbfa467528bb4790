//! What is mapped: rows of numbers, dense or sparse, or the distances between samples.

mod distances;
mod sparse;

pub use distances::Distances;
pub use sparse::SparseMatrix;

use crate::error::{ErrorKind, Result};
use crate::matrix::{Matrix, MatrixRef};

/// What [`Tsne::fit`](crate::Tsne::fit) takes. Each of these is made by `into()`, so that a reference to a table serves as it is.
///
/// ```
/// use gnomonic::{Distances, Matrix, SparseMatrix, Tsne};
///
/// let tsne = Tsne::new().perplexity(5.0).iterations(100);
/// let table = Matrix::new((0..80).map(|i| (i * i % 37) as f32).collect(), 40, 2)?;
/// let dense = tsne.fit(&table)?;
///
/// // The same rows, of which only what is not zero is stored.
/// let sparse = tsne.fit(&SparseMatrix::from_dense(&table)?)?;
///
/// // Distances alone: of samples on a circle.
/// let apart = (0..40).flat_map(|i| (0..40).map(move |j| { let d = (i as f32 - j as f32).abs(); d.min(40.0 - d) }));
/// let square = Matrix::new(apart.collect(), 40, 40)?;
/// let circle = tsne.fit(Distances::square(&square)?)?;
/// # assert_eq!([dense, sparse, circle].map(|fit| fit.embedding.n_samples()), [40; 3]);
/// # Ok::<(), gnomonic::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Rows<'a> {
    /// A dense table, n × d.
    Dense(MatrixRef<'a>),
    /// A sparse table, n × d.
    Sparse(&'a SparseMatrix),
    /// The distances between n samples, made by whatever means.
    Distances(Distances<'a>),
}

impl Rows<'_> {
    /// Number of rows or samples, n.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        match self {
            Self::Dense(x) => x.n_samples(),
            Self::Sparse(x) => x.n_samples(),
            Self::Distances(distances) => distances.n_samples(),
        }
    }

    /// Checks what every stage relies on, of tables: see [`MatrixRef::check`]. Distances were checked when they were taken.
    pub(crate) fn check(&self, at_least: usize) -> Result<()> {
        match self {
            Self::Dense(x) => x.check(at_least),
            Self::Sparse(x) => x.check(at_least),
            Self::Distances(distances) if distances.n_samples() < at_least => {
                Err(ErrorKind::TooFewSamples { n_samples: distances.n_samples(), at_least }.into())
            }
            Self::Distances(_) => Ok(()),
        }
    }

    /// Number of columns, d, where there are any.
    #[must_use]
    pub fn n_features(&self) -> Option<usize> {
        match self {
            Self::Dense(x) => Some(x.n_features()),
            Self::Sparse(x) => Some(x.n_features()),
            Self::Distances(_) => None,
        }
    }
}

impl<'a> From<&'a Matrix> for Rows<'a> {
    fn from(matrix: &'a Matrix) -> Self {
        Self::Dense(matrix.view())
    }
}

impl<'a> From<MatrixRef<'a>> for Rows<'a> {
    fn from(matrix: MatrixRef<'a>) -> Self {
        Self::Dense(matrix)
    }
}

impl<'a> From<&'a SparseMatrix> for Rows<'a> {
    fn from(matrix: &'a SparseMatrix) -> Self {
        Self::Sparse(matrix)
    }
}

impl<'a> From<Distances<'a>> for Rows<'a> {
    fn from(distances: Distances<'a>) -> Self {
        Self::Distances(distances)
    }
}
