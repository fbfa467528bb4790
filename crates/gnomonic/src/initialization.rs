//! Where the points start.

use crate::embedding::Embedding;
use crate::error::{ErrorKind, Result};
use crate::matrix::Matrix;
use crate::pca::{Pca, classical_scaling};
use crate::random::{Purpose, Random};
use crate::rows::Rows;
use std::fmt;

/// How the points are placed before the first iteration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Initialization {
    /// The leading principal axes of the data, the first scaled to standard deviation 1e-4: large-scale structure survives,
    /// and no run is needed to find a good seed (Kobak & Linderman 2021, doi:10.1038/s41587-020-00809-z). Where only distances are
    /// known, classical scaling makes the coordinates, which are the same for distances of rows.
    #[default]
    Pca,
    /// Independent normal numbers of standard deviation 1e-4, as in the first t-SNE.
    Random,
}

impl fmt::Display for Initialization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pca => "pca",
            Self::Random => "random",
        })
    }
}

/// Where the points start, and what has placed them there. An [`Embedding`] of your own is one too.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    pub(crate) positions: Embedding,
    pub(crate) initialization: Option<Initialization>,
}

impl Start {
    /// The places of the points.
    #[must_use]
    pub fn embedding(&self) -> &Embedding {
        &self.positions
    }
}

impl From<Embedding> for Start {
    fn from(positions: Embedding) -> Self {
        Self { positions, initialization: None }
    }
}

/// Standard deviation of the first axis at the start, in map units: small, so that the first iterations are nearly linear.
const START_DEVIATION: f64 = 1e-4;

impl Initialization {
    /// [`embed_along`](Self::embed_along), with the name of the method for the record.
    ///
    /// # Errors
    /// As [`embed_along`](Self::embed_along).
    pub fn start<'a>(self, x: impl Into<Rows<'a>>, axes: Option<&Pca>, seed: u64) -> Result<Start> {
        self.start_in(x, axes, 2, seed)
    }

    /// [`start`](Self::start) in `n_components` dimensions.
    ///
    /// # Errors
    /// As [`embed_along`](Self::embed_along).
    pub fn start_in<'a>(
        self,
        x: impl Into<Rows<'a>>,
        axes: Option<&Pca>,
        n_components: usize,
        seed: u64,
    ) -> Result<Start> {
        let x = x.into();
        x.check(1)?;
        let positions = match self {
            Self::Random => random_in(x.n_samples(), n_components, seed)?,
            Self::Pca => along(&scores(x, axes, n_components, seed)?, n_components, seed)?,
        };
        Ok(Start { positions, initialization: Some(self) })
    }

    /// The starting positions for `x` in two dimensions. The seed matters where numbers are drawn: always for `Random`; for `Pca` only to
    /// fill axes that the data does not have.
    ///
    /// # Errors
    /// Data without rows or columns, or with values that are not finite.
    pub fn embed<'a>(self, x: impl Into<Rows<'a>>, seed: u64) -> Result<Embedding> {
        self.embed_along(x, None, seed)
    }

    /// [`embed`](Self::embed) along principal axes of `x` that are known already, as
    /// [`Found`](crate::neighbors::Found) has them: that spares to find them again. The positions agree within the accuracy of the
    /// axes.
    ///
    /// # Errors
    /// As [`embed`](Self::embed), and when the axes are those of another number of columns.
    pub fn embed_along<'a>(self, x: impl Into<Rows<'a>>, axes: Option<&Pca>, seed: u64) -> Result<Embedding> {
        Ok(self.start(x, axes, seed)?.positions)
    }
}

/// Normal numbers of standard deviation 1e-4 in two dimensions: the start when there is no data, only P.
#[must_use]
pub fn random(n_samples: usize, seed: u64) -> Embedding {
    random_in(n_samples, 2, seed).unwrap_or_else(|_| unreachable!("2n finite numbers"))
}

/// [`random`] in `n_components` dimensions.
///
/// # Errors
/// When so many numbers do not fit in memory.
pub fn random_in(n_samples: usize, n_components: usize, seed: u64) -> Result<Embedding> {
    let mut random = Random::new(seed, Purpose::Initialization);
    let mut positions = Vec::new();
    let wanted =
        n_samples.checked_mul(n_components).filter(|&count| positions.try_reserve_exact(count).is_ok());
    let Some(count) = wanted else {
        let bytes = (n_samples as u64).saturating_mul(n_components as u64).saturating_mul(4);
        return Err(ErrorKind::Memory { purpose: "the start", bytes }.into());
    };
    positions.extend((0..count).map(|_| (START_DEVIATION * random.normal()) as f32));
    Embedding::new(positions, n_samples, n_components)
}

