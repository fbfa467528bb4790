use super::super::tests::{clumps, errors, judge, map_of_digits};
use super::*;
use crate::random::{Purpose, Random};

fn error_of(mut field: Field, positions: &[f32]) -> (f64, f64) {
    let mut forces = vec![f32::NAN; positions.len()];
    let normalizer = field.forces(positions, &mut forces);
    errors(&forces, normalizer, &judge(positions))
}

/// Errors of force and Z for a grid alone.
fn error_at(spacing: f64, positions: &[f32]) -> (f64, f64) {
    error_of(Field::with_resolution(spacing, false), positions)
}

#[test]
fn errors_of_a_grid_alone_shrink_with_the_spacing() {
    let positions = clumps(3000, 120.0);
    let errors = [0.7, 0.5, 0.35, 0.25].map(|spacing| error_at(spacing, &positions));
    for pair in errors.windows(2) {
        assert!(pair[1].0 < 0.6 * pair[0].0, "{errors:?}");
    }
    // Expected of cubic splines with the self-force taken out: 9.3 %, 3.6 %, 1 % at 0.7, 0.5, 0.35 on maps of digits.
    assert!(errors[0].0 < 0.12 && errors[1].0 < 0.05 && errors[2].0 < 0.015, "{errors:?}");
    assert!(errors[1].1 < 2e-3 && errors[3].1 < 2e-4, "{errors:?}");
}

#[test]
fn a_near_field_makes_a_coarse_grid_accurate() {
    let positions = clumps(3000, 120.0);
    let errors =
        [0.7, 1.0, 1.4, 2.0, 4.0].map(|spacing| error_of(Field::with_resolution(spacing, true), &positions));
    // Expected at 1, 1.4 and 2: 1.3 %, 0.8 % and 0.4 %. The smoother the kernel on the grid, the coarser the grid may be.
    for (error, most) in errors.iter().zip([0.03, 0.02, 0.012, 0.007, 0.004]) {
        assert!(error.0 < most && error.1 < 5e-4, "{errors:?}");
    }
}

#[test]
fn the_resolution_that_is_chosen_is_accurate_at_every_width() {
    for spread in [20.0, 50.0, 100.0, 200.0, 500.0, 2000.0] {
        let (force, normalizer) = error_of(Field::new(), &clumps(3000, spread));
        assert!(force < 0.02 && normalizer < 1e-3, "{spread}: {force:e} {normalizer:e}");
    }
}

#[test]
fn tiny_maps_keep_their_digits() {
    for spread in [1e-4, 1e-2, 1.0, 10.0] {
        let (force, normalizer) = error_of(Field::new(), &clumps(2000, spread));
        assert!(force < 2e-3 && normalizer < 5e-5, "{spread}: {force:e} {normalizer:e}");
    }
}

#[test]
fn one_place_has_no_force() {
    let mut forces = vec![f32::NAN; 6];
    let normalizer = Field::new().forces(&[2.0, 3.0, 2.0, 3.0, 2.0, 3.0], &mut forces);
    assert_eq!((normalizer, forces), (6.0, vec![0.0; 6]));
}

#[test]
fn an_isolated_point_does_not_push_itself() {
    // Two points far apart: what they do to each other is small against an unremoved self-force.
    let mut field = Field::with_resolution(0.5, false);
    for offset in [0.0_f32, 0.1, 0.2, 0.3] {
        let positions = [0.0, 0.0, 100.0 + offset, 40.0 - offset];
        let mut forces = [f32::NAN; 4];
        field.forces(&positions, &mut forces);
        // The self-force is up to 0.02 here; one harmonic takes out nine tenths of it.
        assert!(forces.iter().all(|force| force.abs() < 2.5e-3), "{forces:?}");
    }
}

#[test]
fn a_grid_too_wide_for_its_spacing_says_so() {
    let mut positions = clumps(3000, 120.0);
    let mut forces = vec![0.0; positions.len() + 2];
    let mut field = Field::with_resolution(0.35, false);
    field.forces(&positions, &mut forces[..6000]);
    assert_eq!(field.finer_spacing_wanted(), None);
    positions.extend([1e6, 1e6]);
    field.forces(&positions, &mut forces);
    let (wanted, used) = (field.finer_spacing_wanted().unwrap(), field.spacing().unwrap());
    assert!(wanted == 0.35 && used > 50.0, "{wanted} {used}");
    assert!(forces.iter().all(|force| force.is_finite()));
}

/// Checks accuracy, and that the grids stay small, whatever the map does.
fn assert_bounded(what: &str, positions: &[f32]) {
    let mut field = Field::new();
    let mut forces = vec![f32::NAN; positions.len()];
    let normalizer = field.forces(positions, &mut forces);
    let (force, z) = errors(&forces, normalizer, &judge(positions));
    assert!(force < 0.02 && z < 1e-3, "{what}: {force:e} {z:e}");
    assert!(field.nodes() < 300_000, "{what}: {} nodes", field.nodes());
    assert_eq!(field.finer_spacing_wanted(), None, "{what}");
}

