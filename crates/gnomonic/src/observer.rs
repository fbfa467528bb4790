//! Watching a run, and stopping it.

use std::fmt;

/// The stages of a run, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Finding each sample's nearest neighbors.
    Neighbors,
    /// Finding each sample's bandwidth and making P symmetric.
    Affinities,
    /// Placing the points for the start.
    Initialization,
    /// The first iterations, with attraction exaggerated.
    EarlyExaggeration,
    /// The remaining iterations.
    Optimization,
    /// The KL divergence of the finished map.
    FinalDivergence,
    /// Laying new rows on a finished map.
    Placement,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Neighbors => "neighbors",
            Self::Affinities => "affinities",
            Self::Initialization => "initialization",
            Self::EarlyExaggeration => "early exaggeration",
            Self::Optimization => "optimization",
            Self::FinalDivergence => "final divergence",
            Self::Placement => "placement",
        })
    }
}

/// Whether a run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    Continue,
    /// Finish what is under way and return the map so far.
    Stop,
}

/// The state after an iteration.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Iteration<'a> {
    /// Iterations finished, from 1.
    pub iteration: usize,
    /// Iterations that there will be, unless a stop rule ends the run sooner.
    pub iterations: usize,
    /// The factor on attraction in this iteration.
    pub exaggeration: f64,
    /// The share of the last step that this one kept.
    pub momentum: f64,
    /// The KL divergence of the map that the iteration began with, without exaggeration; given on every 50th iteration and the last.
    pub kl_divergence: Option<f64>,
    /// Euclidean norm of the gradient of the KL divergence, exaggerated as this iteration was.
    pub gradient_norm: f64,
    pub(crate) positions: Positions<'a>,
}

impl Iteration<'_> {
    /// The positions after the iteration, x₀, y₀, x₁, y₁, … in the order of the samples. Made when it is called: O(n).
    #[must_use]
    pub fn embedding(&self) -> Vec<f32> {
        self.positions.in_order()
    }
}

/// Positions of a map whose points may stand in another order than the samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Positions<'a> {
    pub(crate) by_place: &'a [f32],
    /// The sample whose point stands at each place; none when all stand in order.
    pub(crate) order: Option<&'a [u32]>,
}

impl Positions<'_> {
    pub(crate) fn in_order(self) -> Vec<f32> {
        let mut positions = self.by_place.to_vec();
        let points = positions.as_chunks_mut::<2>().0;
        for (&sample, &point) in self.order.into_iter().flatten().zip(self.by_place.as_chunks::<2>().0) {
            points[sample as usize] = point;
        }
        positions
    }
}

/// Something unusual that a run goes on with.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// The perplexity asks for more neighbors than there are: every other sample is one.
    FewNeighbors {
        /// The perplexity asked for.
        perplexity: f64,
        /// Neighbors used, n − 1.
        n_neighbors: usize,
    },
    /// The search for neighbors that was chosen would miss too many of this data's, so all pairs of rows are compared. That takes
    /// what an estimate for [`NeighborMethod::Exact`](crate::neighbors::NeighborMethod::Exact) says. The observer is told before
    /// it begins, and is asked for its [`progress`](Observer::progress) next, where it may stop the run.
    ExactNeighbors {
        /// The method that was chosen, `shortlist` or `clustered`.
        method: &'static str,
    },
    /// The map has grown so wide that the field's grid had to become coarser than asked.
    CoarseField {
        /// Spacing asked for, in map units.
        asked: f64,
        /// Spacing used at the end, in map units.
        used: f64,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewNeighbors { perplexity, n_neighbors } => write!(
                f,
                "perplexity {perplexity} is usually calibrated on {} neighbors, but there are {n_neighbors}: all are used; \
                 {} or less leaves room",
                (3.0 * perplexity) as usize,
                n_neighbors / 3
            ),
            Self::ExactNeighbors { method } => {
                let reason = match *method {
                    "clustered" => "lie in no clusters that a search could keep to",
                    _ => "are not told apart by a few principal axes",
                };
                write!(
                    f,
                    "the rows {reason}: all pairs are compared in all columns, which takes longer and more memory"
                )
            }
            Self::CoarseField { asked, used } => write!(
                f,
                "the map has grown so wide that the field's grid spacing is {used:.2} instead of {asked:.2}: forces are less exact"
            ),
        }
    }
}

/// Is told what a run does, and may stop it. Every method has a default that does nothing.
pub trait Observer: Send {
    /// A stage begins.
    fn stage(&mut self, _stage: Stage) {}

    /// A long stage has done `fraction` (0 to 1) of its work. Stopping here, before there is a map, ends the run with
    /// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    fn progress(&mut self, _stage: Stage, _fraction: f64) -> Control {
        Control::Continue
    }

    /// An iteration is finished. Stopping here returns the map as it is.
    fn iteration(&mut self, _iteration: &Iteration<'_>) -> Control {
        Control::Continue
    }

    /// Something is unusual; the run goes on.
    fn warning(&mut self, _warning: &Warning) {}
}

/// Passes everything on, and keeps the warnings.
pub(crate) struct Recording<'a> {
    observer: &'a mut dyn Observer,
    pub(crate) warnings: Vec<Warning>,
}

impl<'a> Recording<'a> {
    /// Begins with what `observer` has heard before.
    pub(crate) fn new(observer: &'a mut dyn Observer, heard: Option<Warning>) -> Self {
        Self { observer, warnings: heard.into_iter().collect() }
    }
}

impl Observer for Recording<'_> {
    fn stage(&mut self, stage: Stage) {
        self.observer.stage(stage);
    }

    fn progress(&mut self, stage: Stage, fraction: f64) -> Control {
        self.observer.progress(stage, fraction)
    }

    fn iteration(&mut self, iteration: &Iteration<'_>) -> Control {
        self.observer.iteration(iteration)
    }

    fn warning(&mut self, warning: &Warning) {
        self.observer.warning(warning);
        self.warnings.push(warning.clone());
    }
}

/// An observer that looks away.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {}
