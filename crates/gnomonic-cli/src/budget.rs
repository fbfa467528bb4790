//! What a command will need, before it begins: memory stage by stage, time, and whether it fits.
//!
//! The library estimates a map; here is what the command does around it: it reads, prepares, makes several maps, and
//! writes. Bytes count what the process holds at a time, with the part of a mapped file that it works on.

mod advice;
mod others;

use std::num::NonZero;
use std::thread;

use anyhow::Result;
use gnomonic::observer::Stage;
use gnomonic::{Affinity, Estimate, NeighborMethod, Tsne};
use gnomonic_datasets::Shape;

use crate::args::Scale;
use crate::failure::Usage;
use crate::input::{blame, named};
use crate::measures;
use crate::memory::{Machine, MemoryLimit};
use crate::plan::{self, Preparation};
use crate::progress::Progress;
use crate::table::bytes;
use crate::watch::AllPairs;
pub(crate) use others::{Comparing, Drawing, Placing, Scoring, refuse_beyond};

/// What is to be done, as far as its costs depend on it.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    /// The data as it stands in the file.
    pub(crate) shape: Shape,
    pub(crate) preparation: Preparation,
    pub(crate) tsne: Tsne,
    /// Those of a sweep; none for the one map that `tsne` makes.
    pub(crate) perplexities: Vec<f64>,
    pub(crate) threads: usize,
    /// Whether the maps are measured.
    pub(crate) is_sweep: bool,
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
/// What a run has of the command's own code and of its readers, beyond the library's.
const COMMAND: u64 = 3_000_000;
/// Of a mapped file, what a pass over it holds.
const BLOCK: f64 = 16e6;
/// What a search that was given up leaves behind.
const TRIED: f64 = 9e6;
/// An index and a squared distance.
const NEIGHBOR: f64 = 8.0;
/// A point of a finished map as text, and its share of a picture.
const WRITTEN_POINT: f64 = 80.0;
/// A picture, with its font.
const PICTURE: f64 = 14e6;
/// What measuring takes whatever the map, and a point of it: its nearest in the map, and its place in a tree. The data is
/// centered in a copy, of which each thread compares some rows at a time.
const MEASURING: f64 = 8e6;
const MEASURED_POINT: f64 = 200.0;
const NEAREST: f64 = 120.0;
const ROWS_AT_A_TIME: f64 = 256.0 + 512.0;

/// Seconds of processor time, as the library's: a pair of points, and each column of a pair of rows, in the measures that look at
/// all pairs; a row in the others.
const MEASURED_PAIR: f64 = 5e-9;
const MEASURED_VALUE: f64 = 1.2e-11;
const MEASURED_ROW: f64 = 1e-6;
/// Columns up to which principal components come from a covariance, each entry of which takes this for a row; and its
/// eigenvectors.
const WIDEST_COVARIANCE: f64 = 2_048.0;
const COVARIANCE_PAIR: f64 = 2.6e-11;
const EIGENVECTOR_VALUE: f64 = 6e-10;
/// Beyond, passes over the data, with a value to be centered and multiplied with each vector, twice.
const SKETCHES: f64 = 12.0;
const SKETCHED_VALUE: f64 = 2e-9;
const PRODUCT: f64 = 4.4e-11;

impl Work {
    /// Rows that are mapped.
    fn n_samples(&self) -> usize {
        self.preparation.n_samples(self.shape.n_samples)
    }

    /// Columns that neighbors are searched in.
    fn n_features(&self) -> usize {
        self.preparation.pca.map_or(self.preparation.n_features(self.shape.n_features), |n_components| {
            n_components.min(self.preparation.n_features(self.shape.n_features))
        })
    }

    /// How P is made for each map.
    pub(crate) fn affinities(&self) -> Vec<Affinity> {
        match &self.perplexities[..] {
            [] => vec![self.tsne.parameters().affinity.clone()],
            perplexities => perplexities.iter().map(|&perplexity| Affinity::Perplexity(perplexity)).collect(),
        }
    }

