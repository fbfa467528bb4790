//! `gnomonic score`

mod matching;

use anyhow::{Result, anyhow};
use gnomonic::affinities::n_neighbors;
use gnomonic::{Affinities, MatrixRef, Tsne, neighbors, quality};
use gnomonic_datasets::{Labels, Map, Shape};
use serde_json::Value;

use crate::args::ScoreArgs;
use crate::budget::{Limit, Scoring, refuse_beyond};
use crate::dry_run;
use crate::input::{self, LabelFile, Loaded, MapSource, blame, named};
use matching::Matched;

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
    let source = MapSource { name: &args.map, coordinates: args.coordinates.columns() };
    let map = source.load_scored(&limit, &mut progress)?;
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
    let rows = matching::rows(&loaded, &map, args)?;
    if rows.by_name {
        progress.note("  rows matched by name");
    }
    let labels = labels_of(&labels, args, &loaded, &map, &rows, &limit)?;
    let loaded = rows.choose(loaded);

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

/// The labels from where the user says; else those with the data, else those with the map; for each point.
///
/// A file of labels has one for each row of the data's file, or joins them by name; of these the map shows some.
fn labels_of(
    source: &LabelSource,
    args: &ScoreArgs,
    loaded: &Loaded,
    map: &Map,
    rows: &Matched,
    limit: &Limit,
) -> Result<Option<Labels>> {
    let dataset = &loaded.dataset;
    match source {
        LabelSource::File(file, column) => {
            let file = LabelFile {
                file,
                column: column.as_deref(),
                header: args.labels.labels_header(),
                unlabeled: true,
            };
            let n_samples = dataset.kept.as_ref().map_or(dataset.matrix.n_samples(), |kept| kept.of);
            let labels = file.labels_for(n_samples, dataset.keys(), loaded.key(), limit)?;
            let labels = match &dataset.kept {
                Some(kept) if labels.len() == kept.of => labels.select(&kept.rows),
                _ => labels,
            };
            Ok(Some(rows.select(&labels)))
        }
        LabelSource::Column(_) => Ok(dataset.labels.as_ref().map(|labels| rows.select(labels))),
        LabelSource::WithData => {
            let of_data = dataset.labels.as_ref().map(|labels| rows.select(labels));
            Ok(of_data.or_else(|| map.labels.clone()))
        }
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
    let (label_accuracy, silhouette) = match labels {
        None => (None, None),
        Some(labels) => {
            let labeled: Vec<usize> = labels.labeled().collect();
            let classes: Vec<u32> = labeled.iter().map(|&i| labels.classes[i]).collect();
            if labeled.len() == n {
                (
                    quality::label_accuracy(&near_in_map, &classes).ok(),
                    quality::silhouette(map, &classes).ok(),
                )
            } else {
                // Points without a label neither vote nor are asked.
                let points = map.select_rows(&labeled);
                let near = neighbors::exact(&points, VOTERS.min(labeled.len().saturating_sub(1)));
                let accuracy = near.ok().and_then(|near| quality::label_accuracy(&near, &classes).ok());
                let left_out = counted(n - labeled.len(), "point");
                progress
                    .warn(&format!("{left_out} without a label left out of label_accuracy and silhouette"));
                (accuracy, quality::silhouette(&points, &classes).ok())
            }
        }
    };
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
