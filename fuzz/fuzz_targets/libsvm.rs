//! Rows of LIBSVM.
#![no_main]

mod reading;

use gnomonic_datasets::{ReadOptions, read_labels, read_map, read_matrix};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, text)) = bytes.split_first() else { return };
    let options = ReadOptions { transpose: choice >= 128, ..reading::options(choice % 128) };
    reading::check(text, |source| {
        let data = read_matrix(source, &options)?;
        assert!(data.matrix.as_slice().iter().all(|value| value.is_finite()));
        Ok(())
    });
    reading::check(text, |source| read_labels(source, &options));
    reading::check(text, |source| read_map(source, &options));
});
