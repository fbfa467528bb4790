//! Repulsion from one potential field.
//!
//! φ(x) = Σ_j w(|x − y_j|²) holds all that is needed: Z = Σ_i (φ(y_i) − 1), and the repulsive sum of point i is
//! −½ ∇φ(y_i). Unit charges are spread on a grid with cubic B-splines, convolved with the kernel by one real Fourier
//! transform forth and one back, and φ and ∇φ are read with the same splines, whose smoothness makes the gradient usable.
//! The kernel's spectrum is divided by the squared transform of the sampled spline, so that spreading and reading
//! interpolate (particle-mesh Ewald: Essmann et al. 1995, doi:10.1063/1.470117; fields for t-SNE: Pezzotti et al. 2020,
//! doi:10.1109/TVCG.2019.2934307). FIt-SNE (Linderman et al. 2019, doi:10.1038/s41592-018-0308-4) spreads four charges
//! and transforms eight times for the same sums.
//!
//! A point also feels its own charge through the grid; that self-potential and self-force are known functions of its place
//! in its cell and are taken out (see [`kernel`]).

mod bins;
mod convolution;
mod grid;
mod kernel;
mod spline;

use super::Repulsion;
use crate::parallel;
use bins::Bins;
use convolution::Convolution;
use grid::Grid;
use kernel::{Kernel, SelfTerm};
use rayon::prelude::*;
use spline::Spline;

/// Grid spacing in map units. The force is then within 4 % of the exact sum, Z within 0.2 %, on maps of real data; a wider
/// spacing costs KL divergence (docs/performance.md).
pub(super) const SPACING: f64 = 0.5;

/// The field of all points, with everything that can be kept from one evaluation to the next.
pub(super) struct Field {
    spacing: f64,
    bins: Bins,
    cached: Option<Cached>,
    /// Charges, then the potential, node after node.
    values: Vec<f32>,
    /// φ − φ_self and the force for each point, in the order of the bins.
    readings: Vec<[f32; 3]>,
}

/// What depends on spacing and size of the grid alone.
struct Cached {
    spacing: f64,
    nodes: [usize; 2],
    kernel: Kernel,
    convolution: Convolution,
}

impl Field {
    pub(super) fn new(spacing: f64) -> Self {
        Self { spacing, bins: Bins::default(), cached: None, values: Vec::new(), readings: Vec::new() }
    }

    /// The kernel and plans for `grid`, made anew only when its spacing or size has changed.
    fn prepare(cached: &mut Option<Cached>, grid: &Grid) {
        let fits = |cached: &Cached| cached.spacing == grid.spacing && cached.nodes == grid.nodes;
        if !cached.as_ref().is_some_and(fits) {
            let kernel = Kernel::new(grid.spacing, grid.nodes);
            let convolution = Convolution::new(grid.nodes);
            *cached = Some(Cached { spacing: grid.spacing, nodes: grid.nodes, kernel, convolution });
        }
    }

    fn read(&mut self, grid: &Grid, self_term: SelfTerm) -> f64 {
        let (values, width) = (&self.values, grid.nodes[0]);
        let sorted = self.bins.sorted();
        self.readings.resize(sorted.len(), [0.0; 3]);
        let partials: Vec<[f64; 1]> = self
            .readings
            .par_chunks_mut(parallel::CHUNK)
            .zip(sorted.par_chunks(parallel::CHUNK))
            .map(|(readings, points)| {
                let mut sum = 0.0;
                for (reading, &point) in readings.iter_mut().zip(points) {
                    *reading = read_point(values, width, point, grid.spacing as f32, self_term);
                    sum += f64::from(reading[0]);
                }
                [sum]
            })
            .collect();
        let [sum] = parallel::ordered_sum(&partials);
        sum
    }
}

/// φ − φ_self and −½ ∇φ less the self-force, at `point` in cells.
#[inline(always)]
fn read_point(values: &[f32], width: usize, point: [f32; 2], spacing: f32, self_term: SelfTerm) -> [f32; 3] {
    let (x, y) = (Spline::at(point[0]), Spline::at(point[1]));
    let (mut potential, mut slope_x, mut slope_y) = (0.0, 0.0, 0.0);
    for row in 0..4 {
        let start = (y.base + row) * width + x.base;
        let line: [f32; 4] = [values[start], values[start + 1], values[start + 2], values[start + 3]];
        let (mut along, mut slope) = (0.0, 0.0);
        for column in 0..4 {
            along += x.weights[column] * line[column];
            slope += x.slopes[column] * line[column];
        }
        potential += y.weights[row] * along;
        slope_x += y.weights[row] * slope;
        slope_y += y.slopes[row] * along;
    }
    let (own_potential, [own_x, own_y]) = self_term.at(point);
    let scale = -0.5 / spacing;
    [potential - own_potential, scale * slope_x - own_x, scale * slope_y - own_y]
}

impl Repulsion for Field {
    fn forces(&mut self, positions: &[f32], forces: &mut [f32]) -> f64 {
        let n = positions.len() / 2;
        let previous = self.cached.as_ref().map(|cached| cached.nodes);
        let Some(grid) = Grid::around(positions, self.spacing, previous) else {
            // All points are in one place: no direction to push in, and every weight is one.
            forces.fill(0.0);
            return n as f64 * (n as f64 - 1.0);
        };
        Self::prepare(&mut self.cached, &grid);
        self.bins.sort(positions, &grid);
        self.bins.spread(&grid, &mut self.values);
        let Some(cached) = &mut self.cached else { unreachable!("prepared above") };
        cached.convolution.apply(&cached.kernel, &mut self.values);
        let (self_term, floor) = (cached.kernel.self_term(), cached.kernel.floor());
        let sum = self.read(&grid, self_term);
        let (ranks, readings) = (self.bins.ranks(), &self.readings);
        forces.as_chunks_mut::<2>().0.par_chunks_mut(parallel::CHUNK).enumerate().for_each(
            |(chunk, forces)| {
                for (row, force) in forces.iter_mut().enumerate() {
                    let [_, x, y] = readings[ranks[chunk * parallel::CHUNK + row] as usize];
                    *force = [x, y];
                }
            },
        );
        // The grid carries w less its floor; the floor counts for every pair.
        sum + floor * n as f64 * (n as f64 - 1.0)
    }

    fn spacing(&self) -> Option<f64> {
        self.cached.as_ref().map(|cached| cached.spacing)
    }
}

#[cfg(test)]
mod tests;
