//! Where the grid lies, and how fine it is.

use crate::parallel;

/// Nodes at `origin + spacing · (i, j)` for i, j below `nodes`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    pub(super) origin: [f64; 2],
    pub(super) spacing: f64,
    pub(super) nodes: [usize; 2],
}

/// A map narrower than this many cells gets a finer spacing instead: early maps are tiny.
const LEAST_CELLS: f64 = 40.0;

/// Nodes along an axis beyond which the spacing grows: bounds time and memory on maps that are stretched without limit.
const MOST_NODES: usize = 2_048;

/// Cells between the outermost point and the edge of the grid, for the splines' support.
const MARGIN: f64 = 1.5;

/// A grid is kept while the map needs at least this share of it, so that plans and kernel need not be made anew.
const LEAST_USE: f64 = 0.7;

impl Grid {
    /// A grid around all `positions` with the spacing asked for, finer when the map is tiny and coarser when it is immense;
    /// with the nodes of the `previous` grid where they fit. None when all points are in one place.
    pub(super) fn around(positions: &[f32], spacing: f64, previous: Option<[usize; 2]>) -> Option<Self> {
        let [low, high] = bounds(positions);
        let spans = [f64::from(high[0]) - f64::from(low[0]), f64::from(high[1]) - f64::from(low[1])];
        let span = spans[0].max(spans[1]);
        if !(span > 0.0 && span.is_finite()) {
            return None;
        }
        let spacing = fitting_spacing(span, spacing);
        let mut nodes = [0; 2];
        for axis in 0..2 {
            let needed = nodes_for(spans[axis] / spacing);
            let keep = previous.map(|nodes| nodes[axis]);
            nodes[axis] = match keep {
                Some(kept) if needed <= kept && needed as f64 >= LEAST_USE * kept as f64 => kept,
                // Room to grow: the map widens for most of a run.
                _ => transform_size((needed as f64 * 1.1) as usize),
            };
        }
        let origin = [0, 1].map(|axis| f64::from(low[axis]) - MARGIN * spacing);
        Some(Self { origin, spacing, nodes })
    }

    /// A point's place in cells from the origin.
    #[inline(always)]
    pub(super) fn cells(&self, point: [f32; 2]) -> [f32; 2] {
        let scale = 1.0 / self.spacing;
        [0, 1].map(|axis| ((f64::from(point[axis]) - self.origin[axis]) * scale) as f32)
    }
}

/// The spacing asked for, divided or multiplied by powers of 2^(1/4), so that it seldom changes.
fn fitting_spacing(span: f64, asked: f64) -> f64 {
    let step = |factor: f64| (factor.log2() * 4.0).ceil() / 4.0;
    if span < LEAST_CELLS * asked {
        return asked / step(LEAST_CELLS * asked / span).exp2();
    }
    let most = MOST_NODES as f64 * 0.85;
    if span > most * asked {
        return asked * step(span / (most * asked)).exp2();
    }
    asked
}

/// Nodes for a map that is `cells` wide, with its margins.
fn nodes_for(cells: f64) -> usize {
    (cells + MARGIN).floor() as usize + 4
}

/// The least size from `least` up whose double has no prime factor beyond 5, for which transforms are fast.
fn transform_size(least: usize) -> usize {
    (least.max(4)..)
        .find(|&size| {
            let mut rest = size;
            for prime in [2, 3, 5] {
                while rest.is_multiple_of(prime) {
                    rest /= prime;
                }
            }
            rest == 1
        })
        .unwrap_or(least)
}

/// The least and greatest coordinates.
fn bounds(positions: &[f32]) -> [[f32; 2]; 2] {
    use rayon::prelude::*;
    // Minimum and maximum do not depend on the order, so any division among threads will do.
    positions
        .as_chunks::<2>()
        .0
        .par_chunks(parallel::CHUNK)
        .map(|points| {
            let mut bounds = [[f32::INFINITY; 2], [f32::NEG_INFINITY; 2]];
            for point in points {
                for axis in 0..2 {
                    bounds[0][axis] = bounds[0][axis].min(point[axis]);
                    bounds[1][axis] = bounds[1][axis].max(point[axis]);
                }
            }
            bounds
        })
        .reduce(
            || [[f32::INFINITY; 2], [f32::NEG_INFINITY; 2]],
            |a, b| {
                [[a[0][0].min(b[0][0]), a[0][1].min(b[0][1])], [a[1][0].max(b[1][0]), a[1][1].max(b[1][1])]]
            },
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_has_its_spline_inside() {
        for positions in
            [[0.0, 0.0, 1e-4, 3e-5], [-80.0, 3.0, 117.3, 3.0], [-1e6, 5.0, 2e6, -7e5], [1e9, 0.0, 1e9, 1e-3]]
        {
            let grid = Grid::around(&positions, 0.5, None).unwrap();
            for point in positions.as_chunks::<2>().0 {
                for (place, nodes) in grid.cells(*point).into_iter().zip(grid.nodes) {
                    assert!(place >= 1.0 && place as usize + 2 < nodes, "{place} of {nodes}");
                }
            }
            assert!(grid.nodes.iter().all(|&nodes| nodes <= 2 * MOST_NODES));
        }
    }

    #[test]
    fn one_place_has_no_grid() {
        assert_eq!(Grid::around(&[3.0, 4.0, 3.0, 4.0], 0.5, None), None);
    }

    #[test]
    fn a_growing_map_keeps_its_grid_for_a_while() {
        let first = Grid::around(&[0.0, 0.0, 100.0, 100.0], 0.5, None).unwrap();
        let second = Grid::around(&[0.0, 0.0, 105.0, 105.0], 0.5, Some(first.nodes)).unwrap();
        assert_eq!(first.nodes, second.nodes);
        let third = Grid::around(&[0.0, 0.0, 140.0, 140.0], 0.5, Some(first.nodes)).unwrap();
        assert!(third.nodes[0] > first.nodes[0]);
    }
}
