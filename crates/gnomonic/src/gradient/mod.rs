//! The gradient of the KL divergence: attraction along P, repulsion between all pairs.
//!
//! With squared distances r² in the map, w = 1 / (1 + r²) and Z = Σ_{i≠j} w_ij:
//!
//! ```text
//! KL       = Σ p_ij ln p_ij + Σ p_ij ln(1 + r²_ij) + ln Z
//! dKL/dy_i = 4 (Σ_j p_ij w_ij (y_i − y_j) − (1/Z) Σ_j w_ij² (y_i − y_j))
//! ```
//!
//! (van der Maaten & Hinton 2008, JMLR 9:2579). Exaggeration multiplies the first sum; P itself is never changed.

pub(crate) mod attraction;
pub mod repulsion;

use crate::affinities::Affinities;
use crate::embedding::Embedding;
use crate::error::{ErrorKind, Result};

/// The gradient by its definition, in `f64`: the judge of every faster way.
///
/// Returns dKL/dy for each coordinate, point after point, and Z = Σ_{i≠j} 1 / (1 + r²_ij). Attraction is multiplied by
/// `exaggeration`. One thread, O(n²) work; meant for tests and small data.
///
/// # Errors
/// When P and the map differ in their numbers of points.
pub fn exact(affinities: &Affinities, embedding: &Embedding, exaggeration: f64) -> Result<(Vec<f64>, f64)> {
    let n = embedding.n_samples();
    if affinities.n_samples() != n {
        let (what, found) = ("rows of P", affinities.n_samples());
        return Err(ErrorKind::LengthMismatch { what, found, expected: n }.into());
    }
    let c = embedding.n_components();
    let difference = |i: usize, j: usize, axis: usize| {
        f64::from(embedding.row(i)[axis]) - f64::from(embedding.row(j)[axis])
    };
    let weight = |i, j| 1.0 / (1.0 + (0..c).map(|axis| difference(i, j, axis).powi(2)).sum::<f64>());
    let mut normalizer = 0.0;
    let mut repulsion = vec![0.0; n * c];
    let mut gradient = vec![0.0; n * c];
    for i in 0..n {
        for j in (0..n).filter(|&j| j != i) {
            let w = weight(i, j);
            normalizer += w;
            for axis in 0..c {
                repulsion[i * c + axis] += w * w * difference(i, j, axis);
            }
        }
        let (columns, values) = affinities.row(i);
        for (&j, &p) in columns.iter().zip(values) {
            let pull = exaggeration * f64::from(p) * weight(i, j as usize);
            for axis in 0..c {
                gradient[i * c + axis] += 4.0 * pull * difference(i, j as usize, axis);
            }
        }
    }
    for (gradient, repulsion) in gradient.iter_mut().zip(repulsion) {
        *gradient -= 4.0 * repulsion / normalizer;
    }
    Ok((gradient, normalizer))
}

#[cfg(test)]
mod tests;
