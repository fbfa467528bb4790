//! An order of the rows in which near rows are near each other.

use crate::matrix::MatrixRef;
use std::ops::Range;

/// Rows below which a piece is not divided further.
const LEAST_PIECE: usize = 32;

/// Leading columns among which the one to divide along is chosen.
const AXES: usize = 16;

/// The rows of `x` in the order of a tree that halves them again and again at the median of their widest column, among the
/// first 16: the principal axes, when `x` holds coordinates on them. O(n log n); ties are broken by index, so the order is
/// unique.
pub(super) fn order(x: MatrixRef<'_>) -> Vec<u32> {
    let mut order: Vec<u32> = (0..x.n_samples() as u32).collect();
    divide(x, &mut order);
    order
}

fn divide(x: MatrixRef<'_>, rows: &mut [u32]) {
    if rows.len() < 2 * LEAST_PIECE {
        return;
    }
    let spread = |column: usize| {
        let values = rows.iter().map(|&row| x.row(row as usize)[column]);
        let (least, greatest) = values
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(least, greatest), value| {
                (least.min(value), greatest.max(value))
            });
        greatest - least
    };
    let columns: Range<usize> = 0..AXES.min(x.n_features());
    let Some(widest) = columns.max_by(|&a, &b| spread(a).total_cmp(&spread(b))) else { return };
    let middle = rows.len() / 2;
    let key = |row: u32| x.row(row as usize)[widest];
    rows.select_nth_unstable_by(middle, |&a, &b| key(a).total_cmp(&key(b)).then(a.cmp(&b)));
    let (left, right) = rows.split_at_mut(middle);
    // Within a side the order still depends on the selection, which is the same for the same input.
    rayon::join(|| divide(x, left), || divide(x, right));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::neighbors::squared_distance;
    use crate::random::{Purpose, Random};

    #[test]
    fn the_order_is_a_permutation_that_brings_near_rows_together() {
        let mut random = Random::new(41, Purpose::Synthesis);
        let x = Matrix::new((0..2000 * 3).map(|_| random.normal() as f32).collect(), 2000, 3).unwrap();
        let order = order(x.view());
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert!(sorted.iter().enumerate().all(|(i, &row)| row as usize == i));
        let mean_step = |rows: &[u32]| {
            let steps = rows.windows(2).map(|w| squared_distance(x.row(w[0] as usize), x.row(w[1] as usize)));
            steps.sum::<f64>() / 1999.0
        };
        assert!(mean_step(&order) < 0.3 * mean_step(&(0..2000).collect::<Vec<_>>()));
    }
}
