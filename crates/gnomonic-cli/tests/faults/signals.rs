//! Signals that ask a process to end.

use std::io::Write as _;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{Chance, Run, check_whole, limited, mkfifo};
use crate::session::{Session, clusters, csv, npy};

const ENDLESS: &str = "embed digits -o map.npy --threads 1 --iterations 100000000";

#[test]
fn a_signal_that_was_ignored_stays_ignored() {
    for ignoring in ["trap '' HUP INT;", "nohup"] {
        let session = Session::new();
        let arguments = "embed digits -o map.npy --threads 1 --iterations 150";
        let command = if ignoring == "nohup" {
            // It is not told of: nohup itself runs the program.
            let program = env!("CARGO_BIN_EXE_gnomonic");
            session.shell(&format!("exec nohup {program} {arguments}"))
        } else {
            limited(&session, ignoring, arguments)
        };
        let run = Run::start(command).until("initialization");
        run.signal(Signal::HUP);
        if ignoring != "nohup" {
            run.signal(Signal::INT);
        }
        let (status, said) = run.ends();
        assert_eq!(status, 0, "{ignoring}: {said}");
        check_whole(&session, 1797, ignoring);
        assert_eq!(session.names(), ["map.npy"]);
    }
}

#[test]
fn signals_that_come_together_are_one_wish() {
    let mut chance = Chance::new("signals_that_come_together_are_one_wish");
    for _ in 0..6 {
        let session = Session::new();
        let run = Run::start(session.command(ENDLESS)).until("initialization");
        std::thread::sleep(Duration::from_secs_f64(0.2 * chance.fraction()));
        for _ in 0..3 {
            run.signal(chance.one_of(&[Signal::TERM, Signal::HUP]));
            std::thread::sleep(Duration::from_secs_f64(0.02 * chance.fraction()));
        }
        let (status, said) = run.ends();
        assert_eq!(status, 130, "{said}");
        assert_eq!(session.names(), ["map.npy.partial"], "{said}");
        check_whole(&session, 1797, "stopped");
    }
}

#[test]
fn timeout_loses_no_map() {
    let session = Session::new();
    let program = env!("CARGO_BIN_EXE_gnomonic");
    // It sends the signal to the process, and then to the group that the process is in.
    let run = Run::start(session.shell(&format!("exec timeout 3 {program} {ENDLESS}")));
    let (status, said) = run.ends();
    assert_eq!(status, 124, "{said}");
    assert_eq!(session.names(), ["map.npy.partial"], "{said}");
}

#[test]
fn a_second_wish_ends_the_run_at_once() {
    let session = Session::new();
    let (_reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(&[b'\n'; 60_000]).unwrap();
    let run = Run::start_to(writer, session.command("embed digits --threads 1 --iterations 100000000"));
    let run = run.until("initialization");
    run.signal(Signal::TERM);
    // The map so far goes to a standard output that nobody reads, which the run waits for a moment longer than this.
    std::thread::sleep(Duration::from_millis(1200));
    run.signal(Signal::TERM);
    let (status, said) = run.ends();
    assert_eq!((status, session.names().len()), (130, 0), "{said}");
}

#[test]
fn commands_that_have_nothing_to_lose_end_at_once_and_say_so() {
    for arguments in [
        "plot pipe -o map.png",
        "score X.npy pipe",
        "embed pipe -o map.npy",
        "sweep pipe -o out",
        "lesson --dataset pipe -o out",
    ] {
        for signal in [Signal::TERM, Signal::HUP] {
            let session = Session::new();
            session.file("X.npy", npy(&clusters(60, 4)));
            mkfifo(&session, "pipe");
            // Told by its reading of the pipe, which nobody writes to.
            let run = Run::start(session.command(arguments));
            wait_until_it_waits(&run);
            run.signal(signal);
            let (status, said) = run.ends_within(Duration::from_secs(5));
            assert_eq!(status, 130, "{arguments}: {said}");
            assert!(said.ends_with("stopped: nothing was written\n"), "{arguments}: {said}");
            std::fs::remove_file(session.path("pipe")).unwrap();
            assert_eq!(session.names(), ["X.npy"]);
        }
    }
}

/// Waits until the command has taken over its signals.
fn wait_until_it_waits(run: &Run) {
    let caught = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", run.child.id())).unwrap_or_default();
        let mask =
            status.lines().find_map(|line| line.strip_prefix("SigCgt:")?.trim().get(..).map(str::to_owned));
        let mask = u64::from_str_radix(&mask.unwrap_or_default(), 16).unwrap_or(0);
        mask >> (15 - 1) & 1 == 1 && mask & 1 == 1
    };
    let began = Instant::now();
    while !caught() {
        assert!(began.elapsed() < Duration::from_secs(20), "it does not listen to signals");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn at_any_moment_a_signal_leaves_whole_files_and_a_status_that_tells() {
    let mut chance = Chance::new("at_any_moment_a_signal_leaves_whole_files");
    let map = csv(Some("x,y"), &clusters(300, 2));
    let cases = [
        "embed X.npy -o map.csv --plot map.png --record run.json --iterations 60",
        "embed X.npy -o map.npy --plot map.svg --iterations 60",
        "sweep X.npy -o out --perplexity 5,10,20 --iterations 60",
        "lesson --dataset X.npy -o out",
        "plot map.csv -o picture.png",
    ];
    for arguments in cases {
        let session = Session::new();
        session.file("X.npy", npy(&clusters(300, 4))).file("map.csv", &map);
        let start = |session: &Session| Run::start(session.command(&format!("{arguments} --force")));
        let began = Instant::now();
        start(&session).ends();
        let took = began.elapsed();
        for _ in 0..8 {
            let session = Session::new();
            session.file("X.npy", npy(&clusters(300, 4))).file("map.csv", &map);
            let run = start(&session);
            let moment = took.mul_f64(1.1 * chance.fraction());
            std::thread::sleep(moment);
            let signal = chance.one_of(&[Signal::TERM, Signal::HUP]);
            run.signal(signal);
            let (status, said) = run.ends();
            let context = format!("{arguments}, {signal:?} after {moment:?}: status {status}, {said}");
            // Before the command listens, the signal ends it as the system would; that has no status.
            assert!([0, 130, -1].contains(&status), "{context}");
            std::fs::remove_file(session.path("X.npy")).unwrap();
            if status == 0 && arguments.starts_with("plot") {
                assert!(session.path("picture.png").exists(), "{context}");
            }
            check_whole(&session, 300, &context);
        }
    }
}
