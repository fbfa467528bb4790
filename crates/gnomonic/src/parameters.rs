//! What is asked of a run.

use crate::affinities::Affinity;
use crate::distance::Distance;
use crate::error::{ErrorKind, Result, legible, refuse};
use crate::gradient::repulsion::RepulsionMethod;
use crate::initialization::Initialization;
use crate::neighbors::NeighborMethod;
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
        match self.repulsion {
            RepulsionMethod::BarnesHut { angle } if !(0.0..=1.0).contains(&angle) => {
                let bound = "must be from 0 (every pair by itself) to 1; 0.5 is usual";
                refuse("angle", legible(angle), bound)
            }
            _ => Ok(()),
        }
    }
}
