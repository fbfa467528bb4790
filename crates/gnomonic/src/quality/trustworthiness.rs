//! Trustworthiness and continuity (Venna & Kaski 2001, doi:10.1007/3-540-44668-0_68): how far from near are those who
//! are shown as near, and the reverse.
//!
//! A rank counts the points that are nearer. Products of blocks of rows in `f32` decide most comparisons; those within
//! the rounding of the products are decided by differences summed in `f64`, so the ranks are exact. Equal distances are
//! ranked by index.

use rayon::prelude::*;

use super::check_rows;
use crate::error::{ErrorKind, Result};
use crate::gemm::{View, multiply};
use crate::matrix::MatrixRef;
use crate::neighbors::{self, Neighbors, squared_distance};
use crate::preprocessing::column_means;
use crate::simd;

/// How much the neighbors in the map `y` can be trusted to be neighbors in the data `x`: scikit-learn's
/// `manifold.trustworthiness`.
///
/// ```text
/// T = 1 − 2 / (n k (2n − 3k − 1)) · Σ_i Σ_{j among the k nearest of i in y} max(0, rank of j from i in x − k)
/// ```
///
/// 1 means that no neighbor in the map is farther than k-th in the data; a random map has about 0.5.
///
/// O(n²·(d + k)) time (n² products of rows), or about O(k·n^1.5) where `x` has up to three columns; O(n·k) memory.
///
/// # Errors
/// When the numbers of rows differ, `n_neighbors` is not between 1 and (n − 1) / 2, or a value is not finite or beyond
/// ±1e15.
pub fn trustworthiness<'a, 'b>(
    x: impl Into<MatrixRef<'a>>,
    y: impl Into<MatrixRef<'b>>,
    n_neighbors: usize,
) -> Result<f64> {
    let (x, y) = (x.into(), y.into());
    check_rows("rows of the map", y.n_samples(), x.n_samples())?;
    check_n_neighbors(n_neighbors, x.n_samples())?;
    x.check(1)?;
    trustworthiness_of_neighbors(x, &neighbors::exact(y, n_neighbors)?)
}

/// How much of the neighborhoods of the data `x` continues in the map `y`: [`trustworthiness`] with the roles of the
/// two swapped.
///
/// ```text
/// C = 1 − 2 / (n k (2n − 3k − 1)) · Σ_i Σ_{j among the k nearest of i in x} max(0, rank of j from i in y − k)
/// ```
///
/// # Errors
/// As [`trustworthiness`].
pub fn continuity<'a, 'b>(
    x: impl Into<MatrixRef<'a>>,
    y: impl Into<MatrixRef<'b>>,
    n_neighbors: usize,
) -> Result<f64> {
    trustworthiness(y, x, n_neighbors)
}

/// [`trustworthiness`] of neighbors that are known already, in the space `x` that they are claimed for: given those of
/// the map with the data, it is the trustworthiness; given those of the data with the map, the continuity.
///
/// # Errors
/// When the numbers of rows differ, the neighbors are not between 1 and (n − 1) / 2 for each row, or a value is not
/// finite or beyond ±1e15.
pub fn trustworthiness_of_neighbors<'a>(x: impl Into<MatrixRef<'a>>, neighbors: &Neighbors) -> Result<f64> {
    Ok(trustworthiness_of_each(x, &[neighbors])?[0])
}

/// [`trustworthiness_of_neighbors`] of several maps of the same data, such as those of a sweep: the data is compared with itself once
/// for all of them.
///
/// # Errors
/// As [`trustworthiness_of_neighbors`].
pub fn trustworthiness_of_each<'a>(x: impl Into<MatrixRef<'a>>, maps: &[&Neighbors]) -> Result<Vec<f64>> {
    let x = x.into();
    for neighbors in maps {
        check_rows("rows of neighbors", neighbors.n_samples(), x.n_samples())?;
        check_n_neighbors(neighbors.k(), x.n_samples())?;
    }
    x.check(1)?;
    let n = x.n_samples() as f64;
    let share = |(neighbors, excess): (&&Neighbors, u64)| {
        let k = neighbors.k() as f64;
        1.0 - excess as f64 * 2.0 / (n * k * (2.0 * n - 3.0 * k - 1.0))
    };
    Ok(maps.iter().zip(excess_ranks(x, maps)).map(share).collect())
}

