//! `gnomonic datasets`

use clap::Args;

use super::shared::DataDirArgs;

const EXAMPLES: &str = "\
Examples:
  gnomonic datasets
  gnomonic datasets --data-dir /data --json";

/// List the data sets that have names, and where each stands now
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DatasetsArgs {
    #[command(flatten)]
    pub(crate) data_dir: DataDirArgs,

    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}
