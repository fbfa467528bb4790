//! `gnomonic lesson`

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use clap::Args;

use super::shared::{DataDirArgs, GeneralArgs, LabelArgs, named, seed, thread_count};
use super::table::TableArgs;
use gnomonic::Tsne;

const EXAMPLES: &str = "\
Examples:
  gnomonic lesson                                  the bundled digits
  gnomonic lesson --dataset mnist -o mnist-lesson  the lecture's data, downloaded when not here
  gnomonic lesson --dataset X.npy --labels y.csv   your data
  gnomonic lesson --lang ko                        in Korean

Writes into the directory:
  index.html                              the lesson: open it in a browser
  palette.png, map.png, perplexity.png    the pictures
  embedding.csv, sweep.csv                the maps as numbers
  run.json                                how they were made, to make them again";

/// Do the lesson: a map, nine perplexities, and a page that explains them
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES, disable_help_flag = true)]
pub(crate) struct LessonArgs {
    /// A data set by name (digits, mnist, fashion-mnist), or a file
    #[arg(long, value_name = "NAME|FILE", default_value = "digits", help_heading = "Input")]
    pub(crate) dataset: OsString,

    #[command(flatten)]
    pub(crate) labels: LabelArgs,

    #[command(flatten)]
    pub(crate) table: TableArgs,

    #[command(flatten)]
    pub(crate) data_dir: DataDirArgs,

    /// The directory that the results go to
    #[arg(long, short, value_name = "DIR", default_value = "lesson", help_heading = "Output")]
    pub(crate) output: PathBuf,

    /// The language of the page
    #[arg(
        long, default_value_t, value_name = "LANG",
        value_parser = named(vec![Language::En, Language::Ko]), help_heading = "Output"
    )]
    pub(crate) lang: Language,

    /// Print the record on standard output, in place of the shapes
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,

    /// The seed of every random choice
    #[arg(
        long, value_name = "N", default_value_t = Tsne::default().parameters().seed,
        value_parser = seed, help_heading = "General", allow_negative_numbers = true
    )]
    pub(crate) seed: u64,

    /// Threads; the result is the same with any [default: all cores]
    #[arg(
        long, value_name = "T", value_parser = thread_count, help_heading = "General",
        allow_negative_numbers = true
    )]
    pub(crate) threads: Option<usize>,

    #[command(flatten)]
    pub(crate) general: GeneralArgs,
}

/// The language of the lesson's page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::En => "en",
            Self::Ko => "ko",
        })
    }
}
