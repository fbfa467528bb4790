//! How well a map shows its data: what it keeps, what it invents, and how its labels lie.
//!
//! | measure | asks | range |
//! |---|---|---|
//! | [`trustworthiness()`] | are neighbors in the map neighbors in the data? | 0 to 1 |
//! | [`continuity()`] | are neighbors in the data neighbors in the map? | 0 to 1 |
//! | [`neighbor_recall()`] | how many of the nearest stayed the nearest? | 0 to 1 |
//! | [`kl_divergence()`] | how far is the map from what t-SNE asks of it? | 0 up |
//! | [`label_accuracy()`] | do neighbors in the map share a label? | 0 to 1 |
//! | [`silhouette()`] | how tight and apart are the labels? | −1 to 1 |
//! | [`agreement()`] | how far do two maps of the same data agree? | distances and shares |
//! | [`map_shape()`] | how large is the map, and how far apart are its parts? | map units |
//!
//! All are exact, computed in `f64` where it decides, and the same bits on any number of threads.

mod agreement;
mod kl;
mod label_accuracy;
mod neighbor_recall;
mod rank_correlation;
mod shape;
mod silhouette;
mod trustworthiness;

pub use agreement::{Agreement, Overlap, agreement};
pub use kl::kl_divergence;
pub use label_accuracy::label_accuracy;
pub use neighbor_recall::neighbor_recall;
pub use rank_correlation::rank_correlation;
pub use shape::{MapShape, map_shape};
pub use silhouette::silhouette;
pub use trustworthiness::{
    continuity, trustworthiness, trustworthiness_of_each, trustworthiness_of_neighbors,
};

use crate::error::{ErrorKind, Result};
use crate::matrix::MatrixRef;

/// Refuses two inputs of which one row each belongs together, when their numbers differ.
fn check_rows(what: &'static str, found: usize, expected: usize) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(ErrorKind::LengthMismatch { what, found, expected }.into())
}

/// The columns of a matrix one after another, in `f64`: what loops over all pairs of points of a map read.
struct Columns {
    values: Vec<f64>,
    n: usize,
}

impl Columns {
    fn new(y: MatrixRef<'_>, order: impl ExactSizeIterator<Item = usize> + Clone) -> Self {
        let n = order.len();
        let mut values = Vec::with_capacity(n * y.n_features());
        for column in 0..y.n_features() {
            values.extend(order.clone().map(|i| f64::from(y.row(i)[column])));
        }
        Self { values, n }
    }

    /// Writes the squared distances from point `i` to the points `start .. start + distances.len()`.
    #[inline(always)]
    fn squared_distances(&self, i: usize, start: usize, distances: &mut [f64]) {
        distances.fill(0.0);
        for column in self.values.chunks_exact(self.n) {
            let own = column[i];
            for (distance, &other) in distances.iter_mut().zip(&column[start..]) {
                let difference = own - other;
                *distance += difference * difference;
            }
        }
    }
}

/// Points that a loop over all pairs handles at a time: their distances stay in the first-level cache.
const BLOCK: usize = 1_024;

/// The sum over eight lanes, in a fixed order: the same bits on any processor.
#[inline(always)]
fn sum_lanes(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [0.0; 8];
    let (blocks, rest) = values.as_chunks::<8>();
    for block in blocks {
        for lane in 0..8 {
            lanes[lane] += term(block[lane]);
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|&value| term(value)).sum::<f64>()
}
