//! How far two maps of the same rows agree.

use super::check_rows;
use crate::alignment::Procrustes;
use crate::embedding::Embedding;
use crate::error::{Result, refuse};
use crate::neighbors;
use rayon::prelude::*;

/// How far two maps of the same rows agree: see [`agreement`].
#[derive(Clone, Debug, PartialEq)]
pub struct Agreement {
    /// What lays the second map over the first.
    pub fit: Procrustes,
    /// The second map, laid over the first.
    pub laid: Embedding,
    /// How far each point then lies from the same point of the first map, as a share of that map's radius.
    pub distances: Vec<f64>,
    /// The root of the mean of their squares: √(1 − r²), with the [correlation](Procrustes::correlation) r.
    pub rms_distance: f64,
    /// The radius of the first map: the root mean square distance of its points from their center, in map units.
    pub radius: f64,
    /// For each k that was asked for, what the two maps share of each point's neighbors.
    pub overlaps: Vec<Overlap>,
}

/// What two maps share of each point's k nearest neighbors.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlap {
    /// The number of neighbors.
    pub k: usize,
    /// The mean share, from 0 to 1. Of two maps that have nothing to do with each other it is k / (n − 1).
    pub mean: f64,
    /// The share of each point.
    pub of_each: Vec<f64>,
}

impl Agreement {
    /// The points that agree least, by the distance after alignment, the farthest first: at most `most`. O(n log n).
    #[must_use]
    pub fn least(&self, most: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.distances.len()).collect();
        order.sort_by(|&a, &b| self.distances[b].total_cmp(&self.distances[a]).then(a.cmp(&b)));
        order.truncate(most);
        order
    }
}

/// Lays `map` over `reference`, by [`Procrustes`], and says how far the two agree: in their whole, by the distances that remain, and
/// nearby, by the neighbors that points have in both, for each number of neighbors in `ks` (10 and 50 are usual).
///
/// t-SNE keeps neighborhoods rather than distances: maps of different seeds often share most neighbors where their groups lie elsewhere,
/// and so do not lie over each other. The overlap of neighbors is what can be expected of them.
///
/// O(n log n + n · k²) for maps of up to three dimensions. A `k` above n − 1 is taken as n − 1.
///
/// # Errors
/// Another number of points or dimensions in one map than in the other, fewer than two points, a `k` of 0.
///
/// ```
/// use gnomonic::{Embedding, quality::agreement};
///
/// let reference = Embedding::new(vec![0.0, 0.0, 1.0, 0.0, 4.0, 0.0, 0.0, 3.0], 4, 2)?;
/// // The same map mirrored and twice as large, but that the last point is elsewhere.
/// let map = Embedding::new(vec![0.0, 0.0, -2.0, 0.0, -8.0, 0.0, 0.0, 4.0], 4, 2)?;
/// let agreement = agreement(&map, &reference, &[1])?;
/// assert!(agreement.fit.mirrors() && agreement.rms_distance < 0.2);
/// assert_eq!(agreement.least(1), [3]);
/// assert_eq!(agreement.overlaps[0].mean, 1.0);
/// # Ok::<(), gnomonic::Error>(())
/// ```
pub fn agreement(map: &Embedding, reference: &Embedding, ks: &[usize]) -> Result<Agreement> {
    let n = map.n_samples();
    check_rows("points of the reference", reference.n_samples(), n)?;
    if n < 2 {
        return refuse("the number of points of two maps to compare", n.to_string(), "must be at least 2");
    }
    if ks.contains(&0) {
        return refuse("k", "0".into(), "must be at least 1");
    }
    let fit = Procrustes::fit(map, reference)?;
    let laid = fit.apply(map)?;
    let c = map.n_components();
    let center: Vec<f64> = (0..c)
        .map(|axis| reference.view().rows().map(|row| f64::from(row[axis])).sum::<f64>() / n as f64)
        .collect();
    let from_center = reference.view().rows().map(|row| squared(row, |axis| center[axis]));
    let radius = (from_center.sum::<f64>() / n as f64).sqrt();
    // Of a map that is one place there is no share: what lies over it is off by all of its own size.
    let unit = if radius > 0.0 { 1.0 / radius } else { 1.0 };
    let pairs = laid.view().rows().zip(reference.view().rows());
    let distances: Vec<f64> =
        pairs.map(|(own, other)| unit * squared(own, |axis| f64::from(other[axis])).sqrt()).collect();
    let rms_distance = (distances.iter().map(|distance| distance * distance).sum::<f64>() / n as f64).sqrt();
    let overlaps = match ks.iter().max() {
        None => Vec::new(),
        Some(&largest) => {
            let largest = largest.min(n - 1);
            let near = [map, reference].map(|map| neighbors::exact(map.view(), largest));
            let [own, other] = near;
            let (own, other) = (own?, other?);
            ks.iter()
                .map(|&k| {
                    let k = k.min(largest);
                    let of_each: Vec<f64> = (0..n)
                        .into_par_iter()
                        .map(|i| {
                            let [own, other] = [&own, &other].map(|near| &near.indices(i)[..k]);
                            own.iter().filter(|j| other.contains(j)).count() as f64 / k as f64
                        })
                        .collect();
                    Overlap { k, mean: of_each.iter().sum::<f64>() / n as f64, of_each }
                })
                .collect()
        }
    };
    Ok(Agreement { fit, laid, distances, rms_distance, radius, overlaps })
}

