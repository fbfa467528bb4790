//! The `gnomonic` command: t-SNE from a terminal.
//!
//! [`run`] is all that a program needs; the binary and the Python package call it.
//!
//! `args` is the command line as typed, `plan` as meant, `commands` does it. Data goes to standard output, the
//! rest to standard error; only this file and the progress told there write to it.

mod args;
mod budget;
mod claims;
mod commands;
mod disk;
mod download;
mod dry_run;
mod failure;
mod foresight;
mod input;
mod interrupt;
mod map_files;
mod maps;
mod measures;
mod memory;
mod output;
mod pictures;
mod plan;
mod pool;
mod preparation;
mod progress;
mod record;
mod schedule_fields;
mod streams;
mod table;
mod watch;

use std::ffi::OsString;

use clap::Parser as _;

use args::Cli;

/// Does what a command line asks for, and returns the status that the process should end with: 0, or 1 for what is wrong with the data, 2
/// for what is wrong with the command line, 130 where the user stopped it.
///
/// `arguments` are the words of the command line, the program's own name first. It handles signals from here on, and writes to the standard
/// streams: call it once, in a process of its own. Some commands end the process themselves.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let words: Vec<OsString> = arguments.into_iter().collect();
    record::keep_command_line(&words);
    let done = match Cli::try_parse_from(words) {
        Ok(cli) => commands::run(&cli.command),
        Err(wrong) if wrong.use_stderr() => return failure::report_usage(&wrong),
        Err(asked) => output::print_help(&asked),
    };
    match done {
        Ok(()) => 0,
        Err(error) => failure::report(&error),
    }
}
