//! Repulsion: every point pushes every other. One strategy is chosen for a run; all meet the same contract.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod barnes_hut;
mod bounds;
mod exact;
mod field;
mod fixed;

pub(crate) use fixed::FixedPoints;

use crate::embedding::Embedding;
use std::fmt;

/// How the sums over all pairs are formed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum RepulsionMethod {
    /// [`Exact`](Self::Exact) for small data, [`Field`](Self::Field) beyond: see [`RepulsionMethod::resolve`].
    #[default]
    Auto,
    /// Every pair, by the definition, in O(n²).
    Exact,
    /// One potential field, spread on a grid and read back, and where the map is sparse pairs within 2.5 cells corrected one by
    /// one: O(n + near pairs + nodes ln nodes), where the spacing is chosen to make the sum least.
    Field,
    /// Far cells of a quadtree as one point each, in O(n log n): scikit-learn's default, for comparison with it. On large
    /// maps it takes longer than [`Field`](Self::Field) and is less accurate (docs/performance.md), so `Auto` never chooses it.
    BarnesHut {
        /// Cells whose width is below this share of their distance are taken as one: from 0, which takes every pair by
        /// itself, to 1. Usual: [`RepulsionMethod::ANGLE`].
        angle: f64,
    },
}

/// Far enough that the weight of a padding point, 1 / (1 + 2e36), vanishes beside every sum, and near enough that its
/// square stays finite.
const FAR: f32 = 1e18;

/// Up to here the sum over all pairs is cheaper than the field (measured: docs/performance.md).
const EXACT_UP_TO: usize = 1_100;

/// Up to here the field's small errors are large beside what few points do to each other, and the exact sum costs nothing.
const FIELD_FROM: usize = 256;

impl RepulsionMethod {
    /// The usual angle of [`BarnesHut`](Self::BarnesHut), the default of scikit-learn and openTSNE.
    pub const ANGLE: f64 = 0.5;

    /// What `Auto` means for `n_samples` points, and `Field` for few: up to 256, it is the exact sum. Other methods are
    /// themselves.
    #[must_use]
    pub fn resolve(self, n_samples: usize) -> Self {
        match self {
            Self::Auto if n_samples <= EXACT_UP_TO => Self::Exact,
            Self::Field if n_samples <= FIELD_FROM => Self::Exact,
            Self::Auto => Self::Field,
            chosen => chosen,
        }
    }

    pub(crate) fn start(self, n_samples: usize) -> Box<dyn Repulsion> {
        match self.resolve(n_samples) {
            Self::Exact => Box::new(exact::Exact::default()),
            Self::BarnesHut { angle } => Box::new(barnes_hut::BarnesHut::new(angle)),
            _ => Box::new(field::Field::new()),
        }
    }
}

impl fmt::Display for RepulsionMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Exact => "exact",
            Self::Field => "field",
            Self::BarnesHut { .. } => "barnes-hut",
        })
    }
}

/// A strategy at work; it keeps its buffers from one iteration to the next.
pub(crate) trait Repulsion: Send {
    /// Writes Σ_j w_ij² (y_i − y_j) for every point into `forces` and returns Z = Σ_{i≠j} w_ij, where
    /// w = 1 / (1 + r²). Positions and forces are x₀, y₀, x₁, y₁, … Z is positive for two points or more.
    ///
    /// The bits depend on the positions alone: neither on earlier calls nor on the number of threads.
    fn forces(&mut self, positions: &[f32], forces: &mut [f32]) -> f64;

    /// The grid spacing of the last call, in map units, where there is a grid.
    fn spacing(&self) -> Option<f64> {
        None
    }

    /// The spacing that the last call should have had, where the map was too wide for it.
    fn finer_spacing_wanted(&self) -> Option<f64> {
        None
    }
}

/// Z = Σ_{i≠j} 1 / (1 + r²_ij) over all pairs, each in `f32` and summed in `f64`: O(n²) work.
pub(crate) fn exact_normalizer(positions: &[f32]) -> f64 {
    exact::Exact::default().forces(positions, &mut vec![0.0; positions.len()])
}

/// A method at work on one map after another, for measurements: like a run, it keeps its buffers, grids and plans.
///
/// ```
/// use gnomonic::gradient::repulsion::{Evaluator, RepulsionMethod};
///
/// let mut evaluator = Evaluator::new(RepulsionMethod::Exact, 2);
/// let mut forces = [0.0; 4];
/// let z = evaluator.evaluate(&[0.0, 0.0, 1.0, 0.0], &mut forces);
/// assert_eq!((z, forces), (1.0, [-0.25, 0.0, 0.25, 0.0]));
/// ```
pub struct Evaluator(Box<dyn Repulsion>);

impl Evaluator {
    /// Starts `method` for maps of `n_samples` points. [`RepulsionMethod::resolve`] says what that means.
    #[must_use]
    pub fn new(method: RepulsionMethod, n_samples: usize) -> Self {
        Self(method.start(n_samples))
    }

    /// Writes Σ_j w_ij² (y_i − y_j) for every point into `forces` and returns Z = Σ_{i≠j} w_ij, where w = 1 / (1 + r²).
    /// Positions and forces are x₀, y₀, x₁, y₁, …
    ///
    /// # Panics
    /// When the two are not equally long, or their length is odd.
    pub fn evaluate(&mut self, positions: &[f32], forces: &mut [f32]) -> f64 {
        assert!(
            positions.len() == forces.len() && positions.len().is_multiple_of(2),
            "two numbers for each point"
        );
        self.0.forces(positions, forces)
    }

    /// The grid spacing of the last evaluation, in map units, where there is a grid.
    #[must_use]
    pub fn spacing(&self) -> Option<f64> {
        self.0.spacing()
    }
}

impl fmt::Debug for Evaluator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evaluator").field("spacing", &self.spacing()).finish_non_exhaustive()
    }
}

/// The sums for a map by a `method` of choice, for tests and measurements: Σ_j w_ij² (y_i − y_j) for each coordinate, point
/// after point, and Z. See [`Evaluator`] for one map after another.
#[must_use]
pub fn forces(method: RepulsionMethod, embedding: &Embedding) -> (Vec<f32>, f64) {
    let mut forces = vec![0.0; embedding.as_slice().len()];
    let normalizer = method.start(embedding.n_samples()).forces(embedding.as_slice(), &mut forces);
    (forces, normalizer)
}

#[cfg(test)]
mod tests;
