//! Outputs are whole or absent.

use std::fs;
use std::io;
use std::path::Path;

use gnomonic::Matrix;
use gnomonic_datasets::write::{self, Existing, MapTable};
use gnomonic_datasets::{ErrorKind, Labels, ReadOptions, Source, read_map, read_matrix};

use crate::bytes::{Folder, reference};

fn entries(folder: &Folder) -> Vec<String> {
    let names = fs::read_dir(folder.path()).unwrap();
    names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn points() -> Matrix {
    Matrix::new(vec![0.1, -1e-30, f32::MAX, 1.0 / 3.0, 0.0, 16_777_216.0], 3, 2).unwrap()
}

#[test]
fn what_is_written_reads_back_to_the_same_bits() {
    let folder = Folder::new();
    let points = points();
    let labels = Labels::from_text(&["b", "a, \"quoted\"", "b"]);
    let index = [5, 0, 2];
    let table = MapTable { points: points.view(), index: Some(&index), labels: Some(&labels), carried: &[] };
    let csv = folder.path().join("map.csv");
    write::map_csv(&csv, Existing::Refuse, &table).unwrap();
    let map = read_map(&Source::file(&csv), &ReadOptions::default()).unwrap();
    assert_eq!((map.points, map.index, map.labels), (points.clone(), Some(index.to_vec()), Some(labels)));

    let npy = folder.path().join("map.npy");
    write::npy(&npy, Existing::Refuse, points.view()).unwrap();
    assert_eq!(
        read_matrix(&Source::file(&npy), &ReadOptions::default()).unwrap().matrix,
        points.clone().into()
    );
}

#[test]
fn npy_is_what_numpy_writes() {
    let folder = Folder::new();
    let matrix = Matrix::new((0..12).map(|i| i as f32).collect(), 3, 4).unwrap();
    let path = folder.path().join("a.npy");
    write::npy(&path, Existing::Refuse, matrix.view()).unwrap();
    assert_eq!(fs::read(path).unwrap(), fs::read(reference("version_1.npy")).unwrap());
}

#[test]
fn the_tables_are_these() {
    let mut text = Vec::new();
    let points = Matrix::new(vec![1.0, -0.5, 1e-7, 3.25], 2, 2).unwrap();
    let map = MapTable { points: points.view(), index: None, labels: None, carried: &[] };
    write::map_csv_to(&mut text, &map).unwrap();
    assert_eq!(String::from_utf8(text).unwrap(), "index,x,y\n0,1,-0.5\n1,1e-7,3.25\n");

    let folder = Folder::new();
    let path = folder.path().join("sweep.csv");
    let labels = Labels::from_integers(&[3, 7]);
    let map = MapTable { points: points.view(), index: Some(&[4, 2]), labels: Some(&labels), carried: &[] };
    write::sweep_csv(&path, Existing::Refuse, &[(2.0, map), (7.5, map)]).unwrap();
    let expected =
        "perplexity,index,x,y,label\n2,4,1,-0.5,3\n2,2,1e-7,3.25,7\n7.5,4,1,-0.5,3\n7.5,2,1e-7,3.25,7\n";
    assert_eq!(fs::read_to_string(path).unwrap(), expected);
}

#[test]
fn an_existing_file_stays_unless_it_may_go() {
    let folder = Folder::new();
    let path = folder.file("a.csv", "old");
    let write_new = |existing| write::atomically(&path, existing, |writer| writer.write_all(b"new"));
    let error = write_new(Existing::Refuse).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    write_new(Existing::Replace).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(entries(&folder), ["a.csv"]);
}

#[test]
fn a_failure_leaves_nothing_behind() {
    let folder = Folder::new();
    let old = folder.file("old", "old");
    for path in [folder.path().join("new"), old.clone()] {
        let error = write::atomically(&path, Existing::Replace, |writer| {
            writer.write_all(&[0; 100_000])?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        })
        .unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::Io, Some(path.as_path())));
        assert!(error.to_string().contains("no space left"), "{error}");
    }
    assert_eq!(entries(&folder), ["old"]);
    assert_eq!(fs::read_to_string(&old).unwrap(), "old");
}

#[cfg(target_os = "linux")]
#[test]
fn devices_are_written_to() {
    let points = points();
    write::npy(Path::new("/dev/null"), Existing::Refuse, points.view()).unwrap();
    let error = write::npy(Path::new("/dev/full"), Existing::Refuse, points.view()).unwrap_err();
    assert!(error.to_string().starts_with("/dev/full: writing failed: no space left"), "{error}");
}

#[test]
fn where_nothing_can_be_written_is_known_beforehand() {
    let folder = Folder::new();
    let missing = folder.path().join("none/a.csv");
    let error = write::check_target(&missing, Existing::Replace).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("none does not exist"), "{error}");
    let error = write::check_target(folder.path(), Existing::Replace).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IsDirectory);
    write::check_target(&folder.path().join("a.csv"), Existing::Refuse).unwrap();
    assert!(entries(&folder).is_empty());
}

#[test]
fn labels_must_fit_the_points() {
    let points = points();
    let labels = Labels::from_integers(&[1]);
    let map = MapTable { points: points.view(), index: None, labels: Some(&labels), carried: &[] };
    assert!(write::map_csv_to(&mut Vec::new(), &map).is_err());
}

#[cfg(unix)]
#[test]
fn outputs_have_the_permissions_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let path = folder.path().join("a.npy");
    write::npy(&path, Existing::Refuse, points().view()).unwrap();
    let plain = folder.file("plain", "");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&path), mode(&plain));
}
