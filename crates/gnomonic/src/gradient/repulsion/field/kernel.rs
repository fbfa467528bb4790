//! The kernel's spectrum on a grid, and what a point feels of its own charge through it.

use super::near::NearField;
use crate::gradient::spline::{self, Spline};
use rayon::prelude::*;
use realfft::RealFftPlanner;
use std::f64::consts::{PI, TAU};

/// The kernel w(r²) − w(r²_max) = (r²_max − r²) / ((1 + r²)(1 + r²_max)), where r_max is the farthest that two nodes can be:
/// formed so, a tiny map keeps all its digits, where w itself would round to one everywhere. The part taken away has no
/// gradient, and its share of Z is known.
pub(super) struct Kernel {
    /// For each of the `nodes[0] + 1` frequencies along x, the `2 · nodes[1]` along y: divided by the squared transform of
    /// the splines and by the number of nodes, which the inverse transform leaves out.
    spectrum: Vec<f32>,
    /// w(r²_max).
    floor: f64,
    self_term: SelfTerm,
}

impl Kernel {
    /// The kernel for a grid of `nodes`, zero-padded to twice its size, so that the periodic convolution is the free one; with
    /// a `near_field`, only what that leaves to the grid.
    pub(super) fn new(spacing: f64, nodes: [usize; 2], near_field: Option<NearField>) -> Self {
        let farthest = nodes.map(|nodes| (nodes as f64 * spacing).powi(2)).iter().sum::<f64>();
        let floor = 1.0 / (1.0 + farthest);
        let weight = |column: usize, row: usize| {
            let squared_distance = (column as f64 * spacing).powi(2) + (row as f64 * spacing).powi(2);
            if let Some(smooth) = near_field.and_then(|near| near.smooth(squared_distance)) {
                return smooth - floor;
            }
            (farthest - squared_distance) / ((1.0 + squared_distance) * (1.0 + farthest))
        };
        let exact = even_transform(nodes, weight);
        let [nx, ny] = nodes;
        let [splines_x, splines_y] =
            nodes.map(|n| (0..=n).map(|index| spline::transform(index, 2 * n)).collect::<Vec<_>>());
        let deconvolved = |x: usize, y: usize| {
            let spline = splines_x[x] * splines_y[y];
            exact[x * (ny + 1) + y] / (spline * spline * (4 * nx * ny) as f64)
        };
        let mut spectrum = vec![0.0; (nx + 1) * 2 * ny];
        spectrum.par_chunks_mut(2 * ny).enumerate().for_each(|(x, column)| {
            for (y, value) in column.iter_mut().enumerate() {
                *value = deconvolved(x, y.min(2 * ny - y)) as f32;
            }
        });
        let self_term = SelfTerm::new(spacing, nodes, deconvolved);
        Self { spectrum, floor, self_term }
    }

    /// The factors for frequency `x` along the first axis.
    pub(super) fn column(&self, x: usize, rows: usize) -> &[f32] {
        &self.spectrum[x * 2 * rows..(x + 1) * 2 * rows]
    }

    /// What was taken from the kernel: it counts for each ordered pair of points in Z.
    pub(super) fn floor(&self) -> f64 {
        self.floor
    }

    pub(super) fn self_term(&self) -> SelfTerm {
        self.self_term
    }
}

/// The transform of an even function, given at the nodes 0 ..= n of each axis of a grid of period 2n: real and even too.
/// Frequency (x, y) is at `x · (nodes[1] + 1) + y`.
fn even_transform(nodes: [usize; 2], value: impl Fn(usize, usize) -> f64 + Sync) -> Vec<f64> {
    let [nx, ny] = nodes;
    let mut planner = RealFftPlanner::<f64>::new();
    let (along_x, along_y) = (planner.plan_fft_forward(2 * nx), planner.plan_fft_forward(2 * ny));
    let transform = |plan: &dyn realfft::RealToComplex<f64>,
                     half: usize,
                     value: &dyn Fn(usize) -> f64,
                     out: &mut [f64]| {
        let mut input: Vec<f64> = (0..2 * half).map(|i| value(i.min(2 * half - i))).collect();
        let mut output = plan.make_output_vec();
        // The lengths are the plan's own, so it cannot refuse them.
        let done = plan.process(&mut input, &mut output);
        debug_assert!(done.is_ok());
        for (out, value) in out.iter_mut().zip(&output) {
            *out = value.re;
        }
    };
    let mut rows = vec![0.0; (ny + 1) * (nx + 1)];
    rows.par_chunks_mut(nx + 1)
        .enumerate()
        .for_each(|(y, row)| transform(&*along_x, nx, &|x| value(x, y), row));
    let mut columns = vec![0.0; (nx + 1) * (ny + 1)];
    columns
        .par_chunks_mut(ny + 1)
        .enumerate()
        .for_each(|(x, column)| transform(&*along_y, ny, &|y| rows[y * (nx + 1) + x], column));
    columns
}

