//! `gnomonic lesson`: the lecture's notebook, step by step.

mod data;
mod page;

use std::time::Instant;

use anyhow::Result;
use gnomonic::{ErrorKind, Fit, Stop, Tsne};
use gnomonic_plot::report;
use serde_json::json;

use super::sweep::sweep_fields;
use crate::args::LessonArgs;
use crate::failure::Interrupted;
use crate::input::blame;
use crate::interrupt::Interrupt;
use crate::map_files;
use crate::maps::Maps;
use crate::measures::{self, Measures};
use crate::output::{self, Inputs, OutputDirectory};
use crate::pictures;
use crate::plan::{self, LabelSource};
use crate::pool;
use crate::progress::{Progress, seconds};
use crate::record::{self, Record};
use crate::table::{Align, grouped, layout};
use crate::watch::{AllPairs, Watch};
use data::Data;

/// What the directory holds in the end.
const FILES: [&str; 7] = [
    "index.html",
    "map.png",
    "perplexity.png",
    "palette.png",
    "embedding.csv",
    "sweep.csv",
    record::FILE_NAME,
];

/// Does the lesson.
pub(super) fn run(args: &LessonArgs, interrupt: &Interrupt) -> Result<()> {
    let began = Instant::now();
    plan::check(&Tsne::new().threads(args.threads))?;
    let inputs = Inputs::new(plan::files(&args.dataset, &LabelSource::from(&args.labels)));
    let directory = OutputDirectory::plan(&args.output, "lesson", &FILES, args.general.force, &inputs)?;
    if args.json {
        output::check_stdout()?;
    }
    let mut progress = Progress::new(args.general.quiet);
    let threads = pool::start(args.threads, &mut progress)?;

    let data = Data::prepare(args, &mut progress, interrupt)?;
    let maps = LessonMaps::make(args, threads, &data, &directory, &mut progress, interrupt)?;
    progress.begin("draw");
    let drawn = Drawn::draw(&data, &maps, &mut progress)?;
    progress.begin("write");
    let page = report::html(&page::lesson(args, &data, &maps, &drawn, began.elapsed()));
    let mut record = maps.record(&data, &progress);
    write(&directory, &data, &maps, &drawn, &page, &mut record)?;
    progress.end("");
    progress.note(&summary(&directory, &data, &maps, &seconds(began.elapsed())));
    if args.json {
        output::write_stdout(&record.to_bytes())?;
    }
    Ok(())
}

/// The large map and the sweep, measured.
struct LessonMaps {
    map: Fit,
    map_measures: Measures,
    sweep: Vec<Fit>,
    sweep_measures: Vec<Measures>,
}

impl LessonMaps {
    fn make(
        args: &LessonArgs,
        threads: usize,
        data: &Data,
        directory: &OutputDirectory,
        progress: &mut Progress,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let failed = |error: gnomonic::Error| match error.kind() {
            ErrorKind::Cancelled => Interrupted("before there was a map; nothing was written".into()).into(),
            _ => blame(&data.name, &error),
        };
        let tsne = Tsne::new().seed(args.seed);
        let n_samples = grouped(data.map.matrix.n_samples());
        progress.note(&format!("\nThe map: {n_samples} points, perplexity {}", data.map_perplexity));
        let at = tsne.clone().perplexity(data.map_perplexity);
        let mut watch = Watch::new(progress, interrupt).keeping_unfinished();
        let map = at.fit_observed(&data.map.matrix, &mut watch).map_err(failed)?;
        progress.end(&format!("KL {:.4}", map.record.kl_divergence));
        if map.record.stop == Stop::Cancelled || interrupt.requested() {
            return Err(save_partial(&map, &[], data, directory)?.into());
        }
        progress.begin("measure");
        let map_measures =
            measures::measure(data.map.matrix.view(), data.map.classes(), &map).map_err(failed)?;
        progress.end("");
        if interrupt.requested() {
            return Err(save_partial(&map, &[], data, directory)?.into());
        }

        let perplexities: Vec<String> = data.sweep_perplexities.iter().map(ToString::to_string).collect();
        let n_samples = grouped(data.sweep.matrix.n_samples());
        progress.note(&format!("\nThe sweep: {n_samples} points, perplexity {}", perplexities.join(", ")));
        let maps = Maps {
            x: data.sweep.matrix.view(),
            tsne: &tsne,
            perplexities: &data.sweep_perplexities,
            threads,
        };
        let sweep = match maps.make(&mut AllPairs::Allowed, progress, interrupt) {
            // Stopped before the first map of the sweep; the large one is there all the same.
            Err(error) if matches!(error.kind(), ErrorKind::Cancelled) => Vec::new(),
            made => made.map_err(failed)?,
        };
        if sweep.len() < data.sweep_perplexities.len() {
            return Err(save_partial(&map, &sweep, data, directory)?.into());
        }
        progress.begin("measure");
        let sweep_measures = measures::measure_all(&data.sweep, &sweep).map_err(failed)?;
        progress.end("");
        progress.note("");
        Ok(Self { map, map_measures, sweep, sweep_measures })
    }

