//! The weights of several pairs at once, in `f32`.

use crate::gradient::attraction::quick_ln_of_one_plus;
use crate::gradient::space::Space;

/// Pairs that are weighted together.
pub(super) const LANES: usize = 16;

/// A kernel ready for loops.
#[derive(Clone, Copy, Debug)]
pub(super) struct Student {
    pub(super) per_dof: f32,
    power: f32,
    pub(super) is_cauchy: bool,
}

impl Student {
    pub(super) fn new(space: Space) -> Self {
        Self { per_dof: (1.0 / space.dof) as f32, power: space.power() as f32, is_cauchy: space.dof == 1.0 }
    }

    /// w and w v for squared distances: see [`Space`]. Within 1e-5 of themselves.
    #[inline(always)]
    pub(super) fn weights(self, squared_distances: &[f32; LANES]) -> [[f32; LANES]; 2] {
        let (mut weights, mut pushes) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            let squared = squared_distances[lane];
            [weights[lane], pushes[lane]] =
                if self.is_cauchy { self.weight::<true>(squared) } else { self.weight::<false>(squared) };
        }
        [weights, pushes]
    }

    /// [`weights`](Self::weights) of one pair, for loops over lanes that are compiled for the Cauchy kernel and for others.
    #[inline(always)]
    pub(super) fn weight<const CAUCHY: bool>(self, squared: f32) -> [f32; 2] {
        let pull = 1.0 / (1.0 + squared * self.per_dof);
        let weight = if CAUCHY {
            pull
        } else {
            exp_of_negative(self.power * quick_ln_of_one_plus(squared * self.per_dof))
        };
        [weight, weight * pull]
    }
}

/// exp(−x) for x ≥ 0, within 3e-7 of itself; of more than 87 that of 87, which is the least normal number.
#[inline(always)]
fn exp_of_negative(x: f32) -> f32 {
    /// Adding this rounds to a whole number, which then stands in the lowest bits.
    const WHOLE: f32 = 12_582_912.0;
    let x = if x < 87.0 { x } else { 87.0 };
    let shifted = WHOLE - x * std::f32::consts::LOG2_E;
    let exponent = shifted - WHOLE;
    // ln 2 in two parts, the first of few bits.
    let rest = (-x - exponent * 0.693_359_4) + exponent * 2.121_944_4e-4;
    let mut sum = 1.0 / 720.0;
    for factor in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = sum * rest + factor;
    }
    f32::from_bits(sum.to_bits().wrapping_add(shifted.to_bits() << 23))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_those_of_the_definition() {
        for dof in [0.1, 0.5, 1.0, 2.0, 7.0, 100.0] {
            let space = Space { n_components: 3, dof };
            let student = Student::new(space);
            let mut squared = 1e-12_f32;
            while squared < 1e12 {
                let [weights, pushes] = student.weights(&[squared; LANES]);
                let weight = space.weight(f64::from(squared));
                let push = weight * space.pull(f64::from(squared));
                // Below the least normal number nothing is told apart.
                let error = (f64::from(weights[3]) - weight).abs();
                assert!(
                    error <= 1e-5 * weight + 2e-38,
                    "{dof}, {squared:e}: {:e} for {weight:e}",
                    weights[3]
                );
                let error = (f64::from(pushes[3]) - push).abs();
                assert!(error <= 1e-5 * push + 2e-38, "{dof}, {squared:e}: {:e} for {push:e}", pushes[3]);
                squared *= 1.7;
            }
            assert_eq!(student.weights(&[0.0; LANES])[0], [1.0; LANES]);
        }
    }
}
