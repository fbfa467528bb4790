//! What is known before the work: `--dry-run` and `--memory-limit`, as a user types them.

mod session;

use std::fs::File;
use std::io::Write as _;

use serde_json::Value;
use session::{Session, clusters, csv, npy};

/// A session with `X.npy`, n × d: whole, and of which the disk holds only the header.
fn with_sparse(n: usize, d: usize) -> Session {
    let session = Session::new();
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({n}, {d}), }}");
    let mut file = File::create(session.path("X.npy")).unwrap();
    let header = format!("{header:117}\n");
    file.write_all(b"\x93NUMPY\x01\x00").unwrap();
    file.write_all(&(header.len() as u16).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    file.set_len((10 + header.len() + 4 * n * d) as u64).unwrap();
    session
}

fn dry(session: &Session, arguments: &str) -> Value {
    let outcome = session.run(&format!("{arguments} --dry-run --json --memory-limit none")).succeeded();
    serde_json::from_slice(&outcome.stdout).unwrap()
}

#[test]
fn ten_million_rows_are_judged_by_their_header() {
    let session = with_sparse(10_000_000, 50);
    let outcome =
        session.run("embed X.npy -o map.npy --plot map.png --dry-run --memory-limit none").succeeded();
    let text = outcome.text();
    for fragment in [
        "X.npy: 10,000,000 × 50, mapped from the file",
        "neighbors ",
        "optimization ",
        "about ",
        "memory limit",
        "map.npy, map.png",
    ] {
        assert!(text.contains(fragment), "no {fragment:?} in:\n{text}");
    }
    assert_eq!(session.names(), ["X.npy"], "nothing is written");
    let told = dry(&session, "embed X.npy");
    assert_eq!((&told["input"]["mapped"], &told["n_neighbors"]), (&true.into(), &90.into()));
    assert!(told["peak_bytes"].as_u64().unwrap() > 2_000_000_000 + 10_000_000 * 90 * 8);
}

#[test]
fn what_does_not_fit_is_refused_at_once_and_what_would_fit_does() {
    let session = with_sparse(10_000_000, 50);
    let refused = session.run("embed X.npy -o map.npy --memory-limit 3GB");
    let refused = refused.failed(
        2,
        &["X.npy: 10,000,000 rows of 50 columns need about", "the limit is 3.0 GB", "what would fit: "],
    );
    let options = refused.stderr.split("what would fit: ").nth(1).unwrap().lines().next().unwrap();
    for option in options.split(", or ") {
        let outcome =
            session.run(&format!("embed X.npy -o map.npy --memory-limit 3GB --dry-run {option}")).succeeded();
        assert!(outcome.text().contains("which is enough"), "{}", outcome.text());
    }
    assert_eq!(session.names(), ["X.npy"]);
    // The dry run ends as the run would begin.
    assert_eq!(session.run("embed X.npy -o map.npy --memory-limit 3GB --dry-run").status, 2);
    session
        .run("sweep X.npy -o maps --memory-limit 60GB")
        .failed(2, &["need about", "what would fit: ", "--perplexity 2,5,10"]);
    assert!(!refused.stderr.contains("--help"), "it has nothing on it: {}", refused.stderr);
    // No machine has what a thousand times as many need.
    with_sparse(1_000_000_000, 100)
        .run("embed X.npy")
        .failed(2, &["this machine has", "--memory-limit none"]);
}

#[test]
fn sizes_are_refused_that_could_mean_two_things() {
    let session = with_sparse(100, 5);
    session.run("embed X.npy --memory-limit 24G").failed(2, &["24GB", "24GiB"]);
    session.run("embed X.npy --memory-limit lots").failed(2, &["24GB or 512MiB, or none"]);
}

