//! The command line: its words, split at line ends, are parsed and checked as the command does before it touches a file.
#![no_main]
#![allow(dead_code, unused_imports, unreachable_pub)]

/// The modules of the command that touch no file.
#[path = "../../crates/gnomonic-cli/src"]
mod command {
    pub(crate) mod args;
    pub(crate) mod failure;
    pub(crate) mod memory;
    pub(crate) mod plan;
    pub(crate) mod table;
}

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use clap::Parser as _;
use command::{args, failure, memory, plan, table};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let words = bytes.split(|&byte| byte == b'\n').map(|word| OsString::from_vec(word.to_vec()));
    let words = std::iter::once("gnomonic".into()).chain(words);
    match args::Cli::try_parse_from(words) {
        Ok(cli) => match cli.command {
            args::Command::Embed(args) => drop(plan::Embed::try_from(&args)),
            args::Command::Sweep(args) => drop(plan::Sweep::try_from(&args)),
            args::Command::Plot(args) => drop(plan::Picture::at(&args.output)),
            _ => {}
        },
        Err(error) => drop(error.render().to_string()),
    }
});
