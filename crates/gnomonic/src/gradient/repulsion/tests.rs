//! Every method against the sum over all pairs in f64.

use super::*;
use crate::embedding::Embedding;
use crate::matrix::MatrixRef;
use crate::random::{Purpose, Random};
use crate::tsne::Tsne;
use std::ops::ControlFlow;

pub(super) struct Sums {
    pub(super) forces: Vec<f64>,
    pub(super) normalizer: f64,
}

/// The definition, in f64.
pub(super) fn judge(positions: &[f32]) -> Sums {
    let n = positions.len() / 2;
    let mut sums = Sums { forces: vec![0.0; 2 * n], normalizer: 0.0 };
    for i in 0..n {
        for j in (0..n).filter(|&j| j != i) {
            let dx = f64::from(positions[2 * i]) - f64::from(positions[2 * j]);
            let dy = f64::from(positions[2 * i + 1]) - f64::from(positions[2 * j + 1]);
            let weight = 1.0 / (1.0 + dx * dx + dy * dy);
            sums.normalizer += weight;
            sums.forces[2 * i] += weight * weight * dx;
            sums.forces[2 * i + 1] += weight * weight * dy;
        }
    }
    sums
}

/// Relative errors of the forces (root mean square) and of Z.
pub(super) fn errors(forces: &[f32], normalizer: f64, judge: &Sums) -> (f64, f64) {
    let wrong: f64 = forces.iter().zip(&judge.forces).map(|(&a, b)| (f64::from(a) - b).powi(2)).sum();
    let right: f64 = judge.forces.iter().map(|b| b * b).sum();
    ((wrong / right).sqrt(), (normalizer / judge.normalizer - 1.0).abs())
}

/// Clumps of points, `spread` wide in all: as uneven as a map.
pub(super) fn clumps(n: usize, spread: f64) -> Vec<f32> {
    let mut random = Random::new(11, Purpose::Synthesis);
    let centers: Vec<[f64; 2]> = (0..10).map(|_| [0, 1].map(|_| spread * (random.uniform() - 0.5))).collect();
    (0..n)
        .flat_map(|i| centers[i % 10].map(|center| (center + 0.05 * spread * random.normal()) as f32))
        .collect()
}

/// A finished map of the digits data set.
pub(super) fn map_of_digits() -> Vec<f32> {
    let sources = gnomonic_datasets::Sources::default();
    let digits = gnomonic_datasets::named("digits", &sources, &mut |_| ControlFlow::Continue(())).unwrap();
    let x = MatrixRef::new(digits.matrix.as_slice(), digits.matrix.n_samples(), 64).unwrap();
    Tsne::new().repulsion(RepulsionMethod::Exact).fit(x).unwrap().embedding.into_vec()
}

#[test]
fn exact_is_exact() {
    for (n, spread) in [(1, 1.0), (2, 1e-4), (17, 1.0), (700, 40.0), (3000, 1e3)] {
        let positions = clumps(n, spread);
        let mut forces = vec![f32::NAN; 2 * n];
        let normalizer = exact::Exact::default().forces(&positions, &mut forces);
        let judge = judge(&positions);
        if n == 1 {
            assert!(normalizer.abs() < 1e-6 && forces == [0.0, 0.0]);
            continue;
        }
        let (force_error, normalizer_error) = errors(&forces, normalizer, &judge);
        assert!(force_error < 2e-6 && normalizer_error < 1e-6, "{n}: {force_error:e} {normalizer_error:e}");
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let positions = clumps(5000, 60.0);
    let embedding = Embedding::new(positions, 5000, 2).unwrap();
    let barnes_hut = RepulsionMethod::BarnesHut { angle: RepulsionMethod::ANGLE };
    for method in [RepulsionMethod::Exact, RepulsionMethod::Field, barnes_hut] {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| forces(method, &embedding, 1.0).unwrap())
        };
        let (one_forces, one_normalizer) = on(1);
        for threads in [2, 7] {
            let (many_forces, many_normalizer) = on(threads);
            assert!(one_forces == many_forces && one_normalizer.to_bits() == many_normalizer.to_bits());
        }
    }
}

#[test]
fn auto_follows_the_measured_crossover() {
    assert_eq!(RepulsionMethod::Auto.resolve(EXACT_UP_TO), RepulsionMethod::Exact);
    assert_eq!(RepulsionMethod::Auto.resolve(EXACT_UP_TO + 1), RepulsionMethod::Field);
    assert_eq!(RepulsionMethod::Field.resolve(FIELD_FROM), RepulsionMethod::Exact);
    assert_eq!(RepulsionMethod::Field.resolve(FIELD_FROM + 1), RepulsionMethod::Field);
}
