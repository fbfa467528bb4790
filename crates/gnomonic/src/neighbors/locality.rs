//! An order of the rows in which near rows are near each other, and panels of them that are searched together.

use super::cells::halve;
use crate::gemm::{View, multiply};
use crate::matrix::{Matrix, MatrixRef};
use crate::simd;
use rayon::prelude::*;
use std::ops::Range;

/// Rows of a cluster, about. On 70,000 digits, 0.995 of the neighbors of 192 rows lie in 0.37 of all rows, and of 96 in 0.30.
const CLUSTER: usize = 96;

/// Rows of a panel at most.
const PANEL: usize = 128;

/// Leading columns on which rows are compared with centers: the principal axes, when they hold coordinates on them.
const AXES: usize = 64;

/// Rows that are compared with all centers at a time.
const ROWS: usize = 128;

/// Centers compared together.
const LANES: usize = 16;

/// The rows in an order in which near ones are near each other, and panels of consecutive ones.
pub(super) struct Locality {
    pub(super) order: Vec<u32>,
    /// In the order of the rows, all of them.
    pub(super) panels: Vec<Range<usize>>,
    /// Whether panels are clusters, or parts of them.
    pub(super) is_clustered: bool,
}

impl Locality {
    /// Halves the rows of `x` at the median of their widest column, again and again. If they are to be clustered, each then goes to the
    /// nearest of all pieces' centers, one round of Lloyd's iteration (1982, doi:10.1109/TIT.1982.1056489). Of 70,000 digits, 0.995 of the
    /// neighbors of a piece lie in 0.57 of all rows before the round, 0.30 after it, and 0.27 after another.
    pub(super) fn of(x: MatrixRef<'_>, is_clustered: bool) -> Self {
        let n = x.n_samples();
        let mut order: Vec<u32> = (0..n as u32).collect();
        let ends = halve(x, &mut order, CLUSTER);
        if !is_clustered {
            return Self { order, panels: panels(0..n).collect(), is_clustered };
        }
        let labels = nearest_centers(x, &order, &centers(x, &order, &ends));
        let mut starts = vec![0; ends.len() + 1];
        labels.iter().for_each(|&label| starts[label as usize + 1] += 1);
        (1..starts.len()).for_each(|cluster| starts[cluster] += starts[cluster - 1]);
        let (mut next, mut sorted) = (starts.clone(), vec![0; n]);
        for (&row, &label) in order.iter().zip(&labels) {
            sorted[next[label as usize]] = row;
            next[label as usize] += 1;
        }
        let panels = starts.windows(2).flat_map(|pair| panels(pair[0]..pair[1])).collect();
        Self { order: sorted, panels, is_clustered }
    }
}

fn panels(rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = rows.end;
    rows.step_by(PANEL).map(move |start| start..(start + PANEL).min(end))
}

/// The mean row of each piece of the order.
pub(super) fn centers(x: MatrixRef<'_>, order: &[u32], ends: &[usize]) -> Matrix {
    let d = x.n_features();
    let mut centers = Matrix::zeros(ends.len(), d);
    centers.as_mut_slice().par_chunks_mut(d).enumerate().for_each_init(
        || vec![0.0_f64; d],
        |sums, (piece, center)| {
            let start = if piece == 0 { 0 } else { ends[piece - 1] };
            let rows = &order[start..ends[piece]];
            sums.fill(0.0);
            for &row in rows {
                sums.iter_mut().zip(x.row(row as usize)).for_each(|(sum, &value)| *sum += f64::from(value));
            }
            center.iter_mut().zip(sums).for_each(|(mean, sum)| *mean = (*sum / rows.len() as f64) as f32);
        },
    );
    centers
}

