//! What stands around a table, in its midst and in its cells, as spreadsheets, databases and people leave it.

mod session;

use session::Session;

const N: usize = 60;
const SHORT: &str = "--iterations 20 --perplexity 5";

/// Three numbers of each row.
fn cells(i: usize) -> [String; 3] {
    [0, 1, 2].map(|j| format!("{:.2}", 5.0 * (i % 3) as f64 + ((i * 7 + j * 5) % 11) as f64 / 11.0))
}

fn rows(between: &str) -> Vec<String> {
    (0..N).map(|i| cells(i).join(between)).collect()
}

fn lines<T: AsRef<str>>(rows: impl IntoIterator<Item = T>) -> String {
    rows.into_iter().map(|row| row.as_ref().to_owned() + "\n").collect()
}

/// Maps a table, asserts what the reading said by its parts, and gives the map.
#[track_caller]
fn reads(content: impl AsRef<[u8]>, options: &str, says: &[&str]) -> String {
    let session = Session::new();
    session.file("table.csv", content);
    let outcome = session.run(&format!("embed table.csv {options} {SHORT} -o map.csv")).succeeded();
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in says {
        assert!(said.contains(part), "no {part:?} in: {said}");
    }
    session.read_text("map.csv")
}

#[track_caller]
fn refused(content: impl AsRef<[u8]>, options: &str, fragments: &[&str]) {
    let session = Session::new();
    session.file("table.csv", content);
    session.run(&format!("embed table.csv {options} {SHORT} -o map.csv")).failed(1, fragments);
    assert_eq!(session.names(), ["table.csv"]);
}

#[test]
fn titles_and_notes_stand_before() {
    let plain = reads(format!("a,b,c\n{}", lines(rows(","))), "", &["60 × 3"]);
    for before in [
        "Measured in spring\n\n",
        "Station: north, all\nDate: today\n",
        "sep=,\n",
        "# exported\n",
        "Exported by a tool; version 2\n",
    ] {
        let map =
            reads(format!("{before}a,b,c\n{}", lines(rows(","))), "", &["60 × 3", "before the data skipped"]);
        assert_eq!(map, plain, "{before}");
    }
    let semicolons = format!("Report, of spring\n\na;b;c\n{}", lines(rows(";")));
    assert_eq!(reads(semicolons, "", &["2 lines before the data skipped"]), plain);
    // A row that was cut short is no title.
    refused(
        format!("1,2\n{}", lines(rows(","))),
        "",
        &["row 2 (line 2): has 3 cells where the first row has 2"],
    );
}

#[test]
fn what_is_no_row_in_the_midst_or_at_the_end_is_skipped_and_told() {
    let table = || format!("a,b,c\n{}", lines(rows(",")));
    let plain = reads(table(), "", &["60 × 3"]);
    for (after, said) in [
        (",,\n,,\n", "2 empty rows skipped"),
        ("\u{1a}", "1 sign of the end skipped"),
        ("(60 rows)\n", "1 line that counts the rows skipped"),
        ("\n60 rows in set (0.01 sec)\n", "1 line that counts the rows skipped"),
    ] {
        assert_eq!(reads(table() + after, "", &["60 × 3", said]), plain, "{after}");
    }
    // Two files, one after the other.
    let mut parts = rows(",");
    parts.insert(30, "a,b,c".to_owned());
    assert_eq!(
        reads(format!("a,b,c\n{}", lines(&parts)), "", &["60 × 3", "1 repeated header skipped"]),
        plain
    );
    // Beyond the rows that are looked at beforehand too.
    let long: Vec<String> =
        (0..300).map(|i| if i == 250 { "a,b,c".into() } else { cells(i).join(",") }).collect();
    reads(format!("a,b,c\n{}", lines(&long)), "", &["299 × 3", "1 repeated header skipped"]);
}

#[test]
fn frames_of_databases_are_no_part_of_the_rows() {
    let plain = reads(format!("a,b,c\n{}", lines(rows(","))), "", &["60 × 3"]);
    let psql = format!("  a   |  b   |  c   \n------+------+------\n{}(60 rows)\n\n", lines(rows(" | ")));
    assert_eq!(reads(psql, "", &["60 × 3", "1 line of a frame skipped", "counts the rows"]), plain);
    let boxed = |row: &String| format!("| {row} |");
    let rule = "+------+------+------+\n";
    let rows_in_bars = lines(rows(" | ").iter().map(boxed));
    let mysql = format!("{rule}| a    | b    | c    |\n{rule}{rows_in_bars}{rule}");
    assert_eq!(reads(mysql, "", &["60 × 3", "3 lines of a frame skipped"]), plain);
    let markdown = format!("| a | b | c |\n|---|:--:|--:|\n{rows_in_bars}");
    assert_eq!(reads(markdown, "", &["60 × 3", "1 line of a frame skipped"]), plain);
}

