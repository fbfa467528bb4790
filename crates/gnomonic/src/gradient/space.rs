//! The space that a map lies in: its dimensions, and how the weight of a pair falls with its distance.

use crate::error::{Result, legible, refuse};

/// Dimensions of a map, and degrees of freedom ν of its kernel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Space {
    /// Coordinates of each point, c, at least 1.
    pub(crate) n_components: usize,
    /// Degrees of freedom ν of Student's t-distribution: 1 is the Cauchy kernel of t-SNE.
    pub(crate) dof: f64,
}

impl Space {
    /// Two dimensions and the Cauchy kernel: what the fastest loops are written for.
    pub(crate) const USUAL: Self = Self { n_components: 2, dof: 1.0 };

    /// Refuses a map without dimensions, and kernels so narrow or so wide that `f32` no longer holds them.
    pub(crate) fn validate(self) -> Result<()> {
        if self.n_components == 0 {
            return refuse(
                "the number of dimensions of the map",
                "0".to_owned(),
                "must be at least 1; 2 is usual",
            );
        }
        if !(0.1..=100.0).contains(&self.dof) {
            return refuse("degrees of freedom", legible(self.dof), "must be from 0.1 to 100; 1 is usual");
        }
        Ok(())
    }

    pub(crate) fn is_usual(self) -> bool {
        self == Self::USUAL
    }

    /// What the sums of attraction and repulsion are multiplied with in the gradient: 2 (ν + 1) / ν, which is 4 for ν = 1.
    pub(crate) fn gradient_factor(self) -> f64 {
        2.0 * (self.dof + 1.0) / self.dof
    }

    /// The exponent of the weight, (ν + 1) / 2.
    pub(crate) fn power(self) -> f64 {
        (self.dof + 1.0) / 2.0
    }

    /// w(r²) = (1 + r²/ν)^−(ν+1)/2.
    pub(crate) fn weight(self, squared_distance: f64) -> f64 {
        (-self.power() * (squared_distance / self.dof).ln_1p()).exp()
    }

    /// What attraction is weighted with, v(r²) = 1 / (1 + r²/ν).
    pub(crate) fn pull(self, squared_distance: f64) -> f64 {
        1.0 / (1.0 + squared_distance / self.dof)
    }
}
