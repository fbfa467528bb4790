//! `judge DATA.npy MAP.npy PERPLEXITY CACHE` prints one line of JSON: how good a map is, whoever made it.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use gnomonic_benchmarks::judge::{cache, judge};
use gnomonic_datasets::{ReadOptions, Source, Values, read_matrix};
use serde_json::{Map, Value};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, map, perplexity, folder] = arguments.as_slice() else {
        eprintln!("usage: judge DATA.npy MAP.npy PERPLEXITY CACHE");
        return ExitCode::from(2);
    };
    match run(data, map, perplexity, Path::new(folder)) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("judge: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(data: &str, map: &str, perplexity: &str, folder: &Path) -> Result<String> {
    let perplexity: f64 = perplexity.parse().with_context(|| format!("perplexity {perplexity}"))?;
    let read = |file: &str| -> Result<Values> {
        Ok(read_matrix(&Source::from(file), &ReadOptions::default())?.matrix)
    };
    let x = read(data)?;
    let truth = cache::truth_of(x.view(), perplexity, folder)?;
    drop(x);
    let verdict = judge(&truth, perplexity, read(map)?.view()).with_context(|| map.to_owned())?;
    let mut line = Map::new();
    line.insert("kl".into(), verdict.kl.into());
    line.insert("kl_error".into(), verdict.kl_error.into());
    line.extend(verdict.kept.iter().map(|&(k, share)| (format!("kept_{k}"), Value::from(share))));
    line.insert("span".into(), verdict.span.into());
    line.insert("judge_recall".into(), verdict.recall.into());
    Ok(Value::Object(line).to_string())
}
