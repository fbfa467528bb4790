//! Where results go: nothing is overwritten unasked, nothing is left half-written, and what cannot be written is named before
//! the long work starts.
//!
//! A command plans its outputs first ([`Destination`], [`OutputDirectory`]), against its [`Inputs`], works, hands every file's
//! bytes to a [`Batch`], and commits them together: each is a file without a name until then, so that a disk that fills up leaves
//! no file of the batch behind. One rule decides what may be replaced, for all commands: a regular file, when the user says
//! `--force` or the record of an earlier run says, with its digest, that it is what that run wrote. What is found to be anything
//! else when the work is done stays, and the result is kept beside it.

mod batch;
mod destination;
mod directory;
mod inputs;
mod patient;
mod standard;
mod turn;

pub(crate) use batch::{Batch, keep_from_stdout, keep_or_write, write_all};
pub(crate) use destination::{Destination, check_distinct, partials};
pub(crate) use directory::OutputDirectory;
pub(crate) use inputs::Inputs;
pub(crate) use patient::Unread;
pub(crate) use standard::{Reader, check_stdout, is_stdout_closed, print_help, write_stdout};
