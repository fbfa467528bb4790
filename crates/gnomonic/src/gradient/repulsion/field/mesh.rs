//! One grid for all points of a map: spread, convolve, read, and correct near pairs.

use super::bins::Bins;
use super::convolution::Convolution;
use super::grid::Grid;
use super::kernel::{Kernel, SelfTerm};
use super::near::NearField;
use super::resolution::{CUTOFF, Resolution, Survey};
use super::spline::Spline;
use crate::parallel;
use crate::simd;
use rayon::prelude::*;

/// Grids whose kernel and plans are kept: a map's edge moves back and forth over a step of the ladder of sizes.
const MOST_CACHED: usize = 4;

/// The side of a tile in half cells: the near field's range, or whatever is good for the cache.
const NEAR_TILE: usize = (2.0 * CUTOFF) as usize;
const GRID_TILE: usize = 8;

/// A grid's field, with everything that can be kept from one evaluation to the next.
#[derive(Default)]
pub(super) struct Mesh {
    /// The spacing that the last map asked for.
    wanted: Option<f64>,
    bins: Bins,
    /// The most recently used last.
    cached: Vec<Cached>,
    /// Charges, then the potential, node after node.
    values: Vec<f32>,
    /// φ − φ_self and the force for each point, in the order of the bins.
    readings: Vec<[f32; 3]>,
}

/// What depends on spacing and size of the grid, and on the near field, alone.
struct Cached {
    spacing: f64,
    nodes: [usize; 2],
    near_field: Option<NearField>,
    kernel: Kernel,
    convolution: Convolution,
}

impl Mesh {
    /// Writes Σ_j w_ij² (y_i − y_j) for every point into `forces` and returns Z, at the `resolution` given. The `survey` is that of
    /// `positions`.
    pub(super) fn forces(
        &mut self,
        positions: &[f32],
        survey: &Survey,
        resolution: Resolution,
        forces: &mut [f32],
    ) -> f64 {
        let n = positions.len() / 2;
        let Some(grid) = Grid::around(survey, resolution) else {
            // All points are in one place: no direction to push in, and every weight is one.
            forces.fill(0.0);
            return n as f64 * (n as f64 - 1.0);
        };
        self.wanted = Some(resolution.spacing);
        self.prepare(&grid, resolution.near_field);
        let tile = if resolution.near_field { NEAR_TILE } else { GRID_TILE };
        self.bins.sort(positions, &grid, tile, resolution.near_field);
        self.bins.spread(&grid, &mut self.values);
        let Some(cached) = self.cached.last_mut() else { unreachable!("prepared above") };
        cached.convolution.apply(&cached.kernel, &mut self.values);
        let (self_term, floor, near_field) =
            (cached.kernel.self_term(), cached.kernel.floor(), cached.near_field);
        let sum = self.read(&grid, self_term, near_field);
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
        let least = floor * n as f64 * (n as f64 - 1.0);
        // No pair is farther apart than the farthest nodes, so Z is no less, however sparse the map and noisy the sum.
        (sum + least).max(least)
    }

    /// Nodes of the last grid.
    #[cfg(test)]
    pub(super) fn nodes(&self) -> usize {
        self.cached.last().map_or(0, |cached| cached.nodes.iter().product())
    }

    /// The spacing of the last grid.
    pub(super) fn spacing(&self) -> Option<f64> {
        self.cached.last().map(|cached| cached.spacing)
    }

    /// The spacing that it should have had, where there would have been too many nodes.
    pub(super) fn finer_spacing_wanted(&self) -> Option<f64> {
        self.wanted.filter(|&wanted| self.spacing().is_some_and(|used| used > wanted))
    }

    /// Brings the kernel and plans for `grid` to the end of the cache, made anew when they are not in it.
    fn prepare(&mut self, grid: &Grid, near_field: bool) {
        let fits = |cached: &Cached| {
            cached.spacing == grid.spacing
                && cached.nodes == grid.nodes
                && cached.near_field.is_some() == near_field
        };
        if let Some(at) = self.cached.iter().position(fits) {
            let found = self.cached.remove(at);
            self.cached.push(found);
            return;
        }
        if self.cached.len() == MOST_CACHED {
            self.cached.remove(0);
        }
        let near_field = near_field.then(|| NearField::new(CUTOFF * grid.spacing));
        let kernel = Kernel::new(grid.spacing, grid.nodes, near_field);
        let convolution = Convolution::new(grid.nodes);
        self.cached.push(Cached {
            spacing: grid.spacing,
            nodes: grid.nodes,
            near_field,
            kernel,
            convolution,
        });
    }

    fn read(&mut self, grid: &Grid, self_term: SelfTerm, near_field: Option<NearField>) -> f64 {
        let (values, width, bins) = (&self.values, grid.nodes[0], &self.bins);
        let sorted = bins.cells();
        self.readings.resize(sorted.len(), [0.0; 3]);
        let partials: Vec<[f64; 1]> = self
            .readings
            .par_chunks_mut(parallel::CHUNK)
            .zip(sorted.par_chunks(parallel::CHUNK))
            .enumerate()
            .map(|(chunk, (readings, points))| {
                simd::vectorized(
                    #[inline(always)]
                    || {
                        for (reading, &point) in readings.iter_mut().zip(points) {
                            *reading = read_point(values, width, point, grid.spacing as f32, self_term);
                        }
                    },
                );
                if let Some(near_field) = near_field {
                    near_field.add(bins, chunk * parallel::CHUNK, readings);
                }
                [readings.iter().map(|reading| f64::from(reading[0])).sum()]
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
    // Sums of each column first: four columns are a vector, and only the last sums go across it.
    let (mut columns, mut column_slopes) = ([0.0_f32; 4], [0.0_f32; 4]);
    for row in 0..4 {
        let start = (y.base + row) * width + x.base;
        for (column, &value) in values[start..start + 4].iter().enumerate() {
            columns[column] += y.weights[row] * value;
            column_slopes[column] += y.slopes[row] * value;
        }
    }
    let dot = |a: [f32; 4], b: [f32; 4]| (a[0] * b[0] + a[2] * b[2]) + (a[1] * b[1] + a[3] * b[3]);
    let (potential, slope_x, slope_y) =
        (dot(x.weights, columns), dot(x.slopes, columns), dot(x.weights, column_slopes));
    let (own_potential, [own_x, own_y]) = self_term.at(point);
    let scale = -0.5 / spacing;
    [potential - own_potential, scale * slope_x - own_x, scale * slope_y - own_y]
}
