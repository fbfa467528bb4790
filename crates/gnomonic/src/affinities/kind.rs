//! How P is made of the neighbors' distances: what may be asked for.

use crate::error::{ErrorKind, Result, legible, refuse};
use std::fmt;
use std::str::FromStr;

/// How a sample's attention follows from the distances d of its neighbors.
///
/// As text, which [`Display`](fmt::Display) writes and [`FromStr`] reads: `perplexity:30`, `multiscale:30,300`, `mixture:30,300`,
/// `uniform:15`, `fixed:2.5` or `fixed:2.5,60`.
///
/// ```
/// use gnomonic::Affinity;
///
/// let affinity: Affinity = "multiscale:30,300".parse()?;
/// assert_eq!(affinity, Affinity::Multiscale(vec![30.0, 300.0]));
/// # Ok::<(), gnomonic::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Affinity {
    /// p_{j|i} ∝ exp(−β_i d²) over ⌊3 · perplexity⌋ neighbors, β_i such that the entropy is ln(perplexity) (van der Maaten & Hinton 2008,
    /// JMLR 9:2579). The default, with 30.
    Perplexity(f64),
    /// The mean of the p_{j|i} of several perplexities, over the neighbors of the largest: small ones keep neighborhoods, large ones
    /// bring similar clusters together (Kobak & Berens 2019, doi:10.1038/s41467-019-13056-x; openTSNE's `Multiscale`).
    Multiscale(Vec<f64>),
    /// One distribution whose kernel is the sum of a normal density for each perplexity, Σ √β exp(−β d²), normalized after the sum: nearer
    /// to the smallest perplexity than [`Multiscale`](Self::Multiscale) (openTSNE's `MultiscaleMixture`).
    Mixture(Vec<f64>),
    /// 1 / k for each of k neighbors, whatever their distances. About half as many neighbors as a perplexity asks for have a like effect:
    /// 15 for a perplexity of 30 (Böhm, Berens & Kobak 2022, JMLR 23:95), at a sixth of the entries of P.
    Uniform {
        /// Neighbors of each sample.
        k: usize,
    },
    /// p_{j|i} ∝ exp(−d² / 2σ²) with one bandwidth for all samples, which so keep the differences of density that a perplexity
    /// evens out. Outliers attend to their nearest neighbors alone.
    Fixed {
        /// σ, in the unit of the distances.
        bandwidth: f64,
        /// Neighbors of each sample: what lies beyond them is left out.
        k: usize,
    },
}

/// The most perplexities that one P is made of.
pub(super) const MOST_PERPLEXITIES: usize = 16;

/// The neighbors of a fixed bandwidth unless others are asked for: as many as the default perplexity has.
const USUAL_NEIGHBORS: usize = 90;

impl Default for Affinity {
    fn default() -> Self {
        // As scikit-learn and openTSNE.
        Self::Perplexity(30.0)
    }
}

impl From<f64> for Affinity {
    fn from(perplexity: f64) -> Self {
        Self::Perplexity(perplexity)
    }
}

impl Affinity {
    /// The perplexity; of several, the largest. None where P follows from none.
    #[must_use]
    pub fn perplexity(&self) -> Option<f64> {
        match self {
            Self::Perplexity(perplexity) => Some(*perplexity),
            Self::Multiscale(all) | Self::Mixture(all) => all.iter().copied().reduce(f64::max),
            Self::Uniform { .. } | Self::Fixed { .. } => None,
        }
    }

    /// The neighbors of each of `n_samples` samples that it needs.
    #[must_use]
    pub fn n_neighbors(&self, n_samples: usize) -> usize {
        let most = n_samples.saturating_sub(1);
        match self {
            Self::Uniform { k } | Self::Fixed { k, .. } => (*k).clamp(1, most.max(1)).min(most),
            Self::Perplexity(_) | Self::Multiscale(_) | Self::Mixture(_) => {
                super::n_neighbors(self.perplexity().unwrap_or_default(), n_samples)
            }
        }
    }

    /// Checks its numbers against `n_samples` samples.
    ///
    /// # Errors
    /// Names the number and its bound.
    pub fn validate(&self, n_samples: usize) -> Result<()> {
        match self {
            Self::Perplexity(perplexity) => super::check_perplexity(*perplexity, n_samples),
            Self::Multiscale(all) | Self::Mixture(all) => {
                if !(1..=MOST_PERPLEXITIES).contains(&all.len()) {
                    let bound = format!("must be from 1 to {MOST_PERPLEXITIES}");
                    return refuse("the number of perplexities", all.len().to_string(), &bound);
                }
                all.iter().try_for_each(|&perplexity| super::check_perplexity(perplexity, n_samples))
            }
            Self::Uniform { k } => check_k(*k, n_samples),
            Self::Fixed { bandwidth, k } => {
                if !(*bandwidth > 0.0 && bandwidth.is_finite()) {
                    let bound = "must be positive and finite; it has the unit of the distances";
                    return refuse("bandwidth", legible(*bandwidth), bound);
                }
                check_k(*k, n_samples)
            }
        }
    }
}

