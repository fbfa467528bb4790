//! What to change about work that does not fit into the memory allowed.

use super::{Limit, Need, Work};
use crate::input::named;
use crate::plan::{Preparation, Sample};
use crate::table::{bytes, grouped, two_digits};
use gnomonic::Affinity;

/// Fewer rows are no sample of data that does not fit into memory: not advised.
const LEAST_SAMPLE: usize = 1_000;
/// Below this a map shows little but pairs: not advised.
const LEAST_PERPLEXITY: usize = 5;
/// Principal components that wide data is usually brought down to.
const USUAL_COMPONENTS: usize = 50;

impl Work {
    /// That the work does not fit into `most` bytes, and what would.
    pub(super) fn refusal(&self, name: &str, peak: &Need, most: u64, limit: &Limit) -> String {
        let mut text = format!(
            "{}: {} rows of {} columns need about {} of memory ({}), and {}\n{}",
            named(name),
            grouped(self.n_samples()),
            grouped(self.n_features()),
            bytes(peak.bytes),
            peak.stage,
            limit.says(most),
            self.advice(most)
        );
        if limit.asked.is_none() {
            text += "\nthis is an estimate; --memory-limit none runs it all the same";
        }
        text
    }

    /// What to type so that the work fits into `most` bytes: one change, or one beside a single thread, or all of them.
    fn advice(&self, most: u64) -> String {
        let alone = Self { threads: 1, ..self.clone() };
        let least = self.least();
        let mut fitting = self.fitting(most);
        if fitting.is_empty() {
            fitting = alone.fitting(most);
        }
        if fitting.is_empty() && least.fits(most) {
            fitting.push(least.clone());
        }
        if !fitting.is_empty() {
            let options: Vec<String> = fitting.iter().map(|work| self.options_of(work)).collect();
            return format!("what would fit: {}", options.join(", or "));
        }
        match (self.options_of(&least), least.budget()) {
            (options, Ok(budget)) if !options.is_empty() => {
                let peak = budget.peak();
                let needed = bytes(peak.bytes);
                format!("nothing would fit: even {options} needs about {needed} ({})", peak.stage)
            }
            _ => "nothing would fit".to_owned(),
        }
    }

    fn fits(&self, most: u64) -> bool {
        self.budget().is_ok_and(|budget| budget.peak().bytes <= most)
    }

    /// What would fit with one thing changed.
    fn fitting(&self, most: u64) -> Vec<Self> {
        let mut fitting = Vec::new();
        // The result is the same, so this comes first.
        let on = |threads| Self { threads, ..self.clone() };
        fitting.extend(largest(1..self.threads, |threads| on(threads).fits(most)).map(on));
        let sampled = |size| self.sampled(two_digits(size));
        fitting.extend(largest(LEAST_SAMPLE..self.n_samples(), |size| sampled(size).fits(most)).map(sampled));
        // Of a map whose affinities follow from no perplexity alone, none can be lowered.
        let greatest = self.perplexities().iter().copied().fold(0.0, f64::max).ceil() as usize;
        let lowered = |perplexity| self.lowered(perplexity);
        fitting.extend(largest(LEAST_PERPLEXITY..greatest, |most_| lowered(most_).fits(most)).map(lowered));
        fitting.extend(self.projected().filter(|work| work.fits(most)));
        fitting
    }

    /// The least that would still be advised.
    fn least(&self) -> Self {
        let sampled = if self.n_samples() > LEAST_SAMPLE { self.sampled(LEAST_SAMPLE) } else { self.clone() };
        let lowered = Self { threads: 1, ..sampled.lowered(LEAST_PERPLEXITY) };
        let peak = |work: &Self| work.budget().map_or(u64::MAX, |budget| budget.peak().bytes);
        match lowered.projected() {
            Some(projected) if peak(&projected) < peak(&lowered) => projected,
            _ => lowered,
        }
    }

    fn sampled(&self, size: usize) -> Self {
        let sample = Some(Sample::WithoutReplacement(size));
        Self { preparation: Preparation { sample, ..self.preparation }, ..self.clone() }
    }

    /// With perplexities of at most `most`, each once.
    fn lowered(&self, most: usize) -> Self {
        let mut perplexities: Vec<f64> =
            self.perplexities().iter().map(|&perplexity| perplexity.min(most as f64)).collect();
        perplexities.dedup();
        Self { perplexities, ..self.clone() }
    }

