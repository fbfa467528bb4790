//! What comes through a named pipe is read once: what would have to be read twice is refused, and nothing waits for ever.
#![cfg(unix)]

use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use gnomonic_datasets::{Error, ErrorKind, Map, ReadOptions, Source, read_labels, read_map, read_matrix};

use crate::bytes::{Folder, gzip, idx, npy, npy_header, reference};

/// What `read` makes of `content` sent through a pipe. Fails, rather than wait for ever.
#[track_caller]
fn through_pipe<T: Send + 'static>(
    content: impl Into<Vec<u8>>,
    read: impl FnOnce(&Source) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let folder = Folder::new();
    let path = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let (content, to) = (content.into(), path.clone());
    // Who stops reading early ends the writing with an error.
    thread::spawn(move || drop(std::fs::write(to, content)));
    let (send, receive) = mpsc::channel();
    thread::spawn(move || send.send(read(&Source::file(path))));
    receive.recv_timeout(Duration::from_secs(20)).expect("the reader waits for ever")
}

fn matrix(source: &Source) -> Result<Vec<f32>, Error> {
    Ok(read_matrix(source, &ReadOptions::default())?.matrix.as_slice().to_vec())
}

fn map(source: &Source) -> Result<Map, Error> {
    read_map(source, &ReadOptions::default())
}

#[test]
fn every_format_but_one_comes_through_a_pipe() {
    let values: Vec<u8> = [1.0_f32, 2.0, 3.0, 4.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    for content in [
        b"1,2\n3,4\n".to_vec(),
        gzip(b"a,b\n1,2\n3,4\n"),
        idx(8, &[2, 2], &[1, 2, 3, 4]),
        npy(&npy_header("<f4", "(2, 2)"), &values),
        gzip(&npy(&npy_header("<f4", "(2, 2)"), &values)),
    ] {
        assert_eq!(through_pipe(content.clone(), matrix).unwrap(), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(through_pipe(content, map).unwrap().points.as_slice(), [1.0, 2.0, 3.0, 4.0]);
    }
    let named = "label,y,x\na,2,1\nb,4,3\n";
    assert_eq!(through_pipe(named, map).unwrap().points.as_slice(), [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn an_archive_is_refused_by_name() {
    let archive = || std::fs::read(reference("keras.npz")).unwrap();
    let labels = |source: &Source| read_labels(source, &ReadOptions::default());
    let errors = [
        through_pipe(archive(), matrix).unwrap_err(),
        through_pipe(archive(), map).unwrap_err(),
        through_pipe(archive(), labels).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::UnknownFormat);
        assert!(error.to_string().contains("save it to a file"), "{error}");
        assert_eq!(error.path().and_then(Path::file_name), Some("pipe".as_ref()));
    }
}

#[test]
fn the_line_of_what_is_wrong_is_known_without_a_second_look() {
    let labels = |source: &Source| read_labels(source, &ReadOptions::default());
    let cases = [
        (through_pipe("a,b\n1,2\n\n3,x\n", matrix).map(drop), "row 2 (line 4), column 2 (b)"),
        (through_pipe("a,b\n1,2\n3\n", matrix).map(drop), "row 2 (line 3): has 1 cell"),
        (
            through_pipe("a,label\n1,x\n2,\n", labels).map(drop),
            "row 2 (line 3), column 2 (label): the label is empty",
        ),
        (through_pipe("x,y\n1,2\n3,nan\n", map).map(drop), "row 2 (line 3), column 2 (y)"),
    ];
    for (read, place) in cases {
        let error = read.unwrap_err();
        assert!(error.to_string().contains(place), "{error}");
    }
}

#[test]
fn what_needs_a_second_reading_says_so() {
    let error = through_pipe("1000000000,1\n1000000001,2\n1000000002,3\n", matrix).unwrap_err();
    assert!(error.to_string().contains("a pipe cannot be read again"), "{error}");
}
