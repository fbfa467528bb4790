//! Matrix products on one thread, behind safe slices.
//!
//! The kernels are `matrixmultiply`'s, which choose the instruction set at run time; callers split the work among
//! threads in fixed blocks, so that a result never depends on how many there are.

#![allow(unsafe_code, reason = "the kernels take pointers; every call is bounds-checked here")]

/// A borrowed matrix with any two strides: what a product reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a, T> {
    data: &'a [T],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a, T> View<'a, T> {
    /// `rows` × `columns`, row after row without gaps.
    pub(crate) fn new(data: &'a [T], rows: usize, columns: usize) -> Self {
        Self::with_row_stride(data, rows, columns, columns)
    }

    /// `rows` × `columns`, with `row_stride` values from the start of one row to the start of the next.
    ///
    /// Panics when `data` is too short for that.
    pub(crate) fn with_row_stride(data: &'a [T], rows: usize, columns: usize, row_stride: usize) -> Self {
        assert_fits(data.len(), rows, columns, row_stride);
        Self { data, rows, columns, row_stride, column_stride: 1 }
    }

    /// The transpose, without copying.
    pub(crate) fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }
}

fn assert_fits(len: usize, rows: usize, columns: usize, row_stride: usize) {
    assert!(columns <= row_stride || rows <= 1, "rows must not overlap");
    let needed = match (rows, columns) {
        (0, _) | (_, 0) => Some(0),
        _ => (rows - 1).checked_mul(row_stride).and_then(|start| start.checked_add(columns)),
    };
    assert!(
        needed.is_some_and(|needed| needed <= len),
        "{rows} rows of {columns} with stride {row_stride} do not fit into {len} values"
    );
    assert!(isize::try_from(row_stride).is_ok());
}

/// The element types that there are kernels for.
pub(crate) trait Element: Copy {
    /// C ← A·B + beta·C.
    ///
    /// # Safety
    /// As [`matrixmultiply::dgemm`]: A is m × k, B is k × n, C is m × n with the strides given, all in bounds, and no
    /// two elements of C at the same place.
    unsafe fn gemm(a: View<'_, Self>, b: View<'_, Self>, beta: Self, c: *mut Self, c_stride: isize)
    where
        Self: Sized;
}

macro_rules! element {
    ($type:ty, $kernel:path) => {
        impl Element for $type {
            unsafe fn gemm(a: View<'_, Self>, b: View<'_, Self>, beta: Self, c: *mut Self, c_stride: isize) {
                // SAFETY: the caller promises what the kernel asks for.
                unsafe {
                    $kernel(
                        a.rows,
                        a.columns,
                        b.columns,
                        1.0,
                        a.data.as_ptr(),
                        a.row_stride as isize,
                        a.column_stride as isize,
                        b.data.as_ptr(),
                        b.row_stride as isize,
                        b.column_stride as isize,
                        beta,
                        c,
                        c_stride,
                        1,
                    );
                }
            }
        }
    };
}
element!(f32, matrixmultiply::sgemm);
element!(f64, matrixmultiply::dgemm);

/// C ← A·B + beta·C, where C is row-major with `c_row_stride` values from row to row; with `beta` zero, what C held is
/// not read. On the calling thread.
///
/// Panics when the shapes do not agree or `c` is too short.
pub(crate) fn multiply<T: Element>(
    a: View<'_, T>,
    b: View<'_, T>,
    beta: T,
    c: &mut [T],
    c_row_stride: usize,
) {
    assert_eq!(a.columns, b.rows, "inner dimensions must agree");
    assert_fits(c.len(), a.rows, b.columns, c_row_stride);
    // SAFETY: the views were checked when they were made and cannot change; C was checked above, its rows do not
    // overlap, and it is borrowed mutably, so it aliases neither A nor B.
    unsafe { T::gemm(a, b, beta, c.as_mut_ptr(), c_row_stride as isize) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_the_plain_loop() {
        for (m, k, n) in [(1, 1, 1), (3, 5, 2), (17, 9, 33), (0, 3, 2), (2, 0, 3)] {
            let a: Vec<f64> = (0..m * k).map(|i| (i as f64 * 0.7).sin()).collect();
            let b: Vec<f64> = (0..n * k).map(|i| (i as f64 * 0.3).cos()).collect();
            let stride = n + 2;
            let mut c = vec![0.5; m * stride];
            multiply(View::new(&a, m, k), View::new(&b, n, k).transposed(), 2.0, &mut c, stride);
            for i in 0..m {
                for j in 0..stride {
                    let product: f64 = (0..k).map(|l| a[i * k + l] * b[(j % n) * k + l]).sum();
                    let expected = if j < n { product + 1.0 } else { 0.5 };
                    assert!((c[i * stride + j] - expected).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "do not fit")]
    fn a_short_slice_is_refused() {
        let _ = View::new(&[0.0_f32; 5], 2, 3);
    }

    #[test]
    #[should_panic(expected = "inner dimensions")]
    fn shapes_must_agree() {
        let values = [0.0_f32; 6];
        multiply(View::new(&values, 2, 3), View::new(&values, 2, 3), 0.0, &mut [0.0; 9], 3);
    }
}
