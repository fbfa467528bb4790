//! The whole pipeline: the one file that knows every stage.

mod own_distance;
mod rows;

use crate::affinities::{Affinities, Affinity};
use crate::descent::Descent;
use crate::distance::Distance;
use crate::embedding::Embedding;
use crate::error::{ErrorKind, Result, refuse};
use crate::estimate::{self, Estimate};
use crate::gradient::repulsion::RepulsionMethod;
use crate::initialization::{Initialization, Start};
use crate::matrix::LARGEST_VALUE;
use crate::neighbors::{self, Found, NeighborMethod, Neighbors};
use crate::observer::{Observer, Recording, Silent, Stage, Warning};
use crate::parameters::Parameters;
use crate::record::Record;
use crate::rows::Rows;
use crate::schedule::{LearningRate, Momentum, Schedule};
use crate::simd;
use crate::system;
use rows::check_data;

/// t-SNE's parameters; [`fit`](Self::fit) runs it.
///
/// ```
/// use gnomonic::{Matrix, Tsne};
///
/// // Two groups of points in five dimensions.
/// let rows = (0..60).flat_map(|i| (0..5).map(move |j| ((7 * i + 3 * j) % 11) as f32 + if i < 30 { 0.0 } else { 50.0 }));
/// let x = Matrix::new(rows.collect(), 60, 5)?;
/// let fit = Tsne::new().perplexity(10.0).iterations(300).fit(&x)?;
/// assert_eq!(fit.embedding.n_samples(), 60);
/// assert!(fit.record.kl_divergence < 1.0);
/// # Ok::<(), gnomonic::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tsne {
    parameters: Parameters,
    threads: Option<usize>,
}

/// A finished map and what led to it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fit {
    /// The map.
    pub embedding: Embedding,
    /// What was asked for, what was chosen, and the outcome.
    pub record: Record,
}

impl Tsne {
    /// The documented defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The defaults, but for the schedule of the textbook: [`Schedule::classic`].
    #[must_use]
    pub fn classic() -> Self {
        Self::new().schedule(Schedule::classic())
    }

    /// All parameters as they are set.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Sets all parameters at once, such as those of a [`Record`] to do its run again.
    #[must_use]
    pub fn with_parameters(mut self, parameters: Parameters) -> Self {
        self.parameters = parameters;
        self
    }

    /// The effective number of neighbors that each point attends to: at least 1 and below n. Default 30, as in scikit-learn
    /// and openTSNE; 5 to 100 are usual.
    #[must_use]
    pub fn perplexity(mut self, perplexity: f64) -> Self {
        self.parameters.affinity = Affinity::Perplexity(perplexity);
        self
    }

    /// How P is made of the neighbors' distances: by one [`perplexity`](Self::perplexity), the default, or otherwise.
    #[must_use]
    pub fn affinity(mut self, affinity: Affinity) -> Self {
        self.parameters.affinity = affinity;
        self
    }

    /// How far apart two rows are. Default [`Distance::Euclidean`]. P is made of the squares of the distances, whichever they are.
    #[must_use]
    pub fn distance(mut self, distance: Distance) -> Self {
        self.parameters.distance = distance;
        self
    }

