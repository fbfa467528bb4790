//! `.npy` files: whatever follows the magic string.
#![no_main]

mod reading;

use gnomonic_datasets::{ReadOptions, read_labels, read_matrix};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = [b"\x93NUMPY", bytes].concat();
    let options = ReadOptions { ..reading::options(0) };
    reading::check(&file, |source| read_matrix(source, &options));
    reading::check(&file, |source| read_labels(source, &options));
});
