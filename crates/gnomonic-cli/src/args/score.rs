//! `gnomonic score`

use std::ffi::OsString;

use clap::Args;

use super::shared::{
    CoordinateArgs, DataDirArgs, ForesightArgs, LabelArgs, at_least_one, input_name, perplexity,
};
use super::table::TableArgs;

const EXAMPLES: &str = "\
Examples:
  gnomonic score X.npy map.npy
  gnomonic score X.npy map.csv --labels y.csv --json
  gnomonic score table.csv map.npy --label-column species

The scores:
  kl               Kullback-Leibler divergence from X's neighbors to all pairs of Y
  trustworthiness  whether neighbors in Y are neighbors in X, from 0 to 1
  continuity       whether neighbors in X are neighbors in Y, from 0 to 1
  knn_recall_10    share of the 10 nearest neighbors in X that are among those in Y
  label_accuracy   share of points whose label their 10 nearest points in Y tell
  silhouette       how well the labels stand apart in Y, from -1 to 1

Rows are matched by name where both files name theirs. Labels may stand in the map; points without one are left
out of the last two scores.";

/// Measure how well a map, from any tool, keeps the data
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ScoreArgs {
    /// The data that was mapped
    #[arg(value_name = "X", value_parser = input_name())]
    pub(crate) data: OsString,

    /// The map, with a row for each row of X, or with the names or numbers of the rows that it shows
    #[arg(value_name = "Y", value_parser = input_name())]
    pub(crate) map: OsString,

    #[command(flatten)]
    pub(crate) labels: LabelArgs,

    #[command(flatten)]
    pub(crate) coordinates: CoordinateArgs,

    #[command(flatten)]
    pub(crate) table: TableArgs,

    #[command(flatten)]
    pub(crate) data_dir: DataDirArgs,

    /// The perplexity that kl is measured at
    #[arg(
        long, value_name = "P", default_value_t = gnomonic::Affinity::default().perplexity().unwrap_or(30.0),
        value_parser = perplexity, allow_negative_numbers = true, help_heading = "Measures"
    )]
    pub(crate) perplexity: f64,

    /// The neighbors that trustworthiness and continuity look at
    #[arg(
        long, value_name = "K", default_value_t = 5, value_parser = at_least_one,
        help_heading = "Measures", allow_negative_numbers = true
    )]
    pub(crate) neighbors: usize,

    #[command(flatten)]
    pub(crate) foresight: ForesightArgs,

    /// Print one flat JSON object
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,

    /// Say nothing but the scores, warnings and errors
    #[arg(long, short, help_heading = "General")]
    pub(crate) quiet: bool,
}
