//! `gnomonic embed`

mod start;

use std::mem;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use gnomonic::{Embedding, ErrorKind, Fit, Matrix, Model, Stop};
use gnomonic_datasets::{Source, model_to};

use crate::args::EmbedArgs;
use crate::budget::{Limit, Work};
use crate::dry_run::Telling;
use crate::failure::{self, Interrupted};
use crate::foresight;
use crate::input::{self, blame};
use crate::interrupt::Interrupt;
use crate::map_files;
use crate::output::{self, Destination, Inputs, Reader};
use crate::pictures;
use crate::plan::{Embed, MapFormat, MapOutput};
use crate::pool;
use crate::preparation::{self, Prepared};
use crate::progress::{Progress, seconds};
use crate::record::Record;
use crate::watch::{AllPairs, Watch};

/// What a map is called that was to go to standard output and could not.
const STDOUT_MAP: &str = "gnomonic-map.csv";

/// Maps data to the plane.
pub(super) fn run(args: &EmbedArgs, interrupt: &Interrupt) -> Result<()> {
    let began = Instant::now();
    let plan = Embed::try_from(args)?;
    let outputs = Outputs::plan(&plan, args.general.force)?;
    let mut progress = Progress::new(args.general.quiet);
    let threads = pool::start(args.tsne.threads, &mut progress)?;

    let telling =
        Telling { command: "embed", name: &plan.input.name, outputs: &outputs.names(), json: plan.json };
    let work = |shape| Work {
        shape,
        preparation: plan.preparation,
        tsne: plan.tsne.clone(),
        perplexities: Vec::new(),
        threads,
        is_sweep: false,
    };
    let loaded = foresight::load(&plan.input, args.foresight, &telling, work, &mut progress, interrupt)?;
    let Some((loaded, mut all_pairs)) = loaded else { return Ok(()) };
    let n_samples = plan.preparation.n_samples(loaded.dataset.matrix.n_samples());
    loaded.check(&plan.tsne, n_samples, plan.preparation.scale)?;
    let record = plan.wants_record().then(|| {
        let mut record = Record::new("embed");
        record.set_input(&loaded);
        record.set_preparation(&plan.preparation);
        record.set("start", plan.start.as_ref().map(|start| start.to_string_lossy().into_owned()));
        record
    });
    let mut prepared =
        preparation::prepare(loaded, plan.preparation, plan.tsne.parameters().seed, &mut progress)?;

    let start = match &plan.start {
        Some(file) => {
            let limit = Limit::new(args.foresight.memory_limit);
            Some(start::load(file, &prepared, plan.tsne.parameters().n_components, &limit, &mut progress)?)
        }
        None => None,
    };
    let fit = fit(&plan, &prepared, start, &mut all_pairs, &mut progress, interrupt)?;
    input::warn_of_change(&prepared.matrix, &mut progress);
    if fit.record.stop == Stop::Cancelled {
        return Err(save_partial(&plan, &outputs, record, &fit, &prepared, &progress)?.into());
    }
    write(&plan, &outputs, record, &fit, &mut prepared, &mut progress)?;
    let total = seconds(began.elapsed());
    progress.note(&format!("  {:18}  {total:>8}", "total"));
    Ok(())
}

/// Where the results go, checked.
struct Outputs {
    map: Option<(Destination, MapFormat)>,
    picture: Option<Destination>,
    record: Option<Destination>,
    model: Option<Destination>,
}

impl Outputs {
    fn plan(plan: &Embed, force: bool) -> Result<Self> {
        let mut files = plan.input.files();
        files.extend(plan.start.iter().map(|start| Source::parse(start).path().to_owned()));
        input::refuse_pipe_twice(&files)?;
        let inputs = Inputs::new(files);
        let destination = |path: &PathBuf| Destination::plan(path, force, &inputs);
        let outputs = Self {
            map: match &plan.map {
                MapOutput::StandardOutput => None,
                MapOutput::File(path, format) => Some((destination(path)?, *format)),
            },
            picture: plan.picture.as_ref().map(|picture| destination(&picture.path)).transpose()?,
            record: plan.record.as_ref().map(destination).transpose()?,
            model: plan.model.as_ref().map(destination).transpose()?,
        };
        output::check_distinct(&outputs.all())?;
        if outputs.map.is_none() || plan.json {
            output::check_stdout()?;
        }
        Ok(outputs)
    }

    /// What is written, for people.
    fn names(&self) -> Vec<String> {
        let stdout = self.map.is_none().then(|| "the map on standard output".to_owned());
        stdout.into_iter().chain(self.all().iter().map(|file| file.path().display().to_string())).collect()
    }

    fn all(&self) -> Vec<&Destination> {
        let map = self.map.as_ref().map(|(destination, _)| destination);
        [map, self.picture.as_ref(), self.record.as_ref(), self.model.as_ref()]
            .into_iter()
            .flatten()
            .collect()
    }
}

