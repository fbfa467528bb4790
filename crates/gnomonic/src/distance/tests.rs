use super::*;
use crate::matrix::{Matrix, MatrixRef};
use crate::neighbors::{self, Found, NeighborMethod};
use crate::observer::Silent;
use crate::random::{Purpose, Random};

/// Each distance, the Minkowski distance with a power for each of its loops.
fn all() -> Vec<Distance> {
    let powers = [1.0, 1.5, 2.5, 3.0, 4.0, 7.0, 30.0].map(|p| Distance::Minkowski { p });
    Distance::ALL.into_iter().chain(powers).collect()
}

/// The definition, in `f64`. That of Mahalanobis needs all rows: it has a test of its own.
fn plain(distance: &Distance, a: &[f32], b: &[f32]) -> f64 {
    let wide = |row: &[f32]| -> Vec<f64> { row.iter().map(|&value| f64::from(value)).collect() };
    let (a, b) = (wide(a), wide(b));
    let sum = |term: &dyn Fn(f64, f64) -> f64| a.iter().zip(&b).map(|(&a, &b)| term(a, b)).sum::<f64>();
    let share =
        |numerator: f64, denominator: f64| if numerator == 0.0 { 0.0 } else { numerator / denominator };
    let cosine = |a: &[f64], b: &[f64]| {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        1.0 - dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    };
    let centered = |row: &[f64]| -> Vec<f64> {
        let mean = row.iter().sum::<f64>() / row.len() as f64;
        row.iter().map(|value| value - mean).collect()
    };
    match distance {
        Distance::SquaredEuclidean => sum(&|a, b| (a - b).powi(2)),
        Distance::Cosine => cosine(&a, &b),
        Distance::Correlation => cosine(&centered(&a), &centered(&b)),
        Distance::Manhattan => sum(&|a, b| (a - b).abs()),
        Distance::Chebyshev => a.iter().zip(&b).fold(0.0, |most, (a, b)| (a - b).abs().max(most)),
        Distance::Minkowski { p } => sum(&|a, b| (a - b).abs().powf(*p)).powf(1.0 / p),
        Distance::Canberra => sum(&|a, b| share((a - b).abs(), a.abs() + b.abs())),
        Distance::BrayCurtis => share(sum(&|a, b| (a - b).abs()), sum(&|a, b| (a + b).abs())),
        Distance::Hamming => sum(&|a, b| f64::from(a != b)) / a.len() as f64,
        Distance::Jaccard => share(
            sum(&|a, b| f64::from((a != 0.0) != (b != 0.0))),
            sum(&|a, b| f64::from(a != 0.0 || b != 0.0)),
        ),
        _ => sum(&|a, b| (a - b).powi(2)).sqrt(),
    }
}

/// Numbers of which a few are zero or whole, so that there are ties, and rows that come twice.
fn mixed(n: usize, d: usize, seed: u64) -> Matrix {
    let mut random = Random::new(seed, Purpose::Synthesis);
    let mut x = Matrix::zeros(n, d);
    for value in x.as_mut_slice() {
        *value = match random.below(4) {
            0 => 0.0,
            1 => random.below(3) as f32 + 1.0,
            _ => 3.0 * random.normal() as f32,
        };
    }
    for i in (7..n).step_by(11) {
        let copied = x.row(i - 5).to_vec();
        x.as_mut_slice()[i * d..(i + 1) * d].copy_from_slice(&copied);
    }
    x
}

fn found(x: &Matrix, k: usize, distance: &Distance) -> Found {
    neighbors::search(x.into(), k, distance, NeighborMethod::Auto, &mut Silent).unwrap()
}

/// Compares the squares of the distances, nearest first, with those of the definition, and the neighbors with their own distances.
fn assert_nearest(x: MatrixRef<'_>, found: &Found, distance: &Distance, tolerance: f64) {
    let (n, k) = (x.n_samples(), found.neighbors.k());
    for i in 0..n {
        let of = |j: usize| plain(distance, x.row(i), x.row(j)).max(0.0);
        let mut all: Vec<f64> = (0..n).filter(|&j| j != i).map(of).collect();
        all.sort_by(f64::total_cmp);
        let pairs = found.neighbors.indices(i).iter().zip(found.neighbors.squared_distances(i));
        for ((&j, &squared), &expected) in pairs.zip(&all[..k]) {
            let distance_found = f64::from(squared).sqrt();
            let near = |a: f64, b: f64| (a - b).abs() <= tolerance * b.abs().max(1e-3);
            assert!(near(distance_found, expected), "{distance}, row {i}: {distance_found}, not {expected}");
            assert!(near(distance_found, of(j as usize)), "{distance}: neighbor {j} of {i}");
        }
    }
}

