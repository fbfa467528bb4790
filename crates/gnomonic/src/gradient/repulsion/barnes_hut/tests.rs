//! Accuracy by the angle, unusual maps, and what must hold whatever the map.

use super::super::tests::{clumps, errors, judge, map_of_digits};
use super::*;

fn sums(positions: &[f32], angle: f64) -> (Vec<f32>, f64) {
    let mut forces = vec![f32::NAN; positions.len()];
    let normalizer = BarnesHut::new(angle).forces(positions, &mut forces);
    (forces, normalizer)
}

fn errors_of(positions: &[f32], angle: f64) -> (f64, f64) {
    let (forces, normalizer) = sums(positions, angle);
    errors(&forces, normalizer, &judge(positions))
}

/// Every place twice, or more often.
fn copies(n: usize, places: usize) -> Vec<f32> {
    clumps(places, 40.0).into_iter().cycle().take(2 * n).collect()
}

#[test]
fn angle_zero_is_the_sum_over_all_pairs() {
    for (n, spread) in [(2, 1e-4), (17, 1.0), (700, 40.0), (3000, 1e3), (3000, 1e-4), (3000, 0.01)] {
        let (force_error, normalizer_error) = errors_of(&clumps(n, spread), 0.0);
        assert!(
            force_error < 2e-6 && normalizer_error < 1e-6,
            "{n} over {spread}: {force_error:e} {normalizer_error:e}"
        );
    }
}

#[test]
fn errors_shrink_with_the_angle() {
    for spread in [1.0, 40.0, 200.0] {
        let positions = clumps(4000, spread);
        let judge = judge(&positions);
        for (angle, force_bound, normalizer_bound) in
            [(0.2, 2e-3, 5e-4), (0.5, 0.012, 0.005), (0.8, 0.04, 0.016), (1.0, 0.06, 0.03)]
        {
            let (forces, normalizer) = sums(&positions, angle);
            let (force_error, normalizer_error) = errors(&forces, normalizer, &judge);
            assert!(
                force_error < force_bound && normalizer_error < normalizer_bound,
                "{angle} over {spread}: {force_error:e} {normalizer_error:e}"
            );
        }
    }
}

#[test]
fn errors_on_a_real_map_are_those_stated() {
    let positions = map_of_digits();
    let judge = judge(&positions);
    let errors = [0.2, 0.5, 0.8].map(|angle| {
        let (forces, normalizer) = sums(&positions, angle);
        errors(&forces, normalizer, &judge)
    });
    // On a small map walks that are shared by 32 points are all the more careful.
    for ((force_error, normalizer_error), (force_bound, normalizer_bound)) in
        errors.into_iter().zip([(1e-4, 3e-4), (1.5e-3, 2e-3), (0.012, 8e-3)])
    {
        assert!(force_error < force_bound && normalizer_error < normalizer_bound, "{errors:?}");
    }
}

#[test]
fn copies_act_like_others() {
    // More copies of a place than a leaf holds, and fewer.
    for positions in [copies(3000, 30), copies(3000, 1000)] {
        let (force_error, normalizer_error) = errors_of(&positions, 0.0);
        assert!(force_error < 2e-6 && normalizer_error < 1e-6, "{force_error:e} {normalizer_error:e}");
        let (force_error, normalizer_error) = errors_of(&positions, 0.5);
        assert!(force_error < 0.02 && normalizer_error < 0.01, "{force_error:e} {normalizer_error:e}");
    }
}

#[test]
fn one_place_has_no_forces() {
    for n in [1, 2, 40, 5000] {
        for angle in [0.0, 0.5, 1.0] {
            let (forces, normalizer) = sums(&[-3.3, 7.1].repeat(n), angle);
            assert!(forces.iter().all(|&force| force == 0.0), "{n}");
            let pairs = (n * (n - 1)) as f64;
            assert!((normalizer - pairs).abs() <= 1e-6 * pairs, "{n}: {normalizer}");
        }
    }
}

#[test]
fn tiny_maps_are_exact_at_any_angle() {
    for spread in [1e-6, 1e-4] {
        for angle in [0.2, 1.0] {
            let (force_error, normalizer_error) = errors_of(&clumps(3000, spread), angle);
            assert!(
                force_error < 2e-6 && normalizer_error < 1e-6,
                "{spread}: {force_error:e} {normalizer_error:e}"
            );
        }
    }
}

#[test]
fn outliers_do_not_blur_the_rest() {
    for outlier in [1e4, 1e6] {
        let mut positions = clumps(3000, 40.0);
        positions.extend([outlier, -outlier, -outlier, 0.0, outlier, 0.5 * outlier]);
        let (force_error, normalizer_error) = errors_of(&positions, 0.5);
        assert!(
            force_error < 0.015 && normalizer_error < 0.007,
            "{outlier}: {force_error:e} {normalizer_error:e}"
        );
    }
}

#[test]
fn any_map_has_an_answer() {
    for positions in [vec![], clumps(3000, 1e12), [clumps(3000, 1e-3), vec![1e9, 1e9]].concat()] {
        let (forces, normalizer) = sums(&positions, 0.5);
        assert!(forces.iter().all(|force| force.is_finite()) && normalizer.is_finite());
    }
    // What is too large for squares in f32, or no number, must not hang or panic.
    for stray in [[f32::MAX, f32::MIN], [f32::NAN, f32::INFINITY]] {
        sums(&[clumps(300, 1.0), stray.to_vec()].concat(), 0.5);
    }
}

#[test]
fn forces_sum_to_almost_nothing() {
    // Two far points take each other through different cells, so the sum vanishes only to the error of the method.
    let (forces, _) = sums(&clumps(5000, 100.0), 0.5);
    for axis in 0..2 {
        let along = forces.iter().skip(axis).step_by(2).map(|&force| f64::from(force));
        let size: f64 = along.clone().map(f64::abs).sum();
        assert!(along.sum::<f64>().abs() < 1e-3 * size);
    }
}

#[test]
fn buffers_of_earlier_calls_do_not_matter() {
    let mut method = BarnesHut::new(0.5);
    for (n, spread) in [(3000, 40.0), (20, 1e-4), (5000, 300.0)] {
        let positions = clumps(n, spread);
        let mut forces = vec![f32::NAN; 2 * n];
        let normalizer = method.forces(&positions, &mut forces);
        assert_eq!((forces, normalizer), sums(&positions, 0.5));
    }
}
