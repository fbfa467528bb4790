//! How many of the nearest neighbors stayed nearest neighbors.

use super::check_rows;
use crate::error::{ErrorKind, Result};
use crate::neighbors::Neighbors;
use crate::parallel;

/// The mean share of each sample's k neighbors in the data that are among its k neighbors in the map: 1 when all are.
/// With k = 10 this is known as kNN recall at 10, or as neighborhood preservation.
///
/// O(n·k²) time. Both must hold the same number of neighbors; [`Neighbors::truncated`] shortens a longer list.
///
/// # Errors
/// When the numbers of samples or of neighbors differ, or there are none.
pub fn neighbor_recall(x_neighbors: &Neighbors, y_neighbors: &Neighbors) -> Result<f64> {
    let (n, k) = (x_neighbors.n_samples(), x_neighbors.k());
    check_rows("rows of neighbors in the map", y_neighbors.n_samples(), n)?;
    if n == 0 || k == 0 || y_neighbors.k() != k {
        return Err(ErrorKind::Parameter {
            name: "number of neighbors in the map",
            value: y_neighbors.k().to_string(),
            bound: format!("must be as in the data, {k}, and at least 1"),
        }
        .into());
    }
    let [kept] = parallel::sum(n, |rows| {
        let kept = rows.map(|i| {
            let in_map = y_neighbors.indices(i);
            x_neighbors.indices(i).iter().filter(|j| in_map.contains(j)).count()
        });
        // Counts are exact in f64.
        [kept.sum::<usize>() as f64]
    });
    Ok(kept / (n as f64 * k as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::neighbors::exact;

    #[test]
    fn kept_neighbors_are_counted() {
        let line = |values: [f32; 5]| exact(&Matrix::new(values.to_vec(), 5, 1).unwrap(), 2).unwrap();
        let x = line([0.0, 1.0, 2.5, 4.5, 7.0]);
        assert_eq!(neighbor_recall(&x, &x).unwrap(), 1.0);
        // The ends exchanged: {1,2} {0,2} {1,3} {2,4} {3,2} become {3,2} {4,2} {1,3} {2,0} {1,2}.
        let y = line([7.0, 1.0, 2.5, 4.5, 0.0]);
        assert_eq!(neighbor_recall(&x, &y).unwrap(), 6.0 / 10.0);
        assert!(neighbor_recall(&x, &y.truncated(1)).is_err());
        assert!(neighbor_recall(&x, &exact(&Matrix::zeros(4, 1), 2).unwrap()).is_err());
    }
}
