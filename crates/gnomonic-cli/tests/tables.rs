//! Tables as people have them: each is mapped by one command, or refused with what would help.

mod session;

use session::Session;

const N: usize = 60;
const SHORT: &str = "--iterations 20 --perplexity 5";

/// Rows around three centers, the same on every machine.
fn rows() -> Vec<[f64; 4]> {
    let mut state = 7_u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..N).map(|i| [(); 4].map(|()| 5.0 * (i % 3) as f64 + 2.0 * uniform() - 1.0)).collect()
}

/// The rows as text, with `between` the cells.
fn text(between: &str) -> Vec<String> {
    rows().iter().map(|row| row.map(|value| format!("{value:.5}")).join(between)).collect()
}

fn lines(rows: impl IntoIterator<Item = String>) -> String {
    rows.into_iter().map(|row| row + "\n").collect()
}

/// What the command says of reading `content` with `options`, and the map.
#[track_caller]
fn mapped(content: impl AsRef<[u8]>, options: &str) -> (String, String) {
    let session = Session::new();
    session.file("table.csv", content);
    let outcome = session.run(&format!("embed table.csv {options} {SHORT} -o map.csv")).succeeded();
    let read = outcome.stderr.lines().find(|line| line.trim_start().starts_with("read")).unwrap_or_default();
    (
        read.split_whitespace().collect::<Vec<_>>().join(" ") + " " + &outcome.stderr,
        session.read_text("map.csv"),
    )
}

/// Asserts what the reading said, by its parts.
#[track_caller]
fn reads(content: impl AsRef<[u8]>, options: &str, says: &[&str]) -> String {
    let (said, map) = mapped(content, options);
    for part in says {
        assert!(said.contains(part), "no {part:?} in: {said}");
    }
    map
}

#[track_caller]
fn refused(content: impl AsRef<[u8]>, options: &str, fragments: &[&str]) {
    let session = Session::new();
    session.file("table.csv", content);
    session.run(&format!("embed table.csv {options} {SHORT} -o map.csv")).failed(1, fragments);
    assert_eq!(session.names(), ["table.csv"]);
}

fn label(i: usize) -> &'static str {
    ["none", "left", "fwd"][i % 3]
}

#[test]
fn columns_of_text_are_carried_along() {
    let table = lines(text(",").iter().enumerate().map(|(i, row)| format!("{row},{}", label(i))));
    let map = reads(&table, "", &["60 × 4, 1 column carried along: column_5"]);
    assert!(map.starts_with("index,x,y,column_5\n0,"), "{map}");
    assert!(map.lines().nth(2).unwrap().ends_with(",left"), "{map}");
    reads(&table, "--label-column 5", &["60 × 4, 3 labels"]);
}

fn songs() -> String {
    let song = |(i, x): (usize, &[f64; 4])| {
        format!("\"Band, {}\",{:.3},{:.2},{},\"Song \"\"{i}\"\"\"", i % 7, -x[0], 100.0 + 20.0 * x[1], i % 12)
    };
    format!("artist,loudness,tempo,key,title\n{}", lines(rows().iter().enumerate().map(song)))
}

#[test]
fn they_travel_through_sampling_into_the_map() {
    let map = reads(songs(), "--sample 40 --seed 3", &["60 × 3, 2 columns carried along: artist, title"]);
    let mut lines = map.lines();
    assert_eq!(lines.next(), Some("index,x,y,artist,title"));
    for line in lines {
        let index: usize = line.split(',').next().unwrap().parse().unwrap();
        assert!(line.ends_with(&format!(",\"Band, {}\",\"Song \"\"{index}\"\"\"", index % 7)), "{line}");
    }
    let map = reads(songs(), "--label-column artist", &["60 × 3, 7 labels, 1 column carried along: title"]);
    assert!(map.starts_with("index,x,y,label,title\n"), "{map}");
}

