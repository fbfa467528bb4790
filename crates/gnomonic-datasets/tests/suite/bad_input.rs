//! Every way in which a file can be wrong is an error with the file's name, never a panic.

use std::path::Path;

use gnomonic_datasets::{Error, ErrorKind, Place, ReadOptions, Source, read_labels, read_map, read_matrix};

use crate::bytes::{Folder, gzip, idx, npy, npy_header, reference};

fn refused(path: &Path) -> Error {
    let error = read_matrix(&Source::file(path), &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    assert_eq!(error.path(), Some(path));
    error
}

/// Asserts the kind, and what the message says.
fn expect(error: &Error, kind: ErrorKind, says: &str) {
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(says), "{error}");
}

#[test]
fn no_file_at_all() {
    let folder = Folder::new();
    expect(&refused(&folder.path().join("none.npy")), ErrorKind::NotFound, "no such file");
    expect(&refused(folder.path()), ErrorKind::IsDirectory, "is a directory");
    expect(&refused(&folder.file("a.csv", "")), ErrorKind::Empty, "0 bytes");
    expect(&refused(&folder.file("a.gz", gzip(b""))), ErrorKind::Empty, "once decompressed");
    expect(&refused(&folder.file("a.csv", "\n\n")), ErrorKind::Empty, "no rows");
}

#[test]
fn not_the_format_it_says() {
    let folder = Folder::new();
    expect(
        &refused(&folder.file("a.npy", [1, 2])),
        ErrorKind::UnknownFormat,
        "bytes [01, 02], but a .npy file",
    );
    expect(
        &refused(&folder.file("a.npy", "höher,2\n")),
        ErrorKind::UnknownFormat,
        "looks like text, but a .npy",
    );
    let long = format!("a{}", "é".repeat(3_000));
    expect(
        &refused(&folder.file("a.npy", long)),
        ErrorKind::UnknownFormat,
        "let its name end in .csv or .tsv",
    );
    expect(&refused(&folder.file("a.npz", "1,2\n")), ErrorKind::UnknownFormat, "looks like text, but a .npz");
    expect(&refused(&folder.file("t10k-ubyte.gz", gzip(b"1,2\n"))), ErrorKind::UnknownFormat, "an IDX file");
    expect(&refused(&folder.file("a.h5", b"\x89HDF\r\n\x1a\n")), ErrorKind::UnknownFormat, "an HDF5 file");
    expect(&refused(&folder.file("a.csv", b"\xff\xfe1\0,")), ErrorKind::Io, "ends within a character");
    expect(&refused(&folder.file("a", [1, 2, 0, 3])), ErrorKind::UnknownFormat, "01, 02, 00, 03");
    expect(&refused(&folder.file("a", [0, 0, 7, 1])), ErrorKind::UnknownFormat, "type 0x07");
    expect(
        &refused(&folder.file("a", b"\x93NUMPY\x04\x00\x01\x00 ")),
        ErrorKind::UnknownFormat,
        "version 4.0",
    );
    let table = folder.file("b.csv", "1,2\n3,4\n");
    let error = read_matrix(&Source::array(&table, "x"), &ReadOptions::default()).unwrap_err();
    expect(&error, ErrorKind::UnknownFormat, "no .npz archive");
}

#[test]
fn a_header_is_not_believed() {
    let folder = Folder::new();
    let cases = [
        // Both promise far more than memory: were it allocated first, the test would not end well.
        (idx(8, &[u32::MAX, 1000], &[0; 100]), ErrorKind::Truncated, "4294967295000 bytes"),
        (
            npy(&npy_header("<f4", "(1000000, 1000000)"), &[0; 64]),
            ErrorKind::Truncated,
            "4000000000000 bytes",
        ),
        (idx(8, &[u32::MAX, u32::MAX, 2], &[0]), ErrorKind::TooLarge, "overflows"),
        (npy(&npy_header("<f4", "(9223372036854775807, 4)"), &[0; 64]), ErrorKind::TooLarge, "overflows"),
        (npy(&npy_header("<f4", "(99999999999999999999,)"), &[]), ErrorKind::Malformed, "below 2^64"),
        (npy(&npy_header("<f4", "(0, 9223372036854775807)"), &[]), ErrorKind::Empty, "no values"),
        (npy(&npy_header("<f4", "()"), &[0; 4]), ErrorKind::Malformed, "a single number"),
        (npy(&npy_header("<f4", "(2, 2"), &[0; 16]), ErrorKind::Malformed, "header"),
        (npy("nothing", &[]), ErrorKind::Malformed, "header"),
        (
            npy(&npy_header("<f4", &format!("({})", "1, ".repeat(65))), &[0; 4]),
            ErrorKind::Malformed,
            "more than 64 dimensions",
        ),
        (idx(8, &[], &[]), ErrorKind::Malformed, "no dimensions"),
        (idx(8, &[2], &[1, 2, 3]), ErrorKind::Malformed, "goes on after"),
    ];
    for (content, kind, says) in cases {
        expect(&refused(&folder.file("plain", &content)), kind, says);
    }
    // Packed, 4 GB of zeros are 4 MB, so a small file that promises them lies.
    let error = refused(&folder.file("packed", gzip(&idx(8, &[u32::MAX, 1], &[0; 100]))));
    expect(&error, ErrorKind::Truncated, "can hold at most");
    let mut long = b"\x93NUMPY\x02\x00".to_vec();
    long.extend(u32::MAX.to_le_bytes());
    expect(&refused(&folder.file("long", long)), ErrorKind::TooLarge, "4294967295 bytes long");
    let strings = folder.file("strings", npy(&npy_header("<U0", "(9223372036854775807,)"), &[]));
    let error = read_labels(&Source::file(strings), &ReadOptions::default()).unwrap_err();
    expect(&error, ErrorKind::TooLarge, "overflow");
}

