//! `gnomonic compare`

use std::collections::HashMap;
use std::fmt::Write as _;

use anyhow::{Result, anyhow};
use gnomonic::quality::{Agreement, agreement};
use gnomonic::{Embedding, Matrix};
use gnomonic_datasets::Map;
use serde_json::{Map as Object, Value, json};

use crate::args::CompareArgs;
use crate::budget::{Comparing, Limit, refuse_beyond};
use crate::dry_run;
use crate::failure::Usage;
use crate::input::{self, MapSource, blame, named};
use crate::output::{self, Destination, Inputs, check_stdout, write_stdout};
use crate::plan::{self, LabelSource};
use crate::pool;
use crate::progress::Progress;
use crate::table::{Align, counted, grouped, layout};

/// Lays one map over another and says how far they agree.
pub(super) fn run(args: &CompareArgs) -> Result<()> {
    check_stdout()?;
    let files = [&args.first, &args.second].map(|map| plan::files(map, &LabelSource::WithData)).concat();
    input::refuse_pipe_twice(&files)?;
    let destination = destination(args, files)?;
    let mut progress = Progress::new(args.general.quiet);
    pool::start(None, &mut progress)?;
    let limit = Limit::new(args.foresight.memory_limit);
    let largest = args.neighbors.iter().copied().max().unwrap_or_default();
    let fits = |n_samples: usize| {
        let needs = Comparing { n_samples, n_neighbors: largest, is_written: destination.is_some() }.needs();
        let what = format!("comparing maps of {} points", grouped(n_samples));
        refuse_beyond(&named(&args.first), &what, &needs, &limit, "fewer --neighbors need less")
            .map(|()| needs)
    };
    let first = MapSource { name: &args.first, coordinates: None }.load_scored(&limit, &mut progress)?;
    let needs = fits(first.points.n_samples())?;
    if args.foresight.dry_run {
        return dry_run::tell_needs("compare", &needs, &limit, args.json);
    }
    let second = MapSource { name: &args.second, coordinates: None }.load_scored(&limit, &mut progress)?;
    let joined = join(args, first, second, &mut progress)?;
    progress.begin("compare");
    let of_second = |error: gnomonic::Error| blame(&args.second, &error);
    let found = agreement(&joined.second, &joined.first, &args.neighbors).map_err(of_second)?;
    progress.end("");
    if let Some(destination) = &destination {
        let bytes = each(&joined, &found);
        output::write_all(|batch| batch.add(destination, bytes.as_bytes()))?;
    }
    let text = if args.json { as_json(args, &joined, &found) } else { as_table(args, &joined, &found) };
    write_stdout(text.as_bytes())?;
    Ok(())
}

fn destination(args: &CompareArgs, files: Vec<std::path::PathBuf>) -> Result<Option<Destination>> {
    let Some(path) = &args.output else { return Ok(None) };
    if !path.extension().unwrap_or_default().eq_ignore_ascii_case("csv") {
        return Err(Usage(format!(
            "{}: the distances of the points are written as .csv; name it so",
            path.display()
        ))
        .into());
    }
    Ok(Some(Destination::plan(path, args.general.force, &Inputs::new(files))?))
}

/// Two maps of the same rows, in the order of the first.
struct Joined {
    first: Embedding,
    second: Embedding,
    /// The row of the data that each point stands for.
    index: Vec<usize>,
}

