//! `sweep`, `plot`, `score`, `datasets`, `completions`, `man` and the help, as a user types them.

mod session;

use session::{Session, cluster_labels, clusters, csv, npy};

fn with_map() -> Session {
    let session = Session::new();
    session
        .file("X.npy", npy(&clusters(90, 6)))
        .file("map.npy", npy(&clusters(90, 2)))
        .file("y.csv", cluster_labels(90));
    session
}

#[test]
fn a_sweep_fills_its_directory() {
    let session = with_map();
    let outcome = session
        .run("sweep X.npy --labels y.csv --perplexity 5,20 --iterations 100 -o deep/out --json")
        .succeeded();
    let record: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
    assert_eq!(record, session.read_json("deep/out/run.json"));
    assert_eq!(session.names()[1..4], ["deep/out/perplexity.png", "deep/out/run.json", "deep/out/sweep.csv"]);
    assert!(session.read("deep/out/perplexity.png").starts_with(b"\x89PNG"));
    let maps = session.read_text("deep/out/sweep.csv");
    assert!(maps.starts_with("perplexity,index,x,y,label\n5,0,") && maps.lines().count() == 181);
    assert_eq!(record["command"], "sweep");
    assert_eq!(record["parameters"]["perplexity"], serde_json::Value::Null);
    let sweep = record["sweep"].as_array().unwrap();
    assert_eq!((&sweep[0]["perplexity"], &sweep[1]["n_neighbors"]), (&5.0.into(), &60.into()));
    assert!(sweep[1]["kl"].as_f64().unwrap() > 0.0 && sweep[1]["silhouette"].is_number());
}

#[test]
fn scores_are_one_flat_object() {
    let session = with_map();
    let outcome = session.run("score X.npy map.npy --labels y.csv --json").succeeded();
    let scores: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
    let names: Vec<&String> = scores.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["kl", "trustworthiness", "continuity", "knn_recall_10", "label_accuracy", "silhouette"]
    );
    assert!(scores.as_object().unwrap().values().all(serde_json::Value::is_number), "{scores}");

    let outcome = session.run("score X.npy map.npy --json -q").succeeded();
    let without: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
    assert!(without["silhouette"].is_null() && without["label_accuracy"].is_null());
    assert_eq!(without["kl"], scores["kl"]);
    assert_eq!(outcome.stderr, "");
}

#[test]
fn the_kl_of_a_run_is_the_kl_of_its_score() {
    let session = Session::new();
    session.run("embed digits -o map.npy --record run.json --repulsion field -q").succeeded();
    let record = session.read_json("run.json");
    let outcome = session.run("score digits map.npy --json").succeeded();
    let scores: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
    let [told, scored] = [&record["kl_divergence"], &scores["kl"]].map(|kl| kl.as_f64().unwrap());
    // The run adds f32 terms in f64, the score f64 terms.
    assert!((told - scored).abs() < 1e-4, "{told} {scored}");
    assert!(scores["label_accuracy"].as_f64().unwrap() > 0.97, "labels come with the data: {scores}");
}

#[test]
fn a_table_of_scores_lines_up() {
    let outcome = with_map().run("score X.npy map.npy").succeeded();
    let lines: Vec<&str> = outcome.text().lines().collect();
    assert_eq!(lines.len(), 6);
    assert!(lines[0].starts_with("kl   ") && lines[5].ends_with('–'), "{lines:?}");
    let width = lines[0].chars().count();
    assert!(lines.iter().all(|line| line.chars().count() == width), "{lines:?}");
}

#[test]
fn a_map_of_a_sample_is_scored_against_its_own_rows() {
    let session = with_map();
    session
        .run("embed X.npy --labels y.csv --sample 50 --perplexity 8 --iterations 100 -q -o part.csv")
        .succeeded();
    let outcome = session.run("score X.npy part.csv --perplexity 8 --json").succeeded();
    let scores: serde_json::Value = serde_json::from_slice(&outcome.stdout).unwrap();
    assert!(scores["label_accuracy"].as_f64().unwrap() > 0.9, "the labels stand in the map: {scores}");
    assert!(scores["trustworthiness"].as_f64().unwrap() > 0.8, "{scores}");
    session.file("beyond.csv", "index,x,y\n0,1,2\n90,3,4\n1,5,6\n2,7,9\n3,7,8\n");
    session.run("score X.npy beyond.csv --perplexity 1").failed(1, &["beyond.csv", "row 90", "0 to 89"]);
}

