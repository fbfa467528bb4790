//! p_ij = (p_{j|i} + p_{i|j}) / 2n, as compressed rows with ascending columns.

use super::{Affinities, Conditional};
use rayon::prelude::*;
use std::ops::Range;

/// Stripes of rows that are in the making at once, one for each thread. Each looks for itself among all neighbors, so more of them
/// take longer.
const MOST_AT_ONCE: usize = 8;

/// In how many rounds so many are made: what one holds beside the result is this part of the neighbors' size and its own. Each looks
/// through all neighbors once more, so there are more than four only for rows in their millions, where that size decides what fits
/// into a machine, and fewer where the data takes far more.
pub(crate) fn rounds(n_samples: usize) -> usize {
    match n_samples {
        ..40_000 => 1,
        40_000..160_000 => 2,
        _ => (n_samples >> 19).clamp(4, 16),
    }
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
    let (mut indices, mut values) = (Vec::new(), Vec::new());
    // A system that promises no more than it has may refuse so much: then they grow as they are filled.
    let _ = indices.try_reserve_exact(most);
    let _ = values.try_reserve_exact(most);
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
            let values = &conditional.values[range.clone()];
            forward.extend(conditional.indices[range].iter().zip(values).map(|(&j, &value)| pack(j, value)));
            forward.sort_unstable();
            part.push_merged(&forward, transposed.row(i), 0.5 / conditional.n_samples as f64);
        }
        part
    }

    /// Appends the sum of two rows sorted by column. Entries that vanish in `f32` are left out: they pull on nothing.
    fn push_merged(&mut self, mut a: &[u64], mut b: &[u64], scale: f64) {
        let before = self.indices.len();
        loop {
            // Beyond the end of a row there is no column.
            let first = |row: &[u64]| row.first().map_or((u32::MAX, 0.0), |&entry| unpack(entry));
            let ((i, p), (j, q)) = (first(a), first(b));
            let column = i.min(j);
            if column == u32::MAX {
                break;
            }
            let (is_in_a, is_in_b) = (i == column, j == column);
            (a, b) = (&a[usize::from(is_in_a)..], &b[usize::from(is_in_b)..]);
            let sum = f64::from(if is_in_a { p } else { 0.0 }) + f64::from(if is_in_b { q } else { 0.0 });
            let value = (sum * scale) as f32;
            if value > 0.0 {
                self.indices.push(column);
                self.values.push(value);
            }
        }
        self.lengths.push(self.indices.len() - before);
    }
}

/// A column and its value, so that integers sort as the columns do.
#[inline(always)]
fn pack(column: u32, value: f32) -> u64 {
    u64::from(column) << 32 | u64::from(value.to_bits())
}

#[inline(always)]
fn unpack(entry: u64) -> (u32, f32) {
    ((entry >> 32) as u32, f32::from_bits(entry as u32))
}

/// The conditional probabilities of some columns: who names sample j as a neighbor, ascending.
struct Transposed {
    columns: Range<usize>,
    starts: Vec<usize>,
    entries: Vec<u64>,
}

impl Transposed {
    fn of(conditional: Conditional<'_>, columns: Range<usize>) -> Self {
        // What is none of these columns goes to a place of its own: that is faster than to ask.
        let n_places = columns.len();
        let place = |j: u32| (j as usize).wrapping_sub(columns.start).min(n_places);
        let mut starts = vec![0; n_places + 2];
        conditional.indices.iter().for_each(|&j| starts[place(j) + 1] += 1);
        for place in 0..n_places {
            starts[place + 1] += starts[place];
        }
        let mut next = starts.clone();
        // All others overwrite each other in the last entry.
        let mut entries = vec![0; starts[n_places] + 1];
        let rows = conditional.indices.chunks_exact(conditional.k);
        for (i, (indices, values)) in rows.zip(conditional.values.chunks_exact(conditional.k)).enumerate() {
            for (&j, &value) in indices.iter().zip(values) {
                let place = place(j);
                entries[next[place]] = pack(i as u32, value);
                next[place] += usize::from(place < n_places);
            }
        }
        Self { columns, starts, entries }
    }

    fn row(&self, j: usize) -> &[u64] {
        let place = j - self.columns.start;
        &self.entries[self.starts[place]..self.starts[place + 1]]
    }
}
