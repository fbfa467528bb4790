//! Every pair, in vectors: the choice for small maps, and the judge of the others.

#[cfg(target_arch = "x86_64")]
use super::avx512::Avx512;
use super::{FAR, Repulsion};
use crate::parallel;
use crate::simd;
use rayon::prelude::*;

/// Pairs handled together.
const LANES: usize = 16;

/// Vectors summed in `f32` before the sums are added up in `f64`: 32 additions cost at most 2e-6 of relative precision.
const BLOCK: usize = 32 * LANES;

/// Points whose forces one task computes.
const ROWS: usize = 64;

/// The sum over all pairs. Keeps its buffers.
#[derive(Default)]
pub(super) struct Exact {
    columns: Columns,
}

impl Repulsion for Exact {
    fn forces(&mut self, positions: &[f32], forces: &mut [f32]) -> f64 {
        self.columns.fill(positions);
        let columns = &self.columns;
        each_row(columns, forces.as_chunks_mut::<2>().0, Columns::sums)
    }
}

/// Points with each axis in a row of its own, padded to whole vectors.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Columns {
    xs: Vec<f32>,
    ys: Vec<f32>,
}

impl Columns {
    pub(super) fn of(positions: &[f32]) -> Self {
        let mut columns = Self::default();
        columns.fill(positions);
        columns
    }

    fn fill(&mut self, positions: &[f32]) {
        let (points, _) = positions.as_chunks::<2>();
        for (axis, values) in [&mut self.xs, &mut self.ys].into_iter().enumerate() {
            values.clear();
            values.extend(points.iter().map(|point| point[axis]));
            values.resize(points.len().next_multiple_of(LANES), FAR);
        }
    }

    /// Σ w, Σ w² (x − x_j) and Σ w² (y − y_j) over all points, `point` itself among them if it is one.
    #[inline]
    pub(super) fn sums(&self, point: [f32; 2]) -> [f64; 3] {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx512) = Avx512::new() {
            return avx512.all(point, &self.xs, &self.ys);
        }
        simd::vectorize!(sums_of(point, &self.xs, &self.ys))
    }
}

/// Calls `sums_of` with each point and all others, keeps the forces and returns Z.
fn each_row(
    columns: &Columns,
    forces: &mut [[f32; 2]],
    sums_of: impl Fn(&Columns, [f32; 2]) -> [f64; 3] + Sync,
) -> f64 {
    let partials: Vec<[f64; 1]> = forces
        .par_chunks_mut(ROWS)
        .enumerate()
        .map(|(chunk, forces)| {
            // A point is put far away while it is its own turn: its weight of one would drown the others' where they are far.
            let mut others = columns.clone();
            let mut normalizer = 0.0;
            for (row, force) in forces.iter_mut().enumerate() {
                let i = chunk * ROWS + row;
                let point = [columns.xs[i], columns.ys[i]];
                others.xs[i] = FAR;
                let [z, fx, fy] = sums_of(&others, point);
                others.xs[i] = point[0];
                normalizer += z;
                *force = [fx as f32, fy as f32];
            }
            [normalizer]
        })
        .collect();
    let [normalizer] = parallel::ordered_sum(&partials);
    normalizer
}

/// Σ w, Σ w² (x − x_j) and Σ w² (y − y_j) over all points.
#[inline(always)]
fn sums_of([x, y]: [f32; 2], xs: &[f32], ys: &[f32]) -> [f64; 3] {
    let mut sums = [0.0_f64; 3];
    for (xs, ys) in xs.chunks(BLOCK).zip(ys.chunks(BLOCK)) {
        let (mut z, mut fx, mut fy) = ([0.0_f32; LANES], [0.0_f32; LANES], [0.0_f32; LANES]);
        let (xs, ys) = (xs.as_chunks::<LANES>().0, ys.as_chunks::<LANES>().0);
        for (xs, ys) in xs.iter().zip(ys) {
            for lane in 0..LANES {
                let (dx, dy) = (x - xs[lane], y - ys[lane]);
                let weight = 1.0 / (1.0 + (dx * dx + dy * dy));
                z[lane] += weight;
                let square = weight * weight;
                fx[lane] += square * dx;
                fy[lane] += square * dy;
            }
        }
        for (sum, lanes) in sums.iter_mut().zip([z, fx, fy]) {
            *sum += lanes.iter().map(|&lane| f64::from(lane)).sum::<f64>();
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::super::tests::{clumps, errors, judge};
    use super::*;

    #[test]
    fn loops_without_intrinsics_are_exact_too() {
        for n in [2, 17, 700] {
            let positions = clumps(n, 40.0);
            let columns = Columns::of(&positions);
            let mut forces = vec![[f32::NAN; 2]; n];
            let normalizer = each_row(&columns, &mut forces, |columns, point| {
                simd::vectorize!(sums_of(point, &columns.xs, &columns.ys))
            });
            let (force_error, normalizer_error) =
                errors(forces.as_flattened(), normalizer, &judge(&positions));
            assert!(
                force_error < 2e-6 && normalizer_error < 1e-6,
                "{n}: {force_error:e} {normalizer_error:e}"
            );
        }
    }
}
