use super::subspace::SymmetricOperator;
use super::*;
use crate::random::{Purpose, Random};
use crate::rows::{Distances, SparseMatrix};

/// Normal numbers with the deviations given, turned by nothing: the axes are the columns.
fn normal(n: usize, deviations: &[f64], seed: u64) -> Matrix {
    let mut random = Random::new(seed, Purpose::Synthesis);
    let values =
        (0..n).flat_map(|_| deviations).map(|deviation| (deviation * random.normal()) as f32).collect();
    Matrix::new(values, n, deviations.len()).unwrap()
}

fn assert_orthonormal(pca: &Pca, axes: usize) {
    let d = pca.mean.len();
    for i in 0..axes {
        for j in 0..=i {
            let overlap = symmetric::dot(&pca.axes[i * d..][..d], &pca.axes[j * d..][..d]);
            let expected = if i == j { 1.0 } else { 0.0 };
            assert!((overlap - expected).abs() < 1e-12, "{i} {j} {overlap}");
        }
    }
}

#[test]
fn iteration_and_direct_solution_agree() {
    let deviations: Vec<f64> = (0..300).map(|i| 3.0 / (1.0 + i as f64).sqrt()).collect();
    let x = normal(500, &deviations, 1);
    let mean = column_means(x.view());
    let covariance = Dense::new::<f64>(x.view(), &mean);
    let (direct_values, direct) = symmetric::eigenpairs(covariance.dense().unwrap().to_vec(), 300);
    for wanted in [1, 2, 50] {
        let pca = Pca::fit(&x, wanted, 7).unwrap();
        assert_orthonormal(&pca, wanted);
        for i in 0..wanted {
            assert!((pca.explained_variance[i] / direct_values[i] - 1.0).abs() < 1e-12);
            let overlap = symmetric::dot(&pca.axes[i * 300..][..300], &direct[i * 300..][..300]);
            assert!((overlap.abs() - 1.0).abs() < 1e-12, "{wanted} {i} {overlap}");
        }
    }
}

#[test]
fn rough_axes_are_nearly_the_axes() {
    let deviations: Vec<f64> = (0..130).map(|i| 30.0 * 0.9_f64.powi(i)).collect();
    let mut x = normal(2_000, &deviations, 5);
    // Far from the origin: what is lost there is lost before.
    x.as_mut_slice().iter_mut().for_each(|value| *value += 1e4);
    let (axes, rough) = (Pca::fit(&x, 20, 7).unwrap(), Pca::fit_roughly(x.view(), 20, 7).unwrap());
    for (a, b) in axes.explained_variance.iter().zip(&rough.explained_variance) {
        assert!((a - b).abs() < 1e-6 * axes.explained_variance[0], "{a} and {b}");
    }
    for i in 0..5 {
        let overlap = symmetric::dot(&axes.axes[i * 130..][..130], &rough.axes[i * 130..][..130]);
        assert!(overlap > 1.0 - 1e-6, "axis {i}: {overlap}");
    }
    let (scores, rough_scores) = (axes.transform(&x).unwrap(), axes.transform_roughly(x.view()).unwrap());
    for (score, rough) in scores.as_slice().iter().zip(rough_scores.as_slice()) {
        assert!((score - rough).abs() < 1e-4, "{score} and {rough}");
    }
}

#[test]
fn a_dominant_axis_does_not_drown_the_others() {
    let mut deviations = vec![1.0; 200];
    deviations[3] = 1e5;
    deviations[4] = 30.0;
    deviations[5] = 20.0;
    let pca = Pca::fit(&normal(400, &deviations, 2), 3, 1).unwrap();
    assert_orthonormal(&pca, 3);
    for (i, column) in [3, 4, 5].into_iter().enumerate() {
        assert!(pca.components.row(i)[column] > 0.98);
    }
}

#[test]
fn equal_variances_still_give_orthonormal_axes() {
    // A regular simplex: all variances are exactly equal.
    let mut x = Matrix::zeros(201, 201);
    (0..201).for_each(|i| x.as_mut_slice()[i * 201 + i] = 1.0);
    let pca = Pca::fit(&x, 5, 1).unwrap();
    assert_orthonormal(&pca, 5);
    for variance in pca.explained_variance() {
        assert!((variance - 1.0 / 200.0).abs() < 1e-14);
    }
}