fn check_k(k: usize, n_samples: usize) -> Result<()> {
    if (1..n_samples).contains(&k) {
        return Ok(());
    }
    let bound = format!("must be at least 1 and below the number of rows, {n_samples}");
    refuse("the number of neighbors", k.to_string(), &bound)
}

impl fmt::Display for Affinity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |all: &[f64]| all.iter().map(|&number| legible(number)).collect::<Vec<_>>().join(",");
        match self {
            Self::Perplexity(perplexity) => write!(f, "perplexity:{}", legible(*perplexity)),
            Self::Multiscale(all) => write!(f, "multiscale:{}", list(all)),
            Self::Mixture(all) => write!(f, "mixture:{}", list(all)),
            Self::Uniform { k } => write!(f, "uniform:{k}"),
            Self::Fixed { bandwidth, k } => write!(f, "fixed:{},{k}", legible(*bandwidth)),
        }
    }
}

impl FromStr for Affinity {
    type Err = crate::error::Error;

    fn from_str(text: &str) -> Result<Self> {
        let unknown = || {
            let bound = "must be perplexity:P, multiscale:P,P,…, mixture:P,P,…, uniform:K, fixed:SIGMA or fixed:SIGMA,K";
            ErrorKind::Parameter { name: "affinity", value: text.to_owned(), bound: bound.to_owned() }
        };
        let (kind, numbers) = text.split_once(':').ok_or_else(unknown)?;
        let numbers: Vec<&str> = numbers.split(',').map(str::trim).collect();
        let real = |text: &str| text.parse::<f64>().map_err(|_| unknown());
        let whole = |text: &str| text.parse::<usize>().map_err(|_| unknown());
        let reals = || numbers.iter().map(|text| real(text)).collect::<std::result::Result<Vec<_>, _>>();
        Ok(match (kind.trim(), &numbers[..]) {
            ("perplexity", [perplexity]) => Self::Perplexity(real(perplexity)?),
            ("multiscale", _) => Self::Multiscale(reals()?),
            ("mixture", _) => Self::Mixture(reals()?),
            ("uniform", [k]) => Self::Uniform { k: whole(k)? },
            ("fixed", [bandwidth]) => Self::Fixed { bandwidth: real(bandwidth)?, k: USUAL_NEIGHBORS },
            ("fixed", [bandwidth, k]) => Self::Fixed { bandwidth: real(bandwidth)?, k: whole(k)? },
            _ => return Err(unknown().into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_value_say_the_same() {
        for affinity in [
            Affinity::default(),
            Affinity::Multiscale(vec![5.0, 30.5]),
            Affinity::Mixture(vec![50.0]),
            Affinity::Uniform { k: 15 },
            Affinity::Fixed { bandwidth: 1e-9, k: 7 },
        ] {
            assert_eq!(affinity.to_string().parse(), Ok(affinity));
        }
        assert_eq!("fixed:2".parse(), Ok(Affinity::Fixed { bandwidth: 2.0, k: 90 }));
        for wrong in [
            "",
            "uniform",
            "uniform:",
            "uniform:1.5",
            "fixed:1,2,3",
            "perplexity:5,6",
            "multiscale:",
            "gauss:3",
        ] {
            let refused = wrong.parse::<Affinity>().unwrap_err().to_string();
            assert!(
                refused.starts_with(&format!("affinity is {wrong}; it must be perplexity:P")),
                "{refused}"
            );
        }
    }

    #[test]
    fn numbers_out_of_bounds_are_refused() {
        let refused = |affinity: Affinity| affinity.validate(50).unwrap_err().to_string();
        assert!(refused(Affinity::Multiscale(vec![])).contains("number of perplexities is 0"));
        assert!(refused(Affinity::Multiscale(vec![2.0; 17])).contains("must be from 1 to 16"));
        assert!(refused(Affinity::Mixture(vec![5.0, 50.0])).contains("perplexity 50 must be"));
        assert!(refused(Affinity::Uniform { k: 0 }).contains("number of neighbors is 0"));
        assert!(refused(Affinity::Uniform { k: 50 }).contains("below the number of rows, 50"));
        for bandwidth in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(refused(Affinity::Fixed { bandwidth, k: 5 }).contains("bandwidth is"));
        }
        for fine in ["perplexity:49", "multiscale:1,49", "mixture:3", "uniform:49", "fixed:1e-3,49"] {
            fine.parse::<Affinity>().unwrap().validate(50).unwrap();
        }
    }

    #[test]
    fn neighbors_are_those_of_the_largest_scale() {
        let k = |text: &str, n| text.parse::<Affinity>().unwrap().n_neighbors(n);
        assert_eq!(
            (k("perplexity:30", 1000), k("multiscale:5,40", 1000), k("uniform:15", 1000)),
            (90, 120, 15)
        );
        assert_eq!(
            (k("fixed:1", 50), k("uniform:70", 50), k("uniform:0", 50), k("uniform:5", 1)),
            (49, 49, 1, 0)
        );
    }
}
