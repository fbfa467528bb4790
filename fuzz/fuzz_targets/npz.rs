//! `.npz` archives as they are in a file: the zip format itself.
#![no_main]

mod reading;

use gnomonic_datasets::{read_labels, read_map, read_matrix};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let options = reading::options(0);
    reading::check(bytes, |source| read_matrix(source, &options));
    reading::check(bytes, |source| read_labels(source, &options));
    reading::check(bytes, |source| read_map(source, &options));
});
