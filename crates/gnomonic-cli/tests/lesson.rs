//! `gnomonic lesson`, as a user types it.

mod session;

use session::{Session, cluster_labels, clusters, npy, real_data};

const FILES: [&str; 7] =
    ["embedding.csv", "index.html", "map.png", "palette.png", "perplexity.png", "run.json", "sweep.csv"];

fn files_in(folder: &str) -> Vec<String> {
    FILES.iter().map(|file| format!("{folder}/{file}")).collect()
}

/// Width and height of a PNG, from its header.
fn png_size(bytes: &[u8]) -> (u32, u32) {
    assert!(bytes.starts_with(b"\x89PNG"));
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn the_lesson_writes_its_seven_files() {
    let session = Session::new();
    let outcome = session.run("lesson").succeeded();
    assert_eq!(outcome.text(), "(1797, 64)\n(1797,)\n(1797, 64)\n(1797,)\n");
    assert!(outcome.stderr.contains("Open lesson/index.html"), "{}", outcome.stderr);
    assert_eq!(session.names(), files_in("lesson"));

    assert_eq!(png_size(&session.read("lesson/map.png")), (1400, 1400));
    assert_eq!(png_size(&session.read("lesson/perplexity.png")), (1500, 1500));
    assert_eq!(png_size(&session.read("lesson/palette.png")), (1000, 100));
    let map = session.read_text("lesson/embedding.csv");
    assert!(map.starts_with("index,x,y,label\n0,") && map.lines().count() == 1798);
    let sweep = session.read_text("lesson/sweep.csv");
    assert!(sweep.starts_with("perplexity,index,x,y,label\n2,") && sweep.lines().count() == 9001);
    let page = session.read_text("lesson/index.html");
    assert!(page.contains("lang=\"en\"") && page.contains("digits") && page.contains("(1797, 64)"));

    let record = session.read_json("lesson/run.json");
    assert_eq!(record["command"], "lesson");
    assert_eq!(record["preparation"]["scale"], "minmax");
    assert!(record["kl_divergence"].as_f64().unwrap() < 0.85, "{}", record["kl_divergence"]);
    let perplexities: Vec<f64> =
        record["sweep"].as_array().unwrap().iter().map(|map| map["perplexity"].as_f64().unwrap()).collect();
    assert_eq!(perplexities, [2.0, 5.0, 10.0, 20.0, 30.0, 50.0, 75.0, 100.0, 150.0]);
    for map in record["sweep"].as_array().unwrap() {
        for measure in ["kl", "trustworthiness", "silhouette", "label_accuracy", "area", "within", "between"]
        {
            assert!(map[measure].is_number(), "{measure}: {map}");
        }
        assert!(map["label_accuracy"].as_f64().unwrap() > 0.85, "{map}");
    }
    assert_eq!(record["warnings"], serde_json::json!([]));
}

#[test]
fn a_second_lesson_overwrites_the_first_and_repeats_it() {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(70, 5))).file("y.csv", cluster_labels(70));
    session.run("lesson --dataset X.npy --labels y.csv -o out -q --threads 1").succeeded();
    let (map, sweep) = (session.read("out/embedding.csv"), session.read("out/sweep.csv"));
    session.run("lesson --dataset X.npy --labels y.csv -o out -q --threads 2").succeeded();
    assert_eq!(session.read("out/embedding.csv"), map);
    assert_eq!(session.read("out/sweep.csv"), sweep);
}

/// The points of a map in CSV, from its columns `x` and `y`.
fn points<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<[f64; 2]> {
    let number = |cell: Option<&str>| cell.unwrap().parse::<f64>().unwrap();
    lines
        .map(|line| {
            let mut cells = line.split(',').skip(1);
            [number(cells.next()), number(cells.next())]
        })
        .collect()
}