/// For each row of the order the nearest center, the first of equals.
fn nearest_centers(x: MatrixRef<'_>, order: &[u32], centers: &Matrix) -> Vec<u32> {
    let (d, n_centers) = (AXES.min(x.n_features()), centers.n_samples());
    // Of two centers, that with the greater product less half of its squared norm is nearer.
    let half = |center: &[f32]| center[..d].iter().map(|value| value * value).sum::<f32>() * 0.5;
    let halves: Vec<f32> = centers.view().rows().map(half).collect();
    let per_chunk = order.par_chunks(ROWS).map_init(
        || (vec![0.0; ROWS * d], vec![0.0; ROWS * n_centers]),
        |(left, products), rows| {
            for (left, &row) in left.chunks_exact_mut(d).zip(rows) {
                left.copy_from_slice(&x.row(row as usize)[..d]);
            }
            let right = View::with_row_stride(centers.as_slice(), n_centers, d, centers.n_features());
            let right = right.transposed();
            multiply(View::new(&left[..rows.len() * d], rows.len(), d), right, 0.0, products, n_centers);
            let lines = products.chunks_exact(n_centers).take(rows.len());
            simd::vectorize!(lines.map(|line| greatest(line, &halves)).collect::<Vec<u32>>())
        },
    );
    per_chunk.flatten_iter().collect()
}

/// Where `products` less `halves` are greatest, the first of equals.
#[inline(always)]
fn greatest(products: &[f32], halves: &[f32]) -> u32 {
    let (mut best, mut places) = ([f32::NEG_INFINITY; LANES], [0; LANES]);
    let (products, last_products) = products.as_chunks::<LANES>();
    let (halves, last_halves) = halves.as_chunks::<LANES>();
    for (place, (products, halves)) in products.iter().zip(halves).enumerate() {
        for lane in 0..LANES {
            let value = products[lane] - halves[lane];
            let is_better = value > best[lane];
            best[lane] = if is_better { value } else { best[lane] };
            places[lane] = if is_better { place as u32 } else { places[lane] };
        }
    }
    let first_of_last = products.len() * LANES;
    let whole = (0..LANES).map(|lane| (best[lane], places[lane] * LANES as u32 + lane as u32));
    let rest = last_products.iter().zip(last_halves).map(|(product, half)| product - half);
    let all = whole.chain(rest.zip(first_of_last as u32..));
    let best = all.fold((f32::NEG_INFINITY, u32::MAX), |best, other| {
        if other.0 > best.0 || (other.0 == best.0 && other.1 < best.1) { other } else { best }
    });
    // Values that are not finite, of data that changed under the search, are nearest to none.
    if (best.1 as usize) < first_of_last + last_products.len() { best.1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::squared_distance;
    use crate::random::{Purpose, Random};

    #[test]
    fn the_order_is_a_permutation_that_brings_near_rows_together() {
        let n = 2000;
        let mut random = Random::new(41, Purpose::Synthesis);
        let x = Matrix::new((0..n * 3).map(|_| random.normal() as f32).collect(), n, 3).unwrap();
        for is_clustered in [false, true] {
            let Locality { order, panels, .. } = Locality::of(x.view(), is_clustered);
            let ends = std::iter::once(0).chain(panels.iter().map(|panel| panel.end));
            assert!(panels.iter().zip(ends).all(|(panel, end)| panel.start == end && panel.len() <= PANEL));
            assert_eq!(panels.last().unwrap().end, n);
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert!(sorted.iter().enumerate().all(|(i, &row)| row as usize == i));
            let mean_step = |rows: &[u32]| {
                let steps =
                    rows.windows(2).map(|w| squared_distance(x.row(w[0] as usize), x.row(w[1] as usize)));
                steps.sum::<f64>() / (n - 1) as f64
            };
            assert!(mean_step(&order) < 0.3 * mean_step(&(0..n as u32).collect::<Vec<_>>()));
        }
    }

    #[test]
    fn the_nearest_center_is_that_of_a_plain_loop() {
        let mut random = Random::new(42, Purpose::Synthesis);
        for n_centers in [1, 15, 16, 77] {
            let mut matrix =
                |n: usize| Matrix::new((0..n * 5).map(|_| random.below(7) as f32).collect(), n, 5).unwrap();
            let (x, centers) = (matrix(300), matrix(n_centers));
            let order: Vec<u32> = (0..300).rev().collect();
            let expected = order.iter().map(|&row| {
                let distance = |center: usize| squared_distance(x.row(row as usize), centers.row(center));
                (0..n_centers).min_by(|&a, &b| distance(a).total_cmp(&distance(b))).unwrap() as u32
            });
            assert_eq!(nearest_centers(x.view(), &order, &centers), expected.collect::<Vec<u32>>());
        }
        assert_eq!(greatest(&[f32::NAN; 20], &[0.0; 20]), 0);
    }
}
