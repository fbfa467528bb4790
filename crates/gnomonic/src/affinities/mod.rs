//! The probabilities P: how much of each sample's attention goes to each of its neighbors.

mod bandwidth;
mod exponential;
mod kind;
mod symmetrize;

pub(crate) use bandwidth::to_conditional_probabilities as conditional_probabilities;
pub use kind::Affinity;
pub(crate) use symmetrize::rounds;

use crate::error::{ErrorKind, Result};
use crate::neighbors::Neighbors;
use crate::parallel;

/// P, a symmetric sparse matrix of probabilities p_ij that sum to one, in compressed rows.
///
/// p_ij = (p_{j|i} + p_{i|j}) / 2n (van der Maaten & Hinton 2008, JMLR 9:2579), with p_{j|i} over the neighbors j of i as an
/// [`Affinity`] says.
#[derive(Clone, Debug, PartialEq)]
pub struct Affinities {
    n_samples: usize,
    /// Row i is at `starts[i]..starts[i + 1]` of the other two.
    starts: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
}

/// p_{j|i} for the k neighbors j of each sample i, in any order.
#[derive(Clone, Copy)]
struct Conditional<'a> {
    n_samples: usize,
    k: usize,
    indices: &'a [u32],
    values: &'a [f32],
}

/// How many neighbors a perplexity is calibrated on: ⌊3 · perplexity⌋, at least one, at most n − 1.
///
/// Three times the perplexity is where the Gaussian of a row has fallen off (van der Maaten 2014, JMLR 15:3221);
/// openTSNE rounds down too.
#[must_use]
pub fn n_neighbors(perplexity: f64, n_samples: usize) -> usize {
    ((3.0 * perplexity) as usize).max(1).min(n_samples.saturating_sub(1))
}

/// Refuses a perplexity that no distribution has, which is below one, or that is not below the number of samples.
pub(crate) fn check_perplexity(perplexity: f64, n_samples: usize) -> Result<()> {
    if perplexity >= 1.0 && perplexity < n_samples as f64 {
        return Ok(());
    }
    Err(ErrorKind::Perplexity { perplexity, n_samples }.into())
}

impl Affinities {
    /// Makes P of `neighbors`, by a perplexity or another [`Affinity`].
    ///
    /// A row cannot hold more entropy than its k neighbors nor less than its ties at the nearest distance allow: where a
    /// perplexity asks for that, the row gets the uniform distribution over them.
    ///
    /// Work O(n k) exponentials for each step of the search and each perplexity; memory 8 bytes per neighbor beside the result's 8 per
    /// entry.
    ///
    /// # Errors
    /// See [`Affinity::validate`]; also neighbor lists without neighbors.
    pub fn from_neighbors(neighbors: &Neighbors, affinity: impl Into<Affinity>) -> Result<Self> {
        let squared_distances = neighbors.all_squared_distances().to_vec();
        let (n, k) = (neighbors.n_samples(), neighbors.k());
        Self::calibrated(n, k, neighbors.all_indices(), squared_distances, &affinity.into())
    }

    /// [`from_neighbors`](Self::from_neighbors) of neighbors that are not needed any more, in their memory: 4 bytes per neighbor
    /// less.
    ///
    /// # Errors
    /// As [`from_neighbors`](Self::from_neighbors).
    pub(crate) fn from_owned_neighbors(neighbors: Neighbors, affinity: &Affinity) -> Result<Self> {
        let (n, k) = (neighbors.n_samples(), neighbors.k());
        let (indices, squared_distances) = neighbors.into_parts();
        Self::calibrated(n, k, &indices, squared_distances, affinity)
    }

    fn calibrated(
        n_samples: usize,
        k: usize,
        indices: &[u32],
        squared_distances: Vec<f32>,
        affinity: &Affinity,
    ) -> Result<Self> {
        affinity.validate(n_samples)?;
        if k == 0 {
            return Err(ErrorKind::TooFewSamples { n_samples, at_least: 2 }.into());
        }
        let mut values = squared_distances;
        bandwidth::to_conditional_probabilities(&mut values, k, affinity);
        Ok(symmetrize::symmetrize(Conditional { n_samples, k, indices, values: &values }))
    }

    /// Takes P from elsewhere: row i has its columns at `starts[i]..starts[i + 1]` of `indices`, ascending, and their
    /// values at the same places. Values are scaled here to sum to one.
    ///
    /// # Errors
    /// When the parts do not fit together, a value is negative or not finite, all are zero, or the matrix is not symmetric.
    pub fn new(starts: Vec<usize>, indices: Vec<u32>, values: Vec<f32>) -> Result<Self> {
        let refuse = |value: String, bound: &str| {
            Err(ErrorKind::Parameter { name: "P", value, bound: bound.to_owned() }.into())
        };
        if starts.first() != Some(&0)
            || starts.last() != Some(&indices.len())
            || starts.windows(2).any(|pair| pair[0] > pair[1])
            || indices.len() != values.len()
        {
            return refuse(
                "of parts that do not fit".into(),
                "needs row starts from 0 to the number of entries",
            );
        }
        let mut affinities = Self { n_samples: starts.len() - 1, starts, indices, values };
        for i in 0..affinities.n_samples {
            let (columns, values) = affinities.row(i);
            let ascending = columns.windows(2).all(|pair| pair[0] < pair[1]);
            if !ascending || columns.iter().any(|&j| j as usize >= affinities.n_samples || j as usize == i) {
                return refuse(
                    format!("wrong in row {i}"),
                    "needs ascending columns below n, without the diagonal",
                );
            }
            if values.iter().any(|value| !(*value >= 0.0 && value.is_finite())) {
                return refuse(format!("wrong in row {i}"), "needs finite values that are not negative");
            }
        }
        for i in 0..affinities.n_samples {
            let (columns, values) = affinities.row(i);
            for (&j, &value) in columns.iter().zip(values) {
                if affinities.get(j as usize, i) != Some(value) {
                    return refuse(format!("not symmetric at ({i}, {j})"), "must equal its transpose");
                }
            }
        }
        let total: f64 = affinities.values.iter().map(|&value| f64::from(value)).sum();
        if total <= 0.0 {
            return refuse("zero everywhere".into(), "needs a positive entry");
        }
        for value in &mut affinities.values {
            *value = (f64::from(*value) / total) as f32;
        }
        Ok(affinities)
    }

    /// Number of samples, n.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.n_samples
    }

    /// Number of stored entries: every pair twice.
    #[must_use]
    pub fn n_entries(&self) -> usize {
        self.indices.len()
    }

    /// The columns of row `i`, ascending, and their values.
    ///
    /// # Panics
    /// When `i` is not below the number of samples.
    #[must_use]
    pub fn row(&self, i: usize) -> (&[u32], &[f32]) {
        let range = self.starts[i]..self.starts[i + 1];
        (&self.indices[range.clone()], &self.values[range])
    }

    /// Σ p ln p over all entries, in `f64`: the part of the KL divergence that the map cannot change.
    #[must_use]
    pub fn negative_entropy(&self) -> f64 {
        let [sum] = parallel::sum(self.n_samples, |rows| {
            let entries = &self.values[self.starts[rows.start]..self.starts[rows.end]];
            [entries.iter().filter(|p| **p > 0.0).map(|&p| f64::from(p) * f64::from(p).ln()).sum()]
        });
        sum
    }

    fn get(&self, i: usize, j: usize) -> Option<f32> {
        let (columns, values) = self.row(i);
        columns.binary_search(&(j as u32)).ok().map(|at| values[at])
    }
}

#[cfg(test)]
mod tests;
