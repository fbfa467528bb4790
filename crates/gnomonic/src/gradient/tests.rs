use super::*;
use crate::matrix::Matrix;
use crate::neighbors;
use crate::random::{Purpose, Random};

fn problem(n: usize, scale: f64) -> (Affinities, Embedding) {
    let mut random = Random::new(5, Purpose::Synthesis);
    let x = Matrix::new((0..n * 4).map(|_| random.normal() as f32).collect(), n, 4).unwrap();
    let affinities = Affinities::from_neighbors(&neighbors::exact(&x, 15).unwrap(), 5.0).unwrap();
    let positions = (0..2 * n).map(|_| (scale * random.normal()) as f32).collect();
    (affinities, Embedding::new(positions, n, 2).unwrap())
}

fn divergence(affinities: &Affinities, positions: &[f64]) -> f64 {
    let n = affinities.n_samples();
    let squared = |i: usize, j: usize| {
        (positions[2 * i] - positions[2 * j]).powi(2) + (positions[2 * i + 1] - positions[2 * j + 1]).powi(2)
    };
    let pairs = (0..n).flat_map(|i| (0..n).filter(move |&j| j != i).map(move |j| (i, j)));
    let normalizer: f64 = pairs.map(|(i, j)| 1.0 / (1.0 + squared(i, j))).sum();
    let mut sum = 0.0;
    for i in 0..n {
        let (columns, values) = affinities.row(i);
        for (&j, &p) in columns.iter().zip(values) {
            let q = 1.0 / (1.0 + squared(i, j as usize)) / normalizer;
            sum += f64::from(p) * (f64::from(p) / q).ln();
        }
    }
    sum
}

#[test]
fn the_exact_gradient_is_that_of_the_divergence() {
    let (affinities, embedding) = problem(40, 1.5);
    let (gradient, _) = exact(&affinities, &embedding, 1.0, 1.0).unwrap();
    let positions: Vec<f64> = embedding.as_slice().iter().map(|&value| f64::from(value)).collect();
    let largest = gradient.iter().fold(0.0_f64, |largest, g| largest.max(g.abs()));
    for at in 0..positions.len() {
        let step = 1e-5;
        let at_offset = |offset: f64| {
            let mut moved = positions.clone();
            moved[at] += offset;
            divergence(&affinities, &moved)
        };
        let slope = (at_offset(step) - at_offset(-step)) / (2.0 * step);
        assert!((slope - gradient[at]).abs() < 1e-6 * largest, "{slope} against {}", gradient[at]);
    }
}

#[test]
fn forces_sum_to_zero() {
    let (affinities, embedding) = problem(200, 3.0);
    let (gradient, _) = exact(&affinities, &embedding, 1.0, 12.0).unwrap();
    for axis in 0..2 {
        assert!(gradient.iter().skip(axis).step_by(2).sum::<f64>().abs() < 1e-9);
    }
}

#[test]
fn attraction_agrees_with_a_plain_loop() {
    let (affinities, embedding) = problem(600, 3.0);
    let mut forces = vec![f32::NAN; 1200];
    attraction::Attraction::new(&affinities, space::Space::USUAL).forces(embedding.as_slice(), &mut forces);
    for i in 0..600 {
        let (columns, values) = affinities.row(i);
        let mut expected = [0.0_f64; 2];
        let mut size = 0.0_f64;
        for (&j, &p) in columns.iter().zip(values) {
            let difference = [0, 1]
                .map(|axis| f64::from(embedding.row(i)[axis]) - f64::from(embedding.row(j as usize)[axis]));
            let weight = f64::from(p) / (1.0 + difference[0].powi(2) + difference[1].powi(2));
            for axis in 0..2 {
                expected[axis] += weight * difference[axis];
                size += (weight * difference[axis]).abs();
            }
        }
        for axis in 0..2 {
            // Entries of P rounded to 18 bits, terms and sums to f32, relative to the sizes of what was added.
            assert!((f64::from(forces[2 * i + axis]) - expected[axis]).abs() < 1e-5 * size);
        }
    }
}

#[test]
fn cross_entropy_completes_the_divergence() {
    let (affinities, embedding) = problem(100, 3.0);
    let (_, normalizer) = exact(&affinities, &embedding, 1.0, 1.0).unwrap();
    let parts = affinities.negative_entropy()
        + attraction::cross_entropy(&affinities, space::Space::USUAL, embedding.as_slice())
        + normalizer.ln();
    let positions: Vec<f64> = embedding.as_slice().iter().map(|&value| f64::from(value)).collect();
    // P sums to one only to the precision of f32.
    assert!((parts - divergence(&affinities, &positions)).abs() < 1e-5);
}

#[test]
fn lengths_must_agree() {
    let (affinities, _) = problem(40, 1.0);
    let other = Embedding::new(vec![0.0; 20], 10, 2).unwrap();
    assert!(exact(&affinities, &other, 1.0, 1.0).is_err());
}
