//! `inspect`: how a file is read, and the command that maps it.

mod session;

use session::{Session, clusters, csv, npy};

fn inspected(session: &Session, arguments: &str) -> String {
    session.run(&format!("inspect {arguments}")).succeeded().text().to_owned()
}

/// Asserts that there are lines with these words each.
#[track_caller]
fn has(text: &str, lines: &[&[&str]]) {
    for words in lines {
        assert!(
            text.lines().any(|line| words.iter().all(|word| line.contains(word))),
            "no {words:?} in\n{text}"
        );
    }
}

fn table() -> String {
    let line = |i: usize| {
        let missing = if i == 7 { String::new() } else { format!("{},5", i % 11) };
        format!("{};name {i};{};{};{}", i + 1, missing, i % 3, if i.is_multiple_of(2) { "yes" } else { "no" })
    };
    format!("id;title;length;species;flag\n{}", (0..60).map(|i| line(i) + "\n").collect::<String>())
}

#[test]
fn each_column_is_told_with_its_fate() {
    let session = Session::new();
    session.file("my table.csv", table()).file("t.csv", table());
    let text = inspected(&session, "t.csv");
    has(
        &text,
        &[
            &["t.csv: table of text, 60 × 4", "separated by semicolons", "decimal comma"],
            &["1", "id", "number", "1 to 60", "mapped"],
            &["2", "title", "text", "carried along"],
            &["3", "length", "number", "0.5 to 10.5", "1  mapped"],
            &["5", "flag", "true or false", "mapped"],
            &["1 row lack values", "--missing drop: 59 remain"],
            &["note: column 4 (species) may hold labels"],
            &["  1  name 0  0,5  0  yes"],
            &["  gnomonic embed t.csv --label-column 4 --exclude 1 --missing drop -o map.csv --plot map.png"],
        ],
    );
    // The command does what it says.
    let command = text.lines().last().unwrap().trim().strip_prefix("gnomonic ").unwrap().to_owned();
    session.run(&format!("{command} --perplexity 5 --iterations 20")).succeeded();
    assert!(session.read_text("map.csv").starts_with("index,x,y,label,title"));
    let text = inspected(&session, "t.csv --label-column species --exclude id,flag --missing mean");
    has(
        &text,
        &[
            &["4", "species", "the labels"],
            &["id", "left out"],
            &["embed t.csv --label-column species --exclude id,flag --missing mean -o"],
        ],
    );
    let mut command = session.command("inspect");
    let outcome = session::outcome(command.arg("my table.csv").output().unwrap()).succeeded();
    has(outcome.text(), &[&["gnomonic embed 'my table.csv'"]]);
}

#[test]
fn what_cannot_be_mapped_is_told_too() {
    let session = Session::new();
    session.file("names.csv", "name,city\na,b\nc,d\n").file("almost.csv", "a,b\n1,2\n2,x\n3,4\n4,4\n");
    let text = inspected(&session, "names.csv");
    has(&text, &[&["1", "text"], &["cannot be mapped", "no column of numbers"]]);
    let text = inspected(&session, "almost.csv");
    has(&text, &[&["b", "but for 1 cell of text"], &["cannot be mapped", "1 of its 4 cells"]]);
    session.file("ragged.csv", "a,b\n1,2\n3\n").file("x.h5", b"\x89HDF\r\n");
    session.run("inspect ragged.csv").failed(1, &["ragged.csv", "row 2"]);
    session.run("inspect x.h5").failed(1, &["HDF5"]);
}

#[test]
fn other_formats_are_told_by_name() {
    let session = Session::new();
    let rows = clusters(60, 40);
    session.file("X.npy", npy(&rows)).file("X.csv", csv(None, &rows));
    has(
        &inspected(&session, "X.npy"),
        &[&["X.npy: NumPy array (.npy), 60 × 40"], &["and 10 more, of which 10 are mapped"]],
    );
    has(&inspected(&session, "X.csv"), &[&["X.csv: CSV, 60 × 40"]]);
    session
        .file("a.svm", "1 1:2 3:1\n2 2:5\n")
        .file("a.jsonl", "{\"id\": 1, \"v\": [1, 2]}\n{\"id\": 2, \"v\": [2, 1]}\n");
    has(&inspected(&session, "a.svm"), &[&["LIBSVM, 2 × 3"], &["label", "the labels"]]);
    has(&inspected(&session, "a.jsonl"), &[&["JSON Lines, 2 × 2"], &["id", "the names of the rows"]]);
    session.file("w.txt", "the 0.1 0.2\nof 0.3 0.4\n");
    has(&inspected(&session, "w.txt"), &[&["w.txt: word vectors, 2 × 2"], &["the names of the rows"]]);
}
