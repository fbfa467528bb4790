//! The formats, a file or a folder each behind the trait [`format::Format`]. What several of them need stands above them.

// What formats share.
pub(crate) mod element;
pub(crate) mod format;
pub(crate) mod refusals;
pub(crate) mod foreign;
pub(crate) mod array;
// The formats.
pub(crate) mod idx;
pub(crate) mod numpy;
pub(crate) mod binary;
pub(crate) mod lines;
pub(crate) mod table;
