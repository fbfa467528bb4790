//! `gnomonic embed`

use std::path::PathBuf;

use clap::Args;

use super::shared::{ForesightArgs, GeneralArgs, InputArgs, PreparationArgs, TsneArgs, affinity, perplexity};
use gnomonic::{Affinity, Tsne};

const EXAMPLES: &str = "\
Examples:
  gnomonic embed X.npy -o map.npy
  gnomonic embed X.npy --labels y.csv -o map.csv --plot map.png
  gnomonic embed table.csv --label-column species --scale standard -o map.csv
  gnomonic embed songs.csv --exclude year --missing median -o map.csv
  gnomonic embed mnist.npz:x_train --labels mnist.npz:y_train --sample 10000 -o map.npy
  gnomonic embed digits | head
  gnomonic embed X.npy --dry-run --memory-limit 24GB

The CSV has the columns index, x, y and, with labels, label, and then those that are carried along: the columns
of a table that hold no numbers. index is the input's row, from 0. A map of one dimension has x alone, one of three
x, y, z, and one of more x1, x2, … Pictures of three dimensions show the three planes side by side.";

/// Map data to the plane
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES, disable_help_flag = true)]
pub(crate) struct EmbedArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// Where the map goes, .npy, .csv, .tsv or .json [default: CSV on standard output]
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,

    /// Draw the map as well, .png or .svg
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) plot: Option<PathBuf>,

    /// Write down how the map was made, to make it again
    #[arg(long, value_name = "run.json", help_heading = "Output")]
    pub(crate) record: Option<PathBuf>,

    /// Keep what is needed to lay new rows on the map, with `gnomonic transform FILE NEW`
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) model: Option<PathBuf>,

    /// Print the record on standard output (the map then needs -o)
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,

    /// Neighbors each point heeds: few show detail, many the whole
    #[arg(
        long, value_name = "P", default_value_t = Affinity::default().perplexity().unwrap_or(30.0),
        value_parser = perplexity, allow_negative_numbers = true, help_heading = "t-SNE"
    )]
    pub(crate) perplexity: f64,

    /// How attention follows from distances, where not from one perplexity: multiscale:P,P,…, mixture:P,P,…, uniform:K, fixed:SIGMA or
    /// fixed:SIGMA,K
    #[arg(
        long, value_name = "KIND", value_parser = affinity, conflicts_with = "perplexity", help_heading = "t-SNE"
    )]
    pub(crate) affinity: Option<Affinity>,

    /// Dimensions of the map: 1, 2, 3, or more with --repulsion exact
    #[arg(
        long, value_name = "C", default_value_t = Tsne::default().parameters().n_components,
        allow_negative_numbers = true, help_heading = "t-SNE"
    )]
    pub(crate) components: usize,

    /// Degrees of freedom of the map's kernel: less part clusters into finer ones, more draw them together
    #[arg(
        long, value_name = "A", default_value_t = Tsne::default().parameters().dof,
        allow_negative_numbers = true, help_heading = "t-SNE"
    )]
    pub(crate) dof: f64,

    #[command(flatten)]
    pub(crate) tsne: TsneArgs,

    #[command(flatten)]
    pub(crate) preparation: PreparationArgs,

    #[command(flatten)]
    pub(crate) foresight: ForesightArgs,

    #[command(flatten)]
    pub(crate) general: GeneralArgs,
}
