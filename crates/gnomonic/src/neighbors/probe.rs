//! For groups of rows of some cells: their nearest among the rows of the cells around them.
//!
//! Rows of a group and of a cell meet in a product of blocks, relative to an origin in the group, so that `f32` keeps the digits
//! of small distances. Each group's lists belong to it alone: groups run on any thread, in any order, with the same result.

use super::blocked::{pack, reduce};
use super::cells::Cells;
use super::nearby::{Nearby, squared_norm};
use super::rank::{InColumns, Ranking};
use crate::gemm::{View, multiply};
use crate::matrix::MatrixRef;
use crate::simd;
use std::ops::Range;

/// A row chooses its cells among this many times as many around its own. With all of them to choose from, the recall of 90
/// neighbors among 100,000 jittered digits is 0.970; with 8 times 0.970, 4 times 0.964, twice 0.946.
const AROUND: usize = 8;

/// Cells around its own beyond that.
const MORE_AROUND: usize = 32;

/// Columns filtered together.
const LANES: usize = 16;

/// What a search among cells compares.
pub(super) struct Probe<'a> {
    /// The rows in the order of the cells.
    pub(super) rows: MatrixRef<'a>,
    /// What is added for each row to its squared distance from others; empty for nothing.
    pub(super) offsets: &'a [f32],
    pub(super) cells: &'a Cells,
    /// Cells to look into for each row.
    pub(super) probes: usize,
    /// Candidates to keep of each row.
    pub(super) keep: usize,
}

/// Buffers of one thread.
#[derive(Default)]
pub(super) struct Scratch {
    nearby: Nearby,
    /// (cell, row of the group), one for each cell that a row looks into.
    visits: Vec<(u32, u32)>,
    /// The group's rows less the origin, each followed by a one.
    own: Vec<f32>,
    norms: Vec<f32>,
    left: Vec<f32>,
    right: Vec<f32>,
    products: Vec<f32>,
    lists: Vec<Vec<u64>>,
    thresholds: Vec<f32>,
    ranking: Ranking,
}

