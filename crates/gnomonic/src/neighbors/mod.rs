//! Each sample's nearest neighbors.

mod exact;
mod tree;

pub use exact::exact;
pub(crate) use exact::{exact_observed, squared_distance};
pub(crate) use tree::{MOST_FEATURES, Tree};

use crate::error::{ErrorKind, Result};

/// The `k` nearest neighbors of each of `n_samples` samples.
///
/// Contract: each row is sorted by distance and, between equal distances, by index; it has no index twice, and never the
/// sample itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbors {
    n_samples: usize,
    k: usize,
    indices: Vec<u32>,
    squared_distances: Vec<f32>,
}

impl Neighbors {
    /// Takes neighbors found elsewhere: `n_samples` rows of `k` indices and squared Euclidean distances.
    /// Rows are sorted here; they need not come sorted.
    ///
    /// # Errors
    /// When the lengths do not fit, an index is not below `n_samples`, is the row's own or comes twice in a row, or a
    /// distance is negative or not finite.
    pub fn new(n_samples: usize, k: usize, indices: Vec<u32>, squared_distances: Vec<f32>) -> Result<Self> {
        for (what, found) in
            [("neighbor indices", indices.len()), ("neighbor distances", squared_distances.len())]
        {
            if n_samples.checked_mul(k) != Some(found) {
                let expected = n_samples.saturating_mul(k);
                return Err(ErrorKind::LengthMismatch { what, found, expected }.into());
            }
        }
        let mut neighbors = Self { n_samples, k, indices, squared_distances };
        for i in 0..n_samples {
            neighbors.sort_and_check_row(i)?;
        }
        Ok(neighbors)
    }

    fn sort_and_check_row(&mut self, i: usize) -> Result<()> {
        let range = i * self.k..(i + 1) * self.k;
        let mut row: Vec<(f32, u32)> = self.squared_distances[range.clone()]
            .iter()
            .copied()
            .zip(self.indices[range.clone()].iter().copied())
            .collect();
        let refuse =
            |name, value: String, bound: String| Err(ErrorKind::Parameter { name, value, bound }.into());
        for &(distance, j) in &row {
            if j as usize >= self.n_samples || j as usize == i {
                return refuse(
                    "a neighbor",
                    format!("{j} in row {i}"),
                    format!("must be another sample's index, 0 to {}", self.n_samples - 1),
                );
            }
            if !(distance >= 0.0 && distance.is_finite()) {
                return refuse(
                    "a squared distance",
                    format!("{distance} in row {i}"),
                    "must be finite and not negative".into(),
                );
            }
        }
        row.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut seen: Vec<u32> = row.iter().map(|&(_, j)| j).collect();
        seen.sort_unstable();
        if let Some(pair) = seen.windows(2).find(|pair| pair[0] == pair[1]) {
            return refuse(
                "a neighbor",
                format!("{} twice in row {i}", pair[0]),
                "must come once in a row".into(),
            );
        }
        for (place, (distance, j)) in range.zip(row) {
            self.squared_distances[place] = distance;
            self.indices[place] = j;
        }
        Ok(())
    }

    /// Number of samples, n.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.n_samples
    }

    /// Number of neighbors of each sample.
    #[must_use]
    pub fn k(&self) -> usize {
        self.k
    }

    /// The neighbors of sample `i`, nearest first.
    ///
    /// # Panics
    /// When `i` is not below the number of samples.
    #[must_use]
    pub fn indices(&self, i: usize) -> &[u32] {
        &self.indices[i * self.k..(i + 1) * self.k]
    }

    /// The squared distances to the neighbors of sample `i`, nearest first.
    ///
    /// # Panics
    /// When `i` is not below the number of samples.
    #[must_use]
    pub fn squared_distances(&self, i: usize) -> &[f32] {
        &self.squared_distances[i * self.k..(i + 1) * self.k]
    }

    /// Only the `k` nearest of each row: what a search for fewer would have found.
    #[must_use]
    pub fn truncated(&self, k: usize) -> Self {
        let k = k.min(self.k);
        let mut shorter = Self {
            n_samples: self.n_samples,
            k,
            indices: Vec::with_capacity(self.n_samples * k),
            squared_distances: Vec::with_capacity(self.n_samples * k),
        };
        for i in 0..self.n_samples {
            shorter.indices.extend_from_slice(&self.indices(i)[..k]);
            shorter.squared_distances.extend_from_slice(&self.squared_distances(i)[..k]);
        }
        shorter
    }
}