#[test]
fn a_map_of_the_sweep_is_the_one_made_alone_but_for_its_direction() {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(70, 5)));
    session.run("sweep X.npy --perplexity 5,20,10 -o out -q --threads 2 --iterations 100").succeeded();
    let sweep = session.read_text("out/sweep.csv");
    let mut maps = Vec::new();
    for perplexity in ["20", "10", "5"] {
        let alone =
            session.run(&format!("embed X.npy --perplexity {perplexity} -q --iterations 100")).succeeded();
        let text = alone.text();
        let prefix = format!("{perplexity},");
        let own: Vec<&str> = sweep.lines().filter_map(|line| line.strip_prefix(&prefix)).collect();
        if perplexity == "20" {
            // The largest is as it was made, to the last digit.
            assert_eq!(own, text.lines().skip(1).collect::<Vec<_>>());
        }
        let (own, alone) = (points(own.into_iter()), points(text.lines().skip(1)));
        let apart = |map: &[[f64; 2]], i: usize| (map[i][0] - map[0][0]).hypot(map[i][1] - map[0][1]);
        for i in 1..70 {
            let (found, expected) = (apart(&own, i), apart(&alone, i));
            assert!(
                (found - expected).abs() < 1e-4 * expected.max(1.0),
                "perplexity {perplexity}, point {i}"
            );
        }
        maps.push((own, alone));
    }
    // Turned, a map lies no farther from the one of the next larger perplexity than as it was made.
    let distance = |a: &[[f64; 2]], b: &[[f64; 2]]| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)).sum()
    };
    for pair in maps.windows(2) {
        assert!(distance(&pair[1].0, &pair[0].0) <= distance(&pair[1].1, &pair[0].0) * 1.001);
    }
    assert!(maps.iter().any(|(own, alone)| distance(own, alone) > 1.0), "no map had to be turned");
}

#[test]
fn few_rows_go_without_the_perplexities_that_do_not_fit() {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(25, 5)));
    let outcome = session.run("lesson --dataset X.npy -o out").succeeded();
    assert_eq!(outcome.text(), "(25, 5)\n(25, 5)\n", "without labels there is no shape of theirs");
    assert!(outcome.stderr.contains("too few for perplexity 30; the map is made at 8"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("perplexity 30, 50, 75, 100, 150: left out"), "{}", outcome.stderr);
    assert_eq!(session.names(), [vec!["X.npy".to_owned()], files_in("out")].concat());
    let record = session.read_json("out/run.json");
    assert_eq!(record["sweep"].as_array().unwrap().len(), 4);
    assert!(record["sweep"][0]["silhouette"].is_null());
}

#[test]
fn a_label_for_each_row_or_one_for_all_is_drawn() {
    let session = Session::new();
    let labels: String = (0..250).map(|i| format!("name {i}\n")).collect();
    session
        .file("X.npy", npy(&clusters(250, 3)))
        .file("each.csv", labels)
        .file("one.csv", "same\n".repeat(250));
    for labels in ["each", "one"] {
        session.run(&format!("lesson --dataset X.npy --labels {labels}.csv -o {labels} -q")).succeeded();
        let record = session.read_json(&format!("{labels}/run.json"));
        assert!(record["sweep"][0]["silhouette"].is_null(), "{}", record["sweep"][0]);
        assert!(record["sweep"][0]["label_accuracy"].is_number());
        session
            .run(&format!(
                "embed X.npy --labels {labels}.csv -o {labels}.csv.npy --plot {labels}.png -q --iterations 20"
            ))
            .succeeded();
    }
}

#[test]
fn the_page_speaks_korean() {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(40, 3)));
    let quiet = session.run("lesson --dataset X.npy --lang ko -o out -q").succeeded();
    assert!(quiet.stdout.is_empty() && !quiet.stderr.contains("  read"), "{quiet:?}");
    let page = session.read_text("out/index.html");
    assert!(page.contains("lang=\"ko\"") && page.contains("가까운"), "{}", &page[..300]);
    session.run("lesson --lang de").failed(2, &["--lang", "en, ko"]);
}

#[test]
fn json_takes_the_place_of_the_shapes() {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(40, 3)));
    let outcome = session.run("lesson --dataset X.npy -o out --json").succeeded();
    let record: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
    assert_eq!(record, session.read_json("out/run.json"));
}

#[test]
fn the_lecture_runs_on_mnist() {
    let Some(data) = real_data() else { return };
    let session = Session::new();
    let outcome = session.run(&format!("lesson --dataset mnist --data-dir {data} -o out")).succeeded();
    assert_eq!(outcome.text(), "(60000, 784)\n(60000,)\n(10000, 784)\n(10000,)\n");
    assert_eq!(session.names(), files_in("out"));
    let record = session.read_json("out/run.json");
    assert_eq!(record["preparation"]["sample_with_replacement"], true);
    // The lecture's map has about 0.93 on this data; a broken one has far less.
    assert!(record["measures"]["label_accuracy"].as_f64().unwrap() > 0.9, "{}", record["measures"]);
    assert!(record["kl_divergence"].as_f64().unwrap() < 1.9, "{}", record["kl_divergence"]);
}
