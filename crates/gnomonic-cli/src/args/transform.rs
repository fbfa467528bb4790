//! `gnomonic transform`

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::shared::{ForesightArgs, GeneralArgs, InputArgs, thread_count};

const EXAMPLES: &str = "\
Examples:
  gnomonic embed X.csv --scale standard -o map.csv --model X.model
  gnomonic transform X.model new.csv -o new-map.csv
  gnomonic transform X.model new.npy --labels y.csv -o new-map.npy --plot new-map.png
  gnomonic transform X.model new.csv | head

New rows have the columns that the data had. They are scaled and projected with the numbers that
were found then, and laid where those that are like them lie. The map stays as it is, and new
rows do not see each other: one by one comes to the same as all at once.";

/// Lay new rows on a map that was made before
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES, disable_help_flag = true)]
pub(crate) struct TransformArgs {
    /// What `gnomonic embed --model FILE` wrote
    #[arg(value_name = "MODEL")]
    pub(crate) model: OsString,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// Where the new points go, .npy or .csv [default: CSV on standard output]
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,

    /// Draw the new points as well, .png or .svg
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) plot: Option<PathBuf>,

    /// Threads; the result is the same with any [default: all cores]
    #[arg(long, value_name = "T", value_parser = thread_count, allow_negative_numbers = true)]
    pub(crate) threads: Option<usize>,

    #[command(flatten)]
    pub(crate) foresight: ForesightArgs,

    #[command(flatten)]
    pub(crate) general: GeneralArgs,
}
