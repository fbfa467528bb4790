//! `gnomonic embed --model` and `gnomonic transform`, as a user types them.

mod session;

use session::{Session, cluster_labels, clusters, csv, npy, npy_values};

fn with_model(options: &str) -> Session {
    let session = Session::new();
    let rows = clusters(120, 5);
    session
        .file("X.csv", csv(Some("a,b,c,d,e"), &rows))
        .file("new.csv", csv(Some("a,b,c,d,e"), &rows[..30]))
        .file("new.npy", npy(&rows[..30]))
        .file("one.npy", npy(&rows[7..8]))
        .file("y.csv", cluster_labels(30));
    let perplexity = if options.contains("--affinity") { "" } else { "--perplexity 12" };
    session
        .run(&format!("embed X.csv {perplexity} --iterations 300 -q -o map.npy --model X.model {options}"))
        .succeeded();
    session
}

/// The root mean square distance of the first points of two maps, and the radius of the second.
fn apart(a: &[f32], b: &[f32]) -> (f64, f64) {
    let squares: f64 = a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum();
    let size: f64 = b.iter().map(|b| f64::from(*b).powi(2)).sum();
    ((squares / a.len() as f64).sqrt(), (size / b.len() as f64).sqrt())
}

#[test]
fn old_rows_come_to_their_old_places_whatever_was_done_to_them() {
    for options in [
        "",
        "--scale standard --pca 3",
        "--scale minmax --metric cosine",
        "--metric canberra",
        "--metric mahalanobis --affinity uniform:10",
        "--affinity multiscale:5,15 --sample 100",
    ] {
        let session = with_model(options);
        let (_, map) = npy_values(&session.read("map.npy"));
        session.run("transform X.model new.npy -o Y.npy -q").succeeded();
        session.run("transform X.model one.npy -o one-place.npy -q --threads 1").succeeded();
        let (shape, placed) = npy_values(&session.read("Y.npy"));
        assert!(shape.contains("30"), "{shape}");
        assert_eq!(npy_values(&session.read("one-place.npy")).1, placed[14..16], "{options}");
        if !options.contains("--sample") {
            let (apart, radius) = apart(&placed, &map);
            assert!(apart < 0.25 * radius, "{options}: {apart} on a map of {radius}");
        }
    }
}

#[test]
fn new_points_are_written_as_a_map_is_and_drawn() {
    let session = with_model("--scale standard");
    session.run("transform X.model new.csv --labels y.csv -o Y.csv --plot Y.svg").succeeded();
    let table = session.read_text("Y.csv");
    assert!(table.starts_with("index,x,y,label\n0,") && table.lines().count() == 31, "{table}");
    assert!(session.read_text("Y.svg").contains("<svg"));
    let printed = session.run("transform X.model new.csv --labels y.csv -q").succeeded();
    assert_eq!(printed.text(), table);
    session.run("transform X.model new.csv -o Y.csv").failed(1, &["Y.csv", "--force"]);
    session.run("transform X.model new.csv -o X.model --force").failed(2, &["X.model"]);
    let told = session.run("transform X.model new.npy --dry-run").succeeded();
    assert!(told.text().contains("placement"), "{}", told.text());
    session.run("transform X.model new.npy --memory-limit 1MB").failed(2, &["new.npy", "placement"]);
    let kept = "embed X.csv -q -o solid.npy --model solid.model --components 3";
    session.run(kept).failed(2, &["--model", "two dimensions"]);
}

#[test]
fn rows_of_other_columns_and_files_that_are_no_model_are_refused() {
    let session = with_model("");
    session.file("narrow.npy", npy(&clusters(9, 4)));
    session.run("transform X.model narrow.npy").failed(1, &["narrow.npy", "4 columns", "had 5"]);
    session.file("other.csv", csv(Some("a,b,d,c,e"), &clusters(9, 5)));
    session.run("transform X.model other.csv").failed(1, &["other.csv", "column 3 is d", "it was c"]);
    session.run("transform map.npy new.npy").failed(1, &["map.npy", "no model of gnomonic"]);
    session.run("transform none.model new.npy").failed(1, &["none.model"]);
    let mut bytes = session.read("X.model");
    let middle = bytes.len() - 500;
    bytes[middle] ^= 1;
    session.file("damaged.model", &bytes).file("cut.model", &bytes[..bytes.len() / 2]);
    session.run("transform damaged.model new.npy").failed(1, &["damaged.model", "checksum"]);
    session.run("transform cut.model new.npy").failed(1, &["cut.model", "cut short"]);
}

#[test]
fn a_model_is_the_same_bytes_each_time_and_is_not_overwritten_unasked() {
    let session = with_model("");
    let bytes = session.read("X.model");
    let again = "embed X.csv --perplexity 12 --iterations 300 -q -o other.npy --model";
    session.run(&format!("{again} X.model")).failed(1, &["X.model", "--force"]);
    session.run(&format!("{again} again.model --threads 1")).succeeded();
    assert!(session.read("again.model") == bytes);
}

#[test]
fn a_column_far_from_zero_keeps_its_digits() {
    let session = Session::new();
    let far = |rows: &[Vec<f32>]| {
        let lines = rows.iter().map(|row| format!("{:.4},{},{}\n", 1e9 + f64::from(row[0]), row[1], row[2]));
        format!("time,b,c\n{}", lines.collect::<String>())
    };
    let rows = clusters(90, 3);
    session.file("X.csv", far(&rows)).file("new.csv", far(&rows[40..70]));
    session.run("embed X.csv --perplexity 9 --iterations 300 -q -o map.npy --model X.model").succeeded();
    session.run("transform X.model new.csv -o Y.npy -q").succeeded();
    let (map, placed) = (npy_values(&session.read("map.npy")).1, npy_values(&session.read("Y.npy")).1);
    let (apart, radius) = apart(&placed, &map[80..140]);
    assert!(apart < 0.25 * radius, "{apart} on a map of {radius}");
}