/// Coordinates along the leading principal axes, as many as the map has dimensions or fewer.
fn scores(x: Rows<'_>, axes: Option<&Pca>, n_components: usize, seed: u64) -> Result<Matrix> {
    let wanted = |d: usize| n_components.min(d);
    // Axes that a search has found may be fewer.
    let axes = axes.filter(|axes| axes.explained_variance().len() >= wanted(axes.mean().len()));
    match (x, axes) {
        (Rows::Dense(x), Some(axes)) => axes.truncated(n_components).transform(x),
        (Rows::Dense(x), None) => Pca::fit(x, wanted(x.n_features()), seed)?.transform(x),
        (Rows::Sparse(x), Some(axes)) => axes.truncated(n_components).transform_sparse(x),
        (Rows::Sparse(x), None) => Pca::fit_sparse(x, wanted(x.n_features()), seed)?.transform_sparse(x),
        (Rows::Distances(distances), _) => Ok(classical_scaling(distances, n_components, seed)),
    }
}

/// Positions from coordinates along principal axes.
fn along(scores: &Matrix, n_components: usize, seed: u64) -> Result<Embedding> {
    let n = scores.n_samples();
    let deviation = |axis: usize| {
        let squares = scores.view().rows().map(|row| f64::from(row[axis]).powi(2));
        (squares.sum::<f64>() / n as f64).sqrt()
    };
    let deviations: Vec<f64> = (0..scores.n_features()).map(deviation).collect();
    let mut positions = random_in(n, n_components, seed)?.into_vec();
    if deviations[0] > 0.0 {
        let scale = START_DEVIATION / deviations[0];
        for (axis, &deviation) in deviations.iter().enumerate() {
            // Points on a line would stay on it for ever: an axis without extent keeps its random numbers.
            if deviation > 1e-6 * deviations[0] {
                for i in 0..n {
                    positions[n_components * i + axis] = (f64::from(scores.row(i)[axis]) * scale) as f32;
                }
            }
        }
    }
    Embedding::new(positions, n, n_components)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;

    fn deviation(embedding: &Embedding, axis: usize) -> f64 {
        let n = embedding.n_samples();
        let values = (0..n).map(|i| f64::from(embedding.row(i)[axis]));
        let mean = values.clone().sum::<f64>() / n as f64;
        (values.map(|value| (value - mean).powi(2)).sum::<f64>() / n as f64).sqrt()
    }

    fn stretched(n: usize) -> Matrix {
        let mut random = Random::new(1, Purpose::Synthesis);
        let data = (0..n).flat_map(|_| {
            [random.normal() as f32, 5.0 * random.normal() as f32, 0.3 * random.normal() as f32]
        });
        Matrix::new(data.collect(), n, 3).unwrap()
    }

    #[test]
    fn pca_keeps_the_proportions_and_ignores_the_seed() {
        let x = stretched(500);
        let embedding = Initialization::Pca.embed(&x, 1).unwrap();
        assert!((deviation(&embedding, 0) / START_DEVIATION - 1.0).abs() < 1e-3);
        let ratio = deviation(&embedding, 1) / deviation(&embedding, 0);
        assert!((ratio - 0.2).abs() < 0.03, "{ratio}");
        assert_eq!(embedding, Initialization::Pca.embed(&x, 2).unwrap());
    }

    #[test]
    fn axes_known_already_lead_to_the_same_start() {
        let x = stretched(300);
        let axes = Pca::fit(&x, 3, 7).unwrap();
        let along = Initialization::Pca.embed_along(&x, Some(&axes), 1).unwrap();
        assert_eq!(along, Initialization::Pca.embed(&x, 1).unwrap());
        let narrower = Matrix::zeros(300, 2);
        assert!(Initialization::Pca.embed_along(&narrower, Some(&axes), 1).is_err());
        assert!(Initialization::Random.embed_along(&narrower, Some(&axes), 1).is_ok());
    }

    #[test]
    fn axes_that_the_data_lacks_are_filled() {
        let line = Matrix::new((0..50).map(|i| i as f32).collect(), 50, 1).unwrap();
        let embedding = Initialization::Pca.embed(&line, 1).unwrap();
        assert!(deviation(&embedding, 1) > 0.5 * START_DEVIATION);
        assert!(embedding.row(0)[0] != embedding.row(49)[0]);
    }

    #[test]
    fn random_depends_on_the_seed() {
        let x = stretched(500);
        let embedding = Initialization::Random.embed(&x, 1).unwrap();
        assert!((deviation(&embedding, 0) / START_DEVIATION - 1.0).abs() < 0.2);
        assert_ne!(embedding, Initialization::Random.embed(&x, 2).unwrap());
    }
}
