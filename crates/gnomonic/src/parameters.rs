//! What is asked of a run.

use crate::affinities::Affinity;
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
        self.validate_from_affinities(n_samples)
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