/// scikit-learn's bound: beyond it the measure can leave [0, 1].
fn check_n_neighbors(n_neighbors: usize, n_samples: usize) -> Result<()> {
    if n_neighbors >= 1 && n_neighbors < n_samples.div_ceil(2) {
        return Ok(());
    }
    Err(ErrorKind::Parameter {
        name: "number of neighbors",
        value: n_neighbors.to_string(),
        bound: format!("must be at least 1 and below half the number of rows, {n_samples}"),
    }
    .into())
}

/// Rows whose neighbors are ranked together, and rows that they are compared with at a time.
const ROWS: usize = 256;
const COLUMNS: usize = 512;

/// Σ max(0, rank − k) over all neighbors of all rows, of each map: integers, so that the order of addition does not matter.
fn excess_ranks(x: MatrixRef<'_>, maps: &[&Neighbors]) -> Vec<u64> {
    let n = x.n_samples();
    let add = |mut sums: Vec<u64>, others: Vec<u64>| {
        sums.iter_mut().zip(others).for_each(|(sum, other)| *sum += other);
        sums
    };
    let none = || vec![0; maps.len()];
    if x.n_features() <= neighbors::MOST_FEATURES {
        let tree = neighbors::Tree::new(x);
        let excess_of = |i: usize, j: u32, k: usize| {
            let squared_distance = squared_distance(x.row(i), x.row(j as usize));
            let nearer = tree.count_nearer(x.row(i), i as u32, squared_distance, j);
            (nearer + 1).saturating_sub(k) as u64
        };
        let of_map =
            |i, map: &&Neighbors| map.indices(i).iter().map(|&j| excess_of(i, j, map.k())).sum::<u64>();
        return (0..n)
            .into_par_iter()
            .map(|i| maps.iter().map(|map| of_map(i, map)).collect())
            .reduce(none, add);
    }
    let ranking = Ranking::new(x);
    (0..n.div_ceil(ROWS))
        .into_par_iter()
        .map_init(Scratch::default, |scratch, block| {
            let rows = block * ROWS..((block + 1) * ROWS).min(n);
            ranking.excess_of_rows(rows, maps, scratch)
        })
        .reduce(none, add)
}

struct Ranking<'a> {
    x: MatrixRef<'a>,
    /// Taken away before products are formed: a common offset would eat their digits.
    mean: Vec<f32>,
    /// Squared norms of the centered rows.
    norms: Vec<f32>,
    /// Bound on the rounding of a squared distance by products, relative to the sum of the two squared norms: one
    /// rounding for each term of the sum, and a few for centering, the norms and the comparison.
    rounding: f32,
}

#[derive(Default)]
struct Scratch {
    rows: Vec<f32>,
    columns: Vec<f32>,
    products: Vec<f32>,
    line: Line,
}

/// Bounds of the squared distances from one row to a block of rows, less the row's own squared norm.
#[derive(Default)]
struct Line {
    least: Vec<f32>,
    greatest: Vec<f32>,
    /// The distances in `f64`, NaN where not needed yet; empty until one is.
    exact: Vec<f64>,
}

/// A neighbor whose rank is being counted.
struct Ranked {
    j: usize,
    squared_distance: f64,
    nearer: usize,
}

impl<'a> Ranking<'a> {
    fn new(x: MatrixRef<'a>) -> Self {
        let mean: Vec<f32> = column_means(x).into_iter().map(|mean| mean as f32).collect();
        let norms = (0..x.n_samples())
            .into_par_iter()
            .map(|i| {
                let centered = x.row(i).iter().zip(&mean).map(|(&value, &mean)| f64::from(value - mean));
                centered.map(|value| value * value).sum::<f64>() as f32
            })
            .collect();
        let rounding = (x.n_features() + 32) as f32 * (0.5 * f32::EPSILON);
        Self { x, mean, norms, rounding }
    }

