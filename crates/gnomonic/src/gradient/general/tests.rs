//! The loops of any space against the definition in `f64`.

use super::*;
use crate::affinities::Affinities;
use crate::embedding::Embedding;
use crate::gradient;
use crate::gradient::attraction::{Attraction, cross_entropy};
use crate::gradient::repulsion::{Repulsion, RepulsionMethod};
use crate::gradient::space::Space;
use crate::matrix::Matrix;
use crate::neighbors::exact;
use crate::quality::kl_divergence;
use crate::random::{Purpose, Random};

/// Clumps of points, `spread` wide in all: as uneven as a map.
fn clumps(n: usize, c: usize, spread: f64) -> Vec<f32> {
    let mut random = Random::new(13, Purpose::Synthesis);
    let centers: Vec<f64> = (0..10 * c).map(|_| spread * (random.uniform() - 0.5)).collect();
    (0..n * c)
        .map(|at| (centers[at / c % 10 * c + at % c] + 0.05 * spread * random.normal()) as f32)
        .collect()
}

struct Sums {
    forces: Vec<f64>,
    normalizer: f64,
}

/// The definition, in `f64`.
fn judge(positions: &[f32], space: Space) -> Sums {
    let c = space.n_components;
    let n = positions.len() / c;
    let mut sums = Sums { forces: vec![0.0; n * c], normalizer: 0.0 };
    for i in 0..n {
        for j in (0..n).filter(|&j| j != i) {
            let difference =
                |axis: usize| f64::from(positions[i * c + axis]) - f64::from(positions[j * c + axis]);
            let squared: f64 = (0..c).map(|axis| difference(axis).powi(2)).sum();
            let weight = (1.0 + squared / space.dof).powf(-(space.dof + 1.0) / 2.0);
            sums.normalizer += weight;
            for axis in 0..c {
                sums.forces[i * c + axis] += weight / (1.0 + squared / space.dof) * difference(axis);
            }
        }
    }
    sums
}

/// Relative errors of the forces (root mean square) and of Z.
fn errors(repulsion: &mut dyn Repulsion, positions: &[f32], space: Space) -> (f64, f64) {
    let mut forces = vec![f32::NAN; positions.len()];
    let normalizer = repulsion.forces(positions, &mut forces);
    let judge = judge(positions, space);
    let wrong: f64 = forces.iter().zip(&judge.forces).map(|(&a, b)| (f64::from(a) - b).powi(2)).sum();
    let right: f64 = judge.forces.iter().map(|b| b * b).sum();
    ((wrong / right).sqrt(), (normalizer / judge.normalizer - 1.0).abs())
}

const DOFS: [f64; 4] = [0.5, 1.0, 2.0, 7.3];

#[test]
fn pairs_are_exact_in_any_space() {
    for n_components in [1, 2, 3, 4, 7] {
        for dof in DOFS {
            let space = Space { n_components, dof };
            for (n, spread) in [(2, 1.0), (17, 1e-4), (700, 40.0)] {
                let (force, normalizer) =
                    errors(&mut Pairs::new(space), &clumps(n, n_components, spread), space);
                assert!(force < 2e-5 && normalizer < 1e-5, "{space:?}, {n}: {force:e}, {normalizer:e}");
            }
        }
    }
}

/// Relative errors of a grid of this spacing, or of the spacing that a grid alone has.
fn errors_of_grid<const D: usize>(positions: &[f32], space: Space, near: Option<f64>) -> (f64, f64) {
    struct Grid<const D: usize>(Lattice<D>, Option<f64>);
    impl<const D: usize> Repulsion for Grid<D> {
        fn forces(&mut self, positions: &[f32], forces: &mut [f32]) -> f64 {
            let points = positions.as_chunks::<D>().0;
            let extent = lattice::extent(points).unwrap();
            let spacing = self.1.unwrap_or_else(|| resolution::grid_alone(self.0.space(), extent.1));
            self.0.by_grid(points, extent, spacing, self.1.is_some(), forces.as_chunks_mut::<D>().0)
        }
    }
    errors(&mut Grid(Lattice::<D>::new(space), near), positions, space)
}

