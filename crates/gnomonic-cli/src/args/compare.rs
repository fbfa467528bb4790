//! `gnomonic compare`

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::shared::{ForesightArgs, GeneralArgs, at_least_one};

const EXAMPLES: &str = "\
Examples:
  gnomonic compare first.npy second.npy
  gnomonic compare first.csv second.csv --neighbors 10,50,200 --json
  gnomonic compare first.csv second.csv -o apart.csv   how far each point is apart

The second map is moved, turned, mirrored and scaled so that it lies as near to the
first as it can. Then:
  rms_distance  how far the points of one lie from those of the other, root mean
                square, as a share of the first map's radius: 0 when the maps are
                the same, 1 when they have nothing to do with each other
  correlation   of the coordinates, from 0 to 1
  scale         by how much the second map was made larger
  mirrored      whether it was mirrored
  overlap_K     share of each point's K nearest that are the same in both maps:
                t-SNE keeps neighbors, so this is what two of its maps have in common
  chance_K      what two maps would share that have nothing to do with each other";

/// Say how far two maps of the same rows agree, point by point
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES, disable_help_flag = true)]
pub(crate) struct CompareArgs {
    /// The map that stays as it is
    #[arg(value_name = "A")]
    pub(crate) first: OsString,

    /// The map that is laid over it; where both have a column `index`, that tells which points belong together
    #[arg(value_name = "B")]
    pub(crate) second: OsString,

    /// The numbers of neighbors that are compared
    #[arg(
        long, value_name = "K,…", value_delimiter = ',', default_values_t = [10, 50],
        value_parser = at_least_one, help_heading = "Measures", allow_negative_numbers = true
    )]
    pub(crate) neighbors: Vec<usize>,

    /// How many of the points that agree least are listed
    #[arg(
        long, value_name = "N", default_value_t = 5, value_parser = at_least_one,
        help_heading = "Measures", allow_negative_numbers = true
    )]
    pub(crate) least: usize,

    /// A table (.csv) with a row for each point: its index, its distance, the share of its neighbors, and where B's point lies over A
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,

    /// Print one JSON object
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) foresight: ForesightArgs,

    #[command(flatten)]
    pub(crate) general: GeneralArgs,
}
