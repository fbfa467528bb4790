//! The field of one to three dimensions: a grid, and where points lie sparse a coarser one with their near pairs.
//!
//! As in [the field of two dimensions](crate::gradient::repulsion), unit charges are spread with cubic B-splines, convolved with the kernel
//! and read with the same splines. φ(x) = Σ_j w(|x − y_j|²) has the gradient −(ν + 1)/ν Σ_j w v (x − y_j), so one potential serves every ν.
//! Points stand in the order of the slabs of their nodes across the last axis: a slab is written by one thread, which takes the points of the
//! four slabs that reach it in their order, so the bits are the same on any number of threads.

use super::convolution::{Convolution, Nodes, Spectra};
use super::near::{Cubes, NearField};
use super::pairs::Pairs;
use super::resolution::{CUTOFF, Resolution, wanted};
use super::spectrum::Spectrum;
use crate::gradient::repulsion::Repulsion;
use crate::gradient::space::Space;
use crate::gradient::spline::{Spline, factors};
use crate::parallel;
use rayon::prelude::*;

/// Cells between the outermost point and the edge of the grid, for the splines' support.
const MARGIN: f64 = 1.5;

/// Grids whose spectrum and plans are kept: a map's edge moves back and forth over a step of the ladder of sizes.
const MOST_CACHED: usize = 3;

/// The field of maps of D dimensions.
pub(crate) struct Lattice<const D: usize> {
    space: Space,
    pairs: Pairs,
    /// The spacing that the last map should have had, and the one that it had.
    spacings: Option<[f64; 2]>,
    /// The most recently used last.
    cached: Vec<Cached>,
    /// Charges, then the potential; the first axis runs fastest.
    values: Vec<f32>,
    spectra: Spectra,
    slabs: Slabs<D>,
    cubes: Cubes<D>,
    /// φ − φ_self and the force, in the order of the slabs.
    readings: Vec<[f32; 4]>,
}

struct Cached {
    grid: Size,
    spectrum: Spectrum,
    convolution: Convolution,
}

/// What the spectrum depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Size {
    spacing: f64,
    nodes: Nodes,
    near_field: bool,
}

impl Size {
    fn near(&self, space: Space) -> Option<NearField> {
        self.near_field.then(|| NearField::new(space, CUTOFF * self.spacing))
    }
}

impl<const D: usize> Lattice<D> {
    /// D is from 1 to 3, and the dimensions of the space.
    pub(crate) fn new(space: Space) -> Self {
        Self {
            space,
            pairs: Pairs::new(space),
            spacings: None,
            cached: Vec::new(),
            values: Vec::new(),
            spectra: Spectra::default(),
            slabs: Slabs::default(),
            cubes: Cubes::default(),
            readings: Vec::new(),
        }
    }

    #[cfg(test)]
    pub(super) fn space(&self) -> Space {
        self.space
    }

    /// Brings what belongs to a size of grid to the end of the cache.
    fn prepare(&mut self, size: Size) {
        if let Some(at) = self.cached.iter().position(|cached| cached.grid == size) {
            let found = self.cached.remove(at);
            self.cached.push(found);
            return;
        }
        if self.cached.len() == MOST_CACHED {
            self.cached.remove(0);
        }
        self.cached.push(Cached {
            grid: size,
            spectrum: Spectrum::new(self.space, size.spacing, size.nodes, size.near(self.space)),
            convolution: Convolution::new(size.nodes),
        });
    }

