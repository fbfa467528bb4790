//! Writing to what someone reads at their own pace: a pipe, a terminal.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// A run that was stopped found nobody to read what it had to say.
#[derive(Debug)]
pub(crate) struct Unread;

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the run was stopped, and nobody reads this")
    }
}

impl std::error::Error for Unread {}

/// A file that may be a pipe. Writing waits for the reader, for as long as the user lets it: once a stop is asked for, no longer
/// than a moment.
#[derive(Debug)]
pub(super) struct Patient {
    file: File,
    /// Nobody reads; a buffer that is dropped tries once more.
    gave_up: bool,
}

#[cfg(unix)]
mod waiting {
    use std::fs::File;
    use std::io;
    use std::path::Path;
    use std::thread;
    use std::time::{Duration, Instant};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::Unread;
    use crate::interrupt;

    /// How often a stop is looked for.
    const LOOK: Duration = Duration::from_millis(100);
    /// How long a stopped run waits for its reader to take something.
    const MOMENT: Duration = Duration::from_secs(2);
    /// The bytes that a pipe which has room has room for: to write no more at a time never waits.
    pub(super) const ROOM: usize = 4096;

    /// Opens a device or a pipe; the latter once someone reads it.
    pub(super) fn open(path: &Path) -> io::Result<File> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let without_reader = rustix::io::Errno::NXIO.raw_os_error();
        loop {
            let flags = rustix::fs::OFlags::NONBLOCK.bits() as i32;
            match File::options().write(true).custom_flags(flags).open(path) {
                Err(error) if error.raw_os_error() == Some(without_reader) => {
                    if interrupt::is_requested() {
                        return Err(unread());
                    }
                    thread::sleep(LOOK);
                }
                opened => return opened,
            }
        }
    }

    /// Waits until `file` takes something.
    pub(super) fn for_room(file: &File) -> io::Result<()> {
        let mut stopped: Option<Instant> = None;
        let look = Timespec { tv_sec: 0, tv_nsec: LOOK.as_nanos() as _ };
        loop {
            match poll(&mut [PollFd::new(file, PollFlags::OUT)], Some(&look)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                ready => return Ok(ready.map(drop)?),
            }
            if interrupt::is_requested() && stopped.get_or_insert_with(Instant::now).elapsed() > MOMENT {
                return Err(unread());
            }
        }
    }

    pub(super) fn unread() -> io::Error {
        io::Error::new(io::ErrorKind::TimedOut, Unread)
    }
}

impl Patient {
    /// Opens a device or a pipe, once someone reads it.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        #[cfg(unix)]
        let file = waiting::open(path)?;
        #[cfg(not(unix))]
        let file = File::options().write(true).open(path)?;
        Ok(Self { file, gave_up: false })
    }

    /// Standard output, with what was written to it so far.
    pub(super) fn stdout() -> io::Result<Self> {
        let mut stdout = io::stdout().lock();
        stdout.flush()?;
        #[cfg(unix)]
        let handle = std::os::fd::AsFd::as_fd(&stdout).try_clone_to_owned()?;
        #[cfg(windows)]
        let handle = std::os::windows::io::AsHandle::as_handle(&stdout).try_clone_to_owned()?;
        Ok(Self { file: File::from(handle), gave_up: false })
    }
}

impl Write for Patient {
    #[cfg(unix)]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            if self.gave_up {
                return Err(waiting::unread());
            }
            waiting::for_room(&self.file).inspect_err(|_| self.gave_up = true)?;
            match self.file.write(&bytes[..bytes.len().min(waiting::ROOM)]) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return written,
            }
        }
    }

    #[cfg(not(unix))]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