    /// The record: of the large map as of any, and of each map of the sweep under `sweep`.
    fn record(&self, data: &Data, progress: &Progress) -> Record {
        let mut record = data.record.clone();
        record.set_preparation(&data.map_preparation);
        record.set_run(&self.map.record);
        record.set("measures", self.map_measures.to_fields());
        record.set(
            "sweep_preparation",
            json!({
                "seed": data.sweep_seed,
                "sampled": record::preparation_fields(&data.sweep_preparation),
            }),
        );
        record.set("sweep", sweep_fields(&self.sweep, &self.sweep_measures));
        record.set_timings(progress.timings());
        record.set("warnings", progress.warnings());
        record
    }
}

/// The pictures, as PNG files.
struct Drawn {
    palette: Vec<u8>,
    map: Vec<u8>,
    sweep: Vec<u8>,
}

impl Drawn {
    fn draw(data: &Data, maps: &LessonMaps, progress: &mut Progress) -> Result<Self> {
        Ok(Self {
            palette: pictures::palette(data.map.class_names(), progress)?,
            map: pictures::lesson_map(maps.map.embedding.as_slice(), &data.map, progress)?,
            sweep: pictures::sweep(&maps.sweep, &data.sweep, progress)?,
        })
    }
}

/// Writes all seven files, or none.
fn write(
    directory: &OutputDirectory,
    data: &Data,
    maps: &LessonMaps,
    drawn: &Drawn,
    page: &str,
    record: &mut Record,
) -> Result<()> {
    let (map, sweep) =
        (map_files::csv(&maps.map.embedding, &data.map)?, map_files::sweep_csv(&maps.sweep, &data.sweep)?);
    let files: [(&str, &[u8]); 6] = [
        // The maps first: they are what took long.
        ("embedding.csv", &map),
        ("sweep.csv", &sweep),
        ("index.html", page.as_bytes()),
        ("map.png", &drawn.map),
        ("perplexity.png", &drawn.sweep),
        ("palette.png", &drawn.palette),
    ];
    output::keep_or_write(|batch| {
        files.iter().try_for_each(|(name, bytes)| batch.add(&directory.file(name), bytes))?;
        record.set_outputs(batch);
        batch.add(&directory.file(record::FILE_NAME), &record.to_bytes())
    })
}

/// Writes the large map so far, and the finished ones of the sweep, beside the names asked for, and says so.
fn save_partial(map: &Fit, sweep: &[Fit], data: &Data, directory: &OutputDirectory) -> Result<Interrupted> {
    let mut named = vec![directory.file("embedding.csv")];
    let mut files = vec![map_files::csv(&map.embedding, &data.map)?];
    if !sweep.is_empty() {
        named.push(directory.file("sweep.csv"));
        files.push(map_files::sweep_csv(sweep, &data.sweep)?);
    }
    let partials = output::partials(&named.iter().collect::<Vec<_>>());
    output::keep_or_write(|batch| {
        partials.iter().zip(&files).try_for_each(|(partial, bytes)| batch.add(partial, bytes))
    })?;
    let names: Vec<String> = partials.iter().map(|partial| partial.path().display().to_string()).collect();
    Ok(Interrupted(format!(
        "after iteration {} of {} of the map, with {} of {} maps of the sweep; kept without a record: {}",
        map.record.iterations_done,
        map.record.schedule.iterations(),
        sweep.len(),
        data.sweep_perplexities.len(),
        names.join(" and ")
    )))
}

/// What was written, and what to do with it.
fn summary(directory: &OutputDirectory, data: &Data, maps: &LessonMaps, total: &str) -> String {
    let n_map = grouped(data.map.matrix.n_samples());
    let n_sweep = grouped(data.sweep.matrix.n_samples());
    let maps = match maps.sweep.len() {
        1 => "1 map".to_owned(),
        several => format!("{several} maps"),
    };
    let row = |name: &str, what: String| vec![format!("  {name}"), what];
    let rows = vec![
        row("index.html", "the lesson".into()),
        row("map.png", format!("the map of {n_map} points")),
        row("perplexity.png", format!("{maps} of {n_sweep} points, side by side")),
        row("palette.png", "the colors of the labels".into()),
        row("embedding.csv", "the map as numbers".into()),
        row("sweep.csv", format!("the {maps} as numbers")),
        row("run.json", "how all this was made, to make it again".into()),
    ];
    let path = directory.path().display();
    let table = layout(&[Align::Left, Align::Left], &rows);
    format!(
        "\nDone in {total}. In {path}:\n{table}\nOpen {} in a browser.",
        directory.path().join("index.html").display()
    )
}
