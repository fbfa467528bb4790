//! Distances between samples, known before.

use crate::error::{ErrorKind, LARGEST_DISTANCE, Result, legible, refuse};
use crate::matrix::MatrixRef;
use rayon::prelude::*;

/// The distances between all pairs of n samples, borrowed: as a square table, or each pair once.
///
/// t-SNE squares them, as it does with every distance.
#[derive(Clone, Copy, Debug)]
pub struct Distances<'a> {
    values: &'a [f32],
    n_samples: usize,
    is_square: bool,
}

/// A distance and its mirror image may differ by this share of the larger: what rounding does to computed ones.
const ASYMMETRY: f32 = 1e-4;

impl<'a> Distances<'a> {
    /// Takes a square table, n × n: row i holds the distances from sample i. O(n²) for the checks.
    ///
    /// # Errors
    /// A table that is not square, a distance that is negative, not finite or beyond 1.8e19, one of a sample to itself that is not zero, and two
    /// between the same samples that differ by more than a ten-thousandth.
    pub fn square(table: impl Into<MatrixRef<'a>>) -> Result<Self> {
        let table = table.into();
        let n = table.n_samples();
        if table.n_features() != n {
            let shape = format!("{n} × {}", table.n_features());
            return refuse(
                "a table of distances",
                shape,
                "must be square, with a row and a column for each sample",
            );
        }
        let distances = Self { values: table.as_slice(), n_samples: n, is_square: true };
        if let Some(i) = (0..n).find(|&i| distances.between(i, i) != 0.0) {
            let value = format!("{} to itself in row {}", legible(f64::from(distances.between(i, i))), i + 1);
            let bound =
                "must be 0 there; of similarities take 1 − similarity, or what else makes distances of them";
            return refuse("a distance", value, bound);
        }
        let fault = (0..n).into_par_iter().find_map_first(|i| {
            let asymmetric = |j: usize| {
                let (there, back) = (distances.between(i, j), distances.between(j, i));
                (there - back).abs() > ASYMMETRY * there.max(back)
            };
            check_row(i, table.row(i)).err().or_else(|| {
                let j = (0..i).find(|&j| asymmetric(j))?;
                let (there, back) = (distances.between(i, j), distances.between(j, i));
                let value = format!("{there} from row {} to row {}, and {back} back", i + 1, j + 1);
                let bound = "must be the same both ways: take the mean of the two, or what else makes it so"
                    .to_owned();
                Some(ErrorKind::Parameter { name: "a distance", value, bound }.into())
            })
        });
        fault.map_or(Ok(distances), Err)
    }

    /// Takes each pair once, n (n − 1) / 2 values: of samples 0 and 1, 0 and 2, … 0 and n − 1, 1 and 2, … as R's `dist` and SciPy's
    /// `pdist` have them. O(n²) for the checks.
    ///
    /// # Errors
    /// A length that no number of samples gives, and a distance that is negative, not finite or beyond 1.8e19.
    pub fn condensed(values: &'a [f32]) -> Result<Self> {
        // n (n − 1) / 2 = length.
        let n_samples = (1.0 + (1.0 + 8.0 * values.len() as f64).sqrt()) / 2.0;
        let n_samples = n_samples.round() as usize;
        if n_samples.checked_mul(n_samples - 1).map(|pairs| pairs / 2) != Some(values.len()) {
            let bound = "must be n (n − 1) / 2 for n samples, as 1, 3, 6, 10, …";
            return refuse("the number of distances, each pair once,", values.len().to_string(), bound);
        }
        let distances = Self { values, n_samples, is_square: false };
        let rows = (0..n_samples.saturating_sub(1)).into_par_iter();
        let fault = rows.find_map_first(|i| {
            let first = distances.place(i, i + 1);
            let row = &values[first..first + n_samples - 1 - i];
            let bad = row.iter().position(|distance| !is_distance(*distance))?;
            Some(ErrorKind::Distance { row: i, other: i + 1 + bad, distance: f64::from(row[bad]) }.into())
        });
        fault.map_or(Ok(distances), Err)
    }

    /// Number of samples, n.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.n_samples
    }

    /// The distance from sample i to sample j.
    ///
    /// # Panics
    /// When one of them is not below the number of samples.
    #[must_use]
    pub fn between(&self, i: usize, j: usize) -> f32 {
        assert!(i < self.n_samples && j < self.n_samples, "samples count from 0 to {}", self.n_samples);
        if self.is_square {
            return self.values[i * self.n_samples + j];
        }
        match i.cmp(&j) {
            std::cmp::Ordering::Less => self.values[self.place(i, j)],
            std::cmp::Ordering::Equal => 0.0,
            std::cmp::Ordering::Greater => self.values[self.place(j, i)],
        }
    }

    /// Where the distance of i and j, i < j, stands among each pair once.
    fn place(&self, i: usize, j: usize) -> usize {
        i * (2 * self.n_samples - i - 1) / 2 + j - i - 1
    }
}

fn is_distance(value: f32) -> bool {
    (0.0..=LARGEST_DISTANCE as f32).contains(&value)
}

fn check_row(row: usize, distances: &[f32]) -> Result<()> {
    match distances.iter().position(|distance| !is_distance(*distance)) {
        Some(other) => Err(ErrorKind::Distance { row, other, distance: f64::from(distances[other]) }.into()),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;

    #[test]
    fn both_layouts_hold_the_same() {
        let n = 7;
        let apart = |i: usize, j: usize| if i == j { 0.0 } else { (i * j + i + j) as f32 };
        let square = Matrix::new((0..n * n).map(|at| apart(at / n, at % n)).collect(), n, n).unwrap();
        let pairs: Vec<f32> = (0..n).flat_map(|i| (i + 1..n).map(move |j| apart(i, j))).collect();
        let (square, condensed) =
            (Distances::square(&square).unwrap(), Distances::condensed(&pairs).unwrap());
        assert_eq!(condensed.n_samples(), n);
        for i in 0..n {
            for j in 0..n {
                assert_eq!([square.between(i, j), condensed.between(i, j)], [apart(i, j); 2]);
            }
        }
    }

    #[test]
    fn what_is_no_distance_is_refused() {
        let refused = |values: [f32; 4]| {
            let table = Matrix::new(values.to_vec(), 2, 2).unwrap();
            Distances::square(&table).unwrap_err().to_string()
        };
        assert!(
            refused([1.0, 0.5, 0.5, 1.0])
                .contains("1 to itself in row 1; it must be 0 there; of similarities")
        );
        assert!(refused([0.0, -1.0, -1.0, 0.0]).contains("row 1 to row 2 is -1"));
        assert!(refused([0.0, f32::NAN, 1.0, 0.0]).contains("row 1 to row 2 is NaN"));
        assert!(refused([0.0, 1.0, 2.0, 0.0]).contains("2 from row 2 to row 1, and 1 back"));
        let table = Matrix::zeros(2, 3);
        assert!(Distances::square(&table).unwrap_err().to_string().contains("2 × 3; it must be square"));
        assert!(
            Distances::condensed(&[1.0; 4])
                .unwrap_err()
                .to_string()
                .contains("is 4; it must be n (n − 1) / 2")
        );
        let message = Distances::condensed(&[1.0, 1.0, f32::INFINITY]).unwrap_err().to_string();
        assert!(message.contains("row 2 to row 3"), "{message}");
    }
}