#[test]
fn missing_directions_are_zero() {
    // Solved directly, by iteration, and wider than the covariance is formed.
    for d in [5, 200, 2_100] {
        let mut random = Random::new(3, Purpose::Synthesis);
        let (a, b): (Vec<f64>, Vec<f64>) = (0..d).map(|_| (random.normal(), random.normal())).unzip();
        let values = (0..6).flat_map(|i| {
            let (s, t) = (f64::from(i), f64::from(i * i));
            a.iter().zip(&b).map(move |(a, b)| (s * a + t * b) as f32).collect::<Vec<_>>()
        });
        // Multiples of small integers, so that f32 adds no third direction above its rounding.
        let values = values.map(|v| (v * 8.0).round() / 8.0).collect();
        let x = Matrix::new(values, 6, d).unwrap();
        let pca = Pca::fit(&x, 8, 1).unwrap();
        assert!(pca.explained_variance.iter().all(|v| v.is_finite()));
        // Six centered rows span five directions at most.
        assert!(pca.explained_variance[5..].iter().all(|&v| v == 0.0));
        assert!(pca.axes[5 * d..].iter().all(|&v| v == 0.0));
        let scores = pca.transform(&x).unwrap();
        assert!((0..6).all(|i| scores.row(i)[5..].iter().all(|&v| v == 0.0)));
        assert!(scores.as_slice().iter().all(|v| v.is_finite()));
    }
}

#[test]
fn degenerate_data_gives_zeros() {
    for x in [
        Matrix::new(vec![7.0; 40], 10, 4).unwrap(),
        Matrix::new(vec![3.0; 600], 2, 300).unwrap(),
        Matrix::new(vec![1.0, 2.0, 3.0], 1, 3).unwrap(),
    ] {
        let pca = Pca::fit(&x, 2, 1).unwrap();
        assert_eq!(pca.explained_variance, [0.0, 0.0]);
        assert!(pca.transform(&x).unwrap().as_slice().iter().all(|&v| v == 0.0));
    }
    let column = Matrix::new(vec![1.0, 2.0, 6.0], 3, 1).unwrap();
    let pca = Pca::fit(&column, 2, 1).unwrap();
    assert_eq!(pca.components.as_slice(), [1.0, 0.0]);
    assert_eq!(pca.transform(&column).unwrap().as_slice(), [-2.0, 0.0, -1.0, 0.0, 3.0, 0.0]);
}

#[test]
fn wide_data_is_projected_as_accurately_as_it_needs() {
    let deviations: Vec<f64> = (0..2_500).map(|i| if i < 5 { 40.0 - 4.0 * i as f64 } else { 1.0 }).collect();
    let x = normal(300, &deviations, 4);
    let pca = Pca::fit(&x, 5, 1).unwrap();
    assert_orthonormal(&pca, 5);
    // Judged by the residual |C·v − λ·v|.
    let covariance = Implicit::new(x.view(), &pca.mean);
    for (axis, &variance) in pca.axes.chunks_exact(2_500).zip(&pca.explained_variance) {
        let mut image = vec![0.0; 2_500];
        covariance.apply(axis, 1, &mut image);
        symmetric::add_scaled(&mut image, -variance, axis);
        assert!(symmetric::dot(&image, &image).sqrt() < 1e-6 * pca.explained_variance[0]);
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let deviations: Vec<f64> = (0..2_100).map(|i| 1.0 + (i % 17) as f64).collect();
    for d in [20, 300, 2_100] {
        let x = normal(1_200, &deviations[..d], 5);
        let results: Vec<_> = [1, 2, 5]
            .into_iter()
            .map(|threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
                pool.unwrap().install(|| {
                    let pca = Pca::fit(&x, 3, 1).unwrap();
                    let scores = pca.transform(&x).unwrap();
                    (pca, scores)
                })
            })
            .collect();
        assert!(results.iter().all(|result| *result == results[0]));
    }
}

#[test]
fn an_offset_costs_no_digits() {
    let deviations: Vec<f64> = (0..150).map(|i| if i < 2 { 8.0 - 3.0 * i as f64 } else { 0.5 }).collect();
    let x = normal(200, &deviations, 6);
    // Multiples of 1/64 below 2¹⁸ are exact in f32 before and after the shift.
    let rounded: Vec<f32> = x.as_slice().iter().map(|v| (v * 64.0).round() / 64.0).collect();
    let shifted: Vec<f32> = rounded.iter().map(|v| v + 200_000.0).collect();
    let here = Pca::fit(&Matrix::new(rounded, 200, 150).unwrap(), 2, 1).unwrap();
    let there = Pca::fit(&Matrix::new(shifted, 200, 150).unwrap(), 2, 1).unwrap();
    for (a, b) in here.axes.iter().zip(&there.axes) {
        assert!((a - b).abs() < 1e-8);
    }
}

