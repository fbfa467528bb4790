//! Attraction: each point is pulled towards those that it shares probability with.
//!
//! This is where most of a run's time goes: one visit to a neighbor's position for each entry of P.

#[cfg(target_arch = "x86_64")]
mod avx512;

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
    #[cfg(target_arch = "x86_64")]
    if let Some(gather) = avx512::Gather::new(points) {
        each_row(affinities, points, forces, |point, columns, values| {
            gather.force_on(point, columns, values)
        });
        return;
    }
    portable_forces(affinities, points, forces);
}

/// Calls `force_on` with each point and its row of P.
fn each_row(
    affinities: &Affinities,
    points: &[[f32; 2]],
    forces: &mut [[f32; 2]],
    force_on: impl Fn([f32; 2], &[u32], &[f32]) -> [f32; 2] + Sync,
) {
    forces.par_chunks_mut(parallel::CHUNK).enumerate().for_each(|(chunk, forces)| {
        for (row, force) in forces.iter_mut().enumerate() {
            let i = chunk * parallel::CHUNK + row;
            let (columns, values) = affinities.row(i);
            *force = force_on(points[i], columns, values);
        }
    });
}

fn portable_forces(affinities: &Affinities, points: &[[f32; 2]], forces: &mut [[f32; 2]]) {
    each_row(affinities, points, forces, |point, columns, values| {
        simd::vectorized(|| force_on(point, columns, values, points))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Random};

    /// P with rows of 0 to 40 entries, and positions.
    fn problem() -> (Affinities, Vec<f32>) {
        let n = 41;
        let mut random = Random::new(51, Purpose::Synthesis);
        let positions = (0..2 * n).map(|_| 20.0 * random.normal() as f32).collect();
        // Point i is tied to all j with i + j ≥ n: one entry for the second, n − 1 for the last.
        let (mut starts, mut indices, mut values) = (vec![0], Vec::new(), Vec::new());
        for i in 0..n {
            for j in (0..n).filter(|&j| j != i && i + j >= n) {
                indices.push(j as u32);
                values.push(((i + 1) * (j + 1)) as f32);
            }
            starts.push(indices.len());
        }
        (Affinities::new(starts, indices, values).unwrap(), positions)
    }

    #[test]
    fn rows_of_every_length_agree_with_a_plain_loop() {
        let (affinities, positions) = problem();
        let points = positions.as_chunks::<2>().0;
        let mut chosen = vec![f32::NAN; positions.len()];
        forces(&affinities, &positions, &mut chosen);
        let mut portable = vec![[f32::NAN; 2]; points.len()];
        portable_forces(&affinities, points, &mut portable);
        for i in 0..points.len() {
            let (columns, values) = affinities.row(i);
            let mut expected = [0.0_f64; 2];
            let mut size = 1e-30_f64;
            for (&j, &p) in columns.iter().zip(values) {
                let d = [0, 1].map(|axis| f64::from(points[i][axis]) - f64::from(points[j as usize][axis]));
                let pull = f64::from(p) / (1.0 + d[0] * d[0] + d[1] * d[1]);
                for axis in 0..2 {
                    expected[axis] += pull * d[axis];
                    size += (pull * d[axis]).abs();
                }
            }
            for axis in 0..2 {
                assert!((f64::from(chosen[2 * i + axis]) - expected[axis]).abs() < 1e-6 * size, "row {i}");
                assert!((f64::from(portable[i][axis]) - expected[axis]).abs() < 1e-6 * size, "row {i}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "of 2")]
    fn rows_beyond_the_points_are_never_read() {
        let (affinities, positions) = problem();
        forces(&affinities, &positions[..4], &mut [0.0; 82]);
    }
}
