//! Which of the standard streams were open when the program was started.
#![allow(unsafe_code, reason = "a function that the loader calls before Rust's runtime begins")]

use std::sync::atomic::{AtomicBool, Ordering};

static STDOUT_IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Whether the program was started without a standard output. Where the system has no such thing, never.
///
/// Rust's runtime puts `/dev/null` in its place before `main`, so that no file gets its number; then all that is written there seems to
/// be well. So it is looked at before.
pub(crate) fn is_stdout_closed() -> bool {
    STDOUT_IS_CLOSED.load(Ordering::Relaxed)
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod before_main {
    use std::sync::atomic::Ordering;

    use super::STDOUT_IS_CLOSED;

    /// Asks the system about descriptor 1; allocates nothing, and uses nothing of the runtime that is not there yet.
    extern "C" fn look() {
        let flags = rustix::io::fcntl_getfd(rustix::stdio::stdout());
        STDOUT_IS_CLOSED.store(flags.is_err(), Ordering::Relaxed);
    }

    // SAFETY: the loader calls each entry of this section once, in the only thread there is, with the calling convention of C; what
    // it passes besides (on Linux: arguments and environment) a function of C may leave out of account. `look` cannot panic: it makes
    // one system call and stores one atomic value.
    #[used]
    #[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
    #[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
    static LOOK: extern "C" fn() = look;
}