#[test]
fn columns_are_chosen_by_name_number_or_range() {
    let table = format!(
        "id,a,b-c,d,e\n{}",
        lines(text(",").iter().enumerate().map(|(i, row)| format!("{},{row}", 900 - i)))
    );
    for (options, columns) in [
        ("", 5),
        ("--columns a,d", 2),
        ("--columns a-d", 3),
        ("--columns 2-4,e", 4),
        ("--columns b-c", 1),
        ("--columns b-c-e", 3),
        ("--exclude id", 4),
        ("--exclude 1,d-e", 2),
    ] {
        reads(&table, options, &[&format!("60 × {columns} ")]);
    }
    refused(&table, "--columns a,nothing", &["table.csv", "no column \"nothing\"", "(id, a, b-c, d, e)"]);
    refused(songs(), "--columns tempo,title", &["column 5 (title) holds text"]);
    refused(songs(), "--exclude loudness-key", &["no column of numbers"]);
}

#[test]
fn an_index_column_names_the_rows() {
    let named = |first: &str| {
        let rows = lines(text(",").iter().enumerate().map(|(i, row)| format!("cell{i},{row}")));
        format!("{first},a,b,c,d\n{rows}")
    };
    for first in ["", "Barcode", "name"] {
        let map = reads(named(first), "", &["60 × 4, 1 column carried along"]);
        assert!(map.lines().nth(1).unwrap().ends_with(",cell0"), "{map}");
    }
    let years = format!("year,a\n{}", lines((0..N).map(|i| format!("{},{}", 1960 + i, i * i))));
    let map = reads(&years, "--index-column year", &["60 × 1, 1 column carried along: year"]);
    assert!(map.starts_with("index,x,y,year\n") && map.lines().nth(1).unwrap().ends_with(",1960"), "{map}");
    // R's write.table names one column fewer.
    let r = named("x").replacen("x,", "", 1);
    reads(&r, "", &["60 × 4", "the first column, without a name, names the rows"]);
}

#[test]
fn what_counts_the_rows_is_told() {
    let counted =
        format!("Id,a,b\n{}", lines((0..N).map(|i| format!("{},{},{}", i + 1, i % 7, (i * i) % 11))));
    let (said, _) = mapped(&counted, "");
    assert!(said.contains("column 1 (Id) counts the rows, and is read as a value (--exclude 1)"), "{said}");
    let (said, _) = mapped(&counted, "--exclude Id");
    assert!(!said.contains("counts the rows"), "{said}");
    let classes =
        format!("a,b,target\n{}", lines((0..N).map(|i| format!("{},{},{}", i % 7, (i * i) % 11, i % 3))));
    let (said, _) = mapped(classes, "");
    assert!(
        said.contains("column 3 (target) may hold labels") && said.contains("--label-column 3"),
        "{said}"
    );
    // A column called index is left out unless it is asked for.
    let index =
        format!("index,a,b\n{}", lines((0..N).map(|i| format!("{},{},{}", i * 3, i % 7, (i * i) % 11))));
    reads(&index, "--columns index,a,b", &["60 × 3"]);
    reads(&index, "", &["60 × 2, without the column index"]);
}

#[test]
fn words_for_true_and_false_are_numbers() {
    let flag = |i: usize, words: [&str; 2]| words[i % 2].to_owned();
    for words in [["True", "False"], ["yes", "no"], ["1", "0"]] {
        let rows = rows()
            .iter()
            .enumerate()
            .map(|(i, x)| format!("{:.3},{:.3},{}", x[0], x[1], flag(i, words)))
            .collect::<Vec<_>>();
        reads(format!("a,b,flag\n{}", lines(rows)), "", &["60 × 3"]);
    }
}

#[test]
fn dates_are_no_numbers() {
    let rows = rows()
        .iter()
        .enumerate()
        .map(|(i, x)| format!("2026-01-{:02},{:.3},{:.3}", i % 28 + 1, x[0], x[1]))
        .collect::<Vec<_>>();
    reads(format!("when,a,b\n{}", lines(rows)), "", &["60 × 2, 1 column carried along: when"]);
}

