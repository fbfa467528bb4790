//! The pull on a point in AVX-512: sixteen neighbors at a time, each position gathered as one pair of coordinates.

#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m256i, __m512, __m512i, _mm256_loadu_si256, _mm512_castpd_ps, _mm512_fmadd_ps, _mm512_fnmadd_ps,
    _mm512_i32gather_pd, _mm512_loadu_ps, _mm512_mul_ps, _mm512_permutex2var_ps, _mm512_rcp14_ps,
    _mm512_reduce_add_ps, _mm512_set1_ps, _mm512_setr_epi32, _mm512_setzero_ps, _mm512_sub_ps,
};

const LANES: usize = 16;

/// Points to gather from, and the proof that the processor can.
#[derive(Clone, Copy)]
pub(super) struct Gather<'a> {
    points: &'a [[f32; 2]],
}

impl<'a> Gather<'a> {
    /// None when the processor lacks the instructions, or there are more points than these can index.
    pub(super) fn new(points: &'a [[f32; 2]]) -> Option<Self> {
        let able = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl");
        (able && !points.is_empty() && i32::try_from(points.len()).is_ok()).then_some(Self { points })
    }

    /// Σ_j value_j w_j (point − points\[column_j\]) with w = 1 / (1 + r²).
    ///
    /// Panics when a column is not below the number of points.
    #[inline]
    pub(super) fn force_on(self, point: [f32; 2], columns: &[u32], values: &[f32]) -> [f32; 2] {
        assert_eq!(columns.len(), values.len());
        // SAFETY: `new` has found the features.
        unsafe { force_on(point, columns, values, self.points) }
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx2")]
fn force_on([x, y]: [f32; 2], columns: &[u32], values: &[f32], points: &[[f32; 2]]) -> [f32; 2] {
    // A few vector comparisons for a row: what makes the gathers below sound whatever P is.
    let greatest = columns.iter().fold(0, |greatest, &column| greatest.max(column));
    assert!((greatest as usize) < points.len(), "P names point {greatest} of {}", points.len());

    let (x, y) = (_mm512_set1_ps(x), _mm512_set1_ps(y));
    let mut sums = [_mm512_setzero_ps(); 2];
    let (column_blocks, column_tail) = columns.as_chunks::<LANES>();
    let (value_blocks, value_tail) = values.as_chunks::<LANES>();
    for (columns, values) in column_blocks.iter().zip(value_blocks) {
        sums = add_block(x, y, columns, values, points, sums);
    }
    if !column_tail.is_empty() {
        // Lanes to spare look at point 0 with value zero.
        let (mut columns, mut values) = ([0; LANES], [0.0; LANES]);
        columns[..column_tail.len()].copy_from_slice(column_tail);
        values[..value_tail.len()].copy_from_slice(value_tail);
        sums = add_block(x, y, &columns, &values, points, sums);
    }
    sums.map(|sum| _mm512_reduce_add_ps(sum))
}

/// Adds sixteen neighbors. Every column must be below the number of points: the callers have checked.
#[inline]
#[target_feature(enable = "avx512f,avx512vl,avx2")]
fn add_block(
    x: __m512,
    y: __m512,
    columns: &[u32; LANES],
    values: &[f32; LANES],
    points: &[[f32; 2]],
    [sum_x, sum_y]: [__m512; 2],
) -> [__m512; 2] {
    let base = points.as_ptr().cast::<f64>();
    // SAFETY: the arrays are as long as what is loaded from them. A gathered element is the eight bytes of one point, and every
    // column is below both the number of points and 2³¹; gathers need no alignment.
    let (low, high, values) = unsafe {
        let columns = columns.as_ptr().cast::<__m256i>();
        (
            _mm512_i32gather_pd::<8>(_mm256_loadu_si256(columns), base),
            _mm512_i32gather_pd::<8>(_mm256_loadu_si256(columns.add(1)), base),
            _mm512_loadu_ps(values.as_ptr()),
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
    let pull = _mm512_mul_ps(values, weight);
    [_mm512_fmadd_ps(pull, dx, sum_x), _mm512_fmadd_ps(pull, dy, sum_y)]
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
