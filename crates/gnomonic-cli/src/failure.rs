//! What went wrong, as the exit status tells it: 1 for the user's data, 2 for usage, 130 for Ctrl-C.

use std::borrow::Cow;
use std::fmt;
use std::io;

use gnomonic_datasets::shown;

use crate::output::Unread;

/// The command line asks for something that no data could make right.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// The user stopped the run; the text says what was saved.
#[derive(Debug)]
pub(crate) struct Interrupted(pub(crate) String);

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Interrupted {}

/// The status of a run that Ctrl-C ended: 128 + SIGINT, as shells count.
pub(crate) const INTERRUPTED: u8 = 130;

/// Says on stderr why the run ended, and gives the status to end with.
pub(crate) fn report(error: &anyhow::Error) -> u8 {
    if error.is::<Interrupted>() || is_unread(error) {
        say(&format!("stopped: {error:#}"));
        return INTERRUPTED;
    }
    say(&format!("error: {error:#}"));
    if error.is::<Usage>() {
        return 2;
    }
    1
}

/// Says what is wrong with the command line, and gives the status to end with. A word that a
/// terminal would obey, as a shell makes of the names of files, is spelled out.
pub(crate) fn report_usage(error: &clap::Error) -> u8 {
    let plain = error.render().to_string();
    if let Cow::Owned(spelled) = shown::lines(&plain) {
        say(spelled.trim_end());
        return 2;
    }
    error.exit()
}

/// The error with `more` after what it says; one that comes of the user's stop stays that.
pub(crate) fn with(error: &anyhow::Error, more: &str) -> anyhow::Error {
    let said = format!("{error:#}{more}");
    if is_unread(error) { Interrupted(said).into() } else { anyhow::anyhow!(said) }
}

/// Whether the run was stopped while it waited for a reader.
fn is_unread(error: &anyhow::Error) -> bool {
    let inner = |cause: &(dyn std::error::Error + 'static)| {
        cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .is_some_and(|inner| inner.is::<Unread>())
    };
    error.chain().any(inner)
}

/// `eprintln!` would panic when stderr is closed; then nobody is listening. Whatever a message quotes, a terminal obeys
/// none of it.
fn say(message: &str) {
    use std::io::Write as _;
    let _ = writeln!(io::stderr(), "{}", shown::lines(message));
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    fn status(error: anyhow::Error) -> String {
        format!("{:?}", report(&error))
    }

    fn code(code: u8) -> String {
        format!("{:?}", (code))
    }

    #[test]
    fn the_status_tells_data_usage_and_interruption_apart() {
        assert_eq!(status(anyhow!("X.npy: row 1, column 2 is NaN")), code(1));
        assert_eq!(status(Usage("both write map.npy".into()).into()), code(2));
        assert_eq!(status(Interrupted("nothing to save".into()).into()), code(130));
    }
}