#[test]
fn what_has_no_numbers_or_almost_is_refused() {
    let names = format!("name,city\n{}", lines((0..N).map(|i| format!("n{i},c{}", i % 5))));
    refused(names, "", &["no column of numbers"]);
    let almost = rows().into_iter().enumerate().map(|(i, x)| {
        let last = if i == 41 { "oops".to_owned() } else { format!("{:.5}", x[2]) };
        format!("{:.3},{:.3},{last}", x[0], x[1])
    });
    let almost = format!("a,b,c\n{}", lines(almost.collect::<Vec<_>>()));
    refused(&almost, "", &["row 42 (line 43), column 3 (c)", "\"oops\"", "60 cells", "--exclude 3"]);
    reads(&almost, "--exclude c", &["60 × 2"]);
    let units = format!("a,b\nmm,cm\n{}", lines((0..N).map(|i| format!("{},{}", i % 7, i % 11))));
    refused(units, "", &["row 1 (line 2), column 1 (a): \"mm\"", "units"]);
    // Numbers after a hundred texts are no less numbers.
    let late = format!(
        "a,b\n{}",
        lines(
            (0..500).map(|i| format!("{i},{}", if i < 110 { "unknown".to_owned() } else { i.to_string() }))
        )
    );
    refused(late, "", &["column 2 (b) holds numbers but for 110 of its 500 cells"]);
}

fn with_holes() -> String {
    let mut cells: Vec<Vec<String>> =
        rows().iter().map(|row| row.iter().map(|value| format!("{value:.4}")).collect()).collect();
    for (row, column, word) in [(7, 2, ""), (20, 1, "NA"), (33, 3, "NaN"), (40, 0, "null")] {
        word.clone_into(&mut cells[row][column]);
    }
    format!("a,b,c,d\n{}", lines(cells.iter().map(|row| row.join(","))))
}

#[test]
fn missing_values_are_counted_left_out_or_filled() {
    refused(
        with_holes(),
        "",
        &[
            "row 8 (line 9), column 3 (c)",
            "4 values",
            "a 1, b 1, c 1, d 1",
            "56 of 60 remain",
            "--missing drop|mean|median",
        ],
    );
    let map = reads(with_holes(), "--missing drop", &["56 × 4; 4 rows left out that lacked values"]);
    let rows: Vec<&str> = map.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!((rows.len(), rows[6], rows[7], rows[55]), (56, "6", "8", "59"));
    reads(with_holes(), "--missing mean", &["60 × 4; 4 values filled in by the mean"]);
    reads(with_holes(), "--missing median", &["60 × 4; 4 values filled in by the median"]);

    let session = Session::new();
    session.file("X.csv", with_holes()).file("y.txt", lines((0..N).map(|i| label(i).to_owned())));
    session
        .run(&format!(
            "embed X.csv --missing drop --labels y.txt {SHORT} --sample 50 -o map.csv --record run.json"
        ))
        .succeeded();
    for line in session.read_text("map.csv").lines().skip(1) {
        let index: usize = line.split(',').next().unwrap().parse().unwrap();
        assert!(line.ends_with(label(index)), "labels belong to the rows that remain: {line}");
    }
    let input = &session.read_json("run.json")["input"];
    assert_eq!((&input["rows_left_out"], &input["missing"]), (&4.into(), &"drop".into()));
}

