//! Products of codes and the filter after them, as x86-64 has them below AVX-512.
//!
//! A code is at most 127, and 255 among queries: every sum stays an exact integer of 32 bits, so all processors find the same lists.

#![allow(unsafe_code)]

use super::codes::{BLOCK, BlockGroup, QUERIES, QueryGroup};
use super::lists::List;
use super::scan::{Products, Tile};
use super::words::{BlockWords, QueryWords};
use crate::simd::{self, Level};
use std::arch::x86_64::{
    __m128i, __m256i, _mm_add_epi32, _mm_castsi128_ps, _mm_cmpgt_epi32, _mm_loadu_si128, _mm_madd_epi16,
    _mm_movemask_ps, _mm_set1_epi32, _mm_storeu_si128, _mm256_add_epi32, _mm256_castsi256_ps,
    _mm256_cmpgt_epi32, _mm256_dpbusd_avx_epi32, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_movemask_ps,
    _mm256_set1_epi32, _mm256_storeu_si256,
};
use std::convert::identity;

/// Pairs of 16 bits in SSE2, which all x86-64 have.
#[derive(Clone, Copy)]
pub(super) struct Sse2;

/// Pairs of 16 bits in AVX2; the proof that the processor has it.
#[derive(Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    /// None when the processor lacks it.
    pub(super) fn detected() -> Option<Self> {
        (simd::level() >= Level::Avx2).then_some(Self(()))
    }
}

/// Groups of bytes in AVX-VNNI, as processors without AVX-512 have it; the proof that this one does.
#[derive(Clone, Copy)]
pub(super) struct AvxVnni(());

impl AvxVnni {
    /// None when the processor lacks it.
    pub(super) fn detected() -> Option<Self> {
        let able = simd::is_unlimited() && is_x86_feature_detected!("avxvnni");
        (able && simd::level() >= Level::Avx2).then_some(Self(()))
    }
}

impl Products<QueryWords, BlockWords> for Sse2 {
    #[inline(always)]
    fn products(
        self,
        queries: &[QueryWords],
        rows: &[BlockWords],
        biases: &[i32; BLOCK],
        _: &[i32; QUERIES],
        tile: &mut Tile,
    ) -> u8 {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { sse2::products(queries, rows, biases, tile) };
        u8::MAX
    }

    #[inline(always)]
    fn add(self, list: &mut List, scores: &[i32; BLOCK], first: u32) {
        // SAFETY: as above.
        add(list, scores, first, unsafe { sse2::reaching(scores, list.threshold) });
    }
}

impl Products<QueryWords, BlockWords> for Avx2 {
    #[inline(always)]
    fn products(
        self,
        queries: &[QueryWords],
        rows: &[BlockWords],
        biases: &[i32; BLOCK],
        _: &[i32; QUERIES],
        tile: &mut Tile,
    ) -> u8 {
        // SAFETY: `detected` has found the feature.
        unsafe { avx2::products(queries, rows, biases, tile) };
        u8::MAX
    }

    #[inline(always)]
    fn add(self, list: &mut List, scores: &[i32; BLOCK], first: u32) {
        // SAFETY: `detected` has found the feature.
        add(list, scores, first, unsafe { avx2::reaching(scores, list.threshold) });
    }
}

impl Products<QueryGroup, BlockGroup> for AvxVnni {
    #[inline(always)]
    fn products(
        self,
        queries: &[QueryGroup],
        rows: &[BlockGroup],
        biases: &[i32; BLOCK],
        _: &[i32; QUERIES],
        tile: &mut Tile,
    ) -> u8 {
        // SAFETY: `detected` has found the features.
        unsafe { avx_vnni::products(queries, rows, biases, tile) };
        u8::MAX
    }

    #[inline(always)]
    fn add(self, list: &mut List, scores: &[i32; BLOCK], first: u32) {
        // SAFETY: `detected` has found the features.
        add(list, scores, first, unsafe { avx_vnni::reaching(scores, list.threshold) });
    }
}

/// Adds the rows of a block whose bits are set in `mask`.
#[inline(always)]
fn add(list: &mut List, scores: &[i32; BLOCK], first: u32, mut mask: u64) {
    while mask != 0 {
        let place = mask.trailing_zeros();
        list.scores[list.len] = scores[place as usize];
        list.positions[list.len] = first + place;
        list.len += 1;
        mask &= mask - 1;
    }
}

