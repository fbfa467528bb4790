//! One grid for all points of a map: spread, convolve, read, and correct near pairs.

use super::bins::Bins;
use super::convolution::{Convolution, Spectra};
use super::grid::Grid;
use super::kernel::{Kernel, SelfTerm};
use super::near::NearField;
use super::resolution::{CUTOFF, Resolution, Survey};
use crate::gradient::spline::{LANES, SplineLanes};
use crate::parallel;
use crate::simd;
use rayon::prelude::*;

/// Grids whose kernel and plans are kept: a map's edge moves back and forth over a step of the ladder of sizes.
const MOST_CACHED: usize = 4;

/// The side of a tile in half cells: the near field's range, or whatever is good for the cache.
const NEAR_TILE: usize = (2.0 * CUTOFF) as usize;
pub(super) const GRID_TILE: usize = 8;

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
    spectra: Spectra,
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
        cached.convolution.apply(&cached.kernel, &mut self.values, &mut self.spectra);
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
                simd::vectorize!(read_all(values, width, points, grid.spacing as f32, self_term, readings));
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

/// Reads the field at every point.
#[inline(always)]
fn read_all(
    values: &[f32],
    width: usize,
    points: &[[f32; 2]],
    spacing: f32,
    self_term: SelfTerm,
    readings: &mut [[f32; 3]],
) {
    let mut places = [[0.0; 2]; LANES];
    for (points, readings) in points.chunks(LANES).zip(readings.chunks_mut(LANES)) {
        // Lanes without a point keep a place that had one, which is on the grid.
        places[..points.len()].copy_from_slice(points);
        if points.len() < LANES {
            places[points.len()..].fill(points[0]);
        }
        let read = read(values, width, &places, spacing, self_term);
        for (lane, reading) in readings.iter_mut().enumerate() {
            *reading = read.map(|values| values[lane]);
        }
    }
}

/// φ − φ_self, and x and y of −½ ∇φ less the self-force, at `places` in cells.
#[inline(always)]
fn read(
    values: &[f32],
    width: usize,
    places: &[[f32; 2]; LANES],
    spacing: f32,
    self_term: SelfTerm,
) -> [[f32; LANES]; 3] {
    let [x, y] = [0, 1].map(|axis| SplineLanes::at(&places.map(|place| place[axis])));
    let first: [usize; LANES] =
        std::array::from_fn(|lane| y.bases[lane] as usize * width + x.bases[lane] as usize);
    let mut sums = [[0.0_f32; LANES]; 3];
    for row in 0..4 {
        let mut nodes = [[0.0_f32; LANES]; 4];
        for lane in 0..LANES {
            let start = first[lane] + row * width;
            for (column, &value) in values[start..start + 4].iter().enumerate() {
                nodes[column][lane] = value;
            }
        }
        let (mut along, mut slope) = ([0.0_f32; LANES], [0.0_f32; LANES]);
        for column in 0..4 {
            for lane in 0..LANES {
                along[lane] += x.weights[column][lane] * nodes[column][lane];
                slope[lane] += x.slopes[column][lane] * nodes[column][lane];
            }
        }
        for lane in 0..LANES {
            sums[0][lane] += y.weights[row][lane] * along[lane];
            sums[1][lane] += y.weights[row][lane] * slope[lane];
            sums[2][lane] += y.slopes[row][lane] * along[lane];
        }
    }
    let scale = -0.5 / spacing;
    for lane in 0..LANES {
        let (own_potential, [own_x, own_y]) = self_term.at([x.fractions[lane], y.fractions[lane]]);
        sums[0][lane] -= own_potential;
        sums[1][lane] = scale * sums[1][lane] - own_x;
        sums[2][lane] = scale * sums[2][lane] - own_y;
    }
    sums
}
