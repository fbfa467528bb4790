//! `gnomonic datasets`

use std::path::PathBuf;

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  gnomonic datasets
  gnomonic datasets --data-dir /data --json";

/// List the data sets that have names, and where each stands now
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DatasetsArgs {
    /// Where they are looked for first, as DIR/mnist/train-images-idx3-ubyte.gz and so on
    #[arg(long, value_name = "DIR", env = "GNOMONIC_DATA", hide_env_values = true)]
    pub(crate) data_dir: Option<PathBuf>,

    /// Print a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}
