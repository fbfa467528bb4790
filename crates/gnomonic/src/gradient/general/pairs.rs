//! Every pair, by the definition.

use super::student::{LANES, Student};
use crate::gradient::repulsion::{FAR, Repulsion};
use crate::gradient::space::Space;
use crate::parallel;
use crate::simd;
use rayon::prelude::*;

/// Points whose sums are formed in `f32` before they are added to those in `f64`.
const BLOCK: usize = 512;

/// The sum over all pairs: O(n² c).
pub(crate) struct Pairs {
    space: Space,
    /// The coordinates along each axis, filled up with points that are too far to weigh anything.
    columns: Vec<Vec<f32>>,
}

impl Pairs {
    pub(crate) fn new(space: Space) -> Self {
        Self { space, columns: vec![Vec::new(); space.n_components] }
    }

    fn take(&mut self, positions: &[f32]) {
        let c = self.space.n_components;
        let padded = (positions.len() / c).next_multiple_of(LANES);
        for (axis, column) in self.columns.iter_mut().enumerate() {
            column.clear();
            column.extend(positions.iter().skip(axis).step_by(c));
            column.resize(padded, FAR);
        }
    }
}

impl Repulsion for Pairs {
    fn forces(&mut self, positions: &[f32], forces: &mut [f32]) -> f64 {
        self.take(positions);
        let (c, student) = (self.space.n_components, Student::new(self.space));
        let columns = &self.columns;
        let partials: Vec<[f64; 1]> = forces
            .par_chunks_mut(c * parallel::CHUNK)
            .zip(positions.par_chunks(c * parallel::CHUNK))
            .map(|(forces, points)| {
                let mut normalizer = 0.0;
                for (force, point) in forces.chunks_exact_mut(c).zip(points.chunks_exact(c)) {
                    normalizer += match c {
                        1 => pushed::<1>(columns, student, point, force),
                        2 => pushed::<2>(columns, student, point, force),
                        3 => pushed::<3>(columns, student, point, force),
                        _ => push_in_many(columns, student, point, force),
                    };
                }
                [normalizer]
            })
            .collect();
        let [normalizer] = parallel::ordered_sum(&partials);
        normalizer
    }
}

/// [`push`] for the kernel at hand.
fn pushed<const C: usize>(columns: &[Vec<f32>], student: Student, point: &[f32], force: &mut [f32]) -> f64 {
    let point: [f32; C] = std::array::from_fn(|axis| point[axis]);
    if student.is_cauchy {
        simd::vectorize!(push::<C, true>(columns, student, point, force))
    } else {
        simd::vectorize!(push::<C, false>(columns, student, point, force))
    }
}

/// Writes Σ w v (y − y_j) and returns Σ w over all points but the point itself.
#[inline(always)]
fn push<const C: usize, const CAUCHY: bool>(
    columns: &[Vec<f32>],
    student: Student,
    point: [f32; C],
    force: &mut [f32],
) -> f64 {
    let (mut normalizer, mut sums) = (0.0_f64, [0.0_f64; C]);
    let blocks = columns[0].len() / LANES;
    let columns: [&[[f32; LANES]]; C] =
        std::array::from_fn(|axis| &columns[axis].as_chunks::<LANES>().0[..blocks]);
    for start in (0..blocks).step_by(BLOCK / LANES) {
        let (mut z, mut f) = ([0.0_f32; LANES], [[0.0_f32; LANES]; C]);
        for at in start..(start + BLOCK / LANES).min(blocks) {
            // One loop over the lanes, which compilers vectorize; several, over arrays between them, they do not.
            for lane in 0..LANES {
                let mut differences = [0.0_f32; C];
                let mut squared = 0.0;
                for axis in 0..C {
                    differences[axis] = point[axis] - columns[axis][at][lane];
                    squared += differences[axis] * differences[axis];
                }
                let [weight, push] = student.weight::<CAUCHY>(squared);
                z[lane] += weight;
                for axis in 0..C {
                    f[axis][lane] += push * differences[axis];
                }
            }
        }
        normalizer += z.iter().map(|&lane| f64::from(lane)).sum::<f64>();
        for axis in 0..C {
            sums[axis] += f[axis].iter().map(|&lane| f64::from(lane)).sum::<f64>();
        }
    }
    for axis in 0..C {
        force[axis] = sums[axis] as f32;
    }
    normalizer - 1.0
}
/// [`push`] in any number of dimensions.
fn push_in_many(columns: &[Vec<f32>], student: Student, point: &[f32], force: &mut [f32]) -> f64 {
    let (mut normalizer, mut sums) = (0.0_f64, vec![0.0_f64; point.len()]);
    for at in (0..columns[0].len()).step_by(LANES) {
        let mut squared = [0.0_f32; LANES];
        for (column, own) in columns.iter().zip(point) {
            for (squared, other) in squared.iter_mut().zip(&column[at..at + LANES]) {
                *squared += (own - other) * (own - other);
            }
        }
        let [weights, pushes] = student.weights(&squared);
        normalizer += weights.iter().map(|&weight| f64::from(weight)).sum::<f64>();
        for ((sum, column), own) in sums.iter_mut().zip(columns).zip(point) {
            let terms = pushes.iter().zip(&column[at..at + LANES]);
            *sum += terms.map(|(push, other)| f64::from(push * (own - other))).sum::<f64>();
        }
    }
    for (force, sum) in force.iter_mut().zip(sums) {
        *force = sum as f32;
    }
    normalizer - 1.0
}
