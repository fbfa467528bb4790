//! IDX, npy and npz.

use gnomonic_datasets::{Dataset, ErrorKind, Labels, ReadOptions, Source, read_labels, read_matrix};

use crate::bytes::{Folder, gzip, idx, npy, npy_header, reference};

fn matrix(source: &Source) -> Dataset {
    read_matrix(source, &ReadOptions::default()).unwrap()
}

fn labels(source: &Source) -> Labels {
    read_labels(source, &ReadOptions::default()).unwrap()
}

fn counted(n: usize) -> Vec<f32> {
    (0..n).map(|i| i as f32).collect()
}

#[test]
fn every_numeric_array_of_numpy_is_read() {
    for archive in ["arrays.npz", "arrays_compressed.npz"] {
        for code in ["b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"] {
            for order in ["little_c", "little_fortran", "big_c", "big_fortran"] {
                let data = matrix(&Source::array(reference(archive), format!("{code}_{order}")));
                assert_eq!((data.matrix.n_samples(), data.matrix.n_features()), (3, 4));
                let mut expected = counted(12);
                if code == "b1" {
                    expected.iter_mut().for_each(|value| *value %= 2.0);
                }
                assert_eq!(data.matrix.as_slice(), expected, "{archive}:{code}_{order}");
            }
        }
        for order in ["images_c", "images_fortran"] {
            let data = matrix(&Source::array(reference(archive), order));
            assert_eq!((data.matrix.n_samples(), data.matrix.n_features()), (2, 12));
            assert_eq!(data.matrix.as_slice(), counted(24), "{archive}:{order}");
        }
    }
}

#[test]
fn every_version_of_npy_is_read() {
    for version in 1..=3 {
        let data = matrix(&Source::file(reference(&format!("version_{version}.npy"))));
        assert_eq!(data.matrix.as_slice(), counted(12));
        assert_eq!(data.name, format!("version_{version}.npy"));
        assert_eq!(data.labels, None);
    }
}

#[test]
fn labels_are_numbers_or_strings() {
    let array = |key: &str| Source::array(reference("arrays.npz"), key);
    for key in ["words_little", "words_big"] {
        let words = labels(&array(key));
        assert_eq!(words.names, ["apple", "pear", "감"]);
        assert_eq!(words.classes, [1, 0, 1, 2]);
    }
    assert_eq!(labels(&array("words_bytes")).names, ["apple", "fig", "pear"]);
    let numbers = labels(&array("numbers"));
    assert_eq!(numbers.names, ["-1.5", "2", "10"]);
    assert_eq!(numbers.classes, [2, 1, 2, 0]);
}

#[test]
fn keras_keys_go_together() {
    let file = reference("keras.npz");
    let train = matrix(&Source::file(&file));
    assert_eq!((train.matrix.n_samples(), train.matrix.n_features()), (2, 784));
    assert_eq!(train.labels.unwrap().names, ["0", "5"]);
    let test = matrix(&Source::parse(&format!("{}:x_test", file.display())));
    assert_eq!(test.matrix.n_samples(), 1);
    assert_eq!(test.labels.unwrap().names, ["7"]);
    assert_eq!(labels(&Source::file(&file)).classes, [1, 0]);
    assert_eq!(labels(&Source::array(&file, "y_test.npy")).names, ["7"]);
}

#[test]
fn a_wrong_key_is_answered_with_the_right_ones() {
    let error =
        read_matrix(&Source::array(reference("keras.npz"), "x"), &ReadOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownKey);
    assert!(error.to_string().ends_with("it has: x_test, x_train, y_test, y_train"), "{error}");
    let error = read_matrix(&Source::file(reference("arrays.npz")), &ReadOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownKey);
    assert!(error.to_string().contains("choose one, as in "), "{error}");
}

#[test]
fn every_type_of_idx_is_read_plain_and_packed() {
    let folder = Folder::new();
    let cases: [(u8, Vec<u8>); 6] = [
        (0x08, vec![0, 1, 2, 255]),
        (0x09, [0_i8, 1, 2, -1].iter().flat_map(|v| v.to_be_bytes()).collect()),
        (0x0b, [0_i16, 1, 2, -300].iter().flat_map(|v| v.to_be_bytes()).collect()),
        (0x0c, [0_i32, 1, 2, -70_000].iter().flat_map(|v| v.to_be_bytes()).collect()),
        (0x0d, [0_f32, 1.0, 2.0, -0.5].iter().flat_map(|v| v.to_be_bytes()).collect()),
        (0x0e, [0_f64, 1.0, 2.0, 1e-3].iter().flat_map(|v| v.to_be_bytes()).collect()),
    ];
    let last = [255.0, -1.0, -300.0, -70_000.0, -0.5, 1e-3];
    for ((code, values), last) in cases.into_iter().zip(last) {
        let file = idx(code, &[2, 1, 2], &values);
        for (name, content) in [("plain", file.clone()), ("packed", gzip(&file))] {
            let data = matrix(&Source::file(folder.file(name, content)));
            assert_eq!((data.matrix.n_samples(), data.matrix.n_features()), (2, 2));
            assert_eq!(data.matrix.as_slice(), [0.0, 1.0, 2.0, last], "{code:#x} {name}");
        }
    }
    let digits = folder.file("labels", idx(8, &[4], &[7, 0, 7, 10]));
    assert_eq!(labels(&Source::file(&digits)).names, ["0", "7", "10"]);
    assert_eq!(matrix(&Source::file(&digits)).matrix.n_features(), 1);
}

#[test]
fn an_array_is_told_by_its_content_not_by_its_name() {
    let folder = Folder::new();
    let values: Vec<u8> = [1_f32, 2.0].iter().flat_map(|v| v.to_le_bytes()).collect();
    let file = npy(&npy_header("<f4", "(2,)"), &values);
    for (name, content) in [("a.csv", file.clone()), ("a.npy.gz", gzip(&file))] {
        let data = matrix(&Source::file(folder.file(name, content)));
        assert_eq!((data.matrix.n_samples(), data.matrix.as_slice()), (2, [1.0, 2.0].as_slice()));
    }
}

#[test]
fn a_long_fortran_array_is_transposed() {
    let (n, d) = (1000, 37);
    let values: Vec<u8> =
        (0..d).flat_map(|j| (0..n).map(move |i| i * d + j)).flat_map(|v: u32| v.to_le_bytes()).collect();
    let header = format!("{{'descr': '<u4', 'fortran_order': True, 'shape': ({n}, {d}), }}");
    let folder = Folder::new();
    for content in [npy(&header, &values), gzip(&npy(&header, &values))] {
        let data = matrix(&Source::file(folder.file("a", content)));
        assert_eq!(data.matrix.as_slice(), counted((n * d) as usize));
    }
}

#[test]
fn more_data_than_one_portion_is_read_from_gzip() {
    let n = 2_500_000_u32;
    let values: Vec<u8> = (0..n).map(|i| (i % 251) as u8).collect();
    let folder = Folder::new();
    let data = matrix(&Source::file(folder.file("a", gzip(&idx(8, &[n / 100, 100], &values)))));
    assert!(data.matrix.as_slice().iter().zip(&values).all(|(&read, &value)| read == f32::from(value)));
    assert_eq!(data.matrix.n_samples(), 25_000);
}
