//! Points sorted by the part of the grid that they lie in: near in the map, near in memory, and no two threads at one node.

use super::grid::Grid;
use super::spline::Spline;
use rayon::prelude::*;

/// Rows of cells that make a band. A band's charges reach three rows into the next, so two bands of the same parity never
/// meet when a band has at least three rows.
const BAND: usize = 8;

/// The points of one evaluation, sorted by band; within a band they keep their order.
#[derive(Default)]
pub(super) struct Bins {
    /// For each point, where it stands in the sorted order.
    ranks: Vec<u32>,
    /// Places in cells, sorted.
    sorted: Vec<[f32; 2]>,
    /// Band b is at `starts[b]..starts[b + 1]` of the sorted order.
    starts: Vec<usize>,
}

impl Bins {
    /// Sorts all points. One counting sort, O(n).
    pub(super) fn sort(&mut self, positions: &[f32], grid: &Grid) {
        let (points, _) = positions.as_chunks::<2>();
        let n_bands = grid.nodes[1].div_ceil(BAND);
        self.starts.clear();
        self.starts.resize(n_bands + 1, 0);
        self.ranks.resize(points.len(), 0);
        self.sorted.resize(points.len(), [0.0; 2]);
        for point in points {
            self.starts[band_of(grid.cells(*point)) + 1] += 1;
        }
        for band in 0..n_bands {
            self.starts[band + 1] += self.starts[band];
        }
        let mut next = self.starts.clone();
        for (point, rank) in points.iter().zip(&mut self.ranks) {
            let cells = grid.cells(*point);
            let place = &mut next[band_of(cells)];
            self.sorted[*place] = cells;
            *rank = *place as u32;
            *place += 1;
        }
    }

    pub(super) fn ranks(&self) -> &[u32] {
        &self.ranks
    }

    pub(super) fn sorted(&self) -> &[[f32; 2]] {
        &self.sorted
    }

    /// Spreads a unit charge at every point over the four by four nodes around it; `charges` is filled anew.
    ///
    /// Even bands first, then odd ones, each band in its own order: the additions at a node always come in the same order.
    pub(super) fn spread(&self, grid: &Grid, charges: &mut Vec<f32>) {
        let width = grid.nodes[0];
        charges.clear();
        charges.resize(width * grid.nodes[1], 0.0);
        for parity in 0..2 {
            let Some(rows) = charges.get_mut(parity * BAND * width..) else { return };
            rows.par_chunks_mut(2 * BAND * width).enumerate().for_each(|(pair, rows)| {
                let band = 2 * pair + parity;
                if band + 1 < self.starts.len() {
                    let points = &self.sorted[self.starts[band]..self.starts[band + 1]];
                    spread_band(points, rows, width, band * BAND);
                }
            });
        }
    }
}

#[inline(always)]
fn band_of(cells: [f32; 2]) -> usize {
    // The spline's first row, not the point's own, so that a band's charges start in the band.
    (cells[1] as usize - 1) / BAND
}

fn spread_band(points: &[[f32; 2]], rows: &mut [f32], width: usize, first_row: usize) {
    for &[x, y] in points {
        let (x, y) = (Spline::at(x), Spline::at(y));
        for row in 0..4 {
            let start = (y.base - first_row + row) * width + x.base;
            for (node, weight) in rows[start..start + 4].iter_mut().zip(x.weights) {
                *node += weight * y.weights[row];
            }
        }
    }
}
