//! The threads that all parallel work runs on.

use std::env;
use std::io;
use std::num::NonZero;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use gnomonic::Tsne;
use rayon::{ThreadBuilder, ThreadPoolBuilder};

use crate::failure::Usage;
use crate::progress::Progress;
use crate::table::counted;

/// What sets the number of threads of every program that uses rayon.
const VARIABLE: &str = "RAYON_NUM_THREADS";

/// Starts the threads: as many as asked for; else as the environment says; else one for each core. Gives how many there are.
///
/// Where the system refuses some (a container's limit, no memory for their stacks), the work is done on those that there are, if
/// need be on this one alone: the result is the same.
///
/// # Errors
/// When fewer than the user asked for can be started, or more were asked for than make sense.
pub(crate) fn start(asked: Option<usize>, progress: &mut Progress) -> Result<usize> {
    let asked = asked.map_or_else(asked_by_environment, |threads| Ok(Some(threads)))?;
    let wanted = asked.unwrap_or_else(|| thread::available_parallelism().map_or(1, NonZero::get));
    let wanted = wanted.min(Tsne::MOST_THREADS);
    let (hands, refused) = hire(wanted);
    if let Some(refused) = refused {
        let started = hands.len();
        if asked.is_some() {
            return Err(refused).with_context(|| {
                format!("{wanted} threads could not be started, only {started}; ask for fewer with --threads")
            });
        }
        progress.warn(&format!(
            "the system refuses more threads ({refused}), so {} of {wanted} do the work: the result is the same",
            counted(started.max(1), "thread")
        ));
    }
    employ(hands).context("the threads could not be started")
}

/// Threads that wait for their work, as many of `wanted` as can be had. The pool itself would give up at the first that is refused.
fn hire(wanted: usize) -> (Vec<Sender<ThreadBuilder>>, Option<io::Error>) {
    let mut hands = Vec::with_capacity(wanted);
    for number in 0..wanted {
        let (give, take) = channel::<ThreadBuilder>();
        let hand = thread::Builder::new().name(format!("worker-{number}"));
        let waiting = hand.spawn(move || {
            if let Ok(work) = take.recv() {
                work.run();
            }
        });
        match waiting {
            Ok(_) => hands.push(give),
            Err(refused) => return (hands, Some(refused)),
        }
    }
    (hands, None)
}

/// Makes the pool of all parallel work of them; without any, of this thread.
fn employ(hands: Vec<Sender<ThreadBuilder>>) -> Result<usize> {
    let threads = hands.len().max(1);
    let pool = ThreadPoolBuilder::new().num_threads(threads);
    if hands.is_empty() {
        pool.use_current_thread().build_global()?;
    } else {
        let employ = |work: ThreadBuilder| {
            let hand = hands.get(work.index()).ok_or(io::ErrorKind::NotFound)?;
            hand.send(work).map_err(|_| io::ErrorKind::BrokenPipe.into())
        };
        pool.spawn_handler(employ).build_global()?;
    }
    Ok(threads)
}

/// The number in the environment, if it is one.
fn asked_by_environment() -> Result<Option<usize>> {
    let asked = env::var(VARIABLE).ok().and_then(|text| text.parse().ok()).filter(|&threads| threads > 0);
    match asked {
        Some(threads) if threads > Tsne::MOST_THREADS => Err(anyhow!(Usage(format!(
            "{VARIABLE} is {threads}; it must be at most {}: set it lower, or unset it",
            Tsne::MOST_THREADS
        )))),
        asked => Ok(asked),
    }
}
