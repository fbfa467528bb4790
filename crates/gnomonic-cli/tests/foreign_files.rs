//! What is not the command's own is never destroyed: what links lead to, devices and pipes, inputs, what others wrote.
#![cfg(unix)]

mod session;

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, symlink};
use std::process::Command;

use session::{Session, cluster_labels, clusters, csv, npy};

const SWEEP: &str = "sweep X.npy --perplexity 5 --iterations 20";

/// Commands that fill a directory, with one of the files that they write there.
const FILLING: [(&str, &str); 3] = [
    ("sweep X.npy --perplexity 5 --iterations 20 -o d", "sweep.csv"),
    ("lesson --dataset X.npy -o d", "index.html"),
    ("man -o d", "gnomonic.1"),
];

fn with_data() -> Session {
    let session = Session::new();
    session.file("X.npy", npy(&clusters(60, 4)));
    session
}

fn pipe(session: &Session, name: &str) {
    assert!(Command::new("mkfifo").arg(session.path(name)).status().unwrap().success());
}

/// A record that says that all files beside it are of an earlier run, as anyone could write it.
fn forged(command: &str, outputs: &str) -> String {
    format!(r#"{{"gnomonic": "0.1.0", "command": "{command}", "outputs": {{{outputs}}}}}"#)
}

#[test]
fn no_link_is_followed_out_of_a_directory_of_results() {
    for (command, file) in FILLING {
        let session = with_data();
        session.file("precious", "mine").file("d/notes.txt", "kept");
        let record = forged(command.split(' ').next().unwrap(), "");
        session.file("d/run.json", record);
        let link = session.path("d").join(file);
        for target in ["../precious", "../nowhere", "/dev/null"] {
            symlink(target, &link).unwrap();
            for force in ["", " --force"] {
                session
                    .run(&format!("{command}{force}"))
                    .failed(1, &[&format!("d/{file}: is a link"), "remove it, or choose another directory"]);
            }
            assert!(link.is_symlink());
            fs::remove_file(&link).unwrap();
        }
        assert_eq!(session.read("precious"), b"mine");
        assert!(!session.path("nowhere").exists());
    }
}

#[test]
fn a_pipe_or_a_folder_in_a_directory_of_results_stays() {
    for (command, file) in FILLING {
        let session = with_data();
        pipe(&session, &format!("{file}.pipe"));
        fs::create_dir(session.path("d")).unwrap();
        fs::rename(session.path(&format!("{file}.pipe")), session.path("d").join(file)).unwrap();
        for force in ["", " --force"] {
            session
                .run(&format!("{command}{force}"))
                .failed(1, &[&format!("d/{file}: is a device or a pipe"), "where a file is to be written"]);
        }
        let path = session.path("d").join(file);
        assert!(fs::symlink_metadata(&path).unwrap().file_type().is_fifo());
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        session.run(&format!("{command} --force")).failed(1, &[&format!("d/{file}: is a directory")]);
    }
}

#[test]
fn a_record_is_believed_only_about_files_that_it_lists_with_their_digests() {
    let session = with_data();
    let sweep = format!("{SWEEP} -o d");
    for record in [forged("sweep", ""), forged("sweep", r#""sweep.csv": "00""#)] {
        session.file("d/run.json", record).file("d/sweep.csv", "precious");
        session.run(&sweep).failed(1, &["d/sweep.csv: exists already", "run.json", "--force"]);
        assert_eq!(session.read("d/sweep.csv"), b"precious");
    }
    session.run(&format!("{sweep} --force")).succeeded();
    session.run(&sweep).succeeded();
    let mut edited = session.read("d/sweep.csv");
    edited.extend(b"5,60,0,0\n");
    session.file("d/sweep.csv", &edited);
    session.run(&sweep).failed(1, &["d/sweep.csv: exists already", "no such digest"]);
    assert_eq!(session.read("d/sweep.csv"), edited);
}

#[test]
fn a_record_that_is_a_pipe_is_not_waited_for() {
    let session = with_data();
    session.file("d/sweep.csv", "precious");
    pipe(&session, "d/run.json");
    session.run(&format!("{SWEEP} -o d")).failed(1, &["d/run.json: is a device or a pipe"]);
    // One that is no file of the command is asked about the others, and cannot be.
    session.file("m/gnomonic.1", "precious");
    pipe(&session, "m/run.json");
    session.run("man -o m").failed(1, &["m/gnomonic.1: exists already"]);
}

/// A way to run each command with one of its inputs as its output, the input's name, and the input.
#[test]
fn no_command_overwrites_its_input() {
    let map = format!("index,x,y,label\n{}", csv(None, &clusters(40, 4)));
    let labels = cluster_labels(60);
    let table = csv(Some("a,b,c,d"), &clusters(60, 4));
    let cases = [
        ("embed d/map.csv -o d/map.csv --force", "map.csv", &table),
        ("embed X.npy --labels d/y.csv --record d/y.csv --force", "y.csv", &labels),
        ("embed X.npy --labels d/y.csv -o new.npy --plot hard.svg --force", "y.csv", &labels),
        ("sweep d/sweep.csv -o d --force", "sweep.csv", &table),
        ("sweep X.npy --labels d/sweep.csv -o d --force", "sweep.csv", &labels),
        ("lesson --dataset d/embedding.csv -o d --force", "embedding.csv", &map),
        ("lesson --dataset d/embedding.csv -o d", "embedding.csv", &map),
        ("lesson --dataset X.npy --labels d/sweep.csv -o link --force", "sweep.csv", &labels),
        ("plot d/map.svg -o d/map.svg --force", "map.svg", &map),
        ("plot d/map.csv --labels d/y.svg -o d/y.svg --force", "y.svg", &labels),
    ];
    for (command, name, content) in cases {
        let session = with_data();
        let file = format!("d/{name}");
        session.file("d/map.csv", &map).file(&file, content);
        fs::hard_link(session.path(&file), session.path("hard.svg")).unwrap();
        symlink("d", session.path("link")).unwrap();
        session.run(command).failed(2, &["is an input; write the result somewhere else"]);
        assert_eq!(session.read(&file), content.as_bytes(), "{command}");
    }
}

#[test]
fn the_input_of_a_lesson_that_wrote_it_stays() {
    let session = Session::new();
    session.file("X.csv", csv(None, &clusters(60, 4)));
    session.run("lesson --dataset X.csv -o les -q").succeeded();
    let before = session.read("les/embedding.csv");
    session.run("lesson --dataset les/embedding.csv -o les").failed(2, &["les/embedding.csv is an input"]);
    session.run("sweep les/sweep.csv -o les --force").failed(2, &["les/sweep.csv is an input"]);
    assert_eq!(session.read("les/embedding.csv"), before);
}

#[test]
fn a_file_that_is_replaced_keeps_its_mode() {
    let session = with_data();
    let run =
        "embed X.npy -o map.csv --plot map.svg --record run.json --force --perplexity 5 --iterations 20";
    for (name, mode) in [("map.csv", 0o600), ("map.svg", 0o640), ("run.json", 0o444)] {
        session.file(name, "old");
        fs::set_permissions(session.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    fs::hard_link(session.path("map.csv"), session.path("other-name")).unwrap();
    session.run(run).succeeded();
    let mode = |name: &str| fs::metadata(session.path(name)).unwrap().mode() & 0o777;
    assert_eq!(["map.csv", "map.svg", "run.json"].map(mode), [0o600, 0o640, 0o444]);
    // Whole or absent means a new file: what has another name keeps the old content under it.
    assert_eq!(session.read("other-name"), b"old");
    assert!(session.read_text("map.csv").starts_with("index,x,y\n"));
}

#[test]
fn a_link_that_the_user_names_is_written_through() {
    let session = with_data();
    session.file("real/map.csv", "old");
    symlink("real/map.csv", session.path("map.csv")).unwrap();
    let run = "embed X.npy -o map.csv --perplexity 5 --iterations 20";
    session.run(run).failed(1, &["map.csv: exists already"]);
    session.run(&format!("{run} --force")).succeeded();
    assert!(session.path("map.csv").is_symlink());
    assert!(session.read_text("real/map.csv").starts_with("index,x,y\n"));
}

/// Needs the right to make a device; elsewhere the rule has nothing to hold against.
#[test]
fn a_disk_is_never_an_output() {
    let session = with_data();
    let disk = session.path("disk.csv");
    let made = Command::new("mknod").arg(&disk).args(["b", "7", "250"]).output().unwrap();
    if made.status.success() {
        for force in ["", " --force"] {
            session.run(&format!("embed X.npy -o disk.csv{force}")).failed(1, &["disk.csv: is a disk"]);
        }
        assert!(fs::metadata(disk).unwrap().file_type().is_block_device());
    }
}