#[test]
fn every_distance_is_that_of_a_plain_loop() {
    for (n, d) in [(4, 3), (150, 5), (90, 16), (60, 37), (70, 130)] {
        let x = mixed(n, d, n as u64);
        for distance in all().iter().filter(|distance| **distance != Distance::Mahalanobis) {
            // Rows are normalized in f32, whose rounding is a share of 1 and not of the distance.
            let tolerance = if distance.is_prepared() { 1e-4 } else { 1e-6 };
            let constant = |row: &[f32]| row.iter().all(|&value| value == row[0]);
            if distance.is_prepared() && x.view().rows().any(constant) {
                continue;
            }
            assert_nearest(x.view(), &found(&x, 9, distance), distance, tolerance);
        }
    }
}

#[test]
fn ties_are_ordered_by_index() {
    // Whole numbers, of which no distance loses a digit in f64 where it is a sum.
    let mut x = mixed(300, 6, 1);
    x.as_mut_slice().iter_mut().for_each(|value| *value = value.round());
    for distance in [
        Distance::Manhattan,
        Distance::Chebyshev,
        Distance::Hamming,
        Distance::Jaccard,
        Distance::BrayCurtis,
        Distance::SquaredEuclidean,
    ] {
        let found = found(&x, 40, &distance);
        for i in 0..300 {
            let mut expected: Vec<(f64, u32)> = (0..300)
                .filter(|&j| j != i)
                .map(|j| (plain(&distance, x.row(i), x.row(j)), j as u32))
                .collect();
            expected.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let expected: Vec<u32> = expected[..40].iter().map(|&(_, j)| j).collect();
            assert_eq!(found.neighbors.indices(i), expected, "{distance}, row {i}");
        }
    }
}

#[test]
fn mahalanobis_is_by_the_inverse_covariance() {
    // Two columns of covariance [[4, 2], [2, 2]] have the inverse [[0.5, -0.5], [-0.5, 1]].
    let mut random = Random::new(5, Purpose::Synthesis);
    let (n, offset) = (400, 1e4);
    let mut x = Matrix::zeros(n, 2);
    for row in x.as_mut_slice().chunks_exact_mut(2) {
        let (a, b) = (random.normal(), random.normal());
        row.copy_from_slice(&[(2.0 * a + offset) as f32, (1e-3 * (a + b)) as f32]);
    }
    let (mean, c) = crate::pca::covariance(x.view());
    assert!((mean[0] - offset).abs() < 1.0);
    let determinant = c[0] * c[3] - c[1] * c[2];
    let plain = |i: usize, j: usize| {
        let [u, v] = [0, 1].map(|column| f64::from(x.row(i)[column]) - f64::from(x.row(j)[column]));
        ((c[3] * u * u - 2.0 * c[1] * u * v + c[0] * v * v) / determinant).sqrt()
    };
    let found = found(&x, 12, &Distance::Mahalanobis);
    for i in 0..n {
        let mut all: Vec<f64> = (0..n).filter(|&j| j != i).map(|j| plain(i, j)).collect();
        all.sort_by(f64::total_cmp);
        for (squared, expected) in found.neighbors.squared_distances(i).iter().zip(all) {
            let distance = f64::from(*squared).sqrt();
            assert!((distance - expected).abs() < 1e-5 * expected.max(0.1), "{distance}, not {expected}");
        }
    }
}

#[test]
fn a_singular_covariance_names_its_column() {
    let mut x = mixed(50, 4, 2);
    for row in x.as_mut_slice().chunks_exact_mut(4) {
        row[2] = row[0] - 0.5 * row[1];
    }
    let refused = |x: &Matrix, distance| {
        neighbors::search(x.into(), 3, &distance, NeighborMethod::Auto, &mut Silent).unwrap_err().to_string()
    };
    let message = refused(&x, Distance::Mahalanobis);
    assert!(
        message.contains("singular at column 3") && message.contains("principal components"),
        "{message}"
    );
    assert!(refused(&mixed(5, 9, 3), Distance::Mahalanobis).contains("more rows than columns"));
    let mut x = mixed(50, 4, 2);
    x.as_mut_slice().chunks_exact_mut(4).for_each(|row| row[1] = 7.0);
    assert!(refused(&x, Distance::Mahalanobis).contains("singular at column 2"));
    // Another unit does not make a column a combination of others.
    let mut x = mixed(50, 4, 2);
    x.as_mut_slice().chunks_exact_mut(4).for_each(|row| row[1] *= 1e-9);
    assert!(
        neighbors::search((&x).into(), 3, &Distance::Mahalanobis, NeighborMethod::Auto, &mut Silent).is_ok()
    );
}