    fn excess_of_rows(
        &self,
        rows: std::ops::Range<usize>,
        maps: &[&Neighbors],
        scratch: &mut Scratch,
    ) -> Vec<u64> {
        let (n, d) = (self.x.n_samples(), self.x.n_features());
        // Those of all maps, row after row.
        let per_row: usize = maps.iter().map(|map| map.k()).sum();
        let mut ranked: Vec<Ranked> = Vec::with_capacity(rows.len() * per_row);
        for i in rows.clone() {
            ranked.extend(maps.iter().flat_map(|map| map.indices(i)).map(|&j| {
                let j = j as usize;
                Ranked { j, squared_distance: squared_distance(self.x.row(i), self.x.row(j)), nearer: 0 }
            }));
        }
        self.fill_centered(&mut scratch.rows, rows.clone());
        scratch.products.resize(ROWS * COLUMNS, 0.0);
        for start in (0..n).step_by(COLUMNS) {
            let columns = start..(start + COLUMNS).min(n);
            self.fill_centered(&mut scratch.columns, columns.clone());
            multiply(
                View::new(&scratch.rows, rows.len(), d),
                View::new(&scratch.columns, columns.len(), d).transposed(),
                0.0,
                &mut scratch.products,
                COLUMNS,
            );
            for (row, i) in rows.clone().enumerate() {
                let products = &scratch.products[row * COLUMNS..][..columns.len()];
                scratch.line.fill(products, &self.norms[columns.clone()], self.rounding);
                if columns.contains(&i) {
                    scratch.line.exclude(i - start);
                }
                for neighbor in &mut ranked[row * per_row..(row + 1) * per_row] {
                    self.count_nearer(i, start, neighbor, &mut scratch.line);
                }
            }
        }
        let mut sums = vec![0; maps.len()];
        let mut ranked = ranked.iter();
        for _ in rows {
            for (sum, map) in sums.iter_mut().zip(maps) {
                let own = ranked.by_ref().take(map.k());
                *sum += own.map(|neighbor| (neighbor.nearer + 1).saturating_sub(map.k()) as u64).sum::<u64>();
            }
        }
        sums
    }

    /// Adds the rows of the line that are nearer to `i` than the neighbor is.
    fn count_nearer(&self, i: usize, start: usize, neighbor: &mut Ranked, line: &mut Line) {
        let own = f64::from(self.norms[i]);
        let slack = f64::from(self.rounding) * (own + neighbor.squared_distance);
        let below = (neighbor.squared_distance - own - slack) as f32;
        let above = (neighbor.squared_distance - own + slack) as f32;
        let certain = simd::vectorize!(count(&line.greatest, |greatest| greatest < below));
        let possible = simd::vectorize!(count(&line.least, |least| least <= above));
        neighbor.nearer += certain as usize;
        if certain == possible {
            return;
        }
        for at in 0..line.least.len() {
            if line.least[at] <= above && line.greatest[at] >= below {
                let l = start + at;
                let distance = line.exact(at, || squared_distance(self.x.row(i), self.x.row(l)));
                if (distance, l) < (neighbor.squared_distance, neighbor.j) {
                    neighbor.nearer += 1;
                }
            }
        }
    }

    fn fill_centered(&self, buffer: &mut Vec<f32>, rows: std::ops::Range<usize>) {
        buffer.clear();
        for i in rows {
            buffer.extend(self.x.row(i).iter().zip(&self.mean).map(|(&value, &mean)| value - mean));
        }
    }
}

impl Line {
    fn fill(&mut self, products: &[f32], norms: &[f32], rounding: f32) {
        self.least.resize(products.len(), 0.0);
        self.greatest.resize(products.len(), 0.0);
        self.exact.clear();
        simd::vectorize!({
            for at in 0..products.len() {
                let slack = rounding * norms[at];
                let distance = norms[at] - 2.0 * products[at];
                self.least[at] = distance - slack;
                self.greatest[at] = distance + slack;
            }
        });
    }

    /// Takes a row out of the comparison with itself.
    fn exclude(&mut self, at: usize) {
        self.least[at] = f32::INFINITY;
        self.greatest[at] = f32::INFINITY;
    }

    /// The distance at a place, computed when it is first asked for.
    fn exact(&mut self, at: usize, compute: impl FnOnce() -> f64) -> f64 {
        if self.exact.is_empty() {
            self.exact.resize(self.least.len(), f64::NAN);
        }
        if self.exact[at].is_nan() {
            self.exact[at] = compute();
        }
        self.exact[at]
    }
}