#[test]
fn bad_input_is_named() {
    assert!(Pca::fit(&Matrix::zeros(0, 3), 2, 1).is_err());
    assert!(Pca::fit(&Matrix::zeros(3, 3), 0, 1).is_err());
    let pca = Pca::fit(&Matrix::zeros(3, 3), 1, 1).unwrap();
    let message = pca.transform(&Matrix::zeros(3, 2)).unwrap_err().to_string();
    assert!(message.starts_with("number of columns is 2; it must be 3"), "{message}");
}

/// Normal numbers of which a share is zero.
fn thinned(n: usize, deviations: &[f64], share: f64, seed: u64) -> Matrix {
    let mut x = normal(n, deviations, seed);
    let mut random = Random::new(seed + 1, Purpose::Synthesis);
    for value in x.as_mut_slice() {
        // Off the center, so that it matters whether the mean is taken out.
        *value = if random.uniform() < share { *value + 2.0 } else { 0.0 };
    }
    x
}

#[test]
fn sparse_rows_have_the_axes_of_dense_ones() {
    for (n, d) in [(300, 60), (200, 2_100)] {
        let deviations: Vec<f64> =
            (0..d).map(|i| if i < 3 { 30.0 / (1.0 + i as f64) } else { 0.1 }).collect();
        let x = thinned(n, &deviations, 0.2, 3);
        let sparse = SparseMatrix::from_dense(&x).unwrap();
        let (dense, pca) = (Pca::fit(&x, 3, 7).unwrap(), Pca::fit_sparse(&sparse, 3, 7).unwrap());
        let scores = pca.transform_sparse(&sparse).unwrap();
        for axis in 0..3 {
            let ratio = pca.explained_variance()[axis] / dense.explained_variance()[axis];
            assert!((ratio - 1.0).abs() < 1e-9, "{n} × {d}, axis {axis}: {ratio}");
            let largest = scores.view().rows().map(|row| row[axis].abs()).fold(0.0, f32::max);
            for (i, row) in dense.transform(&x).unwrap().view().rows().enumerate() {
                let found = scores.row(i)[axis];
                assert!((found - row[axis]).abs() < 1e-4 * largest, "row {i}: {found} for {}", row[axis]);
            }
        }
    }
    let message =
        Pca::fit_sparse(&SparseMatrix::from_dense(&Matrix::zeros(3, 3)).unwrap(), 0, 1).unwrap_err();
    assert!(message.to_string().starts_with("number of components is 0"), "{message}");
}

#[test]
fn classical_scaling_of_distances_between_rows_is_their_principal_components() {
    let x = normal(120, &[5.0, 2.0, 1.0], 5);
    let between = |i: usize, j: usize| {
        let squares = x.row(i).iter().zip(x.row(j)).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
        squares.sum::<f64>().sqrt() as f32
    };
    let pairs: Vec<f32> =
        (0..120).flat_map(|i| (i + 1..120).map(move |j| (i, j))).map(|(i, j)| between(i, j)).collect();
    let scaled = classical_scaling(Distances::condensed(&pairs).unwrap(), 4, 1);
    let scores = Pca::fit(&x, 3, 1).unwrap().transform(&x).unwrap();
    for axis in 0..3 {
        let sign = (scaled.row(0)[axis] * scores.row(0)[axis]).signum();
        for i in 0..120 {
            let (found, expected) = (sign * scaled.row(i)[axis], scores.row(i)[axis]);
            assert!((found - expected).abs() < 2e-3, "row {i}, axis {axis}: {found} for {expected}");
        }
    }
    // Three columns span no fourth axis.
    assert!(scaled.view().rows().all(|row| row[3].abs() < 0.02));
}

#[test]
fn landmarks_place_many_samples_as_all_would() {
    let x = normal(600, &[5.0, 2.0], 6);
    let between = |i: usize, j: usize| (x.row(i)[0] - x.row(j)[0]).hypot(x.row(i)[1] - x.row(j)[1]);
    let square = Matrix::new((0..360_000).map(|at| between(at / 600, at % 600)).collect(), 600, 600).unwrap();
    let distances = Distances::square(&square).unwrap();
    let scaled = classical_scaling(distances, 2, 1);
    for (i, j) in (0..600).map(|i| (i, (i * 7 + 1) % 600)) {
        let found = (scaled.row(i)[0] - scaled.row(j)[0]).hypot(scaled.row(i)[1] - scaled.row(j)[1]);
        assert!((found - between(i, j)).abs() < 1e-2, "{i} to {j}: {found} for {}", between(i, j));
    }
    assert_eq!(scaled, classical_scaling(distances, 2, 1));
    assert_ne!(scaled, classical_scaling(distances, 2, 2), "other landmarks, other rounding");
}
