//! The small corpus that the fuzzer starts from, and what it once found: read again in every run of the tests, as the targets
//! in `fuzz/` read it.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use gnomonic_datasets::{Header, LabelColumn, ReadOptions, Source, read_labels, read_map, read_matrix};

use crate::bytes::Folder;

/// The files of a target.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{target} has no corpus");
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

/// The settings that a byte stands for.
fn options(choice: u8) -> ReadOptions {
    ReadOptions {
        header: [Header::Auto, Header::Present, Header::Absent][usize::from(choice % 3)],
        label_column: match choice / 3 % 4 {
            0 => LabelColumn::Auto,
            1 => LabelColumn::Absent,
            2 => LabelColumn::At("1".to_owned()),
            _ => LabelColumn::At("label".to_owned()),
        },
        memory: Some(64 << 20),
        ..ReadOptions::default()
    }
}

/// Reads these bytes in each way; an error is one that can be shown.
fn read(folder: &Folder, content: &[u8], options: &ReadOptions) {
    let source = Source::file(folder.file("fuzz", content));
    let errors = [
        read_matrix(&source, options).err(),
        read_labels(&source, options).err(),
        read_map(&source, options).err(),
    ];
    for error in errors.into_iter().flatten() {
        let message = error.to_string();
        assert!(!message.contains(char::is_control) && message.len() < 8_000, "{message:?}");
    }
}

#[test]
fn all_of_the_corpus_is_read_or_refused() {
    let folder = Folder::new();
    for target in ["table", "labels", "map", "libsvm", "json", "words"] {
        for bytes in corpus(target) {
            read(&folder, &bytes[1..], &options(bytes[0]));
        }
    }
    for (target, magic) in [
        ("npy", b"\x93NUMPY".as_slice()),
        ("idx", &[0, 0]),
        ("npz", &[]),
        ("fcs", b"FCS3.1    "),
        ("safetensors", &[]),
        ("word2vec", &[]),
        ("matrix_market", b"%%MatrixMarket matrix coordinate real general\n"),
    ] {
        for bytes in corpus(target) {
            read(&folder, &[magic, &bytes].concat(), &options(0));
        }
    }
    for bytes in corpus("gzip") {
        let (choice, content) = (bytes[0], &bytes[1..]);
        let file = if choice & 1 == 0 {
            [&[0x1f, 0x8b], content].concat()
        } else {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap()
        };
        read(&folder, &file, &options(choice / 2));
    }
}
