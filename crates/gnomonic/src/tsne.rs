//! The whole pipeline: the one file that knows every stage.

use crate::affinities::{self, Affinities};
use crate::descent::{Descent, LearningRate, MOMENTA, Schedule};
use crate::embedding::Embedding;
use crate::error::{ErrorKind, Result, legible};
use crate::estimate::{self, Estimate};
use crate::gradient::repulsion::RepulsionMethod;
use crate::initialization::Initialization;
use crate::matrix::MatrixRef;
use crate::neighbors::{self, Found, NeighborMethod, Neighbors};
use crate::observer::{Observer, Silent, Stage, Warning};
use crate::record::Record;
use crate::simd;
use rayon::prelude::*;

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
#[derive(Clone, Debug, PartialEq)]
pub struct Tsne {
    perplexity: f64,
    iterations: usize,
    early_exaggeration: f64,
    early_exaggeration_iterations: usize,
    learning_rate: LearningRate,
    neighbor_method: NeighborMethod,
    initialization: Initialization,
    repulsion: RepulsionMethod,
    seed: u64,
    threads: Option<usize>,
    min_gradient_norm: Option<f64>,
    min_relative_progress: Option<f64>,
}

impl Default for Tsne {
    fn default() -> Self {
        Self {
            perplexity: 30.0,
            iterations: 750,
            early_exaggeration: 12.0,
            early_exaggeration_iterations: 250,
            learning_rate: LearningRate::Auto,
            neighbor_method: NeighborMethod::Auto,
            initialization: Initialization::Pca,
            repulsion: RepulsionMethod::Auto,
            seed: 42,
            threads: None,
            min_gradient_norm: None,
            min_relative_progress: None,
        }
    }
}

/// A finished map and what led to it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fit {
    /// The map.
    pub embedding: Embedding,
    /// Parameters as resolved, methods chosen, and the outcome.
    pub record: Record,
}

impl Tsne {
    /// The documented defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The effective number of neighbors that each point attends to: at least 1 and below n. Default 30, as in scikit-learn
    /// and openTSNE; 5 to 100 are usual.
    #[must_use]
    pub fn perplexity(mut self, perplexity: f64) -> Self {
        self.perplexity = perplexity;
        self
    }

    /// Iterations in all. Default 750, as in openTSNE: 250 exaggerated, 500 after.
    #[must_use]
    pub fn iterations(mut self, iterations: usize) -> Self {
        self.iterations = iterations;
        self
    }

    /// The factor on attraction in the first iterations, which lets clusters find each other. Default 12, as everywhere;
    /// at least 1.
    #[must_use]
    pub fn early_exaggeration(mut self, factor: f64) -> Self {
        self.early_exaggeration = factor;
        self
    }

    /// How many of the iterations are exaggerated. Default 250, as everywhere; capped at all of them.
    #[must_use]
    pub fn early_exaggeration_iterations(mut self, iterations: usize) -> Self {
        self.early_exaggeration_iterations = iterations;
        self
    }

    /// The step size. Default [`LearningRate::Auto`].
    #[must_use]
    pub fn learning_rate(mut self, learning_rate: LearningRate) -> Self {
        self.learning_rate = learning_rate;
        self
    }

    /// How neighbors are found. Default [`NeighborMethod::Auto`].
    #[must_use]
    pub fn neighbor_method(mut self, method: NeighborMethod) -> Self {
        self.neighbor_method = method;
        self
    }

    /// How the points are placed for the start. Default [`Initialization::Pca`].
    #[must_use]
    pub fn initialization(mut self, initialization: Initialization) -> Self {
        self.initialization = initialization;
        self
    }

    /// How the sums over all pairs are formed. Default [`RepulsionMethod::Auto`].
    #[must_use]
    pub fn repulsion(mut self, method: RepulsionMethod) -> Self {
        self.repulsion = method;
        self
    }

    /// The seed of everything random. Default 42.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Threads to use. Default `None`: the current rayon pool, which is all cores unless the program chose otherwise. The
    /// result does not depend on it.
    #[must_use]
    pub fn threads(mut self, threads: Option<usize>) -> Self {
        self.threads = threads;
        self
    }

    /// Stops after early exaggeration once the norm of the gradient falls below this. Default `None`: never.
    #[must_use]
    pub fn min_gradient_norm(mut self, norm: Option<f64>) -> Self {
        self.min_gradient_norm = norm;
        self
    }