#[test]
fn a_dry_run_says_what_is_wrong_as_the_run_would() {
    let session = with_sparse(100, 5);
    session.run("embed X.npy --perplexity 100 --dry-run").failed(1, &["X.npy: perplexity 100 must be"]);
    session.run("embed none.npy --dry-run").failed(1, &["none.npy"]);
    session.file("map.npy", "");
    session.run("embed X.npy -o map.npy --dry-run").failed(1, &["exists already"]);
    session.run("embed X.npy --json").failed(2, &["add -o FILE"]);
    assert_eq!(dry(&session, "embed X.npy --perplexity 20")["outputs"][0], "the map on standard output");
    // Rows of text have to be read to be counted.
    session.file("table.csv", "a,b\n1,2\n3,4\n5,7\n4,4\n9,9\n");
    let told = dry(&session, "sweep table.csv -o maps --perplexity 1,2");
    assert_eq!((&told["n_samples"], &told["outputs"][1]), (&5.into(), &"maps/sweep.csv".into()));
}

#[test]
fn that_nothing_would_fit_is_said() {
    let session = with_sparse(1_797, 64);
    for command in ["embed X.npy --memory-limit 9MB", "sweep X.npy -o maps --memory-limit 9MB"] {
        session
            .run(command)
            .failed(2, &["nothing would fit: even", "--threads 1", "--sample 1000 --perplexity"]);
    }
    // Rows of text are all read, whatever is drawn from them.
    session.file("table.csv", csv(None, &clusters(2_000, 40)));
    session.run("sweep table.csv -o maps --sample 500 --memory-limit 9MB").failed(2, &["nothing would fit"]);
}

#[test]
fn more_memory_than_there_is_is_not_enough() {
    let session = with_sparse(1_000_000_000, 100);
    let outcome = session.run("embed X.npy -o map.npy --memory-limit 900TB --dry-run").succeeded();
    assert!(outcome.text().contains("which is enough, but this machine has "), "{}", outcome.text());
    let outcome = session.run("embed X.npy -o map.npy --memory-limit none --dry-run").succeeded();
    assert!(outcome.text().contains("none, but this machine has "), "{}", outcome.text());
}

#[test]
fn more_threads_than_cores_are_warned_of_and_promise_nothing() {
    let cores = std::thread::available_parallelism().unwrap().get();
    let session = with_sparse(70_000, 50);
    let time = |threads: usize| {
        let outcome = session
            .run(&format!("embed X.npy -o map.npy --dry-run --memory-limit none --threads {threads}"))
            .succeeded();
        let line = outcome.text().lines().find(|line| line.starts_with("at most, and in all")).unwrap();
        let (_, time) = line.split_once("about").unwrap();
        (time.to_owned(), outcome.stderr)
    };
    let warning = format!("warning: {} threads share {cores} core", cores + 1);
    let ((most, silent), (more, warned)) = (time(cores), time(cores + 1));
    assert_eq!(most, more);
    assert!(!silent.contains("warning") && warned.contains(&warning), "{silent}{warned}");
    session.file("small.npy", npy(&clusters(60, 5)));
    let run = format!("embed small.npy --iterations 10 -o map.npy --record run.json --threads {}", cores + 1);
    assert!(session.run(&run).succeeded().stderr.contains(&warning));
    assert!(session.read_json("run.json")["warnings"][0].as_str().unwrap().contains("threads share"));
}

#[test]
fn what_was_asked_for_is_said_to_be() {
    let session = with_sparse(70_000, 50);
    for (arguments, words) in [
        ("--repulsion exact", "exact (all pairs of points, as asked)"),
        ("--repulsion barnes-hut", "barnes-hut (a tree, as asked)"),
        ("", "field (a potential field on a grid)"),
        ("--sample 1000", "exact (all pairs of points: few enough)"),
        ("--sample 1000 --repulsion field", "field (a potential field on a grid, as asked)"),
    ] {
        let outcome = session.run(&format!("embed X.npy -o map.npy --dry-run {arguments}")).succeeded();
        assert!(outcome.text().contains(words), "no {words:?} in {}", outcome.text());
        assert!(!outcome.text().contains("about <"), "{}", outcome.text());
    }
}