/// Seventeen kilobytes once took half an hour.
#[test]
fn the_time_is_that_of_the_size() {
    let folder = Folder::new();
    let start = std::time::Instant::now();
    let shape = format!("({}, {}300)", 300, "1, ".repeat(300_000));
    let header = format!("{{'descr': '|u1', 'fortran_order': True, 'shape': {shape}, }}");
    let mut file = b"\x93NUMPY\x02\x00".to_vec();
    file.extend((header.len() as u32).to_le_bytes());
    file.extend(header.as_bytes());
    file.resize(file.len() + 90_000, 0);
    expect(&refused(&folder.file("a.npy.gz", gzip(&file))), ErrorKind::Malformed, "64 dimensions");
    // A header half of numbers and half of names, which were once compared each with each.
    let columns = 400_000;
    let numbers: String = (0..columns).map(|i| format!("{i},")).collect();
    let (names, values) = ("x,".repeat(columns), "1,".repeat(2 * columns));
    let table = folder.file("wide.csv", format!("{numbers}{names}label\n{values}a\n"));
    let data = read_matrix(&Source::file(table), &ReadOptions::default()).unwrap();
    assert_eq!(data.matrix.n_features(), 2 * columns);
    let taken = start.elapsed();
    assert!(taken < std::time::Duration::from_secs(20), "{taken:?}");
}

#[test]
fn values_that_are_no_numbers() {
    let array = |key: &str| {
        let source = Source::array(reference("arrays.npz"), key);
        read_matrix(&source, &ReadOptions::default()).unwrap_err()
    };
    let cases = [
        ("object", "Python objects (dtype |O)"),
        ("object", "astype(np.float32)"),
        ("words_little", "strings"),
        ("complex", "complex numbers (dtype <c16)"),
        ("date", "dates or times"),
        ("record", "records"),
    ];
    for (key, says) in cases {
        expect(&array(key), ErrorKind::UnsupportedType, says);
    }
    expect(&array("no_rows"), ErrorKind::Empty, "shape (0, 4)");
    expect(&array("scalar"), ErrorKind::Malformed, "shape ()");
    let objects = Source::array(reference("arrays.npz"), "object");
    let error = read_labels(&objects, &ReadOptions::default()).unwrap_err();
    expect(&error, ErrorKind::UnsupportedType, "labels.astype(str)");
    let images = Source::array(reference("arrays.npz"), "images_c");
    let error = read_labels(&images, &ReadOptions::default()).unwrap_err();
    expect(&error, ErrorKind::LengthMismatch, "shape (2, 3, 4)");
}

#[test]
fn values_that_single_precision_cannot_hold() {
    let folder = Folder::new();
    let double = |values: [f64; 4]| {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        npy(&npy_header("<f8", "(2, 2)"), &bytes)
    };
    let error = refused(&folder.file("a", double([0.0, 1.0, -1e39, f64::NAN])));
    expect(&error, ErrorKind::OutOfRange, "row 2, column 1: -1e39 is beyond");
    let error = refused(&folder.file("a", double([0.0, f64::NAN, 1.0, f64::INFINITY])));
    expect(&error, ErrorKind::NonFinite, "row 1, column 2: the value is NaN (the first of 2 values");
    assert_eq!(error.place(), Some(&Place::Cell { row: 1, column: 2, line: None, name: None }));
    let error = read_labels(&Source::file(folder.path().join("a")), &ReadOptions::default());
    assert_eq!(error.unwrap_err().kind(), ErrorKind::LengthMismatch);
}

