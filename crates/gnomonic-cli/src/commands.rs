//! One file for each command: plan, work, write.

mod compare;
mod datasets;
mod datasets_make;
mod embed;
mod inspect;
mod lesson;
mod plot;
mod score;
mod shell;
mod sweep;
mod transform;

use anyhow::Result;

use crate::args::Command;
use crate::interrupt::Interrupt;

/// Runs a command.
///
/// # Errors
/// Whatever went wrong, named for the user.
pub(crate) fn run(command: &Command) -> Result<()> {
    let interrupt = Interrupt::install();
    match command {
        Command::Lesson(args) => lesson::run(args, &interrupt),
        Command::Embed(args) => embed::run(args, &interrupt),
        Command::Inspect(args) => inspect::run(args),
        Command::Transform(args) => transform::run(args, &interrupt),
        Command::Sweep(args) => sweep::run(args, &interrupt),
        Command::Plot(args) => plot::run(args),
        Command::Score(args) => score::run(args, &interrupt),
        Command::Compare(args) => compare::run(args),
        Command::Datasets(args) => datasets::run(args, &interrupt),
        Command::Completions(args) => shell::completions(args),
        Command::Man(args) => shell::man(args),
    }
}
