//! Every pair, in vectors: the choice for small maps, and the judge of the others.

use super::Repulsion;
use crate::parallel;
use crate::simd;
use rayon::prelude::*;

/// Pairs handled together.
const LANES: usize = 16;

/// Vectors summed in `f32` before the sums are added up in `f64`: 32 additions cost at most 2e-6 of relative precision.
const BLOCK: usize = 32 * LANES;

/// Points whose forces one task computes.
const ROWS: usize = 64;

/// The sum over all pairs. Keeps the coordinates of all points apart, each axis in a row of its own.
#[derive(Default)]
pub(super) struct Exact {
    xs: Vec<f32>,
    ys: Vec<f32>,
}

/// Far enough that the weight of a padding point, 1 / (1 + 2e36), vanishes beside every sum, and near enough that its
/// square stays finite.
const FAR: f32 = 1e18;

impl Repulsion for Exact {
    fn forces(&mut self, positions: &[f32], forces: &mut [f32]) -> f64 {
        let n = positions.len() / 2;
        let (points, _) = positions.as_chunks::<2>();
        for (axis, values) in [&mut self.xs, &mut self.ys].into_iter().enumerate() {
            values.clear();
            values.extend(points.iter().map(|point| point[axis]));
            values.resize(n.next_multiple_of(LANES), FAR);
        }
        let (xs, ys) = (&self.xs, &self.ys);
        let (forces, _) = forces.as_chunks_mut::<2>();
        let partials: Vec<[f64; 1]> = forces
            .par_chunks_mut(ROWS)
            .enumerate()
            .map(|(chunk, forces)| {
                simd::vectorized(|| {
                    let mut normalizer = 0.0;
                    for (row, force) in forces.iter_mut().enumerate() {
                        let [z, fx, fy] = sums_of(points[chunk * ROWS + row], xs, ys);
                        // The point itself is among the pairs, with weight one and no force.
                        normalizer += z - 1.0;
                        *force = [fx as f32, fy as f32];
                    }
                    [normalizer]
                })
            })
            .collect();
        let [normalizer] = parallel::ordered_sum(&partials);
        normalizer
    }
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