    /// The sums by a grid of this spacing, with or without a near field.
    pub(super) fn by_grid(
        &mut self,
        points: &[[f32; D]],
        (low, spans): ([f64; D], [f64; D]),
        spacing: f64,
        near_field: bool,
        forces: &mut [[f32; D]],
    ) -> f64 {
        let n = points.len();
        // With a near field a coarse grid is as exact as a fine one.
        let wanted = if near_field { spacing } else { wanted::<D>(self.space) };
        self.spacings = Some([wanted, spacing]);
        let mut nodes = [1; 3];
        for (nodes, span) in nodes.iter_mut().zip(spans) {
            *nodes = ladder_size((span / spacing + MARGIN).floor() as usize + 5);
        }
        let origin = low.map(|low| low - MARGIN * spacing);
        let size = Size { spacing, nodes, near_field };
        self.prepare(size);
        self.slabs.sort(points, origin, spacing, nodes[D - 1]);
        self.values.resize(nodes.iter().product(), 0.0);
        self.slabs.spread(nodes, &mut self.values);
        let Some(cached) = self.cached.last() else { unreachable!("prepared above") };
        cached.convolution.apply(cached.spectrum.factors(), &mut self.values, &mut self.spectra);

        let (values, spectrum, cells) = (&self.values, &cached.spectrum, &self.slabs.cells);
        let scale = -(self.space.dof / (self.space.dof + 1.0) / spacing) as f32;
        self.readings.resize(n, [0.0; 4]);
        let partials: Vec<[f64; 1]> = self
            .readings
            .par_chunks_mut(parallel::CHUNK)
            .zip(cells.par_chunks(parallel::CHUNK))
            .map(|(readings, cells)| {
                let mut sum = 0.0;
                for (reading, &cell) in readings.iter_mut().zip(cells) {
                    *reading = read(values, nodes, cell, scale);
                    let own = spectrum.own().at(cell.map(f32::fract));
                    for (value, own) in reading.iter_mut().zip(own) {
                        *value -= own;
                    }
                    sum += f64::from(reading[0]);
                }
                [sum]
            })
            .collect();
        let [sum] = parallel::ordered_sum(&partials);
        let floor = spectrum.floor();
        let (places, readings) = (&self.slabs.places, &self.readings);
        forces.par_iter_mut().with_min_len(parallel::CHUNK).zip(places).for_each(|(force, &place)| {
            let reading = readings[place as usize];
            *force = std::array::from_fn(|axis| reading[axis + 1]);
        });
        let near = size.near(self.space);
        let near = near.map_or(0.0, |near| self.cubes.add(near, points, (low, spans), forces));
        // The grid carries w less its floor; the floor counts for every pair, and Z is no less.
        let least = floor * n as f64 * (n as f64 - 1.0);
        (sum + near + least).max(least)
    }
}

impl<const D: usize> Repulsion for Lattice<D> {
    fn forces(&mut self, positions: &[f32], forces: &mut [f32]) -> f64 {
        let points = positions.as_chunks::<D>().0;
        let Some((low, spans)) = extent(points) else {
            // All points are in one place: no direction to push in, and every weight is one.
            let n = points.len() as f64;
            forces.fill(0.0);
            self.spacings = None;
            return n * (n - 1.0);
        };
        match Resolution::of(self.space, points, low, spans) {
            Resolution::AllPairs => {
                self.spacings = None;
                self.pairs.forces(positions, forces)
            }
            Resolution::Grid { spacing, near_field } => {
                let forces = forces.as_chunks_mut::<D>().0;
                self.by_grid(points, (low, spans), spacing, near_field, forces)
            }
        }
    }

    fn spacing(&self) -> Option<f64> {
        self.spacings.map(|[_, used]| used)
    }

    fn finer_spacing_wanted(&self) -> Option<f64> {
        self.spacings.filter(|[wanted, used]| used > wanted).map(|[wanted, _]| wanted)
    }
}

