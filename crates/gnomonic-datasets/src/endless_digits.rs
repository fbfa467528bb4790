//! Endless digits: as many rows as a large run needs, made from the digits there are by turning, scaling, shearing and
//! shifting them.
//!
//! Every row has random numbers of its own, so rows can be made in any order, twice, and on any number of threads, and
//! are the same. That is what lets a million rows pass through a few megabytes: nothing made is kept.

use std::io::{self, Write};
use std::ops::{ControlFlow, Range};
use std::path::Path;

use gnomonic::Matrix;
use gnomonic::pca::Pca;
use gnomonic::random::{Purpose, Random};
use rayon::prelude::*;

use crate::dataset::Dataset;
use crate::error::{Error, ErrorKind, Result};
use crate::labels::Labels;
use crate::write::{Existing, atomically, npy_header_to, values_to};

/// Rows that the axes are found from, at most: as many as MNIST has.
const ROWS_FOR_AXES: usize = 70_000;

/// Rows made, projected and written at a time: 13 MB of images of 28 × 28 pixels.
const ROWS_AT_ONCE: usize = 4_096;

/// A digit is turned by up to 15° either way,
const MAX_ROTATION: f64 = 15.0 * std::f64::consts::PI / 180.0;

/// scaled,
const SCALE: Range<f64> = 0.85..1.15;

/// sheared (its top against its bottom, in heights of the image),
const MAX_SHEAR: f64 = 0.1;

/// and shifted by up to two of MNIST's 28 pixels, in widths of the image.
const MAX_SHIFT: f64 = 2.0 / 28.0;

/// Digits without end, made from a data set of square images.
#[derive(Clone, Debug)]
pub struct EndlessDigits {
    /// The pixels of the images, one image after another.
    images: Vec<u8>,
    /// Pixels along an edge.
    side: usize,
    /// What takes the brightest pixel to 1.
    unit: f32,
    labels: Labels,
    /// Where the seed puts the rows' streams of random numbers.
    key: u64,
}

impl EndlessDigits {
    /// Principal axes that the rows are projected on: the usual preparation of MNIST for t-SNE.
    pub const N_AXES: usize = 50;

    /// Digits made from `digits`, square images of whole numbers from 0 to 255 with a label each; `mnist:all` is the one
    /// for large runs. Another `seed` gives other rows. Holds a byte for each pixel (55 MB for 70,000 images of MNIST).
    ///
    /// # Errors
    /// [`ErrorKind::LengthMismatch`] without labels; [`ErrorKind::Malformed`] when rows are no square images;
    /// [`ErrorKind::OutOfRange`] at a pixel that is no whole number from 0 to 255.
    pub fn new(digits: Dataset, seed: u64) -> Result<Self> {
        let Dataset { name, matrix, labels, .. } = digits;
        let refuse = |kind, message: String| Err(Error::new(kind, &name, message));
        let Some(labels) = labels.filter(|labels| labels.len() == matrix.n_samples()) else {
            return refuse(ErrorKind::LengthMismatch, "each image needs exactly one label".into());
        };
        let (n_features, side) = (matrix.n_features(), matrix.n_features().isqrt());
        if side * side != n_features {
            let message = format!("{n_features} columns make no square image; 784 would make 28 × 28");
            return refuse(ErrorKind::Malformed, message);
        }
        let mut images = Vec::with_capacity(matrix.as_slice().len());
        for (place, &pixel) in matrix.as_slice().iter().enumerate() {
            if !(0.0..=255.0).contains(&pixel) || pixel.fract() != 0.0 {
                let (row, column) = (place / n_features + 1, place % n_features + 1);
                let message =
                    format!("row {row}, column {column}: {pixel} is no pixel, a whole number from 0 to 255");
                return refuse(ErrorKind::OutOfRange, message);
            }
            images.push(pixel as u8);
        }
        let brightest = images.iter().copied().max().unwrap_or(0).max(1);
        let key = Random::new(seed, Purpose::Synthesis).next_u64();
        Ok(Self { images, side, unit: 1.0 / f32::from(brightest), labels, key })
    }

