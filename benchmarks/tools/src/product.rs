//! The matrix product whose rate `limits` measures: the kernels that gnomonic multiplies with, behind safe slices.

#![allow(unsafe_code, reason = "the kernel takes pointers; every call is bounds-checked here")]

/// C ← A·Bᵀ for A of m rows and B of n rows, each of `k` values, and C of m rows of n.
///
/// # Panics
/// When the lengths are no such shapes.
pub fn multiply_transposed(a: &[f32], b: &[f32], k: usize, c: &mut [f32]) {
    assert!(k > 0 && a.len().is_multiple_of(k) && b.len().is_multiple_of(k), "rows of {k} values");
    let (m, n) = (a.len() / k, b.len() / k);
    assert_eq!(Some(c.len()), m.checked_mul(n), "a row of C for each of A, a column for each of B");
    // SAFETY: A is m × k with rows k apart, Bᵀ is k × n with columns k apart, C is m × n with rows n apart: the lengths were
    // checked above, and a slice is never longer than isize::MAX bytes. C is borrowed mutably, so it aliases neither.
    unsafe {
        matrixmultiply::sgemm(
            m,
            k,
            n,
            1.0,
            a.as_ptr(),
            k as isize,
            1,
            b.as_ptr(),
            1,
            k as isize,
            0.0,
            c.as_mut_ptr(),
            n as isize,
            1,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_product() {
        let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 0.0, -1.0, 2.0, 2.0, 2.0]);
        let mut c = [9.0; 4];
        multiply_transposed(&a, &b, 3, &mut c);
        assert_eq!(c, [-2.0, 12.0, -2.0, 30.0]);
    }
}