    /// What it needs.
    ///
    /// # Errors
    /// When the data does not allow a parameter.
    pub(crate) fn budget(&self) -> gnomonic::Result<Budget> {
        let affinities = self.affinities();
        let estimate = |affinity: &Affinity, threads| {
            let tsne = self.tsne.clone().affinity(affinity.clone()).threads(Some(threads));
            tsne.estimate(self.n_samples(), self.n_features())
        };
        let n_maps = affinities.len();
        // Of maps that are made side by side, each has one thread.
        let at_a_time = match plan::side_by_side(self.n_samples(), n_maps, self.threads) {
            true => self.threads.min(n_maps),
            false => 1,
        };
        let threads = if at_a_time > 1 { 1 } else { self.threads };
        let maps = affinities.iter().map(|affinity| estimate(affinity, threads));
        let maps = maps.collect::<gnomonic::Result<Vec<Estimate>>>()?;
        let widest = affinities.iter().max_by_key(|affinity| affinity.n_neighbors(self.n_samples()));
        let estimate = estimate(widest.unwrap_or(&self.tsne.parameters().affinity), self.threads)?;
        let mut needs = vec![need("read", self.reading())];
        if self.preparation != Preparation::default() {
            needs.push(Need {
                processor_seconds: self.preparing_seconds(),
                ..need("prepare", self.preparing())
            });
        }
        let tried = self.tried_before();
        needs.extend(mapping(&estimate, &maps, at_a_time).into_iter().map(|mut need| {
            need.bytes = need.bytes.saturating_add(tried).saturating_add(COMMAND);
            need
        }));
        let (n, data) = (self.n_samples() as f64, estimate.data_bytes as f64);
        // Of the threads of maps side by side, the allocator gives nothing back.
        let mut held = match needs.last() {
            Some(last) if at_a_time > 1 => last.bytes as f64,
            _ => PROCESS + data,
        };
        if self.is_sweep {
            let seconds = n_maps as f64 * measuring_seconds(self.n_samples(), self.n_features());
            let rows = (self.threads as f64 * ROWS_AT_A_TIME).min(n);
            // The nearest in each map, which are measured together where all pairs are looked at.
            let together = if self.n_samples() <= measures::ALL_PAIRS_UP_TO { n_maps as f64 } else { 1.0 };
            held += NEAREST * n * together;
            held += MEASURING + data + 4.0 * rows * self.n_features() as f64 + MEASURED_POINT * n;
            needs.push(Need { processor_seconds: Some(seconds), ..need("measure", held) });
        }
        needs.push(need("write", held + PICTURE + WRITTEN_POINT * n * n_maps as f64));
        Ok(Budget { estimate, needs })
    }

    /// What is left of a search that was tried before all pairs are compared: where these are not what the shape suggests, another search
    /// may have found that it does not suit the data, and the allocator keeps some of its memory.
    fn tried_before(&self) -> u64 {
        let suggested = NeighborMethod::Auto.resolve(self.n_samples(), self.n_features());
        let all_pairs = self.tsne.parameters().neighbor_method == NeighborMethod::Exact;
        if all_pairs && suggested != NeighborMethod::Exact { TRIED as u64 } else { 0 }
    }

    /// The bytes of the data as it stands in the file, as `f32`.
    fn file_bytes(&self) -> f64 {
        4.0 * self.shape.n_samples as f64 * self.shape.n_features as f64
    }

    fn reading(&self) -> f64 {
        PROCESS + if self.shape.is_mapped { BLOCK } else { self.file_bytes() }
    }

    fn preparing(&self) -> f64 {
        let Preparation { scale, sample, pca, .. } = self.preparation;
        let wide = self.preparation.n_features(self.shape.n_features) as f64;
        let n = self.n_samples() as f64;
        let rows = 4.0 * n * wide;
        let scaled = scale != Scale::None;
        // A mapped file is passed over in blocks, but to learn a scale it is looked at as a whole.
        let (learning, source) = match (self.shape.is_mapped, scaled) {
            (true, true) => (self.file_bytes(), BLOCK),
            (true, false) => (0.0, BLOCK),
            (false, _) => (self.file_bytes(), self.file_bytes()),
        };
        // Values that are changed are changed in place, but for those of a mapped file; chosen columns are a copy.
        let changed = match (self.shape.is_mapped, self.preparation.changes_values()) {
            (true, true) => self.file_bytes(),
            _ => 0.0,
        };
        let chosen = match self.preparation.top_variance {
            Some(_) => self.file_bytes() + 4.0 * self.shape.n_samples as f64 * wide,
            None => 0.0,
        };
        let (learning, source) = match changed > 0.0 || chosen > 0.0 {
            true => (learning.max(self.file_bytes()), source.max(self.file_bytes())),
            false => (learning, source),
        };
        let learning = learning.max(changed).max(chosen);
        let copied = sample.is_some() || (scaled && self.shape.is_mapped);
        let copying = if copied { source + rows } else { source };
        let projecting = match pca {
            Some(n_components) => rows + 4.0 * n * n_components as f64 + 20.0 * wide.min(2_048.0).powi(2),
            None => 0.0,
        };
        PROCESS + learning.max(copying).max(projecting)
    }