    /// What happens in which iteration. Default [`Schedule::default`]. The methods from here to
    /// [`min_relative_progress`](Self::min_relative_progress) change one thing of it each.
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.parameters.schedule = schedule;
        self
    }

    /// [`Schedule::iterations`]: iterations in all, the exaggerated ones among them.
    #[must_use]
    pub fn iterations(mut self, iterations: usize) -> Self {
        self.parameters.schedule.iterations = Some(iterations);
        self
    }

    /// The factor on attraction in the first iterations, which lets clusters find each other. At least 1. Default 6, half of what is
    /// usual elsewhere: maps end in better minima that scatter less (measured on 25 data sets; `docs/descent.md`).
    #[must_use]
    pub fn early_exaggeration(mut self, factor: f64) -> Self {
        self.parameters.schedule.early.exaggeration = factor;
        self
    }

    /// [`Schedule::early_iterations`]: how many of the iterations are exaggerated.
    #[must_use]
    pub fn early_exaggeration_iterations(mut self, iterations: usize) -> Self {
        self.parameters.schedule.early_iterations = Some(iterations);
        self
    }

    /// The factor on attraction in the iterations after early exaggeration. Default 1; more draws clusters together, and about 4 makes
    /// maps like those of UMAP (Böhm, Berens & Kobak 2022, JMLR 23:95).
    #[must_use]
    pub fn exaggeration(mut self, factor: f64) -> Self {
        self.parameters.schedule.normal.exaggeration = factor;
        self
    }

    /// The step size of both phases. Default [`LearningRate::Auto`].
    #[must_use]
    pub fn learning_rate(mut self, learning_rate: LearningRate) -> Self {
        let schedule = &mut self.parameters.schedule;
        (schedule.early.learning_rate, schedule.normal.learning_rate) = (learning_rate, learning_rate);
        self
    }

    /// The share of a step that the next one keeps, after early exaggeration.
    #[must_use]
    pub fn momentum(mut self, momentum: Momentum) -> Self {
        self.parameters.schedule.normal.momentum = momentum;
        self
    }

    /// [`StopRules::min_gradient_norm`](crate::schedule::StopRules::min_gradient_norm).
    #[must_use]
    pub fn min_gradient_norm(mut self, norm: Option<f64>) -> Self {
        self.parameters.schedule.stop.min_gradient_norm = norm;
        self
    }

    /// [`StopRules::min_relative_progress`](crate::schedule::StopRules::min_relative_progress).
    #[must_use]
    pub fn min_relative_progress(mut self, share: Option<f64>) -> Self {
        self.parameters.schedule.stop.min_relative_progress = share;
        self
    }

    /// How neighbors are found. Default [`NeighborMethod::Auto`].
    #[must_use]
    pub fn neighbor_method(mut self, method: NeighborMethod) -> Self {
        self.parameters.neighbor_method = method;
        self
    }

    /// How the points are placed for the start. Default [`Initialization::Pca`].
    #[must_use]
    pub fn initialization(mut self, initialization: Initialization) -> Self {
        self.parameters.initialization = initialization;
        self
    }

    /// Dimensions of the map, c: at least 1. Default 2. [`RepulsionMethod::Field`] has up to 3, [`RepulsionMethod::Exact`] any number.
    #[must_use]
    pub fn components(mut self, n_components: usize) -> Self {
        self.parameters.n_components = n_components;
        self
    }

    /// Degrees of freedom ν of the map's kernel, (1 + r²/ν)^−(ν+1)/2, from 0.1 to 100. Default 1, the kernel of t-SNE. Less gives points
    /// heavier tails, which parts clusters into finer ones; more brings the map nearer to SNE (Kobak et al. 2020,
    /// doi:10.1007/978-3-030-46150-8_8).
    #[must_use]
    pub fn dof(mut self, dof: f64) -> Self {
        self.parameters.dof = dof;
        self
    }

    /// How the sums over all pairs are formed. Default [`RepulsionMethod::Auto`].
    #[must_use]
    pub fn repulsion(mut self, method: RepulsionMethod) -> Self {
        self.parameters.repulsion = method;
        self
    }

    /// The seed of everything random. Default 42.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.parameters.seed = seed;
        self
    }

    /// Threads to use. Default `None`: the current rayon pool, which is all cores unless the program chose otherwise. The
    /// result does not depend on it.
    #[must_use]
    pub fn threads(mut self, threads: Option<usize>) -> Self {
        self.threads = threads;
        self
    }

    /// The most [`threads`](Self::threads) that may be asked for: more than any machine of today has cores, and few enough to start.
    pub const MOST_THREADS: usize = 1024;

    /// Checks every parameter against data of `n_samples` rows, in no time: what [`fit`](Self::fit) does first.
    ///
    /// # Errors
    /// Names the parameter, its value and its bound.
    pub fn validate(&self, n_samples: usize) -> Result<()> {
        self.parameters.validate(n_samples)?;
        self.validate_threads()
    }

    fn validate_threads(&self) -> Result<()> {
        match self.threads {
            Some(threads) if !(1..=Self::MOST_THREADS).contains(&threads) => {
                refuse("threads", threads.to_string(), &format!("must be from 1 to {}", Self::MOST_THREADS))
            }
            _ => Ok(()),
        }
    }

    /// What [`fit`](Self::fit) will need for `n_samples` rows of `n_features` columns, in no time: memory stage by stage, the
    /// methods that it will choose, and about how long it will take.
    ///
    /// Only the data can tell whether a short list or clusters serve it. Where they do not,
    /// [`Warning::ExactNeighbors`] is told, and what is needed is the estimate for [`NeighborMethod::Exact`].
    ///
    /// ```
    /// let estimate = gnomonic::Tsne::new().estimate(1_000_000, 50)?;
    /// println!("{:.1} GB at most, in the {} stage", estimate.peak_bytes() as f64 / 1e9, estimate.largest_stage().stage);
    /// # Ok::<(), gnomonic::Error>(())
    /// ```
    ///
    /// # Errors
    /// See [`validate`](Self::validate).
    pub fn estimate(&self, n_samples: usize, n_features: usize) -> Result<Estimate> {
        self.validate(n_samples)?;
        Ok(estimate::estimate(self.request(n_samples, n_features)))
    }

    fn request(&self, n_samples: usize, n_features: usize) -> estimate::Request {
        let parameters = &self.parameters;
        estimate::Request {
            n_samples,
            n_features,
            rows: (&parameters.distance).into(),
            n_neighbors: parameters.affinity.n_neighbors(n_samples),
            neighbor_method: parameters.resolved_neighbor_method(n_samples, n_features),
            repulsion: parameters.resolved_repulsion(n_samples),
            space: parameters.space(),
            initialization: parameters.initialization,
            iterations: parameters.schedule.plan(n_samples).iterations(),
            threads: self.threads.unwrap_or_else(system::n_threads),
        }
    }

    /// Maps the rows of `x` to two dimensions, or as many as are asked for. `x` is a [`Matrix`](crate::Matrix), a [`SparseMatrix`](crate::SparseMatrix), or
    /// [`Distances`](crate::Distances), by reference: see [`Rows`].
    ///
    /// Work O(n² d) for the neighbors where all pairs are compared, as they are by default below 100,000 rows, and O(n · m · d) with a few
    /// thousand m beyond, as [`clustered`](neighbors::clustered()) tells; O(n · perplexity) per iteration. The result depends on the data,
    /// the parameters and the seed alone.
    ///
    /// # Errors
    /// See [`validate`](Self::validate); also values that are not finite, and rows that are all equal.
    pub fn fit<'a>(&self, x: impl Into<Rows<'a>>) -> Result<Fit> {
        self.fit_observed(x, &mut Silent)
    }

    /// [`fit`](Self::fit), watched by `observer`, which may stop it.
    ///
    /// # Errors
    /// As [`fit`](Self::fit); also [`ErrorKind::Cancelled`] when the observer stops it before the first iteration.
    pub fn fit_observed<'a>(&self, x: impl Into<Rows<'a>>, observer: &mut dyn Observer) -> Result<Fit> {
        self.fit_started(x.into(), None, observer)
    }

    /// [`fit_observed`](Self::fit_observed) from a start of your own, an [`Embedding`], in place of the
    /// [`initialization`](Self::initialization). It is taken as it is: neither moved nor scaled.
    ///
    /// # Errors
    /// As [`fit_observed`](Self::fit_observed), and when the start has another number of points than `x` has rows.
    pub fn fit_from<'a>(
        &self,
        x: impl Into<Rows<'a>>,
        start: impl Into<Start>,
        observer: &mut dyn Observer,
    ) -> Result<Fit> {
        self.fit_started(x.into(), Some(start.into()), observer)
    }

    fn fit_started(&self, x: Rows<'_>, start: Option<Start>, observer: &mut dyn Observer) -> Result<Fit> {
        self.validate(x.n_samples())?;
        if let Some(start) = &start {
            self.check_start(start, x.n_samples())?;
        }
        self.validate_method_for(x)?;
        system::on_threads(self.threads, || {
            check_data(x)?;
            self.has_room_for(x)?;
            let Found { neighbors, n_features, distance, method, recall, axes, warning } =
                self.find_neighbors(x, observer)?;
            let mut observer = Recording::new(observer, warning);
            let affinity = &self.parameters.affinity;
            let origin = Origin {
                n_features,
                distance,
                found_by: Some((method, recall)),
                calibrated: Some((affinity.perplexity(), neighbors.k())),
            };
            self.announce_affinities(neighbors.k(), &mut observer);
            let affinities = Affinities::from_owned_neighbors(neighbors, affinity)?;
            observer.stage(Stage::Initialization);
            let start = match start {
                Some(start) => start,
                None => self.parameters.start(x, axes.as_ref())?,
            };
            self.optimize(&affinities, start, origin, observer)
        })
    }

    /// Finds the neighbors that [`fit`](Self::fit) would: a door to search once for several perplexities, the largest first
    /// (see [`Neighbors::truncated`]).
    ///
    /// # Errors
    /// As [`fit_observed`](Self::fit_observed).
    pub fn neighbors<'a>(&self, x: impl Into<Rows<'a>>, observer: &mut dyn Observer) -> Result<Found> {
        let x = x.into();
        self.validate(x.n_samples())?;
        self.validate_method_for(x)?;
        system::on_threads(self.threads, || {
            check_data(x)?;
            self.has_room_for(x)?;
            self.find_neighbors(x, observer)
        })
    }

    /// Enters with neighbors, those that [`neighbors`](Self::neighbors) has found or others: more than the perplexity needs are left out
    /// of account. `start` is where the points start.
    ///
    /// # Errors
    /// As [`fit_observed`](Self::fit_observed), and when the numbers of points differ.
    pub fn fit_neighbors<'a>(
        &self,
        neighbors: impl Into<KnownNeighbors<'a>>,
        start: impl Into<Start>,
        observer: &mut dyn Observer,
    ) -> Result<Fit> {
        let known = neighbors.into();
        let (neighbors, start) = (known.neighbors, start.into());
        self.validate(neighbors.n_samples())?;
        system::on_threads(self.threads, || {
            let affinity = &self.parameters.affinity;
            let n_features = known.found.and_then(|found| found.n_features).unwrap_or(1);
            self.has_room(neighbors.n_samples(), n_features, Stage::Affinities)?;
            let k = affinity.n_neighbors(neighbors.n_samples());
            let shorter;
            let neighbors = if neighbors.k() > k {
                shorter = neighbors.truncated(k);
                &shorter
            } else {
                neighbors
            };
            let mut observer = Recording::new(observer, known.found.and_then(|found| found.warning.clone()));
            self.announce_affinities(neighbors.k(), &mut observer);
            let affinities = Affinities::from_neighbors(neighbors, affinity.clone())?;
            let origin = Origin {
                n_features: known.found.and_then(|found| found.n_features),
                distance: known.found.and_then(|found| found.distance.clone()),
                found_by: known.found.map(|found| (found.method, found.recall)),
                calibrated: Some((affinity.perplexity(), neighbors.k())),
            };
            self.optimize(&affinities, start, origin, observer)
        })
    }

    /// Enters with P, whatever the perplexity that is set. `start` is where the points start.
    ///
    /// # Errors
    /// As [`fit_observed`](Self::fit_observed), and when the numbers of points differ.
    pub fn fit_affinities(
        &self,
        affinities: &Affinities,
        start: impl Into<Start>,
        observer: &mut dyn Observer,
    ) -> Result<Fit> {
        let start = start.into();
        self.parameters.validate_from_affinities(affinities.n_samples())?;
        self.validate_threads()?;
        system::on_threads(self.threads, || {
            self.optimize(affinities, start, Origin::default(), Recording::new(observer, None))
        })
    }

    /// That the system has the memory that a run of such data needs from the stage `first` on.
    fn has_room(&self, n_samples: usize, n_features: usize, first: Stage) -> Result<()> {
        let estimate = estimate::estimate(self.request(n_samples, n_features));
        // The allocator takes its part: what it has cut up, and what it keeps for each thread.
        let needed = estimate.still_needed(first);
        system::has_room(needed.saturating_add(needed / 4), "t-SNE")
    }

    fn find_neighbors(&self, x: Rows<'_>, observer: &mut dyn Observer) -> Result<Found> {
        observer.stage(Stage::Neighbors);
        let k = self.parameters.affinity.n_neighbors(x.n_samples());
        neighbors::search(x, k, &self.parameters.distance, self.parameters.neighbor_method, observer)
    }

    fn announce_affinities(&self, n_neighbors: usize, observer: &mut Recording<'_>) {
        let perplexity = self.parameters.affinity.perplexity();
        if let Some(perplexity) = perplexity.filter(|perplexity| n_neighbors < (3.0 * perplexity) as usize) {
            observer.warning(&Warning::FewNeighbors { perplexity, n_neighbors });
        }
        observer.stage(Stage::Affinities);
    }

    /// That there is a point of as many dimensions as the map has for each of `n` samples.
    fn check_start(&self, start: &Start, n: usize) -> Result<()> {
        let positions = &start.positions;
        if positions.n_samples() != n {
            let (what, found) = ("starting positions", positions.n_samples());
            return Err(ErrorKind::LengthMismatch { what, found, expected: n }.into());
        }
        let wanted = self.parameters.n_components;
        if positions.n_components() != wanted {
            let bound = format!("must be {wanted}, as in the map that is asked for");
            return refuse(
                "the number of components of the start",
                positions.n_components().to_string(),
                &bound,
            );
        }
        Ok(())
    }

    /// The descent, and the record of the whole run.
    fn optimize(
        &self,
        affinities: &Affinities,
        start: Start,
        origin: Origin,
        mut observer: Recording<'_>,
    ) -> Result<Fit> {
        let n = affinities.n_samples();
        self.check_start(&start, n)?;
        let Start { positions: initial, initialization } = start;
        let space = self.parameters.space();
        let plan = self.parameters.schedule.plan(n);
        let descent =
            Descent::new(plan.clone(), space, affinities, self.parameters.repulsion, initial.into_vec());
        let outcome = descent.run(&mut observer);
        if let Some(warning) = &outcome.coarse_field {
            observer.warning(warning);
        }
        if outcome.positions.iter().any(|coordinate| coordinate.is_nan() || coordinate.abs() > LARGEST_VALUE)
        {
            return refuse(
                "a coordinate of the map",
                format!("beyond 1e15 after {} iterations", outcome.iterations),
                "must stay within: the steps are too long, so lower the learning rate, or leave it and the exaggeration to their defaults",
            );
        }
        let embedding = Embedding::new(outcome.positions, n, space.n_components)?;
        let record = Record {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            instruction_set: simd::level_name().to_owned(),
            parameters: self.parameters.clone(),
            n_samples: n,
            n_features: origin.n_features,
            distance: origin.distance,
            perplexity: origin.calibrated.and_then(|(perplexity, _)| perplexity),
            n_neighbors: origin.calibrated.map(|(_, n_neighbors)| n_neighbors),
            neighbor_method: origin.found_by.map(|(method, _)| method),
            neighbor_recall: origin.found_by.map(|(_, recall)| recall),
            n_affinities: affinities.n_entries(),
            initialization,
            schedule: plan,
            iterations_done: outcome.iterations,
            settled: outcome.settled,
            repulsion: self.parameters.resolved_repulsion(n),
            field_spacing: outcome.field_spacing,
            exact_normalizer: outcome.exact_normalizer,
            kl_divergence: outcome.kl_divergence,
            mean_gain: outcome.mean_gain,
            stop: outcome.stop,
            warnings: observer.warnings,
        };
        Ok(Fit { embedding, record })
    }
}

/// Neighbors to enter with: those of a search, which the record then tells of, or others.
#[derive(Clone, Copy, Debug)]
pub struct KnownNeighbors<'a> {
    neighbors: &'a Neighbors,
    found: Option<&'a Found>,
}

impl<'a> From<&'a Found> for KnownNeighbors<'a> {
    fn from(found: &'a Found) -> Self {
        Self { neighbors: &found.neighbors, found: Some(found) }
    }
}

impl<'a> From<&'a Neighbors> for KnownNeighbors<'a> {
    fn from(neighbors: &'a Neighbors) -> Self {
        Self { neighbors, found: None }
    }
}

/// What P was made of, for the record; what is not known of it is absent.
#[derive(Clone, Debug, Default)]
struct Origin {
    n_features: Option<usize>,
    /// The distance that the neighbors were found by.
    distance: Option<Distance>,
    /// How the neighbors were found, and which share of the true ones that gave.
    found_by: Option<(NeighborMethod, neighbors::Recall)>,
    /// The perplexity, and the neighbors of each sample that it was calibrated on.
    calibrated: Option<(Option<f64>, usize)>,
}
