//! The divergence where Z over all pairs would take longer than the map: Z from some rows to all.

use gnomonic::{Affinities, MatrixRef, Result};
use rayon::prelude::*;

/// Points whose weights are summed in `f32` before they go into the `f64` sum.
const BLOCK: usize = 64;

/// The divergence of the map `y` from P with Z estimated from `rows` evenly spaced rows, and its standard error.
///
/// # Errors
/// When a coordinate is not finite.
pub(super) fn sampled(p: &Affinities, y: MatrixRef<'_>, rows: usize) -> Result<(f64, f64)> {
    y.check(2)?;
    let points: Vec<[f32; 2]> = y.rows().map(|row| [row[0], row[1]]).collect();
    let [entropy, cross, total] = sums_over_p(p, &points);
    let (normalizer, error) = normalizer(&points, rows);
    Ok((entropy + cross + total * normalizer.ln(), total * error / normalizer))
}

/// Σ p ln p, Σ p ln(1 + r²) and Σ p.
fn sums_over_p(p: &Affinities, points: &[[f32; 2]]) -> [f64; 3] {
    let row_sums = |i: usize| {
        let (columns, values) = p.row(i);
        let mut sums = [0.0; 3];
        for (&j, &p) in columns.iter().zip(values).filter(|&(_, &p)| p > 0.0) {
            let p = f64::from(p);
            let [dx, dy] =
                [0, 1].map(|axis| f64::from(points[i][axis]) - f64::from(points[j as usize][axis]));
            sums[0] += p * p.ln();
            sums[1] += p * (dx * dx + dy * dy).ln_1p();
            sums[2] += p;
        }
        sums
    };
    let all: Vec<[f64; 3]> = (0..points.len()).into_par_iter().map(row_sums).collect();
    all.iter().fold([0.0; 3], |sums, row| [0, 1, 2].map(|k| sums[k] + row[k]))
}

/// Z and its standard error: n times the mean over some rows of Σ_j 1 / (1 + r²_ij), j ≠ i.
fn normalizer(points: &[[f32; 2]], rows: usize) -> (f64, f64) {
    let n = points.len();
    let rows = rows.min(n);
    let sums: Vec<f64> = (0..rows)
        .into_par_iter()
        .map(|row| row_sum(points, (row as u128 * n as u128 / rows as u128) as usize))
        .collect();
    let mean = sums.iter().sum::<f64>() / rows as f64;
    let variance = sums.iter().map(|sum| (sum - mean).powi(2)).sum::<f64>() / (rows.max(2) - 1) as f64;
    // A sample of all rows has no error.
    let missing = 1.0 - rows as f64 / n as f64;
    (n as f64 * mean, n as f64 * (missing * variance / rows as f64).sqrt())
}

fn row_sum(points: &[[f32; 2]], i: usize) -> f64 {
    let [x, y] = points[i];
    let weights = |block: &[[f32; 2]]| {
        let weight = |other: &[f32; 2]| {
            let (dx, dy) = (x - other[0], y - other[1]);
            1.0 / (1.0 + (dx * dx + dy * dy))
        };
        let mut lanes = [0.0_f32; 8];
        let (groups, rest) = block.as_chunks::<8>();
        for group in groups {
            for (lane, other) in lanes.iter_mut().zip(group) {
                *lane += weight(other);
            }
        }
        f64::from(lanes.iter().sum::<f32>()) + rest.iter().map(|other| f64::from(weight(other))).sum::<f64>()
    };
    // The point itself has weight one.
    points.chunks(BLOCK).map(weights).sum::<f64>() - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use gnomonic::random::{Purpose, Random};
    use gnomonic::{Matrix, neighbors, quality};

    /// P of normal points in five columns, and a map of normal points.
    fn problem() -> (Affinities, Matrix) {
        let n = 3_000;
        let normal = |d: usize, seed| {
            let mut random = Random::new(seed, Purpose::Synthesis);
            Matrix::new((0..n * d).map(|_| 20.0 * random.normal() as f32).collect(), n, d).unwrap()
        };
        (
            Affinities::from_neighbors(&neighbors::exact(&normal(5, 1), 30).unwrap(), 10.0).unwrap(),
            normal(2, 2),
        )
    }

    #[test]
    fn all_rows_give_the_divergence_of_the_library() {
        let (p, y) = problem();
        let (kl, error) = sampled(&p, y.view(), usize::MAX).unwrap();
        assert_eq!(error, 0.0);
        assert!((kl - quality::kl_divergence(&p, &y).unwrap()).abs() < 1e-6);
    }

    #[test]
    fn a_tenth_of_the_rows_is_wrong_by_its_standard_error() {
        let (p, y) = problem();
        let exact = quality::kl_divergence(&p, &y).unwrap();
        let (kl, error) = sampled(&p, y.view(), 300).unwrap();
        assert!(error > 1e-3 && error < 0.1, "{error}");
        assert!((kl - exact).abs() < 4.0 * error, "{kl} {exact} {error}");
    }
}
