//! Convolution of charges with an even kernel on a grid of up to three axes, by Fourier transforms.
//!
//! Each axis of more than one node is padded with as many zeros, so that the periodic convolution is the free one. Planes across the first
//! axis are transformed one frequency at a time: only these are ever padded, and rows of zeros are not transformed.

use rayon::prelude::*;
use realfft::num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

/// Lines that are copied together between two orders: 8 complex numbers fill a cache line.
const LINES: usize = 8;

/// Nodes along the three axes; an axis that a map does not have has one.
pub(super) type Nodes = [usize; 3];

/// The period along an axis of so many nodes.
pub(super) fn period(nodes: usize) -> usize {
    if nodes == 1 { 1 } else { 2 * nodes }
}

/// Frequencies of an even function along an axis of so many nodes.
pub(super) fn frequencies(nodes: usize) -> usize {
    period(nodes) / 2 + 1
}

/// Plans for one size of grid.
pub(super) struct Convolution {
    nodes: Nodes,
    forward_x: Arc<dyn RealToComplex<f32>>,
    inverse_x: Arc<dyn ComplexToReal<f32>>,
    forward: [Arc<dyn Fft<f32>>; 2],
    inverse: [Arc<dyn Fft<f32>>; 2],
}

/// What is between the transforms, kept from one call to the next: 16 bytes for each node.
#[derive(Debug, Default)]
pub(super) struct Spectra {
    /// Row after row along the first axis.
    rows: Vec<Complex32>,
    /// Plane after plane across it, without their padding.
    planes: Vec<Complex32>,
}

impl Convolution {
    pub(super) fn new(nodes: Nodes) -> Self {
        let mut real = RealFftPlanner::new();
        let mut complex = FftPlanner::new();
        let [_, y, z] = nodes.map(period);
        Self {
            nodes,
            forward_x: real.plan_fft_forward(2 * nodes[0]),
            inverse_x: real.plan_fft_inverse(2 * nodes[0]),
            forward: [complex.plan_fft_forward(y), complex.plan_fft_forward(z)],
            inverse: [complex.plan_fft_inverse(y), complex.plan_fft_inverse(z)],
        }
    }

    /// Replaces the charges in `values` by their potential. `spectrum` has a factor for each frequency, as [`Spectrum`](super::spectrum::Spectrum)
    /// lays them out.
    pub(super) fn apply(&self, spectrum: &[f32], values: &mut [f32], spectra: &mut Spectra) {
        let [nx, ny, nz] = self.nodes;
        // Every number is written before it is read.
        spectra.rows.resize(ny * nz * (nx + 1), Complex32::default());
        spectra.planes.resize(ny * nz * (nx + 1), Complex32::default());
        self.transform_rows(values, &mut spectra.rows);
        self.convolve_planes(spectrum, &spectra.rows, &mut spectra.planes);
        self.transform_rows_back(&spectra.planes, &mut spectra.rows, values);
    }

    fn transform_rows(&self, values: &[f32], rows: &mut [Complex32]) {
        let nx = self.nodes[0];
        let plan = &*self.forward_x;
        rows.par_chunks_mut(LINES * (nx + 1)).zip(values.par_chunks(LINES * nx)).for_each_init(
            || (plan.make_input_vec(), plan.make_scratch_vec()),
            |(input, scratch), (spectra, rows)| {
                for (spectrum, row) in spectra.chunks_exact_mut(nx + 1).zip(rows.chunks_exact(nx)) {
                    input[..nx].copy_from_slice(row);
                    input[nx..].fill(0.0);
                    let done = plan.process_with_scratch(input, spectrum, scratch);
                    debug_assert!(done.is_ok(), "the lengths are the plan's own");
                }
            },
        );
    }

    fn convolve_planes(&self, spectrum: &[f32], rows: &[Complex32], planes: &mut [Complex32]) {
        let [nx, ny, nz] = self.nodes;
        let (py, pz) = (period(ny), period(nz));
        let [along_y, along_z] = [&self.forward[0], &self.forward[1]];
        let [back_y, back_z] = [&self.inverse[0], &self.inverse[1]];
        let scratch_length = [along_y, along_z, back_y, back_z].map(|plan| plan.get_inplace_scratch_len());
        let scratch_length = scratch_length.into_iter().max().unwrap_or(0);
        let half = frequencies(ny) * frequencies(nz);
        planes.par_chunks_mut(ny * nz).enumerate().for_each_init(
            || {
                let zeros = |length| vec![Complex32::default(); length];
                (zeros(pz * py), zeros(py * pz), zeros(scratch_length))
            },
            |(by_z, by_y, scratch), (x, plane)| {
                let factors = &spectrum[x * half..(x + 1) * half];
                for (z, line) in by_z.chunks_exact_mut(py).take(nz).enumerate() {
                    for (y, value) in line[..ny].iter_mut().enumerate() {
                        *value = rows[(z * ny + y) * (nx + 1) + x];
                    }
                    line[ny..].fill(Complex32::default());
                    along_y.process_with_scratch(line, scratch);
                }
                for (y, line) in by_y.chunks_exact_mut(pz).enumerate() {
                    for (z, value) in line[..nz].iter_mut().enumerate() {
                        *value = by_z[z * py + y];
                    }
                    line[nz..].fill(Complex32::default());
                    along_z.process_with_scratch(line, scratch);
                    let factors = &factors[y.min(py - y) * frequencies(nz)..][..frequencies(nz)];
                    for (z, value) in line.iter_mut().enumerate() {
                        *value *= factors[z.min(pz - z)];
                    }
                    back_z.process_with_scratch(line, scratch);
                }
                for (z, line) in by_z.chunks_exact_mut(py).take(nz).enumerate() {
                    for (y, value) in line.iter_mut().enumerate() {
                        *value = by_y[y * pz + z];
                    }
                    back_y.process_with_scratch(line, scratch);
                    plane[z * ny..(z + 1) * ny].copy_from_slice(&line[..ny]);
                }
            },
        );
    }

    fn transform_rows_back(&self, planes: &[Complex32], rows: &mut [Complex32], values: &mut [f32]) {
        let [nx, ny, nz] = self.nodes;
        let plan = &*self.inverse_x;
        let chunks = rows.par_chunks_mut(LINES * (nx + 1)).zip(values.par_chunks_mut(LINES * nx));
        chunks.enumerate().for_each_init(
            || (plan.make_output_vec(), plan.make_scratch_vec()),
            |(output, scratch), (block, (spectra, rows))| {
                let (first, count) = (block * LINES, rows.len() / nx);
                for x in 0..=nx {
                    let line = &planes[x * ny * nz + first..][..count];
                    for (row, &value) in line.iter().enumerate() {
                        spectra[row * (nx + 1) + x] = value;
                    }
                }
                for (spectrum, row) in spectra.chunks_exact_mut(nx + 1).zip(rows.chunks_exact_mut(nx)) {
                    // Both ends are real in exact arithmetic, and the plan insists.
                    spectrum[0].im = 0.0;
                    spectrum[nx].im = 0.0;
                    let done = plan.process_with_scratch(spectrum, output, scratch);
                    debug_assert!(done.is_ok(), "the lengths are the plan's own");
                    row.copy_from_slice(&output[..nx]);
                }
            },
        );
    }
}
