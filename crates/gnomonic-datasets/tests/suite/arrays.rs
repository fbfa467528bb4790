//! IDX, npy and npz.

use gnomonic_datasets::{Dataset, ErrorKind, Labels, ReadOptions, Source, read_labels, read_matrix, shape};

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
    let test = matrix(&Source::parse(format!("{}:x_test", file.display())));
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

/// 1,100 rows of 4,000 columns: more than the 16 MB from which on a file is mapped.
fn large(value: impl Fn(usize) -> f32) -> Vec<u8> {
    (0..1_100 * 4_000).flat_map(|i| value(i).to_le_bytes()).collect()
}

#[test]
fn a_large_plain_array_of_f32_is_mapped_and_others_are_read() {
    let folder = Folder::new();
    let values = large(|i| (i % 10_007) as f32);
    let header = |order: &str, text: &str| {
        format!("{{'descr': '<f4', 'fortran_order': {order}, 'shape': (1100, 4000), }}{text}")
    };
    // The values begin at a multiple of four only with the right padding.
    let (even, odd) = (header("False", " "), header("False", ""));
    assert!((10 + even.len()).is_multiple_of(4) && !(10 + odd.len()).is_multiple_of(4), "{}", even.len());
    let mapped = matrix(&Source::file(folder.file("even.npy", npy(&even, &values)))).matrix;
    assert!(mapped.is_mapped());
    for (name, file) in [("odd.npy", npy(&odd, &values)), ("even.npy.gz", gzip(&npy(&even, &values)))] {
        let read = matrix(&Source::file(folder.file(name, file))).matrix;
        assert!(!read.is_mapped() && read == mapped, "{name}");
    }
    let big_endian: Vec<u8> =
        values.as_chunks::<4>().0.iter().flat_map(|v| [v[3], v[2], v[1], v[0]]).collect();
    let file = npy(&even.replace("<f4", ">f4"), &big_endian);
    let read = matrix(&Source::file(folder.file("big.npy", file))).matrix;
    assert!(!read.is_mapped() && read == mapped);
    let fortran =
        matrix(&Source::file(folder.file("fortran.npy", npy(&header("True", "  "), &values)))).matrix;
    assert!(!fortran.is_mapped() && fortran.row(1)[0] == mapped.row(0)[1]);
}

#[test]
fn the_shape_is_known_before_the_values_are_read() {
    let folder = Folder::new();
    let told = |path: &std::path::Path| {
        let shape = shape(path.to_str().unwrap()).unwrap();
        shape.map(|shape| (shape.n_samples, shape.n_features, shape.is_mapped))
    };
    // Two gigabytes of which the disk holds nothing.
    let header = format!("{:118}", "{'descr': '<f4', 'fortran_order': False, 'shape': (10000000, 50), }");
    let sparse = folder.file("sparse.npy", npy(&header, &[]));
    let file = std::fs::File::options().write(true).open(&sparse).unwrap();
    file.set_len(10 + header.len() as u64 + 2_000_000_000).unwrap();
    assert_eq!(told(&sparse), Some((10_000_000, 50, true)));
    file.set_len(1_000_000_000).unwrap();
    assert!(shape(sparse.to_str().unwrap()).unwrap_err().to_string().contains("cut short"));

    assert_eq!(told(&folder.file("a.idx", idx(8, &[3, 2, 2], &[0; 12]))), Some((3, 4, false)));
    let small = npy(&npy_header("<f8", "(2, 3)"), &[0; 48]);
    assert_eq!(told(&folder.file("small.npy.gz", gzip(&small))), Some((2, 3, false)));
    let archive = reference("arrays.npz").display().to_string() + ":f4_little_c";
    assert_eq!(told(std::path::Path::new(&archive)), Some((3, 4, false)));
    assert_eq!(told(&folder.file("table.csv", "1,2\n3,4\n")), None);
    assert_eq!(told(std::path::Path::new("digits")), Some((1797, 64, false)));
    assert_eq!(told(std::path::Path::new("mnist:all")), Some((70_000, 784, false)));
}

#[test]
fn a_mapped_array_is_checked_as_one_that_is_read() {
    let folder = Folder::new();
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1100, 4000), } ";
    let refused = |name: &str, content: &[u8]| {
        let file = folder.file(name, npy(header, content));
        read_matrix(&Source::file(file), &ReadOptions::default()).unwrap_err().to_string()
    };
    let bad = large(|i| if i == 5_003 || i >= 1_099 * 4_000 { f32::NAN } else { i as f32 });
    let message = refused("nan.npy", &bad);
    assert!(message.contains("row 2, column 1004: the value is NaN (the first of 4001 values"), "{message}");
    let values = large(|i| i as f32);
    let message = refused("short.npy", &values[..values.len() - 4]);
    assert!(message.contains("the header promises 17600000 bytes"), "{message}");
    let message = refused("long.npy", &[values.as_slice(), &[0; 4]].concat());
    assert!(message.contains("goes on after what the header promises"), "{message}");
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
