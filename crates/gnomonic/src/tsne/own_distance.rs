//! Runs on samples that only a function of the caller's knows the distances of.

use super::{Origin, Tsne};
use crate::affinities::Affinities;
use crate::error::Result;
use crate::initialization::{self, Initialization, Start};
use crate::neighbors::{self, NeighborMethod, Neighbors};
use crate::observer::{Observer, Recording, Silent, Stage};
use crate::system;
use crate::tsne::Fit;

impl Tsne {
    /// Maps `n_samples` samples of any kind by a `distance` of your own between the samples i and j, which are never equal. Only its
    /// order and its squares matter, so it has to be finite, not negative and symmetric; the last is not looked at. The
    /// [`distance`](Self::distance) and the [`neighbor_method`](Self::neighbor_method) that are set have no part in it.
    ///
    /// Where there are no coordinates there are no principal axes: the map starts at random, whatever the
    /// [`initialization`](Self::initialization). The distance is called n (n − 1) times, from several threads.
    ///
    /// ```
    /// use gnomonic::Tsne;
    ///
    /// let angles: Vec<f64> = (0..80).map(|i| f64::from(i * i % 360)).collect();
    /// let apart = |i: usize, j: usize| {
    ///     let turn = (angles[i] - angles[j]).abs();
    ///     turn.min(360.0 - turn)
    /// };
    /// let fit = Tsne::new().perplexity(8.0).iterations(200).fit_with_distance(angles.len(), apart)?;
    /// assert_eq!(fit.embedding.n_samples(), 80);
    /// # Ok::<(), gnomonic::Error>(())
    /// ```
    ///
    /// # Errors
    /// See [`validate`](Self::validate); also a distance that is negative, not finite or beyond 1.8e19, with both samples.
    pub fn fit_with_distance(
        &self,
        n_samples: usize,
        distance: impl Fn(usize, usize) -> f64 + Send + Sync,
    ) -> Result<Fit> {
        self.fit_with_distance_observed(n_samples, distance, &mut Silent)
    }

    /// [`fit_with_distance`](Self::fit_with_distance), watched by `observer`, which may stop it.
    ///
    /// # Errors
    /// As [`fit_with_distance`](Self::fit_with_distance) and [`fit_observed`](Self::fit_observed).
    pub fn fit_with_distance_observed(
        &self,
        n_samples: usize,
        distance: impl Fn(usize, usize) -> f64 + Send + Sync,
        observer: &mut dyn Observer,
    ) -> Result<Fit> {
        self.validate(n_samples)?;
        system::on_threads(self.threads, || {
            observer.stage(Stage::Neighbors);
            let k = self.parameters.affinity.n_neighbors(n_samples);
            let neighbors = neighbors::exact_by_observed(n_samples, k, distance, observer)?;
            self.fit_without_rows(neighbors, observer)
        })
    }

    /// The map of exact neighbors of samples that have no coordinates to start from.
    fn fit_without_rows(&self, neighbors: Neighbors, observer: &mut dyn Observer) -> Result<Fit> {
        let n = neighbors.n_samples();
        let affinity = &self.parameters.affinity;
        let origin = Origin {
            found_by: Some((NeighborMethod::Exact, neighbors::Recall::EXACT)),
            calibrated: Some((affinity.perplexity(), neighbors.k())),
            ..Origin::default()
        };
        let mut observer = Recording::new(observer, None);
        self.announce_affinities(neighbors.k(), &mut observer);
        let affinities = Affinities::from_owned_neighbors(neighbors, affinity)?;
        observer.stage(Stage::Initialization);
        let positions = initialization::random_in(n, self.parameters.n_components, self.parameters.seed)?;
        let start = Start { positions, initialization: Some(Initialization::Random) };
        self.optimize(&affinities, start, origin, observer)
    }
}
