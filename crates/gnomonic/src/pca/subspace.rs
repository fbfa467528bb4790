//! The leading eigenpairs of a large symmetric matrix with no negative eigenvalue, by subspace iteration with Chebyshev
//! polynomials (Rutishauser 1970, doi:10.1007/BF02219773; Zhou et al. 2006, doi:10.1016/j.jcp.2006.03.017).
//!
//! A block of vectors is multiplied by a polynomial of the matrix that is small where the unwanted eigenvalues lie,
//! made orthonormal, and turned to the best approximations within its span (Rayleigh and Ritz), until the residuals are
//! small.

use super::symmetric::{self, add_scaled, dot};
use crate::gemm::{View, multiply};
use crate::random::{Purpose, Random};

/// A symmetric matrix without negative eigenvalues, known by what it does to a block of vectors.
pub(super) trait SymmetricOperator {
    /// Number of rows and columns, d.
    fn dimension(&self) -> usize;
    /// The matrix itself, row after row, where it was formed.
    fn dense(&self) -> Option<&[f64]>;
    /// Writes the product with `vectors` (d × `width`, row-major) to `product` (the same shape).
    fn apply(&self, vectors: &[f64], width: usize, product: &mut [f64]);
}

/// When the iteration ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accuracy {
    /// The largest residual |C·v − λ·v| of a wanted pair, relative to the largest eigenvalue.
    residual: f64,
    /// That of the first two, which a map starts from.
    leading: f64,
    /// Products with the matrix after which the iteration ends anyway. Reached only where eigenvalues lie so close that
    /// the axes among them are a matter of rounding.
    products: usize,
}

impl Accuracy {
    /// For a matrix that is cheap to multiply.
    pub(super) const FULL: Self = Self { residual: 1e-10, leading: 1e-10, products: 600 };
    /// For axes that only have to span nearly as much of the data as the best ones do.
    pub(super) const ROUGH: Self = Self { residual: 1e-3, leading: 1e-8, products: 600 };
    /// For axes that are any, as long as they leave little of the data beside them.
    pub(super) const SPAN: Self = Self { residual: 3e-2, leading: 3e-2, products: 8 };
    /// For data too wide to form the covariance: each product reads all of it. Halko et al. find 2 to 4 enough for
    /// powers; polynomials gain more from each.
    pub(super) const SKETCH: Self = Self { residual: 1e-6, leading: 1e-6, products: 12 };
}

/// Up to here all eigenvectors are found directly: it takes milliseconds.
const DIRECT: usize = 128;
/// The ratio by which a polynomial may lift the first axis over the last wanted one: beyond, the last drowns in the
/// rounding of the first.
const MOST_CONTRAST: f64 = 1e12;
/// The highest degree of a polynomial; the interval that it suppresses should be renewed now and then.
const HIGHEST_DEGREE: usize = 24;

/// The `wanted` largest eigenvalues in descending order, and their eigenvectors as rows. `wanted` is at least 1 and at
/// most the dimension.
pub(super) fn leading_eigenpairs(
    matrix: &impl SymmetricOperator,
    wanted: usize,
    accuracy: Accuracy,
    seed: u64,
) -> (Vec<f64>, Vec<f64>) {
    let d = matrix.dimension();
    // Guard vectors beside the wanted ones: the iteration converges as the last wanted eigenvalue stands above theirs.
    let width = (wanted + wanted / 4 + 10).min(d);
    if let Some(dense) = matrix.dense()
        && (d <= DIRECT || 2 * width >= d)
    {
        let (mut values, mut vectors) = symmetric::eigenpairs(dense.to_vec(), d);
        values.truncate(wanted);
        vectors.truncate(wanted * d);
        return (values, vectors);
    }

    let mut random = Random::new(seed, Purpose::Pca);
    let start = (0..d * width).map(|_| random.normal()).collect();
    let mut block = Block::new(matrix, width, start, random);
    // A random start has no eigenvalues to speak of: the first step is a plain power.
    block.vectors.copy_from_slice(&block.images);
    block.rayleigh_ritz();
    let mut products = 2;
    while !block.is_within(accuracy, wanted) && products < accuracy.products {
        let degree = block.degree(wanted).min(accuracy.products - products).max(1);
        block.filter(degree);
        block.rayleigh_ritz();
        products += degree;
    }
    block.into_leading(wanted)
}

/// Vectors, what the matrix makes of them, and their Rayleigh quotients.
struct Block<'a, M> {
    matrix: &'a M,
    d: usize,
    width: usize,
    /// d × width, row-major; so are the images.
    vectors: Vec<f64>,
    images: Vec<f64>,
    values: Vec<f64>,
    random: Random,
}

impl<'a, M: SymmetricOperator> Block<'a, M> {
    fn new(matrix: &'a M, width: usize, vectors: Vec<f64>, random: Random) -> Self {
        let d = matrix.dimension();
        let mut images = vec![0.0; d * width];
        matrix.apply(&vectors, width, &mut images);
        Self { matrix, d, width, vectors, images, values: vec![0.0; width], random }
    }

