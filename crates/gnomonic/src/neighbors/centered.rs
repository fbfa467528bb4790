//! Rows less a center, and how far squared distances that come from products of them in `f32` can be trusted.
//!
//! |x_i − x_j|² = N_i + N_j − 2 x_i·x_j, with N the squared norms of the centered rows. A product is off by as many roundings of
//! |x_i| |x_j| as stand behind one of its terms, which is a bound and not what is usual; with those of the norms and of the sum,
//! a squared distance is off by at most β (N_i + N_j). One stray row would make that useless for everything if N_j were the greatest
//! norm of all, and need not: a row with |x_j| > |x_i| + t is farther than t whatever its product says, so that β (N_i + (|x_i| + t)²)
//! bounds the error of every estimate that could be mistaken for one within t.
//!
//! Where all values are multiples of a power of two, such as whole numbers, so are those of the center. Products of small multiples
//! have no error at all, and equal distances, of which such data is full, are seen to be equal.

use super::squared_distance;
use crate::matrix::MatrixRef;
use crate::random::{Purpose, Random};
use rayon::prelude::*;

/// Candidates to keep beyond those asked for, so that rounding seldom reaches the last of them.
pub(super) const MARGIN: usize = 16;

/// Terms of a product that the kernel adds one after another; it then adds these sums.
const RUN: usize = 256;

/// Roundings beside those of a product's sums: centered values, squared norms, and what is done with them.
const OTHER_ROUNDINGS: usize = 8;

/// Sums of whole numbers up to here are exact in `f32`, with a bit to spare.
const EXACT: f64 = (1 << 23) as f64;

/// Rows whose medians are the center: an odd number, so that each median is one of the values.
const OF_MEDIANS: usize = 255;

/// Which rows these are.
const SEED: u64 = 0;

/// Values in which a common unit of all is looked for first.
const LOOKED_AT: usize = 4_096;

/// Rows of a table to search among: all, or some. A row is known by its position among them.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    x: MatrixRef<'a>,
    chosen: Option<&'a [u32]>,
}

impl<'a> Rows<'a> {
    pub(super) fn all(x: MatrixRef<'a>) -> Self {
        Self { x, chosen: None }
    }

    pub(super) fn some(x: MatrixRef<'a>, chosen: &'a [u32]) -> Self {
        Self { x, chosen: Some(chosen) }
    }

    pub(super) fn len(self) -> usize {
        self.chosen.map_or(self.x.n_samples(), <[u32]>::len)
    }

    pub(super) fn n_features(self) -> usize {
        self.x.n_features()
    }

    #[inline(always)]
    pub(super) fn row(self, position: usize) -> &'a [f32] {
        self.x.row(self.chosen.map_or(position, |chosen| chosen[position] as usize))
    }
}

/// Rows less a center.
pub(super) struct Centered<'a> {
    pub(super) rows: Rows<'a>,
    /// Taken away before products are formed, so that a common offset does not eat the digits.
    pub(super) center: Vec<f32>,
    /// Squared norms of the rows less the center.
    pub(super) norms: Vec<f64>,
    /// What all values, and those of the center, are multiples of, if it is worth knowing.
    unit: Option<f64>,
}

impl<'a> Centered<'a> {
    /// The rows of `x` less the medians of some of them, which no few strays can move.
    pub(super) fn new(x: MatrixRef<'a>) -> Self {
        Self { unit: common_unit(x), ..Self::around(x, medians(x)) }
    }

    /// The rows of `x` less a center of choice.
    pub(super) fn around(x: MatrixRef<'a>, center: Vec<f32>) -> Self {
        let norms = squared_norms(x, &center);
        Self { rows: Rows::all(x), center, norms, unit: None }
    }

    /// Only some of the rows, less the same center.
    pub(super) fn only(&self, chosen: &'a [u32]) -> Self {
        let norms = chosen.iter().map(|&position| self.norms[position as usize]).collect();
        Self { rows: Rows::some(self.rows.x, chosen), center: self.center.clone(), norms, unit: self.unit }
    }

    /// The norms as they stand beside products in `f32`.
    pub(super) fn rounded_norms(&self) -> Vec<f32> {
        self.norms.iter().map(|&norm| norm as f32).collect()
    }

    /// Whether the row at `position` has its true nearest on a list of those with the least (estimate in `f32`, position): the last
    /// that is wanted lies at the squared distance `last`, and all that are not on the list have estimates of at least `limit`.
    pub(super) fn is_certain(&self, position: usize, last: f32, limit: f64) -> bool {
        let epsilon = f64::from(f32::EPSILON);
        // It was rounded itself.
        let last = f64::from(last) * (1.0 + epsilon);
        let norm = self.norms[position];
        let reach = norm.sqrt() + last.sqrt();
        if let Some(unit) = self.unit
            && (norm.sqrt() + reach).powi(2) <= EXACT * unit * unit
        {
            return true;
        }
        limit - self.error(norm + reach * reach) > last
    }

    /// How far the estimate for two rows, the squares of whose norms add up to this, may be off.
    fn error(&self, squares: f64) -> f64 {
        product_error(self.rows.n_features()) * squares
    }
}

/// How far a squared distance from a product of `d` columns in `f32` may be off, in units of the sum of both rows' squared norms.
pub(super) fn product_error(d: usize) -> f64 {
    let roundings = d.min(RUN) + d.div_ceil(RUN) + OTHER_ROUNDINGS;
    roundings as f64 * 0.5 * f64::from(f32::EPSILON)
}

