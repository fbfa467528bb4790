//! Disks that are full, and files that may not grow.

use std::process::Stdio;

use super::{Run, check_whole, limited};
use crate::session::{Session, clusters, csv, npy, outcome};

fn with_data() -> Session {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(60, 4))).file("m.csv", csv(Some("x,y"), &clusters(60, 2)));
    session
}

/// The signal that the system sends with that is no end of the program.
#[test]
fn a_limit_on_the_size_of_files_is_an_error_in_every_command() {
    for (arguments, file) in [
        ("embed X.npy -o map.npy --plot map.png --perplexity 5 --iterations 20", "map.png"),
        ("sweep X.npy -o out --perplexity 5,10 --iterations 20", "out/sweep.csv"),
        ("lesson --dataset X.npy -o out", "out/sweep.csv"),
        ("plot m.csv -o map.png", "map.png"),
        ("man -o out", "out/gnomonic"),
        ("completions bash > script", "standard output"),
    ] {
        let session = with_data();
        let outcome = outcome(limited(&session, "ulimit -f 4;", arguments).output().unwrap());
        assert_eq!(outcome.status, 1, "{arguments}: {}", outcome.stderr);
        let said = &outcome.stderr;
        assert!(said.contains(file) && said.contains("could not be written"), "{arguments}: {said}");
        let left = session.names().into_iter().filter(|name| name.starts_with("out/"));
        assert!(left.into_iter().all(|name| name.ends_with(".partial")), "{arguments}: {said}");
    }
}

#[test]
fn a_full_disk_leaves_nothing_half_written() {
    // A small disk of its own, in a namespace of mounts of its own: needs the right to make one.
    let mount = "mkdir disk && mount -t tmpfs -o size=16k none disk";
    let alone = |script: &str| {
        let session = with_data();
        let mut command = session.shell(&format!("exec unshare -rm sh -c '{mount} && {script}'"));
        (command.stdout(Stdio::piped()).output().unwrap(), session)
    };
    if !alone("true").0.status.success() {
        eprintln!("skipped: no right to mount a disk in a namespace");
        return;
    }
    let program = env!("CARGO_BIN_EXE_gnomonic");
    let short = "--perplexity 5 --iterations 20 -q";
    for (arguments, left) in [
        (format!("embed X.npy -o disk/map.npy --plot disk/map.png {short}"), "map.npy.partial"),
        (format!("sweep X.npy -o disk/out {short}"), "out sweep.csv.partial"),
        ("plot m.csv -o disk/map.png".into(), ""),
        ("lesson --dataset X.npy -o disk/out -q".into(), "out embedding.csv.partial"),
    ] {
        let script = format!("{program} {arguments}; echo status $?; ls -A disk disk/out 2>/dev/null");
        let (output, _session) = alone(&script);
        let (said, told) = (
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        );
        assert!(said.contains("status 1"), "{arguments}: {said} {told}");
        assert!(told.contains("could not be written: No space left"), "{arguments}: {told}");
        assert!(!said.contains(".gnomonic"), "{arguments}: {said}");
        for word in left.split(' ') {
            assert!(said.contains(word), "{arguments}: {said} {told}");
        }
    }
}

#[test]
fn a_full_standard_output_loses_no_map() {
    let session = with_data();
    let command = limited(&session, "", "embed X.npy --perplexity 5 --iterations 20 > /dev/full");
    let (status, said) = Run::start(command).ends();
    assert_eq!(status, 1, "{said}");
    std::fs::remove_file(session.path("X.npy")).unwrap();
    check_whole(&session, 60, &said);
    assert!(session.names().contains(&"gnomonic-map.csv.partial".to_owned()), "{said}");
}
