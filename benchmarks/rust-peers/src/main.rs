//! Runs one t-SNE crate on a `.npy` file and writes the map as another.
//!
//! `rust-peers bhtsne|manifolds-rs DATA.npy MAP.npy PERPLEXITY`
//!
//! or searches its rows for neighbors as another crate does, and tells how well and how long:
//!
//! `rust-peers nn-descent DATA.npy K [CANDIDATES]`
//!
//! Everything that is not named here is the crate's default; benchmarks/README.md has the table of settings.

mod neighbors;
mod npy;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use manifolds_rs::TsneParams;
use npy::Table;

/// The seed, for the crates that take one.
const SEED: usize = 42;

/// From here bhtsne's own README finds its grid no slower than its tree.
const BHTSNE_GRID_FROM: usize = 50_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["nn-descent", data, k] => search(Path::new(data), k, None),
        ["nn-descent", data, k, candidates] => search(Path::new(data), k, Some(candidates)),
        [peer, data, map, perplexity] => run(peer, Path::new(data), Path::new(map), perplexity),
        _ => {
            eprintln!("usage: rust-peers bhtsne|manifolds-rs DATA.npy MAP.npy PERPLEXITY");
            eprintln!("       rust-peers nn-descent DATA.npy K [CANDIDATES]");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rust-peers: {error}");
            ExitCode::FAILURE
        }
    }
}

fn search(data: &Path, k: &str, candidates: Option<&str>) -> Result<(), Box<dyn Error>> {
    let candidates = candidates.map(str::parse).transpose()?;
    println!("{}", neighbors::nn_descent(&npy::read(data)?, k.parse()?, candidates)?);
    Ok(())
}

fn run(peer: &str, data: &Path, map: &Path, perplexity: &str) -> Result<(), Box<dyn Error>> {
    let perplexity: f32 = perplexity.parse().map_err(|error| format!("perplexity {perplexity}: {error}"))?;
    let table = npy::read(data)?;
    let positions = match peer {
        "bhtsne" => bhtsne(&table, perplexity),
        "manifolds-rs" => manifolds(&table, perplexity)?,
        other => return Err(format!("no peer is called {other}: bhtsne, manifolds-rs").into()),
    };
    npy::write(map, &Table { rows: table.rows, columns: 2, values: positions })
}

/// Its Barnes-Hut tree, or from 50,000 rows its interpolation on a grid; in `f32`.
fn bhtsne(table: &Table, perplexity: f32) -> Vec<f32> {
    let rows: Vec<&[f32]> = table.values.chunks_exact(table.columns).collect();
    let distance =
        |a: &&[f32], b: &&[f32]| a.iter().zip(b.iter()).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt();
    let mut tsne: bhtsne::tSNE<'_, f32, &[f32], 2> = bhtsne::tSNE::new(&rows);
    tsne.perplexity(perplexity);
    if table.rows >= BHTSNE_GRID_FROM {
        tsne.fit_sne(distance);
    } else {
        tsne.barnes_hut(0.5, distance);
    }
    tsne.embedding()
}

/// Its three-kernel FFT and the inverted file that its t-SNE takes for neighbors unless told otherwise.
fn manifolds(table: &Table, perplexity: f32) -> Result<Vec<f32>, Box<dyn Error>> {
    let parameters = TsneParams::<f32>::new_default_2d(Some(perplexity));
    let data = (table.values.as_slice(), table.rows, table.columns);
    let axes = manifolds_rs::tsne(data, None, &parameters, "fft_3k", SEED, 0)?;
    let [x, y] = axes.as_slice() else {
        return Err(format!("{} axes instead of two", axes.len()).into());
    };
    Ok(x.iter().zip(y).flat_map(|(&x, &y)| [x, y]).collect())
}
