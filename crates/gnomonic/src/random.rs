//! Random numbers that depend on the seed, the purpose and the position alone: the same on every platform, whatever
//! the number of threads.

use std::f64::consts::TAU;

/// What random numbers are drawn for. Each purpose has a stream of its own, so that drawing more for one does not
/// change another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// The initial embedding.
    Initialization,
    /// Which rows are sampled.
    Sampling,
    /// The start of the iteration that finds principal axes.
    Pca,
    /// Data made for tests and benchmarks.
    Synthesis,
    /// The samples whose distances place all others.
    Landmarks,
}

/// A stream of random numbers: SplitMix64 (Steele, Lea & Flood 2014, doi:10.1145/2714064.2660195) from a start that
/// mixes seed and purpose.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
    spare_normal: Option<f64>,
}

/// SplitMix64's increment: 2⁶⁴ divided by the golden ratio, odd.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    /// The stream of `seed` for `purpose`.
    #[must_use]
    pub fn new(seed: u64, purpose: Purpose) -> Self {
        let stream = purpose as u64 + 1;
        Self { state: mix(seed ^ mix(stream.wrapping_mul(GOLDEN))), spare_normal: None }
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// A number in [0, 1), in steps of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A number in 0 .. `n`, each equally likely (Lemire 2019, doi:10.1145/3230636).
    ///
    /// # Panics
    /// When `n` is zero.
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "there is no number below zero");
        let n = n as u64;
        let threshold = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.next_u64()) * u128::from(n);
            if product as u64 >= threshold {
                return (product >> 64) as usize;
            }
        }
    }

    /// A number from the standard normal distribution (Box & Muller 1958, doi:10.1214/aoms/1177706645).
    pub fn normal(&mut self) -> f64 {
        if let Some(value) = self.spare_normal.take() {
            return value;
        }
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        let (sine, cosine) = (TAU * self.uniform()).sin_cos();
        self.spare_normal = Some(radius * sine);
        radius * cosine
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_is_the_published_generator() {
        // The first outputs of SplitMix64 from state 0, as in the reference implementation's test vectors.
        let mut random = Random { state: 0, spare_normal: None };
        let first: Vec<u64> = (0..3).map(|_| random.next_u64()).collect();
        assert_eq!(first, [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f]);
    }

    #[test]
    fn purposes_and_seeds_have_streams_of_their_own() {
        let first = |seed, purpose| Random::new(seed, purpose).next_u64();
        assert_ne!(first(1, Purpose::Sampling), first(2, Purpose::Sampling));
        assert_ne!(first(1, Purpose::Sampling), first(1, Purpose::Pca));
        assert_eq!(first(1, Purpose::Sampling), first(1, Purpose::Sampling));
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut random = Random::new(7, Purpose::Synthesis);
        let n = 200_000;
        let mut counts = [0_u32; 10];
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            counts[random.below(10)] += 1;
            let x = random.normal();
            sum += x;
            squares += x * x;
        }
        // Five standard errors of each estimate.
        assert!(counts.iter().all(|&c| (f64::from(c) - 20_000.0).abs() < 5.0 * (20_000.0_f64 * 0.9).sqrt()));
        assert!((sum / f64::from(n)).abs() < 5.0 / f64::from(n).sqrt());
        assert!((squares / f64::from(n) - 1.0).abs() < 5.0 * (2.0 / f64::from(n)).sqrt());
    }
}
