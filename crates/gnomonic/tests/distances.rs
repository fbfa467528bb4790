//! Distances against SciPy's (`reference/core/distances.py`), and whole runs by each of them.

mod golden;

use gnomonic::observer::Silent;
use gnomonic::{Distance, Fit, Initialization, Matrix, NeighborMethod, Tsne, neighbors, quality};
use golden::Golden;

#[test]
fn neighbors_are_those_of_scipy() {
    let golden = Golden::parse(include_str!("../../../reference/core/distances.json"));
    let (x, k) = (golden.matrix("x"), golden.number("k") as usize);
    let cases = golden.parts("distances");
    assert_eq!(cases.len(), 14);
    for case in cases {
        let distance: Distance = case.text("name").parse().unwrap();
        // A perplexity of 2 asks for the six nearest.
        let tsne = Tsne::new().perplexity(2.0).distance(distance.clone());
        let found = tsne.neighbors(&x, &mut Silent).unwrap();
        assert_eq!((found.neighbors.k(), found.distance.as_ref()), (k, Some(&distance)));
        for (i, expected) in case.rows("nearest").into_iter().enumerate() {
            for (squared, expected) in found.neighbors.squared_distances(i).iter().zip(expected) {
                let found = f64::from(*squared).sqrt();
                // Squares are kept in f32, and rows of a length of 1 too, which equal rows may leave 1e-14 apart.
                let near = (found - expected).abs() <= 1e-6 * expected.max(0.1);
                assert!(near, "{distance}, row {i}: {found}, not {expected}");
            }
        }
    }
}

/// Three groups of rows of positive numbers that every distance can tell apart.
fn groups(n: usize) -> (Matrix, Vec<u32>) {
    let d = 12;
    let value = |i: usize, j: usize| {
        let noise = ((i * 37 + j * 101) * 7919 % 997) as f32 / 997.0;
        if j % 3 == i % 3 {
            4.0 + noise
        } else if (i + j) % 7 < 5 {
            0.0
        } else {
            noise
        }
    };
    let data = (0..n).flat_map(|i| (0..d).map(move |j| value(i, j))).collect();
    (Matrix::new(data, n, d).unwrap(), (0..n).map(|i| (i % 3) as u32).collect())
}

fn label_accuracy(fit: &Fit, labels: &[u32]) -> f64 {
    quality::label_accuracy(&neighbors::exact(fit.embedding.view(), 5).unwrap(), labels).unwrap()
}

#[test]
fn every_distance_makes_a_map() {
    let (x, labels) = groups(90);
    for distance in Distance::ALL {
        let tsne = Tsne::new().perplexity(8.0).iterations(250).distance(distance.clone());
        let fit = tsne.fit(&x).unwrap();
        assert_eq!(fit.record.distance, Some(distance.clone()));
        assert!(fit.record.kl_divergence.is_finite() && fit.record.kl_divergence < 1.5, "{distance}");
        let accuracy = label_accuracy(&fit, &labels);
        // Whitening takes the groups out of the data, and the values that differ in nothing but noise differ for Hamming.
        let least = if matches!(distance, Distance::Mahalanobis | Distance::Hamming) { 0.3 } else { 0.99 };
        assert!(accuracy >= least, "{distance}: {accuracy}");
        assert_eq!(tsne.threads(Some(2)).fit(&x).unwrap(), fit, "{distance}");
    }
}

#[test]
fn few_rows_and_equal_distances_make_maps_too() {
    let four = Matrix::new(vec![1.0, 2.0, 3.0, 5.0, 1.0, 0.5, 2.0, 2.0, 9.0, 4.0, 4.0, 0.0], 4, 3).unwrap();
    // All differ in all columns and none is zero: every distance of a pair is the same.
    let all_equal = Matrix::new((1..=40).map(|value| value as f32).collect(), 20, 2).unwrap();
    for (x, distances) in [
        (&four, Distance::ALL.into_iter().filter(|distance| *distance != Distance::Mahalanobis).collect()),
        (&all_equal, vec![Distance::Hamming, Distance::Jaccard, Distance::Correlation]),
    ] {
        for distance in distances {
            let fit = Tsne::new().perplexity(1.0).iterations(60).distance(distance.clone()).fit(x).unwrap();
            assert!(fit.embedding.as_slice().iter().all(|value| value.is_finite()), "{distance}");
            assert!(fit.record.kl_divergence.is_finite(), "{distance}");
        }
    }
}

#[test]
fn a_function_of_your_own_starts_at_random() {
    let (x, labels) = groups(90);
    let manhattan = |i: usize, j: usize| {
        x.row(i).iter().zip(x.row(j)).map(|(a, b)| f64::from((a - b).abs())).sum::<f64>()
    };
    let tsne = Tsne::new().perplexity(8.0).iterations(250);
    let fit = tsne.fit_with_distance(90, manhattan).unwrap();
    let record = &fit.record;
    assert_eq!((&record.distance, record.n_features), (&None, None));
    assert_eq!(record.initialization, Some(Initialization::Random));
    assert!(label_accuracy(&fit, &labels) >= 0.99);
    assert_eq!(tsne.clone().threads(Some(3)).fit_with_distance(90, manhattan).unwrap(), fit);
    let message = tsne.fit_with_distance(90, |_, _| f64::NAN).unwrap_err().to_string();
    assert!(message.contains("row 1 to row 2 is NaN"), "{message}");
}

#[test]
fn what_a_distance_cannot_do_is_refused() {
    let (x, _) = groups(90);
    let refused = |tsne: Tsne| tsne.perplexity(8.0).fit(&x).unwrap_err().to_string();
    let chebyshev = Tsne::new().distance(Distance::Chebyshev).neighbor_method(NeighborMethod::Clustered);
    let message = refused(chebyshev);
    assert!(message.contains("clustered for the distance chebyshev") && message.contains("exact or auto"));
    let message = refused(Tsne::new().distance(Distance::Minkowski { p: 0.5 }));
    assert!(
        message.contains("p of the Minkowski distance is 0.5") && message.contains("at least 1"),
        "{message}"
    );
    let mut broken = x.clone();
    broken.as_mut_slice()[30] = f32::NAN;
    let fit = Tsne::new().perplexity(8.0).distance(Distance::Manhattan).fit(&broken);
    assert!(fit.unwrap_err().to_string().starts_with("row 3, column 7 is NaN"));
}
