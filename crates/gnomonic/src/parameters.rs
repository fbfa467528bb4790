//! What is asked of a run.

use crate::affinities::Affinity;
use crate::distance::Distance;
use crate::error::{ErrorKind, Result, refuse};
use crate::gradient::repulsion::RepulsionMethod;
use crate::gradient::space::Space;
use crate::initialization::{Initialization, Start};
use crate::neighbors::NeighborMethod;
use crate::pca::Pca;
use crate::rows::Rows;
use crate::schedule::Schedule;
use crate::simd;

/// All that a map depends on beside the data. [`Tsne`](crate::Tsne) sets them one by one; a [`Record`](crate::Record) holds those of
/// its run, so that it can be done again.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Parameters {
    /// How a sample's attention follows from its neighbors' distances.
    pub affinity: Affinity,
    /// How far apart two rows are.
    pub distance: Distance,
    /// How neighbors are found.
    pub neighbor_method: NeighborMethod,
    /// How the points are placed for the start.
    pub initialization: Initialization,
    /// Dimensions of the map, c.
    pub n_components: usize,
    /// Degrees of freedom ν of the map's kernel.
    pub dof: f64,
    /// How the sums over all pairs are formed.
    pub repulsion: RepulsionMethod,
    /// What happens in which iteration.
    pub schedule: Schedule,
    /// The seed of everything random.
    pub seed: u64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            affinity: Affinity::default(),
            distance: Distance::Euclidean,
            neighbor_method: NeighborMethod::Auto,
            initialization: Initialization::Pca,
            n_components: 2,
            dof: 1.0,
            repulsion: RepulsionMethod::Auto,
            schedule: Schedule::default(),
            seed: 42,
        }
    }
}

/// t-SNE needs a neighbor for every point and something to compare it with.
pub(crate) const LEAST_SAMPLES: usize = 4;

impl Parameters {
    /// Checks every parameter against data of `n_samples` rows, in no time.
    ///
    /// # Errors
    /// Names the parameter, its value and its bound.
    pub fn validate(&self, n_samples: usize) -> Result<()> {
        if n_samples >= LEAST_SAMPLES {
            self.affinity.validate(n_samples)?;
        }
        self.validate_search()?;
        self.validate_from_affinities(n_samples)
    }

    /// Checks that the method can find the neighbors by the distance.
    fn validate_search(&self) -> Result<()> {
        self.distance.validate()?;
        let compares_all = matches!(self.neighbor_method, NeighborMethod::Auto | NeighborMethod::Exact);
        if !compares_all && !self.distance.is_euclidean_in_disguise() {
            let bound = "must be exact or auto for a distance that is not Euclidean between any rows, such as this one: all pairs are compared";
            let value = format!("{} for the distance {}", self.neighbor_method, self.distance);
            return refuse("neighbor method", value, bound);
        }
        Ok(())
    }

    /// The method that will find the neighbors of n × d data.
    pub(crate) fn resolved_neighbor_method(&self, n_samples: usize, n_features: usize) -> NeighborMethod {
        if self.distance.is_euclidean_in_disguise() {
            self.neighbor_method.resolve(n_samples, n_features)
        } else {
            NeighborMethod::Exact
        }
    }

    /// The same without the perplexity, for a run that begins with P.
    pub(crate) fn validate_from_affinities(&self, n_samples: usize) -> Result<()> {
        if n_samples < LEAST_SAMPLES {
            return Err(ErrorKind::TooFewSamples { n_samples, at_least: LEAST_SAMPLES }.into());
        }
        simd::check()?;
        self.schedule.validate()?;
        self.space().validate()?;
        self.repulsion.validate_for(self.space())
    }

    /// Where the map lies.
    pub(crate) fn space(&self) -> Space {
        Space { n_components: self.n_components, dof: self.dof }
    }

    /// Where the points of a map of `x` start.
    pub(crate) fn start(&self, x: Rows<'_>, axes: Option<&Pca>) -> Result<Start> {
        self.initialization.start_in(x, axes, self.n_components, self.seed)
    }

    /// What will form the sums over all pairs.
    pub(crate) fn resolved_repulsion(&self, n_samples: usize) -> RepulsionMethod {
        self.repulsion.resolve_for(n_samples, self.n_components, self.dof)
    }
}
