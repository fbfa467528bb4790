//! The objective of t-SNE, exactly.

use super::{BLOCK, Columns, check_rows, sum_lanes};
use crate::affinities::Affinities;
use crate::error::Result;
use crate::matrix::MatrixRef;
use crate::parallel;
use crate::simd;

/// The Kullback-Leibler divergence of the map `y` (n × c) from the affinities, in nats: what t-SNE makes small.
///
/// ```text
/// KL = Σ p_ij ln(p_ij / q_ij)   q_ij = w_ij / Z   w_ij = 1 / (1 + |y_i − y_j|²)   Z = Σ_{i≠j} w_ij
/// ```
///
/// The sum of P is sparse; Z runs over all pairs, without approximation, in `f64`. O(n²·c) time, O(n·c) memory.
///
/// # Errors
/// When the numbers of rows differ, or a coordinate is not finite or beyond ±1e15.
pub fn kl_divergence<'a>(affinities: &Affinities, y: impl Into<MatrixRef<'a>>) -> Result<f64> {
    let y = y.into();
    check_rows("rows of the map", y.n_samples(), affinities.n_samples())?;
    y.check(2)?;
    let [entropy, attraction, total] =
        parallel::sum(y.n_samples(), |rows| rows.fold([0.0; 3], |sums, i| add_row(sums, affinities, y, i)));
    Ok(entropy + attraction + total * normalizer(y).ln())
}

/// Adds Σ p ln p, Σ p ln(1 / w) and Σ p of row i. P was rounded to `f32`, so its sum is only nearly one.
fn add_row(mut sums: [f64; 3], affinities: &Affinities, y: MatrixRef<'_>, i: usize) -> [f64; 3] {
    let (columns, values) = affinities.row(i);
    for (&j, &p) in columns.iter().zip(values) {
        if p > 0.0 {
            let p = f64::from(p);
            let pairs = y.row(i).iter().zip(y.row(j as usize));
            let squared_distance: f64 = pairs.map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum();
            sums[0] += p * p.ln();
            sums[1] += p * squared_distance.ln_1p();
            sums[2] += p;
        }
    }
    sums
}

/// Z, each pair once and doubled.
fn normalizer(y: MatrixRef<'_>) -> f64 {
    let n = y.n_samples();
    let columns = Columns::new(y, 0..n);
    let [half] = parallel::sum(n, |rows| {
        let mut scratch = vec![0.0; BLOCK];
        let mut sum = 0.0;
        for i in rows {
            for start in (i + 1..n).step_by(BLOCK) {
                let distances = &mut scratch[..BLOCK.min(n - start)];
                sum += simd::vectorize!({
                    columns.squared_distances(i, start, distances);
                    sum_lanes(distances, |squared_distance| 1.0 / (1.0 + squared_distance))
                });
            }
        }
        [sum]
    });
    2.0 * half
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::neighbors::exact;
    use crate::random::{Purpose, Random};

    fn normal(n: usize, d: usize, seed: u64) -> Matrix {
        let mut random = Random::new(seed, Purpose::Synthesis);
        Matrix::new((0..n * d).map(|_| 3.0 * random.normal() as f32).collect(), n, d).unwrap()
    }

    fn affinities(n: usize) -> Affinities {
        Affinities::from_neighbors(&exact(&normal(n, 5, 1), 30).unwrap(), 10.0).unwrap()
    }

    #[test]
    fn it_is_the_definition() {
        let n = 1_100;
        let (p, y) = (affinities(n), normal(n, 2, 2));
        let w = |i: usize, j: usize| {
            let squares = y.row(i).iter().zip(y.row(j)).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2));
            1.0 / (1.0 + squares.sum::<f64>())
        };
        let z: f64 = (0..n).map(|i| (0..n).filter(|&j| j != i).map(|j| w(i, j)).sum::<f64>()).sum();
        let mut expected = 0.0;
        for i in 0..n {
            let (columns, values) = p.row(i);
            for (&j, &value) in columns.iter().zip(values) {
                let value = f64::from(value);
                if value > 0.0 {
                    expected += value * (value / (w(i, j as usize) / z)).ln();
                }
            }
        }
        assert!((kl_divergence(&p, &y).unwrap() - expected).abs() < 1e-11);
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        let (p, y) = (affinities(1_300), normal(1_300, 2, 2));
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| kl_divergence(&p, &y).unwrap().to_bits())
        };
        assert!(on(1) == on(2) && on(1) == on(5));
    }

    #[test]
    fn a_map_of_one_point_compares_with_the_uniform_distribution() {
        let p = affinities(200);
        let kl = kl_divergence(&p, &Matrix::zeros(200, 2)).unwrap();
        // q = 1 / (n (n − 1)) for every pair.
        let expected = p.negative_entropy() + (200.0_f64 * 199.0).ln();
        assert!((kl - expected).abs() < 1e-5, "{kl} {expected}");
        assert!(kl_divergence(&p, &Matrix::zeros(199, 2)).is_err());
    }
}
