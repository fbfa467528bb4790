//! What the points of a finished map do to others that are laid on it.

use super::RepulsionMethod;
use super::exact::Columns;
use super::field::Potential;
use crate::gradient::space::Space;

/// Points that push and are not pushed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FixedPoints {
    columns: Columns,
    /// Read in place of the sum where there is one.
    potential: Option<Potential>,
    /// The mean of Σ_j w over the points themselves, each without its own weight: Z / n.
    mean: f64,
}

impl FixedPoints {
    /// The points at `positions` (x₀, y₀, x₁, y₁, …), at least two. `Exact` sums over all of them, `Field` reads a potential, and `Auto`
    /// is what a run of as many points takes. O(n) or, for the exact sum, O(n²) once.
    pub(crate) fn new(positions: &[f32], method: RepulsionMethod) -> Self {
        let n = positions.len() / 2;
        let potential = match method.resolve(n) {
            RepulsionMethod::Exact => None,
            _ => Potential::of(positions),
        };
        let normalizer = method.start(n, Space::USUAL).forces(positions, &mut vec![0.0; positions.len()]);
        Self { columns: Columns::of(positions), potential, mean: normalizer / n as f64 }
    }

    /// Z / n.
    pub(crate) fn mean(&self) -> f64 {
        self.mean
    }

    /// Σ w, Σ w² (x − x_j) and Σ w² (y − y_j) over all points.
    pub(crate) fn sums(&self, point: [f32; 2]) -> [f64; 3] {
        let read = self.potential.as_ref().and_then(|potential| potential.sums(point));
        read.unwrap_or_else(|| self.columns.sums(point))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::clumps;
    use super::*;

    #[test]
    fn the_potential_is_the_sum_over_all_points() {
        for (n, extent) in [(1_500, 30.0), (4_000, 120.0), (2_000, 1e-3)] {
            let positions = clumps(n, extent);
            let read = FixedPoints::new(&positions, RepulsionMethod::Field);
            let exact = FixedPoints::new(&positions, RepulsionMethod::Exact);
            assert!(read.potential.is_some() && exact.potential.is_none());
            assert!((read.mean() / exact.mean() - 1.0).abs() < 2e-3, "{} for {}", read.mean(), exact.mean());
            let (mut errors, mut squares) = ([0.0; 3], [0.0; 3]);
            for at in 0..300 {
                // Between the points, at them and beyond them.
                let [x, y] = [1.3_f32, 2.1].map(|phase| 0.7 * extent as f32 * (at as f32 * phase).sin());
                let point = if at % 3 == 0 { [positions[2 * at], positions[2 * at + 1]] } else { [x, y] };
                let sums = read.sums(point).into_iter().zip(exact.sums(point));
                for (axis, (found, expected)) in sums.enumerate() {
                    errors[axis] += (found - expected).powi(2);
                    squares[axis] += expected.powi(2);
                }
            }
            for axis in 0..3 {
                let error: f64 = (errors[axis] / squares[axis]).sqrt();
                assert!(error < [1e-3, 8e-3, 8e-3][axis], "{n} over {extent}, {axis}: {error:e}");
            }
        }
    }

    #[test]
    fn maps_too_wide_for_a_grid_are_summed() {
        let mut positions = clumps(1_500, 30.0);
        positions[0] = 1e6;
        let points = FixedPoints::new(&positions, RepulsionMethod::Field);
        assert!(points.potential.is_none());
        let one_place = FixedPoints::new(&[3.0; 4_000], RepulsionMethod::Auto);
        let [weight, x, _] = one_place.sums([4.0, 3.0]);
        assert!((weight / 1_000.0 - 1.0).abs() < 1e-5 && (x / 500.0 - 1.0).abs() < 1e-5);
    }
}
