//! Rows that are equal, found once for all their copies.
//!
//! More copies of a row than a list has room for are a tie that no estimate can settle: which of them are a row's neighbors is a
//! matter of their indices alone. So they are left out of the search, and come in afterwards.

use super::centered::Centered;
use super::{Neighbors, squared_distance};
use crate::matrix::MatrixRef;
use rayon::prelude::*;

/// The rows of a table, equal ones together.
pub(super) struct Copies {
    /// The first row of each group, in their order.
    pub(super) firsts: Vec<u32>,
    /// All rows, group after group; those of a group are in their order.
    order: Vec<u32>,
    /// Group g has its rows at `starts[g]..starts[g + 1]` of the order.
    starts: Vec<usize>,
}

impl Copies {
    /// Looks for equal rows; `None` when there are nowhere more than `most`. O(n log n), and O(d) for each comparison of rows of
    /// equal norm.
    pub(super) fn more_than(most: usize, x: MatrixRef<'_>, centered: &Centered<'_>) -> Option<Self> {
        let norm = |row: u32| centered.norms[row as usize];
        let bits = |row: u32| x.row(row as usize).iter().map(|value| value.to_bits());
        let mut order: Vec<u32> = (0..x.n_samples() as u32).collect();
        order.par_sort_unstable_by(|&a, &b| norm(a).total_cmp(&norm(b)));
        if order.chunk_by(|&a, &b| norm(a) == norm(b)).all(|run| run.len() <= most) {
            return None;
        }
        order.par_sort_unstable_by(|&a, &b| {
            norm(a).total_cmp(&norm(b)).then_with(|| bits(a).cmp(bits(b))).then(a.cmp(&b))
        });
        let mut groups: Vec<&[u32]> =
            order.chunk_by(|&a, &b| norm(a) == norm(b) && bits(a).eq(bits(b))).collect();
        if groups.iter().all(|group| group.len() <= most) {
            return None;
        }
        groups.sort_unstable_by_key(|group| group[0]);
        let firsts = groups.iter().map(|group| group[0]).collect();
        let mut starts = vec![0];
        starts.extend(groups.iter().scan(0, |end, group| {
            *end += group.len();
            Some(*end)
        }));
        Some(Self { firsts, starts, order: groups.concat() })
    }

    fn rows(&self, group: u32) -> &[u32] {
        &self.order[self.starts[group as usize]..self.starts[group as usize + 1]]
    }

    /// The `k` nearest of all rows of `x`, from the nearest groups of each group: as many as there are others, or `k`.
    pub(super) fn expand(&self, x: MatrixRef<'_>, groups: &Neighbors, k: usize) -> Neighbors {
        let mut neighbors = Neighbors::unset(x.n_samples(), k);
        for group in 0..self.firsts.len() as u32 {
            // One more than asked: a row finds itself.
            let nearest = self.nearest(x, group, groups, k + 1);
            for &row in self.rows(group) {
                let others = nearest.iter().filter(|&&(_, j)| j != row).take(k);
                neighbors.set(row as usize, others.map(|&(distance, j)| (distance as f32, j)));
            }
        }
        neighbors
    }

    /// The `count` nearest rows of those of a group, themselves among them.
    fn nearest(&self, x: MatrixRef<'_>, group: u32, groups: &Neighbors, count: usize) -> Vec<(f64, u32)> {
        let own = x.row(self.firsts[group as usize] as usize);
        let mut nearest: Vec<(f64, u32)> = self.rows(group).iter().take(count).map(|&j| (0.0, j)).collect();
        for &other in groups.indices(group as usize) {
            let distance = squared_distance(own, x.row(self.firsts[other as usize] as usize));
            // Groups come in the order of their distances, and equally far ones may have rows of smaller indices.
            if nearest.len() >= count && nearest.last().is_some_and(|&(last, _)| last < distance) {
                break;
            }
            nearest.extend(self.rows(other).iter().take(count).map(|&j| (distance, j)));
        }
        nearest.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        nearest.truncate(count);
        nearest
    }
}
