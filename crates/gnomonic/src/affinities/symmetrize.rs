//! p_ij = (p_{j|i} + p_{i|j}) / 2n, as compressed rows with ascending columns.

use super::Affinities;
use crate::neighbors::Neighbors;
use rayon::prelude::*;

/// Rows that one task builds. Results are laid end to end in row order, so it only matters for speed.
const ROWS: usize = 1024;

pub(super) fn symmetrize(neighbors: &Neighbors, conditional: &[f32]) -> Affinities {
    let n = neighbors.n_samples();
    let transposed = Transposed::of(neighbors, conditional);
    let scale = 0.5 / n as f64;
    let parts: Vec<Part> = (0..n.div_ceil(ROWS))
        .into_par_iter()
        .map(|part| {
            let mut rows = Part::default();
            let mut forward = Vec::with_capacity(neighbors.k());
            for i in part * ROWS..((part + 1) * ROWS).min(n) {
                forward.clear();
                let values = &conditional[i * neighbors.k()..(i + 1) * neighbors.k()];
                forward.extend(neighbors.indices(i).iter().copied().zip(values.iter().copied()));
                forward.sort_unstable_by_key(|&(j, _)| j);
                rows.push_merged(&forward, transposed.row(i), scale);
            }
            rows
        })
        .collect();
    drop(transposed);

    let mut starts = Vec::with_capacity(n + 1);
    starts.push(0);
    let mut total = 0;
    for length in parts.iter().flat_map(|part| &part.lengths) {
        total += length;
        starts.push(total);
    }
    let (mut indices, mut values) = (Vec::with_capacity(total), Vec::with_capacity(total));
    for part in parts {
        indices.extend_from_slice(&part.indices);
        values.extend_from_slice(&part.values);
    }
    Affinities { n_samples: n, starts, indices, values }
}

/// Some consecutive rows of the result.
#[derive(Default)]
struct Part {
    lengths: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
}

impl Part {
    /// Appends the sum of two rows sorted by column. Entries that vanish in `f32` are left out: they pull on nothing.
    fn push_merged(&mut self, mut a: &[(u32, f32)], mut b: &[(u32, f32)], scale: f64) {
        let before = self.indices.len();
        loop {
            let (column, sum) = match (a.first(), b.first()) {
                (Some(&(i, p)), Some(&(j, q))) if i == j => {
                    (a, b) = (&a[1..], &b[1..]);
                    (i, f64::from(p) + f64::from(q))
                }
                (Some(&(i, p)), other) if other.is_none_or(|&(j, _)| i < j) => {
                    a = &a[1..];
                    (i, f64::from(p))
                }
                (_, Some(&(j, q))) => {
                    b = &b[1..];
                    (j, f64::from(q))
                }
                _ => break,
            };
            let value = (sum * scale) as f32;
            if value > 0.0 {
                self.indices.push(column);
                self.values.push(value);
            }
        }
        self.lengths.push(self.indices.len() - before);
    }
}

/// The conditional probabilities by column: who names sample j as a neighbor, ascending.
struct Transposed {
    starts: Vec<usize>,
    entries: Vec<(u32, f32)>,
}

impl Transposed {
    fn of(neighbors: &Neighbors, conditional: &[f32]) -> Self {
        let n = neighbors.n_samples();
        let mut starts = vec![0; n + 1];
        for i in 0..n {
            for &j in neighbors.indices(i) {
                starts[j as usize + 1] += 1;
            }
        }
        for j in 0..n {
            starts[j + 1] += starts[j];
        }
        let mut next = starts.clone();
        let mut entries = vec![(0, 0.0); n * neighbors.k()];
        for i in 0..n {
            let values = &conditional[i * neighbors.k()..];
            for (&j, &value) in neighbors.indices(i).iter().zip(values) {
                entries[next[j as usize]] = (i as u32, value);
                next[j as usize] += 1;
            }
        }
        Self { starts, entries }
    }

    fn row(&self, j: usize) -> &[(u32, f32)] {
        &self.entries[self.starts[j]..self.starts[j + 1]]
    }
}
