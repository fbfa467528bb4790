//! All eigenvalues and eigenvectors of a small symmetric matrix: Householder's reduction to a tridiagonal matrix, then
//! the implicitly shifted QL iteration (Golub & Van Loan, *Matrix Computations*, sections 8.3.1 and 8.3.3).

/// Sweeps that one eigenvalue may take; in practice it takes two.
const MOST_SWEEPS: usize = 60;

/// Eigenvalues in descending order, and the eigenvectors as rows in the same order, of the symmetric `size` × `size`
/// matrix. O(size³) time, O(size²) memory.
pub(super) fn eigenpairs(mut matrix: Vec<f64>, size: usize) -> (Vec<f64>, Vec<f64>) {
    let reduced = Tridiagonal::reduce(&mut matrix, size);
    let (values, vectors) = reduced.diagonalize();
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    let sorted_values = order.iter().map(|&i| values[i]).collect();
    let sorted_vectors = order.iter().flat_map(|&i| &vectors[i * size..(i + 1) * size]).copied().collect();
    (sorted_values, sorted_vectors)
}

/// A symmetric matrix A as Qᵀ T Q, with T tridiagonal and Q orthogonal.
struct Tridiagonal {
    diagonal: Vec<f64>,
    /// `beside[i]` couples i and i + 1; one more zero at the end.
    beside: Vec<f64>,
    /// Q, row after row.
    basis: Vec<f64>,
}

impl Tridiagonal {
    fn reduce(matrix: &mut [f64], size: usize) -> Self {
        let mut reflections: Vec<(f64, Vec<f64>)> = Vec::with_capacity(size);
        let mut beside = vec![0.0; size];
        for k in 0..size.saturating_sub(1) {
            let column: Vec<f64> = (k + 1..size).map(|i| matrix[i * size + k]).collect();
            let (coupling, factor, vector) = reflection(column);
            beside[k] = coupling;
            reflect_both_sides(matrix, size, k + 1, factor, &vector);
            reflections.push((factor, vector));
        }
        let diagonal = (0..size).map(|i| matrix[i * size + i]).collect();

        // Q is the product of the reflections, the last one leftmost: starting from the last, only the rows and columns
        // that it touched differ from the identity.
        let mut basis = vec![0.0; size * size];
        (0..size).for_each(|i| basis[i * size + i] = 1.0);
        for (k, (factor, vector)) in reflections.iter().enumerate().rev() {
            for row in basis[(k + 1) * size..].chunks_exact_mut(size) {
                let row = &mut row[k + 1..];
                let along = factor * dot(row, vector);
                add_scaled(row, -along, vector);
            }
        }
        Self { diagonal, beside, basis }
    }

    /// Rotates neighboring coordinates until nothing couples them; the rotated basis then holds the eigenvectors.
    fn diagonalize(mut self) -> (Vec<f64>, Vec<f64>) {
        let size = self.diagonal.len();
        for first in 0..size {
            for _ in 0..MOST_SWEEPS {
                let last = self.end_of_coupled(first);
                if last == first {
                    break;
                }
                self.sweep(first, last);
            }
        }
        (self.diagonal, self.basis)
    }

    /// The last coordinate that is coupled to `first` by more than rounding.
    fn end_of_coupled(&self, first: usize) -> usize {
        (first..self.diagonal.len() - 1)
            .find(|&i| {
                let scale = self.diagonal[i].abs() + self.diagonal[i + 1].abs();
                self.beside[i].abs() <= f64::EPSILON * scale
            })
            .unwrap_or(self.diagonal.len() - 1)
    }

    /// One QL step with Wilkinson's shift on the coordinates `first ..= last`: a rotation at the bottom sets the shift,
    /// the others chase the element that it leaves outside the band to the top.
    fn sweep(&mut self, first: usize, last: usize) {
        let (d, e) = (&mut self.diagonal, &mut self.beside);
        let half_gap = (d[first + 1] - d[first]) / (2.0 * e[first]);
        let root = half_gap.hypot(1.0).copysign(half_gap);
        let shift = d[first] - e[first] / (half_gap + root);

        let (mut sine, mut cosine, mut carried) = (1.0, 1.0, 0.0);
        let mut head = d[last] - shift;
        for i in (first..last).rev() {
            let (bulge, rest) = (sine * e[i], cosine * e[i]);
            let length = bulge.hypot(head);
            e[i + 1] = length;
            if length == 0.0 {
                // The matrix came apart by itself: finish this step here and let the next one see the two parts.
                d[i + 1] -= carried;
                e[last] = 0.0;
                return;
            }
            (sine, cosine) = (bulge / length, head / length);
            let base = d[i + 1] - carried;
            let slope = (d[i] - base) * sine + 2.0 * cosine * rest;
            carried = sine * slope;
            d[i + 1] = base + carried;
            head = cosine * slope - rest;
            rotate_rows(&mut self.basis, d.len(), i, sine, cosine);
        }
        d[first] -= carried;
        e[first] = head;
        e[last] = 0.0;
    }
}

