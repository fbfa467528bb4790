//! Before the work: whether it fits is known, and a dry run is told in its place.

use anyhow::Result;
use gnomonic_datasets::Shape;

use crate::args::ForesightArgs;
use crate::budget::{Limit, Work, cores};
use crate::dry_run::Telling;
use crate::input::{self, Loaded};
use crate::interrupt::Interrupt;
use crate::plan::Input;
use crate::progress::Progress;
use crate::table::counted;
use crate::watch::AllPairs;

/// Reads the data of the work that `work` makes of its shape, once it is known to fit into memory: before reading where a
/// header tells the shape; with it comes whether there is memory for comparing all pairs of its rows, should it come to that. In a
/// dry run nothing more is read than that takes, the work is told, and there is no data.
///
/// # Errors
/// As [`input::load`], and when the work does not fit.
pub(crate) fn load(
    input: &Input,
    args: ForesightArgs,
    telling: &Telling<'_>,
    work: impl Fn(Shape) -> Work,
    progress: &mut Progress,
    interrupt: &Interrupt,
) -> Result<Option<(Loaded, AllPairs)>> {
    let limit = Limit::new(args.memory_limit);
    let shape = input::shape(input)?;
    if let Some(shape) = shape
        && !goes_on(&work(shape), args, telling, &limit, progress)?
    {
        return Ok(None);
    }
    let loaded = input::load(input, &limit, progress, interrupt)?;
    let work = work(shape.unwrap_or_else(|| loaded.dataset.shape()));
    if shape.is_none() && !goes_on(&work, args, telling, &limit, progress)? {
        return Ok(None);
    }
    let all_pairs = work.all_pairs(&input.name, &limit);
    Ok(Some((loaded, all_pairs)))
}

/// Tells the work, in a dry run, or refuses what does not fit; whether it is to be done.
fn goes_on(
    work: &Work,
    args: ForesightArgs,
    telling: &Telling<'_>,
    limit: &Limit,
    progress: &mut Progress,
) -> Result<bool> {
    let (threads, cores) = (work.threads, cores());
    if threads > cores {
        progress.warn(&format!(
            "{threads} threads share {}: this can take many times as long as --threads {cores}, and the result is the same",
            counted(cores, "core")
        ));
    }
    if args.dry_run {
        telling.tell(work, limit)?;
    } else {
        work.check(telling.name, limit, progress)?;
    }
    Ok(!args.dry_run)
}
