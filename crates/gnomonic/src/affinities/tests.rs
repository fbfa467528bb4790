use super::*;
use crate::matrix::Matrix;
use crate::neighbors::exact;
use crate::random::{Purpose, Random};

fn normal_neighbors(n: usize, k: usize) -> Neighbors {
    let mut random = Random::new(3, Purpose::Synthesis);
    let x = Matrix::new((0..n * 5).map(|_| random.normal() as f32).collect(), n, 5).unwrap();
    exact(&x, k).unwrap()
}

fn total(affinities: &Affinities) -> f64 {
    (0..affinities.n_samples()).flat_map(|i| affinities.row(i).1).map(|&p| f64::from(p)).sum()
}

#[test]
fn p_sums_to_one_and_is_symmetric() {
    let neighbors = normal_neighbors(3000, 30);
    let affinities = Affinities::from_neighbors(&neighbors, 10.0).unwrap();
    assert!((total(&affinities) - 1.0).abs() < 1e-6);
    for i in 0..affinities.n_samples() {
        let (columns, values) = affinities.row(i);
        assert!(columns.windows(2).all(|pair| pair[0] < pair[1]));
        for (&j, &p) in columns.iter().zip(values) {
            assert_eq!(affinities.get(j as usize, i), Some(p));
        }
    }
}

#[test]
fn every_row_has_the_entropy_asked_for() {
    for perplexity in [1.5, 5.0, 30.0, 59.0] {
        let neighbors = normal_neighbors(400, 60);
        let conditional = bandwidth::conditional_probabilities(&neighbors, perplexity);
        for row in conditional.chunks_exact(60) {
            let entropy: f64 =
                row.iter().filter(|p| **p > 0.0).map(|&p| -f64::from(p) * f64::from(p).ln()).sum();
            // The search is exact to 1e-9; rounding to f32 costs more.
            assert!((entropy - perplexity.ln()).abs() < 1e-5, "{entropy} for {perplexity}");
        }
    }
}

#[test]
fn entropies_out_of_reach_give_the_uniform_distribution() {
    // Three ties at the nearest distance cannot have perplexity 2; four neighbors cannot have perplexity 4.5.
    let neighbors = Neighbors::new(
        5,
        4,
        vec![1, 2, 3, 4, 0, 2, 3, 4, 0, 1, 3, 4, 0, 1, 2, 4, 0, 1, 2, 3],
        [1.0, 1.0, 1.0, 7.0].repeat(5),
    )
    .unwrap();
    let low = bandwidth::conditional_probabilities(&neighbors, 2.0);
    let third = 1.0_f32 / 3.0;
    assert_eq!(low[..4], [third, third, third, 0.0]);
    let high = bandwidth::conditional_probabilities(&neighbors, 4.5);
    assert_eq!(high[..4], [0.25; 4]);
}

#[test]
fn extreme_scales_are_calibrated_alike() {
    let neighbors = normal_neighbors(100, 20);
    let expected = bandwidth::conditional_probabilities(&neighbors, 7.0);
    for scale in [1e-30_f32, 1e25] {
        let (mut indices, mut distances) = (Vec::new(), Vec::new());
        for i in 0..100 {
            indices.extend_from_slice(neighbors.indices(i));
            distances.extend(neighbors.squared_distances(i).iter().map(|d| d * scale));
        }
        let scaled = Neighbors::new(100, 20, indices, distances).unwrap();
        for (a, b) in bandwidth::conditional_probabilities(&scaled, 7.0).iter().zip(&expected) {
            assert!((a - b).abs() < 1e-5, "{a} against {b} at scale {scale}");
        }
    }
}

#[test]
fn duplicates_share_their_row_evenly() {
    let x = Matrix::zeros(6, 2);
    let affinities = Affinities::from_neighbors(&exact(&x, 5).unwrap(), 2.0).unwrap();
    for i in 0..6 {
        assert!(affinities.row(i).1.iter().all(|&p| (p - 1.0 / 30.0).abs() < 1e-8));
    }
}

#[test]
fn foreign_matrices_are_checked() {
    let good = Affinities::new(vec![0, 1, 2], vec![1, 0], vec![3.0, 3.0]).unwrap();
    assert_eq!(good.row(0), (&[1][..], &[0.5][..]));
    assert!(Affinities::new(vec![0, 1, 2], vec![1, 0], vec![3.0, 2.0]).is_err(), "not symmetric");
    assert!(Affinities::new(vec![0, 1, 2], vec![0, 1], vec![1.0, 1.0]).is_err(), "diagonal");
    assert!(Affinities::new(vec![0, 2, 1], vec![1, 0], vec![1.0, 1.0]).is_err(), "starts");
    assert!(Affinities::new(vec![0, 1, 2], vec![1, 0], vec![-1.0, -1.0]).is_err(), "negative");
    assert!(Affinities::new(vec![0, 0, 0], vec![], vec![]).is_err(), "empty");
    assert!(Affinities::new(vec![], vec![], vec![]).is_err(), "no rows at all");
}

#[test]
fn perplexities_out_of_bounds_are_refused() {
    let neighbors = normal_neighbors(50, 10);
    for perplexity in [0.0, 0.9, -1.0, f64::NAN, f64::INFINITY, 50.0] {
        assert!(Affinities::from_neighbors(&neighbors, perplexity).is_err(), "{perplexity}");
    }
    assert_eq!(n_neighbors(30.0, 1000), 90);
    assert_eq!(n_neighbors(30.0, 50), 49);
    assert_eq!(n_neighbors(0.1, 50), 1);
}
