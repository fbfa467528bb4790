//! p_ij = (p_{j|i} + p_{i|j}) / 2n, as compressed rows with ascending columns.

use super::{Affinities, Conditional};
use rayon::prelude::*;
use std::ops::Range;

/// Stripes of rows that are in the making at once, one for each thread. Each looks for itself among all neighbors, so more of them
/// take longer.
const MOST_AT_ONCE: usize = 8;

/// In how many rounds so many are made: what one holds beside the result is this part of the neighbors' size and its own. Each looks
/// through all neighbors once more, so there are more than four only for rows in their millions, where that size decides what fits
/// into a machine.
pub(crate) fn rounds(n_samples: usize) -> usize {
    (n_samples >> 19).clamp(4, 16)
}

/// Fewest rows of a stripe. Results are laid end to end in row order, so neither this nor the number of threads changes them.
const LEAST_ROWS: usize = 1024;

pub(super) fn symmetrize(conditional: Conditional<'_>) -> Affinities {
    symmetrize_in(rounds(conditional.n_samples), conditional)
}

/// [`symmetrize`] in a number of rounds.
pub(super) fn symmetrize_in(rounds: usize, conditional: Conditional<'_>) -> Affinities {
    let n = conditional.n_samples;
    let at_once = rayon::current_num_threads().min(MOST_AT_ONCE);
    let rows = n.div_ceil(rounds * at_once).max(LEAST_ROWS);
    let stripes: Vec<Range<usize>> = (0..n).step_by(rows).map(|start| start..(start + rows).min(n)).collect();
    let mut starts = Vec::with_capacity(n + 1);
    starts.push(0);
    // Memory that nothing was written to is not taken from the system, and the rest is given back in the end.
    let most = 2 * conditional.indices.len();
    let (mut indices, mut values) = (Vec::with_capacity(most), Vec::with_capacity(most));
    for batch in stripes.chunks(at_once) {
        let parts: Vec<Part> = batch.par_iter().map(|rows| Part::of(conditional, rows.clone())).collect();
        for part in parts {
            let mut end = indices.len();
            for length in part.lengths {
                end += length;
                starts.push(end);
            }
            indices.extend_from_slice(&part.indices);
            values.extend_from_slice(&part.values);
        }
    }
    indices.shrink_to_fit();
    values.shrink_to_fit();
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
    fn of(conditional: Conditional<'_>, rows: Range<usize>) -> Self {
        let k = conditional.k;
        let transposed = Transposed::of(conditional, rows.clone());
        let mut part = Self::default();
        let mut forward = Vec::with_capacity(k);
        for i in rows {
            forward.clear();
            let range = i * k..(i + 1) * k;
            let columns = conditional.indices[range.clone()].iter().copied();
            forward.extend(columns.zip(conditional.values[range].iter().copied()));
            forward.sort_unstable_by_key(|&(j, _)| j);
            part.push_merged(&forward, transposed.row(i), 0.5 / conditional.n_samples as f64);
        }
        part
    }

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

/// The conditional probabilities of some columns: who names sample j as a neighbor, ascending.
struct Transposed {
    columns: Range<usize>,
    starts: Vec<usize>,
    entries: Vec<(u32, f32)>,
}

impl Transposed {
    fn of(conditional: Conditional<'_>, columns: Range<usize>) -> Self {
        let place = |j: u32| (j as usize).wrapping_sub(columns.start);
        let mut starts = vec![0; columns.len() + 1];
        for place in conditional.indices.iter().map(|&j| place(j)).filter(|&place| place < columns.len()) {
            starts[place + 1] += 1;
        }
        for place in 0..columns.len() {
            starts[place + 1] += starts[place];
        }
        let mut next = starts.clone();
        let mut entries = vec![(0, 0.0); starts[columns.len()]];
        let rows = conditional.indices.chunks_exact(conditional.k);
        for (i, (indices, values)) in rows.zip(conditional.values.chunks_exact(conditional.k)).enumerate() {
            for (&j, &value) in indices.iter().zip(values) {
                let place = place(j);
                if place < columns.len() {
                    entries[next[place]] = (i as u32, value);
                    next[place] += 1;
                }
            }
        }
        Self { columns, starts, entries }
    }

    fn row(&self, j: usize) -> &[(u32, f32)] {
        let place = j - self.columns.start;
        &self.entries[self.starts[place]..self.starts[place + 1]]
    }
}
