//! A finished map with what is needed to lay new rows on it.

mod placing;
mod preparation;

pub use preparation::Preparation;

use crate::affinities::{Affinity, conditional_probabilities};
use crate::distance::{Distance, Prepared, Squared, Whitening, prepare};
use crate::embedding::Embedding;
use crate::error::{ErrorKind, Result, refuse};
use crate::gradient::repulsion::{FixedPoints, RepulsionMethod};
use crate::matrix::{Matrix, MatrixRef};
use crate::neighbors::{Axes, Index, measured_of};
use crate::observer::{Control, Observer, Silent, Stage};
use rayon::prelude::*;
use std::sync::OnceLock;

/// New rows that are searched for and placed between two looks at the observer; what is kept of their neighbors takes no more room than that.
const PIECE: usize = 2_048;

/// Rows, their map and how they attended to each other: where new rows are laid by [`transform`](Self::transform).
///
/// ```
/// use gnomonic::{Matrix, Model, Tsne};
///
/// // Two groups of points in five dimensions, and a new one near the second.
/// let rows = (0..60).flat_map(|i| (0..5).map(move |j| ((7 * i + 3 * j) % 11) as f32 + if i < 30 { 0.0 } else { 50.0 }));
/// let x = Matrix::new(rows.collect(), 60, 5)?;
/// let fit = Tsne::new().perplexity(10.0).iterations(300).fit(&x)?;
/// let model = Model::new(x, fit.embedding, 10.0)?;
///
/// let new = Matrix::new(vec![55.0; 5], 1, 5)?;
/// let placed = model.transform(&new)?;
/// let distance = |i: usize| {
///     let point = model.embedding().row(i);
///     (placed.row(0)[0] - point[0]).hypot(placed.row(0)[1] - point[1])
/// };
/// let nearest = (0..60).min_by(|&a, &b| distance(a).total_cmp(&distance(b)));
/// assert!(nearest.is_some_and(|i| i >= 30));
/// # Ok::<(), gnomonic::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Model {
    preparation: Preparation,
    rows: Matrix,
    distance: Distance,
    embedding: Embedding,
    affinity: Affinity,
    /// Found at the first call of `transform`.
    search: OnceLock<Search>,
    points: OnceLock<FixedPoints>,
}

/// What finds the nearest of the rows.
#[derive(Clone, Debug)]
enum Search {
    /// The rows, or a copy of them, by their Euclidean distances.
    Euclidean { copy: Option<Matrix>, whitening: Option<Whitening>, squared: Squared, axes: Box<Axes> },
    /// A loop of the distance.
    Measured,
}

impl PartialEq for Model {
    fn eq(&self, other: &Self) -> bool {
        // The rest follows from these.
        self.rows == other.rows
            && self.embedding == other.embedding
            && self.affinity == other.affinity
            && self.distance == other.distance
            && self.preparation == other.preparation
    }
}

impl Model {
    /// Takes the rows that were mapped, as [`Tsne::fit`](crate::Tsne::fit) saw them, their map in two dimensions, and how a new row attends
    /// to them: as they did to each other, usually (a number is a perplexity). Data that was scaled or projected before is given as it was
    /// then, and so are new rows, unless [`with_preparation`](Self::with_preparation) tells what was done. The distance is the Euclidean
    /// one, unless [`with_distance`](Self::with_distance) says otherwise.
    ///
    /// # Errors
    /// Fewer than two rows, values that are not finite or beyond 1e15, another number of points or of dimensions in the map, affinities that
    /// do not fit n rows, as a perplexity that is not from 1 to below n.
    pub fn new(rows: Matrix, embedding: Embedding, affinity: impl Into<Affinity>) -> Result<Self> {
        let affinity = affinity.into();
        rows.view().check(2)?;
        let n = rows.n_samples();
        if embedding.n_samples() != n {
            let (what, found) = ("points of the map", embedding.n_samples());
            return Err(ErrorKind::LengthMismatch { what, found, expected: n }.into());
        }
        if embedding.n_components() != 2 {
            let value = embedding.n_components().to_string();
            return refuse("the number of dimensions of a map to lay new rows on", value, "must be 2");
        }
        affinity.validate(n)?;
        Ok(Self {
            preparation: Preparation::default(),
            rows,
            distance: Distance::Euclidean,
            embedding,
            affinity,
            search: OnceLock::new(),
            points: OnceLock::new(),
        })
    }

