//! Sums over pairs in AVX-512: one point against sixteen at a time.

#![allow(unsafe_code)]

use crate::simd::{self, Level};
use std::arch::x86_64::{
    __m512, __m512d, _mm512_add_pd, _mm512_add_ps, _mm512_castpd_ps, _mm512_castps_pd,
    _mm512_castps512_ps256, _mm512_cvtps_pd, _mm512_fmadd_ps, _mm512_fnmadd_ps, _mm512_loadu_ps,
    _mm512_mask_loadu_ps, _mm512_max_ps, _mm512_mul_ps, _mm512_rcp14_ps, _mm512_reduce_add_pd,
    _mm512_reduce_add_ps, _mm512_set1_ps, _mm512_setzero_pd, _mm512_setzero_ps, _mm512_shuffle_f64x2,
    _mm512_sub_ps,
};

const LANES: usize = 16;

/// Vectors summed in `f32` before the sums go on in `f64`: 64 additions cost at most 4e-6 of relative precision.
const BLOCK: usize = 64 * LANES;

/// The proof that the processor has the instructions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Avx512(());

impl Avx512 {
    pub(super) fn new() -> Option<Self> {
        (simd::level() >= Level::Avx512).then_some(Self(()))
    }

    /// Σ w, Σ w² (x − x_j) and Σ w² (y − y_j) over all points.
    ///
    /// Panics when there are not as many x as y, or no whole number of vectors.
    #[inline]
    pub(super) fn all(self, point: [f32; 2], xs: &[f32], ys: &[f32]) -> [f64; 3] {
        assert!(xs.len() == ys.len() && xs.len().is_multiple_of(LANES), "whole vectors");
        // SAFETY: `new` has found the feature.
        unsafe { all(point, xs, ys) }
    }

    /// Σ w q³, Σ w q² (w q + 3 b) (x − x_j) and the same for y, over the points of `runs`, where q = a − b r² and pairs with
    /// q < 0 count nothing.
    ///
    /// Panics when a run goes beyond the points.
    #[inline]
    pub(super) fn near(
        self,
        point: [f32; 2],
        [xs, ys]: [&[f32]; 2],
        runs: [(usize, usize); 3],
        [a, b]: [f32; 2],
    ) -> [f32; 3] {
        // SAFETY: `new` has found the feature.
        unsafe { near(point, [xs, ys], runs, [a, b]) }
    }
}

/// x − x_j, y − y_j, 1 + r² and w = 1 / (1 + r²) of sixteen pairs.
#[inline]
#[target_feature(enable = "avx512f")]
fn pairs(x: __m512, y: __m512, xs: __m512, ys: __m512) -> [__m512; 4] {
    let (dx, dy) = (_mm512_sub_ps(x, xs), _mm512_sub_ps(y, ys));
    let one_plus = _mm512_fmadd_ps(dx, dx, _mm512_fmadd_ps(dy, dy, _mm512_set1_ps(1.0)));
    // The reciprocal to 14 bits and one step of Newton's: within two units in the last place, and no wait for the divider.
    let guess = _mm512_rcp14_ps(one_plus);
    let weight = _mm512_mul_ps(guess, _mm512_fnmadd_ps(one_plus, guess, _mm512_set1_ps(2.0)));
    [dx, dy, one_plus, weight]
}

#[target_feature(enable = "avx512f")]
fn all([x, y]: [f32; 2], xs: &[f32], ys: &[f32]) -> [f64; 3] {
    let (x, y) = (_mm512_set1_ps(x), _mm512_set1_ps(y));
    let mut totals = [_mm512_setzero_pd(); 3];
    for (xs, ys) in xs.chunks(BLOCK).zip(ys.chunks(BLOCK)) {
        let mut sums = [_mm512_setzero_ps(); 3];
        for (xs, ys) in xs.as_chunks::<LANES>().0.iter().zip(ys.as_chunks::<LANES>().0) {
            // SAFETY: the arrays are as long as what is loaded from them.
            let (xs, ys) = unsafe { (_mm512_loadu_ps(xs.as_ptr()), _mm512_loadu_ps(ys.as_ptr())) };
            let [dx, dy, _, weight] = pairs(x, y, xs, ys);
            let square = _mm512_mul_ps(weight, weight);
            sums[0] = _mm512_add_ps(sums[0], weight);
            sums[1] = _mm512_fmadd_ps(square, dx, sums[1]);
            sums[2] = _mm512_fmadd_ps(square, dy, sums[2]);
        }
        for (total, sum) in totals.iter_mut().zip(sums) {
            *total = _mm512_add_pd(*total, widened_sum(sum));
        }
    }
    totals.map(|total| _mm512_reduce_add_pd(total))
}

/// Lane i plus lane i + 8, in `f64`.
#[inline]
#[target_feature(enable = "avx512f")]
fn widened_sum(values: __m512) -> __m512d {
    let upper = _mm512_castps_pd(values);
    let upper = _mm512_castpd_ps(_mm512_shuffle_f64x2::<0b11_10_11_10>(upper, upper));
    _mm512_add_pd(
        _mm512_cvtps_pd(_mm512_castps512_ps256(values)),
        _mm512_cvtps_pd(_mm512_castps512_ps256(upper)),
    )
}

#[target_feature(enable = "avx512f")]
fn near(
    [x, y]: [f32; 2],
    [all_x, all_y]: [&[f32]; 2],
    runs: [(usize, usize); 3],
    [a, b]: [f32; 2],
) -> [f32; 3] {
    // In terms of 1 + r², which is at hand: q = (a + b) − b (1 + r²).
    let (x, y, edge, slope) =
        (_mm512_set1_ps(x), _mm512_set1_ps(y), _mm512_set1_ps(a + b), _mm512_set1_ps(b));
    let (thrice, far) = (_mm512_set1_ps(3.0 * b), _mm512_set1_ps(super::FAR));
    let mut sums = [_mm512_setzero_ps(); 3];
    for (start, end) in runs {
        for (xs, ys) in all_x[start..end].chunks(LANES).zip(all_y[start..end].chunks(LANES)) {
            let mask = u16::MAX >> (LANES - xs.len());
            // SAFETY: as many lanes are loaded as both slices have elements.
            let (xs, ys) = unsafe {
                (_mm512_mask_loadu_ps(far, mask, xs.as_ptr()), _mm512_mask_loadu_ps(far, mask, ys.as_ptr()))
            };
            let [dx, dy, one_plus, weight] = pairs(x, y, xs, ys);
            let q = _mm512_max_ps(_mm512_fnmadd_ps(slope, one_plus, edge), _mm512_setzero_ps());
            let (weighted, square) = (_mm512_mul_ps(weight, q), _mm512_mul_ps(q, q));
            sums[0] = _mm512_fmadd_ps(weighted, square, sums[0]);
            let push = _mm512_mul_ps(_mm512_mul_ps(weight, square), _mm512_add_ps(weighted, thrice));
            sums[1] = _mm512_fmadd_ps(push, dx, sums[1]);
            sums[2] = _mm512_fmadd_ps(push, dy, sums[2]);
        }
    }
    sums.map(|sum| _mm512_reduce_add_ps(sum))
}
