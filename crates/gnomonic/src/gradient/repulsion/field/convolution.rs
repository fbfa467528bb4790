//! Convolution with the kernel: one real transform forth, a product, one back.
//!
//! The grid is padded with as many zeros on each axis, and they are not transformed: rows of zeros are left out on the way
//! in, and rows that nobody reads on the way out.

use super::kernel::Kernel;
use rayon::prelude::*;
use realfft::num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftPlanner};
use std::fmt;
use std::sync::Arc;

/// Lines that are copied together between the two orders: 8 complex numbers fill a cache line.
const LINES: usize = 8;

/// Plans for one size of grid.
pub(super) struct Convolution {
    nodes: [usize; 2],
    forward_x: Arc<dyn RealToComplex<f32>>,
    inverse_x: Arc<dyn ComplexToReal<f32>>,
    forward_y: Arc<dyn Fft<f32>>,
    inverse_y: Arc<dyn Fft<f32>>,
}

/// What is between the transforms, for grids of any size: about 24 bytes for each node of the largest.
#[derive(Debug, Default)]
pub(super) struct Spectra {
    /// Row after row: `nodes[1]` rows of `nodes[0] + 1` frequencies.
    rows: Vec<Complex32>,
    /// Column after column: `nodes[0] + 1` columns of `2 · nodes[1]`.
    columns: Vec<Complex32>,
}

impl fmt::Debug for Convolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Convolution").field("nodes", &self.nodes).finish_non_exhaustive()
    }
}

impl Convolution {
    pub(super) fn new(nodes: [usize; 2]) -> Self {
        let [nx, ny] = nodes;
        let mut real = RealFftPlanner::new();
        let mut complex = FftPlanner::new();
        Self {
            nodes,
            forward_x: real.plan_fft_forward(2 * nx),
            inverse_x: real.plan_fft_inverse(2 * nx),
            forward_y: complex.plan_fft_forward(2 * ny),
            inverse_y: complex.plan_fft_inverse(2 * ny),
        }
    }

    /// Replaces the charges in `values`, row after row, by their potential.
    pub(super) fn apply(&self, kernel: &Kernel, values: &mut [f32], spectra: &mut Spectra) {
        let [nx, ny] = self.nodes;
        // Every number is written before it is read.
        spectra.rows.resize(ny * (nx + 1), Complex32::default());
        spectra.columns.resize((nx + 1) * 2 * ny, Complex32::default());
        self.transform_rows(values, &mut spectra.rows);
        self.convolve_columns(kernel, &spectra.rows, &mut spectra.columns);
        self.transform_rows_back(&spectra.columns, &mut spectra.rows, values);
    }

    fn transform_rows(&self, values: &[f32], rows: &mut [Complex32]) {
        let [nx, _] = self.nodes;
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

    fn convolve_columns(&self, kernel: &Kernel, rows: &[Complex32], columns: &mut [Complex32]) {
        let [nx, ny] = self.nodes;
        let (forward, inverse) = (&*self.forward_y, &*self.inverse_y);
        let scratch_length = forward.get_inplace_scratch_len().max(inverse.get_inplace_scratch_len());
        columns.par_chunks_mut(LINES * 2 * ny).enumerate().for_each_init(
            || vec![Complex32::default(); scratch_length],
            |scratch, (block, columns)| {
                let first = block * LINES;
                let count = columns.len() / (2 * ny);
                for y in 0..ny {
                    let line = &rows[y * (nx + 1) + first..][..count];
                    for (column, &value) in line.iter().enumerate() {
                        columns[column * 2 * ny + y] = value;
                    }
                }
                for (column, values) in columns.chunks_exact_mut(2 * ny).enumerate() {
                    values[ny..].fill(Complex32::default());
                    forward.process_with_scratch(values, scratch);
                    for (value, factor) in values.iter_mut().zip(kernel.column(first + column, ny)) {
                        *value *= factor;
                    }
                    inverse.process_with_scratch(values, scratch);
                }
            },
        );
    }

    fn transform_rows_back(&self, columns: &[Complex32], rows: &mut [Complex32], values: &mut [f32]) {
        let [nx, ny] = self.nodes;
        let plan = &*self.inverse_x;
        rows.par_chunks_mut(LINES * (nx + 1))
            .zip(values.par_chunks_mut(LINES * nx))
            .enumerate()
            .for_each_init(
                || (plan.make_output_vec(), plan.make_scratch_vec()),
                |(output, scratch), (block, (spectra, rows))| {
                    let first = block * LINES;
                    let count = rows.len() / nx;
                    for x in 0..=nx {
                        let line = &columns[x * 2 * ny + first..][..count];
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
