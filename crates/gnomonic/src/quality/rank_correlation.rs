//! Whether one quantity rises with another.

/// Spearman's rank correlation of `a` and `b`, from −1 to 1: the correlation of their ranks, where equal values share
/// the mean of their ranks.
///
/// `None` when the lengths differ, there are fewer than 3 values, one is NaN, or all values of a side are equal: no rank
/// is higher then than another.
///
/// O(n log n).
#[must_use]
pub fn rank_correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() || a.len() < 3 || a.iter().chain(b).any(|value| value.is_nan()) {
        return None;
    }
    let (a, b) = (centered_ranks(a), centered_ranks(b));
    let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    let scale = (product(&a, &a) * product(&b, &b)).sqrt();
    (scale > 0.0).then(|| (product(&a, &b) / scale).clamp(-1.0, 1.0))
}

/// The mean rank of each value, less the mean of all ranks. Multiples of ½, so that their products are exact.
fn centered_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let middle = (values.len() - 1) as f64 / 2.0;
    let mut first = 0;
    for equal in order.chunk_by(|&i, &j| values[i] == values[j]) {
        let mean = first as f64 + (equal.len() - 1) as f64 / 2.0;
        equal.iter().for_each(|&i| ranks[i] = mean - middle);
        first += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monotone_is_one_whatever_the_curve() {
        let a = [2.0, 5.0, 10.0, 20.0, 30.0];
        assert_eq!(rank_correlation(&a, &a.map(f64::exp)), Some(1.0));
        assert_eq!(rank_correlation(&a, &a.map(|v| 1.0 / v)), Some(-1.0));
    }

    #[test]
    fn what_cannot_be_ranked_has_none() {
        assert_eq!(rank_correlation(&[1.0, 2.0, 3.0], &[4.0, 4.0, 4.0]), None);
        assert_eq!(rank_correlation(&[1.0, 2.0], &[1.0, 2.0]), None);
        assert_eq!(rank_correlation(&[1.0, 2.0, 3.0], &[1.0, 2.0]), None);
        assert_eq!(rank_correlation(&[1.0, f64::NAN, 3.0], &[1.0, 2.0, 3.0]), None);
        // Zeros of either sign are equal.
        assert_eq!(rank_correlation(&[0.0, -0.0, 0.0], &[1.0, 2.0, 3.0]), None);
    }
}
