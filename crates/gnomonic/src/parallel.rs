//! Sums that have the same bits on any number of threads: over chunks of a fixed size, added in index order.

use rayon::prelude::*;
use std::ops::Range;

/// Rows handled as one piece. Fixed: if it followed the number of threads, the order of additions would too.
pub(crate) const CHUNK: usize = 512;

/// The ranges of [`CHUNK`] indices that cover `0..n`.
pub(crate) fn chunks(n: usize) -> impl IndexedParallelIterator<Item = Range<usize>> {
    (0..n.div_ceil(CHUNK)).into_par_iter().map(move |c| c * CHUNK..((c + 1) * CHUNK).min(n))
}

/// Adds what `partial` returns for each chunk of `0..n`, in index order.
pub(crate) fn sum<const N: usize>(
    n: usize,
    partial: impl Fn(Range<usize>) -> [f64; N] + Sync + Send,
) -> [f64; N] {
    let partials: Vec<[f64; N]> = chunks(n).map(partial).collect();
    ordered_sum(&partials)
}

/// Adds the partial sums of chunks in index order.
pub(crate) fn ordered_sum<const N: usize>(partials: &[[f64; N]]) -> [f64; N] {
    let mut total = [0.0; N];
    for partial in partials {
        for (sum, value) in total.iter_mut().zip(partial) {
            *sum += value;
        }
    }
    total
}
