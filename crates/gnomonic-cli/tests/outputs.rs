//! What is overwritten and what is not, what a full disk leaves, and who may stop reading.

mod session;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use session::{Outcome, Session, clusters, csv, npy, npy_values, outcome};

const SHORT: &str = "--iterations 40 --perplexity 5";

fn with_data() -> Session {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(60, 4)));
    session
}

#[test]
fn a_file_is_overwritten_only_by_force() {
    let session = with_data();
    for name in ["map.npy", "map.csv", "map.png", "run.json"] {
        session.file(name, "precious");
    }
    for output in ["-o map.npy", "-o map.csv", "-o new.npy --plot map.png", "-o new.npy --record run.json"] {
        let outcome =
            session.run(&format!("embed X.npy {output} {SHORT}")).failed(1, &["exists already", "--force"]);
        assert!(!outcome.stderr.contains("  read "), "refused before any work");
    }
    session.file("points.npy", npy(&clusters(20, 2)));
    session.run("plot points.npy -o map.png").failed(1, &["map.png", "exists already"]);
    assert_eq!(session.read("map.npy"), b"precious");
    session
        .run(&format!("embed X.npy -o map.npy --plot map.png --record run.json --force {SHORT}"))
        .succeeded();
    assert!(session.read("map.npy").starts_with(b"\x93NUMPY"));
    assert!(session.read("map.png").starts_with(b"\x89PNG"));
}

#[test]
fn an_input_is_never_overwritten() {
    let session = with_data();
    let before = session.read("X.npy");
    session.run(&format!("embed X.npy -o X.npy --force {SHORT}")).failed(2, &["X.npy is an input"]);
    session.run(&format!("embed X.npy -o ./X.npy --force {SHORT}")).failed(2, &["is an input"]);
    assert_eq!(session.read("X.npy"), before);
}

#[test]
fn two_results_do_not_share_a_name() {
    let session = with_data();
    session
        .run(&format!("embed X.npy -o map.csv --record map.csv {SHORT}"))
        .failed(2, &["two outputs", "map.csv"]);
    for record in ["./map.csv".into(), session.path("map.csv").display().to_string()] {
        session
            .run(&format!("embed X.npy -o map.csv --record {record} {SHORT}"))
            .failed(2, &["two outputs", &record]);
    }
    assert_eq!(session.names(), ["X.npy"]);
}

#[test]
fn formats_are_told_by_their_endings() {
    let session = with_data();
    session.run("embed X.npy -o map.txt").failed(2, &["map.txt", ".npy, .csv, .tsv or .json"]);
    session.run("embed X.npy --plot map.pdf").failed(2, &["map.pdf", ".png or .svg"]);
    session.run("plot X.npy -o map").failed(2, &["map", ".png or .svg"]);
    assert_eq!(session.names(), ["X.npy"]);
}

#[test]
fn a_directory_is_overwritten_by_the_command_that_filled_it() {
    let session = with_data();
    let sweep = "sweep X.npy --perplexity 5,10 --iterations 40 -o out";
    session.run(sweep).succeeded();
    let first = session.read("out/sweep.csv");
    session.file("out/notes.txt", "mine");
    session.run(&format!("{sweep} --seed 3")).succeeded();
    assert_eq!(session.read("out/sweep.csv"), first);
    assert_eq!(session.read_json("out/run.json")["seed"], 3);
    assert_eq!(session.read("out/notes.txt"), b"mine");

    session.run("lesson -o out").failed(1, &["out/", "exists already", "`gnomonic lesson`", "--force"]);
    session.file("elsewhere/sweep.csv", "precious");
    session
        .run("sweep X.npy --perplexity 5 --iterations 40 -o elsewhere")
        .failed(1, &["elsewhere/sweep.csv", "exists already"]);
    assert_eq!(session.read("elsewhere/sweep.csv"), b"precious");
}

