//! A few rows against all, with products of a precision of choice.

use crate::gemm::{Element, View, multiply};
use crate::matrix::MatrixRef;
use rayon::prelude::*;
use std::cmp::Ordering;
use std::ops::{Mul, Range, Sub};

/// Pieces of the rows, each compared with all queries by one task: a fixed number, so that memory does not grow with the rows.
const PIECES: usize = 16;

/// Rows and queries of a product at a time.
const BLOCK: usize = 512;
const QUERIES: usize = 256;

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

/// For each of `queries`, the `keep` other rows of `x` for which norms\[j\] − 2 x_i·x_j is least, in no particular order. Rows are centered by
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
    let left: Vec<T> = queries.iter().flat_map(|&i| centered(i as usize)).collect();
    let pieces: Vec<Vec<Nearest<T>>> = (0..PIECES)
        .into_par_iter()
        .map(|piece| {
            let rows = piece * n / PIECES..(piece + 1) * n / PIECES;
            let mut nearest = vec![Nearest::default(); queries.len()];
            let (mut right, mut products) = (Vec::new(), vec![T::ZERO; QUERIES * BLOCK]);
            for start in rows.clone().step_by(BLOCK) {
                let block = start..(start + BLOCK).min(rows.end);
                right.clear();
                block.clone().for_each(|j| right.extend(centered(j)));
                let right = View::new(&right, block.len(), d).transposed();
                let tiles =
                    left.chunks(QUERIES * d).zip(nearest.chunks_mut(QUERIES)).zip(queries.chunks(QUERIES));
                for ((left, nearest), queries) in tiles {
                    multiply(View::new(left, queries.len(), d), right, T::ZERO, &mut products, BLOCK);
                    for ((nearest, line), &own) in nearest.iter_mut().zip(products.chunks(BLOCK)).zip(queries)
                    {
                        nearest.add(block.clone(), &norms[block.clone()], line, own as usize, keep);
                    }
                }
            }
            nearest
        })
        .collect();
    let merged = (0..queries.len()).into_par_iter().map(|query| {
        let mut all = Nearest {
            estimates: pieces.iter().flat_map(|piece| &piece[query].estimates).copied().collect(),
            limit: None,
        };
        all.cut(keep);
        all.estimates.into_iter().map(|(_, j)| j).collect()
    });
    merged.collect()
}

/// The nearest rows of a query so far.
#[derive(Clone)]
struct Nearest<T> {
    estimates: Vec<(T, u32)>,
    /// Once there are enough: farther rows need not be added.
    limit: Option<T>,
}

impl<T> Default for Nearest<T> {
    fn default() -> Self {
        Self { estimates: Vec::new(), limit: None }
    }
}

impl<T: Precision> Nearest<T> {
    /// Adds `rows` but for `own`, whose products with the query are given.
    fn add(&mut self, rows: Range<usize>, norms: &[T], products: &[T], own: usize, keep: usize) {
        for ((j, &norm), &product) in rows.zip(norms).zip(products) {
            let estimate = norm - T::from(2.0) * product;
            if self.limit.is_none_or(|limit| estimate <= limit) && j != own {
                self.estimates.push((estimate, j as u32));
            }
        }
        if self.estimates.len() > 4 * keep {
            self.cut(keep);
        }
    }

    fn cut(&mut self, keep: usize) {
        let order =
            |a: &(T, u32), b: &(T, u32)| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal).then(a.1.cmp(&b.1));
        if keep > 0 && keep < self.estimates.len() {
            self.limit = Some(self.estimates.select_nth_unstable_by(keep - 1, order).1.0);
            self.estimates.truncate(keep);
        }
    }
}
