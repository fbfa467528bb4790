//! A few rows against all, with products of a precision of choice.

use super::centered::{Centered, MARGIN, Rows};
use super::squared_distance;
use crate::gemm::{Element, View, multiply};
use rayon::prelude::*;
use std::cmp::Ordering;
use std::ops::{Mul, Range, Sub};

/// Pieces of the rows, each compared with all queries by one task: a fixed number, so that memory does not grow with the rows.
const PIECES: usize = 16;

/// Rows of a product at a time.
const BLOCK: usize = 512;

/// Estimates that are added to a list between two looks at its length.
const PART: usize = 128;

/// The precision of products: `f32`, or `f64` where rounding must not decide.
pub(super) trait Precision:
    Element + From<f32> + Into<f64> + PartialOrd + Sub<Output = Self> + Mul<Output = Self> + Send + Sync
{
    const ZERO: Self;
    /// Queries that are compared at a time, so many that all their lists take the same room: sixteen pieces have one for each.
    const QUERIES: usize;
    /// Less, and more, than any number.
    const LEAST: Self;
    const MOST: Self;
    /// An order that NaN has a place in.
    fn order(&self, other: &Self) -> Ordering;
}

impl Precision for f32 {
    const ZERO: Self = 0.0;
    const QUERIES: usize = 256;
    const LEAST: Self = f32::NEG_INFINITY;
    const MOST: Self = f32::INFINITY;
    fn order(&self, other: &Self) -> Ordering {
        self.total_cmp(other)
    }
}

impl Precision for f64 {
    const ZERO: Self = 0.0;
    const QUERIES: usize = 128;
    const LEAST: Self = f64::NEG_INFINITY;
    const MOST: Self = f64::INFINITY;
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
    let lists = nearest_lists(centered.rows, &centered.center, &centered.norms, queries, keep);
    rank(centered.rows, queries, &lists, k)
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
    queries.chunks(T::QUERIES).flat_map(|queries| some_lists(rows, center, norms, queries, keep)).collect()
}

/// [`nearest_lists`] of so few queries that there is room for all pieces to have a list for each.
fn some_lists<T: Precision>(
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
    let pieces: Vec<Nearest<T>> = (0..PIECES)
        .into_par_iter()
        .map(|piece| {
            let piece = piece * n / PIECES..(piece + 1) * n / PIECES;
            let mut nearest = Nearest::new(queries.len(), keep);
            let (mut right, mut products) = (Vec::new(), vec![T::ZERO; queries.len() * BLOCK]);
            for start in piece.clone().step_by(BLOCK) {
                let block = start..(start + BLOCK).min(piece.end);
                right.clear();
                block.clone().for_each(|j| right.extend(centered(j)));
                let right = View::new(&right, block.len(), d).transposed();
                multiply(View::new(&left, queries.len(), d), right, T::ZERO, &mut products, BLOCK);
                for (query, (line, &own)) in products.chunks(BLOCK).zip(queries).enumerate() {
                    nearest.add(query, block.clone(), &norms[block.clone()], line, own as usize);
                }
            }
            nearest
        })
        .collect();
    let merged = (0..queries.len()).into_par_iter().map(|query| {
        let mut all: Vec<(T, u32)> = pieces.iter().flat_map(|piece| piece.of(query)).copied().collect();
        let length = cut(&mut all, keep);
        let limit = all[..length]
            .iter()
            .fold(T::LEAST, |most, &(estimate, _)| if estimate > most { estimate } else { most });
        List { positions: all[..length].iter().map(|&(_, j)| j).collect(), limit }
    });
    merged.collect()
}

/// The nearest rows of some queries so far.
struct Nearest<T> {
    keep: usize,
    /// For each query, room for those to keep and two parts more, of which `lengths` are taken.
    estimates: Vec<(T, u32)>,
    lengths: Vec<usize>,
    /// Farther rows need not be added.
    limits: Vec<T>,
}

impl<T: Precision> Nearest<T> {
    fn new(n_queries: usize, keep: usize) -> Self {
        let estimates = vec![(T::ZERO, 0); n_queries * (keep + 2 * PART)];
        Self { keep, estimates, lengths: vec![0; n_queries], limits: vec![T::MOST; n_queries] }
    }

    /// Those of a query.
    fn of(&self, query: usize) -> &[(T, u32)] {
        &self.estimates[query * (self.keep + 2 * PART)..][..self.lengths[query]]
    }

    /// Adds `rows` but for `own`, whose products with the query are given.
    fn add(&mut self, query: usize, rows: Range<usize>, norms: &[T], products: &[T], own: usize) {
        let room = self.keep + 2 * PART;
        let estimates = &mut self.estimates[query * room..][..room];
        let (length, limit) = (&mut self.lengths[query], &mut self.limits[query]);
        let parts = rows.step_by(PART).zip(norms.chunks(PART)).zip(products.chunks(PART));
        for ((first, norms), products) in parts {
            if *length > self.keep + PART {
                *length = cut(&mut estimates[..*length], self.keep);
                *limit = estimates[*length - 1].0;
            }
            let (mut end, limit) = (*length, *limit);
            for ((j, &norm), &product) in (first..).zip(norms).zip(products) {
                let estimate = norm - T::from(2.0) * product;
                if estimate <= limit && j != own {
                    estimates[end] = (estimate, j as u32);
                    end += 1;
                }
            }
            *length = end;
        }
    }
}

/// Brings the `keep` least to the front, the greatest of them last, and says how many there are.
fn cut<T: Precision>(estimates: &mut [(T, u32)], keep: usize) -> usize {
    if keep < estimates.len() {
        estimates.select_nth_unstable_by(keep - 1, |a, b| a.0.order(&b.0).then(a.1.cmp(&b.1)));
    }
    keep.min(estimates.len())
}
