use super::*;
use crate::matrix::Matrix;
use crate::neighbors::exact;
use crate::random::{Purpose, Random};

fn normal_neighbors(n: usize, k: usize) -> Neighbors {
    let mut random = Random::new(3, Purpose::Synthesis);
    let x = Matrix::new((0..n * 5).map(|_| random.normal() as f32).collect(), n, 5).unwrap();
    exact(&x, k).unwrap()
}

fn conditional_probabilities(neighbors: &Neighbors, perplexity: impl Into<Affinity>) -> Vec<f32> {
    let mut values = neighbors.all_squared_distances().to_vec();
    bandwidth::to_conditional_probabilities(&mut values, neighbors.k(), &perplexity.into());
    values
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
fn stripes_for_more_threads_make_the_same_p() {
    let neighbors = normal_neighbors(6000, 10);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Affinities::from_neighbors(&neighbors, 3.0).unwrap())
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn more_rounds_make_the_same_p() {
    let neighbors = normal_neighbors(9000, 7);
    let values = conditional_probabilities(&neighbors, 3.0);
    let conditional =
        Conditional { n_samples: 9000, k: 7, indices: neighbors.all_indices(), values: &values };
    let few = symmetrize::symmetrize_in(1, conditional);
    for rounds in [4, 16] {
        assert_eq!(symmetrize::symmetrize_in(rounds, conditional), few, "{rounds} rounds");
    }
    let rounds = [70_000, 1_000_000, 5_000_000, 10_000_000, usize::MAX].map(symmetrize::rounds);
    assert_eq!(rounds, [2, 4, 9, 16, 16]);
}

/// Several stripes, and rows that nobody names.
#[test]
fn p_is_the_mean_of_both_directions() {
    let (n, k) = (5000, 4);
    let mut random = Random::new(4, Purpose::Synthesis);
    let indices: Vec<u32> = (0..n * k)
        .map(|at| (4 * random.below((n - 8) / 4) + at % k + if at / k >= n - 8 { 0 } else { 8 }) as u32)
        .collect();
    let foreign = |i: usize| indices[i * k..(i + 1) * k].contains(&(i as u32));
    let indices: Vec<u32> = indices
        .chunks_exact(k)
        .enumerate()
        .flat_map(|(i, row)| if foreign(i) { vec![0, 1, 2, 3] } else { row.to_vec() })
        .collect();
    let distances: Vec<f32> = (0..n * k).map(|_| random.uniform() as f32).collect();
    let neighbors = Neighbors::new(n, k, indices, distances).unwrap();
    let conditional = conditional_probabilities(&neighbors, 2.0);
    let mut expected = std::collections::BTreeMap::<(usize, usize), f64>::new();
    for i in 0..n {
        for (&j, &value) in neighbors.indices(i).iter().zip(&conditional[i * k..]) {
            for pair in [(i, j as usize), (j as usize, i)] {
                *expected.entry(pair).or_default() += f64::from(value) / (2 * n) as f64;
            }
        }
    }
    // What vanishes in `f32` is left out.
    expected.retain(|_, value| *value as f32 > 0.0);
    let affinities = Affinities::from_neighbors(&neighbors, 2.0).unwrap();
    assert_eq!(affinities.n_entries(), expected.len());
    for ((i, j), value) in expected {
        assert!((f64::from(affinities.get(i, j).unwrap()) - value).abs() < 1e-6 * value + 1e-44);
    }
    assert_eq!(affinities, Affinities::from_owned_neighbors(neighbors, &2.0.into()).unwrap());
}

#[test]
fn every_row_has_the_entropy_asked_for() {
    for perplexity in [1.5, 5.0, 30.0, 59.0] {
        let neighbors = normal_neighbors(400, 60);
        let conditional = conditional_probabilities(&neighbors, perplexity);
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
    let low = conditional_probabilities(&neighbors, 2.0);
    let third = 1.0_f32 / 3.0;
    assert_eq!(low[..4], [third, third, third, 0.0]);
    let high = conditional_probabilities(&neighbors, 4.5);
    assert_eq!(high[..4], [0.25; 4]);
}

#[test]
fn extreme_scales_are_calibrated_alike() {
    let neighbors = normal_neighbors(100, 20);
    let expected = conditional_probabilities(&neighbors, 7.0);
    for scale in [1e-30_f32, 1e25] {
        let (mut indices, mut distances) = (Vec::new(), Vec::new());
        for i in 0..100 {
            indices.extend_from_slice(neighbors.indices(i));
            distances.extend(neighbors.squared_distances(i).iter().map(|d| d * scale));
        }
        let scaled = Neighbors::new(100, 20, indices, distances).unwrap();
        for (a, b) in conditional_probabilities(&scaled, 7.0).iter().zip(&expected) {
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

#[test]
fn several_perplexities_are_averaged() {
    let neighbors = normal_neighbors(300, 60);
    let each = [5.0, 20.0].map(|perplexity| conditional_probabilities(&neighbors, perplexity));
    let mean = conditional_probabilities(&neighbors, Affinity::Multiscale(vec![5.0, 20.0]));
    for ((p, q), mean) in each[0].iter().zip(&each[1]).zip(&mean) {
        assert!((0.5 * (p + q) - mean).abs() < 1e-7, "{p}, {q}: {mean}");
    }
    for kind in
        [Affinity::Multiscale(vec![20.0]), Affinity::Mixture(vec![20.0]), Affinity::Mixture(vec![20.0; 3])]
    {
        let same = conditional_probabilities(&neighbors, kind);
        assert!(same.iter().zip(&each[1]).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}

/// Against the definition, with bandwidths that a plain bisection finds.
#[test]
fn a_mixture_is_one_kernel() {
    let neighbors = normal_neighbors(200, 45);
    let mixture = conditional_probabilities(&neighbors, Affinity::Mixture(vec![3.0, 15.0]));
    for i in 0..200 {
        let distances: Vec<f64> = neighbors.squared_distances(i).iter().map(|&d| f64::from(d)).collect();
        let mut kernel = vec![0.0; 45];
        for perplexity in [3.0_f64, 15.0] {
            let (mut low, mut high) = (-20.0_f64, 20.0_f64);
            for _ in 0..80 {
                let beta = (0.5 * (low + high)).exp();
                let weights: Vec<f64> = distances.iter().map(|d| (-beta * d).exp()).collect();
                let total: f64 = weights.iter().sum();
                let entropy: f64 =
                    weights.iter().filter(|w| **w > 0.0).map(|w| -w / total * (w / total).ln()).sum();
                if entropy > perplexity.ln() { low = beta.ln() } else { high = beta.ln() }
            }
            let beta = (0.5 * (low + high)).exp();
            for (kernel, d) in kernel.iter_mut().zip(&distances) {
                *kernel += beta.sqrt() * (-beta * d).exp();
            }
        }
        let total: f64 = kernel.iter().sum();
        for (expected, found) in kernel.iter().zip(&mixture[i * 45..]) {
            assert!(
                (expected / total - f64::from(*found)).abs() < 1e-6,
                "row {i}: {} {found}",
                expected / total
            );
        }
    }
}

#[test]
fn a_fixed_bandwidth_is_that_of_every_row() {
    let neighbors = normal_neighbors(200, 25);
    let bandwidth = 0.8;
    let values = conditional_probabilities(&neighbors, Affinity::Fixed { bandwidth, k: 25 });
    for i in 0..200 {
        let weights: Vec<f64> = neighbors
            .squared_distances(i)
            .iter()
            .map(|&d| (-f64::from(d) / (2.0 * bandwidth * bandwidth)).exp())
            .collect();
        let total: f64 = weights.iter().sum();
        for (weight, found) in weights.iter().zip(&values[i * 25..]) {
            assert!((weight / total - f64::from(*found)).abs() < 1e-6);
        }
    }
}

/// Ties, duplicates and bandwidths beyond all scales: rows sum to one, and nothing is NaN.
#[test]
fn every_kind_makes_distributions_of_degenerate_rows() {
    let rows = [
        [0.0, 0.0, 0.0, 0.0],
        [1.0, 1.0, 1.0, 7.0],
        [0.0, 1e-30, 1e30, 2e30],
        [1e-44, 1e-44, 2e-44, 1.0],
        [3.0; 4],
    ];
    for text in [
        "multiscale:1,2,4",
        "mixture:1,2,4",
        "mixture:2,4",
        "uniform:4",
        "fixed:1e-200,4",
        "fixed:1e200,4",
        "fixed:1,4",
    ] {
        let mut values = rows.as_flattened().to_vec();
        bandwidth::to_conditional_probabilities(&mut values, 4, &text.parse().unwrap());
        for (row, distances) in values.chunks_exact(4).zip(rows) {
            let total: f32 = row.iter().sum();
            assert!(
                (total - 1.0).abs() < 1e-6 && row.iter().all(|p| *p >= 0.0),
                "{text}, {distances:?}: {row:?}"
            );
        }
    }
}