#[test]
fn what_is_prepared_and_measured_takes_time_too() {
    let seconds = |session: &Session, command: &str, stage: &str| {
        let told = dry(session, command);
        let stages = told["stages"].as_array().unwrap();
        let same = stages.iter().find(|other| other["stage"] == stage)?;
        let (all, own) = (told["processor_seconds"].as_f64()?, same["processor_seconds"].as_f64()?);
        assert!(own < all, "{own} of {all} s");
        Some(own)
    };
    let narrow = with_sparse(10_000, 784);
    assert_eq!(seconds(&narrow, "embed X.npy", "measure"), None);
    let (one, three) = (
        seconds(&narrow, "sweep X.npy -o maps --perplexity 30", "measure").unwrap(),
        seconds(&narrow, "sweep X.npy -o maps --perplexity 5,30,60", "measure").unwrap(),
    );
    assert!(one > 0.5 && (three - 3.0 * one).abs() < 1e-9, "{one} and {three} s");
    let wide = with_sparse(2_000, 100_000);
    let (first, second) = (
        seconds(&wide, "embed X.npy --pca 50", "prepare").unwrap(),
        seconds(&wide, "embed X.npy", "initialization").unwrap(),
    );
    assert!(first > second, "{first} against {second} s");
}

/// Rows without any structure, which no short list and no clusters serve.
fn noise(n: usize, d: usize) -> Vec<Vec<f32>> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    };
    (0..n).map(|_| (0..d).map(|_| next()).collect()).collect()
}

#[test]
fn all_pairs_are_compared_where_that_fits_and_the_run_ends_where_it_does_not() {
    let session = Session::new();
    session.file("X.npy", npy(&noise(8_000, 200)));
    let arguments = "embed X.npy -o map.npy --iterations 20 --perplexity 100 --threads 1";
    let warning = "warning: the rows are not told apart by a few principal axes: all pairs are compared";
    let mut most = 0;
    for command in ["sweep X.npy -o maps --iterations 20 --perplexity 100,50 --threads 1", arguments] {
        let told = dry(&session, command);
        assert_eq!(told["methods"]["neighbors"], "shortlist");
        let expected = told["peak_bytes"].as_u64().unwrap();
        most = told["if_all_pairs"]["peak_bytes"].as_u64().unwrap();
        assert_eq!(most, dry(&session, &format!("{command} --neighbors exact"))["peak_bytes"]);
        assert!(expected < most, "{expected} against {most} bytes");
        let between = format!("--memory-limit {}B", expected.midpoint(most));
        let outcome = session.run(&format!("{command} --dry-run {between}")).succeeded();
        for fragment in [
            "all pairs of rows are compared: ",
            "which is enough, but not if all pairs of rows must be compared",
        ] {
            assert!(outcome.text().contains(fragment), "{}", outcome.text());
        }
        let refused = session.run(&format!("{command} {between}"));
        let refused = refused.failed(2, &["X.npy: 8,000 rows of 200 columns need about", "--memory-limit"]);
        assert!(refused.stderr.contains(warning), "{}", refused.stderr);
    }
    assert_eq!(session.names(), ["X.npy"], "nothing is written");
    let outcome =
        session.run(&format!("{arguments} --force --record run.json --memory-limit {most}B")).succeeded();
    assert!(outcome.stderr.contains(warning), "{}", outcome.stderr);
    let record = session.read_json("run.json");
    assert_eq!((&record["methods"]["neighbors"], &record["neighbor_recall"]), (&"exact".into(), &1.0.into()));
    assert_eq!(record["warnings"].as_array().unwrap().len(), 1);
    let exact = session
        .run(&format!("{arguments} --force --neighbors exact --dry-run --memory-limit none"))
        .succeeded();
    assert!(!exact.text().contains("all pairs of rows are compared:"), "{}", exact.text());
}

/// Rows on a closed curve, which clusters divide well.
fn ring(n: usize, d: usize) -> Vec<Vec<f32>> {
    let at = |i: usize, j: usize| {
        let angle = std::f32::consts::TAU * i as f32 / n as f32;
        ((1 + j % 3) as f32 * angle + j as f32).sin()
    };
    (0..n).map(|i| (0..d).map(|j| at(i, j)).collect()).collect()
}

