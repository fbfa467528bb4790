//! The part of the KL divergence that P and the map share.

use crate::affinities::Affinities;
use crate::parallel;
use crate::simd;

/// Terms whose logarithms are taken together.
const LANES: usize = 8;

/// Σ p_ij ln(1 + r²_ij) over P as it is, in `f64`: the part of the KL divergence that P and the map share. O(entries of P).
pub(super) fn cross_entropy_in_the_plane(affinities: &Affinities, positions: &[f32]) -> f64 {
    let points = positions.as_chunks::<2>().0;
    let [sum] = parallel::sum(points.len(), |rows| {
        let row = |i| {
            let (columns, values) = affinities.row(i);
            let entry = |at: usize| (columns[at] as usize, values[at]);
            simd::vectorize!(row_sum(points[i], columns.len(), entry, points))
        };
        [rows.map(row).sum()]
    });
    sum
}

/// Σ_j value_j ln(1 + r²) from a point to `n_entries` others: `entry` tells their index and value.
#[inline(always)]
pub(super) fn row_sum(
    point: [f32; 2],
    n_entries: usize,
    entry: impl Fn(usize) -> (usize, f32),
    points: &[[f32; 2]],
) -> f64 {
    let (mut sums, blocks) = ([0.0; LANES], n_entries / LANES);
    let squared = |other: [f32; 2]| {
        let [dx, dy] = [0, 1].map(|axis| f64::from(point[axis]) - f64::from(other[axis]));
        dx * dx + dy * dy
    };
    for block in 0..blocks {
        let (mut distances, mut values) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            let (j, value) = entry(block * LANES + lane);
            (distances[lane], values[lane]) = (squared(points[j]), f64::from(value));
        }
        for lane in 0..LANES {
            sums[lane] += values[lane] * ln_of_one_plus(distances[lane]);
        }
    }
    for (lane, at) in (blocks * LANES..n_entries).enumerate() {
        let (j, value) = entry(at);
        sums[lane] += f64::from(value) * ln_of_one_plus(squared(points[j]));
    }
    sums.iter().sum()
}

/// [`row_sum`] in `f32`, each logarithm within 2e-7 of itself or of 1: to watch a descent by.
#[inline(always)]
pub(super) fn watched_row_sum(
    point: [f32; 2],
    n_entries: usize,
    entry: impl Fn(usize) -> (usize, f32),
    points: &[[f32; 2]],
) -> f32 {
    const LANES: usize = 16;
    let (mut sums, blocks) = ([0.0_f32; LANES], n_entries / LANES);
    let squared = |other: [f32; 2]| {
        let [dx, dy] = [0, 1].map(|axis| point[axis] - other[axis]);
        dx * dx + dy * dy
    };
    for block in 0..blocks {
        let (mut distances, mut values) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            let (j, value) = entry(block * LANES + lane);
            (distances[lane], values[lane]) = (squared(points[j]), value);
        }
        for lane in 0..LANES {
            sums[lane] += values[lane] * quick_ln_of_one_plus(distances[lane]);
        }
    }
    for (lane, at) in (blocks * LANES..n_entries).enumerate() {
        let (j, value) = entry(at);
        sums[lane] += value * quick_ln_of_one_plus(squared(points[j]));
    }
    sums.iter().sum()
}

/// [`ln_of_one_plus`] in `f32`.
#[inline(always)]
pub(in crate::gradient) fn quick_ln_of_one_plus(x: f32) -> f32 {
    const MANTISSA_BITS: u32 = 23;
    const TWO_THIRDS: i32 = 0x3F2A_AAAB;
    let sum = 1.0 + x;
    let lost = x - (sum - 1.0);
    let bits = sum.to_bits() as i32;
    let exponent = (bits - TWO_THIRDS) >> MANTISSA_BITS;
    let mantissa = f32::from_bits((bits - (exponent << MANTISSA_BITS)) as u32);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut series = 1.0 / 9.0;
    for odd in [7.0, 5.0, 3.0, 1.0] {
        series = series * square + 1.0 / odd;
    }
    exponent as f32 * std::f32::consts::LN_2 + (2.0 * s * series + lost / sum)
}

/// ln(1 + x) for x ≥ 0 to a relative 1e-15, without branches so that loops over it vectorize: the library's is a call for each.
///
/// 1 + x = 2ᵉ m with m in [2/3, 4/3), and ln m = 2 artanh(s) with s = (m − 1) / (m + 1), |s| ≤ 1/5, by its series. What
/// rounding lost of a small x in 1 + x is put back.
#[inline(always)]
fn ln_of_one_plus(x: f64) -> f64 {
    const MANTISSA_BITS: u32 = 52;
    const TWO_THIRDS: i64 = 0x3FE5_5555_5555_5555;
    let sum = 1.0 + x;
    let lost = x - (sum - 1.0);
    let bits = sum.to_bits() as i64;
    let exponent = (bits - TWO_THIRDS) >> MANTISSA_BITS;
    let mantissa = f64::from_bits((bits - (exponent << MANTISSA_BITS)) as u64);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut series = 1.0 / 21.0;
    for odd in [19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        series = series * square + 1.0 / odd;
    }
    exponent as f64 * std::f64::consts::LN_2 + (2.0 * s * series + lost / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_logarithm_is_close() {
        let mut x = 1e-18_f32;
        while x < 1e30 {
            let expected = f64::from(x).ln_1p();
            let error = (f64::from(quick_ln_of_one_plus(x)) - expected).abs();
            assert!(error <= 2e-7 * expected, "ln(1 + {x:e}) wrong by {error:e} of {expected:e}");
            x *= 1.37;
        }
        assert_eq!(quick_ln_of_one_plus(0.0), 0.0);
    }

    #[test]
    fn the_logarithm_is_that_of_the_library() {
        let mut x = 1e-18_f64;
        while x < 1e30 {
            let expected = x.ln_1p();
            let error = (ln_of_one_plus(x) - expected).abs();
            assert!(error <= 1e-15 * expected.max(1e-300) * 4.0, "ln(1 + {x:e}) wrong by {error:e}");
            x *= 1.37;
        }
        assert_eq!(ln_of_one_plus(0.0), 0.0);
    }
}
