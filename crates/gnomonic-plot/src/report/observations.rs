//! The lecture's five observations, each set against what was measured.
//!
//! An observation says how something changes as perplexity rises. It holds when the rank correlation with perplexity,
//! over the range that it speaks of, has the sign claimed and a magnitude of at least [`THRESHOLD`]. "Distance" may be
//! meant in map units or relative to the map's size, and then each reading has a verdict of its own.

use gnomonic::quality::rank_correlation;

use super::SweepRow;
use super::claims::{Basis, Claim, PerplexityRange, Trend};
use super::measure::Measure;

/// The least magnitude of the rank correlation for a trend to count.
pub const THRESHOLD: f64 = 0.8;

/// The fewest maps in a range that can show a trend: two points always lie on a rising or a falling line.
pub const FEWEST_MAPS: usize = 3;

/// What the measurements say of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The trend is there, in the direction claimed.
    Holds,
    /// It is not.
    DoesNotHold,
    /// Nothing was measured that could say.
    Undecidable(Undecidable),
}

/// Why a claim can't be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecidable {
    /// The measure was not taken: it needs labels, or at least two of them.
    NotMeasured,
    /// Fewer than [`FEWEST_MAPS`] maps lie in the range.
    TooFewMaps,
}

/// One series set against one claim.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// What was measured.
    pub measure: Measure,
    /// The direction claimed.
    pub trend: Trend,
    /// Perplexity and value of the maps in the range, in the order of the sweep.
    pub series: Vec<(f64, f64)>,
    /// Spearman's rank correlation of value and perplexity; `None` for a constant or too short series.
    pub correlation: Option<f64>,
    /// Whether this series bears the claim out.
    pub verdict: Verdict,
}

/// A claim taken in one way, and what decides it.
#[derive(Clone, Debug)]
pub struct Reading {
    /// How the words are taken.
    pub basis: Basis,
    /// The series that decide; all must bear the claim out.
    pub evidence: Vec<Evidence>,
    /// The verdict in this reading.
    pub verdict: Verdict,
}

/// One observation of the lecture with its verdicts.
#[derive(Clone, Debug)]
pub struct Observation {
    /// Which.
    pub claim: Claim,
    /// The ways to take it, the one closest to the lecture's words first.
    pub readings: Vec<Reading>,
}

impl Observation {
    /// The verdict of the reading closest to the lecture's words: the first.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.readings[0].verdict
    }

    /// How the readings that could be judged compare.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let count = |verdict| self.readings.iter().filter(|r| r.verdict == verdict).count();
        match (count(Verdict::Holds), count(Verdict::DoesNotHold)) {
            (0, 0) => Outcome::Undecidable,
            (_, 0) => Outcome::Holds,
            (0, _) => Outcome::DoesNotHold,
            _ => Outcome::ReadingsDisagree,
        }
    }
}

/// How the readings of an observation compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds in every reading that could be judged.
    Holds,
    /// It holds in none.
    DoesNotHold,
    /// It holds in one reading and not in another.
    ReadingsDisagree,
    /// No reading could be judged.
    Undecidable,
}

/// Judges the five observations by a sweep, given by rising perplexity. Pure; costs microseconds.
#[must_use]
pub fn observations(sweep: &[SweepRow]) -> [Observation; 5] {
    Claim::ALL.map(|claim| Observation {
        claim,
        readings: claim
            .readings()
            .into_iter()
            .map(|(basis, series)| read(sweep, claim.range(), basis, series))
            .collect(),
    })
}

fn read(sweep: &[SweepRow], range: PerplexityRange, basis: Basis, series: Vec<(Measure, Trend)>) -> Reading {
    let evidence: Vec<_> =
        series.into_iter().map(|(measure, trend)| weigh(sweep, range, measure, trend)).collect();
    let verdict = evidence
        .iter()
        .map(|evidence| evidence.verdict)
        .max_by_key(|verdict| match verdict {
            // One series against the claim refutes the whole, whatever the others say.
            Verdict::DoesNotHold => 2,
            Verdict::Undecidable(_) => 1,
            Verdict::Holds => 0,
        })
        .unwrap_or(Verdict::Undecidable(Undecidable::NotMeasured));
    Reading { basis, evidence, verdict }
}

fn weigh(sweep: &[SweepRow], range: PerplexityRange, measure: Measure, trend: Trend) -> Evidence {
    let series: Vec<(f64, f64)> = sweep
        .iter()
        .filter(|row| range.contains(row.perplexity))
        .filter_map(|row| Some((row.perplexity, measure.of(row)?)))
        .collect();
    let (perplexities, values): (Vec<f64>, Vec<f64>) = series.iter().copied().unzip();
    let enough = series.len() >= FEWEST_MAPS;
    let correlation = enough.then(|| rank_correlation(&perplexities, &values)).flatten();
    let verdict = if sweep.iter().all(|row| measure.of(row).is_none()) {
        Verdict::Undecidable(Undecidable::NotMeasured)
    } else if !enough {
        Verdict::Undecidable(Undecidable::TooFewMaps)
    } else if correlation.is_some_and(|rho| bears_out(rho, trend)) {
        Verdict::Holds
    } else {
        Verdict::DoesNotHold
    };
    Evidence { measure, trend, series, correlation, verdict }
}

/// Whether a rank correlation reaches the threshold in the direction claimed. Five ranks can give exactly 0.8, which
/// must not depend on how a sum was rounded.
fn bears_out(correlation: f64, trend: Trend) -> bool {
    const ROUNDING: f64 = 1e-9;
    let along = match trend {
        Trend::Rises => correlation,
        Trend::Falls => -correlation,
    };
    along >= THRESHOLD - ROUNDING
}

/// How many of all orders of `n_maps` values would bear a claim out, as a fraction: what chance alone achieves.
/// `None` below [`FEWEST_MAPS`], and above 9 maps, where chance is below 0.4 %.
#[must_use]
pub fn chance(n_maps: usize) -> Option<f64> {
    if !(FEWEST_MAPS..=9).contains(&n_maps) {
        return None;
    }
    // ρ = 1 − 6 Σd² / (n (n² − 1)) ≥ 0.8 bounds the sum of squared rank differences; 30 = 6 / (1 − 0.8).
    let largest_sum = n_maps * (n_maps * n_maps - 1) / 30;
    let orders: usize = (1..=n_maps).product();
    Some(count_orders(n_maps, 0, 0, largest_sum) as f64 / orders as f64)
}

/// Counts the ways to place the ranks from `rank` on into the free places (bits not in `taken`), with a sum of squared
/// differences of at most `left`.
fn count_orders(n: usize, rank: usize, taken: usize, left: usize) -> usize {
    if rank == n {
        return 1;
    }
    (0..n)
        .filter(|place| taken >> place & 1 == 0)
        .filter_map(|place| Some((place, left.checked_sub(place.abs_diff(rank).pow(2))?)))
        .map(|(place, left)| count_orders(n, rank + 1, taken | 1 << place, left))
        .sum()
}

#[cfg(test)]
mod tests;
