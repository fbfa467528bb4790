//! `gnomonic sweep`

use std::path::PathBuf;

use clap::Args;

use super::shared::{ForesightArgs, GeneralArgs, InputArgs, PreparationArgs, TsneArgs, perplexity};

const EXAMPLES: &str = "\
Examples:
  gnomonic sweep digits -o perplexities
  gnomonic sweep X.npy --labels y.csv --perplexity 5,30,100 --sample 2000 -o perplexities

Writes into the directory:
  perplexity.png   the maps side by side
  sweep.csv        every map: perplexity, index, x, y and, with labels, label
  run.json         how they were made, and what was measured on each (beyond 10,000 points
                   without trustworthiness and silhouette, which `gnomonic score` gives)";

/// Map data at several perplexities, to choose one and to see what it does
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES, disable_help_flag = true)]
pub(crate) struct SweepArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// The directory that the results go to
    #[arg(long, short, value_name = "DIR", help_heading = "Output")]
    pub(crate) output: PathBuf,

    /// Print the record, with the measures of each map, on standard output
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,

    /// The perplexities [default: those of 2,5,10,20,30,50,75,100,150 that the rows allow]
    #[arg(
        long, value_name = "P,…", value_delimiter = ',', value_parser = perplexity,
        allow_negative_numbers = true, help_heading = "t-SNE"
    )]
    pub(crate) perplexity: Option<Vec<f64>>,

    #[command(flatten)]
    pub(crate) tsne: TsneArgs,

    #[command(flatten)]
    pub(crate) preparation: PreparationArgs,

    #[command(flatten)]
    pub(crate) foresight: ForesightArgs,

    #[command(flatten)]
    pub(crate) general: GeneralArgs,
}