/// Puts together the points that stand for the same row: those of the same index where both maps have one, else in their order.
fn join(args: &CompareArgs, first: Map, second: Map, progress: &mut Progress) -> Result<Joined> {
    let (n, m) = (first.points.n_samples(), second.points.n_samples());
    let embedding = |points: Matrix, name| {
        let (n, c) = (points.n_samples(), points.n_features());
        Embedding::new(points.into_vec(), n, c).map_err(|error| blame(name, &error))
    };
    if let (Some(of_first), Some(of_second)) = (&first.index, &second.index) {
        // A row that was drawn twice stands there twice: its first is the other's first, its second the other's second.
        let mut places: HashMap<(usize, usize), usize> = HashMap::with_capacity(m);
        let mut met: HashMap<usize, usize> = HashMap::with_capacity(m);
        for (place, &row) in of_second.iter().enumerate() {
            places.insert((row, times(&mut met, row)), place);
        }
        met.clear();
        let pairs: Vec<(usize, usize)> = of_first
            .iter()
            .enumerate()
            .filter_map(|(place, &row)| Some((place, *places.get(&(row, times(&mut met, row)))?)))
            .collect();
        if pairs.len() < 2 {
            return Err(anyhow!(
                "{}: its index has {} in common with that of {}; maps of the same rows are compared",
                named(&args.second),
                counted(pairs.len(), "row"),
                named(&args.first)
            ));
        }
        if pairs.len() < n || pairs.len() < m {
            let (both, first, second) = (grouped(pairs.len()), named(&args.first), named(&args.second));
            progress.warn(&format!(
                "{both} rows are in both maps, of {} in {first} and {} in {second}: those are compared",
                grouped(n),
                grouped(m)
            ));
        }
        let places = |of: fn(&(usize, usize)) -> usize| pairs.iter().map(of).collect::<Vec<usize>>();
        let (own, other) = (places(|pair| pair.0), places(|pair| pair.1));
        return Ok(Joined {
            index: own.iter().map(|&place| of_first[place]).collect(),
            first: embedding(first.points.view().select_rows(&own), &args.first)?,
            second: embedding(second.points.view().select_rows(&other), &args.second)?,
        });
    }
    if n != m {
        return Err(anyhow!(
            "{}: {} for the {} of {}; maps of the same rows are compared, or both have a column `index` that names them",
            named(&args.second),
            counted(m, "point"),
            grouped(n),
            named(&args.first)
        ));
    }
    let index = first.index.or(second.index).unwrap_or_else(|| (0..n).collect());
    Ok(Joined {
        first: embedding(first.points, &args.first)?,
        second: embedding(second.points, &args.second)?,
        index,
    })
}

/// How often a row was met before.
fn times(met: &mut HashMap<usize, usize>, row: usize) -> usize {
    let times = met.entry(row).or_default();
    *times += 1;
    *times - 1
}

/// A row for each point.
fn each(joined: &Joined, found: &Agreement) -> String {
    let mut text = String::from("index,distance");
    for overlap in &found.overlaps {
        let _ = write!(text, ",overlap_{}", overlap.k);
    }
    text.push_str(",x,y\n");
    for (i, row) in joined.index.iter().enumerate() {
        let _ = write!(text, "{row},{}", found.distances[i] as f32);
        for overlap in &found.overlaps {
            let _ = write!(text, ",{}", overlap.of_each[i] as f32);
        }
        let place = found.laid.row(i);
        let _ = writeln!(text, ",{},{}", place[0], place[1]);
    }
    text
}

/// What two maps of `n` points would share of `k` neighbors by chance.
fn chance(k: usize, n: usize) -> f64 {
    k as f64 / (n - 1) as f64
}

fn as_json(args: &CompareArgs, joined: &Joined, found: &Agreement) -> String {
    let n = joined.index.len();
    let mut object = Object::new();
    object.insert("points".into(), n.into());
    object.insert("rms_distance".into(), found.rms_distance.into());
    object.insert("correlation".into(), found.fit.correlation().into());
    object.insert("scale".into(), found.fit.scale().into());
    object.insert("mirrored".into(), found.fit.mirrors().into());
    for overlap in &found.overlaps {
        object.insert(format!("overlap_{}", overlap.k), overlap.mean.into());
        object.insert(format!("chance_{}", overlap.k), chance(overlap.k, n).into());
    }
    let least = found.least(args.least).into_iter();
    let least: Vec<Value> =
        least.map(|i| json!({"index": joined.index[i], "distance": found.distances[i]})).collect();
    object.insert("least".into(), least.into());
    let mut text = Value::Object(object).to_string();
    text.push('\n');
    text
}

fn as_table(args: &CompareArgs, joined: &Joined, found: &Agreement) -> String {
    let n = joined.index.len();
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let number = |value: f64| format!("{value:.6}");
    let mut rows = vec![
        row("points", grouped(n)),
        row("rms_distance", number(found.rms_distance)),
        row("correlation", number(found.fit.correlation())),
        row("scale", number(found.fit.scale())),
        row("mirrored", if found.fit.mirrors() { "yes" } else { "no" }.to_owned()),
    ];
    for overlap in &found.overlaps {
        rows.push(row(&format!("overlap_{}", overlap.k), number(overlap.mean)));
        rows.push(row(&format!("chance_{}", overlap.k), number(chance(overlap.k, n))));
    }
    let mut text = layout(&[Align::Left, Align::Right], &rows);
    let least: Vec<String> = found
        .least(args.least)
        .into_iter()
        .map(|i| format!("{} ({:.2})", joined.index[i], found.distances[i]))
        .collect();
    let _ = writeln!(text, "least agreeing points, by their index: {}", least.join(", "));
    text
}
