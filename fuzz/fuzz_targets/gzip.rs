//! Gzip around any format: the first bit says whether the bytes are those of the compressed file or of what is in it.
#![no_main]

mod reading;

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use gnomonic_datasets::{read_labels, read_matrix};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, content)) = bytes.split_first() else { return };
    let file = if choice & 1 == 0 {
        [&[0x1f, 0x8b], content].concat()
    } else {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).expect("memory can be written to");
        encoder.finish().expect("memory can be written to")
    };
    let options = reading::options(choice / 2);
    reading::check(&file, |source| read_matrix(source, &options));
    reading::check(&file, |source| read_labels(source, &options));
});
