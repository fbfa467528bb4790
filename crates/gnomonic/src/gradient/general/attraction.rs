//! Attraction along P, and the part of the divergence that P and the map share.

use super::student::Student;
use crate::affinities::Affinities;
use crate::gradient::space::Space;
use crate::parallel;
use crate::simd;
use rayon::prelude::*;

/// Writes Σ_j p_ij v_ij (y_i − y_j) for every point into `forces`, with v = 1 / (1 + r²/ν). O(entries of P · c).
pub(crate) fn forces(affinities: &Affinities, space: Space, positions: &[f32], forces: &mut [f32]) {
    let (c, student) = (space.n_components, Student::new(space));
    forces.par_chunks_mut(c * parallel::CHUNK).enumerate().for_each(|(chunk, forces)| {
        let first = chunk * parallel::CHUNK;
        // Loops whose number of rounds is known are unrolled.
        match c {
            1 => simd::vectorize!(pull(affinities, student, positions, first, forces, 1)),
            2 => simd::vectorize!(pull(affinities, student, positions, first, forces, 2)),
            3 => simd::vectorize!(pull(affinities, student, positions, first, forces, 3)),
            c => pull(affinities, student, positions, first, forces, c),
        }
    });
}

/// The pull on the points from `first` on.
#[inline(always)]
fn pull(
    affinities: &Affinities,
    student: Student,
    positions: &[f32],
    first: usize,
    forces: &mut [f32],
    c: usize,
) {
    for (row, force) in forces.chunks_exact_mut(c).enumerate() {
        let own = &positions[(first + row) * c..][..c];
        force.fill(0.0);
        let (columns, values) = affinities.row(first + row);
        for (&j, &p) in columns.iter().zip(values) {
            let other = &positions[j as usize * c..][..c];
            let mut squared = 0.0;
            for axis in 0..c {
                squared += (own[axis] - other[axis]) * (own[axis] - other[axis]);
            }
            let pull = p / (1.0 + squared * student.per_dof);
            for axis in 0..c {
                force[axis] += pull * (own[axis] - other[axis]);
            }
        }
    }
}

/// Σ p_ij ln(1 / w_ij) over P, in `f64`. O(entries of P · c).
pub(crate) fn cross_entropy(affinities: &Affinities, space: Space, positions: &[f32]) -> f64 {
    let c = space.n_components;
    let [sum] = parallel::sum(affinities.n_samples(), |rows| {
        let row = |i: usize| -> f64 {
            let own = &positions[i * c..][..c];
            let (columns, values) = affinities.row(i);
            let terms = columns.iter().zip(values).map(|(&j, &p)| {
                let pairs = own.iter().zip(&positions[j as usize * c..][..c]);
                let squared: f64 = pairs.map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum();
                f64::from(p) * (squared / space.dof).ln_1p()
            });
            terms.sum()
        };
        [rows.map(row).sum()]
    });
    space.power() * sum
}
