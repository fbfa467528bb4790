//! `gnomonic score`

use anyhow::{Result, anyhow};
use gnomonic::affinities::n_neighbors;
use gnomonic::{Affinities, MatrixRef, Tsne, neighbors, quality};
use gnomonic_datasets::{Header, Labels, Map};
use serde_json::Value;

use crate::args::ScoreArgs;
use crate::input::{self, Loaded, blame, named};
use crate::interrupt::Interrupt;
use crate::measures::VOTERS;
use crate::output::{check_stdout, write_stdout};
use crate::plan::{self, Input, LabelSource};
use crate::pool;
use crate::progress::Progress;
use crate::table::{Align, counted, layout};

/// A score by its name; none where it needs labels that there are not, or is not defined.
type Scores = Vec<(&'static str, Option<f64>)>;

/// Measures how well a map keeps the data.
pub(super) fn run(args: &ScoreArgs, interrupt: &Interrupt) -> Result<()> {
    check_stdout()?;
    let mut progress = Progress::new(args.quiet);
    pool::start(None, &mut progress)?;
    let labels = LabelSource::from(&args.labels);
    let input = Input {
        name: args.data.clone(),
        labels: labels.of_data(),
        header: args.labels.header,
        data_dir: args.data_dir.data_dir.clone(),
    };
    let mut files = plan::files(&args.data, &labels);
    files.extend(plan::files(&args.map, &LabelSource::WithData));
    input::refuse_pipe_twice(&files)?;
    let loaded = input::load(&input, &mut progress, interrupt)?;
    let map = input::load_scored_map(&args.map)?;
    let n_samples = loaded.dataset.matrix.n_samples();
    let loaded = match_rows(loaded, &map, args)?;
    let labels = labels_of(&labels, args.labels.header, &loaded, n_samples, &map)?;

    let x = loaded.dataset.matrix.view();
    Tsne::new()
        .perplexity(args.perplexity)
        .validate(x.n_samples())
        .map_err(|error| blame(&args.data, &error))?;
    let scores = score(args, x, map.points.view(), labels.as_ref(), &mut progress)?;
    write_stdout(&if args.json { json(&scores) } else { table(&scores) })?;
    Ok(())
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
) -> Result<Option<Labels>> {
    match source {
        LabelSource::File(file, column) => {
            let labels = input::labels_for(file, column.as_deref(), header, n_samples)?;
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
    map: MatrixRef<'_>,
    labels: Option<&Labels>,
    progress: &mut Progress,
) -> Result<Scores> {
    let of_data = |error: gnomonic::Error| blame(&args.data, &error);
    let of_map = |error: gnomonic::Error| blame(&args.map, &error);
    let n = x.n_samples();

    progress.begin("neighbors");
    let k = n_neighbors(args.perplexity, n).max(VOTERS.min(n - 1));
    let near_in_data = neighbors::exact(x, k).map_err(of_data)?;
    let near_in_map = neighbors::exact(map, VOTERS).map_err(of_map)?;
    progress.begin("kl");
    let affinities =
        Affinities::from_neighbors(&near_in_data.truncated(n_neighbors(args.perplexity, n)), args.perplexity)
            .map_err(of_data)?;
    let kl = quality::kl_divergence(&affinities, map).map_err(of_map)?;
    progress.begin("trustworthiness");
    let trustworthiness = quality::trustworthiness(x, map, args.neighbors).map_err(of_data)?;
    progress.begin("continuity");
    let continuity = quality::continuity(x, map, args.neighbors).map_err(of_data)?;
    let recall = quality::neighbor_recall(&near_in_data.truncated(VOTERS), &near_in_map).map_err(of_map)?;
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
