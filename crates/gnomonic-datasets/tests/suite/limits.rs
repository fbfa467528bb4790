//! Readers hold no more than they are allowed, of any format.

use gnomonic_datasets::{ErrorKind, LabelColumn, ReadOptions, Remedy, Source};
use gnomonic_datasets::{read_labels, read_map, read_matrix};

use crate::bytes::{Folder, gzip, idx, npy, npy_header};

fn within(memory: u64) -> ReadOptions {
    ReadOptions { memory: Some(memory), ..ReadOptions::default() }
}

#[test]
fn every_format_is_read_within_its_bound_and_refused_beyond() {
    let folder = Folder::new();
    let (n, d) = (10_000, 20);
    let rows: String =
        (0..n).map(|i| (0..d).map(|j| format!("{},", i * j % 97)).collect::<String>() + "x\n").collect();
    let bytes: Vec<u8> = (0..n * d).map(|i| (i % 251) as u8).collect();
    let fortran = npy(&npy_header("|u1", &format!("({n}, {d})")).replace("False", "True"), &bytes);
    let wide: Vec<u8> = bytes.iter().flat_map(|&byte| f64::from(byte).to_le_bytes()).collect();
    for (name, content) in [
        ("a.csv", rows.clone().into_bytes()),
        ("a.csv.gz", gzip(rows.as_bytes())),
        ("a.idx", idx(8, &[n as u32, d as u32], &bytes)),
        ("a.idx.gz", gzip(&idx(8, &[n as u32, d as u32], &bytes))),
        ("a.npy", npy(&npy_header("|u1", &format!("({n}, {d})")), &bytes)),
        ("f.npy", fortran),
        ("w.npy", npy(&npy_header("<f8", &format!("({n}, {d})")), &wide)),
    ] {
        let source = Source::file(folder.file(name, content));
        let options = ReadOptions {
            label_column: if name.contains("csv") { LabelColumn::At("21".into()) } else { LabelColumn::Auto },
            // In Fortran order sixteen columns stand beside all.
            ..within(4 * (n * d) as u64 + if name == "f.npy" { 1_400_000 } else { 200_000 })
        };
        let data = read_matrix(&source, &options).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((data.matrix.n_samples(), data.matrix.n_features()), (n, d), "{name}");
        for memory in [0, 1_000, 4 * (n * d) as u64 - 1] {
            let error =
                read_matrix(&source, &ReadOptions { memory: Some(memory), ..options.clone() }).unwrap_err();
            assert_eq!(
                (error.kind(), error.remedies()),
                (ErrorKind::TooLarge, [Remedy::Memory].as_slice()),
                "{error}"
            );
            assert!(error.to_string().contains("which is the limit"), "{error}");
        }
        read_map(&source, &within(1_000)).unwrap_err();
    }
}

#[test]
fn labels_are_kept_once() {
    let folder = Folder::new();
    let n = 200_000;
    let text: String = (0..n).map(|i| format!("class number {}\n", i % 5)).collect();
    let strings: Vec<u8> = (0..n).flat_map(|i| format!("class {}", i % 5).into_bytes()).collect();
    for (name, content) in [
        ("y.txt", text.into_bytes()),
        ("y.idx", idx(8, &[n], &vec![3; n as usize])),
        ("y.npy", npy(&npy_header("|S7", &format!("({n},)")), &strings)),
    ] {
        let source = Source::file(folder.file(name, content));
        let labels = read_labels(&source, &within(4 * u64::from(n) + 100_000)).unwrap();
        assert_eq!(labels.len(), n as usize, "{name}");
        let error = read_labels(&source, &within(3 * u64::from(n))).unwrap_err();
        assert_eq!(error.remedies(), [Remedy::Memory], "{error}");
    }
    // Where each has its own, the names are what it takes.
    let own: String = (0..n).map(|i| format!("{i}\n")).collect();
    let source = Source::file(folder.file("own.txt", own));
    assert!(read_labels(&source, &within(4 * u64::from(n) + 200_000)).is_err());
    assert_eq!(read_labels(&source, &within(200 * u64::from(n))).unwrap().names.len(), n as usize);
}
