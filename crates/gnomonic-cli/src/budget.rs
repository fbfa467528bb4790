//! What a command will need, before it begins: memory stage by stage, time, and whether it fits.
//!
//! The library estimates a map; here is what the command does around it: it reads, prepares, makes several maps, and
//! writes. Bytes count what the process holds at a time, with the part of a mapped file that it works on.

use anyhow::Result;
use gnomonic::observer::Stage;
use gnomonic::{Estimate, NeighborMethod, Tsne};
use gnomonic_datasets::Shape;

use crate::args::Scale;
use crate::failure::Usage;
use crate::input::blame;
use crate::memory::{Machine, MemoryLimit};
use crate::plan::{self, Preparation, Sample};
use crate::progress::Progress;
use crate::table::{bytes, grouped, two_digits};
use crate::watch::AllPairs;

/// What is to be done, as far as its costs depend on it.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// The data as it stands in the file.
    pub(crate) shape: Shape,
    pub(crate) preparation: Preparation,
    pub(crate) tsne: Tsne,
    /// One, or those of a sweep.
    pub(crate) perplexities: Vec<f64>,
    pub(crate) threads: usize,
}

/// What one stage needs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Need {
    pub(crate) stage: String,
    /// The most bytes at a time, the data included.
    pub(crate) bytes: u64,
    /// Seconds of processor time, where they are worth telling.
    pub(crate) processor_seconds: Option<f64>,
}

/// What the work needs, stage by stage.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Budget {
    /// The library's, of the map with the largest perplexity.
    pub(crate) estimate: Estimate,
    pub(crate) needs: Vec<Need>,
}

/// The process before it holds any data.
const PROCESS: f64 = 18e6;
/// Of a mapped file, what a pass over it holds.
const BLOCK: f64 = 16e6;
/// An index and a squared distance.
const NEIGHBOR: f64 = 8.0;
/// A point of a finished map as text, and its share of a picture.
const WRITTEN_POINT: f64 = 80.0;

impl Work {
    /// Rows that are mapped.
    fn n_samples(&self) -> usize {
        self.preparation.n_samples(self.shape.n_samples)
    }

    /// Columns that neighbors are searched in.
    fn n_features(&self) -> usize {
        self.preparation
            .pca
            .map_or(self.shape.n_features, |n_components| n_components.min(self.shape.n_features))
    }

    /// What it needs.
    ///
    /// # Errors
    /// When the data does not allow a parameter.
    pub(crate) fn budget(&self) -> gnomonic::Result<Budget> {
        let estimates = self.perplexities.iter().map(|&perplexity| {
            let tsne = self.tsne.clone().perplexity(perplexity).threads(Some(self.threads));
            tsne.estimate(self.n_samples(), self.n_features())
        });
        let estimates = estimates.collect::<gnomonic::Result<Vec<Estimate>>>()?;
        let largest = estimates.iter().max_by_key(|estimate| estimate.n_neighbors).cloned();
        let estimate = match largest {
            Some(largest) => largest,
            None => self.tsne.estimate(self.n_samples(), self.n_features())?,
        };
        let mut needs = vec![need("read", self.reading())];
        if self.preparation != Preparation::default() {
            needs.push(need("prepare", self.preparing()));
        }
        needs.extend(self.mapping(&estimate, &estimates));
        let points = self.n_samples() as f64 * self.perplexities.len() as f64;
        needs.push(need("write", PROCESS + estimate.data_bytes as f64 + WRITTEN_POINT * points));
        Ok(Budget { estimate, needs })
    }

    /// The bytes of the data as it stands in the file, as `f32`.
    fn file_bytes(&self) -> f64 {
        4.0 * self.shape.n_samples as f64 * self.shape.n_features as f64
    }

    fn reading(&self) -> f64 {
        PROCESS + if self.shape.is_mapped { BLOCK } else { self.file_bytes() }
    }

