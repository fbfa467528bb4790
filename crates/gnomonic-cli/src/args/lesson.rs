//! `gnomonic lesson`

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::shared::{GeneralArgs, LabelArgs, at_least_one};
use gnomonic::Tsne;

const EXAMPLES: &str = "\
Examples:
  gnomonic lesson                                 the bundled digits; then open lesson/index.html
  gnomonic lesson --dataset mnist -o mnist        the lecture's own data, downloaded when it is nowhere here
  gnomonic lesson --dataset X.npy --labels y.csv  your data
  gnomonic lesson --lang ko                       한국어로

Writes into the directory:
  index.html       the lesson: what t-SNE does, what perplexity means, what was measured
  palette.png map.png perplexity.png              the pictures
  embedding.csv sweep.csv                         the maps as numbers
  run.json         how they were made, so that they can be made again";

/// The lesson on t-SNE and perplexity: load, scale, sample, map, nine perplexities, a page that explains them
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct LessonArgs {
    /// A data set by name (digits, mnist, fashion-mnist), or a file
    #[arg(long, value_name = "NAME|FILE", default_value = "digits", help_heading = "Input")]
    pub(crate) dataset: String,

    #[command(flatten, next_help_heading = "Input")]
    pub(crate) labels: LabelArgs,

    /// Where named data sets are looked for first, as DIR/mnist/train-images-idx3-ubyte.gz and so on
    #[arg(long, value_name = "DIR", env = "GNOMONIC_DATA", hide_env_values = true, help_heading = "Input")]
    pub(crate) data_dir: Option<PathBuf>,

    /// The directory that the results go to
    #[arg(long, short, value_name = "DIR", default_value = "lesson", help_heading = "Output")]
    pub(crate) output: PathBuf,

    /// The language of the page
    #[arg(long, value_enum, default_value_t, value_name = "LANG", help_heading = "Output")]
    pub(crate) lang: Language,

    /// Print the record on standard output, in place of the shapes
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,

    /// The seed of every random choice
    #[arg(long, value_name = "N", default_value_t = Tsne::default().get_seed(), help_heading = "General", allow_negative_numbers = true)]
    pub(crate) seed: u64,

    /// Threads to work with; the result is the same on any number [default: all cores]
    #[arg(long, value_name = "T", value_parser = at_least_one, help_heading = "General", allow_negative_numbers = true)]
    pub(crate) threads: Option<usize>,

    #[command(flatten)]
    pub(crate) general: GeneralArgs,
}

/// The language of the lesson's page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// English
    #[default]
    En,
    /// Korean, 한국어
    Ko,
}
