//! How tight the labels are in the map, and how far from each other (Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7).

use rayon::prelude::*;

use super::{BLOCK, Columns, check_rows, sum_lanes};
use crate::error::{ErrorKind, Result};
use crate::matrix::MatrixRef;
use crate::parallel;
use crate::simd;

/// The mean silhouette of all points, from −1 to 1: scikit-learn's `silhouette_score`.
///
/// ```text
/// s_i = (b_i − a_i) / max(a_i, b_i)
/// ```
///
/// where a is the mean distance to the other points of the own label and b that to the points of the nearest other
/// label. A point that is alone with its label has 0, and so has one for which a = b = 0.
///
/// O(n²·c) time for n points of c coordinates, O(n·c) memory.
///
/// # Errors
/// When the number of labels is not that of points, a coordinate is not finite or beyond ±1e15, or there are not at least
/// two and at most n − 1 different labels.
pub fn silhouette<'a>(y: impl Into<MatrixRef<'a>>, labels: &[u32]) -> Result<f64> {
    let y = y.into();
    let n = y.n_samples();
    check_rows("labels", labels.len(), n)?;
    y.check(1)?;
    let clusters = Clusters::new(y, labels);
    let n_labels = clusters.starts.len() - 1;
    if n_labels < 2 || n_labels >= n {
        return Err(ErrorKind::Parameter {
            name: "number of different labels",
            value: n_labels.to_string(),
            bound: format!("must be at least 2 and below the number of points, {n}, to compare clusters"),
        }
        .into());
    }
    let values: Vec<f64> = parallel::chunks(n)
        .flat_map_iter(|points| {
            let mut scratch = vec![0.0; BLOCK];
            let clusters = &clusters;
            points.map(move |i| clusters.silhouette_of(i, &mut scratch)).collect::<Vec<f64>>()
        })
        .collect();
    Ok(values.iter().sum::<f64>() / n as f64)
}

/// The points in the order of their labels, so that each label's points stand together.
struct Clusters {
    columns: Columns,
    /// Label c is at `starts[c] .. starts[c + 1]`.
    starts: Vec<usize>,
}

impl Clusters {
    fn new(y: MatrixRef<'_>, labels: &[u32]) -> Self {
        let mut order: Vec<usize> = (0..labels.len()).collect();
        order.sort_by_key(|&i| labels[i]);
        let mut starts = vec![0];
        for cluster in order.chunk_by(|&i, &j| labels[i] == labels[j]) {
            starts.push(starts[starts.len() - 1] + cluster.len());
        }
        Self { columns: Columns::new(y, order.into_iter()), starts }
    }

    fn silhouette_of(&self, i: usize, scratch: &mut [f64]) -> f64 {
        let (mut own, mut nearest_other) = (None, f64::INFINITY);
        for range in self.starts.windows(2) {
            let size = range[1] - range[0];
            let sum = self.sum_of_distances(i, range[0]..range[1], scratch);
            if (range[0]..range[1]).contains(&i) {
                // The point itself adds nothing to the sum.
                own = (size > 1).then(|| sum / (size - 1) as f64);
            } else {
                nearest_other = nearest_other.min(sum / size as f64);
            }
        }
        match own {
            Some(own) if own.max(nearest_other) > 0.0 => (nearest_other - own) / own.max(nearest_other),
            _ => 0.0,
        }
    }

    fn sum_of_distances(&self, i: usize, range: std::ops::Range<usize>, scratch: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        for start in range.clone().step_by(BLOCK) {
            let distances = &mut scratch[..BLOCK.min(range.end - start)];
            sum += simd::vectorize!({
                self.columns.squared_distances(i, start, distances);
                sum_lanes(distances, f64::sqrt)
            });
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::random::{Purpose, Random};

    fn normal(n: usize, c: usize) -> Matrix {
        let mut random = Random::new(n as u64, Purpose::Synthesis);
        Matrix::new((0..n * c).map(|_| random.normal() as f32).collect(), n, c).unwrap()
    }

    /// The definition, word by word.
    fn plain(y: &Matrix, labels: &[u32]) -> f64 {
        let n = labels.len();
        let mut different = labels.to_vec();
        different.sort_unstable();
        different.dedup();
        let distance = |i: usize, j: usize| {
            let squares = y.row(i).iter().zip(y.row(j)).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2));
            squares.sum::<f64>().sqrt()
        };
        let mean = |i: usize, label: u32| {
            let others = (0..n).filter(|&j| j != i && labels[j] == label);
            let distances: Vec<f64> = others.map(|j| distance(i, j)).collect();
            (!distances.is_empty()).then(|| distances.iter().sum::<f64>() / distances.len() as f64)
        };
        let values = (0..n).map(|i| {
            let others = different.iter().filter(|&&label| label != labels[i]);
            let b = others.filter_map(|&label| mean(i, label)).fold(f64::INFINITY, f64::min);
            mean(i, labels[i]).map_or(0.0, |a| (b - a) / a.max(b))
        });
        values.sum::<f64>() / n as f64
    }

    #[test]
    fn it_is_the_definition() {
        // The last has labels with more points than are handled at a time.
        for (n, c) in [(3, 1), (150, 2), (90, 3), (3_400, 2)] {
            let y = normal(n, c);
            // One label has a single point.
            let labels: Vec<u32> = (0..n as u32).map(|i| if i == 1 { 77 } else { i % 3 * 5 }).collect();
            let labels = if n == 3 { vec![1, 1, 0] } else { labels };
            assert!((silhouette(&y, &labels).unwrap() - plain(&y, &labels)).abs() < 1e-13);
        }
    }

    #[test]
    fn duplicates_and_coincident_maps_have_no_nan() {
        assert_eq!(silhouette(&Matrix::zeros(6, 2), &[0, 0, 1, 1, 2, 2]).unwrap(), 0.0);
        let y = Matrix::new(vec![0.0, 0.0, 5.0, 5.0], 4, 1).unwrap();
        assert_eq!(silhouette(&y, &[0, 0, 1, 1]).unwrap(), 1.0);
    }

    #[test]
    fn bits_do_not_depend_on_threads() {
        let y = normal(1_700, 2);
        let labels: Vec<u32> = (0..1_700).map(|i| i % 7).collect();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| silhouette(&y, &labels).unwrap().to_bits())
        };
        assert!(on(1) == on(2) && on(1) == on(5));
    }

    #[test]
    fn bad_input_is_named() {
        let y = normal(4, 2);
        assert!(silhouette(&y, &[0, 1]).is_err());
        assert!(silhouette(&y, &[0, 1, 2, 3]).is_err());
        let message = silhouette(&y, &[3, 3, 3, 3]).unwrap_err().to_string();
        assert!(message.contains("number of different labels is 1; it must be at least 2"), "{message}");
    }
}