#[test]
fn strays_make_the_field_neither_slow_nor_inexact() {
    let bulk = clumps(4000, 120.0);
    for far in [1e4, 1e6] {
        for strays in [1, 10, 100, 1000] {
            let mut positions = bulk.clone();
            let mut random = Random::new(5, Purpose::Synthesis);
            positions.extend((0..2 * strays).map(|_| (far * (2.0 * random.uniform() - 1.0)) as f32));
            assert_bounded(&format!("{strays} strays up to {far}"), &positions);
        }
    }
}

#[test]
fn strays_at_every_scale_are_split_off_one_after_another() {
    let mut positions = clumps(4000, 120.0);
    let mut random = Random::new(6, Purpose::Synthesis);
    for _ in 0..200 {
        // Distances from 100 to 1e6, as many in each octave.
        let (distance, angle) = (10_f64.powf(2.0 + 4.0 * random.uniform()), 6.3 * random.uniform());
        positions.extend([distance * angle.cos(), distance * angle.sin()].map(|place| place as f32));
    }
    assert_bounded("every scale", &positions);
}

#[test]
fn far_clumps_have_fields_of_their_own() {
    let clump = clumps(1500, 60.0);
    let mut positions = Vec::new();
    for center in [[0.0, 0.0], [1e4, 0.0], [3e3, 2e5], [-5e5, 1e3]] {
        positions.extend(clump.as_chunks::<2>().0.iter().flat_map(|p| [p[0] + center[0], p[1] + center[1]]));
        assert_bounded("far clumps", &positions);
    }
    // A thousand points over 20,000 units, and a hundred in a clump far from all.
    let mut positions = clumps(1000, 20_000.0);
    positions.extend(clump[..200].iter().map(|place| place + 3e5));
    assert_bounded("a clump far from the sparse", &positions);
}

#[test]
fn thirty_far_clumps_are_split_one_from_another() {
    // After half of the splits there are still too many points left for all pairs.
    let clump = clumps(1_300, 60.0);
    let mut random = Random::new(8, Purpose::Synthesis);
    let mut positions = Vec::new();
    for _ in 0..30 {
        let center = [0, 1].map(|_| (2e5 * (random.uniform() - 0.5)) as f32);
        positions.extend(clump.as_chunks::<2>().0.iter().flat_map(|p| [p[0] + center[0], p[1] + center[1]]));
    }
    let mut field = Field::new();
    field.forces(&positions, &mut vec![0.0; positions.len()]);
    assert!(matches!(field.last, Last::Parts));
    assert!(field.nodes() < 300_000, "{} nodes", field.nodes());
    assert_eq!(field.finer_spacing_wanted(), None);
}

#[test]
fn points_on_a_line_or_evenly_far_apart_are_maps_too() {
    for length in [10.0, 1e3, 1e5] {
        let along: Vec<f32> = (0..3000).map(|i| (f64::from(i) * length / 3000.0) as f32).collect();
        assert_bounded("flat line", &along.iter().flat_map(|&x| [x, 1.0]).collect::<Vec<_>>());
        assert_bounded("slanting line", &along.iter().flat_map(|&x| [x, 0.7 * x]).collect::<Vec<_>>());
    }
    let mut random = Random::new(7, Purpose::Synthesis);
    let even: Vec<f32> = (0..8000).map(|_| (1e6 * random.uniform()) as f32).collect();
    assert_bounded("evenly far apart", &even);
}

#[test]
fn a_map_that_is_split_has_the_same_bits_on_any_number_of_threads() {
    let mut positions = clumps(20_000, 120.0);
    positions.extend((0..600).map(|i| 7e3 * (i as f32 * 0.37).sin()));
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let (mut field, mut forces) = (Field::new(), vec![0.0; positions.len()]);
            let normalizer = field.forces(&positions, &mut forces);
            assert!(matches!(field.last, Last::Parts));
            (normalizer.to_bits(), forces)
        })
    };
    let one = on(1);
    assert!(one == on(2) && one == on(7));
}

#[test]
fn piles_of_duplicates_are_pairs_like_others() {
    let mut positions = clumps(100, 80.0);
    positions.extend_from_within(..);
    positions.extend_from_within(..);
    let (force, normalizer) = error_of(Field::with_resolution(2.0, true), &positions);
    assert!(force < 0.03 && normalizer < 2e-3, "{force:e} {normalizer:e}");
}

#[test]
fn reusing_a_field_changes_nothing() {
    let (small, large) = (clumps(500, 1.0), clumps(2000, 90.0));
    let mut field = Field::new();
    let mut first = vec![f32::NAN; large.len()];
    let normalizer = field.forces(&large, &mut first);
    field.forces(&small, &mut vec![0.0; small.len()]);
    let mut again = vec![f32::NAN; large.len()];
    assert_eq!(field.forces(&large, &mut again).to_bits(), normalizer.to_bits());
    assert_eq!(first, again);
}

#[test]
fn errors_on_a_real_map_are_those_stated() {
    let positions = map_of_digits();
    let [coarse, middle, fine] = [0.7, 0.5, 0.35].map(|spacing| error_at(spacing, &positions));
    assert!(coarse.0 < 0.15 && middle.0 < 0.05, "{coarse:?} {middle:?}");
    assert!(fine.0 < 0.6 * middle.0 && middle.0 < 0.6 * coarse.0, "{fine:?} {middle:?} {coarse:?}");
    // What a run ends with.
    let end = error_of(Field::new(), &positions);
    assert!(end.0 < 0.015 && end.1 < 1e-3, "{end:?}");
}
