//! The pull on a point in AVX2: eight neighbors at a time, their positions loaded one by one.
//!
//! Gathers were slower here, and are more so on many processors that have no better than AVX2. Nothing is fused, so that the bits are
//! those of the portable loop, which compilers do not vectorize: it loads one coordinate after the other and takes twice the time.

#![allow(unsafe_code)]

use super::edges::{LEAST, SHIFT};
use crate::simd::{self, Level};
use std::arch::x86_64::{
    __m128d, __m256, __m256i, _mm_load_sd, _mm_loadh_pd, _mm256_add_epi32, _mm256_add_ps, _mm256_and_ps,
    _mm256_andnot_si256, _mm256_castpd_ps, _mm256_castsi256_ps, _mm256_cmpgt_epi32, _mm256_div_ps,
    _mm256_loadu_si256, _mm256_mul_ps, _mm256_set_m128d, _mm256_set1_epi32, _mm256_set1_ps,
    _mm256_setr_epi32, _mm256_setzero_ps, _mm256_shuffle_ps, _mm256_srli_epi32, _mm256_storeu_ps,
    _mm256_sub_ps,
};

const LANES: usize = 8;

/// Points to load, and the proof that the processor can and that no index leads elsewhere.
#[derive(Clone, Copy)]
pub(super) struct Loads<'a> {
    points: &'a [[f32; 2]],
}

impl<'a> Loads<'a> {
    /// `points` are all that an index can tell apart: a power of two. None when the processor lacks the instructions.
    pub(super) fn new(points: &'a [[f32; 2]]) -> Option<Self> {
        let able = simd::level() >= Level::Avx2;
        let reachable = points.len().is_power_of_two() && i32::try_from(points.len()).is_ok();
        (able && reachable).then_some(Self { points })
    }

    /// Σ_j value_j w_j (y − y_j) with w = 1 / (1 + r²) for the point at `place`, over its packed edges.
    ///
    /// Panics when `place` is not below the number of points.
    #[inline]
    pub(super) fn force_on(self, place: usize, edges: &[u32]) -> [f32; 2] {
        // SAFETY: `new` has found the feature.
        unsafe { force_on(self.points[place], edges, self) }
    }

    /// The points of two edges.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn pair(self, first: u32, second: u32) -> __m128d {
        let index_mask = self.points.len() - 1;
        let base = self.points.as_ptr().cast::<f64>();
        // SAFETY: an index is at most its mask, one less than the number of points. What is loaded are the eight bytes of one point,
        // and neither load needs alignment.
        unsafe {
            let [first, second] = [first, second].map(|edge| base.add(edge as usize & index_mask));
            _mm_loadh_pd(_mm_load_sd(first), second)
        }
    }

    /// All x and all y of the points of a block of edges.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn coordinates(self, edges: &[u32; LANES]) -> [__m256; 2] {
        let [a, b, c, d, e, f, g, h] = *edges;
        // A shuffle works in each half by itself: with these, its halves are the first and the last four.
        let outer = _mm256_castpd_ps(_mm256_set_m128d(self.pair(e, f), self.pair(a, b)));
        let inner = _mm256_castpd_ps(_mm256_set_m128d(self.pair(g, h), self.pair(c, d)));
        [_mm256_shuffle_ps::<0b10_00_10_00>(outer, inner), _mm256_shuffle_ps::<0b11_01_11_01>(outer, inner)]
    }

    /// The values of a block of edges, as `Packing::unpack` reads them.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn values(self, edges: &[u32; LANES]) -> __m256 {
        let index_mask = _mm256_set1_epi32((self.points.len() - 1) as i32);
        // SAFETY: a block is one register.
        let edges: __m256i = unsafe { _mm256_loadu_si256(edges.as_ptr().cast()) };
        let bits = _mm256_srli_epi32::<{ SHIFT as i32 }>(_mm256_andnot_si256(index_mask, edges));
        _mm256_castsi256_ps(_mm256_add_epi32(bits, _mm256_set1_epi32(LEAST as i32)))
    }
}

#[target_feature(enable = "avx2")]
fn force_on([x, y]: [f32; 2], edges: &[u32], loads: Loads<'_>) -> [f32; 2] {
    let point = [_mm256_set1_ps(x), _mm256_set1_ps(y)];
    let mut sums = [_mm256_setzero_ps(); 2];
    let (blocks, tail) = edges.as_chunks::<LANES>();
    for block in blocks {
        sums = add_block(point, loads.coordinates(block), loads.values(block), sums);
    }
    if !tail.is_empty() {
        let mut block = [0; LANES];
        block[..tail.len()].copy_from_slice(tail);
        let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        let is_edge = _mm256_cmpgt_epi32(_mm256_set1_epi32(tail.len() as i32), lanes);
        let values = _mm256_and_ps(loads.values(&block), _mm256_castsi256_ps(is_edge));
        sums = add_block(point, loads.coordinates(&block), values, sums);
    }
    sums.map(|sum| {
        let mut lanes = [0.0_f32; LANES];
        // SAFETY: the lanes are one register.
        unsafe { _mm256_storeu_ps(lanes.as_mut_ptr(), sum) };
        lanes.iter().sum()
    })
}

/// Adds the pull of eight neighbors.
#[inline]
#[target_feature(enable = "avx2")]
fn add_block(
    [x, y]: [__m256; 2],
    [other_x, other_y]: [__m256; 2],
    values: __m256,
    [sum_x, sum_y]: [__m256; 2],
) -> [__m256; 2] {
    let (dx, dy) = (_mm256_sub_ps(x, other_x), _mm256_sub_ps(y, other_y));
    let squared_distance = _mm256_add_ps(_mm256_mul_ps(dx, dx), _mm256_mul_ps(dy, dy));
    let pull = _mm256_div_ps(values, _mm256_add_ps(_mm256_set1_ps(1.0), squared_distance));
    [_mm256_add_ps(sum_x, _mm256_mul_ps(pull, dx)), _mm256_add_ps(sum_y, _mm256_mul_ps(pull, dy))]
}