    /// The class of `row`, a place in the names of the labels.
    #[must_use]
    pub fn class(&self, row: usize) -> u32 {
        let (source, _) = self.draw(row);
        self.labels.classes[source]
    }

    /// The rows of that range before their projection: images with pixels in [0, 1]. The same rows whatever the range
    /// they are asked for in.
    #[must_use]
    pub fn images(&self, rows: Range<usize>) -> Matrix {
        let n_pixels = self.side * self.side;
        let mut images = Matrix::zeros(rows.len(), n_pixels);
        let places = images.as_mut_slice().par_chunks_exact_mut(n_pixels);
        places.zip(rows).for_each(|(image, row)| {
            let (source, mut random) = self.draw(row);
            let warp = Warp::draw(&mut random, self.side);
            self.sample(source, &warp, image);
        });
        images
    }

    /// The principal axes ([`N_AXES`](Self::N_AXES) of them) of the first `n` rows, of at most 70,000 of them. Needs these rows in
    /// memory while it runs: 220 MB for images of 28 × 28 pixels.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`] when `n` is below 2: one row has no direction.
    pub fn axes(&self, n: usize) -> Result<Pca> {
        if n < 2 {
            let message = format!("{n} of them have no principal axes; ask for at least 2");
            return Err(Error::new(ErrorKind::Empty, "endless digits", message));
        }
        let images = self.images(0..n.min(ROWS_FOR_AXES));
        Pca::fit(&images, Self::N_AXES, 0)
            .map_err(|error| Error::new(ErrorKind::Malformed, "endless digits", error.to_string()))
    }