#[test]
fn rows_without_a_direction_are_named() {
    let mut x = mixed(20, 6, 4);
    x.as_mut_slice()[5 * 6..6 * 6].fill(0.0);
    let refused = |x: &Matrix, distance| {
        neighbors::search(x.into(), 3, &distance, NeighborMethod::Auto, &mut Silent).unwrap_err().to_string()
    };
    let message = refused(&x, Distance::Cosine);
    assert!(
        message.starts_with("row 6 holds zeros alone") && message.contains("another distance"),
        "{message}"
    );
    x.as_mut_slice()[5 * 6..6 * 6].fill(1e-3);
    assert!(neighbors::search((&x).into(), 3, &Distance::Cosine, NeighborMethod::Auto, &mut Silent).is_ok());
    assert!(refused(&x, Distance::Correlation).starts_with("row 6 is constant"));
    // Of the others, rows of zeros are rows like any.
    x.as_mut_slice()[5 * 6..7 * 6].fill(0.0);
    for distance in
        [Distance::BrayCurtis, Distance::Jaccard, Distance::Canberra, Distance::Minkowski { p: 3.0 }]
    {
        assert_nearest(x.view(), &found(&x, 19, &distance), &distance, 1e-6);
    }
    // Opposite rows have no Bray-Curtis distance.
    let opposite = Matrix::new(vec![1.0, -1.0, 2.0, 3.0], 4, 1).unwrap();
    let message = refused(&opposite, Distance::BrayCurtis);
    assert!(message.starts_with("the distance of row 1 to row 2 is inf"), "{message}");
}

#[test]
fn values_at_the_limits_keep_their_order() {
    for scale in [1e15_f32, 1e-16, 1e-30] {
        let mut x = mixed(80, 20, 6);
        let largest = x.as_slice().iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let one = x.clone();
        x.as_mut_slice().iter_mut().for_each(|value| *value *= scale / largest);
        for distance in [
            Distance::Cosine,
            Distance::Correlation,
            Distance::Manhattan,
            Distance::Chebyshev,
            Distance::Canberra,
            Distance::BrayCurtis,
            Distance::Minkowski { p: 3.0 },
            Distance::Minkowski { p: 40.0 },
        ] {
            let constant = |row: &[f32]| row.iter().all(|&value| value == row[0]);
            assert!(!one.view().rows().any(constant));
            let (found, expected) = (found(&x, 5, &distance), found(&one, 5, &distance));
            let same =
                (0..80).filter(|&i| found.neighbors.indices(i) == expected.neighbors.indices(i)).count();
            // Rounding of the scaled values may swap near ties.
            assert!(same >= 72, "{distance} at {scale}: {same} of 80 rows agree");
        }
    }
    // The square of a squared distance leaves the range before the values do.
    let far = Matrix::new(vec![0.0, 0.0, 0.0, 1e15, 1.0, 1.0, 1.0, -1e15], 4, 2).unwrap();
    let refused =
        neighbors::search((&far).into(), 3, &Distance::SquaredEuclidean, NeighborMethod::Auto, &mut Silent);
    assert!(refused.unwrap_err().to_string().contains("at most 1.8e19"));
}

#[test]
fn bits_do_not_depend_on_threads() {
    let x = mixed(300, 21, 7);
    for distance in all() {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| found(&x, 30, &distance))
        };
        let one = on(1);
        assert_eq!(one, on(2), "{distance}");
        assert_eq!(one, on(7), "{distance}");
    }
}

#[test]
fn a_function_finds_what_the_distance_does() {
    let x = mixed(200, 9, 8);
    let by = |i: usize, j: usize| plain(&Distance::Manhattan, x.row(i), x.row(j));
    let own = neighbors::exact_by(200, 15, by).unwrap();
    let expected = found(&x, 15, &Distance::Manhattan).neighbors;
    for i in 0..200 {
        assert_eq!(own.squared_distances(i).len(), 15);
        for (a, b) in own.squared_distances(i).iter().zip(expected.squared_distances(i)) {
            assert!((a - b).abs() <= 1e-6 * b);
        }
    }
    for (bad, text) in [(f64::NAN, "NaN"), (-1.0, "-1"), (f64::INFINITY, "inf"), (1e20, "1e20")] {
        let by = |i: usize, j: usize| if (i, j) == (3, 5) { bad } else { 1.0 };
        let message = neighbors::exact_by(9, 2, by).unwrap_err().to_string();
        assert!(message.starts_with(&format!("the distance of row 4 to row 6 is {text}")), "{message}");
    }
    assert!(neighbors::exact_by(1, 1, |_, _| 1.0).is_err());
    assert!(neighbors::exact_by(5, 0, |_, _| 1.0).is_err());
}

#[test]
fn names_are_read_as_they_are_written() {
    for distance in all() {
        assert_eq!(distance.to_string().parse::<Distance>().unwrap(), distance);
        assert_eq!(distance.to_string().to_uppercase().parse::<Distance>().unwrap(), distance);
    }
    for (name, distance) in [
        ("cityblock", Distance::Manhattan),
        ("l1", Distance::Manhattan),
        ("l2", Distance::Euclidean),
        ("minkowski", Distance::Minkowski { p: 2.0 }),
        ("squared_euclidean", Distance::SquaredEuclidean),
    ] {
        assert_eq!(name.parse::<Distance>().unwrap(), distance);
    }
    assert!("minkowski:0.5".parse::<Distance>().unwrap_err().to_string().contains("at least 1"));
    let message = "cosin".parse::<Distance>().unwrap_err().to_string();
    assert!(message.contains("\"cosin\"") && message.contains("cosine") && message.contains("minkowski:P"));
}
