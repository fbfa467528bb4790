//! Attraction: each point is pulled towards those that it shares probability with.
//!
//! This is where most of a run's time goes: one visit to a neighbor's position for each entry of P.

use crate::affinities::Affinities;
use crate::parallel;
use crate::simd;
use rayon::prelude::*;

/// Independent sums per row, so that additions need not wait for each other.
const LANES: usize = 8;

/// Writes Σ_j p_ij w_ij (y_i − y_j) for every point into `forces`. Positions and forces are x₀, y₀, x₁, y₁, …
///
/// O(entries of P); the bits do not depend on the number of threads, since each row is summed by itself.
pub(crate) fn forces(affinities: &Affinities, positions: &[f32], forces: &mut [f32]) {
    let points = positions.as_chunks::<2>().0;
    let (forces, _) = forces.as_chunks_mut::<2>();
    forces.par_chunks_mut(parallel::CHUNK).enumerate().for_each(|(chunk, forces)| {
        simd::vectorized(|| {
            for (row, force) in forces.iter_mut().enumerate() {
                let i = chunk * parallel::CHUNK + row;
                let (columns, values) = affinities.row(i);
                *force = force_on(points[i], columns, values, points);
            }
        });
    });
}

#[inline(always)]
fn force_on([x, y]: [f32; 2], columns: &[u32], values: &[f32], points: &[[f32; 2]]) -> [f32; 2] {
    let (mut sum_x, mut sum_y) = ([0.0_f32; LANES], [0.0_f32; LANES]);
    let (column_blocks, column_tail) = columns.as_chunks::<LANES>();
    let (value_blocks, value_tail) = values.as_chunks::<LANES>();
    for (columns, values) in column_blocks.iter().zip(value_blocks) {
        let (mut dx, mut dy) = ([0.0_f32; LANES], [0.0_f32; LANES]);
        for lane in 0..LANES {
            let [other_x, other_y] = points[columns[lane] as usize];
            dx[lane] = x - other_x;
            dy[lane] = y - other_y;
        }
        for lane in 0..LANES {
            let pull = values[lane] / (1.0 + (dx[lane] * dx[lane] + dy[lane] * dy[lane]));
            sum_x[lane] += pull * dx[lane];
            sum_y[lane] += pull * dy[lane];
        }
    }
    for (lane, (&j, &value)) in column_tail.iter().zip(value_tail).enumerate() {
        let [other_x, other_y] = points[j as usize];
        let (dx, dy) = (x - other_x, y - other_y);
        let pull = value / (1.0 + (dx * dx + dy * dy));
        sum_x[lane] += pull * dx;
        sum_y[lane] += pull * dy;
    }
    [sum_x.iter().sum(), sum_y.iter().sum()]
}

/// Σ p_ij ln(1 + r²_ij): the part of the KL divergence that P and the map share. In `f64`.
pub(crate) fn cross_entropy(affinities: &Affinities, positions: &[f32]) -> f64 {
    let points = positions.as_chunks::<2>().0;
    let [sum] = parallel::sum(points.len(), |rows| {
        let mut sum = 0.0;
        for i in rows {
            let (columns, values) = affinities.row(i);
            for (&j, &value) in columns.iter().zip(values) {
                let dx = f64::from(points[i][0]) - f64::from(points[j as usize][0]);
                let dy = f64::from(points[i][1]) - f64::from(points[j as usize][1]);
                sum += f64::from(value) * (dx * dx + dy * dy).ln_1p();
            }
        }
        [sum]
    });
    sum
}
