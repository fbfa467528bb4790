//! Threads that the system refuses.

use std::process::Command;
use std::time::Duration;

use super::Run;
use crate::session::{Session, clusters, csv, npy, outcome};

/// A user whom nobody else runs as. The limit on processes counts all of a user's, and does not hold for root.
const NOBODY: &str = "61234";

/// The command with room for so many threads, its first one included; none where the limit cannot be set with effect.
fn with_threads(session: &Session, most: usize, arguments: &str) -> Option<Command> {
    let is_root = rustix::process::geteuid().is_root();
    // Someone who has other processes has no room for a certain number of threads, but can have none left.
    if !is_root && most > 1 {
        return None;
    }
    let user = if is_root {
        format!("setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups")
    } else {
        String::new()
    };
    let program = env!("CARGO_BIN_EXE_gnomonic");
    Some(session.shell(&format!("exec {user} prlimit --nproc={most} {program} {arguments}")))
}

fn with_data() -> Session {
    use std::os::unix::fs::PermissionsExt as _;
    let session = Session::new();
    session.file("X.npy", npy(&clusters(200, 4))).file("m.csv", csv(Some("x,y"), &clusters(200, 2)));
    std::fs::set_permissions(session.path(""), std::fs::Permissions::from_mode(0o777)).unwrap();
    session
}

const COMMANDS: [&str; 6] = [
    "embed X.npy -o map.npy --iterations 30",
    "sweep X.npy -o out --perplexity 5,10,20 --iterations 30",
    "lesson --dataset X.npy -o out",
    "score X.npy m.csv",
    "plot m.csv -o map.png",
    "datasets",
];

#[test]
fn the_work_is_done_on_the_threads_that_there_are() {
    let reference = with_data();
    reference.run("embed X.npy -o map.npy --iterations 30").succeeded();
    for most in 1..=4 {
        for arguments in COMMANDS {
            let session = with_data();
            let Some(mut command) = with_threads(&session, most, arguments) else { continue };
            let outcome = outcome(command.output().unwrap());
            let said = &outcome.stderr;
            assert_eq!(outcome.status, 0, "{arguments}, {most}: {said}");
            assert!(!said.contains("panicked"), "{arguments}, {most}: {said}");
            if arguments.starts_with("embed") {
                assert_eq!(session.read("map.npy"), reference.read("map.npy"), "the same bits");
            }
            if most == 1 && !arguments.starts_with("plot") && !arguments.starts_with("datasets") {
                assert!(said.contains("the system refuses more threads"), "{arguments}: {said}");
            }
        }
    }
}

#[test]
fn threads_that_were_asked_for_are_not_replaced_by_fewer() {
    for arguments in
        ["embed X.npy -o map.npy --threads 8", "sweep X.npy -o out --threads 8", "lesson --threads 8"]
    {
        let session = with_data();
        let Some(mut command) = with_threads(&session, 1, arguments) else { continue };
        let outcome = outcome(command.output().unwrap());
        outcome.failed(1, &["8 threads could not be started, only 0", "--threads"]);
    }
}

#[test]
fn too_many_threads_in_the_environment_are_refused_at_once() {
    for arguments in &COMMANDS[..4] {
        let session = with_data();
        let mut command = session.command(arguments);
        command.env("RAYON_NUM_THREADS", "100000");
        let (status, said) = Run::start(command).ends_within(Duration::from_secs(10));
        assert_eq!(status, 2, "{arguments}: {said}");
        assert!(said.contains("RAYON_NUM_THREADS is 100000; it must be at most 1024"), "{said}");
    }
    let session = with_data();
    let mut command = session.command(COMMANDS[0]);
    assert_eq!(Run::start(command_with(&mut command, "1")).ends().0, 0);
}

fn command_with(command: &mut Command, threads: &str) -> Command {
    let mut with = Command::new(command.get_program());
    with.args(command.get_args()).current_dir(command.get_current_dir().unwrap());
    with.env("RAYON_NUM_THREADS", threads);
    with
}
