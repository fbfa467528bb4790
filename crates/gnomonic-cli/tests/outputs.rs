//! What is overwritten and what is not, what a full disk leaves, and who may stop reading.

mod session;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use session::{Session, clusters, npy, outcome};

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
    session.run("embed X.npy -o map.txt").failed(2, &["map.txt", ".npy or .csv"]);
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
fn a_full_disk_names_the_file_and_leaves_nothing() {
    let session = with_data();
    let before = session.names();
    // A limit on the size of files, in blocks of 512 bytes or a kilobyte: the map fits, the picture does not.
    let run = |arguments: &str| {
        let program = env!("CARGO_BIN_EXE_gnomonic");
        let script = format!("trap '' XFSZ; ulimit -f 4; exec {program} {arguments}");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).current_dir(session.path("")).env_remove("GNOMONIC_DATA");
        outcome(command.output().unwrap())
    };
    run(&format!("embed X.npy -o map.npy --plot map.png {SHORT}"))
        .failed(1, &["map.png: could not be written"]);
    run("sweep X.npy --perplexity 5,10 --iterations 40 -o new/out")
        .failed(1, &["new/out/perplexity.png: could not be written"]);
    assert_eq!(session.names(), before);
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
    outcome(command.stdout(full).output().unwrap()).failed(1, &["standard output could not be written"]);
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
    with_data().run(&format!("embed X.npy -o /dev/null {SHORT}")).failed(2, &["/dev/null", ".npy or .csv"]);
}
