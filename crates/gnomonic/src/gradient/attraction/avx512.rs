//! The pull on a point in AVX-512: sixteen neighbors at a time, each position gathered as one pair of coordinates.

#![allow(unsafe_code)]

use super::edges::{LEAST, SHIFT};
use crate::simd::{self, Level};
use std::arch::x86_64::{
    __m512, __m512i, __mmask16, _mm512_add_epi32, _mm512_and_si512, _mm512_andnot_si512, _mm512_castpd_ps,
    _mm512_castsi512_ps, _mm512_castsi512_si256, _mm512_extracti64x4_epi64, _mm512_fmadd_ps,
    _mm512_fnmadd_ps, _mm512_i32gather_pd, _mm512_mask_blend_ps, _mm512_maskz_loadu_epi32, _mm512_mul_ps,
    _mm512_permutex2var_ps, _mm512_rcp14_ps, _mm512_reduce_add_ps, _mm512_set1_epi32, _mm512_set1_ps,
    _mm512_setr_epi32, _mm512_setzero_ps, _mm512_srli_epi32, _mm512_sub_ps,
};

const LANES: usize = 16;

/// Points to gather from, and the proof that the processor can and that no index leads elsewhere.
#[derive(Clone, Copy)]
pub(super) struct Gather<'a> {
    points: &'a [[f32; 2]],
}

impl<'a> Gather<'a> {
    /// `points` are all that an index can tell apart: a power of two. None when the processor lacks the instructions.
    pub(super) fn new(points: &'a [[f32; 2]]) -> Option<Self> {
        let able = simd::level() >= Level::Avx512;
        let reachable = points.len().is_power_of_two() && i32::try_from(points.len()).is_ok();
        (able && reachable).then_some(Self { points })
    }

    /// Σ_j value_j w_j (y − y_j) with w = 1 / (1 + r²) for the point at `place`, over its packed edges.
    ///
    /// Panics when `place` is not below the number of points.
    #[inline]
    pub(super) fn force_on(self, place: usize, edges: &[u32]) -> [f32; 2] {
        // SAFETY: `new` has found the features.
        unsafe { force_on(self.points[place], edges, self) }
    }
}

#[target_feature(enable = "avx512f,avx2")]
fn force_on([x, y]: [f32; 2], edges: &[u32], gather: Gather<'_>) -> [f32; 2] {
    let (x, y) = (_mm512_set1_ps(x), _mm512_set1_ps(y));
    let mut sums = [_mm512_setzero_ps(); 2];
    let (blocks, tail) = edges.as_chunks::<LANES>();
    for block in blocks {
        sums = add_block(x, y, block, gather, sums);
    }
    if !tail.is_empty() {
        sums = add_block(x, y, tail, gather, sums);
    }
    sums.map(|sum| _mm512_reduce_add_ps(sum))
}

/// Adds up to sixteen neighbors.
#[inline]
#[target_feature(enable = "avx512f,avx2")]
fn add_block(
    x: __m512,
    y: __m512,
    edges: &[u32],
    gather: Gather<'_>,
    [sum_x, sum_y]: [__m512; 2],
) -> [__m512; 2] {
    let mask: __mmask16 = if edges.len() < LANES { (1 << edges.len()) - 1 } else { !0 };
    let index_mask = _mm512_set1_epi32((gather.points.len() - 1) as i32);
    let base = gather.points.as_ptr().cast::<f64>();
    // SAFETY: no more edges are loaded than there are; other lanes are zero. An index is at most its mask, which is one less
    // than the number of points and below 2³¹; a gathered element is the eight bytes of one point, and gathers need no alignment.
    let (edges, low, high) = unsafe {
        let edges = _mm512_maskz_loadu_epi32(mask, edges.as_ptr().cast());
        let indices = _mm512_and_si512(edges, index_mask);
        (
            edges,
            _mm512_i32gather_pd::<8>(_mm512_castsi512_si256(indices), base),
            _mm512_i32gather_pd::<8>(_mm512_extracti64x4_epi64::<1>(indices), base),
        )
    };
    let (low, high) = (_mm512_castpd_ps(low), _mm512_castpd_ps(high));
    let (even, odd) = alternate();
    let dx = _mm512_sub_ps(x, _mm512_permutex2var_ps(low, even, high));
    let dy = _mm512_sub_ps(y, _mm512_permutex2var_ps(low, odd, high));
    let one_plus = _mm512_fmadd_ps(dx, dx, _mm512_fmadd_ps(dy, dy, _mm512_set1_ps(1.0)));
    // The reciprocal to 14 bits and one step of Newton's: within two units in the last place, and no wait for the divider.
    let guess = _mm512_rcp14_ps(one_plus);
    let weight = _mm512_mul_ps(guess, _mm512_fnmadd_ps(one_plus, guess, _mm512_set1_ps(2.0)));
    let pull = _mm512_mul_ps(values(edges, index_mask, mask), weight);
    [_mm512_fmadd_ps(pull, dx, sum_x), _mm512_fmadd_ps(pull, dy, sum_y)]
}

/// The values of the edges in the mask, as `Packing::unpack` reads them; zero for the others.
#[inline]
#[target_feature(enable = "avx512f")]
fn values(edges: __m512i, index_mask: __m512i, mask: __mmask16) -> __m512 {
    let bits = _mm512_srli_epi32::<SHIFT>(_mm512_andnot_si512(index_mask, edges));
    let values = _mm512_castsi512_ps(_mm512_add_epi32(bits, _mm512_set1_epi32(LEAST as i32)));
    _mm512_mask_blend_ps(mask, _mm512_setzero_ps(), values)
}

/// The places of all x and of all y among sixteen interleaved points.
#[inline]
#[target_feature(enable = "avx512f")]
fn alternate() -> (__m512i, __m512i) {
    (
        _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30),
        _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31),
    )
}
