//! Ctrl-C, and the other signals that ask a process to end: at once while there is nothing to lose, after the iteration once there
//! is.
//!
//! Signals belong to the whole process, and so does what is known of them here.

use std::io::{self, IsTerminal as _, Write as _};
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use crate::failure::INTERRUPTED;

/// Signals that come within this of the first are the same wish: `timeout` sends two at once, to the process and to its group, as a
/// terminal does that is closed.
const ONE_WISH: Duration = Duration::from_secs(1);

/// What is known of signals.
static FLAGS: LazyLock<Flags> = LazyLock::new(Flags::default);

#[derive(Debug, Default)]
struct Flags {
    /// Work is under way that a signal must not cut short.
    deferred: Arc<AtomicBool>,
    requested: Arc<AtomicBool>,
    /// For a process that cannot have a thread to listen: a signal ends it at once.
    ends_at_once: Arc<AtomicBool>,
}

/// Whether the user asked to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interrupt(());

impl Interrupt {
    /// Takes over Ctrl-C and the signals that ask a process to end, but for those that whoever started it (`nohup`, a shell's `&`)
    /// had it ignore. A file that grows beyond what the process may write is an error from now on, and no signal.
    ///
    /// The first one ends the process at once until [`Interrupt::defer`] is called; from then on it only sets the
    /// flag, and a second one ends the process.
    pub(crate) fn install() -> Self {
        let interrupt = Self(());
        interrupt.set_deferred(false);
        listen();
        interrupt
    }

    /// From now on there is something to lose: the first signal waits to be asked for.
    pub(crate) fn defer(&self) {
        self.set_deferred(true);
    }

    /// Whether the user asked to stop.
    pub(crate) fn requested(&self) -> bool {
        is_requested()
    }

    fn set_deferred(self, deferred: bool) {
        FLAGS.deferred.store(deferred, Ordering::SeqCst);
        FLAGS.ends_at_once.store(!deferred || self.requested(), Ordering::SeqCst);
    }
}

/// Whether the user asked to stop, for what waits without an [`Interrupt`] at hand.
pub(crate) fn is_requested() -> bool {
    FLAGS.requested.load(Ordering::SeqCst)
}

/// Does what a signal asks for; `first` is when the first one came that was only noted.
fn heed(first: &mut Option<Instant>) {
    let now = Instant::now();
    match *first {
        Some(first) if now.duration_since(first) < ONE_WISH => return,
        Some(_) => {}
        None if FLAGS.deferred.load(Ordering::SeqCst) => {
            *first = Some(now);
            FLAGS.requested.store(true, Ordering::SeqCst);
            let _ = writeln!(io::stderr(), "\rfinishing what is under way; Ctrl-C again stops at once");
            return;
        }
        None => {}
    }
    // Held until the end: nobody says anything after the last word.
    let mut stderr = io::stderr().lock();
    if first.is_none() {
        // On a terminal a bar may stand in this line.
        let start = if stderr.is_terminal() { "\n" } else { "" };
        let _ = writeln!(stderr, "{start}stopped: nothing was written");
    }
    process::exit(INTERRUPTED.into());
}

#[cfg(unix)]
fn listen() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::flag;
    use signal_hook::iterator::Signals;

    // The handler does nothing of use, but where there is one, a write beyond the limit fails and the process goes on.
    let _ = flag::register(SIGXFSZ, Arc::default());
    let heeded: Vec<i32> =
        [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| !is_ignored(signal)).collect();
    let listening = Signals::new(&heeded).and_then(|mut signals| {
        let thread = std::thread::Builder::new().name("signals".into());
        thread.spawn(move || {
            let mut first = None;
            signals.forever().for_each(|_| heed(&mut first));
        })
    });
    if listening.is_err() {
        // Without a thread nothing can be said, and two signals at once are two.
        for signal in heeded {
            let _ =
                flag::register_conditional_shutdown(signal, INTERRUPTED.into(), FLAGS.ends_at_once.clone());
            let _ = flag::register(signal, FLAGS.requested.clone());
            let _ = flag::register(signal, FLAGS.ends_at_once.clone());
        }
    }
}

#[cfg(not(unix))]
fn listen() {
    let first = std::sync::Mutex::new(None);
    let _ = ctrlc::set_handler(move || {
        heed(&mut first.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    });
}

/// Whether the process was started with `signal` ignored. Linux tells; elsewhere none is taken to be.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    ignored >> (signal - 1) & 1 == 1
}
