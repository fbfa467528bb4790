//! Ctrl-C finishes the iteration and saves the map so far.
#![cfg(unix)]

mod session;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};

use session::{Session, npy_values};

/// Starts a run that would take an hour, and waits until it iterates.
fn start(session: &Session, arguments: &str) -> (Child, BufReader<impl std::io::Read>) {
    start_until(session, arguments, |line| line.contains("initialization"))
}

/// Starts a run, and waits until it says such a line.
fn start_until(
    session: &Session,
    arguments: &str,
    reached: impl Fn(&str) -> bool,
) -> (Child, BufReader<impl std::io::Read>) {
    let mut command = session.command(arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !reached(&line) {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "ended before it was interrupted");
    }
    (child, stderr)
}

fn interrupt(child: &Child) {
    session::signal(child, session::stop_signal());
}

#[test]
fn the_map_so_far_is_saved_beside_the_name_asked_for() {
    let session = Session::new();
    let (mut child, mut stderr) =
        start(&session, "embed digits -o map.npy --plot map.png --iterations 100000000");
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert!(said.contains("stopped: after iteration") && said.contains("map.npy.partial"), "{said}");
    assert_eq!(session.names(), ["map.npy.partial"]);
    let (header, values) = npy_values(&session.read("map.npy.partial"));
    assert!(header.contains("(1797, 2)") && values.iter().all(|value| value.is_finite()));
}

#[test]
fn without_a_name_the_map_so_far_goes_to_standard_output() {
    let session = Session::new();
    let (mut child, mut stderr) = start(&session, "embed digits --iterations 100000000");
    interrupt(&child);
    let mut map = String::new();
    child.stdout.take().unwrap().read_to_string(&mut map).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert!(said.contains("stopped: after iteration") && said.contains("is partial"), "{said}");
    assert!(map.starts_with("index,x,y,label\n0,") && map.lines().count() == 1798, "{map}");
    assert_eq!(session.names(), [""; 0]);
}

#[test]
fn a_reader_that_left_makes_no_success_of_an_interrupted_run() {
    let session = Session::new();
    let (mut child, _stderr) = start(&session, "embed digits --iterations 100000000");
    drop(child.stdout.take());
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(session.names(), ["gnomonic-map.csv.partial"], "and the map is not lost");
}

#[test]
fn what_an_earlier_run_kept_stays_and_the_record_goes_with_its_map() {
    let session = Session::new();
    session.file("map.npy.partial", "an earlier run's");
    let arguments = "embed digits -o map.npy --record run.json --json --iterations 100000000";
    let (mut child, mut stderr) = start(&session, arguments);
    interrupt(&child);
    let mut printed = String::new();
    child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert!(said.contains("map.npy.partial-2; its record is run.json.partial-2"), "{said}");
    assert_eq!(session.names(), ["map.npy.partial", "map.npy.partial-2", "run.json.partial-2"]);
    assert_eq!(session.read("map.npy.partial"), b"an earlier run's");
    let record = session.read_json("run.json.partial-2");
    assert_eq!(record["stop"], "cancelled");
    assert_eq!(printed, session.read_text("run.json.partial-2"));
}

#[test]
fn the_longest_name_that_a_file_can_have_loses_no_map() {
    let session = Session::new();
    let name = format!("{}.csv", "x".repeat(251));
    let arguments = format!("embed digits -o {name} --iterations 100000000");
    let (mut child, mut stderr) = start(&session, &arguments);
    interrupt(&child);
    let status = child.wait().unwrap().code();
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(status, Some(130), "{said}");
    let names = session.names();
    assert!(names.len() == 1 && names[0].ends_with(".csv.partial") && said.contains(&names[0]), "{said}");
    assert_eq!(session.read_text(&names[0]).lines().count(), 1798);
}

#[test]
fn before_there_is_a_map_nothing_is_kept_and_nothing_waited_for() {
    let session = Session::new();
    // Nearly all pairs are neighbors, so that their affinities take a while.
    let arguments = "embed digits -o map.npy --perplexity 590 --threads 1 --iterations 100000000";
    let neighbors_found = |line: &str| line.trim_start().starts_with("neighbors ");
    let (mut child, mut stderr) = start_until(&session, arguments, neighbors_found);
    interrupt(&child);
    let status = child.wait().unwrap().code();
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!((status, said.as_str()), (Some(130), "stopped: nothing was written\n"));
    assert_eq!(session.names(), [""; 0]);
}

#[test]
fn a_sweep_keeps_its_finished_maps_with_their_record() {
    let session = Session::new();
    session.file("out/sweep.csv.partial", "an earlier run's");
    let arguments = "sweep digits --sample 300 --perplexity 5,10 --iterations 20000 --threads 1 -o out";
    let second = |line: &str| line.trim_end() == "perplexity 10";
    let (mut child, mut stderr) = start_until(&session, arguments, second);
    interrupt(&child);
    let status = child.wait().unwrap().code();
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(status, Some(130), "{said}");
    assert!(said.contains("after 1 of 2 maps") && said.contains("out/run.json.partial-2"), "{said}");
    let names = ["out/run.json.partial-2", "out/sweep.csv.partial", "out/sweep.csv.partial-2"];
    assert_eq!(session.names(), names);
    assert_eq!(session.read("out/sweep.csv.partial"), b"an earlier run's");
    let table = session.read_text("out/sweep.csv.partial-2");
    assert!(table.starts_with("perplexity,index,x,y,label\n5,") && !table.contains("\n10,"));
    let record = session.read_json("out/run.json.partial-2");
    assert_eq!((&record["stop"], &record["sweep"][0]["perplexity"]), (&"cancelled".into(), &5.0.into()));
    assert_eq!(
        (record["sweep"].as_array().unwrap().len(), &record["sweep"][0]["iterations"]),
        (1, &20000.into())
    );
}

#[test]
fn a_sweep_without_a_finished_map_keeps_nothing() {
    let session = Session::new();
    for threads in [1, 2] {
        let arguments = format!(
            "sweep digits --sample 300 --perplexity 5,10 --iterations 100000000 --threads {threads} -o out"
        );
        let (mut child, mut stderr) = start(&session, &arguments);
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(130));
        let mut said = String::new();
        stderr.read_to_string(&mut said).unwrap();
        assert!(said.ends_with("stopped: nothing was written\n"), "{said}");
        assert_eq!(session.names(), [""; 0]);
    }
}

#[test]
fn a_lesson_saves_its_map_so_far_or_nothing() {
    let session = Session::new();
    let (mut child, mut stderr) = start(&session, "lesson");
    interrupt(&child);
    let status = child.wait().unwrap().code();
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(status, Some(130), "{said}");
    assert_eq!(session.names().len(), 1, "{:?}", session.names());
    assert!(session.names()[0].ends_with(".csv.partial"));
}

#[test]
fn a_lesson_keeps_a_map_that_is_finished() {
    let session = Session::new();
    let finished = |line: &str| line.trim_start().starts_with("final divergence");
    let (mut child, mut stderr) = start_until(&session, "lesson", finished);
    interrupt(&child);
    let status = child.wait().unwrap().code();
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(status, Some(130), "{said}");
    assert!(said.contains("embedding.csv.partial") || said.contains("sweep.csv.partial"), "{said}");
    let map = session.read_text("lesson/embedding.csv.partial");
    assert_eq!(map.lines().count(), 1798);
}
