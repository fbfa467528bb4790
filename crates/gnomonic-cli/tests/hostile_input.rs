//! Files that were made to break the command: rows that quotation marks swallow, pipes that can be read once, names that a
//! terminal would obey.
#![cfg(unix)]

mod session;

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use session::{Outcome, Session, clusters, csv, npy, npz, outcome};

/// Runs the command with `input` on its standard input, through a pipe; fails, rather than wait for ever.
#[track_caller]
fn fed(session: &Session, arguments: &str, input: Vec<u8>) -> Outcome {
    let mut command = session.command(arguments);
    finish(command.stdin(Stdio::piped()), Some(input))
}

#[track_caller]
fn finish(command: &mut Command, input: Option<Vec<u8>>) -> Outcome {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
        // Who stops reading early ends the writing with an error.
        thread::spawn(move || drop(stdin.write_all(&input)));
    }
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("the command waits for ever");
        }
        thread::sleep(Duration::from_millis(5));
    }
    outcome(child.wait_with_output().unwrap())
}

fn pipe(session: &Session, name: &str) {
    assert!(Command::new("mkfifo").arg(session.path(name)).status().unwrap().success());
}

/// 200 rows with labels; the label of each of `rows` begins with a quotation mark.
fn with_stray_quotes(rows: &[usize]) -> String {
    let mut text = csv(Some("a,b,c,label"), &clusters(200, 3));
    for (i, line) in text.clone().lines().enumerate().skip(1) {
        let quote = if rows.contains(&(i - 1)) { "\"" } else { "" };
        text = text.replacen(&format!("{line}\n"), &format!("{line},{quote}class {}\n", i % 3), 1);
    }
    text
}

#[test]
fn rows_are_never_swallowed_by_a_quotation_mark() {
    let session = Session::new();
    session
        .file("whole.csv", with_stray_quotes(&[]))
        .file("open.csv", with_stray_quotes(&[50]))
        .file("apart.csv", with_stray_quotes(&[50, 150]))
        .file("X.npy", npy(&clusters(200, 3)));
    session.run("embed whole.csv --iterations 20 -q -o map.csv").succeeded();
    for (file, says) in [("open.csv", "has no end"), ("apart.csv", "ends on line 152")] {
        for command in [
            format!("embed {file} -o out.npy"),
            format!("sweep {file} -o out"),
            format!("lesson --dataset {file} -o out"),
            format!("embed X.npy --labels {file} -o out.npy"),
            format!("score {file} map.csv"),
            format!("score X.npy map.csv --labels {file}"),
            format!("plot {file} -o out.png"),
        ] {
            session.run(&command).failed(1, &[file, "line 52, column 4", says]);
        }
    }
    assert_eq!(session.names(), ["X.npy", "apart.csv", "map.csv", "open.csv", "whole.csv"]);
}

#[test]
fn what_is_read_twice_is_refused_from_a_pipe() {
    let session = Session::new();
    let archive = npz(&[("x", npy(&clusters(60, 4)))]);
    for command in ["embed /dev/stdin -o map.csv", "score /dev/stdin map.csv", "plot /dev/stdin -o map.png"] {
        session.file("map.csv", csv(Some("x,y"), &clusters(60, 2)));
        fed(
            &session,
            &format!("{command} {}", if command.contains("score") { "" } else { "--force" }),
            archive.clone(),
        )
        .failed(1, &["/dev/stdin", "save it to a file"]);
    }
    session.file("X.npy", npy(&clusters(60, 4)));
    fed(&session, "embed X.npy --labels /dev/stdin -o out.npy", archive).failed(1, &["/dev/stdin"]);
    // The place of what is wrong is known all the same.
    fed(&session, "embed /dev/stdin -o out.npy", b"a,b\n1,2\n3,x\n".to_vec()).failed(1, &["row 2 (line 3)"]);
    fed(&session, "embed X.npy --labels /dev/stdin --label-column 2 -o out.npy", b"a,b\n1,2\n3,\n".to_vec())
        .failed(1, &["row 2 (line 3)", "the label is empty"]);
    let table = csv(None, &clusters(60, 4));
    fed(&session, "embed /dev/stdin --iterations 20 -o out.npy", table.into_bytes()).succeeded();
}

#[test]
fn a_pipe_serves_one_input_only() {
    let session = Session::new();
    pipe(&session, "pipe");
    session.file("map.csv", csv(Some("x,y"), &clusters(60, 2)));
    for command in [
        "embed pipe --labels pipe -o out.npy",
        "sweep ./pipe --labels pipe -o out",
        "lesson --dataset pipe --labels pipe -o out",
        "score pipe pipe",
        "score pipe map.csv --labels pipe",
        "score map.csv pipe --labels pipe",
        "plot pipe --labels pipe -o out.png",
    ] {
        finish(&mut session.command(command), None).failed(1, &["pipe", "read only once"]);
    }
    let command = "embed /dev/stdin --labels /dev/stdin -o out.npy";
    fed(&session, command, b"1,2\n".to_vec()).failed(1, &["/dev/stdin", "read only once"]);
}

/// Asserts that a terminal would do nothing with what was said but show it, and that it fits on a screen.
#[track_caller]
fn is_plain(said: &Outcome) {
    let acts = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    let out = String::from_utf8_lossy(&said.stdout);
    assert!(!said.stderr.contains(acts) && !out.contains(acts), "{:?} {out:?}", said.stderr);
    assert!(said.stderr.len() + out.len() < 4_000, "{} bytes", said.stderr.len() + out.len());
}

#[test]
fn a_terminal_obeys_nothing_that_a_file_says() {
    const TRICK: &str = "\u{1b}]0;owned\u{7}\u{202e}x\u{9b}31m";
    let session = Session::new();
    let numbers = csv(None, &clusters(60, 3));
    session
        .file("cell.csv", format!("a,b\n1,2\n3,{TRICK}\n"))
        .file("column.csv", format!("{TRICK},b\n1,2\n3,\n"))
        .file("keys.npz", npz(&[(TRICK, npy(&clusters(9, 2))), ("b", npy(&clusters(9, 2)))]))
        .file("long.csv", format!("{},b\n1,2\n3,x{}\n", "a".repeat(1 << 20), "y".repeat(1 << 20)))
        .file("numbers.csv", &numbers)
        .file(&format!("{TRICK}.csv"), "1,2\n3,x\n");
    for file in ["cell.csv", "column.csv", "keys.npz", "long.csv", &format!("{TRICK}.csv")] {
        for command in
            ["embed", "sweep -o out", "lesson -o out --dataset", "plot -o out.png", "score numbers.csv"]
        {
            let mut command = session.command(command);
            let said = finish(command.arg(file), None);
            assert_ne!(said.status, 0, "{file}: {}", said.stderr);
            is_plain(&said);
        }
    }
    // What is told of data that can be read, and words of the command line, which a shell may have made of names of files.
    let named: String = numbers.lines().enumerate().map(|(i, line)| format!("{i},{line}\n")).collect();
    session.file(&format!("{TRICK}good.csv"), format!(",a,b,c\n{named}"));
    for arguments in [
        format!("embed {TRICK}good.csv --dry-run"),
        format!("embed {TRICK}good.csv --memory-limit 1MB"),
        format!("embed {TRICK}good.csv --iterations 10 --plot {TRICK}.png -o {TRICK}.npy"),
        format!("embed {TRICK}good.csv --{TRICK}"),
        format!("embed numbers.csv --label-column {TRICK}"),
        format!("score numbers.csv {TRICK}good.csv"),
        format!("{TRICK}"),
    ] {
        is_plain(&finish(&mut session.command(&arguments), None));
    }
}
