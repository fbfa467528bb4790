//! `charts RESULTS.csv FOLDER` draws what `run.py` measured: time and memory against rows, quality against time.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use gnomonic_plot::{ChartAxis, Format, Line, LineChart, Scale};

/// The peers in the order of their colors, so that each keeps its own from chart to chart.
const PEERS: [&str; 8] = [
    "gnomonic",
    "manifolds-rs",
    "scikit-learn-intelex",
    "openTSNE",
    "scikit-learn",
    "bhtsne",
    "manifolds-rs-wheel",
    "umap-learn",
];

/// The medians of one peer at one work.
#[derive(Clone, Debug)]
struct Entry {
    work: String,
    rows: f64,
    /// Wall time in seconds, peak memory in MB, divergence; a map may not have been judged.
    wall: f64,
    peak: f64,
    kl: Option<f64>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [table, folder] = arguments.as_slice() else {
        eprintln!("usage: charts RESULTS.csv FOLDER");
        return ExitCode::from(2);
    };
    match run(Path::new(table), Path::new(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("charts: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(table: &Path, folder: &Path) -> Result<()> {
    let entries = read(table).with_context(|| table.display().to_string())?;
    // One perplexity on the same columns is one line: sweeps and other columns would bend it.
    let mut columns: Vec<&str> = entries.values().flatten().map(|entry| columns_of(&entry.work)).collect();
    columns.sort_unstable();
    columns.dedup();
    for columns in columns {
        let of_rows = |value: fn(&Entry) -> Option<f64>| {
            lines(
                &entries,
                |entry| columns_of(&entry.work) == columns,
                |entry| Some([entry.rows, value(entry)?]),
            )
        };
        let title = |what: &str| format!("{what} against rows, {columns} columns");
        let rows = ChartAxis { title: "rows", scale: Scale::Logarithmic };
        let seconds = ChartAxis { title: "seconds", scale: Scale::Logarithmic };
        let memory = ChartAxis { title: "MB", scale: Scale::Logarithmic };
        save(
            folder,
            &format!("time-{columns}"),
            title("Time"),
            rows,
            seconds,
            of_rows(|entry| Some(entry.wall)),
            true,
        )?;
        save(
            folder,
            &format!("memory-{columns}"),
            title("Peak memory"),
            rows,
            memory,
            of_rows(|entry| Some(entry.peak)),
            true,
        )?;
    }
    let mut works: Vec<&str> = entries.values().flatten().map(|entry| entry.work.as_str()).collect();
    works.sort_unstable();
    works.dedup();
    for work in works {
        let judged = lines(&entries, |entry| entry.work == work, |entry| Some([entry.wall, entry.kl?]));
        let seconds = ChartAxis { title: "seconds", scale: Scale::Logarithmic };
        let kl = ChartAxis { title: "KL divergence: lower is better", scale: Scale::Linear };
        let name: String = work.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let name = format!("quality-{}", name.replace("--", "-"));
        save(
            folder,
            &name,
            format!("Quality against time, {}", work.replace(" x ", " × ")),
            seconds,
            kl,
            judged,
            false,
        )?;
    }
    Ok(())
}

/// The columns in a work's name, as in `70,000 x 784`; what else it says comes before a comma and a space.
fn columns_of(work: &str) -> &str {
    work.rsplit(' ').next().unwrap_or_default()
}

type Series = Vec<(&'static str, Vec<[f64; 2]>)>;

/// One series for each peer, rising in x; without points where it has none.
fn lines(
    entries: &BTreeMap<String, Vec<Entry>>,
    chosen: impl Fn(&Entry) -> bool,
    point: impl Fn(&Entry) -> Option<[f64; 2]>,
) -> Series {
    let of_peer = |peer: &'static str| {
        let of_peer = entries.get(peer).into_iter().flatten();
        let mut points: Vec<[f64; 2]> = of_peer.filter(|entry| chosen(entry)).filter_map(&point).collect();
        points.sort_by(|a, b| a[0].total_cmp(&b[0]));
        (peer, points)
    };
    PEERS.map(of_peer).into()
}

fn save(
    folder: &Path,
    name: &str,
    title: String,
    x: ChartAxis<'_>,
    y: ChartAxis<'_>,
    series: Series,
    joined: bool,
) -> Result<()> {
    if series.iter().all(|(_, points)| points.is_empty()) {
        return Ok(());
    }
    let lines: Vec<Line<'_>> = series.iter().map(|(name, points)| Line { name, points }).collect();
    let chart = LineChart { title: Some(title), x, y, joined, ..LineChart::new(&lines) };
    for (format, extension) in [(Format::Png, "png"), (Format::Svg, "svg")] {
        let path = folder.join(format!("{name}.{extension}"));
        std::fs::write(&path, chart.render(format)?.bytes).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// The medians of all runs that succeeded, by peer. Sweeps of several perplexities are no point of a line, and left out.
fn read(table: &Path) -> Result<BTreeMap<String, Vec<Entry>>> {
    let mut reader = csv::Reader::from_path(table)?;
    let headers = reader.headers()?.clone();
    let place = |name: &str| {
        headers.iter().position(|header| header == name).with_context(|| format!("no column {name}"))
    };
    let [peer, work, rows, wall, peak, kl, failure] = [
        place("peer")?,
        place("work")?,
        place("rows")?,
        place("wall_s")?,
        place("peak_mb")?,
        place("kl")?,
        place("failure")?,
    ];
    let mut runs: BTreeMap<(String, String), Vec<[f64; 4]>> = BTreeMap::new();
    for record in reader.records() {
        let record = record?;
        if record[failure].is_empty() && !record[work].contains("sweep") {
            let number = |column: usize| record[column].parse::<f64>();
            let run = [number(rows)?, number(wall)?, number(peak)?, number(kl).unwrap_or(f64::NAN)];
            runs.entry((record[peer].to_owned(), record[work].to_owned())).or_default().push(run);
        }
    }
    let mut entries: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for ((peer, work), runs) in runs {
        let [rows, wall, peak, kl] =
            [0, 1, 2, 3].map(|field| median(runs.iter().map(|run| run[field]).collect()));
        let kl = Some(kl).filter(|kl| kl.is_finite());
        entries.entry(peer).or_default().push(Entry { work, rows, wall, peak, kl });
    }
    Ok(entries)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { 0.5 * (values[middle - 1] + values[middle]) }
}