#[test]
fn two_lines_of_orange_say_what_columns_are_for() {
    let line = |i: usize| format!("{}\t{}\t{}\tnote {i}", cells(i).join("\t"), ["x", "y", "z"][i % 3], i % 2);
    let header = "a\tb\tc\tkind\tcount\tnote\ncontinuous\tcontinuous\tcontinuous\tx y z\tdiscrete\tstring\n\t\t\tclass\tignore\tmeta\n";
    let map = reads(
        format!("{header}{}", lines((0..N).map(line))),
        "",
        &["60 × 3, 3 labels, 1 column carried along: note"],
    );
    assert!(map.lines().nth(2).unwrap().ends_with(",y,note 1"), "{map}");
}

#[test]
fn numbers_are_spelled_in_many_ways() {
    let column = |spell: &dyn Fn(f64) -> String| {
        let rows = (0..N).map(|i| format!("{}\t{}", spell((i as f64 - 30.0) * 1234.5), i % 7));
        format!("a\tb\n{}", lines(rows))
    };
    let plain = reads(column(&|value| value.to_string()), "", &["60 × 2"]);
    let grouped = |value: f64, between: &str| {
        let whole = (value.abs() as u64).to_string();
        let split = whole.len().saturating_sub(3);
        let fraction = if value.fract() == 0.0 { "" } else { ".5" };
        let sign = if value < 0.0 { "-" } else { "" };
        match split {
            0 => format!("{sign}{whole}{fraction}"),
            _ => format!("{sign}{}{between}{}{fraction}", &whole[..split], &whole[split..]),
        }
    };
    let spellings: [(&str, &dyn Fn(f64) -> String); 6] = [
        ("minus sign", &|value| value.to_string().replace('-', "\u{2212}")),
        ("no-break blank", &|value| grouped(value, "\u{a0}")),
        ("Swiss", &|value| grouped(value, "'")),
        ("typographic", &|value| grouped(value, "\u{2019}")),
        ("Fortran", &|value| format!("{:.6E}", value).replace('E', "D")),
        ("money", &|value| format!("{}${}", if value < 0.0 { "-" } else { "" }, value.abs())),
    ];
    for (name, spell) in spellings {
        assert_eq!(reads(column(spell), "", &["60 × 2"]), plain, "{name}");
    }
}

#[test]
fn vectors_stand_in_one_cell() {
    let plain = reads(lines(rows(",")), "", &["60 × 3"]);
    let points = |map: &str| -> Vec<String> {
        map.lines().skip(1).map(|line| line.split(',').take(3).collect::<Vec<_>>().join(",")).collect()
    };
    for (open, between, close) in [("[", ", ", "]"), ("[ ", " ", "]"), ("(", ",", ")")] {
        let line = |i: usize| format!("{i},\"text, {i}\",\"{open}{}{close}\"", cells(i).join(between));
        let table = format!("id,text,embedding\n{}", lines((0..N).map(line)));
        let says = ["60 × 3, 2 columns carried along: id, text", "the vectors in column 3 (embedding)"];
        assert_eq!(points(&reads(&table, "", &says)), points(&plain));
        refused(
            format!("{table}60,x,\"[1, 2]\"\n"),
            "",
            &["row 61 (line 62), column 3 (embedding)", "2 numbers where the first has 3"],
        );
        refused(format!("{table}60,x,\"[1, 2, a]\"\n"), "", &["row 61 (line 62)", "\"a\" in the vector"]);
    }
    let two = format!("a,b\n{}", lines((0..N).map(|i| format!("\"[{i}, 1]\",\"[{}, 2]\"", i % 7))));
    refused(&two, "", &["column 1 (a) and column 2 (b) hold vectors", "--field NAME"]);
    reads(&two, "--field b", &["60 × 2, 1 column carried along: a"]);
    refused(format!("a,b\n{}", lines(["1,2", "3,4"])), "--field a", &["column 1 (a) holds no vectors"]);
}