    /// Seconds for the principal components: scaling and drawing rows take about as long as reading them.
    fn preparing_seconds(&self) -> Option<f64> {
        let n_components = self.preparation.pca? as f64;
        let (n, d) = (self.n_samples() as f64, self.shape.n_features as f64);
        let axes = if d <= WIDEST_COVARIANCE {
            d * d * (n * COVARIANCE_PAIR + d * EIGENVECTOR_VALUE)
        } else {
            SKETCHES * n * d * (SKETCHED_VALUE + (1.25 * n_components + 10.0) * 2.0 * PRODUCT)
        };
        Some(axes + n * d * n_components * PRODUCT)
    }

    /// Refuses work that needs more than the limit, saying what would fit; warns of what needs more than is free now.
    ///
    /// # Errors
    /// What is needed where, the limit and what would fit.
    pub(crate) fn check(&self, name: &str, limit: &Limit, progress: &mut Progress) -> Result<()> {
        let budget = self.budget().map_err(|error| blame(name, &error))?;
        self.refuse_beyond(name, &budget, limit)?;
        let peak = budget.peak();
        if let Some(total) = limit.machine_exceeded_by(peak.bytes) {
            progress.warn(&format!(
                "{}: about {} of memory will be needed, and this machine has {} in all; the system may end the run",
                named(name),
                bytes(peak.bytes),
                bytes(total)
            ));
        } else if let Some(available) = limit.machine.available.filter(|&available| peak.bytes > available)
            && limit.asked.is_none()
        {
            progress.warn(&format!(
                "{}: about {} of memory will be needed, and {} are free; the system may become slow",
                named(name),
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
}

/// The library's stages, from the neighbors to the finished maps: the neighbors of all maps once, as many maps at a time.
fn mapping(search: &Estimate, maps: &[Estimate], at_a_time: usize) -> Vec<Need> {
    let is_sweep = maps.len() > 1;
    let (n, k) = (search.n_samples as f64, search.n_neighbors as f64);
    // A sweep keeps the neighbors for all its maps.
    let kept = if is_sweep { (NEIGHBOR * n * k) as u64 } else { 0 };
    let needs = search.stages.iter().map(|stage| {
        let once = stage.stage == Stage::Neighbors || (is_sweep && stage.stage == Stage::Initialization);
        if once {
            return Need {
                stage: stage.stage.to_string(),
                bytes: search.data_bytes.saturating_add(stage.bytes),
                processor_seconds: Some(stage.processor_seconds),
            };
        }
        let of_maps = || {
            let same = |map: &Estimate| map.stages.iter().find(|other| other.stage == stage.stage).copied();
            maps.iter().filter_map(move |map| Some((map.shared_bytes, same(map)?)))
        };
        let mut own: Vec<u64> = of_maps().map(|(shared, stage)| stage.bytes.saturating_sub(shared)).collect();
        own.sort_unstable_by(|a, b| b.cmp(a));
        let held = search.data_bytes.saturating_add(search.shared_bytes).saturating_add(kept);
        Need {
            stage: stage.stage.to_string(),
            bytes: own.into_iter().take(at_a_time).fold(held, u64::saturating_add),
            processor_seconds: Some(of_maps().map(|(_, stage)| stage.processor_seconds).sum()),
        }
    });
    needs.collect()
}

/// Seconds of processor time to measure one map of a sweep.
fn measuring_seconds(n_samples: usize, n_features: usize) -> f64 {
    let (n, d) = (n_samples as f64, n_features as f64);
    let all_pairs = n_samples <= measures::ALL_PAIRS_UP_TO;
    MEASURED_ROW * n + if all_pairs { n * n * (MEASURED_PAIR + MEASURED_VALUE * d) } else { 0.0 }
}

fn need(stage: &str, size: f64) -> Need {
    Need { stage: stage.to_owned(), bytes: size as u64, processor_seconds: None }
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
    /// No limit at all.
    pub(crate) const NONE: Self =
        Self { asked: Some(MemoryLimit::None), machine: Machine { total: None, available: None } };

    /// What reading may hold of it, beside the process and `held` bytes of other data. A little always: of what is small, more
    /// can be said once it is read.
    pub(crate) fn for_reading(&self, held: u64) -> Option<u64> {
        const LITTLE: u64 = 16_000_000;
        self.bytes().map(|most| most.saturating_sub(PROCESS as u64).saturating_sub(held).max(LITTLE))
    }

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

    /// The memory of this machine, when as many bytes are more and a limit asked for allows them.
    pub(crate) fn machine_exceeded_by(&self, needed: u64) -> Option<u64> {
        let exceeded = self.machine.total.filter(|&total| needed > total);
        exceeded.filter(|_| self.bytes().is_none_or(|most| needed <= most))
    }

    /// The limit in words.
    pub(crate) fn says(&self, most: u64) -> String {
        match self.asked {
            Some(_) => format!("the limit is {} (--memory-limit)", bytes(most)),
            None => format!("this machine has {}", bytes(most)),
        }
    }
}

/// Cores that this process may use.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}
