//! Products of bytes and the filter after them in AVX-512: sixteen rows in a register.

#![allow(unsafe_code)]

use super::bytes::Line;
use super::codes::{BLOCK, BlockGroup, QUERIES, QueryGroup};
use super::lists::List;
use super::scan::{Products, Tile};
use crate::simd::{self, Level};
use std::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_cmpge_epi32_mask, _mm512_dpbusd_epi32, _mm512_load_si512,
    _mm512_loadu_si512, _mm512_maskz_compress_epi32, _mm512_reduce_add_epi32, _mm512_set1_epi8,
    _mm512_set1_epi32, _mm512_setr_epi32, _mm512_setzero_si512, _mm512_storeu_si512, _mm512_xor_si512,
};

const LANES: usize = 16;
const REGISTERS: usize = BLOCK / LANES;

/// The proof that the processor has the instructions.
#[derive(Clone, Copy)]
pub(super) struct Avx512(());

impl Avx512 {
    /// None when the processor lacks some of them.
    pub(super) fn detected() -> Option<Self> {
        let able = simd::is_unlimited() && is_x86_feature_detected!("avx512vnni");
        (able && simd::level() >= Level::Avx512).then_some(Self(()))
    }

    /// Σ a (b − 128) over the bytes a of each of some rows and b of another, all of one length.
    #[inline(always)]
    pub(super) fn byte_products<const N: usize>(self, rows: [&[Line]; N], other: &[Line]) -> [i32; N] {
        // SAFETY: `detected` has found the features.
        unsafe { byte_products(rows, other) }
    }
}

impl Products<QueryGroup, BlockGroup> for Avx512 {
    #[inline(always)]
    fn products(
        self,
        queries: &[QueryGroup],
        block: &[BlockGroup],
        biases: &[i32; BLOCK],
        thresholds: &[i32; QUERIES],
        tile: &mut Tile,
    ) -> u8 {
        // SAFETY: `detected` has found the features.
        unsafe { products(queries, block, biases, thresholds, tile) }
    }

    #[inline(always)]
    fn add(self, list: &mut List, scores: &[i32; BLOCK], first: u32) {
        // SAFETY: `detected` has found the features.
        unsafe { add(list, scores, first) }
    }
}

#[target_feature(enable = "avx512f,avx512vnni")]
fn products(
    queries: &[QueryGroup],
    block: &[BlockGroup],
    biases: &[i32; BLOCK],
    thresholds: &[i32; QUERIES],
    tile: &mut Tile,
) -> u8 {
    let mut sums = [load(biases); QUERIES];
    for (queries, rows) in queries.iter().zip(block) {
        // SAFETY: a block's group of axes is three registers of bytes.
        let rows: [__m512i; REGISTERS] = std::array::from_fn(|register| unsafe {
            _mm512_loadu_si512(rows.0.as_ptr().add(register * LANES).cast())
        });
        for (sums, &query) in sums.iter_mut().zip(queries) {
            let query = _mm512_set1_epi32(i32::from_ne_bytes(query));
            for register in 0..REGISTERS {
                sums[register] = _mm512_dpbusd_epi32(sums[register], query, rows[register]);
            }
        }
    }
    let mut reaching = 0;
    for (query, (scores, sums)) in tile.0.iter_mut().zip(sums).enumerate() {
        let threshold = _mm512_set1_epi32(thresholds[query]);
        let masks = sums.map(|sum| _mm512_cmpge_epi32_mask(sum, threshold));
        if masks == [0; REGISTERS] {
            continue;
        }
        reaching |= 1 << query;
        for (register, sum) in sums.into_iter().enumerate() {
            // SAFETY: a line of scores is three registers.
            unsafe { _mm512_storeu_si512(scores.as_mut_ptr().add(register * LANES).cast(), sum) };
        }
    }
    reaching
}

#[target_feature(enable = "avx512f,avx512vnni")]
fn byte_products<const N: usize>(rows: [&[Line]; N], other: &[Line]) -> [i32; N] {
    let rows = rows.map(|row| &row[..other.len()]);
    let signs = _mm512_set1_epi8(i8::MIN);
    let mut sums = [_mm512_setzero_si512(); N];
    for (at, line) in other.iter().enumerate() {
        // SAFETY: a line is one register.
        let other = _mm512_xor_si512(unsafe { _mm512_load_si512(line.0.as_ptr().cast()) }, signs);
        for (sum, row) in sums.iter_mut().zip(rows) {
            // SAFETY: as above.
            let row = unsafe { _mm512_load_si512(row[at].0.as_ptr().cast()) };
            *sum = _mm512_dpbusd_epi32(*sum, row, other);
        }
    }
    sums.map(|sum| _mm512_reduce_add_epi32(sum))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(values: &[i32; BLOCK]) -> [__m512i; REGISTERS] {
    // SAFETY: a line of a block is three registers.
    std::array::from_fn(|register| unsafe {
        _mm512_loadu_si512(values.as_ptr().add(register * LANES).cast())
    })
}

#[inline]
#[target_feature(enable = "avx512f")]
fn add(list: &mut List, scores: &[i32; BLOCK], first: u32) {
    let threshold = _mm512_set1_epi32(list.threshold);
    let scores = load(scores);
    let masks = scores.map(|scores| _mm512_cmpge_epi32_mask(scores, threshold));
    if masks == [0; REGISTERS] {
        return;
    }
    let room = list.scores.len().min(list.positions.len());
    assert!(list.len <= room && room - list.len >= BLOCK, "the list is full");
    let lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (register, mask) in masks.into_iter().enumerate() {
        if mask == 0 {
            continue;
        }
        let start = _mm512_set1_epi32(first as i32 + (register * LANES) as i32);
        let positions = _mm512_maskz_compress_epi32(mask, _mm512_add_epi32(start, lanes));
        let kept = _mm512_maskz_compress_epi32(mask, scores[register]);
        // SAFETY: each register moves the end by sixteen at most, so that before the last of three there is room for the
        // sixteen lanes that are written, of which those beyond the mask's count are overwritten by what comes next.
        unsafe {
            _mm512_storeu_si512(list.scores.as_mut_ptr().add(list.len).cast(), kept);
            _mm512_storeu_si512(list.positions.as_mut_ptr().add(list.len).cast(), positions);
        }
        list.len += mask.count_ones() as usize;
    }
}