#[test]
fn damaged_compression() {
    let folder = Folder::new();
    let file = idx(8, &[50, 20], &(0..=249).cycle().take(1000).collect::<Vec<u8>>());
    let mut checksum = gzip(&file);
    let at = checksum.len() - 8;
    checksum[at] ^= 1;
    expect(&refused(&folder.file("a.gz", checksum)), ErrorKind::Checksum, "does not have the checksum");
    let mut body = gzip(&file);
    body[12] ^= 0xff;
    let error = refused(&folder.file("a.gz", body));
    assert!(
        matches!(
            error.kind(),
            ErrorKind::Malformed | ErrorKind::Checksum | ErrorKind::Truncated | ErrorKind::UnknownFormat
        ),
        "{error}"
    );

    // A table and an array cut in half say how far they go.
    let table: String = (0..100_000).map(|i| format!("{i},{}\n", (i * 7919) % 1009)).collect();
    let long = idx(
        8,
        &[1 << 20],
        &(0..1_u32 << 20)
            .map(|i| (i.wrapping_mul(i).wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect::<Vec<u8>>(),
    );
    for content in [table.as_bytes(), &long] {
        let packed = gzip(content);
        let error = refused(&folder.file("a.gz", &packed[..packed.len() / 2]));
        expect(&error, ErrorKind::Truncated, "bytes, counted decompressed");
        let text = error.to_string();
        let far = text.split("after ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
        let far: usize = far.parse().unwrap();
        assert!(far > content.len() / 4 && far < content.len() * 3 / 4, "{text}");
    }

    let mut archive = std::fs::read(reference("keras.npz")).unwrap();
    archive[200] ^= 0xff;
    let error = refused(&folder.file("a.npz", archive));
    assert!(
        matches!(error.kind(), ErrorKind::Malformed | ErrorKind::Checksum | ErrorKind::Truncated),
        "{error}"
    );
}

/// No prefix of a file is taken for the whole, and none makes the reader panic.
#[test]
fn every_prefix_is_refused() {
    let folder = Folder::new();
    let values: Vec<u8> = (0..24_u8).flat_map(|value| f32::from(value).to_le_bytes()).collect();
    let keras = std::fs::read(reference("keras.npz")).unwrap();
    let files = [
        ("a-ubyte", idx(8, &[4, 2, 3], &values[..24])),
        ("a-ubyte.gz", gzip(&idx(8, &[4, 2, 3], &values[..24]))),
        ("a.npy", npy(&npy_header("<f4", "(4, 6)"), &values)),
        ("a.npy.gz", gzip(&npy(&npy_header("<f4", "(4, 6)"), &values))),
        ("a.npz", keras),
        ("fortran.npy", npy("{'descr': '<f4', 'fortran_order': True, 'shape': (4, 6), }", &values)),
    ];
    for (name, content) in files {
        read_matrix(&Source::file(folder.file(name, &content)), &ReadOptions::default()).unwrap();
        for end in 0..content.len() {
            refused(&folder.file(name, &content[..end]));
            let path = folder.path().join(name);
            read_labels(&Source::file(&path), &ReadOptions::default()).unwrap_err();
            read_map(&Source::file(&path), &ReadOptions::default()).unwrap_err();
        }
    }
}

/// Whatever one byte is changed to, the reader returns: with data, if the byte was a value, or an error.
#[test]
fn no_changed_byte_makes_a_panic() {
    let folder = Folder::new();
    let files = [
        idx(8, &[2, 3], &[1, 2, 3, 4, 5, 6]),
        npy(&npy_header("<f2", "(2, 3)"), &[0; 12]),
        std::fs::read(reference("keras.npz")).unwrap(),
    ];
    for content in files {
        for at in 0..content.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut changed = content.clone();
                changed[at] ^= flip;
                let source = Source::file(folder.file("a", changed));
                let _ = read_matrix(&source, &ReadOptions::default());
                let _ = read_labels(&source, &ReadOptions::default());
            }
        }
    }
}

#[test]
fn labels_of_another_length() {
    let folder = Folder::new();
    let source = Source::file(folder.file("labels.txt", "a\nb\n"));
    let data =
        read_matrix(&Source::file(folder.file("a.csv", "1\n2\n3\n")), &ReadOptions::default()).unwrap();
    let labels = read_labels(&source, &ReadOptions::default()).unwrap();
    let error = data.with_labels(labels, &source).unwrap_err();
    expect(&error, ErrorKind::LengthMismatch, "labels.txt: 2 labels for 3 rows");
    expect(&error, ErrorKind::LengthMismatch, "read the table with a header");
    let data = read_matrix(&Source::file(folder.file("a.csv", "1\n")), &ReadOptions::default()).unwrap();
    let labels = read_labels(&source, &ReadOptions::default()).unwrap();
    let error = data.with_labels(labels, &source).unwrap_err();
    expect(
        &error,
        ErrorKind::LengthMismatch,
        "2 labels for 1 row: each row needs exactly one; if its first line",
    );
}
