//! The real MNIST, when `GNOMONIC_DATA` names the folder that holds it.

use std::ops::ControlFlow;

use gnomonic::neighbors;
use gnomonic_datasets::write::Existing;
use gnomonic_datasets::{
    Dataset, EndlessDigits, ReadOptions, Source, Sources, Standing, catalog, named, read_labels, read_matrix,
};

use crate::bytes::Folder;

/// The sources, or `None` when there is no data; with `CI` set there must be.
fn sources() -> Option<Sources> {
    let mut sources = Sources::from_env();
    sources.cache_dir = None;
    sources.offline = true;
    let required = std::env::var_os("CI").is_some_and(|value| value == "true");
    assert!(
        sources.data_dir.is_some() || !required,
        "CI must set GNOMONIC_DATA to a folder that holds mnist/"
    );
    sources.data_dir.is_some().then_some(sources)
}

fn get(name: &str, sources: &Sources) -> Dataset {
    named(name, sources, &mut |_| ControlFlow::Continue(())).unwrap()
}

#[test]
fn both_halves_and_the_whole() {
    let Some(sources) = sources() else { return };
    let train = get("mnist", &sources);
    assert_eq!((train.matrix.n_samples(), train.matrix.n_features()), (60_000, 784));
    let train_labels = train.labels.unwrap();
    assert_eq!(train_labels.classes[..5], [5, 0, 4, 1, 9]);
    assert_eq!(train_labels.names.join(""), "0123456789");
    let test = get("mnist:test", &sources);
    assert_eq!(test.matrix.n_samples(), 10_000);
    assert_eq!(test.labels.unwrap().classes[..3], [7, 2, 1]);

    let all = get("mnist:all", &sources);
    assert_eq!(all.matrix.n_samples(), 70_000);
    assert_eq!(all.labels.unwrap().len(), 70_000);
    let (front, back) = all.matrix.as_slice().split_at(60_000 * 784);
    assert!(front == train.matrix.as_slice() && back == test.matrix.as_slice());
    // The mean pixel that the field quotes: 33.3184 of 255 in the training half.
    let sum: f64 = front.iter().map(|&pixel| f64::from(pixel)).sum();
    assert!((sum / front.len() as f64 - 33.3184).abs() < 1e-3);
}

#[test]
fn the_catalog_says_where_it_is() {
    let Some(sources) = sources() else { return };
    let entry = catalog(&sources).into_iter().find(|entry| entry.name == "mnist").unwrap();
    assert_eq!(entry.standing, Standing::Found(sources.data_dir.unwrap().join("mnist")));
    assert_eq!((entry.n_samples, entry.n_features), (60_000, 784));
}

#[test]
fn endless_digits_can_still_be_told_apart() {
    let Some(sources) = sources() else { return };
    let digits = EndlessDigits::new(get("mnist:all", &sources), 42).unwrap();
    let (n, folder) = (6_000, Folder::new());
    let axes = digits.axes(n).unwrap();
    let [rows, npy, text] = ["X.npy", "y.npy", "y.txt"].map(|name| folder.path().join(name));
    digits.write_npy(&rows, Existing::Refuse, n, &axes, &mut |_| ControlFlow::Continue(())).unwrap();
    digits.write_classes_npy(&npy, Existing::Refuse, n).unwrap();
    digits.write_labels_text(&text, Existing::Refuse, n).unwrap();

    let options = ReadOptions::default();
    let matrix = read_matrix(&Source::file(&rows), &options).unwrap().matrix;
    assert_eq!((matrix.n_samples(), matrix.n_features()), (n, EndlessDigits::N_AXES));
    let labels = read_labels(&Source::file(&npy), &options).unwrap();
    assert_eq!(read_labels(&Source::file(&text), &options).unwrap(), labels);
    assert_eq!(labels.names.join(""), "0123456789");

    let nearest = neighbors::exact(&matrix, 1).unwrap();
    let agree = |&row: &usize| labels.classes[row] == labels.classes[nearest.indices(row)[0] as usize];
    let agreement = (0..n).filter(agree).count() as f64 / n as f64;
    assert!(agreement > 0.8, "{agreement}");
}