#[test]
fn every_grid_is_near_the_sum_over_all_pairs() {
    for dof in DOFS {
        for n_components in 1..=3 {
            let space = Space { n_components, dof };
            let cases = match n_components {
                1 => vec![(1e-3, None), (30.0, None), (2_000.0, None)],
                2 => vec![(1e-3, None), (30.0, None), (120.0, None), (50.0, Some(1.0)), (300.0, Some(4.0))],
                _ => vec![
                    (1e-3, None),
                    (12.0, None),
                    (40.0, None),
                    (20.0, Some(0.84)),
                    (40.0, Some(1.0)),
                    (60.0, Some(2.0)),
                    (200.0, Some(8.0)),
                ],
            };
            for (spread, near) in cases {
                let positions = clumps(1_500, n_components, spread);
                let (force, normalizer) = match n_components {
                    1 => errors_of_grid::<1>(&positions, space, near),
                    2 => errors_of_grid::<2>(&positions, space, near),
                    _ => errors_of_grid::<3>(&positions, space, near),
                };
                println!("{space:?} over {spread}, {near:?}: forces {force:.1e}, Z {normalizer:.1e}");
                assert!(
                    force < 2e-2 && normalizer < 3e-3,
                    "{space:?} over {spread}, {near:?}: {force:e}, {normalizer:e}"
                );
            }
        }
    }
}

#[test]
fn wide_maps_get_a_coarser_grid_and_few_points_all_pairs() {
    let space = Space { n_components: 3, dof: 1.0 };
    let mut lattice = Lattice::<3>::new(space);
    let mut positions = clumps(1_500, 3, 30.0);
    positions[0] = 1e6;
    let (force, normalizer) = errors(&mut lattice, &positions, space);
    assert!(force < 2e-5 && normalizer < 1e-5 && lattice.spacing().is_none());
    let mut positions = clumps(21_000, 3, 30.0);
    positions[..3].fill(1e6);
    let normalizer = lattice.forces(&positions, &mut vec![0.0; 63_000]);
    assert!(normalizer.is_finite() && normalizer > 0.0);
    assert!(lattice.spacing() > lattice.finer_spacing_wanted() && lattice.finer_spacing_wanted().is_some());
    let one_place = lattice.forces(&[3.0; 1_200], &mut [1.0; 1_200]);
    assert_eq!((one_place, lattice.spacing()), (400.0 * 399.0, None));
    // A map that has overflowed is no panic; the run ends with an error of its own.
    for wrong in [f32::NAN, f32::INFINITY] {
        positions[0] = wrong;
        positions[1] = f32::NEG_INFINITY;
        lattice.forces(&positions, &mut vec![0.0; 63_000]);
    }
}

#[test]
fn bits_do_not_depend_on_threads_or_earlier_calls() {
    for n_components in [1, 3] {
        let space = Space { n_components, dof: 0.8 };
        let positions = clumps(5_000, n_components, 60.0);
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut method = RepulsionMethod::Field.start(5_000, space);
                let mut forces = vec![0.0; positions.len()];
                method.forces(&clumps(5_000, n_components, 25.0), &mut forces);
                let normalizer = method.forces(&positions, &mut forces);
                (forces, normalizer.to_bits())
            })
        };
        let one = on(1);
        assert!(one == on(2) && one == on(7));
    }
}

fn affinities(n: usize) -> Affinities {
    let mut random = Random::new(1, Purpose::Synthesis);
    let rows = Matrix::new((0..n * 5).map(|_| random.normal() as f32).collect(), n, 5).unwrap();
    Affinities::from_neighbors(&exact(&rows, 20).unwrap(), 7.0).unwrap()
}

/// KL(P‖Q) by the definition.
fn divergence(p: &Affinities, positions: &[f64], space: Space) -> f64 {
    let (n, c) = (p.n_samples(), space.n_components);
    let squared = |i: usize, j: usize| -> f64 {
        (0..c).map(|axis| (positions[i * c + axis] - positions[j * c + axis]).powi(2)).sum()
    };
    let z: f64 =
        (0..n).map(|i| (0..n).filter(|&j| j != i).map(|j| space.weight(squared(i, j))).sum::<f64>()).sum();
    let mut divergence = 0.0;
    for i in 0..n {
        let (columns, values) = p.row(i);
        for (&j, &value) in columns.iter().zip(values).filter(|&(_, &value)| value > 0.0) {
            let value = f64::from(value);
            divergence += value * (value * z / space.weight(squared(i, j as usize))).ln();
        }
    }
    divergence
}

