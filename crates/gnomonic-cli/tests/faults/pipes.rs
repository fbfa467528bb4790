//! Pipes that nobody reads, or not to the end.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::time::Duration;

use rustix::process::Signal;

use super::{Run, check_whole, mkfifo};
use crate::session::{Session, clusters, npy};

const SHORT: &str = "embed digits --threads 1 --iterations 60";
const ENDLESS: &str = "embed digits --threads 1 --iterations 100000000";

#[test]
fn a_pipe_gets_the_map_when_its_reader_comes() {
    let session = Session::new();
    mkfifo(&session, "map.csv");
    let run = Run::start(session.command(&format!("{SHORT} -o map.csv"))).until("final divergence");
    // Late: the run waits for it.
    std::thread::sleep(Duration::from_millis(300));
    let mut map = String::new();
    File::open(session.path("map.csv")).unwrap().read_to_string(&mut map).unwrap();
    let (status, said) = run.ends();
    assert_eq!((status, map.lines().count()), (0, 1798), "{said}");
}

#[test]
fn the_first_signal_ends_a_run_that_waits_for_a_reader_and_keeps_its_map() {
    let session = Session::new();
    mkfifo(&session, "map.csv");
    let run = Run::start(session.command(&format!("{SHORT} -o map.csv"))).until("final divergence");
    std::thread::sleep(Duration::from_millis(300));
    run.signal(Signal::TERM);
    let (status, said) = run.ends_within(Duration::from_secs(8));
    assert_eq!(status, 130, "{said}");
    assert!(said.contains("nobody reads") && said.contains("is in map.csv.partial"), "{said}");
    std::fs::remove_file(session.path("map.csv")).unwrap();
    check_whole(&session, 1797, &said);
    assert_eq!(session.names(), ["map.csv.partial"]);
}

#[test]
fn a_run_stopped_before_its_reader_comes_keeps_the_map_so_far() {
    let session = Session::new();
    mkfifo(&session, "map.csv");
    let run = Run::start(session.command(&format!("{ENDLESS} -o map.csv"))).until("initialization");
    run.signal(Signal::TERM);
    let (status, said) = run.ends_within(Duration::from_secs(8));
    assert_eq!(status, 130, "{said}");
    std::fs::remove_file(session.path("map.csv")).unwrap();
    check_whole(&session, 1797, &said);
    assert_eq!(session.names(), ["map.csv.partial"]);
}

#[test]
fn the_first_signal_ends_a_run_whose_standard_output_is_not_read() {
    for arguments in [SHORT, ENDLESS] {
        let session = Session::new();
        let (_reader, mut writer) = std::io::pipe().unwrap();
        // Nearly all that a pipe holds, so that the map does not fit in.
        writer.write_all(&[b'\n'; 60_000]).unwrap();
        let run = Run::start_to(writer, session.command(arguments)).until("initialization");
        if arguments == SHORT {
            // The map is being written.
            std::thread::sleep(Duration::from_secs(3));
        }
        run.signal(Signal::TERM);
        let (status, said) = run.ends_within(Duration::from_secs(8));
        assert_eq!(status, 130, "{said}");
        assert!(said.contains("gnomonic-map.csv.partial"), "{said}");
        check_whole(&session, 1797, &said);
        assert_eq!(session.names(), ["gnomonic-map.csv.partial"]);
    }
}

#[test]
fn a_reader_of_a_named_pipe_that_leaves_early_is_a_failure_and_the_map_is_kept() {
    let session = Session::new();
    mkfifo(&session, "map.csv");
    // Its map is more than a pipe holds.
    session.file("X.npy", npy(&clusters(4_000, 4)));
    let run = Run::start(session.command("embed X.npy -o map.csv --iterations 20"));
    let mut first = [0; 10];
    File::open(session.path("map.csv")).unwrap().read_exact(&mut first).unwrap();
    let (status, said) = run.ends();
    assert_eq!((status, &first), (1, b"index,x,y\n"), "{said}");
    assert!(said.contains("map.csv: could not be written") && said.contains("map.csv.partial"), "{said}");
}

#[test]
fn a_record_on_a_pipe_hangs_nothing() {
    let session = Session::new();
    mkfifo(&session, "run.json");
    let run = Run::start(session.command("sweep digits --sample 200 -o . --iterations 20"));
    let (status, said) = run.ends_within(Duration::from_secs(20));
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("run.json: is a device or a pipe"), "{said}");
}
