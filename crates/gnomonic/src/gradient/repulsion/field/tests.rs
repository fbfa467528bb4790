use super::super::tests::{clumps, errors, judge, map_of_digits};
use super::*;

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
fn a_map_too_wide_for_its_grid_says_so() {
    let mut positions = clumps(3000, 120.0);
    let mut forces = vec![0.0; positions.len() + 2];
    let mut field = Field::new();
    field.forces(&positions, &mut forces[..6000]);
    assert_eq!(field.finer_spacing_wanted(), None);
    positions.extend([1e6, 1e6]);
    field.forces(&positions, &mut forces);
    let (wanted, used) = (field.finer_spacing_wanted().unwrap(), field.spacing().unwrap());
    assert!(wanted <= 4.0 && used > 50.0, "{wanted} {used}");
    assert!(forces.iter().all(|force| force.is_finite()));
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
