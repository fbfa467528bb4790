//! `gnomonic embed --init FILE`, as a user types it.

mod session;

use session::{Session, clusters, csv, npy, npy_values};

fn with_maps() -> Session {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(90, 5))).file("short.npy", npy(&clusters(40, 2)));
    session.run("embed X.npy --perplexity 9 --iterations 200 -q -o map.npy").succeeded();
    session.run("embed X.npy --perplexity 9 --iterations 200 -q -o map.csv").succeeded();
    session
}

#[test]
fn the_points_start_where_a_map_has_them() {
    let session = with_maps();
    // Without a step the map is the start.
    let still =
        "embed X.npy --perplexity 9 --early-exaggeration-iterations 0 --iterations 1 --learning-rate 1e-6 -q";
    session.run(&format!("{still} --init map.npy -o same.npy --record run.json")).succeeded();
    session.run(&format!("{still} --init map.csv -o also.npy")).succeeded();
    let [map, same, also] = ["map.npy", "same.npy", "also.npy"].map(|name| npy_values(&session.read(name)).1);
    let moved = |other: &[f32]| map.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(moved(&same) < 0.01 && moved(&also) < 0.01, "{} {}", moved(&same), moved(&also));
    let record = session.read_json("run.json");
    assert_eq!(record["start"], "map.npy");
}

#[test]
fn a_sample_starts_from_its_own_rows() {
    let session = with_maps();
    let part = "embed X.npy --sample 50 --perplexity 9 --iterations 100 -q -o part.csv";
    session.run(&format!("{part} --init map.csv")).succeeded();
    session
        .run(&format!("{part} --init map.npy --force"))
        .failed(1, &["map.npy", "90 points for the 50", "index"]);
    session.file("few.csv", csv(Some("index,x,y"), &[vec![0.0, 1.0, 2.0], vec![1.0, 3.0, 4.0]]));
    session.run("embed X.npy --init few.csv").failed(1, &["few.csv", "no row 2"]);
}

#[test]
fn what_is_no_start_is_refused() {
    let session = with_maps();
    session.run("embed X.npy --init short.npy").failed(1, &["short.npy", "40 points for the 90"]);
    session.run("embed X.npy --init X.npy").failed(1, &["X.npy", "5 columns"]);
    session.run("embed X.npy --init none.npy").failed(1, &["none.npy"]);
    session.run("embed X.npy --init pac").failed(2, &["pca, random"]);
    session.run("embed X.npy --init map.npy -o map.npy --force").failed(2, &["map.npy"]);
    session.run("sweep X.npy --init map.npy -o maps").failed(2, &["--init FILE belongs to embed"]);
}