/// The reflection I − factor·v·vᵀ that takes `column` to (coupling, 0, …, 0); factor 0 when it is there already.
fn reflection(mut column: Vec<f64>) -> (f64, f64, Vec<f64>) {
    let largest = column.iter().fold(0.0_f64, |a, v| a.max(v.abs()));
    if largest == 0.0 || column.len() == 1 {
        return (column[0], 0.0, column);
    }
    // Scaled, so that squares neither overflow nor vanish.
    column.iter_mut().for_each(|value| *value /= largest);
    let length = dot(&column, &column).sqrt();
    let coupling = -length.copysign(column[0]);
    column[0] -= coupling;
    let factor = 2.0 / dot(&column, &column);
    (coupling * largest, factor, column)
}

/// A ← H·A·H on the rows and columns from `start`, as the update A − v·wᵀ − w·vᵀ of rank two.
fn reflect_both_sides(matrix: &mut [f64], size: usize, start: usize, factor: f64, v: &[f64]) {
    if factor == 0.0 {
        return;
    }
    let mut w: Vec<f64> =
        matrix[start * size..].chunks_exact(size).map(|row| factor * dot(&row[start..], v)).collect();
    let half_overlap = 0.5 * factor * dot(&w, v);
    add_scaled(&mut w, -half_overlap, v);
    for (i, row) in matrix[start * size..].chunks_exact_mut(size).enumerate() {
        let (v_i, w_i) = (v[i], w[i]);
        for ((value, &v_j), &w_j) in row[start..].iter_mut().zip(v).zip(&w) {
            *value -= v_i * w_j + w_i * v_j;
        }
    }
}

/// Rotates rows i and i + 1 of a matrix of `size` columns.
fn rotate_rows(matrix: &mut [f64], size: usize, i: usize, sine: f64, cosine: f64) {
    let (upper, lower) = matrix[i * size..(i + 2) * size].split_at_mut(size);
    for (upper, lower) in upper.iter_mut().zip(lower) {
        let (a, b) = (*upper, *lower);
        *upper = cosine * a - sine * b;
        *lower = sine * a + cosine * b;
    }
}

/// The sum of products, over eight partial sums in a fixed order so that it can be vectorized.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a_blocks, b_blocks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = a_blocks.remainder().iter().zip(b_blocks.remainder());
    let rest: f64 = rest.map(|(x, y)| x * y).sum();
    for (a, b) in a_blocks.zip(b_blocks) {
        for l in 0..8 {
            sums[l] += a[l] * b[l];
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// a ← a + factor·b.
pub(super) fn add_scaled(a: &mut [f64], factor: f64, b: &[f64]) {
    for (a, &b) in a.iter_mut().zip(b) {
        *a += factor * b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(matrix: &[f64], size: usize) -> Vec<f64> {
        let (values, vectors) = eigenpairs(matrix.to_vec(), size);
        let scale = values.iter().fold(1e-300_f64, |a, v| a.max(v.abs()));
        for i in 0..size {
            let vector = &vectors[i * size..(i + 1) * size];
            for j in 0..size {
                let image = dot(&matrix[j * size..(j + 1) * size], vector);
                assert!((image - values[i] * vector[j]).abs() <= 1e-13 * scale);
                let overlap = dot(vector, &vectors[j * size..(j + 1) * size]);
                assert!((overlap - f64::from(u8::from(i == j))).abs() <= 1e-13);
            }
        }
        assert!(values.windows(2).all(|pair| pair[0] >= pair[1]));
        values
    }

    #[test]
    fn eigenpairs_satisfy_their_equation() {
        for size in [1, 2, 3, 7, 40] {
            let mut matrix = vec![0.0; size * size];
            for i in 0..size {
                for j in 0..=i {
                    let value = ((i * 31 + j * 17) as f64).sin();
                    matrix[i * size + j] = value;
                    matrix[j * size + i] = value;
                }
            }
            check(&matrix, size);
        }
    }

    #[test]
    fn known_spectra_are_found() {
        // The second difference matrix: 2 − 2 cos(π k / (size + 1)).
        let size = 30;
        let mut matrix = vec![0.0; size * size];
        for i in 0..size {
            matrix[i * size + i] = 2.0;
            if i > 0 {
                matrix[i * size + i - 1] = -1.0;
                matrix[(i - 1) * size + i] = -1.0;
            }
        }
        let values = check(&matrix, size);
        for (k, value) in values.iter().rev().enumerate() {
            let angle = std::f64::consts::PI * (k + 1) as f64 / (size + 1) as f64;
            assert!((value - (2.0 - 2.0 * angle.cos())).abs() < 1e-13);
        }
        // Zero, identity, rank one, and entries whose squares leave the range.
        check(&[0.0; 16], 4);
        check(&[1e200, 0.0, 0.0, 1e200], 2);
        let ones = check(&[1.0; 25], 5);
        assert!((ones[0] - 5.0).abs() < 1e-13 && ones[1].abs() < 1e-14);
        check(&vec![1e-200; 36], 6);
    }
}
