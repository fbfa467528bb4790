//! What a run asks of the rows that it is given, of whichever kind.

use super::Tsne;
use crate::error::{ErrorKind, Result, refuse};
use crate::estimate;
use crate::matrix::MatrixRef;
use crate::neighbors::NeighborMethod;
use crate::observer::Stage;
use crate::parameters::LEAST_SAMPLES;
use crate::rows::{Rows, SparseMatrix};
use crate::system;
use rayon::prelude::*;

impl Tsne {
    /// That the method can find the neighbors of such rows.
    pub(super) fn validate_method_for(&self, x: Rows<'_>) -> Result<()> {
        let method = self.parameters.neighbor_method;
        let what = match x {
            Rows::Dense(_) => return Ok(()),
            Rows::Sparse(_) => "sparse rows",
            Rows::Distances(_) => "given distances",
        };
        match method {
            NeighborMethod::Auto | NeighborMethod::Exact => Ok(()),
            other => {
                let value = format!("{other} for {what}");
                refuse("neighbor method", value, "must be exact or auto there: all pairs are compared")
            }
        }
    }

    /// That the system has the memory that a run of these rows needs.
    pub(super) fn has_room_for(&self, x: Rows<'_>) -> Result<()> {
        match x {
            Rows::Dense(x) => self.has_room(x.n_samples(), x.n_features(), Stage::Neighbors),
            Rows::Sparse(x) => {
                // The table turned, and a number for each row and thread.
                let request = self.request(x.n_samples(), 1);
                let (turned, sums) = (8 * x.n_entries() as u64, 8 * (x.n_samples() * request.threads) as u64);
                let later = estimate::estimate(request).still_needed(Stage::Neighbors);
                system::has_room((turned + sums).max(later), "t-SNE")
            }
            Rows::Distances(distances) => self.has_room(distances.n_samples(), 1, Stage::Neighbors),
        }
    }
}

/// Squares of smaller values, and of their differences, leave the range of `f32` (1e-38, and with fewer digits 1e-45).
const SMALLEST_EXTENT: f32 = 1e-16;

/// Refuses rows that no map can be made of.
pub(super) fn check_data(x: Rows<'_>) -> Result<()> {
    x.check(LEAST_SAMPLES)?;
    let (largest, all_equal) = match x {
        Rows::Dense(x) => (largest(x.as_slice()), are_equal(x)),
        Rows::Sparse(x) => {
            (x.rows().map(|(_, values)| largest(values)).fold(0.0, f32::max), are_equal_sparse(x))
        }
        Rows::Distances(distances) => {
            // What is at no distance from the first sample is at none from any other.
            let from_first = (0..distances.n_samples()).map(|j| distances.between(0, j)).fold(0.0, f32::max);
            (from_first, from_first == 0.0)
        }
    };
    if largest > 0.0 && largest < SMALLEST_EXTENT {
        return Err(ErrorKind::TooSmall { largest }.into());
    }
    if all_equal {
        return Err(ErrorKind::IdenticalRows { n_samples: x.n_samples() }.into());
    }
    Ok(())
}

fn largest(values: &[f32]) -> f32 {
    let largest_of = |values: &[f32]| values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    values.par_chunks(1 << 14).map(largest_of).reduce(|| 0.0, f32::max)
}

fn are_equal(x: MatrixRef<'_>) -> bool {
    let first = x.row(0);
    x.rows().all(|row| row == first)
}

fn are_equal_sparse(x: &SparseMatrix) -> bool {
    let stored = |i: usize| {
        let (columns, values) = x.row(i);
        columns.iter().zip(values).filter(|&(_, &value)| value != 0.0)
    };
    (1..x.n_samples()).all(|i| stored(i).eq(stored(0)))
}
