//! What a run was: enough to repeat it, and to know what it is worth.

use crate::distance::Distance;
use crate::gradient::repulsion::RepulsionMethod;
use crate::initialization::Initialization;
use crate::neighbors::{NeighborMethod, Recall};
use crate::observer::Warning;
use crate::parameters::Parameters;
use crate::schedule::{Plan, Stop};

/// What was asked for, what was chosen, and how it went. The data and [`parameters`](Self::parameters) make the same map again, with the
/// same version and instruction set; where a run was entered with neighbors, with P or with starting positions, these belong to the data.
///
/// It holds no times and no number of threads: the result does not depend on them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// The version of this library.
    pub version: String,
    /// The instruction set that the loops used; results may differ in the last bits between them.
    pub instruction_set: String,
    /// The parameters as they were asked for.
    pub parameters: Parameters,
    /// Number of points, n.
    pub n_samples: usize,
    /// Number of columns of the data, d; absent when the run began at neighbors found elsewhere, or at P.
    pub n_features: Option<usize>,
    /// The distance that the neighbors were found by; absent when that was a function of the caller's, and when they were given.
    pub distance: Option<Distance>,
    /// The perplexity that P was calibrated for, of several the largest; absent when it follows from none, and when the run began at P.
    pub perplexity: Option<f64>,
    /// Neighbors of each sample; absent when the run began at P.
    pub n_neighbors: Option<usize>,
    /// How the neighbors were found; absent when they were given.
    pub neighbor_method: Option<NeighborMethod>,
    /// The share of the true neighbors that were found: 1 for an exact search; absent when they were given.
    pub neighbor_recall: Option<Recall>,
    /// Entries of P, each pair twice.
    pub n_affinities: usize,
    /// How the points were placed for the start; absent when positions were given.
    pub initialization: Option<Initialization>,
    /// The schedule in numbers.
    pub schedule: Plan,
    /// Iterations done.
    pub iterations_done: usize,
    /// Whether the map came to rest: the iterations at the end of the schedule, in which friction rises, were all done. A map that was
    /// stopped before has the same clusters, with their points a little out of place. Always true where nothing settles, with a
    /// constant momentum, unless the observer stopped the run.
    pub settled: bool,
    /// How the sums over all pairs were formed.
    pub repulsion: RepulsionMethod,
    /// The field's grid spacing at the end, in map units.
    pub field_spacing: Option<f64>,
    /// Whether Z of the final KL divergence is the sum over all pairs (`true`) or, for many points, the field's, whose error is below
    /// 0.1 %.
    pub exact_normalizer: bool,
    /// KL(P‖Q) of the returned map, in nats.
    pub kl_divergence: f64,
    /// The mean gain at the end. Small gains tell of noisy forces, or of a map that is not settled.
    pub mean_gain: f64,
    /// Why the run ended, or began to settle, when it did.
    pub stop: Stop,
    /// What was unusual.
    pub warnings: Vec<Warning>,
}
