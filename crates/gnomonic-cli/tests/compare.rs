//! `gnomonic compare`, as a user types it.

mod session;

use session::{Session, clusters, csv, npy};

/// A map, and the same turned by a right angle, twice as large and elsewhere, with the rows in another order.
fn with_maps() -> Session {
    let session = Session::new();
    let rows = clusters(90, 2);
    let turned: Vec<Vec<f32>> = rows.iter().map(|row| vec![3.0 - 2.0 * row[1], 2.0 * row[0]]).collect();
    let table = |rows: &[Vec<f32>]| {
        let with_index = rows.iter().enumerate().map(|(at, row)| vec![at as f32, row[0], row[1]]);
        let mut rows: Vec<Vec<f32>> = with_index.collect();
        rows.rotate_left(17);
        csv(Some("index,x,y"), &rows)
    };
    session
        .file("a.npy", npy(&rows))
        .file("turned.npy", npy(&turned))
        .file("other.npy", npy(&clusters(91, 2)))
        .file(
            "a.csv",
            csv(
                Some("index,x,y"),
                &rows.iter().enumerate().map(|(at, row)| vec![at as f32, row[0], row[1]]).collect::<Vec<_>>(),
            ),
        )
        .file("turned.csv", table(&turned));
    session
}

#[test]
fn a_map_that_was_turned_agrees_wholly() {
    let session = with_maps();
    for maps in ["a.npy turned.npy", "a.csv turned.csv"] {
        let outcome = session.run(&format!("compare {maps} --json -q")).succeeded();
        let found: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
        assert_eq!(found["points"], 90);
        assert!(found["rms_distance"].as_f64().unwrap() < 1e-5, "{maps}: {found}");
        assert!((found["scale"].as_f64().unwrap() - 0.5).abs() < 1e-5);
        assert_eq!((&found["mirrored"], &found["overlap_10"]), (&false.into(), &1.0.into()));
        assert_eq!(found["least"].as_array().unwrap().len(), 5);
    }
    // In the order of their rows the second table's points are others.
    let outcome = session.run("compare a.npy turned.csv --json -q").succeeded();
    let found: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
    assert!(found["rms_distance"].as_f64().unwrap() > 0.1, "{found}");
}

#[test]
fn the_table_has_a_row_for_each_point_and_the_words_for_people() {
    let session = with_maps();
    let outcome = session.run("compare a.csv turned.csv -o each.csv --neighbors 3 --least 2").succeeded();
    assert!(
        outcome.text().starts_with("points ") && outcome.text().contains("overlap_3"),
        "{}",
        outcome.text()
    );
    let table = session.read_text("each.csv");
    assert!(table.starts_with("index,distance,overlap_3,x,y\n0,") && table.lines().count() == 91, "{table}");
    session.run("compare a.csv turned.csv -o each.csv").failed(1, &["each.csv", "--force"]);
    session.run("compare a.csv turned.csv -o each.txt").failed(2, &["each.txt", ".csv"]);
    session.run("compare a.csv turned.csv -o a.csv --force").failed(2, &["a.csv"]);
}

#[test]
fn rows_that_only_one_map_has_are_left_out_and_told() {
    let session = with_maps();
    session.file("part.csv", "index,x,y\n5,1,2\n5,1,3\n7,3,4\n9,5,-6\n200,1,1\n");
    let outcome = session.run("compare a.csv part.csv --neighbors 1 --json").succeeded();
    let found: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
    assert_eq!(found["points"], 3);
    assert!(outcome.stderr.contains("3 rows are in both maps"), "{}", outcome.stderr);
    session.file("none.csv", "index,x,y\n500,1,2\n501,1,3\n");
    session.run("compare a.csv none.csv").failed(1, &["none.csv", "0 rows in common"]);
    session
        .run("compare a.npy other.npy")
        .failed(1, &["other.npy", "91 points for the 90 of a.npy", "index"]);
}

#[test]
fn what_it_takes_is_told_before() {
    let session = with_maps();
    let outcome = session.run("compare a.npy turned.npy --dry-run --json").succeeded();
    let told: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
    assert!(told["peak_bytes"].as_u64().unwrap() > 0);
    session.run("compare a.npy turned.npy --memory-limit 1MB").failed(2, &["comparing maps of 90 points"]);
}
