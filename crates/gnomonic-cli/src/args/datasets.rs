//! `gnomonic datasets`

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Subcommand};
use gnomonic::Tsne;

use super::shared::{DataDirArgs, GeneralArgs, seed};

const EXAMPLES: &str = "\
Examples:
  gnomonic datasets
  gnomonic datasets --data-dir /data --json
  gnomonic datasets make endless-digits --n 1000000 -o million.npy";

const MAKE_EXAMPLES: &str = "\
Examples:
  gnomonic datasets make endless-digits --n 1000000 -o million.npy
  gnomonic datasets make endless-digits --n 100000 --seed 7 -o X.npy --labels y.npy

Each row is one of MNIST's 70,000 digits, turned by up to 15°, scaled by 0.85 to 1.15, sheared,
shifted by up to 2 pixels, and projected on 50 principal axes: those of the first 70,000 rows that
are made, or of all where they are fewer. The variance that is told is that of these rows along
all 50 axes together, of pixels from 0 to 1.";

/// List the data sets that have names, and where each stands now; or make one
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct DatasetsArgs {
    #[command(flatten)]
    pub(crate) data_dir: DataDirArgs,

    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Option<DatasetsCommand>,
}

/// What to do other than to list.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum DatasetsCommand {
    Make(MakeArgs),
}

/// Make a data set of any size, for large runs
#[derive(Clone, Debug, Args)]
#[command(after_help = MAKE_EXAMPLES, disable_help_flag = true)]
pub(crate) struct MakeArgs {
    /// What to make
    #[arg(
        value_name = "WHAT",
        value_parser = PossibleValuesParser::new([
            PossibleValue::new("endless-digits").help("MNIST's digits, changed a little each time, on 50 axes"),
        ])
    )]
    pub(crate) what: String,

    /// Rows to make
    #[arg(
        long = "n", value_name = "N", value_parser = at_least_two, allow_negative_numbers = true,
        help_heading = "Data"
    )]
    pub(crate) n_samples: usize,

    /// The seed of every random choice
    #[arg(
        long, value_name = "N", default_value_t = Tsne::default().parameters().seed, value_parser = seed,
        allow_negative_numbers = true, help_heading = "Data"
    )]
    pub(crate) seed: u64,

    #[command(flatten)]
    pub(crate) data_dir: DataDirArgs,

    /// Where the rows go, .npy
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: PathBuf,

    /// Where the digit of each row goes, .npy or .txt
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) labels: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) general: GeneralArgs,
}

/// A number of rows that have principal axes.
fn at_least_two(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if count >= 2 => Ok(count),
        _ => Err("must be a whole number, at least 2".into()),
    }
}