#[test]
fn the_order_of_a_maps_rows_is_in_its_index() {
    let session = with_map();
    session.run("embed X.npy --perplexity 8 --iterations 100 -q -o map.csv").succeeded();
    let map = session.read_text("map.csv");
    let mut lines: Vec<&str> = map.lines().collect();
    lines[1..].reverse();
    lines[1..].rotate_left(31);
    session.file("shuffled.csv", lines.join("\n"));
    let scores = |map: &str| -> serde_json::Value {
        let command = format!("score X.npy {map} --labels y.csv --perplexity 8 --json");
        serde_json::from_slice(&session.run(&command).succeeded().stdout).unwrap()
    };
    let (straight, shuffled) = (scores("map.csv"), scores("shuffled.csv"));
    for (name, score) in straight.as_object().unwrap() {
        let difference = score.as_f64().unwrap() - shuffled[name].as_f64().unwrap();
        assert!(difference.abs() < 1e-6, "{name}: {straight} {shuffled}");
    }
    // The labels of all rows serve a map of some.
    lines.truncate(61);
    session.file("part.csv", lines.join("\n"));
    assert!(scores("part.csv")["label_accuracy"].as_f64().unwrap() > 0.9);
}

#[test]
fn plot_draws_maps_from_any_tool() {
    let session = with_map();
    let rows = clusters(40, 3);
    session.file("mine.csv", csv(Some("y,weight,x"), &rows));
    session.run("embed X.npy --labels y.csv --iterations 50 --perplexity 9 -q -o own.csv").succeeded();
    for (arguments, name) in [
        ("own.csv -o own.png --legend", "own.png"),
        (
            "own.csv -o own.svg --style whitegrid --palette colorblind --context talk --legend --title Clusters",
            "own.svg",
        ),
        ("map.npy --labels y.csv --size 6x4 --dpi 50 --area 20 --alpha 0.5 -o small.png", "small.png"),
        ("mine.csv -o mine.png --palette MUTED", "mine.png"),
    ] {
        let outcome = session.run(&format!("plot {arguments}")).succeeded();
        assert!(outcome.stdout.is_empty());
        assert!(!session.read(name).is_empty());
    }
    assert!(session.read_text("own.svg").contains("Clusters"));
    assert_eq!(session.read("small.png")[16..24], [0, 0, 1, 44, 0, 0, 0, 200]);
    session.run("plot map.npy -o big.png --size 300").failed(2, &["30000"]);
    session.run("plot map.npy -o big.png --alpha 1.5").failed(2, &["--alpha"]);
    session.run("plot map.npy -o big.png --area -1").failed(2, &["--area"]);
}

#[test]
fn datasets_are_listed_with_where_they_stand() {
    let session = Session::new();
    let table = session.run("datasets").succeeded();
    assert!(table.text().starts_with("name ") && table.text().contains("CC BY 4.0"), "{}", table.text());
    for part in ["train-images-idx3", "train-labels-idx1"] {
        session.file(&format!("data/mnist/{part}-ubyte.gz"), "");
    }
    let json = session.run("datasets --data-dir data --json").succeeded();
    let entries: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let standing: Vec<&str> =
        entries.as_array().unwrap().iter().map(|entry| entry["standing"].as_str().unwrap()).collect();
    assert_eq!(standing, ["bundled", "found", "remote"]);
}

#[test]
fn offline_a_data_set_that_is_not_here_says_which_file_to_put_where() {
    let session = Session::new();
    session.file("data/readme", "");
    let mut command = session.command("embed mnist --data-dir data -o map.npy");
    let outcome = session::outcome(command.env("GNOMONIC_OFFLINE", "1").output().unwrap());
    outcome.failed(1, &["train-images-idx3-ubyte.gz", "data"]);
}

#[test]
fn endless_digits_are_made_from_mnist() {
    let Some(data) = session::real_data() else { return };
    let session = Session::new();
    let make = format!("datasets make endless-digits --n 500 --data-dir {data}");
    let outcome = session.run(&format!("{make} -o X.npy --labels y.npy")).succeeded();
    assert!(
        outcome.stdout.is_empty() && outcome.stderr.contains("500 × 50, X.npy, y.npy"),
        "{}",
        outcome.stderr
    );
    let (header, values) = session::npy_values(&session.read("X.npy"));
    assert!(header.contains("(500, 50)") && values.iter().all(|value| value.is_finite()), "{header}");
    let first = session.read("X.npy");
    session.run(&format!("{make} -o X.npy")).failed(1, &["X.npy", "--force"]);
    session.run(&format!("{make} -o X.npy --labels y.txt --force --quiet")).succeeded();
    assert!(session.read("X.npy") == first, "the same bytes again");
    assert_eq!(session.read_text("y.txt").lines().count(), 500);
    session.run(&format!("{make} -o X.npy --seed 7 --force")).succeeded();
    assert!(session.read("X.npy") != first);
    #[cfg(target_os = "linux")]
    {
        std::os::unix::fs::symlink("/dev/full", session.path("full.txt")).unwrap();
        session
            .run(&format!("{make} -o Z.npy --labels full.txt"))
            .failed(1, &["full.txt: could not be written"]);
        assert!(!session.path("Z.npy").exists(), "rows without their labels");
    }
}

