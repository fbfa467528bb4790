//! Classical scaling: what principal components are where only distances are known (Torgerson 1952, doi:10.1007/BF02288916), by way of
//! landmarks where there are many samples (de Silva & Tenenbaum 2004, *Sparse multidimensional scaling using landmark points*).

use super::symmetric;
use crate::matrix::Matrix;
use crate::random::{Purpose, Random};
use crate::rows::Distances;
use rayon::prelude::*;

/// Samples whose distances to all others place these. Up to as many samples the result is that of classical scaling.
const LANDMARKS: usize = 256;

/// Coordinates of n samples along `n_components` axes, n × c, whose Euclidean distances are like the given ones: for those of rows of a
/// table, the scores along the table's principal axes up to sign, exactly where there are at most 256 samples. Axes that the distances do not
/// span are zeros. O(n · 256 · c) time, beside an eigenproblem of 256 rows.
pub(crate) fn classical_scaling(distances: Distances<'_>, n_components: usize, seed: u64) -> Matrix {
    let n = distances.n_samples();
    let landmarks = landmarks(n, seed);
    let size = landmarks.len();
    let squared = |i: usize, j: usize| f64::from(distances.between(i, j)).powi(2);
    let table: Vec<f64> =
        landmarks.iter().flat_map(|&i| landmarks.iter().map(move |&j| squared(i, j))).collect();
    let means: Vec<f64> = table.chunks_exact(size).map(|row| row.iter().sum::<f64>() / size as f64).collect();
    let mean = means.iter().sum::<f64>() / size as f64;
    let products = (0..size * size).map(|at| {
        let (i, j) = (at / size, at % size);
        // The mean of both, where a distance and its mirror image differ by rounding.
        let squared = 0.5 * (table[at] + table[j * size + i]);
        -0.5 * (squared - means[i] - means[j] + mean)
    });
    let (values, vectors) = symmetric::eigenpairs(products.collect(), size);
    let rounding = values.first().map_or(0.0, |largest| largest.max(0.0) * f64::EPSILON * size as f64);
    let axes: Vec<(f64, Vec<f64>)> = values
        .iter()
        .zip(vectors.chunks_exact(size))
        .take(n_components)
        .map(|(&value, vector)| {
            let mut axis = vector.to_vec();
            super::orient(&mut axis);
            (if value > rounding { 1.0 / value.sqrt() } else { 0.0 }, axis)
        })
        .collect();
    let mut scores = Matrix::zeros(n, n_components);
    scores.as_mut_slice().par_chunks_mut(n_components).enumerate().for_each(|(i, scores)| {
        let to_landmarks: Vec<f64> = landmarks.iter().map(|&landmark| squared(i, landmark)).collect();
        for (score, (scale, axis)) in scores.iter_mut().zip(&axes) {
            let terms = axis.iter().zip(to_landmarks.iter().zip(&means));
            let sum: f64 = terms.map(|(loading, (squared, mean))| loading * (squared - mean)).sum();
            *score = (-0.5 * scale * sum) as f32;
        }
    });
    scores
}

/// Different samples, ascending: all where there are few.
fn landmarks(n: usize, seed: u64) -> Vec<usize> {
    let mut samples: Vec<usize> = (0..n).collect();
    if n > LANDMARKS {
        let mut random = Random::new(seed, Purpose::Landmarks);
        for i in 0..LANDMARKS {
            let j = i + random.below(n - i);
            samples.swap(i, j);
        }
        samples.truncate(LANDMARKS);
        samples.sort_unstable();
    }
    samples
}
