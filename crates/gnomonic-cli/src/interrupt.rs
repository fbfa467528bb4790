//! Ctrl-C: at once while there is nothing to lose, after the iteration once there is.

use std::io::{self, IsTerminal as _, Write as _};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};

use crate::failure::{INTERRUPTED, Interrupted};

/// Whether the user asked to stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt {
    flags: Arc<Flags>,
}

#[derive(Debug, Default)]
struct Flags {
    /// Work is under way that a signal must not cut short.
    deferred: AtomicBool,
    requested: AtomicBool,
}

impl Interrupt {
    /// Takes over Ctrl-C (and the signals that ask a process to end).
    ///
    /// The first one ends the process at once until [`Interrupt::defer`] is called; from then on it only sets the
    /// flag, and the second one ends the process.
    pub(crate) fn install() -> Result<Self> {
        let interrupt = Self::default();
        let flags = Arc::clone(&interrupt.flags);
        ctrlc::set_handler(move || {
            let first = !flags.requested.swap(true, Ordering::SeqCst);
            let deferred = flags.deferred.load(Ordering::SeqCst);
            if !(first && deferred) {
                // Held until the end: nobody says anything after the last word.
                let mut stderr = io::stderr().lock();
                if !deferred {
                    // On a terminal a bar may stand in this line.
                    let start = if stderr.is_terminal() { "\n" } else { "" };
                    let _ = writeln!(stderr, "{start}stopped: nothing was written");
                }
                process::exit(INTERRUPTED.into());
            }
            let _ = writeln!(io::stderr(), "\rfinishing what is under way; Ctrl-C again stops at once");
        })
        .context("cannot listen for Ctrl-C")?;
        Ok(interrupt)
    }

    /// From now on there is something to lose: the first signal waits to be asked for.
    pub(crate) fn defer(&self) {
        self.flags.deferred.store(true, Ordering::SeqCst);
    }

    /// There is nothing to lose any more, or not yet: the first signal ends the process again.
    ///
    /// # Errors
    /// When one has come meanwhile.
    pub(crate) fn undefer(&self) -> Result<(), Interrupted> {
        self.flags.deferred.store(false, Ordering::SeqCst);
        if self.requested() { Err(Interrupted("nothing was written".into())) } else { Ok(()) }
    }

    /// Whether the user asked to stop.
    pub(crate) fn requested(&self) -> bool {
        self.flags.requested.load(Ordering::SeqCst)
    }
}
