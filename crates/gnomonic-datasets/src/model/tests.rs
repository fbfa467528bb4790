use std::fs;

use gnomonic::preprocessing::StandardScaler;
use gnomonic::{Matrix, Tsne};

use super::*;

fn rows(n: usize, d: usize) -> Matrix {
    let data = (0..n * d).map(|at| ((at * at) % 97) as f32 / 10.0 + (at % d) as f32);
    Matrix::new(data.collect(), n, d).unwrap()
}

/// A model with every part.
fn full() -> Model {
    let raw = rows(40, 6);
    let scaler = StandardScaler::fit(&raw).unwrap();
    let mut scaled = raw.clone();
    scaler.transform(&mut scaled).unwrap();
    let axes = Pca::fit(&scaled, 3, 1).unwrap();
    let projected = axes.transform(&scaled).unwrap();
    let fit = Tsne::new().perplexity(8.0).iterations(50).fit(&projected).unwrap();
    let preparation = Preparation::default()
        .with_columns(["a", "b", "the third, \"quoted\"", "d", "", "ä"].map(str::to_owned).to_vec())
        .with_offsets(vec![1e9, 0.0, 0.0, 0.0, 0.0, -0.5])
        .scaled((&scaler).into())
        .projected(axes);
    Model::new(projected, fit.embedding, Affinity::Multiscale(vec![3.0, 8.25]))
        .unwrap()
        .with_distance(Distance::Minkowski { p: 3.5 })
        .unwrap()
        .with_preparation(preparation)
        .unwrap()
}

fn plain() -> Model {
    let rows = rows(30, 4);
    let fit = Tsne::new().perplexity(5.0).iterations(50).fit(&rows).unwrap();
    Model::new(rows, fit.embedding, 5.0).unwrap()
}

fn bytes_of(model: &Model) -> Vec<u8> {
    let mut bytes = Vec::new();
    model_to(&mut bytes, model).unwrap();
    bytes
}

fn read(bytes: &[u8]) -> Result<Model> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.model");
    fs::write(&path, bytes).unwrap();
    read_model(&Source::file(path), None)
}

#[test]
fn what_was_written_is_read() {
    for model in [full(), plain()] {
        let again = read(&bytes_of(&model)).unwrap();
        assert_eq!(again, model);
        let new = rows(7, model.n_features());
        assert_eq!(again.transform(&new).unwrap(), model.transform(&new).unwrap());
    }
}

#[test]
fn a_byte_that_changed_anywhere_is_refused() {
    for model in [full(), plain()] {
        let bytes = bytes_of(&model);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            assert!(read(&damaged).is_err(), "byte {at} of {}", bytes.len());
        }
        for at in (0..bytes.len()).step_by(7) {
            for value in [0, 0xff] {
                let mut damaged = bytes.clone();
                damaged[at] = value;
                assert!(read(&damaged).is_err() || damaged == bytes, "byte {at} of {}", bytes.len());
            }
        }
    }
}

#[test]
fn a_file_that_was_cut_or_goes_on_is_refused() {
    let bytes = bytes_of(&full());
    for length in 0..bytes.len() {
        assert!(read(&bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
    }
    assert!(read(&[&bytes[..], &[0]].concat()).unwrap_err().to_string().contains("goes on after"));
    let message = read(&bytes[..bytes.len() - 40]).unwrap_err().to_string();
    assert!(message.contains("cut short"), "{message}");
}

#[test]
fn other_files_are_named_as_what_they_are() {
    for bytes in [&b"index,x,y\n0,1,2\n"[..], b"\x93NUMPY\x01\x00", b"\x89PNG\r\n"] {
        let message = read(bytes).unwrap_err().to_string();
        assert!(message.contains("map.model") && message.contains("no model of gnomonic"), "{message}");
    }
    let mut newer = bytes_of(&plain());
    newer[MAGIC.len()] = 2;
    assert!(read(&newer).unwrap_err().to_string().contains("version 2"));
}

#[test]
fn a_header_that_promises_too_much_costs_nothing() {
    let bytes = bytes_of(&plain());
    // The numbers of rows, of mapped columns and of columns.
    let first = MAGIC.len() + 12;
    for count in [first, first + 8, first + 16] {
        for value in [u64::MAX, 1 << 40, 1 << 33] {
            let mut huge = bytes.clone();
            huge[count..count + 8].copy_from_slice(&value.to_le_bytes());
            assert!(read(&huge).is_err());
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.model");
    fs::write(&path, &bytes).unwrap();
    let error = read_model(&Source::file(path), Some(100)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
}

#[test]
fn what_cannot_be_a_model_is_refused_whatever_its_checksum() {
    let sealed = |mut bytes: Vec<u8>| {
        bytes.truncate(bytes.len() - 32);
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
        bytes
    };
    let bytes = bytes_of(&plain());
    assert!(read(&sealed(bytes.clone())).is_ok());
    let dimensions = MAGIC.len() + 8;
    let mut other = bytes.clone();
    other[dimensions] = 3;
    assert!(read(&sealed(other)).unwrap_err().to_string().contains("3 dimensions"));
    let mut other = bytes.clone();
    let place = bytes.len() - 32 - 4;
    other[place..place + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(read(&sealed(other)).unwrap_err().to_string().contains("cannot be a model"));
}
