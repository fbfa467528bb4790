//! Sums over pairs in AVX-512, one point against sixteen at a time, and the choice of the pairs that can be near.

#![allow(unsafe_code)]

use crate::simd::{self, Level};
use std::arch::x86_64::{
    __m512, __m512d, _CMP_LE_OQ, _mm_storeu_ps, _mm512_add_pd, _mm512_add_ps, _mm512_castpd_ps,
    _mm512_castps_pd, _mm512_castps512_ps128, _mm512_castps512_ps256, _mm512_cvtps_pd, _mm512_fmadd_ps,
    _mm512_fnmadd_ps, _mm512_loadu_ps, _mm512_mask_cmp_ps_mask, _mm512_mask_max_ps, _mm512_mask_min_ps,
    _mm512_maskz_compress_ps, _mm512_maskz_loadu_ps, _mm512_max_ps, _mm512_mul_ps, _mm512_rcp14_ps,
    _mm512_reduce_add_pd, _mm512_reduce_max_ps, _mm512_reduce_min_ps, _mm512_set1_ps, _mm512_setzero_pd,
    _mm512_setzero_ps, _mm512_shuffle_f32x4, _mm512_shuffle_f64x2, _mm512_storeu_ps, _mm512_sub_ps,
    _mm512_unpackhi_pd, _mm512_unpackhi_ps, _mm512_unpacklo_pd, _mm512_unpacklo_ps,
};
use std::array;
use std::ops::Range;

const LANES: usize = 16;

/// Vectors summed in `f32` before the sums go on in `f64`: 64 additions cost at most 4e-6 of relative precision.
const BLOCK: usize = 64 * LANES;