    fn preparing(&self) -> f64 {
        let Preparation { scale, sample, pca } = self.preparation;
        let (n, wide) = (self.n_samples() as f64, self.shape.n_features as f64);
        let rows = 4.0 * n * wide;
        let scaled = scale != Scale::None;
        // A mapped file is passed over in blocks, but to learn a scale it is looked at as a whole.
        let (learning, source) = match (self.shape.is_mapped, scaled) {
            (true, true) => (self.file_bytes(), BLOCK),
            (true, false) => (0.0, BLOCK),
            (false, _) => (self.file_bytes(), self.file_bytes()),
        };
        let copied = sample.is_some() || (scaled && self.shape.is_mapped);
        let copying = if copied { source + rows } else { source };
        let projecting = match pca {
            Some(n_components) => rows + 4.0 * n * n_components as f64 + 20.0 * wide.min(2_048.0).powi(2),
            None => 0.0,
        };
        PROCESS + learning.max(copying).max(projecting)
    }

    /// The library's stages, from the neighbors to the finished maps.
    fn mapping(&self, largest: &Estimate, all: &[Estimate]) -> Vec<Need> {
        let is_sweep = all.len() > 1;
        let (n, k) = (largest.n_samples as f64, largest.n_neighbors as f64);
        // A sweep keeps the neighbors for all its maps, and makes small ones side by side.
        let kept = if is_sweep { NEIGHBOR * n * k } else { 0.0 };
        let at_a_time = match plan::side_by_side(largest.n_samples, all.len(), self.threads) {
            true => self.threads.min(all.len()) as f64,
            false => 1.0,
        };
        let needs = largest.stages.iter().map(|stage| {
            let once =
                matches!(stage.stage, Stage::Neighbors) || (is_sweep && stage.stage == Stage::Initialization);
            let times = if once { 1.0 } else { at_a_time };
            let seconds = |estimate: &Estimate| {
                let same = estimate.stages.iter().find(|other| other.stage == stage.stage);
                same.map_or(0.0, |same| same.processor_seconds)
            };
            let seconds = if once { stage.processor_seconds } else { all.iter().map(seconds).sum() };
            Need {
                stage: stage.stage.to_string(),
                bytes: (largest.data_bytes as f64 + kept + times * stage.bytes as f64) as u64,
                processor_seconds: Some(seconds),
            }
        });
        needs.collect()
    }

    /// Refuses work that needs more than the limit, saying what would fit; warns of what needs more than is free now.
    ///
    /// # Errors
    /// What is needed where, the limit and what would fit.
    pub(crate) fn check(&self, name: &str, limit: &Limit, progress: &mut Progress) -> Result<()> {
        let budget = self.budget().map_err(|error| blame(name, &error))?;
        self.refuse_beyond(name, &budget, limit)?;
        let peak = budget.peak();
        if let Some(available) = limit.machine.available.filter(|&available| peak.bytes > available)
            && limit.asked.is_none()
        {
            progress.warn(&format!(
                "{name}: about {} of memory will be needed, and {} are free; the system may become slow",
                bytes(peak.bytes),
                bytes(available)
            ));
        }
        Ok(())
    }

    /// Refuses the work when its `budget` is beyond the limit.
    ///
    /// # Errors
    /// What is needed where, the limit and what would fit.
    pub(crate) fn refuse_beyond(&self, name: &str, budget: &Budget, limit: &Limit) -> Result<()> {
        let peak = budget.peak();
        match limit.bytes() {
            Some(most) if peak.bytes > most => Err(Usage(self.refusal(name, peak, most, limit)).into()),
            _ => Ok(()),
        }
    }

    /// The same with all pairs of rows compared, which is what it comes to when the data does not suit the search for neighbors that
    /// its shape suggests; `None` when that is so from the start.
    pub(crate) fn with_all_pairs(&self) -> Option<Self> {
        let method = self.tsne.estimate(self.n_samples(), self.n_features()).ok()?.neighbor_method;
        let tsne = self.tsne.clone().neighbor_method(NeighborMethod::Exact);
        (method != NeighborMethod::Exact).then(|| Self { tsne, ..self.clone() })
    }

    /// Whether the limit allows that.
    pub(crate) fn all_pairs(&self, name: &str, limit: &Limit) -> AllPairs {
        let beyond = self.with_all_pairs().and_then(|work| {
            let budget = work.budget().ok()?;
            work.refuse_beyond(name, &budget, limit).err()
        });
        beyond.map_or(AllPairs::Allowed, |reason| AllPairs::Refused(reason.to_string()))
    }

