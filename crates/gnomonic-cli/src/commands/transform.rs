//! `gnomonic transform`

use std::path::Path;

use anyhow::{Result, anyhow};
use gnomonic::{Embedding, ErrorKind, Model};
use gnomonic_datasets::{Dataset, Source, read_model, shown};

use crate::args::TransformArgs;
use crate::budget::{Limit, Placing, refuse_beyond};
use crate::dry_run;
use crate::failure::Interrupted;
use crate::input::{self, blame, named};
use crate::interrupt::Interrupt;
use crate::map_files;
use crate::output::{self, Destination, Inputs};
use crate::pictures;
use crate::plan::{Input, MapFormat, MapOutput, Picture};
use crate::pool;
use crate::preparation::{self, Prepared};
use crate::progress::Progress;
use crate::table::{counted, grouped};
use crate::watch::Watch;

/// Lays new rows on a finished map.
pub(super) fn run(args: &TransformArgs, interrupt: &Interrupt) -> Result<()> {
    let input = Input::from(&args.input);
    let outputs = Outputs::plan(args, &input)?;
    let mut progress = Progress::new(args.general.quiet);
    let threads = pool::start(args.threads, &mut progress)?;
    let limit = Limit::new(args.foresight.memory_limit);

    let source = Source::parse(&args.model);
    let model = read_model(&source, limit.for_reading(0))?;
    let fits = |n_new: usize| {
        let placing = Placing {
            n_samples: model.rows().n_samples(),
            n_mapped: model.rows().n_features(),
            n_neighbors: model.affinity().n_neighbors(model.rows().n_samples() + 1),
            n_new,
            n_features: model.n_features(),
            threads,
        };
        let needs = placing.needs();
        refuse_beyond(&input.name, "laying its rows on the map", &needs, &limit, "fewer rows need less")
            .map(|()| needs)
    };
    let shape = input::shape(&input)?;
    let needs = fits(shape.map_or(0, |shape| shape.n_samples))?;
    if args.foresight.dry_run {
        return dry_run::tell_needs("transform", &needs, &limit, false);
    }
    let loaded = input::load(&input, &limit, &mut progress, interrupt)?;
    fits(loaded.dataset.matrix.n_samples())?;
    check_columns(&model, &loaded.dataset, args, &input)?;
    let offsets = loaded.dataset.offsets.clone();
    let mut prepared = preparation::whole(loaded.dataset);
    if model.preparation().offsets() != offsets.as_deref() {
        let mut matrix = prepared.matrix.into_matrix();
        let shifted = model.preparation().shift(&mut matrix, offsets.as_deref());
        shifted.map_err(|error| blame(&input.name, &error))?;
        prepared.matrix = matrix.into();
    }
    let placed = model.transform_observed(&prepared.matrix, &mut Watch::new(&mut progress, interrupt));
    let placed = placed.map_err(|error| match error.kind() {
        ErrorKind::Cancelled => Interrupted("before all rows were placed; nothing was written".into()).into(),
        _ => blame(&input.name, &error),
    })?;
    progress.end(&format!(
        "{} on a map of {}",
        grouped(placed.n_samples()),
        grouped(model.rows().n_samples())
    ));
    input::warn_of_change(&prepared.matrix, &mut progress);
    outputs.write(&placed, &prepared, &mut progress)
}

/// Refuses rows of other columns than those that were mapped.
fn check_columns(model: &Model, dataset: &Dataset, args: &TransformArgs, input: &Input) -> Result<()> {
    let (found, expected) = (dataset.matrix.n_features(), model.n_features());
    let (name, model_name) = (named(&input.name), named(&args.model));
    if found != expected {
        return Err(anyhow!(
            "{name}: has {}, and the data of {model_name} had {expected}; new rows have the same columns",
            counted(found, "column"),
        ));
    }
    if let (Some(there), Some(here)) = (model.preparation().columns(), &dataset.column_names)
        && let Some(at) = there.iter().zip(here.iter()).position(|(there, here)| there != here)
    {
        return Err(anyhow!(
            "{name}: its column {} is {}, and in the data of {model_name} it was {}; new rows have the same columns in the same order",
            at + 1,
            shown::text(here.get(at)),
            shown::text(&there[at]),
        ));
    }
    Ok(())
}

/// Where the new points go, checked.
struct Outputs {
    map: Option<(Destination, MapFormat)>,
    picture: Option<(Destination, Picture)>,
}

impl Outputs {
    fn plan(args: &TransformArgs, input: &Input) -> Result<Self> {
        let mut files = input.files();
        files.push(Source::parse(&args.model).path().to_owned());
        input::refuse_pipe_twice(&files)?;
        let inputs = Inputs::new(files);
        let destination = |path: &Path| Destination::plan(path, args.general.force, &inputs);
        let map = match MapOutput::of(args.output.as_deref())? {
            MapOutput::StandardOutput => None,
            MapOutput::File(path, format) => Some((destination(&path)?, format)),
        };
        let picture = match args.plot.as_deref().map(Picture::at).transpose()? {
            Some(picture) => Some((destination(&picture.path)?, picture)),
            None => None,
        };
        let outputs = Self { map, picture };
        let map = outputs.map.as_ref().map(|(destination, _)| destination);
        let picture = outputs.picture.as_ref().map(|(destination, _)| destination);
        output::check_distinct(&[map, picture].into_iter().flatten().collect::<Vec<_>>())?;
        if outputs.map.is_none() {
            output::check_stdout()?;
        }
        Ok(outputs)
    }

    fn write(&self, placed: &Embedding, prepared: &Prepared, progress: &mut Progress) -> Result<()> {
        output::write_all(|batch| {
            if let Some((destination, format)) = &self.map {
                batch.add(destination, &map_files::map(*format, placed, prepared)?)?;
            }
            match &self.picture {
                Some((destination, picture)) => {
                    let bytes = pictures::map(placed, prepared, picture.format, progress)?;
                    batch.add(destination, &bytes)
                }
                None => Ok(()),
            }
        })?;
        if self.map.is_none() {
            output::write_stdout(&map_files::csv(placed, prepared)?)?;
        }
        Ok(())
    }
}
