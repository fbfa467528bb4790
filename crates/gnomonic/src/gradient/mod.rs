//! The gradient of the KL divergence: attraction along P, repulsion between all pairs.
//!
//! With squared distances r² in the map, ν degrees of freedom, w = (1 + r²/ν)^−(ν+1)/2, v = 1 / (1 + r²/ν) and Z = Σ_{i≠j} w_ij:
//!
//! ```text
//! KL       = Σ p_ij ln p_ij + (ν + 1)/2 Σ p_ij ln(1 + r²_ij/ν) + ln Z
//! dKL/dy_i = 2 (ν + 1)/ν (Σ_j p_ij v_ij (y_i − y_j) − (1/Z) Σ_j w_ij v_ij (y_i − y_j))
//! ```
//!
//! (van der Maaten 2009, *Learning a parametric embedding by preserving local structure*; Kobak et al. 2020,
//! doi:10.1007/978-3-030-46150-8_8). For ν = 1, w and v are both 1 / (1 + r²) and the factor is 4: the t-SNE of van der Maaten & Hinton 2008,
//! JMLR 9:2579. Exaggeration multiplies the first sum; P itself is never changed.
//!
//! Two dimensions and ν = 1 have loops of their own, in `attraction` and `repulsion`; other maps take those of `general`.

pub(crate) mod space;
mod spline;
pub(crate) mod attraction;
pub(crate) mod general;
pub mod repulsion;

use crate::affinities::Affinities;
use crate::embedding::Embedding;
use crate::error::{ErrorKind, Result};
use space::Space;

/// The gradient by its definition, in `f64`: the judge of every faster way.
///
/// Returns dKL/dy for each coordinate, point after point, and Z = Σ_{i≠j} w_ij, for a map of any dimensions and `dof` degrees of freedom.
/// Attraction is multiplied by `exaggeration`. One thread, O(n² c) work; meant for tests and small data.
///
/// # Errors
/// When P and the map differ in their numbers of points.
pub fn exact(
    affinities: &Affinities,
    embedding: &Embedding,
    dof: f64,
    exaggeration: f64,
) -> Result<(Vec<f64>, f64)> {
    let n = embedding.n_samples();
    if affinities.n_samples() != n {
        let (what, found) = ("rows of P", affinities.n_samples());
        return Err(ErrorKind::LengthMismatch { what, found, expected: n }.into());
    }
    let c = embedding.n_components();
    let difference = |i: usize, j: usize, axis: usize| {
        f64::from(embedding.row(i)[axis]) - f64::from(embedding.row(j)[axis])
    };
    let space = Space { n_components: c, dof };
    let squared = |i, j| (0..c).map(|axis| difference(i, j, axis).powi(2)).sum::<f64>();
    let mut normalizer = 0.0;
    let mut repulsion = vec![0.0; n * c];
    let mut gradient = vec![0.0; n * c];
    for i in 0..n {
        for j in (0..n).filter(|&j| j != i) {
            let w = space.weight(squared(i, j));
            normalizer += w;
            for axis in 0..c {
                repulsion[i * c + axis] += w * space.pull(squared(i, j)) * difference(i, j, axis);
            }
        }
        let (columns, values) = affinities.row(i);
        for (&j, &p) in columns.iter().zip(values) {
            let pull = exaggeration * f64::from(p) * space.pull(squared(i, j as usize));
            for axis in 0..c {
                gradient[i * c + axis] += pull * difference(i, j as usize, axis);
            }
        }
    }
    for (gradient, repulsion) in gradient.iter_mut().zip(repulsion) {
        *gradient = space.gradient_factor() * (*gradient - repulsion / normalizer);
    }
    Ok((gradient, normalizer))
}

#[cfg(test)]
mod tests;
