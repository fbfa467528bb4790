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
use crate::error::{Result, legible, refuse};
use crate::gradient::general::{Lattice, MOST_FIELD_COMPONENTS, Pairs};
use crate::gradient::space::Space;
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
pub(in crate::gradient) const FAR: f32 = 1e18;

/// Up to here the sum over all pairs is cheaper than the field (measured: docs/performance.md).
const EXACT_UP_TO: usize = 1_100;

/// Up to here the field's small errors are large beside what few points do to each other, and the exact sum costs nothing.
const FIELD_FROM: usize = 256;

/// The same in three dimensions, where a grid has more nodes.
const EXACT_UP_TO_IN_SPACE: usize = 4_000;

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

    /// [`resolve`](Self::resolve) for a map of `n_components` dimensions and `dof` degrees of freedom: beyond three dimensions, `Auto` is the
    /// exact sum, however many points there are, and in three up to 4,000.
    #[must_use]
    pub fn resolve_for(self, n_samples: usize, n_components: usize, dof: f64) -> Self {
        if (Space { n_components, dof }).is_usual() {
            return self.resolve(n_samples);
        }
        let exact_up_to = match n_components {
            1 => FIELD_FROM,
            2 => EXACT_UP_TO,
            3 => EXACT_UP_TO_IN_SPACE,
            _ => usize::MAX,
        };
        match self {
            Self::Auto if n_samples <= exact_up_to => Self::Exact,
            chosen => chosen.resolve(n_samples),
        }
    }

    /// Refuses what does not go together.
    pub(crate) fn validate_for(self, space: Space) -> Result<()> {
        match self {
            Self::BarnesHut { angle } if !(0.0..=1.0).contains(&angle) => {
                let bound = "must be from 0 (every pair by itself) to 1; 0.5 is usual";
                refuse("angle", legible(angle), bound)
            }
            Self::BarnesHut { .. } if !space.is_usual() => {
                let value = format!(
                    "barnes-hut for {} and {} degrees of freedom",
                    dimensions(space),
                    legible(space.dof)
                );
                let bound =
                    "has two dimensions and one degree of freedom: take field, which is faster, or exact";
                refuse("repulsion", value, bound)
            }
            Self::Field if space.n_components > MOST_FIELD_COMPONENTS => {
                let bound = "has at most three dimensions: take exact, whose time grows with the square of the points";
                refuse("repulsion", format!("field for {}", dimensions(space)), bound)
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn start(self, n_samples: usize, space: Space) -> Box<dyn Repulsion> {
        match self.resolve_for(n_samples, space.n_components, space.dof) {
            Self::Exact if space.is_usual() => Box::new(exact::Exact::default()),
            Self::Exact => Box::new(Pairs::new(space)),
            Self::BarnesHut { angle } => Box::new(barnes_hut::BarnesHut::new(angle)),
            _ if space.is_usual() => Box::new(field::Field::new()),
            _ => match space.n_components {
                1 => Box::new(Lattice::<1>::new(space)),
                2 => Box::new(Lattice::<2>::new(space)),
                3 => Box::new(Lattice::<3>::new(space)),
                _ => Box::new(Pairs::new(space)),
            },
        }
    }
}

fn dimensions(space: Space) -> String {
    match space.n_components {
        1 => "1 dimension".to_owned(),
        several => format!("{several} dimensions"),
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
    /// Writes Σ_j w_ij v_ij (y_i − y_j) for every point into `forces` and returns Z = Σ_{i≠j} w_ij: see [`gradient`](crate::gradient), where
    /// w = v = 1 / (1 + r²) for one degree of freedom. Positions and forces are those of one point after another. Z is positive for two points or
    /// more.
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

/// Z = Σ_{i≠j} w_ij over all pairs, each in `f32` and summed in `f64`: O(n² c) work.
pub(crate) fn exact_normalizer(positions: &[f32], space: Space) -> f64 {
    let mut exact = RepulsionMethod::Exact.start(positions.len() / space.n_components, space);
    exact.forces(positions, &mut vec![0.0; positions.len()])
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
    /// Starts `method` for maps of `n_samples` points in two dimensions. [`RepulsionMethod::resolve`] says what that means.
    #[must_use]
    pub fn new(method: RepulsionMethod, n_samples: usize) -> Self {
        Self(method.start(n_samples, Space::USUAL))
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

/// The sums for a map by a `method` of choice, for tests and measurements: Σ_j w_ij v_ij (y_i − y_j) for each coordinate, point
/// after point, and Z, with `dof` degrees of freedom and as many dimensions as the map has. See [`Evaluator`] for one map after another.
///
/// # Errors
/// A method that does not have so many dimensions or such degrees of freedom, and degrees of freedom that are not from 0.1 to 100.
pub fn forces(method: RepulsionMethod, embedding: &Embedding, dof: f64) -> Result<(Vec<f32>, f64)> {
    let space = Space { n_components: embedding.n_components(), dof };
    space.validate()?;
    method.validate_for(space)?;
    let mut forces = vec![0.0; embedding.as_slice().len()];
    let normalizer = method.start(embedding.n_samples(), space).forces(embedding.as_slice(), &mut forces);
    Ok((forces, normalizer))
}

#[cfg(test)]
mod tests;
