//! The field of points that stay where they are, made once and read anywhere.
//!
//! Nothing moves that spreads charges, so the grid can be fine and needs no near field; whoever reads is no charge, so there is no
//! self-potential to take out.

use super::bins::Bins;
use super::convolution::{Convolution, Spectra};
use super::grid::Grid;
use super::kernel::Kernel;
use super::mesh::GRID_TILE;
use super::resolution::{Resolution, Survey};
use crate::gradient::spline::factors;

/// Spacing of the nodes in map units. Sums are then within 0.1 % and forces within 0.8 % of the exact ones, as the tests have it.
const SPACING: f64 = 0.25;

/// The coarsest spacing that is good enough; where a map is too wide for it there is no potential.
const COARSEST: f64 = 0.5;

/// φ of some points on a grid around them.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Potential {
    grid: Grid,
    values: Vec<f32>,
    /// What the kernel on the grid lacks for each point.
    floor: f64,
}

impl Potential {
    /// The potential of the points at `positions`; none where they are in one place, or spread so far that a grid would be too coarse.
    /// O(n + nodes ln nodes); 4 bytes for each node, and forty more while it is made.
    pub(in super::super) fn of(positions: &[f32]) -> Option<Self> {
        let survey = Survey::of(positions);
        let grid = Grid::around(&survey, Resolution { spacing: SPACING, near_field: false })?;
        if grid.spacing > COARSEST {
            return None;
        }
        let (mut bins, mut values) = (Bins::default(), Vec::new());
        bins.sort(positions, &grid, GRID_TILE, false);
        bins.spread(&grid, &mut values);
        let kernel = Kernel::new(grid.spacing, grid.nodes, None);
        Convolution::new(grid.nodes).apply(&kernel, &mut values, &mut Spectra::default());
        Some(Self { grid, values, floor: kernel.floor() * (positions.len() / 2) as f64 })
    }

    /// Σ w, Σ w² (x − x_j) and Σ w² (y − y_j) over all points; none outside of the grid.
    pub(in super::super) fn sums(&self, point: [f32; 2]) -> Option<[f64; 3]> {
        let place = self.grid.cells(point);
        let inside = |axis: usize| place[axis] >= 1.0 && place[axis] < (self.grid.nodes[axis] - 2) as f32;
        if !(inside(0) && inside(1)) {
            return None;
        }
        let [x, y] = place.map(Spline::at);
        let width = self.grid.nodes[0];
        let mut sums = [0.0_f64; 3];
        for row in 0..4 {
            let start = (y.base + row) * width + x.base;
            let (mut along, mut slope) = (0.0_f64, 0.0_f64);
            for (column, &value) in self.values[start..start + 4].iter().enumerate() {
                along += f64::from(x.weights[column] * value);
                slope += f64::from(x.slopes[column] * value);
            }
            sums[0] += f64::from(y.weights[row]) * along;
            sums[1] += f64::from(y.weights[row]) * slope;
            sums[2] += f64::from(y.slopes[row]) * along;
        }
        let scale = -0.5 / self.grid.spacing;
        Some([sums[0] + self.floor, scale * sums[1], scale * sums[2]])
    }
}

/// The spline at a place, with its slopes.
struct Spline {
    base: usize,
    weights: [f32; 4],
    slopes: [f32; 4],
}

impl Spline {
    fn at(place: f32) -> Self {
        let cell = place as i32;
        let (weights, slopes) = factors(place - cell as f32);
        Self { base: (cell - 1) as usize, weights, slopes }
    }
}