/// Points whose near pairs with one vector of others are summed together.
const TOGETHER: usize = 2;

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

    /// Calls `take` with Σ w q³, Σ w q² (w q + 3 b) (x − x_j) and the same for y, over all `others`, for each of `points` and its
    /// index, where q = a − b r² and pairs with q < 0 count nothing.
    ///
    /// Panics when there are not as many x as y, or the others are no whole number of vectors.
    #[inline]
    pub(super) fn near(
        self,
        [xs, ys]: [&[f32]; 2],
        others: [&[f32]; 2],
        line: [f32; 2],
        mut take: impl FnMut(usize, [f32; 3]),
    ) {
        assert!(xs.len() == ys.len(), "as many x as y");
        assert!(others[0].len() == others[1].len() && others[0].len().is_multiple_of(LANES), "whole vectors");
        let mut at = 0;
        while at + TOGETHER <= xs.len() {
            let points = array::from_fn(|place| [xs[at + place], ys[at + place]]);
            // SAFETY: `new` has found the feature.
            let sums = unsafe { near::<TOGETHER>(&points, others, line) };
            sums.into_iter().zip(at..).for_each(|(sums, i)| take(i, sums));
            at += TOGETHER;
        }
        for i in at..xs.len() {
            // SAFETY: `new` has found the feature.
            let [sums] = unsafe { near(&[[xs[i], ys[i]]], others, line) };
            take(i, sums);
        }
    }

    /// Copies those points of `runs` that are no farther than √`squared_reach` from the bounding box of `points` into `kept`, in
    /// their order, and returns how many there are. What `kept` holds after them is written over too.
    ///
    /// Panics when a range goes beyond the columns, or `kept` has no room for all points of the runs and a vector more.
    #[inline]
    pub(super) fn gather(
        self,
        columns: [&[f32]; 2],
        points: Range<usize>,
        runs: &[(usize, usize)],
        squared_reach: f32,
        kept: [&mut [f32]; 2],
    ) -> usize {
        // SAFETY: `new` has found the features.
        unsafe { gather(columns, points, runs, squared_reach, kept) }
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
fn near<const POINTS: usize>(
    points: &[[f32; 2]; POINTS],
    [xs, ys]: [&[f32]; 2],
    [a, b]: [f32; 2],
) -> [[f32; 3]; POINTS] {
    // In terms of 1 + r², which is at hand: q = (a + b) − b (1 + r²).
    let (edge, slope, thrice) = (_mm512_set1_ps(a + b), _mm512_set1_ps(b), _mm512_set1_ps(3.0 * b));
    let points = points.map(|[x, y]| (_mm512_set1_ps(x), _mm512_set1_ps(y)));
    let mut sums = [[_mm512_setzero_ps(); 3]; POINTS];
    for (xs, ys) in xs.as_chunks::<LANES>().0.iter().zip(ys.as_chunks::<LANES>().0) {
        // SAFETY: the arrays are as long as what is loaded from them.
        let (xs, ys) = unsafe { (_mm512_loadu_ps(xs.as_ptr()), _mm512_loadu_ps(ys.as_ptr())) };
        for (&(x, y), sums) in points.iter().zip(&mut sums) {
            let [dx, dy, one_plus, weight] = pairs(x, y, xs, ys);
            let q = _mm512_max_ps(_mm512_fnmadd_ps(slope, one_plus, edge), _mm512_setzero_ps());
            let (weighted, square) = (_mm512_mul_ps(weight, q), _mm512_mul_ps(q, q));
            sums[0] = _mm512_fmadd_ps(weighted, square, sums[0]);
            let push = _mm512_mul_ps(_mm512_mul_ps(weight, square), _mm512_add_ps(weighted, thrice));
            sums[1] = _mm512_fmadd_ps(push, dx, sums[1]);
            sums[2] = _mm512_fmadd_ps(push, dy, sums[2]);
        }
    }
    sums.map(|sums| totals(sums))
}

/// The sums over the lanes of three vectors, in fewer steps than one by one.
#[inline]
#[target_feature(enable = "avx512f")]
fn totals([a, b, c]: [__m512; 3]) -> [f32; 3] {
    // In each quarter: a₀ + a₂, b₀ + b₂, a₁ + a₃, b₁ + b₃, and the same of c alone.
    let ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
    let cc = _mm512_add_ps(_mm512_unpacklo_ps(c, c), _mm512_unpackhi_ps(c, c));
    let (ab, cc) = (_mm512_castps_pd(ab), _mm512_castps_pd(cc));
    // In each quarter: its sums of a, b, c and c.
    let (low, high) = (_mm512_unpacklo_pd(ab, cc), _mm512_unpackhi_pd(ab, cc));
    let quarters = _mm512_add_ps(_mm512_castpd_ps(low), _mm512_castpd_ps(high));
    let halves = _mm512_add_ps(quarters, _mm512_shuffle_f32x4::<0b01_00_11_10>(quarters, quarters));
    let whole = _mm512_add_ps(halves, _mm512_shuffle_f32x4::<0b10_11_00_01>(halves, halves));
    let mut totals = [0.0; 4];
    // SAFETY: the array is as long as what is stored into it.
    unsafe { _mm_storeu_ps(totals.as_mut_ptr(), _mm512_castps512_ps128(whole)) };
    [totals[0], totals[1], totals[2]]
}

#[target_feature(enable = "avx512f,popcnt")]
fn gather(
    [all_x, all_y]: [&[f32]; 2],
    points: Range<usize>,
    runs: &[(usize, usize)],
    squared_reach: f32,
    [kept_x, kept_y]: [&mut [f32]; 2],
) -> usize {
    let (zero, reach) = (_mm512_setzero_ps(), _mm512_set1_ps(squared_reach));
    let ([low_x, high_x], [low_y, high_y]) = (extent(&all_x[points.clone()]), extent(&all_y[points]));
    let mut count = 0;
    for &(start, end) in runs {
        for (xs, ys) in all_x[start..end].chunks(LANES).zip(all_y[start..end].chunks(LANES)) {
            let (mask, xs) = load(xs);
            let (_, ys) = load(ys);
            let beyond = |low, high, at| {
                _mm512_max_ps(_mm512_max_ps(_mm512_sub_ps(low, at), _mm512_sub_ps(at, high)), zero)
            };
            let (dx, dy) = (beyond(low_x, high_x, xs), beyond(low_y, high_y, ys));
            let squared_distance = _mm512_fmadd_ps(dx, dx, _mm512_mul_ps(dy, dy));
            let keep = _mm512_mask_cmp_ps_mask::<_CMP_LE_OQ>(mask, squared_distance, reach);
            let (room_x, room_y) = (&mut kept_x[count..][..LANES], &mut kept_y[count..][..LANES]);
            // SAFETY: both slices are as long as what is stored into them.
            unsafe {
                _mm512_storeu_ps(room_x.as_mut_ptr(), _mm512_maskz_compress_ps(keep, xs));
                _mm512_storeu_ps(room_y.as_mut_ptr(), _mm512_maskz_compress_ps(keep, ys));
            }
            count += keep.count_ones() as usize;
        }
    }
    count
}

/// The least and the greatest of `values`, in every lane.
#[inline]
#[target_feature(enable = "avx512f")]
fn extent(values: &[f32]) -> [__m512; 2] {
    let [mut low, mut high] = [f32::INFINITY, f32::NEG_INFINITY].map(|limit| _mm512_set1_ps(limit));
    for values in values.chunks(LANES) {
        let (mask, values) = load(values);
        low = _mm512_mask_min_ps(low, mask, low, values);
        high = _mm512_mask_max_ps(high, mask, high, values);
    }
    [_mm512_set1_ps(_mm512_reduce_min_ps(low)), _mm512_set1_ps(_mm512_reduce_max_ps(high))]
}

/// Up to sixteen values, one at least, and the mask of the lanes that have one.
#[inline]
#[target_feature(enable = "avx512f")]
fn load(values: &[f32]) -> (u16, __m512) {
    assert!((1..=LANES).contains(&values.len()), "as chunks are");
    let mask = u16::MAX >> (LANES - values.len());
    // SAFETY: the mask has as many lanes as there are values, of which there are 1 to 16.
    (mask, unsafe { _mm512_maskz_loadu_ps(mask, values.as_ptr()) })
}
