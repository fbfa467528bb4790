//! What a run was: enough to repeat it, and to know what it is worth.

use crate::gradient::repulsion::RepulsionMethod;
use crate::initialization::Initialization;
use crate::neighbors::{NeighborMethod, Recall};
use crate::observer::Warning;
use std::fmt;

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// All iterations were done.
    Iterations,
    /// The gradient became smaller than asked.
    GradientNorm,
    /// The KL divergence fell more slowly than asked.
    RelativeProgress,
    /// The observer stopped the run.
    Cancelled,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Iterations => "iterations",
            Self::GradientNorm => "gradient norm",
            Self::RelativeProgress => "relative progress",
            Self::Cancelled => "cancelled",
        })
    }
}

/// The parameters of a run as they were resolved, the methods that were chosen, and how it went. It holds no times and no
/// number of threads: the result does not depend on them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// The version of this library.
    pub version: &'static str,
    /// The instruction set that the loops used; results may differ in the last bits between them.
    pub instruction_set: &'static str,
    /// Number of points, n.
    pub n_samples: usize,
    /// Number of columns of the data, d; absent when the run began at the neighbors or at P.
    pub n_features: Option<usize>,
    /// The perplexity that P was calibrated for; absent when the run began at P.
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
    /// The seed.
    pub seed: u64,
    /// Iterations asked for.
    pub iterations: usize,
    /// Iterations done.
    pub iterations_done: usize,
    /// The factor on attraction in the first iterations, …
    pub early_exaggeration: f64,
    /// … and how many these are.
    pub early_exaggeration_iterations: usize,
    /// The learning rates of the two phases, for a gradient with the factor 4.
    pub learning_rates: [f64; 2],
    /// The momenta of the two phases.
    pub momenta: [f64; 2],
    /// How the sums over all pairs were formed.
    pub repulsion: RepulsionMethod,
    /// The field's grid spacing at the end, in map units.
    pub field_spacing: Option<f64>,
    /// Whether Z of the final KL divergence is the sum over all pairs (`true`) or that of `repulsion`: the field's has an
    /// error below 0.1 %, that of `BarnesHut` one of about 1 % at the usual angle.
    pub exact_normalizer: bool,
    /// KL(P‖Q) of the returned map, in nats.
    pub kl_divergence: f64,
    /// The mean gain at the end. Below about 1.5 the forces were noisy.
    pub mean_gain: f64,
    /// Why the run ended.
    pub stop: Stop,
    /// What was unusual.
    pub warnings: Vec<Warning>,
}
