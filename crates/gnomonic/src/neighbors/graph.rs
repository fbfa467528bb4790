//! Each sample's nearest neighbors, as they travel from a search to the affinities.

use crate::error::{ErrorKind, LARGEST_DISTANCE, Result, refuse};
use crate::rows::SparseMatrix;

/// The `k` nearest neighbors of each of `n_samples` samples, with the squares of their distances: of the Euclidean ones, unless another
/// [`Distance`](crate::Distance) was asked for.
///
/// Contract: each row is sorted by distance and, between equal distances, by index; it has no index twice, and never the
/// sample itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbors {
    pub(super) n_samples: usize,
    pub(super) k: usize,
    pub(super) indices: Vec<u32>,
    pub(super) squared_distances: Vec<f32>,
}

impl Neighbors {
    /// Takes neighbors found elsewhere: `n_samples` rows of `k` indices and squared distances, of whatever distance.
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

    /// Takes a graph of neighbors as a sparse table, n × n: row i stores the distances, not squared, from sample i to its neighbors, as
    /// scikit-learn's `KNeighborsTransformer` and `kneighbors_graph` make it with `mode="distance"`. A stored zero is a distance; one
    /// from a sample to itself is left out. Of each row the `k` nearest are taken, or of all as many as the shortest row has, if that is less.
    /// O(entries · log).
    ///
    /// ```
    /// use gnomonic::{Neighbors, SparseMatrix};
    ///
    /// // On a line at 0, 1 and 3: each sample knows the next.
    /// let graph = SparseMatrix::new(vec![0, 1, 2, 3], vec![1, 0, 1], vec![1.0, 1.0, 2.0], 3)?;
    /// let neighbors = Neighbors::from_graph(&graph, 1)?;
    /// assert_eq!((neighbors.indices(2), neighbors.squared_distances(2)), (&[1][..], &[4.0][..]));
    /// # Ok::<(), gnomonic::Error>(())
    /// ```
    ///
    /// # Errors
    /// A table that is not square, a row without a neighbor, a distance that is negative, not finite or beyond 1.8e19.
    pub fn from_graph(graph: &SparseMatrix, k: usize) -> Result<Self> {
        let n = graph.n_samples();
        if graph.n_features() != n {
            let shape = format!("{n} × {}", graph.n_features());
            return refuse(
                "a graph of neighbors",
                shape,
                "must be square, with a row and a column for each sample",
            );
        }
        graph.check(2)?;
        let others = |i: usize| {
            let (columns, distances) = graph.row(i);
            columns.iter().zip(distances).filter(move |&(&j, _)| j as usize != i)
        };
        let mut shortest = k;
        for i in 0..n {
            let count = others(i).count();
            if count == 0 {
                let (name, value) = ("the number of neighbors", format!("0 in row {}", i + 1));
                return refuse(
                    name,
                    value,
                    "must be at least 1 in each row: search for more, or leave such rows out",
                );
            }
            shortest = shortest.min(count);
        }
        let k = shortest;
        super::check_counts(n, k)?;
        let mut neighbors = Self::unset(n, k);
        let mut row: Vec<(f32, u32)> = Vec::new();
        for i in 0..n {
            row.clear();
            for (&j, &distance) in others(i) {
                if !(0.0..=LARGEST_DISTANCE as f32).contains(&distance) {
                    let (other, distance) = (j as usize, f64::from(distance));
                    return Err(ErrorKind::Distance { row: i, other, distance }.into());
                }
                row.push((distance, j));
            }
            row.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let squares =
                row.iter().map(|&(distance, j)| ((f64::from(distance) * f64::from(distance)) as f32, j));
            neighbors.set(i, squares);
        }
        Ok(neighbors)
    }

    /// `k` neighbors of each of `n_samples` samples, to be [`set`](Self::set) row after row in any order.
    pub(super) fn unset(n_samples: usize, k: usize) -> Self {
        Self { n_samples, k, indices: vec![0; n_samples * k], squared_distances: vec![0.0; n_samples * k] }
    }

    /// Sets the neighbors of sample `i`, as squared distances and indices in the order of both.
    pub(super) fn set(&mut self, i: usize, nearest: impl IntoIterator<Item = (f32, u32)>) {
        let range = i * self.k..(i + 1) * self.k;
        let places = self.indices[range.clone()].iter_mut().zip(&mut self.squared_distances[range]);
        for ((index, squared_distance), (distance, j)) in places.zip(nearest) {
            *index = j;
            *squared_distance = distance;
        }
    }

    fn sort_and_check_row(&mut self, i: usize) -> Result<()> {
        let range = i * self.k..(i + 1) * self.k;
        let mut row: Vec<(f32, u32)> = self.squared_distances[range.clone()]
            .iter()
            .copied()
            .zip(self.indices[range].iter().copied())
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
        self.set(i, row);
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

    /// The neighbors of all samples, row after row.
    pub(crate) fn all_indices(&self) -> &[u32] {
        &self.indices
    }

    /// The squared distances of all samples' neighbors, row after row.
    pub(crate) fn all_squared_distances(&self) -> &[f32] {
        &self.squared_distances
    }

    /// Indices and squared distances, row after row.
    pub(crate) fn into_parts(self) -> (Vec<u32>, Vec<f32>) {
        (self.indices, self.squared_distances)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graph_gives_the_nearest_of_each_row_and_no_row_itself() {
        let rows: [&[(u32, f32)]; 4] = [
            &[(0, 0.0), (1, 2.0), (2, 1.0), (3, 1.0)],
            &[(0, 2.0), (1, 0.0), (3, 0.0)],
            &[(2, 0.0), (0, 1.0), (3, 3.0)],
            &[(1, 0.0), (0, 1.0), (2, 3.0)],
        ];
        let mut starts = vec![0];
        for row in rows {
            starts.push(starts[starts.len() - 1] + row.len());
        }
        let (columns, distances) = rows.concat().into_iter().unzip();
        let graph = SparseMatrix::new(starts, columns, distances, 4).unwrap();
        // The second row has two neighbors, so none has more.
        let neighbors = Neighbors::from_graph(&graph, 3).unwrap();
        assert_eq!(neighbors.k(), 2);
        assert_eq!((neighbors.indices(0), neighbors.squared_distances(0)), (&[2, 3][..], &[1.0, 1.0][..]));
        assert_eq!((neighbors.indices(1), neighbors.squared_distances(1)), (&[3, 0][..], &[0.0, 4.0][..]));
        assert_eq!((neighbors.indices(3), neighbors.squared_distances(3)), (&[1, 0][..], &[0.0, 1.0][..]));
        assert_eq!(Neighbors::from_graph(&graph, 1).unwrap().indices(2), [0]);
    }

    #[test]
    fn a_graph_that_is_none_is_refused() {
        let refused = |columns: [u32; 2], distances: [f32; 2], d: usize| {
            let graph = SparseMatrix::new(vec![0, 1, 2], columns.to_vec(), distances.to_vec(), d).unwrap();
            Neighbors::from_graph(&graph, 1).unwrap_err().to_string()
        };
        assert!(refused([1, 0], [1.0, 1.0], 3).contains("2 × 3; it must be square"));
        assert!(refused([0, 0], [0.0, 1.0], 2).contains("0 in row 1"));
        assert!(refused([1, 0], [1.0, -1.0], 2).contains("row 2 to row 1 is -1"));
        assert!(refused([1, 0], [1.0, f32::NAN], 2).contains("NaN"));
    }
}