fn fit(
    plan: &Embed,
    prepared: &Prepared,
    start: Option<Embedding>,
    all_pairs: &mut AllPairs,
    progress: &mut Progress,
    interrupt: &Interrupt,
) -> Result<Fit> {
    let mut watch = Watch::new(progress, interrupt).over_memory(all_pairs).keeping_unfinished();
    // On the threads that there are, not on as many again.
    let tsne = plan.tsne.clone().threads(None);
    let fit = match start {
        Some(start) => tsne.fit_from(&prepared.matrix, start, &mut watch),
        None => tsne.fit_observed(&prepared.matrix, &mut watch),
    };
    let fit = fit.map_err(|error| match error.kind() {
        ErrorKind::Cancelled => all_pairs.why_stopped(),
        _ => blame(&plan.input.name, &error),
    })?;
    progress.end(&format!("KL {:.4}", fit.record.kl_divergence));
    Ok(fit)
}

/// Writes the map so far, and its record where one is wanted, beside the names asked for, or where the map would have gone, and
/// says so.
fn save_partial(
    plan: &Embed,
    outputs: &Outputs,
    record: Option<Record>,
    fit: &Fit,
    prepared: &Prepared,
    progress: &Progress,
) -> Result<Interrupted> {
    let record = record.map(|record| complete_record(record, fit, progress));
    let (mut destinations, mut files) = (Vec::new(), Vec::new());
    if let Some((destination, format)) = &outputs.map {
        destinations.push(destination);
        files.push(("the map so far", map_files::map(*format, &fit.embedding, prepared)?));
    }
    if let (Some(destination), Some(record)) = (&outputs.record, &record) {
        destinations.push(destination);
        files.push(("its record", record.clone()));
    }
    let mut said = vec![format!(
        "after iteration {} of {}",
        fit.record.iterations_done,
        fit.record.schedule.iterations()
    )];
    let partials = output::partials(&destinations);
    output::keep_or_write(|batch| {
        partials.iter().zip(&files).try_for_each(|(partial, (_, bytes))| batch.add(partial, bytes))
    })?;
    let kept = partials.iter().zip(&files);
    said.extend(kept.map(|(partial, (what, _))| format!("{what} is {}", partial.path().display())));
    // Ctrl-C reaches the reader of a pipe too; when it has gone, the map is not lost for that.
    if outputs.map.is_none() {
        let map = map_files::csv(&fit.embedding, prepared)?;
        let kept = || output::keep_from_stdout(STDOUT_MAP, &map);
        said.push(match output::write_stdout(&map) {
            Ok(Reader::Stayed) => "the map on standard output is partial".to_owned(),
            Ok(Reader::Left) => format!("nobody reads standard output, so {}", kept()),
            Err(error) => format!("{error:#}, so {}", kept()),
        });
    } else if let Some(record) = record.filter(|_| plan.json)
        && let Err(error) = output::write_stdout(&record)
    {
        said.push(format!("its record is lost: {error:#}"));
    }
    Ok(Interrupted(said.join("; ")))
}

/// The map with its rows, which are taken from what was prepared.
fn model_of(fit: &Fit, prepared: &mut Prepared) -> gnomonic::Result<Model> {
    let rows = mem::replace(&mut prepared.matrix, Matrix::zeros(0, 1).into()).into_matrix();
    let parameters = &fit.record.parameters;
    Model::new(rows, fit.embedding.clone(), parameters.affinity.clone())?
        .with_distance(parameters.distance.clone())?
        .with_preparation(prepared.done.clone())
}

fn complete_record(mut record: Record, fit: &Fit, progress: &Progress) -> Vec<u8> {
    record.set_run(&fit.record);
    record.set_timings(progress.timings());
    record.set("warnings", progress.warnings());
    record.to_bytes()
}

fn write(
    plan: &Embed,
    outputs: &Outputs,
    record: Option<Record>,
    fit: &Fit,
    prepared: &mut Prepared,
    progress: &mut Progress,
) -> Result<()> {
    progress.begin("write");
    let model = match outputs.model {
        Some(_) => Some(model_of(fit, prepared).map_err(|error| blame(&plan.input.name, &error))?),
        None => None,
    };
    let mut printed = None;
    output::keep_or_write(|batch| {
        if let Some((destination, format)) = &outputs.map {
            batch.add(destination, &map_files::map(*format, &fit.embedding, prepared)?)?;
        }
        if let (Some(destination), Some(picture)) = (&outputs.picture, &plan.picture) {
            batch.add(destination, &pictures::map(&fit.embedding, prepared, picture.format, progress)?)?;
        }
        if let (Some(destination), Some(model)) = (&outputs.model, &model) {
            batch.add_with(destination, |writer| Ok(model_to(writer, model)?))?;
        }
        printed = record.map(|record| complete_record(record, fit, progress));
        match (&outputs.record, &printed) {
            (Some(destination), Some(record)) => batch.add(destination, record),
            _ => Ok(()),
        }
    })?;
    match (&outputs.map, printed) {
        (None, _) => {
            let map = map_files::csv(&fit.embedding, prepared)?;
            output::write_stdout(&map).map_err(|error| {
                failure::with(&error, &format!(", so {}", output::keep_from_stdout(STDOUT_MAP, &map)))
            })?;
        }
        (Some(_), Some(record)) if plan.json => {
            output::write_stdout(&record)?;
        }
        _ => {}
    }
    let names: Vec<String> = outputs.all().iter().map(|file| file.path().display().to_string()).collect();
    progress.end(&names.join(", "));
    Ok(())
}