#[test]
fn the_gradient_is_that_of_the_divergence() {
    let n = 60;
    let p = affinities(n);
    for n_components in [1, 2, 3, 5] {
        for dof in [0.5, 1.0, 2.0] {
            let space = Space { n_components, dof };
            let positions = clumps(n, n_components, 4.0);
            let map = Embedding::new(positions.clone(), n, n_components).unwrap();
            let (gradient, _) = gradient::exact(&p, &map, dof, 1.0).unwrap();
            let wide: Vec<f64> = positions.iter().map(|&x| f64::from(x)).collect();
            let step = 1e-5;
            let (mut wrong, mut right) = (0.0, 0.0);
            for at in 0..n * n_components {
                let moved = |by: f64| {
                    let mut moved = wide.clone();
                    moved[at] += by;
                    divergence(&p, &moved, space)
                };
                let slope = (moved(step) - moved(-step)) / (2.0 * step);
                wrong += (slope - gradient[at]).powi(2);
                right += slope * slope;
            }
            // P was rounded to f32, so its sum is only nearly one.
            let error: f64 = (wrong / right).sqrt();
            assert!(error < 1e-5, "{space:?}: {error:e}");
        }
    }
}

#[test]
fn attraction_and_divergence_are_those_of_the_definition() {
    let n = 600;
    let p = affinities(n);
    for n_components in [1, 2, 3, 6] {
        for dof in [0.5, 1.0, 3.0] {
            let space = Space { n_components, dof };
            let positions = clumps(n, n_components, 20.0);
            let mut forces = vec![f32::NAN; positions.len()];
            attraction::forces(&p, space, &positions, &mut forces);
            let at = |i: usize, axis: usize| f64::from(positions[i * n_components + axis]);
            for i in 0..n {
                let (columns, values) = p.row(i);
                for axis in 0..n_components {
                    let terms = columns.iter().zip(values).map(|(&j, &value)| {
                        let squared: f64 =
                            (0..n_components).map(|axis| (at(i, axis) - at(j as usize, axis)).powi(2)).sum();
                        f64::from(value) * space.pull(squared) * (at(i, axis) - at(j as usize, axis))
                    });
                    let terms: Vec<f64> = terms.collect();
                    let size: f64 = terms.iter().map(|term| term.abs()).sum();
                    let error =
                        (f64::from(forces[i * n_components + axis]) - terms.iter().sum::<f64>()).abs();
                    assert!(error <= 2e-6 * size + 1e-12, "{space:?}: {error:e} of {size:e}");
                }
            }
            let wide: Vec<f64> = positions.iter().map(|&x| f64::from(x)).collect();
            let z = judge(&positions, space).normalizer;
            let found = p.negative_entropy() + cross_entropy(&p, space, &positions) + z.ln();
            let expected = divergence(&p, &wide, space);
            assert!((found - expected).abs() < 1e-5, "{space:?}: {found} for {expected}");
            if dof == 1.0 {
                let map = Matrix::new(positions.clone(), n, n_components).unwrap();
                assert!((kl_divergence(&p, &map).unwrap() - expected).abs() < 1e-9);
            }
        }
    }
}

#[test]
fn the_plane_is_what_its_own_loops_make_of_it() {
    let p = affinities(900);
    let positions = clumps(900, 2, 30.0);
    let (mut general, mut own) = (vec![0.0; 1_800], vec![0.0; 1_800]);
    attraction::forces(&p, Space::USUAL, &positions, &mut general);
    Attraction::new(&p, Space::USUAL).forces(&positions, &mut own);
    let size = own.iter().fold(0.0_f32, |size, force| size.max(force.abs()));
    // Packed entries of P are rounded.
    assert!(general.iter().zip(&own).all(|(a, b)| (a - b).abs() < 2e-4 * size));
    let z = Pairs::new(Space::USUAL).forces(&positions, &mut general);
    let same = RepulsionMethod::Exact.start(900, Space::USUAL).forces(&positions, &mut own);
    assert!((z / same - 1.0).abs() < 1e-6);
    let size = own.iter().fold(0.0_f32, |size, force| size.max(force.abs()));
    assert!(general.iter().zip(&own).all(|(a, b)| (a - b).abs() < 1e-5 * size));
}