    /// Stops after early exaggeration once the KL divergence falls, per iteration, by less than this share of itself,
    /// looked at every 50 iterations. Default `None`: never; 1/5000 is the rule of Belkina et al. 2019
    /// (doi:10.1038/s41467-019-13055-y).
    #[must_use]
    pub fn min_relative_progress(mut self, share: Option<f64>) -> Self {
        self.min_relative_progress = share;
        self
    }

    /// The most [`threads`](Self::threads) that may be asked for: more than any machine of today has cores, and few enough to start.
    pub const MOST_THREADS: usize = 1024;

    /// The perplexity that is set.
    #[must_use]
    pub fn get_perplexity(&self) -> f64 {
        self.perplexity
    }

    /// The number of iterations that is set.
    #[must_use]
    pub fn get_iterations(&self) -> usize {
        self.iterations
    }

    /// The early exaggeration that is set.
    #[must_use]
    pub fn get_early_exaggeration(&self) -> f64 {
        self.early_exaggeration
    }

    /// The number of exaggerated iterations that is set.
    #[must_use]
    pub fn get_early_exaggeration_iterations(&self) -> usize {
        self.early_exaggeration_iterations
    }

    /// The seed that is set.
    #[must_use]
    pub fn get_seed(&self) -> u64 {
        self.seed
    }

    /// Checks every parameter against data of `n_samples` rows, in no time: what [`fit`](Self::fit) does first.
    ///
    /// # Errors
    /// Names the parameter, its value and its bound.
    pub fn validate(&self, n_samples: usize) -> Result<()> {
        if n_samples < LEAST_SAMPLES {
            return Err(ErrorKind::TooFewSamples { n_samples, at_least: LEAST_SAMPLES }.into());
        }
        affinities::check_perplexity(self.perplexity, n_samples)?;
        simd::check()?;
        let refuse = |name, value: String, bound: &str| {
            Err(ErrorKind::Parameter { name, value, bound: bound.to_owned() }.into())
        };
        if self.iterations == 0 {
            return refuse("iterations", "0".into(), "must be at least 1");
        }
        if !(1.0..=MOST_EXAGGERATION).contains(&self.early_exaggeration) {
            let value = legible(self.early_exaggeration);
            return refuse(
                "early exaggeration",
                value,
                &format!("must be from 1 to {MOST_EXAGGERATION}; 12 is usual"),
            );
        }
        if let LearningRate::Fixed(rate) = self.learning_rate
            && !(rate > 0.0 && rate <= MOST_LEARNING_RATE)
        {
            return refuse(
                "learning rate",
                legible(rate),
                &format!("must be positive and at most {MOST_LEARNING_RATE:e}; auto is usual"),
            );
        }
        if let RepulsionMethod::BarnesHut { angle } = self.repulsion
            && !(0.0..=1.0).contains(&angle)
        {
            return refuse(
                "angle",
                legible(angle),
                "must be from 0 (every pair by itself) to 1; 0.5 is usual",
            );
        }
        if let Some(threads) = self.threads
            && !(1..=Self::MOST_THREADS).contains(&threads)
        {
            return refuse(
                "threads",
                threads.to_string(),
                &format!("must be from 1 to {}", Self::MOST_THREADS),
            );
        }
        for (name, bound) in [
            ("minimal gradient norm", self.min_gradient_norm),
            ("minimal relative progress", self.min_relative_progress),
        ] {
            if let Some(bound) = bound
                && !(bound >= 0.0 && bound.is_finite())
            {
                return refuse(name, legible(bound), "must be finite and not negative");
            }
        }
        Ok(())
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
        Ok(estimate::estimate(estimate::Request {
            n_samples,
            n_features,
            n_neighbors: affinities::n_neighbors(self.perplexity, n_samples),
            neighbor_method: self.neighbor_method.resolve(n_samples, n_features),
            repulsion: self.repulsion.resolve(n_samples),
            initialization: self.initialization,
            iterations: self.iterations,
            threads: self.threads.unwrap_or_else(rayon::current_num_threads),
        }))
    }