    /// Writes the first `n` rows, projected on `axes`, as `.npy` of `f32`, n × 50. They are made, projected and written
    /// a few thousand at a time, and the bytes are the same for any number of threads. `progress` hears how many rows
    /// are done, and stops by returning [`ControlFlow::Break`].
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`] when stopped; else as [`atomically`]. In any case nothing is left of the file.
    pub fn write_npy(
        &self,
        path: &Path,
        existing: Existing,
        n: usize,
        axes: &Pca,
        progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut stopped = false;
        let written = atomically(path, existing, |writer| {
            stopped = self.npy_to(writer, n, axes, progress)?.is_break();
            if stopped { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
        });
        match written {
            Err(_) if stopped => Err(Error::file(ErrorKind::Cancelled, path, "stopped; nothing was written")),
            other => other,
        }
    }

    /// Writes the same to `writer`; [`ControlFlow::Break`] when `progress` stopped it.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn npy_to(
        &self,
        writer: &mut dyn Write,
        n: usize,
        axes: &Pca,
        progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> io::Result<ControlFlow<()>> {
        npy_header_to(writer, "<f4", &format!("{n}, {}", axes.components().n_samples()))?;
        for start in (0..n).step_by(ROWS_AT_ONCE) {
            let end = (start + ROWS_AT_ONCE).min(n);
            let rows = axes.transform(&self.images(start..end)).map_err(io::Error::other)?;
            values_to(writer, rows.view())?;
            if progress(end).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Writes the classes of the first `n` rows as `.npy` of 32-bit integers, `(n,)`.
    ///
    /// # Errors
    /// As [`atomically`].
    pub fn write_classes_npy(&self, path: &Path, existing: Existing, n: usize) -> Result<()> {
        atomically(path, existing, |writer| self.classes_npy_to(writer, n))
    }

    /// Writes the same to `writer`.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn classes_npy_to(&self, writer: &mut dyn Write, n: usize) -> io::Result<()> {
        npy_header_to(writer, "<u4", &format!("{n},"))?;
        (0..n).try_for_each(|row| writer.write_all(&self.class(row).to_le_bytes()))
    }

    /// Writes the labels of the first `n` rows as text, one on each line.
    ///
    /// # Errors
    /// As [`atomically`].
    pub fn write_labels_text(&self, path: &Path, existing: Existing, n: usize) -> Result<()> {
        atomically(path, existing, |writer| self.labels_text_to(writer, n))
    }

    /// Writes the same to `writer`.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn labels_text_to(&self, writer: &mut dyn Write, n: usize) -> io::Result<()> {
        (0..n).try_for_each(|row| writeln!(writer, "{}", self.labels.names[self.class(row) as usize]))
    }

    /// The image that `row` is made from, and the row's random numbers after that choice.
    fn draw(&self, row: usize) -> (usize, Random) {
        let mut random = Random::new(self.key.wrapping_add(row as u64), Purpose::Synthesis);
        (random.below(self.labels.len()), random)
    }

    /// Fills `image` with the image `source` as `warp` sees it: each pixel between the four that it falls among, zero
    /// beyond the edge.
    fn sample(&self, source: usize, warp: &Warp, image: &mut [f32]) {
        let side = self.side;
        let pixels = &self.images[source * side * side..][..side * side];
        let pixel = |row: i32, column: i32| {
            let inside = (0..side as i32).contains(&row) && (0..side as i32).contains(&column);
            if inside { f32::from(pixels[row as usize * side + column as usize]) } else { 0.0 }
        };
        for (place, value) in image.iter_mut().enumerate() {
            let (y, x) = warp.source_of((place / side) as f32, (place % side) as f32);
            let (top, left) = (y.floor(), x.floor());
            let (down, right) = (y - top, x - left);
            let (row, column) = (top as i32, left as i32);
            let above = pixel(row, column) * (1.0 - right) + pixel(row, column + 1) * right;
            let below = pixel(row + 1, column) * (1.0 - right) + pixel(row + 1, column + 1) * right;
            *value = (above * (1.0 - down) + below * down) * self.unit;
        }
    }
}

/// Where in the original each pixel of a warped image comes from: an affine map about the center, y before x.
struct Warp {
    linear: [[f32; 2]; 2],
    /// What the first pixel comes from.
    origin: [f32; 2],
}

impl Warp {
    /// Rotation, scale, shear and shift at random, each equally likely within its bounds.
    fn draw(random: &mut Random, side: usize) -> Self {
        let mut within = |range: Range<f64>| range.start + (range.end - range.start) * random.uniform();
        let (sine, cosine) = within(-MAX_ROTATION..MAX_ROTATION).sin_cos();
        let scale = within(SCALE);
        let shear = within(-MAX_SHEAR..MAX_SHEAR);
        let shift = MAX_SHIFT * side as f64;
        let (down, right) = (within(-shift..shift), within(-shift..shift));
        // The inverse of scale · rotation · shear: first the rotation back, then the shear back.
        let turned = [[cosine / scale, sine / scale], [-sine / scale, cosine / scale]];
        let linear = [turned[0], [0, 1].map(|j| turned[1][j] - shear * turned[0][j])];
        let center = (side as f64 - 1.0) / 2.0;
        let origin = linear.map(|row| center - row[0] * (center + down) - row[1] * (center + right));
        Self {
            linear: linear.map(|row| row.map(|value| value as f32)),
            origin: origin.map(|value| value as f32),
        }
    }

    fn source_of(&self, y: f32, x: f32) -> (f32, f32) {
        let [[yy, yx], [xy, xx]] = self.linear;
        (self.origin[0] + yy * y + yx * x, self.origin[1] + xy * y + xx * x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digits;

    fn endless(seed: u64) -> EndlessDigits {
        EndlessDigits::new(digits::load().unwrap(), seed).unwrap()
    }

    fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
    }

    fn file(seed: u64, n: usize) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("X.npy");
        let digits = endless(seed);
        let axes = digits.axes(n).unwrap();
        let mut told = Vec::new();
        let mut progress = |done| {
            told.push(done);
            ControlFlow::Continue(())
        };
        digits.write_npy(&path, Existing::Refuse, n, &axes, &mut progress).unwrap();
        assert_eq!(told.last(), Some(&n));
        std::fs::read(path).unwrap()
    }

    #[test]
    fn the_bytes_depend_on_the_seed_and_not_on_the_threads() {
        let one = on_threads(1, || file(42, 5_000));
        assert!(one == on_threads(3, || file(42, 5_000)));
        assert!(one != file(43, 5_000));
        let header = String::from_utf8_lossy(&one[..128]);
        assert!(header.contains("'<f4'") && header.contains("(5000, 50)"), "{header}");
        assert_eq!(one.len(), 128 + 4 * 5_000 * EndlessDigits::N_AXES);
    }

    #[test]
    fn a_row_is_the_same_in_any_range() {
        let digits = endless(42);
        let all = digits.images(0..500);
        assert_eq!(digits.images(123..125).as_slice(), &all.as_slice()[123 * 64..125 * 64]);
        assert!(all.as_slice().iter().all(|pixel| (0.0..=1.0).contains(pixel)));
    }

    #[test]
    fn the_warp_without_change_is_the_image_itself() {
        let digits = endless(42);
        let mut image = vec![0.0; 64];
        let still = Warp { linear: [[1.0, 0.0], [0.0, 1.0]], origin: [0.0, 0.0] };
        digits.sample(7, &still, &mut image);
        let expected: Vec<f32> = digits.images[7 * 64..8 * 64].iter().map(|&p| f32::from(p) / 16.0).collect();
        assert_eq!(image, expected);
        let half_down = Warp { linear: still.linear, origin: [0.5, 0.0] };
        digits.sample(7, &half_down, &mut image);
        for place in 0..64 {
            let below = expected.get(place + 8).copied().unwrap_or(0.0);
            assert!((image[place] - (expected[place] + below) / 2.0).abs() < 1e-6);
        }
    }

    #[test]
    fn a_warp_keeps_within_its_bounds() {
        let side = 28.0;
        for seed in 0..1_000 {
            let warp = Warp::draw(&mut Random::new(seed, Purpose::Synthesis), 28);
            let [[yy, yx], [xy, xx]] = warp.linear.map(|row| row.map(f64::from));
            let area = yy * xx - yx * xy;
            assert!((1.15_f64.powi(-2) - 1e-6..=0.85_f64.powi(-2) + 1e-6).contains(&area), "{area}");
            let angle = yx.atan2(yy).abs();
            assert!(angle <= MAX_ROTATION + 1e-6, "{angle}");
            // The center comes from no further than the shift, which the scale may stretch and the shear tilt.
            let center = (side - 1.0) / 2.0;
            let (y, x) = warp.source_of(center as f32, center as f32);
            let off = (f64::from(y) - center).hypot(f64::from(x) - center);
            assert!(off <= 8.0_f64.sqrt() / 0.85 * 1.11, "{off}");
        }
    }

    #[test]
    fn stopping_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let digits = endless(42);
        let axes = digits.axes(300).unwrap();
        let path = folder.path().join("X.npy");
        let stop = &mut |_| ControlFlow::Break(());
        let error = digits.write_npy(&path, Existing::Refuse, 300, &axes, stop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert_eq!(digits.axes(1).unwrap_err().kind(), ErrorKind::Empty);
    }

    #[test]
    fn what_is_no_image_of_a_digit_is_refused() {
        let with = |values: Vec<f32>, d: usize| {
            let labels = Labels::from_integers(&vec![0; values.len() / d]);
            let matrix = Matrix::new(values.clone(), values.len() / d, d).unwrap();
            let data = Dataset { labels: Some(labels), ..Dataset::new("data", matrix) };
            EndlessDigits::new(data, 0).unwrap_err()
        };
        assert!(with(vec![0.0; 10], 5).to_string().contains("5 columns make no square"));
        let error = with(vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.5, 7.0], 4);
        assert!(error.to_string().starts_with("data: row 2, column 3: 6.5"), "{error}");
        let unlabeled = Dataset { labels: None, ..digits::load().unwrap() };
        assert_eq!(EndlessDigits::new(unlabeled, 0).unwrap_err().kind(), ErrorKind::LengthMismatch);
    }
}