#[inline(always)]
fn count(values: &[f32], accept: impl Fn(f32) -> bool) -> u32 {
    values.iter().map(|&value| u32::from(accept(value))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::random::{Purpose, Random};

    fn normal(n: usize, d: usize, offset: f32, seed: u64) -> Matrix {
        let mut random = Random::new(seed, Purpose::Synthesis);
        let values = (0..n * d).map(|_| random.normal() as f32 + offset).collect();
        Matrix::new(values, n, d).unwrap()
    }

    #[test]
    fn several_maps_are_judged_as_one_by_one() {
        for d in [2, 7] {
            let x = normal(600, d, 1.0, 4);
            let maps = [(2, 5, 5), (2, 6, 12), (3, 7, 1)]
                .map(|(c, seed, k)| neighbors::exact(&normal(600, c, 0.0, seed), k).unwrap());
            let together = trustworthiness_of_each(&x, &maps.iter().collect::<Vec<_>>()).unwrap();
            for (map, &value) in maps.iter().zip(&together) {
                assert_eq!(trustworthiness_of_neighbors(&x, map), Ok(value), "{d} columns");
            }
            assert_eq!(trustworthiness_of_each(&x, &[]), Ok(Vec::new()));
        }
    }

    /// The definition, word by word.
    fn plain(x: &Matrix, y: &Matrix, k: usize) -> f64 {
        let n = x.n_samples();
        let order = |m: &Matrix, i: usize| {
            let mut others: Vec<usize> = (0..n).filter(|&j| j != i).collect();
            others.sort_by(|&a, &b| {
                let distance = |j| squared_distance(m.row(i), m.row(j));
                distance(a).total_cmp(&distance(b)).then(a.cmp(&b))
            });
            others
        };
        let mut sum = 0;
        for i in 0..n {
            let in_x = order(x, i);
            for j in &order(y, i)[..k] {
                let rank = in_x.iter().position(|l| l == j).unwrap() + 1;
                sum += rank.saturating_sub(k);
            }
        }
        let (n, k) = (n as f64, k as f64);
        1.0 - 2.0 * sum as f64 / (n * k * (2.0 * n - 3.0 * k - 1.0))
    }

    #[test]
    fn it_is_the_definition() {
        for (n, d, k, offset) in [(3, 2, 1, 0.0), (600, 7, 5, 0.0), (530, 40, 30, 1e4), (61, 1, 30, 0.0)] {
            let (x, y) = (normal(n, d, offset, 1), normal(n, 2, 0.0, 2));
            assert_eq!(trustworthiness(&x, &y, k).unwrap(), plain(&x, &y, k));
            assert_eq!(continuity(&x, &y, k).unwrap(), plain(&y, &x, k));
        }
    }

    #[test]
    fn equal_distances_are_ranked_by_index() {
        // Integer coordinates with many duplicates: almost every comparison is a tie or within rounding of one.
        let grid = |seed, d: usize| {
            let mut random = Random::new(seed, Purpose::Synthesis);
            let values = (0..200 * d).map(|_| random.below(4) as f32 + 0.1).collect();
            Matrix::new(values, 200, d).unwrap()
        };
        for (x, y) in [(grid(1, 2), grid(2, 2)), (grid(3, 5), grid(4, 2)), (grid(5, 1), grid(6, 7))] {
            assert_eq!(trustworthiness(&x, &y, 9).unwrap(), plain(&x, &y, 9));
        }
        let equal = Matrix::new(vec![5.0; 60], 30, 2).unwrap();
        assert_eq!(trustworthiness(&equal, &equal, 4).unwrap(), 1.0);
    }

    #[test]
    fn a_faithful_map_is_perfect_however_it_is_turned() {
        let x = normal(300, 2, 0.0, 3);
        let turned = x.as_slice().chunks(2).flat_map(|p| [3.0 * p[1] + 7.0, -3.0 * p[0]]).collect();
        let turned = Matrix::new(turned, 300, 2).unwrap();
        assert!(trustworthiness(&x, &turned, 10).unwrap() > 1.0 - 1e-6);
        assert!(continuity(&x, &turned, 10).unwrap() > 1.0 - 1e-6);
    }

    #[test]
    fn the_order_of_the_points_does_not_matter() {
        let (x, y) = (normal(400, 5, 0.0, 4), normal(400, 2, 0.0, 5));
        let reversed: Vec<usize> = (0..400).rev().collect();
        assert_eq!(
            trustworthiness(&x, &y, 7).unwrap(),
            trustworthiness(&x.view().select_rows(&reversed), &y.view().select_rows(&reversed), 7).unwrap()
        );
    }

    #[test]
    fn bad_input_is_named() {
        let (x, y) = (normal(10, 3, 0.0, 1), normal(10, 2, 0.0, 2));
        assert!(trustworthiness(&x, &normal(9, 2, 0.0, 2), 3).is_err());
        assert!(trustworthiness(&x, &y, 0).is_err());
        assert!(trustworthiness(&x, &y, 4).is_ok());
        let message = trustworthiness(&x, &y, 5).unwrap_err().to_string();
        assert!(message.contains("below half the number of rows, 10"), "{message}");
        let wrong = Matrix::new(vec![f32::NAN; 20], 10, 2).unwrap();
        assert!(trustworthiness(&wrong, &y, 3).is_err() && trustworthiness(&x, &wrong, 3).is_err());
    }
}
