//! `data ROWS FILE.npy [AXES]` writes the first rows of MNIST, pixels from 0 to 1, or their leading principal components, and
//! `data labels ROWS FILE.npy` which digit each of them is, as one column.
//!
//! MNIST comes from `GNOMONIC_DATA`, the cache, or its mirrors, training images first, as `gnomonic` itself finds it.

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use gnomonic::Matrix;
use gnomonic::pca::Pca;
use gnomonic_datasets::write::{Existing, npy};
use gnomonic_datasets::{Dataset, Sources, named};

/// The seed of the principal axes' search.
const SEED: u64 = 42;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let made = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["labels", rows, file] => labels(rows, file),
        [rows, file] => make(rows, file, None),
        [rows, file, axes] => make(rows, file, Some(axes)),
        _ => {
            eprintln!("usage: data ROWS FILE.npy [AXES] | data labels ROWS FILE.npy");
            return ExitCode::from(2);
        }
    };
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("data: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn make(rows: &str, file: &str, axes: Option<&str>) -> Result<()> {
    let (rows, all) = mnist(rows)?;
    let all = all.matrix;
    let columns = all.n_features();
    let mut values = all.into_matrix().into_vec();
    values.truncate(rows * columns);
    values.iter_mut().for_each(|pixel| *pixel /= 255.0);
    let mut x = Matrix::new(values, rows, columns)?;
    if let Some(axes) = axes {
        let axes = axes.parse().with_context(|| format!("axes: {axes}"))?;
        x = Pca::fit(&x, axes, SEED)?.transform(&x)?;
    }
    Ok(npy(Path::new(file), Existing::Replace, x.view())?)
}

fn labels(rows: &str, file: &str) -> Result<()> {
    let (rows, all) = mnist(rows)?;
    let labels = all.labels.context("MNIST without labels")?;
    let digits = labels.classes.iter().take(rows).map(|&class| class as f32).collect();
    Ok(npy(Path::new(file), Existing::Replace, Matrix::new(digits, rows, 1)?.view())?)
}

/// How many rows are asked for, and all there are.
fn mnist(rows: &str) -> Result<(usize, Dataset)> {
    let rows: usize = rows.parse().with_context(|| format!("rows: {rows}"))?;
    let all = named("mnist:all", &Sources::from_env(), &mut |_| ControlFlow::Continue(()))?;
    if rows == 0 || rows > all.matrix.n_samples() {
        bail!("{rows} rows of MNIST's {}", all.matrix.n_samples());
    }
    Ok((rows, all))
}
