use super::*;
use crate::distance::Distance;
use crate::matrix::Matrix;
use crate::observer::Silent;
use crate::random::{Purpose, Random};

const DISTANCES: [Distance; 7] = [
    Distance::Euclidean,
    Distance::SquaredEuclidean,
    Distance::Cosine,
    Distance::Correlation,
    Distance::Manhattan,
    Distance::Hamming,
    Distance::Jaccard,
];

/// Rows of which a share of the values is stored; some of them are equal, and values are few, so that distances tie.
fn table(n: usize, d: usize, share: f64, seed: u64) -> Matrix {
    let mut random = Random::new(seed, Purpose::Synthesis);
    let mut data: Vec<f32> = (0..n * d)
        .map(|_| if random.uniform() < share { (random.below(9) as f32 - 4.0) * 0.3 } else { 0.0 })
        .collect();
    for i in 0..n {
        // No row of zeros, which has no direction.
        data[i * d + random.below(d)] = 1.5;
    }
    let copied = data[..3 * d].to_vec();
    data[5 * d..8 * d].copy_from_slice(&copied);
    Matrix::new(data, n, d).unwrap()
}

#[test]
fn sparse_rows_have_the_neighbors_of_dense_ones() {
    for (n, d, share) in [(150, 40, 0.1), (90, 300, 0.02), (60, 7, 0.6)] {
        let dense = table(n, d, share, 1);
        let sparse = SparseMatrix::from_dense(&dense).unwrap();
        for distance in DISTANCES {
            let found = super::sparse(&sparse, 12, &distance, &mut Silent).unwrap();
            assert_eq!((found.distance.as_ref(), found.n_features), (Some(&distance), Some(d)));
            let expected = crate::neighbors::search(
                (&dense).into(),
                12,
                &distance,
                crate::neighbors::NeighborMethod::Exact,
                &mut Silent,
            )
            .unwrap()
            .neighbors;
            for i in 0..n {
                let (given, wanted) = (found.neighbors.squared_distances(i), expected.squared_distances(i));
                for (at, (a, b)) in given.iter().zip(wanted).enumerate() {
                    assert!(
                        (a - b).abs() <= 2e-5 * b.max(1e-3),
                        "{distance}, row {i}, neighbor {at}: {a} for {b}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_result_is_that_of_a_plain_loop_also_between_equal_distances() {
    let dense = table(130, 30, 0.15, 2);
    let sparse = SparseMatrix::from_dense(&dense).unwrap();
    let value = |i: usize, j: usize| f64::from(dense.row(i)[j]);
    let manhattan = |a: usize, b: usize| (0..30).map(|j| (value(a, j) - value(b, j)).abs()).sum::<f64>();
    let expected = crate::neighbors::exact_by(130, 9, manhattan).unwrap();
    let found = super::sparse(&sparse, 9, &Distance::Manhattan, &mut Silent).unwrap();
    assert_eq!(found.neighbors, expected);
    let hamming = |a: usize, b: usize| (0..30).filter(|&j| value(a, j) != value(b, j)).count() as f64 / 30.0;
    let expected = crate::neighbors::exact_by(130, 9, hamming).unwrap();
    let found = super::sparse(&sparse, 9, &Distance::Hamming, &mut Silent).unwrap();
    assert_eq!(found.neighbors, expected);
    // A row's duplicate is at no distance, whatever its size.
    let found = super::sparse(&sparse, 9, &Distance::Euclidean, &mut Silent).unwrap();
    assert_eq!((found.neighbors.indices(5)[0], found.neighbors.squared_distances(5)[0]), (0, 0.0));
}

#[test]
fn zeros_that_are_stored_change_nothing() {
    let dense = table(40, 10, 0.3, 3);
    let sparse = SparseMatrix::from_dense(&dense).unwrap();
    let starts = (0..=40).map(|i| 10 * i).collect();
    let columns = (0..400).map(|at| at % 10).collect();
    let full = SparseMatrix::new(starts, columns, dense.as_slice().to_vec(), 10).unwrap();
    for distance in DISTANCES {
        let of = |x: &SparseMatrix| super::sparse(x, 5, &distance, &mut Silent).unwrap().neighbors;
        assert_eq!(of(&sparse).all_indices(), of(&full).all_indices(), "{distance}");
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let sparse = SparseMatrix::from_dense(&table(200, 50, 0.1, 4)).unwrap();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| super::sparse(&sparse, 15, &Distance::Cosine, &mut Silent).unwrap().neighbors)
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn rows_and_distances_that_sparse_tables_do_not_have_are_refused() {
    let empty = SparseMatrix::new(vec![0, 1, 1, 2], vec![0, 1], vec![1.0, 2.0], 2).unwrap();
    let refused =
        |distance: &Distance| super::sparse(&empty, 1, distance, &mut Silent).unwrap_err().to_string();
    assert!(refused(&Distance::Cosine).contains("row 2 holds zeros alone"));
    assert!(refused(&Distance::Correlation).contains("row 2 is constant"));
    assert!(
        refused(&Distance::Canberra).contains("canberra") && refused(&Distance::Canberra).contains("dense")
    );
    assert!(super::sparse(&empty, 1, &Distance::Euclidean, &mut Silent).is_ok());
}