/// The squared distance of a point from another.
fn squared(point: &[f32], other: impl Fn(usize) -> f64) -> f64 {
    point.iter().enumerate().map(|(axis, &x)| (f64::from(x) - other(axis)).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Random};

    fn map(n: usize, c: usize, seed: u64) -> Embedding {
        let mut random = Random::new(seed, Purpose::Synthesis);
        Embedding::new((0..n * c).map(|_| (5.0 * random.normal()) as f32).collect(), n, c).unwrap()
    }

    #[test]
    fn a_map_agrees_with_itself_and_not_with_another() {
        for c in [1, 2, 3] {
            let (a, b) = (map(300, c, 1), map(300, c, 2));
            let same = agreement(&a, &a, &[10, 50]).unwrap();
            assert!(same.rms_distance < 1e-6 && same.overlaps.iter().all(|overlap| overlap.mean == 1.0));
            let other = agreement(&a, &b, &[10, 50]).unwrap();
            assert!(other.rms_distance > 0.95, "{}", other.rms_distance);
            for overlap in &other.overlaps {
                let chance = overlap.k as f64 / 299.0;
                assert!((overlap.mean - chance).abs() < 0.02, "{} beside {chance}", overlap.mean);
                assert_eq!(overlap.of_each.len(), 300);
            }
            let left = 1.0 - other.fit.correlation().powi(2);
            assert!((other.rms_distance.powi(2) - left).abs() < 1e-6);
        }
    }

    #[test]
    fn one_point_that_moved_is_found() {
        let a = map(200, 2, 1);
        let mut moved = a.clone().into_vec();
        moved[2 * 77] += 20.0;
        let found = agreement(&Embedding::new(moved, 200, 2).unwrap(), &a, &[10]).unwrap();
        assert_eq!(found.least(1), [77]);
        assert!(found.distances[77] > 1.0 && found.distances[3] < 0.1);
        assert!(found.overlaps[0].of_each[77] < 0.5);
    }

    #[test]
    fn the_disparity_is_that_of_scipy() {
        // scipy.spatial.procrustes 1.17.1 of these two: reference/core/agreement.py.
        let a = Embedding::new(vec![0.0, 1.0, 2.0, 5.0, -3.0, 2.0, 4.0, 4.0, 1.0, -2.0], 5, 2).unwrap();
        let b = Embedding::new(vec![1.0, 1.0, 3.0, -4.0, 0.0, 4.0, 2.0, -6.0, 7.0, 0.0], 5, 2).unwrap();
        let found = agreement(&b, &a, &[2]).unwrap();
        assert!((found.rms_distance.powi(2) - DISPARITY).abs() < 1e-6, "{}", found.rms_distance.powi(2));
    }

    /// As `reference/core/agreement.py` prints it.
    const DISPARITY: f64 = 0.168_198_029_377_984_61;

    #[test]
    fn what_does_not_fit_is_refused_and_more_neighbors_than_there_are_is_all() {
        let (a, b) = (map(5, 2, 1), map(6, 2, 1));
        assert!(agreement(&a, &b, &[1]).is_err() && agreement(&a, &a, &[0]).is_err());
        assert!(agreement(&map(1, 2, 1), &map(1, 2, 1), &[1]).is_err());
        assert!(agreement(&a, &map(5, 3, 1), &[1]).is_err());
        let all = agreement(&a, &a, &[50]).unwrap();
        assert_eq!((all.overlaps[0].k, all.overlaps[0].mean), (4, 1.0));
        assert!(agreement(&a, &a, &[]).unwrap().overlaps.is_empty());
    }
}
