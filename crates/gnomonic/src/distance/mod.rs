//! How far apart two rows are.
//!
//! Distances that are Euclidean between other rows, such as the cosine distance between normalized ones, get a `prepared` copy of the
//! rows and every search there is. The others have a loop each in `measure`, and are searched by comparing all pairs.

mod measure;
mod prepared;

pub(crate) use measure::{AT_ONCE, Measure, Task, with_measure};
pub(crate) use prepared::{Prepared, Squared, Whitening, prepare};

use crate::error::{Error, Result, legible, refuse};
use std::fmt;
use std::str::FromStr;

/// How far apart two rows a and b of d values are. Names and formulas are those of SciPy's `spatial.distance` and scikit-learn.
///
/// The affinities of t-SNE are made of the *square* of the distance, whichever it is, as in scikit-learn and openTSNE.
///
/// The first group below gets every [`NeighborMethod`](crate::neighbors::NeighborMethod). For the second all pairs of rows are compared,
/// O(n² d); a pair costs about as much as in a plain vectorized loop.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Distance {
    /// √Σ (a − b)².
    #[default]
    Euclidean,
    /// Σ (a − b)². The neighbors are those of [`Euclidean`](Self::Euclidean), but the affinities square this distance once more, so far
    /// ones of them weigh less: so it is in scikit-learn and openTSNE too. For the Gaussians of the paper take `Euclidean`.
    SquaredEuclidean,
    /// 1 − a·b / (|a| |b|). A row of zeros has no direction and is refused.
    Cosine,
    /// The cosine distance of the rows less their own means: 1 − Pearson's correlation. A constant row is refused.
    Correlation,
    /// √((a − b)ᵀ Σ⁻¹ (a − b)), with Σ the covariance of the columns (divisor n − 1). Refused when Σ is singular. The copy of the rows
    /// costs O(n d² + d³) and 24 d² bytes.
    Mahalanobis,
    /// Σ |a − b|, also called cityblock or L1.
    Manhattan,
    /// max |a − b|.
    Chebyshev,
    /// (Σ |a − b|^p)^(1/p).
    Minkowski {
        /// The power, at least 1: 1 is [`Manhattan`](Self::Manhattan), 2 [`Euclidean`](Self::Euclidean).
        p: f64,
    },
    /// Σ |a − b| / (|a| + |b|), where 0 / 0 counts as 0.
    Canberra,
    /// Σ |a − b| / Σ |a + b|. Two rows whose sums are all zero have the distance 0 if they are equal; otherwise the distance is
    /// infinite and refused.
    BrayCurtis,
    /// The share of the columns in which a and b differ.
    Hamming,
    /// The share, among the columns in which a or b is not zero, of those in which only one of them is: of two rows of zeros, 0.
    Jaccard,
}

impl Distance {
    /// SciPy's power of the Minkowski distance when none is given.
    pub const DEFAULT_P: f64 = 2.0;

    /// Each distance once, the Minkowski distance with [`DEFAULT_P`](Self::DEFAULT_P).
    pub const ALL: [Self; 12] = [
        Self::Euclidean,
        Self::SquaredEuclidean,
        Self::Cosine,
        Self::Correlation,
        Self::Mahalanobis,
        Self::Manhattan,
        Self::Chebyshev,
        Self::Minkowski { p: Self::DEFAULT_P },
        Self::Canberra,
        Self::BrayCurtis,
        Self::Hamming,
        Self::Jaccard,
    ];

    /// The name without the power.
    fn name(&self) -> &'static str {
        match self {
            Self::Euclidean => "euclidean",
            Self::SquaredEuclidean => "sqeuclidean",
            Self::Cosine => "cosine",
            Self::Correlation => "correlation",
            Self::Mahalanobis => "mahalanobis",
            Self::Manhattan => "manhattan",
            Self::Chebyshev => "chebyshev",
            Self::Minkowski { .. } => "minkowski",
            Self::Canberra => "canberra",
            Self::BrayCurtis => "braycurtis",
            Self::Hamming => "hamming",
            Self::Jaccard => "jaccard",
        }
    }

    /// The distance that this is by another name: a Minkowski distance of power 1 or 2.
    pub(crate) fn resolved(&self) -> &Self {
        match self {
            Self::Minkowski { p } if *p == 1.0 => &Self::Manhattan,
            Self::Minkowski { p } if *p == 2.0 => &Self::Euclidean,
            other => other,
        }
    }

    /// Whether it is the Euclidean distance between other rows, so that every search finds its neighbors.
    #[must_use]
    pub fn is_euclidean_in_disguise(&self) -> bool {
        matches!(
            self.resolved(),
            Self::Euclidean | Self::SquaredEuclidean | Self::Cosine | Self::Correlation | Self::Mahalanobis
        )
    }

    /// Whether a copy of the rows is made for the search.
    pub(crate) fn is_prepared(&self) -> bool {
        matches!(self, Self::Cosine | Self::Correlation | Self::Mahalanobis)
    }

    /// Refuses a power that no distance has.
    pub(crate) fn validate(&self) -> Result<()> {
        match self {
            Self::Minkowski { p } if !(*p >= 1.0 && p.is_finite()) => {
                refuse("p of the Minkowski distance", legible(*p), "must be finite and at least 1")
            }
            _ => Ok(()),
        }
    }
}

/// The name; the Minkowski distance with its power, as in `minkowski:3`.
impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minkowski { p } => write!(f, "{}:{}", self.name(), legible(*p)),
            _ => f.write_str(self.name()),
        }
    }
}

/// Reads what `Display` writes, in capitals or not; also `minkowski` alone, and the other names that SciPy and scikit-learn have:
/// `squared_euclidean`, `l2`, `cityblock`, `l1`, `bray_curtis`.
impl FromStr for Distance {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let name = text.trim().to_ascii_lowercase();
        let alias = match name.as_str() {
            "l2" => "euclidean",
            "squared_euclidean" => "sqeuclidean",
            "cityblock" | "l1" => "manhattan",
            "bray_curtis" => "braycurtis",
            other => other,
        };
        if let Some(distance) = Self::ALL.into_iter().find(|distance| distance.name() == alias) {
            return Ok(distance);
        }
        if let Some(p) = alias.strip_prefix("minkowski:").and_then(|p| p.parse().ok()) {
            let distance = Self::Minkowski { p };
            distance.validate()?;
            return Ok(distance);
        }
        let names: Vec<&str> = Self::ALL.iter().map(Self::name).collect();
        let bound = format!("must be one of {}, or minkowski:P with a power P", names.join(", "));
        refuse("distance", format!("{text:?}"), &bound)
    }
}

#[cfg(test)]
mod tests;
