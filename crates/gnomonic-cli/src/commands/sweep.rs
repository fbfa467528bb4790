//! `gnomonic sweep`

use std::time::Instant;

use anyhow::Result;
use gnomonic::{ErrorKind, Fit, Stop};
use gnomonic_datasets::Shape;
use serde_json::{Value, json};

use crate::args::SweepArgs;
use crate::budget::Work;
use crate::dry_run::Telling;
use crate::failure::Interrupted;
use crate::foresight;
use crate::input::{self, blame};
use crate::interrupt::Interrupt;
use crate::map_files;
use crate::maps::Maps;
use crate::measures::{self, Measures};
use crate::output::{self, Inputs, OutputDirectory};
use crate::pictures;
use crate::plan::Sweep;
use crate::pool;
use crate::preparation::{self, Prepared};
use crate::progress::{Progress, seconds};
use crate::record::{self, Record};

/// What the directory holds in the end.
const FILES: [&str; 3] = ["perplexity.png", "sweep.csv", record::FILE_NAME];

/// Maps data at several perplexities.
pub(super) fn run(args: &SweepArgs, interrupt: &Interrupt) -> Result<()> {
    let began = Instant::now();
    let plan = Sweep::try_from(args)?;
    let inputs = Inputs::new(plan.input.files());
    let directory = OutputDirectory::plan(&args.output, "sweep", &FILES, args.general.force, &inputs)?;
    if plan.json {
        output::check_stdout()?;
    }
    let mut progress = Progress::new(args.general.quiet);
    let threads = pool::start(args.tsne.threads, &mut progress)?;

    let telling = Telling {
        command: "sweep",
        name: &plan.input.name,
        outputs: &FILES.map(|file| args.output.join(file).display().to_string()),
        json: plan.json,
    };
    let work = |shape: Shape| Work {
        shape,
        preparation: plan.preparation,
        tsne: plan.tsne.clone(),
        perplexities: plan.perplexities.choose(plan.preparation.n_samples(shape.n_samples)).0,
        threads,
        is_sweep: true,
    };
    let loaded = foresight::load(&plan.input, args.foresight, &telling, work, &mut progress, interrupt)?;
    let Some((loaded, mut all_pairs)) = loaded else { return Ok(()) };
    let n_samples = plan.preparation.n_samples(loaded.dataset.matrix.n_samples());
    let perplexities = loaded.choose_perplexities(
        &plan.perplexities,
        &plan.tsne,
        n_samples,
        plan.preparation.scale,
        &mut progress,
    )?;
    let mut record = Record::new("sweep");
    record.set_input(&loaded);
    record.set_preparation(&plan.preparation);
    let prepared =
        preparation::prepare(loaded, plan.preparation, plan.tsne.parameters().seed, &mut progress)?;

    let maps = Maps { x: prepared.matrix.view(), tsne: &plan.tsne, perplexities: &perplexities, threads };
    let fits = maps.make(&mut all_pairs, &mut progress, interrupt).map_err(|error| match error.kind() {
        ErrorKind::Cancelled => all_pairs.why_stopped(),
        _ => blame(&plan.input.name, &error),
    })?;
    if fits.len() < perplexities.len() {
        let partial = Partial { fits: &fits, prepared: &prepared, record, n_asked: perplexities.len() };
        return Err(partial.save(&directory, &progress)?.into());
    }
    progress.begin("measure");
    let measures =
        measures::measure_all(&prepared, &fits).map_err(|error| blame(&plan.input.name, &error))?;
    progress.end("");
    input::warn_of_change(&prepared.matrix, &mut progress);

    progress.begin("write");
    output::keep_or_write(|batch| {
        // The maps first: they are what took long.
        batch.add(&directory.file("sweep.csv"), &map_files::sweep_csv(&fits, &prepared)?)?;
        batch.add(&directory.file("perplexity.png"), &pictures::sweep(&fits, &prepared, &mut progress)?)?;
        progress.end("");
        complete_record(&mut record, &fits, sweep_fields(&fits, &measures), &progress);
        record.set_outputs(batch);
        batch.add(&directory.file(record::FILE_NAME), &record.to_bytes())
    })?;

    let total = seconds(began.elapsed());
    progress.note(&format!("  {:18}  {total:>8}", "total"));
    progress.note(&format!("\n{}", measures::table(&measures)));
    progress.note(&format!("Written to {}: {}", directory.path().display(), FILES.join(", ")));
    if plan.json {
        output::write_stdout(&record.to_bytes())?;
    }
    Ok(())
}

/// The finished maps of a sweep that was stopped.
struct Partial<'a> {
    fits: &'a [Fit],
    prepared: &'a Prepared,
    /// The record, so far.
    record: Record,
    n_asked: usize,
}

impl Partial<'_> {
    /// Writes them and their record beside the names asked for, and says so.
    fn save(self, directory: &OutputDirectory, progress: &Progress) -> Result<Interrupted> {
        let Self { fits, prepared, mut record, n_asked } = self;
        if fits.is_empty() {
            return Ok(Interrupted("before there was a map; nothing was written".into()));
        }
        let maps: Value = fits.iter().map(outcome).collect();
        complete_record(&mut record, fits, maps, progress);
        record.set("stop", Stop::Cancelled.to_string());
        let named = [directory.file("sweep.csv"), directory.file(record::FILE_NAME)];
        let partials = output::partials(&[&named[0], &named[1]]);
        let files = [map_files::sweep_csv(fits, prepared)?, record.to_bytes()];
        output::keep_or_write(|batch| {
            partials.iter().zip(&files).try_for_each(|(partial, bytes)| batch.add(partial, bytes))
        })?;
        let [maps, record] = [0, 1].map(|i| partials[i].path().display());
        Ok(Interrupted(format!(
            "after {} of {n_asked} maps, which are in {maps}; their record is {record}",
            fits.len()
        )))
    }
}

fn complete_record(record: &mut Record, fits: &[Fit], maps: Value, progress: &Progress) {
    if let Some(first) = fits.first() {
        record.set_common(&first.record);
    }
    record.set("sweep", maps);
    record.set_timings(progress.timings());
    record.set("warnings", progress.warnings());
}

/// The measures of each map, with what came of its run.
pub(super) fn sweep_fields(fits: &[Fit], measures: &[Measures]) -> Value {
    let map = |(fit, measures): (&Fit, &Measures)| {
        let mut fields = measures.to_fields();
        fields.extend(record::outcome(&fit.record).into_iter().filter(|(name, _)| name != "kl_divergence"));
        Value::Object(fields)
    };
    fits.iter().zip(measures).map(map).collect()
}

/// What came of a map's run, where nothing was measured on it.
fn outcome(fit: &Fit) -> Value {
    let mut fields = record::outcome(&fit.record);
    fields.shift_insert(0, "perplexity".to_owned(), json!(fit.record.perplexity));
    Value::Object(fields)
}
