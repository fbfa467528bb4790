//! What is too large for the memory there is: refused before the work or while it is read, never the end of the process.
#![cfg(target_os = "linux")]

mod session;

use std::process::{Command, Stdio};

use session::{Outcome, Session, cluster_labels, clusters, csv, gzip, npy, npy_of, outcome};

/// Runs the command where no process may have more than `megabytes` of addresses: what would take more memory ends it.
fn within(session: &Session, megabytes: usize, arguments: &str) -> Outcome {
    piped(session, megabytes, "true", arguments)
}

/// The same, with what `feed` says on standard input.
fn piped(session: &Session, megabytes: usize, feed: &str, arguments: &str) -> Outcome {
    // One thread, or the reserves of each would count.
    let script = format!(
        "{feed} | {{ ulimit -v {}; exec {} {arguments}; }}",
        1_000 * megabytes,
        env!("CARGO_BIN_EXE_gnomonic")
    );
    let own = session.command("");
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script).current_dir(own.get_current_dir().unwrap()).stdin(Stdio::null());
    for (name, value) in own.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    outcome(shell.env("RAYON_NUM_THREADS", "1").output().unwrap())
}

/// 97 kB that once took 5.4 GB, and 1.6 GB with a limit of 50 MB.
#[test]
fn a_table_of_empty_cells_costs_next_to_nothing() {
    let session = Session::new();
    session.file("commas.csv.gz", gzip(&vec![b','; 100_000_000]));
    session.file("X.npy", npy(&clusters(60, 2)));
    for command in [
        "embed commas.csv.gz -o out.npy",
        "sweep commas.csv.gz -o out",
        "score commas.csv.gz X.npy",
        "score X.npy commas.csv.gz",
        "plot commas.csv.gz -o out.png",
        "embed X.npy --labels commas.csv.gz -o out.npy",
        "plot X.npy --labels commas.csv.gz -o out.png",
    ] {
        within(&session, 400, &format!("{command} --memory-limit 50MB"))
            .failed(2, &["commas.csv.gz", "more memory than there is", "50.0 MB (--memory-limit)"]);
    }
    // Without a limit it is the number of columns that ends it.
    within(&session, 1_500, "lesson --dataset commas.csv.gz -o out").failed(1, &["line 1", "16777216 cells"]);
    assert_eq!(session.names(), ["X.npy", "commas.csv.gz"]);
}

#[test]
fn a_pipe_without_an_end_ends_at_the_limit() {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(60, 3)));
    let feeds =
        ["yes 1,2,3", "yes 1,2,3 | gzip -1", "cat /dev/zero | tr '\\0' ,", "cat /dev/zero | tr '\\0' x"];
    for feed in feeds {
        piped(&session, 400, feed, "embed /dev/stdin --memory-limit 50MB -o out.npy")
            .failed(2, &["/dev/stdin", "50.0 MB (--memory-limit)"]);
        piped(
            &session,
            400,
            feed,
            "embed X.npy --labels /dev/stdin --label-column 1 --memory-limit 50MB -o out.npy",
        )
        .failed(2, &["/dev/stdin", "50.0 MB (--memory-limit)"]);
    }
    piped(&session, 400, "yes label", "embed X.npy --labels /dev/stdin --memory-limit 50MB -o out.npy")
        .failed(2, &["/dev/stdin", "50.0 MB (--memory-limit)"]);
    // An array says beforehand how much will come.
    let header = npy_of("<f4", "1000000, 1000", &[]);
    session.file("header", header);
    piped(&session, 400, "cat header /dev/zero", "embed /dev/stdin --memory-limit 50MB -o out.npy")
        .failed(2, &["/dev/stdin", "50.0 MB (--memory-limit)"]);
    let mut bytes = npy_of("|u1", "2, 2000000000", &[]);
    let at = bytes.windows(5).position(|window| window == b"False").unwrap();
    bytes[at..at + 5].copy_from_slice(b"True ");
    session.file("fortran", bytes);
    piped(&session, 400, "cat fortran /dev/zero", "embed /dev/stdin --memory-limit 50MB -o out.npy")
        .failed(2, &["/dev/stdin", "50.0 MB (--memory-limit)"]);
}

#[test]
fn labels_take_what_they_need() {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(24, 3)));
    session.file("many.txt.gz", gzip(cluster_labels(20_000_000).as_bytes()));
    let own: String = (0..1_000_000).map(|i| format!("sample {i}\n")).collect();
    session.file("own.txt", own);
    // 20 million labels of three kinds are 80 MB, and those of their own name some 130 bytes each.
    within(&session, 400, "embed X.npy --perplexity 5 --labels many.txt.gz --memory-limit 200MB -o out.npy")
        .failed(1, &["many.txt.gz", "20000000 labels for 24 rows"]);
    for file in ["many.txt.gz", "own.txt"] {
        within(
            &session,
            400,
            &format!("embed X.npy --perplexity 5 --labels {file} --memory-limit 50MB -o out.npy"),
        )
        .failed(2, &[file, "50.0 MB (--memory-limit)"]);
    }
}

/// What the system refuses is an error too, when nothing was said of a limit.
#[test]
fn memory_that_the_system_refuses_is_no_abort() {
    let session = Session::new();
    session.file("map.csv", csv(Some("x,y"), &clusters(60, 2)));
    piped(&session, 300, "yes 1,2,3", "embed /dev/stdin --memory-limit none -o out.npy")
        .failed(1, &["/dev/stdin", "which the system refuses"]);
    piped(&session, 300, "cat /dev/zero | tr '\\0' x", "embed /dev/stdin --memory-limit none -o out.npy")
        .failed(1, &["/dev/stdin", "which the system refuses"]);
    within(&session, 300, "plot map.csv --size 200 --memory-limit none -o out.png")
        .failed(1, &["1600000000 bytes", "the system refuses", "lower the dpi"]);
}

#[test]
fn scores_and_pictures_are_refused_before_the_work() {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(40_000, 4))).file("map.npy", npy(&clusters(40_000, 2)));
    let refused = session.run("score X.npy map.npy --perplexity 13000 --memory-limit 8GB");
    refused.failed(2, &["X.npy: scoring 40,000 rows needs about", "8.0 GB (--memory-limit)", "--perplexity"]);
    session
        .run("score X.npy map.npy --neighbors 15000 --memory-limit 8GB")
        .failed(2, &["needs about", "--neighbors"]);
    session.run("score X.npy map.npy --memory-limit 20MB").failed(2, &["X.npy", "20.0 MB"]);
    let told = session.run("score X.npy map.npy --dry-run --json --memory-limit none").succeeded();
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((&told["command"], &told["fits"]), (&"score".into(), &true.into()));
    assert!(told["peak_bytes"].as_u64().unwrap() > 40_000 * 90 * 8, "{told}");
    let text =
        session.run("score X.npy map.npy --perplexity 13000 --dry-run --memory-limit none").succeeded();
    assert!(text.text().contains("kl") && text.text().contains("memory limit"), "{}", text.text());

    session
        .run("plot map.npy --size 200 --memory-limit 1GB -o map.png")
        .failed(2, &["map.npy: drawing it needs about", "1.0 GB (--memory-limit)", "--dpi"]);
    let text = session.run("plot map.npy --size 200 --dry-run --memory-limit 1TB -o map.png").succeeded();
    assert!(text.text().contains("draw") && text.text().contains("which is enough"), "{}", text.text());
    assert_eq!(session.names(), ["X.npy", "map.npy"]);
}