    /// Makes the vectors orthonormal and turns them to approximate eigenvectors, largest eigenvalue first.
    fn rayleigh_ritz(&mut self) {
        let (d, width) = (self.d, self.width);
        let mut rows = transposed(&self.vectors, d, width);
        orthonormalize(&mut rows, d, &mut self.random);
        self.vectors = transposed(&rows, width, d);
        self.matrix.apply(&self.vectors, width, &mut self.images);

        let mut quotient = vec![0.0; width * width];
        let (rows, images) = (View::new(&rows, width, d), View::new(&self.images, d, width));
        multiply(rows, images, 0.0, &mut quotient, width);
        for i in 0..width {
            for j in 0..i {
                let mean = 0.5 * (quotient[i * width + j] + quotient[j * width + i]);
                quotient[i * width + j] = mean;
                quotient[j * width + i] = mean;
            }
        }
        let (values, turns) = symmetric::eigenpairs(quotient, width);
        self.values = values;
        let turns = View::new(&turns, width, width).transposed();
        for block in [&mut self.vectors, &mut self.images] {
            let mut turned = vec![0.0; d * width];
            multiply(View::new(block, d, width), turns, 0.0, &mut turned, width);
            *block = turned;
        }
    }

    fn is_within(&self, accuracy: Accuracy, wanted: usize) -> bool {
        let largest = self.values[0].abs();
        self.residual(wanted) <= accuracy.residual * largest
            && self.residual(wanted.min(2)) <= accuracy.leading * largest
    }

    /// The largest |C·v − λ·v| among the first `wanted` pairs.
    fn residual(&self, wanted: usize) -> f64 {
        let mut squares = vec![0.0; wanted];
        for (vector, image) in self.vectors.chunks_exact(self.width).zip(self.images.chunks_exact(self.width))
        {
            for (j, square) in squares.iter_mut().enumerate() {
                *square += (image[j] - self.values[j] * vector[j]).powi(2);
            }
        }
        squares.into_iter().fold(0.0, f64::max).sqrt()
    }

    /// Where the unwanted eigenvalues end, as far as the block can tell; `None` when nothing but rounding is there.
    fn unwanted_below(&self) -> Option<f64> {
        let last = self.values[self.width - 1];
        (last > self.values[0] * f64::EPSILON * self.d as f64).then_some(last)
    }

    /// The degree that separates the wanted from the unwanted most without losing the last of them in rounding.
    fn degree(&self, wanted: usize) -> usize {
        let Some(bound) = self.unwanted_below() else {
            return 1;
        };
        // The Chebyshev polynomial of degree m at x > 1 is cosh(m · acosh(x)).
        let growth = |value: f64| (2.0 * value / bound - 1.0).max(1.0).acosh();
        let (first, last) = (growth(self.values[0]), growth(self.values[wanted - 1]));
        let by_contrast = MOST_CONTRAST.ln() / (first - last).max(1e-6);
        let by_range = 200.0 / first.max(1e-6);
        (by_contrast.min(by_range) as usize).clamp(1, HIGHEST_DEGREE)
    }

    /// vectors ← T(2·C/bound − 1)·vectors, with the Chebyshev polynomial T of the degree given. The images are those of
    /// the vectors before and serve as the first product.
    fn filter(&mut self, degree: usize) {
        let Some(bound) = self.unwanted_below() else {
            self.vectors.copy_from_slice(&self.images);
            return;
        };
        let scale = 2.0 / bound;
        let mut previous = std::mem::take(&mut self.vectors);
        let mut current: Vec<f64> =
            (previous.iter().zip(&self.images)).map(|(vector, image)| scale * image - vector).collect();
        for _ in 1..degree {
            self.matrix.apply(&current, self.width, &mut self.images);
            for i in 0..previous.len() {
                previous[i] = 2.0 * (scale * self.images[i] - current[i]) - previous[i];
            }
            std::mem::swap(&mut previous, &mut current);
        }
        self.vectors = current;
    }

    fn into_leading(mut self, wanted: usize) -> (Vec<f64>, Vec<f64>) {
        let mut rows = transposed(&self.vectors, self.d, self.width);
        rows.truncate(wanted * self.d);
        self.values.truncate(wanted);
        (self.values, rows)
    }
}

/// Makes the rows orthonormal in their order (Gram and Schmidt, repeated until nothing is lost to rounding). A row that
/// the ones before it span is replaced by a random direction.
fn orthonormalize(rows: &mut [f64], d: usize, random: &mut Random) {
    for i in 0..rows.len() / d {
        let (before, rest) = rows.split_at_mut(i * d);
        let row = &mut rest[..d];
        let mut passes = 0;
        loop {
            if !normalize(row) || passes == 4 {
                row.fill_with(|| random.normal());
                normalize(row);
                passes = 0;
            }
            for earlier in before.chunks_exact(d) {
                let along = dot(earlier, row);
                add_scaled(row, -along, earlier);
            }
            passes += 1;
            // Half of the length left means that rounding was not enlarged (Daniel et al. 1976).
            if dot(row, row) > 0.25 {
                normalize(row);
                break;
            }
        }
    }
}

/// Scales a row to length 1; false when it has none.
fn normalize(row: &mut [f64]) -> bool {
    let largest = row.iter().fold(0.0_f64, |a, v| a.max(v.abs()));
    if !(largest > 0.0 && largest.is_finite()) {
        return false;
    }
    row.iter_mut().for_each(|value| *value /= largest);
    let length = dot(row, row).sqrt();
    row.iter_mut().for_each(|value| *value /= length);
    true
}

fn transposed(matrix: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    let mut result = vec![0.0; matrix.len()];
    for (i, row) in matrix.chunks_exact(columns).enumerate() {
        for (j, &value) in row.iter().enumerate() {
            result[j * rows + i] = value;
        }
    }
    result
}
