//! A few rows against all, with products of a precision of choice.

use super::centered::{Centered, MARGIN, Rows};
use super::squared_distance;
use crate::gemm::{Element, View, multiply};
use rayon::prelude::*;
use std::cmp::Ordering;
use std::ops::{Mul, Range, Sub};

/// Pieces of the rows, each compared with all queries by one task: a fixed number, so that memory does not grow with the rows.
const PIECES: usize = 16;

/// Rows and queries of a product at a time.
const BLOCK: usize = 512;
const QUERIES: usize = 256;

/// Estimates that are added to a list between two looks at its length.
const PART: usize = 128;

/// Queries whose lists in `f64` are there at a time: sixteen pieces have a list for each.
const QUERIES_IN_F64: usize = 128;

/// The precision of products: `f32`, or `f64` where rounding must not decide.
pub(super) trait Precision:
    Element + From<f32> + Into<f64> + PartialOrd + Sub<Output = Self> + Mul<Output = Self> + Send + Sync
{
    const ZERO: Self;
    /// Less than any number.
    const LEAST: Self;
    /// An order that NaN has a place in.
    fn order(&self, other: &Self) -> Ordering;
}

impl Precision for f32 {
    const ZERO: Self = 0.0;
    const LEAST: Self = f32::NEG_INFINITY;
    fn order(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }
}

impl Precision for f64 {
    const ZERO: Self = 0.0;
    const LEAST: Self = f64::NEG_INFINITY;
    fn order(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }
}

/// The `k` nearest rows of some, as squared distances and positions, in the order of both.
pub(super) type Ranked = Vec<(f64, u32)>;

/// The `k` nearest of each of `queries` among the `centered` rows; `k` is below their number. O(queries · n · d).
pub(super) fn nearest(centered: &Centered<'_>, queries: &[u32], k: usize) -> Vec<Ranked> {
    let keep = (k + MARGIN).min(centered.rows.len() - 1);
    let lists = nearest_lists(centered.rows, &centered.center, &centered.rounded_norms(), queries, keep);
    let mut ranked = rank(centered.rows, queries, &lists, k);
    // A list of all other rows misses nothing.
    if keep + 1 == centered.rows.len() {
        return ranked;
    }
    let is_uncertain = |&at: &usize| {
        let (query, last) = (queries[at] as usize, ranked[at].last().map_or(0.0, |&(distance, _)| distance));
        !centered.is_certain(query, last as f32, centered.norms[query] + f64::from(lists[at].limit))
    };
    let uncertain: Vec<usize> = (0..queries.len()).filter(is_uncertain).collect();
    let again: Vec<u32> = uncertain.iter().map(|&at| queries[at]).collect();
    for (at, again) in uncertain.into_iter().zip(nearest_in_f64(centered, &again, k)) {
        ranked[at] = again;
    }
    ranked
}

/// [`nearest`] with products in `f64` from the start.
pub(super) fn nearest_in_f64(centered: &Centered<'_>, queries: &[u32], k: usize) -> Vec<Ranked> {
    let keep = (k + MARGIN).min(centered.rows.len() - 1);
    let mut ranked = Vec::with_capacity(queries.len());
    for queries in queries.chunks(QUERIES_IN_F64) {
        let lists = nearest_lists(centered.rows, &centered.center, &centered.norms, queries, keep);
        ranked.extend(rank(centered.rows, queries, &lists, k));
    }
    ranked
}

/// The `k` nearest on the list of each of `queries`.
fn rank<T: Sync>(rows: Rows<'_>, queries: &[u32], lists: &[List<T>], k: usize) -> Vec<Ranked> {
    let ranked = queries.par_iter().zip(lists).map(|(&i, list)| {
        let distance = |j: u32| squared_distance(rows.row(i as usize), rows.row(j as usize));
        let mut ranked: Ranked = list.positions.iter().map(|&j| (distance(j), j)).collect();
        ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        ranked.truncate(k);
        ranked
    });
    ranked.collect()
}

/// The rows with the least (estimate, position), in no particular order, and the greatest of these estimates.
pub(super) struct List<T> {
    pub(super) positions: Vec<u32>,
    pub(super) limit: T,
}

/// For each of `queries`, the `keep` other rows for which norms\[j\] − 2 x_i·x_j is least. Rows are centered by `center`, and
/// `norms` are their squared norms then. O(queries · n · d).
pub(super) fn nearest_lists<T: Precision>(
    rows: Rows<'_>,
    center: &[f32],
    norms: &[T],
    queries: &[u32],
    keep: usize,
) -> Vec<List<T>> {
    let (n, d) = (rows.len(), rows.n_features());
    let centered =
        |i: usize| rows.row(i).iter().zip(center).map(|(&value, &center)| T::from(value) - T::from(center));
    let left: Vec<T> = queries.iter().flat_map(|&i| centered(i as usize)).collect();
    let pieces: Vec<Vec<Nearest<T>>> = (0..PIECES)
        .into_par_iter()
        .map(|piece| {
            let piece = piece * n / PIECES..(piece + 1) * n / PIECES;
            let mut nearest = vec![Nearest::default(); queries.len()];
            let (mut right, mut products) = (Vec::new(), vec![T::ZERO; QUERIES * BLOCK]);
            for start in piece.clone().step_by(BLOCK) {
                let block = start..(start + BLOCK).min(piece.end);
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
        let limit = all
            .estimates
            .iter()
            .fold(T::LEAST, |most, &(estimate, _)| if estimate > most { estimate } else { most });
        List { positions: all.estimates.into_iter().map(|(_, j)| j).collect(), limit }
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
        let some = rows.step_by(PART).zip(norms.chunks(PART)).zip(products.chunks(PART));
        for ((first, norms), products) in some {
            if self.estimates.len() > keep + PART {
                self.cut(keep);
            }
            for ((j, &norm), &product) in (first..).zip(norms).zip(products) {
                let estimate = norm - T::from(2.0) * product;
                if self.limit.is_none_or(|limit| estimate <= limit) && j != own {
                    self.estimates.push((estimate, j as u32));
                }
            }
        }
    }

    fn cut(&mut self, keep: usize) {
        let order = |a: &(T, u32), b: &(T, u32)| a.0.order(&b.0).then(a.1.cmp(&b.1));
        if keep > 0 && keep < self.estimates.len() {
            self.limit = Some(self.estimates.select_nth_unstable_by(keep - 1, order).1.0);
            self.estimates.truncate(keep);
        }
    }
}
