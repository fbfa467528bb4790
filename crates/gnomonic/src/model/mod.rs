//! A finished map with what is needed to lay new rows on it.

mod placing;

use crate::affinities::{Affinity, check_perplexity, conditional_probabilities};
use crate::embedding::Embedding;
use crate::error::{ErrorKind, Result, refuse};
use crate::gradient::repulsion::{FixedPoints, RepulsionMethod};
use crate::matrix::{Matrix, MatrixRef};
use crate::neighbors::{Axes, Index};
use crate::observer::{Control, Observer, Silent, Stage};
use rayon::prelude::*;
use std::sync::OnceLock;

/// New rows that are searched for and placed between two looks at the observer; what is kept of their neighbors takes no more room than that.
const PIECE: usize = 2_048;

/// Rows, their map and its perplexity: where new rows are laid by [`transform`](Self::transform).
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
    rows: Matrix,
    embedding: Embedding,
    perplexity: f64,
    /// Found at the first call of `transform`.
    axes: OnceLock<Axes>,
    points: OnceLock<FixedPoints>,
}

impl PartialEq for Model {
    fn eq(&self, other: &Self) -> bool {
        // The rest follows from these.
        self.rows == other.rows && self.embedding == other.embedding && self.perplexity == other.perplexity
    }
}

impl Model {
    /// Takes the rows that were mapped, as [`Tsne::fit`](crate::Tsne::fit) saw them, their map in two dimensions, and the perplexity at
    /// which a new row attends to them: that of the map, usually. Data that was scaled or projected before is given as it was then, and
    /// so are new rows.
    ///
    /// # Errors
    /// Fewer than two rows, values that are not finite or beyond 1e15, another number of points or of dimensions in the map, a perplexity
    /// that is not from 1 to below n.
    pub fn new(rows: Matrix, embedding: Embedding, perplexity: f64) -> Result<Self> {
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
        check_perplexity(perplexity, n)?;
        Ok(Self { rows, embedding, perplexity, axes: OnceLock::new(), points: OnceLock::new() })
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

    /// The effective number of rows that a new one attends to.
    #[must_use]
    pub fn perplexity(&self) -> f64 {
        self.perplexity
    }

    /// Lays the rows of `new` (m × d) on the map, whose points stay where they are.
    ///
    /// A new row x attends to its k = ⌊3 · perplexity⌋ nearest rows, with probabilities p_j that are calibrated as those of the map were.
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
    /// and the potential.
    ///
    /// # Errors
    /// Another number of columns, values that are not finite or beyond 1e15: the row is named.
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
        let (m, d) = (new.n_samples(), self.rows.n_features());
        if new.n_features() != d {
            let bound = format!("must be {d}, as in the rows that were mapped");
            return refuse("the number of columns", new.n_features().to_string(), &bound);
        }
        new.check(0)?;
        observer.stage(Stage::Placement);
        let mut positions = Vec::with_capacity(2 * m);
        if m > 0 {
            let index = Index::with_axes(self.rows.view(), self.axes()?);
            let points = self.points();
            for first in (0..m).step_by(PIECE) {
                if observer.progress(Stage::Placement, first as f64 / m as f64) == Control::Stop {
                    return Err(ErrorKind::Cancelled.into());
                }
                let piece = first..(first + PIECE).min(m);
                let rows = MatrixRef::new(&new.as_slice()[piece.start * d..piece.end * d], piece.len(), d)?;
                positions.extend(self.place(rows, &index, points)?);
            }
        }
        Embedding::new(positions, m, 2)
    }

    fn place(&self, new: MatrixRef<'_>, index: &Index<'_>, points: &FixedPoints) -> Result<Vec<f32>> {
        let k = ((3.0 * self.perplexity) as usize).max(1);
        let nearest = index.of(new, k)?;
        let k = nearest.k();
        let (indices, mut values) = nearest.into_parts();
        conditional_probabilities(&mut values, k, &Affinity::Perplexity(self.perplexity));
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

    fn axes(&self) -> Result<&Axes> {
        if self.axes.get().is_none() {
            // Another thread may have been sooner, with the same result.
            let _ = self.axes.set(Axes::new(self.rows.view())?);
        }
        Ok(self.axes.get_or_init(|| unreachable!("set above")))
    }

    fn points(&self) -> &FixedPoints {
        self.points.get_or_init(|| FixedPoints::new(self.embedding.as_slice(), RepulsionMethod::Auto))
    }
}

#[cfg(test)]
mod tests;