/// The kernels of one instruction set, in registers of `$lanes` scores: `$together` of them for each of four queries are summed at
/// once, which is what sixteen registers hold. `$step` adds to a register of sums the products of a row's and a query's codes.
macro_rules! kernels {
    (
        $module:ident, $features:literal, $register:ty, $lanes:literal, $together:literal,
        $query:ty, $bits:path, $rows:ty, $set:ident, $load:ident, $store:ident, $step:expr, $greater:ident, $signs:expr
    ) => {
        mod $module {
            use super::*;

            const QUERIES_TOGETHER: usize = 4;

            /// Writes the scores of a block for a tile of queries.
            #[target_feature(enable = $features)]
            pub(super) fn products(
                queries: &[$query],
                rows: &[$rows],
                biases: &[i32; BLOCK],
                tile: &mut Tile,
            ) {
                let (scores, _) = tile.0.as_chunks_mut::<QUERIES_TOGETHER>();
                for (part, scores) in scores.iter_mut().enumerate() {
                    for first in (0..BLOCK).step_by($together * $lanes) {
                        several(queries, rows, biases, part * QUERIES_TOGETHER, first, scores);
                    }
                }
            }

            #[inline]
            #[target_feature(enable = $features)]
            fn several(
                queries: &[$query],
                rows: &[$rows],
                biases: &[i32; BLOCK],
                first_query: usize,
                first: usize,
                scores: &mut [[i32; BLOCK]; QUERIES_TOGETHER],
            ) {
                let mut sums = [load(biases, first); QUERIES_TOGETHER];
                for (queries, rows) in queries.iter().zip(rows) {
                    let rows = load(&rows.0, first);
                    for (query, sums) in sums.iter_mut().enumerate() {
                        let query = $set($bits(queries[first_query + query]));
                        for (sum, rows) in sums.iter_mut().zip(rows) {
                            *sum = $step(*sum, query, rows);
                        }
                    }
                }
                for (scores, sums) in scores.iter_mut().zip(sums) {
                    let (registers, _) = scores[first..].as_chunks_mut::<$lanes>();
                    for (scores, sum) in registers.iter_mut().zip(sums) {
                        // SAFETY: a chunk is one register.
                        unsafe { $store(scores.as_mut_ptr().cast(), sum) };
                    }
                }
            }

            /// The registers that are summed at once from the row `first` on: four bytes for each row.
            #[inline]
            #[target_feature(enable = $features)]
            fn load<T>(rows: &[T; BLOCK], first: usize) -> [$register; $together] {
                const { assert!(size_of::<T>() == 4) };
                let (registers, _) = rows[first..].as_chunks::<$lanes>();
                std::array::from_fn(|at| {
                    // SAFETY: a chunk is one register.
                    unsafe { $load(registers[at].as_ptr().cast()) }
                })
            }

            /// A bit for each row of a block whose score is at least `threshold`, which must not be the least of all integers.
            #[inline]
            #[target_feature(enable = $features)]
            pub(super) fn reaching(scores: &[i32; BLOCK], threshold: i32) -> u64 {
                let below = $set(threshold - 1);
                let mut mask = 0;
                for (at, scores) in scores.as_chunks::<$lanes>().0.iter().enumerate() {
                    // SAFETY: a chunk is one register.
                    let scores: $register = unsafe { $load(scores.as_ptr().cast()) };
                    mask |= ($signs($greater(scores, below)) as u64) << (at * $lanes);
                }
                mask
            }
        }
    };
}

kernels!(
    sse2,
    "sse2",
    __m128i,
    4,
    3,
    QueryWords,
    identity,
    BlockWords,
    _mm_set1_epi32,
    _mm_loadu_si128,
    _mm_storeu_si128,
    |sum, query, rows| _mm_add_epi32(sum, _mm_madd_epi16(rows, query)),
    _mm_cmpgt_epi32,
    |greater| _mm_movemask_ps(_mm_castsi128_ps(greater))
);
kernels!(
    avx2,
    "avx2",
    __m256i,
    8,
    2,
    QueryWords,
    identity,
    BlockWords,
    _mm256_set1_epi32,
    _mm256_loadu_si256,
    _mm256_storeu_si256,
    |sum, query, rows| _mm256_add_epi32(sum, _mm256_madd_epi16(rows, query)),
    _mm256_cmpgt_epi32,
    |greater| _mm256_movemask_ps(_mm256_castsi256_ps(greater))
);
kernels!(
    avx_vnni,
    "avx2,avxvnni",
    __m256i,
    8,
    2,
    QueryGroup,
    i32::from_ne_bytes,
    BlockGroup,
    _mm256_set1_epi32,
    _mm256_loadu_si256,
    _mm256_storeu_si256,
    |sum, query, rows| _mm256_dpbusd_avx_epi32(sum, query, rows),
    _mm256_cmpgt_epi32,
    |greater| _mm256_movemask_ps(_mm256_castsi256_ps(greater))
);
