//! `gnomonic score`

use clap::Args;

use super::shared::{LabelArgs, at_least_one, perplexity};
use gnomonic::Tsne;

const EXAMPLES: &str = "\
Examples:
  gnomonic score X.npy map.npy
  gnomonic score X.npy map.csv --labels y.csv --json
  gnomonic score table.csv map.npy --label-column species";

/// Measure how well a map, from any tool, keeps the data
///
/// kl: the Kullback-Leibler divergence of the map, from the exact neighbors in X as given and over all pairs of the
/// map. trustworthiness: are the neighbors in the map neighbors in the data? continuity: are the neighbors in the data
/// neighbors in the map? knn_recall_10: the share of the 10 nearest neighbors that the map keeps. label_accuracy: how
/// often the 10 nearest points in the map tell a point's label. silhouette: how well the labels' clusters stand apart.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ScoreArgs {
    /// The data that was mapped
    #[arg(value_name = "X", help_heading = "Input")]
    pub(crate) data: String,

    /// The map, with a row for each row of X
    #[arg(value_name = "Y", help_heading = "Input")]
    pub(crate) map: String,

    #[command(flatten, next_help_heading = "Input")]
    pub(crate) labels: LabelArgs,

    /// Where named data sets are looked for first
    #[arg(long, value_name = "DIR", env = "GNOMONIC_DATA", hide_env_values = true, help_heading = "Input")]
    pub(crate) data_dir: Option<std::path::PathBuf>,

    /// The perplexity that kl is measured at
    #[arg(long, value_name = "P", default_value_t = Tsne::default().get_perplexity(), value_parser = perplexity, allow_negative_numbers = true, help_heading = "Measures")]
    pub(crate) perplexity: f64,

    /// The neighbors that trustworthiness and continuity look at
    #[arg(long, value_name = "K", default_value_t = 5, value_parser = at_least_one, help_heading = "Measures", allow_negative_numbers = true)]
    pub(crate) neighbors: usize,

    /// Print one flat JSON object
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,

    /// Say nothing but the scores, warnings and errors
    #[arg(long, short, help_heading = "General")]
    pub(crate) quiet: bool,
}
