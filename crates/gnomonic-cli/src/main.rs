//! The `gnomonic` command: t-SNE from a terminal.
//!
//! [`args`] is the command line as typed, [`plan`] as meant, [`commands`] does it. Data goes to standard output, the
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

use std::process::ExitCode;

use clap::Parser as _;

use args::Cli;

fn main() -> ExitCode {
    let done = match Cli::try_parse() {
        Ok(cli) => commands::run(&cli.command),
        Err(wrong) if wrong.use_stderr() => return failure::report_usage(&wrong),
        Err(asked) => output::print_help(&asked),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error),
    }
}
