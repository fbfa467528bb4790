//! One file for each command: plan, work, write.

mod datasets;
mod datasets_make;
mod embed;
mod lesson;
mod plot;
mod score;
mod shell;
mod sweep;

use std::num::NonZero;
use std::thread;

use anyhow::{Context as _, Result};
use rayon::ThreadPoolBuilder;

use crate::args::Command;

/// Runs a command.
///
/// # Errors
/// Whatever went wrong, named for the user.
pub(crate) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Lesson(args) => lesson::run(args),
        Command::Embed(args) => embed::run(args),
        Command::Sweep(args) => sweep::run(args),
        Command::Plot(args) => plot::run(args),
        Command::Score(args) => score::run(args),
        Command::Datasets(args) => datasets::run(args),
        Command::Completions(args) => shell::completions(args),
        Command::Man(args) => shell::man(args),
    }
}

/// The threads to work with: as many as asked for, or one for each core. What has no setting of its own keeps to it
/// too.
fn threads(asked: Option<usize>) -> Result<usize> {
    if let Some(threads) = asked {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build_global();
        pool.with_context(|| format!("{threads} threads could not be started"))?;
    }
    Ok(asked.unwrap_or_else(|| thread::available_parallelism().map_or(1, NonZero::get)))
}