impl Probe<'_> {
    /// The `k` nearest of each row of a group of cells by their distances in all columns of `x`, row after row.
    pub(super) fn search(
        &self,
        x: MatrixRef<'_>,
        group: Range<usize>,
        k: usize,
        scratch: &mut Scratch,
    ) -> Vec<(f32, u32)> {
        let range = self.cells.starts[group.start]..self.cells.starts[group.end];
        self.choose(group, scratch);
        self.gather(range.clone(), scratch);
        let mut visits = std::mem::take(&mut scratch.visits);
        for visit in visits.chunk_by(|a, b| a.0 == b.0) {
            self.visit(range.start, visit, scratch);
        }
        visits.clear();
        scratch.visits = visits;
        let Scratch { lists, ranking, .. } = scratch;
        ranking.start(range.len());
        for (own, list) in lists[..range.len()].iter_mut().enumerate() {
            reduce(list, self.keep);
            ranking.add(own, list.iter().map(|&candidate| candidate as u32));
        }
        let mut nearest = Vec::with_capacity(range.len() * k);
        let rows = InColumns { x, rows: &self.cells.order[range] };
        ranking.finish(rows, k, |ranked| nearest.extend(ranked));
        nearest
    }

    /// Lists the visits of the group's rows: own cells first, and the same cells together.
    fn choose(&self, group: Range<usize>, scratch: &mut Scratch) {
        let (cells, nearby) = (self.cells, &mut scratch.nearby);
        let first = cells.starts[group.start];
        nearby.look(cells, group.clone(), AROUND * self.probes + MORE_AROUND);
        scratch.visits.clear();
        let mut keyed = Vec::new();
        for cell in group.clone() {
            let range = cells.range(cell);
            let around = self.around(nearby, &group, cell);
            let rows = range.clone().map(|row| self.rows.row(row));
            nearby.squared_distances(cells.centers.view(), rows, &around);
            for (row, line) in range.zip(nearby.lines()) {
                keyed.clear();
                keyed.extend(line.iter().zip(&around).map(|(&distance, &cell)| pack(distance, cell)));
                let count = self.nearest_first(&mut keyed);
                let own = (row - first) as u32;
                scratch.visits.extend(keyed[..count].iter().map(|&key| (key as u32, own)));
            }
        }
        // Rows find most of their neighbors in their own cells, and little passes the filter afterwards.
        scratch.visits.sort_unstable_by_key(|&(cell, own)| (!group.contains(&(cell as usize)), cell, own));
    }

    /// Cells among which the rows of `cell` choose: enough, and with enough rows in them.
    fn around(&self, nearby: &mut Nearby, group: &Range<usize>, cell: usize) -> Vec<u32> {
        let mut count = AROUND * self.probes + MORE_AROUND;
        loop {
            let around = nearby.nearest(cell, count);
            if around.len() == self.cells.len() || self.n_rows(&around) > self.keep {
                return around;
            }
            if around.len() < count {
                nearby.look(self.cells, group.clone(), count);
            }
            count *= 2;
        }
    }

    fn n_rows(&self, cells: &[u32]) -> usize {
        cells.iter().map(|&cell| self.cells.range(cell as usize).len()).sum()
    }

    /// Brings the nearest cells to the front and says how many a row looks into: more when these have too few rows.
    fn nearest_first(&self, keyed: &mut [u64]) -> usize {
        let probes = self.probes.min(keyed.len());
        if probes < keyed.len() {
            keyed.select_nth_unstable(probes - 1);
        }
        let length = |key: u64| self.cells.range(key as u32 as usize).len();
        let mut n_rows: usize = keyed[..probes].iter().map(|&key| length(key)).sum();
        if n_rows > self.keep {
            return probes;
        }
        keyed[probes..].sort_unstable();
        let mut count = probes;
        while count < keyed.len() && n_rows <= self.keep {
            n_rows += length(keyed[count]);
            count += 1;
        }
        count
    }

    /// Prepares the group's rows and empties their lists.
    fn gather(&self, range: Range<usize>, scratch: &mut Scratch) {
        let d = self.rows.n_features();
        let origin = scratch.nearby.origin();
        scratch.own.clear();
        scratch.norms.clear();
        for row in range.clone() {
            let start = scratch.own.len();
            scratch.own.extend(self.rows.row(row).iter().zip(origin).map(|(&value, &origin)| value - origin));
            scratch.norms.push(squared_norm(&scratch.own[start..]) + self.offset(row));
            scratch.own.push(1.0);
        }
        debug_assert_eq!(scratch.own.len(), range.len() * (d + 1));
        scratch.thresholds.clear();
        scratch.thresholds.resize(range.len(), f32::INFINITY);
        scratch.lists.resize_with(scratch.lists.len().max(range.len()), Vec::new);
        scratch.lists[..range.len()].iter_mut().for_each(Vec::clear);
    }

    fn offset(&self, row: usize) -> f32 {
        if self.offsets.is_empty() { 0.0 } else { self.offsets[row] }
    }

    /// Compares the rows of one visit, of the group that begins at row `first`, with all rows of the cell that they visit.
    fn visit(&self, first: usize, visit: &[(u32, u32)], scratch: &mut Scratch) {
        let d = self.rows.n_features();
        let range = self.cells.range(visit[0].0 as usize);
        scratch.left.clear();
        for &(_, own) in visit {
            scratch.left.extend_from_slice(&scratch.own[own as usize * (d + 1)..][..d + 1]);
        }
        // With these, a product is |y|² − 2 x·y: the squared distance less |x|².
        scratch.right.clear();
        let origin = scratch.nearby.origin();
        for row in range.clone() {
            let start = scratch.right.len();
            scratch
                .right
                .extend(self.rows.row(row).iter().zip(origin).map(|(&value, &origin)| value - origin));
            let norm = squared_norm(&scratch.right[start..]) + self.offset(row);
            scratch.right[start..].iter_mut().for_each(|value| *value *= -2.0);
            scratch.right.push(norm);
        }
        let stride = range.len().next_multiple_of(LANES);
        scratch.products.clear();
        scratch.products.resize(visit.len() * stride, f32::INFINITY);
        multiply(
            View::new(&scratch.left, visit.len(), d + 1),
            View::new(&scratch.right, range.len(), d + 1).transposed(),
            0.0,
            &mut scratch.products,
            stride,
        );
        let indices = &self.cells.order[range.clone()];
        simd::vectorize!({
            for (&(_, own), line) in visit.iter().zip(scratch.products.chunks_exact_mut(stride)) {
                let own = own as usize;
                if range.contains(&(first + own)) {
                    line[first + own - range.start] = f32::INFINITY;
                }
                let threshold = &mut scratch.thresholds[own];
                offer(&mut scratch.lists[own], line, indices, scratch.norms[own], threshold, self.keep);
            }
        });
    }
}

