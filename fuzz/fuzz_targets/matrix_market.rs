//! Matrix Market.
#![no_main]

mod reading;

use gnomonic_datasets::{read_labels, read_matrix};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let options = reading::options(0);
    let file = [b"%%MatrixMarket matrix coordinate real general\n".as_slice(), bytes].concat();
    reading::check(&file, |source| read_matrix(source, &options));
    reading::check(&file, |source| read_labels(source, &options));
});
