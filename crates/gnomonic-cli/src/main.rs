//! The `gnomonic` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(gnomonic_cli::run(std::env::args_os()))
}
