//! IDX files: whatever follows the two zero bytes.
#![no_main]

mod reading;

use gnomonic_datasets::{read_labels, read_matrix};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = [&[0, 0], bytes].concat();
    let options = reading::options(0);
    reading::check(&file, |source| read_matrix(source, &options));
    reading::check(&file, |source| read_labels(source, &options));
});