/// The median of each column over some rows.
fn medians(x: MatrixRef<'_>) -> Vec<f32> {
    let mut random = Random::new(SEED, Purpose::Sampling);
    let rows: Vec<usize> = (0..OF_MEDIANS).map(|_| random.below(x.n_samples())).collect();
    let median = |column: usize| {
        let mut values: Vec<f32> = rows.iter().map(|&row| x.row(row)[column]).collect();
        *values.select_nth_unstable_by(OF_MEDIANS / 2, f32::total_cmp).1
    };
    (0..x.n_features()).map(median).collect()
}

/// Squared norms of the rows of `x` less `center`.
pub(super) fn squared_norms(x: MatrixRef<'_>, center: &[f32]) -> Vec<f64> {
    (0..x.n_samples()).into_par_iter().map(|i| squared_distance(x.row(i), center)).collect()
}

/// The greatest power of two that all values are multiples of; `None` when no product of so many units would be exact.
fn common_unit(x: MatrixRef<'_>) -> Option<f64> {
    let (first, others) = x.as_slice().split_at(LOOKED_AT.min(x.as_slice().len()));
    let unit_of_all =
        |values: &[f32]| values.iter().map(|&value| unit_of(value)).fold(f64::INFINITY, f64::min);
    let largest = first.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let is_useful = |unit: f64| {
        // The squares of a unit must not vanish in `f32`.
        f64::from(largest) < EXACT * unit && unit.is_finite() && unit * unit >= f64::from(f32::MIN_POSITIVE)
    };
    let unit = unit_of_all(first);
    if !is_useful(unit) {
        return None;
    }
    let unit = others.par_chunks(1 << 14).map(unit_of_all).reduce(|| unit, f64::min);
    is_useful(unit).then_some(unit)
}

/// The lowest bit that is set in a value; infinite for zero.
fn unit_of(value: f32) -> f64 {
    let bits = f64::from(value).to_bits();
    let (exponent, fraction) = (bits >> 52 & 0x7ff, bits & ((1 << 52) - 1));
    if exponent == 0 {
        return f64::INFINITY;
    }
    let zeros = if fraction == 0 { 52 } else { u64::from(fraction.trailing_zeros()) };
    f64::from_bits((exponent + zeros - 52) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gemm::{View, multiply};
    use crate::matrix::Matrix;

    /// Products of the rows, and what the estimates of the pairs are off by.
    fn errors(centered: &Centered<'_>) -> Vec<(f64, f64)> {
        let (n, d) = (centered.rows.len(), centered.rows.n_features());
        let row = |i: usize| {
            centered.rows.row(i).iter().zip(&centered.center).map(|(value, center)| value - center)
        };
        let rows: Vec<f32> = (0..n).flat_map(row).collect();
        let mut products = vec![0.0; n * n];
        let view = View::new(&rows, n, d);
        multiply(view, view.transposed(), 0.0, &mut products, n);
        let norms = centered.rounded_norms();
        let pair = |(i, j): (usize, usize)| {
            let estimate = f64::from(norms[i] + norms[j] - 2.0 * products[i * n + j]);
            let distance = squared_distance(centered.rows.row(i), centered.rows.row(j));
            ((estimate - distance).abs(), centered.error(centered.norms[i] + centered.norms[j]))
        };
        (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).map(pair).collect()
    }

    #[test]
    fn no_estimate_is_off_by_more_than_the_bound() {
        for d in [4, 100, 700, 9_000] {
            // Of one sign, and rounded the same way again and again: far worse than what is usual.
            let value =
                |at: usize| 1.0 + ((at / d * 7) % 5) as f32 * 1e-3 + 0.3 * f32::EPSILON * (at % 2) as f32;
            let x = Matrix::new((0..24 * d).map(value).collect(), 24, d).unwrap();
            let errors = errors(&Centered::around(x.view(), vec![0.0; d]));
            let worst = errors.iter().map(|&(error, bound)| error / bound).fold(0.0, f64::max);
            assert!(worst <= 1.0, "{d} columns: {worst} of the bound");
            // Nor is the bound beyond all that can happen.
            assert!(worst > 0.002, "{d} columns: {worst} of the bound");
        }
    }

    #[test]
    fn products_of_few_units_are_exact() {
        for unit in [1.0_f32, 0.125, 64.0] {
            let value = |at: usize| unit * ((at * at) % 37) as f32;
            let x = Matrix::new((0..50 * 30).map(value).collect(), 50, 30).unwrap();
            let centered = Centered::new(x.view());
            assert_eq!(centered.unit, Some(f64::from(unit)));
            assert!(errors(&centered).iter().all(|&(error, _)| error == 0.0));
            // Equal distances are no reason for doubt, unless the numbers are large.
            assert!(centered.is_certain(0, unit * unit * 100.0, f64::from(unit * unit * 100.0)));
            assert!(!centered.is_certain(0, unit * unit * 1e8, f64::from(unit * unit * 1e8)));
        }
    }

    #[test]
    fn a_unit_is_the_lowest_bit_of_all_values() {
        for (values, unit) in [
            ([0.0, 3.0, -2.0, 1e6], Some(1.0)),
            ([0.5, 0.75, 0.0, 8.0], Some(0.25)),
            ([0.1, 1.0, 2.0, 3.0], None),
            ([0.0; 4], None),
            ([1e-30, 2e-30, 0.0, 0.0], None),
        ] {
            let x = Matrix::new(values.to_vec(), 2, 2).unwrap();
            assert_eq!(common_unit(x.view()), unit, "{values:?}");
        }
    }
}