    fn refusal(&self, name: &str, peak: &Need, most: u64, limit: &Limit) -> String {
        let mut text = format!(
            "{name}: {} rows of {} columns need about {} of memory ({}), and {}",
            grouped(self.n_samples()),
            grouped(self.n_features()),
            bytes(peak.bytes),
            peak.stage,
            limit.says(most)
        );
        let fitting = self.what_fits(most);
        if !fitting.is_empty() {
            text += &format!("\nwhat would fit: {}", fitting.join(", or "));
        }
        if limit.asked.is_none() {
            text += "\nthis is an estimate; --memory-limit none runs it all the same";
        }
        text
    }

    /// Options by which the work would need no more than `most` bytes, each by itself.
    fn what_fits(&self, most: u64) -> Vec<String> {
        let fits = |work: &Self| work.budget().is_ok_and(|budget| budget.peak().bytes <= most);
        let mut options = Vec::new();
        let sampled = |size| Self {
            preparation: Preparation { sample: Some(Sample::WithoutReplacement(size)), ..self.preparation },
            ..self.clone()
        };
        if let Some(size) = largest(LEAST_SAMPLE..self.n_samples(), |size| fits(&sampled(size))) {
            options.push(format!("--sample {}", two_digits(size)));
        }
        let greatest = self.perplexities.iter().copied().fold(0.0, f64::max);
        let lowered = |most: usize| Self {
            perplexities: self.perplexities.iter().map(|&perplexity| perplexity.min(most as f64)).collect(),
            ..self.clone()
        };
        if let Some(perplexity) =
            largest(LEAST_PERPLEXITY..greatest.ceil() as usize, |most| fits(&lowered(most)))
        {
            let one = self.perplexities.len() == 1;
            options.push(match one {
                true => format!("--perplexity {perplexity}"),
                false => format!("perplexities of at most {perplexity}"),
            });
        }
        let projected = |n_components| Self {
            preparation: Preparation { pca: Some(n_components), ..self.preparation },
            ..self.clone()
        };
        if self.n_features() > USUAL_COMPONENTS && fits(&projected(USUAL_COMPONENTS)) {
            options.push(format!("--pca {USUAL_COMPONENTS}"));
        }
        options
    }
}

/// Fewer rows are no sample of data that does not fit into memory: not advised.
const LEAST_SAMPLE: usize = 1_000;
/// Below this a map shows little but pairs: not advised.
const LEAST_PERPLEXITY: usize = 5;
/// Principal components that wide data is usually brought down to.
const USUAL_COMPONENTS: usize = 50;

fn need(stage: &str, size: f64) -> Need {
    Need { stage: stage.to_owned(), bytes: size as u64, processor_seconds: None }
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

impl Budget {
    /// The stage that needs most memory.
    pub(crate) fn peak(&self) -> &Need {
        let (first, others) = self.needs.split_first().unwrap_or_else(|| unreachable!("there are stages"));
        others.iter().fold(first, |most, need| if need.bytes > most.bytes { need } else { most })
    }

    /// Seconds of processor time of all stages.
    pub(crate) fn processor_seconds(&self) -> f64 {
        self.needs.iter().filter_map(|need| need.processor_seconds).sum()
    }
}

/// How much memory may be taken: what the user says, or else all that the machine has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub(crate) asked: Option<MemoryLimit>,
    pub(crate) machine: Machine,
}

impl Limit {
    /// With what this machine has.
    pub(crate) fn new(asked: Option<MemoryLimit>) -> Self {
        Self { asked, machine: Machine::look() }
    }

    /// The limit in bytes, if there is one.
    pub(crate) fn bytes(&self) -> Option<u64> {
        match self.asked {
            Some(MemoryLimit::Bytes(most)) => Some(most),
            Some(MemoryLimit::None) => None,
            None => self.machine.total,
        }
    }

    fn says(&self, most: u64) -> String {
        match self.asked {
            Some(_) => format!("the limit is {} (--memory-limit)", bytes(most)),
            None => format!("this machine has {}", bytes(most)),
        }
    }
}
