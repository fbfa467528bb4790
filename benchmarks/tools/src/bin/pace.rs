//! `pace DATA.npy PERPLEXITY` maps data and prints how far the descent has come at which second: iteration, seconds since the process
//! began, and the divergence at that iteration, which while the map glides is above what it would settle to.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use gnomonic::Tsne;
use gnomonic::observer::{Control, Iteration, Observer};
use gnomonic_datasets::{ReadOptions, Source, read_matrix};

struct Pace(Instant);

impl Observer for Pace {
    fn iteration(&mut self, iteration: &Iteration<'_>) -> Control {
        if let Some(kl) = iteration.kl_divergence {
            println!("{},{:.3},{kl:.4}", iteration.iteration, self.0.elapsed().as_secs_f64());
        }
        Control::Continue
    }
}

fn main() -> ExitCode {
    let began = Instant::now();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, perplexity] = arguments.as_slice() else {
        eprintln!("usage: pace DATA.npy PERPLEXITY");
        return ExitCode::from(2);
    };
    match run(data, perplexity, began) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pace: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(data: &str, perplexity: &str, began: Instant) -> Result<()> {
    let perplexity: f64 = perplexity.parse().with_context(|| format!("perplexity {perplexity}"))?;
    let matrix = read_matrix(&Source::from(data), &ReadOptions::default())?.matrix;
    println!("iteration,seconds,kl");
    let fit = Tsne::new().perplexity(perplexity).fit_observed(matrix.view(), &mut Pace(began))?;
    println!("end,{:.3},{:.4}", began.elapsed().as_secs_f64(), fit.record.kl_divergence);
    Ok(())
}
