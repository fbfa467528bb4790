//! The notebook's first half: load, scale, print the shapes, sample.

use anyhow::Result;
use gnomonic::{Affinity, Tsne};
use gnomonic_datasets::Values;

use crate::args::{LessonArgs, Scale};
use crate::budget::Limit;
use crate::input::{self, Loaded, blame};
use crate::interrupt::Interrupt;
use crate::output;
use crate::plan::{self, Input, Perplexities, Preparation};
use crate::preparation::{self, Prepared, Scaler};
use crate::progress::Progress;
use crate::record::Record;

/// Points of the large map, at most, as the lecture draws them.
const MAP_SAMPLES: usize = 10_000;
/// Points of each map of the sweep, at most.
const SWEEP_SAMPLES: usize = 1_000;

/// The data, ready to be mapped.
pub(super) struct Data {
    pub(super) name: String,
    pub(super) n_samples: usize,
    pub(super) n_features: usize,
    /// The license of a data set with a name.
    pub(super) license: Option<String>,
    /// What the notebook prints.
    pub(super) printed: Vec<String>,
    /// The rows of the large map.
    pub(super) map: Prepared,
    pub(super) map_preparation: Preparation,
    pub(super) map_perplexity: f64,
    /// The rows that all maps of the sweep share.
    pub(super) sweep: Prepared,
    pub(super) sweep_preparation: Preparation,
    pub(super) sweep_perplexities: Vec<f64>,
    /// The seed that drew them: one of its own, or the second draw would repeat the first.
    pub(super) sweep_seed: u64,
    /// The record, so far.
    pub(super) record: Record,
}

impl Data {
    /// Loads, scales, prints the shapes and samples.
    pub(super) fn prepare(args: &LessonArgs, progress: &mut Progress, interrupt: &Interrupt) -> Result<Self> {
        let input = Input::new(&args.dataset, &args.labels, &args.table, &args.data_dir);
        let loaded = input::load(&input, &Limit::new(None), progress, interrupt)?;
        let (n_samples, n_features) = loaded.shape();
        let (map_perplexity, sweep_perplexities) = choose_perplexities(args, &loaded, progress)?;
        let mut record = Record::new("lesson");
        record.set_input(&loaded);

        progress.begin("scale");
        let scaler = Scaler::fit(&loaded.dataset.matrix, Scale::Minmax)
            .map_err(|error| blame(&loaded.name, &error))?;
        progress.end("each column to [0, 1]");
        let mut printed = shapes(&loaded.dataset.matrix, loaded.dataset.labels.is_some());
        print(args, &printed)?;

        let draw = |size, seed| {
            let sample = plan::lesson_sample(n_samples, size);
            let preparation = Preparation { scale: Scale::Minmax, sample, ..Preparation::default() };
            let drawn = preparation::sample(&loaded.dataset, sample, seed).and_then(|mut drawn| {
                drawn.matrix = scaler.transform(drawn.matrix)?;
                Ok((drawn, preparation))
            });
            drawn.map_err(|error| blame(&loaded.name, &error))
        };
        let (map, map_preparation) = draw(MAP_SAMPLES, args.seed)?;
        let sweep_seed = args.seed.wrapping_add(1);
        let (sweep, sweep_preparation) = draw(SWEEP_SAMPLES, sweep_seed)?;
        input::warn_of_change(&loaded.dataset.matrix, progress);
        let sampled = shapes(&map.matrix, map.labels.is_some());
        print(args, &sampled)?;
        printed.extend(sampled);
        Ok(Self {
            name: loaded.name,
            n_samples,
            n_features,
            license: loaded.license,
            printed,
            map,
            map_preparation,
            map_perplexity,
            sweep,
            sweep_preparation,
            sweep_perplexities,
            sweep_seed,
            record,
        })
    }
}

/// The perplexities that the data allows: for the large map, and for the sweep.
fn choose_perplexities(
    args: &LessonArgs,
    loaded: &Loaded,
    progress: &mut Progress,
) -> Result<(f64, Vec<f64>)> {
    let n_samples = loaded.shape().0;
    let tsne = Tsne::new().threads(args.threads);
    let usual = Affinity::default().perplexity().unwrap_or_default();
    let perplexity = plan::fitting_perplexity(usual, n_samples);
    loaded.check(&tsne.clone().perplexity(perplexity), n_samples, Scale::Minmax)?;
    if perplexity < usual {
        progress.warn(&format!(
            "{}: {n_samples} rows are too few for perplexity {usual}; the map is made at {perplexity}",
            loaded.name
        ));
    }
    let n_samples = n_samples.min(SWEEP_SAMPLES);
    let fitting =
        loaded.choose_perplexities(&Perplexities::Usual, &tsne, n_samples, Scale::Minmax, progress)?;
    Ok((perplexity, fitting))
}

/// The shapes of the data and of its labels, as NumPy writes them.
fn shapes(matrix: &Values, labeled: bool) -> Vec<String> {
    let (n, d) = (matrix.n_samples(), matrix.n_features());
    let labels = labeled.then(|| format!("({n},)"));
    std::iter::once(format!("({n}, {d})")).chain(labels).collect()
}

/// Prints what the notebook prints, unless the record is to stand there or nothing is to be said.
fn print(args: &LessonArgs, lines: &[String]) -> Result<()> {
    if args.json || args.general.quiet {
        return Ok(());
    }
    // The results are the files: whether anyone reads this does not matter to them.
    if !output::is_stdout_closed() {
        output::write_stdout(format!("{}\n", lines.join("\n")).as_bytes())?;
    }
    Ok(())
}
