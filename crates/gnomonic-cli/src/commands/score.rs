//! `gnomonic score`

use anyhow::{Result, anyhow};
use gnomonic::affinities::n_neighbors;
use gnomonic::{Affinities, MatrixRef, Tsne, neighbors, quality};
use gnomonic_datasets::{Header, Labels, Map, Shape};
use serde_json::Value;

use crate::args::ScoreArgs;
use crate::budget::{Limit, Scoring, refuse_beyond};
use crate::dry_run;
use crate::input::{self, Loaded, blame, named};
use crate::interrupt::Interrupt;
use crate::measures::VOTERS;
use crate::output::{check_stdout, write_stdout};
use crate::plan::{self, Input, LabelSource};
use crate::pool;
use crate::progress::Progress;
use crate::table::{Align, counted, grouped, layout};

/// What needs less memory.
const LESS: &str = "a lower --perplexity, or fewer --neighbors, need less";

/// A score by its name; none where it needs labels that there are not, or is not defined.
type Scores = Vec<(&'static str, Option<f64>)>;

/// Measures how well a map keeps the data.
pub(super) fn run(args: &ScoreArgs, interrupt: &Interrupt) -> Result<()> {
    check_stdout()?;
    let mut progress = Progress::new(args.quiet);
    let threads = pool::start(None, &mut progress)?;
    let labels = LabelSource::from(&args.labels);
    let input = Input {
        labels: labels.of_data(),
        ..Input::new(&args.data, &args.labels, &args.table, &args.data_dir)
    };
    let mut files = plan::files(&args.data, &labels);
    files.extend(plan::files(&args.map, &LabelSource::WithData));
    input::refuse_pipe_twice(&files)?;
    let limit = Limit::new(args.foresight.memory_limit);
    let map = input::load_scored_map(&args.map, &limit)?;
    let shape = input::shape(&input)?;
    if let Some(shape) = shape
        && !goes_on(args, shape, &map, threads, &limit)?
    {
        return Ok(());
    }
    let loaded = input::load(&input, &limit, &mut progress, interrupt)?;
    if shape.is_none() && !goes_on(args, loaded.dataset.shape(), &map, threads, &limit)? {
        return Ok(());
    }
    let n_samples = loaded.dataset.matrix.n_samples();
    let loaded = match_rows(loaded, &map, args)?;
    let labels = labels_of(&labels, args.labels.header, &loaded, n_samples, &map, &limit)?;

    let x = loaded.dataset.matrix.view();
    Tsne::new()
        .perplexity(args.perplexity)
        .validate(x.n_samples())
        .map_err(|error| blame_rows(args, &map, &error))?;
    let scores = score(args, x, &map, labels.as_ref(), &mut progress)?;
    write_stdout(&if args.json { json(&scores) } else { table(&scores) })?;
    Ok(())
}

/// Tells what the scores need, in a dry run, or refuses what does not fit; whether they are to be made.
fn goes_on(args: &ScoreArgs, shape: Shape, map: &Map, threads: usize, limit: &Limit) -> Result<bool> {
    let scoring = Scoring {
        rows: shape.n_samples,
        n_features: shape.n_features,
        is_mapped: shape.is_mapped,
        n_samples: map.points.n_samples(),
        perplexity: args.perplexity,
        n_neighbors: args.neighbors,
        threads,
    };
    let needs = scoring.needs().map_err(|error| blame_rows(args, map, &error))?;
    if args.foresight.dry_run {
        dry_run::tell_needs("score", &needs, limit, args.json)?;
    }
    let what = format!("scoring {} rows", grouped(scoring.n_samples));
    refuse_beyond(&input::named(&args.data), &what, &needs, limit, LESS)?;
    Ok(!args.foresight.dry_run)
}

/// Blames, for what is wrong with the rows that are scored, the file that chose them: the map, when its index names others
/// than all.
fn blame_rows(args: &ScoreArgs, map: &Map, error: &gnomonic::Error) -> anyhow::Error {
    match &map.index {
        Some(_) => anyhow!(
            "{}: of the rows of {} that its index names: {error}",
            named(&args.map),
            named(&args.data)
        ),
        None => blame(&args.data, error),
    }
}

/// The rows of the data that the map shows, in its order: those that its index names, else all.
fn match_rows(mut loaded: Loaded, map: &Map, args: &ScoreArgs) -> Result<Loaded> {
    let (n, rows) = (loaded.dataset.matrix.n_samples(), map.points.n_samples());
    match &map.index {
        Some(index) => {
            if let Some(beyond) = index.iter().find(|&&row| row >= n) {
                return Err(anyhow!(
                    "{}: its index names row {beyond} of {}, which has rows 0 to {}; check that both belong together",
                    named(&args.map),
                    named(&args.data),
                    n.saturating_sub(1)
                ));
            }
            if index.len() == n && index.iter().enumerate().all(|(place, &row)| place == row) {
                return Ok(loaded);
            }
            loaded.dataset.matrix = loaded.dataset.matrix.select_rows(index).into();
            loaded.dataset.labels = loaded.dataset.labels.map(|labels| labels.select(index));
            Ok(loaded)
        }
        None if n != rows => Err(anyhow!(
            "{}: {} for the {} of {}; a map has one for each",
            named(&args.map),
            counted(rows, "row"),
            counted(n, "row"),
            named(&args.data)
        )),
        None => Ok(loaded),
    }
}

/// The labels from where the user says; else those with the data, else those with the map.
///
/// A file of labels has one for each of the data's `n_samples` rows, of which the map's index chooses.
fn labels_of(
    source: &LabelSource,
    header: Header,
    loaded: &Loaded,
    n_samples: usize,
    map: &Map,
    limit: &Limit,
) -> Result<Option<Labels>> {
    match source {
        LabelSource::File(file, column) => {
            let labels = input::labels_for(file, column.as_deref(), header, n_samples, limit)?;
            Ok(Some(match &map.index {
                Some(index) => labels.select(index),
                None => labels,
            }))
        }
        LabelSource::Column(_) => Ok(loaded.dataset.labels.clone()),
        LabelSource::WithData => Ok(loaded.dataset.labels.clone().or_else(|| map.labels.clone())),
    }
}

fn score(
    args: &ScoreArgs,
    x: MatrixRef<'_>,
    map: &Map,
    labels: Option<&Labels>,
    progress: &mut Progress,
) -> Result<Scores> {
    let of_data = |error: gnomonic::Error| blame_rows(args, map, &error);
    let of_map = |error: gnomonic::Error| blame(&args.map, &error);
    let (n, map) = (x.n_samples(), map.points.view());

    progress.begin("neighbors");
    let k = n_neighbors(args.perplexity, n).max(VOTERS.min(n - 1));
    let near_in_data = neighbors::exact(x, k).map_err(of_data)?;
    let near_in_map = neighbors::exact(map, VOTERS).map_err(of_map)?;
    let recall = quality::neighbor_recall(&near_in_data.truncated(VOTERS), &near_in_map).map_err(of_map)?;
    progress.begin("kl");
    let wanted = n_neighbors(args.perplexity, n);
    // No copy where it would be one of all.
    let near = if wanted == k { near_in_data } else { near_in_data.truncated(wanted) };
    let affinities = Affinities::from_neighbors(&near, args.perplexity).map_err(of_data)?;
    drop(near);
    let kl = quality::kl_divergence(&affinities, map).map_err(of_map)?;
    drop(affinities);
    progress.begin("trustworthiness");
    let trustworthiness = quality::trustworthiness(x, map, args.neighbors).map_err(of_data)?;
    progress.begin("continuity");
    let continuity = quality::continuity(x, map, args.neighbors).map_err(of_data)?;
    progress.begin("labels");
    let classes = labels.map(|labels| labels.classes.as_slice());
    let label_accuracy = classes.and_then(|classes| quality::label_accuracy(&near_in_map, classes).ok());
    let silhouette = classes.and_then(|classes| quality::silhouette(map, classes).ok());
    progress.end("");
    Ok(vec![
        ("kl", Some(kl)),
        ("trustworthiness", Some(trustworthiness)),
        ("continuity", Some(continuity)),
        ("knn_recall_10", Some(recall)),
        ("label_accuracy", label_accuracy),
        ("silhouette", silhouette),
    ])
}

/// One flat object.
fn json(scores: &Scores) -> Vec<u8> {
    let fields = scores.iter().map(|(name, score)| ((*name).to_owned(), Value::from(*score)));
    let mut text = Value::Object(fields.collect()).to_string();
    text.push('\n');
    text.into_bytes()
}

fn table(scores: &Scores) -> Vec<u8> {
    let row = |(name, score): &(&str, Option<f64>)| {
        let score = score.map_or("–".to_owned(), |score| format!("{score:.6}"));
        vec![(*name).to_owned(), score]
    };
    let rows: Vec<Vec<String>> = scores.iter().map(row).collect();
    layout(&[Align::Left, Align::Right], &rows).into_bytes()
}
