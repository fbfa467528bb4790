//! The formats, a file each behind the trait [`format::Format`]. What several of them need stands above them.

// What formats share.
pub(crate) mod element;
pub(crate) mod format;
pub(crate) mod refusals;
pub(crate) mod array;
// The formats.
pub(crate) mod idx;
pub(crate) mod npy_header;
pub(crate) mod npy;
pub(crate) mod npz;
pub(crate) mod table;