/// What a point feels of its own charge: φ_self = c₀ + 2 c₁ (cos 2πu + cos 2πv) at place (u, v) in cells, and the force
/// that comes with it. One harmonic takes out nine tenths; what is left is far below the force's other errors.
#[derive(Clone, Copy, Debug)]
pub(super) struct SelfTerm {
    constant: f32,
    harmonic: f32,
    /// π c₁ / h.
    force: f32,
}

impl SelfTerm {
    /// Evaluates the self-potential at a node and half a cell from it.
    fn new(spacing: f64, [nx, ny]: [usize; 2], spectrum: impl Fn(usize, usize) -> f64 + Sync) -> Self {
        // The deconvolved kernel at offsets of 0 to 3 nodes: an inverse transform at sixteen places.
        let factors = |n: usize| -> Vec<[f64; 4]> {
            let factor = |frequency: usize, offset: usize| {
                let both_signs = if frequency == 0 || frequency == n { 1.0 } else { 2.0 };
                both_signs * (TAU * (offset * frequency) as f64 / (2 * n) as f64).cos()
            };
            (0..=n).map(|frequency| [0, 1, 2, 3].map(|offset| factor(frequency, offset))).collect()
        };
        let (along_x, along_y) = (factors(nx), factors(ny));
        let columns: Vec<[f64; 4]> = (0..=nx)
            .into_par_iter()
            .map(|x| {
                let mut sums = [0.0; 4];
                for (y, factors) in along_y.iter().enumerate() {
                    let value = spectrum(x, y);
                    for (sum, factor) in sums.iter_mut().zip(factors) {
                        *sum += value * factor;
                    }
                }
                sums
            })
            .collect();
        let mut kernel = [[0.0; 4]; 4];
        for (column, factors) in columns.iter().zip(&along_x) {
            for (kernel, factor) in kernel.iter_mut().zip(factors) {
                for (kernel, sum) in kernel.iter_mut().zip(column) {
                    *kernel += sum * factor;
                }
            }
        }
        let potential = |u: f32| {
            let (x, y) = (overlaps(u), overlaps(0.0));
            let pairs = (0..4).flat_map(|i| (0..4).map(move |j| (i, j)));
            pairs.map(|(i, j)| x[i] * y[j] * kernel[i][j]).sum::<f64>()
        };
        let harmonic = (potential(0.0) - potential(0.5)) / 4.0;
        let constant = potential(0.0) - 4.0 * harmonic;
        Self { constant: constant as f32, harmonic: harmonic as f32, force: (PI * harmonic / spacing) as f32 }
    }

    /// The self-potential and self-force at `place`, in cells.
    #[inline(always)]
    pub(super) fn at(self, place: [f32; 2]) -> (f32, [f32; 2]) {
        let mut potential = self.constant;
        let mut force = [0.0; 2];
        for axis in 0..2 {
            let (sine, cosine) = turn(place[axis]);
            potential += 2.0 * self.harmonic * cosine;
            force[axis] = self.force * sine;
        }
        (potential, force)
    }
}

/// Σ_a B_a B_{a+m} of the spline at fraction `u`, for m = 0 to 3, both signs of m counted.
fn overlaps(u: f32) -> [f64; 4] {
    let weights = Spline::at(1.0 + u).weights.map(f64::from);
    let mut sums = [0.0; 4];
    for (a, weight) in weights.iter().enumerate() {
        for (b, other) in weights.iter().enumerate() {
            sums[a.abs_diff(b)] += weight * other;
        }
    }
    sums
}

/// sin 2πu and cos 2πu, for u from 0 up, to 1.1e-3: of a self-term of a few percent, far below what one harmonic leaves out. The library's functions would cost as
/// much as reading the field.
#[inline(always)]
fn turn(u: f32) -> (f32, f32) {
    // A parabola through the sine's zeros and extremes, corrected once.
    let sine = |turns: f32| {
        // Conversion to an integer is one instruction everywhere; `floor` is a call on processors without SSE4.1.
        let x = turns - (turns as i32) as f32 - 0.5;
        let parabola = -16.0 * x * (0.5 - x.abs());
        parabola * (0.775 + 0.225 * parabola.abs())
    };
    (sine(u), sine(u + 0.25))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quick_sine_is_close() {
        for step in 0..1000 {
            let u = 3.0 + step as f32 / 1000.0;
            let (sine, cosine) = turn(u);
            let angle = std::f32::consts::TAU * u;
            assert!((sine - angle.sin()).abs() < 1.1e-3 && (cosine - angle.cos()).abs() < 1.1e-3, "{u}");
        }
    }
}
