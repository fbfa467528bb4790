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
        TRICK.to_owned(),
    ] {
        is_plain(&finish(&mut session.command(&arguments), None));
    }
}

#[test]
fn what_is_scaled_may_have_any_unit() {
    let session = Session::new();
    let rows = |unit: f32| -> Vec<Vec<f32>> {
        clusters(60, 4).into_iter().map(|row| row.into_iter().map(|value| value * unit).collect()).collect()
    };
    session
        .file("large.npy", npy(&rows(1e19)))
        .file("small.npy", npy(&rows(1e-20)))
        .file("X.npy", npy(&rows(1.0)));
    let map = |file: &str, scale: &str| {
        session
            .run(&format!(
                "embed {file} --scale {scale} --iterations 50 --perplexity 9 -q --force -o map.npy"
            ))
            .succeeded();
        session.read("map.npy")
    };
    for file in ["large.npy", "small.npy"] {
        for scale in ["minmax", "standard"] {
            map(file, scale);
            session
                .run(&format!(
                    "sweep {file} --scale {scale} --iterations 20 --perplexity 9 -q --force -o out"
                ))
                .succeeded();
        }
        session.run(&format!("lesson --dataset {file} -q --force -o lesson")).succeeded();
    }
    session
        .run("embed large.npy -o out.npy")
        .failed(1, &["large.npy: row 1, column 1", "scale the data first"]);
    session.run("score large.npy map.npy").failed(1, &["large.npy"]);
}

#[test]
fn a_score_blames_the_map_for_the_rows_it_names() {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(90, 4)));
    session.file("few.csv", "index,x,y\n0,1,2\n5,3,4\n7,5,6\n");
    session
        .run("score X.npy few.csv")
        .failed(1, &["error: few.csv: of the rows of X.npy that its index names", "3"]);
    session.file(
        "some.csv",
        format!("index,x,y\n{}", (0..40).map(|i| format!("{i},{i},{}\n", i % 7)).collect::<String>()),
    );
    session
        .run("score X.npy some.csv --perplexity 50")
        .failed(1, &["error: some.csv: of the rows of X.npy", "perplexity 50"]);
}

/// Linux and most systems take any bytes for a name.
#[cfg(target_os = "linux")]
#[test]
fn names_need_not_be_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let session = Session::new();
    let name = |ending: &str| {
        OsStr::from_bytes(b"d\xff\xfe")
            .to_owned()
            .into_encoded_bytes()
            .into_iter()
            .chain(ending.bytes())
            .collect::<Vec<u8>>()
    };
    let write = |ending: &str, content: Vec<u8>| {
        let name = name(ending);
        std::fs::write(session.path("").join(OsStr::from_bytes(&name)), content).unwrap();
    };
    write(".csv", csv(Some("a,b,c"), &clusters(60, 3)).into_bytes());
    write(".npz", npz(&[("x", npy(&clusters(60, 3))), ("other", npy(&clusters(60, 3)))]));
    write(".txt", session::cluster_labels(60).into_bytes());
    write("-map.csv", csv(Some("x,y"), &clusters(60, 2)).into_bytes());
    let run = |words: &[&[u8]]| {
        let mut command = session.command("");
        command.args(words.iter().map(|word| OsStr::from_bytes(word)));
        finish(&mut command, None)
    };
    let [table, archive, labels, map, key] = [".csv", ".npz", ".txt", "-map.csv", ".npz:x"].map(name);
    let out = name("-out.npy");
    run(&[
        b"embed",
        &table,
        b"--labels",
        &labels,
        b"--iterations",
        b"20",
        b"--perplexity",
        b"9",
        b"-q",
        b"-o",
        &out,
    ])
    .succeeded();
    run(&[b"embed", &key, b"--iterations", b"20", b"--perplexity", b"9", b"-q", b"--force", b"-o", &out])
        .succeeded();
    run(&[b"sweep", &table, b"--iterations", b"20", b"--perplexity", b"9", b"-q", b"-o", b"sweep"])
        .succeeded();
    run(&[b"score", &table, &map, b"--labels", &labels, b"-q"]).succeeded();
    run(&[b"plot", &map, b"--labels", &labels, b"-o", b"map.png"]).succeeded();
    run(&[b"lesson", b"--dataset", &table, b"--labels", &labels, b"-q", b"-o", b"lesson"]).succeeded();
    run(&[b"embed", &archive, b"-o", b"other.npy"]).failed(1, &["d\u{fffd}\u{fffd}.npz", "2 arrays"]);
}

#[test]
fn a_page_keeps_labels_in_their_place() {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(60, 4)));
    let labels: String = (0..60)
        .map(|i| format!("{}\n", ["\u{202e}evil\u{1b}[1m", "\u{5e9}\u{5dc}\u{5d5}\u{5dd}", "<b>"][i % 3]))
        .collect();
    session.file("y.txt", labels);
    session.run("lesson --dataset X.npy --labels y.txt -q -o out").succeeded();
    let page = session.read_text("out/index.html");
    let acts = |c: char| (c.is_control() && c != '\n' && c != '\t') || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!page.contains(acts));
    for label in [
        r"<bdi>\u{202e}evil\u{1b}[1m</bdi>",
        "<bdi>\u{5e9}\u{5dc}\u{5d5}\u{5dd}</bdi>",
        "<bdi>&lt;b&gt;</bdi>",
    ] {
        assert!(page.contains(label), "no {label}");
    }
}