#[test]
fn every_usual_separator_is_told() {
    let comma =
        lines(rows().iter().map(|row| row.map(|value| format!("{value:.5}").replace('.', ",")).join(";")));
    reads(format!("a;b;c;d\n{comma}"), "", &["60 × 4; separated by semicolons, decimal comma"]);
    reads(&comma, "", &["60 × 4; separated by semicolons, decimal comma"]);
    reads(lines(text("|")), "", &["60 × 4; separated by |"]);
    let aligned =
        rows().iter().map(|row| row.map(|value| format!("{value:9.4}")).join("  ")).collect::<Vec<_>>();
    reads(lines(aligned), "", &["60 × 4; separated by blanks"]);
    let saved =
        rows().iter().map(|row| row.map(|value| format!("{value:.18e}")).join(" ")).collect::<Vec<_>>();
    reads(format!("# a b c d\n{}", lines(saved)), "--columns b-d", &["60 × 3; separated by blanks"]);
    let thousands = lines((0..N).map(|i| format!("\"1,{:03}.5\",{}%", i * 7, i % 11)));
    reads(format!("a,b\n{thousands}"), "", &["60 × 2"]);
    reads(lines(text("!")), "--separator !", &["60 × 4; separated by !"]);
    let open = lines((0..N).map(|i| format!("1,{:03};{i}", i * 7)));
    refused(&open, "", &["may be a thousand", "--decimal"]);
    reads(&open, "--decimal ,", &["60 × 2"]);
    reads(&open, "--decimal .", &["60 × 2"]);
}

#[test]
fn what_stands_around_the_rows_is_skipped() {
    let table = format!("a,b,c,d\n{}", lines(text(",")));
    reads(format!("# exported\n# units mm\n{table}"), "", &["60 × 4; 2 lines before the data skipped"]);
    reads(format!("sep=;\n{}", table.replace(',', ";")), "", &["60 × 4"]);
    reads(table.replacen('\n', "\n!remark\n", 3), "--comment !", &["60 × 4"]);
    let classes = rows()
        .iter()
        .enumerate()
        .map(|(i, row)| row.map(|value| format!("{value:.1}")).join(",") + &format!(",{}", i % 3))
        .collect::<Vec<_>>();
    let classes = format!("60,4,setosa,versicolor,virginica\n{}", lines(classes));
    for options in ["", "--label-column 5"] {
        let map = reads(&classes, options, &["60 × 4, 3 labels; classes setosa, versicolor, virginica"]);
        assert!(map.lines().nth(2).unwrap().ends_with("versicolor"), "{map}");
    }
}

#[test]
fn a_separator_at_the_end_is_none() {
    let some = text(",")
        .iter()
        .enumerate()
        .map(|(i, row)| format!("{row},{}{}", i % 3, if i % 9 == 8 { "," } else { "" }))
        .collect::<Vec<_>>();
    reads(lines(some), "--label-column 5", &["60 × 4, 3 labels"]);
    let all = rows().iter().map(|x| format!("{:.3},{:.3},", x[0], x[1])).collect::<Vec<_>>();
    reads(format!("a,b,\n{}", lines(all.clone())), "", &["60 × 2; a separator at the end of each row"]);
    reads(format!("a,b\n{}", lines(all)), "", &["60 × 2; a separator at the end of each row"]);
}

#[test]
fn other_encodings_are_read_and_told() {
    let table = format!("a,b,c,d\n{}", lines(text(",")));
    let bytes: Vec<u8> =
        "\u{feff}".encode_utf16().chain(table.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    reads(bytes, "", &["60 × 4; UTF-16"]);
    let mut latin = b"a,b,label\n".to_vec();
    for i in 0..N {
        latin.extend(format!("{},{},caf", i % 7, i % 11).bytes());
        latin.extend([0xe9, b'\n']);
    }
    let map = reads(latin, "", &["60 × 2, 1 label; text that is not UTF-8 read as Latin-1"]);
    assert!(map.contains("café"), "{map}");
}

#[test]
fn a_header_of_years_is_told_from_data() {
    let years = format!(
        "1990,1991,1992,1993,1994\n{}",
        lines((0..N).map(|i| format!("{},{},{},{},{}", i % 3, i % 5, i % 7, i % 11, i)))
    );
    let (said, _) = mapped(&years, "");
    assert!(said.contains("60 × 5") && said.contains("begins with 1990, is read as the names"), "{said}");
    reads(&years, "--header no", &["61 × 5"]);
}