#[test]
fn what_cannot_be_made_is_said_before_any_work() {
    let session = Session::new();
    session.file("data/readme", "").file("X.npy", "mine");
    let make = |rest: &str| {
        let mut command = session.command(&format!("datasets make {rest} --data-dir data"));
        session::outcome(command.env("GNOMONIC_OFFLINE", "1").output().unwrap())
    };
    make("endless-digits --n 9 -o X.npy").failed(1, &["X.npy: exists already", "--force"]);
    make("endless-digits --n 9 -o X.csv").failed(2, &["X.csv: the rows are written as .npy"]);
    make("endless-digits --n 9 -o Y.npy --labels y.csv").failed(2, &["y.csv: labels are written as"]);
    make("endless-digits --n 9 -o Y.npy --labels Y.npy").failed(2, &["two outputs are named Y.npy"]);
    for n in ["0", "1", "-5", "many"] {
        make(&format!("endless-digits --n {n} -o Y.npy")).failed(2, &["--n", "at least 2"]);
    }
    #[cfg(unix)]
    make("endless-digits --n 1000000000000000 -o Y.npy")
        .failed(1, &["Y.npy: 1,000,000,000,000,000 rows", "free"]);
    make("endless-digits --n 9 --seed -1 -o Y.npy").failed(2, &["--seed", "from 0 to 18446744073709551615"]);
    make("endless-digit --n 9 -o Y.npy").failed(2, &["'endless-digits'"]);
    make("endless-digits --n 9 -o Y.npy").failed(1, &["train-images-idx3-ubyte.gz", "data"]);
    assert_eq!(session.names(), ["X.npy", "data/readme"]);
}

#[test]
fn discs_that_would_take_minutes_are_refused() {
    let session = Session::new();
    session.file("map.npy", npy(&clusters(20_000, 2)));
    session
        .run("plot map.npy --area 1e6 -o map.png")
        .failed(1, &["20000 discs would cover", "million pixels", "lower the area or the dpi"]);
    assert_eq!(session.names(), ["map.npy"]);
}

#[test]
fn completions_and_manual_pages() {
    let session = Session::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let outcome = session.run(&format!("completions {shell}")).succeeded();
        assert!(outcome.text().contains("gnomonic") && outcome.text().contains("perplexity"), "{shell}");
    }
    session.run("man -o pages").succeeded();
    let pages = session.names();
    assert!(pages.contains(&"pages/gnomonic.1".to_owned()), "{pages:?}");
    assert!(pages.contains(&"pages/gnomonic-embed.1".to_owned()), "{pages:?}");
    assert_eq!(pages.len(), 12);
    let page = session.read_text("pages/gnomonic-embed.1");
    assert!(page.contains(".TH gnomonic-embed") && page.contains("perplexity"), "{page}");
    session.run("man -o pages").failed(1, &["pages/gnomonic", "--force"]);
    session.run("man -o pages --force").succeeded();
}

#[test]
fn help_and_version_go_to_standard_output() {
    let session = Session::new();
    assert!(session.run("--version").succeeded().text().starts_with("gnomonic 0."));
    let help = session.run("embed --help").succeeded();
    assert!(help.text().contains("Examples:") && help.text().contains("[default: 30]"), "{}", help.text());
    let usage = session.run("");
    assert_eq!((usage.status, usage.stdout.len()), (2, 0));
    assert!(usage.stderr.contains("Usage: gnomonic <COMMAND>"), "{}", usage.stderr);
    assert!(help.text().contains("[env: GNOMONIC_DATA]"), "{}", help.text());
    // What the environment sets is no part of how a command is used.
    let mut make = session.command("datasets make endless-digits");
    let make = session::outcome(make.env("GNOMONIC_DATA", "/data").output().unwrap());
    let usage = make.failed(2, &["Usage: gnomonic datasets make"]).stderr;
    assert!(!usage.contains("--data-dir"), "{usage}");
    for line in help.text().lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}
