//! Whether the labels could be read off the map.

use super::check_rows;
use crate::error::{ErrorKind, Result};
use crate::neighbors::Neighbors;
use crate::parallel;

/// The share of samples whose label is the commonest among their k neighbors in the map: the accuracy of a classifier
/// that leaves out the sample itself and lets its neighbors vote. Where labels tie, the one with the nearest neighbor
/// wins.
///
/// O(n·k²) time.
///
/// # Errors
/// When the number of labels is not that of samples, or there are no neighbors.
pub fn label_accuracy(y_neighbors: &Neighbors, labels: &[u32]) -> Result<f64> {
    let n = y_neighbors.n_samples();
    check_rows("labels", labels.len(), n)?;
    if n == 0 || y_neighbors.k() == 0 {
        return Err(ErrorKind::TooFewSamples { n_samples: n, at_least: 2 }.into());
    }
    let [right] = parallel::sum(n, |rows| {
        let mut voters = Vec::with_capacity(y_neighbors.k());
        let right = rows.filter(|&i| {
            voters.clear();
            voters.extend(y_neighbors.indices(i).iter().map(|&j| labels[j as usize]));
            winner(&voters) == Some(labels[i])
        });
        // Counts are exact in f64.
        [right.count() as f64]
    });
    Ok(right / n as f64)
}

/// The label with most votes, of several the one that comes first.
fn winner(voters: &[u32]) -> Option<u32> {
    let votes = |label: u32| voters.iter().filter(|&&other| other == label).count();
    let most = voters.iter().map(|&label| votes(label)).max()?;
    voters.iter().copied().find(|&label| votes(label) == most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::neighbors::exact;

    #[test]
    fn the_nearest_breaks_ties() {
        assert_eq!(winner(&[3, 1, 1]), Some(1));
        assert_eq!(winner(&[3, 1, 1, 3]), Some(3));
        assert_eq!(winner(&[2, 1]), Some(2));
        assert_eq!(winner(&[]), None);
    }

    #[test]
    fn accuracy_counts_the_samples_that_agree() {
        let x = Matrix::new(vec![0.0, 1.0, 2.1, 10.0, 11.0, 12.1], 6, 1).unwrap();
        let neighbors = exact(&x, 2).unwrap();
        assert_eq!(label_accuracy(&neighbors, &[0, 0, 0, 1, 1, 1]).unwrap(), 1.0);
        // The stranger among the first three is outvoted, and misleads those who have it nearest.
        let accuracy = label_accuracy(&neighbors, &[0, 5, 0, 1, 1, 1]).unwrap();
        assert_eq!(accuracy, 3.0 / 6.0);
        assert!(label_accuracy(&neighbors, &[0, 1]).is_err());
    }
}
