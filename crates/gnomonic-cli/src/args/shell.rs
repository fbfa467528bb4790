//! `gnomonic completions` and `gnomonic man`

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  gnomonic completions bash > ~/.local/share/bash-completion/completions/gnomonic
  gnomonic completions zsh > ~/.zfunc/_gnomonic
  gnomonic completions fish > ~/.config/fish/completions/gnomonic.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  gnomonic man -o ~/.local/share/man/man1
  gnomonic man -o man && man man/gnomonic-embed.1";

/// Print the completions of a shell
#[derive(Clone, Debug, Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// Write the manual pages
#[derive(Clone, Debug, Args)]
#[command(after_help = MAN_EXAMPLES)]
pub(crate) struct ManArgs {
    /// The directory that the pages go to
    #[arg(long, short, value_name = "DIR", default_value = "man")]
    pub(crate) output: PathBuf,

    /// Overwrite pages that exist
    #[arg(long)]
    pub(crate) force: bool,
}
