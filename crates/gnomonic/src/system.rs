//! What a run asks of the system before it begins: threads, and memory. The system may refuse either.

use crate::error::{ErrorKind, Result};
use rayon::ThreadPoolBuilder;
use std::error::Error as _;
use std::sync::OnceLock;

/// Does `work` on a pool of so many threads; on none given, on the current pool: for functions of single stages, such as those of
/// [`quality`](crate::quality). A [`Tsne`](crate::Tsne) does so itself.
///
/// A program that has started no pool gets rayon's, of all cores. Where the system refuses its threads, the current thread does the work
/// alone: the result has the same bits.
///
/// # Errors
/// Those of `work`; also when the system refuses threads that were asked for.
pub fn on_threads<R: Send>(threads: Option<usize>, work: impl FnOnce() -> Result<R> + Send) -> Result<R> {
    if let Some(threads) = threads {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| {
            let bound = format!("could not be started: {error}");
            ErrorKind::Parameter { name: "threads", value: threads.to_string(), bound }
        })?;
        return pool.install(work);
    }
    has_pool();
    work()
}

/// The threads that work is done on here if none are asked for.
pub(crate) fn n_threads() -> usize {
    has_pool();
    rayon::current_num_threads()
}

/// Sees to it that this thread has a pool: the one that it is of, rayon's, or itself.
fn has_pool() {
    if rayon::current_thread_index().is_none() && !has_global_pool() {
        // Of its own thread and no other, a pool needs nothing of the system. It stays with the thread.
        let alone = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
        debug_assert!(alone.is_ok(), "{alone:?}");
    }
}

/// Whether rayon's own pool is there, or could be started. Rayon would panic where it could not, so it is asked here first, and once,
/// as rayon starts it once.
fn has_global_pool() -> bool {
    static STARTED: OnceLock<bool> = OnceLock::new();
    *STARTED.get_or_init(|| match ThreadPoolBuilder::new().build_global() {
        Ok(()) => true,
        // The system's refusal has a source; that there is a pool already has none.
        Err(refused) => refused.source().is_none(),
    })
}

/// The least that is asked for. The C library hands out what is as large from pages of its own, and takes it for usual when such a block
/// of up to 32 MB is given back: from then on it would cut blocks of that size out of its heap, which makes a run take a fifth more.
const LEAST_ASKED: usize = 33 << 20;

/// Asks the system for `bytes` at once, or for 33 MB where they are less, and gives them back, so that a limit on memory is an error before the work and no abort
/// within it. A system that promises more than it has grants this too.
///
/// # Errors
/// [`ErrorKind::Memory`], for what `purpose` names.
pub(crate) fn has_room(bytes: u64, purpose: &'static str) -> Result<()> {
    let least = |bytes: usize| bytes.max(LEAST_ASKED);
    let asked = usize::try_from(bytes).ok().map(|bytes| Vec::<u8>::new().try_reserve_exact(least(bytes)));
    match asked {
        Some(Ok(())) => Ok(()),
        _ => Err(ErrorKind::Memory { purpose, bytes }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_system_has_is_refused() {
        has_room(1 << 20, "the run").unwrap();
        for bytes in [1 << 60, u64::MAX] {
            let refused = has_room(bytes, "the run").unwrap_err();
            assert_eq!(refused.kind(), &ErrorKind::Memory { purpose: "the run", bytes });
        }
        let message = has_room(1 << 60, "the descent").unwrap_err().to_string();
        assert!(
            message.starts_with("the descent needs about 1152921505 GB, which the system refuses"),
            "{message}"
        );
    }

    #[test]
    fn work_is_done_on_the_threads_asked_for() {
        assert_eq!(on_threads(Some(3), || Ok(rayon::current_num_threads())), Ok(3));
        let inside = on_threads(Some(2), || on_threads(None, || Ok(rayon::current_num_threads())));
        assert_eq!(inside, Ok(2), "the pool that is there is used");
        assert!(on_threads(None, || Ok(rayon::current_num_threads())).unwrap() >= 1);
    }
}
