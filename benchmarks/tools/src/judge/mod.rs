//! One judge for the maps of all: what `gnomonic score` calls `kl`, and how many neighbors a map keeps.
//!
//! The divergence is that of the map from P, where P has the perplexity asked for on the exact `3 × perplexity` neighbors in
//! the columns given, and Z runs over all pairs. Up to [`EXACT_UP_TO`] rows nothing is approximated. Beyond, neighbors are
//! those of gnomonic's search, whose recall is measured and told, and Z is summed from [`Z_ROWS`] rows to all others, with
//! the error that follows.

pub mod cache;
mod divergence;

use gnomonic::neighbors::{estimated_recall, exact};
use gnomonic::observer::Silent;
use gnomonic::{Affinities, MatrixRef, Neighbors, Result, Tsne, affinities, quality};

/// The most rows whose neighbors are searched among all pairs and whose Z runs over all pairs.
pub const EXACT_UP_TO: usize = 100_000;

/// Rows that Z is summed from beyond [`EXACT_UP_TO`].
pub const Z_ROWS: usize = 20_000;

/// Numbers of neighbors whose share is counted. The largest is what perplexity 30 needs.
pub const KEPT: [usize; 3] = [10, 30, 90];

/// Neighbors in the data, and how sure it is that they are the nearest.
#[derive(Clone, Debug)]
pub struct Truth {
    /// The nearest rows of each row.
    pub neighbors: Neighbors,
    /// The share of the true neighbors among them: 1 for an exact search.
    pub recall: f64,
}

/// What the judge says about a map.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The divergence of the map from P, in nats.
    pub kl: f64,
    /// The standard error of the divergence: zero where Z runs over all pairs.
    pub kl_error: f64,
    /// For each of [`KEPT`], the share of a row's k nearest rows that are among its k nearest in the map.
    pub kept: Vec<(usize, f64)>,
    /// The longer side of the map's bounding box, in map units.
    pub span: f64,
    /// The recall of the neighbors in the data that all this rests on.
    pub recall: f64,
}

/// Finds what maps of `x` at `perplexity` are judged by. All pairs up to [`EXACT_UP_TO`] rows: O(n²·d).
///
/// # Errors
/// When the data or the perplexity cannot be embedded at all.
pub fn truth(x: MatrixRef<'_>, perplexity: f64) -> Result<Truth> {
    let k = affinities::n_neighbors(perplexity, x.n_samples());
    if x.n_samples() <= EXACT_UP_TO {
        return Ok(Truth { neighbors: exact(x, k)?, recall: 1.0 });
    }
    let found = Tsne::new().perplexity(perplexity).neighbors(x, &mut Silent)?;
    let recall = estimated_recall(x, &found.neighbors)?.estimate;
    Ok(Truth { neighbors: found.neighbors, recall })
}

/// Judges the map `y` of the data that `truth` was found in.
///
/// # Errors
/// When the map has another number of rows, or a coordinate is not finite.
pub fn judge(truth: &Truth, perplexity: f64, y: MatrixRef<'_>) -> Result<Verdict> {
    let p = Affinities::from_neighbors(&truth.neighbors, perplexity)?;
    let (kl, kl_error) = if y.n_samples() <= EXACT_UP_TO {
        (quality::kl_divergence(&p, y)?, 0.0)
    } else {
        divergence::sampled(&p, y, Z_ROWS)?
    };
    let most = truth.neighbors.k();
    let in_map = exact(y, most)?;
    let mut kept = Vec::new();
    for k in KEPT.into_iter().filter(|&k| k <= most) {
        let share = quality::neighbor_recall(&truth.neighbors.truncated(k), &in_map.truncated(k))?;
        kept.push((k, share));
    }
    Ok(Verdict { kl, kl_error, kept, span: span(y), recall: truth.recall })
}

fn span(y: MatrixRef<'_>) -> f64 {
    let side = |axis: usize| {
        let (low, high) = y
            .rows()
            .map(|row| f64::from(row[axis]))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        high - low
    };
    (0..y.n_features()).map(side).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gnomonic::Matrix;
    use gnomonic::random::{Purpose, Random};

    #[test]
    fn the_verdict_on_the_data_itself_is_that_all_neighbors_are_kept() {
        let mut random = Random::new(1, Purpose::Synthesis);
        let values: Vec<f32> = (0..800).map(|_| 9.0 * random.normal() as f32).collect();
        let x = Matrix::new(values, 400, 2).unwrap();
        let truth = truth(x.view(), 30.0).unwrap();
        let verdict = judge(&truth, 30.0, x.view()).unwrap();
        assert_eq!(verdict.kept, KEPT.map(|k| (k, 1.0)));
        assert_eq!((verdict.kl_error, verdict.recall), (0.0, 1.0));
        let mut mixed = x.clone();
        mixed.as_mut_slice().reverse();
        let worse = judge(&truth, 30.0, mixed.view()).unwrap();
        assert!(worse.kl > verdict.kl + 0.5 && worse.kept[0].1 < 0.2, "{worse:?}");
        assert!((worse.span - verdict.span).abs() < 1e-6);
    }
}
