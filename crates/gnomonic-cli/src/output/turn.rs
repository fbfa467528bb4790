//! Runs give names in a folder by turns, so that the files of one are not mixed with those of another.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

/// How long a turn is waited for: giving names takes milliseconds, and a lock that someone else holds must not hold up a result.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How often it is asked for.
const LOOK: Duration = Duration::from_millis(10);

/// This run's turn in some folders; it ends when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    #[allow(dead_code, reason = "held, not read")]
    locks: Vec<File>,
}

impl Turn {
    /// Waits for the turn in all of `folders`, in an order that is the same for all runs. Where a folder cannot be locked, and when it
    /// takes too long, the run goes on without.
    pub(super) fn wait(folders: impl Iterator<Item = PathBuf>) -> Self {
        // One folder by two names would wait for itself.
        let folders: BTreeSet<PathBuf> = folders.flat_map(fs::canonicalize).collect();
        let began = Instant::now();
        let lock = |folder: PathBuf| {
            let folder = File::open(folder).ok()?;
            loop {
                match folder.try_lock() {
                    Ok(()) => return Some(folder),
                    Err(TryLockError::WouldBlock) if began.elapsed() < LONGEST_WAIT => {
                        thread::sleep(LOOK);
                    }
                    Err(_) => return None,
                }
            }
        };
        Self { locks: folders.into_iter().filter_map(lock).collect() }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_folder_by_two_names_is_one_turn() {
        let folder = tempfile::tempdir().unwrap();
        let other_name = folder.path().join("deep/..");
        fs::create_dir(folder.path().join("deep")).unwrap();
        let turn = Turn::wait([folder.path().to_owned(), other_name].into_iter());
        assert_eq!(turn.locks.len(), 1);
    }
}