fn changed(mut rows: Vec<Vec<f32>>, change: impl Fn(usize, &mut [f32])) -> Vec<Vec<f32>> {
    rows.iter_mut().enumerate().for_each(|(i, row)| change(i, row));
    rows
}

/// Sweeps against what the system counts: more freely, as it is a matter of chance which maps take their most at a time.
#[cfg(target_os = "linux")]
#[test]
fn sweeps_take_what_is_estimated() {
    for (rows, arguments) in [
        (clusters(2_000, 50), "--threads 2"),
        (clusters(2_000, 50), "--threads 8"),
        (clusters(2_000, 50), "--threads 1"),
        (clusters(4_500, 20), "--threads 4"),
        (clusters(1_000, 700), "--threads 2"),
    ] {
        let (n, d) = (rows.len(), rows[0].len());
        let session = Session::new();
        session.file("X.npy", npy(&rows));
        let arguments = format!("sweep X.npy --iterations 30 -o maps {arguments}");
        let expected = dry(&session, &arguments)["peak_bytes"].as_f64().unwrap();
        session.run(&arguments).succeeded();
        let taken = session.read_json("maps/run.json")["peak_memory_bytes"].as_f64().unwrap();
        let ratio = expected / taken;
        assert!(
            (0.85..2.0).contains(&ratio),
            "{n} × {d} {arguments}: estimated {expected:.2e}, taken {taken:.2e} bytes, a factor of {ratio:.2}"
        );
    }
}

/// The estimate against what the system counts: not less, but for what threads keep when one runs ahead, and not much more.
#[cfg(target_os = "linux")]
#[test]
fn the_estimate_is_what_runs_take() {
    // Small runs are governed by what no estimate knows, such as the pages of the program itself.
    for (rows, method, arguments) in [
        (clusters(9_000, 40), "exact", ""),
        (clusters(24_000, 4), "exact", ""),
        (clusters(7_000, 300), "exact", ""),
        (clusters(20_000, 12), "exact", "--perplexity 8"),
        (clusters(30_000, 100), "exact", "--sample 6000 --scale standard --pca 20"),
        (ring(25_000, 24), "clustered", "--neighbors clustered"),
        (ring(12_000, 200), "clustered", "--neighbors clustered"),
        (ring(12_000, 200), "shortlist", ""),
        // A heap of equal rows, and groups so far apart that all rows are searched again.
        (
            changed(clusters(12_000, 30), |i, row| {
                if i % 5 == 0 {
                    row.fill(0.25)
                }
            }),
            "exact",
            "",
        ),
        (changed(clusters(8_000, 30), |i, row| row[7] += 1e6 * (i % 4) as f32), "exact", ""),
    ] {
        let (n, d) = (rows.len(), rows[0].len());
        let session = Session::new();
        session.file("X.npy", npy(&rows));
        let arguments = format!("embed X.npy --iterations 30 --threads 2 {arguments}");
        let expected = dry(&session, &arguments);
        session.run(&format!("{arguments} -o map.npy --record run.json")).succeeded();
        let record = session.read_json("run.json");
        // Where a search gives way to all pairs, that is the estimate to hold it to.
        let chosen = record["methods"]["neighbors"] == expected["methods"]["neighbors"];
        assert_eq!(record["methods"]["neighbors"], method, "{n} × {d} {arguments}");
        let expected = if chosen { &expected["peak_bytes"] } else { &expected["if_all_pairs"]["peak_bytes"] };
        let (expected, taken) = (expected.as_f64().unwrap(), record["peak_memory_bytes"].as_f64().unwrap());
        let ratio = expected / taken;
        assert!(
            (0.85..1.6).contains(&ratio),
            "{n} × {d} {arguments}: estimated {expected:.2e}, taken {taken:.2e} bytes, a factor of {ratio:.2}"
        );
    }
}
