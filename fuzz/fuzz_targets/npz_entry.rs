//! The arrays in an archive: whole zip files with any two of them, under names that mean something.
#![no_main]

mod reading;

use std::io::{Cursor, Write as _};

use gnomonic_datasets::{read_labels, read_matrix};
use libfuzzer_sys::fuzz_target;
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

fuzz_target!(|arrays: (&[u8], &[u8], bool)| {
    let (x, y, packed) = arrays;
    let method = if packed { CompressionMethod::Deflated } else { CompressionMethod::Stored };
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, array) in [("x_train.npy", x), ("y_train.npy", y)] {
        let entry = SimpleFileOptions::default().compression_method(method);
        archive.start_file(name, entry).expect("an entry can be begun");
        archive.write_all(b"\x93NUMPY").and_then(|()| archive.write_all(array)).expect("and written");
    }
    let file = archive.finish().expect("and ended").into_inner();
    let options = reading::options(0);
    reading::check(&file, |source| read_matrix(source, &options));
    reading::check(&file, |source| read_labels(source, &options));
});