#[cfg(unix)]
#[test]
fn a_full_disk_names_the_file_and_loses_no_map_that_fits() {
    let session = with_data();
    // A limit on the size of files, in blocks of 512 bytes or a kilobyte: the map fits, the picture does not.
    let run = |arguments: &str| {
        let program = env!("CARGO_BIN_EXE_gnomonic");
        let script = format!("trap '' XFSZ; ulimit -f 4; exec {program} {arguments}");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).current_dir(session.path("")).env_remove("GNOMONIC_DATA");
        command.env("TMPDIR", session.path(""));
        outcome(command.output().unwrap())
    };
    run(&format!("embed X.npy -o map.npy --plot map.png {SHORT}"))
        .failed(1, &["map.png: could not be written", "the result for map.npy is in map.npy.partial"]);
    assert_eq!(npy_values(&session.read("map.npy.partial")).1.len(), 120);
    run("sweep X.npy --perplexity 5,10 --iterations 40 -o new/out")
        .failed(1, &["new/out/sweep.csv: could not be written", "the result for new/out/sweep.csv is lost"]);
    assert_eq!(session.names(), ["X.npy", "map.npy.partial"]);
    assert!(!session.path("new").exists(), "the directories made for the results go too");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_names_the_file() {
    let session = with_data();
    std::os::unix::fs::symlink("/dev/full", session.path("map.csv")).unwrap();
    session
        .run(&format!("embed X.npy -o map.csv {SHORT}"))
        .failed(1, &["map.csv: could not be written", "No space left"]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = session.command(&format!("embed X.npy {SHORT}"));
    let kept = "is in gnomonic-map.csv.partial";
    outcome(command.stdout(full).output().unwrap())
        .failed(1, &["standard output could not be written", kept]);
    assert_eq!(session.read_text("gnomonic-map.csv.partial").lines().count(), 61);
}

/// Every way to have the command write to standard output.
#[cfg(unix)]
const PRINTING: [&str; 9] = [
    "--help",
    "--version",
    "embed --help",
    "completions bash",
    "datasets",
    "embed X.npy --perplexity 5 --iterations 20 -q",
    "embed X.npy --dry-run --perplexity 5",
    "score X.npy map.csv --perplexity 5",
    "sweep X.npy --perplexity 5 --iterations 20 --json --force -o out",
];

/// Runs the command in a shell, with its standard output as `redirection` says.
#[cfg(unix)]
fn redirected(session: &Session, arguments: &str, redirection: &str) -> Outcome {
    let mut command = Command::new("sh");
    let script = format!("exec {} {arguments} {redirection}", env!("CARGO_BIN_EXE_gnomonic"));
    command.args(["-c", &script]).current_dir(session.path("")).env("TMPDIR", session.path(""));
    outcome(command.env_remove("GNOMONIC_DATA").stdin(Stdio::null()).output().unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn what_nobody_got_is_no_success() {
    let session = with_data();
    session.file("map.csv", csv(Some("x,y"), &clusters(60, 2)));
    for arguments in PRINTING {
        redirected(&session, arguments, "> /dev/full").failed(1, &["standard output could not be written"]);
        redirected(&session, arguments, ">&-").failed(1, &["standard output is closed"]);
        redirected(&session, arguments, "> /dev/null").succeeded();
    }
    // What is found closed before the work costs none.
    let outcome = redirected(&session, "embed X.npy", ">&-");
    assert!(!outcome.stderr.contains("  read "), "{}", outcome.stderr);
}

#[cfg(unix)]
#[test]
fn a_lesson_is_made_whether_or_not_its_shapes_are_read() {
    for redirection in ["| true", ">&-"] {
        let session = with_data();
        let arguments = "lesson --dataset X.npy -o les -q";
        // Quiet, nothing would be printed at all.
        redirected(&session, arguments.trim_end_matches(" -q"), redirection).succeeded();
        assert!(session.path("les/index.html").exists(), "{redirection}");
    }
}

#[cfg(unix)]
#[test]
fn a_dry_run_that_nobody_reads_is_refused_all_the_same() {
    let session = with_data();
    let script = "-c";
    let dry = format!("{} embed X.npy --dry-run --memory-limit 1MB", env!("CARGO_BIN_EXE_gnomonic"));
    let mut command = Command::new("bash");
    command.args([script, &format!("{dry} | true; exit ${{PIPESTATUS[0]}}")]).current_dir(session.path(""));
    let status = outcome(command.output().unwrap()).status;
    assert_ne!(status, 0);
}

#[test]
fn a_name_of_a_directory_is_refused_before_the_work() {
    let session = with_data();
    for name in ["there.csv/", "there.csv/.", "out/..", "."] {
        let outcome = session.run(&format!("embed X.npy -o {name} {SHORT}"));
        assert_eq!(outcome.status, 2, "{name}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains("  read "), "{name}: {}", outcome.stderr);
    }
    session.run(&format!("embed X.npy -o there.csv/ {SHORT}")).failed(2, &["there.csv/: names a directory"]);
    session.run("plot X.npy -o there.png/").failed(2, &["there.png/: names a directory"]);
    let long = format!("{}.csv", "x".repeat(252));
    session.run(&format!("embed X.npy -o {long} {SHORT}")).failed(1, &["cannot be written"]);
    assert_eq!(session.names(), ["X.npy"]);
}

/// Waits until a run says such a line, does `meanwhile`, and gives what it says and how it ends.
#[cfg(unix)]
fn while_it_runs(session: &Session, arguments: &str, said: &str, meanwhile: impl FnOnce()) -> (i32, String) {
    let mut child = session.command(arguments).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains(said) {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "ended before it said {said}");
    }
    meanwhile();
    stderr.read_to_string(&mut line).unwrap();
    (child.wait().unwrap().code().unwrap(), line)
}

#[cfg(unix)]
#[test]
fn a_result_whose_place_was_taken_is_kept_beside_it() {
    let run = "embed digits --sample 900 --iterations 500 --threads 1 -o map.csv";
    for force in ["", " --force"] {
        let session = Session::new();
        let (status, said) = while_it_runs(&session, &format!("{run}{force}"), "initialization", || {
            std::fs::create_dir(session.path("map.csv")).unwrap();
        });
        assert_eq!(status, 1, "{said}");
        assert!(said.contains("the result for map.csv is in map.csv.partial"), "{said}");
        assert_eq!(session.read_text("map.csv.partial").lines().count(), 901);
    }
    let session = Session::new();
    session.file("out/notes", "");
    let run = "embed digits --sample 900 --iterations 500 --threads 1 -o out/map.csv";
    let (status, said) = while_it_runs(&session, run, "initialization", || {
        std::fs::remove_dir_all(session.path("out")).unwrap();
        session.file("out", "a file now");
    });
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("the result for out/map.csv is in "), "{said}");
    let kept = said.rsplit("is in ").next().unwrap().trim().to_owned();
    assert!(kept.starts_with(std::env::temp_dir().to_str().unwrap()), "{kept}");
    assert_eq!(std::fs::read_to_string(&kept).unwrap().lines().count(), 901);
    std::fs::remove_file(kept).unwrap();
}

#[cfg(unix)]
#[test]
fn a_device_that_came_during_the_run_is_not_replaced() {
    use std::os::unix::fs::FileTypeExt as _;
    let session = Session::new();
    let run = "embed digits --sample 900 --iterations 500 --threads 1 -o map.csv --force";
    let (status, said) = while_it_runs(&session, run, "initialization", || {
        assert!(Command::new("mkfifo").arg(session.path("map.csv")).status().unwrap().success());
    });
    assert_eq!(status, 1, "{said}");
    assert!(std::fs::symlink_metadata(session.path("map.csv")).unwrap().file_type().is_fifo());
    assert_eq!(session.read_text("map.csv.partial").lines().count(), 901);
}

#[test]
fn a_reader_may_leave() {
    let session = Session::new();
    let mut command = session.command("embed digits -q --iterations 10");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    // The map is larger than what a pipe holds, so that the command is still writing when its reader leaves.
    BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first, "index,x,y,label\n");
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(said, "");
}

#[test]
fn a_picture_may_go_to_a_device() {
    with_data()
        .run(&format!("embed X.npy -o /dev/null {SHORT}"))
        .failed(2, &["/dev/null", ".npy, .csv, .tsv or .json"]);
}
