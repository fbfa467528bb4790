//! Project, shortlist, re-rank: for wide data, nearly exact at a fraction of the work.
//!
//! All pairs are compared on the leading principal axes only, and twice as many candidates as asked are ranked by their
//! distances in all columns. A candidate's place on the list is estimated by |z_i − z_j|² + ½ (|r_i|² + |r_j|²), where z is
//! a row on the axes and r what they leave of it: between the projection alone, which takes what is left to agree, and the
//! expectation for unrelated remainders. On MNIST (784 columns, k = 90, 64 axes, 180 candidates) that raises the recall
//! from 0.9933 to 0.9951.
//!
//! How many axes are needed depends on the data, so it is measured: a sample of rows is searched exactly, and the fewest
//! axes are taken that find enough of its neighbors. Data that no few axes describe is searched exactly.

use super::blocked::Candidates;
use super::recall::Sample;
use super::{Found, NeighborMethod, check, exact, locality, squared_norms};
use crate::error::Result;
use crate::matrix::{Matrix, MatrixRef};
use crate::observer::Control;
use crate::pca::Pca;
use rayon::prelude::*;

/// Numbers of axes to try. A block product has a fixed cost for each pair, so fewer would save little.
const AXES: [usize; 4] = [32, 48, 64, 96];

/// The share of the neighbors that must be found on the sample.
const RECALL: f64 = 0.99;

/// Where the iteration that finds the axes starts: it changes them only within their accuracy.
const AXES_SEED: u64 = 0;

/// The `k` nearest other rows of each row of `x`, nearly all of them exactly: see the module's account. `k` is capped at
/// n − 1. Distances are exact.
///
/// # Errors
/// As [`exact`](super::exact()).
pub fn shortlist<'a>(x: impl Into<MatrixRef<'a>>, k: usize) -> Result<Found> {
    shortlist_observed(x.into(), k, &mut |_| Control::Continue)
}

/// [`shortlist`], telling `progress` the fraction done; it may stop the search.
pub(super) fn shortlist_observed(
    x: MatrixRef<'_>,
    k: usize,
    progress: &mut dyn FnMut(f64) -> Control,
) -> Result<Found> {
    check(x, k)?;
    let n = x.n_samples();
    let (k, keep) = (k.min(n - 1), (2 * k).min(n - 1));
    let most = AXES[AXES.len() - 1].min(x.n_features());
    let axes = Pca::fit(x, most, AXES_SEED)?;
    let scores = axes.transform(x)?;
    let mean: Vec<f32> = axes.mean().iter().map(|&mean| mean as f32).collect();
    let norms = squared_norms(x, &mean);
    let sample = Sample::new(x, &mean, k);
    let projections = AXES.iter().map(|&axes| Projection::new(&scores, &norms, axes.min(most)));
    let mut found = None;
    for projection in projections {
        let recall = sample.recall_of_lists(projection.view(), &projection.norms, keep);
        if recall >= RECALL {
            found = Some((projection, recall));
            break;
        }
    }
    drop(scores);
    let Some((projection, recall)) = found else {
        let neighbors = exact::exact_observed(x, k, progress)?;
        return Ok(Found { neighbors, method: NeighborMethod::Exact, recall: 1.0 });
    };
    let origin = vec![0.0; projection.scores.n_features()];
    let candidates = Candidates::search(projection.view(), &origin, &projection.norms, keep, progress)?;
    let order = locality::order(projection.view());
    drop(projection);
    let neighbors = candidates.rank(x, &order, k, keep).neighbors;
    Ok(Found { neighbors, method: NeighborMethod::Shortlist, recall })
}

/// The rows on some leading axes, with norms that lie halfway between theirs and those of the whole rows.
struct Projection {
    scores: Matrix,
    norms: Vec<f32>,
}

impl Projection {
    fn new(scores: &Matrix, norms: &[f64], n_axes: usize) -> Self {
        let (n, most) = (scores.n_samples(), scores.n_features());
        let mut projected = Matrix::zeros(n, n_axes);
        let rows = projected.as_mut_slice().par_chunks_mut(n_axes).zip(scores.as_slice().par_chunks(most));
        let norms = rows
            .zip(norms)
            .map(|((row, all), &norm)| {
                row.copy_from_slice(&all[..n_axes]);
                let own: f64 = row.iter().map(|&value| f64::from(value).powi(2)).sum();
                (0.5 * (own + norm)) as f32
            })
            .collect();
        Self { scores: projected, norms }
    }

    fn view(&self) -> MatrixRef<'_> {
        self.scores.view()
    }
}

#[cfg(test)]
mod tests {
    use super::super::squared_distance;
    use super::*;
    use crate::random::{Purpose, Random};

    /// Rows on `rank` directions of 300 columns, with a little noise in all of them.
    fn low_rank(n: usize, rank: usize) -> Matrix {
        let mut random = Random::new(21, Purpose::Synthesis);
        let directions: Vec<f64> = (0..rank * 300).map(|_| random.normal()).collect();
        let mut data = Vec::with_capacity(n * 300);
        for _ in 0..n {
            let weights: Vec<f64> = (0..rank).map(|_| random.normal()).collect();
            data.extend((0..300).map(|column| {
                let signal: f64 =
                    weights.iter().enumerate().map(|(k, w)| w * directions[k * 300 + column]).sum();
                (signal + 0.05 * random.normal()) as f32
            }));
        }
        Matrix::new(data, n, 300).unwrap()
    }

    #[test]
    fn finds_nearly_all_neighbors_at_their_true_distances() {
        let x = low_rank(1500, 20);
        let found = shortlist(&x, 15).unwrap();
        assert_eq!(found.method, NeighborMethod::Shortlist);
        let exact = super::super::exact(&x, 15).unwrap();
        let mut common = 0;
        for i in 0..1500 {
            common += found.neighbors.indices(i).iter().filter(|j| exact.indices(i).contains(j)).count();
            for (&j, &distance) in found.neighbors.indices(i).iter().zip(found.neighbors.squared_distances(i))
            {
                let true_distance = squared_distance(x.row(i), x.row(j as usize)) as f32;
                assert_eq!(distance, true_distance);
            }
        }
        let recall = common as f64 / (1500 * 15) as f64;
        assert!(
            recall > 0.98 && (recall - found.recall).abs() < 0.02,
            "{recall}, estimated {}",
            found.recall
        );
    }

    #[test]
    fn data_without_leading_axes_is_searched_exactly() {
        let mut random = Random::new(22, Purpose::Synthesis);
        let x = Matrix::new((0..800 * 300).map(|_| random.normal() as f32).collect(), 800, 300).unwrap();
        let found = shortlist(&x, 10).unwrap();
        assert_eq!((found.method, found.recall), (NeighborMethod::Exact, 1.0));
        assert_eq!(found.neighbors, super::super::exact(&x, 10).unwrap());
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        let x = low_rank(700, 12);
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| shortlist(&x, 20).unwrap())
        };
        assert_eq!(on(1), on(3));
    }
}