    /// Those of the maps, if each is made at one.
    fn perplexities(&self) -> Vec<f64> {
        let affinities = self.affinities();
        let perplexities = affinities.iter().map(|affinity| match affinity {
            Affinity::Perplexity(perplexity) => Some(*perplexity),
            _ => None,
        });
        perplexities.collect::<Option<_>>().unwrap_or_default()
    }

    /// On the usual number of principal components, where there are more columns.
    fn projected(&self) -> Option<Self> {
        let pca = Some(USUAL_COMPONENTS);
        let projected = || Self { preparation: Preparation { pca, ..self.preparation }, ..self.clone() };
        (self.n_features() > USUAL_COMPONENTS).then(projected)
    }

    /// The options, as typed, that make this work the `other`.
    fn options_of(&self, other: &Self) -> String {
        let mut options = Vec::new();
        if other.threads != self.threads {
            options.push(format!("--threads {}", other.threads));
        }
        if other.n_samples() != self.n_samples() {
            options.push(format!("--sample {}", other.n_samples()));
        }
        if other.perplexities() != self.perplexities() {
            let perplexities: Vec<String> = other.perplexities().iter().map(ToString::to_string).collect();
            options.push(format!("--perplexity {}", perplexities.join(",")));
        }
        if let Some(n_components) =
            other.preparation.pca.filter(|_| other.preparation.pca != self.preparation.pca)
        {
            options.push(format!("--pca {n_components}"));
        }
        options.join(" ")
    }
}

/// The largest of `range` that `fits`, of which all below do too; `None` when not even the first does.
fn largest(range: std::ops::Range<usize>, fits: impl Fn(usize) -> bool) -> Option<usize> {
    let (mut low, mut high) = (range.start, range.end);
    if low >= high || !fits(low) {
        return None;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if fits(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use gnomonic::Tsne;
    use gnomonic_datasets::Shape;

    use super::*;

    fn work(n_samples: usize, n_features: usize, perplexities: &[f64]) -> Work {
        Work {
            shape: Shape { n_samples, n_features, is_mapped: false },
            preparation: Preparation::default(),
            tsne: Tsne::new(),
            perplexities: perplexities.to_vec(),
            threads: 8,
            is_sweep: perplexities.len() > 1,
        }
    }

    fn peak(work: &Work) -> u64 {
        work.budget().unwrap().peak().bytes
    }

    #[test]
    fn a_single_thread_is_advised_where_it_is_enough() {
        let work = work(2_000, 50, &[5.0, 10.0, 30.0, 100.0]);
        let alone = Work { threads: 1, ..work.clone() };
        assert!(peak(&alone) < peak(&work));
        assert!(work.advice(peak(&alone)).starts_with("what would fit: --threads 1, or "));
    }

    #[test]
    fn what_is_advised_is_typed_and_fits() {
        let work = work(5_000, 784, &[5.0, 10.0, 100.0]);
        let lowered = work.lowered(24);
        assert_eq!(lowered.perplexities, [5.0, 10.0, 24.0]);
        assert_eq!(work.options_of(&lowered), "--perplexity 5,10,24");
        assert_eq!(work.options_of(&work.lowered(5)), "--perplexity 5");
        assert_eq!(work.options_of(&work), "");
        for percent in [99, 90, 80, 70, 60, 50, 40] {
            let most = peak(&work) / 100 * percent;
            let alone = Work { threads: 1, ..work.clone() };
            let fitting = [work.fitting(most), alone.fitting(most)].concat();
            assert!(fitting.iter().all(|work| work.fits(most)), "{percent} %");
            let something = !fitting.is_empty() || work.least().fits(most);
            assert_eq!(work.advice(most).starts_with("what would fit: --"), something, "{percent} %");
        }
        let least = work.least();
        assert!(work.advice(peak(&least)).starts_with("what would fit: --"));
    }

    #[test]
    fn that_nothing_fits_is_said() {
        let few = work(1_797, 64, &[30.0]);
        let advice = few.advice(10_000_000);
        assert!(advice.starts_with("nothing would fit: even --threads 1 --sample 1000"), "{advice}");
        let least = Work { threads: 1, ..work(900, 10, &[5.0]) };
        assert_eq!(least.advice(10_000_000), "nothing would fit");
    }
}
