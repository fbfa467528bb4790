//! `gnomonic inspect`

use clap::Args;

use super::shared::InputArgs;

const EXAMPLES: &str = "\
Examples:
  gnomonic inspect table.csv
  gnomonic inspect table.csv --label-column species --exclude id
  gnomonic inspect vectors.jsonl";

/// Tell how a file is read: its format, its columns, what becomes of each, and the command that maps it
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct InspectArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
}