/// Offers a row the rows `indices` at squared distances `line` + `norm`.
#[inline(always)]
fn offer(list: &mut Vec<u64>, line: &[f32], indices: &[u32], norm: f32, threshold: &mut f32, keep: usize) {
    for (at, lanes) in line.chunks_exact(LANES).enumerate() {
        // Infinity marks padding and the row itself.
        let limit = (*threshold - norm).min(f32::MAX);
        let mut found = false;
        for &value in lanes {
            found |= value <= limit;
        }
        if !found {
            continue;
        }
        for (lane, &value) in lanes.iter().enumerate() {
            if value <= limit {
                // Rounding can make the distance of near duplicates negative.
                list.push(pack((value + norm).max(0.0), indices[at * LANES + lane]));
            }
        }
        if list.len() > 2 * keep {
            *threshold = reduce(list, keep);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::neighbors::exact;
    use crate::random::{Purpose, Random};

    fn points(n: usize) -> Matrix {
        let mut random = Random::new(62, Purpose::Synthesis);
        Matrix::new((0..n * 4).map(|_| random.normal() as f32).collect(), n, 4).unwrap()
    }

    /// More cells than are regarded around one.
    fn many_cells(x: &Matrix) -> Cells {
        let cells = Cells::new(x.view(), 2, &mut || Ok(())).unwrap();
        assert!(cells.len() > 6_000, "{}", cells.len());
        cells
    }

    fn search(
        x: &Matrix,
        cells: &Cells,
        probes: usize,
        keep: usize,
        k: usize,
        group: Range<usize>,
    ) -> Vec<(f32, u32)> {
        let order: Vec<usize> = cells.order.iter().map(|&row| row as usize).collect();
        let rows = x.view().select_rows(&order);
        let probe = Probe { rows: rows.view(), offsets: &[], cells, probes, keep };
        probe.search(x.view(), group, k, &mut Scratch::default())
    }

    #[test]
    fn a_row_looks_farther_than_is_regarded_when_it_needs_more_rows() {
        let x = points(16_000);
        let cells = many_cells(&x);
        let group = cells.blocks()[40].clone();
        let (first, all) = (cells.order[cells.starts[group.start]], 15_999);
        let found = search(&x, &cells, 1, all, all, group);
        let mut others: Vec<u32> = found[..all].iter().map(|&(_, other)| other).collect();
        others.push(first);
        others.sort_unstable();
        assert_eq!(others, (0..16_000).collect::<Vec<_>>());
    }

    #[test]
    fn cells_beyond_those_that_are_regarded_are_not_missed() {
        let x = points(16_000);
        let cells = many_cells(&x);
        let exact = exact(&x, 10).unwrap();
        let (mut hits, mut asked) = (0, 0);
        for group in cells.blocks().into_iter().step_by(9) {
            let rows = &cells.order[cells.starts[group.start]..cells.starts[group.end]];
            let found = search(&x, &cells, 30, 16, 10, group.clone());
            for (&row, nearest) in rows.iter().zip(found.chunks_exact(10)) {
                let expected = exact.indices(row as usize);
                hits += nearest.iter().filter(|(_, other)| expected.contains(other)).count();
                asked += 10;
            }
        }
        assert!(asked > 3_000 && hits as f64 > 0.98 * asked as f64, "{hits} of {asked}");
    }

    #[test]
    fn many_cells_do_not_depend_on_threads() {
        let x = points(16_000);
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| many_cells(&x))
        };
        let (one, three) = (on(1), on(3));
        assert_eq!((one.order, one.starts, one.centers), (three.order, three.starts, three.centers));
    }
}
