//! Drawing rows: the three ways, each repeatable from its seed.

use crate::error::{Error, ErrorKind, Result};
use crate::random::{Purpose, Random};

/// `size` draws from the rows 0 .. `n_samples`, each row equally likely at every draw, in the order drawn: a row may
/// come more than once. What numpy's `randint(n_samples, size=size)` means (with a stream of our own).
///
/// # Errors
/// When `size` or `n_samples` is zero.
pub fn sample_with_replacement(n_samples: usize, size: usize, seed: u64) -> Result<Vec<usize>> {
    check_not_empty(n_samples, size)?;
    let mut random = Random::new(seed, Purpose::Sampling);
    Ok((0..size).map(|_| random.below(n_samples)).collect())
}

/// `size` different rows out of 0 .. `n_samples`, every such choice and order equally likely, in the order drawn.
/// O(`n_samples`).
///
/// # Errors
/// When `size` is zero or beyond `n_samples`.
pub fn sample_without_replacement(n_samples: usize, size: usize, seed: u64) -> Result<Vec<usize>> {
    check_without_replacement(n_samples, size)?;
    let mut rows: Vec<usize> = (0..n_samples).collect();
    keep_random(&mut rows, size, &mut Random::new(seed, Purpose::Sampling));
    Ok(rows)
}

/// `size` different rows, each label with its share of them, in ascending order of rows.
///
/// Shares are rounded by the largest remainder (ties to the smaller label). A label whose share rounds to nothing still
/// gets one row, taken from the label that has most, when `size` is at least the number of labels in use.
/// O(n + labels in use · log).
///
/// # Errors
/// When `size` is zero or beyond the number of labels given.
pub fn sample_stratified(labels: &[u32], size: usize, seed: u64) -> Result<Vec<usize>> {
    check_without_replacement(labels.len(), size)?;
    let mut rows: Vec<usize> = (0..labels.len()).collect();
    rows.sort_by_key(|&i| labels[i]);
    let mut strata: Vec<Vec<usize>> =
        rows.chunk_by(|&i, &j| labels[i] == labels[j]).map(<[usize]>::to_vec).collect();
    let counts: Vec<usize> = strata.iter().map(Vec::len).collect();

    let mut random = Random::new(seed, Purpose::Sampling);
    for (stratum, share) in strata.iter_mut().zip(shares(&counts, size)) {
        keep_random(stratum, share, &mut random);
    }
    let mut sample = strata.concat();
    sample.sort_unstable();
    Ok(sample)
}

/// Shortens `rows` to `size` of them, chosen and ordered at random: the first steps of a Fisher-Yates shuffle.
fn keep_random(rows: &mut Vec<usize>, size: usize, random: &mut Random) {
    for i in 0..size {
        let j = i + random.below(rows.len() - i);
        rows.swap(i, j);
    }
    rows.truncate(size);
}

/// How many of `size` draws fall to each stratum, in proportion to `counts` (none of which is zero).
fn shares(counts: &[usize], size: usize) -> Vec<usize> {
    let total: usize = counts.iter().sum();
    // In 128 bits the products are exact, so equal shares tie exactly.
    let quota = |c: usize| (counts[c] as u128) * (size as u128);
    let mut shares: Vec<usize> = (0..counts.len()).map(|c| (quota(c) / total as u128) as usize).collect();

    let mut by_remainder: Vec<usize> = (0..counts.len()).collect();
    by_remainder.sort_by_key(|&c| std::cmp::Reverse(quota(c) % total as u128));
    let left = size - shares.iter().sum::<usize>();
    for &c in &by_remainder[..left] {
        shares[c] += 1;
    }
    if size >= counts.len() {
        while let Some(empty) = shares.iter().position(|&share| share == 0) {
            let most = *shares.iter().max().unwrap_or(&0);
            if let Some(giver) = shares.iter().position(|&share| share == most) {
                shares[giver] -= 1;
            }
            shares[empty] = 1;
        }
    }
    shares
}