/// The lowest coordinate along each axis, and how far the points reach from it; none when all are in one place.
pub(super) fn extent<const D: usize>(points: &[[f32; D]]) -> Option<([f64; D], [f64; D])> {
    let (mut low, mut high) = ([f32::INFINITY; D], [f32::NEG_INFINITY; D]);
    for point in points {
        for axis in 0..D {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    let spans: [f64; D] = std::array::from_fn(|axis| f64::from(high[axis]) - f64::from(low[axis]));
    let span = spans.iter().copied().fold(0.0, f64::max);
    let is_finite = low.iter().chain(&high).all(|end| end.is_finite());
    (span > 0.0 && is_finite).then(|| (low.map(f64::from), spans))
}

/// The least size from `least` up of a ladder whose steps are about an eighth and whose doubles have no prime factor beyond 5.
fn ladder_size(least: usize) -> usize {
    const STEPS: [usize; 7] = [8, 9, 10, 12, 15, 16, 18];
    let octave = (least.max(8) / 8).ilog2();
    let sizes = STEPS.iter().map(|&step| step << octave);
    sizes.into_iter().find(|&size| size >= least).unwrap_or(least)
}

/// The points in the order of the node, along the last axis, at which their splines begin.
struct Slabs<const D: usize> {
    /// Places in cells from the origin, in this order.
    cells: Vec<[f32; D]>,
    /// The place of each point in this order.
    places: Vec<u32>,
    /// Where the points of each slab begin, and the end of the last.
    starts: Vec<usize>,
}

impl<const D: usize> Default for Slabs<D> {
    fn default() -> Self {
        Self { cells: Vec::new(), places: Vec::new(), starts: Vec::new() }
    }
}

impl<const D: usize> Slabs<D> {
    fn sort(&mut self, points: &[[f32; D]], origin: [f64; D], spacing: f64, slabs: usize) {
        let per_spacing = 1.0 / spacing;
        let cell = |point: &[f32; D]| -> [f32; D] {
            std::array::from_fn(|axis| ((f64::from(point[axis]) - origin[axis]) * per_spacing) as f32)
        };
        let slab = |cell: &[f32; D]| cell[D - 1] as usize - 1;
        self.starts.clear();
        self.starts.resize(slabs + 1, 0);
        for point in points {
            self.starts[slab(&cell(point)) + 1] += 1;
        }
        for at in 0..slabs {
            self.starts[at + 1] += self.starts[at];
        }
        self.cells.resize(points.len(), [0.0; D]);
        self.places.resize(points.len(), 0);
        let mut next = self.starts.clone();
        for (point, place) in points.iter().zip(&mut self.places) {
            let cell = cell(point);
            let at = &mut next[slab(&cell)];
            (self.cells[*at], *place) = (cell, *at as u32);
            *at += 1;
        }
    }

    /// Spreads a unit charge for each point.
    fn spread(&self, nodes: Nodes, values: &mut [f32]) {
        let slab_nodes: usize = nodes[..D - 1].iter().product();
        // A slab of one node is little work for a task.
        let least = (4_096 / slab_nodes).max(1);
        values.par_chunks_mut(slab_nodes).enumerate().with_min_len(least).for_each(|(slab, values)| {
            values.fill(0.0);
            for begun in slab.saturating_sub(3)..=slab {
                for cell in &self.cells[self.starts[begun]..self.starts[begun + 1]] {
                    let weight = factors(cell[D - 1].fract()).0[slab - begun];
                    spread_on_slab::<D>(values, nodes, cell, weight);
                }
            }
        });
    }
}

/// Adds a charge of `weight` to the nodes of a slab around a place.
#[inline(always)]
fn spread_on_slab<const D: usize>(values: &mut [f32], nodes: Nodes, cell: &[f32; D], weight: f32) {
    if D == 1 {
        values[0] += weight;
        return;
    }
    let x = Spline::at(cell[0]);
    if D == 2 {
        for (value, own) in values[x.base..x.base + 4].iter_mut().zip(x.weights) {
            *value += weight * own;
        }
        return;
    }
    let y = Spline::at(cell[1]);
    for (row, across) in y.weights.into_iter().enumerate() {
        let start = (y.base + row) * nodes[0] + x.base;
        for (value, own) in values[start..start + 4].iter_mut().zip(x.weights) {
            *value += weight * across * own;
        }
    }
}

/// The potential at a place in cells, and `scale` times its slope along each axis.
#[inline(always)]
fn read<const D: usize>(values: &[f32], nodes: Nodes, cell: [f32; D], scale: f32) -> [f32; 4] {
    let splines: [([f32; 4], [f32; 4]); D] = std::array::from_fn(|axis| factors(cell[axis].fract()));
    let bases: [usize; D] = std::array::from_fn(|axis| cell[axis] as usize - 1);
    let mut result = [0.0; 4];
    let (rows, planes) = (if D > 1 { 4 } else { 1 }, if D > 2 { 4 } else { 1 });
    for plane in 0..planes {
        let (mut value, mut slope_x, mut slope_y) = (0.0_f32, 0.0_f32, 0.0_f32);
        for row in 0..rows {
            let mut start = bases[0];
            if D > 1 {
                start += (bases[1] + row) * nodes[0];
            }
            if D > 2 {
                start += (bases[2] + plane) * nodes[0] * nodes[1];
            }
            let (mut along, mut slope) = (0.0_f32, 0.0_f32);
            for (node, &value) in values[start..start + 4].iter().enumerate() {
                along += splines[0].0[node] * value;
                slope += splines[0].1[node] * value;
            }
            let (weight, steepness) = if D > 1 { (splines[1].0[row], splines[1].1[row]) } else { (1.0, 0.0) };
            value += weight * along;
            slope_x += weight * slope;
            slope_y += steepness * along;
        }
        let (weight, steepness) = if D > 2 { (splines[2].0[plane], splines[2].1[plane]) } else { (1.0, 0.0) };
        result[0] += weight * value;
        result[1] += weight * slope_x;
        result[2] += weight * slope_y;
        result[3] += steepness * value;
    }
    [result[0], scale * result[1], scale * result[2], scale * result[3]]
}