    /// Maps the rows of `x` to two dimensions.
    ///
    /// Work O(n² d) for the neighbors where all pairs are compared, as they are by default below 100,000 rows, and O(n · m · d) with a few
    /// thousand m beyond, as [`clustered`](neighbors::clustered()) tells; O(n · perplexity) per iteration. The result depends on the data,
    /// the parameters and the seed alone.
    ///
    /// # Errors
    /// See [`validate`](Self::validate); also values that are not finite, and rows that are all equal.
    pub fn fit<'a>(&self, x: impl Into<MatrixRef<'a>>) -> Result<Fit> {
        self.fit_observed(x, &mut Silent)
    }

    /// [`fit`](Self::fit), watched by `observer`, which may stop it.
    ///
    /// # Errors
    /// As [`fit`](Self::fit); also [`ErrorKind::Cancelled`] when the observer stops it before the first iteration.
    pub fn fit_observed<'a>(&self, x: impl Into<MatrixRef<'a>>, observer: &mut dyn Observer) -> Result<Fit> {
        let x = x.into();
        self.validate(x.n_samples())?;
        self.on_pool(|| {
            check_data(x)?;
            let Found { neighbors, method, recall, axes, warning } = self.find_neighbors(x, observer)?;
            let k = neighbors.k();
            self.announce_affinities(k, observer);
            let affinities = Affinities::from_owned_neighbors(neighbors, self.perplexity)?;
            observer.stage(Stage::Initialization);
            let initial = self.initialization.embed_along(x, axes.as_ref(), self.seed)?;
            let mut fit = self.optimize(&affinities, initial, observer)?;
            let record = &mut fit.record;
            record.n_features = Some(x.n_features());
            record.neighbor_method = Some(method);
            record.neighbor_recall = Some(recall);
            record.initialization = Some(self.initialization);
            record.warnings.extend(warning);
            self.complete_record(record, k);
            Ok(fit)
        })
    }

    /// Finds the neighbors that [`fit`](Self::fit) would: a door to search once for several perplexities, the largest first
    /// (see [`Neighbors::truncated`]).
    ///
    /// # Errors
    /// As [`fit_observed`](Self::fit_observed).
    pub fn neighbors<'a>(&self, x: impl Into<MatrixRef<'a>>, observer: &mut dyn Observer) -> Result<Found> {
        let x = x.into();
        self.validate(x.n_samples())?;
        self.on_pool(|| {
            check_data(x)?;
            self.find_neighbors(x, observer)
        })
    }

    /// Enters with neighbors: more than the perplexity needs are left out of account. `initial` is where the points start.
    ///
    /// # Errors
    /// As [`fit_observed`](Self::fit_observed), and when the numbers of points differ.
    pub fn fit_neighbors(
        &self,
        neighbors: &Neighbors,
        initial: Embedding,
        observer: &mut dyn Observer,
    ) -> Result<Fit> {
        self.validate(neighbors.n_samples())?;
        self.on_pool(|| {
            let k = affinities::n_neighbors(self.perplexity, neighbors.n_samples());
            let shorter;
            let neighbors = if neighbors.k() > k {
                shorter = neighbors.truncated(k);
                &shorter
            } else {
                neighbors
            };
            self.announce_affinities(neighbors.k(), observer);
            let affinities = Affinities::from_neighbors(neighbors, self.perplexity)?;
            let mut fit = self.optimize(&affinities, initial, observer)?;
            self.complete_record(&mut fit.record, neighbors.k());
            Ok(fit)
        })
    }

    /// Enters with P. `initial` is where the points start.
    ///
    /// # Errors
    /// As [`fit_observed`](Self::fit_observed), and when the numbers of points differ.
    pub fn fit_affinities(
        &self,
        affinities: &Affinities,
        initial: Embedding,
        observer: &mut dyn Observer,
    ) -> Result<Fit> {
        // The perplexity is no longer of interest, so it must not be the reason for a refusal.
        Self { perplexity: 1.0, ..self.clone() }.validate(affinities.n_samples())?;
        self.on_pool(|| self.optimize(affinities, initial, observer))
    }

    fn on_pool<R: Send>(&self, work: impl FnOnce() -> Result<R> + Send) -> Result<R> {
        let Some(threads) = self.threads else { return work() };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| {
            let bound = format!("could not be started: {error}");
            ErrorKind::Parameter { name: "threads", value: threads.to_string(), bound }
        })?;
        pool.install(work)
    }

    fn find_neighbors(&self, x: MatrixRef<'_>, observer: &mut dyn Observer) -> Result<Found> {
        observer.stage(Stage::Neighbors);
        let k = affinities::n_neighbors(self.perplexity, x.n_samples());
        neighbors::search(x, k, self.neighbor_method, observer)
    }

    fn announce_affinities(&self, n_neighbors: usize, observer: &mut dyn Observer) {
        if let Some(warning) = self.few_neighbors(n_neighbors) {
            observer.warning(&warning);
        }
        observer.stage(Stage::Affinities);
    }

    fn few_neighbors(&self, n_neighbors: usize) -> Option<Warning> {
        let wanted = (3.0 * self.perplexity) as usize;
        let warning = Warning::FewNeighbors { perplexity: self.perplexity, n_neighbors };
        (n_neighbors < wanted).then_some(warning)
    }

    fn complete_record(&self, record: &mut Record, n_neighbors: usize) {
        record.perplexity = Some(self.perplexity);
        record.n_neighbors = Some(n_neighbors);
        record.warnings.extend(self.few_neighbors(n_neighbors));
    }

    fn optimize(
        &self,
        affinities: &Affinities,
        initial: Embedding,
        observer: &mut dyn Observer,
    ) -> Result<Fit> {
        let n = affinities.n_samples();
        if initial.n_samples() != n {
            let (what, found) = ("starting positions", initial.n_samples());
            return Err(ErrorKind::LengthMismatch { what, found, expected: n }.into());
        }
        if initial.n_components() != 2 {
            let value = initial.n_components().to_string();
            let bound = "must be 2".to_owned();
            return Err(ErrorKind::Parameter { name: "the number of components", value, bound }.into());
        }
        let schedule = self.schedule();
        let mut descent = Descent::new(schedule, affinities, self.repulsion, initial.into_vec());
        let stop = descent.run(observer);
        observer.stage(Stage::FinalDivergence);
        let outcome = descent.finish();
        if let Some(warning) = &outcome.coarse_field {
            observer.warning(warning);
        }
        let record = Record {
            version: env!("CARGO_PKG_VERSION"),
            instruction_set: simd::level_name(),
            n_samples: n,
            n_features: None,
            perplexity: None,
            n_neighbors: None,
            neighbor_method: None,
            neighbor_recall: None,
            n_affinities: affinities.n_entries(),
            initialization: None,
            seed: self.seed,
            iterations: self.iterations,
            iterations_done: outcome.iterations,
            early_exaggeration: self.early_exaggeration,
            early_exaggeration_iterations: schedule.exaggerated(),
            learning_rates: schedule.learning_rates(n),
            momenta: MOMENTA,
            repulsion: self.repulsion.resolve(n),
            field_spacing: outcome.field_spacing,
            exact_normalizer: outcome.exact_normalizer,
            kl_divergence: outcome.kl_divergence,
            mean_gain: outcome.mean_gain,
            stop,
            warnings: outcome.coarse_field.into_iter().collect(),
        };
        Ok(Fit { embedding: Embedding::new(outcome.positions, n, 2)?, record })
    }

    fn schedule(&self) -> Schedule {
        Schedule {
            iterations: self.iterations,
            early_exaggeration: self.early_exaggeration,
            early_exaggeration_iterations: self.early_exaggeration_iterations,
            learning_rate: self.learning_rate,
            min_gradient_norm: self.min_gradient_norm,
            min_relative_progress: self.min_relative_progress,
        }
    }
}

/// Squares of smaller values, and of their differences, leave the range of `f32` (1e-38, and with fewer digits 1e-45).
const SMALLEST_EXTENT: f32 = 1e-16;

/// Far beyond any use; with larger factors steps would leave the range of `f32`.
const MOST_EXAGGERATION: f64 = 1e4;
const MOST_LEARNING_RATE: f64 = 1e12;

/// t-SNE needs a neighbor for every point and something to compare it with.
const LEAST_SAMPLES: usize = 4;

fn check_data(x: MatrixRef<'_>) -> Result<()> {
    x.check(LEAST_SAMPLES)?;
    let largest_of = |values: &[f32]| values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let largest = x.as_slice().par_chunks(1 << 14).map(largest_of).reduce(|| 0.0, f32::max);
    if largest > 0.0 && largest < SMALLEST_EXTENT {
        return Err(ErrorKind::TooSmall { largest }.into());
    }
    let first = x.row(0);
    if x.rows().all(|row| row == first) {
        return Err(ErrorKind::IdenticalRows { n_samples: x.n_samples() }.into());
    }
    Ok(())
}
