//! A few rows against all, with products of a precision of choice.

use crate::gemm::{Element, View, multiply};
use crate::matrix::MatrixRef;
use rayon::prelude::*;
use std::cmp::Ordering;
use std::ops::{Mul, Sub};

/// Rows that one task compares with all rows.
const QUERIES: usize = 16;

/// Columns of a product at a time.
const BLOCK: usize = 1024;

/// The precision of products: `f32`, or `f64` where rounding must not decide.
pub(super) trait Precision:
    Element + From<f32> + PartialOrd + Sub<Output = Self> + Mul<Output = Self> + Send + Sync
{
    const ZERO: Self;
}

impl Precision for f32 {
    const ZERO: Self = 0.0;
}

impl Precision for f64 {
    const ZERO: Self = 0.0;
}

/// For each of `queries`, the `keep` other rows of `x` for which norms\[j\] − 2 x_i·x_j is least, in no order. Rows are centered by
/// `mean`, and `norms` are their squared norms then. O(queries · n · d).
pub(super) fn nearest_lists<T: Precision>(
    x: MatrixRef<'_>,
    mean: &[f32],
    norms: &[T],
    queries: &[u32],
    keep: usize,
) -> Vec<Vec<u32>> {
    let (n, d) = (x.n_samples(), x.n_features());
    let centered = |i: usize| x.row(i).iter().zip(mean).map(|(&value, &mean)| T::from(value) - T::from(mean));
    let order =
        |a: &(T, u32), b: &(T, u32)| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal).then(a.1.cmp(&b.1));
    let per_task = queries.par_chunks(QUERIES).map(|queries| {
        let left: Vec<T> = queries.iter().flat_map(|&i| centered(i as usize)).collect();
        let mut estimates = vec![Vec::with_capacity(n); queries.len()];
        let (mut right, mut products) = (Vec::new(), vec![T::ZERO; queries.len() * BLOCK]);
        for start in (0..n).step_by(BLOCK) {
            let block = start..(start + BLOCK).min(n);
            right.clear();
            right.extend(block.clone().flat_map(centered));
            let (a, b) = (View::new(&left, queries.len(), d), View::new(&right, block.len(), d));
            multiply(a, b.transposed(), T::ZERO, &mut products, BLOCK);
            for (row, estimates) in estimates.iter_mut().enumerate() {
                let line = &products[row * BLOCK..][..block.len()];
                let pairs = block.clone().zip(line).filter(|&(j, _)| j != queries[row] as usize);
                estimates.extend(pairs.map(|(j, &product)| (norms[j] - T::from(2.0) * product, j as u32)));
            }
        }
        estimates
            .into_iter()
            .map(|mut estimates| {
                let keep = keep.min(estimates.len());
                if keep < estimates.len() {
                    estimates.select_nth_unstable_by(keep, order);
                }
                estimates[..keep].iter().map(|&(_, j)| j).collect()
            })
            .collect::<Vec<Vec<u32>>>()
    });
    per_task.flatten_iter().collect()
}