    /// Sets the distance that the map was made by, and that new rows are compared by.
    ///
    /// # Errors
    /// A distance that cannot be, as a Minkowski distance of a power below 1.
    pub fn with_distance(mut self, distance: Distance) -> Result<Self> {
        distance.validate()?;
        self.distance = distance;
        self.search = OnceLock::new();
        Ok(self)
    }

    /// Tells what was done to the rows before they were mapped. [`transform`](Self::transform) then does it to new rows.
    ///
    /// # Errors
    /// When it does not end in as many columns as the rows have.
    pub fn with_preparation(mut self, preparation: Preparation) -> Result<Self> {
        preparation.check(self.rows.n_features())?;
        self.preparation = preparation;
        Ok(self)
    }

    /// What was done to the rows before they were mapped.
    #[must_use]
    pub fn preparation(&self) -> &Preparation {
        &self.preparation
    }

    /// The distance that new rows are compared by.
    #[must_use]
    pub fn distance(&self) -> &Distance {
        &self.distance
    }

    /// The columns of new rows.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.preparation.n_features(self.rows.n_features())
    }

    /// The rows that were mapped, n × d.
    #[must_use]
    pub fn rows(&self) -> &Matrix {
        &self.rows
    }

    /// Their map.
    #[must_use]
    pub fn embedding(&self) -> &Embedding {
        &self.embedding
    }

    /// How a new row attends to them.
    #[must_use]
    pub fn affinity(&self) -> &Affinity {
        &self.affinity
    }

    /// Lays the rows of `new` (m × d) on the map, whose points stay where they are.
    ///
    /// A new row x, prepared as the others were, attends to its nearest rows, k = ⌊3 · perplexity⌋ or as many as the affinity says, with
    /// probabilities p_j that are calibrated as those of the map were.
    /// It comes to rest where
    ///
    /// ```text
    /// Σ_j p_j ln(1 + |y − y_j|²) + (n / Z) Σ_j 1 / (1 + |y − y_j|²)
    /// ```
    ///
    /// is least nearby, which is the share of a point's own coordinates in the divergence that made the map: Z is that of the map, so a
    /// new point is pulled and pushed as the old ones are. The second sum is over all points: a potential that is made once where a run
    /// of as many points would take one. The function grows without bound away from the map, and every step lowers it: no point flies
    /// off. It starts from the best of the mean of its neighbors' places, weighted by p, and the places of the nearest few.
    ///
    /// What a row gets depends on that row and the model alone: one by one is the same as all at once, bit for bit, on any number of
    /// threads. New rows do not see each other. O(m · n · min(d, 128) + m · k) with a potential; the first call also prepares the search
    /// and the potential. Distances that are not Euclidean in disguise are compared with every row: O(m · n · d).
    ///
    /// # Errors
    /// Another number of columns, values that are not finite or beyond 1e15, rows without a distance, as of zeros by the cosine distance: the
    /// row is named.
    pub fn transform<'a>(&self, new: impl Into<MatrixRef<'a>>) -> Result<Embedding> {
        self.transform_observed(new, &mut Silent)
    }

    /// [`transform`](Self::transform), telling `observer` the fraction done; it may stop the work.
    ///
    /// # Errors
    /// As [`transform`](Self::transform), and [`ErrorKind::Cancelled`].
    pub fn transform_observed<'a>(
        &self,
        new: impl Into<MatrixRef<'a>>,
        observer: &mut dyn Observer,
    ) -> Result<Embedding> {
        let new = new.into();
        let (m, d) = (new.n_samples(), self.n_features());
        if new.n_features() != d {
            let bound = format!("must be {d}, as in the rows that were mapped");
            return refuse("the number of columns", new.n_features().to_string(), &bound);
        }
        match self.preparation.is_none() {
            true => new.check(0)?,
            // What is scaled may have any size before.
            false => new.check_finite(0)?,
        }
        observer.stage(Stage::Placement);
        let mut positions = Vec::with_capacity(2 * m);
        if m > 0 {
            let search = self.search()?;
            for first in (0..m).step_by(PIECE) {
                if observer.progress(Stage::Placement, first as f64 / m as f64) == Control::Stop {
                    return Err(ErrorKind::Cancelled.into());
                }
                let piece = first..(first + PIECE).min(m);
                let rows = MatrixRef::new(&new.as_slice()[piece.start * d..piece.end * d], piece.len(), d)?;
                let placed = self.place(rows, search).map_err(|error| error.of_rows_from(first))?;
                positions.extend(placed);
            }
        }
        Embedding::new(positions, m, 2)
    }

    fn place(&self, new: MatrixRef<'_>, search: &Search) -> Result<Vec<f32>> {
        let prepared;
        let new = match self.preparation.is_none() {
            true => new,
            false => {
                prepared = self.preparation.apply(new)?;
                prepared.view().check(0)?;
                prepared.view()
            }
        };
        // A new row is one more than there were.
        let k = self.affinity.n_neighbors(self.rows.n_samples() + 1).max(1);
        let (indices, mut values) = self.nearest(new, k, search)?;
        conditional_probabilities(&mut values, k, &self.affinity);
        let points = self.points();
        let mut positions = vec![0.0; 2 * new.n_samples()];
        let map = self.embedding.as_slice().as_chunks::<2>().0;
        positions
            .as_chunks_mut::<2>()
            .0
            .par_iter_mut()
            .zip(indices.par_chunks(k).zip(values.par_chunks(k)))
            .for_each_init(Vec::new, |places, (position, (indices, probabilities))| {
                places.clear();
                places.extend(indices.iter().map(|&j| map[j as usize]));
                *position = placing::place(places, probabilities, points);
            });
        Ok(positions)
    }

    /// The `k` nearest of the rows to each of the rows of `new`, as indices and squared distances.
    fn nearest(&self, new: MatrixRef<'_>, k: usize, search: &Search) -> Result<(Vec<u32>, Vec<f32>)> {
        let Search::Euclidean { copy, whitening, squared, axes } = search else {
            return measured_of(self.rows.view(), new, k, &self.distance);
        };
        let index = Index::with_axes(copy.as_ref().unwrap_or(&self.rows).view(), axes);
        let nearest = match (whitening, copy) {
            (Some(whitening), _) => index.of(&whitening.apply(new)?, k)?,
            (None, None) => index.of(new, k)?,
            // Each row is normalized by itself.
            (None, Some(_)) => match prepare(new, &self.distance)? {
                Prepared::Copy(copy, _) => index.of(&copy, k)?,
                _ => index.of(new, k)?,
            },
        };
        let (indices, mut values) = nearest.into_parts();
        if *squared != Squared::Same {
            values.iter_mut().for_each(|value| *value = squared.of(*value));
        }
        Ok((indices, values))
    }

    fn search(&self) -> Result<&Search> {
        if self.search.get().is_none() {
            // Another thread may have been sooner, with the same result.
            let _ = self.search.set(self.find_search()?);
        }
        Ok(self.search.get_or_init(|| unreachable!("set above")))
    }

    fn find_search(&self) -> Result<Search> {
        let rows = self.rows.view();
        if *self.distance.resolved() == Distance::Mahalanobis {
            let whitening = Whitening::of(rows)?;
            let copy = whitening.apply(rows)?;
            let axes = Box::new(Axes::new(copy.view())?);
            let (copy, whitening) = (Some(copy), Some(whitening));
            return Ok(Search::Euclidean { copy, whitening, squared: Squared::Same, axes });
        }
        Ok(match prepare(rows, &self.distance)? {
            Prepared::Euclidean(_, squared) => {
                Search::Euclidean { copy: None, whitening: None, squared, axes: Box::new(Axes::new(rows)?) }
            }
            Prepared::Copy(copy, squared) => {
                let axes = Box::new(Axes::new(copy.view())?);
                Search::Euclidean { copy: Some(copy), whitening: None, squared, axes }
            }
            Prepared::Measured => Search::Measured,
        })
    }

    fn points(&self) -> &FixedPoints {
        self.points.get_or_init(|| FixedPoints::new(self.embedding.as_slice(), RepulsionMethod::Auto))
    }
}

#[cfg(test)]
mod tests;