fn check_not_empty(n_samples: usize, size: usize) -> Result<()> {
    if n_samples == 0 {
        return Err(ErrorKind::TooFewSamples { n_samples, at_least: 1 }.into());
    }
    if size == 0 {
        return Err(sample_size(size, "must be at least 1".into()));
    }
    Ok(())
}

fn check_without_replacement(n_samples: usize, size: usize) -> Result<()> {
    check_not_empty(n_samples, size)?;
    if size > n_samples {
        return Err(sample_size(
            size,
            format!(
                "must be at most the number of rows, {n_samples}, when none may come twice; ask for fewer"
            ),
        ));
    }
    Ok(())
}

fn sample_size(size: usize, bound: String) -> Error {
    ErrorKind::Parameter { name: "sample size", value: size.to_string(), bound }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_with_replacement_cover_the_range_and_repeat() {
        let sample = sample_with_replacement(50, 500, 1).unwrap();
        assert_eq!(sample.len(), 500);
        assert!(sample.iter().all(|&i| i < 50));
        assert!(sample.windows(2).any(|pair| pair[0] > pair[1]));
        assert_eq!(sample, sample_with_replacement(50, 500, 1).unwrap());
        assert_ne!(sample, sample_with_replacement(50, 500, 2).unwrap());
    }

    #[test]
    fn draws_without_replacement_differ() {
        let mut sample = sample_without_replacement(100, 100, 3).unwrap();
        assert_ne!(sample, (0..100).collect::<Vec<_>>());
        sample.sort_unstable();
        assert_eq!(sample, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn every_row_is_equally_likely() {
        let mut counts = [0_u32; 6];
        for seed in 0..6_000 {
            for i in sample_without_replacement(6, 2, seed).unwrap() {
                counts[i] += 1;
            }
        }
        // 2,000 expected; five standard errors.
        let five_errors = 5.0 * (6_000.0_f64 * (1.0 / 3.0) * (2.0 / 3.0)).sqrt();
        assert!(counts.iter().all(|&count| (f64::from(count) - 2_000.0).abs() < five_errors), "{counts:?}");
    }

    #[test]
    fn shares_follow_the_largest_remainder() {
        assert_eq!(shares(&[50, 30, 20], 10), [5, 3, 2]);
        assert_eq!(shares(&[50, 30, 20], 7), [4, 2, 1]);
        assert_eq!(shares(&[1, 1, 1], 2), [1, 1, 0]);
        // The rare class keeps one row, at the cost of the most frequent.
        assert_eq!(shares(&[997, 2, 1], 10), [8, 1, 1]);
        assert_eq!(shares(&[997, 2, 1], 2), [2, 0, 0]);
        assert_eq!(shares(&[3, 2, 1], 6), [3, 2, 1]);
    }

    #[test]
    fn a_stratified_sample_keeps_the_proportions() {
        // Labels need not be consecutive.
        let labels: Vec<u32> = (0..1_000).map(|i| if i % 10 == 0 { 7 } else { 2 }).collect();
        let sample = sample_stratified(&labels, 100, 5).unwrap();
        assert_eq!(sample.iter().filter(|&&i| labels[i] == 7).count(), 10);
        assert!(sample.windows(2).all(|pair| pair[0] < pair[1]));
        assert_ne!(sample, sample_stratified(&labels, 100, 6).unwrap());
    }

    #[test]
    fn impossible_sizes_are_named() {
        assert!(sample_with_replacement(0, 1, 0).is_err());
        assert!(sample_with_replacement(5, 0, 0).is_err());
        let message = sample_without_replacement(5, 6, 0).unwrap_err().to_string();
        assert!(
            message.starts_with("sample size is 6; it must be at most the number of rows, 5"),
            "{message}"
        );
        assert!(sample_stratified(&[0, 1], 3, 0).is_err());
    }
}
