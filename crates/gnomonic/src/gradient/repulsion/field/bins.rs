//! Points sorted by the tile of the map that they lie in: near in the map, near in memory, and no two threads at one node.

use super::grid::Grid;
use crate::gradient::spline::Spline;
use crate::parallel;
use crate::simd;
use rayon::prelude::*;
use std::ops::Range;

/// Tiles beyond which they are made larger: their bounds should not need more memory than the points.
const MOST_TILES: usize = 1 << 24;

/// The points of one evaluation, sorted by tile, row after row; within a tile they keep their order.
///
/// Two rows of tiles make a band. A band's charges reach three rows of nodes into the next, so two bands of the same parity
/// never meet.
#[derive(Default)]
pub(super) struct Bins {
    /// For each point, where it stands in the sorted order.
    ranks: Vec<u32>,
    /// Places in cells, sorted.
    cells: Vec<[f32; 2]>,
    /// Coordinates in map units, sorted; empty unless asked for.
    xs: Vec<f32>,
    ys: Vec<f32>,
    /// Tile t is at `starts[t]..starts[t + 1]` of the sorted order.
    starts: Vec<usize>,
    tiles: [usize; 2],
    /// The side of a tile, in half cells.
    half_cells: usize,
}

/// A tile's end in the sorted order, and the runs of points in it and the eight tiles around it: one run for each row of tiles.
pub(super) struct Tile {
    pub(super) end: usize,
    pub(super) runs: [(usize, usize); 3],
}

impl Bins {
    /// Sorts all points into tiles of `half_cells` half cells, at least three; `with_coordinates` in map units too. One counting sort,
    /// O(n + tiles).
    pub(super) fn sort(&mut self, positions: &[f32], grid: &Grid, half_cells: usize, with_coordinates: bool) {
        let (points, _) = positions.as_chunks::<2>();
        self.half_cells = half_cells;
        // A map of few points on an immense grid gets larger tiles; whole multiples keep the near field's range inside.
        while grid.nodes.map(|nodes| (2 * nodes).div_ceil(self.half_cells)).iter().product::<usize>()
            > MOST_TILES
        {
            self.half_cells *= 2;
        }
        self.tiles = grid.nodes.map(|nodes| (2 * nodes).div_ceil(self.half_cells));
        self.starts.clear();
        self.starts.resize(self.tiles[0] * self.tiles[1] + 1, 0);
        let (per_row, half_cells) = (self.tiles[0], self.half_cells);
        points
            .par_iter()
            .with_min_len(parallel::CHUNK)
            .map(|&point| tile_at(grid.cells(point), per_row, half_cells) as u32)
            .collect_into_vec(&mut self.ranks);
        for &tile in &self.ranks {
            self.starts[tile as usize + 1] += 1;
        }
        for tile in 1..self.starts.len() {
            self.starts[tile] += self.starts[tile - 1];
        }
        self.cells.resize(points.len(), [0.0; 2]);
        let coordinates = if with_coordinates { points.len() } else { 0 };
        self.xs.resize(coordinates, 0.0);
        self.ys.resize(coordinates, 0.0);
        // Each start moves to its tile's end as the tile fills up, and all are moved back after.
        for (&point, rank) in points.iter().zip(&mut self.ranks) {
            let place = &mut self.starts[*rank as usize];
            self.cells[*place] = grid.cells(point);
            if with_coordinates {
                self.xs[*place] = point[0];
                self.ys[*place] = point[1];
            }
            *rank = *place as u32;
            *place += 1;
        }
        self.starts.rotate_right(1);
        self.starts[0] = 0;
        let n = points.len();
        if let Some(last) = self.starts.last_mut() {
            *last = n;
        }
    }

    pub(super) fn ranks(&self) -> &[u32] {
        &self.ranks
    }

    /// Places in cells, sorted.
    pub(super) fn cells(&self) -> &[[f32; 2]] {
        &self.cells
    }

    /// Coordinates in map units, sorted; none unless asked for when they were sorted.
    pub(super) fn coordinates(&self) -> [&[f32]; 2] {
        [&self.xs, &self.ys]
    }

    /// The tile of the point at `place` of the sorted order.
    pub(super) fn tile_of(&self, place: usize) -> Tile {
        let tile = tile_at(self.cells[place], self.tiles[0], self.half_cells);
        let (row, column) = (tile / self.tiles[0], tile % self.tiles[0]);
        let columns = column.saturating_sub(1)..(column + 2).min(self.tiles[0]);
        let run = |row: usize| {
            let first = row * self.tiles[0];
            (self.starts[first + columns.start], self.starts[first + columns.end])
        };
        let above = if row > 0 { run(row - 1) } else { (0, 0) };
        let below = if row + 1 < self.tiles[1] { run(row + 1) } else { (0, 0) };
        Tile { end: self.starts[tile + 1], runs: [above, run(row), below] }
    }

    /// Spreads a unit charge at every point over the four by four nodes around it; `charges` is filled anew.
    ///
    /// Even bands first, then odd ones, each band in its own order: the additions at a node always come in the same order.
    pub(super) fn spread(&self, grid: &Grid, charges: &mut Vec<f32>) {
        let (width, band) = (grid.nodes[0], self.half_cells);
        charges.clear();
        charges.resize(width * grid.nodes[1], 0.0);
        for parity in 0..2 {
            let Some(rows) = charges.get_mut(parity * band * width..) else { return };
            rows.par_chunks_mut(2 * band * width).enumerate().for_each(|(pair, rows)| {
                let index = 2 * pair + parity;
                simd::vectorize!(spread_band(&self.cells[self.band(index)], rows, width, index * band));
            });
        }
    }

    /// The points of band `index`: two rows of tiles, which are `half_cells` rows of nodes.
    fn band(&self, index: usize) -> Range<usize> {
        let start = |row: usize| self.starts[row.min(self.tiles[1]) * self.tiles[0]];
        start(2 * index)..start(2 * index + 2)
    }
}

/// The tile of a place, where a row of tiles has `per_row` of `half_cells` half cells each.
#[inline(always)]
fn tile_at(cells: [f32; 2], per_row: usize, half_cells: usize) -> usize {
    // Counted from the spline's first node, which is a whole cell before the point's own.
    let [column, row] = cells.map(|place| (2.0 * (place - 1.0)) as usize / half_cells);
    row * per_row + column
}

#[inline(always)]
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
