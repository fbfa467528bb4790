//! The `gnomonic` command.

fn main() {}
