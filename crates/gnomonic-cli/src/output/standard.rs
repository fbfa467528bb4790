//! Standard output.

use std::io::{self, Write as _};

use anyhow::{Context as _, Result, bail};

use super::patient::Patient;
use crate::streams;

/// What became of the reader of standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// It took everything.
    Stayed,
    /// It left before the end (`gnomonic embed digits | head`): it has all that it wanted.
    Left,
}

/// Whether the program was started without a standard output (`>&-`).
pub(crate) fn is_stdout_closed() -> bool {
    streams::is_stdout_closed()
}

/// Refuses, before the work, what would go to a standard output that is closed.
///
/// # Errors
/// When it is.
pub(crate) fn check_stdout() -> Result<()> {
    if is_stdout_closed() {
        bail!(
            "standard output is closed, and the result is to go there; open it, or name a file if there is an option for that"
        );
    }
    Ok(())
}

/// Writes data to standard output. That its reader leaves early is no failure.
///
/// # Errors
/// When it is closed, or the disk behind it is full; and when its reader takes nothing, once the user wants the run to stop.
pub(crate) fn write_stdout(bytes: &[u8]) -> Result<Reader> {
    check_stdout()?;
    read(Patient::stdout().and_then(|mut stdout| stdout.write_all(bytes)))
}

/// Writes the help, or the version, that the user asked for, in the colors that the terminal has.
///
/// # Errors
/// As [`write_stdout`].
pub(crate) fn print_help(asked: &clap::Error) -> Result<()> {
    check_stdout()?;
    read(asked.print().and_then(|()| io::stdout().flush())).map(drop)
}

fn read(written: io::Result<()>) -> Result<Reader> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Left),
        written => written.map(|()| Reader::Stayed).context("standard output could not be written"),
    }
}
